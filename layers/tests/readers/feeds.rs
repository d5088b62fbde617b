//! Feeds as files: GTFS-realtime, DATEX II, NGSI, GBFS, Samen Meten, LoRaWAN messages.

use layers::{
    crs::Epsg,
    model::{FeatureLayer, FeatureRole, LayerData, SensorLayer},
    readers::{ReadError, ReadOutcome, Severity},
};

use crate::support::{Scratch, assert_near, counts, fixture, read, read_ok, shared};

fn sensors(outcome: &ReadOutcome) -> &SensorLayer {
    let LayerData::Sensors(sensors) = &outcome.layers[0].data else { panic!("sensors") };
    sensors
}

fn features<'a>(outcome: &'a ReadOutcome, name: &str) -> &'a FeatureLayer {
    let found = outcome.layers.iter().find_map(|layer| match &layer.data {
        LayerData::Features(layer) if layer.name == name => Some(&**layer),
        _ => None,
    });
    found.unwrap_or_else(|| panic!("no layer {name}"))
}

fn errors(outcome: &ReadOutcome) -> Vec<String> {
    let faults = outcome.inspection.faults.iter().filter(|fault| fault.severity > Severity::Info);
    faults.map(|fault| format!("{} at {}", fault.code, fault.location)).collect()
}

#[test]
fn vehicles_of_king_county_are_where_they_were() {
    let Some(path) = shared("transit/king_county_metro_vehicle_positions_1.pb") else { return };
    let outcome = read_ok(&path);
    let found = counts(&outcome.inspection);
    assert_eq!(
        (found["entities"], found["vehicles"], found["trip_updates"], found["alerts"]),
        (627, 627, 0, 0)
    );
    assert_eq!(outcome.inspection.version.as_deref(), Some("2.0"));
    assert_eq!(outcome.layers[0].provenance.date, "2021-09-02T15:31:56Z");
    assert!(errors(&outcome).is_empty(), "{:?}", errors(&outcome));
    let vehicles = features(&outcome, "vehicles");
    assert_eq!(vehicles.features[0].id, "1630596716_4382");
    assert_eq!(vehicles.attributes.get(0, "trip_id").as_str(), Some("49195152"));
    assert_eq!(vehicles.attributes.get(0, "vehicle_id").as_str(), Some("4382"));
    let [x0, y0, _, x1, y1, _] = outcome.inspection.bbox.unwrap();
    assert!(x0 > -123.0 && x1 < -121.0 && y0 > 47.0 && y1 < 48.0, "around Seattle: {x0} {y0} {x1} {y1}");
}

#[test]
fn updates_and_alerts_are_tables() {
    let outcome = read_ok(&fixture("gtfs-realtime/good-three.pb"));
    let found = counts(&outcome.inspection);
    assert_eq!((found["entities"], found["vehicles"], found["trip_updates"], found["alerts"]), (3, 1, 1, 1));
    let updates = features(&outcome, "trip-updates");
    assert_eq!(updates.attributes.get(0, "delay").as_f64(), Some(120.0));
    assert_eq!(updates.attributes.column("delay").unwrap().unit.as_deref(), Some("s"));
    let alerts = features(&outcome, "alerts");
    assert_eq!(alerts.attributes.get(0, "header").as_str(), Some("Werk aan de weg"));
    assert_eq!(alerts.attributes.get(0, "cause").as_str(), Some("construction"));
    assert_eq!(outcome.crs, Epsg::RD_NEW);
}

#[test]
fn the_national_traffic_file_has_its_sites_and_no_false_zeros() {
    let Some(path) = shared("sensors/ndw_trafficspeed_20250815.xml.gz") else { return };
    let outcome = read_ok(&path);
    let found = counts(&outcome.inspection);
    assert_eq!((found["sites"], found["signs"], found["things"]), (19_587, 0, 19_587));
    assert_eq!(outcome.layers[0].provenance.date, "2025-08-15T21:49:42Z");
    println!("{found:?} {:?}", outcome.inspection.faults);
    let layer = sensors(&outcome);
    assert!(layer.datastreams.iter().all(|stream| stream.values.iter().all(|&value| value >= 0.0)));
    let of = |id: &str| layer.datastreams.iter().find(|stream| stream.id == id);
    let speed = of("PZH01_MST_0065_00#8").unwrap();
    assert_eq!((speed.observed_property.as_str(), speed.unit.as_str()), ("traffic_speed", "km/h"));
    assert_eq!((speed.values[0], speed.times[0]), (72.0, 1_755_294_480));
    assert_eq!(of("PZH01_MST_0065_00#2").unwrap().values, [120.0]);
    assert!(of("PZH01_MST_0065_00#7").is_none(), "-1 is no speed");
    // The table and the record beside it describe one of the sites.
    let site = layer.things.iter().position(|thing| thing.id == "PZH01_MST_0629_00").unwrap();
    assert_eq!(layer.things[site].name, "N457 hmp 4.75 Re");
    assert!(layer.things[site].position.is_some());
    let stream = layer.datastreams.iter().find(|stream| stream.thing as usize == site).unwrap();
    assert!(stream.name.starts_with("lane1"), "{}", stream.name);
    assert_eq!(layer.things.iter().filter(|thing| thing.position.is_some()).count(), 1);
}

