//! Finding anything by a few typed words: leads, listings, markets and saved searches.

use lintel_domain::{
    filter::ListingFilter,
    id::{LeadId, ListingId, SavedSearchId, TenantId},
    lead::Lead,
    listing::{Listing, Status},
    market::MarketSlug,
};
use lintel_search::{Needle, Query, Sort, SortKey};

use crate::{App, Error, Principal, Result};

/// The most saved searches that are looked through: the newest.
const SEARCHES: u32 = 1_000;

/// Something that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    /// What it is.
    pub thing: Thing,
    /// Its name.
    pub title: String,
    /// What tells it from others of that name.
    pub subtitle: Option<String>,
}

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Thing {
    /// A lead.
    Lead(LeadId),
    /// A listing and its market.
    Listing(ListingId, MarketSlug),
    /// A market.
    Market(MarketSlug),
    /// A saved search.
    SavedSearch(SavedSearchId),
}

/// What was found, by kind, the best of each first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hits {
    /// Leads.
    pub leads: Vec<Hit>,
    /// Listings.
    pub listings: Vec<Hit>,
    /// Markets.
    pub markets: Vec<Hit>,
    /// Saved searches.
    pub saved_searches: Vec<Hit>,
}

impl App {
    /// Finds what fits typed words, at most `limit` of each kind. Typos are forgiven: one letter from four letters on, two
    /// from eight; not in numbers.
    pub async fn find(&self, who: &Principal, typed: &str, limit: u32) -> Result<Hits> {
        let Some(needle) = Needle::new(typed) else { return Ok(Hits::default()) };
        let limit = limit as usize;
        let (leads, listings, markets, saved_searches) = tokio::try_join!(
            self.find_leads(who.tenant, &needle, limit),
            self.find_listings(who, typed, limit),
            self.find_markets(who, &needle, limit),
            self.find_searches(who, &needle, limit),
        )?;
        Ok(Hits { leads, listings, markets, saved_searches })
    }

    async fn find_leads(&self, tenant: TenantId, needle: &Needle, limit: usize) -> Result<Vec<Hit>> {
        let (held, needle) = (self.roster(tenant).await?, needle.clone());
        let ids = self.compute(move || held.roster.read().find(&needle, limit)).await?;
        Ok(self.0.store.leads_by_ids(tenant, &ids).await?.into_iter().map(lead_hit).collect())
    }

    /// Listings of all markets by words of address and remarks, and by their keys.
    async fn find_listings(&self, who: &Principal, typed: &str, limit: usize) -> Result<Vec<Hit>> {
        let filter =
            ListingFilter { status: Status::ALL.to_vec(), text: Some(typed.to_owned()), ..ListingFilter::default() };
        let today = self.clock().now().day();
        let (mut found, mut by_words) = (Vec::new(), Vec::new());
        for market in self.0.store.markets(who.tenant).await? {
            found.extend(self.0.store.listings_of_key(who.tenant, &market.slug, typed.trim(), limit as u32).await?);
            if by_words.len() >= limit {
                continue;
            }
            let (part, filter) = (self.part(who.tenant, &market.slug).await?, filter.clone());
            let searching = move || {
                let sort = Sort { key: SortKey::Relevance, ..Sort::default() };
                part.search(&Query { sort, limit, ..Query::new(&filter, today) })
            };
            by_words.extend(self.compute(searching).await?.map_err(Error::internal)?.ids);
        }
        found.extend(by_words);
        let mut seen = std::collections::HashSet::new();
        found.retain(|id| seen.insert(*id));
        found.truncate(limit);
        let listings = self.0.store.listings_by_ids(who.tenant, &found).await?;
        Ok(listings.into_iter().map(listing_hit).collect())
    }

    async fn find_markets(&self, who: &Principal, needle: &Needle, limit: usize) -> Result<Vec<Hit>> {
        let markets = self.0.store.markets(who.tenant).await?.into_iter();
        let ranked = markets.filter_map(|market| {
            let rank = needle.rank(&format!("{} {}", market.name, market.slug.as_str()))?;
            let subtitle = Some(market.slug.as_str().to_owned());
            Some((rank, Hit { thing: Thing::Market(market.slug), title: market.name, subtitle }))
        });
        Ok(best(ranked, limit))
    }

    async fn find_searches(&self, who: &Principal, needle: &Needle, limit: usize) -> Result<Vec<Hit>> {
        let searches = self.0.store.saved_searches(who.tenant, None, None, SEARCHES).await?.into_iter();
        let ranked = searches.filter_map(|search| {
            let subtitle = Some(search.market.as_str().to_owned());
            Some((
                needle.rank(&search.name)?,
                Hit { thing: Thing::SavedSearch(search.id), title: search.name, subtitle },
            ))
        });
        Ok(best(ranked, limit))
    }
}

/// The best of those that were found, in their order where they fit alike.
fn best(ranked: impl Iterator<Item = (u32, Hit)>, limit: usize) -> Vec<Hit> {
    let mut ranked: Vec<(u32, Hit)> = ranked.collect();
    ranked.sort_by_key(|(rank, _)| *rank);
    ranked.into_iter().take(limit).map(|(_, hit)| hit).collect()
}

fn lead_hit(lead: Lead) -> Hit {
    let facts = lead.facts;
    let mut known = [facts.name, facts.email, facts.phone, facts.external_id].into_iter().flatten();
    let title = known.next().unwrap_or_else(|| lead.id.to_string());
    let rest: Vec<String> = known.collect();
    let subtitle = (!rest.is_empty()).then(|| rest.join(" · "));
    Hit { thing: Thing::Lead(lead.id), title, subtitle }
}

fn listing_hit(listing: Listing) -> Hit {
    let facts = listing.facts;
    let address = facts.address;
    let place: Vec<String> = [address.city, address.region, address.postal_code].into_iter().flatten().collect();
    let status = facts.status.as_str().replace('_', " ");
    let subtitle = [place.join(", "), facts.listing_key.clone(), status];
    let subtitle = subtitle.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · ");
    let title = address.line.unwrap_or(facts.listing_key);
    Hit { thing: Thing::Listing(listing.id, listing.market), title, subtitle: Some(subtitle) }
}
