//! The leads that a listing fits best: the fit of `/leads/{id}/matches`, asked from the other side.

use std::{cmp::Ordering, collections::HashMap, sync::Arc};

use futures_util::future::try_join_all;
use lintel_domain::{
    clock::Day,
    id::{LeadId, ListingId, TenantId},
    liking::Likings,
    money::Currency,
    page::MAX_LIMIT,
};
use lintel_search::{Fit, ListingView, Wishes};

use crate::{App, Error, LeadView, Principal, Reason, Result, wishing::Candidate};

/// Leads whose taste is looked at in one go.
const AT_ONCE: usize = 16;
/// The most leads whose taste is looked at, those for whom it could make the listing fit best: reading what a lead did costs a
/// thousand times what comparing it does.
const MOST_TASTES: usize = 400;

/// A lead that a listing fits.
#[derive(Clone, Debug)]
pub struct ListingLead {
    /// The lead.
    pub lead: LeadView,
    /// 0 to 1.
    pub fit: f64,
    /// Why; contributions add up to the fit.
    pub reasons: Vec<Reason>,
    /// The soft wishes that the listing does not meet, in words.
    pub near_miss: Option<String>,
}

/// The leads that a listing fits best.
#[derive(Clone, Debug)]
pub struct ListingLeads {
    /// Best first.
    pub items: Vec<ListingLead>,
    /// How many leads' hard wishes the listing meets.
    pub considered: u64,
}

impl App {
    /// The leads of the listing's market that it fits best, of those whose story is not over.
    pub async fn listing_leads(
        &self,
        who: &Principal,
        id: ListingId,
        limit: Option<u32>,
        explain: bool,
    ) -> Result<ListingLeads> {
        let limit = limit.unwrap_or(20);
        if !(1..=MAX_LIMIT).contains(&limit) {
            return Err(Error::invalid("/limit", "out_of_range", format!("limit is 1 to {MAX_LIMIT}")));
        }
        let listing = self.listing(who, id).await?;
        let estimate = self.part(who.tenant, &listing.market).await?.estimate(id);
        let view = Arc::new(ListingView::new(&listing, estimate));
        let today = self.clock().now().day();
        let held = self.wishing(who.tenant, &listing.market).await?;
        let (home, most) = (Arc::clone(&view), limit as usize);
        let finding = move || {
            let candidates = held.pleased_by(&home, today);
            (candidates.len() as u64, shortlist(candidates, most))
        };
        let (considered, candidates) = self.compute(finding).await?;
        let currency = self.currency(who.tenant, &listing.market).await?.ok_or_else(Error::unknown_market)?;
        let fits = self.best_of(who.tenant, &candidates, limit as usize, &view, today, currency).await?;
        let ids: Vec<LeadId> = fits.iter().map(|(lead, _)| *lead).collect();
        let mut leads: HashMap<LeadId, LeadView> =
            self.lead_views(who, &ids).await?.into_iter().map(|view| (view.lead.id, view)).collect();
        let told = |(id, fit): (LeadId, Fit)| {
            let reasons = fit.reasons.into_iter().map(Reason::from);
            Some(ListingLead {
                lead: leads.remove(&id)?,
                fit: fit.fit,
                reasons: if explain { reasons.collect() } else { Vec::new() },
                near_miss: fit.near_miss,
            })
        };
        Ok(ListingLeads { items: fits.into_iter().filter_map(told).collect(), considered })
    }

    /// The `limit` of the candidates whom a listing fits best, best first, with what they say and what they did. The
    /// candidates are in the order of what the listing could be to them: once that is less than what it is to the last of
    /// enough others, nobody who follows is better (Fagin's threshold algorithm).
    async fn best_of(
        &self,
        tenant: TenantId,
        candidates: &[Candidate],
        limit: usize,
        view: &ListingView,
        today: Day,
        currency: Currency,
    ) -> Result<Vec<(LeadId, Fit)>> {
        let mut best: Vec<(LeadId, Fit)> = Vec::new();
        for some in candidates.chunks(AT_ONCE) {
            let last = best.get(limit.saturating_sub(1));
            if last.is_some_and(|(_, last)| some[0].at_most < last.fit) {
                break;
            }
            let ids: Vec<LeadId> = some.iter().map(|one| one.lead).collect();
            let leads = self.0.store.leads_by_ids(tenant, &ids);
            let acted = some.iter().filter(|one| one.has_acted).map(|one| one.lead);
            let tastes =
                try_join_all(acted.map(async |lead| Ok::<_, Error>((lead, self.likings(tenant, lead).await?))));
            let (leads, tastes) = (leads.await?, tastes.await?);
            let (tastes, nothing) = (tastes.into_iter().collect::<HashMap<_, _>>(), Likings::default());
            best.extend(leads.iter().filter_map(|lead| {
                let likings = tastes.get(&lead.id).unwrap_or(&nothing);
                let fit = Wishes::with_likings(&lead.facts.preferences, likings).score(view, today, currency)?;
                Some((lead.id, fit))
            }));
            best.sort_by(|(a, fit_a), (b, fit_b)| fit_b.fit.total_cmp(&fit_a.fit).then(a.cmp(b)));
            best.truncate(limit);
        }
        Ok(best)
    }
}

/// Those of the candidates who may be among the best, those first to whom the listing could be more.
fn shortlist(candidates: Vec<Candidate>, limit: usize) -> Vec<Candidate> {
    let (mut acted, mut others): (Vec<_>, Vec<_>) = candidates.into_iter().partition(|one| one.has_acted);
    // How well it fits those who did nothing is known.
    for (some, most) in [(&mut acted, MOST_TASTES), (&mut others, limit)] {
        if some.len() > most {
            some.select_nth_unstable_by(most, could_be_more);
            some.truncate(most);
        }
    }
    acted.append(&mut others);
    acted.sort_unstable_by(could_be_more);
    acted
}

/// Those first to whom a listing could be more.
fn could_be_more(a: &Candidate, b: &Candidate) -> Ordering {
    b.at_most.total_cmp(&a.at_most).then(a.lead.cmp(&b.lead))
}
