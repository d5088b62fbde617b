//! glTF and OBJ models.

use layers::{
    crs::{Epsg, LocalFrame},
    mesh::{TileGrid, mesh_model::mesh_meshes},
    model::{LayerData, MeshModel, MeshPart, Value},
    readers::{ReadContext, ReadOutcome, Severity, Source},
};

use crate::support::{Scratch, assert_near, fixture, read_ok, shared};

pub fn meshes(outcome: &ReadOutcome) -> &MeshModel {
    outcome
        .layers
        .iter()
        .find_map(|layer| if let LayerData::Meshes(model) = &layer.data { Some(&**model) } else { None })
        .expect("meshes")
}

#[test]
fn a_triangle_stands_upright_scaled_moved_and_coloured() {
    let outcome = read_ok(&fixture("gltf/good-triangle.gltf"));
    assert_eq!(outcome.crs, Epsg::LOCAL);
    let fault = &outcome.inspection.faults[0];
    assert_eq!((fault.severity, fault.code), (Severity::Info, "place-needed"));
    let model = meshes(&outcome);
    assert_eq!((model.triangle_count(), model.features[0].id.as_str()), (1, "gable"));
    // x 0..4 doubled and moved by 10; glTF's y (0..3) is up.
    assert_near(&outcome.inspection.bbox.unwrap(), &[10.0, 0.0, 0.0, 18.0, 0.0, 3.0], 1e-6);
    assert_eq!(model.parts[0].color, Some([255, 0, 0, 255]));
}

#[test]
fn the_user_says_where_a_model_is() {
    let mut context = ReadContext { assumed_crs: Some(Epsg::RD_NAP), ..ReadContext::default() };
    let source = Source::from_path(fixture("gltf/good-triangle.gltf"));
    let outcome = layers::readers::read(&source, &mut context).unwrap();
    assert_eq!(outcome.crs, Epsg::RD_NEW);
    assert_near(&meshes(&outcome).bounds().to_array().unwrap(), &[10.0, 0.0, 0.0, 18.0, 0.0, 3.0], 1e-6);
}

#[test]
fn feature_ids_point_into_the_property_table() {
    let outcome = read_ok(&fixture("gltf/good-features.gltf"));
    let model = meshes(&outcome);
    let index = model.features.iter().position(|feature| feature.id == "els").expect("the id of row 1");
    assert_eq!(model.attributes.get(index, "identificatie"), Value::Text("els".into()));
    assert!(model.parts[0].features.iter().all(|&feature| feature as usize == index));
}

/// The hilly cloth of 23 × 23 corners that the packed fixtures hold.
fn cloth() -> Vec<[f64; 3]> {
    let mut points = Vec::new();
    for i in 0..23 {
        for j in 0..23 {
            let height = ((f64::from(i) * 0.7).sin() * (f64::from(j) * 0.4).cos() * 64.0).round() / 64.0;
            points.push([f64::from(j) * 0.5, f64::from(i) * 0.5, height]);
        }
    }
    points
}

/// Every corner of the cloth is a vertex of the part, and its triangles have the cloth's area and look up.
fn assert_is_cloth(model: &MeshModel, part: usize, tolerance: f64) {
    let part = &model.parts[part];
    assert_eq!(part.triangle_count(), 2 * 22 * 22, "{}", part.name);
    let world: Vec<[f64; 3]> = (0..part.positions.len() as u32).map(|v| part.world(v).unwrap()).collect();
    for corner in cloth() {
        let nearest = world
            .iter()
            .map(|p| (0..3).map(|axis| (p[axis] - corner[axis]).abs()).fold(0.0, f64::max))
            .fold(f64::INFINITY, f64::min);
        assert!(nearest <= tolerance, "{}: {corner:?} is {nearest} away", part.name);
    }
    let mut flat_area = 0.0;
    for t in part.indices.chunks_exact(3) {
        let [a, b, c] = [0, 1, 2].map(|k| world[t[k] as usize]);
        let up = (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]);
        assert!(up.abs() < 0.26, "{}: no triangle is larger than half a square", part.name);
        flat_area += up.abs() / 2.0;
    }
    assert!((flat_area - 121.0).abs() < 0.05, "{}: {flat_area}", part.name);
}

