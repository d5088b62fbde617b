//! CityGML 2.0 and 3.0: real files with the counts that others found, and small ones for every kind of thing.

use std::collections::BTreeMap;

use layers::{
    crs::{Epsg, Transform},
    model::{CityModel, CityObject, Geometry, GeometryKind, SurfaceType, Value},
    readers::{ReadError, Severity},
};

use crate::{
    bad_input::{
        Outcome::{self, Error, Fault},
        is_malformed,
    },
    support::{Scratch, assert_near, city, counts, fixture, read, read_ok, shared},
};

/// What each bad fixture gives; see `bad_input`.
pub const BAD: &[(&str, Outcome)] = &[
    ("citygml/bad-doctype.gml", Error(is_malformed, &["DOCTYPE", "byte "])),
    ("citygml/bad-truncated.gml", Error(is_malformed, &["before end of input", "byte "])),
    ("citygml/bad-deep.gml", Error(is_malformed, &["256", "byte "])),
    ("citygml/bad-encoding.gml", Error(is_malformed, &["shift_jis"])),
    (
        "citygml/bad-unknown-crs.gml",
        Error(|error| matches!(error, ReadError::UnknownCrs { .. }), &["999999", "EPSG:7415"]),
    ),
    ("citygml/bad-xlink-missing.gml", Fault("xlink-missing")),
    ("citygml/bad-xlink-outside.gml", Fault("xlink-outside")),
    ("citygml/bad-xlink-cycle.gml", Fault("xlink-cycle")),
    ("citygml/bad-xlink-bomb.gml", Fault("xlink-multiplied")),
    ("citygml/bad-coordinates.gml", Fault("coordinates")),
    ("citygml/bad-ring.gml", Fault("degenerate-ring")),
    ("citygml/bad-crs-mixed.gml", Fault("crs-mixed")),
    ("citygml/bad-duplicate-id.gml", Fault("duplicate-id")),
    ("citygml/bad-matrix.gml", Fault("geometry-instance")),
    ("citygml/bad-cyclic-parents.gml", Fault("cyclic-parents")),
];

const BUILDINGS: &str = "3d-city/plateau_yokosuka_bldg_citygml2/52397519_bldg_6697_op.gml";
const RELIEF: &str = "3d-city/plateau_yokosuka_dem_citygml2/523965_dem_6697_05_op.gml";
const LAND_USE: &str = "3d-city/plateau_numazu_landuse_citygml2/523836_luse_6668_op.gml";
const OPERA: &str = "3d-city/citygml3_opera_lyon_lod2.gml";
const STREETS: &str = "3d-city/citygml3_melbourne_3way.gml";

fn object<'a>(model: &'a CityModel, id: &str) -> (usize, &'a CityObject) {
    let row = model.objects.iter().position(|object| object.id == id).unwrap_or_else(|| panic!("no {id}"));
    (row, &model.objects[row])
}

fn surfaces_by_type(geometry: &Geometry) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for surface in &geometry.surface_types {
        *counts.entry(format!("{surface:?}")).or_default() += 1;
    }
    counts
}

struct Expected {
    path: &'static str,
    version: &'static str,
    features: u64,
    counts: &'static [(&'static str, u64)],
    lods: &'static [&'static str],
    crs: &'static str,
    /// x east, in the CRS of the file.
    bbox: [f64; 6],
    tolerance: f64,
    target: u32,
}

