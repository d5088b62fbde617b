//! What a building is used for, whatever its source calls it. The only place that knows attribute aliases.

use super::{AttributeTable, Value};

/// BAG "gebruiksdoel" (use function), from the Dutch register of addresses and buildings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum BuildingFunction {
    Housing,
    Office,
    Shop,
    Education,
    HealthCare,
    Gathering,
    Sport,
    Lodging,
    Industry,
    Cell,
    Other,
}

impl BuildingFunction {
    pub const ALL: [(Self, &'static str); 11] = [
        (Self::Housing, "woonfunctie"),
        (Self::Office, "kantoorfunctie"),
        (Self::Shop, "winkelfunctie"),
        (Self::Education, "onderwijsfunctie"),
        (Self::HealthCare, "gezondheidszorgfunctie"),
        (Self::Gathering, "bijeenkomstfunctie"),
        (Self::Sport, "sportfunctie"),
        (Self::Lodging, "logiesfunctie"),
        (Self::Industry, "industriefunctie"),
        (Self::Cell, "celfunctie"),
        (Self::Other, "overige gebruiksfunctie"),
    ];

    /// The BAG term.
    pub fn bag_name(self) -> &'static str {
        Self::ALL
            .iter()
            .find(|(function, _)| *function == self)
            .map_or("overige gebruiksfunctie", |(_, name)| name)
    }

    pub fn from_bag_name(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, known)| *known == name).map(|(function, _)| *function)
    }
}

/// Facts about one building as far as its source knows them. Nothing is invented: unknown stays `None`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BuildingFacts {
    pub function: Option<BuildingFunction>,
    /// What happens inside, in the OSM vocabulary: "supermarket", "doctors", "pharmacy", "primary_school", "childcare",
    /// "hospital", "station", "community_centre", "sports_hall", "fire_station", "parking".
    pub amenity: Option<String>,
    pub year: Option<i32>,
    pub floor_area_m2: Option<f64>,
    pub dwellings: Option<f64>,
    pub residents: Option<f64>,
    pub jobs: Option<f64>,
    pub name: Option<String>,
    pub street: Option<String>,
    pub house_number: Option<String>,
}

const NAME: [&str; 2] = ["name", "naam"];
const STREET: [&str; 2] = ["street", "straat"];
const HOUSE_NUMBER: [&str; 2] = ["house_number", "huisnummer"];

impl BuildingFacts {
    /// The name alone: searching a city asks it of every building.
    pub fn name_of(table: &AttributeTable, row: usize) -> Option<String> {
        text_of(table, row, &NAME)
    }

    /// Street and house number, when both are known.
    pub fn address_of(table: &AttributeTable, row: usize) -> Option<(String, String)> {
        text_of(table, row, &STREET).zip(text_of(table, row, &HOUSE_NUMBER))
    }

    pub fn from_row(table: &AttributeTable, row: usize) -> Self {
        let number = |names: &[&str]| table.first_of(row, names).as_f64();
        let text = |names: &[&str]| text_of(table, row, names);
        Self {
            function: text(&["function", "gebruiksdoel", "b3_gebruiksdoel"])
                .and_then(|name| BuildingFunction::from_bag_name(&name)),
            amenity: text(&["amenity"]),
            year: number(&["year", "oorspronkelijkbouwjaar", "yearOfConstruction", "bouwjaar"])
                .map(|year| year as i32),
            floor_area_m2: number(&["floor_area_m2", "oppervlakte", "b3_opp_vloer"]),
            dwellings: number(&["dwellings", "b3_aantal_woningen"]),
            residents: number(&["residents", "population"]),
            jobs: number(&["jobs"]),
            name: text(&NAME),
            street: text(&STREET),
            house_number: text(&HOUSE_NUMBER),
        }
    }
}

fn text_of(table: &AttributeTable, row: usize, names: &[&str]) -> Option<String> {
    match table.first_of(row, names) {
        Value::Null => None,
        value => Some(value.to_text()),
    }
}
