//! `stop_times.txt`: calls in order of trip and sequence, with times between timepoints filled in.

use super::{Feed, ReadContext, ReadError, archive::Archive};
use crate::model::transit::StopTime;

const UNTIMED: u32 = u32::MAX;

/// One row of the table, text ids replaced by positions.
#[derive(Clone, Copy)]
struct Call {
    trip: u32,
    sequence: u32,
    stop: u32,
    arrival_secs: u32,
    departure_secs: u32,
}

/// "7:05:00" or "25:10:00" → seconds after the start of the service day; `None` for anything else.
pub(super) fn parse_time(text: &[u8]) -> Option<u32> {
    let mut parts = text.split(|&byte| byte == b':');
    let mut next = || -> Option<u32> {
        let part = parts.next()?.trim_ascii();
        if part.is_empty() || part.len() > 3 || !part.iter().all(u8::is_ascii_digit) {
            return None;
        }
        std::str::from_utf8(part).ok()?.parse().ok()
    };
    let (hours, minutes, seconds) = (next()?, next()?, next().unwrap_or(0));
    (parts.next().is_none() && minutes < 60 && seconds < 60 && hours <= 240)
        .then_some(hours * 3600 + minutes * 60 + seconds)
}

pub(super) fn read_calls(
    feed: &mut Feed,
    archive: &mut Archive<'_>,
    context: &mut ReadContext,
) -> Result<(), ReadError> {
    let columns = ["trip_id", "arrival_time", "departure_time", "stop_id", "stop_sequence"];
    let mut calls: Vec<Call> = Vec::new();
    let Feed { timetable, stops, trips, .. } = feed;
    // Rows of a trip mostly follow each other, so its look-up is done once.
    let mut last: (Vec<u8>, Option<u32>) = (Vec::new(), None);
    archive.rows("stop_times.txt", &columns, [0.2, 0.8], context, &mut |row, context| {
        if row.bytes(0) != last.0 {
            last = (row.bytes(0).to_vec(), trips.get(row.bytes(0)).copied());
        }
        let Some(trip) = last.1 else {
            let message = format!("trip \"{}\" is not in trips.txt; the call is left out", row.text(0));
            context.report.error("trip-unknown", row.location(), message);
            return;
        };
        let Some(&stop) = stops.get(row.bytes(3)) else {
            let message = format!("stop \"{}\" is not in stops.txt; the call is left out", row.text(3));
            context.report.error("stop-unknown", row.location(), message);
            return;
        };
        let Some(sequence) = row.number::<u32>(4) else {
            let message = format!(
                "expected a stop_sequence of 0 or more, found \"{}\"; the call is left out",
                row.text(4)
            );
            context.report.error("stop-sequence", row.location(), message);
            return;
        };
        let time = |column: usize, context: &mut ReadContext| {
            let text = row.bytes(column);
            let time = parse_time(text);
            if time.is_none() && !text.is_empty() {
                let message = format!(
                    "expected a time as hh:mm:ss, found \"{}\"; taken as not stated",
                    row.text(column)
                );
                context.report.error("time", row.location(), message);
            }
            time
        };
        let (arrival, departure) = (time(1, context), time(2, context));
        if arrival.is_some() != departure.is_some() {
            let (there, missing) = if arrival.is_some() {
                ("arrival_time", "departure_time")
            } else {
                ("departure_time", "arrival_time")
            };
            let message = format!("expected {missing} beside {there}, found none; {there} is taken for both");
            context.report.warn("time-missing", row.location(), message);
        }
        calls.push(Call {
            trip,
            sequence,
            stop,
            arrival_secs: arrival.or(departure).unwrap_or(UNTIMED),
            departure_secs: departure.or(arrival).unwrap_or(UNTIMED),
        });
    })?;
    calls.sort_by_key(|call| (call.trip, call.sequence));
    context.progress.set(0.83);

    let mut repeated: Vec<(u32, u32)> = Vec::new();
    calls.dedup_by(|next, kept| {
        let is_same = next.trip == kept.trip && next.sequence == kept.sequence;
        if is_same {
            repeated.push((kept.trip, kept.sequence));
        }
        is_same
    });
    let name = |trip: u32| {
        timetable.trips.get(trip as usize).map_or_else(String::new, |trip| format!("trip \"{}\"", trip.id))
    };
    for (trip, sequence) in repeated {
        let message = format!("stop_sequence {sequence} occurs more than once; the first call is kept");
        context.report.error("duplicate-sequence", name(trip), message);
    }
    for trip in calls.chunk_by_mut(|a, b| a.trip == b.trip) {
        let Some(number) = trip.first().map(|call| call.trip) else { continue };
        match fill_times(trip) {
            Timing::Sound => {}
            Timing::NoTimes => {
                context.report.error(
                    "times-missing",
                    name(number),
                    "no call has a time; the trip has no calls",
                );
            }
            Timing::EndsMissing => context.report.warn(
                "times-missing",
                name(number),
                "the first or last call has no time; that of the nearest timed call is taken",
            ),
            Timing::Backwards => context.report.warn(
                "times-backwards",
                name(number),
                "a call lies before the one that precedes it; it is moved to that one's departure",
            ),
        }
    }
    calls.retain(|call| call.arrival_secs != UNTIMED);

    for (position, call) in calls.iter().enumerate() {
        if let Some(trip) = timetable.trips.get_mut(call.trip as usize) {
            if trip.call_count == 0 {
                trip.first_call = position as u32;
            }
            trip.call_count += 1;
        }
    }
    timetable.stop_times = calls
        .into_iter()
        .map(|Call { stop, arrival_secs, departure_secs, .. }| StopTime {
            stop,
            arrival_secs,
            departure_secs,
        })
        .collect();
    Ok(())
}

