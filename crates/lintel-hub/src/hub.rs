//! Who listens to what, and telling them.

mod looking;

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
};

use crate::{
    carriers::Carriers,
    client::Client,
    listeners::{Listeners, Member},
    message::Message,
    place::Place,
    presence::Presence,
    route::items,
    topic::Topic,
};
use lintel_domain::{
    event::Event,
    id::{ListingId, TenantId},
    market::MarketSlug,
    place::Point,
};
use parking_lot::{RwLock, RwLockWriteGuard};
use serde_json::Value;
use tokio::sync::watch;

/// All clients of this node, and how far the log has been told.
#[derive(Default)]
pub struct Hub {
    ids: AtomicU64,
    clients: AtomicUsize,
    state: RwLock<State>,
    carriers: Carriers,
    presence: Presence,
    /// Whether it is known from where on the log is told, or that it never will be.
    begun: watch::Sender<bool>,
}

#[derive(Default)]
struct State {
    /// Up to where everything has been told; nothing before the follower has begun.
    told: Option<Place>,
    closed: bool,
    tenants: HashMap<TenantId, Listeners>,
}

/// A client in the hub; it leaves when this is dropped.
pub struct Joined {
    hub: Arc<Hub>,
    client: Arc<Client>,
}

impl std::ops::Deref for Joined {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.client
    }
}

/// Something to write down for those who listen to a topic.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Frame<'a> {
    /// On which topic, as text.
    pub topic: &'a str,
    /// The place behind it.
    pub place: Place,
    /// What happened; `None`: too much, look again.
    pub event: Option<&'a Value>,
}

/// How a frame is written down.
pub type Write<'a> = &'a dyn Fn(TenantId, Frame<'_>) -> Message;

/// An event as it is told.
#[derive(Clone, Copy, Debug)]
pub struct Told<'a> {
    /// Whose.
    pub tenant: TenantId,
    /// The place behind it.
    pub behind: Place,
    /// What happened.
    pub event: &'a Event,
    /// Where the listings are that viewports ask for; one whose place is not known concerns all viewports of its market.
    pub places: &'a HashMap<ListingId, Point>,
}

impl Hub {
    /// A hub without clients.
    pub fn new() -> Arc<Self> {
        Arc::default()
    }

    /// How many clients there are.
    pub fn clients(&self) -> usize {
        self.clients.load(Ordering::Relaxed)
    }

    /// Takes in a client; none when the hub is closed.
    pub fn join(self: &Arc<Self>, tenant: TenantId) -> Option<Joined> {
        let client = Client::new(self.ids.fetch_add(1, Ordering::Relaxed), tenant);
        let mut state = self.state.write();
        if state.closed {
            return None;
        }
        state
            .tenants
            .entry(tenant)
            .or_default()
            .all
            .insert(client.id, Member { client: client.clone(), topics: Vec::new() });
        self.clients.fetch_add(1, Ordering::Relaxed);
        Some(Joined { hub: self.clone(), client })
    }

    /// Subscribes a client: from now on it gets everything on these topics that is behind `after`. Says how far the log had
    /// been told just then: what is between `after` and there the client has to read from the log.
    pub fn subscribe(&self, client: &Joined, topics: &[Topic], after: Option<Place>) -> Place {
        let mut state = self.state.write();
        let told = state.told.unwrap_or_default();
        let after = after.unwrap_or(told).max(told);
        if let Some(listeners) = state.tenants.get_mut(&client.tenant) {
            for topic in topics {
                listeners.remove(client.id, topic);
                listeners.add(&client.client, topic, after);
            }
        }
        told
    }

    /// Ends subscriptions of a client.
    pub fn unsubscribe(&self, client: &Joined, topics: &[Topic]) {
        let mut state = self.state.write();
        if let Some(listeners) = state.tenants.get_mut(&client.tenant) {
            for topic in topics {
                listeners.remove(client.id, topic);
            }
        }
        drop(state);
        let left: Vec<String> = topics.iter().map(Topic::to_string).collect();
        self.presence.leave(client, left.iter().map(|topic| &**topic));
    }

    /// How many topics a client has subscribed to.
    pub fn subscriptions(&self, client: &Joined) -> usize {
        let state = self.state.read();
        let member = state.tenants.get(&client.tenant).and_then(|listeners| listeners.all.get(&client.id));
        member.map_or(0, |member| member.topics.len())
    }

    /// Whether a place of a listing of this market would be of use: somebody looks at a part of its map.
    pub fn has_viewports(&self, tenant: TenantId, market: &MarketSlug) -> bool {
        let state = self.state.read();
        state.tenants.get(&tenant).is_some_and(|listeners| listeners.viewports.contains_key(market))
    }

