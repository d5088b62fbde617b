//! Delimited text, geometry in cells, tables joined by id, JSON records.

use std::path::Path;

use layers::{
    crs::{Epsg, Transform},
    model::{FeatureLayer, LayerData, Value},
    readers::{
        self, FormatReader, ReadOutcome, Severity,
        table::{join_table, match_keys},
    },
};

use crate::support::{Scratch, assert_near, counts, fixture, read, read_ok, shared};

fn features(outcome: &ReadOutcome) -> &FeatureLayer {
    let LayerData::Features(layer) = &outcome.layers[0].data else { panic!("features") };
    layer
}

fn table(name: &str, bytes: &[u8]) -> ReadOutcome {
    read_ok(&Scratch::new(name, bytes).0)
}

fn codes(outcome: &ReadOutcome) -> Vec<&'static str> {
    outcome.inspection.faults.iter().map(|fault| fault.code).collect()
}

#[test]
fn polygons_in_a_column_are_areas() {
    for (name, count) in [("bgt_roads_demo", 28), ("bgt_buildings_demo", 31), ("bag_buildings_demo", 31)] {
        let Some(path) = shared(&format!("nl-vector/amsterdam-bgt-csv/{name}.csv")) else { return };
        let outcome = read_ok(&path);
        assert_eq!((outcome.inspection.features, outcome.crs), (count, Epsg::RD_NEW), "{name}");
        assert_eq!(outcome.inspection.fields, ["bgt_type", "x_min", "y_max", "x_max", "y_min"]);
        assert!(codes(&outcome).contains(&"crs-missing"), "RD was only guessed");
        let layer = features(&outcome);
        for (row, feature) in layer.features.iter().enumerate() {
            let Some(geo::Geometry::Polygon(polygon)) = &feature.geometry else { panic!("{name} {row}") };
            // The file states the box of each polygon beside it.
            let rect = geo::BoundingRect::bounding_rect(polygon).unwrap();
            let stated = |column: &str| layer.attributes.get(row, column).as_f64().unwrap();
            assert_near(
                &[rect.min().x, rect.min().y, rect.max().x, rect.max().y],
                &[stated("x_min"), stated("y_min"), stated("x_max"), stated("y_max")],
                0.01,
            );
        }
    }
}

#[test]
fn a_table_without_coordinates_is_joined_to_the_streets_by_id() {
    let (Some(congestion), Some(stress), Some(streets)) = (
        shared("transit/porto_alegre_osm_congestion.csv"),
        shared("transit/porto_alegre_osm_lts.csv"),
        shared("osm-roads/porto_alegre.osm.pbf"),
    ) else {
        return;
    };
    let (congestion, stress) = (read_ok(&congestion), read_ok(&stress));
    assert_eq!((congestion.inspection.features, stress.inspection.features), (61, 62));
    assert_eq!((congestion.inspection.format, congestion.crs), ("csv-table", Epsg::LOCAL));
    assert!(codes(&congestion).contains(&"no-coordinates"));
    let table = features(&congestion);
    assert!(table.features.iter().all(|feature| feature.geometry.is_none()));
    assert_eq!(table.attributes.get(0, "max_speed"), Value::Real(0.5));
    let streets = read_ok(&streets);
    let network = streets
        .layers
        .iter()
        .find_map(|layer| if let LayerData::Streets(streets) = &layer.data { Some(streets) } else { None })
        .unwrap();
    let ways: Vec<String> = network.links.iter().map(|link| link.way_id.clone()).collect();
    let keys: Vec<String> = (0..61).map(|row| table.attributes.get(row, "osm_id").to_text()).collect();
    let join = match_keys(&ways, &keys);
    let found = join.rows.iter().flatten().collect::<std::collections::BTreeSet<_>>().len();
    println!("{found} of 61 ways found, {} links", join.matched);
    assert_eq!(
        found + join.unmatched_rows.len() + join.repeated_rows.len(),
        61,
        "every row is accounted for"
    );
    assert!(found > 50 && join.matched >= found, "{found} {}", join.matched);
    assert!(!join.unmatched_things.is_empty(), "most streets are not congested");
}

