//! Checks a list of indicators as a whole: names, units, circles. All mistakes together.

use std::collections::BTreeMap;

use super::{
    CustomDefinition, CustomIndicators, FormulaError, Tables,
    parse::{Expression, Kind, Operator, parse},
    token::Mistake,
};
use crate::{assumptions::nearest_name, indicators::INDICATORS};

/// What an expression gives.
#[derive(Clone, Debug, PartialEq)]
enum Type {
    /// With its unit where that is known; a bare number has none and goes with any.
    Number(Option<String>),
    Text,
}

pub(super) fn check(
    definitions: Vec<CustomDefinition>,
    tables: &Tables,
) -> Result<CustomIndicators, Vec<FormulaError>> {
    let mut errors = Vec::new();
    let mut add = |id: &str, mistake: Mistake| {
        let place = if mistake.column == 0 {
            format!("indicator \"{id}\"")
        } else {
            format!("indicator \"{id}\", column {}", mistake.column)
        };
        errors.push(FormulaError { place, expected: mistake.expected, found: mistake.found });
    };
    let mut units: BTreeMap<&str, &str> = INDICATORS.iter().map(|known| (known.id, known.unit)).collect();
    let builtin = units.len();
    for (position, definition) in definitions.iter().enumerate() {
        let id = definition.id.as_str();
        let is_kebab = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if id.is_empty() || !id.chars().all(is_kebab) {
            let expected = "an id of lowercase letters, digits and dashes, such as \"km-per-resident\"";
            add(id, Mistake::new(0, expected, format!("\"{id}\"")));
        }
        if definitions[..position].iter().any(|earlier| earlier.id == id)
            || INDICATORS.iter().any(|known| known.id == id)
        {
            add(id, Mistake::new(0, "an id that is not taken", format!("\"{id}\" twice")));
        }
        if definition.unit.trim().is_empty() {
            add(id, Mistake::new(0, "a unit, such as \"min\" or \"%\"", "none"));
        }
        if definition.name.values().all(|name| name.trim().is_empty()) {
            add(id, Mistake::new(0, "a name in at least one language", "none"));
        }
        for (name, constant) in &definition.constants {
            let all = [constant.low, constant.central, constant.high];
            if !(all.iter().all(|v| v.is_finite()) && all[0] <= all[1] && all[1] <= all[2]) {
                let found = format!("{} / {} / {}", all[0], all[1], all[2]);
                add(id, Mistake::new(0, format!("low <= central <= high in constant \"{name}\""), found));
            }
        }
        units.insert(id, definition.unit.as_str());
    }
    let mut formulas = Vec::with_capacity(definitions.len());
    for definition in &definitions {
        match parse(&definition.formula) {
            Err(mistake) => {
                add(&definition.id, mistake);
                formulas.push(None);
            }
            Ok(formula) => {
                let mut checker = Checker { definition, tables, units: &units, mistakes: Vec::new() };
                let kind = checker.kind(&formula, None);
                if kind == Type::Text {
                    checker.mistakes.push(Mistake::new(formula.column, "a number", "a text"));
                }
                checker.mistakes.into_iter().for_each(|mistake| add(&definition.id, mistake));
                formulas.push(Some(formula));
            }
        }
    }
    debug_assert!(units.len() >= builtin);
    let inputs: Vec<Vec<usize>> = formulas
        .iter()
        .map(|formula| formula.as_ref().map_or_else(Vec::new, |formula| own_inputs(formula, &definitions)))
        .collect();
    let order = match order(&inputs) {
        Ok(order) => order,
        Err(circles) => {
            for circle in circles {
                let names: Vec<&str> = circle.iter().map(|&i| definitions[i].id.as_str()).collect();
                let found = format!("{} → {}", names.join(" → "), names[0]);
                add(names[0], Mistake::new(0, "indicators that do not go round in a circle", found));
            }
            Vec::new()
        }
    };
    if !errors.is_empty() {
        return Err(errors);
    }
    drop(units);
    Ok(CustomIndicators { formulas: formulas.into_iter().flatten().collect(), definitions, order })
}

