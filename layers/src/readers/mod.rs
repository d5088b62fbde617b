//! Readers: one file a format, one line in [`READERS`], one fixture folder.
//!
//! # Adding a reader
//! Implement [`FormatReader`] in `readers/<format>.rs`. `sniff` looks at the first bytes and declines quickly when a
//! file is not its own; `read` turns the source into [`Layer`]s in the CRS that the context asks for, adds faults to
//! the report instead of stopping where the rest can still be read, calls `context.progress` and checks
//! `context.check_cancelled()` often. Add the reader to [`READERS`]; the tests loop over that list.

pub mod archive;
pub mod catalogue;
mod city_layer;
pub mod citygml;
pub mod cityjson;
pub mod datex;
pub(crate) mod draft;
pub(crate) mod feed_xml;
mod foreign;
pub mod gbfs;
pub mod geojson;
pub mod gltf;
pub mod gml;
pub mod graphml;
pub mod gtfs;
pub mod gtfs_realtime;
pub(crate) mod heights;
pub mod imaer;
pub mod input;
pub mod las;
pub mod ngsi_ld;
pub mod obj;
pub mod osm;
pub mod part;
pub mod placement;
pub mod records;
pub mod report;
pub mod samenmeten;
pub mod scratch;
pub mod sensorthings;
pub mod snapshots;
pub mod source;
pub mod table;
pub mod terrain;
pub mod text;
pub mod tiles3d;
pub mod unique_ids;
pub mod uplinks;
pub mod values;
pub mod vector;

use std::{
    collections::BTreeMap,
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
};

use serde::{Deserialize, Serialize};

pub use input::ReadLimits;
pub use part::{LayerPart, TakePart};
pub use report::{Fault, Report, Severity};
pub use source::Source;

use crate::{crs::Epsg, model::Layer};
use text::{MESSAGE_LENGTH, NAME_LENGTH, for_people};

/// What `inspect` says of one source; the keys are a public contract.
#[derive(Clone, Debug, Serialize)]
pub struct Inspection {
    pub uri: String,
    /// Reader id, such as "cityjson".
    pub format: &'static str,
    /// Version of the format where it has one.
    pub version: Option<String>,
    /// "EPSG:n", or null when the source does not say.
    pub crs: Option<String>,
    /// `[minx, miny, minz, maxx, maxy, maxz]` in the source's own CRS.
    pub bbox: Option<[f64; 6]>,
    pub counts: BTreeMap<String, u64>,
    /// Features or first-level things in all.
    pub features: u64,
    pub lods: Vec<String>,
    pub fields: Vec<String>,
    /// ISO 8601, first and last.
    pub time: Option<[String; 2]>,
    pub faults: Vec<Fault>,
}

impl Inspection {
    /// Of a source that nothing is known of yet but its format.
    pub fn new(source: &Source, format: &'static str) -> Self {
        Self {
            uri: source.uri.clone(),
            format,
            version: None,
            crs: None,
            bbox: None,
            counts: BTreeMap::new(),
            features: 0,
            lods: Vec::new(),
            fields: Vec::new(),
            time: None,
            faults: Vec::new(),
        }
    }
}

/// Everything one source gave.
#[derive(Debug)]
pub struct ReadOutcome {
    pub layers: Vec<Layer>,
    pub inspection: Inspection,
    /// The CRS that the layers are in now.
    pub crs: Epsg,
}

impl ReadOutcome {
    /// Makes what people see of the layers plain and short; see [`text::for_people`].
    fn make_plain(&mut self) {
        for layer in &mut self.layers {
            plain(&mut layer.title, NAME_LENGTH);
            let provenance = &mut layer.provenance;
            for text in [&mut provenance.source, &mut provenance.licence, &mut provenance.date] {
                plain(text, NAME_LENGTH);
            }
            layer.faults.iter_mut().for_each(Fault::make_plain);
        }
        self.inspection.faults.iter_mut().for_each(Fault::make_plain);
    }
}

fn plain(shown: &mut String, most: usize) {
    if let std::borrow::Cow::Owned(clean) = for_people(shown, most) {
        *shown = clean;
    }
}

