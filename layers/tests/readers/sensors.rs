//! SensorThings in its written forms.

use layers::{
    crs::Epsg,
    model::{LayerData, SensorLayer},
    readers::ReadOutcome,
};

use crate::support::{Scratch, assert_near, counts, fixture, read_ok, shared};

fn sensors(outcome: &ReadOutcome) -> &SensorLayer {
    let LayerData::Sensors(sensors) = &outcome.layers[0].data else { panic!("sensors") };
    sensors
}

#[test]
fn observations_one_a_line_make_a_series() {
    let Some(path) = shared("sensors/sta-groundwater-noord-holland/observations1.json") else { return };
    let outcome = read_ok(&path);
    let found = counts(&outcome.inspection);
    assert_eq!((found["things"], found["datastreams"], found["observations"]), (1, 1, 3745));
    assert_eq!(
        outcome.inspection.time,
        Some(["2018-08-06T12:00:00Z".to_owned(), "2019-01-09T12:00:00Z".to_owned()])
    );
    let stream = &sensors(&outcome).datastreams[0];
    assert_eq!((stream.times.len(), stream.values[0], stream.values[3744]), (3745, 10.906, 10.781));
    assert_eq!(stream.at(1_533_556_800 + 90 * 60), Some((1_533_560_400, 10.902)), "the last value holds");
}

#[test]
fn single_entities_are_read() {
    let Some(path) = shared("sensors/sta-groundwater-noord-holland/dataStream1.json") else { return };
    let outcome = read_ok(&path);
    let stream = &sensors(&outcome).datastreams[0];
    assert_eq!(
        (stream.name.as_str(), stream.observed_property.as_str(), stream.unit.as_str()),
        ("grondwaterstand", "Temperatuur", "°C")
    );
    let Some(path) = shared("sensors/sta-groundwater-noord-holland/location.json") else { return };
    let outcome = read_ok(&path);
    let [x, y, ..] = outcome.inspection.bbox.unwrap();
    assert_near(&[x, y], &[-114.06, 51.05], 1e-9);
}

#[test]
fn a_document_of_things_gives_places_cards_and_series() {
    let outcome = read_ok(&fixture("sensorthings/good-document.json"));
    assert_eq!(outcome.crs, Epsg::RD_NEW);
    let found = counts(&outcome.inspection);
    assert_eq!((found["things"], found["datastreams"], found["observations"]), (2, 3, 7));
    let layer = sensors(&outcome);
    let thing = &layer.things[0];
    let [x, y, z] = thing.position.unwrap();
    assert_near(&[x, y], &[155_000.0, 463_000.0], 0.5);
    assert_eq!(z, 2.5);
    assert_eq!(thing.card.owner.as_deref(), Some("Gemeente Vechtstede (fictional)"));
    assert_eq!(thing.card.processes_personal_data, Some(false));
    assert!(layer.things[1].position.is_none() && layer.things[1].card.owner.is_none());
    let no2 = &layer.datastreams[0];
    assert_eq!((no2.observed_property.as_str(), no2.unit.as_str(), no2.thing), ("NO2", "µg/m³", 0));
    assert!(no2.times.is_sorted());
    assert_eq!(no2.values, [21.5, 22.0, 19.0], "sorted by time, the null left out");
    assert_eq!(layer.datastreams[2].values, [5.0, 6.0], "dataArray");
    let codes: Vec<&str> = outcome.inspection.faults.iter().map(|fault| fault.code).collect();
    assert_eq!(codes, ["observation-missing", "observation-time"]);
}

#[test]
fn a_server_page_of_datastreams_finds_their_things() {
    let page = r#"{"@iot.count":2,"value":[
        {"@iot.id":7,"name":"geluid","unitOfMeasurement":{"symbol":"dB(A)"},
         "ObservedProperty":{"name":"noise_lden"},
         "Thing":{"@iot.id":3,"name":"mast","Locations":[{"location":{"type":"Point","coordinates":[4.9,52.37]}}]},
         "Observations":[{"phenomenonTime":"2026-06-15T10:00:00Z","result":"61.5"}]},
        {"@iot.id":8,"name":"fijnstof","unitOfMeasurement":{"symbol":"µg/m³"},"Thing":{"@iot.id":3,"name":"mast"}}
    ]}"#;
    let file = Scratch::new("page.json", page.as_bytes());
    let outcome = read_ok(&file.0);
    let layer = sensors(&outcome);
    assert_eq!((layer.things.len(), layer.datastreams.len()), (1, 2));
    assert_eq!(layer.things[0].id, "3");
    assert!(layer.datastreams.iter().all(|stream| stream.thing == 0));
    assert_eq!(layer.datastreams[0].values, [61.5]);
}
