//! Makes a large city file of real buildings: the features of a CityJSONSeq repeated side by side with new ids.
//!
//! `repeat_city SOURCE.city.jsonl BUILDINGS OUT.city.json[l] [--vertices-first]`
//!
//! Copies lie on a grid with 100 m between them. A name that ends in `.jsonl` gives a sequence, anything else one
//! CityJSON document, whose vertices come after its CityObjects unless asked otherwise. Text is written as it is made;
//! memory holds the source only.

use std::{
    error::Error,
    fs::File,
    io::{BufWriter, Write},
};

use serde_json::{Value, json};

struct City {
    header: Value,
    features: Vec<Value>,
    /// Distance from copy to copy, in units of the file's transform.
    step: [i64; 2],
    side: usize,
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [source, buildings, out, rest @ ..] = arguments.as_slice() else {
        return Err("usage: repeat_city SOURCE.city.jsonl BUILDINGS OUT [--vertices-first]".into());
    };
    let buildings: usize = buildings.parse()?;
    let city = City::read(source, buildings)?;
    let mut writer = BufWriter::with_capacity(1 << 20, File::create(out)?);
    if out.ends_with("jsonl") {
        city.write_sequence(buildings, &mut writer)?;
    } else {
        city.write_document(buildings, rest.iter().any(|word| word == "--vertices-first"), &mut writer)?;
    }
    writer.flush()?;
    println!("{buildings} buildings, {} bytes", std::fs::metadata(out)?.len());
    Ok(())
}

impl City {
    fn read(path: &str, buildings: usize) -> Result<Self, Box<dyn Error>> {
        let text = std::fs::read_to_string(path)?;
        let mut lines = text.lines().filter(|line| !line.is_empty());
        let header: Value = serde_json::from_str(lines.next().ok_or("an empty file")?)?;
        let features = lines.map(serde_json::from_str).collect::<Result<Vec<Value>, _>>()?;
        let mut step = [0, 0];
        for (axis, step) in step.iter_mut().enumerate() {
            let values = || features.iter().flat_map(vertices).map(|vertex| vertex[axis]);
            let size = values().max().unwrap_or(0) - values().min().unwrap_or(0);
            let scale = header["transform"]["scale"][axis].as_f64().unwrap_or(0.001);
            *step = size + (100.0 / scale) as i64;
        }
        let copies = buildings.div_ceil(features.len().max(1));
        Ok(Self { header, features, step, side: (copies as f64).sqrt().ceil() as usize })
    }

    /// Feature number `position` of the large city: which one it repeats, and as which copy.
    fn feature(&self, position: usize) -> (&Value, usize) {
        (&self.features[position % self.features.len()], position / self.features.len())
    }

    fn moved(&self, vertex: [i64; 3], copy: usize) -> [i64; 3] {
        let (column, row) = ((copy % self.side) as i64, (copy / self.side) as i64);
        [vertex[0] + column * self.step[0], vertex[1] + row * self.step[1], vertex[2]]
    }

    fn write_sequence(&self, buildings: usize, out: &mut impl Write) -> Result<(), Box<dyn Error>> {
        writeln!(out, "{}", self.header)?;
        for position in 0..buildings {
            let (feature, copy) = self.feature(position);
            let mut feature = renamed(feature, copy);
            let vertices: Vec<Value> =
                vertices(&feature).map(|vertex| json!(self.moved(vertex, copy))).collect();
            feature["vertices"] = Value::from(vertices);
            writeln!(out, "{feature}")?;
        }
        Ok(())
    }

    fn write_document(
        &self,
        buildings: usize,
        vertices_first: bool,
        out: &mut impl Write,
    ) -> Result<(), Box<dyn Error>> {
        let mut header = self.header.clone();
        let members = header.as_object_mut().ok_or("the header is no object")?;
        members.retain(|key, _| !matches!(key.as_str(), "CityObjects" | "vertices"));
        let text = header.to_string();
        write!(out, "{}", text.strip_suffix('}').ok_or("the header is no object")?)?;
        if vertices_first {
            self.write_vertices(buildings, out)?;
        }
        write!(out, ",\"CityObjects\":{{")?;
        let mut base = 0;
        let mut comma = "";
        for position in 0..buildings {
            let (feature, copy) = self.feature(position);
            let count = vertices(feature).count() as u64;
            let mut feature = renamed(feature, copy);
            let Some(objects) = feature["CityObjects"].as_object_mut() else { continue };
            for (id, object) in objects {
                for geometry in object["geometry"].as_array_mut().into_iter().flatten() {
                    add_to_numbers(&mut geometry["boundaries"], base);
                }
                write!(out, "{comma}{}:{object}", Value::from(id.as_str()))?;
                comma = ",";
            }
            base += count;
        }
        write!(out, "}}")?;
        if !vertices_first {
            self.write_vertices(buildings, out)?;
        }
        writeln!(out, "}}")?;
        Ok(())
    }

    fn write_vertices(&self, buildings: usize, out: &mut impl Write) -> Result<(), Box<dyn Error>> {
        write!(out, ",\"vertices\":[")?;
        let mut comma = "";
        for position in 0..buildings {
            let (feature, copy) = self.feature(position);
            for vertex in vertices(feature) {
                let [x, y, z] = self.moved(vertex, copy);
                write!(out, "{comma}[{x},{y},{z}]")?;
                comma = ",";
            }
        }
        write!(out, "]")?;
        Ok(())
    }
}

fn vertices(feature: &Value) -> impl Iterator<Item = [i64; 3]> {
    let list = feature["vertices"].as_array().map(Vec::as_slice).unwrap_or_default();
    list.iter().map(|vertex| std::array::from_fn(|axis| vertex[axis].as_i64().unwrap_or(0)))
}

/// The feature with ".copy" and its number behind every id.
fn renamed(feature: &Value, copy: usize) -> Value {
    let rename = |id: &str| if copy == 0 { id.to_owned() } else { format!("{id}.copy{copy}") };
    let mut feature = feature.clone();
    if let Some(id) = feature["id"].as_str().map(rename) {
        feature["id"] = Value::from(id);
    }
    if let Some(objects) = feature["CityObjects"].as_object_mut() {
        *objects = std::mem::take(objects).into_iter().map(|(id, object)| (rename(&id), object)).collect();
        for object in objects.values_mut() {
            for key in ["parents", "children"] {
                for id in object.get_mut(key).and_then(Value::as_array_mut).into_iter().flatten() {
                    *id = Value::from(rename(id.as_str().unwrap_or_default()));
                }
            }
        }
    }
    feature
}

fn add_to_numbers(value: &mut Value, base: u64) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| add_to_numbers(item, base)),
        Value::Number(number) => *value = Value::from(number.as_u64().unwrap_or(0) + base),
        _ => {}
    }
}
