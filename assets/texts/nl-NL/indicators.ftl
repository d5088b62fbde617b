# Indicatoren
indicators-title = Indicatoren
indicators-hold = B ingedrukt = nu
indicators-held = u ziet nu
indicators-updated-in = bijgewerkt { $time }
indicators-stale = verouderd
indicators-computing-chip = rekent…
indicators-difference = Verschil met nu
indicators-band = laag · midden · hoog
indicators-nothing = Nog niets te vergelijken. Maak eerst een maatregel.
indicators-not-computed = Nog niet berekend voor dit scenario
indicators-compute = Bereken
indicators-computing = Het model rekent…
indicators-computing-share = Het model rekent… { $share }
indicators-stale-rows = Het scenario is veranderd. Deze getallen zijn van de vorige keer
indicators-failed = Het rekenen lukte niet: { $reason }
indicators-evaporation = Let op: { $share } van het verkeer in de straat komt nergens anders terug. Gewoonlijk is dat 0 tot 50 %. Wees voorzichtig met deze uitkomst.
indicators-show-map = Toon op de kaart
indicators-hide-map = Toon weer het verkeer
indicators-synthetic = Gemaakte vraag: het verkeer is geschat uit bewoners en banen, niet geteld
indicators-model-values = Modelwaarden. Alleen het verschil telt, geen voorspelling

indicator-street-traffic = Verkeer in de straat
indicator-most-increased-street = Grootste toename
indicator-street-traffic-most-increased = Grootste toename
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
indicator-delivery-time = Reistijd bevoorrading
indicator-emergency-time = Reistijd hulpdiensten
indicator-cycle-time = Reistijd fiets

indicator-street-traffic-help = Auto’s per dag in de straat van de maatregel, gemiddeld over de lengte
indicator-most-increased-street-help = Auto’s per dag in de straat waar het verkeer het meest groeit
indicator-vehicle-km-help = Alle kilometers van auto’s in de stad op een dag
indicator-hours-lost-help = Uren die auto’s in de spits langer rijden dan op een lege weg
indicator-travel-time-help = Gemiddelde duur van alle autoritten in de spits
indicator-detour-help = Hoeveel langer de ritten duren die eerst door de straat gingen
indicator-delivery-time-help = Hoe lang bevoorrading erover doet, buiten de vensters het laatste stuk te voet
indicator-emergency-time-help = Hoe lang hulp erover doet, in de drukte van de spits
indicator-cycle-time-help = Gemiddelde duur van de ritten per fiets
indicator-daily-needs-15min-help = Deel van de bewoners dat lopend binnen 15 minuten bij de dagelijkse voorzieningen is

formula-street-traffic = Som van auto’s × lengte, gedeeld door de lengte van de straat
formula-most-increased-street = Grootste toename van auto’s per dag op één straatdeel buiten de maatregel
formula-vehicle-km = Som over alle straten van auto’s per dag × lengte
formula-hours-lost = Som over alle straten van auto’s × (reistijd in de drukte − reistijd op een lege weg)
formula-travel-time = Som van ritten × reistijd, gedeeld door het aantal ritten
formula-detour = Reistijd na de maatregel, voor de ritten die eerst door de straat gingen
formula-delivery-time = Gemiddelde reistijd naar de straat, geteld naar bewoners en banen
formula-emergency-time = Reistijd vanaf ziekenhuis of brandweer, geteld naar bewoners
formula-cycle-time = Som van fietsritten × reistijd, gedeeld door het aantal fietsritten
formula-daily-needs-15min = Per voorziening het deel van de bewoners binnen 15 minuten lopen; daarvan het gemiddelde

