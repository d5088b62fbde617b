//! The street that empties and the street that fills: both, always (MODELS.md section 14, point 8).

use std::collections::BTreeMap;

use layers::model::{LinkClass, StreetNetwork};

use super::{Computed, Context, Detail, MOST_INCREASED_STREET, Numbers, STREET_TRAFFIC, Statement};

/// Shorter links are crossings rather than streets.
const SHORTEST_STREET_M: f64 = 20.0;
const LISTED_STREETS: usize = 5;

/// Vehicles a day on the streets under a measure: mean over their links, weighted by length.
pub(super) fn street_traffic(context: &Context) -> Computed {
    if let Err(reason) = &context.traffic {
        return Context::no_traffic(STREET_TRAFFIC, reason);
    }
    let network = context.baseline.network();
    let (mut metres, mut baseline, mut scenario, mut noise) = (0.0, 0.0, [0.0; 3], 0.0);
    for link in context.edit.streets.treated_links() {
        let (Some(street), Some(outcome)) = (network.links.get(link), context.links.get(link)) else {
            continue;
        };
        let length = street.length_m.max(1.0);
        metres += length;
        baseline += length * outcome.baseline;
        noise += length * outcome.noise_floor;
        for (sum, flow) in scenario.iter_mut().zip([outcome.low, outcome.central, outcome.high]) {
            *sum += length * flow;
        }
    }
    if metres <= 0.0 {
        return Context::missing(
            STREET_TRAFFIC,
            Statement::new(
                "reason-no-treated-street",
                vec![],
                "no street is under a measure in this scenario",
            ),
        );
    }
    let numbers = Numbers {
        baseline: baseline / metres,
        scenario: scenario.map(|sum| sum / metres),
        level_band: context.baseline.assumptions().synthetic_demand_band.central,
        difference_band: context.baseline.assumptions().synthetic_demand_band.central,
        noise_floor: noise / metres,
    };
    let names = street_names(network, context.edit.streets.treated_links());
    let explanation = vec![Statement::new(
        "explain-street-traffic",
        vec![
            ("street", names.clone().into()),
            ("metres", metres.into()),
            ("baseline", numbers.baseline.into()),
        ],
        format!("{names}: {metres:.0} m of street, {:.0} vehicles a day before", numbers.baseline),
    )];
    context.compared(STREET_TRAFFIC, &numbers, explanation, Vec::new())
}

/// Vehicles a day on the link outside the measures that gains most. Ties go to the busier link.
pub(super) fn most_increased_street(context: &Context) -> Computed {
    if let Err(reason) = &context.traffic {
        return Context::no_traffic(MOST_INCREASED_STREET, reason);
    }
    let network = context.baseline.network();
    let is_street = |index: usize| {
        let link = &network.links[index];
        !context.edit.streets.is_treated(index)
            && link.length_m >= SHORTEST_STREET_M
            && link.class.is_carriageway()
            && link.class != LinkClass::Service
    };
    let gain = |index: usize| context.links[index].central - context.links[index].baseline;
    let most = (0..context.links.len()).filter(|&index| is_street(index)).max_by(|&a, &b| {
        gain(a)
            .total_cmp(&gain(b))
            .then(context.links[a].baseline.total_cmp(&context.links[b].baseline))
            .then(b.cmp(&a))
    });
    let Some(most) = most else {
        return Context::missing(
            MOST_INCREASED_STREET,
            Statement::new("reason-no-other-street", vec![], "there is no other street for cars"),
        );
    };
    let outcome = &context.links[most];
    let numbers = Numbers {
        baseline: outcome.baseline,
        scenario: [outcome.low, outcome.central, outcome.high],
        level_band: context.baseline.assumptions().synthetic_demand_band.central,
        difference_band: context.baseline.assumptions().synthetic_demand_band.central,
        noise_floor: outcome.noise_floor,
    };
    // The best link of each street, so that one long street does not fill the list.
    let mut by_street: BTreeMap<&str, usize> = BTreeMap::new();
    for index in (0..context.links.len()).filter(|&index| is_street(index)) {
        let name = label(network, index);
        if gain(index) > context.links[index].noise_floor {
            let best = by_street.entry(name).or_insert(index);
            if gain(index) > gain(*best) {
                *best = index;
            }
        }
    }
    let mut streets: Vec<usize> = by_street.into_values().collect();
    streets.sort_by(|&a, &b| gain(b).total_cmp(&gain(a)).then(a.cmp(&b)));
    let details = streets
        .iter()
        .take(LISTED_STREETS)
        .map(|&index| Detail {
            name: label(network, index).to_owned(),
            baseline: Some(context.links[index].baseline),
            scenario: Some(context.links[index].central),
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
    context.compared(MOST_INCREASED_STREET, &numbers, explanation, details)
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