#[test]
fn site_tables_and_sign_tables_have_places_and_names() {
    for (name, streams, has_place) in
        [("ndw_measurement_site_table.xml", 4, false), ("ndw_measurement_site_record.xml", 8, true)]
    {
        let Some(path) = shared(&format!("sensors/{name}")) else { return };
        let outcome = read_ok(&path);
        let found = counts(&outcome.inspection);
        assert_eq!((found["sites"], found["signs"], found["datastreams"]), (1, 0, streams), "{name}");
        let layer = sensors(&outcome);
        assert_eq!(
            (layer.things[0].id.as_str(), layer.things[0].name.as_str()),
            ("PZH01_MST_0629_00", "N457 hmp 4.75 Re")
        );
        assert_eq!(layer.datastreams[0].name, "lane1 < 5.6 m");
        assert_eq!(layer.datastreams[1].name, "lane1 ≥ 5.6 m and ≤ 12.2 m");
        // The table as published here leaves the places out, and that is said.
        assert_eq!(errors(&outcome).is_empty(), has_place, "{name}: {:?}", errors(&outcome));
        assert_eq!(outcome.inspection.bbox.is_some(), has_place, "{name}");
        if let Some([x, y, ..]) = outcome.inspection.bbox {
            assert_near(&[x, y], &[4.634289, 52.0263], 1e-9);
            assert_eq!(outcome.crs, Epsg::RD_NEW);
        }
    }
    let Some(path) = shared("sensors/ndw_vms_table_v2_20250812.xml.gz") else { return };
    let outcome = read_ok(&path);
    let found = counts(&outcome.inspection);
    assert_eq!((found["sites"], found["signs"]), (0, 944));
    let layer = sensors(&outcome);
    let delft = layer
        .things
        .iter()
        .find(|thing| thing.id == "NDW05_VMS_60d9cd63-9061-32ef-98c5-47d1daf69209")
        .unwrap();
    assert!(delft.name.starts_with("PZH_DRIP31 - Buitenhofdreef Delft"), "{}", delft.name);
    let [x, y, _] = delft.position.unwrap();
    assert_near(&[x, y], &[83_300.0, 445_400.0], 1_500.0);
    let with_ampersand = layer.things.iter().any(|thing| thing.name.contains("P&R"));
    assert!(with_ampersand);
}

#[test]
fn values_find_their_site_in_the_table_beside_them() {
    let outcome = read_ok(&fixture("datex/good-values.xml"));
    let found = counts(&outcome.inspection);
    assert_eq!((found["sites"], found["things"], found["observations"]), (2, 2, 2));
    let layer = sensors(&outcome);
    assert_eq!(layer.things[0].name, "Damstraat");
    let [x, y, _] = layer.things[0].position.unwrap();
    assert_near(&[x, y], &[155_000.0, 463_000.0], 200.0);
    assert_eq!((layer.datastreams[0].name.as_str(), layer.datastreams[0].values[0]), ("lane1", 240.0));
    assert!(layer.things[1].position.is_none());
    let alone = Scratch::new("values.xml", &std::fs::read(fixture("datex/good-values.xml")).unwrap());
    let outcome = read_ok(&alone.0);
    assert_eq!(errors(&outcome), ["site-table at values.xml"]);
    assert_eq!(sensors(&outcome).datastreams.len(), 2);
}