/// Why nothing could be read. Messages say what was expected, what was found, where, and what to do; the path is last.
#[derive(Debug, thiserror::Error, Serialize, Deserialize)]
pub enum ReadError {
    #[error("cannot open the file: {reason}. File: {path}")]
    Io { path: PathBuf, reason: String },
    #[error(
        "the file is empty (0 bytes), so there is nothing to read; was the download complete? File: {path}"
    )]
    Empty { path: PathBuf },
    #[error("no reader knows this file: expected {expected}; it begins with {found}; {advice}. File: {path}")]
    UnknownFormat { path: PathBuf, expected: String, found: String, advice: String },
    #[error("expected data that this program reads, found {what}: {advice}. File: {path}")]
    Foreign { path: PathBuf, what: String, advice: String },
    #[error("expected {expected}, found {found} at {location}; {advice}. File: {path}")]
    Malformed { path: PathBuf, expected: String, found: String, location: String, advice: String },
    #[error(
        "unknown coordinate system \"{found}\": expected an EPSG code that PROJ knows, such as EPSG:7415 (RD New + NAP); {advice}. File: {path}"
    )]
    UnknownCrs { path: PathBuf, found: String, advice: String },
    #[error("{what} is larger than the limit of {limit}: found {found}; {advice}. File: {path}")]
    TooLarge { path: PathBuf, what: String, limit: String, found: String, advice: Box<str> },
    #[error(
        "the reader stopped: {reason}. The program goes on without this file; if the file is sound, please report it. File: {path}"
    )]
    ReaderStopped { path: PathBuf, reason: String },
    #[error("reading was cancelled")]
    Cancelled,
}

impl ReadError {
    /// The same with the words that stood in the file made plain and short.
    #[must_use]
    fn plain(mut self) -> Self {
        let texts: Vec<&mut String> = match &mut self {
            Self::Io { reason, .. } | Self::ReaderStopped { reason, .. } => vec![reason],
            Self::UnknownFormat { expected, found, advice, .. } => vec![expected, found, advice],
            Self::Foreign { what, advice, .. } => vec![what, advice],
            Self::Malformed { expected, found, location, advice, .. } => {
                vec![expected, found, location, advice]
            }
            Self::UnknownCrs { found, advice, .. } => vec![found, advice],
            Self::TooLarge { what, limit, found, .. } => vec![what, limit, found],
            Self::Empty { .. } | Self::Cancelled => Vec::new(),
        };
        for text in texts {
            plain(text, MESSAGE_LENGTH);
        }
        self
    }

    /// The same error for the file under another name of it.
    #[must_use]
    pub fn at(mut self, wanted: &Path) -> Self {
        match &mut self {
            Self::Io { path, .. }
            | Self::Empty { path }
            | Self::UnknownFormat { path, .. }
            | Self::Foreign { path, .. }
            | Self::Malformed { path, .. }
            | Self::UnknownCrs { path, .. }
            | Self::TooLarge { path, .. }
            | Self::ReaderStopped { path, .. } => *path = wanted.to_path_buf(),
            Self::Cancelled => {}
        }
        self
    }
}

/// Shared between a job and its reader: progress out, cancel in.
#[derive(Clone, Debug, Default)]
pub struct Progress {
    permille: Arc<AtomicU32>,
    is_cancelled: Arc<AtomicBool>,
    /// The piece of the whole that [`Self::set`] fills; all of it when absent.
    span: Option<[f64; 2]>,
}

impl Progress {
    /// Part done, 0 to 1. A piece never takes back what another piece reached, so that pieces may be worked at together.
    pub fn set(&self, part: f64) {
        let [from, to] = self.span.unwrap_or([0.0, 1.0]);
        let permille = ((from + (to - from) * part.clamp(0.0, 1.0)) * 1000.0) as u32;
        if self.span.is_some() {
            self.permille.fetch_max(permille, Ordering::Relaxed);
        } else {
            self.permille.store(permille, Ordering::Relaxed);
        }
    }
    /// The same progress for a piece of the work, `from` to `to` of this one: for a source of several files.
    #[must_use]
    pub fn piece(&self, from: f64, to: f64) -> Self {
        let [start, end] = self.span.unwrap_or([0.0, 1.0]);
        let within = |part: f64| start + (end - start) * part.clamp(0.0, 1.0);
        Self { span: Some([within(from), within(to)]), ..self.clone() }
    }
    pub fn get(&self) -> f64 {
        f64::from(self.permille.load(Ordering::Relaxed)) / 1000.0
    }
    pub fn cancel(&self) {
        self.is_cancelled.store(true, Ordering::Relaxed);
    }
    pub fn is_cancelled(&self) -> bool {
        self.is_cancelled.load(Ordering::Relaxed)
    }
    pub fn check_cancelled(&self) -> Result<(), ReadError> {
        if self.is_cancelled() { Err(ReadError::Cancelled) } else { Ok(()) }
    }
}

