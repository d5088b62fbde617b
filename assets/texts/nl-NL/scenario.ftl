# Scenario en maatregelen
scenario-title = Scenario
scenario-now = Nu
scenario-default-name = Variant { $letter }
scenario-branch-of = variant van { $parent }
scenario-none = Nog geen scenario. Een scenario is een lijst met maatregelen. De stad van nu blijft altijd staan.
scenario-empty = Nog geen maatregelen. Klik op een straat en kies een maatregel.
scenario-new = Nieuw scenario
scenario-add = Maatregel
scenario-undo = Ongedaan
scenario-redo = Opnieuw
scenario-branch = Vertak
scenario-more = Meer
scenario-rename = Naam wijzigen
scenario-name = Naam van het scenario
scenario-pick-first = Klik eerst op een straat. Daarna kiest u hier de maatregel.
scenario-remove-measure = Verwijder maatregel { $number }
scenario-unresolved = Past niet meer bij de data
scenario-unnamed-street = straat zonder naam

measure-pedestrian-street = Voetgangersstraat { $street } ({ $count ->
        [one] 1 deel
       *[other] { $count } delen
    })
measure-delivery-in = bevoorrading { $window }
measure-cycle-and-bus = fiets en bus mogen
measure-cycle-only = fiets mag
measure-bus-only = bus mag
measure-walk-only = alleen lopen
option-cycling = Fietsen toegestaan
option-bus = Bus toegestaan
option-delivery = Bevoorrading { $window }

# Andere maatregelen
scenario-other-measures = Andere maatregel · { $extent }
inspector-other-measure = Andere maatregel
inspector-building-measure = Maatregel
street-measure-one-way = Eenrichting
street-measure-one-way-reversed = Eenrichting, andere kant op
street-measure-speed-30 = 30 km/u, alleen borden
street-measure-speed-30-redesigned = 30 km/u, straat opnieuw ingericht
street-measure-bicycle-street = Fietsstraat
street-measure-close-for-cars = Dicht voor auto’s
street-measure-bus-gate = Alleen bus en fiets (bussluis)
street-measure-signal-priority = Voorrang bij lichten voor hulpdiensten
building-measure-to-housing = Maak er woningen van
building-measure-to-office = Maak er kantoor van
building-measure-to-green = Maak er groen van
building-measure-demolish = Sloop
measure-one-way = Eenrichting
measure-change-speed = Andere snelheid
measure-bicycle-street = Fietsstraat
measure-close-link = Dicht voor auto’s
measure-diagonal-filter = Diagonale knip
measure-bus-gate = Bussluis
measure-parking-hub = Parkeerhub
measure-parking-places = Parkeerplekken
measure-signal-priority = Voorrang voor hulpdiensten
measure-change-function = Andere functie
measure-demolish-building = Sloop
measure-build-block = Nieuw bouwblok
measure-add-stop = Nieuwe halte
measure-move-stop = Halte verplaatst
measure-remove-stop = Halte weg
measure-add-line = Nieuwe lijn
measure-reroute-line = Lijn over een andere weg
measure-change-frequency = Andere frequentie
