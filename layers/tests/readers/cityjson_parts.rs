//! Large files in pieces: the same model as in one go, and parts while the rest is read.

use std::{
    fmt::Write as _,
    sync::{Arc, Mutex},
};

use layers::{
    model::{CityModel, LayerData},
    readers::{self, LayerPart, ReadContext, ReadOutcome, Source},
};
use serde_json::{Value, json};

use crate::support::{Scratch, city, read, read_ok, shared};

/// The real 3DBAG buildings as one CityJSON document, repeated until it is large enough to be read in pieces (more than
/// 32 MiB). `order` are the keys of the document in the order of writing.
fn large_document(order: [&str; 2]) -> Option<String> {
    let text = std::fs::read_to_string(shared("3d-city/delft_3dbag_2024.city.jsonl")?).unwrap();
    let mut lines = text.lines();
    let mut header: Value = serde_json::from_str(lines.next()?).unwrap();
    let features: Vec<Value> = lines.map(|line| serde_json::from_str(line).unwrap()).collect();
    let mut objects: Vec<String> = Vec::new();
    let mut vertices: Vec<String> = Vec::new();
    for copy in 0..6 {
        for feature in &features {
            let base = vertices.len() as u64;
            vertices.extend(feature["vertices"].as_array().unwrap().iter().map(Value::to_string));
            // Parts before their buildings in every second copy, so that families are put together across pieces.
            let mut family: Vec<String> = Vec::new();
            for (id, object) in feature["CityObjects"].as_object().unwrap() {
                let mut object = object.clone();
                for geometry in object["geometry"].as_array_mut().into_iter().flatten() {
                    shift(&mut geometry["boundaries"], base);
                }
                for key in ["parents", "children"] {
                    for name in object.get_mut(key).and_then(Value::as_array_mut).into_iter().flatten() {
                        *name = json!(format!("{}#{copy}", name.as_str().unwrap()));
                    }
                }
                family.push(format!("{}:{object}", json!(format!("{id}#{copy}"))));
            }
            if copy % 2 == 1 {
                family.reverse();
            }
            objects.extend(family);
        }
    }
    let head = header.as_object_mut()?;
    head.retain(|key, _| !matches!(key.as_str(), "CityObjects" | "vertices"));
    head.insert("+note".to_owned(), json!({"text": "braces } and ] and \" in texts, \\ too"}));
    let mut document = header.to_string();
    document.pop();
    for key in order {
        let (open, list, close) = match key {
            "vertices" => ('[', vertices.join(",\n"), ']'),
            _ => ('{', objects.join(",\n"), '}'),
        };
        write!(document, ",\n{}:{open}{list}{close}", json!(key)).unwrap();
    }
    document.push('}');
    assert!(document.len() > 33 << 20);
    Some(document)
}

fn shift(value: &mut Value, base: u64) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| shift(item, base)),
        Value::Number(number) => *value = json!(number.as_u64().unwrap() + base),
        _ => {}
    }
}

/// Reads with a sink; the outcome and the parts.
fn read_in_parts(file: &Scratch) -> (ReadOutcome, Vec<LayerPart>) {
    let parts = Arc::new(Mutex::new(Vec::new()));
    let sink = Arc::clone(&parts);
    let mut context = ReadContext {
        on_part: Some(Box::new(move |part| {
            sink.lock().unwrap().push(part);
            true
        })),
        ..ReadContext::default()
    };
    let outcome = readers::read(&Source::from_path(&file.0), &mut context).unwrap();
    drop(context);
    (outcome, Arc::try_unwrap(parts).unwrap().into_inner().unwrap())
}

fn model_of(part: &LayerPart) -> &CityModel {
    let LayerData::City(model) = &part.data else { panic!("a city") };
    model
}

/// Parts together are the model: every object once, in whole families, with its own geometry in the same place.
fn assert_parts_are_the_model(outcome: &ReadOutcome, parts: &[LayerPart]) {
    let whole = city(outcome);
    let index = layers::index::IdIndex::new(whole.objects.iter().map(|object| object.id.as_str()));
    let mut seen = 0;
    for (number, part) in parts.iter().enumerate() {
        assert_eq!((part.number, part.crs), (number, outcome.crs));
        assert_eq!(part.layer_id, outcome.layers[0].id);
        let piece = model_of(part);
        assert_eq!(piece.attributes.rows(), piece.objects.len());
        for (row, object) in piece.objects.iter().enumerate() {
            seen += 1;
            let id_at = |at: usize| whole.objects.get(at).map(|object| object.id.as_str());
            let at = index.find(&object.id, id_at).unwrap();
            let same = &whole.objects[at];
            let names = |model: &CityModel, links: &[u32]| -> Vec<String> {
                links.iter().map(|&link| model.objects[link as usize].id.clone()).collect()
            };
            assert_eq!(names(piece, &object.parents), names(whole, &same.parents), "{}", object.id);
            assert_eq!(names(piece, &object.children), names(whole, &same.children), "{}", object.id);
            assert_eq!(object.geometries.len(), same.geometries.len());
            for (a, b) in object.geometries.iter().zip(&same.geometries) {
                assert_eq!(
                    (a.lod, &a.surface_types, &a.shell_ends),
                    (b.lod, &b.surface_types, &b.shell_ends)
                );
                let places = |model: &CityModel, indices: &[u32]| -> Vec<[f64; 3]> {
                    indices.iter().map(|&index| model.vertices.at(index)).collect()
                };
                assert_eq!(places(piece, &a.indices), places(whole, &b.indices), "{}", object.id);
            }
            let name = "identificatie";
            assert_eq!(piece.attributes.get(row, name), whole.attributes.get(at, name));
        }
    }
    assert_eq!(seen, whole.objects.len());
}

