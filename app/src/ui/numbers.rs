//! Numbers, units, bands and times as people write them: Dutch `1.234,5` and `di 16 juni 15:00`, English `1,234.5` and
//! `Tue 16 June 15:00`. Minus is the real sign (U+2212), and what rounds to zero has no sign.

use super::text::Texts;
use super::view::BandView;
use crate::commands::Language;

/// A space that does not break, between a number and its unit.
const NO_BREAK: char = '\u{a0}';

/// Writes numbers in one language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Numbers {
    language: Language,
}

impl Numbers {
    pub const fn new(language: Language) -> Self {
        Self { language }
    }

    /// A number with a fixed count of decimals and thousands grouped; "–" when it is not finite.
    pub fn decimal(&self, value: f64, decimals: usize) -> String {
        if !value.is_finite() {
            return "–".to_owned();
        }
        let (group, point) = match self.language {
            Language::Dutch => ('.', ','),
            Language::English => (',', '.'),
        };
        let plain = format!("{:.decimals$}", value.abs());
        let (whole, fraction) = plain.split_once('.').unwrap_or((&plain, ""));
        let is_zero = plain.chars().all(|digit| matches!(digit, '0' | '.'));
        let mut text = String::with_capacity(plain.len() + 6);
        if value < 0.0 && !is_zero {
            text.push('−');
        }
        for (position, digit) in whole.chars().enumerate() {
            if position > 0 && (whole.len() - position).is_multiple_of(3) {
                text.push(group);
            }
            text.push(digit);
        }
        if !fraction.is_empty() {
            text.push(point);
            text.push_str(fraction);
        }
        text
    }

    /// A whole number with thousands grouped.
    pub fn count(&self, value: usize) -> String {
        self.decimal(value as f64, 0)
    }

    /// As [`Self::decimal`], with a plus before what is above zero.
    pub fn signed(&self, value: f64, decimals: usize) -> String {
        let text = self.decimal(value, decimals);
        if value > 0.0 && text.chars().any(|digit| matches!(digit, '1'..='9')) {
            format!("+{text}")
        } else {
            text
        }
    }

    /// A number and its unit symbol. The unit is given as the data have it; known ones are put in the language.
    pub fn with_unit(&self, value: f64, decimals: usize, unit: &str) -> String {
        self.join_unit(self.decimal(value, decimals), unit)
    }

    /// As [`Self::with_unit`], with the sign always there.
    pub fn signed_with_unit(&self, value: f64, decimals: usize, unit: &str) -> String {
        self.join_unit(self.signed(value, decimals), unit)
    }

    /// A fraction as a percentage: 0.2 is "20 %" in Dutch and "20%" in English.
    pub fn percent(&self, fraction: f64, decimals: usize) -> String {
        self.join_unit(self.decimal(fraction * 100.0, decimals), "%")
    }

    /// A fraction as a percentage with its sign.
    pub fn signed_percent(&self, fraction: f64, decimals: usize) -> String {
        self.join_unit(self.signed(fraction * 100.0, decimals), "%")
    }

    /// The ends of a band in brackets, such as "(−97 … −88)"; the unit stands with the central value.
    pub fn band(&self, low: f64, high: f64, decimals: usize) -> String {
        format!("({}{NO_BREAK}…{NO_BREAK}{})", self.signed(low, decimals), self.signed(high, decimals))
    }

    /// The unit symbol in the language, such as "mvt/etmaal" for "veh/day"; unknown ones stay as they are.
    pub fn unit(&self, unit: &str) -> String {
        let key = match unit {
            "veh/h" => "unit-vehicles-per-hour",
            "veh/day" => "unit-vehicles-per-day",
            "veh-km/day" | "veh·km/day" | "vehicle-km/day" => "unit-vehicle-km-per-day",
            "veh-km" | "veh·km" | "vehicle-km" => "unit-vehicle-km",
            "veh-h/day" | "h/day" => "unit-hours-per-day",
            "veh-h/peak-h" => "unit-hours-per-peak-hour",
            "veh" | "vehicles" => "unit-vehicles",
            "h" => "unit-hours",
            "min" | "minutes" => "unit-minutes",
            "s" | "seconds" => "unit-seconds",
            "persons" => "unit-persons",
            "residents" => "unit-residents",
            "dwellings" => "unit-dwellings",
            "points" | "pp" => "unit-percentage-points",
            "km/h" => "unit-km-per-hour",
            "departures/h" => "unit-departures-per-hour",
            "m2" => return "m²".to_owned(),
            _ => return unit.to_owned(),
        };
        Texts::new(self.language).get(key)
    }

    fn join_unit(self, number: String, unit: &str) -> String {
        match (self.language, unit) {
            (_, "") => number,
            (Language::English, "%") => number + "%",
            _ => format!("{number}{NO_BREAK}{}", self.unit(unit)),
        }
    }

