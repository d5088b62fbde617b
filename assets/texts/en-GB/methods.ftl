# Method cards: what an indicator is for, from what, what it cannot say
method-title = Method card
method-purpose = What for
method-inputs = What went in
method-limits = What it cannot say
method-sources = Sources

method-street-traffic-purpose = How busy the street of the measure becomes
method-street-traffic-inputs = Streets with class, lanes and speed; residents and jobs; adaptation of low, middle and high
method-street-traffic-limits = Only the peak hour is computed and scaled to a day; no waiting at crossings; without counts ± 20 to 30% on one street
method-street-traffic-sources = Bureau of Public Roads (1964); Beckmann (1956); model book sections 2 to 4
filled-street-traffic = { $sum } vehicle metres a day / { $metres } m = { $value } cars a day

method-most-increased-street-purpose = Where the traffic goes that left the street: the street that fills is always shown
method-most-increased-street-inputs = The same as for the traffic in the street, for all other streets
method-most-increased-street-limits = One street of many; which one is most sensitive to the demand is uncertain
method-most-increased-street-sources = Amsterdam Weesperstraat 2023: one parallel street + 40% while the total fell; model book sections 4 and 14
filled-most-increased-street = { $street }: { $scenario } − { $baseline } = { $gain } cars a day

method-vehicle-km-purpose = Whether there is more or less driving in the whole city
method-vehicle-km-inputs = Flow and length of every street
method-vehicle-km-limits = Kilometres outside the data do not count; level ± 10%, difference ± 30%
method-vehicle-km-sources = Model book sections 2 to 4 and 13
filled-vehicle-km = { $trips } trips in the peak hour × { $mean } km / { $share }% of the day = { $value } km a day

method-hours-lost-purpose = How much time cars lose by crowding
method-hours-lost-inputs = Flow, free speed and capacity of every street
method-hours-lost-limits = Queues do not spill back to other streets; delay grows fast, so the band is wide
method-hours-lost-sources = Bureau of Public Roads (1964); model book section 2
filled-hours-lost = { $value } hours − { $baseline } hours before = { $difference } hours

method-car-share-purpose = Which part of the journeys goes by car, and what the others use
method-car-share-inputs = Journeys between neighbourhoods, split by distance; change of car times
method-car-share-limits = Only journeys inside the data; the bicycle and public transport draw people when they become faster, walking stays as fast; a minute counts as much in every mode
method-car-share-sources = Pivot logit on car time, elasticity −0.15 / −0.30 / −0.60; model book sections 2 to 4
filled-car-share = { $own } of { $all } journeys in the peak hour = { $value }%

method-cycle-share-purpose = Which part of the journeys goes by bicycle
method-cycle-share-inputs = Journeys between neighbourhoods, split by distance; change of car times
method-cycle-share-limits = Only time counts; that a route becomes safer or nicer attracts nobody here
method-cycle-share-sources = Model book sections 2 to 4
filled-cycle-share = { $own } of { $all } journeys in the peak hour = { $value }%

method-walk-share-purpose = Which part of the journeys goes on foot
method-walk-share-inputs = Journeys between neighbourhoods, split by distance; change of car times
method-walk-share-limits = Short walks inside one neighbourhood are counted roughly
method-walk-share-sources = Model book sections 2 to 4
filled-walk-share = { $own } of { $all } journeys in the peak hour = { $value }%

method-transit-share-purpose = Which part of the journeys goes by public transport
method-transit-share-inputs = Journeys between neighbourhoods, split by distance; change of car times
method-transit-share-limits = Full vehicles and a changed timetable do not count here
method-transit-share-sources = Model book sections 2 to 4
filled-transit-share = { $own } of { $all } journeys in the peak hour = { $value }%

method-travel-time-purpose = How long people in cars are on their way
method-travel-time-inputs = All car trips of the peak hour with their times in the crowding
method-travel-time-limits = The same trips before and after; parking and waiting at signals are not in it; ± 10%
method-travel-time-sources = Wardrop (1952); model book sections 1 and 2
filled-travel-time = { $hours } hours / { $trips } trips = { $value } min

method-detour-purpose = What it means for those who drove through the street
method-detour-inputs = The trips that used the street, with their way before and after
method-detour-limits = Which trips used the street is one possible answer: totals are sure, routes are not
method-detour-sources = Model book sections 1, 2 and 14
filled-detour = { $hours } hours / { $trips } trips = { $value } min

method-delivery-time-purpose = Whether shops and homes in the street can still be supplied
method-delivery-time-inputs = Car times from all neighbourhoods; walking speed in the closed street; delivery window
method-delivery-time-limits = Unloading and parking places are not in it
method-delivery-time-sources = Model book sections 1, 2 and 13
filled-delivery-time = Mean over { $zones } areas × { $targets } places in the street, inside it at { $walk } km/h = { $value } min

method-emergency-time-purpose = Whether help still reaches everybody soon
method-emergency-time-inputs = Hospitals, fire and ambulance stations; car times in the peak; residents
method-emergency-time-limits = A proxy: no turn-out time, no sirens except where signals wait for help; no legal norm
method-emergency-time-sources = Model book sections 1, 2 and 13
filled-emergency-time = { $hours } hours / { $residents } residents = { $value } min

