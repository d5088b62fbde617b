//! Fills blocks with rows, courtyards, slabs, villas, campuses and parks: one letter a kind of block.

use super::{
    draft::Draft,
    geometry::{P2, Polyline, add, area, dot, inset, left, lerp, meet, middle, scale, sub, unit},
    patch::{Block, between},
    plots::{Occupant, Plot, Roof},
    streets::Profile,
};
use crate::model::building_facts::BuildingFunction as Use;

/// How the houses of a row are.
#[derive(Clone, Copy)]
pub struct RowStyle {
    pub width_m: f64,
    pub depth_m: f64,
    pub setback_m: f64,
    pub roofs: &'static [Roof],
    pub storeys: [u32; 2],
    /// Rise of the roof per metre of half span.
    pub pitch: f64,
    pub years: [i32; 2],
    pub dwellings: u32,
    /// Every house its own height, roof and year (old town), or one for the whole row.
    pub is_mixed: bool,
    /// Houses before a gap; 0 for closed rows.
    pub run: usize,
    pub gap_m: f64,
}

pub const OLD_TOWN: RowStyle = RowStyle {
    width_m: 6.8,
    depth_m: 12.0,
    setback_m: 0.25,
    roofs: &[Roof::FrontGable, Roof::FrontGable, Roof::Gable, Roof::Hip, Roof::Gambrel],
    storeys: [2, 4],
    pitch: 1.15,
    years: [1610, 1905],
    dwellings: 1,
    is_mixed: true,
    run: 0,
    gap_m: 0.0,
};
const NINETEENTH: RowStyle = RowStyle {
    width_m: 8.4,
    depth_m: 11.0,
    setback_m: 1.2,
    roofs: &[Roof::Gable, Roof::Gambrel, Roof::Flat],
    storeys: [3, 4],
    pitch: 0.75,
    years: [1878, 1915],
    dwellings: 2,
    is_mixed: false,
    run: 0,
    gap_m: 0.0,
};
const GARDEN_CITY: RowStyle = RowStyle {
    width_m: 7.4,
    depth_m: 9.0,
    setback_m: 4.0,
    roofs: &[Roof::Gable, Roof::Gambrel, Roof::Hip],
    storeys: [2, 2],
    pitch: 1.05,
    years: [1919, 1936],
    dwellings: 1,
    is_mixed: false,
    run: 6,
    gap_m: 4.0,
};
const PERIMETER: RowStyle = RowStyle { storeys: [2, 3], setback_m: 2.5, run: 0, depth_m: 9.5, ..GARDEN_CITY };
const POST_WAR: RowStyle = RowStyle {
    width_m: 6.8,
    depth_m: 9.0,
    setback_m: 4.5,
    roofs: &[Roof::Gable],
    storeys: [2, 2],
    pitch: 0.7,
    years: [1951, 1966],
    dwellings: 1,
    is_mixed: false,
    run: 8,
    gap_m: 5.0,
};
const SEVENTIES: RowStyle = RowStyle {
    width_m: 6.4,
    depth_m: 9.4,
    setback_m: 3.5,
    roofs: &[Roof::Gable, Roof::Gable, Roof::Flat],
    storeys: [2, 3],
    pitch: 0.85,
    years: [1972, 1986],
    dwellings: 1,
    is_mixed: false,
    run: 5,
    gap_m: 3.5,
};

fn storey_height(year: i32) -> f64 {
    if year < 1920 { 3.3 } else { 2.9 }
}

/// The name of the street along side `k`, or of any other side.
pub fn street_name(draft: &Draft, block: &Block, k: usize) -> String {
    [k, (k + 1) % 4, (k + 3) % 4, (k + 2) % 4]
        .iter()
        .filter_map(|&side| block.sides[side].street)
        .map(|street| &draft.streets.all[street].name)
        .find(|name| !name.is_empty())
        .cloned()
        .unwrap_or_default()
}

/// Where building lines of neighbouring sides meet.
struct Corner {
    /// Arc length on this side where the row must end, and on the next where it may begin.
    end: f64,
    begin: f64,
    /// Corner building: end of this row, street corner, begin of the next row, inner corner.
    kite: Option<[P2; 4]>,
}

