//! Computes a list of custom indicators for a scenario.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{
    CustomDefinition, CustomIndicators, TableValue, Tables,
    parse::{Aggregate, Expression, Function, Kind, Operator},
};
use crate::{
    baseline::Baseline,
    comparison::{Delta, Status},
    evaluate::{Evaluation, IndicatorOutcome},
    indicators::Statement,
};

/// A custom indicator of one scenario.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CustomOutcome {
    pub id: String,
    pub unit: String,
    /// Low, central, high.
    pub baseline: Option<[f64; 3]>,
    pub value: Option<[f64; 3]>,
    pub delta: Option<Delta>,
    pub status: Status,
    /// What the noise floors of the indicators in the formula can make of it.
    pub noise_floor: f64,
    /// Why it cannot be computed, or the formula and what went in.
    pub explanation: Vec<Statement>,
}

/// A number with what it may be within one run.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Interval {
    low: f64,
    mid: f64,
    high: f64,
}

impl Interval {
    fn exact(mid: f64) -> Self {
        Self { low: mid, mid, high: mid }
    }
    fn around(mid: f64, ends: [f64; 4]) -> Self {
        let low = ends.into_iter().fold(mid, f64::min);
        Self { low, mid, high: ends.into_iter().fold(mid, f64::max) }
    }
    fn add(self, other: Self) -> Self {
        Self { low: self.low + other.low, mid: self.mid + other.mid, high: self.high + other.high }
    }
    fn negate(self) -> Self {
        Self { low: -self.high, mid: -self.mid, high: -self.low }
    }
    fn multiply(self, other: Self) -> Self {
        let products =
            [self.low * other.low, self.low * other.high, self.high * other.low, self.high * other.high];
        Self::around(self.mid * other.mid, products)
    }
    /// `None` when the divisor may be 0.
    fn divide(self, other: Self) -> Option<Self> {
        if other.low <= 0.0 && other.high >= 0.0 {
            return None;
        }
        let quotients =
            [self.low / other.low, self.low / other.high, self.high / other.low, self.high / other.high];
        Some(Self::around(self.mid / other.mid, quotients))
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Side {
    /// Levels of the city as it is.
    Baseline,
    /// Levels of the scenario.
    Scenario,
    /// The baseline taken as exact, plus the difference with its band: what a difference is computed from.
    Difference,
}

const RUNS: [usize; 3] = [0, 1, 2];
/// The run with central adaptation.
const CENTRAL: usize = 1;

enum Value {
    Number(Interval),
    Text(String),
}

/// Computes all of `custom`. One that cannot be computed says why, and the others still answer.
pub fn evaluate_custom(
    custom: &CustomIndicators,
    baseline: &Baseline,
    evaluation: &Evaluation,
) -> Vec<CustomOutcome> {
    let before = Tables::of_baseline(baseline, Some(evaluation));
    let after = Tables::of_scenario(baseline, evaluation);
    evaluate_on(custom, evaluation, &before, &after)
}

/// As [`evaluate_custom`], on layers at hand.
pub(super) fn evaluate_on(
    custom: &CustomIndicators,
    evaluation: &Evaluation,
    before: &Tables,
    after: &Tables,
) -> Vec<CustomOutcome> {
    let all = |side: Side, run: usize, moved: Option<&str>| {
        let tables = if side == Side::Baseline { before } else { after };
        Computation { custom, evaluation, tables, side, run, moved, results: BTreeMap::new() }.run()
    };
    let levels = all(Side::Baseline, CENTRAL, None);
    let scenario = RUNS.map(|run| all(Side::Scenario, run, None));
    let differences = RUNS.map(|run| all(Side::Difference, run, None));
    // What moving each indicator by its noise floor makes of all formulas.
    let mut noise = vec![0.0; custom.definitions.len()];
    for outcome in &evaluation.scenario {
        if outcome.noise_floor > 0.0 && custom.formulas.iter().any(|formula| names(formula, outcome.id)) {
            let moved = all(Side::Difference, CENTRAL, Some(outcome.id));
            for (index, sum) in noise.iter_mut().enumerate() {
                if let (Ok(with), Ok(without)) = (&moved[index], &differences[CENTRAL][index]) {
                    *sum += (with.mid - without.mid).abs();
                }
            }
        }
    }
    custom
        .definitions
        .iter()
        .enumerate()
        .map(|(index, definition)| {
            let level = levels[index].clone();
            let runs = RUNS.map(|run| scenario[run][index].clone());
            let changes = RUNS.map(|run| differences[run][index].clone());
            outcome(definition, level, runs, changes, noise[index])
        })
        .collect()
}

type Outcome = Result<Interval, String>;

fn outcome(
    definition: &CustomDefinition,
    level: Outcome,
    runs: [Outcome; 3],
    changes: [Outcome; 3],
    noise_floor: f64,
) -> CustomOutcome {
    let baseline = level.as_ref().ok().map(|level| [level.low, level.mid, level.high]);
    let failed = |reason: &str| CustomOutcome {
        id: definition.id.clone(),
        unit: definition.unit.clone(),
        baseline,
        value: None,
        delta: None,
        status: Status::NotComputable,
        noise_floor: 0.0,
        explanation: vec![Statement::new(
            "reason-custom-indicator",
            vec![("reason", reason.into())],
            format!("\"{}\" cannot be computed: {reason}", definition.id),
        )],
    };
    let level = match level {
        Ok(level) => level,
        Err(reason) => return failed(&reason),
    };
    let mut known = Vec::new();
    for run in runs.into_iter().chain(changes) {
        match run {
            Ok(interval) => known.push(interval),
            Err(reason) => return failed(&reason),
        }
    }
    let (runs, changes) = known.split_at(3);
    let low = runs.iter().map(|run| run.low).fold(f64::INFINITY, f64::min);
    let high = runs.iter().map(|run| run.high).fold(f64::NEG_INFINITY, f64::max);
    let central = runs[CENTRAL].mid;
    let others: Vec<f64> =
        changes.iter().flat_map(|change| [change.low - level.mid, change.high - level.mid]).collect();
    let delta = Delta::from_band(changes[CENTRAL].mid - level.mid, &others, noise_floor);
    CustomOutcome {
        id: definition.id.clone(),
        unit: definition.unit.clone(),
        baseline,
        value: Some([low, central, high]),
        delta: Some(delta),
        status: delta.status,
        noise_floor,
        explanation: vec![Statement::new(
            "explain-custom-indicator",
            vec![
                ("formula", definition.formula.as_str().into()),
                ("baseline", level.mid.into()),
                ("scenario", central.into()),
            ],
            format!("{}: {} → {central}", definition.formula, level.mid),
        )],
    }
}

/// Whether a formula names a built-in indicator itself.
fn names(formula: &Expression, id: &str) -> bool {
    match &formula.kind {
        Kind::Indicator(named) => named == id,
        Kind::Negate(inner) | Kind::Not(inner) => names(inner, id),
        Kind::Binary(_, left, right) => names(left, id) || names(right, id),
        Kind::Call(_, arguments) => arguments.iter().any(|argument| names(argument, id)),
        Kind::Over { value, test, .. } => [value, test].into_iter().flatten().any(|part| names(part, id)),
        Kind::Number(_) | Kind::Text(_) | Kind::Name(_) => false,
    }
}

/// All formulas once: on one side, in one run.
struct Computation<'a> {
    custom: &'a CustomIndicators,
    evaluation: &'a Evaluation,
    tables: &'a Tables,
    side: Side,
    run: usize,
    /// A built-in indicator that is moved by its noise floor.
    moved: Option<&'a str>,
    results: BTreeMap<&'a str, Outcome>,
}

/// The row of a layer that names mean.
#[derive(Clone, Copy)]
struct Row<'a> {
    columns: &'a BTreeMap<String, Vec<TableValue>>,
    index: usize,
}

