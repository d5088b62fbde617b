//! CityJSON and CityJSONSeq.

use std::collections::BTreeMap;

use layers::{
    crs::Epsg,
    model::{GeometryKind, SurfaceType},
    readers::Inspection,
};

use crate::support::{Scratch, assert_near, city, counts, fixture, read_ok, shared};

struct Expected {
    path: &'static str,
    version: &'static str,
    features: Option<u64>,
    counts: &'static [(&'static str, u64)],
    /// Geometries a LoD.
    lods: &'static [(&'static str, usize)],
    kinds: &'static [(GeometryKind, usize)],
    vertices: usize,
    crs: Option<&'static str>,
    bbox: [f64; 6],
}

const THEMES_3DFIER: &[(&str, u64)] = &[
    ("Bridge", 3),
    ("Building", 160),
    ("GenericCityObject", 54),
    ("LandUse", 81),
    ("PlantCover", 126),
    ("Road", 143),
    ("WaterBody", 3),
];

/// Counts from `shared/data/SOURCES.md`.
const FILES: [Expected; 7] = [
    Expected {
        path: "3d-city/delft_3dbag_2024.city.jsonl",
        version: "2.0",
        features: Some(1115),
        counts: &[("Building", 1115), ("BuildingPart", 1116)],
        lods: &[("0", 1115), ("1.2", 1116), ("1.3", 1116), ("2.2", 1116)],
        kinds: &[(GeometryKind::Solid, 3348), (GeometryKind::MultiSurface, 1115)],
        vertices: 83745,
        crs: Some("EPSG:7415"),
        bbox: [84501.6, 445805.0, -3.7, 85675.2, 446983.5, 95.0],
    },
    Expected {
        path: "3d-city/delft_centre_3dfier_cj20.city.json",
        version: "2.0",
        features: None,
        counts: THEMES_3DFIER,
        lods: &[("1", 570)],
        kinds: &[(GeometryKind::MultiSurface, 410), (GeometryKind::Solid, 160)],
        vertices: 18262,
        crs: Some("EPSG:7415"),
        bbox: [84616.5, 447423.0, -0.5, 85140.8, 447750.6, 16.8],
    },
    Expected {
        path: "3d-city/delft_centre_3dfier_cj10.city.json",
        version: "1.0",
        features: None,
        counts: THEMES_3DFIER,
        lods: &[("1", 570)],
        kinds: &[(GeometryKind::MultiSurface, 410), (GeometryKind::Solid, 160)],
        vertices: 11747,
        crs: Some("EPSG:7415"),
        bbox: [84616.5, 447423.0, -15.0, 85140.8, 447750.6, 13.8],
    },
    Expected {
        path: "3d-city/denhaag_subset_cj11.city.json",
        version: "1.1",
        features: None,
        counts: &[("Building", 4), ("BuildingPart", 8)],
        lods: &[("2", 9)],
        kinds: &[(GeometryKind::Solid, 9)],
        vertices: 92,
        crs: None,
        bbox: [78612.2, 457782.1, 3.5, 78695.7, 458155.0, 14.7],
    },
    Expected {
        path: "3d-city/rotterdam_subset_cj20.city.json",
        version: "2.0",
        features: Some(16),
        counts: &[("Building", 16)],
        lods: &[("2", 16)],
        kinds: &[(GeometryKind::MultiSurface, 16)],
        vertices: 383,
        crs: None,
        bbox: [90454.2, 435614.9, 0.0, 91002.4, 436048.2, 18.3],
    },
    Expected {
        path: "3d-city/zurich_subset_lod2_cj11.city.json",
        version: "1.1",
        features: None,
        counts: &[("Building", 49), ("BuildingPart", 161)],
        lods: &[("2", 161)],
        kinds: &[(GeometryKind::MultiSurface, 161)],
        vertices: 3670,
        crs: Some("EPSG:2056"),
        bbox: [2678219.2, 1243078.7, 395.8, 2687404.7, 1253037.8, 620.9],
    },
    Expected {
        path: "3d-city/vienna_cj11.city.jsonl",
        version: "1.1",
        features: Some(149),
        counts: &[("Building", 149), ("BuildingPart", 443)],
        lods: &[("2", 980)],
        kinds: &[(GeometryKind::MultiSurface, 490), (GeometryKind::Solid, 490)],
        vertices: 20766,
        crs: None,
        bbox: [986.8, 340492.1, 28.2, 1510.4, 341048.5, 85.0],
    },
];

#[test]
fn real_city_models_have_the_counts_that_others_found() {
    for expected in &FILES {
        let Some(path) = shared(expected.path) else { return };
        let outcome = read_ok(&path);
        let (model, inspection) = (city(&outcome), &outcome.inspection);
        let name = expected.path;
        assert_eq!(inspection.version.as_deref(), Some(expected.version), "{name}");
        assert_eq!(counts(inspection), expected.counts.iter().copied().collect::<BTreeMap<_, _>>(), "{name}");
        if let Some(features) = expected.features {
            assert_eq!(inspection.features, features, "{name}");
        }
        assert_eq!(model.vertices.len(), expected.vertices, "{name}");
        assert_eq!(inspection.crs.as_deref(), expected.crs, "{name}");
        assert_near(&inspection.bbox.unwrap(), &expected.bbox, 0.06);

        let mut lods: BTreeMap<String, usize> = BTreeMap::new();
        for geometry in model.objects.iter().flat_map(|object| &object.geometries) {
            *lods.entry(geometry.lod.map(|lod| lod.to_string()).unwrap_or_default()).or_default() += 1;
        }
        let expected_lods: BTreeMap<String, usize> =
            expected.lods.iter().map(|(lod, count)| ((*lod).to_owned(), *count)).collect();
        assert_eq!(lods, expected_lods, "{name}");
        assert_eq!(inspection.lods, lods.keys().cloned().collect::<Vec<_>>(), "{name}");
        for (kind, count) in expected.kinds {
            let found = model
                .objects
                .iter()
                .flat_map(|o| &o.geometries)
                .filter(|geometry| geometry.kind == *kind)
                .count();
            assert_eq!(found, *count, "{name} {kind:?}");
        }
        assert_flat_arrays_are_sound(&outcome);
    }
}

