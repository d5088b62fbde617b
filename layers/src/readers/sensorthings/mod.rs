//! OGC SensorThings as files: a document with Things, a server's page (`{"value": […]}`), single entities, and
//! observations one a line. Source: OGC 18-088 (SensorThings API 1.1).

mod entity;

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use entity::{Entity, Kind, Observation, Root, number_of, text_of};

use super::{
    FormatReader, Inspection, ReadContext, ReadError, ReadOutcome, Report, Source,
    input::{read_all, with_checksum},
    layer_id,
    placement::{Placement, Unlabelled, robust_bounds},
};
use crate::{
    crs::Epsg,
    model::{Bounds3, Datastream, Layer, LayerData, Provenance, SensorLayer, Thing, observation::SensorCard},
};

/// SensorThings JSON.
#[derive(Debug)]
pub struct SensorThingsReader;

impl FormatReader for SensorThingsReader {
    fn id(&self) -> &'static str {
        "sensorthings"
    }

    fn title(&self) -> &'static str {
        "SensorThings JSON"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["sta.json", "json", "ndjson", "jsonl", "json.gz"]
    }

    fn sniff(&self, head: &[u8], _: &str) -> bool {
        let text = String::from_utf8_lossy(head);
        let start = text.trim_start_matches('\u{feff}').trim_start();
        let has = |word: &str| text.contains(word);
        start.starts_with(['{', '['])
            && (has("\"phenomenonTime\"")
                || has("\"Things\"")
                || has("\"Datastreams\"")
                || has("\"@iot.")
                || has("\"unitOfMeasurement\"")
                || (has("\"encodingType\"") && has("\"location\"")))
    }

    fn read(&self, source: &Source, context: &mut ReadContext) -> Result<ReadOutcome, ReadError> {
        let (collected, checksum) = with_checksum(source, || read_entities(source, context));
        let mut layer = collected?.finish(&mut context.report);
        context.progress.set(0.8);
        let degrees: Vec<[f64; 2]> =
            layer.things.iter().filter_map(|thing| thing.position.map(|[x, y, _]| [x, y])).collect();
        let bounds = Bounds3::from_points(layer.things.iter().filter_map(|thing| thing.position));
        let placement = Placement::decide(
            source,
            Some(Epsg::WGS84),
            &robust_bounds(&degrees),
            Unlabelled::Metric,
            context,
        )?;
        for thing in &mut layer.things {
            let Some(position) = thing.position else { continue };
            let mut moved = [position];
            thing.position = (placement.apply(&mut moved) == 0).then_some(moved[0]);
            if thing.position.is_none() {
                context.report.error(
                    "coordinates",
                    &thing.name,
                    "its location lies nowhere on Earth; it has no place",
                );
            }
        }
        let faults = std::mem::take(&mut context.report).finish();
        let observations = layer.observation_count() as u64;
        let mut fields: Vec<String> =
            layer.datastreams.iter().map(|stream| stream.observed_property.clone()).collect();
        fields.sort_unstable();
        fields.dedup();
        let inspection = Inspection {
            uri: source.uri.clone(),
            format: self.id(),
            version: Some("1.1".to_owned()),
            crs: placement.stated_text(),
            bbox: bounds.to_array(),
            counts: BTreeMap::from([
                ("things".to_owned(), layer.things.len() as u64),
                ("datastreams".to_owned(), layer.datastreams.len() as u64),
                ("observations".to_owned(), observations),
            ]),
            features: layer.things.len() as u64,
            lods: Vec::new(),
            fields,
            time: layer.time_range().map(|(first, last)| [iso_time(first), iso_time(last)]),
            faults: faults.clone(),
        };
        let owner = layer.things.iter().find_map(|thing| thing.card.owner.clone());
        let layer = Layer {
            id: layer_id(source),
            title: layer_id(source),
            data: LayerData::Sensors(Arc::new(layer)),
            provenance: Provenance {
                source: owner.unwrap_or_else(|| source.file_name().to_owned()),
                date: inspection.time.as_ref().map(|[_, last]| last.clone()).unwrap_or_default(),
                checksum,
                ..Provenance::default()
            },
            faults,
        };
        context.progress.set(1.0);
        Ok(ReadOutcome { layers: vec![layer], inspection, crs: placement.target })
    }
}