impl Computation<'_> {
    /// In the order of the definitions.
    fn run(mut self) -> Vec<Outcome> {
        for &index in &self.custom.order {
            let definition = &self.custom.definitions[index];
            let value = self.number(&self.custom.formulas[index], definition, None).and_then(|value| {
                let is_finite = [value.low, value.mid, value.high].iter().all(|v| v.is_finite());
                if is_finite { Ok(value) } else { Err("a number becomes too large".to_owned()) }
            });
            self.results.insert(&definition.id, value);
        }
        self.custom
            .definitions
            .iter()
            .map(|definition| {
                self.results
                    .remove(definition.id.as_str())
                    .unwrap_or_else(|| Err("it was not computed".to_owned()))
            })
            .collect()
    }

    fn number(&self, expression: &Expression, of: &CustomDefinition, row: Option<Row>) -> Outcome {
        match self.value(expression, of, row)? {
            Value::Number(interval) => Ok(interval),
            Value::Text(text) => {
                Err(format!("expected a number at column {}, found \"{text}\"", expression.column))
            }
        }
    }

    fn is_true(
        &self,
        expression: &Expression,
        of: &CustomDefinition,
        row: Option<Row>,
    ) -> Result<bool, String> {
        Ok(self.number(expression, of, row)?.mid != 0.0)
    }

    fn value(
        &self,
        expression: &Expression,
        of: &CustomDefinition,
        row: Option<Row>,
    ) -> Result<Value, String> {
        let truth = |is_true: bool| Interval::exact(f64::from(u8::from(is_true)));
        Ok(Value::Number(match &expression.kind {
            Kind::Number(number) => Interval::exact(*number),
            Kind::Text(text) => return Ok(Value::Text(text.clone())),
            Kind::Indicator(id) => self.indicator(id)?,
            Kind::Name(name) => return self.name(name, of, row),
            Kind::Negate(inner) => self.number(inner, of, row)?.negate(),
            Kind::Not(inner) => truth(!self.is_true(inner, of, row)?),
            Kind::Binary(Operator::And, left, right) => {
                truth(self.is_true(left, of, row)? && self.is_true(right, of, row)?)
            }
            Kind::Binary(Operator::Or, left, right) => {
                truth(self.is_true(left, of, row)? || self.is_true(right, of, row)?)
            }
            Kind::Binary(operator, left, right) => {
                let (a, b) = match (self.value(left, of, row)?, self.value(right, of, row)?) {
                    (Value::Number(a), Value::Number(b)) => (a, b),
                    (Value::Text(a), Value::Text(b)) => {
                        return Ok(Value::Number(truth((a == b) == (*operator == Operator::Equal))));
                    }
                    _ => {
                        return Err(format!(
                            "a text is compared with a number at column {}",
                            expression.column
                        ));
                    }
                };
                match operator {
                    Operator::Add => a.add(b),
                    Operator::Subtract => a.add(b.negate()),
                    Operator::Multiply => a.multiply(b),
                    Operator::Divide => a.divide(b).ok_or_else(|| {
                        format!("at column {} it divides by a number that is or may be 0", right.column)
                    })?,
                    Operator::Equal => truth(a.mid == b.mid),
                    Operator::Unequal => truth(a.mid != b.mid),
                    Operator::Less => truth(a.mid < b.mid),
                    Operator::LessOrEqual => truth(a.mid <= b.mid),
                    Operator::More => truth(a.mid > b.mid),
                    Operator::MoreOrEqual => truth(a.mid >= b.mid),
                    Operator::And | Operator::Or => truth(a.mid != 0.0 && b.mid != 0.0),
                }
            }
            Kind::Call(function, arguments) => self.call(*function, arguments, of, row)?,
            Kind::Over { what, value, table, test, .. } => {
                self.over(*what, value.as_deref(), table, test.as_deref(), of)?
            }
        }))
    }

    fn call(
        &self,
        function: Function,
        arguments: &[Expression],
        of: &CustomDefinition,
        row: Option<Row>,
    ) -> Outcome {
        if function == Function::If {
            let chosen = if self.is_true(&arguments[0], of, row)? { 1 } else { 2 };
            return self.number(&arguments[chosen], of, row);
        }
        let mut result = self.number(&arguments[0], of, row)?;
        if function == Function::Abs {
            let crosses = result.low < 0.0 && result.high > 0.0;
            let (a, b) = (result.low.abs(), result.high.abs());
            let low = if crosses { 0.0 } else { a.min(b) };
            return Ok(Interval { low, mid: result.mid.abs(), high: a.max(b) });
        }
        let pick = if function == Function::Min { f64::min } else { f64::max };
        for argument in &arguments[1..] {
            let other = self.number(argument, of, row)?;
            result = Interval {
                low: pick(result.low, other.low),
                mid: pick(result.mid, other.mid),
                high: pick(result.high, other.high),
            };
        }
        Ok(result)
    }

    fn name(&self, name: &str, of: &CustomDefinition, row: Option<Row>) -> Result<Value, String> {
        if let Some(row) = row
            && let Some(value) = row.columns.get(name).and_then(|column| column.get(row.index))
        {
            return Ok(match value {
                TableValue::Number(runs) => Value::Number(Interval::exact(runs[self.run])),
                TableValue::Text(text) => Value::Text(text.clone()),
            });
        }
        let constant =
            of.constants.get(name).ok_or_else(|| format!("\"{name}\" has no value in these data"))?;
        Ok(Value::Number(Interval { low: constant.low, mid: constant.central, high: constant.high }))
    }

    fn over(
        &self,
        what: Aggregate,
        value: Option<&Expression>,
        table: &str,
        test: Option<&Expression>,
        of: &CustomDefinition,
    ) -> Outcome {
        let table_of =
            self.tables.0.get(table).ok_or_else(|| format!("the data have no layer \"{table}\""))?;
        let (mut chosen, mut all) = (Interval::exact(0.0), 0.0);
        let mut count = 0_usize;
        for index in 0..table_of.rows {
            let row = Some(Row { columns: &table_of.columns, index });
            let own = match value {
                Some(value) => self.number(value, of, row)?,
                None => Interval::exact(1.0),
            };
            // A row without the number, as sources have them, says nothing.
            if !own.mid.is_finite() {
                continue;
            }
            all += own.mid;
            let is_chosen = match test {
                Some(test) => self.is_true(test, of, row)?,
                None => true,
            };
            if is_chosen {
                chosen = chosen.add(own);
                count += 1;
            }
        }
        match what {
            Aggregate::Sum | Aggregate::Count => Ok(chosen),
            Aggregate::Mean if count == 0 => Err(format!("the mean over no row of \"{table}\"")),
            Aggregate::Mean => {
                let n = count as f64;
                Ok(Interval { low: chosen.low / n, mid: chosen.mid / n, high: chosen.high / n })
            }
            Aggregate::Share if all == 0.0 => Err(format!("a share of nothing in \"{table}\"")),
            Aggregate::Share => Ok(Interval::exact(chosen.mid / all)),
        }
    }

    fn indicator(&self, id: &str) -> Outcome {
        if let Some(own) = self.results.get(id) {
            return own.clone().map_err(|reason| format!("[{id}] cannot be computed: {reason}"));
        }
        let outcome =
            self.evaluation.outcome(id).ok_or_else(|| format!("[{id}] is not in this evaluation"))?;
        let mut interval = self.builtin(outcome).ok_or_else(|| {
            let reason = outcome.explanation.first().map_or("it has no value", |reason| &reason.text);
            format!("[{id}] cannot be computed: {reason}")
        })?;
        if self.moved == Some(id) {
            let by = Interval::exact(outcome.noise_floor);
            interval = interval.add(by);
        }
        Ok(interval)
    }

    fn builtin(&self, outcome: &IndicatorOutcome) -> Option<Interval> {
        let baseline = self.evaluation.baseline_value(outcome.id)?;
        let (value, delta) = (outcome.value.as_ref()?, outcome.delta?);
        let runs = outcome.runs.as_ref();
        Some(match self.side {
            Side::Baseline => Interval { low: baseline.low, mid: baseline.central, high: baseline.high },
            Side::Scenario => match runs {
                Some(runs) => {
                    let mid = runs.scenario[self.run];
                    let half = mid.abs() * runs.level_band;
                    Interval { low: mid - half, mid, high: mid + half }
                }
                None => Interval { low: value.low, mid: value.central, high: value.high },
            },
            Side::Difference => match runs {
                Some(runs) => {
                    let change = runs.scenario[self.run] - baseline.central;
                    let half = change.abs() * runs.difference_band;
                    let mid = baseline.central + change;
                    Interval { low: mid - half, mid, high: mid + half }
                }
                None => Interval {
                    low: baseline.central + delta.low,
                    mid: baseline.central + delta.central,
                    high: baseline.central + delta.high,
                },
            },
        })
    }
}
