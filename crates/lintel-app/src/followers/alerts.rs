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
use lintel_store::{log::Recorded, saved_search::SavedSearchRow, search_match::SearchMatch};

use super::{durable::Step, triggers};
use crate::{App, Result, saved::watching::Finds};

/// Under which name its cursor is kept.
pub(super) const NAME: &str = "alerts";

/// Searches that are read at once.
const READ: usize = 2_000;
/// Listings of one step that one search tells of for one reason; of more it says how many. It bounds the commit when a
/// whole market is imported.
const TOLD: usize = 200;
/// A log whose unread part is older than this when the follower begins is of a time before it was there.
const FRESH: i64 = 3_600 * SECOND;

/// What the events of a step say of a listing. Each change of it counts, also when several are one step: a home that was
/// pending for a moment is back on the market, however fast that was read.
#[derive(Clone, Debug, Default)]
struct Change {
    /// When the last of them was written.
    at: Time,
    created: bool,
    /// The status before each change of it.
    statuses: Vec<Status>,
    /// The price before each change of it, if there was one.
    prices: Vec<Option<Money>>,
}

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

impl Writing {
    fn is_empty(&self) -> bool {
        let Self { found, matches, fired, removed, .. } = self;
        found.is_empty() && matches.is_empty() && fired.is_empty() && removed.is_empty()
    }
}

/// Finds the searches of which the events are news.
pub(super) async fn react(app: App, events: Vec<Arc<Recorded>>, begins: bool) -> Result<Step> {
    let now = app.clock().now();
    if begins && events.first().is_some_and(|event| event.at < now.plus(-FRESH)) {
        // What happened before anybody watched is no news.
        return Ok(Step::nothing().and_go_to(app.0.store.log_head().await?));
    }
    for logged in &events {
        if let Some(Event::LeadErased { .. }) = &logged.event {
            app.0.watching.retain(|(tenant, _)| *tenant != logged.tenant);
        }
    }
    let mut written = Vec::new();
    for ((tenant, market), told) in of_markets(&events) {
        let writing = app.find_matches(tenant, market, told).await?;
        if !writing.is_empty() {
            written.push(writing);
        }
    }
    if written.is_empty() {
        return Ok(Step::nothing());
    }
    Ok(Step::write(move |tx| written.iter().try_for_each(|writing| write(tx, writing, now))))
}

fn of_markets(events: &[Arc<Recorded>]) -> BTreeMap<(TenantId, MarketSlug), Told> {
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
                    note(&one.listing, &|change| change.prices.push(one.from));
                }
            }
            Event::ListingStatusChanged { changes, .. } => {
                for one in changes {
                    note(&one.listing, &|change| change.statuses.push(one.from));
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
    listing.facts.list_price.is_some_and(|to| change.prices.iter().flatten().any(|from| to < *from))
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
        if change.statuses.iter().any(|from| is_back_on_market(*from, facts.status)) {
            whys.push(Why::BackOnMarket);
        }
        if fell(change, listing) {
            whys.push(Why::PriceDrop);
        }
    }
    if whys.is_empty() && !is_known {
        let entered = change.statuses.iter().any(|from| !row.filter.statuses().contains(from))
            || row.filter.price.is_some_and(|range| change.prices.iter().any(|from| !range.admits(*from)))
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
        check(Change { created: true, ..none.clone() }, &home(Status::Active, 400, 2_000), false, &[Why::New]);
        check(Change { created: true, at: Time(5), ..none.clone() }, &active, false, &[]);
        check(none.clone(), &active, false, &[]);
        check(none.clone(), &home(Status::Active, 400, 1_500), false, &[Why::New]);
        check(none.clone(), &home(Status::Active, 400, 1_500), true, &[]);
        let was = |price: Option<i64>| Change { prices: vec![price.map(Money)], ..none.clone() };
        check(was(Some(450)), &active, true, &[Why::PriceDrop]);
        check(was(Some(650)), &active, false, &[Why::PriceDrop]);
        check(was(Some(350)), &active, false, &[]);
        check(was(Some(50)), &active, false, &[Why::New]);
        check(was(None), &active, false, &[Why::New]);
        check(Change { statuses: vec![Status::Pending], ..none.clone() }, &active, true, &[Why::BackOnMarket]);
        check(Change { statuses: vec![Status::ComingSoon], ..none.clone() }, &active, false, &[Why::New]);
        check(Change { statuses: vec![Status::ComingSoon], ..none.clone() }, &active, true, &[]);
        let both = Change { statuses: vec![Status::Withdrawn], ..was(Some(450)) };
        check(both, &active, false, &[Why::BackOnMarket, Why::PriceDrop]);
    }

    #[test]
    fn several_changes_in_one_step_are_news_as_they_are_one_by_one() {
        let changed = |statuses: &[Status], prices: &[i64]| Change {
            at: Time(2_000),
            statuses: statuses.to_vec(),
            prices: prices.iter().map(|price| Some(Money(*price))).collect(),
            ..Change::default()
        };
        let check = |change: Change, status: Status, price: i64, expected: &[Why]| {
            assert_eq!(
                whys(&change, &home(status, price, 5), &search(), true),
                expected,
                "{change:?} {status:?} {price}"
            );
        };
        check(changed(&[Status::Active, Status::Pending], &[]), Status::Active, 400, &[Why::BackOnMarket]);
        check(changed(&[Status::Active, Status::Pending], &[]), Status::Withdrawn, 400, &[]);
        check(changed(&[], &[400, 450]), Status::Active, 420, &[Why::PriceDrop]);
        check(changed(&[], &[400, 380]), Status::Active, 420, &[]);
    }
}
