//! Which topics an event is told on, and in which words.

use lintel_domain::{
    analysis::Subject,
    event::{Event, MatchFound},
    id::{LeadId, ListingId},
    market::MarketSlug,
};
use serde::Serialize;
use serde_json::{Value, json};

use crate::{place::Place, topic::Topic};

/// Events with more items than this are told to the topic of all as one word to look again, and item by item only to those
/// who listen to one of them: a file of a million rows is no use as a million messages.
pub const MANY: usize = 100;

/// The market whose viewports hear of something: those around the listing, or all when none is named.
pub type Viewports = Option<(MarketSlug, Option<ListingId>)>;

/// One thing to tell.
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    /// The parts of the event that it takes up: one for each topic, in their order.
    pub part: u32,
    /// On what; a listing's item goes to viewports as well.
    pub topics: Vec<Topic>,
    /// Which viewports hear of it, too.
    pub viewports: Viewports,
    /// What to tell: an object with `type`, `id` and what belongs to it; `None`: to look again.
    pub event: Option<Value>,
}

/// How many parts of an event each of its items may take up: one for each topic, one for all viewports.
const PARTS: u32 = 4;

impl Item {
    /// The place behind the frame of the item on its nth topic.
    pub fn place(&self, behind: Place, nth: usize) -> Place {
        Place { part: self.part + nth as u32, ..behind }
    }

    /// The place behind the frame of the item in viewports.
    pub fn viewport_place(&self, behind: Place) -> Place {
        Place { part: self.part + PARTS - 1, ..behind }
    }
}

/// What there is to tell of an event, always in the same order with the same parts, whoever asks.
pub fn items(event: &Event) -> Vec<Item> {
    let kind = event.kind();
    let mut items = Items { kind, done: Vec::new(), next: 0 };
    match event {
        Event::LeadCreated { leads }
        | Event::LeadUpdated { leads }
        | Event::LeadAssigned { leads }
        | Event::LeadErased { leads } => items.leads(leads.iter().map(|lead| (*lead, json!({ "id": lead })))),
        Event::LeadMerged { lead, from } | Event::LeadUnmerged { lead, from } => {
            let topics = vec![Topic::Lead(*lead), Topic::Lead(*from), Topic::Leads];
            items.push(topics, None, json!({ "id": lead, "from": from }));
        }
        Event::LeadScored { scores } => items.leads(
            scores.iter().map(|scored| (scored.lead, json!({ "id": scored.lead, "probability": scored.probability }))),
        ),
        Event::InteractionRecorded { interactions } => items.leads(interactions.iter().map(|done| {
            let what = json!({ "id": done.interaction, "lead_id": done.lead, "kind": done.kind, "at": done.at });
            (done.lead, what)
        })),
        Event::ListingCreated { market, listings }
        | Event::ListingUpdated { market, listings }
        | Event::ListingRemoved { market, listings } => {
            items.listings(market, listings.iter().map(|listing| (*listing, json!({}))));
        }
        Event::ListingPriceChanged { market, changes } => {
            let changes = changes.iter();
            items.listings(market, changes.map(|change| (change.listing, moved(&change.from, &change.to))));
        }
        Event::ListingStatusChanged { market, changes } => {
            let changes = changes.iter();
            items.listings(market, changes.map(|change| (change.listing, moved(&change.from, &change.to))));
        }
        Event::MatchFound { market, matches } => items.matches(market, matches),
        Event::BehaviourTriggered { triggers } => items.leads(triggers.iter().map(|one| {
            let what = json!({
                "id": one.lead, "trigger": one.trigger, "listing_id": one.listing, "at": one.at, "n": one.n,
            });
            (one.lead, what)
        })),
        Event::NoteCreated { notes } | Event::NoteDeleted { notes } => {
            items.leads(notes.iter().map(|one| (one.lead, json!({ "id": one.note, "lead_id": one.lead }))));
        }
        Event::TaskCreated { tasks }
        | Event::TaskUpdated { tasks }
        | Event::TaskDone { tasks }
        | Event::TaskDeleted { tasks } => {
            items.leads(tasks.iter().map(|one| (one.lead, json!({ "id": one.task, "lead_id": one.lead }))));
        }
        Event::NotificationCreated { notifications } => {
            for one in notifications {
                items.push(vec![Topic::User(one.user)], None, json!({ "id": one.notification }));
            }
        }
        Event::JobProgress { job, kind, phase, done } => {
            items.push(vec![Topic::Jobs], None, json!({ "id": job, "kind": kind, "phase": phase, "done": done }));
        }
        Event::JobDead { job, kind } | Event::JobCancelled { job, kind } => {
            items.push(vec![Topic::Jobs], None, json!({ "id": job, "kind": kind }));
        }
        Event::ImportProgress { import, counts, bytes, total_bytes } => {
            let what = json!({ "id": import, "counts": counts, "bytes": bytes, "total_bytes": total_bytes });
            items.push(vec![Topic::Imports], None, what);
        }
        Event::ImportFinished { import, kind, counts } => {
            items.push(vec![Topic::Imports], None, json!({ "id": import, "kind": kind, "counts": counts }));
        }
        Event::ModelPromoted { model, kind, market } => {
            let mut topics = vec![Topic::Models];
            topics.extend(market.clone().map(Topic::Market));
            items.push(topics, None, json!({ "id": model, "kind": kind, "market": market }));
        }
        Event::AnalysisFinished { analysis, kind, subject } => {
            let about = match subject {
                Subject::Listing(listing) => Topic::Listing(*listing),
                Subject::Market(market) => Topic::Market(market.clone()),
            };
            items.push(vec![Topic::Analyses, about], None, json!({ "id": analysis, "kind": kind, "subject": subject }));
        }
    }
    items.done
}

