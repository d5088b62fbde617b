//! How the ground of the city is divided between driving, parking, cycling, walking, green, water and the rest
//! (MODELS.md section 12, space split).
//!
//! Where a base map has the roads themselves (BGT), its areas count as they are. Elsewhere streets come from the network,
//! length × width, divided by the usual widths of lanes and pavements and by assumed parking places, and the mapped areas
//! count where no street and no area above them covers them. The sum of the classes is the area that is counted.

use std::sync::Arc;

use geo::{Area, Contains, MultiPolygon, Polygon, algorithm::unary_union};
use layers::model::{FeatureLayer, Link, LinkClass, Modes, StreetNetwork, surface_kind::SurfaceKinds};

use crate::{
    assumptions::{Assumption, Assumptions},
    edit::{BuildingEdit, NetworkEdit},
    evaluate::Cancel,
};

/// Corners of areas and streets from which on overlaps are no longer looked for: some five seconds, once for a city.
const MOST_CORNERS: usize = 600_000;

/// What a square metre of ground is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SpaceClass {
    Driving,
    Parking,
    Cycle,
    Foot,
    Green,
    Water,
    Other,
}

use SpaceClass::{Cycle, Driving, Foot, Green, Other, Parking, Water};

impl SpaceClass {
    pub const ALL: [Self; 7] = [Driving, Parking, Cycle, Foot, Green, Water, Other];

    /// Kebab-case name for texts and files.
    pub fn name(self) -> &'static str {
        match self {
            Driving => "driving",
            Parking => "parking",
            Cycle => "cycle",
            Foot => "foot",
            Green => "green",
            Water => "water",
            Other => "other",
        }
    }
}

/// m² by class, in the order of [`SpaceClass::ALL`].
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Split([f64; 7]);

impl Split {
    pub fn get(&self, class: SpaceClass) -> f64 {
        self.0[class as usize]
    }

    pub fn total(&self) -> f64 {
        self.0.iter().sum()
    }

    fn add(&mut self, class: SpaceClass, m2: f64) {
        self.0[class as usize] += m2;
    }

    /// Takes m² from classes in order, none below 0, and gives what was there to take.
    fn take(&mut self, classes: &[SpaceClass], m2: f64) -> f64 {
        let mut left = m2;
        for &class in classes {
            let part = left.min(self.get(class)).max(0.0);
            self.add(class, -part);
            left -= part;
        }
        m2 - left
    }
}

/// Low, central or high of the assumptions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    Low,
    Central,
    High,
}

impl Level {
    pub const ALL: [Self; 3] = [Self::Low, Self::Central, Self::High];

    fn of(self, assumption: &Assumption) -> f64 {
        match self {
            Self::Low => assumption.low,
            Self::Central => assumption.central,
            Self::High => assumption.high,
        }
    }
}

/// The ground as it is.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Ground {
    /// With low, central and high numbers of assumed parking places.
    pub splits: [Split; 3],
    /// m² of mapped areas for parking.
    pub mapped_parking: f64,
    /// Whether a base map has the roads themselves; then no parking place is assumed.
    pub has_mapped_roads: bool,
    /// Whether areas on top of each other count each, because there are too many to tell.
    pub counts_overlaps: bool,
}

impl Ground {
    /// From streets and areas; `None` when it was cancelled. Cost: linear; with areas and without a base map an overlay,
    /// O(n log n) in their corners.
    pub fn new(
        network: &StreetNetwork,
        surfaces: &[Arc<FeatureLayer>],
        assumptions: &Assumptions,
        cancel: &Cancel,
    ) -> Option<Self> {
        let mut groups: [Vec<Polygon>; GROUPS.len()] = Default::default();
        let (mut has_mapped_roads, mut corners) = (false, 0);
        for (group, polygon) in surfaces.iter().flat_map(|layer| areas_of(layer)) {
            has_mapped_roads |= GROUPS[group] == Driving;
            corners += polygon.exterior().0.len();
            groups[group].push(polygon.clone());
        }
        let has_areas = groups.iter().any(|group| !group.is_empty());
        let mut mapped = Split::default();
        let strips = if has_mapped_roads || !has_areas { Vec::new() } else { strips(network) };
        let counts_overlaps = !has_mapped_roads && corners + 5 * strips.len() > MOST_CORNERS;
        if has_mapped_roads || counts_overlaps {
            for (group, class) in groups.iter().zip(GROUPS) {
                mapped.add(class, group.iter().map(Area::unsigned_area).sum());
            }
        } else {
            // From the top down: each group adds what nothing above it covers.
            let mut covered =
                if strips.is_empty() { MultiPolygon::new(Vec::new()) } else { unary_union(&strips) };
            let mut above = covered.unsigned_area();
            for (group, class) in groups.into_iter().zip(GROUPS) {
                if group.is_empty() {
                    continue;
                }
                if cancel.is_cancelled() {
                    return None;
                }
                covered.0.extend(group);
                covered = unary_union(&covered.0);
                let area = covered.unsigned_area();
                mapped.add(class, (area - above).max(0.0));
                above = area;
            }
        }
        let splits = Level::ALL.map(|level| {
            let mut split = mapped;
            if !has_mapped_roads {
                for link in &network.links {
                    let street = StreetUse::of(link).split(link, true, level, assumptions);
                    for class in SpaceClass::ALL {
                        split.add(class, street.get(class));
                    }
                }
            }
            split
        });
        Some(Self { splits, mapped_parking: mapped.get(Parking), has_mapped_roads, counts_overlaps })
    }

