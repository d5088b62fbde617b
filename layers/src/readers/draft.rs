//! The last steps that readers of features, streets and sensors share: from what a file says to layers in the project's
//! CRS with an inspection.

use std::{cell::Cell, collections::BTreeMap, io::Read, sync::Arc};

use geo::{CoordsIter, MapCoordsInPlace};

use super::{
    Inspection, ReadContext, ReadError, ReadOutcome, Report, Source,
    input::{SMALLER, open_text, size_text, stream_error},
    layer_id,
    placement::{Placement, Unlabelled, robust_bounds},
};
use crate::{
    crs::Epsg,
    model::{
        Bounds3, FeatureLayer, Layer, LayerData, Provenance, SensorLayer, StreetNetwork,
        network::polyline_length_m,
    },
};

/// One layer in the coordinates of its source. Links whose length is NaN get that of their placed line.
#[derive(Debug)]
pub(crate) enum DraftData {
    Features(FeatureLayer),
    Streets(StreetNetwork),
    Sensors(SensorLayer),
}

/// All that a reader found, before anything is placed.
#[derive(Debug)]
pub(crate) struct Draft {
    pub format: &'static str,
    pub version: Option<String>,
    /// The CRS that the source states, or that its format prescribes.
    pub stated: Option<Epsg>,
    pub counts: BTreeMap<String, u64>,
    pub features: u64,
    pub time: Option<[String; 2]>,
    pub provenance: Provenance,
    /// What is added to the layer's id ("" for the only layer of a source), its title, and its data.
    pub layers: Vec<(String, String, DraftData)>,
}

impl Draft {
    pub fn new(format: &'static str, stated: Option<Epsg>) -> Self {
        Self {
            format,
            version: None,
            stated,
            counts: BTreeMap::new(),
            features: 0,
            time: None,
            provenance: Provenance::default(),
            layers: Vec::new(),
        }
    }

    pub fn count(&mut self, name: &str, count: usize) {
        self.counts.insert(name.to_owned(), count as u64);
    }

    /// Takes a layer of sensors under `title`: its counts, its time, and the date of its last observation where the
    /// source gives none.
    pub fn add_sensors(&mut self, title: impl Into<String>, layer: SensorLayer) {
        self.count("things", layer.things.len());
        self.count("datastreams", layer.datastreams.len());
        self.count("observations", layer.observation_count());
        self.features = layer.things.len() as u64;
        self.time = layer.time_range().map(|(first, last)| [iso_time(first), iso_time(last)]);
        if let (true, Some([_, last])) = (self.provenance.date.is_empty(), &self.time) {
            self.provenance.date.clone_from(last);
        }
        self.layers.push((String::new(), title.into(), DraftData::Sensors(layer)));
    }

    /// Places every layer and makes the outcome. Fails with [`ReadError::UnknownCrs`] and [`ReadError::Cancelled`].
    pub fn finish(
        self,
        source: &Source,
        checksum: String,
        context: &mut ReadContext,
    ) -> Result<ReadOutcome, ReadError> {
        let Self { format, version, stated, counts, features, time, mut provenance, mut layers } = self;
        context.check_cancelled()?;
        let mut bounds = Bounds3::EMPTY;
        let mut sample = Sample::default();
        for (_, _, data) in &layers {
            data.each_point(&mut |point| {
                if point[0].abs() < 1e9 && point[1].abs() < 1e9 {
                    bounds.add(point);
                }
                sample.add([point[0], point[1]]);
            });
        }
        // What states its CRS needs no guess by its extent: there, a few strays of a national file must not move the middle.
        let center =
            if stated.is_some() { middle_half(sample.points) } else { robust_bounds(&sample.points) };
        let placement = Placement::decide(source, stated, &center, Unlabelled::MetricOrDegrees, context)?;
        context.progress.set(0.85);
        for (_, _, data) in &mut layers {
            context.check_cancelled()?;
            data.place(&placement, &mut context.report);
        }
        let mut fields: Vec<String> = Vec::new();
        for name in layers.iter().flat_map(|(_, _, data)| data.fields()) {
            if !fields.contains(&name) {
                fields.push(name);
            }
        }
        provenance.checksum = checksum;
        if provenance.source.is_empty() {
            source.file_name().clone_into(&mut provenance.source);
        }
        let faults = std::mem::take(&mut context.report).finish();
        let stem = layer_id(source);
        let inspection = Inspection {
            uri: source.uri.clone(),
            format,
            version,
            crs: placement.stated_text(),
            bbox: bounds.to_array(),
            counts,
            features,
            lods: Vec::new(),
            fields,
            time,
            faults: faults.clone(),
        };
        let layers = layers
            .into_iter()
            .map(|(suffix, title, data)| Layer {
                id: if suffix.is_empty() { stem.clone() } else { format!("{stem}-{suffix}") },
                title,
                data: match data {
                    DraftData::Features(layer) => LayerData::Features(Arc::new(layer)),
                    DraftData::Streets(network) => LayerData::Streets(Arc::new(network)),
                    DraftData::Sensors(sensors) => LayerData::Sensors(Arc::new(sensors)),
                },
                provenance: provenance.clone(),
                faults: faults.clone(),
            })
            .collect();
        context.progress.set(1.0);
        Ok(ReadOutcome { layers, inspection, crs: placement.target })
    }
}

