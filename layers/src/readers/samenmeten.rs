//! The air quality dump of the Dutch "Samen Meten" portal: one record a station, records separated by ";".
//!
//! Fields after the place, in this order: PM10, PM2.5, NO2, NO2 by diffusion tube, temperature, relative humidity, air
//! pressure, NH3 by diffusion tube, and the quality marks of PM10 and PM2.5. Times are UTC. -99 and other negative
//! concentrations mean that nothing was measured.

use std::collections::HashMap;

use super::{
    FormatReader, ReadContext, ReadError, ReadOutcome, Report, Severity, Source,
    draft::{Draft, parse_time, read_feed},
    input::with_checksum,
};
use crate::{
    crs::Epsg,
    model::{Datastream, SensorLayer, Thing, observation::SensorCard},
};

/// The dump of the Samen Meten portal.
#[derive(Debug)]
pub struct SamenMetenReader;

/// Property, unit, and the least value that can be true.
const FIELDS: [(&str, &str, f64); 8] = [
    ("PM10", "µg/m³", 0.0),
    ("PM2.5", "µg/m³", 0.0),
    ("NO2", "µg/m³", 0.0),
    ("NO2_palmes", "µg/m³", 0.0),
    ("temperature", "°C", -60.0),
    ("relative_humidity", "%", 0.0),
    ("air_pressure", "hPa", 300.0),
    ("NH3_palmes", "µg/m³", 0.0),
];

impl FormatReader for SamenMetenReader {
    fn id(&self) -> &'static str {
        "samenmeten"
    }

    fn title(&self) -> &'static str {
        "Samen Meten air quality"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["txt", "csv"]
    }

    fn sniff(&self, head: &[u8], _: &str) -> bool {
        let text = String::from_utf8_lossy(head);
        let record = text.split(';').next().unwrap_or_default();
        let mut parts = record.trim_start_matches('\u{feff}').splitn(5, ',');
        let is_time = parts.next().is_some_and(|time| parse_time(&time.trim().replace(' ', "T")).is_some());
        is_time && parts.nth(3).is_some_and(|rest| rest.trim_start().starts_with("{\"type\":\"Point\""))
    }

    fn read(&self, source: &Source, context: &mut ReadContext) -> Result<ReadOutcome, ReadError> {
        let (found, checksum) = with_checksum(source, || {
            let text = read_feed(source, context)?;
            read_records(&String::from_utf8_lossy(&text), context)
        });
        let (layer, records) = found?;
        let mut draft = Draft::new(self.id(), Some(Epsg::WGS84));
        draft.count("records", records);
        "RIVM Samen Meten".clone_into(&mut draft.provenance.source);
        draft.add_sensors("Samen Meten", layer);
        draft.finish(source, checksum, context)
    }
}

fn read_records(text: &str, context: &mut ReadContext) -> Result<(SensorLayer, usize), ReadError> {
    let mut layer = SensorLayer::default();
    let mut things: HashMap<String, u32> = HashMap::new();
    let mut streams: HashMap<(u32, usize), usize> = HashMap::new();
    let (mut records, mut missing) = (0_usize, 0_usize);
    for (number, record) in text.trim_start_matches('\u{feff}').split(';').enumerate() {
        if number.is_multiple_of(1024) {
            context.check_cancelled()?;
        }
        if record.trim().is_empty() {
            continue;
        }
        records += 1;
        let Some(station) = station_of(record, number, &mut context.report) else { continue };
        let thing = *things.entry(station.id.to_owned()).or_insert_with(|| {
            layer.things.push(Thing {
                id: station.id.to_owned(),
                name: station.label.to_owned(),
                description: station.project.to_owned(),
                position: station.position,
                card: SensorCard { owner: Some(station.project.to_owned()), ..SensorCard::default() },
            });
            layer.things.len() as u32 - 1
        });
        for (field, ((property, unit, least), cell)) in FIELDS.iter().zip(&station.cells).enumerate() {
            if cell.is_empty() {
                continue;
            }
            let Some(value) = cell.parse::<f64>().ok().filter(|value| value.is_finite()) else {
                context.report.error(
                    "number",
                    format!("record {number}, station \"{}\"", station.id),
                    format!("expected a number as {property}, found \"{cell}\"; taken as missing"),
                );
                continue;
            };
            if value < *least || value == -99.0 {
                missing += 1;
                continue;
            }
            let position = *streams.entry((thing, field)).or_insert_with(|| {
                layer.datastreams.push(Datastream {
                    id: format!("{}#{property}", station.id),
                    thing,
                    name: (*property).to_owned(),
                    observed_property: (*property).to_owned(),
                    unit: (*unit).to_owned(),
                    times: Vec::new(),
                    values: Vec::new(),
                });
                layer.datastreams.len() - 1
            });
            if let Some(stream) = layer.datastreams.get_mut(position) {
                // A station that is there twice at one time keeps its last value.
                let at = stream.times.partition_point(|&time| time < station.time);
                if stream.times.get(at) == Some(&station.time) {
                    if let Some(slot) = stream.values.get_mut(at) {
                        *slot = value;
                    }
                } else {
                    stream.times.insert(at, station.time);
                    stream.values.insert(at, value);
                }
            }
        }
    }
    if missing > 0 {
        context.report.add(
            Severity::Info,
            "no-data",
            "values",
            format!("{missing} values, such as -99, say that nothing was measured; they count as missing"),
        );
    }
    Ok((layer, records))
}

struct Station<'a> {
    time: i64,
    id: &'a str,
    label: &'a str,
    project: &'a str,
    position: Option<[f64; 3]>,
    cells: Vec<&'a str>,
}

fn station_of<'a>(record: &'a str, number: usize, report: &mut Report) -> Option<Station<'a>> {
    let mut parts = record.splitn(5, ',').map(str::trim);
    let (time, id, label, project, rest) =
        (parts.next()?, parts.next(), parts.next(), parts.next(), parts.next());
    let seconds = parse_time(&time.replace(' ', "T"));
    let (Some(seconds), Some(id), Some(label), Some(project), Some(rest)) =
        (seconds, id, label, project, rest)
    else {
        report.error(
            "record",
            format!("record {number}"),
            format!(
                "expected time, station, label, project and place, found \"{}\"; the record is left out",
                record.trim().chars().take(40).collect::<String>()
            ),
        );
        return None;
    };
    let (place, cells) = match rest.find('}') {
        Some(end) => (rest.get(..=end).unwrap_or_default(), rest.get(end + 1..).unwrap_or_default()),
        None => ("", rest),
    };
    let position = match super::geojson::geometry_of(place) {
        Ok(Some(geo::Geometry::Point(point))) if point.x().abs() <= 180.0 && point.y().abs() <= 90.0 => {
            Some([point.x(), point.y(), 0.0])
        }
        _ => {
            report.warn(
                "location",
                format!("record {number}, station \"{id}\""),
                "expected a GeoJSON point in degrees; the station has no place",
            );
            None
        }
    };
    // The first cell is what stands before the comma after the place: nothing.
    let cells = cells.split(',').skip(1).map(str::trim).collect();
    Some(Station { time: seconds, id, label, project, position, cells })
}
