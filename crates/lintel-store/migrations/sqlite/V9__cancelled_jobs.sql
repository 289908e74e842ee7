-- Jobs can be cancelled: one that waits ends at once, one that runs is asked to stop. SQLite cannot change the words that a
-- state may be, so the table is made anew.
CREATE TABLE jobs_new (
    id BLOB PRIMARY KEY,
    tenant_id BLOB NOT NULL,
    kind TEXT NOT NULL,
    -- Jobs of one tenant with the same key never run at the same time.
    key TEXT,
    body TEXT NOT NULL,
    -- 0 is the most urgent.
    priority INTEGER NOT NULL CHECK (priority BETWEEN 0 AND 3),
    state TEXT NOT NULL CHECK (state IN ('ready', 'running', 'done', 'dead', 'cancelled')),
    run_at INTEGER NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    max_attempts INTEGER NOT NULL,
    -- While running: until when, and the claim's own id, which every answer about the job has to show.
    lease_until INTEGER,
    fence BLOB,
    result TEXT,
    last_error TEXT,
    caused_by INTEGER,
    depth INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL,
    finished_at INTEGER,
    -- When somebody asked for its end.
    cancel_asked_at INTEGER
) STRICT, WITHOUT ROWID;
INSERT INTO jobs_new (id, tenant_id, kind, key, body, priority, state, run_at, attempts, max_attempts, lease_until, fence,
        result, last_error, caused_by, depth, created_at, finished_at)
    SELECT id, tenant_id, kind, key, body, priority, state, run_at, attempts, max_attempts, lease_until, fence,
        result, last_error, caused_by, depth, created_at, finished_at
    FROM jobs;
DROP TABLE jobs;
ALTER TABLE jobs_new RENAME TO jobs;
CREATE INDEX jobs_due ON jobs (priority, run_at) WHERE state = 'ready';
CREATE INDEX jobs_due_tenant ON jobs (tenant_id, priority, run_at) WHERE state = 'ready';
CREATE INDEX jobs_lease ON jobs (lease_until) WHERE state = 'running';
CREATE INDEX jobs_key ON jobs (tenant_id, key, state) WHERE key IS NOT NULL;
CREATE INDEX jobs_finished ON jobs (state, finished_at) WHERE state IN ('done', 'dead', 'cancelled');
CREATE INDEX jobs_tenant ON jobs (tenant_id, state, id);
CREATE INDEX jobs_counts ON jobs (state, kind);
