-- What a home was thought to bring when it came on the market: written once, before its sale, and never changed. What
-- the sale was is added when it is known. `type_key` is the property type in lower case, empty when unknown. An
-- estimate has a value with intervals, or the reason why there is none.
CREATE TABLE frozen_estimates (
    tenant_id uuid NOT NULL,
    listing_id uuid NOT NULL,
    as_of integer NOT NULL,
    market text COLLATE "C" NOT NULL,
    type_key text COLLATE "C" NOT NULL,
    model text NOT NULL,
    value bigint,
    low80 bigint,
    high80 bigint,
    low95 bigint,
    high95 bigint,
    refused text,
    created_at bigint NOT NULL,
    sold_on integer,
    sold_for bigint,
    scored_at bigint,
    PRIMARY KEY (tenant_id, listing_id, as_of)
);
-- A home waits for one sale at a time.
CREATE UNIQUE INDEX frozen_estimates_open ON frozen_estimates (tenant_id, listing_id) WHERE sold_on IS NULL;
CREATE INDEX frozen_estimates_waiting ON frozen_estimates (tenant_id, market, type_key)
    WHERE sold_on IS NULL AND value IS NOT NULL;
CREATE INDEX frozen_estimates_sold ON frozen_estimates (tenant_id, market, sold_on, listing_id) WHERE sold_on IS NOT NULL;

CREATE POLICY own ON frozen_estimates USING (tenant_id =
        (SELECT CAST(NULLIF(NULLIF(current_setting('lintel.tenant', true), ''), 'all') AS uuid))
        OR (SELECT coalesce(current_setting('lintel.tenant', true), 'all') = 'all'));
ALTER TABLE frozen_estimates ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
