//! The town while it is being drawn: streets, plots, surfaces, trees and places, in the plan's own frame.

use super::{
    geometry::{P2, area, is_convex},
    plots::{Ground, Occupant, Plot},
    streets::Streets,
};

/// A piece of ground with its cover (a word of `FeatureRole::Surfaces`).
#[derive(Clone, Debug)]
pub struct Surface {
    pub cover: &'static str,
    pub ring: Vec<P2>,
    pub name: Option<String>,
}

#[derive(Clone, Copy, Debug)]
pub struct Tree {
    pub at: P2,
    pub height_m: f64,
    pub crown_radius_m: f64,
}

#[derive(Clone, Debug)]
pub struct Place {
    pub at: P2,
    pub amenity: &'static str,
    pub name: String,
    pub capacity: Option<u32>,
}

pub struct Draft {
    pub rng: fastrand::Rng,
    pub streets: Streets,
    pub ground: Ground,
    pub plots: Vec<Plot>,
    pub surfaces: Vec<Surface>,
    pub trees: Vec<Tree>,
    pub places: Vec<Place>,
    /// Names by number; known once the plan is drawn.
    pub neighbourhoods: Vec<&'static str>,
    rows: u32,
}

impl Draft {
    pub fn new(seed: u64) -> Self {
        Self {
            rng: fastrand::Rng::with_seed(seed),
            streets: Streets::default(),
            ground: Ground::default(),
            plots: Vec::new(),
            surfaces: Vec::new(),
            trees: Vec::new(),
            places: Vec::new(),
            neighbourhoods: Vec::new(),
            rows: 0,
        }
    }

    pub fn new_row(&mut self) -> u32 {
        self.rows += 1;
        self.rows
    }

    pub fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.rng.f64()
    }

    pub fn chance(&mut self, part: f64) -> bool {
        self.rng.f64() < part
    }

    /// Adds a building where nothing is in its way; says whether it stands.
    pub fn build(&mut self, plot: Plot) -> bool {
        if plot.area_m2() < 18.0
            || !is_convex(&plot.ring)
            || self.ground.obstacle(&plot.ring, 0.03, |_| true).is_some()
        {
            return false;
        }
        self.ground.occupy(&plot.ring, Occupant::Building);
        self.plots.push(plot);
        true
    }

    pub fn surface(&mut self, cover: &'static str, ring: Vec<P2>, name: Option<&str>) {
        if ring.len() >= 3 && area(&ring).abs() > 4.0 {
            let ring = if area(&ring) < 0.0 { ring.into_iter().rev().collect() } else { ring };
            self.surfaces.push(Surface { cover, ring, name: name.map(str::to_owned) });
        }
    }

    /// A tree that touches no wall, water, rail or carriageway.
    pub fn plant(&mut self, at: P2, height_m: f64) {
        let minds = |o: Occupant| matches!(o, Occupant::Building | Occupant::Water | Occupant::Rail);
        if self.ground.obstacle_at(at, 1.3, minds).is_none() {
            self.trees.push(Tree { at, height_m, crown_radius_m: height_m * 0.32 });
        }
    }

    pub fn place(&mut self, at: P2, amenity: &'static str, name: impl Into<String>, capacity: Option<u32>) {
        self.places.push(Place { at, amenity, name: name.into(), capacity });
    }
}
