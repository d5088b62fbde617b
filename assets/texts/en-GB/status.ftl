# Status bar
status-rd = RD { $pair } m
status-nap = NAP { $height }
status-north = N
status-south = S
status-east = E
status-west = W
status-scale = Scale: { $length }
status-crs-exact = RD exact
status-crs-exact-long = The RDNAPTRANS grids are there: coordinates are right to the millimetre
status-crs-approximate = RD approximate
status-offline = offline
status-offline-long = There is no network. Everything on this computer works as usual
status-cancel = Stop: { $task }
status-more-tasks = { $count ->
        [one] and 1 more task
       *[other] and { $count } more tasks
    }

# Names of tasks
task-load-demo = making the demo city
task-load = reading { $name }
task-add = adding { $name }
task-save = saving
task-mesh = drawing buildings
task-assignment = refining traffic
task-evaluate = computing indicators
task-open = opening data
task-add-data = adding data
task-baseline = computing the city of now
status-crs-approximate-long = The RDNAPTRANS grids are missing: coordinates can be some metres off
task-timetable = reading the timetable
