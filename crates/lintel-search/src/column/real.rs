//! A column of numbers, as narrow as their exact values allow.

use super::{bits::Bits, mask};

/// Numbers by slot; not a number is unknown. A comparison gives what it gives on the numbers as they came, since a narrow
/// form is taken only when every value of the column survives it.
#[derive(Clone, Debug)]
pub(crate) enum Real {
    /// Quarters from 0 to 63.5, for rooms; 255 is unknown.
    Quarters(Vec<u8>),
    /// Numbers that are exact in 32 bits.
    Single(Vec<f32>),
    /// Any numbers.
    Double(Vec<f64>),
}

const UNKNOWN: u8 = 255;

impl Default for Real {
    fn default() -> Self {
        Self::Quarters(Vec::new())
    }
}

impl Real {
    /// The narrowest column that holds the values exactly.
    pub(crate) fn new(values: impl Iterator<Item = f64> + Clone) -> Self {
        let quarter = |v: f64| v.is_nan() || ((0.0..=63.5).contains(&v) && (v * 4.0).fract() == 0.0);
        if values.clone().all(quarter) {
            let code = |v: f64| if v.is_nan() { UNKNOWN } else { (v * 4.0) as u8 };
            return Self::Quarters(values.map(code).collect());
        }
        if values.clone().all(|v| v.is_nan() || f64::from(v as f32) == v) {
            return Self::Single(values.map(|v| v as f32).collect());
        }
        Self::Double(values.collect())
    }

    #[inline]
    pub(crate) fn get(&self, slot: usize) -> f64 {
        match self {
            Self::Quarters(codes) if codes[slot] == UNKNOWN => f64::NAN,
            Self::Quarters(codes) => f64::from(codes[slot]) / 4.0,
            Self::Single(values) => f64::from(values[slot]),
            Self::Double(values) => values[slot],
        }
    }

    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Quarters(codes) => codes.len(),
            Self::Single(values) => values.len(),
            Self::Double(values) => values.len(),
        }
    }

    /// Keeps in `bits` the slots whose value is known and from `least` to `most`.
    pub(crate) fn keep(&self, bits: &mut Bits, least: f64, most: f64) {
        match self {
            Self::Quarters(codes) => {
                // Codes are at most 254, so clamping the bounds changes no comparison.
                let low = (least * 4.0).ceil().clamp(0.0, 255.0) as u8;
                let high = (most * 4.0).floor().clamp(-1.0, 254.0);
                if high < f64::from(low) || least.is_nan() || most.is_nan() {
                    bits.words_mut().fill(0);
                    return;
                }
                let width = high as u8 - low;
                mask::keep(bits, codes, |code| code.wrapping_sub(low) <= width);
            }
            Self::Single(values) => {
                // The first and the last of 32 bits that are within; nothing is when a bound is not a number.
                let (mut low, mut high) = (least as f32, most as f32);
                if f64::from(low) < least {
                    low = low.next_up();
                }
                if f64::from(high) > most {
                    high = high.next_down();
                }
                mask::keep(bits, values, |v| v >= low && v <= high);
            }
            Self::Double(values) => mask::keep(bits, values, |v| v >= least && v <= most),
        }
    }

    pub(crate) fn memory_bytes(&self) -> usize {
        match self {
            Self::Quarters(codes) => codes.capacity(),
            Self::Single(values) => values.capacity() * 4,
            Self::Double(values) => values.capacity() * 8,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_compares_as_the_plain_numbers_do() {
        let forms = [
            vec![0.0, 1.0, 2.25, 3.5, f64::NAN, 63.5],
            vec![0.0, 1800.0, f64::NAN, 63.75, -4.0],
            vec![0.1, 10_018.8, f64::NAN, 1e300, f64::INFINITY],
        ];
        let bounds = [f64::NEG_INFINITY, -4.0, 0.0, 0.1, 2.2, 2.25, 3.5, 63.5, 64.0, 1e9, f64::INFINITY];
        for values in forms {
            let column = Real::new(values.iter().copied());
            for (slot, value) in values.iter().enumerate() {
                assert!(column.get(slot) == *value || value.is_nan() && column.get(slot).is_nan());
            }
            for least in bounds {
                for most in bounds {
                    let mut bits = Bits::full(values.len());
                    column.keep(&mut bits, least, most);
                    let plain = values.iter().map(|v| *v >= least && *v <= most);
                    assert!((0..values.len()).map(|slot| bits.get(slot)).eq(plain), "{values:?} {least} {most}");
                }
            }
        }
    }
}
