# Fouten: wat er misging, in gewone woorden; de oorzaak staat in de details
error-open = { $name } kon niet worden geopend
error-read = { $name } kon niet worden gelezen
error-unknown-format = { $name } is geen bestand dat Stadsmaquette kent
error-newer-project = { $name } is gemaakt met een nieuwere versie van Stadsmaquette
error-unknown-crs = { $name } noemt geen stelsel dat Stadsmaquette kent
error-save = Opslaan lukte niet. Uw werk is niet weg; kies een andere plek
error-evaluate = De indicatoren konden niet worden berekend
error-no-street = Wijs eerst een straat aan
error-no-network = In dit project zitten geen straten om verkeer over te laten rijden
error-graphics = De grafische kaart doet het niet. Probeer een lagere beeldkwaliteit
error-reader-stopped = Het bestand kon niet worden gelezen: de lezer is gestopt
