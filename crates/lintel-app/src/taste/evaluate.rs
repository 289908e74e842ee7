//! What taste is worth on what is stored: the homes that each lead turned to last, held out and looked for again.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use lintel_domain::{
    clock::Time,
    id::{LeadId, ListingId, TenantId},
    interaction::{Interaction, InteractionFacts, InteractionKind},
    market::MarketSlug,
};
use lintel_predict::taste::{HeldOut, Home, Taste, TasteScore, held_out};

use super::{MOST_ACTS, kinds, take_in};
use crate::{App, Error, Principal, Result};

/// Leads that are asked about: the newest ones. It bounds memory and time of an evaluation.
const MOST_LEADS: usize = 2_000;
/// Leads, and homes, read from the store at once.
const PAGE: u32 = 500;
/// Homes that somebody has to have turned to, at least.
const FEWEST_HOMES: usize = 3;
/// Of somebody's homes one in so many is held out, and at least one.
const ONE_IN: usize = 5;
/// With fewer people than this nothing is said.
const FEWEST_PEOPLE: usize = 10;

/// Which tastes are evaluated.
#[derive(Clone, Debug)]
pub struct TasteEvaluationRequest {
    /// In this market only.
    pub market: Option<MarketSlug>,
    /// How many of the first homes count.
    pub k: usize,
}

/// What taste is worth in a market.
#[derive(Clone, Debug)]
pub struct TasteEvaluation {
    /// Where.
    pub market: MarketSlug,
    /// Homes that were ranked for each lead, less those it knew.
    pub homes: usize,
    /// How well the homes held out were found.
    pub score: TasteScore,
}

/// What was read: everybody's acts, the newest first, and the homes they were about.
#[derive(Default)]
struct Acts {
    of_leads: Vec<Vec<InteractionFacts>>,
    homes: HashMap<ListingId, (MarketSlug, Home)>,
}

/// The homes of one market that somebody turned to, each with its place.
struct Place<'a> {
    places: BTreeMap<ListingId, usize>,
    homes: Vec<Home>,
    all: &'a Acts,
}

impl App {
    /// Holds out the latest fifth of the homes that each lead turned to, ranks all homes of the market that somebody
    /// turned to by the taste the lead had shown until then, and counts how many of those held out come first; likewise by
    /// popularity and by chance. The same interactions and homes give the same figures.
    ///
    /// Markets with too few such leads are left out; when none is left it is refused with what is missing.
    pub async fn evaluate_taste(
        &self,
        who: &Principal,
        request: TasteEvaluationRequest,
    ) -> Result<Vec<TasteEvaluation>> {
        if let Some(slug) = &request.market {
            self.0.store.market_get(who.tenant, slug).await?.ok_or_else(Error::unknown_market)?;
        }
        let acts = self.acts(who.tenant).await?;
        let measuring = move || {
            let markets: BTreeSet<&MarketSlug> = acts.homes.values().map(|(market, _)| market).collect();
            let wanted =
                markets.into_iter().filter(|slug| request.market.as_ref().is_none_or(|market| market == *slug));
            let (mut evaluations, mut most) = (Vec::new(), 0);
            for market in wanted {
                let place = Place::of(&acts, market);
                let people = place.people();
                most = people.len().max(most);
                if people.len() >= FEWEST_PEOPLE {
                    let score = held_out(&people, &place.looks(), &place.homes, request.k);
                    let homes = place.homes.len();
                    evaluations.extend(score.map(|score| TasteEvaluation { market: market.clone(), homes, score }));
                }
            }
            (evaluations, most)
        };
        let (evaluations, most) = self.blocking(measuring).await?;
        if evaluations.is_empty() {
            let detail = format!(
                "insufficient data (n = {most}), at least {FEWEST_PEOPLE} leads of one market are needed who turned to \
                 {FEWEST_HOMES} homes each, one after the other"
            );
            return Err(Error::invalid("", "insufficient_data", detail));
        }
        Ok(evaluations)
    }

