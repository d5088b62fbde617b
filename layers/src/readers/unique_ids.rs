//! Feature ids that are unique in their layer, as near to the public ids as doubles allow.

use std::collections::{HashMap, HashSet};

#[derive(Debug, Default)]
pub struct UniqueIds {
    taken: HashSet<String>,
    /// The last number given behind each id.
    numbers: HashMap<String, u64>,
}

impl UniqueIds {
    /// `id` itself when it is free and `may_be_plain`, else `id#1`, `id#2`, … Cost: constant, also for a million doubles.
    pub fn take(&mut self, id: String, may_be_plain: bool) -> String {
        if may_be_plain && !self.taken.contains(&id) {
            self.taken.insert(id.clone());
            return id;
        }
        let number = self.numbers.entry(id.clone()).or_default();
        loop {
            *number += 1;
            let candidate = format!("{id}#{number}");
            if self.taken.insert(candidate.clone()) {
                return candidate;
            }
        }
    }

    pub fn is_taken(&self, id: &str) -> bool {
        self.taken.contains(id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubles_get_a_number() {
        let mut ids = UniqueIds::default();
        let mut take = |id: &str, may_be_plain| ids.take(id.to_owned(), may_be_plain);
        assert_eq!(take("a", false), "a#1");
        assert_eq!(take("a", true), "a");
        assert_eq!(take("a", true), "a#2");
        assert_eq!(take("a#3", true), "a#3");
        assert_eq!(take("a", true), "a#4");
    }
}
