//! GTFS Schedule feeds in a zip, or unpacked in a folder: then any of its tables opens it. Source: <https://gtfs.org/documentation/schedule/reference/>.
//!
//! Tables are streamed; text ids become positions while reading, so that memory stays near the size of the numbers.
//! Rows with faults are left out one by one and reported with their table and row.

mod archive;
mod calls;
mod columns;

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    path::{Path, PathBuf},
    sync::Arc,
};

use archive::Archive;
use calls::read_calls;

use super::{
    FormatReader, Inspection, ReadContext, ReadError, ReadOutcome, Source,
    input::with_checksum,
    layer_id,
    placement::{Placement, Unlabelled, robust_bounds},
    slug,
};
use crate::{
    crs::Epsg,
    model::{
        Bounds3, Layer, LayerData, Provenance, Timetable,
        transit::{Route, Service, Stop, Trip},
    },
};

/// A GTFS Schedule archive.
#[derive(Debug)]
pub struct GtfsReader;

impl FormatReader for GtfsReader {
    fn id(&self) -> &'static str {
        "gtfs"
    }

    fn title(&self) -> &'static str {
        "GTFS timetable"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["gtfs.zip", "zip", "gtfs", "txt"]
    }

    fn sniff(&self, head: &[u8], file_name: &str) -> bool {
        let has_column = || {
            let header = String::from_utf8_lossy(head);
            let header = header.lines().next().unwrap_or_default().to_lowercase();
            ["stop_id", "agency_name", "route_id", "trip_id", "service_id"]
                .iter()
                .any(|name| header.contains(name))
        };
        head.starts_with(b"PK\x03\x04")
            || head.starts_with(b"PK\x05\x06")
            || (columns::TABLES.contains(&&file_name.to_ascii_lowercase()[..]) && has_column())
    }

    fn read(&self, source: &Source, context: &mut ReadContext) -> Result<ReadOutcome, ReadError> {
        let (feed, checksum) = with_checksum(source, || Feed::read(source, context));
        let Feed { mut timetable, agency, stop_degrees, .. } = feed?;
        let bounds = Bounds3::from_points(stop_degrees.iter().map(|&[lon, lat]| [lon, lat, 0.0]));
        let placement = Placement::decide(
            source,
            Some(Epsg::WGS84),
            &robust_bounds(&stop_degrees),
            Unlabelled::Metric,
            context,
        )?;
        let mut moved = stop_degrees;
        placement.apply_2d(&mut moved);
        for (stop, position) in timetable.stops.iter_mut().zip(moved) {
            stop.position = position;
        }
        for points in timetable.shapes.values_mut() {
            placement.apply_2d(points);
            points.retain(|point| point[0].is_finite());
        }
        timetable.shapes.retain(|_, points| points.len() > 1);
        context.progress.set(0.95);

        let faults = std::mem::take(&mut context.report).finish();
        let inspection = Inspection {
            uri: source.uri.clone(),
            format: self.id(),
            version: None,
            crs: placement.stated_text(),
            bbox: bounds.to_array(),
            counts: BTreeMap::from([
                ("routes".to_owned(), timetable.routes.len() as u64),
                ("trips".to_owned(), timetable.trips.len() as u64),
                ("stops".to_owned(), timetable.stops.len() as u64),
                ("stop_times".to_owned(), timetable.stop_times.len() as u64),
            ]),
            features: timetable.stops.len() as u64,
            lods: Vec::new(),
            fields: Vec::new(),
            time: stated_dates(&timetable).map(|[first, last]| [iso_date(first), iso_date(last)]),
            faults: faults.clone(),
        };
        let id = feed_id(source);
        let title = if agency.is_empty() { id.clone() } else { agency };
        let layer = Layer {
            id,
            title: title.clone(),
            data: LayerData::Transit(Arc::new(timetable)),
            provenance: Provenance {
                source: title,
                date: inspection.time.as_ref().map(|[first, _]| first.clone()).unwrap_or_default(),
                checksum,
                ..Provenance::default()
            },
            faults,
        };
        context.progress.set(1.0);
        Ok(ReadOutcome { layers: vec![layer], inspection, crs: placement.target })
    }

    fn is_risky(&self) -> bool {
        true
    }

    fn reads_other_files(&self, source: &Source) -> bool {
        // A feed in a folder is opened by one of its tables.
        !source.file_name().to_ascii_lowercase().ends_with(".zip")
    }
}

