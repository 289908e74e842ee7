//! The learner: typed tables in, boosted trees with exact contributions out; no trade words.

pub mod artefact;
pub mod bins;
pub mod blend;
pub mod boost;
pub mod calibrate;
pub mod classify;
mod contribute;
mod drift;
pub mod encode;
pub mod forest;
mod grow;
pub mod interval;
pub mod leak;
mod levels;
mod line;
pub mod loss;
mod marks;
pub mod metrics;
pub mod model;
mod points;
pub mod regress;
pub mod split;
mod split_search;
mod stored;
mod symmetric;
pub mod table;
