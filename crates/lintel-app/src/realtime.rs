//! Listening to the log: which topics a client may hear, what it has missed, and the words in which it is told.

use std::{
    borrow::Borrow,
    collections::{HashMap, HashSet},
    sync::Arc,
    time::Duration,
};

use bytes::Bytes;
use lintel_domain::{
    id::{ListingId, TenantId},
    market::MarketSlug,
    place::Point,
    scope::Actor,
};
use lintel_hub::{Frame, Item, Joined, Next, Place, Topic, items};
use lintel_store::log::{Cursor, Recorded};
use serde::Serialize;
use serde_json::Value;
use tokio::net::TcpStream;

use crate::{
    App, Error, Principal, Result,
    cursor::{Cursors, List},
};

/// The most topics of one client.
pub const MOST_TOPICS: usize = 256;
/// Events read at once for somebody who comes back.
const PAGE: u32 = 200;
/// Whoever has missed more events than this is told to look again instead.
const MOST_MISSED: usize = 10_000;
/// How long somebody waits for a node that has just started to know from where on it tells.
const BEGINS_WITHIN: Duration = Duration::from_secs(10);

/// Somebody who listens, until this is dropped.
pub struct Listener {
    who: Principal,
    joined: Joined,
    cursors: Arc<Cursors>,
}

/// A message to a client: a JSON object that begins with its cursor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message(lintel_hub::Message);

/// What a socket that is held has to do next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Due {
    /// Write these bytes: a frame, or the rest of one.
    Write(Bytes),
    /// Say goodbye.
    Farewell,
}

/// A topic that was not subscribed to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefusedTopic {
    /// As it was asked for.
    pub topic: String,
    /// A word for programs.
    pub code: &'static str,
    /// A sentence for people.
    pub detail: String,
}

/// What came of a subscription.
pub struct Subscription {
    /// Topics that are not there or not allowed.
    pub refused: Vec<RefusedTopic>,
    /// What has to be told before anything new.
    pub missed: Missed,
    /// Where the subscription begins.
    pub cursor: String,
}

/// The part of the log between where a client was and where its subscription begins; told page by page.
pub struct Missed {
    topics: HashSet<String>,
    viewports: Vec<(MarketSlug, lintel_domain::place::Bounds, String)>,
    from: Place,
    to: Place,
    seen: usize,
    lost: bool,
}

#[derive(Serialize)]
struct Written<'a> {
    cursor: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    resync: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    topic: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    event: Option<&'a Value>,
}

impl Message {
    fn resync(cursors: &Cursors, tenant: TenantId, place: Place) -> Self {
        let cursor = cursor_text(cursors, tenant, place);
        Self(write(&Written { cursor: &cursor, resync: Some(true), topic: None, event: None }))
    }

    /// Its text.
    pub fn text(&self) -> &[u8] {
        self.0.text()
    }

    /// Its text as one frame of a WebSocket.
    pub fn framed(&self) -> &Bytes {
        self.0.framed()
    }

    /// The cursor that it begins with.
    pub fn cursor(&self) -> &str {
        let text = std::str::from_utf8(self.text()).unwrap_or_default();
        let rest = text.strip_prefix("{\"cursor\":\"").unwrap_or_default();
        rest.split_once('"').map_or("", |(cursor, _)| cursor)
    }
}

/// What a client is told of a frame.
pub(crate) fn message(cursors: &Cursors, tenant: TenantId, frame: Frame<'_>) -> lintel_hub::Message {
    let cursor = cursor_text(cursors, tenant, frame.place);
    let resync = frame.event.is_none().then_some(true);
    write(&Written { cursor: &cursor, resync, topic: Some(frame.topic), event: frame.event })
}

fn write(written: &Written<'_>) -> lintel_hub::Message {
    // Writing strings and a value of JSON cannot fail.
    lintel_hub::Message::new(&serde_json::to_vec(written).unwrap_or_default())
}

fn cursor_text(cursors: &Cursors, tenant: TenantId, place: Place) -> String {
    cursors.write(&List { tenant, name: "events", shape: &[] }, &place).unwrap_or_default()
}

impl App {
    /// Lets somebody listen; nothing is heard before they subscribe to something.
    ///
    /// A node that has just started first finds the end of the log; that takes one read.
    pub async fn listen(&self, who: &Principal) -> Result<Listener> {
        let begun = tokio::time::timeout(BEGINS_WITHIN, self.0.hub.begun()).await;
        begun.map_err(|_| Error::Unavailable("the log cannot be read yet"))?;
        let cursors = self.cursors(who.tenant).await?;
        let joined = self.0.hub.join(who.tenant).ok_or(Error::Unavailable("the server is stopping"))?;
        Ok(Listener { who: *who, joined, cursors })
    }

    /// How many clients listen to this node.
    pub fn listeners(&self) -> usize {
        self.0.hub.clients()
    }