    /// With central assumptions.
    pub fn split(&self) -> &Split {
        &self.splits[1]
    }

    /// The ground after a scenario. Room for parking in streets comes from the rest, then from lanes and pavements; what
    /// becomes free has no use until a plan gives it one.
    pub fn changed(
        &self,
        network: &StreetNetwork,
        surfaces: &[Arc<FeatureLayer>],
        streets: &NetworkEdit,
        buildings: &BuildingEdit,
        assumptions: &Assumptions,
    ) -> GroundChange {
        let mut change = GroundChange { splits: self.splits, ..GroundChange::default() };
        for (level, split) in Level::ALL.into_iter().zip(&mut change.splits) {
            let is_central = level == Level::Central;
            for (index, edit) in streets.changed_links() {
                let Some(link) = network.links.get(index) else { continue };
                let (was, is) = (StreetUse::of(link), StreetUse::after(link, edit.class, edit.is_for_foot));
                let before_parking = split.get(Parking);
                if was != is {
                    let [a, b] = [was, is].map(|u| u.split(link, !self.has_mapped_roads, level, assumptions));
                    for class in SpaceClass::ALL {
                        let lost = split.take(&[class], (a.get(class) - b.get(class)).max(0.0));
                        split.add(is.main(), lost);
                    }
                }
                let place_m2 = level.of(&assumptions.street_place_m2);
                let wanted = edit.parking_places * place_m2;
                // Where nobody drives any more, the places that are taken away went already.
                let gone = before_parking - split.get(Parking);
                if wanted < 0.0 {
                    let left = (-wanted - gone).max(0.0);
                    let lost = split.take(&[Parking], left);
                    split.add(if is.is_for_foot { Foot } else { Other }, lost);
                    if is_central && left - lost > 1e-6 {
                        change.unknown_places += (left - lost) / place_m2;
                    }
                } else if wanted > 0.0 {
                    let found = split.take(&[Other, Driving, Foot], wanted);
                    split.add(Parking, found);
                }
                let moved = split.get(Parking) - before_parking;
                if is_central && moved != 0.0 {
                    change.by_link.push((index, moved));
                }
            }
            for hub in buildings.hubs() {
                let m2 = hub.places * level.of(&assumptions.hub_place_m2);
                let mut found = 0.0;
                if let Some(class) = class_at(surfaces, hub.position).filter(|class| *class != Parking) {
                    found = split.take(&[class, Other], m2);
                }
                split.add(Parking, m2);
                if is_central {
                    change.hub_m2 += m2;
                    change.added_m2 += m2 - found;
                }
            }
            for &(_, m2) in buildings.green() {
                let found = split.take(&[Other], m2);
                split.add(Green, m2);
                if is_central {
                    change.added_m2 += m2 - found;
                }
            }
        }
        change
    }
}

/// What a scenario does to the ground.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct GroundChange {
    /// With low, central and high assumptions.
    pub splits: [Split; 3],
    /// Change of parking by link, m²; ascending.
    pub by_link: Vec<(usize, f64)>,
    /// m² of new hubs.
    pub hub_m2: f64,
    /// m² that were not in the counted area before: land that no map of the project has.
    pub added_m2: f64,
    /// Places that the plan takes away and that neither maps nor assumptions have.
    pub unknown_places: f64,
}

impl GroundChange {
    pub fn split(&self) -> &Split {
        &self.splits[1]
    }
}

