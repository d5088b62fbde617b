//! Conformance cases of others: what must fail fails with a message that names the thing, what must pass passes.

use std::path::{Path, PathBuf};

use layers::{
    model::{CityModel, SurfaceType},
    readers::{Fault, Severity},
};
use serde_json::Value;

use crate::support::{Scratch, city, read, read_ok, shared};

/// What a file of the validator `cjval` must give here.
enum Verdict {
    /// Reads without a fault of severity error.
    Passes,
    /// Is refused, or has a fault of severity error; these words are in it.
    Fails(&'static [&'static str]),
}
use Verdict::{Fails, Passes};

/// All files of `conformance/cjval`. Those that cjval refuses only because the schema of an extension was not fetched
/// pass here: schemas are never fetched, and the types and properties of extensions are kept as they are.
const CJVAL: [(&str, Verdict); 31] = [
    ("address.json", Passes),
    ("cjfeat1.json", Fails(&["\"CityJSON\"", "CityJSONFeature"])),
    ("cube.city.json", Passes),
    ("cube_20.jsonl", Fails(&["GnericCityObject", "id-1"])),
    ("cube_20_1.jsonl", Passes),
    ("duplicate.json", Fails(&["LondonTower", "read before"])),
    ("extension.jsonl", Fails(&["GnericCityObject", "id-1"])),
    ("extraattribute.json", Passes),
    ("generic.ext.json", Fails(&["CityJSON"])),
    ("japanese.city.json", Passes),
    ("many.json", Passes),
    ("many2.json", Passes),
    ("material.city.json", Fails(&["id-1", "main2", "out of range"])),
    ("material2.city.json", Fails(&["id-1", "main", "out of range"])),
    ("material3.city.json", Passes),
    ("noise1.city.json", Passes),
    ("o.json", Fails(&["LondonTower", "55"])),
    ("o2.json", Passes),
    ("o3.json", Passes),
    ("o4.json", Fails(&["version \"0.9\"", "2.0"])),
    ("potatoes.city.json", Fails(&["Potatoe", "version"])),
    ("sem.json", Fails(&["id-3", "vertices"])),
    ("sem_point.city.json", Passes),
    ("texture1.city.json", Fails(&["building_texture", "texture"])),
    ("texture2.city.json", Fails(&["building_texture", "texture"])),
    ("texture3.city.json", Passes),
    ("texture4.city.json", Passes),
    ("texture5.city.json", Passes),
    ("texture6.city.json", Fails(&["id-1", "whole numbers"])),
    ("texture7.city.json", Passes),
    ("twoextensions.json", Passes),
];

/// Everything that was said about a file, and whether it was refused or has an error.
fn judge(path: &Path) -> (bool, String) {
    match read(path) {
        Ok(outcome) => {
            let is_error = |fault: &&Fault| fault.severity == Severity::Error;
            let faults = outcome.inspection.faults;
            let errors: Vec<String> = faults
                .iter()
                .filter(is_error)
                .map(|fault| format!("{}: {}: {}", fault.code, fault.location, fault.message))
                .collect();
            (errors.is_empty(), errors.join("\n"))
        }
        Err(error) => {
            assert!(!error.to_string().contains("please report"), "{error}");
            (false, error.to_string())
        }
    }
}

#[test]
fn every_file_of_cjval_passes_or_fails_as_it_must() {
    let Some(root) = shared("conformance/cjval") else { return };
    for (name, verdict) in &CJVAL {
        let (passes, text) = judge(&root.join(name));
        match verdict {
            Passes => assert!(passes, "{name} must pass: {text}"),
            Fails(words) => {
                assert!(!passes, "{name} must fail");
                for word in *words {
                    assert!(text.contains(word), "{name}: \"{word}\" is not in: {text}");
                }
            }
        }
    }
    let files = std::fs::read_dir(root).unwrap().count();
    assert_eq!(files, CJVAL.len(), "every file is judged");
}

