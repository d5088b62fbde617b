//! Typed values out of buffers, every offset checked (glTF 2.0, section 3.6).

use super::document::{Accessor, Document, GltfError, slice};

/// Values that one accessor may have.
const MAX_VALUES: u64 = 200_000_000;

/// Elements of an accessor as numbers, `components` each.
#[derive(Clone, Debug, PartialEq)]
pub struct Values {
    pub components: usize,
    pub numbers: Vec<f64>,
}

fn component_bytes(kind: u32) -> Option<usize> {
    match kind {
        5120 | 5121 => Some(1),
        5122 | 5123 => Some(2),
        5125 | 5126 => Some(4),
        _ => None,
    }
}

fn component_count(kind: &str) -> Option<usize> {
    match kind {
        "SCALAR" => Some(1),
        "VEC2" => Some(2),
        "VEC3" => Some(3),
        "VEC4" | "MAT2" => Some(4),
        "MAT3" => Some(9),
        "MAT4" => Some(16),
        _ => None,
    }
}

/// One component as a number; normalised integers become 0 to 1 or −1 to 1.
fn number(kind: u32, is_normalized: bool, bytes: &[u8]) -> Option<f64> {
    let (value, limit) = match kind {
        5120 => (f64::from(i8::from_le_bytes([*bytes.first()?])), 127.0),
        5121 => (f64::from(*bytes.first()?), 255.0),
        5122 => (f64::from(i16::from_le_bytes(bytes.get(..2)?.try_into().ok()?)), 32767.0),
        5123 => (f64::from(u16::from_le_bytes(bytes.get(..2)?.try_into().ok()?)), 65535.0),
        5125 => (f64::from(u32::from_le_bytes(bytes.get(..4)?.try_into().ok()?)), 4_294_967_295.0),
        5126 => return Some(f64::from(f32::from_le_bytes(bytes.get(..4)?.try_into().ok()?))),
        _ => return None,
    };
    Some(if is_normalized { (value / limit).max(-1.0) } else { value })
}

/// Numbers of `count` elements at `stride`; `None` when they do not fit in `bytes`.
fn gather(bytes: &[u8], layout: &Layout, count: u64) -> Option<Vec<f64>> {
    let element = layout.size * layout.components;
    if count == 0 {
        return Some(Vec::new());
    }
    let needed = (count - 1).checked_mul(layout.stride)?.checked_add(element as u64)?;
    let bytes = slice(bytes, layout.offset, needed)?;
    let mut numbers = Vec::with_capacity((count as usize).checked_mul(layout.components)?);
    for index in 0..count {
        let start = (index * layout.stride) as usize;
        let element = bytes.get(start..start + element)?;
        for component in element.chunks_exact(layout.size) {
            numbers.push(number(layout.kind, layout.is_normalized, component)?);
        }
    }
    Some(numbers)
}

struct Layout {
    kind: u32,
    size: usize,
    components: usize,
    offset: u64,
    stride: u64,
    is_normalized: bool,
}

