//! A kept answer as bytes: when it was begun, up to which place everything is in it, and the answer, packed when that pays.

use bytes::Bytes;
use lintel_domain::clock::Time;

use crate::Place;

/// The first byte: another form gets another one, and is not read by whoever does not know it.
const FORM: u8 = 1;
const PLAIN: u8 = 0;
const ZSTD: u8 = 1;
const HEAD: usize = 2 + size_of::<i64>() + size_of::<u128>() + size_of::<u32>();

/// Shorter answers are kept as they are, in bytes.
const PACK_FROM: usize = 1024;
/// The fastest level: answers in JSON shrink to a fifth.
const LEVEL: i32 = 1;
/// Longer answers are not kept, in bytes.
const LONGEST: usize = 1 << 20;
/// The most bytes that an entry has.
pub(crate) const MOST_BYTES: usize = LONGEST + HEAD;

/// A kept answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) begun: Time,
    pub(crate) as_of: Place,
    pub(crate) value: Bytes,
}

impl Entry {
    /// The bytes; `None` when the answer is too long to be kept.
    pub(crate) fn pack(&self) -> Option<Vec<u8>> {
        let value = &self.value[..];
        if value.len() > LONGEST {
            return None;
        }
        let packed = if value.len() < PACK_FROM { None } else { zstd::bulk::compress(value, LEVEL).ok() };
        // An eighth at least, or unpacking is not worth it.
        let packed = packed.filter(|packed| packed.len() < value.len() / 8 * 7);
        let (how, body) = packed.as_deref().map_or((PLAIN, value), |packed| (ZSTD, packed));
        let mut bytes = Vec::with_capacity(HEAD + body.len());
        bytes.extend([FORM, how]);
        bytes.extend(self.begun.0.to_le_bytes());
        bytes.extend(self.as_of.0.to_le_bytes());
        bytes.extend((value.len() as u32).to_le_bytes());
        bytes.extend(body);
        Some(bytes)
    }

    /// Reads [`Entry::pack`]; `None` of anything else.
    pub(crate) fn unpack(bytes: &[u8]) -> Option<Self> {
        let (form, rest) = bytes.split_first()?;
        let (how, rest) = rest.split_first()?;
        let (begun, rest) = rest.split_first_chunk()?;
        let (as_of, rest) = rest.split_first_chunk()?;
        let (length, body) = rest.split_first_chunk()?;
        let length = u32::from_le_bytes(*length) as usize;
        if *form != FORM || length > LONGEST {
            return None;
        }
        let value = match *how {
            PLAIN => body.to_vec(),
            ZSTD => zstd::bulk::decompress(body, length).ok()?,
            _ => return None,
        };
        let (begun, as_of) = (Time(i64::from_le_bytes(*begun)), Place(u128::from_le_bytes(*as_of)));
        (value.len() == length).then(|| Self { begun, as_of, value: value.into() })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn an_answer_comes_back_as_it_was(
            begun: i64, as_of: u128, value in prop_oneof![
                proptest::collection::vec(any::<u8>(), 0..3000),
                (any::<u8>(), 0..200_000_usize).prop_map(|(byte, times)| vec![byte; times]),
            ],
        ) {
            let entry = Entry { begun: Time(begun), as_of: Place(as_of), value: value.into() };
            let bytes = entry.pack().unwrap();
            prop_assert!(bytes.len() <= HEAD + entry.value.len());
            prop_assert_eq!(Entry::unpack(&bytes), Some(entry));
            prop_assert_eq!(Entry::unpack(&bytes[..bytes.len() - 1]), None);
        }

        #[test]
        fn no_bytes_make_reading_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200), form in 0..3_u8, how in 0..3_u8) {
            let _ = Entry::unpack(&bytes);
            let _ = Entry::unpack(&[&[form, how], &bytes[..]].concat());
        }
    }

    #[test]
    fn what_repeats_itself_shrinks_and_what_is_too_long_is_not_kept() {
        let entry = |times| Entry { begun: Time(1), as_of: Place(2), value: b"{\"price\":1}".repeat(times).into() };
        assert!(entry(1000).pack().unwrap().len() < 1000);
        assert_eq!(entry(100_000).pack(), None);
    }
}
