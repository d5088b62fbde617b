# Layers and legend
layers-title = Layers
layers-fictional = fictional city
layers-loading = The layers are coming…
layers-empty = No layers yet. Add data
layers-add = Add layer
layers-reading = reading…
layers-show = Show { $layer }
layers-hide = Hide { $layer }
layers-details = Details of { $layer }
layers-opacity = Opacity
layers-opacity-of = Opacity of { $layer }
layers-count = Count
layers-source = Source
layers-licence = Licence
layers-date = Date
layers-crs = Reference system
layers-file = File
layers-zoom = Go to this layer
layers-up = Up
layers-down = Down
layers-remove = Remove this layer

# Why do I see nothing?
why-hidden = This layer is switched off
why-no-features = There is nothing in this layer
why-outside-view = This layer is outside the view
why-too-far = Come closer to see this layer
why-transparent = This layer is fully transparent
why-failed = This layer could not be read
why-not-computed = Not computed yet

legend-title = Legend
legend-traffic-difference = Legend · traffic difference
legend-indicator-difference = Legend · { $name }
legend-squares = Squares of { $side }: mean over who lives there, where at least 10 do
legend-nothing-changes = Nowhere a difference larger than the noise
legend-ramp = Difference in traffic, from { $low } (less) to { $high } (more)
legend-noise = Grey: below the noise of the model (± { $amount })
legend-colours = Blue is less, orange is more
legend-hold = Hold B = now
legend-held = You see the city without the plan
