//! The plan's surfaces, trees, rail, places and neighbourhoods as feature layers.

use geo::{Area, Coord, LineString, MultiPolygon, Point, Polygon, Validation, algorithm::unary_union};

use super::{
    ORIGIN,
    draft::Draft,
    geometry::{P2, add, distance},
    green,
    plan::{LAND_HALF, Plan},
    relief,
};
use crate::model::{CityModel, Feature, FeatureLayer, FeatureRole, Value};

fn coord(p: P2) -> Coord<f64> {
    let [x, y] = add(p, ORIGIN);
    Coord { x: (x * 1000.0).round() / 1000.0, y: (y * 1000.0).round() / 1000.0 }
}

fn polygon(ring: &[P2]) -> Polygon<f64> {
    Polygon::new(LineString::new(ring.iter().map(|&p| coord(p)).collect()), Vec::new())
}

/// The area of polygons as a valid geometry: bands that fold over themselves at a sharp corner and neighbours that touch
/// become what they cover.
fn covered(polygons: Vec<Polygon<f64>>) -> geo::Geometry<f64> {
    const SLIVER_M2: f64 = 0.01;
    let mut area = MultiPolygon::new(polygons);
    if !area.is_valid() {
        area = unary_union(&area.0);
        area.0.retain(|part| part.unsigned_area() > SLIVER_M2);
    }
    match <[Polygon<f64>; 1]>::try_from(area.0) {
        Ok([single]) => single.into(),
        Err(several) => MultiPolygon::new(several).into(),
    }
}

fn new_layer(name: &str, role: FeatureRole) -> FeatureLayer {
    FeatureLayer { name: name.to_owned(), role, ..FeatureLayer::default() }
}

fn push(layer: &mut FeatureLayer, prefix: &str, geometry: geo::Geometry<f64>) -> usize {
    let row = layer.features.len();
    layer.features.push(Feature { id: format!("{prefix}-{:05}", row + 1), geometry: Some(geometry) });
    layer.attributes.grow(row + 1);
    row
}

/// Ground cover. Later features lie on earlier ones: draw in this order. Sorted so that land comes before water.
pub fn surfaces(draft: &Draft) -> FeatureLayer {
    let mut layer = new_layer("surfaces", FeatureRole::Surfaces);
    layer.attributes.ensure_column("surface", None);
    let level_column = layer.attributes.ensure_column("level_m", Some("m"));
    let rank = |cover: &str| match cover {
        "farmland" | "forest" => 0,
        "grass" => 1,
        "park" => 2,
        "pavement" | "square" => 3,
        "rail-bed" | "quay" => 4,
        "water" => 5,
        _ => 6,
    };
    let mut order: Vec<usize> = (0..draft.surfaces.len()).collect();
    order.sort_by_key(|&i| rank(draft.surfaces[i].cover));
    for i in order {
        let surface = &draft.surfaces[i];
        let row = push(&mut layer, "surface", covered(vec![polygon(&surface.ring)]));
        layer.attributes.set(row, "surface", surface.cover);
        layer.attributes.set(row, "name", surface.name.clone().map_or(Value::Null, Value::Text));
        // Ditches have no level of their own: they are as high as their land.
        let level = match (surface.cover, surface.name.as_deref()) {
            ("water", Some(green::POND)) => Value::Real(relief::pond_level(&surface.ring)),
            ("water", Some(_)) => Value::Real(relief::WATER_M),
            _ => Value::Null,
        };
        layer.attributes.set_at(row, level_column, level);
    }
    layer
}

pub fn trees(draft: &Draft) -> FeatureLayer {
    let mut layer = new_layer("trees", FeatureRole::Trees);
    let round = |value: f64| (value * 100.0).round() / 100.0;
    let height = layer.attributes.ensure_column("height_m", Some("m"));
    let crown = layer.attributes.ensure_column("crown_radius_m", Some("m"));
    for tree in &draft.trees {
        let row = push(&mut layer, "tree", Point(coord(tree.at)).into());
        layer.attributes.set_at(row, height, round(tree.height_m).into());
        layer.attributes.set_at(row, crown, round(tree.crown_radius_m).into());
    }
    layer
}

