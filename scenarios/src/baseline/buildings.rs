//! A compact table of the buildings that measures point at.

use layers::model::{
    CityModel, GeometryKind,
    building_facts::{BuildingFacts, BuildingFunction},
};

use super::facts::{CityFacts, DailyNeed, Place};

/// Height of a storey where only the height of a building is known, metres (MODELS.md section 13).
pub const STOREY_M: f64 = 3.0;

/// What measures and models need of a building. Unknown numbers are 0.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Building {
    /// Public id, such as a BAG identificatie.
    pub id: String,
    pub function: Option<BuildingFunction>,
    pub amenity: Option<String>,
    /// Middle of the box around the footprint; project CRS, metres.
    pub position: [f64; 2],
    pub footprint_m2: f64,
    pub height_m: f64,
    /// From the source, else footprint × storeys.
    pub floor_area_m2: f64,
    pub dwellings: f64,
    pub residents: f64,
    pub jobs: f64,
    pub shop_m2: f64,
    pub schools: f64,
    /// Position in [`CityFacts::places`]; `None` for a building without people or things that attract them.
    pub place: Option<u32>,
}

impl Building {
    /// The building as a place of the demand model.
    pub fn place(&self) -> Place {
        Place {
            position: self.position,
            residents: self.residents,
            jobs: self.jobs,
            shop_m2: self.shop_m2,
            schools: self.schools,
        }
    }

    /// From what the source says of a building and the numbers that the models took from it.
    pub(super) fn new(city: &CityModel, row: usize, facts: &BuildingFacts, place: &Place) -> Self {
        let (footprint_m2, height_m) = size_of(city, row);
        let storeys = (height_m / STOREY_M).round().max(1.0);
        let known = facts.floor_area_m2.filter(|area| area.is_finite() && *area > 0.0);
        Self {
            id: city.objects[row].id.clone(),
            function: facts.function,
            amenity: facts.amenity.clone(),
            position: place.position,
            footprint_m2,
            height_m,
            floor_area_m2: known.unwrap_or(footprint_m2 * storeys),
            dwellings: facts.dwellings.filter(|n| n.is_finite() && *n > 0.0).unwrap_or(0.0),
            residents: place.residents,
            jobs: place.jobs,
            shop_m2: place.shop_m2,
            schools: place.schools,
            place: None,
        }
    }
}

/// Footprint (m²) and height (m) of an object or its parts, from its first geometry with surfaces.
fn size_of(city: &CityModel, row: usize) -> (f64, f64) {
    let object = &city.objects[row];
    let parts = object.children.iter().filter_map(|&child| city.objects.get(child as usize));
    let (mut area, mut low, mut high) = (0.0, f64::INFINITY, f64::NEG_INFINITY);
    let own = object.geometries.iter().find(|geometry| !geometry.indices.is_empty());
    let of_parts =
        parts.filter_map(|part| part.geometries.iter().find(|geometry| !geometry.indices.is_empty()));
    let geometries: Vec<_> = match own {
        Some(own) => vec![own],
        None => of_parts.collect(),
    };
    for geometry in geometries {
        let mut seen_from_above = 0.0;
        for surface in 0..geometry.surface_count() {
            for ring in geometry.rings(surface).take(1) {
                let points: Vec<[f64; 3]> =
                    ring.iter().filter_map(|&v| city.vertices.get(v as usize)).collect();
                for [_, _, z] in &points {
                    (low, high) = (low.min(*z), high.max(*z));
                }
                let Some(&[x0, y0, _]) = points.first() else { continue };
                let twice: f64 = (0..points.len())
                    .map(|i| {
                        let (a, b) = (points[i], points[(i + 1) % points.len()]);
                        (a[0] - x0) * (b[1] - y0) - (b[0] - x0) * (a[1] - y0)
                    })
                    .sum();
                seen_from_above += twice.abs() / 2.0;
            }
        }
        // A closed body is seen twice, by its roof and by its ground.
        let is_closed = matches!(
            geometry.kind,
            GeometryKind::Solid | GeometryKind::MultiSolid | GeometryKind::CompositeSolid
        );
        area += if is_closed { seen_from_above / 2.0 } else { seen_from_above };
    }
    let height = if high > low { high - low } else { 0.0 };
    (if area.is_finite() { area } else { 0.0 }, if height.is_finite() { height } else { 0.0 })
}

impl CityFacts {
    /// Takes away the daily need and the help that a building offers.
    pub(crate) fn close(&mut self, building: &Building) {
        for needs in &mut self.needs {
            if let Some(found) = needs.iter().position(|&position| position == building.position)
                && building.offers_a_need()
            {
                needs.remove(found);
            }
        }
        if building.amenity.is_some() {
            self.emergency_sites.retain(|&site| site != building.position);
        }
    }

    /// Adds the daily need and the help that a building offers.
    pub(crate) fn open(&mut self, building: &Building) {
        if let Some(amenity) = &building.amenity {
            self.add_amenity(amenity, building.position);
        } else if building.function == Some(BuildingFunction::Sport) {
            self.needs[DailyNeed::Sport as usize].push(building.position);
        } else if building.function == Some(BuildingFunction::Gathering) {
            self.needs[DailyNeed::MeetingPlace as usize].push(building.position);
        }
    }
}

impl Building {
    fn offers_a_need(&self) -> bool {
        self.amenity.is_some()
            || matches!(self.function, Some(BuildingFunction::Sport | BuildingFunction::Gathering))
    }
}
