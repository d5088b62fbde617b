//! GeoJSON (RFC 7946, and the older form with a `crs` member): collections, single features, bare geometries, and
//! sequences of them (GeoJSONSeq, RFC 8142), plain or gzipped.
//!
//! Read by an own scanner straight into columns and flat geometries, many times faster than through GDAL, which stays the
//! referee of the tests. A geometry that is none costs that geometry; text that is no JSON refuses the file.

mod geometry;
mod scan;
mod table;

use geometry::Trouble;
use scan::{Broken, Scanner};
use table::Table;

use super::{
    FormatReader, ReadContext, ReadError, ReadOutcome, Source,
    draft::{Draft, DraftData},
    heights::heights_of,
    input::{read_all, with_checksum},
    placement::Placement,
};
use geo::CoordsIter;

use crate::{
    crs::Epsg,
    model::{FeatureLayer, Provenance},
};

/// GeoJSON.
#[derive(Debug)]
pub struct GeoJsonReader;

impl FormatReader for GeoJsonReader {
    fn id(&self) -> &'static str {
        "geojson"
    }

    fn title(&self) -> &'static str {
        "GeoJSON"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["geojson", "json", "geojsonl", "geojsons", "ndjson", "geojson.gz"]
    }

    fn sniff(&self, head: &[u8], file_name: &str) -> bool {
        let text = String::from_utf8_lossy(head);
        let name = file_name.to_ascii_lowercase();
        let is_named =
            [".geojson", ".geojsonl", ".geojsons", ".geojson.gz"].iter().any(|end| name.ends_with(end));
        let has_geometry = || {
            text.contains("\"coordinates\"")
                && geometry::TYPES.iter().any(|kind| text.contains(&format!("\"{kind}\"")))
                && text.contains("\"type\"")
        };
        text.trim_start_matches(['\u{feff}', '\u{1e}']).trim_start().starts_with('{')
            && (text.contains("\"FeatureCollection\"")
                || text.contains("\"Feature\"")
                || text.contains("\"GeometryCollection\"")
                || is_named
                || has_geometry())
    }

    fn read(&self, source: &Source, context: &mut ReadContext) -> Result<ReadOutcome, ReadError> {
        let (document, checksum) = with_checksum(source, || -> Result<_, ReadError> {
            let text = read_all(source, context)?;
            Document::read(source, &text, context)
        });
        let Document { table, name, crs, .. } = document?;
        let stated = stated_crs(source, crs, &table, context)?;
        let is_by_standard = stated == Some(Epsg::WGS84) && table.first_beyond_degrees.is_some();
        let mut layer = table.finish(&mut context.report);
        if is_by_standard {
            drop_beyond_degrees(&mut layer, context);
        }
        layer.name = name.unwrap_or_else(|| stem_of(source));
        layer.role = layer.guess_role();
        let mut draft = Draft::new(self.id(), stated);
        draft.counts.insert(layer.name.clone(), layer.features.len() as u64);
        draft.features = layer.features.len() as u64;
        draft.provenance = Provenance { source: layer.name.clone(), ..Provenance::default() };
        draft.layers.push((String::new(), layer.name.clone(), DraftData::Features(layer)));
        draft.finish(source, checksum, context)
    }
}

/// The file's name without its extensions, as GDAL names the layer.
fn stem_of(source: &Source) -> String {
    let name = source.file_name();
    let stem = name.strip_suffix(".gz").unwrap_or(name);
    stem.rsplit_once('.').map_or(stem, |(stem, _)| stem).to_owned()
}

/// What the `crs` member says.
#[derive(Debug, Default, PartialEq)]
enum StatedCrs {
    /// No member: WGS 84 by the standard.
    #[default]
    Absent,
    /// `null`: by the older standard, nothing may be assumed.
    Unknown,
    Named(String),
}