fn corner(line: &Polyline, next: &Polyline, depth: f64) -> Option<Corner> {
    let (p, q) = (line.last(), next.first());
    let (d, e) = (line.direction(line.length()), next.direction(0.0));
    let c = meet(p, d, q, e)?;
    let m = meet(add(p, scale(left(d), depth)), d, add(q, scale(left(e), depth)), e)?;
    let (end, begin) = (line.length() + dot(sub(m, p), d), dot(sub(m, q), e));
    let angle = dot(d, e).clamp(-1.0, 1.0).acos().to_degrees();
    let kite = (50.0..=130.0).contains(&angle).then(|| [line.point(end), c, next.point(begin), m]);
    Some(Corner {
        end: end.min(line.length() + dot(sub(c, p), d)),
        begin: begin.max(dot(sub(c, q), e)),
        kite,
    })
}

/// One house or a row of them along `line` between two arc lengths.
fn row(draft: &mut Draft, block: &Block, k: usize, line: &Polyline, from: f64, to: f64, style: &RowStyle) {
    let count = ((to - from) / style.width_m).round() as i64;
    if count < 1 || to - from < 4.5 {
        return;
    }
    let street = street_name(draft, block, k);
    let is_main = ["Voorstraat", "Markt", "Torenstraat", "Brugstraat"].contains(&street.as_str());
    let mut cuts: Vec<f64> = (0..=count).map(|i| from + (to - from) * i as f64 / count as f64).collect();
    if style.is_mixed {
        let width = (to - from) / count as f64;
        let inner = cuts.len() - 1;
        for cut in &mut cuts[1..inner] {
            *cut += (draft.rng.f64() - 0.5) * width * 0.35;
        }
    }
    let mut look = None;
    for (house, pair) in cuts.windows(2).enumerate() {
        let position = if style.run > 0 { house % (style.run + 1) } else { 0 };
        if style.run > 0 && position == style.run && count as usize > style.run + 2 {
            // A passage to the back gardens instead of a house: one house wide at most.
            look = None;
            if pair[1] - pair[0] <= style.gap_m + 4.0 {
                continue;
            }
        }
        if style.is_mixed || look.is_none() {
            let roof = style.roofs[draft.rng.usize(..style.roofs.len())];
            let storeys = draft.rng.u32(style.storeys[0]..=style.storeys[1]);
            let year = draft.rng.i32(style.years[0]..=style.years[1]);
            let extra = if style.is_mixed { draft.between(-0.3, 1.0) } else { 0.0 };
            look = Some((roof, storeys, year, extra, draft.new_row()));
        }
        let Some((roof, storeys, year, extra, row)) = look else { continue };
        let (a, b) = (line.point(pair[0]), line.point(pair[1]));
        let back = |s: f64| scale(left(line.direction(s)), style.depth_m);
        let ring = [a, b, add(b, back(pair[1])), add(a, back(pair[0]))];
        let eaves_m = f64::from(storeys) * storey_height(year) + 0.3 + extra;
        let half_span =
            if roof == Roof::FrontGable { (pair[1] - pair[0]) / 2.0 } else { style.depth_m / 2.0 };
        // Hips at the end houses of a row only; between party walls the ridge runs on.
        let is_end = house == 0 || pair[1] >= to - 0.1 || position == 0 || position + 1 == style.run;
        let roof = if roof == Roof::Hip && !is_end && !style.is_mixed { Roof::Gable } else { roof };
        let is_shop = is_main && draft.chance(0.86) || style.is_mixed && draft.chance(0.12);
        let is_office = !is_shop && style.is_mixed && draft.chance(0.09);
        let (function, jobs) = match (is_shop, is_office) {
            (true, _) => (Use::Shop, draft.rng.u32(3..=8)),
            (_, true) => (Use::Office, draft.rng.u32(5..=12)),
            _ => (Use::Housing, 0),
        };
        draft.build(Plot {
            ring,
            roof,
            eaves_m,
            ridge_m: if roof == Roof::Flat { eaves_m } else { eaves_m + half_span * style.pitch },
            storeys,
            function,
            year,
            dwellings: if jobs > 0 { style.dwellings.saturating_sub(1) } else { style.dwellings },
            jobs,
            street: street.clone(),
            name: None,
            amenity: None,
            neighbourhood: block.neighbourhood,
            row: if style.is_mixed { 0 } else { row },
        });
    }
}

fn frontages(block: &Block, setback: f64) -> [Polyline; 4] {
    std::array::from_fn(|k| block.sides[k].line.offset(block.sides[k].half_width + setback))
}