    /// Up to where everything has been told.
    pub fn told(&self) -> Place {
        self.state.read().told.unwrap_or_default()
    }

    /// Returns when it is known from where on the log is told. Whoever subscribed before would miss what is written until
    /// then, and be told of it by nobody.
    pub async fn begun(&self) {
        // The sender lives as long as the hub.
        let _ = self.begun.subscribe().wait_for(|begun| *begun).await;
    }

    /// Begins at a place, with a hole before it: whoever listens is told to look again.
    pub fn begin(&self, at: Place) {
        let mut state = self.state.write();
        let first = state.told.replace(at).is_none();
        if !first {
            for member in state.tenants.values().flat_map(|listeners| listeners.all.values()) {
                member.client.lose(at);
            }
        }
        drop(state);
        self.begun.send_replace(true);
    }

    /// Tells some events, in the order of the log. `write` is asked once for each topic that somebody listens to.
    pub fn publish(&self, events: &[Told<'_>], to: Place, write: Write<'_>) {
        let mut state = self.state.write();
        state.told = Some(to);
        // Readers and writers of who listens wait no longer than it takes to hand out references.
        let state = RwLockWriteGuard::downgrade(state);
        let mut due = self.carriers.gather();
        for event in events {
            if let Some(listeners) = state.tenants.get(&event.tenant) {
                for item in items(event.event) {
                    listeners.tell(event, &item, write, &mut due);
                }
            }
        }
    }

    /// Writes what waits for clients that are free to their sockets; never returns. As many may run as there are cores.
    pub async fn carry(&self) {
        self.carriers.carry().await;
    }

    /// Returns when everything is written that the sockets of free clients take. Whoever publishes much waits for it in
    /// between, so that only those lose their queue who do not read.
    pub async fn carried(&self) {
        self.carriers.done().await;
    }

    /// Says goodbye to everybody, and takes in nobody any more.
    pub fn close(&self) {
        let mut state = self.state.write();
        state.closed = true;
        for member in state.tenants.values().flat_map(|listeners| listeners.all.values()) {
            member.client.close();
        }
        drop(state);
        self.begun.send_replace(true);
    }

    fn leave(&self, client: &Client) {
        let topics = self.forget(client);
        self.presence.leave(client, topics.iter().map(|topic| &**topic));
        self.clients.fetch_sub(1, Ordering::Relaxed);
    }

    /// Drops a client and what it has subscribed to; says what that was.
    fn forget(&self, client: &Client) -> Vec<String> {
        let mut state = self.state.write();
        let Some(listeners) = state.tenants.get_mut(&client.tenant) else { return Vec::new() };
        let topics = listeners.all.get_mut(&client.id).map(|member| std::mem::take(&mut member.topics));
        let topics = topics.unwrap_or_default();
        for topic in &topics {
            listeners.remove(client.id, topic);
        }
        listeners.all.remove(&client.id);
        if listeners.all.is_empty() {
            state.tenants.remove(&client.tenant);
        }
        topics.iter().map(Topic::to_string).collect()
    }
}

impl Drop for Joined {
    fn drop(&mut self) {
        self.hub.leave(&self.client);
    }
}

#[cfg(test)]
mod tests {
    use lintel_domain::id::LeadId;
    use uuid::Uuid;

    use super::*;
    use crate::client::Next;

    pub(super) const TENANT: TenantId = TenantId(Uuid::from_u128(1));

    pub(super) fn lead(n: u128) -> LeadId {
        LeadId(Uuid::from_u128(n))
    }

    fn tell(hub: &Hub, tenant: TenantId, id: i64, event: &Event, places: &HashMap<ListingId, Point>) {
        let behind = Place::behind(0, id);
        let told = Told { tenant, behind, event, places };
        hub.publish(&[told], behind, &|_, frame| Message::new(format!("{} {:?}", frame.topic, frame.place).as_bytes()));
    }

    fn tell_of_lead(hub: &Hub, tenant: TenantId, id: i64, n: u128) {
        tell(hub, tenant, id, &Event::LeadUpdated { leads: vec![lead(n)] }, &HashMap::new());
    }

    fn topics(client: &Client) -> Vec<String> {
        texts(client).iter().map(|text| text.split(' ').next().unwrap().to_owned()).collect()
    }