/// The table that stands for a folder with a feed; `None` for other folders.
pub(crate) fn table_of_folder(folder: &Path) -> Option<PathBuf> {
    let has = |name: &str| folder.join(name).is_file();
    // One table alone could be anyone's; a feed has at least two.
    let count = columns::TABLES.iter().filter(|name| has(name)).count();
    columns::TABLES.iter().filter(|_| count > 1).find(|name| has(name)).map(|name| folder.join(name))
}

/// A layer id from the zip's or the folder's name.
fn feed_id(source: &Source) -> String {
    let path = std::path::absolute(&source.path).unwrap_or_else(|_| source.path.clone());
    let is_table = source.file_name().to_ascii_lowercase().ends_with(".txt");
    let folder = path
        .parent()
        .and_then(Path::file_name)
        .filter(|_| is_table)
        .and_then(|name| slug(&name.to_string_lossy()));
    folder.unwrap_or_else(|| layer_id(source))
}

/// First and last date that the calendars name, also as a day without service.
fn stated_dates(timetable: &Timetable) -> Option<[u32; 2]> {
    let dates = timetable.services.iter().flat_map(|service| {
        let span = [service.start_date, service.end_date].into_iter().filter(|&date| date > 0);
        span.chain(service.added_dates.iter().copied()).chain(service.removed_dates.iter().copied())
    });
    dates.fold(None, |span: Option<[u32; 2]>, date| {
        let [first, last] = span.unwrap_or([date, date]);
        Some([first.min(date), last.max(date)])
    })
}

/// 20260615 → "2026-06-15".
fn iso_date(date: u32) -> String {
    format!("{:04}-{:02}-{:02}", date / 10_000, date / 100 % 100, date % 100)
}

/// Text ids of one table and their positions.
type Ids = HashMap<Box<[u8]>, u32>;

/// A feed while it is read.
#[derive(Default)]
struct Feed {
    timetable: Timetable,
    agency: String,
    agencies: HashSet<Box<[u8]>>,
    /// Longitude and latitude of each stop.
    stop_degrees: Vec<[f64; 2]>,
    stops: Ids,
    routes: Ids,
    services: Ids,
    trips: Ids,
}

impl Feed {
    fn read(source: &Source, context: &mut ReadContext) -> Result<Self, ReadError> {
        let mut archive = Archive::open(source)?;
        let needed = ["stops.txt", "routes.txt", "trips.txt", "stop_times.txt"];
        let missing: Vec<&str> = needed.into_iter().filter(|table| !archive.has(table)).collect();
        if missing == needed[1..] {
            // Places alone, such as stations with their entrances, are of use too.
            context.report.warn(
                "tables-missing",
                missing.join(", "),
                "the feed has stops but no service; only its stops are read",
            );
        } else if !missing.is_empty() {
            return Err(ReadError::Malformed {
                path: source.path.clone(),
                expected: format!("a GTFS feed with {}", missing.join(" and ")),
                found: if archive.names().is_empty() { "no tables".to_owned() } else { archive.names() },
                location: "the feed".to_owned(),
                advice: "this is not a whole GTFS feed; fetch it again or unpack it".to_owned(),
            });
        }
        let mut feed = Self::default();
        feed.read_agencies(&mut archive, context)?;
        feed.read_stops(&mut archive, context)?;
        feed.read_routes(&mut archive, context)?;
        feed.read_services(&mut archive, context)?;
        feed.read_trips(&mut archive, context)?;
        read_calls(&mut feed, &mut archive, context)?;
        feed.read_frequencies(&mut archive, context)?;
        feed.read_shapes(&mut archive, context)?;
        Ok(feed)
    }