/// Houses on all four sides, with corner houses: the closed block.
fn perimeter(draft: &mut Draft, block: &Block, style: &RowStyle) {
    // Small blocks get shallower houses, so that a court remains.
    let frame = Frame::of(block, style.setback_m);
    let room = frame.half_w.min(frame.half_h) - 2.0;
    let style = &RowStyle { depth_m: style.depth_m.min(room.max(6.0)), ..*style };
    let lines = frontages(block, style.setback_m);
    let corners: Vec<Option<Corner>> =
        (0..4).map(|k| corner(&lines[k], &lines[(k + 1) % 4], style.depth_m)).collect();
    for k in 0..4 {
        let from = corners[(k + 3) % 4].as_ref().map_or(style.depth_m, |c| c.begin);
        let to = corners[k].as_ref().map_or(lines[k].length() - style.depth_m, |c| c.end);
        row(draft, block, k, &lines[k], from, to, style);
        if let Some(kite) = corners[k].as_ref().and_then(|c| c.kite) {
            let year = draft.rng.i32(style.years[0]..=style.years[1]);
            let storeys = style.storeys[1];
            let eaves_m = f64::from(storeys) * storey_height(year) + 0.6;
            let street = street_name(draft, block, k);
            let is_shop = draft.chance(if style.is_mixed { 0.6 } else { 0.12 });
            let jobs = if is_shop { draft.rng.u32(4..=10) } else { 0 };
            let roof = if style.roofs.contains(&Roof::Flat) { Roof::Flat } else { Roof::Spire };
            draft.build(Plot {
                ring: kite,
                roof,
                eaves_m,
                ridge_m: if roof == Roof::Flat { eaves_m } else { eaves_m + style.depth_m * 0.4 },
                storeys,
                function: if is_shop { Use::Shop } else { Use::Housing },
                year,
                dwellings: style.dwellings.max(2),
                jobs,
                street,
                name: None,
                amenity: None,
                neighbourhood: block.neighbourhood,
                row: 0,
            });
        }
    }
}

/// Rows along the two longer sides, gardens back to back, and an alley between them.
fn back_to_back(draft: &mut Draft, block: &Block, style: &RowStyle) {
    let length = |k: usize| block.sides[k].line.length() + block.sides[(k + 2) % 4].line.length();
    let long = usize::from(length(1) > length(0));
    let lines = frontages(block, style.setback_m);
    for k in [long, long + 2] {
        let start = corner(&lines[(k + 3) % 4], &lines[k], 0.0).map_or(4.0, |c| c.begin);
        let end = corner(&lines[k], &lines[(k + 1) % 4], 0.0).map_or(lines[k].length() - 4.0, |c| c.end);
        row(draft, block, k, &lines[k], start.max(0.0), end.min(lines[k].length()), style);
    }
    path_across(draft, block, (long + 1) % 4, Profile::FOOTWAY, "");
    garden_trees(draft, block, 0.0022);
}

/// A path from the middle of one side to the middle of the opposite one, when both lie on streets.
pub fn path_across(draft: &mut Draft, block: &Block, side: usize, profile: Profile, name: &str) {
    let (Some(a), Some(b)) = (block.sides[side].street, block.sides[(side + 2) % 4].street) else { return };
    let from = draft.streets.split_near(&[a], between(block, side, 0.0), 12.0);
    let to = draft.streets.split_near(&[b], between(block, side, 1.0), 12.0);
    let (Some(from), Some(to)) = (from, to) else { return };
    let line = Polyline::spline(&[from, lerp(between(block, side, 0.5), lerp(from, to, 0.5), 0.3), to], 12.0);
    if line.length() > 15.0 && is_free(draft, &line, profile.half_width()) {
        draft.ground.occupy_strip(line.points(), profile.half_width(), Occupant::Street);
        draft.streets.add(name, profile, line);
    }
}

/// Whether a strip along the line touches no building and no water.
pub fn is_free(draft: &Draft, line: &Polyline, half: f64) -> bool {
    line.resampled(3.0).iter().all(|&p| {
        let minds = |o: Occupant| matches!(o, Occupant::Building | Occupant::Water);
        draft.ground.obstacle_at(p, half, minds).is_none()
    })
}