#[test]
fn bag_ids_join_footprints_to_a_table() {
    let Some(path) = shared("nl-vector/delft_tudcampus_bag_footprints.geojson") else { return };
    let footprints = read_ok(&path);
    let layer = features(&footprints);
    let key = layer
        .attributes
        .columns()
        .iter()
        .map(|column| column.name.clone())
        .find(|name| name.to_lowercase().contains("identificatie"))
        .unwrap();
    let ids: Vec<String> = (0..3).map(|row| layer.attributes.get(row, &key).to_text()).collect();
    // A spreadsheet takes the leading zero off.
    let rows: Vec<String> = ids.iter().map(|id| format!("{};12\n", id.trim_start_matches('0'))).collect();
    let rows = rows.concat();
    let table = table("energie.csv", format!("pand;verbruik\n{rows}999;1\n").as_bytes());
    let (joined, join) = join_table(layer, &key, features(&table), "pand").unwrap();
    assert!(join.matched >= 3);
    assert_eq!(join.unmatched_rows, ["999"]);
    assert_eq!(joined.attributes.get(0, "verbruik"), Value::Integer(12));
    assert_eq!(joined.features.len(), 1529);
}

#[test]
fn the_ways_to_write_a_place_all_lead_there() {
    let to_rd = Transform::new(Epsg::ETRS89, Epsg::RD_NEW).unwrap();
    let [x, y, _] = to_rd.apply_one([5.1214, 52.0907, 0.0]).unwrap();
    let rd_comma = format!("{x:.3};{y:.3}").replace('.', ",");
    for (text, stated, expected_fault) in [
        ("naam,lon,lat\nDom,5.1214,52.0907\n".to_owned(), Some("EPSG:4326"), None),
        ("naam;lat;lng\nDom;52,0907;5,1214\n".to_owned(), Some("EPSG:4326"), None),
        ("naam\tlongitude\tlatitude\nDom\t5.1214\t52.0907\n".to_owned(), Some("EPSG:4326"), None),
        ("\u{feff}naam|breedtegraad|lengtegraad\nDom|52.0907|5.1214\n".to_owned(), Some("EPSG:4326"), None),
        (format!("naam;X-coordinaat;Y-coordinaat\nDom;{rd_comma}\n"), None, Some("crs-missing")),
        (format!("naam;rd_x;rd_y\nDom;{rd_comma}\n"), Some("EPSG:28992"), None),
        ("naam,geo_point_2d\nDom,\"52.0907, 5.1214\"\n".to_owned(), Some("EPSG:4326"), None),
        ("naam;wkt\nDom;POINT (5.1214 52.0907)\n".to_owned(), None, Some("crs-missing")),
        (
            format!("naam;geom\nDom;SRID=28992;POINT ({x} {y})\n")
                .replace("SRID=28992;", "\"SRID=28992;")
                .replace(")\n", ")\"\n"),
            Some("EPSG:28992"),
            None,
        ),
        // Named wrongly: noticed and told.
        ("naam,lon,lat\nDom,52.0907,5.1214\n".to_owned(), Some("EPSG:4326"), Some("axis-order")),
        (format!("naam,lon,lat\nDom,{x},{y}\n"), Some("EPSG:28992"), Some("crs-missing")),
    ] {
        let outcome = table("plek.csv", text.as_bytes());
        let Some(geo::Geometry::Point(point)) = features(&outcome).features[0].geometry else {
            panic!("{text}: {:?}", outcome.inspection);
        };
        assert_near(&[point.x(), point.y()], &[x, y], 2e-3);
        assert_eq!(outcome.inspection.crs.as_deref(), stated, "{text}");
        let faults = codes(&outcome);
        match expected_fault {
            Some(code) => assert!(faults.contains(&code), "{text}: {faults:?}"),
            None => assert!(faults.iter().all(|code| *code == "decimal-comma"), "{text}: {faults:?}"),
        }
    }
}

#[test]
fn old_encodings_decimal_commas_and_quotes_are_understood() {
    let outcome = table("oud.csv", b"id;naam;hoogte;x;y\n1;\"Caf\xe9 \"\"De Brug\"\"; oost\";2,75;136500;455900\n2;Plein;3;136600;455800\n");
    let layer = features(&outcome);
    assert_eq!(layer.attributes.get(0, "naam"), Value::Text("Café \"De Brug\"; oost".into()));
    assert_eq!(layer.attributes.get(0, "hoogte"), Value::Real(2.75));
    assert_eq!(layer.attributes.get(1, "hoogte"), Value::Real(3.0));
    let encoding = outcome.inspection.faults.iter().find(|fault| fault.code == "encoding").unwrap();
    assert!(encoding.location == "row 2" && encoding.message.contains("Windows-1252"), "{encoding:?}");
    assert!(codes(&outcome).contains(&"decimal-comma"));
    let error = read(&Scratch::new("breed.csv", b"\xff\xfea\0;\0b\0").0).unwrap_err();
    assert!(error.to_string().contains("UTF-16") || error.to_string().contains("no reader"), "{error}");
}

