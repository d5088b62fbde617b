//! What city scrapers keep of public JSON services: lists of snapshots, each with its time and the service's answer; and such
//! an answer itself for OV-fiets.
//!
//! Known answers: GeoJSON collections whose features have numbers (Amsterdam parking garages and guidance signs), and the
//! places of OV-fiets with their free bicycles. Each place is a Thing, each number of it a Datastream over the snapshots.

use std::collections::{BTreeMap, HashMap};

use serde_json::{Map, Value as Json};

use super::{
    FormatReader, ReadContext, ReadError, ReadOutcome, Report, Source,
    draft::{Draft, parse_time, read_feed},
    input::with_checksum,
};
use crate::{
    crs::Epsg,
    model::{Datastream, SensorLayer, Thing, observation::SensorCard},
};

/// Snapshots of city services.
#[derive(Debug)]
pub struct SnapshotsReader;

impl FormatReader for SnapshotsReader {
    fn id(&self) -> &'static str {
        "city-snapshots"
    }

    fn title(&self) -> &'static str {
        "snapshots of city services"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["json"]
    }

    fn sniff(&self, head: &[u8], _: &str) -> bool {
        let text = String::from_utf8_lossy(head);
        let has = |word: &str| text.contains(word);
        let start = text.trim_start_matches('\u{feff}').trim_start();
        (start.starts_with('[') && has("\"fields\"") && has("\"scraped_at\"") && has("\"data\""))
            || (start.starts_with('{') && has("\"locaties\"") && has("\"rentalBikes\""))
    }

    fn read(&self, source: &Source, context: &mut ReadContext) -> Result<ReadOutcome, ReadError> {
        let (found, checksum) = with_checksum(source, || read_snapshots(source, context));
        let (layer, snapshots) = found?;
        let mut draft = Draft::new(self.id(), Some(Epsg::WGS84));
        draft.count("snapshots", snapshots);
        draft.add_sensors(super::layer_id(source), layer);
        draft.finish(source, checksum, context)
    }
}

fn read_snapshots(source: &Source, context: &mut ReadContext) -> Result<(SensorLayer, usize), ReadError> {
    let text = read_feed(source, context)?;
    let text = text.strip_prefix(&[0xef, 0xbb, 0xbf]).unwrap_or(&text);
    let malformed = |expected: &str, found: String, location: String| ReadError::Malformed {
        path: source.path.clone(),
        expected: expected.to_owned(),
        found,
        location,
        advice: "mend that place or fetch the file again".to_owned(),
    };
    let document: Json = serde_json::from_slice(text).map_err(|error| {
        let location = format!("line {}, column {}", error.line(), error.column());
        malformed("snapshots in JSON", error.to_string(), location)
    })?;
    let records = match document {
        Json::Array(list) => list,
        other => vec![other],
    };
    let mut found = Found::default();
    let mut snapshots = 0;
    for (number, record) in records.iter().enumerate() {
        if number.is_multiple_of(64) {
            context.check_cancelled()?;
            context.progress.set(0.8 * number as f64 / records.len().max(1) as f64);
        }
        let fields = record.get("fields").unwrap_or(record);
        let time = fields.get("scraped_at").and_then(Json::as_str).and_then(parse_time);
        let data = fields.get("data").unwrap_or(fields);
        if let Some(features) = data.get("features").and_then(Json::as_array) {
            snapshots += 1;
            for (position, feature) in features.iter().enumerate() {
                found.feature(
                    feature,
                    time,
                    &format!("snapshot {number}, feature {position}"),
                    &mut context.report,
                );
            }
        } else if let Some(places) = data.get("locaties").and_then(Json::as_object) {
            snapshots += 1;
            for (code, place) in places {
                found.rental(code, place, time, &mut context.report);
            }
        } else {
            context.report.warn(
                "snapshot",
                format!("snapshot {number}"),
                "expected a GeoJSON collection or the places of OV-fiets; it is left out",
            );
        }
    }
    if snapshots == 0 {
        return Err(malformed(
            "snapshots with a GeoJSON collection or places of OV-fiets",
            "none".to_owned(),
            "the whole file".to_owned(),
        ));
    }
    Ok((found.finish(), snapshots))
}

#[derive(Default)]
struct Found {
    things: Vec<Thing>,
    thing_of: HashMap<String, u32>,
    values: BTreeMap<(u32, String), BTreeMap<i64, f64>>,
}

