//! Blocks of homes and work that are more than rows of houses: home zones, villas, slabs, towers, offices, works.

use super::{
    blocks::{
        Big, Frame, along_sides, big, courtyard, garden_trees, home_rows, is_free, lawn, path_across,
        street_name,
    },
    draft::Draft,
    geometry::{Polyline, add, distance, left, lerp, scale},
    green::scatter_trees,
    patch::{Block, between},
    plots::{Occupant, Plot, Roof},
    streets::Profile,
};
use crate::model::building_facts::BuildingFunction as Use;

/// A cul-de-sac of the seventies: a dead end with rows on both sides, a path on, and rows along the edges.
pub fn home_zone(draft: &mut Draft, block: &Block) {
    lawn(draft, block, "grass", 0.5, None);
    let across = block.sides[0].line.length() + block.sides[2].line.length()
        > block.sides[1].line.length() + block.sides[3].line.length();
    // The dead end comes from the longer side, so that gardens lie between it and the shorter ones.
    let entry = usize::from(!across);
    let entry = if draft.chance(0.5) { entry } else { entry + 2 };
    if let (Some(near), Some(far)) = (block.sides[entry].street, block.sides[(entry + 2) % 4].street) {
        let bend = draft.between(-9.0, 9.0);
        let from = draft.streets.split_near(&[near], between(block, entry, 0.0), 14.0);
        let to = draft.streets.split_near(&[far], between(block, entry, 1.0), 14.0);
        if let (Some(from), Some(to)) = (from, to) {
            let side = scale(left(super::geometry::unit(super::geometry::sub(to, from))), bend);
            let whole = Polyline::spline(&[from, add(lerp(from, to, 0.5), side), to], 9.0);
            let end = whole.length() * 0.72;
            let name = draft.streets.all[near].name.clone();
            let court = hof_name(&name);
            let (road, path) = (whole.cut(0.0, end), whole.cut(end, whole.length()));
            if is_free(draft, &whole, 3.0) {
                draft.ground.occupy_strip(road.points(), Profile::WOONERF.half_width(), Occupant::Street);
                draft.ground.occupy_strip(path.points(), 1.2, Occupant::Street);
                draft.streets.add(&court, Profile::WOONERF, road.clone());
                draft.streets.add("", Profile { width_m: 2.6, ..Profile::CYCLEWAY }, path);
                let hw = Profile::WOONERF.half_width() + 2.5;
                let margin = block.sides[entry].half_width + 5.0;
                let depth = if across { block.sides[1].line.length() } else { block.sides[0].line.length() };
                let stop = end.min(depth - 14.0);
                home_rows(draft, block, entry, &road.offset(hw), margin, stop);
                let other = road.reversed().offset(hw);
                home_rows(draft, block, entry, &other, other.length() - stop, other.length() - margin);
            }
        }
    }
    along_sides(draft, block, &[(entry + 1) % 4, (entry + 3) % 4]);
    along_sides(draft, block, &[(entry + 2) % 4]);
    garden_trees(draft, block, 0.0022);
}

fn hof_name(street: &str) -> String {
    for ending in ["laan", "straat", "weg", "dreef", "singel", "kade"] {
        if let Some(stem) = street.strip_suffix(ending) {
            return format!("{}hof", stem.trim_end());
        }
    }
    format!("{street}hof")
}