    /// What the newest leads did, as far as it tells of taste, and the homes it was about.
    async fn acts(&self, tenant: TenantId) -> Result<Acts> {
        let mut acts = Acts::default();
        let mut before: Option<LeadId> = None;
        while acts.of_leads.len() < MOST_LEADS {
            let page = self.0.store.leads_newest(tenant, before, PAGE).await?;
            let Some(last) = page.last() else { break };
            before = Some(last.id);
            for lead in &page {
                let of_lead = self.0.store.interactions_of(tenant, lead.id, &kinds(), None, 2 * MOST_ACTS).await?;
                acts.of_leads.push(of_lead.into_iter().map(|Interaction { facts, .. }| facts).collect());
            }
        }
        let homes: BTreeSet<ListingId> = acts.of_leads.iter().flatten().filter_map(|act| act.listing_id).collect();
        for ids in homes.into_iter().collect::<Vec<_>>().chunks(PAGE as usize) {
            for listing in self.0.store.listings_by_ids(tenant, ids).await? {
                let home = Home::of(&listing.facts);
                acts.homes.insert(listing.id, (listing.market, home));
            }
        }
        Ok(acts)
    }
}

impl<'a> Place<'a> {
    fn of(all: &'a Acts, market: &MarketSlug) -> Self {
        let there = all.homes.iter().filter(|(_, (of, _))| of == market);
        let by_id: BTreeMap<ListingId, &Home> = there.map(|(id, (_, home))| (*id, home)).collect();
        let places = by_id.keys().enumerate().map(|(place, id)| (*id, place)).collect();
        Self { places, homes: by_id.into_values().cloned().collect(), all }
    }

    /// What somebody did with homes of here, as it tells for or against them: kind, time and place.
    fn turns<'b>(&'b self, acts: &'b [InteractionFacts]) -> impl Iterator<Item = (InteractionKind, Time, usize)> + 'b {
        acts.iter().filter_map(|act| Some((act.kind, act.at, *self.places.get(&act.listing_id?)?)))
    }

    /// All looks at homes.
    fn looks(&self) -> Vec<(Time, usize)> {
        let of_all = self.all.of_leads.iter().flat_map(|acts| self.turns(acts));
        of_all.filter(|(kind, ..)| *kind == InteractionKind::ListingView).map(|(_, at, home)| (at, home)).collect()
    }

    /// Everybody of whom enough is known, with what is held out of it.
    fn people(&self) -> Vec<HeldOut> {
        self.all.of_leads.iter().filter_map(|acts| self.person(acts)).collect()
    }

    fn person(&self, acts: &[InteractionFacts]) -> Option<HeldOut> {
        let mut first: BTreeMap<usize, Time> = BTreeMap::new();
        for (_, at, home) in self.turns(acts) {
            let known = first.entry(home).or_insert(at);
            *known = at.min(*known);
        }
        // Homes by when they were first turned to; a home that was hidden at once was not liked.
        let hidden_first = |home: usize, at: Time| {
            self.turns(acts).any(|(kind, then, of)| of == home && then == at && kind == InteractionKind::ListingHide)
        };
        let mut liked: Vec<(Time, usize)> = first.iter().map(|(home, at)| (*at, *home)).collect();
        liked.retain(|(at, home)| !hidden_first(*home, *at));
        liked.sort_unstable();
        if liked.len() < FEWEST_HOMES {
            return None;
        }
        let at = liked[liked.len() - (liked.len() / ONE_IN).max(1)].0;
        let mut taste = Taste::default();
        for act in acts.iter().filter(|act| act.at < at).take(MOST_ACTS as usize) {
            take_in(&mut taste, act, |id| self.all.homes.get(&id).map(|(_, home)| home.clone()));
        }
        if taste.weight(at) <= 0.0 {
            return None;
        }
        let known = first.iter().filter(|(_, then)| **then < at).map(|(home, _)| *home).collect();
        let homes = liked.into_iter().filter(|(then, _)| *then >= at).map(|(_, home)| home).collect();
        Some(HeldOut { at, likings: taste.likings(at), known, homes })
    }
}
