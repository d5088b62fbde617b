//! From words to an expression.

use super::token::{Mistake, Token, tokens};

/// Deepest nesting of brackets: more is a mistake or an attack.
const DEEPEST: usize = 64;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operator {
    Add,
    Subtract,
    Multiply,
    Divide,
    Equal,
    Unequal,
    Less,
    LessOrEqual,
    More,
    MoreOrEqual,
    And,
    Or,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Function {
    Min,
    Max,
    Abs,
    If,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Aggregate {
    Sum,
    Mean,
    Count,
    Share,
}

/// A part of a formula with the column where it begins.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Expression {
    pub kind: Kind,
    pub column: usize,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Kind {
    Number(f64),
    Text(String),
    /// An attribute inside an aggregate, a constant outside.
    Name(String),
    Indicator(String),
    Negate(Box<Expression>),
    Not(Box<Expression>),
    Binary(Operator, Box<Expression>, Box<Expression>),
    Call(Function, Vec<Expression>),
    Over {
        what: Aggregate,
        /// `None` where rows are counted.
        value: Option<Box<Expression>>,
        table: String,
        table_column: usize,
        test: Option<Box<Expression>>,
    },
}

pub(super) fn parse(formula: &str) -> Result<Expression, Mistake> {
    let mut parser = Parser { tokens: tokens(formula)?, at: 0, depth: 0 };
    let expression = parser.either()?;
    match parser.token() {
        Token::End => Ok(expression),
        _ => Err(parser.mistake("an operator such as + or the end of the formula")),
    }
}

struct Parser {
    tokens: Vec<(Token, usize)>,
    at: usize,
    depth: usize,
}

impl Parser {
    fn token(&self) -> &Token {
        &self.tokens[self.at].0
    }
    fn column(&self) -> usize {
        self.tokens[self.at].1
    }
    fn mistake(&self, expected: &str) -> Mistake {
        Mistake::new(self.column(), expected, self.token().shown())
    }
    fn step(&mut self) -> Token {
        let token = self.token().clone();
        self.at = (self.at + 1).min(self.tokens.len() - 1);
        token
    }
    fn is_word(&self, word: &str) -> bool {
        matches!(self.token(), Token::Name(name) if name == word)
    }
    fn takes_word(&mut self, word: &str) -> bool {
        let is_it = self.is_word(word);
        if is_it {
            self.step();
        }
        is_it
    }
    fn takes_sign(&mut self, sign: &str) -> bool {
        let is_it = matches!(self.token(), Token::Sign(found) if *found == sign);
        if is_it {
            self.step();
        }
        is_it
    }
    fn needs_sign(&mut self, sign: &str, expected: &str) -> Result<(), Mistake> {
        if self.takes_sign(sign) { Ok(()) } else { Err(self.mistake(expected)) }
    }

    /// One level of operators that lean to the left.
    fn level(
        &mut self,
        next: fn(&mut Self) -> Result<Expression, Mistake>,
        operator: fn(&Token) -> Option<Operator>,
    ) -> Result<Expression, Mistake> {
        let mut left = next(self)?;
        while let Some(found) = operator(self.token()) {
            self.step();
            let right = next(self)?;
            let column = left.column;
            left = Expression { kind: Kind::Binary(found, Box::new(left), Box::new(right)), column };
        }
        Ok(left)
    }

    fn either(&mut self) -> Result<Expression, Mistake> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(self.mistake("at most 64 brackets inside each other"));
        }
        let expression = self.level(Self::both, |token| {
            matches!(token, Token::Name(name) if name == "or").then_some(Operator::Or)
        });
        self.depth -= 1;
        expression
    }

    fn both(&mut self) -> Result<Expression, Mistake> {
        self.level(Self::negated, |token| {
            matches!(token, Token::Name(name) if name == "and").then_some(Operator::And)
        })
    }

    fn negated(&mut self) -> Result<Expression, Mistake> {
        let column = self.column();
        let mut times = 0;
        while self.takes_word("not") {
            times += 1;
        }
        let inner = self.comparison()?;
        Ok(match times % 2 {
            _ if times == 0 => inner,
            1 => Expression { kind: Kind::Not(Box::new(inner)), column },
            _ => {
                let once = Expression { kind: Kind::Not(Box::new(inner)), column };
                Expression { kind: Kind::Not(Box::new(once)), column }
            }
        })
    }

    fn comparison(&mut self) -> Result<Expression, Mistake> {
        let left = self.sum()?;
        let operator = match self.token() {
            Token::Sign("=") => Operator::Equal,
            Token::Sign("!=") => Operator::Unequal,
            Token::Sign("<") => Operator::Less,
            Token::Sign("<=") => Operator::LessOrEqual,
            Token::Sign(">") => Operator::More,
            Token::Sign(">=") => Operator::MoreOrEqual,
            _ => return Ok(left),
        };
        self.step();
        let right = self.sum()?;
        let column = left.column;
        Ok(Expression { kind: Kind::Binary(operator, Box::new(left), Box::new(right)), column })
    }

    fn sum(&mut self) -> Result<Expression, Mistake> {
        self.level(Self::product, |token| match token {
            Token::Sign("+") => Some(Operator::Add),
            Token::Sign("-") => Some(Operator::Subtract),
            _ => None,
        })
    }

    fn product(&mut self) -> Result<Expression, Mistake> {
        self.level(Self::signed, |token| match token {
            Token::Sign("*") => Some(Operator::Multiply),
            Token::Sign("/") => Some(Operator::Divide),
            _ => None,
        })
    }

    fn signed(&mut self) -> Result<Expression, Mistake> {
        let column = self.column();
        let mut minus = 0;
        while self.takes_sign("-") {
            minus += 1;
        }
        let inner = self.atom()?;
        Ok(if minus % 2 == 1 { Expression { kind: Kind::Negate(Box::new(inner)), column } } else { inner })
    }

    fn atom(&mut self) -> Result<Expression, Mistake> {
        let column = self.column();
        let kind = match self.token().clone() {
            Token::Number(number) => {
                self.step();
                Kind::Number(number)
            }
            Token::Text(text) => {
                self.step();
                Kind::Text(text)
            }
            Token::Indicator(id) => {
                self.step();
                Kind::Indicator(id)
            }
            Token::Sign("(") => {
                self.step();
                let inner = self.either()?;
                self.needs_sign(")", "\")\"")?;
                return Ok(Expression { column, ..inner });
            }
            Token::Name(name) if !matches!(name.as_str(), "and" | "or" | "not" | "where" | "in") => {
                self.step();
                if *self.token() == Token::Sign("(") { self.call(&name, column)? } else { Kind::Name(name) }
            }
            _ => return Err(self.mistake("a number, a name, [an indicator] or \"(\"")),
        };
        Ok(Expression { kind, column })
    }

    fn call(&mut self, name: &str, column: usize) -> Result<Kind, Mistake> {
        let function = match name {
            "min" => Function::Min,
            "max" => Function::Max,
            "abs" => Function::Abs,
            "if" => Function::If,
            "sum" => return self.over(Aggregate::Sum),
            "mean" => return self.over(Aggregate::Mean),
            "count" => return self.over(Aggregate::Count),
            "share" => return self.over(Aggregate::Share),
            _ => {
                let known = "one of sum, mean, count, share, min, max, abs, if before \"(\"";
                return Err(Mistake::new(column, known, format!("\"{name}\"")));
            }
        };
        self.step();
        let mut arguments = vec![self.either()?];
        while self.takes_sign(",") {
            arguments.push(self.either()?);
        }
        let (least, most) = match function {
            Function::Abs => (1, 1),
            Function::If => (3, 3),
            Function::Min | Function::Max => (2, 99),
        };
        if arguments.len() < least || arguments.len() > most {
            let wanted = if least == most { format!("{least}") } else { format!("{least} or more") };
            return Err(Mistake::new(
                column,
                format!("{wanted} values in {name}(…)"),
                format!("{}", arguments.len()),
            ));
        }
        self.needs_sign(")", "\",\" or \")\"")?;
        Ok(Kind::Call(function, arguments))
    }

    /// `(EXPRESSION in LAYER where TEST)` or `(LAYER where TEST)`.
    fn over(&mut self, what: Aggregate) -> Result<Kind, Mistake> {
        self.step();
        let first = self.either()?;
        let (value, table, table_column) = if self.takes_word("in") {
            let column = self.column();
            match self.step() {
                Token::Name(table) => (Some(Box::new(first)), table, column),
                other => return Err(Mistake::new(column, "the name of a layer after \"in\"", other.shown())),
            }
        } else {
            let column = first.column;
            match first.kind {
                Kind::Name(table) => (None, table, column),
                _ => return Err(self.mistake("\"in\" and the name of a layer")),
            }
        };
        match (what, &value) {
            (Aggregate::Sum | Aggregate::Mean, None) => {
                return Err(Mistake::new(
                    table_column,
                    "what to add, such as \"residents in buildings\"",
                    format!("only \"{table}\""),
                ));
            }
            (Aggregate::Count, Some(_)) => {
                return Err(Mistake::new(
                    table_column,
                    "only a layer in count(…), such as \"count(buildings where residents > 0)\"",
                    "a value before \"in\"",
                ));
            }
            _ => {}
        }
        let test = if self.takes_word("where") { Some(Box::new(self.either()?)) } else { None };
        if what == Aggregate::Share && test.is_none() {
            return Err(self.mistake("\"where\" and a test: a share of all is always 1"));
        }
        let expected = if test.is_some() { "\")\"" } else { "\"where\" or \")\"" };
        self.needs_sign(")", expected)?;
        Ok(Kind::Over { what, value, table, table_column, test })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mistake(formula: &str) -> (usize, String, String) {
        let mistake = parse(formula).unwrap_err();
        (mistake.column, mistake.expected, mistake.found)
    }

    #[test]
    fn a_mistake_says_where_what_was_expected_and_what_was_found() {
        let is = |formula: &str, column: usize, expected: &str, found: &str| {
            let (c, e, f) = mistake(formula);
            assert!(c == column && e.contains(expected) && f.contains(found), "{formula}: {c} {e} / {f}");
        };
        is("[vehicle-km] / ", 16, "a number, a name", "the end");
        is("1 + * 2", 5, "a number", "\"*\"");
        is("(1 + 2", 7, "\")\"", "the end");
        is("1 2", 3, "an operator", "2");
        is("sum(residents)", 5, "residents in buildings", "only \"residents\"");
        is("sum(residents in 3)", 18, "name of a layer", "3");
        is("count(a in b)", 12, "only a layer", "a value");
        is("share(buildings)", 16, "\"where\"", "\")\"");
        is("averige(1)", 1, "sum, mean", "averige");
        is("abs(1, 2)", 1, "1 values", "2");
        is("\"open", 1, "a text that ends", "the end");
        is("[", 1, "square brackets", "\"[\"");
        is("3 # 4", 3, "one of", "#");
        is("1.2.3", 1, "a number", "1.2.3");
        is(&"(".repeat(100), 65, "64 brackets", "");
    }

    #[test]
    fn operators_bind_as_in_school() {
        let shape = |formula: &str| match parse(formula).unwrap().kind {
            Kind::Binary(operator, ..) => operator,
            other => panic!("{other:?}"),
        };
        assert_eq!(shape("1 + 2 * 3"), Operator::Add);
        assert_eq!(shape("(1 + 2) * 3"), Operator::Multiply);
        assert_eq!(shape("1 - 2 - 3"), Operator::Subtract);
        assert_eq!(shape("1 < 2 and 3 < 4 or 5 = 6"), Operator::Or);
        assert_eq!(shape("1e-3 + 2 > 3"), Operator::More);
    }
}
