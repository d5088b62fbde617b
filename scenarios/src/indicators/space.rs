//! Street space without cars (MODELS.md section 12, space split, as far as the streets tell).

use layers::model::{LinkClass, Modes};

use super::{Context, Detail, Finding, Numbers, ObjectShare, Statement, judge::missing};
use crate::engine::{NodeError, Part};

/// The width of a street is often the usual one of its class.
const LEVEL_BAND: f64 = 0.10;

/// Square metres of streets that are wide enough for cars but not open to them.
pub(super) fn car_free_space(context: &Context) -> Result<Finding, NodeError> {
    let network = context.baseline().network();
    // Both parts by name: whether cars may drive is in the one, which links are under a measure in the other.
    let streets = &context.edit(Part::Cars)?.streets;
    let treated = &context.edit(Part::Treated)?.streets;
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
        let (forward, backward) = streets.modes(network, index);
        let is_free = !(forward | backward).contains(Modes::CAR);
        before += if was_free { area } else { 0.0 };
        after += if is_free { area } else { 0.0 };
        if was_free != is_free && treated.is_treated(index) {
            objects.push(ObjectShare {
                kind: "link",
                index,
                id: link.id.clone(),
                name: link.name.clone(),
                change: if is_free { area } else { -area },
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
    let details = vec![
        detail("space-with-cars", Some(all - before), Some(all - after), "m2"),
        detail("space-without-cars", Some(before), Some(after), "m2"),
        detail("space-per-resident", per_resident(before), per_resident(after), "m2"),
    ];
    let explanation = vec![Statement::new(
        "explain-car-free-space",
        vec![("all", all.into()), ("difference", (after - before).into())],
        format!(
            "{:+.0} m² of {all:.0} m² of street lose their cars; the paving stays as it is",
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
