//! Streams of EXT_meshopt_compression: attributes, triangles and indices (Khronos extension text, appendix A; bitstream
//! versions 0 of attributes and 1 of indices).
//!
//! Of the filters only EXPONENTIAL is undone, because only it is used for positions; octahedral and quaternion ones
//! concern normals and turns, which are not read.

/// Unpacked bytes of one view.
const MAX_BYTES: u64 = 1 << 30;
/// A stream may unfold to this many times its size; meshopt itself reaches some tens.
const MAX_RATIO: u64 = 1000;

/// Unpacks a stream to `count` elements of `stride` bytes; the error says what was wrong.
pub(super) fn decode(
    packed: &[u8],
    count: u64,
    stride: u64,
    mode: &str,
    filter: &str,
) -> Result<Vec<u8>, String> {
    let total = count.saturating_mul(stride);
    if total > MAX_BYTES || total > (packed.len() as u64).saturating_mul(MAX_RATIO) {
        return Err(format!("{total} bytes from {}", packed.len()));
    }
    let (count, stride) = (count as usize, stride as usize);
    let cut = || "a stream that is cut off or of another version".to_owned();
    match mode {
        "ATTRIBUTES" => {
            if !(4..=256).contains(&stride) || !stride.is_multiple_of(4) {
                return Err(format!("a stride of {stride}"));
            }
            let mut bytes = attributes(packed, count, stride).ok_or_else(cut)?;
            if filter == "EXPONENTIAL" {
                undo_exponents(&mut bytes);
            }
            Ok(bytes)
        }
        "TRIANGLES" if count.is_multiple_of(3) => {
            index_bytes(&triangles(packed, count).ok_or_else(cut)?, stride)
                .ok_or_else(|| format!("a stride of {stride}"))
        }
        "INDICES" => index_bytes(&indices(packed, count).ok_or_else(cut)?, stride)
            .ok_or_else(|| format!("a stride of {stride}")),
        _ => Err(format!("mode {mode} with {count} elements")),
    }
}

fn index_bytes(values: &[u32], stride: usize) -> Option<Vec<u8>> {
    match stride {
        2 => Some(values.iter().flat_map(|&value| (value as u16).to_le_bytes()).collect()),
        4 => Some(values.iter().flat_map(|&value| value.to_le_bytes()).collect()),
        _ => None,
    }
}

/// A cursor that never leaves its slice.
struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (head, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(head)
    }

    fn byte(&mut self) -> Option<u8> {
        self.take(1)?.first().copied()
    }

    /// LEB128, at most five bytes.
    fn varint(&mut self) -> Option<u32> {
        let mut result = 0_u32;
        for shift in [0, 7, 14, 21, 28] {
            let byte = self.byte()?;
            result |= u32::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                break;
            }
        }
        Some(result)
    }

    /// The next index as its signed distance to `last`.
    fn index_after(&mut self, last: u32) -> Option<u32> {
        let value = self.varint()?;
        Some(last.wrapping_add((value >> 1) ^ (value & 1).wrapping_neg()))
    }
}

fn attributes(packed: &[u8], count: usize, stride: usize) -> Option<Vec<u8>> {
    let (&header, rest) = packed.split_first()?;
    if header != 0xa0 {
        return None;
    }
    let tail = stride.max(32);
    let body = rest.len().checked_sub(tail)?;
    let mut data = Bytes(rest.get(..body)?);
    let mut last: Vec<u8> = rest.get(rest.len() - stride..)?.to_vec();
    let block = ((8192 / stride) & !15).min(256);
    let mut out = vec![0_u8; count * stride];
    let mut column = [0_u8; 256];
    for block_out in out.chunks_mut(block * stride) {
        let vertices = block_out.len() / stride;
        let groups = vertices.div_ceil(16);
        for (k, last) in last.iter_mut().enumerate() {
            let modes = data.take(groups.div_ceil(4))?;
            for group in 0..groups {
                let mode = (modes.get(group / 4)? >> ((group % 4) * 2)) & 3;
                decode_group(&mut data, mode, column.get_mut(group * 16..group * 16 + 16)?)?;
            }
            for (vertex, &delta) in block_out.chunks_exact_mut(stride).zip(&column) {
                let step = (delta >> 1) ^ (delta & 1).wrapping_neg();
                *last = last.wrapping_add(step);
                *vertex.get_mut(k)? = *last;
            }
        }
    }
    data.0.is_empty().then_some(out)
}

/// Sixteen deltas of 0, 2, 4 or 8 bits; the largest small value announces a whole byte after the packed ones.
fn decode_group(data: &mut Bytes<'_>, mode: u8, out: &mut [u8]) -> Option<()> {
    let bits = match mode {
        0 => {
            out.fill(0);
            return Some(());
        }
        3 => {
            out.copy_from_slice(data.take(16)?);
            return Some(());
        }
        1 => 2_u32,
        _ => 4,
    };
    let packed = data.take(2 * bits as usize)?;
    let sentinel = (1_u8 << bits) - 1;
    let per_byte = (8 / bits) as usize;
    for (index, value) in out.iter_mut().enumerate() {
        let byte = *packed.get(index / per_byte)?;
        let shift = 8 - bits * (index % per_byte + 1) as u32;
        let small = (byte >> shift) & sentinel;
        *value = if small == sentinel { data.byte()? } else { small };
    }
    Some(())
}

/// Each four bytes: 24 bits of mantissa and 8 of exponent, both signed, to a float.
fn undo_exponents(bytes: &mut [u8]) {
    for four in bytes.chunks_exact_mut(4) {
        let raw = i32::from_le_bytes([four[0], four[1], four[2], four[3]]);
        let (exponent, mantissa) = (raw >> 24, (raw << 8) >> 8);
        let value = (f64::from(mantissa) * f64::from(exponent).exp2()) as f32;
        four.copy_from_slice(&value.to_le_bytes());
    }
}

