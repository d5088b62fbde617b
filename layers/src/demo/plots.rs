//! Footprints of buildings, and the index that keeps them off streets, water and each other.

use std::collections::HashMap;

use super::geometry::{P2, area, is_convex, overlap};
use crate::model::building_facts::BuildingFunction;

/// Shape of a roof over a four-sided footprint `p0 p1 p2 p3` whose front is `p0 p1`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Roof {
    Flat,
    /// Ridge from side to side, parallel to the front.
    Gable,
    /// Ridge from front to back: the gable faces the street.
    FrontGable,
    /// Ridge parallel to the front, sloping ends.
    Hip,
    /// Two slopes on each side, ridge parallel to the front.
    Gambrel,
    /// Four slopes to one point.
    Spire,
}

#[derive(Clone, Debug)]
pub struct Plot {
    /// Anticlockwise; `p0 p1` faces the street.
    pub ring: [P2; 4],
    pub roof: Roof,
    /// Above the ground.
    pub eaves_m: f64,
    /// Above the ground; the eaves for flat roofs.
    pub ridge_m: f64,
    pub storeys: u32,
    pub function: BuildingFunction,
    pub year: i32,
    pub dwellings: u32,
    /// Persons at work.
    pub jobs: u32,
    pub street: String,
    pub name: Option<String>,
    pub amenity: Option<&'static str>,
    pub neighbourhood: usize,
    /// Buildings of one row share their ground level, so that eaves run on; the same number marks them.
    pub row: u32,
}

impl Plot {
    pub fn area_m2(&self) -> f64 {
        area(&self.ring)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Occupant {
    Street,
    Water,
    Rail,
    Building,
    /// Open ground that stays free of buildings: squares, courtyards, sports fields.
    Open,
}

/// Convex pieces of ground by grid square, with who is there.
#[derive(Default)]
pub struct Ground {
    pieces: Vec<(Vec<P2>, Occupant)>,
    squares: HashMap<(i32, i32), Vec<u32>>,
}

const SQUARE_M: f64 = 30.0;

fn squares_of(ring: &[P2]) -> impl Iterator<Item = (i32, i32)> {
    let index = |value: f64| (value / SQUARE_M).floor() as i32;
    let range = |axis: usize| {
        let low = ring.iter().map(|p| p[axis]).fold(f64::INFINITY, f64::min);
        let high = ring.iter().map(|p| p[axis]).fold(f64::NEG_INFINITY, f64::max);
        index(low)..=index(high)
    };
    let (xs, ys) = (range(0), range(1));
    xs.flat_map(move |x| ys.clone().map(move |y| (x, y)))
}

impl Ground {
    /// `ring` must be convex and anticlockwise; others are ignored.
    pub fn occupy(&mut self, ring: &[P2], occupant: Occupant) {
        if !is_convex(ring) {
            return;
        }
        let piece = self.pieces.len() as u32;
        for square in squares_of(ring) {
            self.squares.entry(square).or_default().push(piece);
        }
        self.pieces.push((ring.to_vec(), occupant));
    }

    /// Who is in the way of a convex ring, if anyone. Touching by less than `slack` metres is allowed.
    pub fn obstacle(&self, ring: &[P2], slack: f64, minds: impl Fn(Occupant) -> bool) -> Option<Occupant> {
        for square in squares_of(ring) {
            for &piece in self.squares.get(&square).into_iter().flatten() {
                let (other, occupant) = &self.pieces[piece as usize];
                if minds(*occupant) && overlap(ring, other, slack) {
                    return Some(*occupant);
                }
            }
        }
        None
    }

    /// As [`Self::obstacle`] for a small square of `half` metres around a point.
    pub fn obstacle_at(&self, p: P2, half: f64, minds: impl Fn(Occupant) -> bool) -> Option<Occupant> {
        let ring = [
            [p[0] - half, p[1] - half],
            [p[0] + half, p[1] - half],
            [p[0] + half, p[1] + half],
            [p[0] - half, p[1] + half],
        ];
        self.obstacle(&ring, 0.0, minds)
    }

    /// Marks a strip of `half` metres on both sides of a line.
    pub fn occupy_strip(&mut self, points: &[P2], half: f64, occupant: Occupant) {
        use super::geometry::{add, left, scale, sub, unit};
        for pair in points.windows(2) {
            let direction = unit(sub(pair[1], pair[0]));
            let side = scale(left(direction), half);
            // A little longer than the piece, so that bends leave no wedge.
            let reach = scale(direction, half * 0.05);
            let (a, b) = (sub(pair[0], reach), add(pair[1], reach));
            self.occupy(&[sub(a, side), sub(b, side), add(b, side), add(a, side)], occupant);
        }
    }
}

impl Ground {
    /// How many pieces of this kind hold the point.
    pub fn pieces_at(&self, p: P2, occupant: Occupant) -> usize {
        let square = ((p[0] / SQUARE_M).floor() as i32, (p[1] / SQUARE_M).floor() as i32);
        let pieces = self.squares.get(&square).into_iter().flatten();
        pieces
            .filter(|&&piece| {
                let (ring, kind) = &self.pieces[piece as usize];
                *kind == occupant && super::geometry::contains(ring, p)
            })
            .count()
    }
}