explain-street-traffic = { $street }: { $metres } m straat, eerst { $baseline } auto’s per dag
explain-most-increased-street = { $street } krijgt er het meest bij: { $gain } auto’s per dag
explain-vehicle-km = { $difference } autokilometers per dag: omrijden telt erbij, ritten die niet meer met de auto gaan tellen eraf
explain-hours-lost = { $difference } uur vertraging van auto’s in het spitsuur
explain-travel-time = Gemiddelde van alle autoritten in de spits: { $baseline } → { $scenario } min
explain-detour = Gemiddelde van de autoritten die eerst door de straat gingen: { $baseline } → { $scenario } min
explain-delivery-time = Buiten de vensters gaat het laatste stuk te voet: { $baseline } → { $scenario } min
explain-emergency-time = { $sites } posten; hulp rijdt { $speed } km/u door een voetgangersstraat en komt de drukte van de spits tegen
explain-cycle-time = Gemiddelde van de ritten per fiets: { $baseline } → { $scenario } min
explain-daily-needs = { $needs } voorzieningen, { $residents } bewoners, 15 minuten lopen
explain-needs-without-data = Niet meegeteld, omdat deze plekken niet in de data zitten: { $needs }
explain-stops-lost = { $stops } bushaltes in de straat vervallen; de lijnen zijn hier niet omgelegd

reason-no-treated-street = Er zit geen straat voor auto’s in dit scenario
reason-no-other-street = Er is geen andere straat voor auto’s
reason-no-traffic-model = Het verkeer kan niet worden gerekend: { $reason }
reason-no-access-data = Er zijn geen bewoners die over het loopnetwerk bij voorzieningen komen
reason-no-trips-in-street = Er reed geen autorit door de straat van de maatregel
reason-no-trips = Geen autorit vindt nog een weg in dit scenario
reason-no-way-to-street = Er leidt geen weg naar de straat
reason-no-emergency-site = Er staat geen ziekenhuis of brandweer in de data
reason-no-emergency-way = Er leidt geen weg van ziekenhuis of brandweer naar bewoners
reason-no-cycle-network = Er is geen fietsnetwerk dat de buurten verbindt

reason-formula = De eigen formule klopt niet: { $reason }
note-remark = { $text }
note-synthetic-demand = Gemaakte vraag uit bewoners en banen in { $zones } gebieden, met Nederlandse reisgewoonten (aannames), niet geijkt op tellingen: ± 20 tot 30 % op een straat
note-no-through-traffic = Verkeer dat alleen door de stad heen rijdt telt niet mee
note-evaporation-outside-evidence = { $percent } % van het verkeer verdampt; in onderzoek is dat 0 tot 50 %
note-where-they-went = Van de auto’s die door de straat reden rijdt { $same } % er nog en neemt { $route } % een andere weg. Van de mensen gaat { $walk } % lopen, { $cycle } % fietsen en { $transit } % met het OV; { $lost } % vindt geen weg meer
note-where-they-went-and-elsewhere = Van de auto’s die door de straat reden rijdt { $same } % er nog en neemt { $route } % een andere weg. Van de mensen gaat { $walk } % lopen, { $cycle } % fietsen, { $transit } % met het OV en { $elsewhere } % ergens anders heen; { $lost } % vindt geen weg meer
note-share-evaporates = Hier is aangenomen dat { $low }, { $central } of { $high } % van de auto’s uit afgesloten straten wegblijft (methode B). Verder reageert niemand op de reistijd
note-rejoined-zones = { $zones } gebieden houden geen straat voor auto’s dichtbij; hun auto’s staan aan de volgende open straat
note-stranded-trips = { $trips } autoritten per uur vinden geen weg meer
note-preview-known-ways = Eerste indruk: alleen wie door een veranderde straat reed, zocht een andere weg. Het antwoord volgt
note-gap-not-reached = Het evenwicht is grover dan gevraagd: { $gap } in plaats van { $wanted }

