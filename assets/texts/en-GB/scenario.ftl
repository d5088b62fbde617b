# Scenario and measures
scenario-title = Scenario
scenario-now = Now
scenario-default-name = Variant { $letter }
scenario-branch-of = variant of { $parent }
scenario-none = No scenario yet. A scenario is a list of measures. The city of now always stays as it is.
scenario-empty = No measures yet. Click a street, a stop or a building and choose a measure.
scenario-new = New scenario
scenario-add = Measure
scenario-undo = Undo
scenario-redo = Redo
scenario-branch = Branch
scenario-more = More
scenario-rename = Rename
scenario-name = Name of the scenario
scenario-pick-first = Click a street, a stop or a building first. Then choose the measure here.
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

# Other measures
scenario-other-measures = Other measure · { $extent }
inspector-other-measure = Other measure
inspector-building-measure = Measure
street-measure-one-way = One-way
street-measure-one-way-reversed = One-way, the other way
street-measure-speed-30 = 30 km/h, signs alone
street-measure-speed-30-redesigned = 30 km/h, street redesigned
street-measure-bicycle-street = Bicycle street
street-measure-close-for-cars = Closed for cars
street-measure-bus-gate = Bus and bicycle alone (bus gate)
street-measure-signal-priority = Priority at signals for emergency services
building-measure-to-housing = Make it homes
building-measure-to-office = Make it offices
building-measure-to-green = Make it green
building-measure-demolish = Demolish
measure-one-way = One-way
measure-change-speed = Other speed
measure-bicycle-street = Bicycle street
measure-close-link = Closed for cars
measure-diagonal-filter = Diagonal filter
measure-bus-gate = Bus gate
measure-parking-hub = Parking hub
measure-parking-places = Parking places
measure-signal-priority = Priority for emergency services
measure-change-function = Other function
measure-demolish-building = Demolition
measure-build-block = New block
measure-add-stop = New stop
measure-move-stop = Stop moved
measure-remove-stop = Stop removed
measure-add-line = New line
measure-reroute-line = Line rerouted
measure-change-frequency = Other frequency

# Measures in a sentence
measure-stop-moved = Stop { $stop } { $way } to the { $direction }
measure-stop-moved-towards = Stop { $stop } (towards { $towards }) { $way } to the { $direction }
measure-stop-removed = Stop { $stop } removed
measure-stop-removed-towards = Stop { $stop } (towards { $towards }) removed
measure-stop-added = New stop { $stop } for { $plural ->
        [one] line
       *[other] lines
    } { $lines }
measure-line-headway = Line { $line } every { $plural ->
        [one] minute
       *[other] { $minutes } minutes
    }
measure-line-headway-window = Line { $line } every { $plural ->
        [one] minute
       *[other] { $minutes } minutes
    }, { $window }
measure-line-added = New line { $line } from { $from } to { $to }, every { $minutes } minutes
measure-line-rerouted = Line { $line } runs from { $from } to { $to } by { $via }
measure-line-straight = Line { $line } runs from { $from } to { $to } without a stop between
measure-parking-fewer = { $street }: { $count } parking { $plural ->
        [one] place
       *[other] places
    } fewer
measure-parking-more = { $street }: { $count } parking { $plural ->
        [one] place
       *[other] places
    } more
measure-parking-hub-new = Parking hub { $name }, { $count } places
measure-parking-hub-instead = Parking hub { $name }, { $count } places; { $removed } in the street go
measure-priority-on = Emergency services get green: { $street }, { $share }% less waiting
measure-speed-signs = { $street } to { $speed } km/h, signs alone
measure-speed-redesigned = { $street } to { $speed } km/h, redesigned
measure-use-one = { $building } becomes { $use }
measure-use-many = { $count } buildings become { $use }
measure-demolish-one = Demolition of { $building }
measure-demolish-many = Demolition of { $count } buildings
measure-block-new = New block { $name }: { $use }, { $count } { $plural ->
        [one] floor
       *[other] floors
    }
use-housing = homes
use-office = offices
use-shop = shops
use-school = a school
use-green = green
option-headway = Runs every
option-headway-name = Minutes between two trips
