-- The tables of the trade. Every row belongs to one tenant, and every key begins with it.
-- Times are microseconds UTC, days counted from 1970-01-01, money hundredths. What lists are ordered by has the
-- collation "C", which is SQLite's order.

CREATE TABLE tenants (
    id uuid NOT NULL PRIMARY KEY,
    slug text COLLATE "C" NOT NULL UNIQUE,
    name text NOT NULL,
    erasure_key bytea NOT NULL,
    created_at bigint NOT NULL
);

CREATE TABLE users (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    id uuid NOT NULL,
    email text COLLATE "C" NOT NULL,
    name text,
    password_hash text,
    role text NOT NULL,
    created_at bigint NOT NULL,
    disabled_at bigint,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, email)
);

-- Looked up by the hash of what the browser shows, before the tenant is known.
CREATE TABLE sessions (
    token_hash bytea NOT NULL PRIMARY KEY,
    tenant_id uuid NOT NULL,
    user_id uuid NOT NULL,
    created_at bigint NOT NULL,
    seen_at bigint NOT NULL,
    expires_at bigint NOT NULL,
    FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX sessions_by_user ON sessions (tenant_id, user_id);
CREATE INDEX sessions_by_expiry ON sessions (expires_at);

-- Looked up by the hash of the key, before the tenant is known.
CREATE TABLE api_keys (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    id uuid NOT NULL,
    hash bytea NOT NULL UNIQUE,
    name text NOT NULL,
    role text NOT NULL,
    created_at bigint NOT NULL,
    revoked_at bigint,
    last_used_at bigint,
    PRIMARY KEY (tenant_id, id)
);

CREATE TABLE markets (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    slug text COLLATE "C" NOT NULL,
    name text NOT NULL,
    currency text NOT NULL,
    created_at bigint NOT NULL,
    PRIMARY KEY (tenant_id, slug)
);

-- Listings and sales. `sale_on` is the close day of the record of a sale, and -2147483648 for the listing of a key.
-- `listing_fingerprint` and `sale_fingerprint` are those of the last records of either kind, as they were sent.
-- `created_by` and `changed_by` are the imports that made the row and its last change.
CREATE TABLE listings (
    tenant_id uuid NOT NULL,
    market text COLLATE "C" NOT NULL,
    id uuid NOT NULL,
    listing_key text COLLATE "C" NOT NULL,
    sale_on integer NOT NULL,
    source text NOT NULL,
    status text COLLATE "C" NOT NULL,
    property_type text,
    list_price bigint,
    original_list_price bigint,
    close_price bigint,
    close_on integer,
    listed_at bigint,
    modified_at bigint,
    days_on_market integer,
    bedrooms double precision,
    bathrooms double precision,
    living_area_sqft double precision,
    lot_size_sqft double precision,
    year_built integer,
    stories double precision,
    garage_spaces double precision,
    latitude double precision,
    longitude double precision,
    address_line text,
    city text,
    region text,
    postal_code text,
    remarks text,
    photos jsonb NOT NULL,
    attributes jsonb NOT NULL,
    provenance text NOT NULL,
    listing_fingerprint bytea,
    sale_fingerprint bytea,
    created_by uuid,
    changed_by uuid,
    version bigint NOT NULL,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL,
    -- Not market first: an id is looked up in every part.
    PRIMARY KEY (tenant_id, id, market)
) PARTITION BY LIST (market);
CREATE TABLE listings_default PARTITION OF listings DEFAULT;
CREATE UNIQUE INDEX listings_by_key ON listings (tenant_id, market, listing_key, sale_on);
CREATE INDEX listings_by_status ON listings (tenant_id, market, status, id);

-- Gives a market a part of its own, of its own name where that fits. Markets beyond 500 share the default part:
-- planning a query looks at each part.
CREATE FUNCTION listings_part(slug text) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    part text := 'listings_' || CASE WHEN length(slug) <= 50 THEN slug ELSE left(slug, 33) || '_' || left(md5(slug), 16) END;
BEGIN
    IF to_regclass(quote_ident(part)) IS NOT NULL
        OR (SELECT count(*) FROM pg_inherits WHERE inhparent = 'listings'::regclass) > 500
    THEN
        RETURN false;
    END IF;
    -- Made first and attached then: unlike PARTITION OF, that does not stop readers of the other parts.
    EXECUTE format('CREATE TABLE %I (LIKE listings INCLUDING ALL)', part);
    EXECUTE format('ALTER TABLE listings ATTACH PARTITION %I FOR VALUES IN (%L)', part, slug);
    RETURN true;
END $$;

CREATE TABLE listing_changes (
    tenant_id uuid NOT NULL,
    listing_id uuid NOT NULL,
    version bigint NOT NULL,
    at bigint NOT NULL,
    status_from text,
    status_to text,
    price_changed boolean NOT NULL,
    price_from bigint,
    price_to bigint,
    PRIMARY KEY (tenant_id, listing_id, version)
);

-- `name_key` orders people by name whatever the case; `words` is what free-text search looks into.
CREATE TABLE leads (
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
    PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX leads_by_external_id ON leads (tenant_id, external_id) WHERE external_id IS NOT NULL;
CREATE INDEX leads_by_score ON leads (tenant_id, score, id);
CREATE INDEX leads_by_last_interaction ON leads (tenant_id, last_interaction_at, id);
CREATE INDEX leads_by_created ON leads (tenant_id, created_at, id);
CREATE INDEX leads_by_name ON leads (tenant_id, name_key, id);
CREATE INDEX leads_by_market_score ON leads (tenant_id, market, score, id) WHERE market IS NOT NULL;
CREATE INDEX leads_by_market_last_interaction ON leads (tenant_id, market, last_interaction_at, id) WHERE market IS NOT NULL;
CREATE INDEX leads_by_assignee_score ON leads (tenant_id, assignee, score, id) WHERE assignee IS NOT NULL;
CREATE INDEX leads_by_assignee_last_interaction ON leads (tenant_id, assignee, last_interaction_at, id) WHERE assignee IS NOT NULL;
CREATE INDEX leads_by_outcome ON leads (tenant_id, id) WHERE outcome IS NOT NULL;

-- Who was erased: keyed hashes of id and external id, by which a replay is recognised, and nothing else.
CREATE TABLE erased_leads (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    hash bytea NOT NULL,
    erased_at bigint NOT NULL,
    PRIMARY KEY (tenant_id, hash)
);

-- Append-only: the latest entry per channel counts.
CREATE TABLE consents (
    tenant_id uuid NOT NULL,
    lead_id uuid NOT NULL,
    n integer NOT NULL,
    channel text NOT NULL,
    status text COLLATE "C" NOT NULL,
    source text,
    text text,
    at bigint NOT NULL,
    recorded_at bigint NOT NULL,
    created_by uuid,
    PRIMARY KEY (tenant_id, lead_id, n)
);

CREATE TABLE interactions (
    tenant_id uuid NOT NULL,
    lead_id uuid NOT NULL,
    at bigint NOT NULL,
    id uuid NOT NULL,
    kind text NOT NULL,
    event_id text COLLATE "C" NOT NULL,
    listing_id uuid,
    properties jsonb NOT NULL,
    created_by uuid,
    created_at bigint NOT NULL,
    PRIMARY KEY (tenant_id, lead_id, at, id)
) PARTITION BY RANGE (at);
CREATE TABLE interactions_default PARTITION OF interactions DEFAULT;

-- Which events were taken: beside the interactions, which PostgreSQL keeps in parts by month.
CREATE TABLE interaction_keys (
    tenant_id uuid NOT NULL,
    event_id text COLLATE "C" NOT NULL,
    id uuid NOT NULL,
    PRIMARY KEY (tenant_id, event_id)
);

CREATE TABLE scores (
    tenant_id uuid NOT NULL,
    lead_id uuid NOT NULL,
    at bigint NOT NULL,
    probability double precision NOT NULL,
    base double precision NOT NULL,
    model text NOT NULL,
    PRIMARY KEY (tenant_id, lead_id, at)
) PARTITION BY RANGE (at);
CREATE TABLE scores_default PARTITION OF scores DEFAULT;

-- Makes the parts of interactions and scores for the month that holds `now` and the months after it, as far as they
-- are missing. What is older stays in the default part.
CREATE FUNCTION tables_make_parts(now bigint, months bigint) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    parent text;
    month timestamp;
    part text;
    low bigint;
    high bigint;
    made bigint := 0;
BEGIN
    FOREACH parent IN ARRAY ARRAY['interactions', 'scores'] LOOP
        FOR i IN 0 .. months - 1 LOOP
            month := date_trunc('month', to_timestamp(now / 1000000) AT TIME ZONE 'UTC') + make_interval(months => i::int);
            part := parent || '_' || to_char(month, 'YYYY_MM');
            CONTINUE WHEN to_regclass(part) IS NOT NULL;
            low := extract(epoch FROM month)::bigint * 1000000;
            high := extract(epoch FROM month + interval '1 month')::bigint * 1000000;
            -- Rows of the month may be in the default part already; nobody may add one while they move.
            EXECUTE format('LOCK TABLE %I IN ACCESS EXCLUSIVE MODE', parent || '_default');
            EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING DEFAULTS)', part, parent);
            EXECUTE format('WITH moved AS (DELETE FROM %I WHERE at >= %s AND at < %s RETURNING *) '
                'INSERT INTO %I SELECT * FROM moved', parent || '_default', low, high, part);
            EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (%s) TO (%s)', parent, part, low, high);
            made := made + 1;
        END LOOP;
    END LOOP;
    RETURN made;
END $$;

CREATE TABLE saved_searches (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    id uuid NOT NULL,
    name text NOT NULL,
    lead_id uuid,
    market text COLLATE "C" NOT NULL,
    filters jsonb NOT NULL,
    created_at bigint NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX saved_searches_by_lead ON saved_searches (tenant_id, lead_id, id) WHERE lead_id IS NOT NULL;

CREATE TABLE imports (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    id uuid NOT NULL,
    kind text NOT NULL,
    market text COLLATE "C",
    file_name text NOT NULL,
    file_hash bytea NOT NULL,
    mapping jsonb NOT NULL,
    state text NOT NULL,
    position jsonb,
    rows bigint NOT NULL,
    created bigint NOT NULL,
    updated bigint NOT NULL,
    unchanged bigint NOT NULL,
    rejected bigint NOT NULL,
    failure text,
    started_at bigint NOT NULL,
    finished_at bigint,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX imports_by_file ON imports (tenant_id, file_hash, started_at);

CREATE TABLE import_rejects (
    tenant_id uuid NOT NULL,
    import_id uuid NOT NULL,
    n integer NOT NULL,
    line bigint NOT NULL,
    field text,
    reason text NOT NULL,
    PRIMARY KEY (tenant_id, import_id, n)
);

-- What a row was before an import changed it: what an undo puts back. Rows that an import made say so themselves.
CREATE TABLE import_changes (
    tenant_id uuid NOT NULL,
    import_id uuid NOT NULL,
    row_id uuid NOT NULL,
    before text NOT NULL,
    PRIMARY KEY (tenant_id, import_id, row_id)
);

-- `market` is empty for a model of all markets, so that uniqueness covers it.
CREATE TABLE models (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    id uuid NOT NULL,
    kind text NOT NULL,
    market text COLLATE "C" NOT NULL,
    version text NOT NULL,
    artefact bytea NOT NULL,
    metrics jsonb NOT NULL,
    state text NOT NULL,
    created_at bigint NOT NULL,
    promoted_at bigint,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, kind, market, version)
);
CREATE UNIQUE INDEX models_live ON models (tenant_id, kind, market) WHERE state = 'live';

CREATE TABLE series (
    tenant_id uuid NOT NULL,
    market text COLLATE "C" NOT NULL,
    metric text COLLATE "C" NOT NULL,
    period integer NOT NULL,
    value double precision NOT NULL,
    changed_by uuid,
    PRIMARY KEY (tenant_id, market, metric, period)
);

CREATE TABLE audit (
    tenant_id uuid NOT NULL,
    at bigint NOT NULL,
    id uuid NOT NULL,
    actor text NOT NULL,
    actor_id uuid,
    action text NOT NULL,
    subject text NOT NULL,
    detail jsonb NOT NULL,
    PRIMARY KEY (tenant_id, at, id)
);
