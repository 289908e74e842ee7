//! What a saved search would have told of lately: its filters held against the changes of the last days.

use std::collections::{HashMap, HashSet};

use lintel_domain::{
    clock::{DAY, Time},
    id::{ListingId, SavedSearchId},
    listing::{Listing, ListingChange},
    page::MAX_LIMIT,
    saved_search::{Why, is_back_on_market},
};
use lintel_search::{Changed, Query, Sort};

use crate::{App, Error, Principal, Result};

/// The most days one looks back.
const MOST_DAYS: u32 = 365;
/// Changes of the market that are looked at, the latest ones.
const MOST_CHANGES: u32 = 1_000;

/// A listing that a search would have told of.
#[derive(Clone, Debug)]
pub struct RecentMatch {
    /// The listing as it is now.
    pub listing: Listing,
    /// Why it would have been told of.
    pub why: Why,
    /// When.
    pub at: Time,
}

/// What a search would have told of.
#[derive(Clone, Debug)]
pub struct RecentMatches {
    /// The latest first, at most 200.
    pub items: Vec<RecentMatch>,
    /// Whether there were more than are told here.
    pub is_cut: bool,
}

impl App {
    /// The listings that pass a search now and came on the market, got cheaper or came back within some days.
    pub async fn saved_search_recent(&self, who: &Principal, id: SavedSearchId, days: u32) -> Result<RecentMatches> {
        if !(1..=MOST_DAYS).contains(&days) {
            return Err(Error::invalid("/days", "out_of_range", format!("days is 1 to {MOST_DAYS}")));
        }
        let row = self.saved_search_row(who, id).await?;
        let (tenant, now) = (who.tenant, self.clock().now());
        let (since, today) = (now.plus(-i64::from(days) * DAY), now.day());
        let part = self.part(tenant, &row.market).await?;
        let changes = self.0.store.listing_changes_since(tenant, &row.market, since, MOST_CHANGES).await?;
        let mut is_cut = changes.len() == MOST_CHANGES as usize;
        let changed: HashSet<ListingId> = changes.iter().map(|(listing, _)| *listing).collect();
        let changed = self.0.store.listings_by_ids(tenant, &changed.into_iter().collect::<Vec<_>>()).await?;
        let filter = row.filter;
        let searching = move || {
            let newest = Query { sort: Sort::default(), limit: MAX_LIMIT as usize, ..Query::new(&filter, today) };
            let newest = part.search(&newest)?.ids;
            let passing: HashSet<ListingId> =
                Changed::new(&changed, Some(&part))?.found_by(&filter, today).into_iter().collect();
            Ok::<_, lintel_search::Error>((newest, passing, changed))
        };
        let (newest, passing, changed) = self.compute(searching).await?.map_err(Error::internal)?;
        let newest = self.0.store.listings_by_ids(tenant, &newest).await?;
        let came = |listing: &Listing| listing.facts.listed_at.filter(|at| *at >= since && *at <= now);
        is_cut |= newest.len() == MAX_LIMIT as usize && newest.iter().all(|listing| came(listing).is_some());
        let changed: HashMap<ListingId, Listing> =
            changed.into_iter().map(|one| (one.id, one)).filter(|(id, _)| passing.contains(id)).collect();
        let mut told = HashSet::new();
        let news = changes.iter().flat_map(|(listing, change)| whys(change).map(|why| (*listing, why, change.at)));
        let mut items: Vec<RecentMatch> = news
            .filter(|(listing, why, _)| told.insert((*listing, *why)))
            .filter_map(|(id, why, at)| Some(RecentMatch { listing: changed.get(&id)?.clone(), why, at }))
            .collect();
        let new = |listing: Listing| came(&listing).map(|at| RecentMatch { listing, why: Why::New, at });
        items.extend(newest.into_iter().filter_map(new));
        items.sort_by_key(|one| (std::cmp::Reverse(one.at), one.listing.id, one.why));
        is_cut |= items.len() > MAX_LIMIT as usize;
        items.truncate(MAX_LIMIT as usize);
        Ok(RecentMatches { items, is_cut })
    }
}

/// Why a change is news.
fn whys(change: &ListingChange) -> impl Iterator<Item = Why> {
    let fell = matches!(change.list_price, Some((Some(from), Some(to))) if to < from);
    let back = change.status.is_some_and(|(from, to)| is_back_on_market(from, to));
    fell.then_some(Why::PriceDrop).into_iter().chain(back.then_some(Why::BackOnMarket))
}
