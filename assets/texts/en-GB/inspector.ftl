# What is picked
inspector-title = Info
inspector-nothing-known = Nothing more is known about this
inspector-layer = Layer
inspector-zoom = Go there
inspector-clear = Clear selection
inspector-make-pedestrian = Make pedestrian street
inspector-no-observation = No observation at this time
inspector-departures = Next departures
inspector-no-departures = Nothing leaves here any more today

extent-link = This piece
extent-between-crossings = Between the crossings
extent-whole-street = Whole street

privacy-title = Privacy and owner
privacy-personal = Personal data
privacy-personal-yes = Yes, this sensor processes personal data
privacy-personal-no = No
privacy-measures = Measures
privacy-purpose = Purpose
privacy-owner = Owner
privacy-contact = Contact

type-building = Building
type-street = Street
type-stop = Stop
type-sensor = Sensor
type-zone = Neighbourhood
type-feature = Object
type-tree = Tree
type-water = Water
type-bridge = Bridge

# Names of properties
field-id = Id
field-function = Function
field-year = Year built
field-floor-area = Floor area
field-dwellings = Dwellings
field-residents = Residents
field-jobs = Jobs
field-height = Height
field-lod = Detail (LoD)
field-class = Kind of street
field-length = Length
field-lanes = Lanes
field-width = Width
field-speed = Speed limit
field-direction = Direction
field-modes = Who may pass
field-traffic-now = Traffic now (model)
field-traffic-scenario = Traffic in the scenario (model)
field-address = Address
field-neighbourhood = Neighbourhood
field-lines = Lines
field-status = Status
direction-both = Both ways
direction-one-way = One way
travel-mode-car = car
travel-mode-bus = bus
travel-mode-bicycle = bicycle
travel-mode-foot = walking
field-description = Description
street-already-treated = This street is in the scenario already
street-without-cars = Cars may not drive here now either

function-housing = Housing
function-office = Office
function-shop = Shop
function-education = Education
function-health-care = Health care
function-gathering = Gathering
function-sport = Sport
function-lodging = Lodging
function-industry = Industry
function-cell = Cell
function-other = Other

class-motorway = Motorway
class-trunk = Trunk road
class-primary = Main road
class-secondary = City road
class-tertiary = District road
class-unclassified = Ordinary road
class-residential = Residential street
class-living-street = Living street
class-cycle-street = Bicycle street
class-service = Access road
class-busway = Busway
class-pedestrian = Pedestrian street
class-cycleway = Cycle path
class-footway = Footpath
class-path = Path
class-steps = Steps
class-track = Track

# Short names of measured properties
property-traffic-intensity = traffic
property-no2 = NO₂
property-pm2-5 = PM2.5
property-groundwater-level = groundwater
property-parking-occupancy = parking
property-crowd-density = crowding
property-noise-laeq = noise