/// Counts and boxes from `shared/data/SOURCES.md` and the files' own envelopes.
const FILES: [Expected; 5] = [
    Expected {
        path: BUILDINGS,
        version: "2.0",
        features: 13,
        counts: &[("Building", 13), ("BuildingPart", 2)],
        lods: &["0", "1", "2"],
        crs: "EPSG:6697",
        bbox: [139.737_243_713, 35.258_297_338, 2.193_677, 139.740_554_895, 35.261_543_955, 21.727_355],
        tolerance: 1e-6,
        target: 32654,
    },
    Expected {
        path: RELIEF,
        version: "2.0",
        features: 2,
        counts: &[("ReliefFeature", 2), ("TINRelief", 2)],
        lods: &["1"],
        crs: "EPSG:6697",
        bbox: [139.687_499_69, 35.194_946_536, -0.02, 139.699_999_72, 35.208_331_78, 24.199_632],
        tolerance: 1e-6,
        target: 32654,
    },
    Expected {
        path: LAND_USE,
        version: "2.0",
        features: 225,
        counts: &[("LandUse", 225)],
        lods: &["1"],
        crs: "EPSG:6697",
        bbox: [138.807_092_595, 34.974_228_133, 0.0, 138.876_706_621, 35.001_503_616, 0.0],
        tolerance: 1e-6,
        target: 32654,
    },
    Expected {
        path: OPERA,
        version: "3.0",
        features: 1,
        counts: &[("Building", 1)],
        lods: &["2"],
        crs: "EPSG:3946",
        // The file's own envelope is rounded to a grid of its maker.
        bbox: [1_842_810.0, 5_175_815.5, 170.786_972, 1_842_869.75, 5_175_863.5, 209.217_361],
        tolerance: 0.51,
        target: 3946,
    },
    Expected {
        path: STREETS,
        version: "3.0",
        features: 2,
        counts: &[
            ("AuxiliaryTrafficArea", 87),
            ("AuxiliaryTrafficSpace", 87),
            ("Intersection", 1),
            ("Road", 2),
            ("Section", 3),
            ("TrafficArea", 58),
            ("TrafficSpace", 58),
        ],
        lods: &["2"],
        crs: "EPSG:32755",
        bbox: [321_000.0, 5_813_700.0, 0.0, 321_300.0, 5_814_000.0, 0.0],
        tolerance: 150.0,
        target: 32755,
    },
];

#[test]
fn real_files_have_the_counts_that_others_found() {
    for expected in &FILES {
        let Some(path) = shared(expected.path) else { return };
        let name = expected.path;
        let outcome = read_ok(&path);
        let inspection = &outcome.inspection;
        assert_eq!(inspection.format, "citygml", "{name}");
        assert_eq!(inspection.version.as_deref(), Some(expected.version), "{name}");
        assert_eq!(inspection.features, expected.features, "{name}");
        assert_eq!(counts(inspection), expected.counts.iter().copied().collect::<BTreeMap<_, _>>(), "{name}");
        assert_eq!(inspection.lods, expected.lods, "{name}");
        assert_eq!(inspection.crs.as_deref(), Some(expected.crs), "{name}");
        assert_near(&inspection.bbox.unwrap(), &expected.bbox, expected.tolerance);
        assert_eq!(outcome.crs, Epsg(expected.target), "{name}");
        let codes: Vec<&str> = inspection.faults.iter().map(|fault| fault.code).collect();
        // The opera has one polygon of two points: see `real_surfaces_are_all_there`.
        let known: &[&str] = if expected.path == OPERA { &["degenerate-ring"] } else { &[] };
        assert_eq!(codes, known, "{name}: {:?}", inspection.faults);
        crate::cityjson::assert_flat_arrays_are_sound(&outcome);
    }
}

#[test]
fn latitude_comes_first_in_the_file_and_lands_in_the_right_place() {
    let Some(path) = shared(BUILDINGS) else { return };
    let outcome = read_ok(&path);
    let model = city(&outcome);
    // The first position of the first footprint: 35.25962954418222 139.73892268006682 10.5….
    let (_, building) = object(model, "bldg_787d830e-2534-410a-8a2a-a531efeb2533");
    let footprint = &building.geometries[0];
    assert_eq!(footprint.lod.map(|lod| lod.to_string()).as_deref(), Some("0"));
    let found = model.vertices.at(footprint.indices[0]);
    let to_utm = Transform::new(Epsg::WGS84, Epsg(32654)).unwrap();
    let expected = to_utm.apply_one([139.738_922_680_066_82, 35.259_629_544_182_22, 0.0]).unwrap();
    assert_near(&found[..2], &expected[..2], 0.5);
    assert!((10.0..11.0).contains(&found[2]), "heights pass: {found:?}");
}