/// Two tracks.
pub fn rail(plan: &Plan) -> FeatureLayer {
    let mut layer = new_layer("rail", FeatureRole::Rail);
    for (side, name) in [(2.2, "Spoor 1"), (-2.2, "Spoor 2")] {
        let points = plan.lines.rail.offset(side);
        let line: Vec<Coord<f64>> =
            points.points().iter().filter(|p| p[0].abs() < LAND_HALF[0]).map(|&p| coord(p)).collect();
        let row = push(&mut layer, "rail", LineString::new(line).into());
        layer.attributes.set(row, "name", name);
    }
    layer
}

pub fn places(draft: &Draft) -> FeatureLayer {
    let mut layer = new_layer("points-of-interest", FeatureRole::PointsOfInterest);
    for place in &draft.places {
        let row = push(&mut layer, "poi", Point(coord(place.at)).into());
        layer.attributes.set(row, "amenity", place.amenity);
        layer.attributes.set(row, "name", place.name.as_str());
        layer.attributes.set(
            row,
            "capacity",
            place.capacity.map_or(Value::Null, |c| Value::Integer(c.into())),
        );
    }
    layer
}

/// Where roads leave the land: name, near, vehicles on a working day in both directions, part that drives through.
const CORDON: [(&str, P2, i64, f64); 5] = [
    ("Provincialeweg", [-LAND_HALF[0], 20.0], 15_800, 0.25),
    ("Provincialeweg", [LAND_HALF[0], 420.0], 16_600, 0.25),
    ("Noorderrijksweg", [60.0, LAND_HALF[1]], 14_200, 0.25),
    ("Zuiderrijksweg", [160.0, -LAND_HALF[1]], 13_000, 0.25),
    ("Heuvelweg", [-1500.0, -LAND_HALF[1]], 4_600, 0.10),
];

/// Counts at the edge of the land, fictional: traffic from, to and through the town.
pub fn cordon(draft: &Draft) -> FeatureLayer {
    let mut layer = new_layer("cordon", FeatureRole::PointsOfInterest);
    layer.attributes.ensure_column("cordon_vehicles_per_day", Some("vehicles/day"));
    for (name, near, vehicles, through_share) in CORDON {
        let at = draft.streets.named_near(name, near).map_or(near, |street| {
            let line = &draft.streets.all[street].line;
            if distance(line.first(), near) < distance(line.last(), near) {
                line.first()
            } else {
                line.last()
            }
        });
        let row = push(&mut layer, "cordon", Point(coord(at)).into());
        layer.attributes.set(row, "cordon_vehicles_per_day", Value::Integer(vehicles));
        layer.attributes.set(row, "name", name);
        layer.attributes.set(row, "through_share", through_share);
        layer.attributes.set(row, "source", "fictief");
    }
    layer
}

/// Neighbourhoods with the sums of their buildings; the countryside is the land outside the ring road.
pub fn neighbourhoods(plan: &Plan, draft: &Draft, buildings: &CityModel) -> FeatureLayer {
    let mut layer = new_layer("neighbourhoods", FeatureRole::Zones);
    let count = plan.neighbourhoods.len() + 1;
    let mut sums = vec![[0.0_f64; 3]; count];
    for (row, plot) in draft.plots.iter().enumerate() {
        let sum = &mut sums[plot.neighbourhood.min(count - 1)];
        for (k, name) in ["residents", "jobs", "dwellings"].into_iter().enumerate() {
            sum[k] += buildings.attributes.get(row, name).as_f64().unwrap_or(0.0);
        }
    }
    for (number, sum) in sums.iter().enumerate() {
        let (name, geometry): (&str, geo::Geometry<f64>) = if let Some(n) = plan.neighbourhoods.get(number) {
            (n.name, covered(n.outlines.iter().map(|ring| polygon(ring)).collect()))
        } else {
            let [w, h] = LAND_HALF;
            let land = polygon(&[[-w, -h], [w, -h], [w, h], [-w, h]]);
            let town = LineString::new(plan.lines.ring.points().iter().map(|&p| coord(p)).collect());
            ("Buitengebied", covered(vec![Polygon::new(land.exterior().clone(), vec![town])]))
        };
        let row = push(&mut layer, "buurt", geometry);
        layer.attributes.set(row, "name", name);
        for (k, column) in ["population", "jobs", "dwellings"].into_iter().enumerate() {
            layer.attributes.set(row, column, Value::Integer(sum[k] as i64));
        }
    }
    layer
}
