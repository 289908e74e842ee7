//! Smart lists of leads: any filter, a sort, and a page that costs the same wherever it begins.

use lintel_domain::{
    clock::Time,
    id::TenantId,
    lead::{Lead, Outcome},
    lead_list::{LeadFilter, LeadSort, LeadSortKey},
    page::{Key, KeyValue, Page},
};

use super::columns::{lead, select};
use crate::{
    Result, Store,
    db::{Params, Sql, Value},
    params,
};

fn value_of(key: LeadSortKey, lead: &Lead) -> KeyValue {
    let int = |time: Option<Time>| time.map_or(KeyValue::Null, |time| KeyValue::Int(time.0));
    match key {
        LeadSortKey::Score => lead.score.map_or(KeyValue::Null, KeyValue::Real),
        LeadSortKey::LastInteractionAt => int(lead.last_interaction_at),
        LeadSortKey::CreatedAt => int(Some(lead.created_at)),
        LeadSortKey::Name => lead.facts.name_key().map_or(KeyValue::Null, KeyValue::Text),
    }
}

/// The conditions that every list shares. Market and assignee stand apart: their indexes begin with them.
macro_rules! filters {
    (sqlite) => {
        " AND (stage = $4 OR $4 IS NULL) AND (source = $5 OR $5 IS NULL) AND (outcome = $6 OR $6 IS NULL) \
         AND ((instr(tags, json_quote($7)) > 0 AND EXISTS (SELECT 1 FROM json_each(tags) WHERE value = $7)) OR $7 IS NULL) \
         AND (instr(words, $8) > 0 OR $8 IS NULL) AND (score >= $9 OR $9 IS NULL) AND (score < $10 OR $10 IS NULL) \
         AND (snoozed_until IS NULL OR snoozed_until <= $11 OR $11 IS NULL)"
    };
    (postgres) => {
        " AND (stage = $4 OR $4 IS NULL) AND (source = $5 OR $5 IS NULL) AND (outcome = $6 OR $6 IS NULL) \
         AND (jsonb_exists(tags, $7) OR $7 IS NULL) \
         AND (strpos(words, $8) > 0 OR $8 IS NULL) AND (score >= $9 OR $9 IS NULL) AND (score < $10 OR $10 IS NULL) \
         AND (snoozed_until IS NULL OR snoozed_until <= $11 OR $11 IS NULL)"
    };
}

