//! What the models take from the layers: who lives and works where, which daily needs are met where, and where help
//! comes from.

use std::sync::Arc;

use geo::{Area, Centroid};
use layers::model::{
    CityModel, FeatureLayer, FeatureRole, Layer, LayerData, Timetable, Value,
    building_facts::{BuildingFacts, BuildingFunction},
};

use super::{areas::Areas, buildings::Building, cordon::CordonPoint};
use crate::assumptions::Assumptions;

/// A place with people or things that attract them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Place {
    /// Project CRS, metres.
    pub position: [f64; 2],
    pub residents: f64,
    pub jobs: f64,
    pub shop_m2: f64,
    /// Schools, counted.
    pub schools: f64,
}

impl Place {
    /// Whether nobody is here and nothing attracts anyone.
    pub fn is_empty(&self) -> bool {
        self.residents + self.jobs + self.shop_m2 + self.schools <= 0.0
    }
}

/// The eight daily needs of the 15-minute score (MODELS.md section 5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DailyNeed {
    Food,
    Care,
    PrimarySchool,
    Childcare,
    Green,
    Stop,
    Sport,
    MeetingPlace,
}

impl DailyNeed {
    pub const ALL: [Self; 8] = [
        Self::Food,
        Self::Care,
        Self::PrimarySchool,
        Self::Childcare,
        Self::Green,
        Self::Stop,
        Self::Sport,
        Self::MeetingPlace,
    ];

    /// Kebab-case name for texts and files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Food => "food",
            Self::Care => "doctor-or-pharmacy",
            Self::PrimarySchool => "primary-school",
            Self::Childcare => "childcare",
            Self::Green => "green",
            Self::Stop => "stop",
            Self::Sport => "sport-or-play",
            Self::MeetingPlace => "meeting-place",
        }
    }

    /// The need that an OSM amenity (or leisure, shop) word meets.
    fn of_amenity(amenity: &str) -> Option<Self> {
        Some(match amenity {
            "supermarket" | "convenience" | "marketplace" | "greengrocer" | "bakery" => Self::Food,
            "doctors" | "pharmacy" | "clinic" | "health_centre" | "healthcare" => Self::Care,
            "primary_school" | "school" => Self::PrimarySchool,
            "childcare" | "kindergarten" => Self::Childcare,
            "sports_hall" | "sports_centre" | "playground" | "pitch" | "swimming_pool" => Self::Sport,
            "community_centre" | "library" | "social_centre" | "theatre" => Self::MeetingPlace,
            _ => return None,
        })
    }
}

/// Everything the models need besides the network.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CityFacts {
    /// Places with residents, jobs, shops or schools; in the order of the layers.
    pub places: Vec<Place>,
    /// Whether places are single buildings rather than zones.
    pub is_by_building: bool,
    /// Places that meet each need, in the order of [`DailyNeed::ALL`]; several points for a large area.
    pub needs: [Vec<[f64; 2]>; 8],
    /// Stops with the route types that call there, for measures that move buses.
    pub stops: Vec<StopFact>,
    /// Hospitals and fire stations.
    pub emergency_sites: Vec<[f64; 2]>,
    /// Counted points of entry, and where the counts come from.
    pub cordon: Vec<CordonPoint>,
    pub cordon_sources: Vec<String>,
    /// Neighbourhoods or squares, to say who gains and who loses.
    pub areas: Arc<Areas>,
    /// What was assumed because a source did not say, in plain words.
    pub remarks: Vec<String>,
}

/// A stop with what calls there.
#[derive(Clone, Debug, PartialEq)]
pub struct StopFact {
    pub id: String,
    pub name: String,
    pub position: [f64; 2],
    /// Whether only road vehicles (GTFS route type 3, bus) call there.
    pub is_bus_only: bool,
}

impl CityFacts {
    /// Gathers the facts of all layers.
    pub fn from_layers(layers: &[Layer], assumptions: &Assumptions) -> Self {
        Self::with_buildings(layers, assumptions).0
    }

    /// As [`Self::from_layers`], with the table of buildings in the order of the layers.
    pub fn with_buildings(layers: &[Layer], assumptions: &Assumptions) -> (Self, Vec<Building>) {
        let mut facts = Self::default();
        let mut buildings = Vec::new();
        for layer in layers {
            match &layer.data {
                LayerData::City(city) => facts.add_buildings(city, assumptions, &mut buildings),
                LayerData::Transit(timetable) => facts.add_stops(timetable),
                _ => {}
            }
        }
        facts.is_by_building = facts.residents() > 0.0;
        for layer in layers {
            if let LayerData::Features(features) = &layer.data {
                facts.add_cordon(features, &layer.provenance.source);
                facts.add_features(features, assumptions);
            }
        }
        facts.areas = Arc::new(Areas::new(layers, &facts.places));
        (facts, buildings)
    }

