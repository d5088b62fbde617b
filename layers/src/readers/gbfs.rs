//! GBFS (shared bicycles, mopeds and cars) as files: stations with what is free, vehicles, and zones with rules.
//!
//! Source: <https://gbfs.org> 1.0 to 3.0. The feeds of a system lie side by side: opening `gbfs.json` reads those of its
//! folder (their addresses are never fetched), opening one of them reads that one and its partner.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
};

use serde_json::Value as Json;

use super::{
    FormatReader, ReadContext, ReadError, ReadOutcome, Source,
    draft::{Draft, DraftData, iso_time, read_feed},
    input::with_checksum,
};
use crate::{
    crs::Epsg,
    model::{AttributeTable, Feature, FeatureLayer, FeatureRole, Provenance, Value},
};

/// General Bikeshare Feed Specification.
#[derive(Debug)]
pub struct GbfsReader;

/// Files of a system, by the base of their names.
const FEEDS: [&str; 7] = [
    "system_information",
    "vehicle_types",
    "station_information",
    "station_status",
    "vehicle_status",
    "free_bike_status",
    "geofencing_zones",
];

impl FormatReader for GbfsReader {
    fn id(&self) -> &'static str {
        "gbfs"
    }

    fn title(&self) -> &'static str {
        "GBFS shared vehicles"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["json", "gbfs.json"]
    }

    fn sniff(&self, head: &[u8], _: &str) -> bool {
        let text = String::from_utf8_lossy(head);
        let has = |word: &str| text.contains(word);
        text.trim_start_matches('\u{feff}').trim_start().starts_with('{')
            && has("\"data\"")
            && (has("\"geofencing_zones\"")
                || has("\"station_id\"")
                || has("\"vehicle_type_id\"")
                || (has("\"bike_id\"") && has("\"lat\""))
                || (has("\"feeds\"") && (has("\"ttl\"") || has("gbfs")))
                || (has("\"system_id\"") && has("\"timezone\""))
                || (has("\"stations\"") && has("\"ttl\"")))
    }

    fn read(&self, source: &Source, context: &mut ReadContext) -> Result<ReadOutcome, ReadError> {
        let (system, checksum) = with_checksum(source, || System::read(source, context));
        let system = system?;
        let mut draft = Draft::new(self.id(), Some(Epsg::WGS84));
        draft.version.clone_from(&system.version);
        let times = system.updated.iter().copied().min().zip(system.updated.iter().copied().max());
        draft.time = times.map(|(first, last)| [iso_time(first), iso_time(last)]);
        draft.provenance = Provenance {
            source: system.name.clone().unwrap_or_default(),
            date: system.updated.iter().copied().max().map(iso_time).unwrap_or_default(),
            ..Provenance::default()
        };
        let stations = system.stations(context);
        let vehicles = system.vehicles(context);
        let zones = system.zones(context);
        for (name, title, layer) in [
            ("stations", "shared vehicle stations", stations),
            ("vehicles", "shared vehicles", vehicles),
            ("zones", "shared vehicle zones", zones),
        ] {
            draft.count(name, layer.features.len());
            draft.features += layer.features.len() as u64;
            if !layer.features.is_empty() {
                draft.layers.push((name.to_owned(), title.to_owned(), DraftData::Features(layer)));
            }
        }
        if draft.layers.is_empty()
            && !system.feeds.contains_key("system_information")
            && !system.feeds.contains_key("vehicle_types")
        {
            return Err(ReadError::Malformed {
                path: source.path.clone(),
                expected: "stations, vehicles or zones, here or in the files beside".to_owned(),
                found: "none".to_owned(),
                location: "the folder of the file".to_owned(),
                advice: "put the feeds that gbfs.json lists beside it".to_owned(),
            });
        }
        draft.finish(source, checksum, context)
    }

    fn reads_other_files(&self, _source: &Source) -> bool {
        true
    }
}

#[derive(Default)]
struct System {
    /// `data` of each feed by its name.
    feeds: HashMap<&'static str, Json>,
    version: Option<String>,
    name: Option<String>,
    updated: Vec<i64>,
}