#[test]
fn a_solid_of_references_has_the_semantics_of_the_surfaces_it_refers_to() {
    let Some(path) = shared(BUILDINGS) else { return };
    let outcome = read_ok(&path);
    let model = city(&outcome);
    let (row, museum) = object(model, "bldg_787d830e-2534-410a-8a2a-a531efeb2533");
    let kinds: Vec<GeometryKind> = museum.geometries.iter().map(|geometry| geometry.kind).collect();
    assert_eq!(kinds, [GeometryKind::MultiSurface, GeometryKind::Solid, GeometryKind::Solid]);
    let solid = &museum.geometries[2];
    assert_eq!((solid.surface_count(), solid.shell_ends.clone()), (22, vec![22]));
    let types = surfaces_by_type(solid);
    assert_eq!(types["Roof"] + types["Wall"] + types["Ground"], 22, "{types:?}");
    assert_eq!(types["Roof"], 3);
    let value = |name: &str| model.attributes.get(row, name);
    assert_eq!(value("name").as_str(), Some("横須賀美術館"));
    assert_eq!(value("図形ID"), Value::Integer(16943));
    assert_eq!(value("１階床面積"), Value::Real(42.0));
    assert_eq!(model.attributes.column("１階床面積").unwrap().unit.as_deref(), Some("m2"));
    assert_eq!(value("usage").as_str(), Some("422"), "codes stay text");
    assert_eq!(value("measuredHeight"), Value::Real(6.0));
    assert_eq!(value("storeysAboveGround"), Value::Integer(1));
    assert!(
        model.attributes.columns().iter().all(|column| column.name != "surveyYear"),
        "i-UR is passed over"
    );
    let parts = model.objects.iter().filter(|object| !object.parents.is_empty()).count();
    assert_eq!(parts, 2);
}

#[test]
fn textures_and_materials_find_their_polygons() {
    let Some(path) = shared(BUILDINGS) else { return };
    let outcome = read_ok(&path);
    let model = city(&outcome);
    assert_eq!(model.appearance.textures.len(), 3);
    assert!(model.appearance.textures.iter().all(|picture| picture.ends_with(".jpg")));
    // 335 targets in the file; each is a polygon of a solid and used in nothing else.
    let solids = model.objects.iter().flat_map(|object| &object.geometries);
    let textured: usize = solids
        .filter(|geometry| geometry.kind == GeometryKind::Solid)
        .filter_map(|geometry| Some((geometry, geometry.looks.as_ref()?)))
        .map(|(geometry, looks)| {
            (0..geometry.surface_count()).filter(|&surface| looks.texture(surface).is_some()).count()
        })
        .sum();
    assert_eq!(textured, 335);
    let outcome = read_ok(&fixture("citygml/good-village.gml"));
    let model = city(&outcome);
    let material = &model.appearance.materials[0];
    assert_eq!(
        (material.name.as_str(), material.diffuse, material.transparency),
        ("tiles", Some([0.8, 0.3, 0.2]), 0.25)
    );
    let (_, house) = object(model, "house");
    let solid = house.geometries.iter().find(|g| g.lod.unwrap().to_string() == "2").unwrap();
    let looks = solid.looks.as_ref().unwrap();
    for surface in 0..solid.surface_count() {
        let is_roof = solid.surface_types[surface] == SurfaceType::Roof;
        assert_eq!(looks.material(surface), is_roof.then_some(0));
    }
}

#[test]
fn real_surfaces_are_all_there() {
    let count = |path: &str| {
        let outcome = read_ok(&shared(path)?);
        let model = city(&outcome);
        let surfaces: usize =
            model.objects.iter().flat_map(|object| &object.geometries).map(Geometry::surface_count).sum();
        let rings: usize = model
            .objects
            .iter()
            .flat_map(|object| &object.geometries)
            .map(|geometry| geometry.ring_ends.len())
            .sum();
        Some((surfaces, rings))
    };
    let Some(relief) = count(RELIEF) else { return };
    assert_eq!(relief, (1066, 1066), "triangles");
    assert_eq!(count(LAND_USE), Some((227, 244)), "polygons, and with their holes");
    // Of its 2,279 polygons one, "UUID_3fba92d5-8300-4751-932b-f1dbe2f264b7", has two rings of two points.
    assert_eq!(count(OPERA), Some((2278, 2278)));
    assert_eq!(count(STREETS), Some((145, 145)));
}

