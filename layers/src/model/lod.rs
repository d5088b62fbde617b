//! Level of detail as CityJSON writes it: a text such as "1.2" or "2.2", ordered.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// Level of detail after Biljecki et al. 2016: `major.minor`, each 0 to 4; "2" means 2.0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Lod {
    pub major: u8,
    pub minor: u8,
    /// Whether the source wrote the minor part ("2.0" and "2" are the same level and print as they were read).
    pub is_refined: bool,
}

impl Lod {
    pub const fn new(major: u8, minor: u8) -> Self {
        Self { major, minor, is_refined: true }
    }
}

impl fmt::Display for Lod {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_refined { write!(f, "{}.{}", self.major, self.minor) } else { write!(f, "{}", self.major) }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected a LoD such as \"2\" or \"2.2\" (0 to 4 each), found \"{found}\"")]
pub struct LodError {
    pub found: String,
}

impl FromStr for Lod {
    type Err = LodError;

    fn from_str(text: &str) -> Result<Self, LodError> {
        let error = || LodError { found: text.chars().take(32).collect() };
        let digit = |part: &str| match part.as_bytes() {
            [d @ b'0'..=b'4'] => Ok(d - b'0'),
            _ => Err(error()),
        };
        match text.split_once('.') {
            None => Ok(Self { major: digit(text)?, minor: 0, is_refined: false }),
            Some((major, minor)) => Ok(Self { major: digit(major)?, minor: digit(minor)?, is_refined: true }),
        }
    }
}

impl TryFrom<String> for Lod {
    type Error = LodError;
    fn try_from(text: String) -> Result<Self, LodError> {
        text.parse()
    }
}

impl From<Lod> for String {
    fn from(lod: Lod) -> Self {
        lod.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_print_as_read_and_sort_by_detail() {
        for text in ["0", "1.2", "2", "2.2", "3.1"] {
            assert_eq!(text.parse::<Lod>().unwrap().to_string(), text);
        }
        assert!("1.2".parse::<Lod>().unwrap() < "2.2".parse::<Lod>().unwrap());
        for text in ["", "5", "2.", "a", "2.2.2", "-1"] {
            assert!(text.parse::<Lod>().is_err(), "{text}");
        }
    }
}
