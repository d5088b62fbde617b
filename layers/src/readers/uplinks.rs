//! Messages of LoRaWAN sensors as The Things Network forwards them, one JSON object after another (versions 2 and 3).
//!
//! Source: <https://www.thethingsindustries.com/docs/integrations/data-formats/>. Each device is a Thing, each number of its
//! decoded payload a Datastream. Units are not in the messages, so none is stated.

use std::collections::{BTreeMap, HashMap};

use serde_json::Value as Json;

use super::{
    FormatReader, ReadContext, ReadError, ReadOutcome, Report, Source,
    draft::{Draft, parse_time, read_feed},
    input::with_checksum,
};
use crate::{
    crs::Epsg,
    model::{Datastream, SensorLayer, Thing, observation::SensorCard},
};

/// Uplink messages of The Things Network.
#[derive(Debug)]
pub struct UplinksReader;

impl FormatReader for UplinksReader {
    fn id(&self) -> &'static str {
        "lorawan-uplinks"
    }

    fn title(&self) -> &'static str {
        "LoRaWAN sensor messages"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["json", "ndjson", "jsonl"]
    }

    fn sniff(&self, head: &[u8], _: &str) -> bool {
        let text = String::from_utf8_lossy(head);
        let has = |word: &str| text.contains(word);
        text.trim_start_matches('\u{feff}').trim_start().starts_with(['{', '['])
            && ((has("\"dev_id\"") && has("\"payload_fields\""))
                || (has("\"end_device_ids\"") && has("\"uplink_message\"")))
    }

    fn read(&self, source: &Source, context: &mut ReadContext) -> Result<ReadOutcome, ReadError> {
        let (found, checksum) = with_checksum(source, || read_messages(source, context));
        let (layer, messages) = found?;
        let mut draft = Draft::new(self.id(), Some(Epsg::WGS84));
        draft.count("messages", messages);
        draft.add_sensors(super::layer_id(source), layer);
        draft.finish(source, checksum, context)
    }
}

fn read_messages(source: &Source, context: &mut ReadContext) -> Result<(SensorLayer, usize), ReadError> {
    let text = read_feed(source, context)?;
    let text = text.strip_prefix(&[0xef, 0xbb, 0xbf]).unwrap_or(&text);
    let mut found = Found::default();
    let mut messages = 0_usize;
    let mut stream = serde_json::Deserializer::from_slice(text).into_iter::<Json>();
    while let Some(next) = stream.next() {
        if messages.is_multiple_of(1024) {
            context.check_cancelled()?;
            context.progress.set(0.8 * stream.byte_offset() as f64 / text.len().max(1) as f64);
        }
        match next {
            Ok(Json::Array(list)) => {
                for message in &list {
                    messages += 1;
                    found.add(message, messages, &mut context.report);
                }
            }
            Ok(message) => {
                messages += 1;
                found.add(&message, messages, &mut context.report);
            }
            Err(error) => {
                let location = format!("line {}, column {}", error.line(), error.column());
                if messages == 0 {
                    return Err(ReadError::Malformed {
                        path: source.path.clone(),
                        expected: "messages of sensors in JSON".to_owned(),
                        found: error.to_string(),
                        location,
                        advice: "mend that place or fetch the file again".to_owned(),
                    });
                }
                context.report.error(
                    "json",
                    location,
                    format!("expected another message, found: {error}; the rest is left out"),
                );
                break;
            }
        }
    }
    Ok((found.finish(), messages))
}

#[derive(Default)]
struct Found {
    things: Vec<Thing>,
    thing_of: HashMap<String, u32>,
    values: BTreeMap<(u32, String), BTreeMap<i64, f64>>,
}

/// Members of a payload that say where and when, or how the device does, and not what it measures.
const NO_MEASUREMENTS: [&str; 14] = [
    "imei",
    "timestamp",
    "time",
    "lat",
    "lon",
    "lng",
    "long",
    "latitude",
    "longitude",
    "satinfix",
    "fixage",
    "timeactive",
    "lastresetcause",
    "altitude",
];

impl Found {
    fn add(&mut self, message: &Json, number: usize, report: &mut Report) {
        let text = |path: &str| message.pointer(path).and_then(Json::as_str).filter(|text| !text.is_empty());
        let Some(id) = text("/dev_id").or_else(|| text("/end_device_ids/device_id")) else {
            report.error(
                "message",
                format!("message {number}"),
                "expected a device id, found none; the message is left out",
            );
            return;
        };
        let payload = message
            .get("payload_fields")
            .or_else(|| message.pointer("/uplink_message/decoded_payload"))
            .and_then(Json::as_object);
        let Some(payload) = payload else {
            report.warn(
                "message",
                format!("message {number} of \"{id}\""),
                "expected decoded values, found none",
            );
            return;
        };
        let field = |names: &[&str]| {
            payload
                .iter()
                .find(|(name, _)| names.contains(&&name.to_ascii_lowercase()[..]))
                .and_then(|(_, value)| value.as_f64())
        };
        let own = |path: &str| message.pointer(path).and_then(Json::as_f64);
        let place = match (field(&["lon", "lng", "long", "longitude"]), field(&["lat", "latitude"])) {
            (Some(lon), Some(lat)) => Some([lon, lat]),
            _ => own("/uplink_message/locations/user/longitude")
                .or_else(|| own("/metadata/longitude"))
                .zip(own("/uplink_message/locations/user/latitude").or_else(|| own("/metadata/latitude")))
                .map(|(lon, lat)| [lon, lat]),
        };
        // A receiver without a fix says 0, 0.
        let place = place.filter(|[lon, lat]| {
            lon.abs() <= 180.0 && lat.abs() <= 90.0 && (lon.abs() > 1e-6 || lat.abs() > 1e-6)
        });
        let time = field(&["timestamp", "time"])
            .filter(|time| (946_684_800.0..7_258_118_400.0).contains(time))
            .map(|time| time as i64)
            .or_else(|| text("/metadata/time").or_else(|| text("/received_at")).and_then(parse_time));
        let name = text("/tag_fields/name").unwrap_or(id);
        let things = &mut self.things;
        let thing = *self.thing_of.entry(id.to_owned()).or_insert_with(|| {
            things.push(Thing {
                id: id.to_owned(),
                name: name.to_owned(),
                description: text("/app_id")
                    .or_else(|| text("/end_device_ids/application_ids/application_id"))
                    .unwrap_or_default()
                    .to_owned(),
                position: None,
                card: SensorCard::default(),
            });
            things.len() as u32 - 1
        });
        if let (Some([lon, lat]), Some(thing)) = (place, self.things.get_mut(thing as usize)) {
            // Devices that move are shown where they were last.
            thing.position = Some([lon, lat, 0.0]);
        }
        let Some(time) = time else {
            report.warn(
                "observation-time",
                format!("message {number} of \"{id}\""),
                "expected a time, found none; its values are left out",
            );
            return;
        };
        for (name, value) in payload {
            let value = value.as_f64().filter(|value| value.is_finite());
            if let Some(value) = value.filter(|_| !NO_MEASUREMENTS.contains(&&name.to_ascii_lowercase()[..]))
            {
                self.values.entry((thing, name.clone())).or_default().insert(time, value);
            }
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
                    observed_property: name.clone(),
                    name,
                    unit: String::new(),
                    times,
                    values,
                }
            })
            .collect();
        SensorLayer { things, datastreams }
    }
}
