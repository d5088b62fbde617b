//! LAS 1.0 to 1.4, LAZ and COPC point clouds.
//!
//! The header, the records and the table of chunks are read here; only the arithmetic coding inside a chunk is a
//! library's. Chunks are decoded side by side. A cloud beyond [`MAX_POINTS`] is thinned: of LAS and LAZ every n-th point
//! is kept and all are counted; of COPC the coarse levels are read until the budget is full, and the report says so.

mod chunks;
mod crs;
mod header;
pub(super) mod levels;

use std::{collections::BTreeMap, sync::Arc};

use rayon::prelude::*;

use self::{
    chunks::{Chunk, Plan, read_bytes},
    header::{Header, Layout},
    levels::Columns,
};
use super::{
    FormatReader, Inspection, ReadContext, ReadError, ReadOutcome, Severity, Source,
    input::with_checksum,
    layer_id,
    placement::{Placement, Unlabelled},
};
use crate::model::{Bounds3, Layer, LayerData, PointCloud, Provenance};

/// `.las`, `.laz`, `.copc.laz`
#[derive(Debug)]
pub struct LasReader;

/// Points that are held of one source: at most 30 bytes each while reading and 18 after, so 180 MB.
pub const MAX_POINTS: u64 = 6_000_000;
/// Chunks decoded side by side before the next are read.
const BATCH: usize = 16;

impl FormatReader for LasReader {
    fn id(&self) -> &'static str {
        "las"
    }

    fn title(&self) -> &'static str {
        "LAS point cloud (LAS, LAZ, COPC)"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["laz", "las", "copc.laz"]
    }

    fn sniff(&self, head: &[u8], _: &str) -> bool {
        head.starts_with(b"LASF")
    }

    fn read(&self, source: &Source, context: &mut ReadContext) -> Result<ReadOutcome, ReadError> {
        read_within(source, MAX_POINTS, context)
    }

    fn is_risky(&self) -> bool {
        true
    }
}

/// As [`LasReader`] with another budget, for tests and for small machines. Fails as every reader does.
pub fn read_within(
    source: &Source,
    max_points: u64,
    context: &mut ReadContext,
) -> Result<ReadOutcome, ReadError> {
    let (result, checksum) = with_checksum(source, || read_points(source, max_points.max(1), context));
    let (header, mut cloud, is_copc) = result?;
    let stated = match crs::stated(&header) {
        crs::Stated::Epsg(epsg) => Placement::parse_stated(source, &epsg.to_string(), context)?,
        crs::Stated::Unknown(text) => Placement::parse_stated(source, &text, context)?,
        crs::Stated::Nothing => None,
    };
    let bounds = cloud.bounds;
    let placement = Placement::decide(source, stated, &bounds, Unlabelled::MetricOrDegrees, context)?;
    context.check_cancelled()?;
    for batch in cloud.columns.positions.chunks_mut(1 << 16) {
        context.check_cancelled()?;
        cloud.misplaced += placement.apply(batch) as u64;
    }
    if cloud.misplaced > 0 {
        let message = format!(
            "expected coordinates on Earth, found {} points elsewhere; they are left out",
            cloud.misplaced
        );
        context.report.error("coordinates", "the points", message);
    }
    context.progress.set(0.9);
    let chunks = levels::chunks(&cloud.columns);
    let faults = std::mem::take(&mut context.report).finish();
    let mut counts = BTreeMap::from([("points".to_owned(), header.points)]);
    counts.extend(cloud.class_counts.iter().map(|(class, count)| (format!("class {class}"), *count)));
    let lods =
        (0..=chunks.iter().map(|chunk| chunk.level).max().unwrap_or(0)).map(|l| l.to_string()).collect();
    let mut fields = vec!["classification".to_owned(), "intensity".to_owned()];
    if !cloud.columns.colors.is_empty() {
        fields.push("color".to_owned());
    }
    let inspection = Inspection {
        uri: source.uri.clone(),
        format: LasReader.id(),
        version: Some(if is_copc { format!("{} (COPC)", header.version) } else { header.version.clone() }),
        crs: placement.stated_text(),
        bbox: bounds.to_array(),
        counts,
        features: header.points,
        lods,
        fields,
        time: cloud.time_text(&header),
        faults: faults.clone(),
    };
    let layer = Layer {
        id: layer_id(source),
        title: layer_id(source),
        data: LayerData::Points(Arc::new(PointCloud {
            chunks,
            class_counts: cloud.class_counts,
            source_points: header.points,
        })),
        provenance: Provenance {
            source: source.file_name().to_owned(),
            date: header.created_text(),
            checksum,
            ..Provenance::default()
        },
        faults,
    };
    context.progress.set(1.0);
    Ok(ReadOutcome { layers: vec![layer], inspection, crs: placement.target })
}

