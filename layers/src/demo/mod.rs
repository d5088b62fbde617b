//! The fictional demo town Merewaarde: the first city that anyone sees.
//!
//! It lies in the open water of the IJsselmeer, in RD New and NAP, where no town is: nothing in it is real. The plan
//! (`plan`, `quarter_tables`) is drawn by hand as curves and text; everything else follows from it and a seed, so that
//! the same seed always gives the same town.

mod blocks;
mod civic;
mod draft;
mod facts;
mod features;
mod geometry;
mod green;
mod landscape;
mod main_lines;
mod patch;
mod plan;
mod plots;
mod quarter_tables;
mod quarters;
mod relief;
mod sensors;
mod solids;
mod station;
mod streets;
mod transit;
mod write;

use std::sync::Arc;

use geometry::{P2, Polyline};
use plots::Occupant;

use crate::model::{Layer, LayerData, Provenance};

pub use write::write;

/// The town that opens when the program starts without a file.
pub const DEMO_SEED: u64 = 1642;

/// Name of the town; fictional.
pub const TOWN: &str = "Merewaarde";

/// The market square in RD New, metres: open water of the IJsselmeer in reality.
pub const ORIGIN: P2 = [155_000.0, 525_000.0];

/// Day of the data.
pub const DATE: &str = "2026-06-15";

/// The town as layers, with hints for the first picture.
#[derive(Clone, Debug)]
pub struct DemoCity {
    pub name: String,
    /// "buildings", "streets", "transit", "sensors", "neighbourhoods", "surfaces", "trees", "rail",
    /// "points-of-interest", "cordon", "terrain".
    pub layers: Vec<Layer>,
    pub home: HomeView,
}

/// Where a first picture looks best from: the old town with its canal, the river in front.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HomeView {
    /// Point looked at, RD New, metres.
    pub target: [f64; 2],
    /// Distance of the eye from the target, metres.
    pub distance_m: f64,
    /// Direction in which one looks, degrees clockwise from north.
    pub heading_deg: f64,
    /// Angle below the horizon, degrees.
    pub pitch_deg: f64,
}

impl DemoCity {
    pub fn layer(&self, id: &str) -> Option<&Layer> {
        self.layers.iter().find(|layer| layer.id == id)
    }
}

/// Builds the town. Deterministic: equal seeds give equal layers. Takes a few tenths of a second.
pub fn build(seed: u64) -> DemoCity {
    let mut draft = draft::Draft::new(seed);
    let plan = plan::draw(&mut draft);
    draft.neighbourhoods = plan.neighbourhoods.iter().map(|n| n.name).collect();
    landscape::country_roads(&mut draft);
    landscape::claim(&mut draft, &plan);
    station::build(&mut draft, &plan);
    for block in &plan.blocks {
        blocks::fill(&mut draft, block);
    }
    let countryside = plan.neighbourhoods.len();
    landscape::farms(&mut draft, countryside);
    landscape::surfaces(&mut draft, &plan);
    landscape::polder(&mut draft, &plan);
    landscape::street_trees(&mut draft, &plan);

    let water = landscape::water_lines(&plan.lines);
    let strips: Vec<(&Polyline, f64)> = water.iter().map(|(line, half)| (line, *half)).collect();
    let ponds: Vec<Vec<P2>> = draft
        .surfaces
        .iter()
        .filter(|surface| surface.name.as_deref() == Some(green::POND))
        .map(|surface| surface.ring.clone())
        .collect();
    let terrain = relief::terrain(ORIGIN, &strips, &ponds);
    let surroundings = Around::new(&draft, &plan.lines.rail);
    let streets = draft.streets.network(ORIGIN, &surroundings);
    let buildings = facts::city_model(&draft, &plan, &terrain, seed);
    let transit = transit::timetable(&plan, &streets);
    let sensors = sensors::sensors(&draft, &terrain, seed);
    let zones = features::neighbourhoods(&plan, &draft, &buildings);

    let layers = vec![
        layer("buildings", "Gebouwen", LayerData::City(Arc::new(buildings))),
        layer("streets", "Straten", LayerData::Streets(Arc::new(streets))),
        layer("transit", "Bus en trein", LayerData::Transit(Arc::new(transit))),
        layer("sensors", "Sensoren", LayerData::Sensors(Arc::new(sensors))),
        layer("neighbourhoods", "Buurten", LayerData::Features(Arc::new(zones))),
        layer("surfaces", "Maaiveld en water", LayerData::Features(Arc::new(features::surfaces(&draft)))),
        layer("trees", "Bomen", LayerData::Features(Arc::new(features::trees(&draft)))),
        layer("rail", "Spoor", LayerData::Features(Arc::new(features::rail(&plan)))),
        layer("points-of-interest", "Voorzieningen", LayerData::Features(Arc::new(features::places(&draft)))),
        layer("cordon", "Randtellingen", LayerData::Features(Arc::new(features::cordon(&draft)))),
        layer("terrain", "Hoogte", LayerData::Terrain(Arc::new(terrain))),
    ];
    let home = HomeView {
        target: [ORIGIN[0] + 20.0, ORIGIN[1] - 60.0],
        distance_m: 1250.0,
        heading_deg: 338.0,
        pitch_deg: 34.0,
    };
    DemoCity { name: TOWN.to_owned(), layers, home }
}

fn layer(id: &str, title: &str, data: LayerData) -> Layer {
    Layer {
        id: id.to_owned(),
        title: title.to_owned(),
        data,
        provenance: Provenance {
            source: "Stadsmaquette demo city, fictional".to_owned(),
            licence: "CC0-1.0".to_owned(),
            date: DATE.to_owned(),
            checksum: String::new(),
        },
        faults: Vec::new(),
    }
}

/// What the network asks of the rest of the plan.
struct Around<'a> {
    ground: &'a plots::Ground,
    rail: &'a Polyline,
    /// Ring road and outer singel, and the streets that have signals where they meet them.
    rings: Vec<&'a Polyline>,
    mains: Vec<&'a Polyline>,
}

impl<'a> Around<'a> {
    fn new(draft: &'a draft::Draft, rail: &'a Polyline) -> Self {
        let named = |names: &[&str]| {
            let streets = draft.streets.all.iter();
            streets
                .filter(|street| names.contains(&street.name.as_str()))
                .map(|street| &street.line)
                .collect()
        };
        Self {
            ground: &draft.ground,
            rail,
            rings: named(&["Ringweg", "Buitensingel"]),
            mains: named(&[
                "Westerweg",
                "Oosterweg",
                "Noorderweg",
                "Zuiderweg",
                "Stationsweg",
                "Spoorlaan",
                "Merekade",
                "Zuiderkade",
            ]),
        }
    }
}

impl streets::Surroundings for Around<'_> {
    fn has_signals(&self, node: P2) -> bool {
        let is_on = |lines: &[&Polyline]| lines.iter().any(|line| line.distance_to(node) < 0.5);
        is_on(&self.rings) && is_on(&self.mains)
    }

    fn is_bridge(&self, piece: &Polyline) -> bool {
        let steps = (piece.length() / 4.0).ceil().max(2.0) as usize;
        (1..steps).any(|step| {
            let p = piece.point(piece.length() * step as f64 / steps as f64);
            self.ground.pieces_at(p, Occupant::Water) > 0
        })
    }

    fn is_tunnel(&self, piece: &Polyline) -> bool {
        piece.crossing(self.rail).is_some()
    }
}
