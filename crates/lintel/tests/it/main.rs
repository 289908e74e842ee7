//! The program through its front door: started, asked, killed, started again.

#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test fails by panicking"))]

#[macro_use]
mod server;

mod bad_input;
mod client;
mod crash;
mod files;
mod journey;
mod two_nodes;