/// What reading gathers, in the source's CRS.
#[derive(Default)]
struct Gathered {
    columns: Columns,
    class_counts: BTreeMap<u8, u64>,
    bounds: Bounds3,
    time: Option<[f64; 2]>,
    /// Points without a sane place.
    misplaced: u64,
}

impl Gathered {
    fn add(&mut self, other: Self) {
        self.columns.positions.extend(other.columns.positions);
        self.columns.classes.extend(other.columns.classes);
        self.columns.intensities.extend(other.columns.intensities);
        self.columns.colors.extend(other.columns.colors);
        self.columns.levels.extend(other.columns.levels);
        for (class, count) in other.class_counts {
            *self.class_counts.entry(class).or_default() += count;
        }
        self.bounds = self.bounds.union(other.bounds);
        self.time = match (self.time, other.time) {
            (Some([a, b]), Some([c, d])) => Some([a.min(c), b.max(d)]),
            (a, b) => a.or(b),
        };
        self.misplaced += other.misplaced;
    }

    /// First and last time; only for files with absolute GPS time (a time within a week names no day).
    fn time_text(&self, header: &Header) -> Option<[String; 2]> {
        let [first, last] = self.time.filter(|_| header.is_gps_time_absolute)?;
        let text = |gps: f64| {
            // Adjusted GPS time: seconds since 1980-01-06 less 10^9; 18 leap seconds behind since 2017.
            let unix = gps + 1e9 + 315_964_800.0 - 18.0;
            jiff::Timestamp::from_second(unix.clamp(-1e10, 1e11) as i64).ok().map(|time| time.to_string())
        };
        Some([text(first)?, text(last)?])
    }
}

fn read_points(
    source: &Source,
    max_points: u64,
    context: &mut ReadContext,
) -> Result<(Header, Gathered, bool), ReadError> {
    let mut file = source.open()?;
    let header = Header::read(source, &mut file)?;
    let plan = Plan::of(&header, &mut file).map_err(|error| ReadError::Malformed {
        path: source.path.clone(),
        expected: error.expected,
        found: error.found,
        location: error.location,
        advice: "the file is damaged, cut off or not finished; fetch it again".to_owned(),
    })?;
    let is_copc = plan.chunks.iter().any(|chunk| chunk.level.is_some());
    let chunks = choose(&plan.chunks, max_points, context);
    let there: u64 = chunks.iter().map(|chunk| chunk.points).sum();
    let stride = there.div_ceil(max_points).max(1);
    if stride > 1 {
        let message = format!(
            "{there} points are more than the {max_points} that are held; every {stride}th is kept, all are counted"
        );
        context.report.add(Severity::Info, "points-thinned", "the points", message);
    }
    if !is_copc && there < header.points {
        let message = format!("expected {} points, found {there}; the file is cut off", header.points);
        context.report.error("points-missing", format!("byte {}", header.file_bytes), message);
    }
    let layout = Layout::of(&header);
    let mut gathered = Gathered::default();
    let mut done = 0_u64;
    for batch in chunks.chunks(BATCH) {
        context.check_cancelled()?;
        let mut work = Vec::with_capacity(batch.len());
        for chunk in batch {
            let packed = read_bytes(&mut file, chunk).map_err(|error| source.io_error(&error))?;
            work.push((*chunk, packed, done));
            done += chunk.points;
        }
        let parts: Vec<_> = work
            .into_par_iter()
            .map(|(chunk, packed, first)| {
                plan.decode(&chunk, packed).map(|bytes| take(&layout, &chunk, &bytes, first, stride))
            })
            .collect();
        for part in parts {
            match part {
                Ok(part) => gathered.add(part),
                Err(error) => context.report.error(
                    "chunk-damaged",
                    error.location,
                    format!("expected {}, found {}; its points are left out", error.expected, error.found),
                ),
            }
        }
        context.progress.set(0.85 * done as f64 / there.max(1) as f64);
    }
    if gathered.columns.positions.is_empty() {
        return Err(ReadError::Malformed {
            path: source.path.clone(),
            expected: "at least one readable point".to_owned(),
            found: format!("none of {}", header.points),
            location: format!("byte {}", header.points_offset),
            advice: "the file is damaged or holds nothing".to_owned(),
        });
    }
    check_bounds(&header, &gathered, is_copc, context);
    // Colours of 8 bits in 16-bit fields are common.
    Ok((header, gathered, is_copc))
}

