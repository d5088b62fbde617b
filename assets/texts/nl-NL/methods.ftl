# Methodekaarten: waar een indicator voor is, waaruit, wat hij niet kan zeggen
method-title = Methodekaart
method-purpose = Waarvoor
method-inputs = Wat erin ging
method-limits = Wat het niet kan zeggen
method-sources = Bronnen

method-street-traffic-purpose = Hoe druk de straat van de maatregel wordt
method-street-traffic-inputs = Straten met soort, rijstroken en snelheid; bewoners en banen; aanpassing laag, midden en hoog
method-street-traffic-limits = Alleen het spitsuur is gerekend en omgezet naar een dag; geen wachten op kruispunten; zonder tellingen ± 20 tot 30 % op één straat
method-street-traffic-sources = Bureau of Public Roads (1964); Beckmann (1956); modelboek paragraaf 2 tot 4
filled-street-traffic = { $sum } voertuigmeters per dag / { $metres } m = { $value } auto’s per dag

method-most-increased-street-purpose = Waar het verkeer blijft dat de straat verlaat: de straat die voller wordt staat er altijd bij
method-most-increased-street-inputs = Hetzelfde als voor het verkeer in de straat, voor alle andere straten
method-most-increased-street-limits = Eén straat van vele; welke het is hangt af van de geschatte vraag
method-most-increased-street-sources = Amsterdam Weesperstraat 2023: één parallelle straat + 40 % terwijl het totaal daalde; modelboek paragraaf 4 en 14
filled-most-increased-street = { $street }: { $scenario } − { $baseline } = { $gain } auto’s per dag

method-vehicle-km-purpose = Of er in de hele stad meer of minder wordt gereden
method-vehicle-km-inputs = Verkeer en lengte van elke straat
method-vehicle-km-limits = Kilometers buiten de data tellen niet mee; niveau ± 10 %, verschil ± 30 %
method-vehicle-km-sources = Modelboek paragraaf 2 tot 4 en 13
filled-vehicle-km = { $trips } ritten in het spitsuur × { $mean } km / { $share } % van de dag = { $value } km per dag

method-hours-lost-purpose = Hoeveel tijd auto’s verliezen door drukte
method-hours-lost-inputs = Verkeer, vrije snelheid en capaciteit van elke straat
method-hours-lost-limits = Files slaan niet terug naar andere straten; vertraging groeit snel, dus de bandbreedte is groot
method-hours-lost-sources = Bureau of Public Roads (1964); modelboek paragraaf 2
filled-hours-lost = { $value } uur − { $baseline } uur eerst = { $difference } uur

method-car-share-purpose = Welk deel van de reizen met de auto gaat, en waarmee de rest gaat
method-car-share-inputs = Reizen tussen buurten, verdeeld naar afstand; verandering van de autotijd
method-car-share-limits = Alleen reizen binnen de data; fiets en OV trekken als ze sneller worden, lopen blijft even snel; een minuut telt in elke vervoerwijze even zwaar
method-car-share-sources = Pivot-logit op autotijd, elasticiteit −0,15 / −0,30 / −0,60; modelboek paragraaf 2 tot 4
filled-car-share = { $own } van { $all } reizen in het spitsuur = { $value } %

method-cycle-share-purpose = Welk deel van de reizen met de fiets gaat
method-cycle-share-inputs = Reizen tussen buurten, verdeeld naar afstand; verandering van de autotijd
method-cycle-share-limits = Alleen de tijd telt; dat een route veiliger of prettiger wordt trekt hier niemand
method-cycle-share-sources = Modelboek paragraaf 2 tot 4
filled-cycle-share = { $own } van { $all } reizen in het spitsuur = { $value } %

method-walk-share-purpose = Welk deel van de reizen te voet gaat
method-walk-share-inputs = Reizen tussen buurten, verdeeld naar afstand; verandering van de autotijd
method-walk-share-limits = Korte wandelingen binnen één buurt zijn grof geteld
method-walk-share-sources = Modelboek paragraaf 2 tot 4
filled-walk-share = { $own } van { $all } reizen in het spitsuur = { $value } %