fn iso_time(seconds: i64) -> String {
    jiff::Timestamp::from_second(seconds).map(|time| time.to_string()).unwrap_or_default()
}

fn read_entities(source: &Source, context: &mut ReadContext) -> Result<Collector, ReadError> {
    let text = read_all(source, context)?;
    let text = text.strip_prefix(&[0xef, 0xbb, 0xbf]).unwrap_or(&text);
    let mut collector = Collector { default_name: layer_id(source), ..Collector::default() };
    let mut values = serde_json::Deserializer::from_slice(text).into_iter::<Root>();
    let (mut count, mut is_any_known) = (0_usize, false);
    while let Some(next) = values.next() {
        if count.is_multiple_of(1024) {
            context.check_cancelled()?;
            context.progress.set(0.7 * values.byte_offset() as f64 / text.len().max(1) as f64);
        }
        match next {
            Ok(Root(entities)) => {
                for entity in entities {
                    is_any_known |= entity.kind() != Kind::Unknown;
                    collector.add(entity, None);
                }
            }
            Err(error) => {
                let location = format!("line {}, column {}", error.line(), error.column());
                if !is_any_known {
                    return Err(ReadError::Malformed {
                        path: source.path.clone(),
                        expected: "SensorThings JSON".to_owned(),
                        found: error.to_string(),
                        location,
                        advice: "mend that place or fetch the file again".to_owned(),
                    });
                }
                context.report.error(
                    "json",
                    location,
                    format!("expected another entity, found: {error}; the rest of the file is left out"),
                );
                break;
            }
        }
        count += 1;
    }
    if !is_any_known {
        return Err(ReadError::Malformed {
            path: source.path.clone(),
            expected: "Things, Locations, Datastreams or Observations".to_owned(),
            found: "JSON without any of them".to_owned(),
            location: "the whole file".to_owned(),
            advice: "export with $expand=Locations,Datastreams".to_owned(),
        });
    }
    Ok(collector)
}

/// Gathers entities in any order and joins them at the end.
#[derive(Default)]
struct Collector {
    default_name: String,
    things: Vec<Thing>,
    thing_ids: HashMap<String, u32>,
    streams: Vec<Stream>,
    stream_ids: HashMap<String, usize>,
    /// Positions of Locations that came without a Thing.
    loose_positions: Vec<(String, [f64; 3])>,
    /// Observations outside any Datastream, by the id of theirs where it is stated.
    loose: BTreeMap<String, Vec<Observation>>,
    bad_locations: Vec<String>,
}

struct Stream {
    thing: Option<u32>,
    datastream: Datastream,
    observations: Vec<Observation>,
}

impl Collector {
    /// `thing` is the Thing that holds the entity, if one does.
    fn add(&mut self, entity: Entity, thing: Option<u32>) {
        match entity.kind() {
            Kind::Document => {
                let Entity { things, value, datastreams, observations, .. } = entity;
                for entity in things.into_iter().chain(value).chain(datastreams) {
                    self.add(entity, None);
                }
                self.loose.entry(String::new()).or_default().extend(observations.0);
            }
            Kind::Thing => {
                self.add_thing(entity);
            }
            Kind::Location => match position_of(&entity) {
                Some(position) => self.loose_positions.push((entity.name.unwrap_or_default(), position)),
                None => self.bad_locations.push(entity.name.unwrap_or_default()),
            },
            Kind::Datastream => self.add_stream(entity, thing),
            Kind::Observation => {
                let stream = entity.datastream.and_then(|stream| stream.id).unwrap_or_default();
                self.loose.entry(stream).or_default().push(Observation {
                    time: entity.phenomenon_time.or(entity.result_time),
                    result: entity.result.as_ref().and_then(number_of),
                });
            }
            Kind::Unknown => {}
        }
    }