/// The chunks to read: all, or the coarse levels of a COPC file that fit the budget (the first in any case).
fn choose(chunks: &[Chunk], max_points: u64, context: &mut ReadContext) -> Vec<Chunk> {
    let mut by_level: BTreeMap<Option<u8>, u64> = BTreeMap::new();
    for chunk in chunks {
        *by_level.entry(chunk.level).or_default() += chunk.points;
    }
    let mut total = 0_u64;
    let deepest = by_level
        .iter()
        .enumerate()
        .take_while(|&(position, (_, points))| {
            total = total.saturating_add(*points);
            position == 0 || total <= max_points
        })
        .map(|(_, (level, _))| *level)
        .last()
        .flatten();
    let last = by_level.keys().next_back().copied().flatten();
    if let (Some(deepest), Some(last)) = (deepest, last)
        && deepest < last
    {
        let message = format!(
            "levels 0 to {deepest} of 0 to {last} are read, which fit in {max_points} points; classes are counted in them"
        );
        context.report.add(Severity::Info, "points-thinned", "the octree", message);
    }
    chunks.iter().filter(|chunk| chunk.level <= deepest).copied().collect()
}

/// Points of one chunk; `first` is the number of its first point in the file.
fn take(layout: &Layout, chunk: &Chunk, bytes: &[u8], first: u64, stride: u64) -> Gathered {
    let mut part = Gathered::default();
    let mut classes = [0_u64; 256];
    for (number, record) in bytes.chunks_exact(layout.record_bytes).enumerate() {
        let Some(point) = layout.point(record) else { continue };
        if let Some(count) = classes.get_mut(usize::from(point.class)) {
            *count += 1;
        }
        if point.position.iter().any(|value| !value.is_finite() || value.abs() > 1e9) {
            part.misplaced += 1;
            continue;
        }
        part.bounds.add(point.position);
        if let Some(time) = point.time.filter(|time| time.is_finite()) {
            part.time = Some(part.time.map_or([time; 2], |[a, b]| [a.min(time), b.max(time)]));
        }
        if (first + number as u64).is_multiple_of(stride) {
            part.columns.positions.push(point.position);
            part.columns.classes.push(point.class);
            part.columns.intensities.push(point.intensity);
            if let Some(color) = point.color.filter(|_| layout.has_color()) {
                // Writers store 8 bits either in the high or in the low byte; high is the standard.
                let is_low = color.iter().all(|&value| value <= 255);
                part.columns
                    .colors
                    .push(color.map(|value| if is_low { value as u8 } else { (value >> 8) as u8 }));
            }
            if let Some(level) = chunk.level {
                part.columns.levels.push(level);
            }
        }
    }
    part.class_counts = (0..=u8::MAX).zip(classes).filter(|&(_, count)| count > 0).collect();
    part
}

/// Points outside the stated box, or a box much too large: the header was not renewed when the file was cut.
fn check_bounds(header: &Header, gathered: &Gathered, is_copc: bool, context: &mut ReadContext) {
    let Some(found) = gathered.bounds.to_array() else { return };
    let Some(stated) = header.stated_bounds else {
        context.report.warn(
            "header-bounds",
            "the header",
            "expected a box of finite numbers; the points' own is taken",
        );
        return;
    };
    let step = |axis: usize| header.scale.get(axis % 3).copied().unwrap_or(1.0).abs() * 2.0;
    let is_outside = (0..3).any(|axis| found[axis] < stated[axis] - step(axis))
        || (3..6).any(|axis| found[axis] > stated[axis] + step(axis));
    if is_outside && !is_copc {
        let message =
            format!("expected the points inside {stated:?}, found them in {found:?}; the latter is taken");
        context.report.warn("header-bounds", "the header", message);
    }
}
