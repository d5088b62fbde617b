# Indicators
indicators-title = Indicators
indicators-hold = hold B = now
indicators-held = you see now
indicators-updated-in = updated { $time }
indicators-stale = outdated
indicators-computing-chip = computing…
indicators-difference = Difference with now
indicators-band = low · middle · high
indicators-nothing = Nothing to compare yet. Make a measure first.
indicators-not-computed = Not computed yet for this scenario
indicators-compute = Compute
indicators-computing = The model is computing…
indicators-computing-share = The model is computing… { $share }
indicators-stale-rows = The scenario has changed. These numbers are from the last run
indicators-failed = Computing failed: { $reason }
indicators-evaporation = Mind: { $share } of the traffic of the street turns up nowhere else. Usually that is 0 to 50%. Be careful with this outcome.
indicators-show-map = Show on the map
indicators-hide-map = Show the traffic again
indicators-synthetic = Made demand: traffic is estimated from residents and jobs, not counted
indicators-model-values = Model values. Only the difference counts, this is no prediction

indicator-street-traffic = Traffic in the street
indicator-most-increased-street = Largest increase
indicator-street-traffic-most-increased = Largest increase
indicator-vehicle-km = Vehicle km in the city
indicator-hours-lost = Hours lost
indicator-travel-time = Car travel time
indicator-detour = Detour
indicator-daily-needs-15min = Daily needs in 15 min

verdict-better = better
verdict-worse = worse
verdict-less = less
verdict-more = more
verdict-same = equal
verdict-uncertain = uncertain
verdict-below-noise = below the noise
verdict-not-computable = not computable

explain-band = Low to high
explain-nobody-adapts = Upper bound: if nobody changes their journey { $delta }
explain-causes = What caused it
explain-formula = How computed
explain-inputs = What went in
explain-sources = Sources

map-traffic-change = { $central } cars { $band }
indicator-delivery-time = Delivery time
indicator-emergency-time = Emergency services
indicator-cycle-time = Cycling time

indicator-street-traffic-help = Cars a day in the street of the measure, averaged over its length
indicator-most-increased-street-help = Cars a day in the street where traffic grows most
indicator-vehicle-km-help = All kilometres of cars in the city on a day
indicator-hours-lost-help = Hours that cars drive longer in the peak than on an empty road
indicator-travel-time-help = Mean duration of all car trips in the peak
indicator-detour-help = How much longer the trips take that went through the street before
indicator-delivery-time-help = How long deliveries take, outside the windows the last part on foot
indicator-emergency-time-help = How long help takes, in the crowding of the peak
indicator-cycle-time-help = Mean duration of the trips by bicycle
indicator-daily-needs-15min-help = Share of residents within 15 minutes on foot of their daily needs

formula-street-traffic = Sum of cars × length, divided by the length of the street
formula-most-increased-street = Largest increase of cars a day on one piece of street outside the measure
formula-vehicle-km = Sum over all streets of cars a day × length
formula-hours-lost = Sum over all streets of cars × (travel time in the crowding − travel time on an empty road)
formula-travel-time = Sum of trips × travel time, divided by the number of trips
formula-detour = Travel time after the measure, for the trips that went through the street before
formula-delivery-time = Mean travel time to the street, weighted by residents and jobs
formula-emergency-time = Travel time from hospital or fire station, weighted by residents
formula-cycle-time = Sum of bicycle trips × travel time, divided by the number of bicycle trips
formula-daily-needs-15min = For each need the share of residents within 15 minutes on foot; the mean of these

explain-street-traffic = { $street }: { $metres } m of street, { $baseline } cars a day before
explain-most-increased-street = { $street } gains most: { $gain } cars a day
explain-vehicle-km = { $difference } car kilometres a day: detours add, trips no longer made by car subtract
explain-hours-lost = { $difference } hours of delay of cars in the peak hour
explain-travel-time = Mean of all car trips in the peak: { $baseline } → { $scenario } min
explain-detour = Mean of the car trips that used the street before: { $baseline } → { $scenario } min
explain-delivery-time = Outside the windows the last part goes on foot: { $baseline } → { $scenario } min
explain-emergency-time = { $sites } sites; help passes a pedestrian street at { $speed } km/h and meets the crowding of the peak
explain-cycle-time = Mean of the trips by bicycle: { $baseline } → { $scenario } min
explain-daily-needs = { $needs } needs, { $residents } residents, 15 minutes on foot
explain-needs-without-data = Not counted, because the data have no such places: { $needs }
explain-stops-lost = { $stops } bus stops in the street are no longer served; the lines are not rerouted here