impl System {
    fn read(source: &Source, context: &mut ReadContext) -> Result<Self, ReadError> {
        let mut system = Self::default();
        let document = parse(source, context)?;
        let names = system.add(document);
        let folder: PathBuf = std::path::absolute(&source.path)
            .ok()
            .and_then(|path| path.parent().map(Path::to_path_buf))
            .unwrap_or_default();
        let partners: Vec<&str> = match names.first() {
            // The list of feeds: all that lie beside it.
            None => FEEDS.to_vec(),
            Some(&name) => match name {
                "station_information" => vec!["station_status", "system_information"],
                "station_status" => vec!["station_information", "system_information"],
                "vehicle_status" | "free_bike_status" => vec!["vehicle_types", "system_information"],
                _ => vec!["system_information"],
            },
        };
        for name in partners {
            if system.feeds.contains_key(name) {
                continue;
            }
            context.check_cancelled()?;
            let beside = folder.join(format!("{name}.json"));
            // An ordinary file: a link could lead out of the folder.
            if !std::fs::symlink_metadata(&beside).is_ok_and(|metadata| metadata.is_file()) {
                continue;
            }
            match parse(&Source::from_path(&beside), context) {
                Ok(document) => {
                    system.add(document);
                }
                Err(ReadError::Cancelled) => return Err(ReadError::Cancelled),
                Err(error) => context.report.error("feed", format!("{name}.json"), error.to_string()),
            }
        }
        Ok(system)
    }

