# Lagen en legenda
layers-title = Lagen
layers-fictional = fictieve stad
layers-loading = De lagen komen eraan…
layers-empty = Nog geen lagen. Voeg data toe
layers-add = Laag toevoegen
layers-reading = lezen…
layers-show = Toon { $layer }
layers-hide = Verberg { $layer }
layers-details = Details van { $layer }
layers-opacity = Dekking
layers-opacity-of = Dekking van { $layer }
layers-count = Aantal
layers-source = Bron
layers-licence = Licentie
layers-date = Datum
layers-crs = Stelsel
layers-file = Bestand
layers-zoom = Naar deze laag
layers-up = Omhoog
layers-down = Omlaag
layers-remove = Verwijder deze laag

# Waarom zie ik niets?
why-hidden = Deze laag staat uit
why-no-features = In deze laag zit niets
why-outside-view = Deze laag ligt buiten beeld
why-too-far = Kom dichterbij om deze laag te zien
why-transparent = Deze laag is helemaal doorzichtig
why-failed = Deze laag kon niet worden gelezen
why-not-computed = Nog niet berekend

legend-title = Legenda
legend-traffic-difference = Legenda · verschil verkeer
legend-indicator-difference = Legenda · { $name }
legend-squares = Vakken van { $side }: gemiddeld over wie er woont, bij minstens 10 bewoners
legend-nothing-changes = Nergens een verschil dat groter is dan de ruis
legend-ramp = Verschil in verkeer, van { $low } (minder) tot { $high } (meer)
legend-noise = Grijs: onder de ruis van het model (± { $amount })
legend-colours = Blauw is minder, oranje is meer
legend-hold = B ingedrukt = nu
legend-held = U ziet nu de stad zonder plan
