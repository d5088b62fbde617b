//! Layers and attributes that formulas can name.
//!
//! | layer | attributes |
//! |---|---|
//! | `links` | `id`, `name`, `class`, `length_m`, `width_m`, `lanes`, `speed_limit_kmh`, `is_treated`, `traffic` (vehicles a day, with its band) |
//! | `buildings` | `id`, `function`, `amenity`, `footprint_m2`, `height_m`, `floor_area_m2`, `dwellings`, `residents`, `jobs`, `shop_m2` |
//! | `places` | `area`, `residents`, `jobs`, `shop_m2`, `schools` |
//! | `stops` | `id`, `name`, `is_bus_only` |
//! | `areas` | `id`, `name`, `residents`, `jobs` |

use std::collections::BTreeMap;

use crate::{baseline::Baseline, evaluate::Evaluation};

/// A value of a row.
#[derive(Clone, Debug, PartialEq)]
pub enum TableValue {
    /// With low, central and high adaptation; three times the same where nothing adapts.
    Number([f64; 3]),
    Text(String),
}

impl From<f64> for TableValue {
    fn from(number: f64) -> Self {
        Self::Number([number; 3])
    }
}
impl From<&str> for TableValue {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

/// Rows of one layer: columns of equal length.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Table {
    pub rows: usize,
    pub columns: BTreeMap<String, Vec<TableValue>>,
    /// Whether a column holds texts, also where there are no rows.
    pub is_text: BTreeMap<String, bool>,
}

impl Table {
    pub fn with_rows(rows: usize) -> Self {
        Self { rows, ..Self::default() }
    }

    /// Adds a column of numbers.
    #[must_use]
    pub fn numbers(mut self, name: &str, value: impl Fn(usize) -> f64) -> Self {
        self.columns.insert(name.to_owned(), (0..self.rows).map(|row| value(row).into()).collect());
        self.is_text.insert(name.to_owned(), false);
        self
    }

    /// Adds a column of texts.
    #[must_use]
    pub fn texts<'a>(mut self, name: &str, value: impl Fn(usize) -> &'a str) -> Self {
        self.columns.insert(name.to_owned(), (0..self.rows).map(|row| value(row).into()).collect());
        self.is_text.insert(name.to_owned(), true);
        self
    }
}

/// Layers by name.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tables(pub BTreeMap<String, Table>);

impl Tables {
    /// The layers of the city as it is; `traffic` is that of the baseline where it is known.
    pub fn of_baseline(baseline: &Baseline, evaluation: Option<&Evaluation>) -> Self {
        Self::new(baseline, evaluation, false)
    }

    /// The layers after a scenario: `traffic` and `is_treated` are those of the scenario. People are those of the
    /// baseline.
    pub fn of_scenario(baseline: &Baseline, evaluation: &Evaluation) -> Self {
        Self::new(baseline, Some(evaluation), true)
    }

    fn new(baseline: &Baseline, evaluation: Option<&Evaluation>, is_after: bool) -> Self {
        let (network, facts) = (baseline.network(), baseline.facts());
        let links = &network.links;
        let treated = evaluation.filter(|_| is_after).map_or(&[][..], |evaluation| &evaluation.treated_links);
        let mut table = Table::with_rows(links.len())
            .texts("id", |row| &links[row].id)
            .texts("name", |row| &links[row].name)
            .texts("class", |row| links[row].class.name())
            .numbers("length_m", |row| links[row].length_m)
            .numbers("width_m", |row| links[row].width_m)
            .numbers("lanes", |row| {
                f64::from(links[row].lanes_forward) + f64::from(links[row].lanes_backward)
            })
            .numbers("speed_limit_kmh", |row| links[row].speed_limit_mps * 3.6)
            .numbers("is_treated", |row| f64::from(u8::from(treated.binary_search(&row).is_ok())));
        if let Some(outcomes) =
            evaluation.map(|evaluation| &evaluation.links).filter(|links| !links.is_empty())
        {
            let traffic = outcomes.iter().map(|link| {
                // Most traffic is left with the least adaptation.
                let runs = if is_after { [link.high, link.central, link.low] } else { [link.baseline; 3] };
                TableValue::Number(runs)
            });
            table.columns.insert("traffic".to_owned(), traffic.collect());
            table.is_text.insert("traffic".to_owned(), false);
        }
        let buildings = baseline.buildings();
        let building_table = Table::with_rows(buildings.len())
            .texts("id", |row| &buildings[row].id)
            .texts("function", |row| buildings[row].function.map_or("", |function| function.bag_name()))
            .texts("amenity", |row| buildings[row].amenity.as_deref().unwrap_or_default())
            .numbers("footprint_m2", |row| buildings[row].footprint_m2)
            .numbers("height_m", |row| buildings[row].height_m)
            .numbers("floor_area_m2", |row| buildings[row].floor_area_m2)
            .numbers("dwellings", |row| buildings[row].dwellings)
            .numbers("residents", |row| buildings[row].residents)
            .numbers("jobs", |row| buildings[row].jobs)
            .numbers("shop_m2", |row| buildings[row].shop_m2);
        let (areas, places) = (&facts.areas, &facts.places);
        let area_of = |row: usize| {
            areas.of_place.get(row).copied().flatten().and_then(|area| areas.all.get(area as usize))
        };
        let place_table = Table::with_rows(places.len())
            .texts("area", |row| area_of(row).map_or("", |area| &area.name))
            .numbers("residents", |row| places[row].residents)
            .numbers("jobs", |row| places[row].jobs)
            .numbers("shop_m2", |row| places[row].shop_m2)
            .numbers("schools", |row| places[row].schools);
        let stops = &facts.stops;
        let stop_table = Table::with_rows(stops.len())
            .texts("id", |row| &stops[row].id)
            .texts("name", |row| &stops[row].name)
            .numbers("is_bus_only", |row| f64::from(u8::from(stops[row].is_bus_only)));
        let mut people = vec![(0.0, 0.0); areas.all.len()];
        for (place, area) in places.iter().zip(&areas.of_place) {
            if let Some(sum) = area.and_then(|area| people.get_mut(area as usize)) {
                sum.0 += place.residents;
                sum.1 += place.jobs;
            }
        }
        let area_table = Table::with_rows(areas.all.len())
            .texts("id", |row| &areas.all[row].id)
            .texts("name", |row| &areas.all[row].name)
            .numbers("residents", |row| people[row].0)
            .numbers("jobs", |row| people[row].1);
        Self(BTreeMap::from([
            ("links".to_owned(), table),
            ("buildings".to_owned(), building_table),
            ("places".to_owned(), place_table),
            ("stops".to_owned(), stop_table),
            ("areas".to_owned(), area_table),
        ]))
    }
}