impl DraftData {
    fn each_point(&self, each: &mut dyn FnMut([f64; 3])) {
        match self {
            Self::Features(layer) => {
                for geometry in layer.features.iter().filter_map(|feature| feature.geometry.as_ref()) {
                    for coord in geometry.coords_iter() {
                        each([coord.x, coord.y, 0.0]);
                    }
                }
            }
            Self::Streets(network) => {
                for &[x, y] in network.links.iter().flat_map(|link| &link.geometry) {
                    each([x, y, 0.0]);
                }
            }
            Self::Sensors(layer) => {
                layer.things.iter().filter_map(|thing| thing.position).for_each(each);
            }
        }
    }

    fn place(&mut self, placement: &Placement, report: &mut Report) {
        match self {
            Self::Features(layer) => place_features(layer, placement, report),
            Self::Streets(network) => place_streets(network, placement, report),
            Self::Sensors(layer) => place_sensors(layer, placement, report),
        }
    }

    fn fields(&self) -> Vec<String> {
        match self {
            Self::Features(layer) => {
                layer.attributes.columns().iter().map(|column| column.name.clone()).collect()
            }
            Self::Streets(_) => Vec::new(),
            Self::Sensors(layer) => {
                let mut names: Vec<String> =
                    layer.datastreams.iter().map(|stream| stream.observed_property.clone()).collect();
                names.sort_unstable();
                names.dedup();
                names
            }
        }
    }
}

/// Every n-th point, n growing with the stream, so that finding the middle of a large file costs little.
#[derive(Default)]
struct Sample {
    points: Vec<[f64; 2]>,
    step: usize,
    seen: usize,
}

impl Sample {
    const KEPT: usize = 1 << 17;

    fn add(&mut self, point: [f64; 2]) {
        self.step = self.step.max(1);
        if self.seen.is_multiple_of(self.step) {
            if self.points.len() >= Self::KEPT {
                let mut position = 0_usize;
                self.points.retain(|_| {
                    position += 1;
                    position % 2 == 1
                });
                self.step *= 2;
            }
            self.points.push(point);
        }
        self.seen += 1;
    }
}

/// Bounds between the first and third quartile of each axis. Cost: linear.
fn middle_half(points: Vec<[f64; 2]>) -> Bounds3 {
    let mut bounds = Bounds3::EMPTY;
    let mut axes: [Vec<f64>; 2] = [0, 1].map(|axis| {
        points.iter().filter(|p| p[0].is_finite() && p[1].is_finite()).map(|point| point[axis]).collect()
    });
    let count = axes[0].len();
    if count == 0 {
        return bounds;
    }
    for quarter in [count / 4, count - 1 - count / 4] {
        let [x, y] = axes.each_mut().map(|axis| *axis.select_nth_unstable_by(quarter, f64::total_cmp).1);
        bounds.add([x, y, 0.0]);
    }
    bounds
}

/// Points that are moved at once: enough that the call costs nothing, few enough to stay in the cache.
const BATCH: usize = 1 << 15;

/// Moves every geometry; one with a coordinate that cannot be placed is taken off its feature.
pub(crate) fn place_features(layer: &mut FeatureLayer, placement: &Placement, report: &mut Report) {
    let FeatureLayer { name, features, .. } = layer;
    let mut start = 0;
    let mut points: Vec<[f64; 2]> = Vec::new();
    while start < features.len() {
        points.clear();
        let mut end = start;
        while end < features.len() && (points.len() < BATCH || end == start) {
            if let Some(geometry) = features.get(end).and_then(|feature| feature.geometry.as_ref()) {
                points.extend(geometry.coords_iter().map(|coord| [coord.x, coord.y]));
            }
            end += 1;
        }
        placement.apply_2d(&mut points);
        let next = Cell::new(0);
        for feature in features.iter_mut().take(end).skip(start) {
            let Some(geometry) = &mut feature.geometry else { continue };
            let is_placed = Cell::new(true);
            // `coords_iter` and `map_coords` walk in the same order, so one running position is enough.
            geometry.map_coords_in_place(|_| {
                let [x, y] = points.get(next.get()).copied().unwrap_or([f64::NAN; 2]);
                next.set(next.get() + 1);
                is_placed.set(is_placed.get() && x.is_finite());
                geo::Coord { x, y }
            });
            if !is_placed.get() {
                feature.geometry = None;
                report.error(
                    "coordinates",
                    format!("{name} \"{}\"", feature.id),
                    "a coordinate is no number or lies nowhere on Earth; the feature is kept without geometry",
                );
            }
        }
        start = end;
    }
}

