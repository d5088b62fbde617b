//! Blocks of the public: school, shops, garage, hospital, market, town hall, church, station square.

use super::{
    blocks::{Big, Frame, big, courtyard, inner_ring, lawn},
    draft::Draft,
    geometry::{P2, area},
    green::scatter_trees,
    patch::Block,
    plots::{Occupant, Roof},
};
use crate::model::building_facts::BuildingFunction as Use;

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
    let tower = 12.5;
    big(
        draft,
        block,
        part(rect(-length / 2.0 - tower / 2.0, 0.0, tower, tower), Roof::Spire, 1, 46.0, "Sint-Jacobstoren"),
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
