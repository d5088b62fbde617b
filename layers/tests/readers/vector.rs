//! GeoPackage, GeoJSON and tables of points.

use layers::{
    crs::Epsg,
    model::{FeatureLayer, FeatureRole, LayerData},
    readers::ReadOutcome,
};

use crate::support::{assert_near, counts, read_ok, shared};

fn features(outcome: &ReadOutcome, name: &str) -> FeatureLayer {
    outcome
        .layers
        .iter()
        .find_map(|layer| match &layer.data {
            LayerData::Features(features) if features.name == name => Some((**features).clone()),
            _ => None,
        })
        .unwrap_or_else(|| panic!("no layer {name}"))
}

#[test]
fn the_same_addresses_in_rd_and_in_degrees_are_the_same_places() {
    let (Some(rd), Some(degrees)) =
        (shared("nl-vector/otterlo_addresses_28992.gpkg"), shared("nl-vector/otterlo_addresses_4326.gpkg"))
    else {
        return;
    };
    let (rd, degrees) = (read_ok(&rd), read_ok(&degrees));
    assert_eq!(counts(&rd.inspection)["OGRGeoJSON"], 2481);
    assert_eq!(counts(&degrees.inspection)["OGRGeoJSON"], 2481);
    assert_eq!(
        (rd.inspection.crs.as_deref(), degrees.inspection.crs.as_deref()),
        (Some("EPSG:28992"), Some("EPSG:4326"))
    );
    assert_eq!((rd.crs, degrees.crs), (Epsg::RD_NEW, Epsg::RD_NEW));
    let [x0, y0, _, x1, y1, _] = rd.inspection.bbox.unwrap();
    assert_near(&[x0, y0, x1, y1], &[174_420.0, 450_567.0, 185_280.0, 459_543.0], 1e-3);
    let (first, second) = (features(&rd, "OGRGeoJSON"), features(&degrees, "OGRGeoJSON"));
    let mut worst = 0.0_f64;
    for (a, b) in first.features.iter().zip(&second.features) {
        let (Some(geo::Geometry::Point(a)), Some(geo::Geometry::Point(b))) = (&a.geometry, &b.geometry)
        else {
            panic!("addresses are points");
        };
        worst = worst.max((a.x() - b.x()).hypot(a.y() - b.y()));
    }
    println!("worst difference {worst:.3} m");
    // The degrees are rounded to 1e-6 or so and came through the 7 cm path.
    assert!(worst < 0.6, "{worst}");
    assert_eq!(first.attributes.get(7, "straatnaam"), second.attributes.get(7, "straatnaam"));
}

#[test]
fn every_table_of_a_geopackage_is_a_layer() {
    let Some(path) = shared("nl-vector/amsterdam_bag.gpkg") else { return };
    let outcome = read_ok(&path);
    let found = counts(&outcome.inspection);
    assert_eq!((found["ligplaatsen"], found["standplaatsen"], found["verblijfsobjecten"]), (67, 1, 1836));
    assert_eq!(outcome.crs, Epsg::RD_NEW);
    let homes = features(&outcome, "verblijfsobjecten");
    let [x0, y0, _, x1, y1, _] = homes.bounds().to_array().unwrap();
    assert_near(&[x0, y0, x1, y1], &[120_880.0, 488_872.0, 121_327.0, 489_338.0], 1e-6);
    let ids: std::collections::BTreeSet<&str> =
        outcome.layers.iter().map(|layer| layer.id.as_str()).collect();
    assert_eq!(ids.len(), outcome.layers.len());
}

#[test]
fn geojson_in_degrees_and_in_rd_lands_in_rd() {
    for (name, count, crs) in [
        ("osm-roads/amsterdam_bus_stops.geojson", 2939, "EPSG:4326"),
        ("nl-vector/amsterdam_tram_lines.geojson", 584, "EPSG:28992"),
        ("nl-vector/delft_tudcampus_bag_footprints.geojson", 1529, "EPSG:28992"),
        ("nl-vector/amsterdam_stadsdeel.geojson", 1, "EPSG:4326"),
    ] {
        let Some(path) = shared(name) else { return };
        let outcome = read_ok(&path);
        assert_eq!(outcome.inspection.features, count, "{name}");
        assert_eq!(outcome.inspection.crs.as_deref(), Some(crs), "{name}");
        assert_eq!(outcome.crs, Epsg::RD_NEW, "{name}");
        let bounds = outcome.layers[0].data.bounds();
        assert!(layers::crs::looks_like_rd(&bounds), "{name} {bounds:?}");
    }
}

#[test]
fn polygons_keep_their_area_and_ids() {
    let Some(path) = shared("transit/helsinki_population_grid.gpkg") else { return };
    let outcome = read_ok(&path);
    let grid = features(&outcome, "population_grid_2020");
    assert_eq!(grid.features.len(), 92);
    assert_eq!(outcome.crs, Epsg(32635));
    for feature in &grid.features {
        let Some(geometry) = &feature.geometry else { panic!("{}", feature.id) };
        let area = geo::Area::unsigned_area(geometry);
        assert!((area / 62_500.0 - 1.0).abs() < 0.01, "cells are 250 m wide: {area}");
    }
}

#[test]
fn a_table_of_hexagons_becomes_zones() {
    let Some(path) = shared("transit/porto_alegre_hexgrid.csv") else { return };
    let outcome = read_ok(&path);
    assert_eq!((outcome.inspection.features, outcome.crs), (1227, Epsg(32722)));
    assert_eq!(outcome.inspection.fields, ["id", "population", "schools", "jobs", "healthcare"]);
    let zones = features(&outcome, "porto-alegre-hexgrid");
    assert_eq!(zones.role, FeatureRole::Zones);
    assert_eq!(zones.features[0].id, "89a901291abffff");
    assert_eq!(zones.attributes.get(0, "jobs").as_f64(), Some(1214.0));
    let population: f64 = (0..1227).filter_map(|row| zones.attributes.get(row, "population").as_f64()).sum();
    assert!(population > 500_000.0, "{population}");
    let Some(pois) = shared("transit/porto_alegre_points_of_interest.csv") else { return };
    assert_eq!(read_ok(&pois).inspection.features, 15);
}
