//! What lies on the ground, from OSM tags: surfaces in the program's vocabulary, land use, rail and trees.

use super::{element::Tags, places::Facts, street::length_m};

/// The word of `FeatureRole::Surfaces` for a tag.
fn surface_of(key: &str, value: &str) -> Option<&'static str> {
    Some(match (key, value) {
        ("natural", "water" | "bay")
        | ("waterway", "riverbank" | "dock" | "canal" | "boatyard")
        | ("landuse", "reservoir" | "basin" | "salt_pond")
        | ("water", _)
        | ("leisure", "swimming_pool") => "water",
        ("natural", "wood") | ("landuse", "forest") => "forest",
        ("leisure", "park" | "garden" | "dog_park") => "park",
        ("natural", "grassland" | "heath" | "scrub" | "fell" | "wetland")
        | (
            "landuse",
            "grass" | "meadow" | "village_green" | "recreation_ground" | "flowerbed" | "cemetery"
            | "greenfield",
        )
        | ("leisure", "common")
        | ("amenity", "grave_yard") => "grass",
        (
            "landuse",
            "farmland"
            | "orchard"
            | "vineyard"
            | "allotments"
            | "farmyard"
            | "plant_nursery"
            | "greenhouse_horticulture",
        ) => "farmland",
        ("leisure", "playground") => "playground",
        ("leisure", "pitch" | "track" | "golf_course") => "sport",
        ("amenity", "parking" | "bicycle_parking") => "parking",
        ("landuse", "railway") => "rail-bed",
        ("man_made", "bridge") => "bridge",
        ("man_made", "pier" | "quay") | ("waterway", "quay") => "quay",
        ("place", "square") => "square",
        _ => return None,
    })
}

const SURFACE_KEYS: [&str; 10] = [
    "man_made",
    "natural",
    "water",
    "waterway",
    "leisure",
    "amenity",
    "landuse",
    "place",
    "area:highway",
    "highway",
];

/// `Some` for areas that are a surface. The most particular tag wins.
pub(super) fn surface_facts(tags: &Tags<'_>) -> Option<Facts> {
    let (surface, key, value) = SURFACE_KEYS.into_iter().find_map(|key| {
        let value = tags.get(key)?;
        let surface = match key {
            // Ways of walking are areas only where they say so.
            "highway" | "area:highway" => match value {
                _ if key == "highway" && !tags.is("area", "yes") && !tags.is("type", "multipolygon") => {
                    return None;
                }
                "pedestrian" => "square",
                "footway" | "service" | "path" | "living_street" | "residential" | "platform" => "pavement",
                _ => return None,
            },
            _ => surface_of(key, value)?,
        };
        Some((surface, key, value))
    })?;
    // What lies under the ground is not seen, and an indoor one neither.
    if tags.is("location", "underground") || tags.get("indoor").is_some_and(|value| value != "no") {
        return None;
    }
    // Underground car parks and those on roofs are no surface of the city.
    if surface == "parking" && !matches!(tags.get("parking"), None | Some("surface" | "street_side" | "lane"))
    {
        return None;
    }
    let mut facts: Facts = vec![("surface", surface.into()), ("kind", format!("{key}={value}").into())];
    facts.extend(tags.get("name").map(|name| ("name", name.into())));
    Some(facts)
}

/// `Some` for areas of built-up land use, which are no surface but say what a quarter is for.
pub(super) fn land_use_facts(tags: &Tags<'_>) -> Option<Facts> {
    let value = tags.get("landuse").filter(|value| {
        matches!(
            *value,
            "residential"
                | "commercial"
                | "retail"
                | "industrial"
                | "port"
                | "harbour"
                | "military"
                | "construction"
                | "brownfield"
                | "quarry"
                | "landfill"
                | "education"
                | "institutional"
                | "religious"
                | "garages"
                | "depot"
                | "healthcare"
                | "winter_sports"
                | "civic_admin"
        )
    })?;
    let mut facts: Facts = vec![("land_use", value.into())];
    facts.extend(tags.get("name").map(|name| ("name", name.into())));
    Some(facts)
}

/// `Some` for lines of rail in use.
pub(super) fn rail_facts(tags: &Tags<'_>) -> Option<Facts> {
    let kind = tags.get("railway").filter(|kind| {
        matches!(*kind, "rail" | "tram" | "light_rail" | "subway" | "narrow_gauge" | "monorail" | "funicular")
    })?;
    let is_yes = |key: &str| tags.get(key).is_some_and(|value| value != "no");
    let mut facts: Facts = vec![("railway", kind.into())];
    facts.extend(tags.first(&["name", "ref"]).map(|name| ("name", name.into())));
    facts.push(("is_tunnel", is_yes("tunnel").into()));
    facts.push(("is_bridge", is_yes("bridge").into()));
    Some(facts)
}

/// `Some` for single trees. Sizes only where they are stated.
pub(super) fn tree_facts(tags: &Tags<'_>) -> Option<Facts> {
    if !tags.is("natural", "tree") {
        return None;
    }
    let mut facts: Facts = Vec::new();
    let size =
        |key: &[&str], most: f64| length_m(tags.first(key)).filter(|size| *size > 0.0 && *size <= most);
    facts.extend(size(&["height", "est_height"], 120.0).map(|height| ("height_m", height.into())));
    facts.extend(size(&["diameter_crown"], 60.0).map(|crown| ("crown_radius_m", (crown / 2.0).into())));
    facts.extend(tags.first(&["species", "taxon", "genus"]).map(|species| ("species", species.into())));
    facts.extend(tags.get("leaf_type").map(|leaf| ("leaf_type", leaf.into())));
    Some(facts)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tags(pairs: &[(&'static str, &'static str)]) -> Tags<'static> {
        Tags(pairs.iter().map(|&(k, v)| (k.into(), v.into())).collect())
    }

    #[test]
    fn areas_get_the_words_that_the_view_knows() {
        let word = |pairs: &[(&'static str, &'static str)]| {
            surface_facts(&tags(pairs)).map(|facts| facts[0].1.to_text()).unwrap_or_default()
        };
        for (pairs, expected) in [
            (&[("natural", "water"), ("water", "canal")][..], "water"),
            (&[("landuse", "forest")], "forest"),
            (&[("leisure", "park"), ("landuse", "grass")], "park"),
            (&[("landuse", "meadow")], "grass"),
            (&[("highway", "pedestrian"), ("area", "yes")], "square"),
            (&[("highway", "pedestrian")], ""),
            (&[("amenity", "parking")], "parking"),
            (&[("amenity", "parking"), ("parking", "underground")], ""),
            (&[("leisure", "pitch")], "sport"),
            (&[("landuse", "railway")], "rail-bed"),
            (&[("man_made", "bridge"), ("leisure", "park")], "bridge"),
            (&[("landuse", "residential")], ""),
        ] {
            assert_eq!(word(pairs), expected, "{pairs:?}");
        }
        assert!(land_use_facts(&tags(&[("landuse", "residential")])).is_some());
        assert!(rail_facts(&tags(&[("railway", "abandoned")])).is_none());
        let tree =
            tree_facts(&tags(&[("natural", "tree"), ("height", "12"), ("diameter_crown", "6 m")])).unwrap();
        assert!(tree.contains(&("height_m", 12.0.into())) && tree.contains(&("crown_radius_m", 3.0.into())));
    }
}
