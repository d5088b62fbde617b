# Indicators
indicators-title = Indicators
indicators-hold = hold B = now
indicators-held = you see now
indicators-updated-in = updated in { $time }
indicators-stale = outdated
indicators-computing-chip = computing…
indicators-difference = Difference with now
indicators-band = low · middle · high
indicators-middle = middle
indicators-nothing = Nothing to compare yet. Make a measure first.
indicators-not-computed = Not computed yet for this scenario
indicators-compute = Compute
indicators-computing = The model is computing…
indicators-computing-share = The model is computing… { $share }
indicators-stale-rows = The scenario has changed. These numbers are from the last run
indicators-failed = Computing failed: { $reason }
indicators-evaporation = Mind: { $share } of the traffic of the street turns up nowhere else. Usually that is 0 to 50%. Be careful with this outcome.
indicators-synthetic = Made demand: traffic is estimated from residents and jobs, not counted
indicators-model-values = Model values. Only the difference counts, this is no prediction

indicator-street-traffic = Traffic in the street
indicator-most-increased-street = Busiest increase
indicator-street-traffic-most-increased = Busiest increase
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
