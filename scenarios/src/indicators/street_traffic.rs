//! The street that empties and the street that fills: both, always (MODELS.md section 14, point 8).

use std::collections::BTreeMap;

use layers::model::{LinkClass, StreetNetwork};

use super::{Context, Detail, Finding, Numbers, ObjectShare, Statement, judge::missing};
use crate::engine::{
    NodeError, Part,
    nodes::{LinkOutcomes, TrafficLayer},
};

/// Shorter links are crossings rather than streets.
const SHORTEST_STREET_M: f64 = 20.0;
const LISTED_STREETS: usize = 5;
/// Factor on the noise floor of a link for the link that changes most.
const LARGEST_OF_MANY: f64 = 1.5;

/// Vehicles a day on the streets under a measure: mean over their links, weighted by length.
pub(super) fn street_traffic(context: &Context) -> Result<Finding, NodeError> {
    let outcomes = context.node::<LinkOutcomes>()?;
    let streets = &context.edit(Part::Treated)?.streets;
    let network = context.baseline().network();
    let (mut metres, mut baseline, mut scenario, mut noise) = (0.0, 0.0, [0.0; 3], 0.0);
    let mut objects = Vec::new();
    for link in streets.treated_links() {
        let (Some(street), Some(outcome)) = (network.links.get(link), outcomes.0.get(link)) else {
            continue;
        };
        objects.push(ObjectShare {
            kind: "link",
            index: link,
            id: street.id.clone(),
            name: street.name.clone(),
            change: outcome.central - outcome.baseline,
        });
        let length = street.length_m.max(1.0);
        metres += length;
        baseline += length * outcome.baseline;
        noise += length * outcome.noise_floor;
        for (sum, flow) in scenario.iter_mut().zip([outcome.low, outcome.central, outcome.high]) {
            *sum += length * flow;
        }
    }
    if metres <= 0.0 {
        return missing("reason-no-treated-street", "no street is under a measure in this scenario");
    }
    objects.sort_by(|a, b| b.change.abs().total_cmp(&a.change.abs()).then(a.index.cmp(&b.index)));
    let numbers = Numbers {
        baseline: baseline / metres,
        scenario: scenario.map(|sum| sum / metres),
        level_band: context.assumptions().synthetic_demand_band.central,
        difference_band: context.assumptions().synthetic_demand_band.central,
        noise_floor: noise / metres,
        ..Numbers::default()
    };
    let names = street_names(network, streets.treated_links());
    let explanation = vec![Statement::new(
        "explain-street-traffic",
        vec![
            ("street", names.clone().into()),
            ("metres", metres.into()),
            ("baseline", numbers.baseline.into()),
        ],
        format!("{names}: {metres:.0} m of street, {:.0} vehicles a day before", numbers.baseline),
    )];
    let formula = Statement::new(
        "filled-street-traffic",
        vec![("sum", scenario[1].into()), ("metres", metres.into()), ("value", numbers.scenario[1].into())],
        format!(
            "{:.0} vehicle-metres a day / {metres:.0} m = {:.0} vehicles a day",
            scenario[1], numbers.scenario[1]
        ),
    );
    let layer = Some(context.node::<TrafficLayer>()?.0.clone());
    Ok(Finding { numbers, explanation, formula: Some(formula), objects, layer, ..Finding::default() })
}

/// Vehicles a day on the link outside the measures that gains most. Ties go to the busier link.
pub(super) fn most_increased_street(context: &Context) -> Result<Finding, NodeError> {
    let outcomes = &context.node::<LinkOutcomes>()?.0;
    let streets = &context.edit(Part::Treated)?.streets;
    let network = context.baseline().network();
    let is_street = |index: usize| {
        let link = &network.links[index];
        !streets.is_treated(index)
            && link.length_m >= SHORTEST_STREET_M
            && link.class.is_carriageway()
            && link.class != LinkClass::Service
    };
    let gain = |index: usize| outcomes[index].central - outcomes[index].baseline;
    let most = (0..outcomes.len()).filter(|&index| is_street(index)).max_by(|&a, &b| {
        gain(a)
            .total_cmp(&gain(b))
            .then(outcomes[a].baseline.total_cmp(&outcomes[b].baseline))
            .then(b.cmp(&a))
    });
    let Some(most) = most else {
        return missing("reason-no-other-street", "there is no other street for cars");
    };
    let outcome = &outcomes[most];
    let numbers = Numbers {
        baseline: outcome.baseline,
        scenario: [outcome.low, outcome.central, outcome.high],
        level_band: context.assumptions().synthetic_demand_band.central,
        difference_band: context.assumptions().synthetic_demand_band.central,
        // The largest of thousands of changes is further from nothing than any one of them would be.
        noise_floor: LARGEST_OF_MANY * outcome.noise_floor,
        ..Numbers::default()
    };
    // The best link of each street, so that one long street does not fill the list.
    let mut by_street: BTreeMap<&str, usize> = BTreeMap::new();
    for index in (0..outcomes.len()).filter(|&index| is_street(index)) {
        let name = label(network, index);
        if gain(index) > outcomes[index].noise_floor {
            let best = by_street.entry(name).or_insert(index);
            if gain(index) > gain(*best) {
                *best = index;
            }
        }
    }
    let mut filled: Vec<usize> = by_street.into_values().collect();
    filled.sort_by(|&a, &b| gain(b).total_cmp(&gain(a)).then(a.cmp(&b)));
    let objects = filled
        .iter()
        .map(|&index| ObjectShare {
            kind: "link",
            index,
            id: network.links[index].id.clone(),
            name: network.links[index].name.clone(),
            change: gain(index),
        })
        .collect();
    let details = filled
        .iter()
        .take(LISTED_STREETS)
        .map(|&index| Detail {
            name: label(network, index).to_owned(),
            baseline: Some(outcomes[index].baseline),
            scenario: Some(outcomes[index].central),
            unit: "veh/day",
        })
        .collect();
    let name = label(network, most);
    let explanation = vec![Statement::new(
        "explain-most-increased-street",
        vec![
            ("street", name.into()),
            ("link", network.links[most].id.as_str().into()),
            ("gain", gain(most).into()),
        ],
        format!("{name} gains most: {:+.0} vehicles a day", gain(most)),
    )];
    let formula = Statement::new(
        "filled-most-increased-street",
        vec![
            ("street", name.into()),
            ("baseline", outcome.baseline.into()),
            ("scenario", outcome.central.into()),
            ("gain", gain(most).into()),
        ],
        format!(
            "{name}: {:.0} − {:.0} = {:+.0} vehicles a day",
            outcome.central,
            outcome.baseline,
            gain(most)
        ),
    );
    let layer = Some(context.node::<TrafficLayer>()?.0.clone());
    Ok(Finding { numbers, explanation, formula: Some(formula), details, objects, layer })
}

/// The name of a street, or its id where it has none.
fn label(network: &StreetNetwork, link: usize) -> &str {
    network.links.get(link).map_or("", |l| if l.name.is_empty() { &l.id } else { &l.name })
}

/// Distinct names in the order of the links, joined.
fn street_names(network: &StreetNetwork, links: impl Iterator<Item = usize>) -> String {
    let mut names: Vec<&str> = Vec::new();
    for link in links {
        let name = label(network, link);
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names.join(", ")
}
