//! Who looks at a lead, a listing or a market now: told to those who look, at most once a second by topic.

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    sync::Arc,
    time::Instant,
};

use lintel_domain::id::{TenantId, UserId};
use parking_lot::Mutex;
use serde::Serialize;
use tokio::sync::Notify;
use uuid::Uuid;

use crate::{
    carriers::Gathered,
    client::Client,
    elsewhere::{Elsewhere, Room},
    message::Message,
};

/// The most users that are named; `total` counts all.
const NAMED: usize = 20;

/// A topic of a tenant, as text.
pub(crate) type Subject = (TenantId, Arc<str>);

/// Who is where.
#[derive(Default)]
pub(crate) struct Presence {
    rooms: Mutex<Rooms>,
    changed: Notify,
}

#[derive(Default)]
struct Rooms {
    /// By client, who looks on this node: a user, or a program that is told and not shown.
    present: HashMap<Subject, HashMap<u64, Present>>,
    elsewhere: Elsewhere,
    /// Where somebody came or went, and those who look were not told.
    changed: HashSet<Subject>,
    /// Where somebody came or went here, and the other nodes were not told.
    untold: HashSet<Subject>,
}

struct Present {
    client: Arc<Client>,
    user: Option<UserId>,
}

/// `{"topic":"lead:ID","presence":{"users":["…"],"total":1}}`
#[derive(Serialize)]
struct Written<'a> {
    topic: &'a str,
    presence: Users,
}

#[derive(Serialize)]
struct Users {
    users: Vec<UserId>,
    total: usize,
}

impl Presence {
    /// Somebody looks at a topic from now on.
    pub(crate) fn enter(&self, client: &Arc<Client>, topic: &str, user: Option<UserId>) {
        let subject = (client.tenant, Arc::from(topic));
        let mut rooms = self.rooms.lock();
        rooms.changed.insert(subject.clone());
        rooms.untold.insert(subject.clone());
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
                rooms.changed.insert(subject.clone());
            }
            rooms.untold.insert(subject);
            self.changed.notify_one();
        }
    }

    /// Another node says who looks there.
    pub(crate) fn hear(&self, node: Uuid, rooms: Vec<Room>, now: Instant) {
        let mut own = self.rooms.lock();
        for room in rooms {
            let subject = (room.tenant, Arc::from(room.topic.as_str()));
            if own.elsewhere.hear(node, &subject, room, now) && own.present.contains_key(&subject) {
                own.changed.insert(subject);
                self.changed.notify_one();
            }
        }
    }

    /// Another node says goodbye, or with `None`: nodes that have not been heard of for too long are taken to be gone.
    pub(crate) fn forget(&self, node: Option<Uuid>, now: Instant) {
        let mut rooms = self.rooms.lock();
        let rooms = &mut *rooms;
        for subject in rooms.elsewhere.forget(node, now) {
            if rooms.present.contains_key(&subject) {
                rooms.changed.insert(subject);
                self.changed.notify_one();
            }
        }
    }

    /// Who looks on this node, for the others: where that has changed since it was asked, or everywhere.
    pub(crate) fn here(&self, everywhere: bool) -> Vec<Room> {
        let mut rooms = self.rooms.lock();
        let mut untold = std::mem::take(&mut rooms.untold);
        if everywhere {
            untold.extend(rooms.present.keys().cloned());
        }
        let room = |subject: Subject| {
            let users = rooms.present.get(&subject).map(users).unwrap_or_default();
            Room {
                tenant: subject.0,
                topic: subject.1.to_string(),
                total: users.len(),
                users: users.into_iter().take(NAMED).collect(),
            }
        };
        untold.into_iter().map(room).collect()
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
            let message = written(topic, rooms.elsewhere.with(&subject, users(present)));
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

/// The users among those who look.
fn users(present: &HashMap<u64, Present>) -> BTreeSet<UserId> {
    present.values().filter_map(|one| one.user).collect()
}

fn written(topic: &str, (users, total): (BTreeSet<UserId>, usize)) -> Message {
    let presence = Users { users: users.into_iter().take(NAMED).collect(), total };
    // Strings and numbers can always be written.
    Message::new(&serde_json::to_vec(&Written { topic, presence }).unwrap_or_default())
}