    /// Day and time, such as "di 16 juni 15:00". Times are seconds since 1970 UTC; the offset is local minus UTC.
    pub fn date_time(&self, time: i64, utc_offset_secs: i32) -> String {
        let texts = Texts::new(self.language);
        let local = time.saturating_add(i64::from(utc_offset_secs));
        let days = local.div_euclid(86_400);
        let (_, month, day) = civil_from_days(days);
        // Day 0 was a Thursday.
        let weekday = WEEKDAYS[(days + 3).rem_euclid(7) as usize];
        let month = MONTHS[(month - 1) as usize];
        format!("{} {day} {} {}", texts.get(weekday), texts.get(month), clock(local))
    }

    /// Time of day, such as "15:00".
    pub fn time(&self, time: i64, utc_offset_secs: i32) -> String {
        clock(time.saturating_add(i64::from(utc_offset_secs)))
    }

    /// A window of the day from minutes after midnight, such as "07–11 u" or "7:30–11:00".
    pub fn day_window(&self, from_minutes: u16, until_minutes: u16) -> String {
        if from_minutes.is_multiple_of(60) && until_minutes.is_multiple_of(60) {
            let hours = format!("{:02}–{:02}", from_minutes / 60, until_minutes / 60);
            self.join_unit(hours, "h")
        } else {
            let clock = |minutes: u16| format!("{:02}:{:02}", minutes / 60, minutes % 60);
            format!("{}–{}", clock(from_minutes), clock(until_minutes))
        }
    }

    /// An ISO 8601 date as people write it, such as "15 juni 2026"; what is not one stays as it is.
    pub fn iso_date(&self, date: &str) -> String {
        let mut parts = date.get(..10).unwrap_or(date).splitn(3, '-');
        let mut number = || parts.next().and_then(|part| part.parse::<u32>().ok());
        match (number(), number(), number()) {
            (Some(year), Some(month @ 1..=12), Some(day @ 1..=31)) => {
                let month = Texts::new(self.language).get(MONTHS[(month - 1) as usize]);
                format!("{day} {month} {year}")
            }
            _ => date.to_owned(),
        }
    }

    /// Metres as people say them: "85 m", "1,2 km".
    pub fn length(&self, metres: f64) -> String {
        if metres.abs() < 1000.0 {
            self.with_unit(metres, 0, "m")
        } else {
            self.with_unit(metres / 1000.0, usize::from(metres.abs() < 10_000.0), "km")
        }
    }
}

/// Rounds to a count of significant digits, so that a number does not claim more than the model knows; two digits suit
/// demand made from population and jobs.
pub fn significant(value: f64, digits: u32) -> f64 {
    if value == 0.0 || !value.is_finite() {
        return value;
    }
    let magnitude = value.abs().log10().floor() as i32 + 1 - digits.cast_signed();
    let step = 10f64.powi(magnitude.abs());
    if magnitude >= 0 { (value / step).round() * step } else { (value * step).round() / step }
}

/// How many decimals show a number of this size with so many significant digits (0 to 3).
pub fn decimals_for(value: f64, digits: u32) -> usize {
    if value == 0.0 || !value.is_finite() {
        return 0;
    }
    let magnitude = value.abs().log10().floor() as i32 + 1;
    usize::try_from((digits.cast_signed() - magnitude).clamp(0, 3)).unwrap_or(0)
}

/// Rounds a band so that low, central and high all stand on the same step: two significant digits of the widest end.
/// Returns the band and the decimals to show it with.
pub fn honest_band(band: BandView) -> (BandView, usize) {
    let widest = band.low.abs().max(band.central.abs()).max(band.high.abs());
    if widest == 0.0 || !widest.is_finite() {
        return (band, 0);
    }
    let magnitude = widest.log10().floor() as i32 - 1;
    let step = 10f64.powi(magnitude.abs());
    let round = |value: f64| {
        if magnitude >= 0 { (value / step).round() * step } else { (value * step).round() / step }
    };
    let rounded = BandView { low: round(band.low), central: round(band.central), high: round(band.high) };
    (rounded, usize::try_from((-magnitude).clamp(0, 3)).unwrap_or(0))
}

/// The most decimals that mean something to people in a unit: tenths of minutes and percents, whole vehicles.
pub fn most_decimals(unit: &str) -> usize {
    match unit {
        "min" | "minutes" | "%" | "points" | "pp" | "h" | "h/day" | "veh-h/day" | "veh-h/peak-h" | "km"
        | "dB" | "°C" | "µg/m³" => 1,
        "veh" | "vehicles" | "veh/h" | "veh/day" | "persons" | "residents" | "dwellings" | "m" | "s" => 0,
        _ => 3,
    }
}

/// Local time in the Netherlands minus UTC, seconds: +2 h from the last Sunday of March 01:00 UTC until the last Sunday
/// of October 01:00 UTC, else +1 h (Directive 2000/84/EC).
pub fn dutch_utc_offset_secs(time: i64) -> i32 {
    let (year, _, _) = civil_from_days(time.div_euclid(86_400));
    let last_sunday = |month: u32| {
        let last_day = days_from_civil(year, month, 31);
        last_day - (last_day + 4).rem_euclid(7)
    };
    let summer = last_sunday(3) * 86_400 + 3600..last_sunday(10) * 86_400 + 3600;
    if summer.contains(&time) { 7200 } else { 3600 }
}

