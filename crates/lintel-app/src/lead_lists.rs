//! Smart lists of leads: pages, and how many stand where.

use lintel_domain::{
    id::{TenantId, UserId},
    lead::{Lead, Outcome, Tier},
    lead_list::{LeadCounts, LeadFilter, LeadSort, Snoozed},
    market::MarketSlug,
    page::{Key, Page},
};
use lintel_search::Ask;

use crate::{
    App, Error, Listed, Paging, Principal, Result,
    cursor::List,
    leads::{LeadView, view},
    tier::Tiers,
};

/// A smart list of leads.
#[derive(Clone, Debug, Default)]
pub struct LeadListRequest {
    /// Only this tier.
    pub tier: Option<Tier>,
    /// Only this market.
    pub market: Option<MarketSlug>,
    /// Only this agent's.
    pub assignee: Option<UserId>,
    /// Only this source.
    pub source: Option<String>,
    /// Only this stage.
    pub stage: Option<String>,
    /// Only with this outcome.
    pub outcome: Option<Outcome>,
    /// Only with this tag.
    pub tag: Option<String>,
    /// Only those that wait for a next step.
    pub follow_up: bool,
    /// Whether those that are put off are meant.
    pub snoozed: Snoozed,
    /// Only whose name, e-mail, phone or external id begins with or holds this text.
    pub q: Option<String>,
    /// `score`, `last_interaction_at`, `created_at` or `name`, with `-` for descending; `-created_at` when absent.
    pub sort: Option<String>,
    /// Which page.
    pub paging: Paging,
}

impl App {
    /// A page of a smart list.
    pub async fn leads(&self, who: &Principal, request: LeadListRequest) -> Result<Listed<LeadView>> {
        let limit = request.paging.limit()?;
        let word = request.sort.as_deref().unwrap_or("-created_at");
        let sort = LeadSort::parse(word)
            .ok_or_else(|| Error::invalid("/sort", "unknown", format!("there is no sort \"{word}\"")))?;
        let (tiers, now) = (self.tiers(who.tenant).await?, self.clock().now());
        let filter = filter_of(&request, request.tier.map(|tier| tiers.range(tier)));
        let shape = shape_of(&request)?;
        let list = List { tenant: who.tenant, name: "leads", shape: &shape };
        let cursors = self.cursors(who.tenant).await?;
        let after: Option<Key> = request.paging.cursor.as_deref().map(|text| cursors.read(&list, text)).transpose()?;
        let page = self.leads_page(who.tenant, &request, filter, sort, after, limit, tiers).await?;
        let next_cursor = page.next.map(|key| cursors.write(&list, &key)).transpose()?;
        Ok(Listed { items: page.items.into_iter().map(|lead| view(lead, tiers, now)).collect(), next_cursor })
    }

    /// How many leads of a smart list stand where, each counted as if neither the tier nor what waits was asked for.
    pub async fn lead_counts(&self, who: &Principal, request: LeadListRequest) -> Result<LeadCounts> {
        let (tiers, now) = (self.tiers(who.tenant).await?, self.clock().now());
        let held = self.roster(who.tenant).await?;
        let filter = filter_of(&request, None);
        self.compute(move || {
            let ask = Ask { filter: &filter, follow_up: false, snoozed: Snoozed::Include, bounds: tiers.into(), now };
            held.roster.read().counts(ask)
        })
        .await
    }

    /// A page of leads: from the tables where an index has the order, else from the roster, where looking at everybody costs
    /// least.
    #[expect(clippy::too_many_arguments, reason = "all that makes a page, for one caller")]
    async fn leads_page(
        &self,
        tenant: TenantId,
        request: &LeadListRequest,
        filter: LeadFilter,
        sort: LeadSort,
        after: Option<Key>,
        limit: u32,
        tiers: Tiers,
    ) -> Result<Page<Lead>> {
        let LeadListRequest { follow_up, snoozed, .. } = *request;
        let now = self.clock().now();
        let only_here = follow_up || snoozed == Snoozed::Only;
        let held = if only_here || !filter.is_ordered(sort) { Some(self.roster(tenant).await?) } else { None };
        let Some(held) = held else {
            let awake_at = (snoozed == Snoozed::Hide).then_some(now);
            return Ok(self.0.store.leads_page(tenant, &filter, awake_at, sort, after, limit).await?);
        };
        let page = self.compute(move || {
            let ask = Ask { filter: &filter, follow_up, snoozed, bounds: tiers.into(), now };
            held.roster.read().page(ask, sort, after.as_ref(), limit as usize)
        });
        let page = page.await?;
        Ok(Page { items: self.0.store.leads_by_ids(tenant, &page.items).await?, next: page.next })
    }
}

fn filter_of(request: &LeadListRequest, scores: Option<(Option<f64>, Option<f64>)>) -> LeadFilter {
    let (score_from, score_below) = scores.unwrap_or_default();
    LeadFilter {
        score_from,
        score_below,
        market: request.market.clone(),
        assignee: request.assignee,
        stage: request.stage.clone(),
        source: request.source.clone(),
        outcome: request.outcome,
        tag: request.tag.clone(),
        q: request.q.clone(),
    }
}

/// Everything that decides which rows the list has, and in which order.
fn shape_of(request: &LeadListRequest) -> Result<Vec<u8>> {
    let LeadListRequest { tier, market, assignee, source, stage, outcome, tag, follow_up, snoozed, q, sort, paging: _ } =
        request;
    serde_json::to_vec(&(tier, market, assignee, source, stage, outcome, tag, follow_up, snoozed, q, sort))
        .map_err(Error::internal)
}
