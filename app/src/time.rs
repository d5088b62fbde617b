//! Civil time: the only place that turns dates and zones into seconds UTC and back.

use jiff::{Timestamp, civil::Date, tz::TimeZone};

fn zone(name: &str) -> TimeZone {
    TimeZone::get(name).or_else(|_| TimeZone::get("Europe/Amsterdam")).unwrap_or(TimeZone::UTC)
}

fn date_of(yyyymmdd: u32) -> Option<Date> {
    let (year, month, day) = (yyyymmdd / 10_000, yyyymmdd / 100 % 100, yyyymmdd % 100);
    Date::new(i16::try_from(year).ok()?, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

/// Seconds UTC at which the GTFS service day `yyyymmdd` starts: noon minus twelve hours in the agency's zone, so that
/// times stay right on the days on which the clock changes. 0 for a date that does not exist.
pub fn start_of_day(yyyymmdd: u32, timezone: &str) -> i64 {
    date_of(yyyymmdd)
        .and_then(|date| date.at(12, 0, 0, 0).to_zoned(zone(timezone)).ok())
        .map_or(0, |noon| noon.timestamp().as_second() - 12 * 3600)
}

/// The local date (`yyyymmdd`) and weekday (0 Monday to 6 Sunday) of a moment.
pub fn local_date(time: i64, timezone: &str) -> (u32, usize) {
    let Ok(timestamp) = Timestamp::from_second(time) else { return (19_700_101, 3) };
    let date = timestamp.to_zoned(zone(timezone)).date();
    let number = date.year() as u32 * 10_000 + date.month() as u32 * 100 + date.day() as u32;
    (number, date.weekday().to_monday_zero_offset() as usize)
}

/// The date one day earlier.
pub fn day_before(yyyymmdd: u32) -> u32 {
    date_of(yyyymmdd)
        .and_then(|date| date.yesterday().ok())
        .map_or(yyyymmdd, |date| date.year() as u32 * 10_000 + date.month() as u32 * 100 + date.day() as u32)
}

/// Reads a moment as people and scripts write it: "2026-06-16T15:00" (local, Europe/Amsterdam), or with a zone or "Z".
pub fn parse(text: &str) -> Result<i64, String> {
    if let Ok(timestamp) = text.parse::<Timestamp>() {
        return Ok(timestamp.as_second());
    }
    text.parse::<jiff::civil::DateTime>()
        .ok()
        .and_then(|local| local.to_zoned(zone("Europe/Amsterdam")).ok())
        .map(|zoned| zoned.timestamp().as_second())
        .ok_or_else(|| {
            format!("expected a time such as 2026-06-16T15:00 or 2026-06-16T13:00:00Z, found \"{text}\"")
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn service_days_start_right_when_the_clock_changes() {
        // 2026-03-29: the clock jumps from 02:00 to 03:00, so the service day starts at 23:00 UTC + 1 h = 01:00 CET…
        let before = start_of_day(20_260_328, "Europe/Amsterdam");
        let change = start_of_day(20_260_329, "Europe/Amsterdam");
        let after = start_of_day(20_260_330, "Europe/Amsterdam");
        assert_eq!(change - before, 23 * 3600, "noon is 23 hours after noon");
        assert_eq!(after - change, 24 * 3600);
        assert_eq!(parse("2026-06-16T15:00").unwrap(), parse("2026-06-16T13:00:00Z").unwrap());
        assert_eq!(local_date(parse("2026-06-16T00:30").unwrap(), "Europe/Amsterdam"), (20_260_616, 1));
        assert_eq!(day_before(20_260_301), 20_260_228);
        assert!(parse("morgen").is_err());
    }
}
