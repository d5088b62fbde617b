//! Joining a table without places to things that have them, by a key that both carry.

use std::collections::HashMap;

use crate::{
    model::FeatureLayer,
    readers::{Report, Severity},
};

/// Which row of a table belongs to which thing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeyJoin {
    /// For each thing the row of the table with its key.
    pub rows: Vec<Option<usize>>,
    /// Things with a row.
    pub matched: usize,
    /// Keys of things without a row; each once, in order.
    pub unmatched_things: Vec<String>,
    /// Keys of rows that no thing has; each once, in order.
    pub unmatched_rows: Vec<String>,
    /// Keys that more than one row has; the first row counts.
    pub repeated_rows: Vec<String>,
    /// The keys only fit after their leading zeros were taken off (a spreadsheet does that to BAG ids).
    pub ignores_leading_zeros: bool,
}

/// Why two tables cannot be joined.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JoinError {
    #[error("\"{name}\" is not a column of \"{table}\"; it has {available}")]
    NoColumn { table: String, name: String, available: String },
}

/// Finds for every thing's key the row with the same key. Surrounding blanks do not count. Where nothing fits exactly,
/// leading zeros are ignored.
pub fn match_keys(things: &[String], rows: &[String]) -> KeyJoin {
    let exact = match_with(things, rows, |key| key.trim());
    if exact.matched > 0 {
        return exact;
    }
    let loose = match_with(things, rows, |key| key.trim().trim_start_matches('0'));
    if loose.matched > 0 { KeyJoin { ignores_leading_zeros: true, ..loose } } else { exact }
}

fn match_with(things: &[String], rows: &[String], plain: impl Fn(&str) -> &str) -> KeyJoin {
    let mut join = KeyJoin::default();
    let mut by_key: HashMap<&str, (usize, bool)> = HashMap::with_capacity(rows.len());
    for (row, key) in rows.iter().enumerate() {
        let key = plain(key);
        if key.is_empty() {
            continue;
        }
        if by_key.contains_key(key) {
            if !join.repeated_rows.iter().any(|known| known == key) {
                join.repeated_rows.push(key.to_owned());
            }
        } else {
            by_key.insert(key, (row, false));
        }
    }
    let mut missing = std::collections::HashSet::new();
    for key in things {
        let key = plain(key);
        let found = by_key.get_mut(key).map(|(row, is_used)| {
            *is_used = true;
            *row
        });
        if found.is_some() {
            join.matched += 1;
        } else if !key.is_empty() && missing.insert(key) {
            join.unmatched_things.push(key.to_owned());
        }
        join.rows.push(found);
    }
    let mut unused: Vec<(usize, &str)> =
        by_key.iter().filter(|(_, (_, is_used))| !is_used).map(|(key, (row, _))| (*row, *key)).collect();
    unused.sort_unstable();
    join.unmatched_rows = unused.into_iter().map(|(_, key)| key.to_owned()).collect();
    join
}

impl KeyJoin {
    /// Says what did not match, on both sides.
    pub fn tell(&self, things: &str, table: &str, report: &mut Report) {
        let some = |keys: &[String]| {
            let shown: Vec<&str> = keys.iter().take(5).map(String::as_str).collect();
            let more = if keys.len() > 5 { ", …" } else { "" };
            format!("{}{more}", shown.join(", "))
        };
        if !self.unmatched_rows.is_empty() {
            let message = format!(
                "{} keys of the table are not in \"{things}\": {}",
                self.unmatched_rows.len(),
                some(&self.unmatched_rows)
            );
            report.warn("join-unmatched", table, message);
        }
        if !self.unmatched_things.is_empty() {
            let message = format!(
                "{} keys have no row in \"{table}\": {}",
                self.unmatched_things.len(),
                some(&self.unmatched_things)
            );
            report.add(Severity::Info, "join-unmatched", things, message);
        }
        if !self.repeated_rows.is_empty() {
            let message = format!(
                "{} keys have more than one row, of which the first is taken: {}",
                self.repeated_rows.len(),
                some(&self.repeated_rows)
            );
            report.warn("join-repeated", table, message);
        }
        if self.ignores_leading_zeros {
            report.warn(
                "join-zeros",
                table,
                "the keys only fit without their leading zeros, which were ignored",
            );
        }
    }
}