detail-if-nobody-changes-behaviour = Als niemand zijn reis aanpast
detail-inside-delivery-window = Binnen het venster voor bevoorrading
detail-food = Eten en boodschappen
detail-doctor-or-pharmacy = Huisarts of apotheek
detail-primary-school = Basisschool
detail-childcare = Kinderopvang
detail-green = Groen
detail-stop = Halte
detail-sport-or-play = Sport en spelen
detail-meeting-place = Ontmoetingsplek
note-cordon = Verkeer over de rand uit tellingen op { $points } punten: { $vehicles } voertuigen per dag, waarvan { $percent } % doorgaand ({ $source })
note-cordon-unattached = Bij deze telpunten ligt geen straat voor auto’s, dus hun verkeer ontbreekt: { $names }
note-known-demand = { $trips } autoritten in het spitsuur tussen { $zones } gebieden, uit { $source }; { $inside } daarvan blijven binnen een gebied en rijden over geen straat van het model
note-matrix-without-street = { $count } gebieden van de matrix hebben geen straat voor auto’s in de buurt; { $trips } ritten daarvandaan en daarheen ontbreken. Zet gebieden buiten de data waar hun weg binnenkomt: { $names }
note-matrix-counts-unused = De tellingen op { $count } punten aan de rand zijn niet gebruikt: het verkeer over de grens staat in de matrix
note-external-journeys = { $percent } % van de reizen van bewoners gaat over { $gateways } hoofdwegen de stad uit, en evenveel komt binnen: geschat uit landelijke afstanden, niet geteld
note-no-external-journeys = Geen hoofdweg gaat de data uit; verkeer van en naar buiten telt niet mee

indicator-car-share = Reizen met de auto
indicator-cycle-share = Reizen met de fiets
indicator-walk-share = Reizen te voet
indicator-transit-share = Reizen met het openbaar vervoer
indicator-daily-needs-cycle = Voorzieningen met de fiets
indicator-car-free-space = Straat zonder auto’s
indicator-crash-index = Ongelukken (index)

indicator-car-share-help = Deel van alle reizen binnen de data dat in de spits met de auto gaat
indicator-cycle-share-help = Deel van alle reizen binnen de data dat in de spits met de fiets gaat
indicator-walk-share-help = Deel van alle reizen binnen de data dat in de spits te voet gaat
indicator-transit-share-help = Deel van alle reizen binnen de data dat in de spits met het openbaar vervoer gaat
indicator-daily-needs-cycle-help = Deel van de bewoners dat met de fiets binnen 15 minuten bij de dagelijkse voorzieningen is
indicator-car-free-space-help = Vierkante meters straat die voor voetgangers zijn en niet voor auto’s; een knip of bussluis telt niet mee, want auto’s komen er nog aan de deur
indicator-crash-index-help = Ongelukken als ze snelheid en verkeer volgen; nu is 100

formula-car-share = Reizen met de auto, gedeeld door alle reizen in het spitsuur
formula-cycle-share = Reizen met de fiets, gedeeld door alle reizen in het spitsuur
formula-walk-share = Reizen te voet, gedeeld door alle reizen in het spitsuur
formula-transit-share = Reizen met het openbaar vervoer, gedeeld door alle reizen in het spitsuur
formula-daily-needs-cycle = Per voorziening het deel van de bewoners binnen 15 minuten fietsen; daarvan het gemiddelde
formula-car-free-space = Som van lengte × breedte van straten zonder auto’s
formula-crash-index = 100 × som van auto’s × lengte × snelheid², gedeeld door dezelfde som nu

explain-mode-share = Reizen binnen de data: { $baseline } → { $scenario } %. Wie niet meer met de auto gaat is verdeeld over de andere vervoerwijzen zoals die eerst gebruikt werden; wat sneller wordt trekt meer mensen
explain-daily-needs-cycle = { $needs } voorzieningen, { $residents } bewoners, 15 minuten fietsen
explain-car-free-space = { $difference } m² van { $all } m² straat wordt ruimte voor voetgangers; de bestrating blijft zoals ze is
explain-crash-index = Ongelukken als ze snelheid² × verkeer volgen: 100 → { $value }
explain-partial-plan = { $problems } delen van het plan konden niet worden toegepast en zitten niet in dit getal

reason-nothing-applies = Geen van de { $count } maatregelen past nog op de stad. Kijk wat er niet gevonden is
reason-no-scenario-traffic = Het verkeer van het scenario kan niet worden gerekend: { $reason }
reason-no-closed-street = In dit scenario is geen straat dicht voor auto’s; bevoorrading rijdt als eerst
reason-no-journeys = Er zijn geen reizen binnen de data
reason-no-street-space = Er zijn geen straten met een breedte in de data
reason-not-finite = Een getal dat in { $where } ging is geen getal
reason-internal = Een fout in het programma hield { $where } tegen. De andere getallen kloppen

