# Errors: what went wrong, in plain words; the cause is in the details
error-open = { $name } could not be opened
error-read = { $name } could not be read
error-unknown-format = { $name } is not a file that Stadsmaquette knows
error-newer-project = { $name } was made with a newer version of Stadsmaquette
error-unknown-crs = { $name } names no reference system that Stadsmaquette knows
error-save = Saving failed. Your work is not lost; choose another place
error-evaluate = The indicators could not be computed
error-no-street = Pick a street first
error-no-network = This project has no streets for traffic to drive on
error-graphics = The graphics card does not respond. Try a lower picture quality
error-reader-stopped = The file could not be read: the reader has stopped
