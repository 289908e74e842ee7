//! The program through its front door: started, asked, killed, started again.

#![expect(clippy::unwrap_used, clippy::print_stderr, reason = "a test fails by panicking, and says what it measured")]

#[macro_use]
mod server;

mod bad_input;
mod bench;
mod client;
mod crash;
mod evaluations;
mod failover;
mod files;
mod forecasts;
mod home_tables;
mod journey;
mod pages;
mod realtime;
mod redis;
mod tables;
mod two_nodes;
