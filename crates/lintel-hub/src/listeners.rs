//! Who of a tenant listens to what.

use std::{collections::HashMap, sync::Arc};

use lintel_domain::{market::MarketSlug, place::Bounds};

use crate::{
    carriers::Gathered,
    client::Client,
    hub::{Frame, Told, Write},
    message::Message,
    place::Place,
    route::Item,
    topic::Topic,
};

/// The clients of one tenant. A topic is known by its text.
#[derive(Default)]
pub(crate) struct Listeners {
    topics: HashMap<Box<str>, HashMap<u64, Listener>>,
    pub(crate) viewports: HashMap<MarketSlug, HashMap<u64, Vec<Viewport>>>,
    pub(crate) all: HashMap<u64, Member>,
}

/// A client with what it has subscribed to.
pub(crate) struct Member {
    pub(crate) client: Arc<Client>,
    pub(crate) topics: Vec<Topic>,
}

struct Listener {
    client: Arc<Client>,
    /// Nothing up to here is news to it.
    after: Place,
}

pub(crate) struct Viewport {
    bounds: Bounds,
    topic: Box<str>,
    listener: Listener,
}

impl Listeners {
    /// Tells whoever listens to one of its topics of an item.
    pub(crate) fn tell(&self, event: &Told<'_>, item: &Item, write: Write<'_>, due: &mut Gathered<'_>) {
        for (nth, topic) in item.topics.iter().enumerate() {
            let topic = topic.to_string();
            let Some(listeners) = self.topics.get(&*topic) else { continue };
            let place = item.place(event.behind, nth);
            let mut written = None;
            for listener in listeners.values().filter(|listener| listener.after < place) {
                let message = written.get_or_insert_with(|| {
                    write(event.tenant, Frame { topic: &topic, place, event: item.event.as_ref() })
                });
                listener.tell(place, message, due);
            }
        }
        let Some((market, listing)) = &item.viewports else { return };
        let Some(viewports) = self.viewports.get(market) else { return };
        let place = item.viewport_place(event.behind);
        let at = listing.and_then(|listing| event.places.get(&listing));
        // Many may look at the same part of the map.
        let mut written: HashMap<&str, Message> = HashMap::new();
        for own in viewports.values() {
            let mut seen = own.iter().filter(|viewport| at.is_none_or(|at| viewport.bounds.contains(*at)));
            if let Some(viewport) = seen.find(|viewport| viewport.listener.after < place) {
                let topic = &*viewport.topic;
                let message = written
                    .entry(topic)
                    .or_insert_with(|| write(event.tenant, Frame { topic, place, event: item.event.as_ref() }));
                viewport.listener.tell(place, message, due);
            }
        }
    }

    pub(crate) fn add(&mut self, client: &Arc<Client>, topic: &Topic, after: Place) {
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
    pub(crate) fn remove(&mut self, client: u64, topic: &Topic) {
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

impl Listener {
    fn tell(&self, place: Place, message: &Message, due: &mut Gathered<'_>) {
        if self.client.push(place, message) {
            due.add(&self.client);
        }
    }
}
