# Woorden en eenheden die overal terugkomen
word-ok = Oké
word-cancel = Stop
word-close = Sluit
word-yes = Ja
word-no = Nee
word-not-stated = niet vermeld
word-try-again = Probeer opnieuw
word-unknown = onbekend

unit-vehicles-per-hour = vtg/u
unit-vehicles-per-day = vtg/dag
unit-departures-per-hour = vertrekken/u
unit-vehicle-km-per-day = vtg·km/dag
unit-vehicle-km = vtg·km
unit-hours-per-day = u/dag
unit-vehicles = vtg
unit-hours = u
unit-minutes = min
unit-seconds = s
unit-persons = personen
unit-residents = bewoners
unit-dwellings = woningen
unit-percentage-points = %-punt
unit-km-per-hour = km/u
unit-hours-per-peak-hour = u/spitsuur