fn json(path: &Path) -> Value {
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// `case.json` and `invariants.json` say what a folder of the corpus is for.
#[test]
fn every_case_of_the_corpus_is_met() {
    let Some(root) = shared("conformance/cityjson-corpus") else { return };
    let mut folders = vec![root];
    let (mut positive, mut negative) = (0, 0);
    while let Some(folder) = folders.pop() {
        let inner = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path());
        folders.extend(inner.filter(|path| path.is_dir()));
        if !folder.join("case.json").exists() {
            continue;
        }
        let (case, invariants) = (json(&folder.join("case.json")), json(&folder.join("invariants.json")));
        let Some(source) = case["artifact_paths"]["source"].as_str() else {
            println!("skipped: {} has no file, only a recipe", case["id"]);
            continue;
        };
        let path = folder.join(source.rsplit('/').next().unwrap());
        let (passes, text) = judge(&path);
        let id = case["id"].as_str().unwrap();
        if invariants["kind"] == "negative" {
            negative += 1;
            assert!(!passes, "{id} must fail");
            let word = match id {
                "invalid_missing_type" => "\"CityJSON\"",
                "invalid_out_of_range_vertex_index" => "vertices",
                "invalid_u64_f64_bounds" => "invalid_u64_f64_bounds: 1 surfaces",
                "invalid_cityjsonfeature_root_id_unresolved" => "\"missing-main-object\"",
                other => panic!("{other} is not judged"),
            };
            assert!(text.contains(word), "{id}: {text}");
        } else if case["representation"] == "cityjsonfeature" {
            // A lone feature has no header and so no coordinates, which is told; behind one it reads as well.
            assert!(passes, "{id} must pass: {text}");
            let feature = json(&path);
            let alone = read_ok(&path);
            assert_same_content(city(&alone), &feature, id);
            assert!(alone.inspection.faults.iter().any(|fault| fault.code == "header-missing"), "{id}");
            let header = r#"{"type":"CityJSON","version":"2.0","transform":{"scale":[1,1,1],"translate":[0,0,0]},"CityObjects":{},"vertices":[]}"#;
            let file = Scratch::new("feature.city.jsonl", format!("{header}\n{feature}\n").as_bytes());
            let (passes, text) = judge(&file.0);
            assert!(passes, "{id}: {text}");
            assert_same_content(city(&read_ok(&file.0)), &feature, id);
            positive += 1;
        } else {
            assert!(passes, "{id} must pass: {text}");
            assert_same_content(city(&read_ok(&path)), &json(&path), id);
            positive += 1;
        }
    }
    assert_eq!((positive, negative), (34, 4), "cases of the corpus");
}

