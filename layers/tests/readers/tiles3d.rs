//! 3D Tiles: a real city, the public samples, and small made ones.

use layers::{
    crs::{Epsg, LocalFrame, status},
    mesh::{TileGrid, mesh_model::mesh_meshes},
    model::{LayerData, PointCloud, Value},
    readers::{ReadContext, Severity, Source, tiles3d::read_within},
};

use crate::{
    meshes::meshes,
    support::{assert_near, fixture, read_ok, shared},
};

#[test]
fn amsterdam_has_its_blocks_at_their_place_in_rd() {
    let Some(path) = shared("3d-tiles/amsterdam/tileset.json") else { return };
    let outcome = read_ok(&path);
    assert_eq!((outcome.crs, outcome.inspection.version.as_deref()), (Epsg::RD_NEW, Some("1.0")));
    let counts = &outcome.inspection.counts;
    assert_eq!((counts["tiles"], counts["contents"], counts["contents read"]), (11, 10, 10));
    assert_eq!((counts["batches"], counts["features"], counts["triangles"]), (200, 100, 35_102));
    let model = meshes(&outcome);
    assert_eq!(model.triangle_count(), 35_102);
    assert!(model.features.iter().all(|f| f.id.starts_with("0363100012") && f.id.len() == 16));
    assert_eq!(model.attributes.get(0, "blockid"), Value::Text(model.features[0].id.clone()));
    assert_eq!(outcome.layers[0].id, "amsterdam");
    // In Amsterdam, on the ground: 3 km of it.
    let b = model.bounds().to_array().unwrap();
    assert!(b[0] > 115_000.0 && b[3] < 128_000.0 && b[1] > 483_000.0 && b[4] < 492_000.0, "{b:?}");
    assert!(b[2] > -60.0 && b[5] < 200.0, "{b:?}");
    let frame = outcome.inspection.faults.iter().find(|fault| fault.code == "frame-error").unwrap();
    assert_eq!(frame.severity, Severity::Info);
    assert!(!outcome.inspection.faults.iter().any(|fault| fault.severity == Severity::Error));
    let tiles = mesh_meshes(model, LocalFrame::new(model.bounds().center()), TileGrid::default(), 5);
    let mut drawn: Vec<u32> = tiles.values().flat_map(|t| t.ranges.iter().map(|r| r.feature)).collect();
    drawn.sort_unstable();
    assert_eq!(drawn, (5..105).collect::<Vec<u32>>(), "each block is drawn once, in one tile");
}

#[test]
fn a_budget_reads_coarser_tiles() {
    let Some(path) = shared("3d-tiles/validator-samples/TilesetOfTilesets/tileset.json") else { return };
    let source = Source::from_path(&path);
    let all = read_within(&source, u64::MAX, &mut ReadContext::default()).unwrap();
    let few = read_within(&source, 20_000, &mut ReadContext::default()).unwrap();
    assert!(few.inspection.counts["contents read"] < all.inspection.counts["contents read"]);
    assert!(few.inspection.counts["contents read"] > 0);
    assert!(few.inspection.faults.iter().any(|fault| fault.code == "tiles-coarse"));
}

#[test]
fn made_gables_stand_at_amersfoort() {
    let outcome = read_ok(&fixture("3d-tiles/good-amersfoort.json"));
    assert_eq!(outcome.crs, Epsg::RD_NEW);
    let model = meshes(&outcome);
    assert_eq!(
        model.features.iter().map(|f| f.id.as_str()).collect::<Vec<_>>(),
        ["0503100000000001", "0503100000000002"]
    );
    assert_eq!(model.attributes.get(1, "height"), Value::Real(5.0));
    if !status().is_exact() {
        println!("skipped: no NSGI grids on this machine");
        return;
    }
    // Amersfoort's church is RD's origin; grid north is true north there, and its scale is 0.99990790.
    let first = model.feature_bounds(0).to_array().unwrap();
    assert_near(&first, &[155_000.0, 463_000.0, 0.0, 155_004.0, 463_000.0, 3.0], 2e-3);
    let second = model.feature_bounds(1).to_array().unwrap();
    assert_near(&second, &[155_010.0, 463_020.0, 0.0, 155_014.0, 463_020.0, 5.0], 3e-3);
}

