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
