//! What a score was made from, kept with it in a few bytes: replayed, it gives the same score, with its reasons.
//!
//! Only values that differ from those of a lead of which nothing is known are kept, by their place in the manifest of the
//! model: most counts are 0.

use serde::{Deserialize, Serialize};
use std::borrow::Cow;

use super::feature::LeadFeature;
use crate::error::{Error, Result};
use crate::fields::Value;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
enum Kept {
    Missing,
    Number(f64),
    Word(String),
}

/// The bytes of some values.
pub(crate) fn write(features: &[LeadFeature], values: &[Value<'_>]) -> Result<Vec<u8>> {
    let kept: Vec<(u32, Kept)> = features
        .iter()
        .zip(values)
        .zip(0_u32..)
        .filter(|((feature, value), _)| feature.nothing_known() != **value)
        .map(|((_, value), place)| (place, Kept::from(value)))
        .collect();
    postcard::to_stdvec(&kept).map_err(|error| Error::Artefact(format!("inputs cannot be written: {error}")))
}

/// The values in the bytes; those of another manifest are refused.
pub(crate) fn read(features: &[LeadFeature], bytes: &[u8]) -> Result<Vec<Value<'static>>> {
    let kept: Vec<(u32, Kept)> =
        postcard::from_bytes(bytes).map_err(|error| Error::Artefact(format!("inputs cannot be read: {error}")))?;
    let mut values: Vec<Value<'static>> = features.iter().map(LeadFeature::nothing_known).collect();
    for (place, value) in kept {
        let slot = values.get_mut(place as usize).ok_or_else(|| Error::Artefact("inputs of another model".into()))?;
        *slot = value.into();
    }
    Ok(values)
}

impl From<&Value<'_>> for Kept {
    fn from(value: &Value<'_>) -> Self {
        match value {
            Value::Missing => Self::Missing,
            Value::Number(number) => Self::Number(*number),
            Value::Word(word) => Self::Word(word.to_string()),
        }
    }
}

impl From<Kept> for Value<'static> {
    fn from(kept: Kept) -> Self {
        match kept {
            Kept::Missing => Self::Missing,
            Kept::Number(number) => Self::Number(number),
            Kept::Word(word) => Self::Word(Cow::Owned(word)),
        }
    }
}