/// How a street is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct StreetUse {
    class: LinkClass,
    /// Whether vehicles may drive there at all.
    has_vehicles: bool,
    is_for_foot: bool,
}

impl StreetUse {
    fn of(link: &Link) -> Self {
        let modes = link.forward | link.backward;
        let has_vehicles = modes.contains(Modes::CAR) || modes.contains(Modes::BUS);
        Self { class: link.class, has_vehicles, is_for_foot: false }
    }

    /// A street that is only closed keeps its paving, and so its use.
    fn after(link: &Link, class: Option<LinkClass>, is_for_foot: bool) -> Self {
        let was = Self::of(link);
        Self { class: class.unwrap_or(was.class), is_for_foot: is_for_foot && was.has_vehicles, ..was }
    }

    /// What the carriageway is for.
    fn main(self) -> SpaceClass {
        match self.class {
            _ if self.is_for_foot => Foot,
            LinkClass::Cycleway | LinkClass::CycleStreet => Cycle,
            LinkClass::Pedestrian | LinkClass::Footway | LinkClass::Path | LinkClass::Steps => Foot,
            _ if !self.has_vehicles => Foot,
            _ => Driving,
        }
    }

    /// m² by class, which together are length × width; nothing under the ground.
    fn split(self, link: &Link, assumes_places: bool, level: Level, assumptions: &Assumptions) -> Split {
        let mut split = Split::default();
        let (length, width) = (link.length_m, link.width_m);
        if link.is_tunnel || !(length * width).is_finite() || length * width <= 0.0 {
            return split;
        }
        // What lies beside the lanes stays that of the street as it was, whatever the lanes become.
        if !link.class.is_carriageway() || !self.has_vehicles {
            split.add(self.main(), length * width);
            return split;
        }
        let lanes = f64::from(link.lanes_forward.max(1)) + f64::from(link.lanes_backward);
        let carriageway = (lanes * assumptions.lane_width_m.central).min(width);
        let mut rest = width - carriageway;
        split.add(self.main(), length * carriageway);
        let has_pavement = !matches!(link.class, LinkClass::Motorway | LinkClass::Trunk | LinkClass::Service);
        let pavement =
            if has_pavement { (2.0 * assumptions.pavement_width_m.central).min(rest) } else { 0.0 };
        split.add(Foot, length * pavement);
        rest -= pavement;
        let has_places = matches!(
            link.class,
            LinkClass::Unclassified
                | LinkClass::Residential
                | LinkClass::LivingStreet
                | LinkClass::CycleStreet
        );
        if assumes_places && has_places {
            let places = level.of(&assumptions.street_places_per_100m) / 100.0;
            let parking = (places * assumptions.street_place_m2.central).min(rest);
            split.add(if self.is_for_foot { Foot } else { Parking }, length * parking);
            rest -= parking;
        }
        split.add(Other, length * rest);
        split
    }
}

/// Classes of mapped areas from the top down: what lies higher counts where areas overlap. "Other" is there twice:
/// buildings and rails above, farmland and yards below.
const GROUPS: [SpaceClass; 8] = [Parking, Cycle, Driving, Foot, Other, Water, Green, Other];

/// The place in [`GROUPS`] of a word of `FeatureRole::Surfaces`.
fn group_of(word: &str, kind: &str) -> usize {
    match word {
        _ if kind.ends_with("bicycle_parking") => 1,
        "parking" => 0,
        "cycleway" => 1,
        "road" => 2,
        "pavement" | "square" | "quay" => 3,
        "building" | "rail-bed" | "bridge" | "sport" => 4,
        "water" => 5,
        "grass" | "park" | "forest" | "playground" => 6,
        _ => 7,
    }
}

/// The areas of a layer with their places in [`GROUPS`].
fn areas_of(layer: &FeatureLayer) -> impl Iterator<Item = (usize, &Polygon)> {
    let kinds = SurfaceKinds::of(layer);
    layer.features.iter().enumerate().flat_map(move |(row, feature)| {
        let word = kinds.word(row);
        let kind = layer.attributes.get(row, "kind").to_text();
        let polygons: &[Polygon] = match &feature.geometry {
            Some(geo::Geometry::Polygon(polygon)) => std::slice::from_ref(polygon),
            Some(geo::Geometry::MultiPolygon(many)) => &many.0,
            _ => &[],
        };
        let group = word.map(|word| group_of(&word, &kind));
        group.into_iter().flat_map(move |group| polygons.iter().map(move |polygon| (group, polygon)))
    })
}

