//! Leads that were merged into others: reading them, and finding where they went.

use std::collections::BTreeMap;

use lintel_domain::{
    clock::Time,
    id::{LeadId, TenantId},
    lead::Lead,
    merge::MOST_MERGED,
};

use super::columns::{fields, lead};
use crate::{Result, Store, Tx, db::Row, params};

/// A lead that was merged into another.
#[derive(Clone, Debug, PartialEq)]
pub struct MergedLead {
    /// The lead as it was then.
    pub lead: Lead,
    /// The one that it was merged into.
    pub into: LeadId,
    /// Where that one has gone since, if it was merged itself; else the same.
    pub survivor: LeadId,
    /// When.
    pub at: Time,
}

crate::sql! {
    /// One of them.
    BY_ID "merged_lead.by_id" = (concat!("SELECT ", fields!(), ", into_id, survivor_id, merged_at FROM merged_leads
        WHERE tenant_id = $1 AND id = $2"));
    /// Those that were merged into a lead, the latest first.
    INTO "merged_lead.into" = (concat!("SELECT ", fields!(), ", into_id, survivor_id, merged_at FROM merged_leads
        WHERE tenant_id = $1 AND into_id = $2 ORDER BY merged_at DESC, id DESC LIMIT $3"));
    /// Where one has gone.
    SURVIVOR "merged_lead.survivor" = "SELECT id, survivor_id FROM merged_leads WHERE tenant_id = $1 AND id = $2";
}

pub(super) fn merged_lead(row: &Row<'_>) -> Result<MergedLead> {
    Ok(MergedLead { lead: lead(row)?, into: row.get(32)?, survivor: row.get(33)?, at: row.get(34)? })
}

impl Store {
    /// A lead that was merged into another.
    pub async fn merged_lead(&self, tenant: TenantId, id: LeadId) -> Result<Option<MergedLead>> {
        self.point(&BY_ID, params![tenant, id], merged_lead).await
    }

    /// The leads that were merged into one, the latest first: at most [`MOST_MERGED`].
    pub async fn leads_merged_into(&self, tenant: TenantId, lead: LeadId) -> Result<Vec<MergedLead>> {
        self.query(&INTO, params![tenant, lead, MOST_MERGED], merged_lead).await
    }

    /// Where a lead has gone; none of one that was not merged.
    pub async fn lead_survivor(&self, tenant: TenantId, id: LeadId) -> Result<Option<LeadId>> {
        self.point(&SURVIVOR, params![tenant, id], |row| row.get(1)).await
    }
}

impl Tx<'_> {
    /// A lead that was merged into another.
    pub(super) fn merged_lead(&mut self, tenant: TenantId, id: LeadId) -> Result<Option<MergedLead>> {
        self.query_opt(&BY_ID, params![tenant, id], merged_lead)
    }

    /// Where leads have gone that were merged; others are left out.
    pub fn lead_survivors(
        &mut self,
        tenant: TenantId,
        ids: impl IntoIterator<Item = LeadId>,
    ) -> Result<BTreeMap<LeadId, LeadId>> {
        let items = ids.into_iter().map(|id| params![tenant, id]);
        let found = self.query_many(&SURVIVOR, items, |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(found.into_iter().flatten().collect())
    }
}