    fn read_agencies(
        &mut self,
        archive: &mut Archive<'_>,
        context: &mut ReadContext,
    ) -> Result<(), ReadError> {
        let mut names: Vec<String> = Vec::new();
        let (timezone, agencies) = (&mut self.timetable.timezone, &mut self.agencies);
        let columns = ["agency_name", "agency_timezone", "agency_id"];
        archive.rows("agency.txt", &columns, [0.0, 0.01], context, &mut |row, context| {
            names.push(row.text(0));
            agencies.insert(row.bytes(2).into());
            let found = row.text(1);
            if timezone.is_empty() {
                *timezone = found;
            } else if !found.is_empty() && *timezone != found {
                context.report.warn(
                    "timezone",
                    row.location(),
                    format!("all agencies of a feed share one time zone; expected \"{timezone}\", found \"{found}\""),
                );
            }
        })?;
        names.dedup();
        self.agency = names.join(", ");
        if self.timetable.timezone.is_empty() {
            context.report.warn("timezone", "agency.txt", "no time zone is stated; UTC is taken");
            "UTC".clone_into(&mut self.timetable.timezone);
        }
        Ok(())
    }

    fn read_stops(&mut self, archive: &mut Archive<'_>, context: &mut ReadContext) -> Result<(), ReadError> {
        let columns = ["stop_id", "stop_name", "stop_lat", "stop_lon", "parent_station", "location_type"];
        let mut parents: Vec<(u32, Vec<u8>, String)> = Vec::new();
        let (stops, degrees, ids) = (&mut self.timetable.stops, &mut self.stop_degrees, &mut self.stops);
        archive.rows("stops.txt", &columns, [0.01, 0.08], context, &mut |row, context| {
            let Some(position) = claim(ids, row, stops.len(), context) else { return };
            let place = [row.number(3).unwrap_or(f64::NAN), row.number(2).unwrap_or(f64::NAN)];
            let is_place = place[0].abs() <= 180.0 && place[1].abs() <= 90.0;
            stops.push(Stop {
                id: row.text(0),
                name: row.text(1),
                position: [f64::NAN; 2],
                parent: None,
                is_station: row.bytes(5) == b"1",
            });
            degrees.push(if is_place { place } else { [f64::NAN; 2] });
            if !is_place || !row.bytes(4).is_empty() {
                parents.push((position, row.bytes(4).to_vec(), row.location()));
            }
        })?;
        for (position, parent, location) in parents {
            let parent = ids.get(parent.as_slice()).copied().filter(|&parent| parent != position);
            if let Some(stop) = stops.get_mut(position as usize) {
                stop.parent = parent;
            }
            let place = degrees.get(position as usize).copied().unwrap_or([f64::NAN; 2]);
            if place[0].is_nan() {
                // Entrances and boarding areas may leave their place to the station.
                let of_parent = parent.and_then(|parent| degrees.get(parent as usize)).copied();
                if let (Some(slot), Some(of_parent)) = (degrees.get_mut(position as usize), of_parent) {
                    *slot = of_parent;
                }
                if of_parent.is_none_or(|place| place[0].is_nan()) {
                    context.report.error(
                        "stop-without-place",
                        location,
                        "expected stop_lat within ±90 and stop_lon within ±180; the stop is kept without a place",
                    );
                }
            }
        }
        Ok(())
    }

