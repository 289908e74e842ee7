//! What a machine can do at best: a bare server that parses the same requests and answers as many bytes, and the
//! comparison of a Lintel server with it.

mod compare;
mod server;

pub use compare::{Compared, Plan, Side, compare};
pub use server::serve;