#[test]
fn the_opera_has_its_address_and_the_streets_their_functions() {
    let (Some(opera), Some(streets)) = (shared(OPERA), shared(STREETS)) else { return };
    let outcome = read_ok(&opera);
    let model = city(&outcome);
    assert_eq!(surfaces_by_type(&model.objects[0].geometries[0]).values().sum::<usize>(), 2278);
    let value = |name: &str| model.attributes.get(0, name).to_text();
    assert_eq!([value("country"), value("locality"), value("house_number")], ["France", "Lyon", "1"]);
    assert_eq!(value("postal_code"), "69001");
    assert!(value("street").contains("Place de la Comédie"), "{}", value("street"));
    let outcome = read_ok(&streets);
    let model = city(&outcome);
    let (row, area) = object(model, "UUID_26437150-51a9-4cce-a423-76826e93753d");
    assert_eq!(area.object_type.name(), "TrafficArea");
    assert_eq!(area.geometries[0].surface_types, [SurfaceType::TrafficArea]);
    assert_eq!(model.attributes.get(row, "function").as_str(), Some("2"));
    let (root, road) = object(model, "UUID_Queensberry_Street_");
    assert_eq!(model.root_of(row), root);
    assert_eq!(road.object_type.name(), "Road");
    assert_eq!(model.attributes.get(root, "name").as_str(), Some("Queensberry_Street"));
}

#[test]
fn every_module_becomes_the_object_that_cityjson_has_for_it() {
    let outcome = read_ok(&fixture("citygml/good-village.gml"));
    let model = city(&outcome);
    assert_eq!(outcome.inspection.crs.as_deref(), Some("EPSG:7415"));
    assert_eq!(outcome.crs, Epsg::RD_NEW);
    assert!(outcome.inspection.faults.is_empty(), "{:?}", outcome.inspection.faults);
    assert_eq!(outcome.inspection.features, 14);
    for (id, object_type, lod, kind, surfaces) in [
        ("shed", "BuildingPart", "1", GeometryKind::MultiSurface, 4),
        ("chimney", "BuildingInstallation", "2", GeometryKind::MultiSurface, 1),
        ("bridge", "Bridge", "2", GeometryKind::MultiSurface, 1),
        ("span", "BridgePart", "1", GeometryKind::MultiSurface, 1),
        ("tunnel", "Tunnel", "1", GeometryKind::MultiSurface, 1),
        ("road", "Road", "0", GeometryKind::MultiLineString, 0),
        ("lane", "TrafficArea", "2", GeometryKind::MultiSurface, 1),
        ("rail", "Railway", "1", GeometryKind::MultiSurface, 1),
        ("field", "LandUse", "1", GeometryKind::MultiSurface, 1),
        ("tree1", "SolitaryVegetationObject", "2", GeometryKind::MultiSurface, 1),
        ("tree2", "SolitaryVegetationObject", "2", GeometryKind::MultiSurface, 1),
        ("hedge", "PlantCover", "1", GeometryKind::MultiSolid, 4),
        ("pond", "WaterBody", "2", GeometryKind::MultiSurface, 1),
        ("bench", "CityFurniture", "1", GeometryKind::MultiSurface, 1),
        ("thing", "GenericCityObject", "0", GeometryKind::MultiPoint, 0),
        ("tin", "TINRelief", "1", GeometryKind::CompositeSurface, 2),
    ] {
        let (_, found) = object(model, id);
        assert_eq!(found.object_type.name(), object_type, "{id}");
        assert_eq!(found.geometries.len(), 1, "{id}");
        let geometry = &found.geometries[0];
        assert_eq!(geometry.lod.map(|lod| lod.to_string()).as_deref(), Some(lod), "{id}");
        assert_eq!((geometry.kind, geometry.surface_count()), (kind, surfaces), "{id}");
    }
    let (_, house) = object(model, "house");
    assert_eq!(house.children.len(), 2);
    let level =
        |lod: &'static str| house.geometries.iter().filter(move |g| g.lod.unwrap().to_string() == lod);
    assert_eq!(level("0").next().unwrap().surface_types, [SurfaceType::Ground]);
    let solid = level("2").next().unwrap();
    assert_eq!(level("2").count(), 1, "the bounding surfaces are all in the solid");
    let types = surfaces_by_type(solid);
    assert_eq!([types["Ground"], types["Roof"], types["Wall"], types["Closure"]], [1, 1, 4, 1], "{types:?}");
    assert_eq!(solid.ring_ends.len(), 8, "one wall has a hole");
    assert_eq!(level("3").next().unwrap().surface_types, [SurfaceType::Door]);
    // A box of seven faces has eight corners and a door of four: faces share their vertices.
    let mut used: Vec<u32> = solid.indices.clone();
    used.sort_unstable();
    used.dedup();
    assert_eq!(used.len(), 12);
    // An orientable surface with "-" is seen from its other side.
    let chimney = &object(model, "chimney").1.geometries[0];
    let ys: Vec<f64> = chimney.indices.iter().map(|&i| model.vertices.at(i)[1] - 446_000.0).collect();
    let zs: Vec<f64> = chimney.indices.iter().map(|&i| model.vertices.at(i)[2]).collect();
    assert_eq!((ys, zs), (vec![1., 2., 2., 1.], vec![8., 8., 6., 6.]));
    assert_eq!(object(model, "pond").1.geometries[0].surface_types, [SurfaceType::WaterSurface]);
    assert_eq!(object(model, "field").1.geometries[0].ring_ends.len(), 2);
    // Two trees of one template, twice its size.
    for (id, x) in [("tree1", 85_020.0), ("tree2", 85_030.0)] {
        let tree = &object(model, id).1.geometries[0];
        let corners: Vec<[f64; 3]> = tree.indices.iter().map(|&i| model.vertices.at(i)).collect();
        assert_eq!(corners, [[x, 446_050.0, 1.0], [x + 2.0, 446_050.0, 1.0], [x, 446_050.0, 5.0]]);
    }
    let greens = object(model, "greens").1;
    assert_eq!(greens.object_type.name(), "CityObjectGroup");
    assert_eq!(greens.children.len(), 2);
    crate::cityjson::assert_flat_arrays_are_sound(&outcome);
}