#[test]
fn every_ngsi_example_is_read_in_each_of_its_forms() {
    let Some(root) = shared("sensors/ngsi-ld") else { return };
    let mut files: Vec<_> = std::fs::read_dir(root)
        .unwrap()
        .flat_map(|folder| std::fs::read_dir(folder.unwrap().path()).unwrap())
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    assert_eq!(files.len(), 23);
    let mut observed = std::collections::BTreeMap::new();
    for path in files {
        let name = format!(
            "{}/{}",
            path.parent().unwrap().file_name().unwrap().to_str().unwrap(),
            path.file_name().unwrap().to_str().unwrap()
        );
        let outcome = read_ok(&path);
        assert_eq!(outcome.inspection.format, "ngsi-ld", "{name}");
        let layer = sensors(&outcome);
        assert_eq!(layer.things.len(), 1, "{name}");
        let has_place = layer.things[0].position.is_some();
        assert_eq!(has_place, !name.starts_with("Flood"), "{name}: {:?}", outcome.inspection.faults);
        assert!(!layer.datastreams.is_empty(), "{name}: {:?}", outcome.inspection.faults);
        assert!(layer.datastreams.iter().all(|stream| stream.times.len() == 1), "{name}");
        observed.insert(name, (layer.datastreams.len(), outcome.inspection.time.unwrap()[0].clone()));
    }
    println!("{observed:#?}");
    // The four forms of one noise example say the same.
    for form in [
        "example.json",
        "example.jsonld",
        "example-normalized.json",
        "example-normalized.jsonld",
        "example-geojsonfeature.json",
    ] {
        assert_eq!(
            observed[&format!("NoiseLevelObserved/{form}")],
            (4, "2016-12-28T11:00:00Z".to_owned()),
            "{form}"
        );
    }
    let Some(path) = shared("sensors/ngsi-ld/AirQualityObserved/example-normalized.json") else { return };
    let outcome = read_ok(&path);
    let layer = sensors(&outcome);
    let no2 = layer.datastreams.iter().find(|stream| stream.observed_property == "no2").unwrap();
    assert_eq!((no2.unit.as_str(), no2.values[0]), ("µg/m³", 69.0));
    let co = layer.datastreams.iter().find(|stream| stream.observed_property == "co").unwrap();
    assert_eq!((co.unit.as_str(), co.values[0]), ("mg/m³", 500.0));
    let [x, y, ..] = outcome.inspection.bbox.unwrap();
    assert_near(&[x, y], &[-3.712247222222222, 40.423852777777775], 1e-12);
}

#[test]
fn shared_vehicles_stations_and_zones_come_from_their_folder() {
    let Some(almere) = shared("transit/gbfs-almere/gbfs.json") else { return };
    let outcome = read_ok(&almere);
    let found = counts(&outcome.inspection);
    assert_eq!((found["stations"], found["vehicles"], found["zones"]), (0, 6, 16));
    assert_eq!((outcome.inspection.version.as_deref(), outcome.crs), (Some("3.0"), Epsg::RD_NEW));
    assert!(errors(&outcome).is_empty(), "{:?}", errors(&outcome));
    let vehicles = features(&outcome, "vehicles");
    assert_eq!(vehicles.attributes.get(0, "range").as_f64(), Some(32_400.0));
    assert_eq!(vehicles.attributes.get(0, "form_factor").as_str(), Some("moped"));
    let zones = features(&outcome, "zones");
    assert_eq!(zones.attributes.get(0, "name").as_str(), Some("Hub Bergnet"));
    assert_eq!(zones.attributes.get(0, "ride_end_allowed"), false.into());
    let placed =
        zones.features.iter().filter(|zone| matches!(zone.geometry, Some(geo::Geometry::MultiPolygon(_))));
    assert_eq!(placed.count(), 14, "two zones have a geometry of null");
    for (name, count) in [("vehicle_status", "vehicles"), ("geofencing_zones", "zones")] {
        let alone = read_ok(&almere.with_file_name(format!("{name}.json")));
        assert_eq!(counts(&alone.inspection)[count], found[count], "{name}");
        assert_eq!(alone.layers.len(), 1, "{name}");
    }
    let Some(helsinki) = shared("transit/gbfs-helsinki/station_information.json") else { return };
    for path in
        [&helsinki, &helsinki.with_file_name("gbfs.json"), &helsinki.with_file_name("station_status.json")]
    {
        let outcome = read_ok(path);
        assert_eq!(counts(&outcome.inspection)["stations"], 10);
        let stations = features(&outcome, "stations");
        assert_eq!(stations.role, FeatureRole::PointsOfInterest);
        let row = stations.features.iter().position(|station| station.id == "002").unwrap();
        assert_eq!(stations.attributes.get(row, "name").as_str(), Some("Laivasillankatu"));
        assert_eq!(stations.attributes.get(row, "vehicles_available").as_f64(), Some(6.0));
        assert_eq!(stations.attributes.get(row, "is_renting"), true.into());
        // Two of the ten have no id.
        assert_eq!(errors(&outcome).iter().filter(|error| error.starts_with("station-id")).count(), 2);
    }
}