/// Items under way.
struct Items {
    kind: &'static str,
    done: Vec<Item>,
    next: u32,
}

impl Items {
    fn leads(&mut self, leads: impl ExactSizeIterator<Item = (LeadId, Value)>) {
        let many = leads.len() > MANY;
        if many {
            self.add(vec![Topic::Leads], None, None);
        }
        for (lead, what) in leads {
            let mut topics = vec![Topic::Lead(lead)];
            if !many {
                topics.push(Topic::Leads);
            }
            self.push(topics, None, what);
        }
    }

    fn listings(&mut self, market: &MarketSlug, listings: impl ExactSizeIterator<Item = (ListingId, Value)>) {
        let many = listings.len() > MANY;
        if many {
            self.add(vec![Topic::Market(market.clone())], Some((market.clone(), None)), None);
        }
        for (listing, mut what) in listings {
            let mut topics = vec![Topic::Listing(listing)];
            if !many {
                topics.push(Topic::Market(market.clone()));
            }
            what["id"] = json!(listing);
            what["market"] = json!(market);
            self.push(topics, (!many).then(|| (market.clone(), Some(listing))), what);
        }
    }

    fn matches(&mut self, market: &MarketSlug, matches: &[MatchFound]) {
        let many = matches.len() > MANY;
        if many {
            self.add(vec![Topic::Leads], None, None);
        }
        for one in matches {
            let all = (!many).then_some(Topic::Leads);
            let topics = one.lead.map(Topic::Lead).into_iter().chain(all).collect();
            let MatchFound { search, lead, why, listings, more } = one;
            let what = json!({
                "id": search, "lead_id": lead, "market": market, "why": why, "listings": listings, "more": more,
            });
            self.push(topics, None, what);
        }
    }

    fn push(&mut self, topics: Vec<Topic>, viewports: Viewports, mut what: Value) {
        what["type"] = json!(self.kind);
        self.add(topics, viewports, Some(what));
    }

    fn add(&mut self, topics: Vec<Topic>, viewports: Viewports, event: Option<Value>) {
        self.done.push(Item { part: self.next, topics, viewports, event });
        self.next += PARTS;
    }
}

fn moved<T: Serialize>(from: &T, to: &T) -> Value {
    json!({ "from": from, "to": to })
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn leads(n: u128) -> Vec<LeadId> {
        (0..n).map(|n| LeadId(Uuid::from_u128(n))).collect()
    }

    #[test]
    fn a_few_leads_are_told_one_by_one_and_many_as_a_word_to_look_again() {
        let few = items(&Event::LeadCreated { leads: leads(2) });
        assert_eq!(few.len(), 2);
        assert!(few.iter().all(|item| item.topics.contains(&Topic::Leads) && item.topics.len() == 2));
        assert_eq!(few[1].event.as_ref().unwrap()["type"], "lead.created");
        assert_eq!(few[1].event.as_ref().unwrap()["id"], json!(leads(2)[1]));

        let many = items(&Event::LeadCreated { leads: leads(MANY as u128 + 1) });
        assert_eq!((many.len(), &many[0].topics[..], &many[0].event), (MANY + 2, &[Topic::Leads][..], &None));
        assert!(many[1..].iter().all(|item| matches!(item.topics[..], [Topic::Lead(_)])));
    }

    #[test]
    fn no_two_frames_of_an_event_share_a_part() {
        let event = Event::ListingCreated {
            market: "town".parse().unwrap(),
            listings: (0..50).map(|n| ListingId(Uuid::from_u128(n))).collect(),
        };
        let mut last = None;
        for item in items(&event) {
            assert!(item.topics.len() < PARTS as usize);
            assert!(last.is_none_or(|last| item.part >= last + PARTS));
            last = Some(item.part);
        }
    }
}