const WEEKDAYS: [&str; 7] = ["day-mon", "day-tue", "day-wed", "day-thu", "day-fri", "day-sat", "day-sun"];
const MONTHS: [&str; 12] = [
    "month-1", "month-2", "month-3", "month-4", "month-5", "month-6", "month-7", "month-8", "month-9",
    "month-10", "month-11", "month-12",
];

fn clock(local: i64) -> String {
    let minutes = local.rem_euclid(86_400) / 60;
    format!("{:02}:{:02}", minutes / 60, minutes % 60)
}

/// Year, month and day of a count of days since 1970-01-01 (Howard Hinnant, "chrono-compatible low-level date
/// algorithms").
fn civil_from_days(days: i64) -> (i64, u32, u32) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = (day_of_year - (153 * shifted_month + 2) / 5 + 1) as u32;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 } as u32;
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

/// The reverse of [`civil_from_days`].
fn days_from_civil(year: i64, month: u32, day: u32) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let shifted_month = i64::from((month + 9) % 12);
    let day_of_year = (153 * shifted_month + 2) / 5 + i64::from(day) - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    const NL: Numbers = Numbers::new(Language::Dutch);
    const EN: Numbers = Numbers::new(Language::English);

    #[test]
    fn thousands_and_decimals_follow_the_language() {
        assert_eq!(NL.decimal(1234.5, 1), "1.234,5");
        assert_eq!(EN.decimal(1234.5, 1), "1,234.5");
        assert_eq!(NL.decimal(1_234_567.0, 0), "1.234.567");
        assert_eq!(NL.decimal(-12.0, 0), "−12");
        assert_eq!(NL.decimal(999.99, 1), "1.000,0");
    }

    #[test]
    fn what_rounds_to_zero_has_no_sign() {
        assert_eq!(NL.decimal(-0.04, 1), "0,0");
        assert_eq!(NL.signed(0.04, 1), "0,0");
        assert_eq!(NL.signed(0.06, 1), "+0,1");
        assert_eq!(NL.decimal(f64::NAN, 1), "–");
    }

    #[test]
    fn percentages_and_bands() {
        assert_eq!(NL.signed_percent(-0.92, 0), "−92\u{a0}%");
        assert_eq!(EN.signed_percent(0.38, 0), "+38%");
        assert_eq!(NL.band(-97.0, -88.0, 0), "(−97\u{a0}…\u{a0}−88)");
    }

    #[test]
    fn units_are_put_in_the_language_and_unknown_ones_stay() {
        assert_eq!(NL.with_unit(10.0, 0, "veh/h"), "10\u{a0}vtg/u");
        assert_eq!(EN.with_unit(17.0, 0, "µg/m³"), "17\u{a0}µg/m³");
    }

    #[test]
    fn dates_are_written_in_local_time() {
        // 16 June 2026 13:00 UTC is 15:00 in summer.
        let time = 1_781_614_800;
        assert_eq!(dutch_utc_offset_secs(time), 7200);
        assert_eq!(NL.date_time(time, 7200), "di 16 juni 15:00");
        assert_eq!(EN.date_time(time, 7200), "Tue 16 June 15:00");
        assert_eq!(NL.iso_date("2026-06-15"), "15 juni 2026");
        assert_eq!(NL.iso_date("soon"), "soon");
    }

    #[test]
    fn summer_time_starts_and_ends_at_one_hour_utc() {
        // 29 March 2026 and 25 October 2026, both 01:00 UTC.
        assert_eq!(dutch_utc_offset_secs(1_774_746_000 - 1), 3600);
        assert_eq!(dutch_utc_offset_secs(1_774_746_000), 7200);
        assert_eq!(dutch_utc_offset_secs(1_792_890_000 - 1), 7200);
        assert_eq!(dutch_utc_offset_secs(1_792_890_000), 3600);
    }

    #[test]
    fn rounding_never_claims_more_digits_than_asked() {
        assert_eq!(significant(12_345.0, 2), 12_000.0);
        assert_eq!(significant(-0.01234, 2), -0.012);
        assert_eq!(significant(0.0, 2), 0.0);
        assert_eq!(decimals_for(0.3, 2), 2);
        assert_eq!(decimals_for(17.0, 2), 0);
        let (band, decimals) = honest_band(BandView { low: -1.234, central: -1.01, high: -0.96 });
        assert_eq!((band.low, band.central, band.high, decimals), (-1.2, -1.0, -1.0, 1));
    }

    #[test]
    fn the_day_window_is_short_when_hours_are_whole() {
        assert_eq!(NL.day_window(420, 660), "07–11\u{a0}u");
        assert_eq!(NL.day_window(450, 660), "07:30–11:00");
    }
}
