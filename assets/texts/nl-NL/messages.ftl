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
message-saved = Opgeslagen
message-opened = Geopend: { $name }
message-read-with-faults = { $name } is gelezen, met { $count ->
        [one] 1 opmerking
       *[other] { $count } opmerkingen
    }
message-street-changed = { $street } is nu een voetgangersstraat
message-screenshot = Beeld bewaard: { $name }
message-nothing-picked = Daar ligt niets om aan te wijzen

# Berichten van opdrachten; wat eraan scheelt staat in de details
message-open-failed = Openen lukte niet
message-some-missing = Een deel van de data is er niet. De rest doet het gewoon
message-faults = De data zijn gelezen, met opmerkingen
message-evaluate-failed = De indicatoren konden niet worden berekend
message-save-failed = Opslaan lukte niet. Uw werk is niet weg; kies een andere plek
message-job-crashed = Een taak is gestopt door een fout. De rest doet het gewoon
message-needs-path = Kies eerst waar het project moet staan
message-no-such-layer = Deze laag is er niet
message-not-found = Dit is niet in de data te vinden
message-choose-street = Wijs eerst een straat aan
message-assumptions = Deze aannames of ritten zijn niet te gebruiken; daar geldt het modelboek, of de vraag is gemaakt uit bewoners en banen
message-choose-building = Wijs eerst een gebouw aan; daarna rekent het model eerst de stad van nu door
message-picture-saved = Beeld bewaard
message-picture-failed = Het beeld kon niet worden bewaard
message-choose-stop = Wijs eerst een halte aan
message-stop-too-far = Zo ver kan een halte niet schuiven. Maak daar een nieuwe halte en haal deze weg
message-no-such-line = Deze lijn is er niet
message-no-line-near = Hier komt geen lijn langs. Kies een straat waar een bus rijdt
message-measure-impossible = Deze maatregel kan zo niet
