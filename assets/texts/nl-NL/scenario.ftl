# Scenario en maatregelen
scenario-title = Scenario
scenario-now = Nu
scenario-default-name = Variant { $letter }
scenario-branch-of = variant van { $parent }
scenario-none = Nog geen scenario. Een scenario is een lijst met maatregelen. De stad van nu blijft altijd staan.
scenario-empty = Nog geen maatregelen. Klik op een straat, een halte of een gebouw en kies een maatregel.
scenario-new = Nieuw scenario
scenario-add = Maatregel
scenario-undo = Ongedaan
scenario-redo = Opnieuw
scenario-branch = Vertak
scenario-more = Meer
scenario-rename = Naam wijzigen
scenario-name = Naam van het scenario
scenario-pick-first = Klik eerst op een straat, een halte of een gebouw. Daarna kiest u hier de maatregel.
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

# Maatregelen in een zin
measure-stop-moved = Halte { $stop } { $way } naar het { $direction }
measure-stop-moved-towards = Halte { $stop } (richting { $towards }) { $way } naar het { $direction }
measure-stop-removed = Halte { $stop } weg
measure-stop-removed-towards = Halte { $stop } (richting { $towards }) weg
measure-stop-added = Nieuwe halte { $stop } voor { $plural ->
        [one] lijn
       *[other] lijnen
    } { $lines }
measure-line-headway = Lijn { $line } elke { $plural ->
        [one] minuut
       *[other] { $minutes } minuten
    }
measure-line-headway-window = Lijn { $line } elke { $plural ->
        [one] minuut
       *[other] { $minutes } minuten
    }, { $window }
measure-line-added = Nieuwe lijn { $line } van { $from } naar { $to }, elke { $minutes } minuten
measure-line-rerouted = Lijn { $line } rijdt van { $from } naar { $to } langs { $via }
measure-line-straight = Lijn { $line } rijdt zonder tussenstop van { $from } naar { $to }
measure-parking-fewer = { $street }: { $count } { $plural ->
        [one] parkeerplek
       *[other] parkeerplekken
    } minder
measure-parking-more = { $street }: { $count } { $plural ->
        [one] parkeerplek
       *[other] parkeerplekken
    } erbij
measure-parking-hub-new = Parkeerhub { $name }, { $count } plekken
measure-parking-hub-instead = Parkeerhub { $name }, { $count } plekken; { $removed } op straat verdwijnen
measure-priority-on = Hulpdiensten krijgen groen licht: { $street }, { $share } % minder wachten
measure-speed-signs = { $street } naar { $speed } km/u, alleen borden
measure-speed-redesigned = { $street } naar { $speed } km/u, opnieuw ingericht
measure-use-one = { $building } wordt { $use }
measure-use-many = { $count } gebouwen worden { $use }
measure-demolish-one = Sloop van { $building }
measure-demolish-many = Sloop van { $count } gebouwen
measure-block-new = Nieuw bouwblok { $name }: { $use }, { $count } { $plural ->
        [one] laag
       *[other] lagen
    }
use-housing = woningen
use-office = kantoor
use-shop = winkel
use-school = school
use-green = groen
option-headway = Rijdt elke
option-headway-name = Minuten tussen twee ritten
