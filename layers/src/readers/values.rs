//! Text cells → typed attribute values, the same way for every text format.

use crate::model::Value;

/// Numbers become numbers, `true` and `false` booleans; ids, codes with a leading zero and numbers that a float could
/// not hold stay text, so that nothing of them is lost.
pub fn value_of(text: &str, is_id: bool) -> Value {
    /// Digits that an `f64` holds without a change: tools that read the column as numbers would spoil longer ids.
    const SAFE_DIGITS: usize = 15;
    if text.is_empty() {
        return Value::Null;
    }
    let digits = text.strip_prefix('-').unwrap_or(text).as_bytes();
    let is_code = is_id || matches!(digits, [b'0', b'0'..=b'9', ..]);
    if is_code {
        return Value::Text(text.to_owned());
    }
    if let Ok(integer) = text.parse::<i64>() {
        let is_short = digits.len() <= SAFE_DIGITS && digits.first().is_some_and(u8::is_ascii_digit);
        return if is_short { Value::Integer(integer) } else { Value::Text(text.to_owned()) };
    }
    match text {
        "true" => return Value::Bool(true),
        "false" => return Value::Bool(false),
        _ => {}
    }
    match text.parse::<f64>() {
        Ok(real) if real.is_finite() && digits.first().is_some_and(u8::is_ascii_digit) => Value::Real(real),
        _ => Value::Text(text.to_owned()),
    }
}

/// Whether a column holds identifiers by its name: "id", "lokaalID", "WVK_ID", "identificatieBAGPND", "gml_id".
pub fn is_id_name(name: &str) -> bool {
    let last = name.rsplit('.').next().unwrap_or(name);
    last.eq_ignore_ascii_case("id")
        || last.ends_with("ID")
        || last.ends_with("Id")
        || last.ends_with("_id")
        || last.contains("_ID_")
        || last.to_ascii_lowercase().starts_with("identificatie")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_keep_their_zeros() {
        assert_eq!(value_of("0503", false), Value::Text("0503".into()));
        assert_eq!(value_of("503", false), Value::Integer(503));
        assert_eq!(value_of("0.5", false), Value::Real(0.5));
        assert_eq!(value_of("503", true), Value::Text("503".into()));
        assert_eq!(value_of("nan", false), Value::Text("nan".into()));
        assert_eq!(value_of("", false), Value::Null);
        assert_eq!(value_of("-0.5", false), Value::Real(-0.5));
        assert_eq!(value_of("1e400", false), Value::Text("1e400".into()));
        assert_eq!(value_of("1680100000000123", false), Value::Text("1680100000000123".into()));
        assert_eq!(value_of("true", false), Value::Bool(true));
    }

    #[test]
    fn ids_are_known_by_their_name() {
        for name in
            ["id", "ID", "a.lokaalID", "WVK_ID", "JTE_ID_BEG", "identificatieBAGPND", "gml_id", "localId"]
        {
            assert!(is_id_name(name), "{name}");
        }
        for name in ["hoeveelheid", "geldigheid", "population", "ideal", "snelheid"] {
            assert!(!is_id_name(name), "{name}");
        }
    }
}
