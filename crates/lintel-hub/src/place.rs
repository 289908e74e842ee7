//! A place between two frames of the log.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

/// Up to where a client has been told. An event can become several frames, so its place in the log is not enough.
///
/// Written as `[txid, id]` when the whole event has been told, and as `[txid, id, part]` in the middle of one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The number of the transaction that wrote the event.
    pub txid: i64,
    /// The event's id.
    pub id: i64,
    /// The last part of the event that has been told.
    pub part: u32,
}

impl Place {
    /// Behind all parts of an event.
    pub fn behind(txid: i64, id: i64) -> Self {
        Self { txid, id, part: u32::MAX }
    }
}

impl Serialize for Place {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.part {
            u32::MAX => (self.txid, self.id).serialize(serializer),
            part => (self.txid, self.id, part).serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Place {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match *Vec::<i64>::deserialize(deserializer)? {
            [txid, id] => Ok(Self::behind(txid, id)),
            [txid, id, part] => Ok(Self { txid, id, part: u32::try_from(part).map_err(D::Error::custom)? }),
            _ => Err(D::Error::custom("a place is two or three numbers")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_reads_as_it_is_written_and_parts_come_before_the_whole() {
        let part = Place { txid: 3, id: 7, part: 2 };
        let whole = Place::behind(3, 7);
        for (place, text) in [(part, "[3,7,2]"), (whole, "[3,7]")] {
            assert_eq!(serde_json::to_string(&place).unwrap(), text);
            assert_eq!(serde_json::from_str::<Place>(text).unwrap(), place);
        }
        assert!(Place::behind(3, 6) < part && part < whole && whole < Place { txid: 3, id: 8, part: 0 });
        for text in ["[]", "[1]", "[1,2,-1]", "[1,2,3,4]", "{}"] {
            assert!(serde_json::from_str::<Place>(text).is_err(), "{text}");
        }
    }
}
