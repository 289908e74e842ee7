//! Freezing estimates of homes that are for sale, and scoring them when they are sold.

use std::{
    collections::{BTreeMap, HashSet},
    sync::Arc,
};

use lintel_domain::{
    clock::{Day, SECOND, Time},
    id::{JobId, ListingId, TenantId},
    job::Job,
    listing::{Listing, ListingFacts, Status},
    market::MarketSlug,
    model::ModelKind,
};
use lintel_predict::price::{Answer, Home, Wanted};
use lintel_store::{
    frozen::{Frozen, NewFrozen, Verdict},
    job::{Claimed, NewJob, Priority},
};

use crate::{
    App, Result,
    jobs::Step,
    model::Waits,
    pricer::{LivePrice, Pricer},
};

/// Homes that one run of the job estimates: few, since it reads and writes at the priority of requests.
const OF_JOB: usize = 10;
/// The next run waits at least so many microseconds, and so many times as long as this one took: a twentieth of a core at most,
/// so that nobody notices when a model comes to a market with a million homes.
const PACE: i64 = SECOND / 10;
const REST: i64 = 19;
/// Homes that one run of the job looks at, in pages, when few of them need an estimate.
const PAGE: u32 = 50;
const PAGES: usize = 6;

impl App {
    /// The job that freezes what the homes of a market still need. It coalesces with one that waits.
    pub(crate) fn freezing(&self, tenant: TenantId, market: &MarketSlug, now: Time) -> NewJob {
        let id = JobId(self.0.ids.next(now));
        let job = Job::FreezeEstimates { market: market.clone(), after: None };
        NewJob { priority: Priority::Idle, coalesce: true, ..NewJob::new(id, tenant, job, now) }
    }

    /// Estimates of those of the listings that are for sale and have none that waits for a sale.
    ///
    /// The model was there before the listings are read, so it cannot have learnt from a sale of theirs.
    pub(crate) async fn estimates_of(
        &self,
        tenant: TenantId,
        pricer: &Arc<Pricer>,
        ids: &[ListingId],
    ) -> Result<Vec<NewFrozen>> {
        let frozen = self.0.store.frozen_of(tenant, ids).await?;
        let waiting: HashSet<ListingId> =
            frozen.iter().filter(|one| one.sale.is_none()).map(|one| one.listing).collect();
        let ids: Vec<ListingId> = ids.iter().copied().filter(|id| !waiting.contains(id)).collect();
        let mut listings = self.0.store.listings_by_ids(tenant, &ids).await?;
        listings.retain(|listing| listing.facts.status == Status::Active);
        let today = self.clock().now().day();
        if listings.is_empty() {
            return Ok(Vec::new());
        }
        let pricer = Arc::clone(pricer);
        let estimating = move || {
            let live = pricer.live.as_ref();
            live.map_or_else(Vec::new, |live| listings.iter().filter_map(|one| live.freeze(one, today)).collect())
        };
        self.background(estimating).await
    }

    /// What sales, or their absence, change about frozen estimates of these listings.
    pub(crate) async fn estimates_to_score(&self, tenant: TenantId, ids: &[ListingId]) -> Result<Vec<Frozen>> {
        let mut of: BTreeMap<ListingId, Vec<Frozen>> = BTreeMap::new();
        for one in self.0.store.frozen_of(tenant, ids).await? {
            of.entry(one.listing).or_default().push(one);
        }
        let ids: Vec<ListingId> = of.keys().copied().collect();
        let listings = self.0.store.listings_by_ids(tenant, &ids).await?;
        Ok(listings.iter().filter_map(|listing| settle(&listing.facts, of.get(&listing.id)?)).collect())
    }

    /// Freezes estimates of some of a market's homes that have none, behind `after`; the estimates and that it goes on, or
    /// is done, are one commit. A second run finds them frozen.
    pub(crate) async fn job_freeze_estimates(
        &self,
        job: &Claimed,
        market: &MarketSlug,
        after: Option<ListingId>,
    ) -> Result<Step> {
        let tenant = job.tenant;
        let pricer = self.pricer_anew(tenant, market).await?;
        let begun = self.clock().now();
        let (ids, next) = match &pricer.live {
            Some(_) => self.unfrozen(tenant, market, after).await?,
            None => (Vec::new(), None),
        };
        let estimates = self.estimates_of(tenant, &pricer, &ids).await?;
        let now = self.clock().now();
        let wait = PACE.max(REST * now.since(begun));
        let next = next.map(|last| Job::FreezeEstimates { market: market.clone(), after: Some(last) });
        let job = job.clone();
        let write = self.0.store.write(move |tx| {
            tx.estimates_freeze(tenant, &estimates, now)?;
            match &next {
                Some(next) => tx.job_goes_on(&job, next, now.plus(wait), now).map(|()| Step::GoesOn),
                None => tx.job_done(&job, None, now).map(|()| Step::Done),
            }
        });
        Ok(write.await?)
    }

    /// Homes for sale without an estimate, behind `after`, and where to go on if there may be more.
    async fn unfrozen(
        &self,
        tenant: TenantId,
        market: &MarketSlug,
        mut after: Option<ListingId>,
    ) -> Result<(Vec<ListingId>, Option<ListingId>)> {
        let mut found = Vec::new();
        for _ in 0..PAGES {
            let page = self.0.store.listings_active_ids(tenant, market, after, PAGE).await?;
            let waiting = self.0.store.frozen_of(tenant, &page).await?;
            let waiting: HashSet<ListingId> =
                waiting.iter().filter(|one| one.sale.is_none()).map(|one| one.listing).collect();
            for id in &page {
                after = Some(*id);
                if !waiting.contains(id) {
                    found.push(*id);
                }
                if found.len() == OF_JOB {
                    return Ok((found, after));
                }
            }
            if page.len() < PAGE as usize {
                return Ok((found, None));
            }
        }
        Ok((found, after))
    }

