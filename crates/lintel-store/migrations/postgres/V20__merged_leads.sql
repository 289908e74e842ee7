-- Leads that were merged into others, with what a merge needs to be taken back. Their rows stand here and not among the leads,
-- so that nothing that lists, counts, scores or learns from leads ever meets them. The first columns are those of `leads`.

CREATE TABLE merged_leads (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    external_id text COLLATE "C",
    name text,
    name_key text COLLATE "C",
    email text COLLATE "C",
    phone text,
    source text,
    stage text,
    assignee uuid,
    market text COLLATE "C",
    preferences jsonb NOT NULL,
    tags jsonb NOT NULL,
    custom jsonb NOT NULL,
    outcome text,
    outcome_at bigint,
    source_created_at bigint,
    provenance text NOT NULL,
    words text NOT NULL,
    fingerprint bytea NOT NULL,
    score double precision,
    scored_at bigint,
    last_interaction_at bigint,
    created_by uuid,
    changed_by uuid,
    version bigint NOT NULL,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL,
    churn double precision,
    top_reason text,
    acted_at bigint,
    contacted_at bigint,
    waiting_since bigint,
    returned_at bigint,
    task_due_at bigint,
    snoozed_until bigint,
    first_contacted_at bigint,
    first_hot_at bigint,
    -- The lead it was merged into, and where that has gone since: the lead that everything of it is of now.
    into_id uuid NOT NULL,
    survivor_id uuid NOT NULL,
    merged_at bigint NOT NULL,
    -- What the other lead gained.
    gained jsonb NOT NULL,
    -- The entries of the other lead's consent ledger that are copies of its own: behind the first and up to the last.
    consents_after bigint NOT NULL,
    consents_until bigint NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX merged_leads_into ON merged_leads (tenant_id, into_id, merged_at);
CREATE INDEX merged_leads_survivor ON merged_leads (tenant_id, survivor_id);
CREATE INDEX merged_leads_external_id ON merged_leads (tenant_id, external_id) WHERE external_id IS NOT NULL;

-- What was moved from a lead that was merged: interactions, tasks, saved searches and notifications, by their ids.
CREATE TABLE merged_rows (
    tenant_id uuid NOT NULL,
    lead_id uuid NOT NULL,
    kind text COLLATE "C" NOT NULL,
    row_id uuid NOT NULL,
    PRIMARY KEY (tenant_id, lead_id, kind, row_id)
);

DO $$
DECLARE
    name text;
    own text;
BEGIN
    FOREACH name IN ARRAY ARRAY['merged_leads', 'merged_rows']
    LOOP
        own := 'tenant_id = (SELECT CAST(NULLIF(NULLIF(current_setting(''lintel.tenant'', true), ''''), ''all'') AS uuid)) '
            'OR (SELECT coalesce(current_setting(''lintel.tenant'', true), ''all'') = ''all'')';
        EXECUTE format('CREATE POLICY own ON %I USING (%s) WITH CHECK (%s)', name, own, own);
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', name);
    END LOOP;
END $$;
