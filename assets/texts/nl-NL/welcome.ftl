# Leeg venster
welcome-title = Welke stad zet u op tafel?
welcome-words = Kies een deur. U kunt later altijd wisselen.
welcome-demo = Demostad
welcome-demo-words = Een verzonnen Hollandse stad met gracht, markt en winkelstraat. Klaar om uit te proberen, ook zonder internet.
welcome-open = Open een bestand of project
welcome-open-words = Een project, of uw eigen data: CityJSON, GeoPackage, GeoJSON, OpenStreetMap, GTFS, sensoren.
welcome-service = Verbind met een dienst
welcome-service-words = Data van een landelijke of stedelijke dienst. Dit kan in deze versie nog niet.
welcome-private = Alles blijft op deze computer: geen account, geen metingen van u.
