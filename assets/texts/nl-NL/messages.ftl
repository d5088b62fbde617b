# Berichten
severity-information = Ter informatie
severity-success = Gelukt
severity-warning = Let op
severity-error = Fout
message-details = Toon details
message-less = Verberg details
message-dismiss = Sluit bericht
message-copy = Kopieer
message-more = { $count ->
        [one] en nog 1 bericht
       *[other] en nog { $count } berichten
    }
message-saved = Opgeslagen: { $name }
message-opened = Geopend: { $name }
message-read-with-faults = { $name } is gelezen, met { $count ->
        [one] 1 opmerking
       *[other] { $count } opmerkingen
    }
message-street-changed = { $street } is nu een voetgangersstraat
message-screenshot = Beeld bewaard: { $name }
message-nothing-picked = Daar ligt niets om aan te wijzen