struct Checker<'a> {
    definition: &'a CustomDefinition,
    tables: &'a Tables,
    units: &'a BTreeMap<&'a str, &'a str>,
    mistakes: Vec<Mistake>,
}

impl Checker<'_> {
    /// The type of an expression; `table` is the layer whose attributes it may name.
    fn kind(&mut self, expression: &Expression, table: Option<&str>) -> Type {
        let column = expression.column;
        match &expression.kind {
            Kind::Number(_) => Type::Number(None),
            Kind::Text(_) => Type::Text,
            Kind::Indicator(id) => {
                if let Some(unit) = self.units.get(id.as_str()) {
                    return Type::Number(Some((*unit).to_owned()));
                }
                self.unknown(column, "the id of an indicator", id, self.units.keys().copied().collect());
                Type::Number(None)
            }
            Kind::Name(name) => self.name(column, name, table),
            Kind::Negate(inner) => {
                let unit = self.number(inner, table);
                Type::Number(unit)
            }
            Kind::Not(inner) => {
                self.number(inner, table);
                Type::Number(None)
            }
            Kind::Binary(operator, left, right) => self.binary(*operator, left, right, table),
            Kind::Call(_, arguments) => {
                let units: Vec<Option<String>> =
                    arguments.iter().map(|argument| self.number(argument, table)).collect();
                Type::Number(units.into_iter().flatten().next_back())
            }
            Kind::Over { value, table: name, table_column, test, .. } => {
                if table.is_some() {
                    let expected = "no layer inside a layer: compute one sum after the other";
                    self.mistakes.push(Mistake::new(column, expected, format!("\"{name}\" inside another")));
                    return Type::Number(None);
                }
                if !self.tables.0.contains_key(name) {
                    let known = self.tables.0.keys().map(String::as_str).collect();
                    self.unknown(*table_column, "the name of a layer", name, known);
                    return Type::Number(None);
                }
                for part in [value, test].into_iter().flatten() {
                    self.number(part, Some(name));
                }
                Type::Number(None)
            }
        }
    }

    fn name(&mut self, column: usize, name: &str, table: Option<&str>) -> Type {
        if let Some(table) = table.and_then(|table| self.tables.0.get(table))
            && let Some(is_text) = table.is_text.get(name)
        {
            return if *is_text { Type::Text } else { Type::Number(None) };
        }
        if let Some(constant) = self.definition.constants.get(name) {
            let unit = (!constant.unit.is_empty()).then(|| constant.unit.clone());
            return Type::Number(unit);
        }
        let mut known: Vec<&str> = self.definition.constants.keys().map(String::as_str).collect();
        let expected = match table {
            Some(table) => {
                known.extend(
                    self.tables
                        .0
                        .get(table)
                        .into_iter()
                        .flat_map(|table| table.is_text.keys())
                        .map(String::as_str),
                );
                format!("an attribute of \"{table}\" or a constant")
            }
            None => "a constant that the indicator declares".to_owned(),
        };
        let mistake = unknown(column, &expected, name, &known);
        self.mistakes.push(mistake);
        Type::Number(None)
    }

    fn unknown(&mut self, column: usize, expected: &str, name: &str, known: Vec<&str>) {
        self.mistakes.push(unknown(column, expected, name, &known));
    }

    /// The unit of an expression that must be a number.
    fn number(&mut self, expression: &Expression, table: Option<&str>) -> Option<String> {
        match self.kind(expression, table) {
            Type::Number(unit) => unit,
            Type::Text => {
                self.mistakes.push(Mistake::new(expression.column, "a number", "a text"));
                None
            }
        }
    }

    fn binary(
        &mut self,
        operator: Operator,
        left: &Expression,
        right: &Expression,
        table: Option<&str>,
    ) -> Type {
        use Operator::{
            Add, And, Divide, Equal, Less, LessOrEqual, More, MoreOrEqual, Multiply, Or, Subtract, Unequal,
        };
        if matches!(operator, Equal | Unequal) {
            let (a, b) = (self.kind(left, table), self.kind(right, table));
            if (a == Type::Text) != (b == Type::Text) {
                self.mistakes.push(Mistake::new(right.column, "two texts or two numbers", "one of each"));
            }
            return Type::Number(None);
        }
        let (a, b) = (self.number(left, table), self.number(right, table));
        match operator {
            // One unit over itself is a ratio; over or times another it is a unit that only the author can name.
            Multiply | Divide | And | Or | Equal | Unequal => Type::Number(None),
            Add | Subtract | Less | LessOrEqual | More | MoreOrEqual => {
                if let (Some(a), Some(b)) = (&a, &b)
                    && a != b
                {
                    self.mistakes.push(Mistake::new(
                        right.column,
                        format!("the unit \"{a}\" of what stands before"),
                        format!("\"{b}\""),
                    ));
                }
                let keeps = matches!(operator, Add | Subtract);
                Type::Number(if keeps { a.or(b) } else { None })
            }
        }
    }
}

