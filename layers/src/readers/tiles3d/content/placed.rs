//! Contents whose positions are a table: instances of a model (i3dm) and points (pnts).

use super::{
    super::{place::east_north_up, tables::Table},
    *,
};

pub(super) fn instanced(
    decoded: &mut Decoded,
    bytes: &[u8],
    location: &Location,
    transform: &Matrix,
) -> Result<(), GltfError> {
    let parts = parts(bytes, 32, decoded)?;
    let table = &parts.feature_table;
    let bad = |found: String| GltfError::new("a readable feature table", found, "the feature table");
    let rows = table.length("INSTANCES_LENGTH").ok_or_else(|| bad("no INSTANCES_LENGTH".to_owned()))?;
    let rows = checked_rows(rows, bytes, "INSTANCES_LENGTH")?;
    let scene = match u32_at(bytes, 28) {
        Some(1) => read_scene(parts.body, location)?,
        Some(0) => {
            let uri = String::from_utf8_lossy(parts.body);
            let uri = uri.trim_end_matches(['\0', ' ']);
            let there = location.join(uri);
            let read = there.and_then(|there| Ok((there.read()?, there)));
            let (model, there) = read.map_err(|error| {
                GltfError::new("a readable model", error.to_string(), "the instanced model")
            })?;
            read_scene(&model, &there)?
        }
        other => return Err(GltfError::new("glTF format 0 or 1", format!("{other:?}"), "byte 28")),
    };
    let column = |key: &str, width: u64, kind: &str| table.column(key, rows, width, kind).map_err(bad);
    let positions = positions(table, rows).map_err(bad)?;
    let (up, right) = (column("NORMAL_UP", 3, "FLOAT")?, column("NORMAL_RIGHT", 3, "FLOAT")?);
    let (up_packed, right_packed) = (
        column("NORMAL_UP_OCT32P", 2, "UNSIGNED_SHORT")?,
        column("NORMAL_RIGHT_OCT32P", 2, "UNSIGNED_SHORT")?,
    );
    let (scale, scales) = (column("SCALE", 1, "FLOAT")?, column("SCALE_NON_UNIFORM", 3, "FLOAT")?);
    let batch_ids = column("BATCH_ID", 1, "UNSIGNED_SHORT")?;
    let is_upright = table.json.get("EAST_NORTH_UP").and_then(serde_json::Value::as_bool).unwrap_or(false);
    let center = table.vector("RTC_CENTER");
    let first = add_batch(decoded, &parts.batch_table, rows, location.name());
    let base = center.map_or(*transform, |center| transform.after(&Matrix::translation(center)));
    let per_instance = scene.triangle_count() as u64;
    if per_instance.saturating_mul(rows) > MAX_TRIANGLES {
        let found = format!("{rows} instances of {per_instance}");
        return Err(GltfError::new(
            format!("at most {MAX_TRIANGLES} triangles in a tile"),
            found,
            "the content",
        ));
    }
    let triple = |column: &Option<Vec<f64>>, row: usize| -> Option<[f64; 3]> {
        column.as_ref()?.get(row * 3..row * 3 + 3)?.try_into().ok()
    };
    for (row, &position) in positions.iter().enumerate() {
        let octahedral = |column: &Option<Vec<f64>>| -> Option<[f64; 3]> {
            let pair = column.as_ref()?.get(row * 2..row * 2 + 2)?;
            Some(from_octahedron(pair.first()? / 65535.0 * 2.0 - 1.0, pair.get(1)? / 65535.0 * 2.0 - 1.0))
        };
        let up = triple(&up, row).or_else(|| octahedral(&up_packed));
        let right = triple(&right, row).or_else(|| octahedral(&right_packed));
        let [x, y, z] = match (up, right) {
            (Some(up), Some(right)) => [right, up, cross(right, up)],
            _ if is_upright => {
                let whole = center.map_or(position, |c| std::array::from_fn(|axis| position[axis] + c[axis]));
                // The instance's y is up in its own glTF, which is turned to z before this.
                let [east, north, up] = east_north_up(whole);
                [east, north, up]
            }
            _ => [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]],
        };
        let uniform = scale.as_ref().and_then(|column| column.get(row)).copied().unwrap_or(1.0);
        let factors = triple(&scales, row).unwrap_or([1.0; 3]).map(|factor| factor * uniform);
        let scaled = |axis: [f64; 3], factor: f64| axis.map(|value| value * factor);
        let instance =
            Matrix::from_axes(scaled(x, factors[0]), scaled(y, factors[1]), scaled(z, factors[2]), position);
        // Without a batch id the instance's own number is its row.
        let batch =
            batch_ids.as_ref().and_then(|ids| ids.get(row)).map_or(row as u32, |id| id.round() as u32);
        let feature = if u64::from(batch) < rows { first + batch } else { MeshModel::NO_FEATURE };
        place_scene(decoded, &scene, location.name(), &base.after(&instance), None, Some(feature));
    }
    decoded.faults.extend(scene.left_out);
    check_size(decoded)
}

