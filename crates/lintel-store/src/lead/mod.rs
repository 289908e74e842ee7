//! Leads: people who may buy or sell.

mod columns;
mod dealings;
mod erase;
mod merge;
mod merged;
mod moved;
mod page;
mod standing;
mod unmerge;
mod write;

use std::collections::BTreeSet;

use lintel_domain::{
    clock::Time,
    id::{LeadId, TenantId},
    lead::Lead,
    market::MarketSlug,
    preference::Preferences,
};

pub use merge::Merging;
pub use merged::MergedLead;
pub use unmerge::Unmerging;
pub use write::{LeadInserted, LeadUpdated, LeadUpsert, LeadUpserted};

use crate::{
    Result, Store, Tx,
    by_ids::in_order,
    db::{Row, Sql},
    params,
};
use columns::lead;

crate::sql! {
    /// One lead.
    BY_ID "lead.by_id" = (concat!(columns::select!(), "WHERE tenant_id = $1 AND id = $2"));
    /// One lead, held until the write ends. SQLite has one writer.
    LOCK "lead.lock" = { sqlite: concat!(columns::select!(), "WHERE tenant_id = $1 AND id = $2"),
        postgres: concat!(columns::select!(), "WHERE tenant_id = $1 AND id = $2 FOR UPDATE") };
    /// Whether a lead is there; if it is, it is held until the write ends.
    HOLD "lead.hold" = { sqlite: "SELECT id FROM leads WHERE tenant_id = $1 AND id = $2",
        postgres: "SELECT id FROM leads WHERE tenant_id = $1 AND id = $2 FOR NO KEY UPDATE" };
    /// Several leads, in no order.
    BY_IDS "lead.by_ids" = {
        sqlite: concat!(columns::select!(), "WHERE tenant_id = $1 AND id IN (SELECT unhex(value) FROM json_each($2))"),
        postgres: concat!(columns::select!(), "WHERE tenant_id = $1 AND id = ANY($2)") };
    /// A page of ids.
    IDS_AFTER "lead.ids_after" = "SELECT id FROM leads WHERE tenant_id = $1 AND id > $2 ORDER BY id LIMIT $3";
    /// A page of those whose story is over, the newest first.
    WITH_OUTCOME "lead.with_outcome" = (concat!(columns::select!(), "WHERE tenant_id = $1 AND outcome IS NOT NULL AND id < $2 ORDER BY id DESC LIMIT $3"));
    /// A page of all, the newest first.
    NEWEST "lead.newest" = (concat!(columns::select!(), "WHERE tenant_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3"));
    /// A page of what those of a market look for whose story is not over.
    WISHING "lead.wishing" = "SELECT id, preferences, last_interaction_at IS NOT NULL FROM leads
        WHERE tenant_id = $1 AND market = $2 AND outcome IS NULL AND id > $3 ORDER BY id LIMIT $4";
    /// What several look for whose story is not over, and where, in no order.
    WISHING_OF "lead.wishing_of" = {
        sqlite: "SELECT id, preferences, last_interaction_at IS NOT NULL, market FROM leads
            WHERE tenant_id = $1 AND outcome IS NULL AND id IN (SELECT unhex(value) FROM json_each($2))",
        postgres: "SELECT id, preferences, last_interaction_at IS NOT NULL, market FROM leads
            WHERE tenant_id = $1 AND outcome IS NULL AND id = ANY($2)",
    };
    /// How many there are.
    COUNT "lead.count" = "SELECT COUNT(*) FROM leads WHERE tenant_id = $1";
    /// How many stories that are over were written to since a time.
    OUTCOMES_SINCE "lead.outcomes_since" = "SELECT count(*) FROM leads WHERE tenant_id = $1 AND outcome IS NOT NULL AND updated_at > $2";
    /// The ids of leads by the ids they have elsewhere, or that leads had which were merged into them.
    IDS_BY_EXTERNAL_ID "lead.ids_by_external_id" = {
        sqlite: "SELECT external_id, id FROM leads WHERE tenant_id = $1
                AND external_id IN (SELECT value FROM json_each($2))
            UNION SELECT external_id, survivor_id FROM merged_leads WHERE tenant_id = $1
                AND external_id IN (SELECT value FROM json_each($2))",
        postgres: "SELECT external_id, id FROM leads WHERE tenant_id = $1 AND external_id = ANY($2)
            UNION SELECT external_id, survivor_id FROM merged_leads WHERE tenant_id = $1 AND external_id = ANY($2)",
    };
}

/// A lead and what it looks for.
#[derive(Clone, Debug, PartialEq)]
pub struct Wishing {
    /// Who.
    pub lead: LeadId,
    /// What it says it looks for.
    pub preferences: Preferences,
    /// Whether it ever did something.
    pub has_acted: bool,
}

fn wishing(row: &Row<'_>) -> Result<Wishing> {
    Ok(Wishing { lead: row.get(0)?, preferences: row.json(1, "preferences")?, has_acted: row.get(2)? })
}