#[test]
fn attributes_of_both_versions_have_their_type_and_unit() {
    let outcome = read_ok(&fixture("citygml/good-village.gml"));
    let model = city(&outcome);
    let (row, _) = object(model, "house");
    let value = |name: &str| model.attributes.get(row, name);
    for (name, text) in [
        ("name", "Huis & haard"),
        ("buurt", "Wippolder"),
        ("opgeleverd", "1998-05-01"),
        ("bron", "https://example.org/1"),
        ("energie/label", "B"),
        ("class", "1000"),
        ("function", "0010; 0020"),
        ("usage", "1010"),
        ("roofType", "1010"),
        ("street", "Rotterdamseweg"),
        ("house_number", "12"),
        ("postal_code", "2628"),
        ("locality", "Delft"),
    ] {
        assert_eq!(value(name).as_str(), Some(text), "{name}");
    }
    assert_eq!(value("bewoners"), Value::Integer(3));
    assert_eq!(value("factor"), Value::Real(0.5));
    assert_eq!(value("yearOfConstruction"), Value::Integer(1998));
    assert_eq!(value("storeysAboveGround"), Value::Integer(2));
    for (name, number, unit) in [("oppervlak", 160.5, "m2"), ("measuredHeight", 6.0, "m")] {
        assert_eq!(value(name), Value::Real(number));
        assert_eq!(model.attributes.column(name).unwrap().unit.as_deref(), Some(unit));
    }
    assert!(value("surveyYear").is_null());

    let outcome = read_ok(&fixture("citygml/good-house-3.gml"));
    let model = city(&outcome);
    assert!(outcome.inspection.faults.is_empty(), "{:?}", outcome.inspection.faults);
    let (row, house) = object(model, "house3");
    let value = |name: &str| model.attributes.get(row, name);
    assert_eq!(value("bewoners"), Value::Integer(3));
    assert_eq!(value("oppervlak"), Value::Real(160.5));
    assert_eq!(value("energie/label").as_str(), Some("B"));
    assert_eq!(value("height"), Value::Real(6.0));
    let lods: Vec<String> = house.geometries.iter().map(|g| g.lod.unwrap().to_string()).collect();
    assert_eq!(lods, ["2", "3"]);
    let types = surfaces_by_type(&house.geometries[0]);
    assert_eq!([types["Ground"], types["Roof"], types["Wall"]], [1, 1, 4], "{types:?}");
    assert_eq!(house.geometries[1].surface_types, [SurfaceType::Door]);
    assert_eq!(object(model, "first").1.object_type.name(), "BuildingStorey");
    assert_eq!(object(model, "shed3").1.geometries[0].kind, GeometryKind::Solid);
}

