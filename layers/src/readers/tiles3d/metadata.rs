//! Rules for schemas and for the metadata of tilesets, tiles, groups and contents (OGC 22-025r4, 3D Metadata).

use serde_json::{Map, Value as Json};

/// What a rule found: where (a path below the thing that was checked), and what was expected and found.
pub(super) type Findings = Vec<(String, String)>;

fn short(json: &Json) -> String {
    json.to_string().chars().take(60).collect()
}

/// Faults of a schema by itself.
pub(super) fn check_schema(schema: &Json, findings: &mut Findings) {
    let Some(object) = schema.as_object() else {
        findings.push(("schema".into(), format!("expected an object, found {}", short(schema))));
        return;
    };
    if object.get("id").and_then(Json::as_str).is_none_or(str::is_empty) {
        findings.push(("schema.id".into(), "expected a name, found none".into()));
    }
    for (kind, inner) in [("classes", "properties"), ("enums", "values")] {
        match object.get(kind) {
            None => {}
            Some(Json::Object(definitions)) => {
                for (name, definition) in definitions {
                    if !definition.is_object() {
                        let message = format!("expected an object, found {}", short(definition));
                        findings.push((format!("schema.{kind}.{name}"), message));
                    } else if kind == "classes" {
                        check_class(name, definition.get(inner), object.get("enums"), findings);
                    }
                }
            }
            Some(other) => {
                findings
                    .push((format!("schema.{kind}"), format!("expected an object, found {}", short(other))));
            }
        }
    }
}

fn check_class(class: &str, properties: Option<&Json>, enums: Option<&Json>, findings: &mut Findings) {
    let Some(properties) = properties.and_then(Json::as_object) else { return };
    for (name, property) in properties {
        let place = format!("schema.classes.{class}.properties.{name}");
        let kind = property.get("type").and_then(Json::as_str).unwrap_or_default();
        let is_number = matches!(kind, "SCALAR" | "VEC2" | "VEC3" | "VEC4" | "MAT2" | "MAT3" | "MAT4");
        if !is_number && !matches!(kind, "STRING" | "BOOLEAN" | "ENUM") {
            findings.push((place, format!("expected a type such as SCALAR or STRING, found \"{kind}\"")));
        } else if is_number && range_of(property).is_none() {
            findings.push((place, "expected a componentType such as FLOAT32, found another".into()));
        } else if kind == "ENUM" {
            let wanted = property.get("enumType").and_then(Json::as_str).unwrap_or_default();
            if enums.and_then(|enums| enums.get(wanted)).is_none() {
                findings.push((place, format!("expected an enum of the schema, found \"{wanted}\"")));
            }
        }
    }
}

/// Smallest and largest stored value of a number property, and whether it is an integer.
fn range_of(property: &Json) -> Option<(f64, f64, bool)> {
    Some(match property.get("componentType")?.as_str()? {
        "INT8" => (-128.0, 127.0, true),
        "UINT8" => (0.0, 255.0, true),
        "INT16" => (-32768.0, 32767.0, true),
        "UINT16" => (0.0, 65535.0, true),
        "INT32" => (-2_147_483_648.0, 2_147_483_647.0, true),
        "UINT32" => (0.0, 4_294_967_295.0, true),
        "INT64" => (-9.223_372_036_854_776e18, 9.223_372_036_854_776e18, true),
        "UINT64" => (0.0, 1.844_674_407_370_955_2e19, true),
        "FLOAT32" => (-3.402_823_47e38, 3.402_823_47e38, false),
        "FLOAT64" => (f64::MIN, f64::MAX, false),
        _ => return None,
    })
}

/// Faults of an entity: an object with `class` and `properties`. Returns the value that the class marks as
/// TILE_GEOMETRIC_ERROR.
pub(super) fn check_entity(
    entity: &Json,
    schema: Option<&Json>,
    place: &str,
    findings: &mut Findings,
) -> Option<f64> {
    let Some(object) = entity.as_object() else {
        findings.push((place.into(), format!("expected an object, found {}", short(entity))));
        return None;
    };
    let class_name = match object.get("class") {
        Some(Json::String(name)) => name,
        Some(other) => {
            findings.push((format!("{place}.class"), format!("expected a name, found {}", short(other))));
            return None;
        }
        None => {
            findings.push((format!("{place}.class"), "expected a name, found none".into()));
            return None;
        }
    };
    let Some(schema) = schema else {
        findings.push((place.into(), "expected a schema in the tileset for its metadata, found none".into()));
        return None;
    };
    let Some(class) = schema.get("classes").and_then(|classes| classes.get(class_name)) else {
        let message = format!("expected a class of the schema, found \"{class_name}\"");
        findings.push((format!("{place}.class"), message));
        return None;
    };
    let empty = Map::new();
    let definitions = class.get("properties").and_then(Json::as_object).unwrap_or(&empty);
    let values = object.get("properties").and_then(Json::as_object).unwrap_or(&empty);
    for name in values.keys().filter(|name| !definitions.contains_key(*name)) {
        let message = format!("expected a property of class \"{class_name}\", found another");
        findings.push((format!("{place}.properties.{name}"), message));
    }
    let mut geometric_error = None;
    for (name, property) in definitions {
        let place = format!("{place}.properties.{name}");
        let value = values.get(name).filter(|value| !value.is_null());
        let is_required = property.get("required").and_then(Json::as_bool).unwrap_or(false);
        match value {
            None if is_required => {
                findings.push((place, "expected a value, as it is required, found none".into()));
            }
            None => {}
            Some(value) => {
                check_value(value, property, schema, &place, findings);
                if property.get("semantic").and_then(Json::as_str) == Some("TILE_GEOMETRIC_ERROR") {
                    geometric_error = value.as_f64();
                }
            }
        }
    }
    geometric_error
}

