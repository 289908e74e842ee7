//! Kept answers: how long, how many bytes, and what makes them wrong.
//!
//! A [`Cache`] is one namespace: keys and values of one kind under one [`Policy`]. Whoever asks names the [`Tag`]s of what
//! the answer is made from; whoever changes something [touches](Tags::touch) its tag, and no answer that was begun before is
//! given again. One caller at a time makes an answer; the others wait for it, or have the old one while it may be given.
//!
//! A namespace may have a [`Second`] tier, which it shares with other processes by way of [`Redis`]. An answer from there is given
//! only when nothing that it is made from was touched behind the [`Place`] up to which everything is in it.
//!
//! What a value is and where it comes from is the caller's: nothing here reads stores or the machine's clock.

mod cache;
mod history;
mod policy;
mod redis;
mod second;
mod stats;
mod tags;

pub use cache::{Cache, Reach};
pub use history::{History, Place};
pub use policy::Policy;
pub use redis::{NoAddress, Redis, RedisStats};
pub use second::Second;
pub use stats::{SecondStats, Stats};
pub use tags::{Settling, Tag, Tags};
