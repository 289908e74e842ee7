//! Taking a merge back: the lead's row steps among the leads again, with what was its own; what came since stays with the other.

use lintel_domain::{
    clock::Time,
    id::{LeadId, TenantId},
    merge::Gained,
};

use super::{merge::columns, moved::Copied};
use crate::{Result, Tx, params};

/// What became of taking a merge back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unmerging {
    /// The lead is there again, and was taken out of this one.
    Done(LeadId),
    /// The lead is there, and was not merged.
    There,
    /// There is no such lead.
    Gone,
    /// The one that it was merged into was merged itself: that has to be taken back first.
    Further {
        /// The one that it was merged into.
        lead: LeadId,
        /// Where that is now.
        into: LeadId,
    },
}

crate::sql! {
    /// What was kept of the merge.
    KEPT "lead.unmerge_kept" = "SELECT gained, consents_after, consents_until FROM merged_leads WHERE tenant_id = $1 AND id = $2";
    /// The row is among the leads again.
    STEP_IN "lead.unmerge" = (concat!("INSERT INTO leads (", columns!(), ")
        SELECT ", columns!(), " FROM merged_leads WHERE tenant_id = $1 AND id = $2"));
    /// That counts as a change of it.
    COUNT "lead.unmerge_count" = "UPDATE leads SET version = version + 1, updated_at = $3 WHERE tenant_id = $1 AND id = $2";
    /// And not among those that were merged.
    STEP_OUT "lead.unmerge_step_out" = "DELETE FROM merged_leads WHERE tenant_id = $1 AND id = $2";
    /// What was merged into it before comes with it.
    FOLLOW "lead.unmerge_follow" = "WITH RECURSIVE below (id) AS (
            SELECT id FROM merged_leads WHERE tenant_id = $1 AND into_id = $2
            UNION SELECT m.id FROM merged_leads m JOIN below b ON m.into_id = b.id WHERE m.tenant_id = $1)
        UPDATE merged_leads SET survivor_id = $2 WHERE tenant_id = $1 AND id IN (SELECT id FROM below)";
}

impl Tx<'_> {
    /// Takes a merge back: `id` is there again as it was, and the lead that it was merged into is without it what it was, as
    /// far as nobody has changed it since.
    pub fn lead_unmerge(&mut self, tenant: TenantId, id: LeadId, now: Time) -> Result<Unmerging> {
        self.merges_lock(tenant)?;
        let Some(merged) = self.merged_lead(tenant, id)? else {
            let there = self.leads_hold(tenant, [id])?.contains(&id);
            return Ok(if there { Unmerging::There } else { Unmerging::Gone });
        };
        let into = merged.into;
        let Some(mut lead) = self.lead_lock(tenant, into)? else {
            return Ok(Unmerging::Further { lead: into, into: merged.survivor });
        };
        let (gained, copied) = self.query_one(&KEPT, params![tenant, id], |row| {
            Ok((row.json::<Gained>(0, "gained")?, Copied { after: row.get(1)?, until: row.get(2)? }))
        })?;
        gained.take_from(&mut lead);
        // An outside id belongs to one lead, whoever wrote it there.
        lead.facts.external_id =
            lead.facts.external_id.filter(|external| Some(external) != merged.lead.facts.external_id.as_ref());
        self.update(tenant, into, &lead.facts, None, None, now)?;
        self.lead_times(tenant, &lead)?;
        self.execute(&STEP_IN, params![tenant, id])?;
        self.execute(&STEP_OUT, params![tenant, id])?;
        self.execute(&COUNT, params![tenant, id, now])?;
        self.execute(&FOLLOW, params![tenant, id])?;
        self.rows_back(tenant, id, into)?;
        self.consents_part(tenant, id, into, copied, now)?;
        self.dealings_recount(tenant, &[id, into].into())?;
        for lead in [id, into] {
            self.task_due_recount(tenant, lead)?;
        }
        Ok(Unmerging::Done(into))
    }
}
