//! What is written and read again is what it was.

use layers::{
    cutout::{
        export::{ExportFormat, export},
        losses::losses,
    },
    model::{FeatureLayer, Layer, LayerData, Value},
    readers::ReadOutcome,
};

use crate::support::{Scratch, read_ok};

fn features(layer: &Layer) -> &FeatureLayer {
    let LayerData::Features(data) = &layer.data else { panic!("features") };
    data
}

fn table_of(outcome: &ReadOutcome) -> (ReadOutcome, String) {
    let table = Scratch::new("uit.csv", b"");
    export(&[&outcome.layers[0]], outcome.crs, ExportFormat::Csv, &table.0).unwrap();
    let text = std::fs::read_to_string(&table.0).unwrap();
    (read_ok(&table.0), text)
}

#[test]
fn a_table_comes_back_with_its_coordinate_system_its_types_and_its_units() {
    // Not RD, and nothing in the numbers says what it is: UTM 32 in Lower Saxony.
    let text = r#"{"type":"FeatureCollection","crs":{"type":"name","properties":{"name":"urn:ogc:def:crs:EPSG::25832"}},"features":[
        {"type":"Feature","id":"a","properties":{"id":"a","ID":"anders","x":12.5,"code":"0123","aantal":3,"formule":"=1+1","is_open":true},"geometry":{"type":"Point","coordinates":[550000.25,5800000.5]}},
        {"type":"Feature","id":"b","properties":{"id":"b","ID":"nog iets","x":-1.5,"code":"77","aantal":null,"formule":"'s-Gravenhage","is_open":false},"geometry":{"type":"Point","coordinates":[550010.0,5800020.0]}}]}"#;
    let outcome = read_ok(&Scratch::new("in.geojson", text.as_bytes()).0);
    let (again, written) = table_of(&outcome);
    let mut header: Vec<String> = written.lines().next().unwrap().split(',').map(str::to_lowercase).collect();
    assert_eq!(header.len(), 9, "{header:?}");
    header.sort_unstable();
    header.dedup();
    assert_eq!(header.len(), 9, "no name stands there twice: {header:?}");
    assert_eq!(again.inspection.faults, [], "nothing is assumed");
    assert_eq!(again.crs, outcome.crs);
    assert_eq!(again.inspection.crs.as_deref(), Some("EPSG:25832"));
    let (before, after) = (features(&outcome.layers[0]), features(&again.layers[0]));
    let places = |layer: &FeatureLayer| -> Vec<_> {
        layer.features.iter().map(|feature| (feature.id.clone(), feature.geometry.clone())).collect()
    };
    assert_eq!(places(before), places(after));
    let value = |layer: &FeatureLayer, row: usize, name: &str| {
        layer.attributes.column(name).map(|column| column.get(row))
    };
    for name in ["code", "aantal", "formule", "is_open"] {
        for row in 0..2 {
            assert_eq!(value(after, row, name), value(before, row, name), "{name} {row}");
        }
    }
    assert_eq!(value(after, 0, "code"), Some(Value::Text("0123".to_owned())));
    assert_eq!(value(after, 1, "code"), Some(Value::Text("77".to_owned())), "text stays text");
    assert_eq!(value(after, 0, "x_2"), Some(Value::Real(12.5)));
    assert_eq!(value(after, 0, "ID_2"), Some(Value::Text("anders".to_owned())));
}

