//! Sensors as one SensorThings JSON document: Things with their Locations, Datastreams and Observations inside.
//!
//! Source: OGC SensorThings API 1.1 (18-088), sections 8 and 9. GeoJSON heights are above the ellipsoid, so a NAP
//! height goes into the Thing's properties as `height_nap_m`, not into its coordinates.

use std::{io::Write, path::Path};

use serde_json::{Map, Value as Json, json};

use super::{WriteError, lon_lat, stream};
use crate::{
    crs::Epsg,
    model::{Datastream, SensorLayer, Thing},
};

/// Writes `{"Things": [...]}`. `crs` is that of the positions; the file holds WGS 84 degrees.
pub fn write(path: &Path, sensors: &SensorLayer, crs: Epsg) -> Result<(), WriteError> {
    let flat: Vec<[f64; 2]> =
        sensors.things.iter().filter_map(|thing| thing.position.map(|[x, y, _]| [x, y])).collect();
    let mut places = lon_lat(path, crs, &flat)?.into_iter();
    stream(path, |out| {
        let mut put =
            |text: &str| out.write_all(text.as_bytes()).map_err(|error| WriteError::io(path, error));
        put("{\"Things\":[\n")?;
        for (number, thing) in sensors.things.iter().enumerate() {
            let place = thing.position.and_then(|_| places.next());
            let streams = sensors.datastreams.iter().filter(|stream| stream.thing as usize == number);
            let json = thing_json(thing, place, streams);
            put(if number > 0 { ",\n" } else { "" })?;
            put(&json.to_string())?;
        }
        put("\n]}\n")
    })
}

fn thing_json<'a>(
    thing: &Thing,
    place: Option<[f64; 2]>,
    streams: impl Iterator<Item = &'a Datastream>,
) -> Json {
    let mut properties = Map::new();
    let card = &thing.card;
    for (key, value) in [("owner", &card.owner), ("purpose", &card.purpose), ("contact", &card.contact)] {
        if let Some(value) = value {
            properties.insert(key.into(), Json::from(value.as_str()));
        }
    }
    if let Some(value) = card.processes_personal_data {
        properties.insert("processes_personal_data".into(), Json::from(value));
    }
    if let Some([_, _, height]) = thing.position {
        properties.insert("height_nap_m".into(), Json::from(height));
    }
    let locations: Vec<Json> = place
        .into_iter()
        .map(|[lon, lat]| {
            json!({
                "@iot.id": format!("{}-location", thing.id),
                "name": thing.name,
                "description": "",
                "encodingType": "application/geo+json",
                "location": {"type": "Point", "coordinates": [rounded(lon), rounded(lat)]},
            })
        })
        .collect();
    let datastreams: Vec<Json> = streams.map(datastream_json).collect();
    json!({
        "@iot.id": thing.id,
        "name": thing.name,
        "description": thing.description,
        "properties": properties,
        "Locations": locations,
        "Datastreams": datastreams,
    })
}

/// Nine decimals: a tenth of a millimetre.
fn rounded(degrees: f64) -> f64 {
    (degrees * 1e9).round() / 1e9
}

fn datastream_json(stream: &Datastream) -> Json {
    let observations: Vec<Json> = stream
        .times
        .iter()
        .zip(&stream.values)
        .map(|(&time, &value)| json!({"phenomenonTime": instant(time), "result": value}))
        .collect();
    let span = match (stream.times.first(), stream.times.last()) {
        (Some(&first), Some(&last)) => Json::from(format!("{}/{}", instant(first), instant(last))),
        _ => Json::Null,
    };
    json!({
        "@iot.id": stream.id,
        "name": stream.name,
        "description": stream.name,
        "observationType": "http://www.opengis.net/def/observationType/OGC-OM/2.0/OM_Measurement",
        "unitOfMeasurement": {"name": stream.unit, "symbol": stream.unit, "definition": ""},
        "phenomenonTime": span,
        "ObservedProperty": {
            "@iot.id": stream.observed_property,
            "name": stream.observed_property,
            "definition": "",
            "description": stream.observed_property,
        },
        "Observations": observations,
    })
}

/// Seconds since 1970 as ISO 8601 in UTC; an impossible time becomes the epoch's own text.
fn instant(seconds: i64) -> String {
    jiff::Timestamp::from_second(seconds).unwrap_or(jiff::Timestamp::UNIX_EPOCH).to_string()
}
