-- Connections to systems of others, what came in from them, and how far each of their objects has come.

CREATE TABLE connections (
    tenant_id BLOB NOT NULL REFERENCES tenants (id),
    id BLOB NOT NULL,
    provider TEXT NOT NULL,
    location_id TEXT NOT NULL,
    name TEXT NOT NULL,
    base_url TEXT,
    -- Sealed with the key of the installation.
    token BLOB,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, id)
) STRICT, WITHOUT ROWID;
-- A location belongs to one tenant.
CREATE UNIQUE INDEX connections_location ON connections (provider, location_id);
CREATE UNIQUE INDEX connections_id ON connections (id);

CREATE TABLE hook_events (
    -- In the order of arrival.
    seq INTEGER PRIMARY KEY,
    tenant_id BLOB NOT NULL,
    source TEXT NOT NULL,
    -- The sender's id, the same for every repetition.
    event_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    -- The sender's id of the person that it is about.
    contact TEXT,
    said_at INTEGER,
    -- As it came; gone after a while, and when the person is erased.
    body BLOB,
    state TEXT NOT NULL CHECK (state IN ('stored', 'applied', 'failed', 'dead')),
    -- Whether it is still to be applied.
    waits INTEGER NOT NULL,
    effects INTEGER NOT NULL DEFAULT 0,
    error TEXT,
    first_seen INTEGER NOT NULL,
    applied_at INTEGER
) STRICT;
CREATE UNIQUE INDEX hook_events_id ON hook_events (tenant_id, source, event_id);
CREATE INDEX hook_events_waiting ON hook_events (tenant_id, seq) WHERE waits;
-- Of those that wait there are few: what is only looked for there needs no index, which would cost each event that comes.
CREATE INDEX hook_events_contact ON hook_events (tenant_id, contact) WHERE NOT waits;
CREATE INDEX hook_events_done ON hook_events (first_seen) WHERE NOT waits;

CREATE TABLE hook_contacts (
    tenant_id BLOB NOT NULL,
    source TEXT NOT NULL,
    contact TEXT NOT NULL,
    -- When that was said which the lead shows.
    said_at INTEGER NOT NULL,
    -- Whether it was taken away there.
    gone INTEGER NOT NULL,
    -- Its tags there, to tell them from those that were put on the lead here.
    tags TEXT NOT NULL,
    PRIMARY KEY (tenant_id, source, contact)
) STRICT, WITHOUT ROWID;
