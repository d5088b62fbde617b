//! Wavefront OBJ text: vertices, faces, objects, groups and material names (Wavefront, Object Files, version 3.0).

use std::{
    collections::{BTreeMap, HashMap},
    io::{BufRead, Read},
};

use crate::{
    mesh::triangulate::Triangulator,
    readers::{
        ReadContext, ReadError, Report, Source,
        input::{SMALLER, size_text, stream_error},
    },
};

/// Bytes of one line, continuation lines included; a face of 50,000 corners fits.
const MAX_LINE_BYTES: u64 = 1 << 20;
const MAX_VERTICES: usize = 100_000_000;
const MAX_TRIANGLES: usize = 100_000_000;

/// Triangles of one object (or group, where there are no objects) in one material.
#[derive(Debug, Default)]
pub(super) struct Group {
    pub name: String,
    pub material: Option<String>,
    /// Three a triangle, into [`Parsed::vertices`].
    pub corners: Vec<u32>,
}

#[derive(Debug, Default)]
pub(super) struct Parsed {
    pub vertices: Vec<[f64; 3]>,
    /// sRGB, 0 to 1, where lines have six numbers; else empty or shorter.
    pub colors: HashMap<u32, [u8; 4]>,
    pub groups: Vec<Group>,
    pub libraries: Vec<String>,
    pub faces: u64,
    /// `o` lines, or `g` lines where there are none.
    pub objects: u64,
    /// Lines that are read but draw nothing: lines, points, curves.
    pub other_elements: u64,
}

struct Builder<'r> {
    parsed: Parsed,
    /// Place in `groups` by name and material.
    by_name: BTreeMap<(String, Option<String>), usize>,
    object: Option<String>,
    group: Option<String>,
    material: Option<String>,
    current: Option<usize>,
    object_lines: u64,
    group_lines: u64,
    triangles: usize,
    triangulator: Triangulator,
    report: &'r mut Report,
}

pub(super) fn parse(
    source: &Source,
    mut text: Box<dyn BufRead + Send>,
    context: &mut ReadContext,
) -> Result<Parsed, ReadError> {
    let mut report = std::mem::take(&mut context.report);
    let mut builder = Builder {
        parsed: Parsed::default(),
        by_name: BTreeMap::new(),
        object: None,
        group: None,
        material: None,
        current: None,
        object_lines: 0,
        group_lines: 0,
        triangles: 0,
        triangulator: Triangulator::default(),
        report: &mut report,
    };
    let size = source.size().max(1) as f64;
    let (mut number, mut done) = (0_u64, 0_u64);
    let mut line = Vec::new();
    let result = loop {
        line.clear();
        let first = number + 1;
        match next_line(&mut text, &mut line, &mut number) {
            Ok(0) => break Ok(()),
            Ok(bytes) => done += bytes,
            Err(error) => break Err(stream_error(source, &error)),
        }
        if line.len() as u64 >= MAX_LINE_BYTES {
            break Err(ReadError::TooLarge {
                path: source.path.clone(),
                what: format!("line {first}"),
                limit: size_text(MAX_LINE_BYTES),
                found: "more".to_owned(),
                advice: SMALLER.into(),
            });
        }
        if number.is_multiple_of(4096) {
            if let Err(cancelled) = context.check_cancelled() {
                break Err(cancelled);
            }
            context.progress.set(0.7 * done as f64 / size);
        }
        builder.line(&String::from_utf8_lossy(&line), first);
        if builder.parsed.vertices.len() > MAX_VERTICES || builder.triangles > MAX_TRIANGLES {
            break Err(ReadError::TooLarge {
                path: source.path.clone(),
                what: "the model".to_owned(),
                limit: format!("{MAX_VERTICES} vertices and {MAX_TRIANGLES} triangles"),
                found: format!("more at line {number}"),
                advice: SMALLER.into(),
            });
        }
    };
    let Builder { mut parsed, object_lines, group_lines, .. } = builder;
    parsed.objects = if object_lines > 0 { object_lines } else { group_lines };
    context.report = report;
    result.map(|()| parsed)
}

/// One logical line: physical ones that end in a backslash are joined. Returns the bytes read; 0 at the end.
fn next_line(text: &mut dyn BufRead, line: &mut Vec<u8>, number: &mut u64) -> std::io::Result<u64> {
    let mut total = 0;
    loop {
        let left = MAX_LINE_BYTES.saturating_sub(line.len() as u64);
        let bytes = (&mut *text).take(left).read_until(b'\n', line)?;
        total += bytes as u64;
        if bytes == 0 {
            return Ok(total);
        }
        *number += 1;
        while line.last().is_some_and(|&c| c == b'\n' || c == b'\r') {
            line.pop();
        }
        if line.last() != Some(&b'\\') {
            return Ok(total);
        }
        line.pop();
        line.push(b' ');
    }
}

