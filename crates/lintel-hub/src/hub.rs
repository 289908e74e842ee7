//! Who listens to what, and telling them.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
};

use bytes::Bytes;
use lintel_domain::{
    event::Event,
    id::{ListingId, TenantId},
    market::MarketSlug,
    place::{Bounds, Point},
};
use parking_lot::{RwLock, RwLockWriteGuard};
use serde_json::Value;

use crate::{
    client::Client,
    place::Place,
    route::{Item, items},
    topic::Topic,
};

/// All clients of this node, and how far the log has been told.
#[derive(Default)]
pub struct Hub {
    ids: AtomicU64,
    clients: AtomicUsize,
    state: RwLock<State>,
}

#[derive(Default)]
struct State {
    /// Up to where everything has been told; nothing before the follower has begun.
    told: Option<Place>,
    closed: bool,
    tenants: HashMap<TenantId, Listeners>,
}

/// The clients of one tenant. A topic is known by its text.
#[derive(Default)]
struct Listeners {
    topics: HashMap<Box<str>, HashMap<u64, Listener>>,
    viewports: HashMap<MarketSlug, HashMap<u64, Vec<Viewport>>>,
    all: HashMap<u64, Member>,
}

/// A client with what it has subscribed to.
struct Member {
    client: Arc<Client>,
    topics: Vec<Topic>,
}

struct Listener {
    client: Arc<Client>,
    /// Nothing up to here is news to it.
    after: Place,
}

struct Viewport {
    bounds: Bounds,
    topic: Box<str>,
    listener: Listener,
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

    /// Begins at a place, with a hole before it: whoever listens is told to look again.
    pub fn begin(&self, at: Place) {
        let mut state = self.state.write();
        let first = state.told.replace(at).is_none();
        if !first {
            for member in state.tenants.values().flat_map(|listeners| listeners.all.values()) {
                member.client.lose(at);
            }
        }
    }

    /// Tells some events, in the order of the log. `text` writes a frame; it is asked once for each topic that somebody
    /// listens to.
    pub fn publish(&self, events: &[Told<'_>], to: Place, text: &dyn Fn(TenantId, Frame<'_>) -> Bytes) {
        let mut state = self.state.write();
        state.told = Some(to);
        // Readers and writers of who listens wait no longer than it takes to hand out references.
        let state = RwLockWriteGuard::downgrade(state);
        for event in events {
            if let Some(listeners) = state.tenants.get(&event.tenant) {
                for item in items(event.event) {
                    listeners.tell(event, &item, text);
                }
            }
        }
    }

    /// Says goodbye to everybody, and takes in nobody any more.
    pub fn close(&self) {
        let mut state = self.state.write();
        state.closed = true;
        for member in state.tenants.values().flat_map(|listeners| listeners.all.values()) {
            member.client.close();
        }
    }

