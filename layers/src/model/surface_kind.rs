//! What covers the ground, whatever its source calls it. The only place that knows the words of the BGT (the Dutch
//! large-scale base map, IMGeo 2.2) and of TOP10NL.

use super::{FeatureLayer, Value};

/// Table of a source that this program knows, by the end of its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Table {
    Road,
    RoadSide,
    Planted,
    Unplanted,
    Water,
    WaterSide,
    Building,
    Bridge,
    Terrain,
    /// Areas that cover others: names, neighbourhoods, districts.
    Administrative,
}

impl Table {
    /// Names as the BGT's GML ("bgt_wegdeel"), CityGML-IMGeo ("trafficarea") and TOP10NL ("Wegdeel") have them.
    fn of(name: &str) -> Option<Self> {
        let name = name.to_lowercase();
        let last = name.rsplit(['.', ':', '/']).next().unwrap_or(&name);
        let bare = ["bgt_", "top10nl_", "brt_"].iter().find_map(|prefix| last.strip_prefix(prefix));
        Some(match bare.unwrap_or(last) {
            "wegdeel" | "wegdeel_vlak" | "trafficarea" => Self::Road,
            "ondersteunendwegdeel" | "auxiliarytrafficarea" => Self::RoadSide,
            "begroeidterreindeel" | "plantcover" => Self::Planted,
            "onbegroeidterreindeel" => Self::Unplanted,
            "waterdeel" | "waterdeel_vlak" => Self::Water,
            "ondersteunendwaterdeel" => Self::WaterSide,
            "pand" | "buildingpart" | "overigbouwwerk" | "gebouw" | "gebouw_vlak" => Self::Building,
            "overbruggingsdeel" | "bridgeconstructionelement" => Self::Bridge,
            "terrein" | "terrein_vlak" => Self::Terrain,
            "openbareruimtelabel"
            | "openbareruimte"
            | "functioneelgebied"
            | "buurt"
            | "wijk"
            | "stadsdeel"
            | "waterschap" => Self::Administrative,
            _ => return None,
        })
    }
}

/// What the surfaces of one layer are.
#[derive(Clone, Copy, Debug)]
pub struct SurfaceKinds<'a> {
    layer: &'a FeatureLayer,
    table: Option<Table>,
}

impl<'a> SurfaceKinds<'a> {
    pub fn of(layer: &'a FeatureLayer) -> Self {
        Self { layer, table: Table::of(&layer.name) }
    }

    /// Whether the layer is one of a base map whose words are known.
    pub fn is_base_map(&self) -> bool {
        self.table.is_some()
    }

    /// The word of `FeatureRole::Surfaces` for a row; `None` where it says nothing, and for what covers other surfaces
    /// (names, neighbourhoods) or is history.
    pub fn word(&self, row: usize) -> Option<String> {
        if let Value::Text(word) = self.layer.attributes.get(row, "surface") {
            return Some(word);
        }
        let table = self.table?;
        if self.is_history(row) {
            return None;
        }
        let text = |names: &[&str]| {
            let value = self.layer.attributes.first_of(row, names);
            value.as_str().map(str::to_lowercase).unwrap_or_default()
        };
        let function = || text(&["function", "functie", "hoofdverkeersgebruik"]);
        let class = || text(&["class", "klasse"]);
        let cover = || text(&["bgt-fysiekVoorkomen", "bgt_fysiekvoorkomen", "bgt_fysiekVoorkomen"]);
        let word = match table {
            Table::Road => road(&function()),
            Table::RoadSide => match function().as_str() {
                "berm" | "" => "grass",
                _ => "pavement",
            },
            Table::Planted => planted(&class()),
            Table::Unplanted => match cover().as_str() {
                "zand" | "onverhard" => "sand",
                "erf" => "yard",
                _ => "pavement",
            },
            Table::Water => "water",
            Table::WaterSide => "grass",
            Table::Building => "building",
            Table::Bridge => "bridge",
            Table::Terrain => planted(&text(&["typeLandgebruik", "typelandgebruik", "type_landgebruik"])),
            Table::Administrative => return None,
        };
        Some(word.to_owned())
    }

