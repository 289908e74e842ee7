//! Alerts: changed listings are held against the saved searches of their market that find them, and cheaper homes told to
//! whoever saved them.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    sync::Arc,
};

use lintel_domain::{
    clock::{SECOND, Time},
    event::{Event, MAX_ITEMS, MatchFound},
    id::{LeadId, ListingId, SavedSearchId, TenantId},
    listing::{Listing, Status},
    market::MarketSlug,
    money::Money,
    saved_search::{Cadence, Why, is_back_on_market},
    trigger::{Firing, Trigger},
};
use lintel_search::Changed;
use lintel_store::{
    log::{Cursor, Recorded},
    saved_search::SavedSearchRow,
    search_match::SearchMatch,
};

use super::triggers;
use crate::{App, Error, Result, saved::watching::Finds};

/// Under which name its cursor is kept.
pub(super) const NAME: &str = "alerts";

/// Listings that the events of one step name, about: what one commit may hold.
const STEP: usize = 1_000;
/// Searches that are read at once.
const READ: usize = 2_000;
/// Listings of one step that one search tells of for one reason; of more it says how many. It bounds the commit when a
/// whole market is imported.
const TOLD: usize = 200;
/// A log whose unread part is older than this when the follower begins is of a time before it was there.
const FRESH: i64 = 3_600 * SECOND;

/// What the events of a step say of a listing.
#[derive(Clone, Copy, Debug, Default)]
struct Change {
    /// When the last of them was written.
    at: Time,
    created: bool,
    /// The status before the first of them, when it changed.
    status: Option<Status>,
    /// The price before the first of them, when it changed.
    price: Option<PriceBefore>,
}

/// A price before a change, if there was one.
#[derive(Clone, Copy, Debug)]
struct PriceBefore(Option<Money>);

/// What the events say of one market.
#[derive(Default)]
struct Told {
    changes: BTreeMap<ListingId, Change>,
    removed: BTreeSet<ListingId>,
}

/// What is to be written for one market.
struct Writing {
    tenant: TenantId,
    market: MarketSlug,
    found: Vec<SearchMatch>,
    /// What is told at once.
    matches: Vec<MatchFound>,
    /// Homes that got cheaper, as behaviour triggers of the leads that saved them.
    fired: Vec<(LeadId, Firing)>,
    removed: BTreeSet<ListingId>,
}

/// Finds the searches of which the first of the events are news, and moves the cursor behind them in the same commit.
pub(super) async fn react(app: App, mut events: Vec<Recorded>, from: Option<Cursor>, _: Cursor) -> Result<()> {
    let now = app.clock().now();
    let mut written = Vec::new();
    let to = if from.is_none() && events.first().is_some_and(|event| event.at < now.plus(-FRESH)) {
        // What happened before anybody watched is no news.
        app.0.store.log_head().await?
    } else {
        events.truncate(step_of(&events));
        for logged in &events {
            if let Some(Event::LeadErased { .. }) = &logged.event {
                app.0.watching.retain(|(tenant, _)| *tenant != logged.tenant);
            }
        }
        let Some(last) = events.last() else { return Ok(()) };
        for ((tenant, market), told) in of_markets(&events) {
            written.push(app.find_matches(tenant, market, told).await?);
        }
        last.cursor
    };
    let moved = app.0.store.write(move |tx| {
        tx.follower_advance(NAME, from, to, now)?;
        for writing in &written {
            write(tx, writing, now)?;
        }
        Ok::<_, lintel_store::Error>(())
    });
    match moved.await {
        Err(lintel_store::Error::FollowerMoved { .. }) => Err(Error::Moved),
        other => other.map_err(Error::from),
    }
}

