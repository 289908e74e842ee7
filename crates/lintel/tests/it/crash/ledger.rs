//! What clients wrote, what they were told about it, and whether the store agrees.

use std::{
    collections::{BTreeMap, BTreeSet},
    net::SocketAddr,
    sync::mpsc::Sender,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use crate::{
    client::{Answer, Client},
    server::{Server, eventually},
};

/// Items of one batch: all of them are there, or none.
const BATCH: usize = 3;

/// How long the index of listings may be behind after the database was away.
const CATCHES_UP_WITHIN: Duration = Duration::from_secs(5);

/// What a call was to do.
#[derive(Clone, Debug)]
enum What {
    /// Create the lead of this name.
    Lead { name: String },
    /// Give this lead a stage and one record of consent.
    Patch { lead: String },
    /// Record these events of this lead.
    Interactions { lead: String, events: Vec<String> },
    /// Store the listings with these keys.
    Listings { keys: Vec<String> },
}

/// A call under an idempotency key, with what was answered, if anything was.
#[derive(Clone, Debug)]
pub(super) struct Call {
    what: What,
    method: &'static str,
    path: String,
    key: String,
    body: Value,
    answer: Option<Value>,
}

impl Call {
    fn new(what: What, method: &'static str, path: String, key: String, body: Value) -> Self {
        Self { what, method, path, key, body, answer: None }
    }

    /// Makes the call; whether it was acknowledged. A connection that dies and an answer that says "later" both leave
    /// it open.
    ///
    /// # Panics
    /// When it is refused for good, which no call here deserves.
    fn make(&mut self, client: &mut Client) -> bool {
        let asked = client.send(self.method, &self.path, &[("Idempotency-Key", &self.key)], &self.body);
        let Ok(answer) = asked else { return false };
        match answer.status {
            200 | 201 => self.answer = Some(answer.json()),
            503 => {}
            409 if answer.json()["code"] == "idempotency_running" => assert!(answer.header("retry-after").is_some()),
            status => panic!("{status} to {self:?}: {}", answer.json()),
        }
        self.answer.is_some()
    }
}

/// Writes without a pause until a call stays open; tells `acks` of each that was acknowledged.
pub(super) fn write_until_refused(address: SocketAddr, key: &str, writer: &str, acks: &Sender<()>) -> Vec<Call> {
    let mut calls = Vec::new();
    let Ok(mut client) = Client::connect(address, key) else { return calls };
    for n in 0.. {
        let name = format!("{writer}-{n}");
        // Every other lead has nothing but the idempotency key to be recognised by.
        let external = (n % 2 == 0).then(|| format!("crm-{name}"));
        let body = json!({ "name": name, "external_id": external, "market": "town", "source": "portal" });
        let lead =
            Call::new(What::Lead { name: name.clone() }, "POST", "/api/v1/leads".into(), key_of("lead", &name), body);
        let Some(lead) = write(&mut calls, lead, &mut client, acks) else { return calls };
        let id = lead["id"].as_str().unwrap().to_owned();
        for call in following(&name, &id) {
            if write(&mut calls, call, &mut client, acks).is_none() {
                return calls;
            }
        }
    }
    calls
}

fn write<'c>(calls: &'c mut Vec<Call>, mut call: Call, client: &mut Client, acks: &Sender<()>) -> Option<&'c Value> {
    if call.make(client) {
        let _ = acks.send(());
    }
    calls.push(call);
    calls.last()?.answer.as_ref()
}

/// The calls that follow the creation of a lead.
fn following(name: &str, lead: &str) -> [Call; 3] {
    let consent = json!([{ "channel": "email", "status": "granted", "text": name }]);
    let patch = json!({ "stage": format!("stage of {name}"), "consent": consent });
    let events: Vec<String> = (0..BATCH).map(|i| format!("event-{name}-{i}")).collect();
    let items: Vec<Value> = events.iter().map(|event| json!({ "kind": "listing_view", "event_id": event })).collect();
    let keys: Vec<String> = (0..BATCH).map(|i| format!("home-{name}-{i}")).collect();
    let homes: Vec<Value> = keys.iter().map(|key| json!({ "listing_key": key, "list_price": 500_000 })).collect();
    let at = format!("/api/v1/leads/{lead}");
    let lead = lead.to_owned();
    [
        Call::new(What::Patch { lead: lead.clone() }, "PATCH", at.clone(), key_of("patch", name), patch),
        Call::new(
            What::Interactions { lead, events },
            "POST",
            format!("{at}/interactions"),
            key_of("events", name),
            json!({ "items": items }),
        ),
        Call::new(
            What::Listings { keys },
            "POST",
            "/api/v1/listings".into(),
            key_of("homes", name),
            json!({ "market": "town", "items": homes }),
        ),
    ]
}

