//! Street space without cars, ground for parking, and how the ground is divided (MODELS.md section 12, space split).

use layers::model::{LinkClass, Modes};

use super::{Context, Detail, Finding, Numbers, ObjectShare, Statement, judge::missing};
use crate::{
    engine::{
        NodeError, Part,
        nodes::{BaselineGround, ScenarioGround},
    },
    models::space::SpaceClass,
};

/// The width of a street is often the usual one of its class.
const LEVEL_BAND: f64 = 0.10;

/// Square metres of streets that are wide enough for cars but given to people on foot.
pub(super) fn car_free_space(context: &Context) -> Result<Finding, NodeError> {
    let network = context.baseline().network();
    let streets = &context.edit(Part::Space)?.streets;
    let is_street = |class: LinkClass| {
        (class.is_carriageway() && class != LinkClass::Service) || class == LinkClass::Pedestrian
    };
    let (mut all, mut before, mut after) = (0.0, 0.0, 0.0);
    let mut objects = Vec::new();
    for (index, link) in network.links.iter().enumerate() {
        let area = link.length_m * link.width_m;
        if !is_street(link.class) || !area.is_finite() || area <= 0.0 {
            continue;
        }
        all += area;
        let was_free = !(link.forward | link.backward).contains(Modes::CAR);
        // A filter or a bus gate stops cars that drive through; to the doors they still come.
        let is_free = was_free || streets.link(index).is_for_foot;
        before += if was_free { area } else { 0.0 };
        after += if is_free { area } else { 0.0 };
        if was_free != is_free {
            objects.push(ObjectShare {
                kind: "link",
                index,
                id: link.id.clone(),
                name: link.name.clone(),
                change: area,
            });
        }
    }
    if all <= 0.0 {
        return missing("reason-no-street-space", "expected streets with a width, found none");
    }
    objects.sort_by(|a, b| b.change.abs().total_cmp(&a.change.abs()).then(a.index.cmp(&b.index)));
    let residents = context.baseline().facts().residents();
    let per_resident = |m2: f64| (residents > 0.0).then(|| m2 / residents);
    let detail = |name: &str, was: Option<f64>, is: Option<f64>, unit| Detail {
        name: name.to_owned(),
        baseline: was,
        scenario: is,
        unit,
    };
    let mut details = vec![
        detail("space-with-cars", Some(all - before), Some(all - after), "m2"),
        detail("space-without-cars", Some(before), Some(after), "m2"),
        detail("space-per-resident", per_resident(before), per_resident(after), "m2"),
    ];
    details.extend(split_of_the_ground(context)?);
    let explanation = vec![Statement::new(
        "explain-car-free-space",
        vec![("all", all.into()), ("difference", (after - before).into())],
        format!(
            "{:+.0} m² of {all:.0} m² of street become room for people on foot; the paving stays as it is",
            after - before
        ),
    )];
    let formula = Statement::new(
        "filled-car-free-space",
        vec![("all", all.into()), ("with", (all - after).into()), ("value", after.into())],
        format!("{all:.0} − {:.0} = {after:.0} m²", all - after),
    );
    Ok(Finding {
        numbers: Numbers {
            baseline: before,
            scenario: [after; 3],
            level_band: LEVEL_BAND,
            difference_band: LEVEL_BAND,
            ..Numbers::default()
        },
        explanation,
        formula: Some(formula),
        details,
        objects,
        layer: None,
    })
}

/// Every class of the ground before and after, and for each resident.
fn split_of_the_ground(context: &Context) -> Result<Vec<Detail>, NodeError> {
    let (before, after) = (context.node::<BaselineGround>()?, context.node::<ScenarioGround>()?);
    let residents = context.baseline().facts().residents();
    let mut details = Vec::new();
    for class in SpaceClass::ALL {
        let (was, is) = (before.split().get(class), after.split().get(class));
        let name = format!("ground-{}", class.name());
        details.push(Detail { name: name.clone(), baseline: Some(was), scenario: Some(is), unit: "m2" });
        if residents > 0.0 {
            let (baseline, scenario) = (Some(was / residents), Some(is / residents));
            details.push(Detail { name: format!("{name}-per-resident"), baseline, scenario, unit: "m2" });
        }
    }
    let (was, is) = (before.split().total(), after.split().total());
    details.push(Detail {
        name: "ground-all".to_owned(),
        baseline: Some(was),
        scenario: Some(is),
        unit: "m2",
    });
    Ok(details)
}

