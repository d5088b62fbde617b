//! Words of a formula with their columns.

/// A word.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    Number(f64),
    Text(String),
    Name(String),
    /// `[id]`.
    Indicator(String),
    /// `+ - * / ( ) , = != < <= > >=`.
    Sign(&'static str),
    End,
}

impl Token {
    /// As it is shown in a message.
    pub fn shown(&self) -> String {
        match self {
            Self::Number(number) => format!("{number}"),
            Self::Text(text) => format!("\"{text}\""),
            Self::Name(name) => format!("\"{name}\""),
            Self::Indicator(id) => format!("[{id}]"),
            Self::Sign(sign) => format!("\"{sign}\""),
            Self::End => "the end of the formula".to_owned(),
        }
    }
}

/// A mistake at a column, counted from 1 in characters.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Mistake {
    pub column: usize,
    pub expected: String,
    pub found: String,
}

impl Mistake {
    pub fn new(column: usize, expected: impl Into<String>, found: impl Into<String>) -> Self {
        Self { column, expected: expected.into(), found: found.into() }
    }
}

const SIGNS: [&str; 13] = ["!=", "<=", ">=", "+", "-", "*", "/", "(", ")", ",", "=", "<", ">"];

/// Words with their columns; [`Token::End`] comes last.
pub(super) fn tokens(formula: &str) -> Result<Vec<(Token, usize)>, Mistake> {
    let letters: Vec<char> = formula.chars().collect();
    let mut tokens = Vec::new();
    let mut at = 0;
    let until = |from: usize, is_part: &dyn Fn(char) -> bool| {
        (from..letters.len()).find(|&i| !is_part(letters[i])).unwrap_or(letters.len())
    };
    while at < letters.len() {
        let column = at + 1;
        let letter = letters[at];
        if letter.is_whitespace() {
            at += 1;
        } else if letter.is_ascii_digit() || letter == '.' {
            let mut end = until(at, &|c| c.is_ascii_digit() || c == '.');
            // 1e-3, but not the name after 1 in "1 else".
            if letters.get(end).is_some_and(|c| matches!(c, 'e' | 'E')) {
                let sign = usize::from(letters.get(end + 1).is_some_and(|c| matches!(c, '+' | '-')));
                if letters.get(end + 1 + sign).is_some_and(char::is_ascii_digit) {
                    end = until(end + 1 + sign, &|c| c.is_ascii_digit());
                }
            }
            let text: String = letters[at..end].iter().collect();
            let number = text.parse::<f64>().ok().filter(|number| number.is_finite());
            let number =
                number.ok_or_else(|| Mistake::new(column, "a number such as 12.5", format!("\"{text}\"")))?;
            tokens.push((Token::Number(number), column));
            at = end;
        } else if letter == '"' || letter == '\'' {
            let end = until(at + 1, &|c| c != letter);
            if end == letters.len() {
                return Err(Mistake::new(
                    column,
                    format!("a text that ends with {letter}"),
                    "the end of the formula",
                ));
            }
            tokens.push((Token::Text(letters[at + 1..end].iter().collect()), column));
            at = end + 1;
        } else if letter == '[' {
            let end = until(at + 1, &|c| c != ']');
            let id: String = letters[at + 1..end].iter().collect();
            if end == letters.len() || id.trim().is_empty() {
                return Err(Mistake::new(
                    column,
                    "the id of an indicator in square brackets, such as [vehicle-km]",
                    format!("\"[{id}\""),
                ));
            }
            tokens.push((Token::Indicator(id.trim().to_owned()), column));
            at = end + 1;
        } else if letter.is_alphabetic() || letter == '_' {
            let end = until(at, &|c| c.is_alphanumeric() || c == '_');
            tokens.push((Token::Name(letters[at..end].iter().collect()), column));
            at = end;
        } else {
            let rest: String = letters[at..letters.len().min(at + 2)].iter().collect();
            let sign = SIGNS.into_iter().find(|sign| rest.starts_with(sign));
            let sign = sign.ok_or_else(|| {
                Mistake::new(
                    column,
                    "a number, a name, a text, [an indicator] or one of + - * / ( ) , = < >",
                    format!("\"{letter}\""),
                )
            })?;
            tokens.push((Token::Sign(sign), column));
            at += sign.len();
        }
    }
    tokens.push((Token::End, letters.len() + 1));
    Ok(tokens)
}
