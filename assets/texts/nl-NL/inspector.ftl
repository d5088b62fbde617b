# Wat is aangewezen
inspector-title = Info
inspector-nothing-known = Hier is verder niets over bekend
inspector-layer = Laag
inspector-zoom = Naar toe
inspector-clear = Wis selectie
inspector-make-pedestrian = Maak voetgangersstraat
inspector-no-observation = Geen meting op dit moment
inspector-departures = Volgende vertrekken
inspector-no-departures = Vandaag vertrekt hier niets meer

extent-link = Dit stuk
extent-between-crossings = Tussen de kruisingen
extent-whole-street = Hele straat

privacy-title = Privacy en eigenaar
privacy-personal = Persoonsgegevens
privacy-personal-yes = Ja, deze sensor verwerkt persoonsgegevens
privacy-personal-no = Nee
privacy-measures = Meet
privacy-purpose = Doel
privacy-owner = Eigenaar
privacy-contact = Contact

type-building = Gebouw
type-street = Straat
type-stop = Halte
type-sensor = Sensor
type-zone = Buurt
type-feature = Object
type-tree = Boom
type-water = Water
type-bridge = Brug

# Namen van eigenschappen
field-id = Kenmerk
field-function = Functie
field-year = Bouwjaar
field-floor-area = Vloeroppervlak
field-dwellings = Woningen
field-residents = Bewoners
field-jobs = Banen
field-height = Hoogte
field-lod = Detail (LoD)
field-class = Soort straat
field-length = Lengte
field-lanes = Rijstroken
field-width = Breedte
field-speed = Maximumsnelheid
field-direction = Richting
field-modes = Wie mag erdoor
field-traffic-now = Verkeer nu (model)
field-traffic-scenario = Verkeer in het scenario (model)
field-address = Adres
field-neighbourhood = Buurt
field-lines = Lijnen
field-status = Status
direction-both = Beide kanten op
direction-one-way = Eén kant op
travel-mode-car = auto
travel-mode-bus = bus
travel-mode-bicycle = fiets
travel-mode-foot = lopen
field-description = Omschrijving
street-already-treated = Deze straat zit al in het scenario
street-without-cars = Hier mogen nu al geen auto’s rijden

function-housing = Wonen
function-office = Kantoor
function-shop = Winkel
function-education = Onderwijs
function-health-care = Zorg
function-gathering = Bijeenkomst
function-sport = Sport
function-lodging = Logies
function-industry = Bedrijf
function-cell = Cel
function-other = Overig

class-motorway = Autosnelweg
class-trunk = Autoweg
class-primary = Hoofdweg
class-secondary = Stadsweg
class-tertiary = Wijkweg
class-unclassified = Gewone weg
class-residential = Woonstraat
class-living-street = Woonerf
class-cycle-street = Fietsstraat
class-service = Toegangsweg
class-busway = Busbaan
class-pedestrian = Voetgangersstraat
class-cycleway = Fietspad
class-footway = Voetpad
class-path = Pad
class-steps = Trap
class-track = Veldweg

# Korte namen van gemeten eigenschappen
property-traffic-intensity = verkeer
property-no2 = NO₂
property-pm2-5 = PM2,5
property-groundwater-level = grondwater
property-parking-occupancy = parkeren
property-crowd-density = drukte
property-noise-laeq = geluid
