//! Matching: the homes that fit what somebody looks for.

use lintel_domain::{
    id::{LeadId, ListingId},
    liking::Likings,
    market::MarketSlug,
    page::MAX_LIMIT,
    preference::Preferences,
};
use lintel_predict::taste;

use crate::{App, Error, Principal, Result};

/// What to match.
#[derive(Clone, Debug)]
pub struct MatchRequest {
    /// Where; the lead's market when absent.
    pub market: Option<MarketSlug>,
    /// What is looked for; the lead's preferences when absent.
    pub preferences: Option<Preferences>,
    /// Whose.
    pub lead: Option<LeadId>,
    /// At most this many, 1 to 200; 20 when absent.
    pub limit: Option<u32>,
    /// Whether reasons are wanted.
    pub explain: bool,
}

/// Why a home fits: contributions add up to the fit.
#[derive(Clone, Debug, PartialEq)]
pub struct Reason {
    /// The wish it speaks of.
    pub aspect: String,
    /// Its part of the fit.
    pub contribution: f64,
    /// In words.
    pub label: String,
}

/// A home that fits.
#[derive(Clone, Debug)]
pub struct Match {
    /// The home.
    pub listing: ListingId,
    /// 0 to 1.
    pub fit: f64,
    /// Why.
    pub reasons: Vec<Reason>,
    /// The soft wishes it does not meet, in words.
    pub near_miss: Option<String>,
}

/// What a lead likes in homes, as far as what it did shows it.
#[derive(Clone, Debug, PartialEq)]
pub struct ShownTaste {
    /// 0 to 1: how much is known of it.
    pub confidence: f64,
    /// What is liked, the weightiest first; the weights add up to 1.
    pub likes: Vec<taste::Reason>,
}

/// The homes that fit best.
#[derive(Clone, Debug)]
pub struct MatchAnswer {
    /// Best first.
    pub matches: Vec<Match>,
    /// The taste that counted beside the wishes, when reasons are wanted; absent when nothing is known of it.
    pub taste: Option<ShownTaste>,
    /// How many met the hard wishes.
    pub considered: u64,
}

impl App {
    /// The homes that fit best.
    pub async fn match_homes(&self, who: &Principal, request: MatchRequest) -> Result<MatchAnswer> {
        let limit = request.limit.unwrap_or(20);
        if !(1..=MAX_LIMIT).contains(&limit) {
            return Err(Error::invalid("/limit", "out_of_range", format!("limit is 1 to {MAX_LIMIT}")));
        }
        let lead = match request.lead {
            Some(id) => Some(self.lead(who, id).await?.lead.facts),
            None => None,
        };
        let market = request.market.or_else(|| lead.as_ref().and_then(|lead| lead.market.clone()));
        let market =
            market.ok_or_else(|| Error::invalid("/market", "missing", "say which market; the lead has none"))?;
        let preferences = request.preferences.or_else(|| lead.map(|lead| lead.preferences)).unwrap_or_default();
        let likings = match request.lead {
            Some(id) => self.likings(who.tenant, id).await?,
            None => Likings::default(),
        };
        let taste = (request.explain && likings.confidence > 0.0)
            .then(|| ShownTaste { confidence: likings.confidence, likes: taste::Reason::of(&likings) });
        let part = self.part(who.tenant, &market).await?;
        let currency = self.currency(who.tenant, &market).await?.ok_or_else(Error::unknown_market)?;
        let today = self.clock().now().day();
        let finding = move || part.match_liked(&preferences, &likings, limit as usize, today, currency);
        let found = self.compute(finding).await?;
        let told = |one: lintel_search::Match| {
            let reasons = one.fit.reasons.into_iter().map(Reason::from);
            Match {
                listing: one.id,
                fit: one.fit.fit,
                reasons: if request.explain { reasons.collect() } else { Vec::new() },
                near_miss: one.fit.near_miss,
            }
        };
        let matches = found.matches.into_iter().map(told).collect();
        Ok(MatchAnswer { matches, taste, considered: found.considered })
    }
}

impl From<lintel_search::Reason> for Reason {
    fn from(reason: lintel_search::Reason) -> Self {
        Self { aspect: reason.aspect.as_str().to_owned(), contribution: reason.contribution, label: reason.label }
    }
}