reason-no-treated-street = No street for cars is in this scenario
reason-no-other-street = There is no other street for cars
reason-no-traffic-model = Traffic cannot be computed: { $reason }
reason-no-access-data = There are no residents who reach needs over the walking network
reason-no-trips-in-street = No car trip used the street of the measure
reason-no-trips = No car trip finds a way any more in this scenario
reason-no-way-to-street = No way leads to the street
reason-no-emergency-site = There is no hospital or fire station in the data
reason-no-emergency-way = No way leads from a hospital or fire station to residents
reason-no-cycle-network = There is no cycling network that joins the neighbourhoods

reason-formula = The formula is wrong: { $reason }
note-remark = { $text }
note-synthetic-demand = Made demand from residents and jobs in { $zones } areas, with Dutch travel habits (assumptions), not calibrated on counts: ± 20 to 30% on a street
note-no-through-traffic = Traffic that only drives through the city is absent
note-evaporation-outside-evidence = { $percent }% of the traffic evaporates; in research that is 0 to 50%
note-where-they-went = Of the cars that used the street { $same }% still do and { $route }% take another way. Of the people { $walk }% walk, { $cycle }% cycle and { $transit }% take public transport; { $lost }% find no way any more
note-where-they-went-and-elsewhere = Of the cars that used the street { $same }% still do and { $route }% take another way. Of the people { $walk }% walk, { $cycle }% cycle, { $transit }% take public transport and { $elsewhere }% go somewhere else; { $lost }% find no way any more
note-share-evaporates = Here { $low }, { $central } or { $high }% of the cars from closed streets are assumed to stay away (method B). Besides that nobody answers to travel times
note-rejoined-zones = { $zones } areas keep no street for cars nearby; their cars stand at the next open street
note-stranded-trips = { $trips } car trips an hour find no way any more
note-preview-known-ways = First impression: only who drove through a changed street looked for another way. The answer follows
note-gap-not-reached = The equilibrium is coarser than asked: { $gap } instead of { $wanted }

detail-if-nobody-changes-behaviour = If nobody changes their journey
detail-inside-delivery-window = Inside the window for deliveries
detail-food = Food and groceries
detail-doctor-or-pharmacy = Doctor or pharmacy
detail-primary-school = Primary school
detail-childcare = Childcare
detail-green = Green
detail-stop = Stop
detail-sport-or-play = Sport and play
detail-meeting-place = Meeting place
note-cordon = Traffic over the edge from counts at { $points } points: { $vehicles } vehicles a day, of which { $percent }% drive through ({ $source })
note-cordon-unattached = No street for cars is near these counted points, so their traffic is missing: { $names }
note-known-demand = { $trips } car trips in the peak hour between { $zones } areas, from { $source }; { $inside } of them stay inside an area and drive on no street of the model
note-matrix-without-street = { $count } areas of the matrix have no street for cars nearby; { $trips } trips from and to them are missing. Put areas outside the data where their road comes in: { $names }
note-matrix-counts-unused = The counts at { $count } points at the edge are not used: the traffic over the border is in the matrix
note-external-journeys = { $percent }% of the journeys of residents leave the city over { $gateways } main roads, and as many come in: estimated from national distances, not counted
note-no-external-journeys = No main road leaves the data; traffic from and to outside is absent

indicator-car-share = Journeys by car
indicator-cycle-share = Journeys by bicycle
indicator-walk-share = Journeys on foot
indicator-transit-share = Journeys by public transport
indicator-daily-needs-cycle = Daily needs by bicycle
indicator-car-free-space = Street without cars
indicator-crash-index = Crashes (index)

indicator-car-share-help = Part of all journeys inside the data that goes by car in the peak
indicator-cycle-share-help = Part of all journeys inside the data that goes by bicycle in the peak
indicator-walk-share-help = Part of all journeys inside the data that goes on foot in the peak
indicator-transit-share-help = Part of all journeys inside the data that goes by public transport in the peak
indicator-daily-needs-cycle-help = Share of residents within 15 minutes by bicycle of their daily needs
indicator-car-free-space-help = Square metres of street that are for people on foot and not for cars; a modal filter or bus gate does not count, as cars still come to the doors
indicator-crash-index-help = Crashes when they follow speed and traffic; now is 100

formula-car-share = Journeys by car, divided by all journeys in the peak hour
formula-cycle-share = Journeys by bicycle, divided by all journeys in the peak hour
formula-walk-share = Journeys on foot, divided by all journeys in the peak hour
formula-transit-share = Journeys by public transport, divided by all journeys in the peak hour
formula-daily-needs-cycle = For each need the share of residents within 15 minutes by bicycle; the mean of these
formula-car-free-space = Sum of length × width of streets without cars
formula-crash-index = 100 × sum of cars × length × speed², divided by the same sum now