    fn leave(&self, client: &Client) {
        let mut state = self.state.write();
        let Some(listeners) = state.tenants.get_mut(&client.tenant) else { return };
        let topics = listeners.all.get_mut(&client.id).map(|member| std::mem::take(&mut member.topics));
        for topic in topics.into_iter().flatten() {
            listeners.remove(client.id, &topic);
        }
        listeners.all.remove(&client.id);
        if listeners.all.is_empty() {
            state.tenants.remove(&client.tenant);
        }
        self.clients.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Listeners {
    fn tell(&self, event: &Told<'_>, item: &Item, text: &dyn Fn(TenantId, Frame<'_>) -> Bytes) {
        for (nth, topic) in item.topics.iter().enumerate() {
            let topic = topic.to_string();
            let Some(listeners) = self.topics.get(&*topic) else { continue };
            let place = item.place(event.behind, nth);
            let mut written = None;
            for listener in listeners.values().filter(|listener| listener.after < place) {
                let text = written.get_or_insert_with(|| {
                    text(event.tenant, Frame { topic: &topic, place, event: item.event.as_ref() })
                });
                listener.client.push(place, text);
            }
        }
        let Some((market, listing)) = &item.viewports else { return };
        let Some(viewports) = self.viewports.get(market) else { return };
        let place = item.viewport_place(event.behind);
        let at = listing.and_then(|listing| event.places.get(&listing));
        for own in viewports.values() {
            let mut seen = own.iter().filter(|viewport| at.is_none_or(|at| viewport.bounds.contains(*at)));
            if let Some(viewport) = seen.find(|viewport| viewport.listener.after < place) {
                let frame = Frame { topic: &viewport.topic, place, event: item.event.as_ref() };
                viewport.listener.client.push(place, &text(event.tenant, frame));
            }
        }
    }

    fn add(&mut self, client: &Arc<Client>, topic: &Topic, after: Place) {
        let Some(member) = self.all.get_mut(&client.id) else { return };
        member.topics.push(topic.clone());
        let listener = Listener { client: client.clone(), after };
        let text = topic.to_string().into_boxed_str();
        if let Topic::Viewport(market, bounds) = topic {
            let own = self.viewports.entry(market.clone()).or_default().entry(client.id).or_default();
            own.push(Viewport { bounds: *bounds, topic: text, listener });
        } else {
            self.topics.entry(text).or_default().insert(client.id, listener);
        }
    }

    /// Ends a subscription and drops what nobody listens to any more.
    fn remove(&mut self, client: u64, topic: &Topic) {
        if let Some(member) = self.all.get_mut(&client) {
            member.topics.retain(|own| own != topic);
        }
        let text = topic.to_string();
        if let Topic::Viewport(market, _) = topic {
            let Some(all) = self.viewports.get_mut(market) else { return };
            if let Some(own) = all.get_mut(&client) {
                own.retain(|viewport| *viewport.topic != *text);
                if own.is_empty() {
                    all.remove(&client);
                }
            }
            if all.is_empty() {
                self.viewports.remove(market);
            }
        } else if let Some(all) = self.topics.get_mut(&*text) {
            all.remove(&client);
            if all.is_empty() {
                self.topics.remove(&*text);
            }
        }
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

    const TENANT: TenantId = TenantId(Uuid::from_u128(1));

    fn lead(n: u128) -> LeadId {
        LeadId(Uuid::from_u128(n))
    }

    fn tell(hub: &Hub, tenant: TenantId, id: i64, event: &Event, places: &HashMap<ListingId, Point>) {
        let behind = Place::behind(0, id);
        let told = Told { tenant, behind, event, places };
        hub.publish(&[told], behind, &|_, frame| Bytes::from(format!("{} {:?}", frame.topic, frame.place)));
    }

    fn tell_of_lead(hub: &Hub, tenant: TenantId, id: i64, n: u128) {
        tell(hub, tenant, id, &Event::LeadUpdated { leads: vec![lead(n)] }, &HashMap::new());
    }

    fn topics(client: &Client) -> Vec<String> {
        let frames = std::iter::from_fn(|| client.try_next());
        let text = |next| match next {
            Next::Frame(text) => String::from_utf8(text.to_vec()).unwrap().split(' ').next().unwrap().to_owned(),
            other => format!("{other:?}"),
        };
        frames.map(text).collect()
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

    #[test]
    fn nothing_is_left_of_whoever_left() {
        let hub = Hub::new();
        let clients: Vec<Joined> = (0..3).map(|_| hub.join(TENANT).unwrap()).collect();
        for client in &clients {
            let own = ["viewport:town:1/2/3/4".parse().unwrap(), Topic::Leads, Topic::Leads, Topic::Jobs];
            hub.subscribe(client, &own, None);
            assert_eq!(hub.subscriptions(client), 3);
        }
        assert_eq!(hub.clients(), 3);
        drop(clients);
        assert_eq!(hub.clients(), 0);
        assert!(hub.state.read().tenants.is_empty());
        hub.close();
        assert!(hub.join(TENANT).is_none());
    }
}
