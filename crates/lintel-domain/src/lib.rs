//! The vocabulary of Lintel: ids, values and records that every room speaks of; no input or output happens here.
//!
//! Conventions: times are microseconds UTC, days are civil dates, money is integer hundredths of the market's
//! currency, lengths and areas carry their unit in the name. Clock and randomness are values that are passed in.

pub mod analysis;
pub mod clock;
pub mod contact;
pub mod desk;
pub mod event;
pub mod fair;
pub mod filter;
pub mod fingerprint;
pub mod hook;
pub mod id;
pub mod import;
pub mod interaction;
pub mod job;
pub mod lead;
pub mod lead_days;
pub mod lead_list;
pub mod liking;
pub mod listing;
pub mod mark;
pub mod market;
pub mod merge;
pub mod model;
pub mod money;
pub mod month;
pub mod notification;
pub mod page;
pub mod place;
pub mod preference;
pub mod range;
pub mod rng;
pub mod saved_search;
pub mod scalar;
pub mod scope;
pub mod task;
pub mod text;
pub mod trigger;