/// Objects, hierarchy, attributes, geometries and appearance of the model are those of the document.
fn assert_same_content(model: &CityModel, document: &Value, id: &str) {
    let objects = document["CityObjects"].as_object().unwrap();
    assert_eq!(model.objects.len(), objects.len(), "{id}");
    for (row, object) in model.objects.iter().enumerate() {
        let expected = &objects[&object.id];
        assert_eq!(object.object_type.name(), expected["type"], "{id}");
        for (key, links) in [("parents", &object.parents), ("children", &object.children)] {
            let mut names: Vec<&str> =
                expected[key].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
            let mut found: Vec<&str> =
                links.iter().map(|&link| model.objects[link as usize].id.as_str()).collect();
            names.sort_unstable();
            found.sort_unstable();
            assert!(names.iter().all(|name| found.contains(name)), "{id} {key}: {names:?} {found:?}");
        }
        for (name, value) in expected["attributes"].as_object().into_iter().flatten() {
            let found = model.attributes.get(row, name).to_text();
            match value {
                Value::Null => assert_eq!(found, "", "{id}"),
                Value::String(text) => assert_eq!(&found, text, "{id}"),
                Value::Bool(_) => assert_eq!(found, value.to_string(), "{id}"),
                Value::Number(number) => assert_eq!(found.parse::<f64>().ok(), number.as_f64(), "{id}"),
                nested => assert_eq!(&serde_json::from_str::<Value>(&found).unwrap(), nested, "{id}"),
            }
        }
        for (name, value) in expected.as_object().unwrap() {
            if name == "address" || name.starts_with('+') {
                let found = model.attributes.get(row, name).to_text();
                let found = serde_json::from_str(&found).unwrap_or(Value::String(found));
                assert_eq!(&found, value, "{id}: {name} is kept");
            }
        }
        let geometries = expected["geometry"].as_array().map_or(0, Vec::len);
        assert_eq!(object.geometries.len(), geometries, "{id}");
        for (geometry, expected) in
            object.geometries.iter().zip(expected["geometry"].as_array().unwrap_or(&vec![]))
        {
            if let Some(lod) = expected["lod"].as_str() {
                assert_eq!(geometry.lod.unwrap().to_string(), lod, "{id}");
            }
            if geometry.surface_count() > 0 && expected["material"].is_object() {
                let looks = geometry.looks.as_ref().unwrap_or_else(|| panic!("{id}: no looks"));
                assert_eq!(looks.materials.len(), geometry.surface_count(), "{id}");
            }
            if geometry.surface_count() > 0 && expected["texture"].is_object() {
                let looks = geometry.looks.as_ref().unwrap_or_else(|| panic!("{id}: no looks"));
                assert_eq!(looks.textures.len(), geometry.surface_count(), "{id}");
            }
        }
    }
    let list = |name: &str| document["appearance"][name].as_array().map_or(0, Vec::len);
    assert_eq!(model.appearance.materials.len(), list("materials"), "{id}");
    assert_eq!(model.appearance.textures.len(), list("textures"), "{id}");
    for (name, value) in document.as_object().unwrap() {
        if name.starts_with('+') || name == "extensions" {
            let kept = model
                .extras
                .iter()
                .find(|(extra, _)| extra == name)
                .unwrap_or_else(|| panic!("{id}: {name}"));
            assert_eq!(&serde_json::from_str::<Value>(&kept.1).unwrap(), value, "{id}");
        }
    }
}

#[test]
fn materials_and_textures_belong_to_their_surfaces() {
    let Some(path) = shared(
        "conformance/cityjson-corpus/conformance/v2_0/appearance_complete/appearance_complete.city.json",
    ) else {
        return;
    };
    let outcome = read_ok(&path);
    let model = city(&outcome);
    let material = &model.appearance.materials[0];
    assert_eq!(
        (material.name.as_str(), material.diffuse, material.transparency),
        ("warm", Some([0.5, 0.6, 0.7]), 0.9)
    );
    assert_eq!(model.appearance.textures, ["day.png".into(), "night.png".into()]);
    let looks = model.objects[0].geometries[0].looks.as_ref().unwrap();
    assert_eq!((looks.material(0), looks.texture(0)), (Some(0), Some(0)), "the first theme");
    let looks = model.objects[1].geometries[0].looks.as_ref().unwrap();
    assert_eq!((looks.material(0), looks.texture(0)), (Some(1), Some(1)));
}

fn delft(name: &str) -> Option<PathBuf> {
    shared(&format!("3d-city/delft_centre_3dfier_{name}.city.json"))
}

