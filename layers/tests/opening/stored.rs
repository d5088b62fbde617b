//! What is stored comes back as it was, and damaged bytes give errors.

use layers::{
    model::LayerData,
    readers::{self, ReadContext, Source},
    stored::{Decoder, Encoder, Stored, container::build_number, outcome},
};

fn bytes_of(data: &LayerData) -> Vec<u8> {
    let mut encoder = Encoder::default();
    data.encode(&mut encoder);
    encoder.bytes
}

fn is_same(a: &LayerData, b: &LayerData) -> bool {
    match (a, b) {
        (LayerData::City(a), LayerData::City(b)) => a == b,
        (LayerData::Features(a), LayerData::Features(b)) => a == b,
        (LayerData::Streets(a), LayerData::Streets(b)) => a == b,
        (LayerData::Transit(a), LayerData::Transit(b)) => a == b,
        (LayerData::Sensors(a), LayerData::Sensors(b)) => a == b,
        // Holes are NaN, which is not equal to itself.
        (LayerData::Terrain(_), LayerData::Terrain(_)) => bytes_of(a) == bytes_of(b),
        (LayerData::Meshes(a), LayerData::Meshes(b)) => a == b,
        (LayerData::Points(a), LayerData::Points(b)) => a == b,
        _ => false,
    }
}

#[test]
fn every_layer_of_the_demo_city_comes_back_equal() {
    let city = layers::demo::build(layers::demo::DEMO_SEED);
    for layer in &city.layers {
        let bytes = bytes_of(&layer.data);
        let mut decoder = Decoder::new(&bytes);
        let back = LayerData::decode(&mut decoder).unwrap();
        assert_eq!(decoder.remaining(), 0, "{}", layer.id);
        assert!(is_same(&layer.data, &back), "{}", layer.id);
    }
}

#[test]
fn real_files_of_every_kind_come_back_equal() {
    let folder = super::folder("real");
    for relative in [
        "3d-city/delft_3dbag_2024.city.jsonl",
        "3d-city/citygml3_opera_lyon_lod2.gml",
        "osm-roads/porto_alegre.osm.pbf",
        "transit/porto_alegre_eptc_gtfs.zip",
        "pointcloud-terrain/portland_ned_nodata.tif",
        "pointcloud-terrain/amsterdam_ahn_2386_9702.laz",
        "nl-vector/otterlo_addresses_28992.gpkg",
        "3d-tiles/amsterdam/tiles/1.glb",
    ] {
        let Some(path) = super::shared(relative) else { return };
        let read = readers::read(&Source::from_path(path), &mut ReadContext::default()).unwrap();
        let file = folder.join("outcome");
        outcome::write(&file, &read).unwrap();
        let back = outcome::read(&file, Some(build_number())).unwrap();
        assert_eq!(back.inspection.counts, read.inspection.counts, "{relative}");
        assert_eq!(back.inspection.faults, read.inspection.faults, "{relative}");
        assert_eq!((back.crs, back.layers.len()), (read.crs, read.layers.len()), "{relative}");
        for (before, after) in read.layers.iter().zip(&back.layers) {
            assert!(is_same(&before.data, &after.data), "{relative}: {}", before.id);
            assert_eq!(
                (&before.id, &before.title, &before.provenance),
                (&after.id, &after.title, &after.provenance)
            );
        }
        assert!(outcome::read(&file, Some(build_number() + 1)).is_err(), "another build's file is not used");
    }
}

/// Bytes that were changed anywhere give an error or a layer whose parts agree; they never end the program. This is
/// what stands between a reader process that was taken over and the window.
#[test]
fn changed_bytes_never_panic() {
    let city = layers::demo::build(layers::demo::DEMO_SEED);
    let mut random = fastrand::Rng::with_seed(5);
    for layer in &city.layers {
        let sound = bytes_of(&layer.data);
        for _ in 0..40 {
            let mut bytes = sound.clone();
            for _ in 0..random.usize(1..6) {
                let at = random.usize(..bytes.len());
                bytes[at] = random.u8(..);
            }
            if random.bool() {
                bytes.truncate(random.usize(..bytes.len()));
            }
            if let Ok(data) = LayerData::decode(&mut Decoder::new(&bytes)) {
                let _ = data.bounds();
                if let LayerData::City(model) = &data {
                    let _ = layers::mesh::buildings::mesh_city(
                        model,
                        layers::model::Lod::new(2, 2),
                        layers::crs::LocalFrame::default(),
                        layers::mesh::TileGrid::default(),
                        0,
                    );
                }
            }
        }
    }
}
