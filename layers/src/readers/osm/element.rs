//! What both OSM encodings give: nodes, ways and relations with their tags, one at a time.

use std::borrow::Cow;

/// Tags of one element, in the order of the file.
#[derive(Debug, Default)]
pub(in crate::readers) struct Tags<'a>(pub Vec<(Cow<'a, str>, Cow<'a, str>)>);

impl Tags<'_> {
    pub fn get(&self, key: &str) -> Option<&str> {
        self.0.iter().find(|(name, _)| name == key).map(|(_, value)| value.as_ref())
    }

    pub fn is(&self, key: &str, value: &str) -> bool {
        self.get(key) == Some(value)
    }

    /// The first of `keys` that is there.
    pub fn first(&self, keys: &[&str]) -> Option<&str> {
        keys.iter().find_map(|key| self.get(key))
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum MemberKind {
    Node,
    Way,
    Relation,
}

#[derive(Clone, Debug)]
pub(super) struct Member {
    pub kind: MemberKind,
    pub id: i64,
    /// "outer", "inner", "from", "via", "to" or anything else.
    pub role: String,
}

#[derive(Debug)]
pub(super) enum Element<'a> {
    /// Degrees, WGS 84.
    Node {
        id: i64,
        lon: f64,
        lat: f64,
        tags: Tags<'a>,
    },
    Way {
        id: i64,
        refs: Vec<i64>,
        tags: Tags<'a>,
    },
    Relation {
        id: i64,
        members: Vec<Member>,
        tags: Tags<'a>,
    },
}
