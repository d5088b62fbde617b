//! AERIUS IMAER: sources of emission in GML, above all roads with vehicles per class and emissions per substance.
//!
//! Source: IMAER 2 to 6 (<https://imaer.aerius.nl>). Emissions are kilograms a year; vehicles are given here a day of 365
//! in the year, whatever unit of time the file uses.

use std::collections::BTreeMap;

use geo::{Geometry, LineString, Point, Polygon};

use super::{
    FormatReader, ReadContext, ReadError, ReadOutcome, Source,
    draft::{Draft, DraftData},
    feed_xml::{Step, pairs, walk},
    input::with_checksum,
    placement::Placement,
};
use crate::model::{AttributeTable, Feature, FeatureLayer, FeatureRole, Provenance, Value};

/// AERIUS IMAER GML.
#[derive(Debug)]
pub struct ImaerReader;

impl FormatReader for ImaerReader {
    fn id(&self) -> &'static str {
        "imaer"
    }

    fn title(&self) -> &'static str {
        "AERIUS IMAER"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["gml", "imaer.gml", "gml.gz"]
    }

    fn sniff(&self, head: &[u8], _: &str) -> bool {
        let text = String::from_utf8_lossy(head);
        text.contains("FeatureCollectionCalculator") && text.contains("imaer.aerius.nl")
    }

    fn read(&self, source: &Source, context: &mut ReadContext) -> Result<ReadOutcome, ReadError> {
        let (collected, checksum) = with_checksum(source, || {
            let mut collected = Collected::default();
            walk(source, context, "AERIUS IMAER", &mut |step, context| {
                collected.step(&step, context);
                Ok(())
            })?;
            Ok::<_, ReadError>(collected)
        });
        let Collected { features, attributes, counts, srs, situation, year, version, .. } = collected?;
        if features.is_empty() {
            return Err(ReadError::Malformed {
                path: source.path.clone(),
                expected: "sources of emission in featureMember elements".to_owned(),
                found: "none".to_owned(),
                location: "the whole file".to_owned(),
                advice: "export the sources from AERIUS Calculator, not only the results".to_owned(),
            });
        }
        let stated = match srs {
            Some(text) => Placement::parse_stated(source, &text, context)?,
            None => None,
        };
        let mut draft = Draft::new(self.id(), stated);
        draft.version = version;
        draft.features = features.len() as u64;
        draft.counts = counts;
        let title = situation.unwrap_or_else(|| "emission sources".to_owned());
        draft.provenance = Provenance {
            source: format!("AERIUS: {title}"),
            date: year.unwrap_or_default(),
            ..Provenance::default()
        };
        let layer = FeatureLayer {
            name: title.clone(),
            role: FeatureRole::Generic,
            features,
            attributes,
            ..FeatureLayer::default()
        };
        draft.layers.push((String::new(), title, DraftData::Features(layer)));
        draft.finish(source, checksum, context)
    }
}

#[derive(Default)]
struct Collected {
    features: Vec<Feature>,
    attributes: AttributeTable,
    counts: BTreeMap<String, u64>,
    srs: Option<String>,
    situation: Option<String>,
    year: Option<String>,
    version: Option<String>,
    /// Elements inside each other, and at which of these depths the member and its source stand.
    depth: usize,
    member: Option<usize>,
    open: Option<Emitter>,
    is_in_situation: bool,
}

/// A source of emission while it is open.
#[derive(Default)]
struct Emitter {
    kind: String,
    id: String,
    at: u64,
    values: Vec<(String, Option<&'static str>, Value)>,
    emissions: BTreeMap<String, f64>,
    vehicles: BTreeMap<&'static str, f64>,
    speeds: BTreeMap<&'static str, f64>,
    shape: Shape,
    rings: Vec<Vec<[f64; 2]>>,
    has_bad_positions: bool,
    substance: Option<String>,
    vehicle: Option<Vehicle>,
}

#[derive(Clone, Copy, Default, PartialEq)]
enum Shape {
    #[default]
    None,
    Point,
    Line,
    Surface,
}

#[derive(Default)]
struct Vehicle {
    class: &'static str,
    number: f64,
    per_year: f64,
}

/// The word for a vehicle class in column names.
fn class_of(vehicle_type: &str) -> &'static str {
    match vehicle_type {
        "LIGHT_TRAFFIC" => "light",
        "NORMAL_FREIGHT" => "medium_freight",
        "HEAVY_FREIGHT" => "heavy_freight",
        "AUTO_BUS" => "bus",
        _ => "other",
    }
}

