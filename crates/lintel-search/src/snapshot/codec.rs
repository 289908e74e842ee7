//! Columns as bytes, least byte first.

use std::io::{Read, Write};

use uuid::Uuid;

use crate::Error;

/// Bytes that are turned at a time; it also bounds what a wrong length can make us reserve.
const CHUNK: usize = 1 << 16;

/// A value with a fixed number of bytes.
pub(super) trait Plain: Copy {
    const SIZE: usize;
    fn put(self, to: &mut [u8]);
    fn take(from: &[u8]) -> Self;
}

macro_rules! plain {
    ($($type:ty),+) => {$(
        impl Plain for $type {
            const SIZE: usize = size_of::<$type>();

            #[inline]
            fn put(self, to: &mut [u8]) {
                to.copy_from_slice(&self.to_le_bytes());
            }

            #[inline]
            fn take(from: &[u8]) -> Self {
                let mut bytes = [0; size_of::<$type>()];
                bytes.copy_from_slice(from);
                Self::from_le_bytes(bytes)
            }
        }
    )+};
}

plain!(u8, u32, i32, u64, i64, f32, f64);

impl Plain for Uuid {
    const SIZE: usize = 16;

    #[inline]
    fn put(self, to: &mut [u8]) {
        to.copy_from_slice(self.as_bytes());
    }

    #[inline]
    fn take(from: &[u8]) -> Self {
        let mut bytes = [0; 16];
        bytes.copy_from_slice(from);
        Self::from_bytes(bytes)
    }
}

/// Writes a number.
pub(super) fn put_one<T: Plain>(to: &mut impl Write, value: T) -> Result<(), Error> {
    let mut bytes = [0; 16];
    value.put(&mut bytes[..T::SIZE]);
    to.write_all(&bytes[..T::SIZE])?;
    Ok(())
}

/// Writes a column: its length, then its values.
pub(super) fn put_all<T: Plain>(to: &mut impl Write, values: &[T]) -> Result<(), Error> {
    put_one(to, values.len() as u64)?;
    let mut bytes = vec![0; CHUNK];
    for chunk in values.chunks(CHUNK / T::SIZE) {
        let used = chunk.len() * T::SIZE;
        for (bytes, value) in bytes.chunks_exact_mut(T::SIZE).zip(chunk) {
            value.put(bytes);
        }
        to.write_all(&bytes[..used])?;
    }
    Ok(())
}

/// Reads what [`put_one`] wrote.
pub(super) fn take_one<T: Plain>(from: &mut impl Read) -> Result<T, Error> {
    let mut bytes = [0; 16];
    from.read_exact(&mut bytes[..T::SIZE])?;
    Ok(T::take(&bytes[..T::SIZE]))
}

/// Reads what [`put_all`] wrote. Memory is taken as the values arrive.
pub(super) fn take_all<T: Plain>(from: &mut impl Read) -> Result<Vec<T>, Error> {
    let mut left = take_one::<u64>(from)?;
    let mut bytes = vec![0; CHUNK];
    let mut values = Vec::new();
    while left > 0 {
        let count = left.min((CHUNK / T::SIZE) as u64) as usize;
        let chunk = &mut bytes[..count * T::SIZE];
        from.read_exact(chunk)?;
        values.extend(chunk.chunks_exact(T::SIZE).map(T::take));
        left -= count as u64;
    }
    values.shrink_to_fit();
    Ok(values)
}
