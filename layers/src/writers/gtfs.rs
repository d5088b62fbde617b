//! A timetable as a GTFS zip. Source: GTFS Schedule reference (gtfs.org).

use std::{
    io::{BufWriter, Cursor, Write},
    path::Path,
};

use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

use super::{WriteError, lon_lat, stream};
use crate::{crs::Epsg, model::Timetable};

/// What agency.txt needs besides the names in the timetable.
#[derive(Clone, Debug)]
pub struct AgencyInfo {
    /// A web address, which GTFS requires.
    pub url: String,
    /// IETF language tag.
    pub language: String,
}

/// Writes all tables. `crs` is that of the timetable's positions; the zip holds WGS 84 degrees.
pub fn write(path: &Path, table: &Timetable, crs: Epsg, info: &AgencyInfo) -> Result<(), WriteError> {
    let stops = lon_lat(path, crs, &table.stops.iter().map(|stop| stop.position).collect::<Vec<_>>())?;
    let mut agencies: Vec<&str> = Vec::new();
    for route in &table.routes {
        if !agencies.contains(&route.agency.as_str()) {
            agencies.push(&route.agency);
        }
    }
    let mut zip = Archive { path, zip: ZipWriter::new(Cursor::new(Vec::new())) };

    zip.table(
        "agency.txt",
        &["agency_id", "agency_name", "agency_url", "agency_timezone", "agency_lang"],
        agencies.iter().map(|name| {
            vec![
                (*name).to_owned(),
                (*name).to_owned(),
                info.url.clone(),
                table.timezone.clone(),
                info.language.clone(),
            ]
        }),
    )?;
    zip.table(
        "stops.txt",
        &["stop_id", "stop_name", "stop_lat", "stop_lon", "location_type", "parent_station"],
        table.stops.iter().zip(&stops).map(|(stop, [lon, lat])| {
            let parent = stop.parent.and_then(|parent| table.stops.get(parent as usize));
            vec![
                stop.id.clone(),
                stop.name.clone(),
                format!("{lat:.8}"),
                format!("{lon:.8}"),
                u8::from(stop.is_station).to_string(),
                parent.map_or_else(String::new, |parent| parent.id.clone()),
            ]
        }),
    )?;
    zip.table(
        "routes.txt",
        &["route_id", "agency_id", "route_short_name", "route_long_name", "route_type"],
        table.routes.iter().map(|route| {
            vec![
                route.id.clone(),
                route.agency.clone(),
                route.short_name.clone(),
                route.long_name.clone(),
                route.route_type.to_string(),
            ]
        }),
    )?;
    let id_of_route = |route: u32| table.routes.get(route as usize).map_or("", |route| route.id.as_str());
    let id_of_service = |service: u32| table.services.get(service as usize).map_or("", |s| s.id.as_str());
    zip.table(
        "trips.txt",
        &["route_id", "service_id", "trip_id", "trip_headsign", "direction_id", "shape_id"],
        table.trips.iter().map(|trip| {
            vec![
                id_of_route(trip.route).to_owned(),
                id_of_service(trip.service).to_owned(),
                trip.id.clone(),
                trip.headsign.clone(),
                trip.direction.to_string(),
                trip.shape.clone().unwrap_or_default(),
            ]
        }),
    )?;
    zip.table(
        "stop_times.txt",
        &["trip_id", "arrival_time", "departure_time", "stop_id", "stop_sequence"],
        table.trips.iter().enumerate().flat_map(|(number, trip)| {
            table.calls(number).iter().enumerate().map(|(sequence, call)| {
                vec![
                    trip.id.clone(),
                    clock(call.arrival_secs),
                    clock(call.departure_secs),
                    table.stops.get(call.stop as usize).map_or_else(String::new, |stop| stop.id.clone()),
                    (sequence + 1).to_string(),
                ]
            })
        }),
    )?;
    zip.table(
        "calendar.txt",
        &[
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
        ],
        table.services.iter().filter(|service| service.start_date > 0).map(|service| {
            let mut fields = vec![service.id.clone()];
            fields.extend(service.weekdays.iter().map(|&runs| u8::from(runs).to_string()));
            fields.extend([service.start_date.to_string(), service.end_date.to_string()]);
            fields
        }),
    )?;
    zip.table(
        "calendar_dates.txt",
        &["service_id", "date", "exception_type"],
        table.services.iter().flat_map(|service| {
            let added = service.added_dates.iter().map(|date| (date, "1"));
            let removed = service.removed_dates.iter().map(|date| (date, "2"));
            added
                .chain(removed)
                .map(|(date, kind)| vec![service.id.clone(), date.to_string(), kind.to_owned()])
        }),
    )?;
    let mut shape_ids: Vec<&String> = table.shapes.keys().collect();
    shape_ids.sort();
    let mut rows = Vec::new();
    for id in shape_ids {
        for (sequence, [lon, lat]) in lon_lat(path, crs, &table.shapes[id])?.into_iter().enumerate() {
            rows.push(vec![id.clone(), format!("{lat:.8}"), format!("{lon:.8}"), (sequence + 1).to_string()]);
        }
    }
    zip.table("shapes.txt", &["shape_id", "shape_pt_lat", "shape_pt_lon", "shape_pt_sequence"], rows)?;
    if table.trips.iter().any(|trip| !trip.frequencies.is_empty()) {
        zip.table(
            "frequencies.txt",
            &["trip_id", "start_time", "end_time", "headway_secs"],
            table.trips.iter().flat_map(|trip| {
                trip.frequencies.iter().map(|&(start, end, headway)| {
                    vec![trip.id.clone(), clock(start), clock(end), headway.to_string()]
                })
            }),
        )?;
    }
    let bytes = zip.zip.finish().map_err(|error| WriteError::io(path, error))?.into_inner();
    stream(path, |out: &mut BufWriter<_>| out.write_all(&bytes).map_err(|error| WriteError::io(path, error)))
}

struct Archive<'a> {
    path: &'a Path,
    zip: ZipWriter<Cursor<Vec<u8>>>,
}

impl Archive<'_> {
    fn table(
        &mut self,
        name: &str,
        header: &[&str],
        rows: impl IntoIterator<Item = Vec<String>>,
    ) -> Result<(), WriteError> {
        let failed = |error: String| WriteError::Io { path: self.path.to_owned(), reason: error };
        let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
        self.zip.start_file(name, options).map_err(|error| failed(error.to_string()))?;
        let mut csv = csv::Writer::from_writer(&mut self.zip);
        csv.write_record(header).map_err(|error| failed(error.to_string()))?;
        for row in rows {
            csv.write_record(&row).map_err(|error| failed(error.to_string()))?;
        }
        csv.flush().map_err(|error| failed(error.to_string()))
    }
}

/// Seconds of a service day as `HH:MM:SS`; hours may pass 24.
fn clock(secs: u32) -> String {
    format!("{:02}:{:02}:{:02}", secs / 3600, secs / 60 % 60, secs % 60)
}