/// The standard prescribes degrees; a file without `crs` whose numbers are none is taken as unlabelled.
fn stated_crs(
    source: &Source,
    crs: StatedCrs,
    table: &Table,
    context: &mut ReadContext,
) -> Result<Option<Epsg>, ReadError> {
    match crs {
        StatedCrs::Named(text) => Placement::parse_stated(source, &text, context),
        StatedCrs::Unknown => Ok(None),
        StatedCrs::Absent if table.share_in_degrees() > 0.5 => Ok(Some(Epsg::WGS84)),
        StatedCrs::Absent => {
            let Some([x, y]) = table.first_beyond_degrees else { return Ok(None) };
            // Numbers of metres are a mistake that people make, and one that they can answer; others are just wrong.
            let is_metric = x.abs().max(y.abs()) > MAX_CARELESS_DEGREES;
            let advice = if is_metric {
                "it looks like metres of a map: say of which coordinate system when adding the file"
            } else {
                "it is no place on Earth"
            };
            if is_metric && context.assumed_crs.is_none() {
                context.report.error(
                    "degrees-out-of-range",
                    "coordinates",
                    format!(
                        "expected degrees, as GeoJSON without a \"crs\" prescribes (longitude -180 to 180, latitude -90 to 90), found [{x}, {y}]; {advice}"
                    ),
                );
            }
            Ok((!is_metric).then_some(Epsg::WGS84))
        }
    }
}

/// Numbers up to here are degrees that somebody got wrong, or counted on beyond the date line.
const MAX_CARELESS_DEGREES: f64 = 1000.0;

/// Takes geometry off features that lie nowhere on Earth: the projection would fold longitudes back and put them
/// somewhere. Up to twice round is let through, as data around the date line are written that way.
fn drop_beyond_degrees(layer: &mut FeatureLayer, context: &mut ReadContext) {
    for feature in &mut layer.features {
        let is_beyond = |c: &geo::Coord<f64>| c.x.abs() > 360.0 || c.y.abs() > 90.0;
        let Some(found) = feature.geometry.as_ref().and_then(|g| g.coords_iter().find(is_beyond)) else {
            continue;
        };
        feature.geometry = None;
        context.report.error(
            "degrees-out-of-range",
            format!("feature \"{}\"", feature.id),
            format!(
                "expected a longitude of -180 to 180 and a latitude of -90 to 90 degrees, found [{}, {}]; the feature is kept without geometry",
                found.x, found.y
            ),
        );
    }
}

/// What is found while scanning.
#[derive(Debug, Default)]
struct Document {
    table: Table,
    name: Option<String>,
    crs: StatedCrs,
    /// Texts (collections, features or geometries) that the file holds.
    texts: usize,
}

impl Document {
    fn read(source: &Source, text: &[u8], context: &mut ReadContext) -> Result<Self, ReadError> {
        let text = text.strip_prefix(&[0xef, 0xbb, 0xbf]).unwrap_or(text);
        let mut document = Self { table: Table::new(text.len()), ..Self::default() };
        let mut scanner = Scanner::new(text);
        // Bytes that were scanned for nothing: an open quote may reach to the end of the file from every line.
        let mut wasted = 0_usize;
        while scanner.peek().is_some() {
            let start = scanner.at;
            match document.text(&mut scanner, context, text.len()) {
                Ok(()) => document.texts += 1,
                Err(Stop::Read(error)) => return Err(error),
                // A sequence goes on at the next line; a lone document must be whole.
                Err(Stop::Broken(broken)) => {
                    let next = next_line(text, start).filter(|_| document.texts > 0);
                    wasted += broken.at.saturating_sub(start);
                    let is_hopeless = wasted > text.len().saturating_mul(4).saturating_add(1 << 20);
                    let Some(next) = next.filter(|_| !is_hopeless) else {
                        return Err(malformed(source, text, &broken));
                    };
                    context.check_cancelled()?;
                    context.report.error(
                        "json",
                        format!("byte {}", broken.at),
                        format!(
                            "expected {}, found {}; the line is left out",
                            broken.expected,
                            found_at(text, broken.at)
                        ),
                    );
                    scanner.at = next;
                }
            }
        }
        if document.texts == 0 {
            return Err(malformed(source, text, &Broken { at: scanner.at, expected: "an object" }));
        }
        Ok(document)
    }

