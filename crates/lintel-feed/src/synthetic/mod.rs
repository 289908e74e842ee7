//! A made-up market of any size: homes, sales, people and what they do, the same again for the same seed.
//!
//! Every record is drawn from its own random numbers (seed, kind, number), so it does not depend on how many others there
//! are, needs no memory, and a larger market begins with the smaller one. What is drawn has causes that can be learned:
//! homes are priced by place, size, type, age, condition and day ([`home`]), and people convert by how much they do and
//! what they told us ([`person`]). Names, addresses and numbers belong to nobody.

mod activity;
mod home;
mod person;
mod place;
mod remarks;

use lintel_domain::clock::{DAY, Time};
use lintel_domain::listing::{ListingChange, ListingFacts};
use lintel_domain::market::MarketSlug;
use lintel_domain::rng::Rng;

use crate::record::{HomeRecord, InteractionRecord, LeadRecord};
use place::Town;

/// What to make up.
#[derive(Debug, Clone, PartialEq)]
pub struct SyntheticOptions {
    /// Homes on the market.
    pub listings: u64,
    /// Fulfilled sales.
    pub sales: u64,
    /// People.
    pub leads: u64,
    /// Days that sales, people and what they do are spread over, at least 1.
    pub days: u32,
    /// Decides everything else.
    pub seed: u64,
    /// The market it is said to be in.
    pub market: MarketSlug,
    /// The present of the made-up market. The same seed gives the same records only with the same present, so keep it with them.
    pub until: Time,
}

/// A made-up market.
#[derive(Debug, Clone)]
pub struct Synthetic {
    options: SyntheticOptions,
    town: Town,
}

/// Kinds of records have random numbers of their own.
#[derive(Clone, Copy)]
enum Stream {
    Town,
    Listing,
    Sale,
    Lead,
    Activity,
}

impl Synthetic {
    /// A market; nothing is drawn yet but its neighbourhoods.
    pub fn new(options: SyntheticOptions) -> Self {
        let options = SyntheticOptions { days: options.days.max(1), ..options };
        let town = Town::new(&mut rng(options.seed, Stream::Town, 0));
        Self { options, town }
    }

    /// Homes on the market, in every state.
    pub fn listings(&self) -> impl Iterator<Item = HomeRecord> + '_ {
        (0..self.options.listings).map(|number| self.listing(number))
    }

    /// Fulfilled sales of other homes, spread over the days before the present.
    pub fn sales(&self) -> impl Iterator<Item = HomeRecord> + '_ {
        (0..self.options.sales).map(|number| self.sale(number))
    }

    /// People, about a fifth of those whose story is over won.
    pub fn leads(&self) -> impl Iterator<Item = LeadRecord> + '_ {
        (0..self.options.leads).map(|number| self.lead(number))
    }

    /// What the people did, person by person in order of time; nothing after their story was over.
    pub fn interactions(&self) -> impl Iterator<Item = InteractionRecord> + '_ {
        (0..self.options.leads).flat_map(|number| self.activity(number))
    }

    /// How the asking price of a made-up listing came down, oldest first: the changes a feed would have reported.
    pub fn history(&self, facts: &ListingFacts) -> Vec<ListingChange> {
        home::history(facts, self.options.until)
    }

    fn rng(&self, stream: Stream, number: u64) -> Rng {
        rng(self.options.seed, stream, number)
    }

    /// A moment within the days of the market, `share` of the way back from the present.
    fn before(&self, share: f64) -> Time {
        self.options.until.plus(-((share * f64::from(self.options.days) * DAY as f64) as i64))
    }
}