    /// Subscribes to topics, from a cursor on or from now on. A cursor that is not one of this tenant's log counts as lost.
    pub async fn subscribe(&self, listener: &Listener, topics: &[String], after: Option<&str>) -> Result<Subscription> {
        let (mut wanted, mut refused) = (Vec::new(), Vec::new());
        let room = MOST_TOPICS.saturating_sub(self.0.hub.subscriptions(&listener.joined));
        for text in topics {
            match self.check_topic(&listener.who, text).await {
                Ok(topic) if wanted.len() < room => wanted.push(topic),
                Ok(_) => refused.push(RefusedTopic {
                    topic: text.clone(),
                    code: "too_many_topics",
                    detail: format!("one client subscribes to at most {MOST_TOPICS} topics"),
                }),
                Err(error) => refused.push(refusal(text, error)?),
            }
        }
        let tenant = listener.who.tenant;
        let list = List { tenant, name: "events", shape: &[] };
        let from = after.map(|text| listener.cursors.read::<Place>(&list, text));
        let lost = matches!(from, Some(Err(_)));
        let from = from.and_then(Result::ok);
        let told = self.0.hub.subscribe(&listener.joined, &wanted, from);
        let from = from.unwrap_or(told);
        let missed = Missed::new(&wanted, from, told, lost);
        Ok(Subscription { refused, missed, cursor: cursor_text(&listener.cursors, tenant, from.max(told)) })
    }

    /// Has a client be told who looks at those of its topics that people look at, on any node. A user is shown to the
    /// others as long as it is subscribed; a program is only told.
    pub fn appear(&self, listener: &Listener, topics: &[String]) {
        let topics: Vec<Topic> = topics.iter().filter_map(|text| text.parse().ok()).collect();
        let user = match listener.who.actor {
            Actor::User(user) => Some(user),
            Actor::Key(_) | Actor::System => None,
        };
        self.0.hub.appear(&listener.joined, &topics, user);
    }

    /// Ends subscriptions; topics that were not subscribed to are passed over.
    pub fn unsubscribe(&self, listener: &Listener, topics: &[String]) {
        let topics: Vec<Topic> = topics.iter().filter_map(|text| text.parse().ok()).collect();
        self.0.hub.unsubscribe(&listener.joined, &topics);
    }

    /// The next messages of what a client missed; none when everything is told.
    pub async fn missed(&self, listener: &Listener, missed: &mut Missed) -> Result<Option<Vec<Message>>> {
        let tenant = listener.who.tenant;
        let lost = |missed: &mut Missed| {
            (missed.lost, missed.from) = (false, missed.to);
            Ok(Some(vec![Message::resync(&listener.cursors, tenant, missed.to)]))
        };
        if missed.lost || missed.seen > MOST_MISSED {
            return lost(missed);
        }
        if missed.from >= missed.to || missed.is_empty() {
            return Ok(None);
        }
        let from = Cursor {
            txid: missed.from.txid,
            // The rest of an event that was told in part is read with the whole of it.
            id: if missed.from.part == u32::MAX { missed.from.id } else { missed.from.id - 1 },
        };
        let to = Cursor { txid: missed.to.txid, id: missed.to.id };
        let events = match self.0.store.events_up_to(tenant, from, to, PAGE).await {
            Ok(events) => events,
            Err(lintel_store::Error::CursorGone) => return lost(missed),
            Err(error) => return Err(error.into()),
        };
        let Some(last) = events.last().map(|last| Place::behind(last.cursor.txid, last.cursor.id)) else {
            missed.from = missed.to;
            return Ok(None);
        };
        let places = self.places(&events, |_, market| missed.viewports.iter().any(|(own, ..)| own == market)).await?;
        let mut messages = Vec::new();
        for logged in &events {
            let behind = Place::behind(logged.cursor.txid, logged.cursor.id);
            if behind > missed.to {
                break;
            }
            for item in logged.event.iter().flat_map(items) {
                missed.tell(behind, &item, &places, |frame| {
                    messages.push(Message(message(&listener.cursors, tenant, frame)));
                });
            }
        }
        missed.seen += events.len();
        missed.from = last;
        Ok(Some(messages))
    }

    /// Where the listings are that events tell of, in the markets that somebody looks at on a map.
    pub(crate) async fn places(
        &self,
        events: &[impl Borrow<Recorded>],
        looked_at: impl Fn(TenantId, &MarketSlug) -> bool,
    ) -> Result<HashMap<ListingId, Point>> {
        let mut places = HashMap::new();
        for logged in events.iter().map(Borrow::borrow) {
            let Some(event) = &logged.event else { continue };
            if !event.market().is_some_and(|market| looked_at(logged.tenant, market)) {
                continue;
            }
            let named = items(event).into_iter().filter_map(|item| item.viewports?.1);
            let ids: Vec<ListingId> = named.filter(|id| !places.contains_key(id)).collect();
            if ids.is_empty() {
                continue;
            }
            for listing in self.0.store.listings_by_ids(logged.tenant, &ids).await? {
                if let Some(point) = listing.facts.place {
                    places.insert(listing.id, point);
                }
            }
        }
        Ok(places)
    }