detail-mode-walk = Te voet
detail-mode-cycle = Fiets
detail-mode-car = Auto
detail-mode-transit = Openbaar vervoer
detail-help-within-8-minutes = Bewoners bij wie hulp binnen 8 minuten is
detail-slowest-tenth = Eén op de tien bewoners wacht langer dan
detail-space-with-cars = Straat met auto’s
detail-space-without-cars = Straat zonder auto’s
detail-space-per-resident = Straat zonder auto’s per bewoner

indicator-near-stop = Bewoners dicht bij een halte
indicator-jobs-by-transit = Banen binnen 45 min met het OV
indicator-departures = Vertrekken

indicator-near-stop-help = Deel van de bewoners dat hooguit 400 m naar een bus of 800 m naar een trein, tram of metro loopt
indicator-jobs-by-transit-help = Deel van alle banen dat een bewoner binnen 45 minuten met het openbaar vervoer bereikt, meestal in de ochtendspits
indicator-departures-help = Vertrekken per uur in de twee uur die gelden voor het openbaar vervoer, meestal 7 tot 9 uur, alle haltes samen

formula-near-stop = Bewoners dicht bij een halte, gedeeld door alle bewoners
formula-jobs-by-transit = Per gebied het deel van de banen binnen 45 minuten; daarvan het gemiddelde over bewoners
formula-departures = Som over alle haltes van vertrekken in die twee uur, gedeeld door 2 uur

explain-near-stop = { $date }: haltes met een vertrek van { $from } tot { $until } uur
explain-jobs-by-transit = { $date }: vertrek van { $from } tot { $until } uur, hooguit 45 minuten van deur tot deur, hooguit 15 minuten lopen
explain-departures = { $date }: van { $from } tot { $until } uur, alle haltes samen
note-busiest-hours = Van { $usualfrom } tot { $usualuntil } uur rijdt er volgens de dienstregeling bijna niets. Daarom gelden hier de drukste twee uur: { $from } tot { $until } uur
explain-custom-indicator = { $formula }: { $baseline } → { $scenario }

reason-no-timetable = Het openbaar vervoer kan niet worden gerekend: { $reason }
reason-no-residents = Er zijn geen bewoners in de data
reason-no-jobs = Er zijn geen bewoners of geen banen in de data
reason-custom-indicator = Dit getal kan niet worden gerekend: { $reason }

detail-near-bus = Dicht bij een bushalte
detail-near-rail = Dicht bij een trein, tram of metro
detail-departures-bus = Bus
detail-departures-rail = Trein, tram en metro

indicator-parking-space = Grond voor parkeren
indicator-parking-space-help = Vierkante meters grond waarop auto’s staan: langs straten, op vlakken van de kaart en in hubs
formula-parking-space = Grond voor parkeren nu, en wat het plan erbij zet of weghaalt
explain-parking-space = { $mapped } m² parkeren staat op de kaart en { $assumed } m² is aangenomen langs straten met woningen; het plan verandert { $difference } m²
explain-parking-unknown = Het plan haalt { $places } plekken weg die niet op de kaart staan en niet zijn aangenomen; die zitten niet in dit getal
explain-ground-added = { $area } m² van het plan ligt op land dat op geen kaart van het project staat
explain-ground-overlaps = Vlakken die over elkaar liggen tellen elk mee: het zijn er te veel om uit elkaar te houden
detail-parking-outside-hubs = Langs straten en op vlakken van de kaart
detail-parking-in-hubs = In nieuwe hubs
detail-ground-driving = Rijden
detail-ground-driving-per-resident = Rijden per bewoner
detail-ground-parking = Parkeren
detail-ground-parking-per-resident = Parkeren per bewoner
detail-ground-cycle = Fietsen
detail-ground-cycle-per-resident = Fietsen per bewoner
detail-ground-foot = Lopen
detail-ground-foot-per-resident = Lopen per bewoner
detail-ground-green = Groen
detail-ground-green-per-resident = Groen per bewoner
detail-ground-water = Water
detail-ground-water-per-resident = Water per bewoner
detail-ground-other = Andere grond
detail-ground-other-per-resident = Andere grond per bewoner
detail-ground-all = Alle grond die meetelt
