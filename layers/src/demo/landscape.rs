//! What lies between and around the blocks: water, quays, rail bed, polder, farms, and trees along the streets.

use super::{
    draft::Draft,
    geometry::{P2, Polyline, add, contains, distance, left, lerp, middle, scale},
    plan::{CANAL_HALF_M, LAND_HALF, Lines, Plan, RIVER_HALF_M, SINGEL_HALF_M},
    plots::{Occupant, Plot, Roof},
    streets::Profile,
};
use crate::model::{LinkClass, building_facts::BuildingFunction as Use};

/// The ground between two parallel lines, `low` and `high` metres to the left of `line`.
fn band(line: &Polyline, low: f64, high: f64) -> Vec<P2> {
    let mut ring = line.offset(low).points().to_vec();
    ring.extend(line.offset(high).points().iter().rev());
    ring
}

/// Singel and canal as they meet the river and each other: lines prolonged into the wider water.
pub fn water_lines(lines: &Lines) -> [(Polyline, f64); 3] {
    let singel = {
        let line = &lines.singel;
        let reach = |p: P2| lerp(p, lines.river.nearest_point(p), 0.55);
        let ends = [reach(line.first()), reach(line.last())];
        Polyline::new(std::iter::once(ends[0]).chain(line.points().iter().copied()).chain([ends[1]]))
    };
    [(lines.river.clone(), RIVER_HALF_M), (singel, SINGEL_HALF_M), (lines.canal.clone(), CANAL_HALF_M)]
}

/// Water, rail and streets claim their ground before anything is built.
pub fn claim(draft: &mut Draft, plan: &Plan) {
    for (line, half) in &water_lines(&plan.lines) {
        draft.ground.occupy_strip(line.points(), *half, Occupant::Water);
    }
    draft.ground.occupy_strip(plan.lines.rail.points(), 11.0, Occupant::Rail);
    for street in &draft.streets.all {
        draft.ground.occupy_strip(street.line.points(), street.profile.half_width(), Occupant::Street);
    }
}

/// Streets of the country around the town; drawn before ground is claimed.
pub fn country_roads(draft: &mut Draft) {
    type Road = (&'static str, &'static str, P2, &'static [P2], &'static str, P2);
    let roads: [Road; 3] = [
        (
            "Polderweg",
            "Provincialeweg",
            [-1850.0, 60.0],
            &[[-1830.0, 560.0], [-1680.0, 1150.0], [-1150.0, 1640.0], [-500.0, 1790.0]],
            "Noorderrijksweg",
            [105.0, 1740.0],
        ),
        (
            "Meerdijk",
            "Noorderrijksweg",
            [105.0, 1740.0],
            &[[700.0, 1800.0], [1450.0, 1700.0], [1880.0, 1150.0], [1930.0, 700.0]],
            "Provincialeweg",
            [1900.0, 330.0],
        ),
        (
            "Achterweg",
            "Zuiderrijksweg",
            [210.0, -1600.0],
            &[[-250.0, -1660.0], [-700.0, -1600.0]],
            "Heuvelweg",
            [-1150.0, -1550.0],
        ),
    ];
    for (name, from_name, from, through, to_name, to) in roads {
        let ends = [(from_name, from), (to_name, to)].map(|(street, p)| {
            let street = draft.streets.named_near(street, p)?;
            draft.streets.split_near(&[street], p, 5.0)
        });
        if let [Some(a), Some(b)] = ends {
            let mut controls = vec![a];
            controls.extend_from_slice(through);
            controls.push(b);
            draft.streets.add(name, Profile::RURAL, Polyline::spline(&controls, 20.0));
        }
    }
}

pub fn surfaces(draft: &mut Draft, plan: &Plan) {
    let lines = &plan.lines;
    let names = ["Mere", "Singel", "Oudegracht"];
    for ((line, half), name) in water_lines(lines).iter().zip(names) {
        draft.surface("water", band(line, -half, *half), Some(name));
    }
    for side in [-1.0, 1.0] {
        // Quay walls by the old town, green banks elsewhere; ring order is mended by `surface`.
        draft.surface(
            "park",
            band(&lines.singel, side * SINGEL_HALF_M, side * 23.5),
            Some("Singelplantsoen"),
        );
        draft.surface("quay", band(&lines.canal, side * CANAL_HALF_M, side * 13.3), Some("Oudegracht"));
        draft.surface("rail-bed", band(&lines.rail, side * 0.0, side * 10.0), None);
        draft.surface("grass", band(&lines.rail, side * 10.0, side * 31.5), None);
    }
    let river = &lines.river;
    let (from, to) = (river.nearest([-400.0, -540.0]), river.nearest([430.0, -500.0]));
    draft.surface("quay", band(&river.cut(from, to), RIVER_HALF_M, 55.5), Some("Merekade"));
    let last = river.length();
    for (a, b, side) in [(0.0, from, 1.0), (to, last, 1.0), (0.0, last, -1.0)] {
        draft.surface("grass", band(&river.cut(a, b), side * RIVER_HALF_M, side * 55.5), Some("Uiterwaard"));
    }
}