/// How often a unit of time fits into a year, as AERIUS counts.
fn per_year(unit: &str) -> Option<f64> {
    Some(match unit {
        "HOUR" => 8760.0,
        "DAY" => 365.0,
        "MONTH" => 12.0,
        "YEAR" => 1.0,
        _ => return None,
    })
}

impl Collected {
    fn step(&mut self, step: &Step<'_>, context: &mut ReadContext) {
        match step {
            Step::Open(open) => {
                self.depth += 1;
                if self.depth == 1 {
                    let namespace = open.attribute("imaer").unwrap_or_default();
                    self.version =
                        namespace.rsplit('/').next().filter(|text| !text.is_empty()).map(str::to_owned);
                }
                if self.open.is_none() && self.member == Some(self.depth - 1) {
                    let mut emitter = Emitter {
                        kind: open.name.to_owned(),
                        id: open.attribute("id").unwrap_or_default(),
                        at: open.at,
                        ..Emitter::default()
                    };
                    for (attribute, column) in
                        [("sectorId", "sector"), ("roadType", "road_type"), ("roadAreaType", "road_area")]
                    {
                        if let Some(text) = open.attribute(attribute) {
                            emitter.values.push((column.to_owned(), None, text.into()));
                        }
                    }
                    self.open = Some(emitter);
                    return;
                }
                match open.name {
                    "featureMember" => self.member = Some(self.depth),
                    "SituationMetadata" => self.is_in_situation = true,
                    _ => {}
                }
                let Some(emitter) = &mut self.open else { return };
                if let Some(srs) = open.attribute("srsName") {
                    self.srs.get_or_insert(srs);
                }
                emitter.open(open);
            }
            Step::Close { name, text } => {
                let is_source = self.open.is_some() && self.member == Some(self.depth.wrapping_sub(1));
                if is_source {
                    if let Some(emitter) = self.open.take() {
                        self.push(emitter, context);
                    }
                } else if let Some(emitter) = &mut self.open {
                    emitter.close(name, text, context);
                } else {
                    match *name {
                        "featureMember" => self.member = None,
                        "SituationMetadata" => self.is_in_situation = false,
                        "name" if self.is_in_situation => self.situation = Some((*text).to_owned()),
                        "year" => self.year = Some((*text).to_owned()),
                        _ => {}
                    }
                }
                self.depth = self.depth.saturating_sub(1);
            }
        }
    }

    fn push(&mut self, emitter: Emitter, context: &mut ReadContext) {
        let Emitter {
            kind,
            id,
            at,
            values,
            emissions,
            vehicles,
            speeds,
            shape,
            rings,
            has_bad_positions,
            ..
        } = emitter;
        let row = self.features.len();
        let id = if id.is_empty() { format!("{}", row + 1) } else { id };
        *self.counts.entry(kind.clone()).or_default() += 1;
        let table = &mut self.attributes;
        table.grow(row + 1);
        table.set(row, "type", kind.clone());
        for (name, unit, value) in values {
            let column = table.ensure_column(&name, unit);
            table.set_at(row, column, value);
        }
        if !vehicles.is_empty() {
            let column = table.ensure_column("vehicles_per_day", Some("1/d"));
            table.set_at(row, column, vehicles.values().sum::<f64>().into());
        }
        for (class, number) in vehicles {
            let column = table.ensure_column(&format!("{class}_per_day"), Some("1/d"));
            table.set_at(row, column, number.into());
        }
        for (class, speed) in speeds {
            let column = table.ensure_column(&format!("{class}_max_speed"), Some("km/h"));
            table.set_at(row, column, speed.into());
        }
        for (substance, kilograms) in emissions {
            let column =
                table.ensure_column(&format!("emission_{}", substance.to_ascii_lowercase()), Some("kg/a"));
            table.set_at(row, column, kilograms.into());
        }
        let geometry = if has_bad_positions { None } else { geometry_of(shape, rings) };
        if geometry.is_none() {
            context.report.error(
                "geometry",
                format!("{kind} \"{id}\", byte {at}"),
                "expected a gml:pos or gml:posList of finite pairs; the source is kept without geometry",
            );
        }
        self.features.push(Feature { id, geometry });
    }
}