#[test]
fn gzip_is_read_as_its_content() {
    use std::io::Write;
    let path = fixture("citygml/good-village.gml");
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packer.write_all(&std::fs::read(&path).unwrap()).unwrap();
    let packed = Scratch::new("good-village.gml.gz", &packer.finish().unwrap());
    assert_eq!(city(&read_ok(&path)), city(&read_ok(&packed.0)));
}

#[test]
fn faults_name_the_object_and_the_rest_loads() {
    for (name, id) in [
        ("xlink-missing", "lost"),
        ("xlink-outside", "away"),
        ("xlink-cycle", "circle"),
        ("coordinates", "odd"),
        ("ring", "thin"),
        ("crs-mixed", "foreign"),
        ("duplicate-id", "sound"),
    ] {
        let outcome = read(&fixture(&format!("citygml/bad-{name}.gml"))).unwrap();
        let faults = &outcome.inspection.faults;
        assert!(faults.iter().any(|fault| fault.location == id), "{name}: {faults:?}");
        let sound = object(city(&outcome), "sound").1;
        assert_eq!(sound.geometries[0].surface_count(), 1, "{name}");
    }
    let outcome = read(&fixture("citygml/bad-xlink-missing.gml")).unwrap();
    assert_eq!(object(city(&outcome), "lost").1.geometries[0].surface_count(), 1, "one surface is there");
    let outcome = read(&fixture("citygml/bad-coordinates.gml")).unwrap();
    assert_eq!(object(city(&outcome), "odd").1.geometries[0].surface_count(), 1, "one surface is sound");
    let outcome = read(&fixture("citygml/bad-duplicate-id.gml")).unwrap();
    assert!(city(&outcome).objects.iter().any(|object| object.id == "sound-2"));
}

#[test]
fn references_that_multiply_end_soon_and_are_told() {
    let start = std::time::Instant::now();
    let outcome = read(&fixture("citygml/bad-xlink-bomb.gml")).unwrap();
    assert!(start.elapsed().as_secs() < 5);
    assert!(city(&outcome).objects.len() == 14);
    let errors = outcome.inspection.faults.iter().filter(|fault| fault.severity == Severity::Error).count();
    assert!(errors > 0);
}

/// Other GML is not this reader's.
#[test]
fn other_gml_is_left_to_its_own_readers() {
    use layers::readers::{FormatReader, citygml::CityGmlReader};
    for path in ["nl-vector/top10nl_v12_sample.gml", "nl-vector/nwb_wegvakken_amsterdam_noord.gml"] {
        let Some(path) = shared(path) else { return };
        let head: Vec<u8> = std::fs::read(path).unwrap().into_iter().take(4096).collect();
        assert!(!CityGmlReader.sniff(&head, "x.gml"));
    }
    for head in [
        "<FeatureCollection xmlns:c=\"http://www.opengis.net/citygml/2.0\"><CityModel/>",
        "<CityModel xmlns=\"http://example.org\">",
        "{\"CityModel\": 1}",
        "<",
        "",
    ] {
        assert!(!CityGmlReader.sniff(head.as_bytes(), "x.gml"), "{head}");
    }
}