#[test]
fn meshopt_streams_unpack_to_what_was_packed() {
    let outcome = read_ok(&fixture("gltf/good-meshopt.glb"));
    let model = meshes(&outcome);
    assert_eq!(model.parts.len(), 3);
    assert_is_cloth(model, 0, 1e-6);
    assert_is_cloth(model, 1, 1e-4);
    assert_is_cloth(model, 2, 0.011);
}

#[test]
fn draco_streams_of_every_speed_unpack_to_what_was_packed() {
    let outcome = read_ok(&fixture("gltf/good-draco.glb"));
    let model = meshes(&outcome);
    assert_eq!(model.parts.len(), 4);
    for part in 0..4 {
        // 16 bits over 11 m.
        assert_is_cloth(model, part, 4e-4);
    }
}

#[test]
fn an_obj_of_delft_has_its_objects_in_rd() {
    let Some(path) = shared("3d-city/delft_centre_3dfier.obj") else { return };
    let outcome = read_ok(&path);
    assert_eq!(outcome.crs, Epsg::RD_NEW);
    let counts = &outcome.inspection.counts;
    assert_eq!((counts["vertices"], counts["faces"], counts["objects"]), (14_760, 28_619, 570));
    let model = meshes(&outcome);
    assert_eq!(model.features.len() as u64, counts["features"]);
    assert!((565..=570).contains(&model.features.len()), "{}", model.features.len());
    let bounds = model.bounds().to_array().unwrap();
    assert!(bounds[0] > 84_600.0 && bounds[3] < 85_200.0 && bounds[1] > 447_400.0 && bounds[4] < 447_800.0);
    let left_out = outcome.inspection.faults.iter().filter(|f| f.severity == Severity::Error).count();
    assert_eq!(left_out, 0, "{:?}", outcome.inspection.faults);
    let center = model.bounds().center();
    let tiles = mesh_meshes(model, LocalFrame::new(center), TileGrid::default(), 10);
    let drawn: usize = tiles.values().map(|mesh| mesh.indices.len() / 3).sum();
    assert!(drawn > 28_000, "{drawn}");
}

#[test]
fn an_obj_with_every_kind_of_index_and_colour() {
    let text = std::fs::read_to_string(fixture("obj/good-house.obj")).unwrap();
    let file = Scratch::new("house.obj", format!("mtllib walls.mtl\n{text}").as_bytes());
    std::fs::write(file.0.with_file_name("walls.mtl"), "newmtl brick\nKd 0.5 0.25 0\n").unwrap();
    let outcome = read_ok(&file.0);
    let model = meshes(&outcome);
    assert_eq!(outcome.inspection.counts["faces"], 4);
    assert_eq!(model.features.iter().map(|f| f.id.as_str()).collect::<Vec<_>>(), ["house", "shed"]);
    let house: usize = model.parts.iter().filter(|p| p.name == "house").map(MeshPart::triangle_count).sum();
    assert_eq!(house, 2 + 2 + 3, "a continued line, slashes, and five corners counted backwards");
    assert_eq!(model.parts[0].color, Some([128, 64, 0, 255]), "from the material");
    let shed = model.parts.iter().find(|part| part.name == "shed").unwrap();
    assert_eq!(shed.colors, [[255, 0, 0, 255], [0, 255, 0, 255], [0, 0, 255, 255]]);
}

#[test]
fn an_obj_line_without_end_is_refused() {
    let mut text = b"v 0 0 0\nf ".to_vec();
    text.resize(3 << 20, b'1');
    let file = Scratch::new("long.obj", &text);
    let error = crate::support::read(&file.0).unwrap_err().to_string();
    assert!(error.contains("line 2") && error.contains("1 MiB"), "{error}");
}