#[test]
fn a_large_document_is_the_same_in_pieces_and_in_one_go() {
    use std::io::Write;
    for order in [["CityObjects", "vertices"], ["vertices", "CityObjects"]] {
        let Some(document) = large_document(order) else { return };
        let file = Scratch::new("large.city.json", document.as_bytes());
        let in_pieces = read_ok(&file.0);
        // Gzip cannot be read from the middle, so it goes in one go.
        let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        packer.write_all(document.as_bytes()).unwrap();
        let packed = Scratch::new("large.city.json.gz", &packer.finish().unwrap());
        let in_one_go = read_ok(&packed.0);
        let (a, b) = (city(&in_pieces), city(&in_one_go));
        assert_eq!(a.objects.len(), 6 * 2231);
        assert!(
            a.objects == b.objects && a.vertices == b.vertices && a.attributes == b.attributes,
            "{order:?}"
        );
        // The note, the rest of the metadata, and that objects state their boxes.
        assert_eq!((&a.extras, a.extras.len()), (&b.extras, 3));
        assert_eq!(in_pieces.inspection.faults, in_one_go.inspection.faults);
        assert_eq!(in_pieces.inspection.bbox, in_one_go.inspection.bbox);
        assert_eq!(in_pieces.inspection.features, in_one_go.inspection.features);

        let (outcome, parts) = read_in_parts(&file);
        assert!(city(&outcome).objects == b.objects && city(&outcome).vertices == b.vertices);
        assert_parts_are_the_model(&outcome, &parts);
        // The first part is a look ahead at the beginning of the file.
        assert!(parts.len() >= 2 && model_of(&parts[0]).objects.len() < 10_000, "{order:?}");
    }
}

#[test]
fn a_sequence_comes_in_parts_of_whole_features() {
    let Some(path) = shared("3d-city/delft_3dbag_2024.city.jsonl") else { return };
    let text = std::fs::read_to_string(path).unwrap();
    let (header, features) = text.split_once('\n').unwrap();
    let mut large = format!("{header}\n");
    for copy in 0..20 {
        large += &features.replace("NL.IMBAG.Pand.", &format!("copy{copy}."));
    }
    let file = Scratch::new("large.city.jsonl", large.as_bytes());
    let (outcome, parts) = read_in_parts(&file);
    assert_eq!(city(&outcome).objects.len(), 20 * 2231);
    assert!(parts.len() >= 2, "{}", parts.len());
    assert!(model_of(&parts[0]).objects.len() >= 4_000);
    assert_parts_are_the_model(&outcome, &parts);
}

#[test]
fn a_sink_can_cancel_and_small_files_come_as_one_part() {
    let (outcome, parts) = read_in_parts(&Scratch::new(
        "house.city.json",
        &std::fs::read(crate::support::fixture("cityjson/good-house.city.json")).unwrap(),
    ));
    assert_eq!(parts.len(), 1);
    assert_parts_are_the_model(&outcome, &parts);

    let Some(path) = shared("3d-city/delft_3dbag_2024.city.jsonl") else { return };
    let progress = readers::Progress::default();
    let canceller = progress.clone();
    let mut context = ReadContext {
        progress,
        on_part: Some(Box::new(move |_| {
            canceller.cancel();
            true
        })),
        ..ReadContext::default()
    };
    let result = readers::read(&Source::from_path(path), &mut context);
    assert!(matches!(result, Err(readers::ReadError::Cancelled)));
}

/// Damage in the middle of a large file is told with its line and column in the file, not in the piece.
#[test]
fn faults_in_large_files_have_their_place() {
    let Some(document) = large_document(["CityObjects", "vertices"]) else { return };
    let line_of = |at: usize| document[..at].matches('\n').count() + 1;
    let column_of = |at: usize| at - document[..at].rfind('\n').map_or(0, |line| line + 1) + 1;
    let middle = document.len() / 2;
    let key = middle + document[middle..].find("\"attributes\":").unwrap();
    let mut broken = document.clone();
    broken.replace_range(key..key + 13, "\"attributes\";");
    let message = read(&Scratch::new("broken.city.json", broken.as_bytes()).0).unwrap_err().to_string();
    let place = format!("line {}, column {}", line_of(key), column_of(key) + 12);
    assert!(message.contains(&place), "{place}: {message}");

    let message =
        read(&Scratch::new("cut.city.json", &document.as_bytes()[..middle]).0).unwrap_err().to_string();
    assert!(message.contains("the end of the file") && message.contains("cut off"), "{message}");

    let mut deep = document.clone();
    deep.insert_str(document.len() - 1, &format!(",\"+deep\":{}", "[".repeat(400)));
    let message = read(&Scratch::new("deep.city.json", deep.as_bytes()).0).unwrap_err().to_string();
    assert!(message.contains("recursion limit"), "{message}");

    let twice = format!("{document} {{}}");
    let message = read(&Scratch::new("twice.city.json", twice.as_bytes()).0).unwrap_err().to_string();
    assert!(message.contains("outside of it"), "{message}");
}
