//! Reading what was signed: one meaning only. Of two keys with one name a reader takes the first and another the last, so
//! a signed document that repeats a key says two things, and is refused.

use std::{borrow::Cow, collections::HashSet, fmt};

use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};

use crate::{Error, Result};

/// The deepest nesting.
const MAX_DEPTH: u32 = 64;
/// Objects with more keys than this look them up in a set.
const FEW: usize = 32;

/// Walks a whole document: an error if it is no JSON, is nested deeper than 64 levels, or repeats a key in an object.
pub(crate) fn check(bytes: &[u8]) -> Result<()> {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let walked = Walk { depth: 0 }.deserialize(&mut reader).and_then(|()| reader.end());
    walked.map_err(|error| Error::Malformed(error.to_string()))
}

#[derive(Clone, Copy)]
struct Walk {
    depth: u32,
}

impl Walk {
    fn deeper<E: serde::de::Error>(self) -> Result<Self, E> {
        if self.depth == MAX_DEPTH {
            return Err(E::custom(format_args!("nested deeper than {MAX_DEPTH} levels")));
        }
        Ok(Self { depth: self.depth + 1 })
    }
}

impl<'de> DeserializeSeed<'de> for Walk {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Walk {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        let inner = self.deeper()?;
        while items.next_element_seed(inner)?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<(), A::Error> {
        let inner = self.deeper()?;
        let mut keys = Keys::default();
        while let Some(key) = entries.next_key_seed(Key)? {
            if let Some(again) = keys.add(key) {
                return Err(A::Error::custom(format_args!("the key `{again}` is repeated")));
            }
            entries.next_value_seed(inner)?;
        }
        Ok(())
    }
}

/// The keys of one object.
#[derive(Default)]
struct Keys<'de> {
    few: Vec<Cow<'de, str>>,
    many: HashSet<Cow<'de, str>>,
}

impl<'de> Keys<'de> {
    /// Adds a key, or gives it back when it is there.
    fn add(&mut self, key: Cow<'de, str>) -> Option<Cow<'de, str>> {
        if self.few.len() < FEW {
            if self.few.contains(&key) {
                return Some(key);
            }
            self.few.push(key);
            return None;
        }
        if self.many.is_empty() {
            self.many.extend(self.few.iter().cloned());
        }
        if self.many.contains(&key) {
            return Some(key);
        }
        self.many.insert(key);
        None
    }
}

/// A key, borrowed from the document where it has no escapes.
struct Key;

impl<'de> DeserializeSeed<'de> for Key {
    type Value = Cow<'de, str>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Cow<'de, str>, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for Key {
    type Value = Cow<'de, str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_borrowed_str<E>(self, key: &'de str) -> Result<Cow<'de, str>, E> {
        Ok(Cow::Borrowed(key))
    }

    fn visit_str<E>(self, key: &str) -> Result<Cow<'de, str>, E> {
        Ok(Cow::Owned(key.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_that_is_repeated_at_any_depth_is_refused_by_name() {
        for (text, key) in
            [(r#"{"a":1,"a":1}"#, "a"), (r#"{"x":[{"b":{},"c":1,"\u0062":2}]}"#, "b"), (r#"{"":1,"":2}"#, "")]
        {
            let error = check(text.as_bytes()).unwrap_err().to_string();
            assert!(error.contains(&format!("the key `{key}` is repeated")), "{error}");
        }
        let many = |last: &str| {
            let keys: Vec<String> = (0..100).map(|n| format!(r#""k{n}":{n}"#)).collect();
            format!("{{{},{last}}}", keys.join(","))
        };
        assert!(check(many(r#""k7":0"#).as_bytes()).is_err());
        assert!(check(many(r#""k77":0"#).as_bytes()).is_err());
        assert_eq!(check(many(r#""other":0"#).as_bytes()), Ok(()));
        assert_eq!(check(br#"{"a":{"a":1},"b":[{"a":1},{"a":2}]}"#), Ok(()));
    }

    #[test]
    fn what_is_no_json_is_refused() {
        let deep = |n: usize| "[".repeat(n) + &"]".repeat(n);
        assert_eq!(check(deep(64).as_bytes()), Ok(()));
        for bad in ["", "{", "NaN", "[1e999]", r#"{"a":1}x"#, r#""\ud800""#, &deep(65), &deep(100_000)] {
            assert!(check(bad.as_bytes()).is_err(), "{}", &bad[..bad.len().min(20)]);
        }
        assert!(check(b"\"\xff\"").is_err());
    }
}