/// What the maps have at a point, the topmost; `None` where they have nothing.
fn class_at(surfaces: &[Arc<FeatureLayer>], [x, y]: [f64; 2]) -> Option<SpaceClass> {
    let point = geo::Point::new(x, y);
    let around = surfaces.iter().flat_map(|layer| areas_of(layer)).filter(|(_, area)| area.contains(&point));
    around.map(|(group, _)| group).min().map(|group| GROUPS[group])
}

/// A rectangle for each straight piece of a street.
fn strips(network: &StreetNetwork) -> Vec<Polygon> {
    let mut strips = Vec::new();
    for link in network.links.iter().filter(|link| !link.is_tunnel && link.width_m > 0.0) {
        for pair in link.geometry.windows(2) {
            let [[ax, ay], [bx, by]] = [pair[0], pair[1]];
            let length = (bx - ax).hypot(by - ay);
            if !length.is_finite() || length <= 0.0 {
                continue;
            }
            let half = link.width_m / 2.0 / length;
            let (nx, ny) = (-(by - ay) * half, (bx - ax) * half);
            let corners =
                vec![(ax + nx, ay + ny), (bx + nx, by + ny), (bx - nx, by - ny), (ax - nx, ay - ny)];
            strips.push(Polygon::new(corners.into(), Vec::new()));
        }
    }
    strips
}

#[cfg(test)]
mod tests {
    use geo::Rect;
    use layers::model::{Feature, FeatureRole};

    use super::*;

    fn map(areas: &[(&str, [f64; 4])]) -> Arc<FeatureLayer> {
        let mut layer = FeatureLayer { role: FeatureRole::Surfaces, ..FeatureLayer::default() };
        for (row, (word, [x0, y0, x1, y1])) in areas.iter().enumerate() {
            let area = Rect::new((*x0, *y0), (*x1, *y1)).to_polygon();
            layer.features.push(Feature { id: format!("s{row}"), geometry: Some(area.into()) });
            layer.attributes.set(row, "surface", *word);
        }
        Arc::new(layer)
    }

    fn ground(surfaces: &[Arc<FeatureLayer>]) -> Ground {
        let network = StreetNetwork::default();
        Ground::new(&network, surfaces, &Assumptions::default(), &Cancel::default()).unwrap()
    }

    #[test]
    fn areas_on_top_of_each_other_count_once_and_the_classes_sum_to_the_area() {
        let park = [0.0, 0.0, 100.0, 100.0];
        let surfaces = [map(&[
            ("park", park),
            ("water", [40.0, 40.0, 60.0, 60.0]),
            ("parking", [50.0, 50.0, 70.0, 60.0]),
        ])];
        let ground = ground(&surfaces);
        let split = ground.split();
        for (class, m2) in [(Parking, 200.0), (Water, 300.0), (Green, 9_500.0), (Driving, 0.0)] {
            assert!((split.get(class) - m2).abs() < 0.01, "{class:?}: {split:?}");
        }
        assert!((split.total() - 10_000.0).abs() < 0.1);
        assert!((ground.mapped_parking - 200.0).abs() < 0.01 && !ground.has_mapped_roads);
        assert_eq!(class_at(&surfaces, [55.0, 55.0]), Some(Parking));
        assert_eq!(class_at(&surfaces, [45.0, 45.0]), Some(Water));
        assert_eq!(class_at(&surfaces, [-1.0, 45.0]), None);
    }

    #[test]
    fn with_the_roads_of_a_base_map_its_areas_count_as_they_are() {
        let surfaces = [map(&[
            ("road", [0.0, 0.0, 100.0, 6.0]),
            ("parking", [0.0, 6.0, 100.0, 8.0]),
            ("pavement", [0.0, 8.0, 100.0, 10.0]),
        ])];
        let ground = ground(&surfaces);
        assert!(ground.has_mapped_roads);
        assert_eq!((ground.split().get(Driving), ground.split().get(Parking)), (600.0, 200.0));
        assert_eq!(ground.splits[0], ground.splits[2], "nothing is assumed");
    }

    #[test]
    fn nothing_is_taken_that_is_not_there() {
        let mut split = Split([10.0, 0.0, 0.0, 5.0, 0.0, 0.0, 2.0]);
        assert_eq!(split.take(&[Other, Driving, Foot], 15.0), 15.0);
        assert_eq!((split.get(Other), split.get(Driving), split.get(Foot)), (0.0, 0.0, 2.0));
        assert_eq!(split.take(&[Parking, Foot], 9.0), 2.0);
        assert_eq!(split.total(), 0.0);
    }
}
