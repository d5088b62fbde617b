//! The incremental engine on the demo town.

use scenarios::{
    Assumptions, Baseline, Cancel, Evaluation, Quality, Scenario,
    engine::Engine,
    evaluate::IndicatorOutcome,
    measures::{ChangeSpeed, CloseLink, Measure, OneWay, PedestrianStreet},
    street::whole_street,
};

use super::Group;

/// A sequence of edits, always the same: each adds, changes or takes away a measure.
fn edits(baseline: &Baseline) -> Vec<Vec<Measure>> {
    let network = baseline.network();
    let street = |name: &str| {
        let first = (0..network.links.len()).find(|&link| network.links[link].name == name);
        first.map_or_else(Vec::new, |first| whole_street(network, first))
    };
    let shopping = street("Voorstraat");
    let pedestrian = PedestrianStreet::on_links(network, &shopping);
    let mut without_bicycles = pedestrian.clone();
    without_bicycles.allows_cycling = false;
    let a = Measure::PedestrianStreet(pedestrian);
    let b = Measure::PedestrianStreet(without_bicycles);
    let c = Measure::ChangeSpeed(ChangeSpeed::on_links(network, &street("Stationsweg"), 30.0));
    let d = Measure::CloseLink(CloseLink::on_links(network, &street("Torenstraat")));
    let e = Measure::OneWay(OneWay::along(network, &street("Brugstraat"), false));
    vec![
        vec![a.clone()],
        vec![b.clone()],
        vec![b.clone(), c.clone()],
        vec![b.clone()],
        vec![b.clone(), d.clone()],
        vec![d.clone(), e.clone()],
        vec![a.clone(), d, e],
        vec![a],
        vec![c, b],
    ]
}

fn run(engine: &Engine, baseline: &Baseline, measures: &[Measure]) -> Option<(Evaluation, usize)> {
    let scenario = Scenario { measures: measures.to_vec(), ..Scenario::new("plan", "Plan") };
    let outcome = engine.evaluate(baseline, &scenario, Quality::Answer, &Cancel::default(), &mut |_| {});
    outcome.ok().map(|(evaluation, report)| ((*evaluation).clone(), report.computed.len()))
}

pub fn incremental() -> Group {
    let mut group = Group::new("incremental engine, demo town");
    let town = layers::demo::build(layers::demo::DEMO_SEED);
    let Ok(baseline) = Baseline::from_layers(&town.layers, &Assumptions::default()) else {
        group.add("the demo town is a baseline", "no", false);
        return group;
    };
    let before = baseline.fingerprint().to_owned();
    let nothing = run(baseline.engine(), &baseline, &[]);
    let changed = nothing.as_ref().map_or(vec!["no evaluation"], |(evaluation, _)| {
        let differs = |outcome: &&IndicatorOutcome| {
            outcome.delta.is_some_and(|delta| delta.low != 0.0 || delta.high != 0.0)
        };
        evaluation.scenario.iter().filter(differs).map(|outcome| outcome.id).collect()
    });
    let text = format!("{} differ {}", changed.len(), changed.join(", "));
    group.add("nothing changed: every difference exactly 0", text.trim_end().to_owned(), changed.is_empty());

    let sequence = edits(&baseline);
    let (mut tables, mut flows, mut computed, mut full) = (0, 0.0_f64, 0, 0);
    for measures in &sequence {
        let fresh = Engine::default();
        let (Some((incremental, own)), Some((recomputed, all))) =
            (run(baseline.engine(), &baseline, measures), run(&fresh, &baseline, measures))
        else {
            group.add("every edit is evaluated", "no", false);
            return group;
        };
        tables += usize::from(
            incremental.scenario != recomputed.scenario || incremental.baseline != recomputed.baseline,
        );
        for (a, b) in incremental.links.iter().zip(&recomputed.links) {
            flows = flows.max((a.central - b.central).abs() / b.central.abs().max(1.0));
        }
        computed += own;
        full += all;
    }
    group.add(
        format!("{} edits: tables equal a full recompute, bit for bit", sequence.len()),
        format!("{tables} differ"),
        tables == 0,
    );
    group.add("flows within 1e-6 of a full recompute", format!("{flows:.1e}"), flows <= 1e-6);
    group.add(
        "an edit computes less than everything",
        format!("{computed} nodes instead of {full}"),
        computed < full,
    );
    let again: usize = sequence
        .iter()
        .filter_map(|measures| run(baseline.engine(), &baseline, measures))
        .map(|(_, n)| n)
        .sum();
    group.add("undo and redo compute nothing", format!("{again} nodes"), again == 0);
    group.add(
        "the baseline never changed",
        baseline.fingerprint()[..8].to_owned(),
        baseline.fingerprint() == before,
    );
    group
}

/// Counts of a city, of which a part is held out, are not among the data that come with the program.
pub fn held_out() -> Group {
    let mut group = Group::new("held-out local counts");
    group.skip("GEH < 5 on 85 % of held-out counts", "no counts of streets in the data at hand");
    group
}
