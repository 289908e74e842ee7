//! HighLevel: events signed with Ed25519 over the bytes of the body.

mod change;
mod contact;
mod event;
mod signature;
mod value;

pub use change::{Change, Message, Note};
pub use contact::Contact;
pub use event::{Envelope, Freshness, envelope};
pub use signature::{KeyError, WebhookKeys};
