//! The edge through its real router, before a real application on a store of its own.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod access;
mod analyses;
mod answers;
mod bodies;
mod desk;
mod document;
mod followers;
mod headers;
mod hooks;
mod idempotency;
mod imports;
mod jobs;
mod kept;
mod lead_analyses;
mod lists;
mod marks;
mod merges;
mod performance;
mod sample;
mod scores;
mod session;
mod slow;
mod tenants;
mod track;
mod world;