/// How many of the events, at least one, name no more listings than one step takes.
fn step_of(events: &[Recorded]) -> usize {
    let mut named = 0;
    let fits = |recorded: &&Recorded| {
        named += match &recorded.event {
            Some(
                Event::ListingCreated { listings, .. }
                | Event::ListingUpdated { listings, .. }
                | Event::ListingRemoved { listings, .. },
            ) => listings.len(),
            Some(Event::ListingPriceChanged { changes, .. }) => changes.len(),
            Some(Event::ListingStatusChanged { changes, .. }) => changes.len(),
            _ => 0,
        };
        named <= STEP
    };
    events.iter().take_while(fits).count().max(1)
}

fn of_markets(events: &[Recorded]) -> BTreeMap<(TenantId, MarketSlug), Told> {
    let mut markets: BTreeMap<(TenantId, MarketSlug), Told> = BTreeMap::new();
    for recorded in events {
        let Some((event, market)) = recorded.event.as_ref().and_then(|event| Some((event, event.market()?))) else {
            continue;
        };
        let mut note = |listing: &ListingId, say: &dyn Fn(&mut Change)| {
            let told = markets.entry((recorded.tenant, market.clone())).or_default();
            let change = told.changes.entry(*listing).or_default();
            change.at = recorded.at;
            say(change);
        };
        match event {
            Event::ListingCreated { listings, .. } => {
                for listing in listings {
                    note(listing, &|change| change.created = true);
                }
            }
            Event::ListingUpdated { listings, .. } => {
                for listing in listings {
                    note(listing, &|_| {});
                }
            }
            Event::ListingPriceChanged { changes, .. } => {
                for one in changes {
                    note(&one.listing, &|change| change.price = change.price.or(Some(PriceBefore(one.from))));
                }
            }
            Event::ListingStatusChanged { changes, .. } => {
                for one in changes {
                    note(&one.listing, &|change| change.status = change.status.or(Some(one.from)));
                }
            }
            Event::ListingRemoved { listings, .. } => {
                markets.entry((recorded.tenant, market.clone())).or_default().removed.extend(listings);
            }
            _ => {}
        }
    }
    markets
}

impl App {
    /// What the changes of a market are news to.
    async fn find_matches(&self, tenant: TenantId, market: MarketSlug, told: Told) -> Result<Writing> {
        let Told { changes, removed } = told;
        let store = &self.0.store;
        let ids: Vec<ListingId> = changes.keys().copied().collect();
        let mut listings = store.listings_by_ids(tenant, &ids).await?;
        listings.retain(|listing| listing.market == market);
        let cheaper: Vec<ListingId> = listings
            .iter()
            .filter(|listing| is_for_sale_cheaper(&changes[&listing.id], listing))
            .map(|one| one.id)
            .collect();
        let savers = store.savers_of(tenant, &cheaper).await?;
        let fell = |(lead, home): &(LeadId, ListingId)| {
            (*lead, Firing::new(Trigger::SavedPriceDrop, Some(*home), changes[home].at, 1))
        };
        let fired: Vec<(LeadId, Firing)> = savers.iter().map(fell).collect();
        let mut matches = saved_homes(savers);
        let mut found = Vec::new();
        if !listings.is_empty() {
            let (listings, now) = (Arc::new(listings), self.clock().now());
            let finding = self.searches_finding(tenant, &market, Arc::clone(&listings), now.day());
            let Finds { changed, searches } = finding.await?;
            let known =
                if searches.is_empty() { HashSet::new() } else { store.search_matches_known(tenant, &ids).await? };
            let held = Arc::new(HeldAgainst { changed, listings, changes, known });
            for some in searches.chunks(READ) {
                let rows = store.saved_searches_watching_of(tenant, some).await?;
                let there: HashSet<SavedSearchId> = rows.iter().map(|row| row.id).collect();
                let gone: Vec<SavedSearchId> = some.iter().copied().filter(|id| !there.contains(id)).collect();
                self.searches_gone(tenant, &market, &gone);
                let held = Arc::clone(&held);
                let (of_some, told) = self.compute(move || held.by(&rows, now)).await?;
                found.extend(of_some);
                matches.extend(told);
            }
        }
        Ok(Writing { tenant, market, found, matches, fired, removed })
    }
}

