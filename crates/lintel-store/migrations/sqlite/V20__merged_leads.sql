-- Leads that were merged into others, with what a merge needs to be taken back. Their rows stand here and not among the leads,
-- so that nothing that lists, counts, scores or learns from leads ever meets them. The first columns are those of `leads`.

CREATE TABLE merged_leads (
    tenant_id BLOB NOT NULL,
    id BLOB NOT NULL,
    external_id TEXT,
    name TEXT,
    name_key TEXT,
    email TEXT,
    phone TEXT,
    source TEXT,
    stage TEXT,
    assignee BLOB,
    market TEXT,
    preferences TEXT NOT NULL,
    tags TEXT NOT NULL,
    custom TEXT NOT NULL,
    outcome TEXT,
    outcome_at INTEGER,
    source_created_at INTEGER,
    provenance TEXT NOT NULL,
    words TEXT NOT NULL,
    fingerprint BLOB NOT NULL,
    score REAL,
    scored_at INTEGER,
    last_interaction_at INTEGER,
    created_by BLOB,
    changed_by BLOB,
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    churn REAL,
    top_reason TEXT,
    acted_at INTEGER,
    contacted_at INTEGER,
    waiting_since INTEGER,
    returned_at INTEGER,
    task_due_at INTEGER,
    snoozed_until INTEGER,
    first_contacted_at INTEGER,
    first_hot_at INTEGER,
    -- The lead it was merged into, and where that has gone since: the lead that everything of it is of now.
    into_id BLOB NOT NULL,
    survivor_id BLOB NOT NULL,
    merged_at INTEGER NOT NULL,
    -- What the other lead gained.
    gained TEXT NOT NULL,
    -- The entries of the other lead's consent ledger that are copies of its own: behind the first and up to the last.
    consents_after INTEGER NOT NULL,
    consents_until INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, id)
) STRICT;
CREATE INDEX merged_leads_into ON merged_leads (tenant_id, into_id, merged_at);
CREATE INDEX merged_leads_survivor ON merged_leads (tenant_id, survivor_id);
CREATE INDEX merged_leads_external_id ON merged_leads (tenant_id, external_id) WHERE external_id IS NOT NULL;

-- What was moved from a lead that was merged: interactions, tasks, saved searches and notifications, by their ids.
CREATE TABLE merged_rows (
    tenant_id BLOB NOT NULL,
    lead_id BLOB NOT NULL,
    kind TEXT NOT NULL,
    row_id BLOB NOT NULL,
    PRIMARY KEY (tenant_id, lead_id, kind, row_id)
) STRICT, WITHOUT ROWID;