method-transit-share-purpose = Welk deel van de reizen met het openbaar vervoer gaat
method-transit-share-inputs = Reizen tussen buurten, verdeeld naar afstand; verandering van de autotijd
method-transit-share-limits = Volle voertuigen en een andere dienstregeling tellen hier niet mee
method-transit-share-sources = Modelboek paragraaf 2 tot 4
filled-transit-share = { $own } van { $all } reizen in het spitsuur = { $value } %

method-travel-time-purpose = Hoe lang mensen in de auto onderweg zijn
method-travel-time-inputs = Alle autoritten van het spitsuur met hun tijd in de drukte
method-travel-time-limits = Eerst en daarna dezelfde ritten; parkeren en wachten bij lichten zitten er niet in; ± 10 %
method-travel-time-sources = Wardrop (1952); modelboek paragraaf 1 en 2
filled-travel-time = { $hours } uur / { $trips } ritten = { $value } min

method-detour-purpose = Wat het betekent voor wie door de straat reed
method-detour-inputs = De ritten door de straat, met hun weg eerst en daarna
method-detour-limits = Welke ritten door de straat gingen is één mogelijk antwoord: totalen zijn zeker, routes niet
method-detour-sources = Modelboek paragraaf 1, 2 en 14
filled-detour = { $hours } uur / { $trips } ritten = { $value } min

method-delivery-time-purpose = Of winkels en woningen in de straat nog bevoorraad kunnen worden
method-delivery-time-inputs = Autotijd vanuit alle buurten; loopsnelheid in de gesloten straat; venstertijd
method-delivery-time-limits = Laden, lossen en parkeerplaatsen zitten er niet in
method-delivery-time-sources = Modelboek paragraaf 1, 2 en 13
filled-delivery-time = Gemiddelde over { $zones } gebieden × { $targets } plekken in de straat, daarbinnen { $walk } km/u = { $value } min

method-emergency-time-purpose = Of hulp nog snel bij iedereen is
method-emergency-time-inputs = Ziekenhuizen, brandweer en ambulanceposten; autotijd in de spits; bewoners
method-emergency-time-limits = Een benadering: geen uitruktijd, geen sirene behalve waar lichten voor hulp wachten; geen wettelijke norm
method-emergency-time-sources = Modelboek paragraaf 1, 2 en 13
filled-emergency-time = { $hours } uur / { $residents } bewoners = { $value } min

method-cycle-time-purpose = Of fietsen sneller of langzamer wordt
method-cycle-time-inputs = Fietsnetwerk, 15 km/u, wachten bij lichten, stapvoets in voetgangersstraten
method-cycle-time-limits = Geen wind, hellingen of drukte; vanuit de 60 gebieden met de meeste bewoners
method-cycle-time-sources = Modelboek paragraaf 1
filled-cycle-time = { $hours } uur / { $journeys } fietsritten = { $value } min

method-daily-needs-15min-purpose = Wie de dagelijkse dingen lopend kan doen
method-daily-needs-15min-inputs = Bewoners, loopnetwerk, acht soorten plekken: eten, zorg, school, opvang, groen, halte, sport, ontmoeten
method-daily-needs-15min-limits = Een plek die er is, is niet altijd goed of open; plekken buiten de data ontbreken
method-daily-needs-15min-sources = 15-minutenstad; modelboek paragraaf 5
filled-daily-needs-15min = ({ $parts }) / { $needs } = { $value } %

method-daily-needs-cycle-purpose = Wie de dagelijkse dingen met de fiets kan doen
method-daily-needs-cycle-inputs = Bewoners, fietsnetwerk, acht soorten plekken
method-daily-needs-cycle-limits = Niet iedereen fietst; de fiets wegzetten kost hier geen tijd
method-daily-needs-cycle-sources = Modelboek paragraaf 5
filled-daily-needs-cycle = ({ $parts }) / { $needs } = { $value } %

method-car-free-space-purpose = Hoeveel straat er is zonder auto’s
method-car-free-space-inputs = Lengte en breedte van elke straat; waar auto’s mogen komen; vlakken van de kaart voor de verdeling van de grond
method-car-free-space-limits = De breedte is vaak de gebruikelijke van de soort. De verdeling van de grond telt vlakken van een basiskaart zoals ze zijn, anders eerst straten en dan de vlakken eromheen; kruispunten tellen voor elke straat
method-car-free-space-sources = Modelboek paragraaf 12
filled-car-free-space = { $all } m² straat − { $with } m² met auto’s = { $value } m²

