//! The station between the tracks and its square.

use super::{
    draft::Draft,
    geometry::{P2, add, left, scale},
    plan::Plan,
    plots::{Plot, Roof},
};
use crate::model::building_facts::BuildingFunction as Use;

/// Middle of the station, in the plan's frame: where trains stop.
pub fn middle(plan: &Plan) -> P2 {
    plan.lines.rail.nearest_point([45.0, 843.0])
}

/// Station hall, its two wings and the goods shed; built first, because everything else can go elsewhere.
pub fn build(draft: &mut Draft, plan: &Plan) {
    let rail = &plan.lines.rail;
    let s = rail.nearest([45.0, 843.0]);
    let direction = rail.direction(s);
    let south = scale(left(direction), -1.0);
    let neighbourhood = plan.neighbourhoods.iter().position(|n| n.name == "Stationskwartier").unwrap_or(0);
    // Along the line from the middle, length, depth, eaves, ridge, roof, name, function, jobs.
    let parts = [
        (-46.0, 34.0, 15.0, 11.0, 17.0, Roof::Hip, "Station Merewaarde", Use::Gathering, 26),
        (-76.0, 30.0, 11.0, 7.0, 11.5, Roof::Gable, "Station Merewaarde, westvleugel", Use::Gathering, 8),
        (12.0, 30.0, 11.0, 7.0, 11.5, Roof::Gable, "Station Merewaarde, oostvleugel", Use::Shop, 10),
        (62.0, 46.0, 13.0, 8.0, 8.0, Roof::Flat, "Fietsenstalling Stationsplein", Use::Other, 3),
    ];
    for (along, length, depth, eaves_m, ridge_m, roof, name, function, jobs) in parts {
        let near = add(rail.point(s + along + length / 2.0), scale(south, 13.0));
        let d = rail.direction(s + along + length / 2.0);
        let out = scale(left(d), -1.0);
        let (a, b) = (add(near, scale(d, length / 2.0)), add(near, scale(d, -length / 2.0)));
        // The front looks at the square, away from the tracks.
        let (fa, fb) = (add(b, scale(out, depth)), add(a, scale(out, depth)));
        let is_main = name == "Station Merewaarde";
        draft.build(Plot {
            ring: [fa, fb, a, b],
            roof,
            eaves_m,
            ridge_m,
            storeys: 2,
            function,
            year: 1903,
            dwellings: 0,
            jobs,
            street: "Stationsweg".to_owned(),
            name: Some(name.to_owned()),
            amenity: is_main.then_some("station"),
            neighbourhood,
            row: 0,
        });
    }
    draft.place(middle(plan), "station", "Station Merewaarde", None);
}