/// What a reader is given besides the source.
#[derive(Default)]
pub struct ReadContext {
    /// The project's CRS. `None`: the reader's outcome says which metric CRS it chose (`crs::project_crs_for`).
    pub target: Option<Epsg>,
    /// Used when the source does not state a CRS and the user said what it is.
    pub assumed_crs: Option<Epsg>,
    pub report: Report,
    pub progress: Progress,
    pub limits: ReadLimits,
    /// Called with pieces of a layer while the rest is read, by readers that can: city models, every 10,000 objects. The
    /// outcome holds the whole layer all the same. The reader waits for each call.
    pub on_part: Option<TakePart>,
}

impl fmt::Debug for ReadContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReadContext")
            .field("target", &self.target)
            .field("assumed_crs", &self.assumed_crs)
            .field("report", &self.report)
            .field("progress", &self.progress)
            .finish_non_exhaustive()
    }
}

impl ReadContext {
    pub fn check_cancelled(&self) -> Result<(), ReadError> {
        self.progress.check_cancelled()
    }
}

/// One file format.
pub trait FormatReader: Sync {
    /// Stable kebab-case id, such as "cityjson-seq".
    fn id(&self) -> &'static str;
    /// What people call it, such as "CityJSON Text Sequence".
    fn title(&self) -> &'static str;
    /// Lower-case extensions without the dot, most usual first; may hold a dot inside ("city.json").
    fn extensions(&self) -> &'static [&'static str];
    /// Whether the file is this reader's, from its first bytes (up to 4 KiB, already gunzipped) and its name.
    fn sniff(&self, head: &[u8], file_name: &str) -> bool;
    fn read(&self, source: &Source, context: &mut ReadContext) -> Result<ReadOutcome, ReadError>;
    /// Whether it leans on code that hostile input may break (C libraries, decompression): such a reader runs in a
    /// process of its own, see [`crate::isolation`].
    fn is_risky(&self) -> bool {
        false
    }
    /// Whether it reads other files than the one given (siblings, references); such sources are not cached, because a
    /// change of the others would not be noticed.
    fn reads_other_files(&self, _source: &Source) -> bool {
        false
    }
}

/// All readers; order matters where two could claim a file (the more specific first).
pub static READERS: &[&dyn FormatReader] = &[
    &cityjson::CityJsonSeqReader,
    &cityjson::CityJsonReader,
    &gml::BagExtractReader,
    &imaer::ImaerReader,
    // Before CityGML, whose root element the flat BGT has; the special kinds of GML that follow are left to them.
    &gml::GmlReader,
    &citygml::CityGmlReader,
    &osm::OsmPbfReader,
    &osm::OsmXmlReader,
    // Every zip comes here first; a feed goes on to the next.
    &archive::ArchiveReader,
    &graphml::GraphMlReader,
    &tiles3d::TilesetReader,
    &datex::DatexReader,
    &gtfs::GtfsReader,
    &gtfs_realtime::GtfsRealtimeReader,
    &gbfs::GbfsReader,
    &sensorthings::SensorThingsReader,
    &las::LasReader,
    &gltf::GltfReader,
    &obj::ObjReader,
    &ngsi_ld::NgsiReader,
    &uplinks::UplinksReader,
    &samenmeten::SamenMetenReader,
    &snapshots::SnapshotsReader,
    &terrain::GeoTiffReader,
    &terrain::AsciiGridReader,
    &vector::GeoPackageReader,
    &vector::ShapefileReader,
    &vector::FlatGeobufReader,
    &vector::SqliteReader,
    &vector::KmlReader,
    &vector::GpxReader,
    &vector::MapInfoReader,
    &vector::DxfReader,
    &geojson::GeoJsonReader,
    &records::JsonRecordsReader,
    &table::CsvPointsReader,
    &table::CsvTableReader,
];