    /// A topic that is there and that the caller may hear.
    async fn check_topic(&self, who: &Principal, text: &str) -> Result<Topic> {
        let topic: Topic =
            text.parse().map_err(|_| Error::invalid("/subscribe", "unknown_topic", "there is no such topic"))?;
        if !who.role.allows(topic.permission()) {
            return Err(Error::Forbidden(who.role));
        }
        let store = &self.0.store;
        match &topic {
            Topic::Lead(id) => {
                let is_there = store.lead_get(who.tenant, *id).await?.is_some();
                // Of one that was merged it is heard when that is taken back.
                if !is_there && store.lead_survivor(who.tenant, *id).await?.is_none() {
                    return Err(Error::NotFound("lead"));
                }
            }
            Topic::Listing(id) => {
                store.listing_get(who.tenant, *id).await?.ok_or(Error::NotFound("listing"))?;
            }
            Topic::User(id) => {
                (who.actor == Actor::User(*id)).then_some(()).ok_or(Error::NotFound("user"))?;
            }
            Topic::Market(market) | Topic::Viewport(market, _) => {
                store.market_get(who.tenant, market).await?.ok_or(Error::NotFound("market"))?;
            }
            _ => {}
        }
        Ok(topic)
    }
}

fn refusal(topic: &str, error: Error) -> Result<RefusedTopic> {
    let detail = error.to_string();
    let code = match error {
        Error::Invalid(_) => "unknown_topic",
        Error::Forbidden(_) => "forbidden",
        Error::NotFound(_) => "not_found",
        error => return Err(error),
    };
    Ok(RefusedTopic { topic: topic.to_owned(), code, detail })
}

impl Listener {
    /// Who listens.
    pub fn who(&self) -> &Principal {
        &self.who
    }

    /// The next message; `None` when the server says goodbye.
    pub async fn next(&self) -> Option<Message> {
        loop {
            match self.joined.next().await {
                Next::Message(message) => return Some(Message(message)),
                Next::Resync(place) => return Some(self.resync(place)),
                Next::Closed => return None,
                // Nobody else has begun anything where there is no socket.
                Next::Rest(_) => {}
            }
        }
    }

    /// The socket that messages are written to while it is free, without this listener being asked.
    pub fn set_line(&self, line: Arc<TcpStream>) {
        self.joined.set_line(line);
    }

    /// Sets the socket free; false when something is due first.
    pub fn release(&self) -> bool {
        self.joined.release()
    }

    /// Takes the socket back: what comes is due, and nobody else writes.
    pub fn hold(&self) {
        self.joined.hold();
    }

    /// Returns when something may be due that is not written without asking.
    pub async fn woken(&self) {
        self.joined.woken().await;
    }

    /// What is due on a socket that is held.
    pub fn due(&self) -> Option<Due> {
        Some(match self.joined.try_next()? {
            Next::Message(message) => Due::Write(message.framed().clone()),
            Next::Rest(rest) => Due::Write(rest),
            Next::Resync(place) => Due::Write(self.resync(place).framed().clone()),
            Next::Closed => Due::Farewell,
        })
    }

    fn resync(&self, place: Place) -> Message {
        Message::resync(&self.cursors, self.who.tenant, place)
    }
}

impl Missed {
    fn new(topics: &[Topic], from: Place, to: Place, lost: bool) -> Self {
        let mut missed = Self { topics: HashSet::new(), viewports: Vec::new(), from, to, seen: 0, lost };
        for topic in topics {
            let text = topic.to_string();
            match topic {
                Topic::Viewport(market, bounds) => missed.viewports.push((market.clone(), *bounds, text)),
                _ => {
                    missed.topics.insert(text);
                }
            }
        }
        missed
    }

    fn is_empty(&self) -> bool {
        self.topics.is_empty() && self.viewports.is_empty()
    }

    /// Tells an item as the hub would have.
    fn tell(&self, behind: Place, item: &Item, places: &HashMap<ListingId, Point>, mut tell: impl FnMut(Frame<'_>)) {
        let event = item.event.as_ref();
        for (nth, topic) in item.topics.iter().enumerate() {
            let (topic, place) = (topic.to_string(), item.place(behind, nth));
            if place > self.from && self.topics.contains(&topic) {
                tell(Frame { topic: &topic, place, event });
            }
        }
        let Some((market, listing)) = &item.viewports else { return };
        let place = item.viewport_place(behind);
        let at = listing.and_then(|listing| places.get(&listing));
        let mut seen = self.viewports.iter().filter(|(own, ..)| own == market);
        if place > self.from
            && let Some((_, _, topic)) = seen.find(|(_, bounds, _)| at.is_none_or(|at| bounds.contains(*at)))
        {
            tell(Frame { topic, place, event });
        }
    }
}
