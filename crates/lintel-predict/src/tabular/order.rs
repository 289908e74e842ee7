//! An order of rows that depends on what they say and not on where they stand, so that the same rows give the same model.

use super::column::{FileColumn, Values};
use super::model::{Marks, Target};

/// FNV-1a over the bytes of a text, then mixed with what came before.
fn mix(hash: u64, value: u64) -> u64 {
    let mut z = hash.rotate_left(5) ^ value;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

fn text(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

/// A number for each row that follows from its values, its label and its marks. Columns come in a fixed order.
pub(crate) fn fingerprints(columns: &[&FileColumn<'_>], target: Target<'_>, marks: &Marks<'_>) -> Vec<u64> {
    let mut hashes: Vec<u64> = match target {
        Target::Class(positive) => positive.iter().map(|hit| mix(1, u64::from(*hit))).collect(),
        Target::Number(values) => values.iter().map(|value| mix(2, value.to_bits())).collect(),
    };
    for column in columns {
        match &column.values {
            Values::Numbers(values) | Values::Dates(values) => {
                for (hash, value) in hashes.iter_mut().zip(values) {
                    *hash = mix(*hash, if value.is_finite() { value.to_bits() } else { 3 });
                }
            }
            Values::Words(words) => {
                for (hash, word) in hashes.iter_mut().zip(words) {
                    *hash = mix(*hash, word.map_or(5, text));
                }
            }
        }
    }
    if let Some(groups) = marks.groups {
        for (hash, group) in hashes.iter_mut().zip(groups) {
            *hash = mix(*hash, group.unwrap_or(7));
        }
    }
    hashes
}

/// The rows in time order where there are times, else in the order of their fingerprints.
pub(crate) fn canonical(fingerprints: &[u64], times: Option<&[f64]>) -> Vec<usize> {
    let mut order: Vec<usize> = (0..fingerprints.len()).collect();
    let time = |row: usize| times.map_or(0.0, |times| times[row]);
    order.sort_by(|a, b| time(*a).total_cmp(&time(*b)).then(fingerprints[*a].cmp(&fingerprints[*b])).then(a.cmp(b)));
    order
}

/// The group of each row; a row without one is a group of its own.
pub(crate) fn groups(marks: &Marks<'_>, fingerprints: &[u64]) -> Option<Vec<u64>> {
    let groups = marks.groups?;
    Some(groups.iter().zip(fingerprints).map(|(group, own)| group.unwrap_or(mix(11, *own))).collect())
}