/// Reads a source with the first reader that claims it. Never panics on bad input: a panic of a reader becomes a
/// [`ReadError::Malformed`].
pub fn read(source: &Source, context: &mut ReadContext) -> Result<ReadOutcome, ReadError> {
    crate::crs::ensure_init();
    let reader = find_reader(source)?;
    let result = catch_unwind(AssertUnwindSafe(|| {
        let mut outcome = reader.read(source, context)?;
        tell_rough_outlines(&mut outcome);
        outcome.make_plain();
        Ok(outcome)
    }));
    let result = result.unwrap_or_else(|panic| {
        let found = panic
            .downcast_ref::<String>()
            .map(String::as_str)
            .or_else(|| panic.downcast_ref::<&str>().copied())
            .unwrap_or("an unknown fault");
        Err(ReadError::Malformed {
            path: source.path.clone(),
            expected: format!("a sound {}", reader.title()),
            found: format!("something the reader has no answer to ({found})"),
            location: "an unknown place".to_owned(),
            advice: "please report this file".to_owned(),
        })
    });
    result.map_err(ReadError::plain)
}

const TANGLED: &str = "outline-tangled";

/// Says which things will be drawn only roughly.
fn tell_rough_outlines(outcome: &mut ReadOutcome) {
    // Layers out of an archive have been looked at by the reader of their file.
    let is_told = |layer: &Layer| layer.faults.iter().any(|fault| fault.code == TANGLED);
    for layer in outcome.layers.iter_mut().filter(|layer| !is_told(layer)) {
        let mut report = Report::default();
        for id in crate::mesh::rough::rough_outlines(&layer.data) {
            let message = "expected an outline that does not cross itself, found one that does so too often to be cut \
                           at each crossing; its rough shape is drawn. Repair it, for example with \"Fix geometries\" \
                           of QGIS";
            report.warn(TANGLED, id, message);
        }
        let faults = report.finish();
        outcome.inspection.faults.extend(faults.iter().cloned());
        layer.faults.extend(faults);
    }
}

/// The reader that claims `source`.
pub fn find_reader(source: &Source) -> Result<&'static dyn FormatReader, ReadError> {
    if source.uri.contains("://") && !source.path.exists() {
        return Err(ReadError::Foreign {
            path: source.path.clone(),
            what: "an address of a page or service".to_owned(),
            advice: "download the file and open it; services are not read yet".to_owned(),
        });
    }
    let head = source.head()?;
    let name = source.file_name();
    if let Some(error) = foreign::certain_foreign(source, &head) {
        return Err(error);
    }
    READERS.iter().copied().find(|reader| reader.sniff(&head, name)).ok_or_else(|| {
        let lower = name.to_ascii_lowercase();
        let by_name: Vec<&str> = READERS
            .iter()
            .filter(|reader| {
                reader
                    .extensions()
                    .iter()
                    .any(|extension| lower.strip_suffix(extension).is_some_and(|stem| stem.ends_with('.')))
            })
            .map(|reader| reader.title())
            .collect();
        // A name that promises a known format deserves the answer about that format.
        if (by_name.is_empty() || draft::has_ending(&lower, &["txt", "json"]))
            && let Some(error) = foreign::likely_foreign(source, &head)
        {
            return error;
        }
        let (expected, advice) = if by_name.is_empty() {
            let all = READERS.iter().map(|reader| reader.title()).collect::<Vec<_>>().join(", ");
            (
                format!("one of {all}"),
                "save it from the program that made it in one of these (GeoPackage or GeoJSON for a map, CityJSON for \
                 buildings, CSV for a table), or convert it with QGIS or GDAL (ogr2ogr)",
            )
        } else {
            (
                format!("{} (by its name)", by_name.join(" or ")),
                "its content is something else than its name says: fetch it again, or give it the ending of what it is",
            )
        };
        let found = source::describe_head(&head);
        ReadError::UnknownFormat { path: source.path.clone(), expected, found, advice: advice.to_owned() }
    })
}

/// A layer id from the source's name: lower case, without extensions, words joined by "-"; "layer" when nothing is left.
pub fn layer_id(source: &Source) -> String {
    let name = source.file_name().to_lowercase();
    let stem = name.trim_end_matches(".gz");
    let stem = stem.rsplit_once('.').map_or(stem, |(stem, _)| stem);
    let stem = stem.strip_suffix(".city").or_else(|| stem.strip_suffix(".osm")).unwrap_or(stem);
    slug(stem).unwrap_or_else(|| "layer".to_owned())
}

/// Letters and digits of `text` in lower case with single "-" between; `None` when nothing is left.
pub(crate) fn slug(text: &str) -> Option<String> {
    let mut slug = String::with_capacity(text.len());
    for c in text.chars().flat_map(char::to_lowercase) {
        if c.is_alphanumeric() {
            slug.push(c);
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    let slug = slug.trim_end_matches('-');
    (!slug.is_empty()).then(|| slug.to_owned())
}