/// The two files of central Delft are from two runs of 3dfier: their heights differ (another point cloud), and so do
/// the triangles inside plants and land; `measuredHeight` and `min-height-surface` are written with other roundings.
/// Everything else is one model.
#[test]
fn cityjson_1_0_and_2_0_of_the_same_delft_give_the_same_model() {
    let (Some(old), Some(new)) = (delft("cj10"), delft("cj20")) else { return };
    let (old, new) = (read_ok(&old), read_ok(&new));
    assert_eq!(old.inspection.counts, new.inspection.counts);
    assert_eq!((old.crs, &old.inspection.lods), (new.crs, &new.inspection.lods));
    assert_eq!(old.inspection.fields, new.inspection.fields);
    let (old, new) = (city(&old), city(&new));
    let mut moved = 0;
    for (row, (a, b)) in old.objects.iter().zip(&new.objects).enumerate() {
        assert_eq!(
            (&a.id, &a.object_type, &a.parents, &a.children),
            (&b.id, &b.object_type, &b.parents, &b.children)
        );
        for (name, _, value) in old.attributes.row(row) {
            if !["measuredHeight", "min-height-surface"].contains(&name) {
                assert_eq!(value, new.attributes.get(row, name), "{} {name}", a.id);
            }
        }
        assert_eq!(a.geometries.len(), b.geometries.len());
        for (ga, gb) in a.geometries.iter().zip(&b.geometries) {
            let surfaces =
                |g: &layers::model::Geometry| g.surface_types.iter().all(|t| *t == SurfaceType::Unknown);
            assert_eq!((ga.kind, ga.lod, surfaces(ga)), (gb.kind, gb.lod, surfaces(gb)));
            // In plan the corners agree to the rounding of the one file to whole millimetres.
            if ["Building", "Road", "Bridge", "WaterBody", "GenericCityObject"]
                .contains(&a.object_type.name())
            {
                let corners = |model: &CityModel, geometry: &layers::model::Geometry| -> Vec<[f64; 2]> {
                    geometry.indices.iter().map(|&i| model.vertices.at(i)).map(|v| [v[0], v[1]]).collect()
                };
                let (ca, cb) = (corners(old, ga), corners(new, gb));
                let is_near = |p: &[f64; 2], others: &[[f64; 2]]| {
                    others.iter().any(|q| (p[0] - q[0]).abs() < 2.5e-3 && (p[1] - q[1]).abs() < 2.5e-3)
                };
                assert!(ca.iter().all(|p| is_near(p, &cb)) && cb.iter().all(|p| is_near(p, &ca)), "{}", a.id);
                moved += 1;
            }
        }
    }
    assert_eq!(moved, 160 + 143 + 3 + 3 + 54);
}

/// The same document written in the ways of 1.0, 1.1 and 2.0 is the same model to the last bit of the attributes and
/// a hundredth of a millimetre in place.
#[test]
fn one_city_written_as_1_0_1_1_and_2_0_is_one_model() {
    let Some(path) = delft("cj20") else { return };
    let document = json(&path);
    let newest = read_ok(&path);
    for version in ["1.0", "1.1"] {
        let mut older = document.clone();
        older["version"] = Value::from(version);
        if version == "1.0" {
            older["metadata"]["referenceSystem"] = Value::from("urn:ogc:def:crs:EPSG::7415");
            let transform = older.as_object_mut().unwrap().remove("transform").unwrap();
            for vertex in older["vertices"].as_array_mut().unwrap() {
                for axis in 0..3 {
                    let part = |name: &str| transform[name][axis].as_f64().unwrap();
                    vertex[axis] =
                        Value::from(vertex[axis].as_f64().unwrap() * part("scale") + part("translate"));
                }
            }
            for object in older["CityObjects"].as_object_mut().unwrap().values_mut() {
                for geometry in object["geometry"].as_array_mut().unwrap() {
                    let lod: f64 = geometry["lod"].as_str().unwrap().parse().unwrap();
                    geometry["lod"] = Value::from(lod as i64);
                }
            }
        }
        let file = Scratch::new("older.city.json", older.to_string().as_bytes());
        let older = read_ok(&file.0);
        let (a, b) = (city(&older), city(&newest));
        assert_eq!(a.objects, b.objects, "{version}");
        assert_eq!(a.attributes, b.attributes, "{version}");
        for (p, q) in a.vertices.iter().zip(b.vertices.iter()) {
            assert!((0..3).all(|axis| (p[axis] - q[axis]).abs() < 1e-5), "{version}: {p:?} {q:?}");
        }
        assert_eq!(older.inspection.faults, newest.inspection.faults, "{version}");
    }
    for version in ["9.0", "0.9", "2", "1.01", "two"] {
        let mut other = document.clone();
        other["version"] = Value::from(version);
        let file = Scratch::new("other.city.json", other.to_string().as_bytes());
        let message = read(&file.0).unwrap_err().to_string();
        assert!(
            message.contains(&format!("version \"{version}\"")) && message.contains("1.0, 1.1 or 2.0"),
            "{message}"
        );
    }
}
