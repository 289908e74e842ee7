//! Realtime: topics, clients with bounded queues, and which event goes to whom.
//!
//! The log is the truth; the hub only tells who listens on this node. One follower of the log turns each event into
//! [`Item`]s ([`items`]), and [`Hub::publish`] puts the text of each, written once, into the queue of every client that has
//! subscribed to one of its topics. A client that does not keep up loses its queue and is told to resynchronise; nobody
//! else notices. A client that comes back reads what it missed from the log, from its [`Place`] to where the hub was when
//! it subscribed ([`Hub::subscribe`]): that meets what is queued without a hole and without an overlap.
//!
//! Whoever asks for it is told who else looks at the same lead, listing or market ([`Hub::appear`]), on this node and on those
//! that say who looks there ([`Hub::hear_presence`]).

mod carriers;
mod client;
mod elsewhere;
mod hub;
mod listeners;
mod message;
mod place;
mod presence;
mod queue;
mod route;
mod topic;

pub use client::{Client, Next};
pub use elsewhere::{PRESENCE_HOLDS, Room};
pub use hub::{Frame, Hub, Joined, Told, Write};
pub use message::Message;
pub use place::Place;
pub use queue::{MAX_BYTES, MAX_MESSAGES};
pub use route::{Item, MANY, Viewports, items};
pub use topic::{Topic, TopicError};