fn key_of(what: &str, name: &str) -> String {
    format!("{what}-{name}")
}

/// Everything that was written so far.
#[derive(Default)]
pub(super) struct Ledger {
    done: Vec<Call>,
    open: Vec<Call>,
}

/// What was found wrong, added up over all rounds.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Faults {
    pub(super) lost: usize,
    pub(super) doubled: usize,
    pub(super) halves: usize,
    pub(super) unknown: usize,
    pub(super) examples: Vec<String>,
}

impl Faults {
    /// Notes how often something was found that has to be there exactly once.
    fn once(&mut self, what: &str, found: usize) {
        match found {
            1 => return,
            0 => self.lost += 1,
            _ => self.doubled += 1,
        }
        self.examples.push(format!("{what}: {found} times"));
    }
}

impl Ledger {
    pub(super) fn add(&mut self, calls: Vec<Call>) {
        let (done, open): (Vec<Call>, Vec<Call>) = calls.into_iter().partition(|call| call.answer.is_some());
        self.done.extend(done);
        self.open.extend(open);
    }

    pub(super) fn acknowledged(&self) -> usize {
        self.done.len()
    }

    pub(super) fn open(&self) -> usize {
        self.open.len()
    }

    /// Makes the open calls again, each under its key; those that are still taken for running stay open.
    pub(super) fn retry(&mut self, client: &mut Client) {
        let mut open = std::mem::take(&mut self.open);
        for call in &mut open {
            call.make(client);
        }
        self.add(open);
    }

    /// Makes the open calls again until none is left, however long the server takes its dead predecessor for alive.
    pub(super) fn retry_all(&mut self, server: &Server, key: &str) -> Duration {
        let retried = || {
            self.retry(&mut server.client(key));
            // A client that waits as it is told to: `Retry-After` is a second.
            std::thread::park_timeout(Duration::from_secs(u64::from(!self.open.is_empty())));
            self.open.is_empty().then_some(())
        };
        eventually("every open call is done", Duration::from_secs(100), retried).1
    }

    /// Compares the store with what was acknowledged from the `from`th call on, and with what is open.
    pub(super) fn compare(&self, client: &mut Client, from: usize, faults: &mut Faults) {
        let names = leads(client);
        let homes = self.homes(client, from);
        for call in &self.done[from..] {
            match &call.what {
                What::Lead { name } => faults.once(name, names.get(name).map_or(0, Vec::len)),
                What::Patch { lead } => {
                    let answer = client.get(&format!("/api/v1/leads/{lead}")).unwrap().json();
                    let patched = answer["stage"] == call.body["stage"];
                    faults.once(&format!("stage of {lead}"), usize::from(patched) * versions_after_first(&answer));
                    faults.once(&format!("consent of {lead}"), count(client, &format!("/api/v1/leads/{lead}/consent")));
                }
                What::Interactions { lead, events } => {
                    let found = events_of(client, lead);
                    for event in events {
                        faults.once(event, found.iter().filter(|one| *one == event).count());
                    }
                }
                What::Listings { keys } => {
                    for key in keys {
                        faults.once(key, homes.get(key).copied().unwrap_or_default());
                    }
                }
            }
        }
        for call in &self.open {
            let found = match &call.what {
                What::Interactions { lead, events } => {
                    events_of(client, lead).iter().filter(|event| events.contains(event)).count()
                }
                What::Listings { keys } => keys.iter().filter_map(|key| homes.get(key)).sum(),
                What::Lead { .. } | What::Patch { .. } => 0,
            };
            if found != 0 && found != BATCH {
                faults.halves += 1;
                faults.examples.push(format!("half of {call:?}"));
            }
        }
        let known: BTreeSet<&str> = self.done.iter().chain(&self.open).filter_map(|call| call.lead_name()).collect();
        faults.unknown += names.keys().filter(|name| !known.contains(name.as_str())).count();
    }

