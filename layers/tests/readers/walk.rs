//! Every file of the shared test data opens, with the counts of `SOURCES.md`, or is refused for the reason its name says.
//!
//! The conformance folders and the 3D Tiles samples have walks of their own (`cityjson_conformance`, `gtfs_conformance`,
//! `gpkg_conformance`, `tiles3d`).

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use super::support::{read, shared};

enum Expected {
    /// Reader id, stated CRS, counts.
    Reads(&'static str, Option<&'static str>, &'static [(&'static str, u64)]),
    /// Words of the message.
    Refused(&'static str),
}
use Expected::{Reads, Refused};

#[rustfmt::skip] // one line a file
const FILES: &[(&str, Expected)] = &[
    ("3d-city/citygml3_melbourne_3way.gml", Reads("citygml", Some("EPSG:32755"), &[("AuxiliaryTrafficArea", 87), ("AuxiliaryTrafficSpace", 87), ("Intersection", 1), ("Road", 2), ("Section", 3), ("TrafficArea", 58), ("TrafficSpace", 58)])),
    ("3d-city/citygml3_opera_lyon_lod2.gml", Reads("citygml", Some("EPSG:3946"), &[("Building", 1)])),
    ("3d-city/delft_3dbag_2024.city.jsonl", Reads("cityjson-seq", Some("EPSG:7415"), &[("Building", 1115), ("BuildingPart", 1116)])),
    ("3d-city/delft_centre_3dfier.obj", Reads("obj", None, &[("faces", 28619), ("features", 570), ("objects", 570), ("parts", 777), ("triangles", 28619), ("vertices", 14760)])),
    ("3d-city/delft_centre_3dfier_cj10.city.json", Reads("cityjson", Some("EPSG:7415"), &[("Bridge", 3), ("Building", 160), ("GenericCityObject", 54), ("LandUse", 81), ("PlantCover", 126), ("Road", 143), ("WaterBody", 3)])),
    ("3d-city/delft_centre_3dfier_cj20.city.json", Reads("cityjson", Some("EPSG:7415"), &[("Bridge", 3), ("Building", 160), ("GenericCityObject", 54), ("LandUse", 81), ("PlantCover", 126), ("Road", 143), ("WaterBody", 3)])),
    ("3d-city/denhaag_subset_cj11.city.json", Reads("cityjson", None, &[("Building", 4), ("BuildingPart", 8)])),
    ("3d-city/plateau_numazu_landuse_citygml2/523836_luse_6668_op.gml", Reads("citygml", Some("EPSG:6697"), &[("LandUse", 225)])),
    ("3d-city/plateau_yokosuka_bldg_citygml2/52397519_bldg_6697_appearance/14201-bldg-110968-1.jpg", Refused("a JPEG picture")),
    ("3d-city/plateau_yokosuka_bldg_citygml2/52397519_bldg_6697_appearance/14201-bldg-156842-1.jpg", Refused("a JPEG picture")),
    ("3d-city/plateau_yokosuka_bldg_citygml2/52397519_bldg_6697_appearance/14201-bldg-158971-1.jpg", Refused("a JPEG picture")),
    ("3d-city/plateau_yokosuka_bldg_citygml2/52397519_bldg_6697_op.gml", Reads("citygml", Some("EPSG:6697"), &[("Building", 13), ("BuildingPart", 2)])),
    ("3d-city/plateau_yokosuka_dem_citygml2/523965_dem_6697_05_op.gml", Reads("citygml", Some("EPSG:6697"), &[("ReliefFeature", 2), ("TINRelief", 2)])),
    ("3d-city/rotterdam_subset_cj20.city.json", Reads("cityjson", None, &[("Building", 16)])),
    ("3d-city/vienna_cj11.city.jsonl", Reads("cityjson-seq", None, &[("Building", 149), ("BuildingPart", 443)])),
    ("3d-city/zurich_subset_lod2_cj11.city.json", Reads("cityjson", Some("EPSG:2056"), &[("Building", 49), ("BuildingPart", 161)])),
    ("SOURCES.md", Refused("a text to read")),
    ("climate/goteborg/CDSM_KRbig.tif", Reads("geotiff", Some("EPSG:3007"), &[("cells", 52182)])),
    ("climate/goteborg/DEM_KRbig.tif", Reads("geotiff", Some("EPSG:3007"), &[("cells", 52182)])),
    ("climate/goteborg/DSM_KRbig.tif", Reads("geotiff", Some("EPSG:3007"), &[("cells", 52182)])),
    ("climate/goteborg/buildings.dbf", Refused("a part of a shapefile")),
    ("climate/goteborg/buildings.prj", Refused("the coordinate system of a shapefile or raster")),
    ("climate/goteborg/buildings.shp", Reads("shapefile", Some("EPSG:3007"), &[("buildings", 137)])),
    ("climate/goteborg/buildings.shx", Refused("a part of a shapefile")),
    ("climate/goteborg/gbg19970606_2015a.txt", Refused("a weather table of UMEP")),
    ("climate/goteborg/landcover.tif", Reads("geotiff", Some("EPSG:3007"), &[("cells", 52182)])),
    ("climate/prague_bubenec_morphology.gpkg", Reads("geopackage", Some("EPSG:3857"), &[("buildings", 144), ("plots", 407), ("streets", 35), ("tessellation", 144)])),
    ("crs/SOURCE.md", Refused("a text to read")),
    ("crs/nl_nsgi_nlgeo2018.tif", Reads("geotiff", Some("EPSG:7931"), &[("cells", 144781)])),
    ("crs/nl_nsgi_rdcorr2018.tif", Reads("geotiff", Some("EPSG:4289"), &[("cells", 3721)])),
    ("crs/nl_nsgi_rdtrans2018.tif", Reads("geotiff", Some("EPSG:4289"), &[("cells", 3721)])),
    ("energy-water/Hanoi.inp", Refused("an EPANET water network")),
    ("energy-water/Net3.inp", Refused("an EPANET water network")),
    ("energy-water/ky4.inp", Refused("an EPANET water network")),
    ("nl-vector/amsterdam-bgt-csv/bag_buildings_demo.csv", Reads("csv-points", None, &[("bag-buildings-demo", 31)])),
    ("nl-vector/amsterdam-bgt-csv/bgt_buildings_demo.csv", Reads("csv-points", None, &[("bgt-buildings-demo", 31)])),
    ("nl-vector/amsterdam-bgt-csv/bgt_roads_demo.csv", Reads("csv-points", None, &[("bgt-roads-demo", 28)])),
    ("nl-vector/amsterdam_bag.gpkg", Reads("geopackage", Some("EPSG:28992"), &[("ligplaatsen", 67), ("standplaatsen", 1), ("verblijfsobjecten", 1836)])),
    ("nl-vector/amsterdam_ovfiets.json", Reads("city-snapshots", Some("EPSG:4326"), &[("datastreams", 2), ("observations", 2), ("snapshots", 2), ("things", 2)])),
    ("nl-vector/amsterdam_parking_garages.json", Reads("city-snapshots", Some("EPSG:4326"), &[("datastreams", 6), ("observations", 8), ("snapshots", 4), ("things", 5)])),
    ("nl-vector/amsterdam_stadsdeel.geojson", Reads("geojson", Some("EPSG:4326"), &[("stadsdeel", 1)])),
    ("nl-vector/amsterdam_tram_lines.geojson", Reads("geojson", Some("EPSG:28992"), &[("trajectories_tramlines_govi", 584)])),
    ("nl-vector/bag20_panden_0221.zip", Reads("bag-extract", Some("EPSG:28992"), &[("Pand", 13098)])),
    ("nl-vector/brt_top50nl_sample.zip", Reads("gml", Some("EPSG:28992"), &[("FunctioneelGebied", 13), ("Gebouw", 46), ("Hoogte", 39), ("Inrichtingselement", 42), ("RegistratiefGebied", 6), ("Relief", 18), ("Terrein", 46), ("Waterdeel", 63)])),
    ("nl-vector/delft-bgt/bgt_begroeidterreindeel.sqlite", Reads("sqlite", Some("EPSG:28992"), &[("plantcover", 126)])),
    ("nl-vector/delft-bgt/bgt_onbegroeidterreindeel.sqlite", Reads("sqlite", Some("EPSG:28992"), &[("onbegroeidterreindeel", 81)])),
    ("nl-vector/delft-bgt/bgt_overbruggingsdeel.sqlite", Reads("sqlite", Some("EPSG:28992"), &[("bridgeconstructionelement", 3)])),
    ("nl-vector/delft-bgt/bgt_pand.sqlite", Reads("sqlite", Some("EPSG:28992"), &[("buildingpart", 160)])),
    ("nl-vector/delft-bgt/bgt_scheiding.sqlite", Reads("sqlite", Some("EPSG:28992"), &[("scheiding", 57)])),
    ("nl-vector/delft-bgt/bgt_waterdeel.sqlite", Reads("sqlite", Some("EPSG:28992"), &[("waterdeel", 3)])),
    ("nl-vector/delft-bgt/bgt_wegdeel.sqlite", Reads("sqlite", Some("EPSG:28992"), &[("trafficarea", 151)])),
    ("nl-vector/delft_tudcampus_bag_footprints.geojson", Reads("geojson", Some("EPSG:28992"), &[("tudcampus2", 1529)])),
    ("nl-vector/nwb_wegvakken_amsterdam_noord.gml", Reads("gml", None, &[("nwb_wegvakken", 13)])),
    ("nl-vector/otterlo_addresses_28992.gpkg", Reads("geopackage", Some("EPSG:28992"), &[("OGRGeoJSON", 2481)])),
    ("nl-vector/otterlo_addresses_28992_shp.zip", Reads("shapefile", Some("EPSG:28992"), &[("inspireadressen", 2481)])),
    ("nl-vector/otterlo_addresses_4326.gpkg", Reads("geopackage", Some("EPSG:4326"), &[("OGRGeoJSON", 2481)])),
    ("nl-vector/otterlo_bgt_gml.zip", Reads("gml", Some("EPSG:28992"), &[("bgt_pand", 2273)])),
    ("nl-vector/roads_eindhoven.gpkg", Reads("geopackage", Some("EPSG:4326"), &[("road", 10)])),
    ("nl-vector/top10nl_v12_sample.gml", Reads("gml", Some("EPSG:28992"), &[("FunctioneelGebied", 3), ("Gebouw", 3), ("GeografischGebied", 3), ("Inrichtingselement", 3), ("Plaats", 3), ("RegistratiefGebied", 3), ("Relief", 6), ("Spoorbaandeel", 3)])),
    ("noise/cnossos_expected.json", Refused("expected results of a noise model")),
    ("noise/road_cnossos_2020_coefficients.json", Refused("coefficients of a noise model")),
    ("osm-roads/amsterdam_bicycle_parking.osm", Reads("osm-xml", Some("EPSG:4326"), &[("buildings", 11), ("highways", 0), ("nodes", 1198), ("relations", 0), ("ways", 170)])),
    ("osm-roads/amsterdam_bus_stops.geojson", Reads("geojson", Some("EPSG:4326"), &[("amsterdam_bus_stops", 2939)])),
    ("osm-roads/heemserveen_nl.osm.pbf", Reads("osm-pbf", Some("EPSG:4326"), &[("buildings", 0), ("highways", 20), ("nodes", 42), ("relations", 79), ("ways", 20)])),
    ("osm-roads/helsinki_centre.osm.pbf", Reads("osm-pbf", Some("EPSG:4326"), &[("buildings", 433), ("highways", 2650), ("nodes", 24260), ("relations", 620), ("ways", 5130)])),
    ("osm-roads/liechtenstein.osm.pbf", Reads("osm-pbf", Some("EPSG:4326"), &[("buildings", 8992), ("highways", 4660), ("nodes", 142832), ("relations", 358), ("ways", 15247)])),
    ("osm-roads/porto_alegre.osm.pbf", Reads("osm-pbf", Some("EPSG:4326"), &[("buildings", 12), ("highways", 15886), ("nodes", 43264), ("relations", 23), ("ways", 16032)])),
    ("osm-roads/rotterdam_roads_osmnx.graphml", Reads("graphml", Some("EPSG:32631"), &[("edges", 2836), ("nodes", 1226)])),
    ("pointcloud-terrain/amsterdam_ahn_2386_9702.laz", Reads("las", None, &[("class 1", 4876), ("class 2", 26668), ("class 6", 11992), ("points", 43536)])),
    ("pointcloud-terrain/delft_ahn3_1.laz", Reads("las", None, &[("class 1", 196137), ("class 2", 195988), ("class 26", 1365), ("class 6", 246753), ("class 9", 267), ("points", 640510)])),
    ("pointcloud-terrain/portland_ned.tif", Reads("geotiff", Some("EPSG:4269"), &[("cells", 559872)])),
    ("pointcloud-terrain/portland_ned_nodata.tif", Reads("geotiff", Some("EPSG:4269"), &[("cells", 559872)])),
    ("pointcloud-terrain/porto_alegre_elevation.tif", Reads("geotiff", Some("EPSG:4326"), &[("cells", 166439)])),
    ("sensors/ndw_measurement_site_record.xml", Reads("datex", Some("EPSG:4326"), &[("datastreams", 8), ("observations", 0), ("signs", 0), ("sites", 1), ("things", 1)])),
    ("sensors/ndw_measurement_site_table.xml", Reads("datex", Some("EPSG:4326"), &[("datastreams", 4), ("observations", 0), ("signs", 0), ("sites", 1), ("things", 1)])),
    ("sensors/ndw_trafficspeed_20250815.xml.gz", Reads("datex", Some("EPSG:4326"), &[("datastreams", 145084), ("observations", 145084), ("signs", 0), ("sites", 19587), ("things", 19587)])),
    ("sensors/ndw_vms_table_v2_20250812.xml.gz", Reads("datex", Some("EPSG:4326"), &[("datastreams", 0), ("observations", 0), ("signs", 944), ("sites", 0), ("things", 944)])),
    ("sensors/ngsi-ld/AirQualityForecast/example-normalized.json", Reads("ngsi-ld", Some("EPSG:4326"), &[("datastreams", 11), ("observations", 11), ("things", 1)])),
    ("sensors/ngsi-ld/AirQualityForecast/example-normalized.jsonld", Reads("ngsi-ld", Some("EPSG:4326"), &[("datastreams", 12), ("observations", 12), ("things", 1)])),
    ("sensors/ngsi-ld/AirQualityForecast/example.json", Reads("ngsi-ld", Some("EPSG:4326"), &[("datastreams", 12), ("observations", 12), ("things", 1)])),
    ("sensors/ngsi-ld/AirQualityForecast/example.jsonld", Reads("ngsi-ld", Some("EPSG:4326"), &[("datastreams", 12), ("observations", 12), ("things", 1)])),
    ("sensors/ngsi-ld/AirQualityObserved/example-geojsonfeature.json", Reads("ngsi-ld", Some("EPSG:4326"), &[("datastreams", 11), ("observations", 11), ("things", 1)])),
    ("sensors/ngsi-ld/AirQualityObserved/example-normalized.json", Reads("ngsi-ld", Some("EPSG:4326"), &[("datastreams", 15), ("observations", 15), ("things", 1)])),
    ("sensors/ngsi-ld/AirQualityObserved/example-normalized.jsonld", Reads("ngsi-ld", Some("EPSG:4326"), &[("datastreams", 16), ("observations", 16), ("things", 1)])),
    ("sensors/ngsi-ld/AirQualityObserved/example.json", Reads("ngsi-ld", Some("EPSG:4326"), &[("datastreams", 16), ("observations", 16), ("things", 1)])),
    ("sensors/ngsi-ld/AirQualityObserved/example.jsonld", Reads("ngsi-ld", Some("EPSG:4326"), &[("datastreams", 11), ("observations", 11), ("things", 1)])),
    ("sensors/ngsi-ld/FloodMonitoring/example-normalized.json", Reads("ngsi-ld", Some("EPSG:4326"), &[("datastreams", 5), ("observations", 5), ("things", 1)])),
    ("sensors/ngsi-ld/FloodMonitoring/example-normalized.jsonld", Reads("ngsi-ld", Some("EPSG:4326"), &[("datastreams", 5), ("observations", 5), ("things", 1)])),
    ("sensors/ngsi-ld/FloodMonitoring/example.json", Reads("ngsi-ld", Some("EPSG:4326"), &[("datastreams", 5), ("observations", 5), ("things", 1)])),
    ("sensors/ngsi-ld/FloodMonitoring/example.jsonld", Reads("ngsi-ld", Some("EPSG:4326"), &[("datastreams", 5), ("observations", 5), ("things", 1)])),
    ("sensors/ngsi-ld/NoiseLevelObserved/example-geojsonfeature.json", Reads("ngsi-ld", Some("EPSG:4326"), &[("datastreams", 4), ("observations", 4), ("things", 1)])),
    ("sensors/ngsi-ld/NoiseLevelObserved/example-normalized.json", Reads("ngsi-ld", Some("EPSG:4326"), &[("datastreams", 4), ("observations", 4), ("things", 1)])),
    ("sensors/ngsi-ld/NoiseLevelObserved/example-normalized.jsonld", Reads("ngsi-ld", Some("EPSG:4326"), &[("datastreams", 4), ("observations", 4), ("things", 1)])),
    ("sensors/ngsi-ld/NoiseLevelObserved/example.json", Reads("ngsi-ld", Some("EPSG:4326"), &[("datastreams", 4), ("observations", 4), ("things", 1)])),
    ("sensors/ngsi-ld/NoiseLevelObserved/example.jsonld", Reads("ngsi-ld", Some("EPSG:4326"), &[("datastreams", 4), ("observations", 4), ("things", 1)])),
    ("sensors/ngsi-ld/WaterObserved/example-geojsonfeature.json", Reads("ngsi-ld", Some("EPSG:4326"), &[("datastreams", 7), ("observations", 7), ("things", 1)])),
    ("sensors/ngsi-ld/WaterObserved/example-normalized.json", Reads("ngsi-ld", Some("EPSG:4326"), &[("datastreams", 9), ("observations", 9), ("things", 1)])),
    ("sensors/ngsi-ld/WaterObserved/example-normalized.jsonld", Reads("ngsi-ld", Some("EPSG:4326"), &[("datastreams", 7), ("observations", 7), ("things", 1)])),
    ("sensors/ngsi-ld/WaterObserved/example.json", Reads("ngsi-ld", Some("EPSG:4326"), &[("datastreams", 9), ("observations", 9), ("things", 1)])),
    ("sensors/ngsi-ld/WaterObserved/example.jsonld", Reads("ngsi-ld", Some("EPSG:4326"), &[("datastreams", 7), ("observations", 7), ("things", 1)])),
    ("sensors/samenmeten_snapshot_20221206.txt", Reads("samenmeten", Some("EPSG:4326"), &[("datastreams", 10057), ("observations", 10057), ("records", 3149), ("things", 3137)])),
    ("sensors/senseams_water_ec.json", Reads("lorawan-uplinks", Some("EPSG:4326"), &[("datastreams", 104), ("messages", 65), ("observations", 170), ("things", 19)])),
    ("sensors/sta-groundwater-noord-holland/dataStream1.json", Reads("sensorthings", Some("EPSG:4326"), &[("datastreams", 1), ("observations", 0), ("things", 1)])),
    ("sensors/sta-groundwater-noord-holland/location.json", Reads("sensorthings", Some("EPSG:4326"), &[("datastreams", 0), ("observations", 0), ("things", 1)])),
    ("sensors/sta-groundwater-noord-holland/observations1.json", Reads("sensorthings", Some("EPSG:4326"), &[("datastreams", 1), ("observations", 3745), ("things", 1)])),
    ("sensors/sta-groundwater-noord-holland/thing.json", Refused("expected sound JSON")),
    ("traffic/Anaheim/Anaheim_flow.tntp", Refused("a TransportationNetworks (TNTP) table")),
    ("traffic/Anaheim/Anaheim_net.tntp", Refused("a network or trip table of TransportationNetworks (TNTP)")),
    ("traffic/Anaheim/Anaheim_trips.tntp", Refused("a network or trip table of TransportationNetworks (TNTP)")),
    ("traffic/Anaheim/anaheim.geojson", Reads("geojson", Some("EPSG:4326"), &[("anaheim", 914)])),
    ("traffic/Anaheim/anaheim_nodes.geojson", Reads("geojson", Some("EPSG:4326"), &[("anaheim_nodes", 416)])),
    ("traffic/Berlin-Friedrichshain/friedrichshain-center_net.tntp", Refused("a network or trip table of TransportationNetworks (TNTP)")),
    ("traffic/Berlin-Friedrichshain/friedrichshain-center_node.tntp", Refused("a TransportationNetworks (TNTP) table")),
    ("traffic/Berlin-Friedrichshain/friedrichshain-center_trips.tntp", Refused("a network or trip table of TransportationNetworks (TNTP)")),
    ("traffic/Berlin-Mitte-Center/berlin-mitte-center_net.tntp", Refused("a network or trip table of TransportationNetworks (TNTP)")),
    ("traffic/Berlin-Mitte-Center/berlin-mitte-center_node.tntp", Refused("a TransportationNetworks (TNTP) table")),
    ("traffic/Berlin-Mitte-Center/berlin-mitte-center_trips.tntp", Refused("a network or trip table of TransportationNetworks (TNTP)")),
    ("traffic/Berlin-Tiergarten/berlin-tiergarten_net.tntp", Refused("a network or trip table of TransportationNetworks (TNTP)")),
    ("traffic/Berlin-Tiergarten/berlin-tiergarten_node.tntp", Refused("a TransportationNetworks (TNTP) table")),
    ("traffic/Berlin-Tiergarten/berlin-tiergarten_trips.tntp", Refused("a network or trip table of TransportationNetworks (TNTP)")),
    ("traffic/Braess-Example/Braess_net.tntp", Refused("a network or trip table of TransportationNetworks (TNTP)")),
    ("traffic/Braess-Example/Braess_trips.tntp", Refused("a network or trip table of TransportationNetworks (TNTP)")),
    ("traffic/SiouxFalls/SiouxFallsCoordinates.geojson", Reads("geojson", Some("EPSG:4326"), &[("siouxfallstranformed", 24)])),
    ("traffic/SiouxFalls/SiouxFalls_flow.tntp", Refused("a TransportationNetworks (TNTP) table")),
    ("traffic/SiouxFalls/SiouxFalls_net.tntp", Refused("a network or trip table of TransportationNetworks (TNTP)")),
    ("traffic/SiouxFalls/SiouxFalls_node.tntp", Refused("a TransportationNetworks (TNTP) table")),
    ("traffic/SiouxFalls/SiouxFalls_trips.tntp", Refused("a network or trip table of TransportationNetworks (TNTP)")),
    ("traffic/aerius-waalwijk/scenario_traffic_network_proposed.gml", Reads("imaer", Some("EPSG:28992"), &[("SRM1Road", 293), ("SRM2Road", 415)])),
    ("traffic/aerius-waalwijk/scenario_traffic_network_reference.gml", Reads("imaer", Some("EPSG:28992"), &[("SRM1Road", 283), ("SRM2Road", 474)])),
    ("transit/caltrain_gtfs.zip", Reads("gtfs", Some("EPSG:4326"), &[("routes", 3), ("stop_times", 4560), ("stops", 31), ("trips", 252)])),
    ("transit/gbfs-almere/gbfs.json", Reads("gbfs", Some("EPSG:4326"), &[("stations", 0), ("vehicles", 6), ("zones", 16)])),
    ("transit/gbfs-almere/geofencing_zones.json", Reads("gbfs", Some("EPSG:4326"), &[("stations", 0), ("vehicles", 0), ("zones", 16)])),
    ("transit/gbfs-almere/system_information.json", Reads("gbfs", Some("EPSG:4326"), &[("stations", 0), ("vehicles", 0), ("zones", 0)])),
    ("transit/gbfs-almere/vehicle_status.json", Reads("gbfs", Some("EPSG:4326"), &[("stations", 0), ("vehicles", 6), ("zones", 0)])),
    ("transit/gbfs-almere/vehicle_types.json", Reads("gbfs", Some("EPSG:4326"), &[("stations", 0), ("vehicles", 0), ("zones", 0)])),
    ("transit/gbfs-helsinki/gbfs.json", Reads("gbfs", Some("EPSG:4326"), &[("stations", 10), ("vehicles", 0), ("zones", 0)])),
    ("transit/gbfs-helsinki/station_information.json", Reads("gbfs", Some("EPSG:4326"), &[("stations", 10), ("vehicles", 0), ("zones", 0)])),
    ("transit/gbfs-helsinki/station_status.json", Reads("gbfs", Some("EPSG:4326"), &[("stations", 10), ("vehicles", 0), ("zones", 0)])),
    ("transit/gbfs-helsinki/system_information.json", Reads("gbfs", Some("EPSG:4326"), &[("stations", 0), ("vehicles", 0), ("zones", 0)])),
    ("transit/helsinki_population_grid.gpkg", Reads("geopackage", Some("EPSG:4326"), &[("population_grid_2020", 92)])),
    ("transit/king_county_metro_gtfs.zip", Reads("gtfs", Some("EPSG:4326"), &[("routes", 219), ("stop_times", 6923), ("stops", 56), ("trips", 282)])),
    ("transit/king_county_metro_vehicle_positions_1.pb", Reads("gtfs-realtime", Some("EPSG:4326"), &[("alerts", 0), ("entities", 627), ("trip_updates", 0), ("vehicles", 627)])),
    ("transit/netex-nordic-minimal/RUT_RUT-Line-12_12_Majorstuen---Kjelsas.xml", Refused("a NeTEx timetable")),
    ("transit/netex-nordic-minimal/RUT_RUT-Line-4_4_Vestli---Bergkrystallen.xml", Refused("a NeTEx timetable")),
    ("transit/netex-nordic-minimal/_RUT_shared_data.xml", Refused("a NeTEx timetable")),
    ("transit/netex-nordic-minimal/_stops.xml", Refused("a NeTEx timetable")),
    ("transit/porto_alegre_eptc_gtfs.zip", Reads("gtfs", Some("EPSG:4326"), &[("routes", 115), ("stop_times", 130019), ("stops", 3986), ("trips", 2374)])),
    ("transit/porto_alegre_hexgrid.csv", Reads("csv-points", Some("EPSG:4326"), &[("porto-alegre-hexgrid", 1227)])),
    ("transit/porto_alegre_osm_congestion.csv", Reads("csv-table", None, &[("porto-alegre-osm-congestion", 61)])),
    ("transit/porto_alegre_osm_lts.csv", Reads("csv-table", None, &[("porto-alegre-osm-lts", 62)])),
    ("transit/porto_alegre_points_of_interest.csv", Reads("csv-points", Some("EPSG:4326"), &[("porto-alegre-points-of-interest", 15)])),
    ("transit/porto_alegre_trensurb_gtfs.zip", Reads("gtfs", Some("EPSG:4326"), &[("routes", 2), ("stop_times", 14855), ("stops", 24), ("trips", 1248)])),
    ("transit/siri_sx.xml", Refused("a SIRI message about public transport")),
];