    /// One text: a collection, a feature or a geometry.
    fn text(
        &mut self,
        scanner: &mut Scanner<'_>,
        context: &mut ReadContext,
        size: usize,
    ) -> Result<(), Stop> {
        let start = scanner.clone();
        if !scanner.eat(b'{') {
            return Ok(scanner.broken("an object")?);
        }
        let mut kind = String::new();
        let (mut has_features, mut type_at) = (false, scanner.at);
        let mut more = !scanner.eat(b'}');
        while more {
            let key = scanner.key()?;
            let next = scanner.peek();
            match &key[..] {
                b"type" if next == Some(b'"') => {
                    type_at = scanner.at;
                    kind = scanner.string()?.into_owned();
                }
                b"features" if next == Some(b'[') => {
                    has_features = true;
                    self.features(scanner, context, size)?;
                }
                b"crs" => self.crs = crs_member(scanner)?,
                b"name" if next == Some(b'"') => self.name = Some(scanner.string()?.into_owned()),
                _ => scanner.skip()?,
            }
            more = scanner.has_more(b'}')?;
        }
        match &kind[..] {
            // A list of features makes a collection even where its type was forgotten.
            "FeatureCollection" | "" if has_features => {}
            "Feature" => self.feature(&mut start.clone(), context)?,
            _ if geometry::TYPES.contains(&&kind[..]) => {
                let mut at = start.clone();
                let found = self.geometry(&mut at, context)?;
                self.table.push(None, found, &mut context.report);
            }
            _ => {
                return Err(Stop::Broken(Broken {
                    at: type_at,
                    expected: "the type FeatureCollection, Feature or that of a geometry",
                }));
            }
        }
        if self.texts.is_multiple_of(1024) {
            step(scanner.at, size, context)?;
        }
        Ok(())
    }

    fn features(
        &mut self,
        scanner: &mut Scanner<'_>,
        context: &mut ReadContext,
        size: usize,
    ) -> Result<(), Stop> {
        scanner.eat(b'[');
        let mut more = !scanner.eat(b']');
        while more {
            if self.table.rows().is_multiple_of(1024) {
                step(scanner.at, size, context)?;
            }
            if scanner.peek() == Some(b'{') {
                self.feature(scanner, context)?;
            } else {
                let at = scanner.at;
                scanner.skip()?;
                context.report.error(
                    "feature",
                    format!("byte {at}"),
                    "expected a feature object; it is left out",
                );
            }
            more = scanner.has_more(b']')?;
        }
        Ok(())
    }

    fn feature(&mut self, scanner: &mut Scanner<'_>, context: &mut ReadContext) -> Result<(), Stop> {
        let start = scanner.at;
        let mut is_feature = false;
        let mut id = None;
        let mut found = None;
        self.table.begin_row();
        scanner.eat(b'{');
        let mut more = !scanner.eat(b'}');
        while more {
            let key = scanner.key()?;
            let next = scanner.peek();
            match &key[..] {
                b"type" if next == Some(b'"') => is_feature = scanner.string()? == "Feature",
                b"geometry" => found = self.geometry(scanner, context)?,
                b"properties" if next == Some(b'{') => self.properties(scanner, context)?,
                b"id" if next != Some(b'{') => {
                    id = match scanner.scalar()? {
                        scan::Scalar::Text(text) => Some(text.into_owned()),
                        scan::Scalar::Integer(number) => Some(number.to_string()),
                        scan::Scalar::Real(number) => Some(number.to_string()),
                        _ => None,
                    };
                }
                _ => scanner.skip()?,
            }
            more = scanner.has_more(b'}')?;
        }
        if !is_feature {
            context.report.warn(
                "feature",
                format!("byte {start}"),
                "expected an object of type \"Feature\"; it is read as if it were one",
            );
        }
        self.table.push(id.filter(|id| !id.is_empty()), found, &mut context.report);
        Ok(())
    }

    fn properties(&mut self, scanner: &mut Scanner<'_>, context: &mut ReadContext) -> Result<(), Stop> {
        scanner.eat(b'{');
        let mut more = !scanner.eat(b'}');
        while more {
            let key = scanner.key()?;
            let value = scanner.scalar()?;
            self.table.set(&key, value, &mut context.report);
            more = scanner.has_more(b'}')?;
        }
        Ok(())
    }

