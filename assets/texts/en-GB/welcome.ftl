# The empty window
welcome-title = Which city shall we put on the table?
welcome-words = Choose a door. You can always change later.
welcome-demo = Demo city
welcome-demo-words = An invented Dutch town with a canal, a market and a shopping street. Ready to try, also without the internet.
welcome-open = Open a file or project
welcome-open-words = A project, or your own data: CityJSON, GeoPackage, GeoJSON, OpenStreetMap, GTFS, sensors.
welcome-service = Connect to a service
welcome-service-words = Data from a national or city service. This version cannot do this yet.
welcome-private = Everything stays on this computer: no account, nothing measured about you.