method-crash-index-purpose = Welke kant het aantal ongelukken op gaat
method-crash-index-inputs = Verkeer en gereden snelheid van elke straat
method-crash-index-limits = Een regel voor veel straten samen, nooit voor één plek; kruispunten en fietspaden zitten er niet in
method-crash-index-sources = Power-model van Nilsson (2004), macht 2; modelboek paragraaf 12
filled-crash-index = 100 × { $ratio } = { $value }

# Waar het model mee bezig is
model-scenario-facts = Mensen en plekken
model-baseline-traffic = Verkeer nu
model-scenario-traffic = Verkeer in het scenario
model-link-outcomes = Verkeer per straat
model-traffic-layer = Verkeer op de kaart
model-traffic-summary = Waar het verkeer blijft
model-doors = Straat voor de deur
model-cycling-streets = Fietsnetwerk nu
model-scenario-cycling-streets = Fietsnetwerk in het scenario
model-other-modes = Snellere en langzamere vervoerwijzen
model-cycling = Fietstijden nu
model-scenario-cycling = Fietstijden in het scenario
model-lost-stops = Haltes
model-daily-needs = Dagelijkse voorzieningen lopend
model-daily-needs-cycle = Dagelijkse voorzieningen met de fiets nu
model-scenario-daily-needs-cycle = Dagelijkse voorzieningen met de fiets in het scenario

# Openbaar vervoer
method-near-stop-purpose = Wie lopend bij het openbaar vervoer komt
method-near-stop-inputs = Bewoners, loopnetwerk, dienstregeling van de drukste werkdag
method-near-stop-limits = Een halte dichtbij zegt niets over waar de bus heen gaat; lopen ± 10 %
method-near-stop-sources = 400 m en 800 m: modelboek paragraaf 5
filled-near-stop = { $near } van { $residents } bewoners = { $value } %
method-jobs-by-transit-purpose = Hoeveel werk er zonder auto bereikbaar is
method-jobs-by-transit-inputs = Dienstregeling, loopnetwerk, bewoners en banen per gebied
method-jobs-by-transit-limits = De dienstregeling en niet wat er echt rijdt; banen buiten de data tellen niet mee; hooguit 3 ritten
method-jobs-by-transit-sources = RAPTOR: Delling, Pajor en Werneck (2012); modelboek paragraaf 1 en 5
filled-jobs-by-transit = { $value } % van alle banen ({ $slow } % voor wie hem net mist, { $lucky } % voor wie net op tijd is)
method-departures-purpose = Hoeveel openbaar vervoer er is
method-departures-inputs = Dienstregeling van de drukste werkdag, 7 tot 9 uur ’s ochtends, of de uren die in de aannames staan
method-departures-limits = De laatste halte van een lijn is geen vertrek; hoe vol het is telt niet mee
method-departures-sources = GTFS; modelboek paragraaf 5
filled-departures = { $stops } haltes × { $mean } vertrekken = { $value } per uur
model-walking-streets = Loopnetwerk nu
model-scenario-walking-streets = Loopnetwerk in het scenario
model-timetable = Dienstregeling nu
model-scenario-timetable = Dienstregeling in het scenario
model-transit-times = Reistijden OV nu
model-scenario-transit-times = Reistijden OV in het scenario
model-stops-nearby = Haltes dichtbij
model-stop-places = Plek van haltes
model-scenario-stops-nearby = Haltes dichtbij in het scenario

method-parking-space-purpose = Hoeveel grond geparkeerde auto’s innemen, en hoeveel een plan teruggeeft
method-parking-space-inputs = Parkeervlakken van de kaart (BGT, OpenStreetMap); waar geen kaart de wegen heeft, aangenomen plekken langs straten met woningen; plekken van het plan
method-parking-space-limits = Aangenomen plekken horen bij geen straat in het bijzonder; garages onder de grond en in gebouwen zitten er niet in; een hub telt alsof hij op de grond ligt; wat vrijkomt heeft geen gebruik tot een plan het geeft
method-parking-space-sources = Modelboek paragraaf 12 en 13; aannames street_places_per_100m, street_place_m2 en hub_place_m2
filled-parking-space = { $baseline } m² nu, { $streets } m² langs straten en { $hubs } m² in hubs: { $value } m²
model-ground = Verdeling van de grond
model-scenario-ground = Verdeling van de grond in het scenario
