# Messages
severity-information = For your information
severity-success = Done
severity-warning = Mind
severity-error = Error
message-details = Show details
message-less = Hide details
message-dismiss = Close message
message-copy = Copy
message-more = { $count ->
        [one] and 1 more message
       *[other] and { $count } more messages
    }
message-saved = Saved: { $name }
message-opened = Opened: { $name }
message-read-with-faults = { $name } was read, with { $count ->
        [one] 1 remark
       *[other] { $count } remarks
    }
message-street-changed = { $street } is a pedestrian street now
message-screenshot = Picture saved: { $name }
message-nothing-picked = There is nothing to pick there
