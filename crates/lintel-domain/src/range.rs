//! A range with inclusive, optional bounds.

use serde::{Deserialize, Serialize};

/// Values from `min` to `max`, both included; a missing bound is open.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Range<T> {
    /// The least value inside.
    #[serde(default = "none", skip_serializing_if = "Option::is_none")]
    pub min: Option<T>,
    /// The greatest value inside.
    #[serde(default = "none", skip_serializing_if = "Option::is_none")]
    pub max: Option<T>,
}

fn none<T>() -> Option<T> {
    None
}

impl<T> Default for Range<T> {
    fn default() -> Self {
        Self { min: None, max: None }
    }
}

impl<T: PartialOrd + Copy> Range<T> {
    /// Whether both bounds are open, so that everything is inside, also what is unknown.
    pub fn is_open(&self) -> bool {
        self.min.is_none() && self.max.is_none()
    }

    /// Whether `value` is inside.
    pub fn contains(&self, value: T) -> bool {
        self.min.is_none_or(|min| value >= min) && self.max.is_none_or(|max| value <= max)
    }

    /// Whether `value` is inside; an unknown value is inside only of an open range.
    pub fn admits(&self, value: Option<T>) -> bool {
        match value {
            Some(value) => self.contains(value),
            None => self.is_open(),
        }
    }

    /// Whether no value can be inside, since the bounds are crossed.
    pub fn is_empty(&self) -> bool {
        matches!((self.min, self.max), (Some(min), Some(max)) if min > max)
    }
}