#[test]
fn a_project_elsewhere_gets_the_tileset_in_its_own_crs() {
    let mut context = ReadContext { target: Some(Epsg(25_831)), ..ReadContext::default() };
    let source = Source::from_path(fixture("3d-tiles/good-amersfoort.json"));
    let outcome = layers::readers::read(&source, &mut context).unwrap();
    assert_eq!(outcome.crs, Epsg(25_831));
    let b = meshes(&outcome).bounds();
    assert!(
        (663_000.0..664_000.0).contains(&b.min[0]) && (5_780_000.0..5_783_000.0).contains(&b.min[1]),
        "{b:?}"
    );
    assert!(outcome.inspection.faults.iter().any(|fault| fault.code == "heights-ellipsoidal"));
}

#[test]
fn single_contents_open_by_themselves() {
    let composite = read_ok(&fixture("3d-tiles/good-composite.cmpt"));
    assert_eq!((composite.inspection.counts["batches"], composite.inspection.features), (4, 2));
    assert_eq!(composite.crs, Epsg::LOCAL);
    let instances = read_ok(&fixture("3d-tiles/good-instances.i3dm"));
    let model = meshes(&instances);
    assert_eq!(model.features.iter().map(|f| f.id.as_str()).collect::<Vec<_>>(), ["boom-1", "boom-2"]);
    // The gable is 4 wide and 3 high in glTF's y, which is z here; the first instance's up is y: it stands as it is.
    assert_near(&model.feature_bounds(0).to_array().unwrap(), &[0.0, 0.0, 0.0, 4.0, 0.0, 3.0], 1e-6);
    // The second's up is z and right is x, and it is twice as large: y becomes z, and z becomes −y.
    assert_near(&model.feature_bounds(1).to_array().unwrap(), &[50.0, -6.0, 0.0, 58.0, 0.0, 0.0], 1e-6);
    let points = read_ok(&fixture("3d-tiles/good-three-points.pnts"));
    let LayerData::Points(cloud) = &points.layers[0].data else { panic!("points") };
    let cloud: &PointCloud = cloud;
    assert_eq!((cloud.len(), cloud.class_counts.len()), (3, 3));
    assert_near(&cloud.bounds().to_array().unwrap(), &[100.0, 200.0, 5.0, 101.0, 201.0, 7.0], 1e-6);
    assert_eq!(cloud.chunks.iter().flat_map(|c| &c.colors).filter(|c| **c == [255, 0, 0]).count(), 1);
}

/// Tiles, contents and triangles that the samples have (triangles counted from their index accessors).
#[test]
fn the_samples_of_1_0_and_1_1_open() {
    let samples = [
        "samples-1.0/TilesetWithRequestVolume/tileset.json",
        "samples-1.0/TilesetWithTreeBillboards/tileset.json",
        "samples-1.1/SparseImplicitQuadtree/tileset.json",
        "samples-1.1/SparseImplicitOctree/tileset.json",
        "samples-1.1/MultipleContents/tileset.json",
        "samples-1.1/MetadataGranularities/tileset.json",
        "samples-1.1/TilesetWithFullMetadata/tileset.json",
        "samples-1.1/BoundingBoxTests/0_0_0-1_1_2/tileset.json",
        "samples-1.1/BoundingBoxTests/0_2_0-1_4_1/tileset.json",
        "samples-1.1/BoundingBoxTests/2_0_0-4_1_1/tileset.json",
    ];
    for name in samples {
        let Some(path) = shared(&format!("3d-tiles/{name}")) else { return };
        let outcome = read_ok(&path);
        let errors: Vec<_> =
            outcome.inspection.faults.iter().filter(|f| f.severity == Severity::Error).collect();
        assert!(errors.is_empty(), "{name}: {errors:?}");
        println!("{name}: {:?} {:?}", outcome.inspection.counts, outcome.crs);
    }
}

#[test]
fn boxes_lie_where_their_bounding_volumes_say() {
    for (name, expected) in [
        ("0_0_2-1_1_4", [0.0, 0.0, 2.0, 1.0, 1.0, 4.0]),
        ("0_0_0-1_1_2", [0.0, 0.0, 0.0, 1.0, 1.0, 2.0]),
        ("0_0_0-2_1_1", [0.0, 0.0, 0.0, 2.0, 1.0, 1.0]),
        ("0_0_0-1_2_1", [0.0, 0.0, 0.0, 1.0, 2.0, 1.0]),
        ("2_0_0-4_1_1", [2.0, 0.0, 0.0, 4.0, 1.0, 1.0]),
        ("0_2_0-1_4_1", [0.0, 2.0, 0.0, 1.0, 4.0, 1.0]),
    ] {
        let Some(path) = shared(&format!("3d-tiles/samples-1.1/BoundingBoxTests/{name}/tileset.json")) else {
            return;
        };
        let outcome = read_ok(&path);
        assert_near(&meshes(&outcome).bounds().to_array().unwrap(), &expected, 1e-5);
    }
}
