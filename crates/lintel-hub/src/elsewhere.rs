//! Who looks on other nodes, as they say: a node that falls silent is taken to be gone.

use std::{
    collections::{BTreeSet, HashMap},
    time::{Duration, Instant},
};

use lintel_domain::id::{TenantId, UserId};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::presence::Subject;

/// What a node says of who looks there holds for so long; it says it again three times as often.
pub const PRESENCE_HOLDS: Duration = Duration::from_mins(1);

/// The most topics of other nodes that are kept in mind.
const MOST: usize = 100_000;

/// Who looks at a topic on one node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Room {
    /// Whose topic.
    pub tenant: TenantId,
    /// The topic, as text.
    pub topic: String,
    /// Some of the users, of many the first.
    pub users: Vec<UserId>,
    /// How many there are.
    pub total: usize,
}

/// By topic and node, who looks there.
#[derive(Default)]
pub(crate) struct Elsewhere(HashMap<Subject, HashMap<Uuid, Looking>>);

struct Looking {
    users: Vec<UserId>,
    total: usize,
    heard: Instant,
}

impl Elsewhere {
    /// Takes in who looks at a topic on a node; whether that is news.
    pub(crate) fn hear(&mut self, node: Uuid, subject: &Subject, room: Room, now: Instant) -> bool {
        if room.total == 0 {
            let Some(nodes) = self.0.get_mut(subject) else { return false };
            let was = nodes.remove(&node).is_some();
            if nodes.is_empty() {
                self.0.remove(subject);
            }
            return was;
        }
        if self.0.len() >= MOST && !self.0.contains_key(subject) {
            return false;
        }
        let nodes = self.0.entry(subject.clone()).or_default();
        let is_news = nodes.get(&node).is_none_or(|was| was.users != room.users || was.total != room.total);
        nodes.insert(node, Looking { users: room.users, total: room.total, heard: now });
        is_news
    }

    /// Forgets what a node said, or what no node has said of late; says which topics that changes.
    pub(crate) fn forget(&mut self, node: Option<Uuid>, now: Instant) -> Vec<Subject> {
        let holds = |from: &Uuid, said: &Looking| match node {
            Some(gone) => *from != gone,
            None => now.duration_since(said.heard) <= PRESENCE_HOLDS,
        };
        let mut changed = Vec::new();
        self.0.retain(|subject, nodes| {
            let before = nodes.len();
            nodes.retain(|from, said| holds(from, said));
            if nodes.len() < before {
                changed.push(subject.clone());
            }
            !nodes.is_empty()
        });
        changed
    }

    /// The users here and elsewhere who look at a topic, and how many they are. Users of whom a node tells the number only
    /// are taken to be others than those who are named.
    pub(crate) fn with(&self, subject: &Subject, mut here: BTreeSet<UserId>) -> (BTreeSet<UserId>, usize) {
        let mut unnamed = 0;
        for said in self.0.get(subject).into_iter().flat_map(HashMap::values) {
            here.extend(&said.users);
            unnamed += said.total.saturating_sub(said.users.len());
        }
        let total = here.len() + unnamed;
        (here, total)
    }
}