#[derive(Debug, PartialEq)]
enum Timing {
    Sound,
    NoTimes,
    EndsMissing,
    Backwards,
}

/// Spreads calls without a time evenly between their timed neighbours and keeps time from running backwards.
fn fill_times(calls: &mut [Call]) -> Timing {
    let timed: Vec<usize> = (0..calls.len()).filter(|&i| calls[i].arrival_secs != UNTIMED).collect();
    let (Some(&first), Some(&last)) = (timed.first(), timed.last()) else { return Timing::NoTimes };
    let mut timing = if first > 0 || last + 1 < calls.len() { Timing::EndsMissing } else { Timing::Sound };
    for index in 0..first {
        let time = calls[first].arrival_secs;
        (calls[index].arrival_secs, calls[index].departure_secs) = (time, time);
    }
    let end = calls[last].departure_secs;
    for call in &mut calls[last + 1..] {
        (call.arrival_secs, call.departure_secs) = (end, end);
    }
    for pair in timed.windows(2) {
        let (from, to) = (pair[0], pair[1]);
        let (start, end) = (calls[from].departure_secs, calls[to].arrival_secs);
        for (step, call) in calls[from + 1..to].iter_mut().enumerate() {
            let part = (step + 1) as f64 / (to - from) as f64;
            let time = (f64::from(start) + (f64::from(end) - f64::from(start)) * part).round() as u32;
            (call.arrival_secs, call.departure_secs) = (time, time);
        }
    }
    let mut earliest = 0;
    for call in calls {
        if call.arrival_secs < earliest || call.departure_secs < call.arrival_secs {
            timing = Timing::Backwards;
            call.arrival_secs = call.arrival_secs.max(earliest);
            call.departure_secs = call.departure_secs.max(call.arrival_secs);
        }
        earliest = call.departure_secs;
    }
    timing
}

#[cfg(test)]
mod tests {
    use super::*;

    fn calls(times: &[u32]) -> Vec<Call> {
        let call = |(sequence, &time): (usize, &u32)| Call {
            trip: 0,
            sequence: sequence as u32,
            stop: 0,
            arrival_secs: time,
            departure_secs: time,
        };
        times.iter().enumerate().map(call).collect()
    }

    fn filled(times: &[u32]) -> (Timing, Vec<u32>) {
        let mut calls = calls(times);
        let timing = fill_times(&mut calls);
        (timing, calls.iter().map(|call| call.arrival_secs).collect())
    }

    #[test]
    fn times_between_timepoints_are_spread_evenly() {
        assert_eq!(filled(&[60, UNTIMED, UNTIMED, 120]), (Timing::Sound, vec![60, 80, 100, 120]));
        assert_eq!(filled(&[UNTIMED, 60, UNTIMED]), (Timing::EndsMissing, vec![60, 60, 60]));
        assert_eq!(filled(&[100, 50, 200]), (Timing::Backwards, vec![100, 100, 200]));
        assert_eq!(filled(&[UNTIMED]).0, Timing::NoTimes);
    }

    #[test]
    fn times_may_pass_midnight_but_not_sense() {
        assert_eq!(parse_time(b"7:05:00"), Some(25_500));
        assert_eq!(parse_time(b"25:10:30"), Some(90_630));
        assert_eq!(parse_time(b" 07:05:00"), Some(25_500));
        for text in [&b""[..], b"7", b"07:65:00", b"7.05", b"-1:00:00", b"1:2:3:4", b"999:00:00"] {
            assert_eq!(parse_time(text), None, "{}", String::from_utf8_lossy(text));
        }
    }
}
