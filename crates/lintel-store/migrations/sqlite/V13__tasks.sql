-- Tasks with leads; the earliest open one stands with its lead. Leads can be put off until a time.

CREATE TABLE tasks (
    tenant_id BLOB NOT NULL REFERENCES tenants (id),
    id BLOB NOT NULL,
    lead_id BLOB NOT NULL,
    title TEXT NOT NULL,
    -- When it is due; the greatest number when at no certain time, so that it comes last.
    due_key INTEGER NOT NULL,
    assignee BLOB,
    done_at INTEGER,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX tasks_open ON tasks (tenant_id, due_key, id) WHERE done_at IS NULL;
CREATE INDEX tasks_open_of_agent ON tasks (tenant_id, assignee, due_key, id) WHERE done_at IS NULL;
CREATE INDEX tasks_done ON tasks (tenant_id, done_at, id) WHERE done_at IS NOT NULL;
CREATE INDEX tasks_done_of_agent ON tasks (tenant_id, assignee, done_at, id) WHERE done_at IS NOT NULL;
CREATE INDEX tasks_of_lead ON tasks (tenant_id, lead_id, due_key, id);

ALTER TABLE leads ADD COLUMN task_due_at INTEGER;
ALTER TABLE leads ADD COLUMN snoozed_until INTEGER;
