//! Who looks at a lead, a listing or a market now, on this node: told to those who look, at most once a second by topic.

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    sync::Arc,
};

use lintel_domain::id::{TenantId, UserId};
use parking_lot::Mutex;
use serde::Serialize;
use tokio::sync::Notify;

use crate::{carriers::Gathered, client::Client, message::Message};

/// The most users that are named; `total` counts all.
const NAMED: usize = 20;

/// A topic of a tenant, as text.
type Subject = (TenantId, Arc<str>);

/// Who is where.
#[derive(Default)]
pub(crate) struct Presence {
    rooms: Mutex<Rooms>,
    changed: Notify,
}

#[derive(Default)]
struct Rooms {
    /// By client, who looks: a user, or a program that is told and not shown.
    present: HashMap<Subject, HashMap<u64, Present>>,
    changed: HashSet<Subject>,
}

struct Present {
    client: Arc<Client>,
    user: Option<UserId>,
}

/// `{"topic":"lead:ID","presence":{"users":["…"],"total":1}}`
#[derive(Serialize)]
struct Written<'a> {
    topic: &'a str,
    presence: Users<'a>,
}

#[derive(Serialize)]
struct Users<'a> {
    users: Vec<&'a UserId>,
    total: usize,
}

impl Presence {
    /// Somebody looks at a topic from now on.
    pub(crate) fn enter(&self, client: &Arc<Client>, topic: &str, user: Option<UserId>) {
        let subject = (client.tenant, Arc::from(topic));
        let mut rooms = self.rooms.lock();
        rooms.changed.insert(subject.clone());
        rooms.present.entry(subject).or_default().insert(client.id, Present { client: client.clone(), user });
        drop(rooms);
        self.changed.notify_one();
    }

    /// Somebody looks at these topics no more; most clients never did.
    pub(crate) fn leave<'a>(&self, client: &Client, topics: impl Iterator<Item = &'a str>) {
        let mut rooms = self.rooms.lock();
        if rooms.present.is_empty() {
            return;
        }
        for topic in topics {
            let subject = (client.tenant, Arc::from(topic));
            let Some(present) = rooms.present.get_mut(&subject) else { continue };
            if present.remove(&client.id).is_none() {
                continue;
            }
            if present.is_empty() {
                rooms.present.remove(&subject);
                rooms.changed.remove(&subject);
            } else {
                rooms.changed.insert(subject);
                self.changed.notify_one();
            }
        }
    }

    /// Returns when somebody has come or gone.
    pub(crate) async fn changed(&self) {
        self.changed.notified().await;
    }

    /// Tells everybody who looks where somebody came or went who looks there now.
    pub(crate) fn tell(&self, due: &mut Gathered<'_>) {
        let mut rooms = self.rooms.lock();
        for subject in std::mem::take(&mut rooms.changed) {
            let Some(present) = rooms.present.get(&subject) else { continue };
            let topic = &subject.1;
            let message = written(topic, present.values().filter_map(|one| one.user).collect());
            for one in present.values() {
                if one.client.show(topic, &message) {
                    due.add(&one.client);
                }
            }
        }
    }

    #[cfg(test)]
    pub(crate) fn is_empty(&self) -> bool {
        self.rooms.lock().present.is_empty()
    }
}

fn written(topic: &str, users: BTreeSet<UserId>) -> Message {
    let presence = Users { users: users.iter().take(NAMED).collect(), total: users.len() };
    // Strings and numbers can always be written.
    Message::new(&serde_json::to_vec(&Written { topic, presence }).unwrap_or_default())
}