    pub fn residents(&self) -> f64 {
        self.places.iter().map(|place| place.residents).sum()
    }

    pub fn jobs(&self) -> f64 {
        self.places.iter().map(|place| place.jobs).sum()
    }

    pub fn need(&self, need: DailyNeed) -> &[[f64; 2]] {
        &self.needs[need as usize]
    }

    fn meets(&mut self, need: DailyNeed, position: [f64; 2]) {
        self.needs[need as usize].push(position);
    }

    pub(super) fn add_amenity(&mut self, amenity: &str, position: [f64; 2]) {
        if let Some(need) = DailyNeed::of_amenity(amenity) {
            self.meets(need, position);
        }
        if matches!(amenity, "hospital" | "fire_station" | "ambulance_station") {
            self.emergency_sites.push(position);
        }
    }

    fn add_buildings(&mut self, city: &CityModel, assumptions: &Assumptions, buildings: &mut Vec<Building>) {
        let mut from_area = 0_usize;
        for (row, object) in city.objects.iter().enumerate() {
            // Parts repeat what their building says.
            if !object.object_type.is_building() || !object.parents.is_empty() {
                continue;
            }
            let facts = BuildingFacts::from_row(&city.attributes, row);
            let Some(position) = position_of(city, row) else { continue };
            let area = facts.floor_area_m2.filter(|area| *area > 0.0).unwrap_or(0.0);
            let function = facts.function;
            let residents = facts
                .residents
                .or_else(|| {
                    facts.dwellings.map(|dwellings| dwellings * assumptions.residents_per_dwelling.central)
                })
                .unwrap_or(0.0);
            let jobs = facts.jobs.unwrap_or_else(|| {
                if function == Some(BuildingFunction::Office) && area > 0.0 {
                    from_area += 1;
                    area / assumptions.office_m2_per_job.central
                } else {
                    0.0
                }
            });
            let is_school = matches!(facts.amenity.as_deref(), Some("primary_school" | "school"))
                || (facts.amenity.is_none() && function == Some(BuildingFunction::Education));
            let place = Place {
                position,
                residents: residents.max(0.0),
                jobs: jobs.max(0.0),
                shop_m2: if function == Some(BuildingFunction::Shop) { area } else { 0.0 },
                schools: if is_school { 1.0 } else { 0.0 },
            };
            if let Some(amenity) = &facts.amenity {
                self.add_amenity(amenity, position);
            } else if function == Some(BuildingFunction::Sport) {
                self.meets(DailyNeed::Sport, position);
            } else if function == Some(BuildingFunction::Gathering) {
                self.meets(DailyNeed::MeetingPlace, position);
            }
            let mut building = Building::new(city, row, &facts, &place);
            if !place.is_empty() {
                building.place = Some(self.places.len() as u32);
                self.places.push(place);
            }
            buildings.push(building);
        }
        if from_area > 0 {
            self.remarks.push(format!("jobs of {from_area} office buildings come from their floor area"));
        }
    }

    /// Takes the served stops of a timetable, as stops and as a daily need.
    pub(crate) fn add_stops(&mut self, timetable: &Timetable) {
        let mut is_served = vec![false; timetable.stops.len()];
        let mut has_other = vec![false; timetable.stops.len()];
        for index in 0..timetable.trips.len() {
            let route = timetable.trips[index].route as usize;
            let is_bus = timetable
                .routes
                .get(route)
                .is_none_or(|route| matches!(route.route_type, 3 | 11 | 700..=799));
            for call in timetable.calls(index) {
                let stop = call.stop as usize;
                if let Some(served) = is_served.get_mut(stop) {
                    *served = true;
                    has_other[stop] |= !is_bus;
                }
            }
        }
        for (index, stop) in timetable.stops.iter().enumerate() {
            if is_served[index] {
                self.stops.push(StopFact {
                    id: stop.id.clone(),
                    name: stop.name.clone(),
                    position: stop.position,
                    is_bus_only: !has_other[index],
                });
                self.meets(DailyNeed::Stop, stop.position);
            }
        }
    }