    /// How often each listing is found. The index of a server that went on while its database was away follows the log
    /// again after a moment, which is waited for.
    fn homes(&self, client: &mut Client, from: usize) -> BTreeMap<String, usize> {
        let begun = Instant::now();
        loop {
            let found = homes(client);
            let is_found = |call: &Call| match &call.what {
                What::Listings { keys } => keys.iter().all(|key| found.contains_key(key)),
                _ => true,
            };
            if self.done[from..].iter().all(is_found) || begun.elapsed() > CATCHES_UP_WITHIN {
                return found;
            }
            std::thread::yield_now();
        }
    }

    /// Compares the log with what was acknowledged: each creation is told of exactly once.
    pub(super) fn compare_events(&self, client: &mut Client, faults: &mut Faults) {
        let (mut told, mut after) = (BTreeMap::<String, usize>::new(), String::new());
        loop {
            let page = client.get(&format!("/api/v1/events?limit=200{after}")).unwrap().json();
            let items = page["items"].as_array().unwrap();
            for event in items.iter().map(|item| &item["event"]) {
                let ids = match event["type"].as_str().unwrap() {
                    "lead.created" => strings(&event["leads"], None),
                    "listing.created" => strings(&event["listings"], None),
                    "interaction.recorded" => strings(&event["interactions"], Some("interaction")),
                    _ => continue,
                };
                for id in ids {
                    *told.entry(id).or_default() += 1;
                }
            }
            after = format!("&after={}", page["cursor"].as_str().unwrap());
            if items.is_empty() {
                break;
            }
        }
        for call in &self.done {
            let answer = call.answer.as_ref().unwrap();
            let ids = match &call.what {
                What::Lead { .. } => vec![answer["id"].as_str().unwrap().to_owned()],
                // Of interactions that were there already, the answer does not say the id.
                What::Interactions { .. } | What::Listings { .. } => strings(&answer["results"], Some("id")),
                What::Patch { .. } => continue,
            };
            for id in ids {
                faults.once(&format!("event of {id}"), told.get(&id).copied().unwrap_or_default());
            }
        }
    }
}

impl Call {
    fn lead_name(&self) -> Option<&str> {
        match &self.what {
            What::Lead { name } => Some(name),
            _ => None,
        }
    }
}

/// The strings of an array, or those under a name in its objects.
fn strings(array: &Value, name: Option<&str>) -> Vec<String> {
    let items = array.as_array().unwrap().iter();
    items.filter_map(|item| name.map_or(item, |name| &item[name]).as_str().map(str::to_owned)).collect()
}

fn versions_after_first(lead: &Value) -> usize {
    usize::try_from(lead["version"].as_u64().unwrap()).unwrap() - 1
}

fn count(client: &mut Client, path: &str) -> usize {
    client.get(path).unwrap().json()["items"].as_array().unwrap().len()
}

/// The event ids in the timeline of a lead.
fn events_of(client: &mut Client, lead: &str) -> Vec<String> {
    let answer = client.get(&format!("/api/v1/leads/{lead}/timeline?limit=200")).unwrap().json();
    strings(&answer["items"], Some("event_id"))
}

/// All leads: their ids by name.
fn leads(client: &mut Client) -> BTreeMap<String, Vec<String>> {
    let mut found = BTreeMap::<String, Vec<String>>::new();
    for lead in all_leads(client) {
        let text = |name: &str| lead[name].as_str().unwrap().to_owned();
        found.entry(text("name")).or_default().push(text("id"));
    }
    found
}

/// All leads, page by page.
pub(super) fn all_leads(client: &mut Client) -> Vec<Value> {
    pages(|cursor| client.get(&format!("/api/v1/leads?limit=200&sort=created_at{cursor}")).unwrap())
}

fn pages(mut ask: impl FnMut(&str) -> Answer) -> Vec<Value> {
    let (mut items, mut cursor) = (Vec::new(), String::new());
    loop {
        let answer = ask(&cursor);
        assert_eq!(answer.status, 200, "{}", answer.json());
        let page = answer.json();
        items.extend(page["items"].as_array().unwrap().iter().cloned());
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return items,
        }
    }
}

/// How often each listing is found by a search.
fn homes(client: &mut Client) -> BTreeMap<String, usize> {
    let mut found = BTreeMap::new();
    let body = json!({ "market": "town", "sort": "newest", "limit": 200 });
    for home in client.all("/api/v1/listings/search", &body) {
        *found.entry(home["listing_key"].as_str().unwrap().to_owned()).or_default() += 1;
    }
    found
}
