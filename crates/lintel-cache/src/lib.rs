//! Answers kept in memory: how long, how many bytes, and what makes them wrong.
//!
//! A [`Cache`] is one namespace: keys and values of one kind under one [`Policy`]. Whoever asks names the [`Tag`]s of what
//! the answer is made from; whoever changes something [touches](Tags::touch) its tag, and no answer that was begun before is
//! given again. One caller at a time makes an answer; the others wait for it, or have the old one while it may be given.
//!
//! What a value is and where it comes from is the caller's: nothing here reads stores, networks or the machine's clock.

mod cache;
mod policy;
mod stats;
mod tags;

pub use cache::Cache;
pub use policy::Policy;
pub use stats::Stats;
pub use tags::{Tag, Tags};
