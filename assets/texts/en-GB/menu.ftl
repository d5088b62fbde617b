# Top bar: menus, search, modes
menu-file = File
menu-edit = Edit
menu-view = View
menu-layers = Layers
menu-help = Help
menu-all = Menu

menu-open = Open…
menu-open-demo = Open the demo city
menu-add-data = Add data…
menu-save = Save
menu-save-as = Save as…
menu-quit = Quit

menu-undo = Undo
menu-redo = Redo
menu-branch = Branch this scenario
menu-evaluate = Compute now
menu-clear-selection = Clear selection

menu-text-size = Text size
menu-quality = Picture quality
quality-low = Low (fast)
quality-medium = Medium
quality-high = High
menu-dark = Dark theme
menu-reduced-motion = Less motion

view-to-2d = Look from above (2D)
view-to-3d = Look in 3D
view-home = Whole city
view-north = North up
view-reset-tilt = Tilt back
view-selection = Go to the selection
view-closer = Closer
view-further = Further away

mode-explore = Explore
mode-scenario = Scenario
mode-compare = Compare
mode-present = Present
mode-list = Mode: { $mode }
language-switch = Schakel over naar Nederlands
theme-dark = Dark theme
theme-light = Light theme

search-placeholder = Search street, address, stop or command
search-short = Search…
search-keys = Ctrl K
search-nothing = Nothing found. Try a part of the name
kind-street = street
kind-address = address
kind-building = building
kind-stop = stop
kind-sensor = sensor
kind-place = place
kind-layer = layer
kind-command = command

panel-hide = Hide { $panel }
panel-open = Open { $panel }
panel-move = Move { $panel }

help-shortcuts = Keyboard shortcuts
help-about = About Stadsmaquette
shortcuts-view = Looking
shortcuts-work = Working
shortcuts-window = Window
shortcut-pan = Pan
shortcut-orbit = Turn and tilt
shortcut-zoom = Zoom in and out
shortcut-2d-3d = Switch between 2D and 3D
shortcut-baseline = Show the city as it is now
shortcut-search = Search
keys-pan = Left drag, or arrow keys
keys-orbit = Right or middle drag, Alt + drag, or Ctrl + arrow keys
keys-zoom = Wheel, Page Up and Page Down
keys-n = N
keys-r = R
keys-home = Home
keys-f = F
keys-tab = Tab
keys-b = Hold B
keys-undo = Ctrl Z
keys-redo = Ctrl Shift Z
keys-escape = Esc
keys-search = Ctrl K
keys-open = Ctrl O
keys-save = Ctrl S
keys-help = F1

about-words = A digital scale model of the city. Change a street and see within seconds what becomes different, for whom, and how sure that is.
about-version = Version
about-licence = Licence
about-fonts = Type and icons
about-values = Stadsmaquette compares, it does not predict. There are no accounts, nothing is sent anywhere, and a human decides.