/// Fields and ditches around the town, up to the edge of the land.
pub fn polder(draft: &mut Draft, plan: &Plan) {
    let town = plan.lines.ring.points().to_vec();
    let (cos, sin) = (0.07_f64.cos(), 0.07_f64.sin());
    let turn = |p: P2| [p[0] * cos - p[1] * sin, p[0] * sin + p[1] * cos];
    let (step_x, step_y) = (74.0, 310.0);
    for i in -36..36 {
        let shift = f64::from((i * 7919) % 5) * 31.0;
        for j in -9..9 {
            let (x, y) = (f64::from(i) * step_x, f64::from(j) * step_y + shift);
            parcel(draft, &town, &turn, [x, y], [x + step_x - 5.0, y + step_y - 6.0], 0);
            let ditch = [[x - 4.2, y], [x - 1.2, y], [x - 1.2, y + step_y], [x - 4.2, y + step_y]].map(turn);
            if is_open_land(draft, &town, &ditch) {
                draft.surface("water", clip_to_land(&ditch), None);
            }
        }
    }
}

/// No point of the ring road lies farther from the market.
const RING_REACH_M: f64 = 1800.0;

fn is_open_land(draft: &Draft, town: &[P2], ring: &[P2; 4]) -> bool {
    let wide: Vec<P2> = ring.iter().map(|&p| lerp(middle(ring), p, 1.06)).collect();
    let samples =
        (0..4).flat_map(|k| (0..5).map(move |step| lerp(ring[k], ring[(k + 1) % 4], f64::from(step) / 5.0)));
    samples.into_iter().all(|p| p[0].hypot(p[1]) > RING_REACH_M || !contains(town, p))
        && draft.ground.obstacle(&wide, 0.0, |_| true).is_none()
}

/// The part of a convex ring inside the modelled land.
fn clip_to_land(ring: &[P2]) -> Vec<P2> {
    let mut ring = ring.to_vec();
    for axis in 0..2 {
        for sign in [-1.0, 1.0] {
            let depth = |p: P2| LAND_HALF[axis] - sign * p[axis];
            let mut clipped = Vec::new();
            for i in 0..ring.len() {
                let (a, b) = (ring[i], ring[(i + 1) % ring.len()]);
                let (da, db) = (depth(a), depth(b));
                if da >= 0.0 {
                    clipped.push(a);
                }
                if (da >= 0.0) != (db >= 0.0) {
                    clipped.push(lerp(a, b, da / (da - db)));
                }
            }
            ring = clipped;
        }
    }
    ring
}

fn parcel(draft: &mut Draft, town: &[P2], turn: &impl Fn(P2) -> P2, low: P2, high: P2, depth: u32) {
    let ring = [low, [high[0], low[1]], high, [low[0], high[1]]].map(turn);
    if is_open_land(draft, town, &ring) {
        let ring = clip_to_land(&ring);
        if ring.len() < 3 {
            return;
        }
        let center = middle(&ring);
        let is_wooded =
            distance(center, [-1500.0, -1500.0]) < 620.0 || distance(center, [1750.0, -1350.0]) < 260.0;
        let cover = if is_wooded {
            "forest"
        } else if draft.chance(0.45) {
            "grass"
        } else {
            "farmland"
        };
        draft.surface(cover, ring.clone(), None);
        if is_wooded {
            super::green::scatter_trees(draft, &ring, 0.0019, 10.0, 18.0);
        }
        return;
    }
    if depth < 4 {
        let cut = f64::midpoint(low[1], high[1]);
        if high[1] - low[1] > 70.0 {
            parcel(draft, town, turn, low, [high[0], cut - 1.0], depth + 1);
            parcel(draft, town, turn, [low[0], cut + 1.0], high, depth + 1);
        } else {
            let cut = f64::midpoint(low[0], high[0]);
            parcel(draft, town, turn, low, [cut - 1.0, high[1]], depth + 1);
            parcel(draft, town, turn, [cut + 1.0, low[1]], high, depth + 1);
        }
    }
}