/// A number, or a text that is one; an empty text is none.
fn number_of(value: &Json) -> Option<f64> {
    match value {
        Json::Number(number) => number.as_f64(),
        Json::String(text) => text.trim().parse().ok(),
        _ => None,
    }
    .filter(|number: &f64| number.is_finite())
}

impl Found {
    fn thing(&mut self, id: String, name: String, description: &str, place: Option<[f64; 2]>) -> u32 {
        let things = &mut self.things;
        *self.thing_of.entry(id.clone()).or_insert_with(|| {
            let position = place
                .filter(|[lon, lat]| lon.abs() <= 180.0 && lat.abs() <= 90.0)
                .map(|[lon, lat]| [lon, lat, 0.0]);
            things.push(Thing {
                id,
                name,
                description: description.to_owned(),
                position,
                card: SensorCard::default(),
            });
            things.len() as u32 - 1
        })
    }

    fn feature(&mut self, feature: &Json, time: Option<i64>, location: &str, report: &mut Report) {
        let empty = Map::new();
        let properties = feature.get("properties").and_then(Json::as_object).unwrap_or(&empty);
        let text = |names: &[&str]| {
            names
                .iter()
                .find_map(|name| properties.get(*name).or_else(|| feature.get(*name))?.as_str())
                .filter(|text| !text.is_empty())
                .map(str::to_owned)
        };
        let geometry = feature.get("geometry").map(Json::to_string).unwrap_or_default();
        let place = match super::geojson::geometry_of(&geometry) {
            Ok(Some(geometry)) => geo::Centroid::centroid(&geometry).map(|point| [point.x(), point.y()]),
            _ => None,
        };
        let name = text(&["Name", "name", "title"]);
        let Some(id) = text(&["Id", "id"]).or_else(|| name.clone()) else {
            report.error(
                "feature",
                location,
                "expected an id or a name, found none; the feature is left out",
            );
            return;
        };
        if place.is_none() {
            report.warn(
                "location",
                format!("{location} \"{id}\""),
                "expected a GeoJSON geometry; it has no place",
            );
        }
        let thing =
            self.thing(id, name.unwrap_or_default(), &text(&["Type", "type"]).unwrap_or_default(), place);
        let time = text(&["PubDate", "pubDate"]).and_then(|text| parse_time(&text)).or(time);
        for (name, value) in properties {
            if let (Some(value), Some(time)) = (number_of(value), time) {
                self.values.entry((thing, name.clone())).or_default().insert(time, value);
            }
        }
    }

    fn rental(&mut self, code: &str, place: &Json, time: Option<i64>, report: &mut Report) {
        let number = |name: &str| place.get(name).and_then(number_of);
        let position = number("lng").zip(number("lat")).map(|(lon, lat)| [lon, lat]);
        if position.is_none() {
            report.warn(
                "location",
                format!("place \"{code}\""),
                "expected lat and lng, found none; it has no place",
            );
        }
        let text = |name: &str| place.get(name).and_then(Json::as_str).unwrap_or_default();
        let thing = self.thing(code.to_owned(), text("name").to_owned(), text("description"), position);
        let extra = |name: &str| place.get("extra").and_then(|extra| extra.get(name)).and_then(number_of);
        let time = extra("fetchTime")
            .filter(|time| (946_684_800.0..7_258_118_400.0).contains(time))
            .map(|time| time as i64)
            .or(time);
        if let (Some(bikes), Some(time)) = (extra("rentalBikes"), time) {
            self.values.entry((thing, "rentalBikes".to_owned())).or_default().insert(time, bikes);
        }
    }

    fn finish(self) -> SensorLayer {
        let Self { things, values, .. } = self;
        let datastreams = values
            .into_iter()
            .map(|((thing, name), observations)| {
                let id = things.get(thing as usize).map_or("", |thing| thing.id.as_str());
                let (times, values) = observations.into_iter().unzip();
                Datastream {
                    id: format!("{id}#{name}"),
                    thing,
                    observed_property: match name.as_str() {
                        "FreeSpaceShort" => "parking_free".to_owned(),
                        "ShortCapacity" => "parking_capacity".to_owned(),
                        "rentalBikes" => "bicycles_available".to_owned(),
                        other => other.to_owned(),
                    },
                    name,
                    unit: "1".to_owned(),
                    times,
                    values,
                }
            })
            .collect();
        SensorLayer { things, datastreams }
    }
}
