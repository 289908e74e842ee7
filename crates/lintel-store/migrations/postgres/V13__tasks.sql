-- Tasks with leads; the earliest open one stands with its lead. Leads can be put off until a time.

CREATE TABLE tasks (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    id uuid NOT NULL,
    lead_id uuid NOT NULL,
    title text NOT NULL,
    -- When it is due; the greatest number when at no certain time, so that it comes last.
    due_key bigint NOT NULL,
    assignee uuid,
    done_at bigint,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX tasks_open ON tasks (tenant_id, due_key, id) WHERE done_at IS NULL;
CREATE INDEX tasks_open_of_agent ON tasks (tenant_id, assignee, due_key, id) WHERE done_at IS NULL;
CREATE INDEX tasks_done ON tasks (tenant_id, done_at, id) WHERE done_at IS NOT NULL;
CREATE INDEX tasks_done_of_agent ON tasks (tenant_id, assignee, done_at, id) WHERE done_at IS NOT NULL;
CREATE INDEX tasks_of_lead ON tasks (tenant_id, lead_id, due_key, id);

ALTER TABLE leads ADD COLUMN task_due_at bigint;
ALTER TABLE leads ADD COLUMN snoozed_until bigint;

CREATE POLICY own ON tasks
    USING (tenant_id = (SELECT CAST(NULLIF(NULLIF(current_setting('lintel.tenant', true), ''), 'all') AS uuid))
        OR (SELECT coalesce(current_setting('lintel.tenant', true), 'all') = 'all'))
    WITH CHECK (tenant_id = (SELECT CAST(NULLIF(NULLIF(current_setting('lintel.tenant', true), ''), 'all') AS uuid))
        OR (SELECT coalesce(current_setting('lintel.tenant', true), 'all') = 'all'));
ALTER TABLE tasks ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