    /// Takes a document in and says which feeds it is; none for the list of feeds.
    fn add(&mut self, document: Json) -> Vec<&'static str> {
        let Json::Object(mut document) = document else { return Vec::new() };
        match document.get("last_updated") {
            Some(Json::Number(seconds)) => self.updated.extend(seconds.as_i64().filter(|time| *time > 0)),
            Some(Json::String(text)) => self.updated.extend(super::draft::parse_time(text)),
            _ => {}
        }
        if let Some(Json::String(version)) = document.get("version") {
            self.version.get_or_insert_with(|| version.clone());
        }
        let Some(data) = document.remove("data") else { return Vec::new() };
        let has = |name: &str| data.get(name).is_some();
        let first = |list: &str, member: &str| {
            data.get(list)
                .and_then(Json::as_array)
                .is_some_and(|list| list.iter().any(|item| item.get(member).is_some()))
        };
        let name = if has("geofencing_zones") {
            "geofencing_zones"
        } else if has("vehicle_types") {
            "vehicle_types"
        } else if has("stations") {
            if first("stations", "lat") || first("stations", "name") {
                "station_information"
            } else {
                "station_status"
            }
        } else if has("vehicles") {
            "vehicle_status"
        } else if has("bikes") {
            "free_bike_status"
        } else if has("system_id") {
            self.name = name_of(data.get("name"));
            "system_information"
        } else {
            return Vec::new();
        };
        self.feeds.insert(name, data);
        vec![name]
    }

    fn list(&self, feed: &str, member: &str) -> &[Json] {
        self.feeds
            .get(feed)
            .and_then(|data| data.get(member))
            .and_then(Json::as_array)
            .map_or(&[], Vec::as_slice)
    }

    fn stations(&self, context: &mut ReadContext) -> FeatureLayer {
        let mut rows = Rows::new("stations", FeatureRole::PointsOfInterest);
        let status: HashMap<String, &Json> = self
            .list("station_status", "stations")
            .iter()
            .filter_map(|station| Some((id_of(station, "station_id")?, station)))
            .collect();
        let information = self.list("station_information", "stations");
        if information.is_empty() && !status.is_empty() {
            context.report.warn(
                "station-information",
                "station_status.json",
                "the places of stations are in station_information.json, which is not beside it",
            );
        }
        let list = if information.is_empty() { self.list("station_status", "stations") } else { information };
        for (number, station) in list.iter().enumerate() {
            let id = id_of(station, "station_id");
            if id.is_none() {
                context.report.warn(
                    "station-id",
                    format!("station {number}"),
                    "expected a station_id, found none; the station is kept without its status",
                );
            }
            let point = place_of(station);
            if point.is_none() && !information.is_empty() {
                context.report.error(
                    "station-without-place",
                    format!("station {number} \"{}\"", id.clone().unwrap_or_default()),
                    "expected lat within ±90 and lon within ±180; the station is kept without a place",
                );
            }
            let status = id.as_ref().and_then(|id| status.get(id));
            if status.is_none()
                && !information.is_empty()
                && self.feeds.contains_key("station_status")
                && id.is_some()
            {
                context.report.warn(
                    "station-status",
                    format!("station \"{}\"", id.clone().unwrap_or_default()),
                    "expected it in station_status.json, found none",
                );
            }
            let row = rows.push(id.unwrap_or_else(|| format!("station-{number}")), point);
            rows.set(row, "amenity", "bicycle_rental");
            if let Some(name) = name_of(station.get("name")) {
                rows.set(row, "name", name);
            }
            rows.copy(row, station, &[("capacity", "capacity")]);
            if let Some(status) = status {
                rows.copy(
                    row,
                    status,
                    &[
                        ("num_bikes_available", "vehicles_available"),
                        ("num_vehicles_available", "vehicles_available"),
                        ("num_bikes_disabled", "vehicles_disabled"),
                        ("num_vehicles_disabled", "vehicles_disabled"),
                        ("num_docks_available", "docks_available"),
                        ("is_installed", "is_installed"),
                        ("is_renting", "is_renting"),
                        ("is_returning", "is_returning"),
                    ],
                );
                rows.time(row, status.get("last_reported"));
            }
        }
        rows.layer
    }

    fn vehicles(&self, context: &mut ReadContext) -> FeatureLayer {
        let mut rows = Rows::new("vehicles", FeatureRole::Generic);
        let types: HashMap<String, &Json> = self
            .list("vehicle_types", "vehicle_types")
            .iter()
            .filter_map(|kind| Some((id_of(kind, "vehicle_type_id")?, kind)))
            .collect();
        let list =
            self.list("vehicle_status", "vehicles").iter().chain(self.list("free_bike_status", "bikes"));
        for (number, vehicle) in list.enumerate() {
            let id = id_of(vehicle, "vehicle_id").or_else(|| id_of(vehicle, "bike_id"));
            let point = place_of(vehicle);
            // A vehicle at a station may leave its place to the station.
            if point.is_none() && id_of(vehicle, "station_id").is_none() {
                context.report.error(
                    "vehicle-without-place",
                    format!("vehicle {number} \"{}\"", id.clone().unwrap_or_default()),
                    "expected lat within ±90 and lon within ±180; the vehicle is kept without a place",
                );
            }
            let row = rows.push(id.unwrap_or_else(|| format!("vehicle-{number}")), point);
            let kind = id_of(vehicle, "vehicle_type_id");
            if let Some(known) = kind.as_ref().and_then(|kind| types.get(kind)) {
                rows.copy(row, known, &[("form_factor", "form_factor"), ("propulsion_type", "propulsion")]);
            }
            rows.copy(
                row,
                vehicle,
                &[
                    ("vehicle_type_id", "vehicle_type"),
                    ("is_reserved", "is_reserved"),
                    ("is_disabled", "is_disabled"),
                    ("station_id", "station_id"),
                ],
            );
            rows.copy_with(row, vehicle, "current_range_meters", "range", "m");
            rows.time(row, vehicle.get("last_reported"));
        }
        rows.layer
    }

    fn zones(&self, context: &mut ReadContext) -> FeatureLayer {
        let mut rows = Rows::new("zones", FeatureRole::Generic);
        let features = self
            .feeds
            .get("geofencing_zones")
            .and_then(|data| data.get("geofencing_zones")?.get("features")?.as_array())
            .map_or(&[][..], Vec::as_slice);
        for (number, feature) in features.iter().enumerate() {
            let geometry = feature.get("geometry").map(Json::to_string).unwrap_or_default();
            let geometry = super::geojson::geometry_of(&geometry);
            let properties = feature.get("properties").unwrap_or(&Json::Null);
            let name = name_of(properties.get("name"));
            let id = format!("zone-{number}");
            let geometry = geometry.unwrap_or_else(|reason| {
                context.report.error(
                    "geometry",
                    format!("{id} \"{}\"", name.clone().unwrap_or_default()),
                    reason,
                );
                None
            });
            let row = rows.layer.features.len();
            rows.layer.features.push(Feature { id, geometry });
            rows.layer.attributes.grow(row + 1);
            if let Some(name) = name {
                rows.set(row, "name", name);
            }
            // The first rule that fits is the one that holds.
            if let Some(rule) = properties.get("rules").and_then(|rules| rules.as_array()?.first()) {
                rows.copy(
                    row,
                    rule,
                    &[
                        ("ride_allowed", "ride_start_allowed"),
                        ("ride_start_allowed", "ride_start_allowed"),
                        ("ride_end_allowed", "ride_end_allowed"),
                        ("ride_through_allowed", "ride_through_allowed"),
                        ("station_parking", "station_parking"),
                    ],
                );
                rows.copy_with(row, rule, "maximum_speed_kph", "maximum_speed", "km/h");
            }
        }
        rows.layer
    }
}

