# Scenario and measures
scenario-title = Scenario
scenario-now = Now
scenario-default-name = Variant { $letter }
scenario-branch-of = variant of { $parent }
scenario-none = No scenario yet. A scenario is a list of measures. The city of now always stays as it is.
scenario-empty = No measures yet. Click a street and choose a measure.
scenario-new = New scenario
scenario-add = Measure
scenario-undo = Undo
scenario-redo = Redo
scenario-branch = Branch
scenario-more = More
scenario-rename = Rename
scenario-name = Name of the scenario
scenario-pick-first = Click a street first. Then choose the measure here.
scenario-remove-measure = Remove measure { $number }
scenario-unresolved = No longer matches the data
scenario-unnamed-street = street without a name

measure-pedestrian-street = Pedestrian street { $street } ({ $count ->
        [one] 1 part
       *[other] { $count } parts
    })
measure-delivery-in = deliveries { $window }
measure-cycle-and-bus = bicycle and bus allowed
measure-cycle-only = bicycle allowed
measure-bus-only = bus allowed
measure-walk-only = walking only
option-cycling = Cycling allowed
option-bus = Bus allowed
option-delivery = Deliveries { $window }
