//! The columns of a table: which are attributes, under which names, and how their cells are written.

use super::dialect::Place;
use crate::model::AttributeTable;

/// For every column its place in the attributes; the coordinates themselves have none. Names are made unique.
pub(super) fn slots_of(
    header: &[String],
    place: Option<Place>,
    height: Option<usize>,
    attributes: &mut AttributeTable,
) -> Vec<Option<usize>> {
    let is_place = |index: usize| match place {
        Some(Place::Pair { x, y, .. }) => index == x || index == y || height == Some(index),
        Some(Place::LatLon { column } | Place::Geometry { column }) => index == column,
        None => false,
    };
    header
        .iter()
        .enumerate()
        .map(|(index, name)| {
            if is_place(index) || name.is_empty() {
                return None;
            }
            let (name, unit) = name_and_unit(name);
            let mut unique = name.to_owned();
            let mut number = 2;
            while attributes.column(&unique).is_some() {
                unique = format!("{name}_{number}");
                number += 1;
            }
            Some(attributes.ensure_column(&unique, unit))
        })
        .collect()
}

/// "hoogte [m]" is a name and a unit.
fn name_and_unit(header: &str) -> (&str, Option<&str>) {
    let parts = header.strip_suffix(']').and_then(|text| text.rsplit_once(" ["));
    match parts {
        Some((name, unit)) if !name.is_empty() && (1..=24).contains(&unit.len()) => (name, Some(unit)),
        _ => (header, None),
    }
}

/// Text without the apostrophe that keeps a spreadsheet from taking it for a formula.
pub(super) fn unquoted(text: String) -> String {
    match text.strip_prefix('\'') {
        Some(rest) if rest.starts_with(['=', '+', '-', '@', '\t', '\r']) => rest.to_owned(),
        _ => text,
    }
}

/// A coordinate with a decimal point, or with a decimal comma (and perhaps points between thousands) where the comma
/// does not separate cells.
pub(super) fn coordinate(text: &str, delimiter: u8) -> f64 {
    let text = text.trim();
    if delimiter == b',' || !text.contains(',') {
        return text.parse().unwrap_or(f64::NAN);
    }
    let is_last = text.rfind(',') > text.rfind('.');
    let plain = if is_last { text.replace('.', "").replace(',', ".") } else { text.replace(',', "") };
    plain.parse().unwrap_or(f64::NAN)
}

/// "1,5" as a number, where the comma does not separate cells.
pub(super) fn plain_number(text: &str, delimiter: u8) -> Option<f64> {
    let (whole, part) = text.split_once(',').filter(|_| delimiter != b',')?;
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let digits = whole.strip_prefix('-').unwrap_or(whole);
    let is_number = is_digits(part) && is_digits(digits) && (digits == "0" || !digits.starts_with('0'));
    is_number
        .then(|| format!("{whole}.{part}").parse().ok())
        .flatten()
        .filter(|value: &f64| value.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_with_a_comma_are_read_where_it_cannot_separate() {
        assert_eq!(coordinate("5,12", b';'), 5.12);
        assert_eq!(coordinate("136.500,25", b';'), 136_500.25);
        assert_eq!(coordinate("5.12", b';'), 5.12);
        assert!(coordinate("5,12", b',').is_nan());
        assert_eq!(plain_number("-1,5", b';'), Some(-1.5));
        assert_eq!(plain_number("0,25", b';'), Some(0.25));
        for text in ["1,5,6", "01,5", "a,5", "1,", "1.5", ","] {
            assert_eq!(plain_number(text, b';'), None, "{text}");
        }
        assert_eq!(plain_number("1,5", b','), None);
    }
}