    fn read_routes(&mut self, archive: &mut Archive<'_>, context: &mut ReadContext) -> Result<(), ReadError> {
        let columns = ["route_id", "agency_id", "route_short_name", "route_long_name", "route_type"];
        let (routes, ids, agencies) = (&mut self.timetable.routes, &mut self.routes, &self.agencies);
        let mut names: HashMap<[String; 4], String> = HashMap::new();
        archive.rows("routes.txt", &columns, [0.08, 0.1], context, &mut |row, context| {
            if claim(ids, row, routes.len(), context).is_none() {
                return;
            }
            let route_type = row.number(4).unwrap_or_else(|| {
                let message =
                    format!("expected a route_type number, found \"{}\"; bus is taken", row.text(4));
                context.report.warn("route-type", row.location(), message);
                3
            });
            if !row.bytes(1).is_empty() && !agencies.is_empty() && !agencies.contains(row.bytes(1)) {
                let message = format!("agency \"{}\" is not in agency.txt; the route is kept", row.text(1));
                context.report.error("agency-unknown", row.location(), message);
            }
            let name = [row.text(1), row.text(2), row.text(3), row.text(4)];
            if !(name[1].is_empty() && name[2].is_empty()) {
                if let Some(first) = names.get(&name) {
                    let message = format!(
                        "expected each name once, found \"{} {}\" for route \"{}\" and route \"{first}\"",
                        name[1],
                        name[2],
                        row.text(0)
                    );
                    context.report.warn("route-name-repeated", row.location(), message);
                } else {
                    names.insert(name, row.text(0));
                }
            }
            routes.push(Route {
                id: row.text(0),
                agency: row.text(1),
                short_name: row.text(2),
                long_name: row.text(3),
                route_type,
            });
        })
    }

    fn read_services(
        &mut self,
        archive: &mut Archive<'_>,
        context: &mut ReadContext,
    ) -> Result<(), ReadError> {
        let has_trips = archive.has("trips.txt");
        if has_trips && !archive.has("calendar.txt") && !archive.has("calendar_dates.txt") {
            context.report.error(
                "calendar-missing",
                "calendar.txt",
                "expected calendar.txt or calendar_dates.txt; without them no trip runs on any day",
            );
        }
        let columns = [
            "service_id",
            "monday",
            "tuesday",
            "wednesday",
            "thursday",
            "friday",
            "saturday",
            "sunday",
            "start_date",
            "end_date",
        ];
        let (services, ids) = (&mut self.timetable.services, &mut self.services);
        archive.rows("calendar.txt", &columns, [0.1, 0.11], context, &mut |row, context| {
            let (start, end) = (date_of(row, 8), date_of(row, 9));
            let (Some(start_date), Some(end_date)) = (start, end) else {
                bad_date(row, context);
                return;
            };
            if claim(ids, row, services.len(), context).is_none() {
                return;
            }
            let weekdays = std::array::from_fn(|day| row.bytes(day + 1) == b"1");
            services.push(Service { id: row.text(0), weekdays, start_date, end_date, ..Service::default() });
        })?;
        archive.rows(
            "calendar_dates.txt",
            &["service_id", "date", "exception_type"],
            [0.11, 0.12],
            context,
            &mut |row, context| {
                let Some(date) = date_of(row, 1) else {
                    bad_date(row, context);
                    return;
                };
                let position = *ids.entry(row.bytes(0).into()).or_insert_with(|| {
                    services.push(Service { id: row.text(0), ..Service::default() });
                    services.len() as u32 - 1
                });
                let Some(service) = services.get_mut(position as usize) else { return };
                match row.bytes(2) {
                    b"1" => service.added_dates.push(date),
                    b"2" => service.removed_dates.push(date),
                    _ => {
                        let message = format!("expected exception_type 1 or 2, found \"{}\"", row.text(2));
                        context.report.error("exception-type", row.location(), message);
                    }
                }
            },
        )
    }

    fn read_trips(&mut self, archive: &mut Archive<'_>, context: &mut ReadContext) -> Result<(), ReadError> {
        let columns = ["trip_id", "route_id", "service_id", "trip_headsign", "direction_id", "shape_id"];
        let Self { timetable, routes, services, trips: ids, .. } = self;
        archive.rows("trips.txt", &columns, [0.12, 0.2], context, &mut |row, context| {
            let Some(&route) = routes.get(row.bytes(1)) else {
                let message = format!("route \"{}\" is not in routes.txt; the trip is left out", row.text(1));
                context.report.error("route-unknown", row.location(), message);
                return;
            };
            let service = *services.entry(row.bytes(2).into()).or_insert_with(|| {
                let message = format!("service \"{}\" is in no calendar; its trips never run", row.text(2));
                context.report.error("service-unknown", row.location(), message);
                timetable.services.push(Service { id: row.text(2), ..Service::default() });
                timetable.services.len() as u32 - 1
            });
            if claim(ids, row, timetable.trips.len(), context).is_none() {
                return;
            }
            let shape = row.text(5);
            timetable.trips.push(Trip {
                id: row.text(0),
                route,
                service,
                headsign: row.text(3),
                direction: u8::from(row.bytes(4) == b"1"),
                shape: (!shape.is_empty()).then_some(shape),
                first_call: 0,
                call_count: 0,
                frequencies: Vec::new(),
            });
        })
    }