impl Emitter {
    fn open(&mut self, open: &super::feed_xml::Open<'_>) {
        match open.name {
            "GM_Point" => self.shape = Shape::Point,
            "GM_Curve" => self.shape = Shape::Line,
            "GM_Surface" => self.shape = Shape::Surface,
            "Point" | "LineString" | "Polygon" if self.shape == Shape::None => {
                self.shape = match open.name {
                    "Point" => Shape::Point,
                    "LineString" => Shape::Line,
                    _ => Shape::Surface,
                };
            }
            "Emission" => self.substance = open.attribute("substance"),
            "StandardVehicle" => {
                let class = class_of(&open.attribute("vehicleType").unwrap_or_default());
                self.vehicle = Some(Vehicle { class, per_year: 365.0, ..Vehicle::default() });
            }
            "SpecificVehicle" | "CustomVehicle" => {
                self.vehicle = Some(Vehicle { class: "other", per_year: 365.0, ..Vehicle::default() });
            }
            _ => {}
        }
    }

    fn close(&mut self, name: &str, text: &str, context: &mut ReadContext) {
        let number = |context: &mut ReadContext| {
            let number = text.parse::<f64>().ok().filter(|number| number.is_finite());
            if number.is_none() {
                context.report.error(
                    "number",
                    format!("{} \"{}\"", self.kind, self.id),
                    format!(
                        "expected a number in {name}, found \"{}\"",
                        text.chars().take(40).collect::<String>()
                    ),
                );
            }
            number
        };
        match name {
            "value" if self.substance.is_some() => {
                if let (Some(number), Some(substance)) = (number(context), self.substance.clone()) {
                    *self.emissions.entry(substance).or_default() += number;
                }
            }
            "Emission" => self.substance = None,
            "vehiclesPerTimeUnit" => {
                let found = number(context);
                if let (Some(vehicle), Some(found)) = (&mut self.vehicle, found) {
                    vehicle.number = found;
                }
            }
            "timeUnit" => {
                if let Some(vehicle) = &mut self.vehicle {
                    match per_year(text) {
                        Some(times) => vehicle.per_year = times,
                        None => context.report.warn(
                            "time-unit",
                            format!("{} \"{}\"", self.kind, self.id),
                            format!("expected HOUR, DAY, MONTH or YEAR, found \"{text}\"; a day is taken"),
                        ),
                    }
                }
            }
            "maximumSpeed" => {
                let found = number(context);
                if let (Some(vehicle), Some(found)) = (&self.vehicle, found) {
                    self.speeds.insert(vehicle.class, found);
                }
            }
            "StandardVehicle" | "SpecificVehicle" | "CustomVehicle" => {
                if let Some(vehicle) = self.vehicle.take() {
                    *self.vehicles.entry(vehicle.class).or_default() +=
                        vehicle.number * vehicle.per_year / 365.0;
                }
            }
            "pos" | "posList" => {
                match pairs(text).filter(|pairs| pairs.iter().flatten().all(|v| v.is_finite())) {
                    Some(pairs) if !pairs.is_empty() => self.rings.push(pairs),
                    _ => self.has_bad_positions = true,
                }
            }
            "label" => self.values.push(("label".to_owned(), None, text.into())),
            "trafficDirection" => self.values.push(("direction".to_owned(), None, text.into())),
            "elevation" => self.values.push(("elevation".to_owned(), None, text.into())),
            "elevationHeight" => {
                if let Some(number) = number(context) {
                    self.values.push(("elevation_height".to_owned(), Some("m"), number.into()));
                }
            }
            "tunnelFactor" => {
                if let Some(number) = number(context) {
                    self.values.push(("tunnel_factor".to_owned(), None, number.into()));
                }
            }
            _ => {}
        }
    }
}

fn geometry_of(shape: Shape, rings: Vec<Vec<[f64; 2]>>) -> Option<Geometry<f64>> {
    let mut lines = rings.into_iter().map(LineString::from);
    let first = lines.next()?;
    match shape {
        Shape::Point => first.0.first().map(|&coord| Point(coord).into()),
        Shape::Line | Shape::None => (first.0.len() > 1).then(|| first.into()),
        Shape::Surface => (first.0.len() > 2).then(|| Polygon::new(first, lines.collect()).into()),
    }
}
