-- The tables of the trade. Every row belongs to one tenant, and every key begins with it.
-- Ids are 16 bytes, times microseconds UTC, days counted from 1970-01-01, money hundredths, documents JSON text.
-- WITHOUT ROWID where rows are small or are read in the order of their key.

CREATE TABLE tenants (
    id BLOB NOT NULL PRIMARY KEY,
    slug TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    erasure_key BLOB NOT NULL,
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE users (
    tenant_id BLOB NOT NULL REFERENCES tenants (id),
    id BLOB NOT NULL,
    email TEXT NOT NULL,
    name TEXT,
    password_hash TEXT,
    role TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    disabled_at INTEGER,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, email)
) STRICT, WITHOUT ROWID;

-- Looked up by the hash of what the browser shows, before the tenant is known.
CREATE TABLE sessions (
    token_hash BLOB NOT NULL PRIMARY KEY,
    tenant_id BLOB NOT NULL,
    user_id BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    seen_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX sessions_by_user ON sessions (tenant_id, user_id);
CREATE INDEX sessions_by_expiry ON sessions (expires_at);

-- Looked up by the hash of the key, before the tenant is known.
CREATE TABLE api_keys (
    tenant_id BLOB NOT NULL REFERENCES tenants (id),
    id BLOB NOT NULL,
    hash BLOB NOT NULL UNIQUE,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    revoked_at INTEGER,
    last_used_at INTEGER,
    PRIMARY KEY (tenant_id, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE markets (
    tenant_id BLOB NOT NULL REFERENCES tenants (id),
    slug TEXT NOT NULL,
    name TEXT NOT NULL,
    currency TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, slug)
) STRICT, WITHOUT ROWID;

-- Listings and sales. `sale_on` is the close day of the record of a sale, and -2147483648 for the listing of a key.
-- `listing_fingerprint` and `sale_fingerprint` are those of the last records of either kind, as they were sent.
-- `created_by` and `changed_by` are the imports that made the row and its last change.
CREATE TABLE listings (
    tenant_id BLOB NOT NULL,
    market TEXT NOT NULL,
    id BLOB NOT NULL,
    listing_key TEXT NOT NULL,
    sale_on INTEGER NOT NULL,
    source TEXT NOT NULL,
    status TEXT NOT NULL,
    property_type TEXT,
    list_price INTEGER,
    original_list_price INTEGER,
    close_price INTEGER,
    close_on INTEGER,
    listed_at INTEGER,
    modified_at INTEGER,
    days_on_market INTEGER,
    bedrooms REAL,
    bathrooms REAL,
    living_area_sqft REAL,
    lot_size_sqft REAL,
    year_built INTEGER,
    stories REAL,
    garage_spaces REAL,
    latitude REAL,
    longitude REAL,
    address_line TEXT,
    city TEXT,
    region TEXT,
    postal_code TEXT,
    remarks TEXT,
    photos TEXT NOT NULL,
    attributes TEXT NOT NULL,
    provenance TEXT NOT NULL,
    listing_fingerprint BLOB,
    sale_fingerprint BLOB,
    created_by BLOB,
    changed_by BLOB,
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, id)
) STRICT;
CREATE UNIQUE INDEX listings_by_key ON listings (tenant_id, market, listing_key, sale_on);
CREATE INDEX listings_by_market ON listings (tenant_id, market, id);
CREATE INDEX listings_by_status ON listings (tenant_id, market, status, id);

CREATE TABLE listing_changes (
    tenant_id BLOB NOT NULL,
    listing_id BLOB NOT NULL,
    version INTEGER NOT NULL,
    at INTEGER NOT NULL,
    status_from TEXT,
    status_to TEXT,
    price_changed INTEGER NOT NULL,
    price_from INTEGER,
    price_to INTEGER,
    PRIMARY KEY (tenant_id, listing_id, version)
) STRICT, WITHOUT ROWID;

-- `name_key` orders people by name whatever the case; `words` is what free-text search looks into.
CREATE TABLE leads (
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
    PRIMARY KEY (tenant_id, id)
) STRICT;
CREATE UNIQUE INDEX leads_by_external_id ON leads (tenant_id, external_id) WHERE external_id IS NOT NULL;
-- What lists are filtered by stands behind the order: a list of few among many is found without fetching the many.
CREATE INDEX leads_by_score ON leads (tenant_id, score, id, market, stage, source, outcome, tags, words);
-- For percentiles.
CREATE INDEX leads_scores ON leads (tenant_id, score, id) WHERE score IS NOT NULL;
CREATE INDEX leads_by_last_interaction ON leads (tenant_id, last_interaction_at, id, market, stage, source, outcome, tags, words);
CREATE INDEX leads_by_created ON leads (tenant_id, created_at, id, market, stage, source, outcome, tags, words);
CREATE INDEX leads_by_name ON leads (tenant_id, name_key, id, market, stage, source, outcome, tags, words);
CREATE INDEX leads_by_market_score ON leads (tenant_id, market, score, id) WHERE market IS NOT NULL;
CREATE INDEX leads_by_market_last_interaction ON leads (tenant_id, market, last_interaction_at, id) WHERE market IS NOT NULL;
CREATE INDEX leads_by_assignee_score ON leads (tenant_id, assignee, score, id) WHERE assignee IS NOT NULL;
CREATE INDEX leads_by_assignee_last_interaction ON leads (tenant_id, assignee, last_interaction_at, id) WHERE assignee IS NOT NULL;
CREATE INDEX leads_by_outcome ON leads (tenant_id, id) WHERE outcome IS NOT NULL;

-- Who was erased: keyed hashes of id and external id, by which a replay is recognised, and nothing else.
CREATE TABLE erased_leads (
    tenant_id BLOB NOT NULL REFERENCES tenants (id),
    hash BLOB NOT NULL,
    erased_at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, hash)
) STRICT, WITHOUT ROWID;