/// The two rings of sixteen that the triangle codec keeps.
#[derive(Default)]
struct Rings {
    edges: [(u32, u32); 16],
    edge_at: usize,
    vertices: [u32; 16],
    vertex_at: usize,
}

impl Rings {
    fn push_edge(&mut self, a: u32, b: u32) {
        self.edges[self.edge_at & 15] = (a, b);
        self.edge_at = (self.edge_at + 1) & 15;
    }
    fn push_vertex(&mut self, vertex: u32, is_new: bool) {
        self.vertices[self.vertex_at & 15] = vertex;
        self.vertex_at = (self.vertex_at + usize::from(is_new)) & 15;
    }
    fn edge(&self, back: usize) -> (u32, u32) {
        self.edges[self.edge_at.wrapping_sub(1 + back) & 15]
    }
    fn vertex(&self, back: usize) -> u32 {
        self.vertices[self.vertex_at.wrapping_sub(back) & 15]
    }
}

fn triangles(packed: &[u8], count: usize) -> Option<Vec<u32>> {
    let (&header, rest) = packed.split_first()?;
    let version = header & 0x0f;
    if header & 0xf0 != 0xe0 || version > 1 {
        return None;
    }
    let direct = if version >= 1 { 13 } else { 15 };
    let (codes, rest) = rest.split_at_checked(count / 3)?;
    let (body, table) = rest.split_at_checked(rest.len().checked_sub(16)?)?;
    let mut data = Bytes(body);
    let mut rings = Rings { edges: [(u32::MAX, u32::MAX); 16], vertices: [u32::MAX; 16], ..Rings::default() };
    let (mut next, mut last) = (0_u32, 0_u32);
    let fresh = |condition: bool, next: &mut u32| {
        let value = *next;
        *next = next.wrapping_add(u32::from(condition));
        value
    };
    let mut out = Vec::with_capacity(count);
    for &code in codes {
        if code < 0xf0 {
            let (a, b) = rings.edge(usize::from(code >> 4));
            let third = code & 15;
            let (c, is_new) = if third < direct {
                let is_new = third == 0;
                (if is_new { fresh(true, &mut next) } else { rings.vertex(1 + usize::from(third)) }, is_new)
            } else {
                last = if third == 15 {
                    data.index_after(last)?
                } else {
                    // 13 is one back, 14 one forth.
                    last.wrapping_add_signed(i32::from(third) - i32::from(third ^ 3))
                };
                (last, true)
            };
            out.extend([a, b, c]);
            rings.push_vertex(c, is_new);
            rings.push_edge(c, b);
            rings.push_edge(a, c);
        } else {
            let is_listed = code < 0xfe;
            let pair = if is_listed { *table.get(usize::from(code & 15))? } else { data.byte()? };
            let first = if is_listed || code == 0xfe { 0 } else { 15 };
            let (second, third) = (pair >> 4, pair & 15);
            if !is_listed && pair == 0 {
                next = 0;
            }
            let corner = |code: u8, next: &mut u32| match code {
                0 => fresh(true, next),
                // Read from the stream below; only free codes may ask for it.
                15 if !is_listed => 0,
                code => rings.vertex(usize::from(code)),
            };
            let (mut a, mut b, mut c) =
                (corner(first, &mut next), corner(second, &mut next), corner(third, &mut next));
            let is_read = |code: u8| !is_listed && code == 15;
            for (code, value) in [(first, &mut a), (second, &mut b), (third, &mut c)] {
                if is_read(code) {
                    last = data.index_after(last)?;
                    *value = last;
                }
            }
            out.extend([a, b, c]);
            rings.push_vertex(a, true);
            rings.push_vertex(b, second == 0 || is_read(second));
            rings.push_vertex(c, third == 0 || is_read(third));
            rings.push_edge(b, a);
            rings.push_edge(c, b);
            rings.push_edge(a, c);
        }
    }
    data.0.is_empty().then_some(out)
}

fn indices(packed: &[u8], count: usize) -> Option<Vec<u32>> {
    let (&header, rest) = packed.split_first()?;
    if header & 0xf0 != 0xd0 || header & 0x0f > 1 {
        return None;
    }
    let mut data = Bytes(rest.get(..rest.len().checked_sub(4)?)?);
    let mut last = [0_u32; 2];
    let mut out = Vec::with_capacity(count);
    for _ in 0..count {
        let value = data.varint()?;
        let last = &mut last[(value & 1) as usize];
        let value = value >> 1;
        *last = last.wrapping_add((value >> 1) ^ (value & 1).wrapping_neg());
        out.push(*last);
    }
    data.0.is_empty().then_some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn damaged_streams_end_quietly() {
        for mode in ["ATTRIBUTES", "TRIANGLES", "INDICES", "OTHER"] {
            for packed in [&[][..], &[0xa0], &[0xe1; 40], &[0xd1, 0x80, 0x80], &[0xff; 100]] {
                assert!(decode(packed, 30, 4, mode, "NONE").is_err(), "{mode} {packed:?}");
            }
        }
        assert!(decode(&[0xa0; 64], u64::MAX, 16, "ATTRIBUTES", "NONE").is_err(), "too large");
    }

    #[test]
    fn exponents_become_floats() {
        let raw = ((-2_i32) << 24) | 6;
        let mut bytes = raw.to_le_bytes();
        undo_exponents(&mut bytes);
        assert_eq!(f32::from_le_bytes(bytes), 1.5);
    }
}
