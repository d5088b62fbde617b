//! The blocks that are more than rows of houses: home zones, villas, slabs, offices, school, hospital, market, park.

use super::{
    blocks::{
        Big, Frame, along_sides, big, courtyard, garden_trees, home_rows, inner_ring, is_free, lawn,
        path_across, street_name,
    },
    draft::Draft,
    geometry::{P2, Polyline, add, area, contains, distance, left, lerp, scale},
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

pub fn school(draft: &mut Draft, block: &Block) {
    const NAMES: [&str; 8] = [
        "De Regenboog",
        "Het Kompas",
        "De Vlieger",
        "De Ark",
        "De Windroos",
        "De Kring",
        "De Boomgaard",
        "De Wilgen",
    ];
    lawn(draft, block, "grass", 0.5, None);
    let frame = Frame::of(block, 6.0);
    let (w, h) = ((frame.half_w * 2.0).min(70.0), (frame.half_h * 2.0).min(60.0));
    let number = draft.places.iter().filter(|place| place.amenity == "primary_school").count();
    let name = format!("Basisschool {}", NAMES[number % NAMES.len()]);
    let wing = |ring, function, amenity, storeys, name| Big {
        ring,
        roof: Roof::Flat,
        storeys,
        storey_m: 3.6,
        function,
        years: [1930, 1998],
        m2_per_dwelling: 0.0,
        m2_per_job: 55.0,
        name,
        amenity,
    };
    let main = frame.rect(0.0, h / 2.0 - 7.0, w, 14.0);
    big(draft, block, wing(main, Use::Education, Some("primary_school"), 2, Some(name.as_str())));
    let side = frame.rect(-w / 2.0 + 6.5, -1.0, 13.0, (h - 30.0).max(10.0));
    big(draft, block, wing(side, Use::Education, Some("childcare"), 1, Some("Kinderopvang De Kikker")));
    let gym = frame.rect(w / 2.0 - 9.0, h / 2.0 - 14.0 - 12.5, 18.0, 22.0);
    big(draft, block, wing(gym, Use::Sport, Some("sports_hall"), 1, Some("Gymzaal")));
    draft.place(super::geometry::middle(&main), "primary_school", name, None);
    draft.place(super::geometry::middle(&side), "childcare", "Kinderopvang De Kikker", None);
    let yard = frame.rect(0.0, -h / 4.0, (w - 40.0).max(12.0), (h / 2.0 - 6.0).max(10.0));
    if draft.ground.obstacle(&yard, 0.0, |_| true).is_none() {
        draft.ground.occupy(&yard, Occupant::Open);
        draft.surface("playground", yard.to_vec(), Some("Schoolplein"));
        draft.place(super::geometry::middle(&yard), "playground", "Schoolplein", None);
    }
    scatter_trees(draft, &courtyard(block, 2.0), 0.003, 6.0, 11.0);
}

/// Shops for the quarter around a small square, homes above.
pub fn local_centre(draft: &mut Draft, block: &Block) {
    lawn(draft, block, "square", 0.5, Some("Winkelplein"));
    let frame = Frame::of(block, 4.0);
    let (w, h) = (frame.half_w * 2.0, frame.half_h * 2.0);
    let shop = |ring, amenity, name, storeys, dwellings| Big {
        ring,
        roof: Roof::Flat,
        storeys,
        storey_m: 3.5,
        function: if amenity == Some("doctors") { Use::HealthCare } else { Use::Shop },
        years: [1958, 1999],
        m2_per_dwelling: dwellings,
        m2_per_job: 34.0,
        name: Some(name),
        amenity,
    };
    let depth = (h * 0.42).clamp(14.0, 34.0);
    let market = frame.rect(-w * 0.22, h / 2.0 - depth / 2.0, w * 0.52, depth);
    big(draft, block, shop(market, Some("supermarket"), "Supermarkt De Maerel", 2, 180.0));
    let care = frame.rect(w * 0.32, h / 2.0 - depth / 2.0, w * 0.3, depth);
    big(draft, block, shop(care, Some("doctors"), "Huisartsenpraktijk", 2, 0.0));
    let drugs = frame.rect(-w * 0.38, -h / 2.0 + 6.5, w * 0.22, 13.0);
    big(draft, block, shop(drugs, Some("pharmacy"), "Apotheek", 3, 120.0));
    let hall = frame.rect(w * 0.3, -h / 2.0 + 7.5, w * 0.36, 15.0);
    let community = Big {
        function: Use::Gathering,
        m2_per_job: 120.0,
        ..shop(hall, Some("community_centre"), "Buurthuis De Schakel", 2, 0.0)
    };
    big(draft, block, community);
    for (ring, amenity, name) in [
        (market, "supermarket", "Supermarkt De Maerel"),
        (care, "doctors", "Huisartsenpraktijk"),
        (drugs, "pharmacy", "Apotheek"),
        (hall, "community_centre", "Buurthuis De Schakel"),
    ] {
        draft.place(super::geometry::middle(&ring), amenity, name, None);
    }
    scatter_trees(draft, &courtyard(block, 3.0), 0.002, 6.0, 9.0);
}

/// A parking garage with flats beside it.
pub fn garage(draft: &mut Draft, block: &Block) {
    const NAMES: [&str; 5] =
        ["Stationsgarage", "Singelgarage", "Kadegarage", "Ziekenhuisgarage", "Schuttersgarage"];
    lawn(draft, block, "pavement", 0.5, None);
    let frame = Frame::of(block, 3.5);
    let (w, h) = ((frame.half_w * 1.5).min(62.0), (frame.half_h * 1.9).min(40.0));
    let number = draft.places.iter().filter(|place| place.amenity == "parking").count();
    let name = NAMES[number % NAMES.len()];
    let ring = frame.rect(0.0, 0.0, w, h);
    let capacity = (area(&ring) * 4.0 / 27.0) as u32;
    if big(
        draft,
        block,
        Big {
            ring,
            roof: Roof::Flat,
            storeys: 4,
            storey_m: 2.9,
            function: Use::Other,
            years: [1996, 2018],
            m2_per_dwelling: 0.0,
            m2_per_job: 4000.0,
            name: Some(name),
            amenity: Some("parking"),
        },
    ) {
        draft.place(frame.center, "parking", name, Some(capacity));
    }
    scatter_trees(draft, &courtyard(block, 1.5), 0.002, 6.0, 9.0);
}

/// One block of the hospital's campus; the first one is the main building.
pub fn hospital(draft: &mut Draft, block: &Block) {
    const NAME: &str = "Merewijk Ziekenhuis";
    lawn(draft, block, "grass", 0.5, None);
    let frame = Frame::of(block, 8.0);
    let is_main = !draft.places.iter().any(|place| place.amenity == "hospital");
    let wing = |ring, storeys| Big {
        ring,
        roof: Roof::Flat,
        storeys,
        storey_m: 3.7,
        function: Use::HealthCare,
        years: [1988, 2006],
        m2_per_dwelling: 0.0,
        m2_per_job: 42.0,
        name: Some(NAME),
        amenity: is_main.then_some("hospital"),
    };
    let (w, h) = (frame.half_w, frame.half_h);
    big(draft, block, wing(frame.rect(0.0, h * 0.45, w * 1.7, 18.0), if is_main { 8 } else { 4 }));
    for x in [-0.6, 0.0, 0.6] {
        let depth = (h * 1.45 - 9.0 - 2.0 - h * 0.0).min(h * 1.3 - 9.0);
        let ring = frame.rect(x * w, h * 0.45 - 9.0 - depth / 2.0, 15.0, depth);
        big(draft, block, wing(ring, if is_main { 4 } else { 3 }));
    }
    if is_main {
        draft.place(frame.at(0.0, h * 0.45), "hospital", NAME, None);
    }
    scatter_trees(draft, &courtyard(block, 2.0), 0.0028, 6.0, 12.0);
}

pub fn market(draft: &mut Draft, block: &Block) {
    let ring = inner_ring(block, 0.2);
    draft.surface("square", ring, Some("Markt"));
    let frame = Frame::of(block, 4.0);
    let open = frame.rect(0.0, 0.0, frame.half_w * 1.9, frame.half_h * 1.9);
    draft.ground.occupy(&open, Occupant::Open);
    // A row of limes along the two long edges.
    for k in -4..=4 {
        for y in [-1.0, 1.0] {
            let p = frame.at(f64::from(k) * frame.half_w / 4.4, y * (frame.half_h + 0.5));
            draft.plant(p, 8.0);
        }
    }
}

pub fn town_hall(draft: &mut Draft, block: &Block) {
    let ring = inner_ring(block, 0.2);
    draft.surface("square", ring, Some("Raadhuisplein"));
    let frame = Frame::of(block, 5.0);
    let width = (frame.half_w * 1.5).min(34.0);
    let depth = (frame.half_h * 1.1).min(20.0);
    let hall = |ring, roof, storeys, name| Big {
        ring,
        roof,
        storeys,
        storey_m: 4.2,
        function: Use::Gathering,
        years: [1641, 1648],
        m2_per_dwelling: 0.0,
        m2_per_job: 22.0,
        name: Some(name),
        amenity: None,
    };
    let y = frame.half_h - depth / 2.0;
    big(draft, block, hall(frame.rect(0.0, y, width, depth), Roof::Hip, 3, "Stadhuis"));
    let tower = frame.rect(0.0, y - depth / 2.0 - 4.0, 8.0, 8.0);
    big(draft, block, hall(tower, Roof::Spire, 6, "Stadhuistoren"));
    draft.place(frame.at(0.0, y), "community_centre", "Stadhuis", None);
}

pub fn church(draft: &mut Draft, block: &Block) {
    let ring = inner_ring(block, 0.2);
    draft.surface("square", ring, Some("Kerkplein"));
    if draft.plots.iter().any(|plot| plot.name.as_deref() == Some("Sint-Jacobskerk")) {
        // The second block is the old churchyard: green under tall trees.
        draft.surface("park", inner_ring(block, 4.0), Some("Oude Kerkhof"));
        scatter_trees(draft, &courtyard(block, 5.0), 0.012, 10.0, 16.0);
        return;
    }
    let frame = Frame::of(block, 6.0);
    let turn = frame.half_h > frame.half_w;
    let rect =
        |x: f64, y: f64, w: f64, h: f64| if turn { frame.rect(-y, x, h, w) } else { frame.rect(x, y, w, h) };
    let reach = frame.half_w.max(frame.half_h);
    let scale_down = ((frame.half_w.min(frame.half_h) * 2.0) / 42.0).min(1.0);
    let length = (reach * 1.15).min(58.0);
    let part = |ring: [P2; 4], roof, storeys, storey_m, name| Big {
        ring: if turn && roof == Roof::Gable { [ring[1], ring[2], ring[3], ring[0]] } else { ring },
        roof,
        storeys,
        storey_m,
        function: Use::Gathering,
        years: [1390, 1480],
        m2_per_dwelling: 0.0,
        m2_per_job: 400.0,
        name: Some(name),
        amenity: None,
    };
    let (nave, aisle) = (15.0 * scale_down, 11.0 * scale_down);
    let name = "Sint-Jacobskerk";
    big(draft, block, part(rect(0.0, 0.0, length, nave), Roof::Gable, 1, 17.0, name));
    for side in [-1.0, 1.0] {
        let y = side * (nave / 2.0 + aisle / 2.0);
        let ring = rect(length * 0.22, y, 13.0, aisle);
        let ring = if turn { ring } else { [ring[1], ring[2], ring[3], ring[0]] };
        big(draft, block, Big { ring, ..part(ring, Roof::Hip, 1, 16.0, name) });
    }
    let tower = 11.0;
    big(
        draft,
        block,
        part(rect(-length / 2.0 - tower / 2.0, 0.0, tower, tower), Roof::Spire, 1, 42.0, "Sint-Jacobstoren"),
    );
    scatter_trees(draft, &courtyard(block, 2.5), 0.006, 9.0, 14.0);
}

pub fn station_square(draft: &mut Draft, block: &Block) {
    lawn(draft, block, "square", 0.3, Some("Stationsplein"));
    let frame = Frame::of(block, 4.0);
    let open = frame.rect(0.0, 0.0, frame.half_w * 1.9, frame.half_h * 1.9);
    draft.ground.occupy(&open, Occupant::Open);
    for k in -3..=3 {
        draft.plant(frame.at(f64::from(k) * frame.half_w / 3.3, -frame.half_h), 8.5);
    }
}

pub fn sports(draft: &mut Draft, block: &Block) {
    lawn(draft, block, "grass", 0.5, None);
    let frame = Frame::of(block, 7.0);
    let is_wide = frame.half_w > frame.half_h;
    let (w, h) = if is_wide { (100.0_f64, 64.0_f64) } else { (64.0, 100.0) };
    let (w, h) = (w.min(frame.half_w * 2.0), h.min(frame.half_h * 2.0));
    // The largest pitch that fits a block with bent sides.
    for part in [1.0, 0.88, 0.76, 0.64] {
        let pitch = frame.rect(0.0, 0.0, w * part, h * part);
        if draft.ground.obstacle(&pitch, 0.0, |_| true).is_none() {
            draft.ground.occupy(&pitch, Occupant::Open);
            draft.surface("sport", pitch.to_vec(), Some("Sportpark De Meent"));
            draft.place(frame.center, "sports_pitch", "Sportpark De Meent", None);
            break;
        }
    }
    if frame.half_w * 2.0 > w + 26.0 {
        big(
            draft,
            block,
            Big {
                ring: frame.rect(-frame.half_w + 10.0, 0.0, 12.0, 30.0),
                roof: Roof::Flat,
                storeys: 1,
                storey_m: 4.0,
                function: Use::Sport,
                years: [1985, 2010],
                m2_per_dwelling: 0.0,
                m2_per_job: 90.0,
                name: Some("Clubhuis"),
                amenity: Some("sports_hall"),
            },
        );
    }
    scatter_trees(draft, &courtyard(block, 1.0), 0.0012, 8.0, 14.0);
}

/// One block of a park: trees in groups, paths, a playground now and then.
pub fn park(draft: &mut Draft, block: &Block) {
    lawn(draft, block, "park", 0.3, Some("Merepark"));
    path_across(draft, block, 0, Profile::CYCLEWAY, "");
    let ring = courtyard(block, 2.0);
    let center = super::geometry::middle(&ring);
    if draft.chance(0.4) {
        let frame = Frame::of(block, 8.0);
        let yard = frame.rect(frame.half_w * 0.5, frame.half_h * 0.4, 20.0, 14.0);
        if draft.ground.obstacle(&yard, 0.0, |_| true).is_none() {
            draft.ground.occupy(&yard, Occupant::Open);
            draft.surface("playground", yard.to_vec(), Some("Speeltuin"));
            draft.place(super::geometry::middle(&yard), "playground", "Speeltuin", None);
        }
    }
    draft.place(center, "park", "Merepark", None);
    if draft.chance(0.45) {
        pond(draft, block);
    }
    scatter_trees(draft, &ring, 0.0042, 8.0, 16.0);
}

/// An oval pond, where it fits.
fn pond(draft: &mut Draft, block: &Block) {
    let frame = Frame::of(block, 6.0);
    let (x, y) = (frame.half_w * 0.46, -frame.half_h * 0.42);
    let (w, h) = (frame.half_w * 0.42, frame.half_h * 0.44);
    let ring: Vec<P2> = (0..20)
        .map(|k| {
            let angle = f64::from(k) * std::f64::consts::TAU / 20.0;
            frame.at(x + w * angle.cos(), y + h * angle.sin())
        })
        .collect();
    if draft.ground.obstacle(&ring, 0.0, |_| true).is_none() {
        draft.ground.occupy(&ring, Occupant::Water);
        draft.surface("water", ring, Some(POND));
    }
}

pub const POND: &str = "Vijver";

/// Trees at random places inside a ring, with room between their crowns.
pub fn scatter_trees(draft: &mut Draft, ring: &[P2], per_m2: f64, low_m: f64, high_m: f64) {
    let count = (area(ring).abs() * per_m2) as usize;
    let low = ring.iter().fold([f64::MAX; 2], |m, p| [m[0].min(p[0]), m[1].min(p[1])]);
    let high = ring.iter().fold([f64::MIN; 2], |m, p| [m[0].max(p[0]), m[1].max(p[1])]);
    let first = draft.trees.len();
    for _ in 0..count {
        let p = [draft.between(low[0], high[0]), draft.between(low[1], high[1])];
        let height = draft.between(low_m, high_m);
        let minds = |o: Occupant| o != Occupant::Water && o != Occupant::Rail;
        if contains(ring, p)
            && draft.ground.obstacle_at(p, height * 0.22, minds).is_none()
            && draft.trees[first..].iter().all(|tree| distance(tree.at, p) > height * 0.45)
        {
            draft.plant(p, height);
        }
    }
}