/// Every statement about leads.
pub(crate) fn statements() -> impl Iterator<Item = &'static Sql> {
    let all = [
        STATEMENTS,
        page::STATEMENTS,
        write::STATEMENTS,
        erase::STATEMENTS,
        dealings::STATEMENTS,
        standing::STATEMENTS,
        merge::STATEMENTS,
        merged::STATEMENTS,
        moved::STATEMENTS,
        unmerge::STATEMENTS,
    ];
    all.into_iter().flatten().copied()
}

impl Store {
    /// One lead.
    pub async fn lead_get(&self, tenant: TenantId, id: LeadId) -> Result<Option<Lead>> {
        self.point(&BY_ID, params![tenant, id], lead).await
    }

    /// Leads in the order asked for; those that are not there are left out.
    pub async fn leads_by_ids(&self, tenant: TenantId, ids: &[LeadId]) -> Result<Vec<Lead>> {
        let wanted = ids.iter().map(|id| id.0).collect();
        let found = self.by_ids(&BY_IDS, tenant, wanted, lead).await?;
        Ok(in_order(ids, found, |lead| lead.id))
    }

    /// At most `limit` ids of leads, in their order, behind `after`.
    pub async fn lead_ids_after(&self, tenant: TenantId, after: Option<LeadId>, limit: u32) -> Result<Vec<LeadId>> {
        let after = after.unwrap_or(LeadId(uuid::Uuid::nil()));
        self.query(&IDS_AFTER, params![tenant, after, limit], |row| row.get(0)).await
    }

    /// How many leads the tenant has.
    pub async fn lead_count(&self, tenant: TenantId) -> Result<u64> {
        let count: i64 = self.query_one(&COUNT, params![tenant], |row| row.get(0)).await?;
        Ok(u64::try_from(count).unwrap_or(0))
    }

    /// At most `limit` leads whose story is over, the newest first, behind `before`.
    pub async fn leads_with_outcome(&self, tenant: TenantId, before: Option<LeadId>, limit: u32) -> Result<Vec<Lead>> {
        let before = before.unwrap_or(LeadId(uuid::Uuid::max()));
        self.survey(&WITH_OUTCOME, params![tenant, before, limit], lead).await
    }

    /// At most `limit` leads, the newest first, behind `before`.
    pub async fn leads_newest(&self, tenant: TenantId, before: Option<LeadId>, limit: u32) -> Result<Vec<Lead>> {
        let before = before.unwrap_or(LeadId(uuid::Uuid::max()));
        self.survey(&NEWEST, params![tenant, before, limit], lead).await
    }

    /// At most `limit` leads of a market whose story is not over, by id, behind `after`: what they look for.
    pub async fn leads_wishing(
        &self,
        tenant: TenantId,
        market: &MarketSlug,
        after: Option<LeadId>,
        limit: u32,
    ) -> Result<Vec<Wishing>> {
        let after = after.unwrap_or(LeadId(uuid::Uuid::nil()));
        self.survey(&WISHING, params![tenant, market, after, limit], wishing).await
    }

    /// What those of several leads look for who are in a market and whose story is not over, in no order.
    pub async fn leads_wishing_of(
        &self,
        tenant: TenantId,
        market: &MarketSlug,
        ids: &[LeadId],
    ) -> Result<Vec<Wishing>> {
        let ids = ids.iter().map(|id| id.0).collect();
        let there = |row: &Row<'_>| Ok((row.get::<Option<MarketSlug>>(3)?, wishing(row)?));
        let found = self.by_ids(&WISHING_OF, tenant, ids, there).await?;
        Ok(found.into_iter().filter(|(of, _)| of.as_ref() == Some(market)).map(|(_, wishing)| wishing).collect())
    }

    /// How many leads whose story is over were written to after a time.
    pub async fn outcomes_since(&self, tenant: TenantId, since: Time) -> Result<u64> {
        let count: i64 = self.query_one(&OUTCOMES_SINCE, params![tenant, since], |row| row.get(0)).await?;
        Ok(count.unsigned_abs())
    }
}

impl Tx<'_> {
    /// One lead, which nobody else changes until this write ends.
    pub fn lead_lock(&mut self, tenant: TenantId, id: LeadId) -> Result<Option<Lead>> {
        self.query_opt(&LOCK, params![tenant, id], lead)
    }

    /// Which of several leads are there; nobody else changes or removes them until this write ends. Taken in one order
    /// by everybody, so that no two writes wait for each other.
    pub fn leads_hold(&mut self, tenant: TenantId, ids: impl IntoIterator<Item = LeadId>) -> Result<BTreeSet<LeadId>> {
        let ids: BTreeSet<LeadId> = ids.into_iter().collect();
        let found = self.query_many(&HOLD, ids.iter().map(|id| params![tenant, *id]), |row| row.get(0))?;
        Ok(found.into_iter().flatten().collect())
    }

    /// The ids of leads by the ids they have elsewhere, or that leads had which were merged into them; unknown ones are left
    /// out.
    pub fn lead_ids_by_external_id(&mut self, tenant: TenantId, ids: Vec<String>) -> Result<Vec<(String, LeadId)>> {
        self.query(&IDS_BY_EXTERNAL_ID, params![tenant, ids], |row| Ok((row.get(0)?, row.get(1)?)))
    }
}
