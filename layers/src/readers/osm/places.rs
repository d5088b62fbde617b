//! Buildings and points of interest from OSM tags, in the program's own vocabulary.

use std::collections::HashMap;

use geo::{BoundingRect, Contains, LineString, MultiPolygon, Polygon};
use rstar::{AABB, RTree, primitives::GeomWithData, primitives::Rectangle};

use super::{
    buildings::height_facts,
    element::{Member, Tags},
    network::Points,
};
use crate::model::{
    AttributeTable, Feature, FeatureLayer, FeatureRole, Value, building_facts::BuildingFunction,
};

/// Attributes kept of one element until its geometry is known.
pub(super) type Facts = Vec<(&'static str, Value)>;

/// `Some` for elements that are buildings.
pub(super) fn building_facts(tags: &Tags<'_>) -> Option<Facts> {
    let kind = tags.get("building").filter(|kind| *kind != "no")?;
    let mut facts: Facts = vec![("building", kind.into())];
    if let Some(function) = building_function(kind, tags) {
        facts.push(("function", function.bag_name().into()));
    }
    if let Some(amenity) = amenity(tags) {
        facts.push(("amenity", amenity.into()));
    }
    facts.extend(height_facts(tags));
    if let Some(year) = tags.first(&["start_date", "construction_date"]).and_then(year_of) {
        facts.push(("year", year.into()));
    }
    facts.extend(address(tags));
    Some(facts)
}

/// `Some` for parts of buildings that are drawn on their own.
pub(super) fn part_facts(tags: &Tags<'_>) -> Option<Facts> {
    let kind = tags.get("building:part").filter(|kind| *kind != "no")?;
    let mut facts: Facts = vec![("building_part", kind.into())];
    facts.extend(height_facts(tags));
    Some(facts)
}

/// `Some` for elements that a person may want to reach.
pub(super) fn poi_facts(tags: &Tags<'_>) -> Option<Facts> {
    let amenity = amenity(tags)?;
    let mut facts: Facts = vec![("amenity", amenity.into())];
    if let Some(capacity) = tags.get("capacity").and_then(|text| text.trim().parse::<i64>().ok()) {
        facts.push(("capacity", capacity.into()));
    }
    facts.extend(address(tags));
    Some(facts)
}

fn address(tags: &Tags<'_>) -> Facts {
    [("name", "name"), ("street", "addr:street"), ("house_number", "addr:housenumber")]
        .into_iter()
        .filter_map(|(column, key)| Some((column, Value::from(tags.get(key)?))))
        .collect()
}

fn year_of(text: &str) -> Option<i64> {
    let digits = text.get(..4)?;
    let year: i64 = digits.parse().ok()?;
    (1000..=2200).contains(&year).then_some(year)
}

fn building_function(kind: &str, tags: &Tags<'_>) -> Option<BuildingFunction> {
    use BuildingFunction as F;
    Some(match kind {
        "house" | "detached" | "semidetached_house" | "terrace" | "apartments" | "residential"
        | "bungalow" | "dormitory" | "houseboat" | "static_caravan" | "farm" => F::Housing,
        "office" | "commercial" | "government" => F::Office,
        "retail" | "shop" | "supermarket" | "kiosk" => F::Shop,
        "school" | "university" | "college" | "kindergarten" => F::Education,
        "hospital" | "clinic" => F::HealthCare,
        "church" | "chapel" | "mosque" | "synagogue" | "temple" | "cathedral" | "civic" | "public"
        | "religious" | "theatre" | "museum" | "pavilion" => F::Gathering,
        "sports_hall" | "sports_centre" | "stadium" | "grandstand" => F::Sport,
        "hotel" => F::Lodging,
        "industrial" | "warehouse" | "manufacture" | "factory" => F::Industry,
        "prison" => F::Cell,
        "garage" | "garages" | "shed" | "greenhouse" | "barn" | "parking" | "train_station"
        | "transportation" | "service" | "hangar" | "roof" => F::Other,
        _ => match (tags.get("amenity"), tags.get("shop"), tags.get("office"), tags.get("tourism")) {
            (Some("school" | "university" | "college" | "kindergarten"), ..) => F::Education,
            (Some("hospital" | "clinic" | "doctors"), ..) => F::HealthCare,
            (Some("place_of_worship" | "theatre" | "community_centre" | "library"), ..) => F::Gathering,
            (_, Some(_), ..) => F::Shop,
            (_, _, Some(_), _) => F::Office,
            (_, _, _, Some("hotel" | "hostel" | "guest_house")) => F::Lodging,
            _ => return None,
        },
    })
}

/// Street furniture and parts of other things: not places to go to.
const NO_PLACES: [&str; 14] = [
    "bench",
    "waste_basket",
    "waste_disposal",
    "parking_space",
    "parking_entrance",
    "grit_bin",
    "loading_dock",
    "hunting_stand",
    "clock",
    "fountain",
    "shelter",
    "smoking_area",
    "street_lamp",
    "vacant",
];

/// The word for what happens there: that of `BuildingFacts::amenity` where one fits, else the OSM value.
pub(super) fn amenity<'a>(tags: &'a Tags<'_>) -> Option<&'a str> {
    let name = tags.get("name").unwrap_or_default().to_lowercase();
    if let Some(amenity) = tags.get("amenity").filter(|value| !NO_PLACES.contains(value)) {
        return Some(match amenity {
            "clinic" => "doctors",
            "kindergarten" => "childcare",
            "school" if is_primary(tags, &name) => "primary_school",
            other => other,
        });
    }
    if let Some(shop) = tags.get("shop").filter(|value| !NO_PLACES.contains(value) && *value != "no") {
        return Some(shop);
    }
    if let Some(leisure) = tags.get("leisure") {
        return match leisure {
            "sports_centre" | "sports_hall" | "fitness_centre" => Some("sports_hall"),
            "park" | "playground" | "garden" | "swimming_pool" | "stadium" => Some(leisure),
            _ => None,
        };
    }
    if tags.is("railway", "station") || tags.is("railway", "halt") {
        return Some("station");
    }
    match tags.get("healthcare") {
        Some("doctor" | "clinic") => Some("doctors"),
        Some("pharmacy") => Some("pharmacy"),
        Some("hospital") => Some("hospital"),
        _ => None,
    }
}

/// Whether a school is for young children: by its ISCED level, else by its name.
fn is_primary(tags: &Tags<'_>, lower_name: &str) -> bool {
    match tags.get("isced:level") {
        Some(levels) => levels.contains('1'),
        None => ["basisschool", "primary", "grundschule", "ensino fundamental"]
            .iter()
            .any(|word| lower_name.contains(word)),
    }
}

/// What an area is to the program; one may be several things.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Building,
    BuildingPart,
    Place,
    Surface,
    LandUse,
}