/// Folders of which every file is refused with these words.
const REFUSED_FOLDERS: &[(&str, &str)] = &[("noise/cnossos-cases", "a test case of a noise model")];

/// Folders with walks of their own.
const ELSEWHERE: &[&str] = &["conformance", "3d-tiles"];

fn files_below(folder: &Path, into: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            files_below(&path, into);
        } else {
            into.push(path);
        }
    }
}

#[test]
fn every_shared_file_opens_or_is_refused_for_its_reason() {
    let Some(root) = shared("") else { return };
    let mut files = Vec::new();
    files_below(&root, &mut files);
    let mut seen = BTreeSet::new();
    let mut wrong = Vec::new();
    for path in files {
        let name = path.strip_prefix(&root).unwrap().to_string_lossy().into_owned();
        if ELSEWHERE.iter().any(|folder| Path::new(&name).starts_with(folder)) {
            continue;
        }
        let in_folder = REFUSED_FOLDERS.iter().find(|(folder, _)| Path::new(&name).starts_with(folder));
        let expected = match (FILES.iter().find(|(known, _)| *known == name), in_folder) {
            (Some((known, expected)), _) => {
                seen.insert(*known);
                expected
            }
            (None, Some((_, words))) => &Refused(words),
            (None, None) => {
                wrong.push(format!("{name}: not in the list of this test"));
                continue;
            }
        };
        match (read(&path), expected) {
            (Ok(outcome), Reads(format, crs, counts)) => {
                let found = &outcome.inspection;
                if found.format != *format || found.crs.as_deref() != *crs {
                    wrong.push(format!(
                        "{name}: {} in {:?}, expected {format} in {crs:?}",
                        found.format, found.crs
                    ));
                }
                for (kind, count) in *counts {
                    if found.counts.get(*kind) != Some(count) {
                        wrong.push(format!("{name}: expected {count} {kind}, found {:?}", found.counts));
                    }
                }
            }
            (Err(error), Refused(words)) => {
                if !error.to_string().contains(words) {
                    wrong.push(format!("{name}: \"{words}\" is not in: {error}"));
                }
            }
            (Ok(outcome), Refused(_)) => {
                wrong.push(format!("{name} was read as {}", outcome.inspection.format));
            }
            (Err(error), Reads(..)) => wrong.push(format!("{name}: {error}")),
        }
    }
    for (name, _) in FILES {
        if !seen.contains(name) {
            wrong.push(format!("{name} is no longer there"));
        }
    }
    assert!(wrong.is_empty(), "{} files:\n{}", wrong.len(), wrong.join("\n"));
}
