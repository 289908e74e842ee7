//! The leads that a listing fits best: the fit of `/leads/{id}/matches`, asked from the other side.

use std::{collections::HashMap, sync::Arc};

use lintel_domain::{
    clock::Day,
    id::{LeadId, ListingId},
    liking::Likings,
    page::MAX_LIMIT,
    preference::Preferences,
};
use lintel_search::{ListingView, Wishes};
use lintel_store::lead::Wishing;

use crate::{App, Error, LeadView, Principal, Reason, Result};

/// Leads that are compared in one turn on a core.
const PAGE: u32 = 4_000;
/// The leads that fit best by what they say, whose taste is then looked at: reading what a lead did costs a thousand times
/// what comparing it does.
const SHORTLIST: usize = 400;

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

/// A lead of the shortlist.
type Candidate = (f64, Wishing);

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
        let (mut considered, mut shortlist, mut after) = (0, Vec::new(), None);
        loop {
            let page = self.0.store.leads_wishing(who.tenant, &listing.market, after, PAGE).await?;
            let Some(last) = page.last() else { break };
            after = Some(last.lead);
            let view = Arc::clone(&view);
            let (accepted, best) = self.compute(move || shortlisted(shortlist, page, &view, today)).await?;
            considered += accepted;
            shortlist = best;
        }
        let mut fits = Vec::with_capacity(shortlist.len());
        for (_, wishing) in shortlist {
            let likings =
                if wishing.has_acted { self.likings(who.tenant, wishing.lead).await? } else { Likings::default() };
            fits.extend(fit(&wishing.preferences, &likings, &view, today).map(|fit| (wishing.lead, fit)));
        }
        fits.sort_by(|(a, fit_a), (b, fit_b)| fit_b.fit.total_cmp(&fit_a.fit).then(a.cmp(b)));
        fits.truncate(limit as usize);
        let ids: Vec<LeadId> = fits.iter().map(|(lead, _)| *lead).collect();
        let mut leads: HashMap<LeadId, LeadView> =
            self.lead_views(who, &ids).await?.into_iter().map(|view| (view.lead.id, view)).collect();
        let told = |(id, fit): (LeadId, lintel_search::Fit)| {
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
}

/// How well a listing fits somebody, as it would be ranked for them.
fn fit(preferences: &Preferences, likings: &Likings, view: &ListingView, today: Day) -> Option<lintel_search::Fit> {
    Wishes::with_likings(preferences, likings).score(view, today)
}

/// How many of a page the listing is acceptable to, and the best of them and of those before.
fn shortlisted(
    mut shortlist: Vec<Candidate>,
    page: Vec<Wishing>,
    view: &ListingView,
    today: Day,
) -> (u64, Vec<Candidate>) {
    let before = shortlist.len();
    let fits = |wishing: Wishing| Some((Wishes::new(&wishing.preferences).fit_of(view, today)?, wishing));
    shortlist.extend(page.into_iter().filter_map(fits));
    let accepted = shortlist.len() - before;
    // Of those who fit alike, whoever did something comes first: their taste may tell them apart.
    shortlist.sort_by(|(a, one), (b, other)| {
        b.total_cmp(a).then(other.has_acted.cmp(&one.has_acted)).then(one.lead.cmp(&other.lead))
    });
    shortlist.truncate(SHORTLIST);
    (accepted as u64, shortlist)
}