/// Villas, or pairs under one roof.
pub fn detached(draft: &mut Draft, block: &Block, in_pairs: bool) {
    lawn(draft, block, "grass", 0.5, None);
    let (setback, step, depth) = if in_pairs { (6.0, 18.0, 9.5) } else { (11.0, 27.0, 11.0) };
    for k in 0..4 {
        let line = block.sides[k].line.offset(block.sides[k].half_width + setback);
        let street = street_name(draft, block, k);
        let count = ((line.length() - setback * 2.0) / step).floor() as usize;
        for house in 0..count {
            let s = setback + (house as f64 + 0.5) * (line.length() - setback * 2.0) / count as f64;
            let width = if in_pairs { 12.5 } else { draft.between(10.0, 14.0) };
            let direction = line.direction(s);
            let inward = left(direction);
            let jog = draft.between(-1.5, 2.5);
            let front = add(line.point(s), scale(inward, if in_pairs { 0.0 } else { jog }));
            let half = scale(direction, width / 2.0);
            let year = draft.rng.i32(if in_pairs { 1928..=1939 } else { 1908..=1994 });
            let roof =
                [Roof::Hip, Roof::Gable, Roof::Hip, Roof::FrontGable, Roof::Gambrel][draft.rng.usize(..5)];
            let roof = if in_pairs { [Roof::Gable, Roof::Hip][draft.rng.usize(..2)] } else { roof };
            let eaves_m = draft.between(4.4, 6.2);
            // A pair is two buildings with a party wall, each with its own number.
            let parts = if in_pairs { 2 } else { 1 };
            let row = draft.new_row();
            for part in 0..parts {
                let a = add(
                    super::geometry::sub(front, half),
                    scale(direction, width * f64::from(part) / f64::from(parts)),
                );
                let b = add(a, scale(direction, width / f64::from(parts)));
                let roof = if in_pairs { Roof::Gable } else { roof };
                let span = if roof == Roof::FrontGable { width } else { depth };
                draft.build(Plot {
                    ring: [a, b, add(b, scale(inward, depth)), add(a, scale(inward, depth))],
                    roof,
                    eaves_m,
                    ridge_m: eaves_m + span / 2.0 * 0.9,
                    storeys: 2,
                    function: Use::Housing,
                    year,
                    dwellings: 1,
                    jobs: 0,
                    street: street.clone(),
                    name: None,
                    amenity: None,
                    neighbourhood: block.neighbourhood,
                    row,
                });
            }
        }
    }
    garden_trees(draft, block, if in_pairs { 0.003 } else { 0.007 });
}

/// Open post-war slabs in green, all parallel.
pub fn slabs(draft: &mut Draft, block: &Block) {
    lawn(draft, block, "grass", 0.5, None);
    let frame = Frame::of(block, 6.0);
    let depth = 11.5;
    let count = ((frame.half_h * 2.0 + 30.0) / (depth + 30.0)).floor().clamp(1.0, 4.0) as usize;
    let storeys = draft.rng.u32(4..=5);
    let years = [1956, 1968];
    for slab in 0..count {
        let v = if count == 1 { 0.0 } else { -1.0 + 2.0 * slab as f64 / (count - 1) as f64 };
        let reach = 1.0 - (block.sides[0].half_width + 6.0 + depth / 2.0) / (frame.half_h + 12.0);
        // Along the bent line from side to side, so that slabs of a skewed block stand staggered.
        let (from, to) = (Frame::bent(block, -1.0, v * reach), Frame::bent(block, 1.0, v * reach));
        let axis = super::geometry::unit(super::geometry::sub(to, from));
        let up = left(axis);
        let skew = super::geometry::dot(frame.ex, axis).abs();
        let margin = block.sides[1].half_width.max(block.sides[3].half_width) + 7.0;
        let width = (distance(from, to) * skew - 2.0 * margin - 4.0).min(84.0);
        let center = lerp(from, to, 0.5);
        let corner =
            |x: f64, y: f64| add(center, add(scale(axis, x * width / 2.0), scale(up, y * depth / 2.0)));
        let ring = [corner(-1.0, -1.0), corner(1.0, -1.0), corner(1.0, 1.0), corner(-1.0, 1.0)];
        let ring = if slab * 2 > count { [ring[2], ring[3], ring[0], ring[1]] } else { ring };
        big(
            draft,
            block,
            Big {
                ring,
                roof: Roof::Flat,
                storeys,
                storey_m: 2.85,
                function: Use::Housing,
                years,
                m2_per_dwelling: 82.0,
                m2_per_job: 0.0,
                name: None,
                amenity: None,
            },
        );
    }
    path_across(draft, block, 1, Profile::FOOTWAY, "");
    scatter_trees(draft, &courtyard(block, 3.0), 0.0022, 7.0, 13.0);
}

pub fn towers(draft: &mut Draft, block: &Block) {
    lawn(draft, block, "park", 0.5, None);
    let frame = Frame::of(block, 10.0);
    for (x, y) in [(-0.36, -0.28), (0.4, 0.34)] {
        let p = Frame::bent(block, x, y);
        let corner = |i: f64, j: f64| add(p, add(scale(frame.ex, i * 12.0), scale(frame.ey, j * 11.0)));
        let ring = [corner(-1.0, -1.0), corner(1.0, -1.0), corner(1.0, 1.0), corner(-1.0, 1.0)];
        let storeys = draft.rng.u32(11..=16);
        big(
            draft,
            block,
            Big {
                ring,
                roof: Roof::Flat,
                storeys,
                storey_m: 2.85,
                function: Use::Housing,
                years: [1965, 1974],
                m2_per_dwelling: 84.0,
                m2_per_job: 0.0,
                name: None,
                amenity: None,
            },
        );
    }
    let lot = frame.rect(0.5 * frame.half_w, -0.55 * frame.half_h, 34.0, 17.0);
    if draft.ground.obstacle(&lot, 0.0, |_| true).is_none() {
        draft.ground.occupy(&lot, Occupant::Open);
        draft.surface("parking", lot.to_vec(), None);
    }
    scatter_trees(draft, &courtyard(block, 3.0), 0.003, 8.0, 15.0);
}