/// What every mesher relies on.
pub fn assert_flat_arrays_are_sound(outcome: &layers::readers::ReadOutcome) {
    let model = city(outcome);
    for (row, object) in model.objects.iter().enumerate() {
        for geometry in &object.geometries {
            assert_eq!(geometry.surface_types.len(), geometry.surface_ends.len(), "{}", object.id);
            assert!(geometry.indices.iter().all(|&index| (index as usize) < model.vertices.len()));
            assert_eq!(geometry.ring_ends.last().copied().unwrap_or(0) as usize, geometry.indices.len());
            if geometry.kind == GeometryKind::Solid {
                assert_eq!(
                    geometry.shell_ends.last().copied().unwrap_or(0) as usize,
                    geometry.surface_count()
                );
            }
            for ring in (0..geometry.surface_count()).flat_map(|surface| geometry.rings(surface)) {
                assert!(ring.len() >= 3 && ring.first() != ring.last(), "{}", object.id);
            }
        }
        for &parent in &object.parents {
            assert!(model.objects[parent as usize].children.contains(&(row as u32)), "{}", object.id);
        }
    }
    assert_eq!(model.attributes.rows(), model.objects.len());
}

#[test]
fn a_3dbag_building_keeps_its_part_surfaces_and_attributes() {
    let Some(path) = shared("3d-city/delft_3dbag_2024.city.jsonl") else { return };
    let outcome = read_ok(&path);
    let model = city(&outcome);
    assert_eq!(outcome.crs, Epsg::RD_NEW);
    assert!(outcome.inspection.faults.is_empty(), "{:?}", outcome.inspection.faults);
    let id = "NL.IMBAG.Pand.0503100000012869";
    let row = model.objects.iter().position(|object| object.id == id).unwrap();
    let building = &model.objects[row];
    assert_eq!(building.children.len(), 1);
    let part = &model.objects[building.children[0] as usize];
    assert_eq!(part.id, format!("{id}-0"));
    assert_eq!(model.root_of(building.children[0] as usize), row);
    let solid = part.geometries.iter().find(|g| g.lod == Some("2.2".parse().unwrap())).unwrap();
    assert_eq!(solid.surface_count(), 6);
    assert_eq!(solid.surface_types[0], SurfaceType::Ground);
    assert_eq!(solid.surface_types[1..5], [SurfaceType::Wall; 4]);
    assert_eq!(solid.surface_types[5], SurfaceType::Roof);
    assert_eq!(model.attributes.get(row, "b3_dak_type").as_str(), Some("horizontal"));
    assert_eq!(model.attributes.get(row, "b3_opp_grond").as_f64(), Some(7.21));
    assert_eq!(model.attributes.get(row, "b3_kas_warenhuis").to_text(), "false");
    assert!(model.attributes.get(row, "b3_bouwlagen").is_null());
    let Inspection { fields, .. } = &outcome.inspection;
    assert!(fields.iter().any(|field| field == "oorspronkelijkbouwjaar"), "{fields:?}");
}

#[test]
fn templates_are_placed_by_their_matrix_and_anchor() {
    let Some(path) =
        shared("conformance/cityjson-corpus/conformance/v2_0/geometry_instance/geometry_instance.city.json")
    else {
        return;
    };
    let outcome = read_ok(&path);
    let model = city(&outcome);
    let places: Vec<[f64; 3]> = model.objects[0]
        .geometries
        .iter()
        .map(|geometry| {
            assert_eq!(
                (geometry.kind, geometry.lod.map(|lod| lod.to_string())),
                (GeometryKind::MultiPoint, Some("1".into()))
            );
            model.vertices.at(geometry.indices[0])
        })
        .collect();
    assert_eq!(places, [[2.0, 4.0, 6.0], [3.0, 4.0, 5.0]]);
}

#[test]
fn gzip_is_read_as_its_content() {
    use std::io::Write;
    for name in ["cityjson/good-house.city.json", "cityjson-seq/good-three-houses.city.jsonl"] {
        let path = fixture(name);
        let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        packer.write_all(&std::fs::read(&path).unwrap()).unwrap();
        let file_name = format!("{}.gz", path.file_name().unwrap().to_str().unwrap());
        let packed = Scratch::new(&file_name, &packer.finish().unwrap());
        let (plain, unpacked) = (read_ok(&path), read_ok(&packed.0));
        assert_eq!(city(&plain), city(&unpacked), "{name}");
        assert_eq!(plain.inspection.format, unpacked.inspection.format);
        assert_eq!(plain.layers[0].id, unpacked.layers[0].id);
    }
}

#[test]
fn reading_twice_gives_the_same_model_whatever_the_threads_do() {
    let Some(path) = shared("3d-city/vienna_cj11.city.jsonl") else { return };
    assert_eq!(city(&read_ok(&path)), city(&read_ok(&path)));
}
