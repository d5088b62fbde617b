//! What a project does with a layer: finds things in it, draws it, exports it, keeps it.

use layers::{
    crs::LocalFrame,
    cutout::{
        Area,
        as_features::as_features,
        cut,
        export::{ExportFormat, export},
    },
    index::SpatialIndex,
    mesh::{
        TileGrid,
        buildings::mesh_city,
        drape::DrawnGround,
        mesh_model::mesh_meshes,
        points::{PointStyle, mesh_points},
        ribbon::mesh_streets,
        surfaces::{Draping, mesh_surfaces},
        terrain_mesh::mesh_ground,
        trees::mesh_trees,
    },
    model::{Layer, LayerData, Lod},
    readers::ReadOutcome,
    stored::{Decoder, Encoder, Stored},
};

/// Wider layers are not drawn: a few far points make a plane of many squares, which says nothing about a reader.
const MAX_DRAWN_M: f64 = 100_000.0;
/// Layers of more features are only looked at and stored: the fuzzer wants many inputs a second.
const MAX_FEATURES: usize = 2000;

pub fn go_on(outcome: &ReadOutcome) {
    for layer in &outcome.layers {
        find(&layer.data);
        draw(&layer.data);
        write(layer, outcome);
    }
    let mut encoder = Encoder::default();
    outcome.encode(&mut encoder);
    let bytes = encoder.finish();
    let mut decoder = Decoder::new(&bytes);
    let again = ReadOutcome::decode(&mut decoder).expect("what was stored can be taken back");
    assert_eq!(decoder.remaining(), 0);
    assert_eq!(again.layers.len(), outcome.layers.len());
}

fn find(data: &LayerData) {
    let index = match data {
        LayerData::City(model) => SpatialIndex::of_objects(model),
        LayerData::Features(layer) => SpatialIndex::of_features(layer),
        LayerData::Streets(network) => SpatialIndex::of_links(network),
        LayerData::Transit(table) => SpatialIndex::of_stops(table),
        LayerData::Sensors(sensors) => SpatialIndex::of_things(sensors),
        _ => return,
    };
    let center = data.bounds().center();
    if center.iter().all(|value| value.is_finite()) {
        index.nearest([center[0], center[1]]);
    }
}

fn draw(data: &LayerData) {
    let bounds = data.bounds();
    if bounds.is_empty() || bounds.size()[0].max(bounds.size()[1]) > MAX_DRAWN_M {
        return;
    }
    let frame = LocalFrame { origin: bounds.center() };
    let grid = TileGrid::default();
    let ground = DrawnGround::flat(bounds, 0.0);
    let draping = Draping { ground: &ground, frame, grid };
    match data {
        LayerData::City(model) => drop(mesh_city(model, Lod::new(2, 2), frame, grid, 0)),
        LayerData::Features(layer) => {
            mesh_surfaces(layer, draping, 0);
            mesh_trees(layer, draping, 0);
        }
        LayerData::Streets(network) => drop(mesh_streets(network, draping, 0)),
        LayerData::Meshes(model) => drop(mesh_meshes(model, frame, grid, 0)),
        LayerData::Points(cloud) => drop(mesh_points(cloud, frame, grid, 0, PointStyle::default())),
        LayerData::Terrain(terrain) => {
            drop(mesh_ground(&DrawnGround::from_terrain(terrain, 10_000), frame, 0));
        }
        LayerData::Transit(_) | LayerData::Sensors(_) => {}
    }
}

fn write(layer: &Layer, outcome: &ReadOutcome) {
    let Some(flat) = as_features(layer) else { return };
    if flat.features.len() > MAX_FEATURES {
        return;
    }
    let folder = super::scratch().join("out");
    std::fs::create_dir_all(&folder).expect("the scratch folder can be made");
    for (format, word, _, extension) in ExportFormat::ALL {
        // GDAL takes longer than everything else together, and it is not what is looked at here.
        if format == ExportFormat::GeoPackage || format == ExportFormat::GeoTiff || !format.takes(&layer.data)
        {
            continue;
        }
        // An error is an answer, such as for a place that WGS 84 does not have.
        let _ = export(&[layer], outcome.crs, format, &folder.join(format!("{word}.{extension}")));
    }
    let bounds = layer.data.bounds();
    if !bounds.is_empty() {
        let [x, y, _] = bounds.center();
        if let Ok(area) = Area::from_box([bounds.min[0], bounds.min[1], x, y]) {
            cut(layer, &area);
        }
    }
}
