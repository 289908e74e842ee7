-- Connections to systems of others, what came in from them, and how far each of their objects has come.

CREATE TABLE connections (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    id uuid NOT NULL,
    provider text COLLATE "C" NOT NULL,
    location_id text COLLATE "C" NOT NULL,
    name text COLLATE "C" NOT NULL,
    base_url text,
    -- Sealed with the key of the installation.
    token bytea,
    created_at bigint NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
-- A location belongs to one tenant.
CREATE UNIQUE INDEX connections_location ON connections (provider, location_id);
CREATE UNIQUE INDEX connections_id ON connections (id);

CREATE TABLE hook_events (
    -- In the order of arrival.
    seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant_id uuid NOT NULL,
    source text COLLATE "C" NOT NULL,
    -- The sender's id, the same for every repetition.
    event_id text COLLATE "C" NOT NULL,
    kind text COLLATE "C" NOT NULL,
    -- The sender's id of the person that it is about.
    contact text COLLATE "C",
    said_at bigint,
    -- As it came; gone after a while, and when the person is erased.
    body bytea,
    state text COLLATE "C" NOT NULL CHECK (state IN ('stored', 'applied', 'failed', 'dead')),
    -- Whether it is still to be applied.
    waits boolean NOT NULL,
    effects integer NOT NULL DEFAULT 0,
    error text,
    first_seen bigint NOT NULL,
    applied_at bigint
);
CREATE UNIQUE INDEX hook_events_id ON hook_events (tenant_id, source, event_id);
CREATE INDEX hook_events_waiting ON hook_events (tenant_id, seq) WHERE waits;
-- Of those that wait there are few: what is only looked for there needs no index, which would cost each event that comes.
CREATE INDEX hook_events_contact ON hook_events (tenant_id, contact) WHERE NOT waits;
CREATE INDEX hook_events_done ON hook_events (first_seen) WHERE NOT waits;

CREATE TABLE hook_contacts (
    tenant_id uuid NOT NULL,
    source text COLLATE "C" NOT NULL,
    contact text COLLATE "C" NOT NULL,
    -- When that was said which the lead shows.
    said_at bigint NOT NULL,
    -- Whether it was taken away there.
    gone boolean NOT NULL,
    -- Its tags there, to tell them from those that were put on the lead here.
    tags jsonb NOT NULL,
    PRIMARY KEY (tenant_id, source, contact)
);

CREATE POLICY own ON connections
    USING (tenant_id = (SELECT CAST(NULLIF(NULLIF(current_setting('lintel.tenant', true), ''), 'all') AS uuid))
        OR (SELECT coalesce(current_setting('lintel.tenant', true), 'all') = 'all'))
    WITH CHECK (tenant_id = (SELECT CAST(NULLIF(NULLIF(current_setting('lintel.tenant', true), ''), 'all') AS uuid))
        OR (SELECT coalesce(current_setting('lintel.tenant', true), 'all') = 'all'));
ALTER TABLE connections ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

CREATE POLICY own ON hook_events
    USING (tenant_id = (SELECT CAST(NULLIF(NULLIF(current_setting('lintel.tenant', true), ''), 'all') AS uuid))
        OR (SELECT coalesce(current_setting('lintel.tenant', true), 'all') = 'all'))
    WITH CHECK (tenant_id = (SELECT CAST(NULLIF(NULLIF(current_setting('lintel.tenant', true), ''), 'all') AS uuid))
        OR (SELECT coalesce(current_setting('lintel.tenant', true), 'all') = 'all'));
ALTER TABLE hook_events ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

CREATE POLICY own ON hook_contacts
    USING (tenant_id = (SELECT CAST(NULLIF(NULLIF(current_setting('lintel.tenant', true), ''), 'all') AS uuid))
        OR (SELECT coalesce(current_setting('lintel.tenant', true), 'all') = 'all'))
    WITH CHECK (tenant_id = (SELECT CAST(NULLIF(NULLIF(current_setting('lintel.tenant', true), ''), 'all') AS uuid))
        OR (SELECT coalesce(current_setting('lintel.tenant', true), 'all') = 'all'));
ALTER TABLE hook_contacts ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