#[test]
fn the_samen_meten_snapshot_has_all_its_stations() {
    let Some(path) = shared("sensors/samenmeten_snapshot_20221206.txt") else { return };
    let outcome = read_ok(&path);
    let found = counts(&outcome.inspection);
    assert_eq!((found["records"], found["things"]), (3149, 3137));
    assert_eq!(
        outcome.inspection.time,
        Some(["2022-12-06T16:00:00Z".to_owned(), "2022-12-06T16:00:00Z".to_owned()])
    );
    println!("{found:?} {:?}", outcome.inspection.faults);
    let layer = sensors(&outcome);
    let inside = |[west, south, east, north]: [f64; 4]| {
        let to_rd = layers::crs::Transform::new(Epsg::WGS84, Epsg::RD_NEW).unwrap();
        let (low, high) =
            (to_rd.apply_one([west, south, 0.0]).unwrap(), to_rd.apply_one([east, north, 0.0]).unwrap());
        let places = layer.things.iter().filter_map(|thing| thing.position);
        places.filter(|p| p[0] >= low[0] && p[0] <= high[0] && p[1] >= low[1] && p[1] <= high[1]).count()
    };
    // Boxes in degrees are not quite boxes in RD.
    assert!(inside([4.38, 51.86, 4.60, 51.97]).abs_diff(442) < 10, "{}", inside([4.38, 51.86, 4.60, 51.97]));
    let pm10 = layer.datastreams.iter().find(|stream| stream.id == "AMF_pm001#PM10").unwrap();
    assert_eq!((pm10.values[0], pm10.unit.as_str()), (0.78, "µg/m³"));
    assert!(
        layer.datastreams.iter().all(|stream| stream.id != "AMF_pm001#temperature"),
        "-99 is no temperature"
    );
}

#[test]
fn messages_of_water_sensors_become_series() {
    let Some(path) = shared("sensors/senseams_water_ec.json") else { return };
    let outcome = read_ok(&path);
    assert_eq!(outcome.inspection.format, "lorawan-uplinks");
    println!("{:?} {:?}", outcome.inspection.counts, errors(&outcome));
    let layer = sensors(&outcome);
    let thing = layer.things.iter().position(|thing| thing.id == "357518080168982").unwrap();
    assert_eq!(layer.things[thing].name, "EC 233");
    assert!(layer.things[thing].position.is_some());
    let stream = layer.datastreams.iter().find(|s| s.thing as usize == thing && s.name == "waterEC").unwrap();
    assert_eq!((stream.times[0], stream.values[0]), (1_572_351_009, 294.0));
    assert!(layer.datastreams.iter().all(|stream| stream.times.is_sorted() && stream.name != "imei"));
    // Two kinds of sensor send no time.
    assert!(outcome.inspection.faults.iter().any(|fault| fault.code == "observation-time"));
}

#[test]
fn a_thing_with_a_missing_comma_says_where() {
    let Some(path) = shared("sensors/sta-groundwater-noord-holland/thing.json") else { return };
    let error = read(&path).unwrap_err();
    assert!(matches!(error, ReadError::Malformed { .. }) && error.to_string().contains("line 8"), "{error}");
}

#[test]
fn snapshots_of_garages_and_bicycles_become_series() {
    let Some(path) = shared("nl-vector/amsterdam_parking_garages.json") else { return };
    let outcome = read_ok(&path);
    assert_eq!((outcome.inspection.format, counts(&outcome.inspection)["snapshots"]), ("city-snapshots", 4));
    let layer = sensors(&outcome);
    let oostpoort =
        layer.datastreams.iter().find(|s| s.id == "900000118_parkinglocation#FreeSpaceShort").unwrap();
    assert_eq!((oostpoort.observed_property.as_str(), oostpoort.values[0]), ("parking_free", 175.0));
    assert!(layer.things.iter().all(|thing| thing.position.is_some()), "{:?}", outcome.inspection.faults);
    assert_eq!(outcome.crs, Epsg::RD_NEW);
    let Some(path) = shared("nl-vector/amsterdam_ovfiets.json") else { return };
    let outcome = read_ok(&path);
    assert_eq!(counts(&outcome.inspection)["snapshots"], 2);
    let layer = sensors(&outcome);
    let oss = layer.datastreams.iter().find(|stream| stream.id == "o001#rentalBikes").unwrap();
    assert_eq!((oss.times[0], oss.values[0]), (1_565_792_283, 3.0));
}
