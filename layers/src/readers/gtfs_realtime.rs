//! GTFS-realtime feeds: vehicles as points, trip updates and alerts as tables.
//!
//! Source: <https://gtfs.org/documentation/realtime/reference/> (2.0). The few messages are read by an own protobuf
//! scanner: lengths are checked against what is there, unknown fields are stepped over.

mod message;

use std::collections::HashSet;

use self::message::{Field, Message, Stop};
use super::{
    FormatReader, ReadContext, ReadError, ReadOutcome, Source,
    draft::{Draft, DraftData, iso_time, read_feed},
    input::with_checksum,
};
use crate::{
    crs::Epsg,
    model::{AttributeTable, Feature, FeatureLayer, FeatureRole, Provenance, Value},
};

/// GTFS-realtime.
#[derive(Debug)]
pub struct GtfsRealtimeReader;

impl FormatReader for GtfsRealtimeReader {
    fn id(&self) -> &'static str {
        "gtfs-realtime"
    }

    fn title(&self) -> &'static str {
        "GTFS-realtime"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["pb", "gtfsrt", "pbf", "pb.gz"]
    }

    fn sniff(&self, head: &[u8], _: &str) -> bool {
        // Field 1 (the header) whose field 1 is the version, such as "2.0".
        matches!(head, [0x0a, _, 0x0a, 3, b'1'..=b'9', b'.', b'0'..=b'9', ..])
    }

    fn read(&self, source: &Source, context: &mut ReadContext) -> Result<ReadOutcome, ReadError> {
        let (feed, checksum) = with_checksum(source, || {
            let bytes = read_feed(source, context)?;
            Feed::read(&bytes, context).map_err(|stop| match stop {
                Stop::Read(error) => error,
                Stop::Broken(at, found) => ReadError::Malformed {
                    path: source.path.clone(),
                    expected: "a whole GTFS-realtime message".to_owned(),
                    found: found.to_owned(),
                    location: format!("byte {at}"),
                    advice: "the file is damaged or cut off; fetch it again".to_owned(),
                },
            })
        });
        let feed = feed?;
        let mut draft = Draft::new(self.id(), Some(Epsg::WGS84));
        draft.version = Some(feed.version);
        draft.count("entities", feed.entities);
        draft.features = feed.entities as u64;
        let times = feed.times.iter().copied().min().zip(feed.times.iter().copied().max());
        draft.time = times.map(|(first, last)| [iso_time(first), iso_time(last)]);
        draft.provenance = Provenance { date: iso_time(feed.timestamp), ..Provenance::default() };
        for (name, rows) in
            [("vehicles", feed.vehicles), ("trip_updates", feed.updates), ("alerts", feed.alerts)]
        {
            draft.count(name, rows.features.len());
            if !rows.features.is_empty() {
                let suffix = name.replace('_', "-");
                let layer = FeatureLayer {
                    name: suffix.clone(),
                    role: FeatureRole::Generic,
                    features: rows.features,
                    attributes: rows.attributes,
                    ..FeatureLayer::default()
                };
                draft.layers.push((suffix.clone(), suffix.replace('-', " "), DraftData::Features(layer)));
            }
        }
        draft.finish(source, checksum, context)
    }
}

#[derive(Default)]
struct Rows {
    features: Vec<Feature>,
    attributes: AttributeTable,
}

impl Rows {
    fn push(
        &mut self,
        id: String,
        point: Option<[f64; 2]>,
        values: Vec<(&'static str, Option<&'static str>, Value)>,
    ) {
        let row = self.features.len();
        let geometry = point.map(|[lon, lat]| geo::Point::new(lon, lat).into());
        self.features.push(Feature { id, geometry });
        self.attributes.grow(row + 1);
        for (name, unit, value) in values {
            let column = self.attributes.ensure_column(name, unit);
            self.attributes.set_at(row, column, value);
        }
    }
}

#[derive(Default)]
struct Feed {
    version: String,
    timestamp: i64,
    entities: usize,
    times: Vec<i64>,
    ids: HashSet<String>,
    vehicles: Rows,
    updates: Rows,
    alerts: Rows,
}

/// Seconds since 1970 of this century; feeds write 0 for unknown.
fn time_of(number: u64) -> Option<i64> {
    i64::try_from(number).ok().filter(|time| (946_684_800..7_258_118_400).contains(time))
}

type Values = Vec<(&'static str, Option<&'static str>, Value)>;

fn trip(message: Message<'_>, values: &mut Values) -> Result<(), Stop> {
    message.each(&mut |number, field| {
        match number {
            1 => values.push(("trip_id", None, field.text().into())),
            3 => values.push(("start_date", None, field.text().into())),
            5 => values.push(("route_id", None, field.text().into())),
            6 => values.push(("direction", None, i64::from(field.number() == 1).into())),
            4 => {
                let word = match field.number() {
                    1 => "added",
                    2 => "unscheduled",
                    3 => "cancelled",
                    5 => "replacement",
                    6 => "duplicated",
                    7 => "deleted",
                    _ => "scheduled",
                };
                values.push(("schedule", None, word.into()));
            }
            _ => {}
        }
        Ok(())
    })
}