-- Append-only: the latest entry per channel counts.
CREATE TABLE consents (
    tenant_id BLOB NOT NULL,
    lead_id BLOB NOT NULL,
    n INTEGER NOT NULL,
    channel TEXT NOT NULL,
    status TEXT NOT NULL,
    source TEXT,
    text TEXT,
    at INTEGER NOT NULL,
    recorded_at INTEGER NOT NULL,
    created_by BLOB,
    PRIMARY KEY (tenant_id, lead_id, n)
) STRICT, WITHOUT ROWID;

CREATE TABLE interactions (
    tenant_id BLOB NOT NULL,
    lead_id BLOB NOT NULL,
    at INTEGER NOT NULL,
    id BLOB NOT NULL,
    kind TEXT NOT NULL,
    event_id TEXT NOT NULL,
    listing_id BLOB,
    properties TEXT NOT NULL,
    created_by BLOB,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, lead_id, at, id)
) STRICT, WITHOUT ROWID;

-- Which events were taken: beside the interactions, which PostgreSQL keeps in parts by month.
CREATE TABLE interaction_keys (
    tenant_id BLOB NOT NULL,
    event_id TEXT NOT NULL,
    id BLOB NOT NULL,
    PRIMARY KEY (tenant_id, event_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE scores (
    tenant_id BLOB NOT NULL,
    lead_id BLOB NOT NULL,
    at INTEGER NOT NULL,
    probability REAL NOT NULL,
    base REAL NOT NULL,
    model TEXT NOT NULL,
    PRIMARY KEY (tenant_id, lead_id, at)
) STRICT, WITHOUT ROWID;

CREATE TABLE saved_searches (
    tenant_id BLOB NOT NULL REFERENCES tenants (id),
    id BLOB NOT NULL,
    name TEXT NOT NULL,
    lead_id BLOB,
    market TEXT NOT NULL,
    filters TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX saved_searches_by_lead ON saved_searches (tenant_id, lead_id, id) WHERE lead_id IS NOT NULL;

CREATE TABLE imports (
    tenant_id BLOB NOT NULL REFERENCES tenants (id),
    id BLOB NOT NULL,
    kind TEXT NOT NULL,
    market TEXT,
    file_name TEXT NOT NULL,
    file_hash BLOB NOT NULL,
    mapping TEXT NOT NULL,
    state TEXT NOT NULL,
    position TEXT,
    rows INTEGER NOT NULL,
    created INTEGER NOT NULL,
    updated INTEGER NOT NULL,
    unchanged INTEGER NOT NULL,
    rejected INTEGER NOT NULL,
    failure TEXT,
    started_at INTEGER NOT NULL,
    finished_at INTEGER,
    PRIMARY KEY (tenant_id, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX imports_by_file ON imports (tenant_id, file_hash, started_at);

CREATE TABLE import_rejects (
    tenant_id BLOB NOT NULL,
    import_id BLOB NOT NULL,
    n INTEGER NOT NULL,
    line INTEGER NOT NULL,
    field TEXT,
    reason TEXT NOT NULL,
    PRIMARY KEY (tenant_id, import_id, n)
) STRICT, WITHOUT ROWID;

-- What a row was before an import changed it: what an undo puts back. Rows that an import made say so themselves.
CREATE TABLE import_changes (
    tenant_id BLOB NOT NULL,
    import_id BLOB NOT NULL,
    row_id BLOB NOT NULL,
    before TEXT NOT NULL,
    PRIMARY KEY (tenant_id, import_id, row_id)
) STRICT, WITHOUT ROWID;

-- `market` is empty for a model of all markets, so that uniqueness covers it.
CREATE TABLE models (
    tenant_id BLOB NOT NULL REFERENCES tenants (id),
    id BLOB NOT NULL,
    kind TEXT NOT NULL,
    market TEXT NOT NULL,
    version TEXT NOT NULL,
    artefact BLOB NOT NULL,
    metrics TEXT NOT NULL,
    state TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    promoted_at INTEGER,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, kind, market, version)
) STRICT;
CREATE UNIQUE INDEX models_live ON models (tenant_id, kind, market) WHERE state = 'live';

CREATE TABLE series (
    tenant_id BLOB NOT NULL,
    market TEXT NOT NULL,
    metric TEXT NOT NULL,
    period INTEGER NOT NULL,
    value REAL NOT NULL,
    changed_by BLOB,
    PRIMARY KEY (tenant_id, market, metric, period)
) STRICT, WITHOUT ROWID;

CREATE TABLE audit (
    tenant_id BLOB NOT NULL,
    at INTEGER NOT NULL,
    id BLOB NOT NULL,
    actor TEXT NOT NULL,
    actor_id BLOB,
    action TEXT NOT NULL,
    subject TEXT NOT NULL,
    detail TEXT NOT NULL,
    PRIMARY KEY (tenant_id, at, id)
) STRICT, WITHOUT ROWID;