/// Farms with a barn along the country roads.
pub fn farms(draft: &mut Draft, neighbourhood: usize) {
    let roads: Vec<(String, Polyline)> = draft
        .streets
        .all
        .iter()
        .filter(|street| matches!(street.profile.class, LinkClass::Unclassified | LinkClass::Secondary))
        .filter(|street| {
            street.line.length() > 500.0 && street.line.last()[0].hypot(street.line.last()[1]) > 1550.0
        })
        .map(|street| (street.name.clone(), street.line.clone()))
        .collect();
    for (name, line) in roads {
        let mut s = 190.0;
        while s < line.length() - 120.0 {
            let side = if draft.chance(0.5) { 1.0 } else { -1.0 };
            let direction = line.direction(s);
            let inward = scale(left(direction), side);
            let along = if side > 0.0 { direction } else { scale(direction, -1.0) };
            for (at, back, w, d, eaves, is_house) in
                [(0.0, 22.0, 11.0, 14.0, 3.4, true), (26.0, 30.0, 18.0, 34.0, 4.2, false)]
            {
                let front = add(add(line.point(s), scale(inward, back)), scale(along, at));
                let (a, b) = (add(front, scale(along, -w / 2.0)), add(front, scale(along, w / 2.0)));
                let year = draft.rng.i32(1850..=1975);
                draft.build(Plot {
                    ring: [a, b, add(b, scale(inward, d)), add(a, scale(inward, d))],
                    roof: if is_house { Roof::Gambrel } else { Roof::FrontGable },
                    eaves_m: eaves,
                    ridge_m: eaves + w * 0.42,
                    storeys: 1,
                    function: if is_house { Use::Housing } else { Use::Industry },
                    year,
                    dwellings: u32::from(is_house),
                    jobs: if is_house { 0 } else { 2 },
                    street: name.clone(),
                    name: None,
                    amenity: None,
                    neighbourhood,
                    row: 0,
                });
            }
            for k in 0..6 {
                let p = add(line.point(s - 16.0), scale(inward, 16.0 + f64::from(k) * 8.0));
                let height = draft.between(9.0, 14.0);
                draft.plant(p, height);
            }
            s += draft.between(170.0, 300.0);
        }
    }
}

/// Rows of trees along streets, canals and the river.
pub fn street_trees(draft: &mut Draft, plan: &Plan) {
    let rows: Vec<(Polyline, f64, f64, f64)> = draft
        .streets
        .all
        .iter()
        .filter_map(|street| {
            let (spacing, height) = match street.profile.class {
                LinkClass::Primary => (18.0, 11.0),
                LinkClass::Secondary if street.profile.speed_kmh > 60.0 => (26.0, 13.0),
                LinkClass::Secondary => (11.5, 12.0),
                LinkClass::Tertiary if street.name == "Voorstraat" => return None,
                LinkClass::Tertiary => (14.0, 10.5),
                LinkClass::Residential if street.profile.width_m > 9.0 => (24.0, 7.5),
                LinkClass::Unclassified => (19.0, 9.5),
                _ => return None,
            };
            Some((street.line.clone(), street.profile.half_width() - 1.3, spacing, height))
        })
        .collect();
    for (line, offset, spacing, height) in rows {
        for side in [-1.0, 1.0] {
            // Not on corners, where people need to see each other.
            let mut s = 11.0 + if side > 0.0 { 0.0 } else { spacing / 2.0 };
            while s < line.length() - 10.0 {
                let p = add(line.point(s), scale(left(line.direction(s)), side * offset));
                let tall = height * draft.between(0.82, 1.15);
                s += spacing * draft.between(0.92, 1.1);
                if is_clear_of_streets(draft, p) {
                    draft.plant(p, tall);
                }
            }
        }
    }
    let singel = &plan.lines.singel;
    let canal = &plan.lines.canal;
    let river = &plan.lines.river;
    for (line, offset, spacing, height) in [
        (singel, 15.0, 11.0, 13.0),
        (singel, 20.5, 19.0, 11.0),
        (canal, 9.6, 9.5, 10.0),
        (river, 47.0, 21.0, 13.0),
    ] {
        for side in [-1.0, 1.0] {
            let mut s = 6.0;
            while s < line.length() - 5.0 {
                let p = add(line.point(s), scale(left(line.direction(s)), side * offset));
                let tall = height * draft.between(0.85, 1.15);
                s += spacing * draft.between(0.85, 1.2);
                let is_on_land = p[0].abs() < LAND_HALF[0] && p[1].abs() < LAND_HALF[1];
                if is_on_land && draft.ground.obstacle_at(p, 1.5, |o| o == Occupant::Street).is_none() {
                    draft.plant(p, tall);
                }
            }
        }
    }
}

/// Whether a tree at the edge of its own street stands in no other street: at most two strips of one street bend.
fn is_clear_of_streets(draft: &Draft, p: P2) -> bool {
    draft.ground.pieces_at(p, Occupant::Street) <= 2
}