method-cycle-time-purpose = Whether cycling becomes faster or slower
method-cycle-time-inputs = Cycling network, 15 km/h, waiting at signals, walking speed in pedestrian streets
method-cycle-time-limits = No wind, hills or crowding; from the 60 areas with most residents
method-cycle-time-sources = Model book section 1
filled-cycle-time = { $hours } hours / { $journeys } journeys by bicycle = { $value } min

method-daily-needs-15min-purpose = Who can do daily things on foot
method-daily-needs-15min-inputs = Residents, walking network, eight kinds of places: food, care, school, childcare, green, stop, sport, meeting
method-daily-needs-15min-limits = A place that is there is not always good or open; places beyond the edge of the data are missed
method-daily-needs-15min-sources = 15-minute city; model book section 5
filled-daily-needs-15min = ({ $parts }) / { $needs } = { $value }%

method-daily-needs-cycle-purpose = Who can do daily things by bicycle
method-daily-needs-cycle-inputs = Residents, cycling network, eight kinds of places
method-daily-needs-cycle-limits = Not everybody cycles; parking the bicycle takes no time here
method-daily-needs-cycle-sources = Model book section 5
filled-daily-needs-cycle = ({ $parts }) / { $needs } = { $value }%

method-car-free-space-purpose = How much street is for people without cars
method-car-free-space-inputs = Length and width of every street; which of them cars may enter; areas of the map for the division of the ground
method-car-free-space-limits = The width is often the usual one of its kind. The division of the ground counts areas of a base map as they are, else streets first and areas around them; crossings count for each street
method-car-free-space-sources = Model book section 12
filled-car-free-space = { $all } m² of street − { $with } m² with cars = { $value } m²

method-crash-index-purpose = In which direction the number of crashes goes
method-crash-index-inputs = Flow and driven speed of every street
method-crash-index-limits = A rule for many streets together, never for one place; crossings and cycle tracks are not in it
method-crash-index-sources = Power model of Nilsson (2004), exponent 2; model book section 12
filled-crash-index = 100 × { $ratio } = { $value }

# What the engine is working at
model-scenario-facts = People and places
model-baseline-traffic = Traffic now
model-scenario-traffic = Traffic in the scenario
model-link-outcomes = Traffic by street
model-traffic-layer = Traffic on the map
model-traffic-summary = Where traffic goes
model-doors = Streets at doors
model-cycling-streets = Cycling streets now
model-scenario-cycling-streets = Cycling streets in the scenario
model-other-modes = Faster and slower ways of travelling
model-cycling = Cycling times now
model-scenario-cycling = Cycling times in the scenario
model-lost-stops = Stops
model-daily-needs = Daily needs on foot
model-daily-needs-cycle = Daily needs by bicycle now
model-scenario-daily-needs-cycle = Daily needs by bicycle in the scenario

# Public transport
method-near-stop-purpose = Who can get to public transport on foot
method-near-stop-inputs = Residents, walking network, timetable of the busiest weekday
method-near-stop-limits = A stop nearby says nothing of where the bus goes; walks ± 10%
method-near-stop-sources = 400 m and 800 m: model book section 5
filled-near-stop = { $near } of { $residents } residents = { $value }%
method-jobs-by-transit-purpose = How much work is within reach without a car
method-jobs-by-transit-inputs = Timetable, walking network, residents and jobs by area
method-jobs-by-transit-limits = The timetable and not what really drives; jobs outside the data do not count; at most 3 rides
method-jobs-by-transit-sources = RAPTOR: Delling, Pajor and Werneck (2012); model book sections 1 and 5
filled-jobs-by-transit = { $value }% of all jobs ({ $slow }% for who just misses it, { $lucky }% for who is just in time)
method-departures-purpose = How much public transport there is
method-departures-inputs = Timetable of the busiest weekday, 7 to 9 in the morning, or the hours that the assumptions give
method-departures-limits = The last stop of a line is no departure; how full it is does not count
method-departures-sources = GTFS; model book section 5
filled-departures = { $stops } stops × { $mean } departures = { $value } an hour
model-walking-streets = Walking streets now
model-scenario-walking-streets = Walking streets in the scenario
model-timetable = Timetable now
model-scenario-timetable = Timetable in the scenario
model-transit-times = Times by public transport now
model-scenario-transit-times = Times by public transport in the scenario
model-stops-nearby = Stops nearby
model-stop-places = Places of stops
model-scenario-stops-nearby = Stops nearby in the scenario

method-parking-space-purpose = How much ground parked cars take, and how much a plan gives back
method-parking-space-inputs = Mapped parking areas (BGT, OpenStreetMap); where no map has the roads, places assumed along streets with homes; places of the plan
method-parking-space-limits = Assumed places are those of no street in particular; garages under the ground and in buildings are not in it; a hub counts as if it lay on the ground; what becomes free has no use until a plan gives it one
method-parking-space-sources = Model book sections 12 and 13; assumptions street_places_per_100m, street_place_m2 and hub_place_m2
filled-parking-space = { $baseline } m² now, { $streets } m² along streets and { $hubs } m² in hubs: { $value } m²
model-ground = Division of the ground
model-scenario-ground = Division of the ground in the scenario