fn unknown(column: usize, expected: &str, name: &str, known: &[&str]) -> Mistake {
    let nearest = nearest_name(name, known.iter().copied());
    let hint = nearest.map_or_else(String::new, |nearest| format!("; nearest is \"{nearest}\""));
    Mistake::new(column, expected, format!("\"{name}\"{hint}"))
}

/// Indicators of the same file that a formula reads.
fn own_inputs(formula: &Expression, definitions: &[CustomDefinition]) -> Vec<usize> {
    let mut found = Vec::new();
    let mut open = vec![formula];
    while let Some(expression) = open.pop() {
        match &expression.kind {
            Kind::Indicator(id) => {
                found.extend(definitions.iter().position(|definition| definition.id == *id));
            }
            Kind::Negate(inner) | Kind::Not(inner) => open.push(inner),
            Kind::Binary(_, left, right) => open.extend([&**left, &**right]),
            Kind::Call(_, arguments) => open.extend(arguments),
            Kind::Over { value, test, .. } => {
                open.extend([value, test].into_iter().flatten().map(|part| &**part));
            }
            Kind::Number(_) | Kind::Text(_) | Kind::Name(_) => {}
        }
    }
    found.sort_unstable();
    found.dedup();
    found
}

/// Inputs before what reads them, or every circle once, each beginning with its first indicator.
fn order(inputs: &[Vec<usize>]) -> Result<Vec<usize>, Vec<Vec<usize>>> {
    let (mut order, mut circles) = (Vec::new(), Vec::new());
    // 0 new, 1 on the way, 2 done.
    let mut state = vec![0_u8; inputs.len()];
    for start in 0..inputs.len() {
        // A stack of its own, so that a long chain of indicators is no deep recursion.
        let mut way: Vec<(usize, usize)> = Vec::new();
        if state[start] == 0 {
            state[start] = 1;
            way.push((start, 0));
        }
        while let Some(&mut (at, ref mut next)) = way.last_mut() {
            if let Some(&input) = inputs[at].get(*next) {
                *next += 1;
                match state[input] {
                    0 => {
                        state[input] = 1;
                        way.push((input, 0));
                    }
                    1 => {
                        let begin = way.iter().position(|&(on, _)| on == input).unwrap_or(0);
                        let mut circle: Vec<usize> = way[begin..].iter().map(|&(on, _)| on).collect();
                        let first = (0..circle.len()).min_by_key(|&i| circle[i]).unwrap_or(0);
                        circle.rotate_left(first);
                        circles.push(circle);
                    }
                    _ => {}
                }
            } else {
                state[at] = 2;
                order.push(at);
                way.pop();
            }
        }
    }
    if circles.is_empty() { Ok(order) } else { Err(circles) }
}
