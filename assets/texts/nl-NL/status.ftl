# Statusbalk
status-rd = RD { $pair } m
status-nap = NAP { $height }
status-north = N
status-south = Z
status-east = E
status-west = W
status-scale = Schaal: { $length }
status-crs-exact = RD exact
status-crs-exact-long = De RDNAPTRANS-rasters zijn er: coördinaten kloppen op de millimeter
status-crs-approximate = RD bij benadering
status-offline = offline
status-offline-long = Er is geen netwerk. Alles wat op deze computer staat werkt gewoon
status-cancel = Stop: { $task }
status-more-tasks = { $count ->
        [one] en nog 1 taak
       *[other] en nog { $count } taken
    }

# Namen van taken
task-load-demo = demostad maken
task-load = { $name } lezen
task-add = { $name } toevoegen
task-save = opslaan
task-mesh = gebouwen tekenen
task-assignment = verkeer verfijnen
task-evaluate = indicatoren rekenen
task-open = data openen
task-add-data = data toevoegen
task-baseline = de stad van nu rekenen
status-crs-approximate-long = De RDNAPTRANS-rasters ontbreken: coördinaten kunnen enkele meters schelen
task-timetable = dienstregeling lezen