    /// A geometry; one that is none is reported and skipped.
    fn geometry(
        &mut self,
        scanner: &mut Scanner<'_>,
        context: &mut ReadContext,
    ) -> Result<Option<geo::Geometry<f64>>, Stop> {
        let start = scanner.at_same_place();
        scanner.positions.clear();
        match geometry::geometry(scanner, 0) {
            Ok(geometry) => {
                if let Some(geometry) = geometry.as_ref().filter(|_| !scanner.positions.is_empty()) {
                    self.table.set_heights(heights_of(geometry, &scanner.positions));
                }
                Ok(geometry)
            }
            Err(Trouble::Broken(broken)) => Err(Stop::Broken(broken)),
            Err(Trouble::Shape(reason)) => {
                let at = scanner.at;
                *scanner = start;
                scanner.skip()?;
                let row = self.table.rows();
                context.report.error(
                    "geometry",
                    format!("feature {row}, byte {at}"),
                    format!("{reason}; the feature is kept without geometry"),
                );
                Ok(None)
            }
        }
    }
}

/// `{"type": "name", "properties": {"name": "urn:…"}}`, the oldest `{"type": "EPSG", "properties": {"code": 28992}}`, or
/// null. A link is not followed.
fn crs_member(scanner: &mut Scanner<'_>) -> Result<StatedCrs, Broken> {
    let scan::Scalar::Nested(raw) = scanner.scalar()? else { return Ok(StatedCrs::Unknown) };
    let value: serde_json::Value = serde_json::from_slice(raw).unwrap_or_default();
    let property = |name: &str| value.get("properties").and_then(|all| all.get(name));
    let name = property("name").and_then(serde_json::Value::as_str).map(str::to_owned);
    let code = property("code").map(|code| code.to_string().trim_matches('"').to_owned());
    Ok(name.or(code).map_or(StatedCrs::Unknown, StatedCrs::Named))
}

/// Why scanning ends early.
enum Stop {
    Broken(Broken),
    Read(ReadError),
}

impl From<Broken> for Stop {
    fn from(broken: Broken) -> Self {
        Self::Broken(broken)
    }
}

fn step(at: usize, size: usize, context: &ReadContext) -> Result<(), Stop> {
    context.check_cancelled().map_err(Stop::Read)?;
    context.progress.set(0.8 * at as f64 / size.max(1) as f64);
    Ok(())
}

fn next_line(text: &[u8], from: usize) -> Option<usize> {
    let rest = text.get(from..)?;
    rest.iter().position(|&byte| byte == b'\n').map(|length| from + length + 1)
}

fn location(text: &[u8], at: usize) -> String {
    let before = text.get(..at.min(text.len())).unwrap_or_default();
    let line = before.split(|&byte| byte == b'\n').count();
    let column = before.iter().rev().take_while(|&&byte| byte != b'\n').count() + 1;
    format!("line {line}, column {column}")
}

fn found_at(text: &[u8], at: usize) -> String {
    match text.get(at..) {
        None | Some([]) => "the end of the file".to_owned(),
        Some(rest) => super::source::describe_head(rest),
    }
}

fn malformed(source: &Source, text: &[u8], broken: &Broken) -> ReadError {
    ReadError::Malformed {
        path: source.path.clone(),
        expected: format!("GeoJSON with {} here", broken.expected),
        found: found_at(text, broken.at),
        location: location(text, broken.at),
        advice: "the file is damaged or cut off; fetch it again".to_owned(),
    }
}

/// One geometry from its text, in its own coordinates; `None` for null and for empty ones, and words for what is none.
pub(crate) fn geometry_of(text: &str) -> Result<Option<geo::Geometry<f64>>, String> {
    geometry::geometry(&mut Scanner::new(text.as_bytes()), 0).map_err(|trouble| match trouble {
        Trouble::Broken(broken) => format!("expected {} at byte {}", broken.expected, broken.at),
        Trouble::Shape(reason) => reason,
    })
}

/// For tests and measurements: the layer in its own coordinates, without placing it.
#[cfg(test)]
fn read_text(text: &str) -> Result<(FeatureLayer, Vec<super::Fault>), String> {
    let mut context = ReadContext::default();
    let source = Source::from_path("memory.geojson");
    let document =
        Document::read(&source, text.as_bytes(), &mut context).map_err(|error| error.to_string())?;
    let layer = document.table.finish(&mut context.report);
    Ok((layer, context.report.finish()))
}

#[cfg(test)]
mod tests;