fn parse(source: &Source, context: &ReadContext) -> Result<Json, ReadError> {
    let text = read_feed(source, context)?;
    let text = text.strip_prefix(&[0xef, 0xbb, 0xbf]).unwrap_or(&text);
    serde_json::from_slice(text).map_err(|error| ReadError::Malformed {
        path: source.path.clone(),
        expected: "GBFS JSON".to_owned(),
        found: error.to_string(),
        location: format!("line {}, column {}", error.line(), error.column()),
        advice: "the file is damaged or cut off; fetch it again".to_owned(),
    })
}

/// An id, which some systems write as a number; `None` for null and empty ones.
fn id_of(object: &Json, member: &str) -> Option<String> {
    match object.get(member)? {
        Json::String(text) if !text.is_empty() => Some(text.clone()),
        Json::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// A name: a text, or since 3.0 a list of texts in languages, of which Dutch comes first and then the first.
fn name_of(name: Option<&Json>) -> Option<String> {
    match name? {
        Json::String(text) => Some(text.clone()),
        Json::Array(list) => {
            let dutch = list.iter().find(|item| item.get("language").and_then(Json::as_str) == Some("nl"));
            dutch.or(list.first())?.get("text")?.as_str().map(str::to_owned)
        }
        _ => None,
    }
}

fn place_of(object: &Json) -> Option<[f64; 2]> {
    let place = [object.get("lon")?.as_f64()?, object.get("lat")?.as_f64()?];
    (place[0].abs() <= 180.0 && place[1].abs() <= 90.0).then_some(place)
}

struct Rows {
    layer: FeatureLayer,
}

impl Rows {
    fn new(name: &str, role: FeatureRole) -> Self {
        Self {
            layer: FeatureLayer {
                name: name.to_owned(),
                role,
                features: Vec::new(),
                attributes: AttributeTable::new(),
                ..FeatureLayer::default()
            },
        }
    }

    fn push(&mut self, id: String, point: Option<[f64; 2]>) -> usize {
        let row = self.layer.features.len();
        let geometry = point.map(|[lon, lat]| geo::Point::new(lon, lat).into());
        self.layer.features.push(Feature { id, geometry });
        self.layer.attributes.grow(row + 1);
        row
    }

    fn set(&mut self, row: usize, name: &str, value: impl Into<Value>) {
        self.layer.attributes.set(row, name, value);
    }

    /// Copies members of `object` to columns, by (member, column).
    fn copy(&mut self, row: usize, object: &Json, members: &[(&str, &str)]) {
        for (member, column) in members {
            // Version 1 writes truth as 1 and 0.
            let value = match object.get(*member) {
                Some(Json::Bool(value)) => Value::Bool(*value),
                Some(Json::Number(number)) if column.starts_with("is_") => {
                    Value::Bool(number.as_f64() != Some(0.0))
                }
                Some(Json::Number(number)) => match number.as_i64() {
                    Some(whole) => Value::Integer(whole),
                    None => number.as_f64().map_or(Value::Null, Value::Real),
                },
                Some(Json::String(text)) => Value::Text(text.clone()),
                _ => continue,
            };
            self.set(row, column, value);
        }
    }

    fn copy_with(&mut self, row: usize, object: &Json, member: &str, column: &str, unit: &str) {
        if let Some(number) = object.get(member).and_then(Json::as_f64) {
            let column = self.layer.attributes.ensure_column(column, Some(unit));
            self.layer.attributes.set_at(row, column, number.into());
        }
    }

    fn time(&mut self, row: usize, value: Option<&Json>) {
        let time = match value {
            Some(Json::Number(seconds)) => seconds.as_i64().filter(|time| *time > 0).map(iso_time),
            Some(Json::String(text)) => super::draft::parse_time(text).map(iso_time),
            _ => None,
        };
        if let Some(time) = time.filter(|time| !time.is_empty()) {
            self.set(row, "last_reported", time);
        }
    }
}