/// A closed way or a multipolygon, not yet placed.
#[derive(Debug)]
pub(super) struct Area {
    /// "way/1" or "relation/1".
    pub id: String,
    pub outline: Outline,
    pub things: Vec<(Kind, Facts)>,
}

#[derive(Debug)]
pub(super) enum Outline {
    Way(Vec<i64>),
    Members(Vec<Member>),
}

/// A node that is a place.
#[derive(Debug)]
pub(super) struct Place {
    pub id: i64,
    pub position: [f64; 3],
    pub facts: Facts,
}

/// Joins the ends of ways into closed rings of node ids, in the order of the ways. Ways that close with nothing are left
/// out. Cost: linear in the nodes.
pub(super) fn rings_of(ways: &[&[i64]]) -> Vec<Vec<i64>> {
    let mut at_end: HashMap<i64, Vec<usize>> = HashMap::new();
    for (index, way) in ways.iter().enumerate() {
        for end in [way.first(), way.last()].into_iter().flatten() {
            at_end.entry(*end).or_default().push(index);
        }
    }
    let mut is_used = vec![false; ways.len()];
    let mut rings = Vec::new();
    for (index, way) in ways.iter().enumerate() {
        if is_used.get(index).copied().unwrap_or(true) {
            continue;
        }
        is_used[index] = true;
        let mut ring = way.to_vec();
        while ring.first() != ring.last() {
            let Some(end) = ring.last().copied() else { break };
            // Each end is asked for again and again, so used ways are taken off its list.
            let next = at_end.get_mut(&end).and_then(|list| {
                list.retain(|&way| !is_used.get(way).copied().unwrap_or(true));
                list.first().copied()
            });
            let Some(next) = next else { break };
            is_used[next] = true;
            let more = ways.get(next).copied().unwrap_or_default();
            if more.first() == Some(&end) {
                ring.extend(more.iter().skip(1));
            } else {
                ring.extend(more.iter().rev().skip(1));
            }
        }
        if ring.len() >= 4 && ring.first() == ring.last() {
            rings.push(ring);
        }
    }
    rings
}

/// Node ids → a closed line; `None` when a node is unknown.
fn line_of(ids: &[i64], points: &Points) -> Option<LineString<f64>> {
    let coords: Option<Vec<geo::Coord<f64>>> = ids
        .iter()
        .map(|&id| {
            let [x, y] = points.flat(u32::try_from(points.position_of(id)?).ok()?);
            x.is_finite().then_some(geo::Coord { x, y })
        })
        .collect();
    coords.filter(|coords| coords.len() >= 4).map(LineString)
}