    /// Whether the thing is no longer there: registers keep what was.
    pub fn is_history(&self, row: usize) -> bool {
        let ended =
            ["terminationDate", "terminationdate", "eindRegistratie", "eindregistratie", "objectEindTijd"];
        let status = self.layer.attributes.first_of(row, &["bgt-status", "bgt_status"]);
        !self.layer.attributes.first_of(row, &ended).is_null()
            || status.as_str().is_some_and(|status| status == "historie" || status == "plan")
    }
}

fn road(function: &str) -> &'static str {
    match function {
        "fietspad" | "fietsers, bromfietsers" => "cycleway",
        "parkeervlak" | "parkeren" => "parking",
        "inrit" | "woonerf" | "voetgangersgebied" => "square",
        text if text.starts_with("voetpad") || text.starts_with("voetgangers") || text == "ruiterpad" => {
            "pavement"
        }
        "spoorbaan" => "rail-bed",
        _ => "road",
    }
}

fn planted(class: &str) -> &'static str {
    const FOREST: [&str; 5] = ["bos", "houtwal", "houtopstand", "populier", "griend"];
    const FIELDS: [&str; 6] = ["bouwland", "akkerland", "fruit", "boomgaard", "boomteelt", "boomkwekerij"];
    let has = |words: &[&str]| words.iter().any(|word| class.contains(word));
    if has(&FOREST) && !class.contains("bosplantsoen") {
        "forest"
    } else if has(&FIELDS) {
        "farmland"
    } else if class == "zand" || class == "duin" {
        "sand"
    } else if class == "groenvoorziening" || class == "struiken" {
        "park"
    } else {
        "grass"
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Feature;

    fn layer(name: &str, values: &[(&str, &str)]) -> FeatureLayer {
        let mut layer = FeatureLayer { name: name.to_owned(), ..FeatureLayer::default() };
        layer.features.push(Feature { id: "1".to_owned(), geometry: None });
        layer.attributes.grow(1);
        for (column, value) in values {
            layer.attributes.set(0, column, *value);
        }
        layer
    }

    fn word(name: &str, values: &[(&str, &str)]) -> Option<String> {
        SurfaceKinds::of(&layer(name, values)).word(0)
    }

    #[test]
    fn words_of_the_base_map_are_understood() {
        for (name, values, wanted) in [
            ("bgt_wegdeel", [("function", "voetpad op trap")].as_slice(), "pavement"),
            ("trafficarea", &[("function", "fietspad")], "cycleway"),
            ("bgt_wegdeel", &[("function", "rijbaan lokale weg")], "road"),
            ("bgt_begroeidterreindeel", &[("class", "gemengd bos")], "forest"),
            ("plantcover", &[("class", "groenvoorziening")], "park"),
            ("bgt_begroeidterreindeel", &[("class", "grasland agrarisch")], "grass"),
            ("onbegroeidterreindeel", &[("bgt_fysiekvoorkomen", "erf")], "yard"),
            ("bgt_waterdeel", &[], "water"),
            ("TOP10NL.Terrein", &[("typeLandgebruik", "bos: loofbos")], "forest"),
        ] {
            assert_eq!(word(name, values).as_deref(), Some(wanted), "{name} {values:?}");
        }
    }

    #[test]
    fn history_and_labels_cover_nothing() {
        assert_eq!(word("bgt_pand", &[]).as_deref(), Some("building"));
        assert_eq!(word("bgt_pand", &[("eindRegistratie", "2019-05-01")]), None);
        assert_eq!(word("bgt_pand", &[("bgt-status", "plan")]), None);
        assert_eq!(word("bgt_openbareruimtelabel", &[]), None);
        assert_eq!(word("my own table", &[("function", "fietspad")]), None);
        assert_eq!(word("my own table", &[("surface", "park")]).as_deref(), Some("park"));
    }
}
