-- The spine: the log of events, its followers, the job queue, the answers to repeated requests.
-- Times are microseconds since 1970 UTC, ids are 16 bytes, documents are JSON text.

CREATE TABLE log_state (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    -- Added to a transaction's number; always 0 here, see the PostgreSQL side.
    txid_offset INTEGER NOT NULL DEFAULT 0,
    -- The last event that has been removed.
    floor_txid INTEGER NOT NULL DEFAULT 0,
    floor_id INTEGER NOT NULL DEFAULT 0,
    -- Writes that only asked whether the disk takes writes.
    probes INTEGER NOT NULL DEFAULT 0
) STRICT;
INSERT INTO log_state (id) VALUES (1);

CREATE TABLE events (
    -- AUTOINCREMENT: a number is never used twice, even when every event has been removed.
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    txid INTEGER NOT NULL DEFAULT 0,
    tenant_id BLOB NOT NULL,
    kind TEXT NOT NULL,
    market TEXT,
    body TEXT NOT NULL,
    caused_by INTEGER,
    depth INTEGER NOT NULL DEFAULT 0,
    at INTEGER NOT NULL
) STRICT;
CREATE INDEX events_tenant ON events (tenant_id, txid, id);
CREATE INDEX events_at ON events (at);

CREATE TABLE followers (
    name TEXT PRIMARY KEY,
    txid INTEGER NOT NULL DEFAULT 0,
    id INTEGER NOT NULL DEFAULT 0,
    moved_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE jobs (
    id BLOB PRIMARY KEY,
    tenant_id BLOB NOT NULL,
    kind TEXT NOT NULL,
    -- Jobs of one tenant with the same key never run at the same time.
    key TEXT,
    body TEXT NOT NULL,
    -- 0 is the most urgent.
    priority INTEGER NOT NULL CHECK (priority BETWEEN 0 AND 3),
    state TEXT NOT NULL CHECK (state IN ('ready', 'running', 'done', 'dead')),
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
    finished_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX jobs_due ON jobs (priority, run_at) WHERE state = 'ready';
CREATE INDEX jobs_due_tenant ON jobs (tenant_id, priority, run_at) WHERE state = 'ready';
CREATE INDEX jobs_lease ON jobs (lease_until) WHERE state = 'running';
CREATE INDEX jobs_key ON jobs (tenant_id, key, state) WHERE key IS NOT NULL;
CREATE INDEX jobs_finished ON jobs (state, finished_at) WHERE state IN ('done', 'dead');
CREATE INDEX jobs_tenant ON jobs (tenant_id, state, id);
CREATE INDEX jobs_counts ON jobs (state, kind);

CREATE TABLE idempotency_keys (
    tenant_id BLOB NOT NULL,
    method TEXT NOT NULL,
    path TEXT NOT NULL,
    key TEXT NOT NULL,
    request_hash BLOB NOT NULL,
    -- The id of the request that is running or has answered.
    fence BLOB NOT NULL,
    lease_until INTEGER NOT NULL,
    -- The answer; without a status it is still to come.
    status INTEGER,
    headers TEXT,
    body BLOB,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, method, path, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX idempotency_keys_expires ON idempotency_keys (expires_at);
