//! Who looks at what: on this node, and on the others as they say.

use std::time::Instant;

use lintel_domain::id::UserId;
use uuid::Uuid;

use super::{Hub, Joined};
use crate::{elsewhere::Room, topic::Topic};

impl Hub {
    /// Has a client be told who looks at those of these topics that it has subscribed to, and others be told of its user.
    pub fn appear(&self, client: &Joined, topics: &[Topic], user: Option<UserId>) {
        let state = self.state.read();
        let member = state.tenants.get(&client.tenant).and_then(|listeners| listeners.all.get(&client.id));
        for topic in member.iter().flat_map(|member| &member.topics) {
            if topic.has_presence() && topics.contains(topic) {
                self.presence.enter(&client.client, &topic.to_string(), user);
            }
        }
    }

    /// Returns when somebody has come or gone who has appeared.
    pub async fn presence_changed(&self) {
        self.presence.changed().await;
    }

    /// Tells who looks at what, where that has changed.
    pub fn tell_presence(&self) {
        self.presence.tell(&mut self.carriers.gather());
    }

    /// Who looks on this node, for other nodes: where somebody came or went since this was asked last, or everywhere.
    pub fn presence_here(&self, everywhere: bool) -> Vec<Room> {
        self.presence.here(everywhere)
    }

    /// Another node says who looks there.
    pub fn hear_presence(&self, node: Uuid, rooms: Vec<Room>, now: Instant) {
        self.presence.hear(node, rooms, now);
    }

    /// Another node says goodbye.
    pub fn forget_node(&self, node: Uuid, now: Instant) {
        self.presence.forget(Some(node), now);
    }

    /// Forgets who looked on nodes that have not said so for a minute.
    pub fn forget_silent_nodes(&self, now: Instant) {
        self.presence.forget(None, now);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use serde_json::Value;

    use super::{
        super::tests::{TENANT, lead, texts},
        *,
    };
    use crate::{
        client::{Client, Next},
        place::Place,
    };

    #[test]
    fn whoever_looks_is_told_who_else_does_once_for_all_changes() {
        let hub = Hub::new();
        let users: Vec<UserId> = (1..=3).map(|n| UserId(Uuid::from_u128(n))).collect();
        let clients: Vec<Joined> = (0..5).map(|_| hub.join(TENANT).unwrap()).collect();
        let of_lead = Topic::Lead(lead(7));
        for client in &clients {
            hub.subscribe(client, &[of_lead.clone(), Topic::Leads], None);
        }
        let own = [of_lead.clone(), Topic::Leads, Topic::Lead(lead(8))];
        // The first user in two windows, the second in one; a program; and one who does not want to know.
        for (client, user) in clients.iter().zip([Some(users[0]), Some(users[0]), Some(users[1]), None]) {
            hub.appear(client, &own, user);
        }
        hub.tell_presence();
        let seen = |users: &[UserId]| {
            vec![
                serde_json::json!({ "topic": of_lead.to_string(), "presence": { "users": users, "total": users.len() } }),
            ]
        };
        let heard = |client: &Client| -> Vec<Value> {
            texts(client).iter().map(|text| serde_json::from_str(text).unwrap()).collect()
        };
        for client in &clients[..4] {
            assert_eq!(heard(client), seen(&users[..2]));
        }
        assert!(texts(&clients[4]).is_empty());
        hub.unsubscribe(&clients[2], std::slice::from_ref(&of_lead));
        hub.tell_presence();
        hub.appear(&clients[4], &own, Some(users[2]));
        clients[0].lose(Place::behind(0, 1));
        hub.tell_presence();
        let Some(Next::Resync(_)) = clients[0].try_next() else { panic!("it has lost something") };
        assert_eq!(heard(&clients[0]), seen(&[users[0], users[2]]), "only the last is told, and never lost");
        assert!(texts(&clients[2]).is_empty());
    }

    #[test]
    fn whoever_looks_is_told_who_looks_on_other_nodes_until_those_are_silent() {
        let (hub, other) = (Hub::new(), Hub::new());
        let (node, third) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let (ada, bob) = (UserId(Uuid::from_u128(1)), UserId(Uuid::from_u128(2)));
        let own = [Topic::Lead(lead(7))];
        let look = |hub: &Arc<Hub>, user| {
            let client = hub.join(TENANT).unwrap();
            hub.subscribe(&client, &own, None);
            hub.appear(&client, &own, Some(user));
            client
        };
        let (here, there) = (look(&hub, ada), look(&other, bob));
        let told = |client: &Client| -> Vec<Value> {
            hub.tell_presence();
            let texts = texts(client);
            texts.iter().map(|text| serde_json::from_str::<Value>(text).unwrap()["presence"].clone()).collect()
        };
        let seen = |users: &[UserId], total: usize| vec![serde_json::json!({ "users": users, "total": total })];
        let now = Instant::now();
        let rooms = other.presence_here(false);
        assert!(other.presence_here(false).is_empty(), "it was told");
        assert_eq!(other.presence_here(true), rooms);
        hub.hear_presence(node, rooms.clone(), now);
        assert_eq!(told(&here), seen(&[ada, bob], 2));
        hub.hear_presence(node, rooms.clone(), now);
        assert!(told(&here).is_empty(), "nothing new");
        let crowd = Room { users: vec![ada], total: 31, ..rooms[0].clone() };
        hub.hear_presence(third, vec![crowd], now);
        assert_eq!(told(&here), seen(&[ada, bob], 32));
        hub.forget_node(third, now);
        assert_eq!(told(&here), seen(&[ada, bob], 2));
        hub.forget_silent_nodes(now + crate::PRESENCE_HOLDS);
        assert!(told(&here).is_empty());
        hub.forget_silent_nodes(now + 2 * crate::PRESENCE_HOLDS);
        assert_eq!(told(&here), seen(&[ada], 1));
        hub.hear_presence(node, rooms, now);
        drop(there);
        hub.hear_presence(node, other.presence_here(false), now);
        assert_eq!(told(&here), seen(&[ada], 1));
    }
}