#[test]
fn lines_heights_and_units_come_back_from_a_table() {
    let text = "id,x,y,z,breedte [m]\n1,155000.5,463000.25,3.75,2\n2,155001,463001,4,2.5\n";
    let table = Scratch::new("hoog.csv", text.as_bytes());
    std::fs::write(table.0.with_extension("csvt"), "\"String\",\"CoordX\",\"CoordY\",\"Real\",\"Real\"\n")
        .unwrap();
    let rd = layers::crs::spatial_ref(layers::crs::Epsg(7415)).unwrap().to_wkt().unwrap();
    std::fs::write(table.0.with_extension("prj"), rd).unwrap();
    let outcome = read_ok(&table.0);
    let layer = features(&outcome.layers[0]);
    assert_eq!(layer.heights_of(0), Some(&[3.75][..]));
    let column = layer.attributes.column("breedte").unwrap();
    assert_eq!((column.unit.as_deref(), column.get(1)), (Some("m"), Value::Real(2.5)));
    let (again, written) = table_of(&outcome);
    assert_eq!(written.lines().next(), Some("id,x,y,z,breedte [m]"));
    assert_eq!(features(&again.layers[0]).heights_of(1), Some(&[4.0][..]));
    assert_eq!(again.inspection.faults, []);
}

#[test]
fn files_beside_a_table_that_do_not_fit_are_told_and_passed_over() {
    let table = Scratch::new("los.csv", b"id,lon,lat\n1,5.1,52.1\n");
    std::fs::write(table.0.with_extension("csvt"), "\"String\"\n").unwrap();
    std::fs::write(table.0.with_extension("prj"), "onzin").unwrap();
    let outcome = read_ok(&table.0);
    let codes: Vec<&str> = outcome.inspection.faults.iter().map(|fault| fault.code).collect();
    assert!(codes.contains(&"crs-unknown") && codes.contains(&"column-types"), "{codes:?}");
    let [west, south, ..] = outcome.inspection.bbox.unwrap();
    assert_eq!([west, south], [5.1, 52.1]);
}

#[test]
fn a_city_keeps_its_metadata_and_boxes_and_tells_its_nulls() {
    let text = r#"{"type":"CityJSON","version":"2.0","transform":{"scale":[0.001,0.001,0.001],"translate":[85000,447000,0]},
        "metadata":{"referenceSystem":"https://www.opengis.net/def/crs/EPSG/0/7415","title":"Stad","identifier":"nl.stad.1","pointOfContact":{"contactName":"Gemeente","emailAddress":"stad@example.org"}},
        "CityObjects":{
        "a":{"type":"Building","geographicalExtent":[85000,447000,0,85001,447001,3],"attributes":{"naam":"huis","jaar":null},"geometry":[{"type":"MultiSurface","lod":"1","boundaries":[[[0,1,2]]]}]},
        "b":{"type":"Building","attributes":{"naam":null,"jaar":1930},"geometry":[]}},
        "vertices":[[0,0,0],[1000,0,0],[0,1000,3000]]}"#;
    let outcome = read_ok(&Scratch::new("stad.city.json", text.as_bytes()).0);
    let told = losses(&[&outcome.layers[0]], ExportFormat::CityJson);
    assert!(told.iter().any(|fault| fault.message.starts_with("2 empty attribute values")), "{told:?}");
    for (format, name) in
        [(ExportFormat::CityJson, "uit.city.json"), (ExportFormat::CityJsonSeq, "uit.city.jsonl")]
    {
        let file = Scratch::new(name, b"");
        export(&[&outcome.layers[0]], outcome.crs, format, &file.0).unwrap();
        let written = std::fs::read_to_string(&file.0).unwrap();
        let first =
            if format == ExportFormat::CityJson { &*written } else { written.lines().next().unwrap() };
        let json: serde_json::Value = serde_json::from_str(first).unwrap();
        assert_eq!(json["metadata"]["identifier"], "nl.stad.1", "{name}");
        assert_eq!(json["metadata"]["pointOfContact"]["contactName"], "Gemeente");
        assert_eq!(json["metadata"]["title"], "Stad");
        assert!(
            written
                .contains("\"geographicalExtent\":[85000.0,447000.0,0.0,85001.0,447001.0,3.0],\"geometry\""),
            "{written}"
        );
        assert_eq!(json.as_object().unwrap().keys().filter(|key| *key == "geographicalExtent").count(), 0);
    }
}