impl Document<'_> {
    /// The accessor's values, with sparse ones put in place.
    pub fn values(&self, index: usize) -> Result<Values, GltfError> {
        let place = format!("accessors[{index}]");
        let accessors = self.root.accessors.len();
        let accessor = self.root.accessors.get(index).ok_or_else(|| {
            GltfError::new(format!("one of {accessors} accessors"), index.to_string(), &*place)
        })?;
        let (Some(size), Some(components)) =
            (component_bytes(accessor.component_type), component_count(&accessor.kind))
        else {
            let found = format!("{} of {}", accessor.kind, accessor.component_type);
            return Err(GltfError::new("a known type and componentType", found, place));
        };
        if accessor.kind.starts_with("MAT") && size < 4 {
            return Err(GltfError::new("matrices of floats", accessor.component_type.to_string(), place));
        }
        if accessor.count.saturating_mul(components as u64) > MAX_VALUES {
            return Err(GltfError::new(
                format!("at most {MAX_VALUES} values"),
                accessor.count.to_string(),
                place,
            ));
        }
        let element = (size * components) as u64;
        let mut numbers = match accessor.buffer_view {
            Some(view) => {
                let stride = self.root.buffer_views.get(view).and_then(|view| view.byte_stride);
                let stride = stride.unwrap_or(element);
                if stride < element || stride > 4096 {
                    return Err(GltfError::new(
                        format!("a stride from {element}"),
                        stride.to_string(),
                        place,
                    ));
                }
                let layout = Layout {
                    kind: accessor.component_type,
                    size,
                    components,
                    offset: accessor.byte_offset,
                    stride,
                    is_normalized: accessor.normalized,
                };
                let bytes = self.view(view)?;
                gather(bytes, &layout, accessor.count).ok_or_else(|| {
                    let found = format!("{} elements from byte {}", accessor.count, accessor.byte_offset);
                    GltfError::new(
                        format!("elements inside the view's {} bytes", bytes.len()),
                        found,
                        &*place,
                    )
                })?
            }
            // Zeros, to be filled by a sparse part; without bytes behind them they are kept few.
            None if accessor.count <= 10_000_000 => vec![0.0; accessor.count as usize * components],
            None => return Err(GltfError::new("a buffer view", "none", place)),
        };
        self.fill_sparse(accessor, size, components, &mut numbers, &place)?;
        Ok(Values { components, numbers })
    }

    fn fill_sparse(
        &self,
        accessor: &Accessor,
        size: usize,
        components: usize,
        numbers: &mut [f64],
        place: &str,
    ) -> Result<(), GltfError> {
        let Some(sparse) = &accessor.sparse else { return Ok(()) };
        let bad = |what: &str| GltfError::new(what, "others", format!("{place}.sparse"));
        let index_size = component_bytes(sparse.indices.component_type)
            .filter(|_| sparse.count <= accessor.count)
            .ok_or_else(|| bad("indices of an integer type, no more than elements"))?;
        let indices = Layout {
            kind: sparse.indices.component_type,
            size: index_size,
            components: 1,
            offset: sparse.indices.byte_offset,
            stride: index_size as u64,
            is_normalized: false,
        };
        let values = Layout {
            kind: accessor.component_type,
            size,
            components,
            offset: sparse.values.byte_offset,
            stride: (size * components) as u64,
            is_normalized: accessor.normalized,
        };
        let indices = gather(self.view(sparse.indices.buffer_view)?, &indices, sparse.count)
            .ok_or_else(|| bad("indices inside their view"))?;
        let values = gather(self.view(sparse.values.buffer_view)?, &values, sparse.count)
            .ok_or_else(|| bad("values inside their view"))?;
        for (index, value) in indices.into_iter().zip(values.chunks_exact(components)) {
            let start = index as usize * components;
            numbers
                .get_mut(start..start + components)
                .ok_or_else(|| bad("indices of existing elements"))?
                .copy_from_slice(value);
        }
        Ok(())
    }

    /// As [`Self::values`] with exactly three components.
    pub fn points(&self, index: usize) -> Result<Vec<[f64; 3]>, GltfError> {
        let values = self.values(index)?;
        if values.components != 3 {
            let found = format!("{} components", values.components);
            return Err(GltfError::new("three components", found, format!("accessors[{index}]")));
        }
        Ok(values.numbers.chunks_exact(3).map(|c| [c[0], c[1], c[2]]).collect())
    }

    /// As [`Self::values`] with one component, as whole numbers (feature ids may be stored as floats).
    pub fn integers(&self, index: usize) -> Result<Vec<u32>, GltfError> {
        let values = self.values(index)?;
        if values.components != 1 {
            let found = format!("{} components", values.components);
            return Err(GltfError::new("one component", found, format!("accessors[{index}]")));
        }
        // NaN and negative become 0, too large ones the largest, which no feature has.
        Ok(values.numbers.into_iter().map(|value| value.round() as u32).collect())
    }
}
