//! Leads as far as lists are filtered, counted and ordered by them: for the roster in memory.

use lintel_domain::{
    desk::Situation,
    id::{LeadId, TenantId},
    lead::Outcome,
    lead_list::Standing,
};

use super::columns::dealings;
use crate::{Result, Store, db::Row, params};

/// The beginning of every statement here.
macro_rules! select {
    () => {
        "SELECT id, market, assignee, stage, source, outcome, tags, words, name_key, score, last_interaction_at, created_at, \
         acted_at, contacted_at, waiting_since, returned_at, task_due_at, snoozed_until, phone FROM leads "
    };
}

crate::sql! {
    /// A page of all, by id.
    AFTER "lead.standings_after" = (concat!(select!(), "WHERE tenant_id = $1 AND id > $2 ORDER BY id LIMIT $3"));
    /// Several, in no order.
    OF "lead.standings_of" = {
        sqlite: concat!(select!(), "WHERE tenant_id = $1 AND id IN (SELECT unhex(value) FROM json_each($2))"),
        postgres: concat!(select!(), "WHERE tenant_id = $1 AND id = ANY($2)"),
    };
}

fn standing(row: &Row<'_>) -> Result<Standing> {
    let outcome: Option<String> = row.get(5)?;
    Ok(Standing {
        id: row.get(0)?,
        market: row.get(1)?,
        assignee: row.get(2)?,
        stage: row.get(3)?,
        source: row.get(4)?,
        tags: row.json(6, "tags")?,
        words: row.get(7)?,
        name_key: row.get(8)?,
        score: row.get(9)?,
        last_interaction_at: row.get(10)?,
        situation: Situation {
            outcome: outcome.is_some().then(|| row.word(5, Outcome::parse)).transpose()?,
            created_at: row.get(11)?,
            dealings: dealings(row, 12)?,
            task_due_at: row.get(16)?,
        },
        snoozed_until: row.get(17)?,
        phone: row.get(18)?,
    })
}

impl Store {
    /// At most `limit` leads, in the order of their ids, behind `after`.
    pub async fn standings_after(&self, tenant: TenantId, after: Option<LeadId>, limit: u32) -> Result<Vec<Standing>> {
        let after = after.unwrap_or(LeadId(uuid::Uuid::nil()));
        self.survey(&AFTER, params![tenant, after, limit], standing).await
    }

    /// Several leads, in no order; those that are not there are left out.
    pub async fn standings_of(&self, tenant: TenantId, ids: &[LeadId]) -> Result<Vec<Standing>> {
        self.by_ids(&OF, tenant, ids.iter().map(|id| id.0).collect(), standing).await
    }
}