    fn add_thing(&mut self, entity: Entity) -> u32 {
        let name = entity.name.clone().unwrap_or_default();
        let id = entity.id.clone().unwrap_or_else(|| {
            if name.is_empty() { (self.things.len() + 1).to_string() } else { name.clone() }
        });
        let position = entity.locations.iter().find_map(position_of);
        if position.is_none() && !entity.locations.is_empty() {
            self.bad_locations.push(name.clone());
        }
        let number = *self.thing_ids.entry(id.clone()).or_insert_with(|| {
            self.things.push(Thing {
                id,
                name,
                description: entity.description.unwrap_or_default(),
                position: None,
                card: card_of(entity.properties.as_ref()),
            });
            self.things.len() as u32 - 1
        });
        if let (Some(thing), Some([x, y, z])) = (self.things.get_mut(number as usize), position) {
            // GeoJSON heights are above the ellipsoid; a stated NAP height is the one that fits a Dutch project.
            let height_nap_m = entity.properties.as_ref().and_then(|all| all.get("height_nap_m"));
            thing.position.get_or_insert([x, y, height_nap_m.and_then(number_of).unwrap_or(z)]);
        }
        for stream in entity.datastreams {
            self.add_stream(stream, Some(number));
        }
        number
    }

    fn add_stream(&mut self, mut entity: Entity, thing: Option<u32>) {
        let own_thing = entity.thing.take().filter(|thing| thing.kind() == Kind::Thing || thing.id.is_some());
        let thing = match (thing, own_thing) {
            (Some(thing), _) => Some(thing),
            (None, Some(entity)) => Some(self.add_thing(*entity)),
            (None, None) => None,
        };
        let name = entity.name.unwrap_or_default();
        let property =
            entity.observed_property.and_then(|property| property.name).filter(|text| !text.is_empty());
        let id = entity.id.unwrap_or_else(|| format!("{}-{}", self.default_name, self.streams.len() + 1));
        let unit = entity.unit.unwrap_or_default();
        if let Some(&known) = self.stream_ids.get(&id) {
            // A page may repeat a Datastream with more observations.
            if let Some(stream) = self.streams.get_mut(known) {
                stream.observations.extend(entity.observations.0);
            }
            return;
        }
        self.stream_ids.insert(id.clone(), self.streams.len());
        self.streams.push(Stream {
            thing,
            datastream: Datastream {
                id,
                thing: 0,
                observed_property: property.unwrap_or_else(|| name.clone()),
                name,
                unit: unit.symbol.or(unit.name).unwrap_or_default(),
                times: Vec::new(),
                values: Vec::new(),
            },
            observations: entity.observations.0,
        });
    }

    fn finish(mut self, report: &mut Report) -> SensorLayer {
        for name in std::mem::take(&mut self.bad_locations) {
            report.warn(
                "location",
                name,
                "expected a GeoJSON location with longitude and latitude; it has no place",
            );
        }
        for (id, observations) in std::mem::take(&mut self.loose) {
            if observations.is_empty() {
                continue;
            }
            let known = self.stream_ids.get(&id).copied().or((self.streams.len() == 1).then_some(0));
            let position = known.unwrap_or_else(|| {
                let stated = if id.is_empty() { self.default_name.clone() } else { id.clone() };
                let entity = Entity { id: Some(stated.clone()), name: Some(stated), ..Entity::default() };
                self.add_stream(entity, None);
                self.streams.len() - 1
            });
            if let Some(stream) = self.streams.get_mut(position) {
                stream.observations.extend(observations);
            }
        }
        // Datastreams without a Thing share one, at the file's Location if it has just one.
        let needs_thing = self.streams.iter().any(|stream| stream.thing.is_none());
        if needs_thing || (self.things.is_empty() && !self.loose_positions.is_empty()) {
            let name =
                self.loose_positions.first().map(|(name, _)| name.clone()).filter(|name| !name.is_empty());
            let entity = Entity {
                id: Some(self.default_name.clone()),
                name: Some(name.unwrap_or_else(|| self.default_name.clone())),
                ..Entity::default()
            };
            let number = self.add_thing(entity);
            if let (Some(thing), [(_, position)]) =
                (self.things.get_mut(number as usize), &self.loose_positions[..])
            {
                thing.position = Some(*position);
            }
            for stream in self.streams.iter_mut().filter(|stream| stream.thing.is_none()) {
                stream.thing = Some(number);
            }
        }
        let datastreams = self
            .streams
            .into_iter()
            .map(|Stream { thing, mut datastream, observations }| {
                datastream.thing = thing.unwrap_or(0);
                fill(&mut datastream, observations, report);
                datastream
            })
            .collect();
        SensorLayer { things: self.things, datastreams }
    }
}