fn rng(seed: u64, stream: Stream, number: u64) -> Rng {
    let mut of_stream = Rng::new(seed ^ ((stream as u64 + 1) << 56));
    Rng::new(of_stream.bits() ^ number.wrapping_mul(0xD6E8_FEB8_6659_FD93))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use lintel_domain::lead::Outcome;

    use super::*;

    fn market(listings: u64, leads: u64, seed: u64) -> Synthetic {
        Synthetic::new(SyntheticOptions {
            listings,
            sales: listings,
            leads,
            days: 365,
            seed,
            market: "demo".parse().unwrap(),
            until: "2026-06-30T12:00:00Z".parse().unwrap(),
        })
    }

    #[test]
    fn a_home_without_bedrooms_has_none_and_not_less_than_none() {
        let homes: Vec<_> = market(5_000, 1, 1).listings().collect();
        let none: Vec<_> = homes.iter().filter(|home| home.facts.bedrooms == Some(0.0)).collect();
        assert!(!none.is_empty());
        assert!(none.iter().all(|home| home.facts.bedrooms.is_some_and(f64::is_sign_positive)));
        assert!(homes.iter().all(|home| !home.facts.remarks.as_ref().is_some_and(|remarks| remarks.contains("-0"))));
    }

    #[test]
    fn the_same_seed_gives_the_same_records_and_a_larger_market_begins_with_the_smaller() {
        let (small, large) = (market(50, 20, 7), market(80, 40, 7));
        assert!(small.listings().eq(large.listings().take(50)));
        assert!(small.sales().eq(large.sales().take(50)));
        assert!(small.leads().eq(large.leads().take(20)));
        assert!(small.interactions().eq(market(50, 20, 7).interactions()));
        assert!(!small.listings().eq(market(50, 20, 8).listings()));
    }

    #[test]
    fn keys_are_unique_and_nothing_happens_after_the_end() {
        let market = market(500, 500, 1);
        let keys: HashSet<String> = market.listings().chain(market.sales()).map(|r| r.facts.listing_key).collect();
        assert_eq!(keys.len(), 1_000);
        let leads: Vec<LeadRecord> = market.leads().collect();
        let mut events = HashSet::new();
        for done in market.interactions() {
            assert!(events.insert(done.event_id.clone()));
            let lead = leads.iter().find(|l| l.facts.external_id.as_deref() == Some(&done.lead_external_id)).unwrap();
            assert!(Some(done.at) >= lead.facts.created_at && done.at <= market.options.until);
            assert!(lead.facts.outcome_at.is_none_or(|end| done.at < end));
            assert!(done.listing_key.is_none_or(|key| keys.contains(&key)));
        }
    }

    #[test]
    fn prices_are_of_this_world_and_people_who_do_more_convert_more() {
        let market = market(2_000, 4_000, 3);
        let mut prices: Vec<f64> =
            market.sales().filter_map(|r| r.facts.close_price).map(lintel_domain::money::Money::major).collect();
        prices.sort_by(f64::total_cmp);
        assert_eq!(prices.len(), 2_000);
        assert!((300_000.0..900_000.0).contains(&prices[1_000]), "{}", prices[1_000]);
        let mut sums = [(0.0, 0.0); 2];
        for (number, lead) in market.leads().enumerate() {
            let Some(outcome) = lead.facts.outcome else { continue };
            let sum = &mut sums[usize::from(outcome == Outcome::Won)];
            sum.0 += 1.0;
            sum.1 += market.activity(number as u64).len() as f64;
        }
        let share = sums[1].0 / (sums[0].0 + sums[1].0);
        assert!((0.12..0.35).contains(&share), "{share}");
        assert!(sums[1].1 / sums[1].0 > 1.3 * sums[0].1 / sums[0].0);
    }

    #[test]
    fn a_price_that_came_down_has_a_history() {
        let market = market(2_000, 0, 3);
        let mut changed = 0;
        for record in market.listings() {
            let changes = market.history(&record.facts);
            changed += usize::from(!changes.is_empty());
            if let (Some(first), Some(last)) = (changes.first(), changes.last()) {
                assert_eq!(first.list_price.unwrap().0, record.facts.original_list_price);
                assert_eq!(last.list_price.unwrap().1, record.facts.list_price);
            }
        }
        assert!(changed > 200, "{changed}");
    }
}
