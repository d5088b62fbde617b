//! On which days timetables have service, in words.

use layers::model::Timetable;

use super::calendar;

/// First and last day: "from 2019-04-15 to 2019-12-25".
pub(super) fn range(timetables: &[&Timetable]) -> String {
    let ranges = || timetables.iter().filter_map(|timetable| timetable.date_range());
    match (ranges().map(|range| range.0).min(), ranges().map(|range| range.1).max()) {
        (Some(first), Some(last)) => format!("from {} to {}", calendar::iso(first), calendar::iso(last)),
        _ => "on no day".to_owned(),
    }
}

/// Why nothing runs on a day, and what to do: the days that a person can choose instead, or what is wrong with the feed.
pub(super) fn no_service(timetables: &[&Timetable], date: u32, backward: usize) -> String {
    /// Days looked at before and after; feeds hold a few months.
    const MOST_DAYS: i64 = 800;
    let ranges = || timetables.iter().filter_map(|timetable| timetable.date_range());
    let (Some(first), Some(last)) = (ranges().map(|r| r.0).min(), ranges().map(|r| r.1).max()) else {
        return "the timetable names no day at all: calendar.txt and calendar_dates.txt are missing, empty or \
                unreadable; ask for a complete feed"
            .to_owned();
    };
    if backward > 0 {
        return format!(
            "its {backward} trips go back in time or call at a stop that is not there; mend stop_times.txt"
        );
    }
    let used: Vec<_> = timetables
        .iter()
        .flat_map(|timetable| {
            let trips = timetable.trips.iter().enumerate();
            let mut services: Vec<u32> = trips
                .filter(|(trip, _)| timetable.calls(*trip).len() >= 2)
                .map(|(_, trip)| trip.service)
                .collect();
            services.sort_unstable();
            services.dedup();
            services.into_iter().filter_map(|service| timetable.services.get(service as usize))
        })
        .collect();
    // A day far outside is looked for from the end of the timetable.
    let start = if date > last {
        calendar::add_days(last, 1)
    } else if date < first {
        calendar::add_days(first, -1)
    } else {
        date
    };
    let nearest = |direction: i64| {
        (1..=MOST_DAYS)
            .map(|days| calendar::add_days(start, direction * days))
            .filter(|day| (first..=last).contains(day))
            .find(|&day| used.iter().any(|service| service.runs_on(day, calendar::weekday(day))))
            .map(calendar::iso)
    };
    let span = format!("between {} and {}", calendar::iso(first), calendar::iso(last));
    match (nearest(-1), nearest(1)) {
        (Some(before), Some(after)) => {
            format!(
                "of the days {span} the nearest with service are {before} and {after}; choose one of them"
            )
        }
        (Some(day), None) | (None, Some(day)) => {
            format!("of the days {span} the nearest with service is {day}; choose that or another one")
        }
        (None, None) => {
            format!(
                "no trip runs on any of the days {span}; look whether trips.txt and the calendar name the same services"
            )
        }
    }
}