macro_rules! pages {
    ($($(#[$doc:meta])* $valued:ident $valueless:ident $name:literal $name_none:literal: $column:literal $op:literal $direction:literal, $place:literal;)+) => {
        crate::sql! {$(
            $(#[$doc])*
            $valued $name = {
                sqlite: concat!(select!(), "WHERE tenant_id = $1", $place, filters!(sqlite), " AND (", $column, ", id) ", $op,
                    " ($13, $14) ORDER BY ", $column, " ", $direction, ", id ", $direction, " LIMIT $12"),
                postgres: concat!(select!(), "WHERE tenant_id = $1", $place, filters!(postgres), " AND (", $column, ", id) ", $op,
                    " ($13, $14) ORDER BY ", $column, " ", $direction, ", id ", $direction, " LIMIT $12"),
            };
            /// The same list's rows without a value. Ordered by it all the same: that is how PostgreSQL sees that an index is
            /// in this order.
            $valueless $name_none = {
                sqlite: concat!(select!(), "WHERE tenant_id = $1", $place, filters!(sqlite), " AND ", $column, " IS NULL AND id ",
                    $op, " $13 ORDER BY ", $column, " ", $direction, ", id ", $direction, " LIMIT $12"),
                postgres: concat!(select!(), "WHERE tenant_id = $1", $place, filters!(postgres), " AND ", $column, " IS NULL AND id ",
                    $op, " $13 ORDER BY ", $column, " ", $direction, ", id ", $direction, " LIMIT $12"),
            };
        )+}
    };
}

pages! {
    /// By score.
    SCORE SCORE_NONE "lead.by_score" "lead.by_score_none": "score" ">" "ASC", " AND (market = $2 OR $2 IS NULL) AND (assignee = $3 OR $3 IS NULL)";
    /// By score, best first.
    SCORE_DESC SCORE_DESC_NONE "lead.by_score_desc" "lead.by_score_desc_none": "score" "<" "DESC", " AND (market = $2 OR $2 IS NULL) AND (assignee = $3 OR $3 IS NULL)";
    /// By score, of a market.
    MARKET_SCORE MARKET_SCORE_NONE "lead.by_market_score" "lead.by_market_score_none": "score" ">" "ASC", " AND market = $2 AND (assignee = $3 OR $3 IS NULL)";
    /// By score, best first, of a market.
    MARKET_SCORE_DESC MARKET_SCORE_DESC_NONE "lead.by_market_score_desc" "lead.by_market_score_desc_none": "score" "<" "DESC", " AND market = $2 AND (assignee = $3 OR $3 IS NULL)";
    /// By score, of an agent.
    ASSIGNEE_SCORE ASSIGNEE_SCORE_NONE "lead.by_assignee_score" "lead.by_assignee_score_none": "score" ">" "ASC", " AND (market = $2 OR $2 IS NULL) AND assignee = $3";
    /// By score, best first, of an agent.
    ASSIGNEE_SCORE_DESC ASSIGNEE_SCORE_DESC_NONE "lead.by_assignee_score_desc" "lead.by_assignee_score_desc_none": "score" "<" "DESC", " AND (market = $2 OR $2 IS NULL) AND assignee = $3";
    /// By last interaction.
    LAST LAST_NONE "lead.by_last" "lead.by_last_none": "last_interaction_at" ">" "ASC", " AND (market = $2 OR $2 IS NULL) AND (assignee = $3 OR $3 IS NULL)";
    /// By last interaction, latest first.
    LAST_DESC LAST_DESC_NONE "lead.by_last_desc" "lead.by_last_desc_none": "last_interaction_at" "<" "DESC", " AND (market = $2 OR $2 IS NULL) AND (assignee = $3 OR $3 IS NULL)";
    /// By last interaction, of a market.
    MARKET_LAST MARKET_LAST_NONE "lead.by_market_last" "lead.by_market_last_none": "last_interaction_at" ">" "ASC", " AND market = $2 AND (assignee = $3 OR $3 IS NULL)";
    /// By last interaction, latest first, of a market.
    MARKET_LAST_DESC MARKET_LAST_DESC_NONE "lead.by_market_last_desc" "lead.by_market_last_desc_none": "last_interaction_at" "<" "DESC", " AND market = $2 AND (assignee = $3 OR $3 IS NULL)";
    /// By last interaction, of an agent.
    ASSIGNEE_LAST ASSIGNEE_LAST_NONE "lead.by_assignee_last" "lead.by_assignee_last_none": "last_interaction_at" ">" "ASC", " AND (market = $2 OR $2 IS NULL) AND assignee = $3";
    /// By last interaction, latest first, of an agent.
    ASSIGNEE_LAST_DESC ASSIGNEE_LAST_DESC_NONE "lead.by_assignee_last_desc" "lead.by_assignee_last_desc_none": "last_interaction_at" "<" "DESC", " AND (market = $2 OR $2 IS NULL) AND assignee = $3";
    /// By appearance.
    CREATED CREATED_NONE "lead.by_created" "lead.by_created_none": "created_at" ">" "ASC", " AND (market = $2 OR $2 IS NULL) AND (assignee = $3 OR $3 IS NULL)";
    /// By appearance, latest first.
    CREATED_DESC CREATED_DESC_NONE "lead.by_created_desc" "lead.by_created_desc_none": "created_at" "<" "DESC", " AND (market = $2 OR $2 IS NULL) AND (assignee = $3 OR $3 IS NULL)";
    /// By name.
    NAME NAME_NONE "lead.by_name" "lead.by_name_none": "name_key" ">" "ASC", " AND (market = $2 OR $2 IS NULL) AND (assignee = $3 OR $3 IS NULL)";
    /// By name, backwards.
    NAME_DESC NAME_DESC_NONE "lead.by_name_desc" "lead.by_name_desc_none": "name_key" "<" "DESC", " AND (market = $2 OR $2 IS NULL) AND (assignee = $3 OR $3 IS NULL)";
}

/// The two statements of a list: rows with a value, and rows without.
fn statements_of(sort: LeadSort, filter: &LeadFilter) -> (&'static Sql, &'static Sql) {
    // With a further condition that few may fulfil, SQLite finds them in the indexes of all markets without the rows.
    let market = filter.market.is_some() && !filter.is_narrow();
    let assignee = filter.assignee.is_some();
    match (sort.key, sort.descending) {
        (LeadSortKey::Score, false) if assignee => (&ASSIGNEE_SCORE, &ASSIGNEE_SCORE_NONE),
        (LeadSortKey::Score, true) if assignee => (&ASSIGNEE_SCORE_DESC, &ASSIGNEE_SCORE_DESC_NONE),
        (LeadSortKey::Score, false) if market => (&MARKET_SCORE, &MARKET_SCORE_NONE),
        (LeadSortKey::Score, true) if market => (&MARKET_SCORE_DESC, &MARKET_SCORE_DESC_NONE),
        (LeadSortKey::Score, false) => (&SCORE, &SCORE_NONE),
        (LeadSortKey::Score, true) => (&SCORE_DESC, &SCORE_DESC_NONE),
        (LeadSortKey::LastInteractionAt, false) if assignee => (&ASSIGNEE_LAST, &ASSIGNEE_LAST_NONE),
        (LeadSortKey::LastInteractionAt, true) if assignee => (&ASSIGNEE_LAST_DESC, &ASSIGNEE_LAST_DESC_NONE),
        (LeadSortKey::LastInteractionAt, false) if market => (&MARKET_LAST, &MARKET_LAST_NONE),
        (LeadSortKey::LastInteractionAt, true) if market => (&MARKET_LAST_DESC, &MARKET_LAST_DESC_NONE),
        (LeadSortKey::LastInteractionAt, false) => (&LAST, &LAST_NONE),
        (LeadSortKey::LastInteractionAt, true) => (&LAST_DESC, &LAST_DESC_NONE),
        (LeadSortKey::CreatedAt, false) => (&CREATED, &CREATED_NONE),
        (LeadSortKey::CreatedAt, true) => (&CREATED_DESC, &CREATED_DESC_NONE),
        (LeadSortKey::Name, false) => (&NAME, &NAME_NONE),
        (LeadSortKey::Name, true) => (&NAME_DESC, &NAME_DESC_NONE),
    }
}

impl Store {
    /// At most `limit` leads of a list, behind `after`; with a time only those that are not put off then.
    pub async fn leads_page(
        &self,
        tenant: TenantId,
        filter: &LeadFilter,
        awake_at: Option<Time>,
        sort: LeadSort,
        after: Option<Key>,
        limit: u32,
    ) -> Result<Page<Lead>> {
        let (valued, valueless) = statements_of(sort, filter);
        let after = after.unwrap_or(Key { value: sort.start(), id: sort.start_id() });
        let wanted = limit + 1;
        let mut items = Vec::new();
        let mut after_none = after.id;
        if after.value != KeyValue::Null {
            let mut params = common(tenant, filter, awake_at, wanted);
            params.extend([value(after.value), after.id.into()]);
            items = self.query(valued, params, lead).await?;
            after_none = sort.start_id();
        }
        let missing = wanted - items.len().min(wanted as usize) as u32;
        // Every lead has a time of appearance, and a range of scores leaves out those without.
        let none_left = sort.key == LeadSortKey::CreatedAt
            || (sort.key == LeadSortKey::Score && (filter.score_from.is_some() || filter.score_below.is_some()));
        if missing > 0 && !none_left {
            let mut params = common(tenant, filter, awake_at, missing);
            params.push(after_none.into());
            items.extend(self.query(valueless, params, lead).await?);
        }
        let more = items.len() > limit as usize;
        items.truncate(limit as usize);
        let next = items.last().filter(|_| more).map(|last| Key { value: value_of(sort.key, last), id: last.id.0 });
        Ok(Page { items, next })
    }
}

fn common(tenant: TenantId, filter: &LeadFilter, awake_at: Option<Time>, limit: u32) -> Params {
    params![
        tenant,
        filter.market.as_ref(),
        filter.assignee,
        filter.stage.as_deref(),
        filter.source.as_deref(),
        filter.outcome.map(Outcome::as_str),
        filter.tag.as_deref(),
        filter.needle(),
        filter.score_from,
        filter.score_below,
        awake_at,
        limit,
    ]
}

fn value(value: KeyValue) -> Value {
    match value {
        KeyValue::Null => Value::Null,
        KeyValue::Int(value) => Value::Int(value),
        KeyValue::Real(value) => Value::Float(value),
        KeyValue::Text(value) => Value::Text(value),
    }
}
