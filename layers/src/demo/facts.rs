//! Buildings with their solids and what is known of them.

use std::collections::BTreeMap;

use super::{
    ORIGIN,
    draft::Draft,
    geometry::{P2, add, lerp, middle},
    plan::Plan,
    plots::{Plot, Roof},
    solids::{Levels, add_building},
};
use crate::model::{CityModel, CityObject, CityObjectType, Terrain, Value, building_facts::BuildingFunction};

/// Lowest ground under a footprint, metres NAP.
fn ground_under(ring: &[P2; 4], terrain: &Terrain) -> f64 {
    let center = middle(ring);
    let edges = (0..4).map(|k| lerp(ring[k], ring[(k + 1) % 4], 0.5));
    let lowest = ring
        .iter()
        .copied()
        .chain(edges)
        .chain([center])
        .filter_map(|p| terrain.height_at(add(p, ORIGIN)))
        .fold(f64::INFINITY, f64::min);
    if lowest.is_finite() { lowest } else { 0.0 }
}

/// Persons in a dwelling, by neighbourhood.
fn household(name: &str) -> f64 {
    match name {
        "Binnenstad" | "Stationskwartier" => 1.4,
        "Havenkwartier" | "Componistenwijk" => 1.6,
        "Vogelwijk" | "Parkwijk" | "Villapark" => 2.4,
        _ => 1.85,
    }
}

/// All plots as CityObjects with LoD 1.2 and 2.2, in the order in which they were drawn.
pub fn city_model(draft: &Draft, plan: &Plan, terrain: &Terrain, seed: u64) -> CityModel {
    let mut rng = fastrand::Rng::with_seed(seed ^ 0x5eed_0f0f);
    let grounds: Vec<f64> = draft.plots.iter().map(|plot| ground_under(&plot.ring, terrain)).collect();
    let mut row_levels: BTreeMap<u32, f64> = BTreeMap::new();
    for (plot, &ground) in draft.plots.iter().zip(&grounds) {
        if plot.row > 0 {
            let level = row_levels.entry(plot.row).or_insert(ground);
            *level = level.min(ground);
        }
    }
    let mut model = CityModel::default();
    let mut numbers: BTreeMap<&str, u32> = BTreeMap::new();
    let columns: Vec<usize> = [
        ("function", None),
        ("year", None),
        ("storeys", None),
        ("height_m", Some("m")),
        ("floor_area_m2", Some("m2")),
        ("dwellings", None),
        ("residents", None),
        ("jobs", None),
        ("street", None),
        ("house_number", None),
        ("name", None),
        ("amenity", None),
        ("neighbourhood", None),
        ("roof_type", None),
    ]
    .into_iter()
    .map(|(name, unit)| model.attributes.ensure_column(name, unit))
    .collect();
    for (row, (plot, &ground)) in draft.plots.iter().zip(&grounds).enumerate() {
        let base = row_levels.get(&plot.row).copied().unwrap_or(ground);
        let levels = Levels { ground, eaves: base + plot.eaves_m, ridge: base + plot.ridge_m };
        let mut object =
            CityObject::new(format!("NL.IMBAG.Pand.9999100{:09}", row + 1), CityObjectType::Building);
        object.geometries = add_building(&mut model, plot.ring, plot.roof, levels, ORIGIN);
        model.objects.push(object);
        let number = numbers.entry(plot.street.as_str()).or_insert(0);
        *number += 1;
        let place = plan.neighbourhoods.get(plot.neighbourhood).map_or("Buitengebied", |n| n.name);
        let people = f64::from(plot.dwellings) * household(place);
        // Rounded up or down by chance, so that sums keep their mean.
        let residents = (people + rng.f64()).floor() as i64;
        let values: [Value; 14] = [
            plot.function.bag_name().into(),
            i64::from(plot.year).into(),
            i64::from(plot.storeys).into(),
            ((levels.ridge - levels.ground) * 100.0).round().mul_add(0.01, 0.0).into(),
            floor_area_m2(plot).into(),
            i64::from(plot.dwellings).into(),
            residents.into(),
            i64::from(plot.jobs).into(),
            plot.street.as_str().into(),
            number.to_string().into(),
            plot.name.clone().map_or(Value::Null, Value::Text),
            plot.amenity.map_or(Value::Null, Value::from),
            place.into(),
            roof_name(plot.roof).into(),
        ];
        for (&column, value) in columns.iter().zip(values) {
            model.attributes.set_at(row, column, value);
        }
    }
    model
}

/// Gross floor area, m², whole numbers as in the BAG.
pub fn floor_area_m2(plot: &Plot) -> f64 {
    let attic = match plot.roof {
        Roof::Flat => 0.0,
        Roof::Gambrel => 0.7,
        _ => 0.4,
    };
    let attic = if plot.function == BuildingFunction::Industry { 0.0 } else { attic };
    (plot.area_m2() * (f64::from(plot.storeys) + attic) * 0.92).round()
}

fn roof_name(roof: Roof) -> &'static str {
    match roof {
        Roof::Flat => "flat",
        Roof::Gable | Roof::FrontGable => "gable",
        Roof::Hip => "hip",
        Roof::Gambrel => "gambrel",
        Roof::Spire => "spire",
    }
}
