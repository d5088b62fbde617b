//! Green blocks: sports fields, parks with ponds, and trees scattered in them.

use super::{
    blocks::{Big, Frame, big, courtyard, lawn, path_across},
    draft::Draft,
    geometry::{P2, area, contains, distance},
    patch::Block,
    plots::{Occupant, Roof},
    streets::Profile,
};
use crate::model::building_facts::BuildingFunction as Use;

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
    let name = match draft.neighbourhoods.get(block.neighbourhood) {
        Some(&"Parkwijk") | None => "Merepark".to_owned(),
        Some(place) => format!("Park {place}"),
    };
    lawn(draft, block, "park", 0.3, Some(&name));
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
    // One place for a park of several blocks.
    let is_known = draft.places.iter().any(|place| place.name == name && distance(place.at, center) < 260.0);
    if !is_known {
        draft.place(center, "park", name, None);
    }
    if draft.chance(0.45) {
        pond(draft, block);
    }
    scatter_trees(draft, &ring, 0.0042, 8.0, 16.0);
}

/// A pond with a wavy bank, where it fits.
fn pond(draft: &mut Draft, block: &Block) {
    let frame = Frame::of(block, 6.0);
    let side = if draft.chance(0.5) { 1.0 } else { -1.0 };
    let (x, y) = (side * frame.half_w * 0.48, -side * frame.half_h * 0.36);
    let (w, h) = (frame.half_w * 0.4, frame.half_h * 0.42);
    let phase = draft.between(0.0, std::f64::consts::TAU);
    let ring: Vec<P2> = (0..28)
        .map(|k| {
            let angle = f64::from(k) * std::f64::consts::TAU / 28.0;
            let reach = 1.0 + 0.2 * (2.0 * angle + phase).sin() + 0.1 * (3.0 * angle - 1.7 * phase).sin();
            frame.at(x + w * reach * angle.cos(), y + h * reach * angle.sin())
        })
        .collect();
    // The ground is kept by convex pieces.
    let center = frame.at(x, y);
    let wedges: Vec<[P2; 3]> =
        (0..ring.len()).map(|k| [center, ring[k], ring[(k + 1) % ring.len()]]).collect();
    if wedges.iter().all(|wedge| draft.ground.obstacle(wedge, 0.0, |_| true).is_none()) {
        for wedge in &wedges {
            draft.ground.occupy(wedge, Occupant::Water);
        }
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