/// Polygons of rings: each inner ring goes to the first outer ring that holds its first point.
pub(super) fn polygons_of(outer: &[Vec<i64>], inner: &[Vec<i64>], points: &Points) -> MultiPolygon<f64> {
    let mut polygons: Vec<Polygon<f64>> = outer
        .iter()
        .filter_map(|ring| line_of(ring, points))
        .map(|line| Polygon::new(line, Vec::new()))
        .collect();
    let holes: Vec<LineString<f64>> = inner.iter().filter_map(|ring| line_of(ring, points)).collect();
    if holes.is_empty() {
        return MultiPolygon(polygons);
    }
    let boxes = polygons.iter().enumerate().filter_map(|(index, polygon)| {
        let rect = polygon.bounding_rect()?;
        let corners = Rectangle::from_corners([rect.min().x, rect.min().y], [rect.max().x, rect.max().y]);
        Some(GeomWithData::new(corners, index))
    });
    let tree = RTree::bulk_load(boxes.collect());
    for hole in holes {
        let Some(&first) = hole.0.first() else { continue };
        let at = AABB::from_point([first.x, first.y]);
        let mut around: Vec<usize> =
            tree.locate_in_envelope_intersecting(at).map(|found| found.data).collect();
        around.sort_unstable();
        let holder = around
            .into_iter()
            .find(|&index| polygons.get(index).is_some_and(|polygon| polygon.contains(&geo::Point(first))));
        if let Some(polygon) = holder.and_then(|index| polygons.get_mut(index)) {
            polygon.interiors_push(hole);
        }
    }
    MultiPolygon(polygons)
}

/// A line of the known nodes; `None` when fewer than two are.
pub(super) fn open_line_of(ids: &[i64], points: &Points) -> Option<LineString<f64>> {
    let coords: Vec<geo::Coord<f64>> = ids
        .iter()
        .filter_map(|&id| {
            let [x, y] = points.flat(u32::try_from(points.position_of(id)?).ok()?);
            x.is_finite().then_some(geo::Coord { x, y })
        })
        .collect();
    (coords.len() > 1).then_some(LineString(coords))
}

/// Grows a feature layer row by row.
pub(super) struct LayerBuilder {
    layer: FeatureLayer,
}

impl LayerBuilder {
    pub fn new(name: &str, role: FeatureRole) -> Self {
        let layer = FeatureLayer {
            name: name.to_owned(),
            role,
            features: Vec::new(),
            attributes: AttributeTable::new(),
            ..FeatureLayer::default()
        };
        Self { layer }
    }

    pub fn push(&mut self, id: String, geometry: geo::Geometry<f64>, facts: Facts) {
        let row = self.layer.features.len();
        self.layer.features.push(Feature { id, geometry: Some(geometry) });
        for (column, value) in facts {
            self.layer.attributes.set(row, column, value);
        }
        self.layer.attributes.grow(row + 1);
    }

    pub fn finish(self) -> Option<FeatureLayer> {
        (!self.layer.features.is_empty()).then_some(self.layer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tags(pairs: &[(&'static str, &'static str)]) -> Tags<'static> {
        Tags(pairs.iter().map(|&(k, v)| (k.into(), v.into())).collect())
    }

    #[test]
    fn places_get_the_word_that_the_models_know() {
        for (pairs, word) in [
            (&[("amenity", "school"), ("name", "Basisschool De Regenboog")][..], Some("primary_school")),
            (&[("amenity", "school"), ("isced:level", "2;3")], Some("school")),
            (&[("amenity", "clinic")], Some("doctors")),
            (&[("shop", "supermarket")], Some("supermarket")),
            (&[("railway", "station")], Some("station")),
            (&[("leisure", "sports_centre")], Some("sports_hall")),
            (&[("amenity", "kindergarten")], Some("childcare")),
            (&[("amenity", "bench")], None),
            (&[("highway", "bus_stop")], None),
        ] {
            assert_eq!(amenity(&tags(pairs)), word, "{pairs:?}");
        }
    }

    #[test]
    fn building_tags_become_facts() {
        let facts = building_facts(&tags(&[
            ("building", "apartments"),
            ("height", "12 m"),
            ("start_date", "1932-05"),
            ("addr:street", "Damstraat"),
        ]))
        .unwrap();
        assert!(facts.contains(&("function", "woonfunctie".into())));
        assert!(facts.contains(&("height_m", 12.0.into())));
        assert!(facts.contains(&("year", 1932_i64.into())));
        assert!(facts.contains(&("street", "Damstraat".into())));
        assert!(building_facts(&tags(&[("building", "no")])).is_none());
    }

    #[test]
    fn ways_are_joined_into_rings_whatever_their_direction() {
        let rings = rings_of(&[&[1, 2, 3], &[1, 5, 4], &[3, 4], &[8, 9], &[20, 21, 22, 20]]);
        assert_eq!(rings.len(), 2);
        assert!(rings.iter().any(|ring| ring.len() == 6 && ring.first() == ring.last()));
    }
}
