//! Comparing 64 values of a column at a time.

use super::bits::{Bits, WORD};

/// Keeps in `bits` the slots whose value passes. Words without a slot are skipped.
#[inline]
pub(crate) fn keep<T: Copy>(bits: &mut Bits, values: &[T], pass: impl Fn(T) -> bool) {
    let (blocks, tail) = values.as_chunks::<WORD>();
    let (words, last) = bits.words_mut().split_at_mut(blocks.len());
    for (word, values) in words.iter_mut().zip(blocks) {
        if *word != 0 {
            *word &= passing(values, &pass);
        }
    }
    if let Some(word) = last.first_mut() {
        let passed = tail.iter().enumerate().fold(0, |passed, (at, value)| passed | u64::from(pass(*value)) << at);
        *word &= passed;
    }
}

/// Slots of a word from which on all 64 of its values are looked at.
const MANY: u32 = 16;

/// Keeps in `bits` the slots whose value's `class` is 2, and calls `doubt` with those whose class is 1; class 0 goes.
#[inline]
pub(crate) fn sort_out<T: Copy>(bits: &mut Bits, values: &[T], class: impl Fn(T) -> u8, mut doubt: impl FnMut(usize)) {
    let words = bits.words_mut().iter_mut().zip(values.chunks(WORD));
    for (at, (word, values)) in words.enumerate().filter(|(_, (word, _))| **word != 0) {
        let (sure, mut open) = if word.count_ones() < MANY {
            let (mut sure, mut open, mut rest) = (0, 0, *word);
            while rest != 0 {
                let class = u64::from(class(values[rest.trailing_zeros() as usize]));
                let bit = rest & rest.wrapping_neg();
                sure |= bit * (class >> 1);
                open |= bit * (class & 1);
                rest &= rest - 1;
            }
            (sure, open)
        } else {
            let mut classes = [0u8; WORD];
            for (flag, value) in classes.iter_mut().zip(values) {
                *flag = class(*value);
            }
            (*word & gathered(&classes, 1), *word & gathered(&classes, 0))
        };
        *word = sure;
        while open != 0 {
            doubt(at * WORD + open.trailing_zeros() as usize);
            open &= open - 1;
        }
    }
}

/// One bit for each of 64 values. Comparing into bytes first lets the compiler do many at once.
#[inline]
fn passing<T: Copy>(values: &[T; WORD], pass: &impl Fn(T) -> bool) -> u64 {
    let mut passed = [0u8; WORD];
    for (flag, value) in passed.iter_mut().zip(values) {
        *flag = u8::from(pass(*value));
    }
    gathered(&passed, 0)
}

/// One bit of each of 64 bytes. Eight bytes of 0 or 1 are gathered into eight bits by one multiplication.
#[inline]
fn gathered(bytes: &[u8; WORD], bit: u32) -> u64 {
    let (eights, _) = bytes.as_chunks::<8>();
    eights.iter().rev().fold(0, |mask, eight| {
        let ones = u64::from_le_bytes(*eight) >> bit & 0x0101_0101_0101_0101;
        mask << 8 | ones.wrapping_mul(0x0102_0408_1020_4080) >> 56
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_value_decides_its_own_bit() {
        let values: Vec<u32> = (0..150).map(|i| i * 7919 % 100).collect();
        let mut bits = Bits::full(values.len());
        keep(&mut bits, &values, |v| v < 50);
        assert!((0..150).all(|slot| bits.get(slot) == (values[slot] < 50)));
    }
}
