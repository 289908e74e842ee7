//! The program through its front door: started, asked, killed, started again.

mod bad_input;
mod client;
mod crash;
mod files;
mod journey;
mod server;
mod two_nodes;