fn check_value(value: &Json, property: &Json, schema: &Json, place: &str, findings: &mut Findings) {
    if property.get("noData") == Some(value) {
        return;
    }
    let is_array = property.get("array").and_then(Json::as_bool).unwrap_or(false);
    if !is_array {
        check_element(value, property, schema, None, place, findings);
        return;
    }
    let Some(elements) = value.as_array() else {
        findings.push((place.into(), format!("expected an array, found {}", short(value))));
        return;
    };
    if let Some(count) = property.get("count").and_then(Json::as_u64)
        && count != elements.len() as u64
    {
        findings.push((place.into(), format!("expected {count} elements, found {}", elements.len())));
    }
    for (index, element) in elements.iter().enumerate() {
        check_element(element, property, schema, Some(index), &format!("{place}[{index}]"), findings);
    }
}

fn check_element(
    value: &Json,
    property: &Json,
    schema: &Json,
    index: Option<usize>,
    place: &str,
    findings: &mut Findings,
) {
    let kind = property.get("type").and_then(Json::as_str).unwrap_or_default();
    let wrong = |expected: &str| (place.to_owned(), format!("expected {expected}, found {}", short(value)));
    match kind {
        "STRING" if !value.is_string() => findings.push(wrong("text")),
        "BOOLEAN" if !value.is_boolean() => findings.push(wrong("true or false")),
        "STRING" | "BOOLEAN" => {}
        "ENUM" => {
            let enum_type = property.get("enumType").and_then(Json::as_str).unwrap_or_default();
            let values =
                schema.get("enums").and_then(|enums| enums.get(enum_type)).and_then(|e| e.get("values"));
            let is_known = values
                .and_then(Json::as_array)
                .is_some_and(|values| values.iter().any(|v| v.get("name").is_some_and(|name| name == value)));
            if !is_known {
                findings.push(wrong(&format!("a value of the enum \"{enum_type}\"")));
            }
        }
        "SCALAR" => check_number(value, property, &[index], place, findings),
        _ => {
            let width = match kind {
                "VEC2" => 2,
                "VEC3" => 3,
                "VEC4" | "MAT2" => 4,
                "MAT3" => 9,
                "MAT4" => 16,
                _ => return,
            };
            match value.as_array().filter(|parts| parts.len() == width) {
                Some(parts) => {
                    for (part, number) in parts.iter().enumerate() {
                        check_number(
                            number,
                            property,
                            &[index, Some(part)],
                            &format!("{place}[{part}]"),
                            findings,
                        );
                    }
                }
                None => findings.push(wrong(&format!("{width} numbers"))),
            }
        }
    }
}

/// The stored range, then `min` and `max` after normalisation, scale and offset. `indices` lead into limits that are
/// given per element.
fn check_number(
    value: &Json,
    property: &Json,
    indices: &[Option<usize>],
    place: &str,
    findings: &mut Findings,
) {
    let Some((low, high, is_integer)) = range_of(property) else { return };
    let wrong = |expected: String| (place.to_owned(), format!("expected {expected}, found {}", short(value)));
    let text = value.as_str().and_then(|text| text.parse::<f64>().ok()).filter(|_| is_integer);
    let Some(number) = value.as_f64().or(text) else {
        findings.push(wrong("a number".into()));
        return;
    };
    if !(low..=high).contains(&number) || (is_integer && number.fract() != 0.0) {
        findings.push(wrong(format!(
            "{} from {low} to {high}",
            if is_integer { "a whole number" } else { "a number" }
        )));
        return;
    }
    let limit = |key: &str| -> Option<f64> {
        let mut json = property.get(key)?;
        for index in indices.iter().flatten() {
            json = match json.as_array() {
                Some(parts) => parts.get(*index)?,
                None => json,
            };
        }
        json.as_f64()
    };
    let is_normalized = property.get("normalized").and_then(Json::as_bool).unwrap_or(false);
    let normal = if is_normalized && is_integer { (number / high).max(-1.0) } else { number };
    let actual = normal * limit("scale").unwrap_or(1.0) + limit("offset").unwrap_or(0.0);
    // Limits are of the component's precision.
    let room = |limit: f64| limit.abs() * 1e-6;
    if let Some(min) = limit("min").filter(|&min| actual < min - room(min)) {
        findings.push(wrong(format!("{min} or more after scale and offset ({actual})")));
    }
    if let Some(max) = limit("max").filter(|&max| actual > max + room(max)) {
        findings.push(wrong(format!("{max} or less after scale and offset ({actual})")));
    }
}