/// Offices in a row behind a green front, cars behind them.
pub fn offices(draft: &mut Draft, block: &Block) {
    const NAMES: [&str; 12] = [
        "De Schutter",
        "Kapiteinshuis",
        "De Trom",
        "Het Vendel",
        "De Luitenant",
        "Musketier",
        "Claire Obscur",
        "De Hellebaard",
        "Het Palet",
        "De Ezel",
        "Het Penseel",
        "Loper",
    ];
    lawn(draft, block, "grass", 0.5, None);
    let frame = Frame::of(block, 7.0);
    // The front looks at the Nachtwachtlaan where that street runs along the block.
    let is_front =
        |k: usize| block.sides[k].street.is_some_and(|s| draft.streets.all[s].name == "Nachtwachtlaan");
    let sign = if is_front(2) { 1.0 } else { -1.0 };
    let front_street = if is_front(2) { 2 } else { 0 };
    let count = (frame.half_w * 2.0 / 52.0).floor().clamp(1.0, 3.0) as usize;
    for office in 0..count {
        let step = frame.half_w * 2.0 / count as f64;
        let x = -frame.half_w + (office as f64 + 0.5) * step;
        let width = (step - 14.0).clamp(24.0, 46.0);
        let depth = if frame.half_h > 22.0 { 17.0 } else { 14.0 };
        let ring = frame.rect(x, sign * (frame.half_h - depth / 2.0), width, depth);
        let ring = if sign > 0.0 { [ring[2], ring[3], ring[0], ring[1]] } else { ring };
        let storeys = draft.rng.u32(4..=8);
        let name = NAMES[draft.plots.len() % NAMES.len()];
        let before = draft.plots.len();
        big(
            draft,
            block,
            Big {
                ring,
                roof: Roof::Flat,
                storeys,
                storey_m: 3.5,
                function: Use::Office,
                years: [1984, 2009],
                m2_per_dwelling: 0.0,
                m2_per_job: 25.0,
                name: Some(name),
                amenity: None,
            },
        );
        let street = street_name(draft, block, front_street);
        if let Some(plot) = draft.plots.get_mut(before) {
            plot.street = street;
        }
    }
    let lot = frame.rect(0.0, -sign * (frame.half_h - 9.0), frame.half_w * 1.9, 17.0);
    if draft.ground.obstacle(&lot, 0.0, |_| true).is_none() {
        draft.ground.occupy(&lot, Occupant::Open);
        draft.surface("parking", lot.to_vec(), None);
    }
    scatter_trees(draft, &courtyard(block, 2.0), 0.0025, 6.0, 11.0);
}

pub fn works(draft: &mut Draft, block: &Block) {
    lawn(draft, block, "pavement", 0.5, None);
    let frame = Frame::of(block, 6.0);
    let count = (frame.half_w * 2.0 / 48.0).floor().clamp(1.0, 3.0) as usize;
    for hall in 0..count {
        let step = frame.half_w * 2.0 / count as f64;
        let x = -frame.half_w + (hall as f64 + 0.5) * step;
        let depth = (frame.half_h * 2.0 * draft.between(0.6, 0.95)).min(70.0);
        let width = step - draft.between(8.0, 16.0);
        let years = [1978, 2015];
        let is_first = !draft.places.iter().any(|place| place.amenity == "fire_station");
        if is_first {
            draft.place(frame.at(x, 0.0), "fire_station", "Brandweerkazerne", None);
        }
        big(
            draft,
            block,
            Big {
                ring: frame.rect(x, 0.0, width, depth),
                roof: if hall % 3 == 1 { Roof::Gable } else { Roof::Flat },
                storeys: 1,
                storey_m: 7.5,
                function: Use::Industry,
                years,
                m2_per_dwelling: 0.0,
                m2_per_job: 58.0,
                name: is_first.then_some("Brandweerkazerne"),
                amenity: is_first.then_some("fire_station"),
            },
        );
    }
}
