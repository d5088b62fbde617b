//! What the typed parsing of JSON objects and lists repeats.

/// A seed and visitor for a JSON object whose `null` counts as empty, as real files write it.
macro_rules! object_visitor {
    ($seed:ident<$life:lifetime>, $expecting:literal, |$self_:ident, $map:ident| $body:block) => {
        impl<'de> DeserializeSeed<'de> for $seed<'_> {
            type Value = ();
            fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
                deserializer.deserialize_any(self)
            }
        }
        impl<'de> Visitor<'de> for $seed<'_> {
            type Value = ();
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str($expecting)
            }
            fn visit_unit<E>(self) -> Result<(), E> {
                Ok(())
            }
            fn visit_map<A: MapAccess<'de>>($self_, mut $map: A) -> Result<(), A::Error> $body
        }
    };
}

/// A seed and visitor for a JSON list; `null` counts as empty.
macro_rules! list_visitor {
    ($seed:ident<$life:lifetime>, $expecting:literal, |$self_:ident, $list:ident| $body:block) => {
        impl<'de> DeserializeSeed<'de> for $seed<'_> {
            type Value = ();
            fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
                deserializer.deserialize_any(self)
            }
        }
        impl<'de> Visitor<'de> for $seed<'_> {
            type Value = ();
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str($expecting)
            }
            fn visit_unit<E>(self) -> Result<(), E> {
                Ok(())
            }
            fn visit_seq<A: SeqAccess<'de>>($self_, mut $list: A) -> Result<(), A::Error> $body
        }
    };
}

/// Declares the names of an object's members; others keep their name.
macro_rules! member_names {
    ($name:ident { $($variant:ident = $text:literal),+ $(,)? }) => {
        #[allow(dead_code, reason = "not every list needs the names of others")]
        enum $name {
            $($variant,)+
            Other(Box<str>),
        }
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct NameVisitor;
                impl Visitor<'_> for NameVisitor {
                    type Value = $name;
                    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                        f.write_str("the name of a member")
                    }
                    fn visit_str<E>(self, name: &str) -> Result<$name, E> {
                        Ok(match name {
                            $($text => $name::$variant,)+
                            other => $name::Other(other.into()),
                        })
                    }
                }
                deserializer.deserialize_identifier(NameVisitor)
            }
        }
    };
}