#[test]
fn absurd_places_and_ragged_rows_cost_only_themselves() {
    let outcome = table(
        "fout.csv",
        b"id,lon,lat\na,5.1,52.1\nb,512.1,52.1\nc,vijf,52\nd,,\ne,5.1\nf,5.2,52.2,7\na,5.3,52.3\ng,NaN,1e400\n",
    );
    let layer = features(&outcome);
    let placed: Vec<&str> =
        layer.features.iter().filter(|f| f.geometry.is_some()).map(|f| f.id.as_str()).collect();
    assert_eq!(placed, ["a", "f", "a#1"]);
    assert_eq!(layer.features.len(), 8);
    let told = |code: &str, place: &str| {
        outcome.inspection.faults.iter().any(|fault| fault.code == code && fault.location == place)
    };
    for (code, place) in [
        ("coordinates", "row 3"),
        ("coordinates", "row 4"),
        ("coordinates", "row 6"),
        ("coordinates", "row 9"),
        ("row-length", "row 6"),
        ("row-length", "row 7"),
        ("duplicate-id", "row 8"),
    ] {
        assert!(told(code, place), "{code} {place}: {:?}", outcome.inspection.faults);
    }
    assert!(!told("coordinates", "row 5"), "an empty place is no fault");
    let message = &outcome.inspection.faults.iter().find(|fault| fault.location == "row 3").unwrap().message;
    assert!(message.contains("512.1") && message.contains("−180 to 180"), "{message}");
}

#[test]
fn a_table_with_a_key_only_is_a_table() {
    let outcome = read_ok(&fixture("csv-table/good-stress.csv"));
    let layer = features(&outcome);
    assert_eq!(layer.attributes.get(0, "osm_id"), Value::Text("27184648".into()));
    assert_eq!(layer.attributes.get(1, "lts"), Value::Integer(2));
    assert!(outcome.inspection.faults.iter().all(|fault| fault.severity == Severity::Info));
}

#[test]
fn records_with_a_place_are_found_wherever_they_lie() {
    // The reader of snapshots takes these two files first and makes series of them; as records they are read too.
    let as_records = |path: &Path| {
        layers::crs::ensure_init();
        let source = readers::Source::from_path(path);
        readers::records::JsonRecordsReader.read(&source, &mut readers::ReadContext::default()).unwrap()
    };
    let Some(path) = shared("nl-vector/amsterdam_parking_garages.json") else { return };
    let outcome = as_records(&path);
    let layer = features(&outcome);
    assert_eq!((outcome.inspection.format, outcome.crs), ("json-records", Epsg::RD_NEW));
    println!("{:?}", counts(&outcome.inspection));
    assert!(layer.features.len() >= 4 && layer.features.iter().all(|feature| feature.geometry.is_some()));
    assert_eq!(layer.attributes.get(0, "Name"), Value::Text("CE-P28 PTA Touringcars".into()));
    assert_eq!(layer.attributes.get(0, "fields.scraped_at"), Value::Text("2019-08-28T13:50:18.439Z".into()));
    assert!(layers::crs::looks_like_rd(&layer.bounds()));
    let Some(path) = shared("nl-vector/amsterdam_ovfiets.json") else { return };
    let outcome = as_records(&path);
    let layer = features(&outcome);
    println!("{:?} {:?}", counts(&outcome.inspection), outcome.inspection.fields);
    assert_eq!(outcome.crs, Epsg::RD_NEW);
    assert!(layer.features.iter().all(|feature| feature.geometry.is_some()));
    assert!(layer.attributes.column("extra.rentalBikes").is_some());
}

#[test]
fn records_keep_their_nested_values() {
    let outcome = read_ok(&fixture("json-records/good-stallingen.json"));
    let layer = features(&outcome);
    assert_eq!((layer.features.len(), outcome.crs), (2, Epsg::RD_NEW));
    assert_eq!(layer.attributes.get(0, "plekken.vrij"), Value::Integer(14));
    assert_eq!(layer.attributes.get(1, "plekken.vrij"), Value::Null);
    for text in ["[{\"a\": 1}", "[{]"] {
        let error = read(&Scratch::new("kapot.json", text.as_bytes()).0).unwrap_err();
        assert!(error.to_string().contains("line 1, column"), "{error}");
    }
    let deep = format!("[{{\"a\":{}", "[".repeat(100_000));
    assert!(read(&Scratch::new("diep.json", deep.as_bytes()).0).is_err());
}
