# Indicatoren
indicators-title = Indicatoren
indicators-hold = B ingedrukt = nu
indicators-held = u ziet nu
indicators-updated-in = bijgewerkt in { $time }
indicators-stale = verouderd
indicators-computing-chip = rekent…
indicators-difference = Verschil met nu
indicators-band = laag · midden · hoog
indicators-middle = midden
indicators-nothing = Nog niets te vergelijken. Maak eerst een maatregel.
indicators-not-computed = Nog niet berekend voor dit scenario
indicators-compute = Bereken
indicators-computing = Het model rekent…
indicators-computing-share = Het model rekent… { $share }
indicators-stale-rows = Het scenario is veranderd. Deze getallen zijn van de vorige keer
indicators-failed = Het rekenen lukte niet: { $reason }
indicators-evaporation = Let op: { $share } van het verkeer in de straat komt nergens anders terug. Gewoonlijk is dat 0 tot 50 %. Wees voorzichtig met deze uitkomst.
indicators-synthetic = Gemaakte vraag: het verkeer is geschat uit bewoners en banen, niet geteld
indicators-model-values = Modelwaarden. Alleen het verschil telt, geen voorspelling

indicator-street-traffic = Verkeer in de straat
indicator-most-increased-street = Zwaarst belaste straat
indicator-street-traffic-most-increased = Zwaarst belaste straat
indicator-vehicle-km = Voertuigkm stad
indicator-hours-lost = Verloren uren
indicator-travel-time = Reistijd auto
indicator-detour = Omrijden
indicator-daily-needs-15min = Voorzieningen in 15 min

verdict-better = beter
verdict-worse = slechter
verdict-less = minder
verdict-more = meer
verdict-same = gelijk
verdict-uncertain = onzeker
verdict-below-noise = onder de ruis
verdict-not-computable = niet te berekenen

explain-band = Laag tot hoog
explain-nobody-adapts = Bovengrens: als niemand zijn reis aanpast { $delta }
explain-causes = Waardoor
explain-formula = Hoe berekend
explain-inputs = Wat erin ging
explain-sources = Bronnen

map-traffic-change = { $central } auto’s { $band }