/// Whether a home that can be bought is cheaper than it was.
fn is_for_sale_cheaper(change: &Change, listing: &Listing) -> bool {
    matches!(listing.facts.status, Status::Active | Status::ComingSoon) && fell(change, listing)
}

fn fell(change: &Change, listing: &Listing) -> bool {
    matches!((change.price, listing.facts.list_price), (Some(PriceBefore(Some(from))), Some(to)) if to < from)
}

/// Cheaper homes by the leads that saved them.
fn saved_homes(savers: Vec<(LeadId, ListingId)>) -> Vec<MatchFound> {
    let mut homes: BTreeMap<LeadId, Vec<ListingId>> = BTreeMap::new();
    for (lead, listing) in savers {
        homes.entry(lead).or_default().push(listing);
    }
    let of_lead = |(lead, mut listings): (LeadId, Vec<ListingId>)| {
        listings.sort_unstable();
        let more = listings.len().saturating_sub(TOLD) as u32;
        listings.truncate(TOLD);
        MatchFound { search: None, lead: Some(lead), why: Why::PriceDrop, listings, more }
    };
    homes.into_iter().map(of_lead).collect()
}

/// Changed listings, to be held against the searches that find them.
struct HeldAgainst {
    changed: Arc<Changed>,
    listings: Arc<Vec<Listing>>,
    changes: BTreeMap<ListingId, Change>,
    /// What was found before.
    known: HashSet<(SavedSearchId, ListingId)>,
}

impl HeldAgainst {
    /// What each search finds among the changed listings, and what of it is told at once.
    fn by(&self, searches: &[SavedSearchRow], now: Time) -> (Vec<SearchMatch>, Vec<MatchFound>) {
        let Self { changed, listings, changes, known } = self;
        let by_id: HashMap<ListingId, &Listing> = listings.iter().map(|listing| (listing.id, listing)).collect();
        let (mut found, mut told) = (Vec::new(), Vec::new());
        for row in searches {
            let mut news: BTreeMap<Why, Vec<ListingId>> = BTreeMap::new();
            for id in changed.found_by(&row.filter, now.day()) {
                for why in whys(&changes[&id], by_id[&id], row, known.contains(&(row.id, id))) {
                    news.entry(why).or_default().push(id);
                }
            }
            for (why, mut listings) in news {
                listings.sort_unstable();
                let more = listings.len().saturating_sub(TOLD) as u32;
                listings.truncate(TOLD);
                let waiting = matches!(row.cadence, Cadence::Daily | Cadence::Weekly);
                found.extend(listings.iter().map(|id| SearchMatch { search: row.id, listing: *id, why, waiting }));
                if row.cadence == Cadence::Instant {
                    told.push(MatchFound { search: Some(row.id), lead: row.lead, why, listings, more });
                }
            }
        }
        (found, told)
    }
}

/// Why a changed listing that a search finds now is news to it. What was part of the result before is not new; where that
/// cannot be told, since the change says nothing of what was before, it is taken to have been.
fn whys(change: &Change, listing: &Listing, row: &SavedSearchRow, is_known: bool) -> Vec<Why> {
    if change.at < row.watched_since {
        return Vec::new();
    }
    let facts = &listing.facts;
    let mut whys = Vec::new();
    if !change.created {
        if change.status.is_some_and(|from| is_back_on_market(from, facts.status)) {
            whys.push(Why::BackOnMarket);
        }
        if fell(change, listing) {
            whys.push(Why::PriceDrop);
        }
    }
    if whys.is_empty() && !is_known {
        let entered = change.status.is_some_and(|from| !row.filter.statuses().contains(&from))
            || change.price.is_some_and(|PriceBefore(from)| row.filter.price.is_some_and(|range| !range.admits(from)))
            || listing.created_at >= row.watched_since;
        whys.extend(entered.then_some(Why::New));
    }
    whys
}

