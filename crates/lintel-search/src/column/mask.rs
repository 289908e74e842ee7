//! Comparing 64 values of a column at a time.

use super::bits::{Bits, WORD};

/// Keeps in `bits` the slots whose value passes. Words without a slot are skipped.
#[inline]
pub(crate) fn keep<T: Copy>(bits: &mut Bits, values: &[T], pass: impl Fn(T) -> bool) {
    let words = bits.words_mut().iter_mut().zip(values.chunks(WORD));
    for (word, values) in words {
        if *word != 0 {
            *word &= passing(values, &pass);
        }
    }
}

/// One bit for each of at most 64 values. Comparing into bytes first lets the compiler do many at once; eight bytes of 0
/// or 1 are then gathered into eight bits by one multiplication.
#[inline]
fn passing<T: Copy>(values: &[T], pass: &impl Fn(T) -> bool) -> u64 {
    let mut passed = [0u8; WORD];
    for (flag, value) in passed.iter_mut().zip(values) {
        *flag = u8::from(pass(*value));
    }
    let (eights, _) = passed.as_chunks::<8>();
    eights
        .iter()
        .rev()
        .fold(0, |mask, eight| mask << 8 | u64::from_le_bytes(*eight).wrapping_mul(0x0102_0408_1020_4080) >> 56)
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
