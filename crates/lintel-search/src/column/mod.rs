//! Columns and sets of slots: what a segment is made of.

pub(crate) mod bits;
pub(crate) mod mask;
mod ranked;
pub(crate) mod real;
pub(crate) mod sets;
pub(crate) mod wavelet;

pub(crate) use bits::Bits;
pub(crate) use real::Real;
pub(crate) use sets::{Gathered, Sets};
pub(crate) use wavelet::Wavelet;