fn write(tx: &mut lintel_store::Tx<'_>, writing: &Writing, now: Time) -> lintel_store::Result<()> {
    let Writing { tenant, market, found, matches, fired, removed } = writing;
    tx.search_matches_forget(*tenant, removed.iter().copied())?;
    tx.search_matches_record(*tenant, found, now)?;
    triggers::fire(tx, *tenant, fired, now)?;
    let alerted: BTreeSet<SavedSearchId> = matches.iter().filter_map(|one| one.search).collect();
    tx.saved_searches_alerted(*tenant, alerted, now)?;
    let (mut rest, mut batch, mut named) = (matches.iter().peekable(), Vec::new(), 0);
    while let Some(one) = rest.next() {
        named += one.listings.len();
        batch.push(one.clone());
        if rest.peek().is_none_or(|next| named + next.listings.len() > MAX_ITEMS) {
            let matches = std::mem::take(&mut batch);
            tx.emit(*tenant, now, &Event::MatchFound { market: market.clone(), matches })?;
            named = 0;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use lintel_domain::{
        filter::ListingFilter,
        listing::{ListingFacts, Provenance},
        range::Range,
    };
    use uuid::Uuid;

    use super::*;

    const SAVED: Time = Time(1_000);

    fn home(status: Status, price: i64, created_at: i64) -> Listing {
        let mut facts = ListingFacts::new("test", "a", status, Provenance::Synthetic);
        facts.list_price = Some(Money(price));
        Listing {
            id: ListingId(Uuid::from_u128(1)),
            market: "m".parse().unwrap(),
            facts,
            version: 1,
            created_at: Time(created_at),
            updated_at: Time(created_at),
        }
    }

    fn search() -> SavedSearchRow {
        let filter = ListingFilter {
            price: Some(Range { min: Some(Money(100)), max: Some(Money(500)) }),
            ..ListingFilter::default()
        };
        SavedSearchRow::new(SavedSearchId(Uuid::from_u128(2)), "s".to_owned(), "m".parse().unwrap(), filter, SAVED)
    }

    #[test]
    fn a_change_is_news_for_what_it_did() {
        let later = Time(2_000);
        let none = Change { at: later, ..Change::default() };
        let old = |status| home(status, 400, 5);
        let check = |change: Change, listing: &Listing, known: bool, expected: &[Why]| {
            assert_eq!(whys(&change, listing, &search(), known), expected, "{change:?} {listing:?} {known}");
        };
        let active = old(Status::Active);
        check(Change { created: true, ..none }, &home(Status::Active, 400, 2_000), false, &[Why::New]);
        check(Change { created: true, at: Time(5), ..none }, &active, false, &[]);
        check(none, &active, false, &[]);
        check(none, &home(Status::Active, 400, 1_500), false, &[Why::New]);
        check(none, &home(Status::Active, 400, 1_500), true, &[]);
        let was = |price: Option<i64>| Change { price: Some(PriceBefore(price.map(Money))), ..none };
        check(was(Some(450)), &active, true, &[Why::PriceDrop]);
        check(was(Some(650)), &active, false, &[Why::PriceDrop]);
        check(was(Some(350)), &active, false, &[]);
        check(was(Some(50)), &active, false, &[Why::New]);
        check(was(None), &active, false, &[Why::New]);
        check(Change { status: Some(Status::Pending), ..none }, &active, true, &[Why::BackOnMarket]);
        check(Change { status: Some(Status::ComingSoon), ..none }, &active, false, &[Why::New]);
        check(Change { status: Some(Status::ComingSoon), ..none }, &active, true, &[]);
        let both = Change { status: Some(Status::Withdrawn), ..was(Some(450)) };
        check(both, &active, false, &[Why::BackOnMarket, Why::PriceDrop]);
    }
}
