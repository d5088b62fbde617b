# Bovenbalk: menu's, zoeken, standen
menu-file = Bestand
menu-edit = Bewerken
menu-view = Beeld
menu-layers = Lagen
menu-help = Help
menu-all = Menu

menu-open = Openen…
menu-open-demo = Demostad openen
menu-add-data = Data toevoegen…
menu-save = Opslaan
menu-save-as = Opslaan als…
menu-quit = Afsluiten

menu-undo = Ongedaan maken
menu-redo = Opnieuw doen
menu-branch = Vertak dit scenario
menu-evaluate = Bereken nu
menu-clear-selection = Selectie wissen

menu-text-size = Tekstgrootte
menu-quality = Beeldkwaliteit
quality-low = Laag (snel)
quality-medium = Middel
quality-high = Hoog
menu-dark = Donker thema
menu-reduced-motion = Minder beweging

view-to-2d = Kijk van boven (2D)
view-to-3d = Kijk in 3D
view-home = Hele stad
view-north = Noord boven
view-reset-tilt = Kantel terug
view-selection = Naar de selectie
view-closer = Dichterbij
view-further = Verder weg

mode-explore = Verkennen
mode-scenario = Scenario
mode-compare = Vergelijken
mode-present = Presenteren
mode-list = Stand: { $mode }
language-switch = Switch to English
theme-dark = Donker thema
theme-light = Licht thema

search-placeholder = Zoek straat, adres, halte of opdracht
search-short = Zoek…
search-keys = Ctrl K
search-nothing = Niets gevonden. Probeer een deel van de naam
kind-street = straat
kind-address = adres
kind-building = gebouw
kind-stop = halte
kind-sensor = sensor
kind-place = plek
kind-layer = laag
kind-command = opdracht

panel-hide = Verberg { $panel }
panel-open = Open { $panel }
panel-move = Verplaats { $panel }

help-shortcuts = Sneltoetsen
help-about = Over Stadsmaquette
shortcuts-view = Kijken
shortcuts-work = Werken
shortcuts-window = Venster
shortcut-pan = Schuiven
shortcut-orbit = Draaien en kantelen
shortcut-zoom = Inzoomen en uitzoomen
shortcut-2d-3d = Wissel tussen 2D en 3D
shortcut-baseline = Laat de stad van nu zien
shortcut-search = Zoeken
keys-pan = Slepen met links, of pijltjes
keys-orbit = Slepen met rechts of midden, Alt + slepen, of Ctrl + pijltjes
keys-zoom = Wiel, Page Up en Page Down
keys-n = N
keys-r = R
keys-home = Home
keys-f = F
keys-tab = Tab
keys-b = B ingedrukt houden
keys-undo = Ctrl Z
keys-redo = Ctrl Shift Z
keys-escape = Esc
keys-search = Ctrl K
keys-open = Ctrl O
keys-save = Ctrl S
keys-help = F1

about-words = Een digitale maquette van de stad. Verander een straat en zie binnen een paar tellen wat er anders wordt, voor wie, en hoe zeker dat is.
about-version = Versie
about-licence = Licentie
about-fonts = Letters en iconen
about-values = Stadsmaquette vergelijkt, het voorspelt niet. Er zijn geen accounts, er wordt niets verstuurd, en een mens beslist.