    #[test]
    fn a_client_hears_of_its_topics_and_tenant_only() {
        let hub = Hub::new();
        let (all, one) = (hub.join(TENANT).unwrap(), hub.join(TENANT).unwrap());
        let stranger = hub.join(TenantId(Uuid::from_u128(2))).unwrap();
        let of_one = Topic::Lead(lead(7));
        hub.subscribe(&all, &[Topic::Leads], None);
        hub.subscribe(&one, std::slice::from_ref(&of_one), None);
        hub.subscribe(&stranger, &[Topic::Leads, of_one.clone()], None);
        tell_of_lead(&hub, TENANT, 1, 7);
        tell_of_lead(&hub, TENANT, 2, 8);
        assert_eq!(topics(&all), ["leads", "leads"]);
        assert_eq!(topics(&one), [of_one.to_string()]);
        assert!(topics(&stranger).is_empty());
        hub.unsubscribe(&one, &[of_one]);
        tell_of_lead(&hub, TENANT, 3, 7);
        assert!(topics(&one).is_empty());
    }

    #[test]
    fn whoever_is_ahead_hears_nothing_twice() {
        let hub = Hub::new();
        let client = hub.join(TENANT).unwrap();
        hub.begin(Place::behind(0, 1));
        // It has been told the first part of event 3 on another node.
        let told = hub.subscribe(&client, &[Topic::Leads], Some(Place { txid: 0, id: 3, part: 1 }));
        assert_eq!(told, Place::behind(0, 1));
        tell_of_lead(&hub, TENANT, 2, 1);
        tell(&hub, TENANT, 3, &Event::LeadUpdated { leads: vec![lead(1), lead(2)] }, &HashMap::new());
        assert_eq!(topics(&client), ["leads"]);
    }

    #[test]
    fn a_viewport_hears_of_the_homes_inside() {
        let hub = Hub::new();
        let market: MarketSlug = "town".parse().unwrap();
        let client = hub.join(TENANT).unwrap();
        let view: Topic = "viewport:town:10/20/11/21".parse().unwrap();
        assert!(!hub.has_viewports(TENANT, &market));
        hub.subscribe(&client, std::slice::from_ref(&view), None);
        assert!(hub.has_viewports(TENANT, &market));
        let listings: Vec<ListingId> = (0..3).map(|n| ListingId(Uuid::from_u128(n))).collect();
        let places = HashMap::from([
            (listings[0], Point::new(20.5, 10.5).unwrap()),
            (listings[1], Point::new(22.0, 10.5).unwrap()),
        ]);
        tell(&hub, TENANT, 1, &Event::ListingCreated { market, listings }, &places);
        assert_eq!(topics(&client), [view.to_string(), view.to_string()], "one inside, one whose place is not known");
    }

    #[test]
    fn a_hub_that_lost_its_place_has_everybody_look_again() {
        let hub = Hub::new();
        hub.begin(Place::behind(0, 1));
        let client = hub.join(TENANT).unwrap();
        hub.subscribe(&client, &[Topic::Leads], None);
        tell_of_lead(&hub, TENANT, 2, 1);
        hub.begin(Place::behind(0, 9));
        assert_eq!(client.try_next(), Some(Next::Resync(Place::behind(0, 9))));
        assert_eq!(client.try_next(), None);
    }

    #[tokio::test]
    async fn whoever_comes_before_it_is_known_from_where_on_is_told_waits_until_it_is() {
        async fn waits(hub: &Hub) -> bool {
            tokio::select! {
                biased;
                () = hub.begun() => false,
                () = std::future::ready(()) => true,
            }
        }
        let hub = Hub::new();
        assert!(waits(&hub).await);
        hub.begin(Place::behind(0, 1));
        assert!(!waits(&hub).await);
        let stopped = Hub::new();
        stopped.close();
        assert!(!waits(&stopped).await, "nobody waits for what will never be");
    }

    /// What a client is told, as text.
    pub(super) fn texts(client: &Client) -> Vec<String> {
        let told = std::iter::from_fn(|| client.try_next());
        let text = |next| match next {
            Next::Message(message) => String::from_utf8(message.text().to_vec()).unwrap(),
            other => format!("{other:?}"),
        };
        told.map(text).collect()
    }

    #[test]
    fn nothing_is_left_of_whoever_left() {
        let hub = Hub::new();
        let clients: Vec<Joined> = (0..3).map(|_| hub.join(TENANT).unwrap()).collect();
        for client in &clients {
            let own = ["viewport:town:1/2/3/4".parse().unwrap(), Topic::Leads, Topic::Leads, Topic::Jobs];
            hub.subscribe(client, &own, None);
            hub.appear(client, &own, None);
            assert_eq!(hub.subscriptions(client), 3);
        }
        assert_eq!(hub.clients(), 3);
        drop(clients);
        assert_eq!(hub.clients(), 0);
        assert!(hub.state.read().tenants.is_empty() && hub.presence.is_empty());
        hub.close();
        assert!(hub.join(TENANT).is_none());
    }
}
