//! Open-loop load on a Lintel server: what is asked, when, and how the answers are measured.
//!
//! Requests leave at times fixed in advance (open loop), whether or not earlier answers have come,
//! and a request's latency runs from that intended time. A server that stalls is therefore charged
//! for everything that had to wait, which a loop that waits for each answer would hide.

pub mod arrivals;
mod error;
pub mod hooks;
pub mod limit;
pub mod measure;
pub mod open;
pub mod operation;
pub mod play;
pub mod pool;
pub mod preflight;
pub mod probe;
pub mod process;
pub mod realtime;
pub mod sample;
pub mod scenario;
pub mod timeline;
mod zipf;

pub use error::Error;