/// The keys of a layer: a column of that name, or for "id" the features' own ids.
fn keys_of(layer: &FeatureLayer, name: &str) -> Result<Vec<String>, JoinError> {
    match layer.attributes.column(name) {
        Some(column) => Ok((0..layer.features.len()).map(|row| column.get(row).to_text()).collect()),
        None if name == "id" => Ok(layer.features.iter().map(|feature| feature.id.clone()).collect()),
        None => {
            let names: Vec<&str> =
                layer.attributes.columns().iter().map(|column| column.name.as_str()).collect();
            Err(JoinError::NoColumn {
                table: layer.name.clone(),
                name: name.to_owned(),
                available: names.join(", "),
            })
        }
    }
}

/// A copy of `layer` with the columns of `table` (except its key) added where the keys are equal, and what matched.
/// A column whose name is taken gets " (name of the table)" behind it. Cost: linear in both.
pub fn join_table(
    layer: &FeatureLayer,
    layer_key: &str,
    table: &FeatureLayer,
    table_key: &str,
) -> Result<(FeatureLayer, KeyJoin), JoinError> {
    let join = match_keys(&keys_of(layer, layer_key)?, &keys_of(table, table_key)?);
    let mut joined = layer.clone();
    for column in table.attributes.columns().iter().filter(|column| column.name != table_key) {
        let is_taken = layer.attributes.column(&column.name).is_some();
        let name = if is_taken { format!("{} ({})", column.name, table.name) } else { column.name.clone() };
        let position = joined.attributes.ensure_column(&name, column.unit.as_deref());
        for (row, found) in join.rows.iter().enumerate() {
            if let Some(found) = found {
                joined.attributes.set_at(row, position, column.get(*found));
            }
        }
    }
    joined.attributes.grow(joined.features.len());
    Ok((joined, join))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Feature, Value};

    fn texts(keys: &[&str]) -> Vec<String> {
        keys.iter().map(|&key| key.to_owned()).collect()
    }

    #[test]
    fn keys_match_and_both_sides_tell_what_is_left() {
        let join = match_keys(&texts(&["a", "b", "b", "c", ""]), &texts(&["b", "a ", "d", "b", ""]));
        assert_eq!(join.rows, [Some(1), Some(0), Some(0), None, None]);
        assert_eq!((join.matched, join.ignores_leading_zeros), (3, false));
        assert_eq!(
            (join.unmatched_things.as_slice(), join.unmatched_rows.as_slice()),
            (&texts(&["c"])[..], &texts(&["d"])[..])
        );
        assert_eq!(join.repeated_rows, ["b"]);
        let mut report = Report::default();
        join.tell("gebouwen", "tabel", &mut report);
        let codes: Vec<&str> = report.finish().iter().map(|fault| fault.code).collect();
        assert_eq!(codes, ["join-unmatched", "join-unmatched", "join-repeated"]);
    }

    #[test]
    fn zeros_that_a_spreadsheet_ate_are_forgiven_and_told() {
        let join = match_keys(&texts(&["0363100012345678"]), &texts(&["363100012345678"]));
        assert_eq!((join.matched, join.ignores_leading_zeros), (1, true));
    }

    #[test]
    fn columns_are_added_without_losing_the_old() {
        let mut layer = FeatureLayer { name: "wegen".into(), ..FeatureLayer::default() };
        let mut table = FeatureLayer { name: "tellingen".into(), ..FeatureLayer::default() };
        for (row, id) in ["w1", "w2"].into_iter().enumerate() {
            layer.features.push(Feature { id: id.into(), geometry: None });
            layer.attributes.set(row, "naam", format!("straat {id}"));
        }
        table.features.push(Feature { id: "1".into(), geometry: None });
        table.attributes.set(0, "weg", "w2");
        table.attributes.set(0, "naam", "telpunt 5");
        table.attributes.set(0, "aantal", 12_i64);
        let (joined, join) = join_table(&layer, "id", &table, "weg").unwrap();
        assert_eq!(join.matched, 1);
        assert_eq!(joined.attributes.get(1, "aantal"), Value::Integer(12));
        assert_eq!(joined.attributes.get(0, "aantal"), Value::Null);
        assert_eq!(joined.attributes.get(1, "naam"), Value::Text("straat w2".into()));
        assert_eq!(joined.attributes.get(1, "naam (tellingen)"), Value::Text("telpunt 5".into()));
        let error = join_table(&layer, "nummer", &table, "weg").unwrap_err();
        assert!(error.to_string().contains("\"nummer\"") && error.to_string().contains("naam"), "{error}");
    }
}