fn place_streets(network: &mut StreetNetwork, placement: &Placement, report: &mut Report) {
    let mut nodes: Vec<[f64; 2]> = network.nodes.iter().map(|node| node.position).collect();
    placement.apply_2d(&mut nodes);
    for (node, position) in network.nodes.iter_mut().zip(nodes) {
        node.position = position;
    }
    for link in &mut network.links {
        placement.apply_2d(&mut link.geometry);
        // A stated length is that of the street, which may be longer than its drawing.
        if link.length_m.is_nan() {
            link.length_m = polyline_length_m(&link.geometry);
        }
    }
    network.links.retain(|link| {
        let is_placed =
            link.length_m.is_finite() && link.geometry.iter().flatten().all(|value| value.is_finite());
        if !is_placed {
            report.error(
                "coordinates",
                format!("link \"{}\"", link.id),
                "a coordinate is no number or lies nowhere on Earth; the link is left out",
            );
        }
        is_placed
    });
}

fn place_sensors(layer: &mut SensorLayer, placement: &Placement, report: &mut Report) {
    let mut points: Vec<[f64; 3]> = layer.things.iter().filter_map(|thing| thing.position).collect();
    placement.apply(&mut points);
    let mut points = points.into_iter();
    for thing in &mut layer.things {
        if thing.position.is_none() {
            continue;
        }
        thing.position = points.next().filter(|point| point[0].is_finite());
        if thing.position.is_none() {
            report.error("coordinates", &thing.id, "its place lies nowhere on Earth; it has none");
        }
    }
}

/// Bytes that a feed of JSON trees may have: trees take many times their text.
const MAX_FEED: u64 = 512 << 20;

/// The whole text of a feed. Fails with [`ReadError::TooLarge`] beyond half a gigabyte.
pub(crate) fn read_feed(source: &Source, context: &ReadContext) -> Result<Vec<u8>, ReadError> {
    context.check_cancelled()?;
    let mut text = Vec::new();
    let mut limited = open_text(source)?.take(MAX_FEED + 1);
    limited.read_to_end(&mut text).map_err(|error| stream_error(source, &error))?;
    if text.len() as u64 > MAX_FEED {
        return Err(ReadError::TooLarge {
            path: source.path.clone(),
            what: "this feed".to_owned(),
            limit: size_text(MAX_FEED),
            found: "more".to_owned(),
            advice: SMALLER.into(),
        });
    }
    context.check_cancelled()?;
    Ok(text)
}

/// Whether a lower-case name has one of `endings` after a dot; an ending may hold a dot inside.
pub(crate) fn has_ending(lower_name: &str, endings: &[&str]) -> bool {
    endings.iter().any(|ending| lower_name.strip_suffix(ending).is_some_and(|stem| stem.ends_with('.')))
}

/// Seconds UTC as ISO 8601; empty when out of range.
pub(crate) fn iso_time(seconds: i64) -> String {
    jiff::Timestamp::from_second(seconds).map(|time| time.to_string()).unwrap_or_default()
}

/// An instant, the start of an interval ("a/b"), or a civil time taken as UTC; seconds UTC.
pub(crate) fn parse_time(text: &str) -> Option<i64> {
    let start = text.split('/').next()?.trim();
    if let Ok(time) = start.parse::<jiff::Timestamp>() {
        return Some(time.as_second());
    }
    let civil = start.parse::<jiff::civil::DateTime>().ok()?;
    civil.to_zoned(jiff::tz::TimeZone::UTC).ok().map(|time| time.timestamp().as_second())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sample_stays_small_and_spans_the_whole() {
        let mut sample = Sample::default();
        for i in 0..1_000_000 {
            sample.add([f64::from(i), 0.0]);
        }
        assert!(sample.points.len() <= Sample::KEPT && sample.points.len() > Sample::KEPT / 4);
        assert_eq!(sample.points.first(), Some(&[0.0, 0.0]));
        assert!(sample.points.last().is_some_and(|point| point[0] > 990_000.0));
    }

    #[test]
    fn strays_do_not_move_the_middle() {
        let mut points: Vec<[f64; 2]> = (0..100).map(|i| [5.0 + f64::from(i) * 1e-3, 52.0]).collect();
        points.extend([[-1.2, 51.7]; 10]);
        points.push([f64::NAN, 0.0]);
        let bounds = middle_half(points);
        assert!(bounds.min[0] > 5.0 && bounds.max[0] < 5.1, "{bounds:?}");
        assert!(middle_half(Vec::new()).is_empty());
        assert_eq!(middle_half(vec![[1.0, 2.0]]).center(), [1.0, 2.0, 0.0]);
    }

    #[test]
    fn times_are_instants_or_the_start_of_intervals() {
        assert_eq!(parse_time("2018-08-06T14:00:00+02:00"), Some(1_533_556_800));
        assert_eq!(parse_time("2018-08-06T12:00:00Z/2018-08-06T13:00:00Z"), Some(1_533_556_800));
        assert_eq!(parse_time("2018-08-06T12:00:00"), Some(1_533_556_800));
        assert_eq!(parse_time("yesterday"), None);
    }
}
