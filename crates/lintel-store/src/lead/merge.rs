//! Merging a lead into another: everything of it becomes the other's, and its row steps out of the leads into those that were
//! merged, with what is needed to take it back.

use lintel_domain::{
    clock::Time,
    id::{LeadId, TenantId},
    lead::Lead,
    merge::{Gained, MOST_MERGED},
};

use super::{
    erase::{BEHAVIOUR, LEAD},
    moved::Copied,
};
use crate::{Error, Result, Tx, params};

/// What became of a merge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Merging {
    /// It was done now.
    Done,
    /// It was done before.
    Already,
    /// One of the two is not there.
    Gone,
    /// The lead that was to stay, or the one that was to go, was merged into another before.
    Elsewhere {
        /// Which of the two.
        lead: LeadId,
        /// The other.
        into: LeadId,
    },
    /// The lead has taken in as many as one may.
    Full,
}

/// Every column of `leads`, in the order in which rows go from one table to the other.
macro_rules! columns {
    () => {
        "tenant_id, id, external_id, name, name_key, email, phone, source, stage, assignee, market, preferences, tags, custom, \
         outcome, outcome_at, source_created_at, provenance, words, fingerprint, score, scored_at, last_interaction_at, \
         created_by, changed_by, version, created_at, updated_at, churn, top_reason, acted_at, contacted_at, waiting_since, \
         returned_at, task_due_at, snoozed_until, first_contacted_at, first_hot_at"
    };
}
pub(super) use columns;

crate::sql! {
    /// The row of a lead that is merged.
    KEEP "lead.merge_keep" = (concat!("INSERT INTO merged_leads (", columns!(), ",
            into_id, survivor_id, merged_at, gained, consents_after, consents_until)
        SELECT ", columns!(), ", $3, $3, CAST($4 AS bigint), $5, CAST($6 AS bigint), CAST($7 AS bigint) FROM leads
        WHERE tenant_id = $1 AND id = $2"));
    /// What was merged into it goes with it.
    FOLLOW "lead.merge_follow" = "UPDATE merged_leads SET survivor_id = $3 WHERE tenant_id = $1 AND survivor_id = $2";
    /// How many a lead and another have taken in.
    COUNT "lead.merge_count" = "SELECT count(*) FROM merged_leads WHERE tenant_id = $1 AND (survivor_id = $2 OR survivor_id = $3)";
    /// The last record of a lead whose outside id the other takes over.
    PRINT "lead.merge_print" = "SELECT fingerprint FROM leads WHERE tenant_id = $1 AND id = $2";
    /// What a lead gains beside its fields.
    TIMES "lead.merge_times" = "UPDATE leads SET created_at = $3, snoozed_until = $4, first_hot_at = $5
        WHERE tenant_id = $1 AND id = $2";
}

impl Tx<'_> {
    /// Merges a lead into another: `from` is there no more, and everything of it is `lead`'s.
    pub fn lead_merge(&mut self, tenant: TenantId, lead: LeadId, from: LeadId, now: Time) -> Result<Merging> {
        self.merges_lock(tenant)?;
        let went = self.lead_survivors(tenant, [lead, from])?;
        if let Some(into) = went.get(&lead) {
            return Ok(Merging::Elsewhere { lead, into: *into });
        }
        match went.get(&from) {
            Some(into) if *into == lead => return Ok(Merging::Already),
            Some(into) => return Ok(Merging::Elsewhere { lead: from, into: *into }),
            None => {}
        }
        let Some((old, other)) = self.both_locked(tenant, lead, from)? else { return Ok(Merging::Gone) };
        let count: i64 = self.query_one(&COUNT, params![tenant, lead, from], |row| row.get(0))?;
        if count >= i64::from(MOST_MERGED) {
            return Ok(Merging::Full);
        }
        if let Some(external) = &other.facts.external_id {
            self.external_id_lock(tenant, external)?;
        }
        let gained = Gained::of(&old, &other);
        let mut merged = old;
        gained.add_to(&mut merged);
        let copied = self.consents_join(tenant, from, lead, now)?;
        self.rows_go(tenant, from, lead)?;
        // The outside id comes with what was last sent under it.
        let print = match gained.external_id {
            Some(_) => self.query_opt(&PRINT, params![tenant, from], |row| row.get::<Vec<u8>>(0))?,
            None => None,
        };
        self.step_out(tenant, lead, from, &gained, copied, now)?;
        let print = print.and_then(|print| print.try_into().ok());
        self.update(tenant, lead, &merged.facts, print, None, now)?;
        self.lead_times(tenant, &merged)?;
        self.dealings_recount(tenant, &[lead].into())?;
        self.task_due_recount(tenant, lead)?;
        Ok(Merging::Done)
    }

    /// Holds a tenant's merges against each other, against imports, and against events of others that are being applied.
    pub(super) fn merges_lock(&mut self, tenant: TenantId) -> Result<()> {
        self.hooks_lock(tenant)?;
        self.leads_lock(tenant)
    }

    /// Two leads, which nobody else changes until this write ends: taken in one order by everybody.
    fn both_locked(&mut self, tenant: TenantId, lead: LeadId, from: LeadId) -> Result<Option<(Lead, Lead)>> {
        self.leads_hold(tenant, [lead, from])?;
        Ok(self.lead_lock(tenant, lead)?.zip(self.lead_lock(tenant, from)?))
    }

    /// Takes the row of a lead out of the leads.
    fn step_out(
        &mut self,
        tenant: TenantId,
        lead: LeadId,
        from: LeadId,
        gained: &Gained,
        copied: Copied,
        now: Time,
    ) -> Result<()> {
        let gained = serde_json::to_value(gained).map_err(|source| Error::Decode { what: "gained", source })?;
        self.lead_days_forget(tenant, &[from])?;
        self.execute(&KEEP, params![tenant, from, lead, now, gained, copied.after, copied.until])?;
        self.execute(&FOLLOW, params![tenant, from, lead])?;
        // Made anew when needed, from everything that both did.
        self.execute_many(&BEHAVIOUR, [from, lead].map(|id| params![tenant, id]))?;
        self.execute(&LEAD, params![tenant, from]).map(|_| ())
    }

    /// Writes what a merge changes of a lead beside its fields.
    pub(super) fn lead_times(&mut self, tenant: TenantId, lead: &Lead) -> Result<()> {
        let Lead { id, created_at, snoozed_until, first_hot_at, .. } = *lead;
        self.execute(&TIMES, params![tenant, id, created_at, snoozed_until, first_hot_at]).map(|_| ())
    }
}
