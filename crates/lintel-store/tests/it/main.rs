//! The store's contract, on both engines.
#![expect(clippy::unwrap_used, reason = "helpers of tests may unwrap as tests do")]

#[macro_use]
mod backend;
mod disk;
mod idempotency;
mod job;
mod job_cancel;
mod job_progress;
mod layer;
mod log;
mod plan;
mod replica;
mod schema;
mod tables;
mod walls;
mod write;