pub fn garden_trees(draft: &mut Draft, block: &Block, per_m2: f64) {
    let ring = block.ring();
    let count = (area(&ring) * per_m2 * 0.5) as usize;
    for _ in 0..count {
        let (s, t) = (draft.rng.f64(), draft.rng.f64());
        let p = lerp(
            lerp(block.sides[0].line.first(), block.sides[1].line.first(), s),
            lerp(block.sides[3].line.first(), block.sides[2].line.first(), s),
            0.25 + 0.5 * t,
        );
        let height = draft.between(4.0, 8.5);
        let minds = |o: Occupant| !matches!(o, Occupant::Open);
        if draft.ground.obstacle_at(p, 2.0, minds).is_none() {
            draft.plant(p, height);
        }
    }
}

/// A rectangular frame inside a block: centre, axes and the free half sizes between the streets.
pub struct Frame {
    pub center: P2,
    pub ex: P2,
    pub ey: P2,
    pub half_w: f64,
    pub half_h: f64,
}

impl Frame {
    pub fn of(block: &Block, setback: f64) -> Self {
        let c: [P2; 4] = std::array::from_fn(|k| block.sides[k].line.first());
        let ex = unit(add(sub(c[1], c[0]), sub(c[2], c[3])));
        let ey = left(ex);
        let reach = |a: P2, b: P2, axis: P2| dot(sub(b, a), axis).abs();
        let half_w = reach(c[0], c[1], ex).min(reach(c[3], c[2], ex)) / 2.0;
        let half_h = reach(c[0], c[3], ey).min(reach(c[1], c[2], ey)) / 2.0;
        let hw = |a: usize, b: usize| block.sides[a].half_width.max(block.sides[b].half_width) + setback;
        Self {
            center: middle(&c),
            ex,
            ey,
            half_w: (half_w - hw(1, 3)).max(5.0),
            half_h: (half_h - hw(0, 2)).max(5.0),
        }
    }

    pub fn at(&self, x: f64, y: f64) -> P2 {
        add(self.center, add(scale(self.ex, x), scale(self.ey, y)))
    }

    /// The point of the block's own bent square: `u`, `v` from -1 to 1 between the streets' edges.
    pub fn bent(block: &Block, u: f64, v: f64) -> P2 {
        let c: [P2; 4] = std::array::from_fn(|k| block.sides[k].line.first());
        lerp(lerp(c[0], c[1], u / 2.0 + 0.5), lerp(c[3], c[2], u / 2.0 + 0.5), v / 2.0 + 0.5)
    }

    /// A rectangle around `(x, y)`; its front looks to −y.
    pub fn rect(&self, x: f64, y: f64, w: f64, h: f64) -> [P2; 4] {
        [
            self.at(x - w / 2.0, y - h / 2.0),
            self.at(x + w / 2.0, y - h / 2.0),
            self.at(x + w / 2.0, y + h / 2.0),
            self.at(x - w / 2.0, y + h / 2.0),
        ]
    }
}

/// A large building of its own.
pub struct Big<'a> {
    pub ring: [P2; 4],
    pub roof: Roof,
    pub storeys: u32,
    pub storey_m: f64,
    pub function: Use,
    pub years: [i32; 2],
    /// One dwelling (or job) for so many m² of floor; 0 for none.
    pub m2_per_dwelling: f64,
    pub m2_per_job: f64,
    pub name: Option<&'a str>,
    pub amenity: Option<&'static str>,
}

pub fn big(draft: &mut Draft, block: &Block, big: Big) -> bool {
    let floor = area(&big.ring) * f64::from(big.storeys) * 0.85;
    let per = |m2: f64| if m2 > 0.0 { (floor / m2).round() as u32 } else { 0 };
    let eaves_m = f64::from(big.storeys) * big.storey_m + 0.5;
    let span = super::geometry::distance(big.ring[1], big.ring[2]);
    let ridge_m = match big.roof {
        Roof::Flat => eaves_m,
        Roof::Spire => eaves_m * 1.55,
        Roof::Gable | Roof::FrontGable | Roof::Hip | Roof::Gambrel => eaves_m + span * 0.42,
    };
    let year = draft.rng.i32(big.years[0]..=big.years[1]);
    let street = street_name(draft, block, 0);
    draft.build(Plot {
        ring: big.ring,
        roof: big.roof,
        eaves_m,
        ridge_m,
        storeys: big.storeys,
        function: big.function,
        year,
        dwellings: per(big.m2_per_dwelling),
        jobs: per(big.m2_per_job),
        street,
        name: big.name.map(str::to_owned),
        amenity: big.amenity,
        neighbourhood: block.neighbourhood,
        row: 0,
    })
}

