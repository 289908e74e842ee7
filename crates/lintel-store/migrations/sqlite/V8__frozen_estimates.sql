-- What a home was thought to bring when it came on the market: written once, before its sale, and never changed. What
-- the sale was is added when it is known. `type_key` is the property type in lower case, empty when unknown. An
-- estimate has a value with intervals, or the reason why there is none.
CREATE TABLE frozen_estimates (
    tenant_id BLOB NOT NULL,
    listing_id BLOB NOT NULL,
    as_of INTEGER NOT NULL,
    market TEXT NOT NULL,
    type_key TEXT NOT NULL,
    model TEXT NOT NULL,
    value INTEGER,
    low80 INTEGER,
    high80 INTEGER,
    low95 INTEGER,
    high95 INTEGER,
    refused TEXT,
    created_at INTEGER NOT NULL,
    sold_on INTEGER,
    sold_for INTEGER,
    scored_at INTEGER,
    PRIMARY KEY (tenant_id, listing_id, as_of)
) STRICT, WITHOUT ROWID;
-- A home waits for one sale at a time.
CREATE UNIQUE INDEX frozen_estimates_open ON frozen_estimates (tenant_id, listing_id) WHERE sold_on IS NULL;
CREATE INDEX frozen_estimates_waiting ON frozen_estimates (tenant_id, market, type_key)
    WHERE sold_on IS NULL AND value IS NOT NULL;
CREATE INDEX frozen_estimates_sold ON frozen_estimates (tenant_id, market, sold_on, listing_id) WHERE sold_on IS NOT NULL;
