//! The demo town: what it promises, and that its written files are right when read with other eyes.

mod buildings;
mod files;
mod life;
mod round_trip;
mod streets;

use std::sync::{Arc, OnceLock};

use layers::{
    demo::{self, DemoCity},
    model::{CityModel, FeatureLayer, LayerData, SensorLayer, StreetNetwork, Terrain, Timetable},
};

pub fn city() -> &'static DemoCity {
    static CITY: OnceLock<DemoCity> = OnceLock::new();
    CITY.get_or_init(|| demo::build(demo::DEMO_SEED))
}

fn data(id: &str) -> &'static LayerData {
    &city().layer(id).unwrap_or_else(|| panic!("layer {id}")).data
}

pub fn buildings() -> &'static CityModel {
    let LayerData::City(model) = data("buildings") else { panic!("buildings are a city model") };
    model
}

pub fn streets() -> &'static StreetNetwork {
    let LayerData::Streets(network) = data("streets") else { panic!("streets are a network") };
    network
}

pub fn transit() -> &'static Timetable {
    let LayerData::Transit(table) = data("transit") else { panic!("transit is a timetable") };
    table
}

pub fn sensors() -> &'static SensorLayer {
    let LayerData::Sensors(sensors) = data("sensors") else { panic!("sensors are sensors") };
    sensors
}

pub fn terrain() -> &'static Terrain {
    let LayerData::Terrain(terrain) = data("terrain") else { panic!("terrain is a terrain") };
    terrain
}

pub fn features(id: &str) -> &'static FeatureLayer {
    let LayerData::Features(layer) = data(id) else { panic!("{id} are features") };
    layer
}

pub fn sum(table: &layers::model::AttributeTable, column: &str) -> f64 {
    (0..table.rows()).filter_map(|row| table.get(row, column).as_f64()).sum()
}

#[test]
fn the_town_has_all_its_layers_and_says_that_it_is_fictional() {
    let ids: Vec<&str> = city().layers.iter().map(|layer| layer.id.as_str()).collect();
    assert_eq!(
        ids,
        [
            "buildings",
            "streets",
            "transit",
            "sensors",
            "neighbourhoods",
            "surfaces",
            "trees",
            "rail",
            "points-of-interest",
            "cordon",
            "terrain"
        ]
    );
    for layer in &city().layers {
        assert!(layer.provenance.source.contains("fictional"), "{}", layer.id);
        assert_eq!(layer.provenance.licence, "CC0-1.0");
        assert!(!layer.title.is_empty() && layer.faults.is_empty());
        assert!(!layer.data.bounds().is_empty(), "{} lies somewhere", layer.id);
    }
}

#[test]
fn equal_seeds_give_equal_towns_and_other_seeds_others() {
    let again = demo::build(demo::DEMO_SEED);
    let other = demo::build(7);
    for (a, b) in city().layers.iter().zip(&again.layers) {
        let is_equal = match (&a.data, &b.data) {
            (LayerData::City(a), LayerData::City(b)) => a == b,
            (LayerData::Features(a), LayerData::Features(b)) => a == b,
            (LayerData::Streets(a), LayerData::Streets(b)) => a == b,
            (LayerData::Transit(a), LayerData::Transit(b)) => a == b,
            (LayerData::Sensors(a), LayerData::Sensors(b)) => a == b,
            (LayerData::Terrain(a), LayerData::Terrain(b)) => a == b,
            _ => false,
        };
        assert!(is_equal, "{}", a.id);
    }
    let LayerData::City(model) = &other.layer("buildings").unwrap().data else { panic!() };
    assert_ne!(buildings().vertices, model.vertices);
    assert!(model.objects.len() > 4000, "another seed is a whole town too");
    assert!(Arc::strong_count(model) >= 1);
}
