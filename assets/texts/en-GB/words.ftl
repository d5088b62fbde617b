# Words and units used everywhere
word-ok = OK
word-cancel = Stop
word-close = Close
word-yes = Yes
word-no = No
word-not-stated = not stated
word-try-again = Try again
word-unknown = unknown

unit-vehicles-per-hour = veh/h
unit-vehicles-per-day = veh/day
unit-departures-per-hour = departures/h
unit-vehicle-km-per-day = veh·km/day
unit-vehicle-km = veh·km
unit-hours-per-day = h/day
unit-vehicles = veh
unit-hours = h
unit-minutes = min
unit-seconds = s
unit-persons = persons
unit-residents = residents
unit-dwellings = dwellings
unit-percentage-points = pts
unit-km-per-hour = km/h
unit-hours-per-peak-hour = h/peak h