    fn read_frequencies(
        &mut self,
        archive: &mut Archive<'_>,
        context: &mut ReadContext,
    ) -> Result<(), ReadError> {
        let columns = ["trip_id", "start_time", "end_time", "headway_secs"];
        let (trips, ids) = (&mut self.timetable.trips, &self.trips);
        archive.rows("frequencies.txt", &columns, [0.85, 0.86], context, &mut |row, context| {
            let trip = ids.get(row.bytes(0)).and_then(|&trip| trips.get_mut(trip as usize));
            let times = (calls::parse_time(row.bytes(1)), calls::parse_time(row.bytes(2)), row.number::<u32>(3));
            match (trip, times) {
                (Some(trip), (Some(start), Some(end), Some(headway))) if headway > 0 && end > start => {
                    trip.frequencies.push((start, end, headway));
                }
                _ => context.report.error(
                    "frequency",
                    row.location(),
                    "expected a known trip, start_time before end_time and headway_secs above 0; the row is left out",
                ),
            }
        })
    }

    fn read_shapes(&mut self, archive: &mut Archive<'_>, context: &mut ReadContext) -> Result<(), ReadError> {
        let columns = ["shape_id", "shape_pt_lat", "shape_pt_lon", "shape_pt_sequence"];
        let mut ids: Ids = HashMap::new();
        let mut names: Vec<String> = Vec::new();
        let mut rows: Vec<(u32, u32, [f64; 2])> = Vec::new();
        archive.rows("shapes.txt", &columns, [0.86, 0.93], context, &mut |row, context| {
            let (Some(lat), Some(lon), Some(sequence)) =
                (row.number::<f64>(1), row.number::<f64>(2), row.number::<u32>(3))
            else {
                let message = "expected a place and a whole shape_pt_sequence; the point is left out";
                context.report.error("shape-point", row.location(), message);
                return;
            };
            let shape = *ids.entry(row.bytes(0).into()).or_insert_with(|| {
                names.push(row.text(0));
                names.len() as u32 - 1
            });
            rows.push((shape, sequence, [lon, lat]));
        })?;
        rows.sort_by_key(|&(shape, sequence, _)| (shape, sequence));
        for (shape, _, point) in rows {
            if let Some(name) = names.get(shape as usize) {
                self.timetable.shapes.entry(name.clone()).or_default().push(point);
            }
        }
        Ok(())
    }
}

/// Takes `position` for the row's id (its first column). `None`, with a fault, when the id is empty or taken.
fn claim(ids: &mut Ids, row: &archive::Row<'_>, position: usize, context: &mut ReadContext) -> Option<u32> {
    let id = row.bytes(0);
    if id.is_empty() {
        context.report.error("id-missing", row.location(), "the id is empty; the row is left out");
        return None;
    }
    if ids.contains_key(id) {
        let message = format!("the id \"{}\" was used before; the first row is kept", row.text(0));
        context.report.error("duplicate-id", row.location(), message);
        return None;
    }
    let position = u32::try_from(position).ok()?;
    ids.insert(id.into(), position);
    Some(position)
}

/// `yyyymmdd`, as a number.
fn date_of(row: &archive::Row<'_>, column: usize) -> Option<u32> {
    let date: u32 = row.number(column)?;
    let (year, month, day) = (date / 10_000, date / 100 % 100, date % 100);
    ((1900..=2200).contains(&year) && (1..=12).contains(&month) && (1..=31).contains(&day)).then_some(date)
}

fn bad_date(row: &archive::Row<'_>, context: &mut ReadContext) {
    context.report.error("date", row.location(), "expected dates as yyyymmdd; the row is left out");
}
