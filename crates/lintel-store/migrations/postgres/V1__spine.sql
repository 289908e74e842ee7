-- The spine: the log of events, its followers, the job queue, the answers to repeated requests.
-- Times are microseconds since 1970 UTC.

CREATE TABLE log_state (
    id bigint PRIMARY KEY CHECK (id = 1),
    -- Added to a transaction's number. Numbers begin anew in a cluster that a dump is restored into; without an offset
    -- new events would then be ordered before old ones.
    txid_offset bigint NOT NULL DEFAULT 0,
    -- The last event that has been removed.
    floor_txid bigint NOT NULL DEFAULT 0,
    floor_id bigint NOT NULL DEFAULT 0,
    -- Writes that only asked whether the disk takes writes.
    probes bigint NOT NULL DEFAULT 0
);
INSERT INTO log_state (id) VALUES (1);

CREATE SEQUENCE events_id AS bigint;

-- One partition per month of `at`; the default one takes what no month was made for.
CREATE TABLE events (
    id bigint NOT NULL DEFAULT nextval('events_id'),
    txid bigint NOT NULL DEFAULT 0,
    tenant_id uuid NOT NULL,
    kind text NOT NULL,
    market text,
    body jsonb NOT NULL,
    caused_by bigint,
    depth bigint NOT NULL DEFAULT 0,
    at bigint NOT NULL,
    PRIMARY KEY (id, at)
) PARTITION BY RANGE (at);
CREATE INDEX events_cursor ON events (txid, id);
CREATE INDEX events_tenant ON events (tenant_id, txid, id);
CREATE INDEX events_at ON events (at);
CREATE TABLE events_default PARTITION OF events DEFAULT;

-- Makes the partitions of the month that holds `now` and of the months after it, as far as they are missing.
CREATE FUNCTION events_make_partitions(now bigint, months bigint) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    first timestamp := date_trunc('month', to_timestamp(now / 1000000) AT TIME ZONE 'UTC');
    month timestamp;
    part text;
    low bigint;
    high bigint;
    made bigint := 0;
BEGIN
    FOR i IN 0 .. months - 1 LOOP
        month := first + make_interval(months => i::int);
        part := 'events_' || to_char(month, 'YYYY_MM');
        CONTINUE WHEN to_regclass(part) IS NOT NULL;
        low := extract(epoch FROM month)::bigint * 1000000;
        high := extract(epoch FROM month + interval '1 month')::bigint * 1000000;
        -- Events of the month may be in the default partition already; nobody may add one while they move.
        LOCK TABLE events_default IN ACCESS EXCLUSIVE MODE;
        EXECUTE format('CREATE TABLE %I (LIKE events INCLUDING DEFAULTS)', part);
        EXECUTE format('WITH moved AS (DELETE FROM events_default WHERE at >= %s AND at < %s RETURNING *) '
            'INSERT INTO %I SELECT * FROM moved', low, high, part);
        EXECUTE format('ALTER TABLE events ATTACH PARTITION %I FOR VALUES FROM (%s) TO (%s)', part, low, high);
        made := made + 1;
    END LOOP;
    RETURN made;
END $$;

-- Removes the months that ended before `before`, and remembers the last event that went with them.
CREATE FUNCTION events_drop_partitions(before bigint) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    part text;
    gone bigint := 0;
    removed bigint;
    newest record;
BEGIN
    FOR part IN
        SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
        WHERE i.inhparent = to_regclass('events') AND c.relname ~ '^events_[0-9]{4}_[0-9]{2}$'
            AND extract(epoch FROM to_date(right(c.relname, 7), 'YYYY_MM') + interval '1 month')::bigint * 1000000 <= before
        ORDER BY c.relname
    LOOP
        EXECUTE format('SELECT txid, id FROM %I ORDER BY txid DESC, id DESC LIMIT 1', part) INTO newest;
        IF newest.id IS NOT NULL THEN
            UPDATE log_state SET floor_txid = newest.txid, floor_id = newest.id
            WHERE id = 1 AND (floor_txid, floor_id) < (newest.txid, newest.id);
        END IF;
        EXECUTE format('SELECT count(*) FROM %I', part) INTO removed;
        EXECUTE format('DROP TABLE %I', part);
        gone := gone + removed;
    END LOOP;
    RETURN gone;
END $$;

CREATE TABLE followers (
    name text PRIMARY KEY,
    txid bigint NOT NULL DEFAULT 0,
    id bigint NOT NULL DEFAULT 0,
    moved_at bigint NOT NULL
);

CREATE TABLE jobs (
    id uuid PRIMARY KEY,
    tenant_id uuid NOT NULL,
    kind text NOT NULL,
    -- Jobs of one tenant with the same key never run at the same time.
    key text,
    body jsonb NOT NULL,
    -- 0 is the most urgent.
    priority bigint NOT NULL CHECK (priority BETWEEN 0 AND 3),
    state text NOT NULL CHECK (state IN ('ready', 'running', 'done', 'dead')),
    run_at bigint NOT NULL,
    attempts bigint NOT NULL DEFAULT 0,
    max_attempts bigint NOT NULL,
    -- While running: until when, and the claim's own id, which every answer about the job has to show.
    lease_until bigint,
    fence uuid,
    result jsonb,
    last_error text,
    caused_by bigint,
    depth bigint NOT NULL DEFAULT 0,
    created_at bigint NOT NULL,
    finished_at bigint
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000);
CREATE INDEX jobs_due ON jobs (priority, run_at) WHERE state = 'ready';
CREATE INDEX jobs_due_tenant ON jobs (tenant_id, priority, run_at) WHERE state = 'ready';
CREATE INDEX jobs_lease ON jobs (lease_until) WHERE state = 'running';
CREATE INDEX jobs_key ON jobs (tenant_id, key, state) WHERE key IS NOT NULL;
CREATE INDEX jobs_finished ON jobs (state, finished_at) WHERE state IN ('done', 'dead');
CREATE INDEX jobs_tenant ON jobs (tenant_id, state, id);
CREATE INDEX jobs_counts ON jobs (state, kind);

CREATE TABLE idempotency_keys (
    tenant_id uuid NOT NULL,
    method text NOT NULL,
    path text NOT NULL,
    key text NOT NULL,
    request_hash bytea NOT NULL,
    -- The id of the request that is running or has answered.
    fence uuid NOT NULL,
    lease_until bigint NOT NULL,
    -- The answer; without a status it is still to come.
    status bigint,
    headers jsonb,
    body bytea,
    expires_at bigint NOT NULL,
    PRIMARY KEY (tenant_id, method, path, key)
);
CREATE INDEX idempotency_keys_expires ON idempotency_keys (expires_at);