    fn add_features(&mut self, layer: &FeatureLayer, assumptions: &Assumptions) {
        match layer.role {
            FeatureRole::Zones => self.add_zones(layer),
            FeatureRole::PointsOfInterest => {
                for (row, feature) in layer.features.iter().enumerate() {
                    let position = feature.geometry.as_ref().and_then(center_of);
                    if let (Some(position), Value::Text(amenity)) =
                        (position, layer.attributes.get(row, "amenity"))
                    {
                        self.add_amenity(&amenity, position);
                    }
                }
            }
            FeatureRole::Surfaces => {
                for (row, feature) in layer.features.iter().enumerate() {
                    let Value::Text(surface) = layer.attributes.get(row, "surface") else { continue };
                    let Some(geometry) = &feature.geometry else { continue };
                    let is_green = matches!(surface.as_str(), "park" | "grass" | "forest" | "playground");
                    if is_green && geometry.unsigned_area() >= assumptions.green_min_area_m2.central {
                        self.needs[DailyNeed::Green as usize].extend(border_points(geometry));
                    }
                    if matches!(surface.as_str(), "playground" | "sport") {
                        self.needs[DailyNeed::Sport as usize].extend(border_points(geometry));
                    }
                }
            }
            FeatureRole::Trees | FeatureRole::Rail | FeatureRole::Generic => {}
        }
    }

    /// Zones give people and jobs where no building does, and counts of schools and care.
    fn add_zones(&mut self, layer: &FeatureLayer) {
        for (row, feature) in layer.features.iter().enumerate() {
            let Some(position) = feature.geometry.as_ref().and_then(center_of) else { continue };
            let number = |names: &[&str]| {
                layer
                    .attributes
                    .first_of(row, names)
                    .as_f64()
                    .filter(|n| n.is_finite() && *n > 0.0)
                    .unwrap_or(0.0)
            };
            let schools = number(&["schools"]);
            if schools > 0.0 {
                self.meets(DailyNeed::PrimarySchool, position);
            }
            if number(&["healthcare"]) > 0.0 {
                self.meets(DailyNeed::Care, position);
            }
            if self.is_by_building {
                continue;
            }
            let place = Place {
                position,
                residents: number(&["population", "residents"]),
                jobs: number(&["jobs"]),
                shop_m2: 0.0,
                schools,
            };
            if place.residents + place.jobs + place.schools > 0.0 {
                self.places.push(place);
            }
        }
    }
}

/// Middle of the box around the first geometry of an object or of its parts.
fn position_of(city: &CityModel, row: usize) -> Option<[f64; 2]> {
    let object = city.objects.get(row)?;
    let own = object.geometries.iter();
    let parts = object
        .children
        .iter()
        .filter_map(|&child| city.objects.get(child as usize))
        .flat_map(|child| child.geometries.iter());
    let geometry = own.chain(parts).find(|geometry| !geometry.indices.is_empty())?;
    let (mut low, mut high) = ([f64::INFINITY; 2], [f64::NEG_INFINITY; 2]);
    for &index in &geometry.indices {
        let vertex = city.vertices.get(index as usize)?;
        for axis in 0..2 {
            low[axis] = low[axis].min(vertex[axis]);
            high[axis] = high[axis].max(vertex[axis]);
        }
    }
    Some([f64::midpoint(low[0], high[0]), f64::midpoint(low[1], high[1])])
}

pub(super) fn center_of(geometry: &geo::Geometry<f64>) -> Option<[f64; 2]> {
    geometry
        .centroid()
        .map(|point| [point.x(), point.y()])
        .filter(|point| point.iter().all(|v| v.is_finite()))
}

/// Points along the outer border, at most 50 m apart: where people enter.
fn border_points(geometry: &geo::Geometry<f64>) -> Vec<[f64; 2]> {
    const STEP_M: f64 = 50.0;
    let mut points = Vec::new();
    let mut add_ring = |ring: &geo::LineString<f64>| {
        for line in ring.lines() {
            let (dx, dy) = (line.end.x - line.start.x, line.end.y - line.start.y);
            let length = dx.hypot(dy);
            if !length.is_finite() {
                continue;
            }
            let steps = (length / STEP_M).ceil().clamp(1.0, 10_000.0) as usize;
            for step in 0..steps {
                let part = step as f64 / steps as f64;
                points.push([line.start.x + part * dx, line.start.y + part * dy]);
            }
        }
    };
    match geometry {
        geo::Geometry::Polygon(polygon) => add_ring(polygon.exterior()),
        geo::Geometry::MultiPolygon(many) => many.iter().for_each(|polygon| add_ring(polygon.exterior())),
        other => points.extend(center_of(other)),
    }
    points
}