/// The block's ground inside its streets' edges as a surface.
pub fn lawn(draft: &mut Draft, block: &Block, cover: &'static str, margin: f64, name: Option<&str>) {
    draft.surface(cover, inner_ring(block, margin), name);
}

/// The ring inside the streets of a block, `margin` metres from their edges.
pub fn inner_ring(block: &Block, margin: f64) -> Vec<P2> {
    let lines: Vec<Polyline> =
        block.sides.iter().map(|side| side.line.offset(side.half_width + margin)).collect();
    let mut ring = Vec::new();
    for k in 0..4 {
        let (line, next) = (&lines[k], &lines[(k + 1) % 4]);
        let before = &lines[(k + 3) % 4];
        let start = corner(before, line, 0.0).map_or(0.0, |c| c.begin.max(0.0));
        let end = corner(line, next, 0.0).map_or(line.length(), |c| c.end.min(line.length()));
        let inner: Vec<P2> = line.cut(start + 0.5, (end - 0.5).max(start + 0.6)).points().to_vec();
        ring.extend(inner);
    }
    ring
}

/// Fills one block after its letter.
pub fn fill(draft: &mut Draft, block: &Block) {
    match block.kind {
        'c' => {
            let court = inner_ring(block, OLD_TOWN.depth_m + 1.0);
            if area(&court) > 350.0 {
                draft.surface("grass", court, None);
            }
            perimeter(draft, block, &OLD_TOWN);
            garden_trees(draft, block, 0.003);
        }
        'n' => {
            lawn(draft, block, "grass", NINETEENTH.setback_m + NINETEENTH.depth_m, None);
            perimeter(draft, block, &NINETEENTH);
            garden_trees(draft, block, 0.0025);
        }
        'p' => {
            lawn(draft, block, "grass", 0.5, None);
            perimeter(draft, block, &PERIMETER);
            garden_trees(draft, block, 0.0025);
        }
        'r' => {
            lawn(draft, block, "grass", 0.5, None);
            back_to_back(draft, block, &GARDEN_CITY);
        }
        'q' => {
            lawn(draft, block, "grass", 0.5, None);
            back_to_back(draft, block, &POST_WAR);
        }
        'w' => super::quarters::home_zone(draft, block),
        'u' => {
            lawn(draft, block, "grass", 0.5, None);
            back_to_back(draft, block, &SEVENTIES);
        }
        'd' => super::quarters::detached(draft, block, true),
        'v' => super::quarters::detached(draft, block, false),
        's' => super::quarters::slabs(draft, block),
        't' => super::quarters::towers(draft, block),
        'o' => super::quarters::offices(draft, block),
        'i' => super::quarters::works(draft, block),
        'e' => super::civic::school(draft, block),
        'x' => super::civic::local_centre(draft, block),
        'k' => super::civic::garage(draft, block),
        'B' => super::civic::hospital(draft, block),
        'M' => super::civic::market(draft, block),
        'H' => super::civic::town_hall(draft, block),
        'K' => super::civic::church(draft, block),
        'S' => super::civic::station_square(draft, block),
        'F' => super::green::sports(draft, block),
        'G' => super::green::park(draft, block),
        _ => lawn(draft, block, "grass", 0.5, None),
    }
}

pub fn home_rows(draft: &mut Draft, block: &Block, k: usize, line: &Polyline, from: f64, to: f64) {
    row(draft, block, k, line, from, to, &SEVENTIES);
}

pub fn courtyard(block: &Block, margin: f64) -> Vec<P2> {
    inset(&inner_ring(block, 0.0), margin)
}

pub fn along_sides(draft: &mut Draft, block: &Block, sides: &[usize]) {
    let lines = frontages(block, SEVENTIES.setback_m);
    for &k in sides {
        let start = corner(&lines[(k + 3) % 4], &lines[k], 0.0).map_or(4.0, |c| c.begin.max(0.0));
        let end = corner(&lines[k], &lines[(k + 1) % 4], 0.0).map_or(lines[k].length(), |c| c.end);
        row(draft, block, k, &lines[k], start, end.min(lines[k].length()), &SEVENTIES);
    }
}