    /// The price model of a market; when there was none when it was last asked for, there may be one now.
    async fn pricer_anew(&self, tenant: TenantId, market: &MarketSlug) -> Result<Arc<Pricer>> {
        let pricer = self.pricer(tenant, market, Waits::Nobody).await?;
        if pricer.live.is_some() {
            self.refresh_pricer(tenant, market, &pricer);
            return Ok(pricer);
        }
        self.0.models.forget(tenant, ModelKind::Price, Some(market));
        self.pricer(tenant, market, Waits::Nobody).await
    }
}

impl LivePrice {
    /// The estimate of a home as of the day it came on the market. Where the model has learnt from later sales than that,
    /// as of the last of them: an estimate never looks older than what it knows.
    fn freeze(&self, listing: &Listing, today: Day) -> Option<NewFrozen> {
        let facts = &listing.facts;
        let listed = facts.listed_at.map_or(today, Time::day);
        let as_of = listed.max(self.model.level().last_day()).min(today);
        let verdict = match self.model.estimate(
            &self.sales,
            &Home::from(facts),
            as_of,
            Wanted { comparables: 0, reasons: false },
        ) {
            Ok(Answer::Estimate(estimate)) => {
                let pair = |(low, high)| [low, high];
                let (interval80, interval95) = (pair(estimate.interval80), pair(estimate.interval95));
                Verdict::Value { value: estimate.value, interval80, interval95 }
            }
            Ok(Answer::Refused(reason)) => Verdict::Refused(reason),
            Err(error) => {
                tracing::warn!(error = &error as &dyn std::error::Error, listing.id = %listing.id, "a home cannot be estimated");
                return None;
            }
        };
        Some(NewFrozen {
            listing: listing.id,
            as_of,
            market: listing.market.clone(),
            property_type: facts.property_type.clone(),
            model: self.version.clone(),
            verdict,
        })
    }
}

/// What a listing's sale changes about its frozen estimates. A sale belongs to the estimate that knows its day, else to
/// the one that waits, else to the last, whose day is then put right. A listing that is no longer sold and was not listed
/// again since waits anew.
fn settle(facts: &ListingFacts, frozen: &[Frozen]) -> Option<Frozen> {
    let waiting = frozen.iter().find(|one| one.sale.is_none());
    let last = frozen.iter().filter(|one| one.sale.is_some()).max_by_key(|one| one.sale);
    if facts.is_sale() {
        let sale = facts.close_date.zip(facts.close_price)?;
        let of_day = frozen.iter().find(|one| one.sale.is_some_and(|(day, _)| day == sale.0));
        let one = of_day.or(waiting).or(last)?;
        return (one.sale != Some(sale)).then_some(Frozen { sale: Some(sale), ..*one });
    }
    let one = last.filter(|_| waiting.is_none())?;
    let sold_on = one.sale?.0;
    let listed_again = facts.listed_at.is_some_and(|at| at.day() > sold_on);
    (!listed_again).then_some(Frozen { sale: None, ..*one })
}

#[cfg(test)]
mod tests {
    use lintel_domain::{listing::Provenance, money::Money};

    use super::*;

    fn facts(status: Status, listed: i32, sale: Option<(i32, i64)>) -> ListingFacts {
        let mut facts = ListingFacts::new("s", "k", status, Provenance::Api);
        facts.listed_at = Some(Day(listed).start());
        facts.close_date = sale.map(|(day, _)| Day(day));
        facts.close_price = sale.map(|(_, price)| Money(price));
        facts
    }

    fn one(as_of: i32, sale: Option<(i32, i64)>) -> Frozen {
        let listing = ListingId(uuid::Uuid::nil());
        Frozen { listing, as_of: Day(as_of), sale: sale.map(|(day, price)| (Day(day), Money(price))) }
    }

    #[test]
    fn a_sale_goes_to_the_estimate_that_waits_and_is_put_right_where_it_stands() {
        let sold = |day, price| facts(Status::Closed, 10, Some((day, price)));
        let cases = [
            (sold(40, 5), vec![], None),
            (sold(40, 5), vec![one(10, None)], Some(one(10, Some((40, 5))))),
            (sold(40, 5), vec![one(10, Some((40, 5)))], None),
            // A price, a day corrected.
            (sold(40, 6), vec![one(10, Some((40, 5)))], Some(one(10, Some((40, 6))))),
            (sold(41, 5), vec![one(10, Some((40, 5)))], Some(one(10, Some((41, 5))))),
            // Sold before, listed again, sold again.
            (sold(90, 7), vec![one(10, Some((40, 5))), one(60, None)], Some(one(60, Some((90, 7))))),
            (sold(40, 6), vec![one(10, Some((40, 5))), one(60, None)], Some(one(10, Some((40, 6))))),
        ];
        for (facts, frozen, expected) in cases {
            assert_eq!(settle(&facts, &frozen), expected, "{frozen:?}");
        }
    }

    #[test]
    fn a_sale_that_fell_through_is_taken_back_and_one_before_a_new_listing_is_not() {
        let scored = [one(10, Some((40, 5)))];
        assert_eq!(settle(&facts(Status::Active, 10, None), &scored), Some(one(10, None)));
        assert_eq!(settle(&facts(Status::Closed, 10, None), &scored), Some(one(10, None)));
        assert_eq!(settle(&facts(Status::Active, 41, None), &scored), None);
        assert_eq!(settle(&facts(Status::Withdrawn, 10, None), &[one(10, None)]), None);
    }
}
