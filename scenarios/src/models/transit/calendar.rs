//! Civil dates as `yyyymmdd` numbers, as GTFS writes them.

/// Days since 1970-01-01 (proleptic Gregorian; Hinnant, "chrono-compatible low-level date algorithms").
fn days(date: u32) -> i64 {
    let (year, month, day) = (i64::from(date / 10_000), i64::from(date / 100 % 100), i64::from(date % 100));
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

fn date(days: i64) -> u32 {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = era * 400 + year_of_era + i64::from(month <= 2);
    (year * 10_000 + month * 100 + day) as u32
}

/// 0 for Monday to 6 for Sunday.
pub fn weekday(yyyymmdd: u32) -> usize {
    (days(yyyymmdd) + 3).rem_euclid(7) as usize
}

/// The date so many days later, or earlier.
pub fn add_days(yyyymmdd: u32, more: i64) -> u32 {
    date(days(yyyymmdd) + more)
}

/// Whether it is a day of the calendar.
pub fn is_date(yyyymmdd: u32) -> bool {
    (1_0000..=9999_1231).contains(&yyyymmdd) && date(days(yyyymmdd)) == yyyymmdd
}

/// 20260615 → "2026-06-15".
pub fn iso(yyyymmdd: u32) -> String {
    format!("{:04}-{:02}-{:02}", yyyymmdd / 10_000, yyyymmdd / 100 % 100, yyyymmdd % 100)
}

/// Seconds after midnight → "07:30"; past midnight of a long day "25:10", as GTFS writes it.
pub fn clock(secs: i32) -> String {
    format!("{:02}:{:02}", secs.div_euclid(3600), secs.rem_euclid(3600) / 60)
}

#[cfg(test)]
#[allow(clippy::inconsistent_digit_grouping)] // Dates are written yyyy_mm_dd.
mod tests {
    use super::*;

    #[test]
    fn known_days_have_their_weekday_and_their_neighbours() {
        // 1970-01-01 and 2024-02-29 were Thursdays, 2019-05-13 a Monday, 2000-01-01 a Saturday.
        for (day, expected) in [(1970_01_01, 3), (2024_02_29, 3), (2019_05_13, 0), (2000_01_01, 5)] {
            assert_eq!(weekday(day), expected, "{day}");
        }
        assert_eq!(add_days(2024_02_28, 1), 2024_02_29);
        assert_eq!(add_days(2023_02_28, 1), 2023_03_01);
        assert_eq!(add_days(2025_01_01, -1), 2024_12_31);
        let mut day = 1999_12_25;
        for step in 0..10_000 {
            assert!(is_date(day));
            assert_eq!(weekday(day), (5 + step) % 7);
            day = add_days(day, 1);
        }
        assert!(!is_date(2023_02_29) && !is_date(2023_13_01) && !is_date(0));
    }
}
