//! Outlines that would keep the drawing busy for minutes: read, told, drawn. What they look like in the end is tested
//! beside `mesh::triangulate`; the time here is only a guard.

use std::{
    fmt::Write as _,
    time::{Duration, Instant},
};

use layers::{
    crs::LocalFrame,
    mesh::{Role, TileGrid, drape::DrawnGround, surfaces::Draping, surfaces::mesh_polygons},
    model::{Layer, LayerData},
    readers::ReadOutcome,
};

use crate::support::{Scratch, read_ok};

fn read_rings(rings: &[Vec<[f64; 2]>]) -> ReadOutcome {
    let mut text = String::from(
        r#"{"type":"FeatureCollection","crs":{"type":"name","properties":{"name":"urn:ogc:def:crs:EPSG::28992"}},"features":[{"type":"Feature","id":"klad","properties":{},"geometry":{"type":"Polygon","coordinates":["#,
    );
    for (number, ring) in rings.iter().enumerate() {
        text.push_str(if number > 0 { ",[" } else { "[" });
        for [x, y] in ring.iter().chain(ring.first()) {
            let _ = write!(text, "[{:.4},{:.4}],", 155_000.0 + x, 463_000.0 + y);
        }
        text.pop();
        text.push(']');
    }
    text.push_str("]}}]}");
    read_ok(&Scratch::new("outline.geojson", text.as_bytes()).0)
}

/// The triangles drawn of a layer.
fn draw(layer: &Layer) -> usize {
    let LayerData::Features(features) = &layer.data else { panic!("features") };
    let bounds = layer.data.bounds();
    let ground = DrawnGround::flat(bounds, 0.0);
    let frame = LocalFrame { origin: bounds.center() };
    let draping = Draping { ground: &ground, frame, grid: TileGrid::default() };
    let tiles = mesh_polygons(features, draping, 0, Role::Generic, 0.1);
    tiles.values().map(|mesh| mesh.indices.len() / 3).sum()
}

#[test]
fn no_outline_keeps_the_drawing_busy() {
    let mut random = fastrand::Rng::with_seed(11);
    let scribble = |random: &mut fastrand::Rng, corners: usize| -> Vec<Vec<[f64; 2]>> {
        vec![(0..corners).map(|_| [random.f64() * 1_000.0, random.f64() * 1_000.0]).collect()]
    };
    let mut sieve = vec![vec![[0.0, 0.0], [1_000.0, 0.0], [1_000.0, 1_000.0], [0.0, 1_000.0]]];
    sieve.extend((0..20_000).map(|hole| {
        let (x, y) = (f64::from(hole % 150) * 6.0 + 1.0, f64::from(hole / 150) * 6.0 + 1.0);
        vec![[x, y], [x, y + 4.0], [x + 4.0, y + 4.0], [x + 4.0, y]]
    }));
    let mut comb = vec![[1_000.0, -1.0]];
    comb.extend((0..100_000).rev().flat_map(|tooth| {
        let x = f64::from(tooth) * 0.01;
        [[x + 0.006, 0.0], [x + 0.003, 1_000.0]]
    }));
    comb.extend([[0.0, 0.0], [0.0, -1.0]]);
    let cases = [
        ("a scribble of 1,500 corners", scribble(&mut random, 1_500), false),
        ("a scribble of 10,000 corners", scribble(&mut random, 10_000), true),
        ("a scribble of 300,000 corners", scribble(&mut random, 300_000), true),
        ("20,000 holes", sieve, false),
        ("100,000 teeth", vec![comb], false),
    ];
    for (name, rings, is_told) in cases {
        let start = Instant::now();
        let outcome = read_rings(&rings);
        let read = start.elapsed();
        let triangles = draw(&outcome.layers[0]);
        println!("{name}: read after {read:?}, {triangles} triangles after {:?}", start.elapsed());
        assert!(start.elapsed() < Duration::from_secs(20), "{name}");
        assert!(triangles > 1_000, "{name}: {triangles}");
        let told =
            |fault: &layers::readers::Fault| fault.code == "outline-tangled" && fault.location == "klad";
        assert_eq!(outcome.layers[0].faults.iter().any(told), is_told, "{name}");
        assert_eq!(outcome.inspection.faults.iter().any(told), is_told, "{name}");
    }
}