/// POSITION, or POSITION_QUANTIZED in its volume.
fn positions(table: &Table<'_>, rows: u64) -> Result<Vec<[f64; 3]>, String> {
    if let Some(numbers) = table.column("POSITION", rows, 3, "FLOAT")? {
        return Ok(numbers.chunks_exact(3).map(|p| [p[0], p[1], p[2]]).collect());
    }
    let numbers = table
        .column("POSITION_QUANTIZED", rows, 3, "UNSIGNED_SHORT")?
        .ok_or("expected POSITION or POSITION_QUANTIZED, found neither")?;
    let offset =
        table.vector("QUANTIZED_VOLUME_OFFSET").ok_or("expected QUANTIZED_VOLUME_OFFSET, found none")?;
    let scale =
        table.vector("QUANTIZED_VOLUME_SCALE").ok_or("expected QUANTIZED_VOLUME_SCALE, found none")?;
    Ok(numbers
        .chunks_exact(3)
        .map(|p| std::array::from_fn(|axis| p[axis] * scale[axis] / 65535.0 + offset[axis]))
        .collect())
}

fn cross(a: [f64; 3], b: [f64; 3]) -> [f64; 3] {
    [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]
}

/// A unit vector from the two coordinates of an octahedron folded flat.
fn from_octahedron(x: f64, y: f64) -> [f64; 3] {
    let z = 1.0 - x.abs() - y.abs();
    let sign = |value: f64| if value < 0.0 { -1.0 } else { 1.0 };
    let (x, y) = if z < 0.0 { ((1.0 - y.abs()) * sign(x), (1.0 - x.abs()) * sign(y)) } else { (x, y) };
    let length = (x * x + y * y + z * z).sqrt().max(1e-12);
    [x / length, y / length, z / length]
}

pub(super) fn point_cloud(decoded: &mut Decoded, bytes: &[u8], transform: &Matrix) -> Result<(), GltfError> {
    let parts = parts(bytes, 28, decoded)?;
    let table = &parts.feature_table;
    let bad = |found: String| GltfError::new("a readable feature table", found, "the feature table");
    let extension = table.json.get("extensions").and_then(|e| e.get("3DTILES_draco_point_compression"));
    if extension.is_some() {
        let expected = "points as numbers";
        return Err(GltfError::new(expected, "\"3DTILES_draco_point_compression\"", "the feature table"));
    }
    let rows = table.length("POINTS_LENGTH").ok_or_else(|| bad("no POINTS_LENGTH".to_owned()))?;
    let rows = checked_rows(rows, bytes, "POINTS_LENGTH")?;
    let transform =
        table.vector("RTC_CENTER").map_or(*transform, |c| transform.after(&Matrix::translation(c)));
    let positions: Vec<[f64; 3]> =
        positions(table, rows).map_err(bad)?.into_iter().map(|point| transform.point(point)).collect();
    let bytes_of = |key: &str, width: u64| table.column(key, rows, width, "UNSIGNED_BYTE").map_err(bad);
    let triples = |numbers: Vec<f64>, width: usize| -> Vec<[u8; 3]> {
        numbers.chunks_exact(width).map(|c| [c[0] as u8, c[1] as u8, c[2] as u8]).collect()
    };
    let colors = if let Some(numbers) = bytes_of("RGB", 3)? {
        triples(numbers, 3)
    } else if let Some(numbers) = bytes_of("RGBA", 4)? {
        triples(numbers, 4)
    } else if let Some(numbers) = table.column("RGB565", rows, 1, "UNSIGNED_SHORT").map_err(bad)? {
        let wide =
            |value: u16, bits: u32| (u32::from(value & ((1 << bits) - 1)) * 255 / ((1 << bits) - 1)) as u8;
        numbers
            .into_iter()
            .map(|v| v as u16)
            .map(|v| [wide(v >> 11, 5), wide(v >> 5, 6), wide(v, 5)])
            .collect()
    } else if let Some(numbers) = table.json.get("CONSTANT_RGBA").and_then(serde_json::Value::as_array) {
        let byte =
            |k: usize| numbers.get(k).and_then(serde_json::Value::as_u64).unwrap_or(255).min(255) as u8;
        vec![[byte(0), byte(1), byte(2)]; positions.len()]
    } else {
        Vec::new()
    };
    // Per-point attributes: of these the class is kept.
    let batches = table.length("BATCH_LENGTH");
    let (columns, errors) = parts.batch_table.properties(batches.unwrap_or(rows));
    for error in errors {
        decoded.faults.push(GltfError::new("a readable column", error, "the batch table"));
    }
    let classes = columns
        .iter()
        .find(|(name, values)| {
            name.to_ascii_lowercase().starts_with("classification") && values.len() == positions.len()
        })
        .map(|(_, values)| values.iter().map(|v| v.as_f64().unwrap_or(0.0) as u8).collect())
        .unwrap_or_default();
    decoded.points.push(Points { positions, colors, classes });
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn octahedra_unfold_to_unit_vectors() {
        for (x, y, expected) in [
            (0.0, 0.0, [0.0, 0.0, 1.0]),
            (1.0, 0.0, [1.0, 0.0, 0.0]),
            (0.0, -1.0, [0.0, -1.0, 0.0]),
            (1.0, 1.0, [0.0, 0.0, -1.0]),
        ] {
            let found = from_octahedron(x, y);
            assert!((0..3).all(|k| (found[k] - expected[k]).abs() < 1e-12), "{found:?}");
        }
    }
}