impl Feed {
    fn read(bytes: &[u8], context: &mut ReadContext) -> Result<Self, Stop> {
        let mut feed = Self::default();
        let size = bytes.len().max(1) as f64;
        Message { bytes, at: 0 }.each(&mut |number, field| {
            match number {
                1 => field.message().each(&mut |number, field| {
                    match number {
                        1 => feed.version = field.text(),
                        3 => feed.timestamp = time_of(field.number()).unwrap_or(0),
                        _ => {}
                    }
                    Ok(())
                })?,
                2 => {
                    if feed.entities.is_multiple_of(1024) {
                        context.check_cancelled().map_err(Stop::Read)?;
                        context.progress.set(0.8 * field.message().at as f64 / size);
                    }
                    feed.entity(field.message(), context)?;
                }
                _ => {}
            }
            Ok(())
        })?;
        if feed.timestamp > 0 {
            feed.times.push(feed.timestamp);
        } else {
            context.report.warn("timestamp", "the header", "expected the time of the feed, found none");
        }
        Ok(feed)
    }

    fn entity(&mut self, message: Message<'_>, context: &mut ReadContext) -> Result<(), Stop> {
        let (mut id, mut is_deleted, at) = (String::new(), false, message.at);
        let mut parts: Vec<(u64, Message<'_>)> = Vec::new();
        message.each(&mut |number, field| {
            match number {
                1 => id = field.text(),
                2 => is_deleted = field.number() != 0,
                3..=5 => parts.push((number, field.message())),
                _ => {}
            }
            Ok(())
        })?;
        if is_deleted {
            return Ok(());
        }
        self.entities += 1;
        if !self.ids.insert(id.clone()) {
            context.report.warn(
                "duplicate-id",
                format!("entity \"{id}\", byte {at}"),
                "the id was used before; both are kept",
            );
        }
        if parts.is_empty() {
            context.report.warn(
                "entity-empty",
                format!("entity \"{id}\", byte {at}"),
                "expected a vehicle, a trip update or an alert, found none",
            );
        }
        for (kind, message) in parts {
            match kind {
                3 => self.update(&id, message)?,
                4 => self.vehicle(&id, message, context)?,
                _ => self.alert(&id, message)?,
            }
        }
        Ok(())
    }

    fn vehicle(&mut self, id: &str, message: Message<'_>, context: &mut ReadContext) -> Result<(), Stop> {
        let mut values: Values = Vec::new();
        let mut place: Option<[f64; 2]> = None;
        let mut time = None;
        message.each(&mut |number, field| {
            match number {
                1 => trip(field.message(), &mut values)?,
                2 => {
                    let mut point = [f64::NAN; 2];
                    field.message().each(&mut |number, field| {
                        let real = field.real();
                        match number {
                            1 => point[1] = real,
                            2 => point[0] = real,
                            3 if real.is_finite() => values.push(("bearing", Some("deg"), real.into())),
                            5 if real.is_finite() => values.push(("speed", Some("m/s"), real.into())),
                            _ => {}
                        }
                        Ok(())
                    })?;
                    place = Some(point);
                }
                4 => {
                    let word = match field.number() {
                        0 => "incoming_at",
                        1 => "stopped_at",
                        _ => "in_transit_to",
                    };
                    values.push(("status", None, word.into()));
                }
                5 => time = time_of(field.number()),
                7 => values.push(("stop_id", None, field.text().into())),
                8 => field.message().each(&mut |number, field| {
                    match number {
                        1 => values.push(("vehicle_id", None, field.text().into())),
                        2 => values.push(("label", None, field.text().into())),
                        _ => {}
                    }
                    Ok(())
                })?,
                9 => {
                    const OCCUPANCY: [&str; 9] = [
                        "empty",
                        "many_seats",
                        "few_seats",
                        "standing_room",
                        "crushed_standing_room",
                        "full",
                        "not_accepting",
                        "no_data",
                        "not_boardable",
                    ];
                    let word = usize::try_from(field.number()).ok().and_then(|index| OCCUPANCY.get(index));
                    values.extend(word.map(|word| ("occupancy", None, (*word).into())));
                }
                _ => {}
            }
            Ok(())
        })?;
        if let Some(time) = time {
            self.times.push(time);
            values.push(("time", None, iso_time(time).into()));
        }
        let sound = place.filter(|[lon, lat]| lon.abs() <= 180.0 && lat.abs() <= 90.0);
        if sound.is_none() {
            context.report.error(
                "vehicle-without-place",
                format!("entity \"{id}\", byte {}", message.at),
                "expected latitude within ±90 and longitude within ±180; the vehicle is kept without a place",
            );
        }
        self.vehicles.push(id.to_owned(), sound, values);
        Ok(())
    }

    fn update(&mut self, id: &str, message: Message<'_>) -> Result<(), Stop> {
        let mut values: Values = Vec::new();
        let (mut stops, mut delay) = (0_i64, None);
        message.each(&mut |number, field| {
            match number {
                1 => trip(field.message(), &mut values)?,
                2 => {
                    stops += 1;
                    field.message().each(&mut |number, field| {
                        if number == 2 || number == 3 {
                            field.message().each(&mut |number, field| {
                                if number == 1 {
                                    // A signed number; negative ones are sign-extended to 64 bits.
                                    delay = Some(i64::from((field.number() as u32).cast_signed()));
                                }
                                Ok(())
                            })?;
                        }
                        Ok(())
                    })?;
                }
                4 => {
                    if let Some(time) = time_of(field.number()) {
                        self.times.push(time);
                        values.push(("time", None, iso_time(time).into()));
                    }
                }
                5 => delay = Some(i64::from((field.number() as u32).cast_signed())),
                _ => {}
            }
            Ok(())
        })?;
        values.push(("stops", None, stops.into()));
        values.extend(delay.map(|delay| ("delay", Some("s"), delay.into())));
        self.updates.push(id.to_owned(), None, values);
        Ok(())
    }

    fn alert(&mut self, id: &str, message: Message<'_>) -> Result<(), Stop> {
        const CAUSES: [&str; 13] = [
            "",
            "unknown",
            "other",
            "technical_problem",
            "strike",
            "demonstration",
            "accident",
            "holiday",
            "weather",
            "maintenance",
            "construction",
            "police_activity",
            "medical_emergency",
        ];
        const EFFECTS: [&str; 12] = [
            "",
            "no_service",
            "reduced_service",
            "significant_delays",
            "detour",
            "additional_service",
            "modified_service",
            "other",
            "unknown",
            "stop_moved",
            "no_effect",
            "accessibility_issue",
        ];
        let mut values: Values = Vec::new();
        let (mut routes, mut stops): (Vec<String>, Vec<String>) = (Vec::new(), Vec::new());
        let word = |words: &[&'static str], field: Field<'_>| {
            usize::try_from(field.number()).ok().and_then(|index| words.get(index)).copied()
        };
        message.each(&mut |number, field| {
            match number {
                5 => field.message().each(&mut |number, field| {
                    match number {
                        2 => routes.push(field.text()),
                        5 => stops.push(field.text()),
                        _ => {}
                    }
                    Ok(())
                })?,
                6 => values.extend(word(&CAUSES, field).map(|word| ("cause", None, word.into()))),
                7 => values.extend(word(&EFFECTS, field).map(|word| ("effect", None, word.into()))),
                10 | 11 => {
                    // The first translation: feeds put their own language first.
                    let mut first: Option<String> = None;
                    field.message().each(&mut |_, field| {
                        field.message().each(&mut |number, field| {
                            if number == 1 && first.is_none() {
                                first = Some(field.text());
                            }
                            Ok(())
                        })
                    })?;
                    let name = if number == 10 { "header" } else { "description" };
                    values.extend(first.map(|text| (name, None, text.into())));
                }
                _ => {}
            }
            Ok(())
        })?;
        for (name, mut ids) in [("routes", routes), ("stops", stops)] {
            ids.sort_unstable();
            ids.dedup();
            if !ids.is_empty() {
                values.push((name, None, ids.join(", ").into()));
            }
        }
        self.alerts.push(id.to_owned(), None, values);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_beyond_the_data_are_refused() {
        for bytes in [&[0x12, 0xff, 0xff, 0xff, 0xff, 0x0f][..], &[0x0a], &[0x80; 20], &[0x0b], &[0x0d, 1, 2]]
        {
            assert!(
                matches!(Feed::read(bytes, &mut ReadContext::default()), Err(Stop::Broken(..))),
                "{bytes:?}"
            );
        }
    }

    #[test]
    fn delays_may_be_negative_and_alerts_have_words() {
        // Entity "a": trip update of trip "t" with one stop, arrival delay -60.
        let delay: Vec<u8> = {
            let mut bytes = vec![0x08];
            let mut number = (-60_i64) as u64;
            while number >= 0x80 {
                bytes.push((number as u8) | 0x80);
                number >>= 7;
            }
            bytes.push(number as u8);
            bytes
        };
        let wrap = |tag: u8, inner: &[u8]| [&[tag, inner.len() as u8][..], inner].concat();
        let update = [wrap(0x0a, &wrap(0x0a, b"t")), wrap(0x12, &wrap(0x12, &delay))].concat();
        let entity = [wrap(0x0a, b"a"), wrap(0x1a, &update)].concat();
        let alert = [
            wrap(0x0a, b"b"),
            wrap(0x2a, &[&[0x38, 4][..], &wrap(0x52, &wrap(0x0a, &wrap(0x0a, b"Omleiding")))].concat()),
        ]
        .concat();
        let feed =
            Feed::read(&[wrap(0x12, &entity), wrap(0x12, &alert)].concat(), &mut ReadContext::default());
        let Ok(feed) = feed else { panic!("readable") };
        assert_eq!(feed.updates.attributes.get(0, "delay"), (-60_i64).into());
        assert_eq!(feed.alerts.attributes.get(0, "effect"), "detour".into());
        assert_eq!(feed.alerts.attributes.get(0, "header"), "Omleiding".into());
    }
}