explain-mode-share = Journeys inside the data: { $baseline } → { $scenario }%. Who no longer drives is spread over the other ways as they were used before; what becomes faster draws more people
explain-daily-needs-cycle = { $needs } needs, { $residents } residents, 15 minutes by bicycle
explain-car-free-space = { $difference } m² of { $all } m² of street become room for people on foot; the paving stays as it is
explain-crash-index = Crashes when they follow speed² × traffic: 100 → { $value }
explain-partial-plan = { $problems } parts of the plan could not be applied and are not in this number

reason-nothing-applies = None of the { $count } measures matches the city any more. See what is not found
reason-no-scenario-traffic = The traffic of the scenario cannot be computed: { $reason }
reason-no-closed-street = No street is closed to cars in this scenario; deliveries drive as before
reason-no-journeys = There are no journeys inside the data
reason-no-street-space = There are no streets with a width in the data
reason-not-finite = A number that went into { $where } is no number
reason-internal = A fault in the program stopped { $where }. The other numbers are right

detail-mode-walk = On foot
detail-mode-cycle = Bicycle
detail-mode-car = Car
detail-mode-transit = Public transport
detail-help-within-8-minutes = Residents whom help reaches within 8 minutes
detail-slowest-tenth = One in ten residents waits longer than
detail-space-with-cars = Street with cars
detail-space-without-cars = Street without cars
detail-space-per-resident = Street without cars for each resident

indicator-near-stop = Residents near a stop
indicator-jobs-by-transit = Jobs within 45 min by public transport
indicator-departures = Departures

indicator-near-stop-help = Share of residents who walk at most 400 m to a bus or 800 m to a train, tram or metro
indicator-jobs-by-transit-help = Share of all jobs that a resident reaches within 45 minutes by public transport, usually in the morning peak
indicator-departures-help = Departures an hour in the two hours by which public transport is judged, usually 7 to 9, all stops together

formula-near-stop = Residents near a stop, divided by all residents
formula-jobs-by-transit = For each area the share of jobs within 45 minutes; the mean over residents
formula-departures = Sum over all stops of departures in those two hours, divided by 2 hours

explain-near-stop = { $date }: stops with a departure between { $from } and { $until }
explain-jobs-by-transit = { $date }: departures from { $from } to { $until }, at most 45 minutes from door to door, walks of at most 15 minutes
explain-departures = { $date }: from { $from } to { $until }, all stops together
note-busiest-hours = By the timetable next to nothing leaves from { $usualfrom } to { $usualuntil }. Its two busiest hours are taken instead: { $from } to { $until }
explain-custom-indicator = { $formula }: { $baseline } → { $scenario }

reason-no-timetable = Public transport cannot be computed: { $reason }
reason-no-residents = There are no residents in the data
reason-no-jobs = There are no residents or no jobs in the data
reason-custom-indicator = This number cannot be computed: { $reason }

detail-near-bus = Near a bus stop
detail-near-rail = Near a train, tram or metro
detail-departures-bus = Bus
detail-departures-rail = Train, tram and metro

indicator-parking-space = Ground for parking
indicator-parking-space-help = Square metres of ground on which cars are parked: along streets, on mapped areas and in hubs
formula-parking-space = Ground for parking now, and what the plan adds or takes away
explain-parking-space = { $mapped } m² of parking are on the map and { $assumed } m² are assumed along streets with homes; the plan changes { $difference } m²
explain-parking-unknown = The plan takes { $places } places away that are neither on the map nor assumed; they are not in this number
explain-ground-added = { $area } m² of the plan lie on land that is on no map of the project
explain-ground-overlaps = Areas on top of each other count each: there are too many to tell them apart
detail-parking-outside-hubs = Along streets and on mapped areas
detail-parking-in-hubs = In new hubs
detail-ground-driving = Driving
detail-ground-driving-per-resident = Driving for each resident
detail-ground-parking = Parking
detail-ground-parking-per-resident = Parking for each resident
detail-ground-cycle = Cycling
detail-ground-cycle-per-resident = Cycling for each resident
detail-ground-foot = Walking
detail-ground-foot-per-resident = Walking for each resident
detail-ground-green = Green
detail-ground-green-per-resident = Green for each resident
detail-ground-water = Water
detail-ground-water-per-resident = Water for each resident
detail-ground-other = Other ground
detail-ground-other-per-resident = Other ground for each resident
detail-ground-all = All ground that is counted