/// Sorts observations by time into the stream; those without a time or a number are left out.
fn fill(stream: &mut Datastream, observations: Vec<Observation>, report: &mut Report) {
    let (mut unreadable, mut missing) = (0_usize, 0_usize);
    let mut sample = String::new();
    let mut pairs: Vec<(i64, f64)> = Vec::with_capacity(observations.len());
    for Observation { time, result } in observations {
        let Some(seconds) = time.as_deref().and_then(parse_time) else {
            unreadable += 1;
            if sample.is_empty() {
                sample = time.unwrap_or_default().chars().take(40).collect();
            }
            continue;
        };
        match result {
            Some(value) => pairs.push((seconds, value)),
            None => missing += 1,
        }
    }
    if unreadable > 0 {
        report.error(
            "observation-time",
            &stream.name,
            format!("{unreadable} observations are left out: expected a time such as 2026-06-15T10:00:00Z, found \"{sample}\""),
        );
    }
    if missing > 0 {
        let message = format!("{missing} observations have no number as result and count as missing");
        report.add(super::Severity::Info, "observation-missing", &stream.name, message);
    }
    // A stable sort, so that of two values at one time the later in the file comes last.
    pairs.sort_by_key(|&(time, _)| time);
    (stream.times, stream.values) = pairs.into_iter().unzip();
}

/// An instant, or the start of an interval; seconds UTC. A time without an offset is taken as UTC.
fn parse_time(text: &str) -> Option<i64> {
    let start = text.split('/').next()?.trim();
    if let Ok(time) = start.parse::<jiff::Timestamp>() {
        return Some(time.as_second());
    }
    let civil = start.parse::<jiff::civil::DateTime>().ok()?;
    civil.to_zoned(jiff::tz::TimeZone::UTC).ok().map(|time| time.timestamp().as_second())
}

/// Longitude, latitude and height (0 when not stated) of a Location: a GeoJSON point or feature, or the first point of
/// any other geometry.
fn position_of(entity: &Entity) -> Option<[f64; 3]> {
    fn first_numbers(value: &serde_json::Value, depth: u8) -> Option<[f64; 3]> {
        let list = value.as_array()?;
        match list.first()? {
            serde_json::Value::Array(_) if depth < 8 => first_numbers(list.first()?, depth + 1),
            serde_json::Value::Number(_) => {
                let number = |index: usize| list.get(index).and_then(serde_json::Value::as_f64);
                let place = [number(0)?, number(1)?, number(2).unwrap_or(0.0)];
                (place[0].abs() <= 180.0 && place[1].abs() <= 90.0).then_some(place)
            }
            _ => None,
        }
    }
    let location = entity.location.as_ref()?;
    let geometry = location.get("geometry").unwrap_or(location);
    first_numbers(geometry.get("coordinates")?, 0)
}

/// The privacy card from a Thing's free properties, in the spellings that are in use.
fn card_of(properties: Option<&serde_json::Value>) -> SensorCard {
    let get = |names: &[&str]| {
        let properties = properties?.as_object()?;
        names.iter().find_map(|name| properties.get(*name)).filter(|value| !value.is_null()).cloned()
    };
    let text = |names: &[&str]| get(names).as_ref().and_then(text_of);
    let personal =
        get(&["processesPersonalData", "processes_personal_data", "personalData", "persoonsgegevens"]);
    SensorCard {
        owner: text(&["owner", "eigenaar", "organisation"]),
        purpose: text(&["purpose", "doel"]),
        contact: text(&["contact", "contactpoint", "email"]),
        processes_personal_data: personal.and_then(|value| match value {
            serde_json::Value::Bool(value) => Some(value),
            serde_json::Value::String(text) => match text.to_lowercase().as_str() {
                "yes" | "ja" | "true" => Some(true),
                "no" | "nee" | "false" => Some(false),
                _ => None,
            },
            _ => None,
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_instants_or_the_start_of_intervals() {
        assert_eq!(parse_time("2018-08-06T12:00:00.000Z"), Some(1_533_556_800));
        assert_eq!(parse_time("2018-08-06T14:00:00+02:00"), Some(1_533_556_800));
        assert_eq!(parse_time("2018-08-06T12:00:00Z/2018-08-06T13:00:00Z"), Some(1_533_556_800));
        assert_eq!(parse_time("2018-08-06T12:00:00"), Some(1_533_556_800));
        assert_eq!(parse_time("yesterday"), None);
    }
}