impl Builder<'_> {
    fn line(&mut self, line: &str, number: u64) {
        let line = line.split('#').next().unwrap_or_default();
        let mut words = line.split_ascii_whitespace();
        let Some(keyword) = words.next() else { return };
        let name = || {
            let text = line.trim().get(keyword.len()..).unwrap_or_default().trim();
            text.chars().take(256).collect::<String>()
        };
        match keyword {
            "v" => self.vertex(words, number),
            "f" | "fo" => self.face(words, number),
            "o" => {
                self.object_lines += 1;
                self.object = Some(name()).filter(|name| !name.is_empty());
                self.current = None;
            }
            "g" => {
                self.group_lines += 1;
                self.group = Some(name()).filter(|name| !name.is_empty());
                self.current = None;
            }
            "usemtl" => {
                self.material = Some(name()).filter(|name| !name.is_empty());
                self.current = None;
            }
            "mtllib" if self.parsed.libraries.len() < 64 => self.parsed.libraries.push(name()),
            "l" | "p" | "curv" | "curv2" | "surf" => self.parsed.other_elements += 1,
            // Texture coordinates, normals, smoothing and the like are not drawn.
            _ => {}
        }
    }

    fn vertex<'a>(&mut self, words: impl Iterator<Item = &'a str>, number: u64) {
        let values: Vec<f64> = words.take(7).map(|word| word.parse().unwrap_or(f64::NAN)).collect();
        let point = match values.get(..3) {
            Some(&[x, y, z]) if [x, y, z].iter().all(|v| v.is_finite() && v.abs() < 1e9) => [x, y, z],
            _ => {
                let message =
                    format!("expected three finite numbers, found {values:?}; its faces are left out");
                self.report.error("vertex-unreadable", format!("line {number}"), message);
                [f64::NAN; 3]
            }
        };
        if let Some(&[r, g, b]) = values.get(3..6) {
            let byte = |value: f64| (value.clamp(0.0, 1.0) * 255.0).round() as u8;
            self.parsed.colors.insert(self.parsed.vertices.len() as u32, [byte(r), byte(g), byte(b), 255]);
        }
        self.parsed.vertices.push(point);
    }

    fn face<'a>(&mut self, words: impl Iterator<Item = &'a str>, number: u64) {
        self.parsed.faces += 1;
        let count = i64::try_from(self.parsed.vertices.len()).unwrap_or(i64::MAX);
        let mut corners: Vec<u32> = Vec::new();
        for word in words {
            // Only the vertex counts of "vertex/texture/normal".
            let first = word.split('/').next().unwrap_or_default();
            let index = match first.parse::<i64>() {
                Ok(index) if index > 0 => index - 1,
                Ok(index) if index < 0 => count + index,
                _ => -1,
            };
            if !(0..count).contains(&index) {
                let message = format!(
                    "expected a vertex from 1 to {count} (or -1 to -{count}), found \"{}\"; the face is left out",
                    first.chars().take(24).collect::<String>()
                );
                self.report.error("vertex-out-of-range", format!("line {number}"), message);
                return;
            }
            corners.push(index as u32);
        }
        corners.dedup();
        if corners.len() > 1 && corners.first() == corners.last() {
            corners.pop();
        }
        let points: Vec<[f64; 3]> =
            corners.iter().filter_map(|&c| self.parsed.vertices.get(c as usize).copied()).collect();
        if points.iter().any(|point| point[0].is_nan()) {
            return;
        }
        let triangles: Vec<u32> = if corners.len() == 3 {
            corners
        } else {
            let face = self.triangulator.face(&[&points]);
            if !face.added.is_empty() {
                let message =
                    "expected an outline that does not cross itself; the face is left out".to_owned();
                self.report.warn("face-crosses-itself", format!("line {number}"), message);
                return;
            }
            face.triangles.iter().filter_map(|&t| corners.get(t as usize).copied()).collect()
        };
        if triangles.is_empty() {
            let message = "expected three or more corners and an area; the face is left out".to_owned();
            self.report.warn("face-without-area", format!("line {number}"), message);
            return;
        }
        self.triangles += triangles.len() / 3;
        let current = self.current_group();
        if let Some(group) = self.parsed.groups.get_mut(current) {
            group.corners.extend(triangles);
        }
    }

    fn current_group(&mut self) -> usize {
        if let Some(current) = self.current {
            return current;
        }
        let name = self.object.clone().or_else(|| self.group.clone()).unwrap_or_else(|| "model".to_owned());
        let key = (name, self.material.clone());
        let next = self.parsed.groups.len();
        let index = *self.by_name.entry(key.clone()).or_insert(next);
        if index == next {
            self.parsed.groups.push(Group { name: key.0, material: key.1, corners: Vec::new() });
        }
        self.current = Some(index);
        index
    }
}

/// Colours (`Kd`) by material name of an MTL file, sRGB; anything else in it is passed over.
pub(super) fn material_colors(text: &str) -> BTreeMap<String, [u8; 4]> {
    let mut colors = BTreeMap::new();
    let mut name: Option<&str> = None;
    for line in text.lines().take(1_000_000) {
        let line = line.trim();
        if let Some(rest) = line.strip_prefix("newmtl ") {
            name = Some(rest.trim());
        } else if let (Some(name), Some(rest)) = (name, line.strip_prefix("Kd ")) {
            let values: Vec<f64> =
                rest.split_ascii_whitespace().filter_map(|word| word.parse().ok()).collect();
            if let Some(&[r, g, b]) = values.get(..3) {
                let byte = |value: f64| (value.clamp(0.0, 1.0) * 255.0).round() as u8;
                colors.insert(name.to_owned(), [byte(r), byte(g), byte(b), 255]);
            }
        }
    }
    colors
}