/// Square metres of ground on which cars are parked: mapped, or assumed along streets with homes.
pub(super) fn parking_space(context: &Context) -> Result<Finding, NodeError> {
    let (ground, change) = (context.node::<BaselineGround>()?, context.node::<ScenarioGround>()?);
    if ground.split().total() <= 0.0 {
        return missing("reason-no-street-space", "expected streets with a width, found none");
    }
    let parking =
        |splits: &[crate::models::space::Split; 3]| splits.each_ref().map(|s| s.get(SpaceClass::Parking));
    let (was, is) = (parking(&ground.splits), parking(&change.splits));
    let band = |values: [f64; 3]| {
        [values.iter().copied().fold(f64::INFINITY, f64::min), values.iter().copied().fold(0.0, f64::max)]
    };
    let differences = [0, 1, 2].map(|level| is[level] - was[level]);
    let network = context.baseline().network();
    let mut objects: Vec<ObjectShare> = change
        .by_link
        .iter()
        .filter_map(|&(index, change)| {
            let link = network.links.get(index)?;
            Some(ObjectShare { kind: "link", index, id: link.id.clone(), name: link.name.clone(), change })
        })
        .collect();
    objects.sort_by(|a, b| b.change.abs().total_cmp(&a.change.abs()).then(a.index.cmp(&b.index)));
    let assumed = was[1] - ground.mapped_parking;
    let difference = differences[1];
    let mut explanation = vec![Statement::new(
        "explain-parking-space",
        vec![
            ("mapped", ground.mapped_parking.into()),
            ("assumed", assumed.into()),
            ("difference", difference.into()),
        ],
        format!(
            "{:.0} m² of parking are on the map and {assumed:.0} m² are assumed along streets with homes; the plan \
             changes {difference:+.0} m²",
            ground.mapped_parking
        ),
    )];
    if change.unknown_places > 0.5 {
        explanation.push(Statement::new(
            "explain-parking-unknown",
            vec![("places", change.unknown_places.into())],
            format!(
                "the plan takes {:.0} places away that are neither on the map nor assumed; they are not in this number",
                change.unknown_places
            ),
        ));
    }
    if change.added_m2 > 0.5 {
        explanation.push(Statement::new(
            "explain-ground-added",
            vec![("area", change.added_m2.into())],
            format!("{:.0} m² of the plan lie on land that is on no map of the project", change.added_m2),
        ));
    }
    if ground.counts_overlaps {
        let text = "areas on top of each other count each: there are too many to tell them apart";
        explanation.push(Statement::new("explain-ground-overlaps", vec![], text));
    }
    let formula = Statement::new(
        "filled-parking-space",
        vec![
            ("baseline", was[1].into()),
            ("streets", (difference - change.hub_m2).into()),
            ("hubs", change.hub_m2.into()),
            ("value", is[1].into()),
        ],
        format!(
            "{:.0} {:+.0} in streets {:+.0} in hubs = {:.0} m²",
            was[1],
            difference - change.hub_m2,
            change.hub_m2,
            is[1]
        ),
    );
    let detail = |name: &str, was: f64, is: f64| Detail {
        name: name.to_owned(),
        baseline: Some(was),
        scenario: Some(is),
        unit: "m2",
    };
    Ok(Finding {
        numbers: Numbers {
            baseline: was[1],
            scenario: [is[1]; 3],
            bands: Some([band(was), band(is)]),
            differences: Some([
                differences.iter().copied().fold(f64::INFINITY, f64::min),
                differences.iter().copied().fold(f64::NEG_INFINITY, f64::max),
            ]),
            ..Numbers::default()
        },
        explanation,
        formula: Some(formula),
        details: vec![
            detail("parking-outside-hubs", was[1], is[1] - change.hub_m2),
            detail("parking-in-hubs", 0.0, change.hub_m2),
        ],
        objects,
        layer: None,
    })
}
