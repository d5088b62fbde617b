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
message-saved = Saved
message-opened = Opened: { $name }
message-read-with-faults = { $name } was read, with { $count ->
        [one] 1 remark
       *[other] { $count } remarks
    }
message-street-changed = { $street } is a pedestrian street now
message-screenshot = Picture saved: { $name }
message-nothing-picked = There is nothing to pick there

# Messages of commands; what is wrong is in the details
message-open-failed = Opening failed
message-some-missing = Part of the data is not there. The rest works as usual
message-faults = The data were read, with remarks
message-evaluate-failed = The indicators could not be computed
message-save-failed = Saving failed. Your work is not lost; choose another place
message-job-crashed = A task stopped because of an error. The rest works as usual
message-needs-path = First choose where the project should be
message-no-such-layer = This layer is not there
message-not-found = This is not to be found in the data
message-choose-street = Pick a street first
message-assumptions = These assumptions or trips cannot be used; there the model book holds, or demand is made from residents and jobs
message-choose-building = Pick a building first; the model must know the city of now first
message-picture-saved = Picture saved
message-picture-failed = The picture could not be saved
message-choose-stop = Choose a stop first
message-stop-too-far = A stop cannot move that far. Make a new stop there and remove this one
message-no-such-line = There is no such line
message-no-line-near = No line passes here. Choose a street with a bus
message-measure-impossible = This measure cannot be like this
