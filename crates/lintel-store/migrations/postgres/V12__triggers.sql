-- Which behaviour triggers have fired, each once for a lead, a home and a stretch of time. The empty id stands for no home.
CREATE TABLE triggers_fired (
    tenant_id uuid NOT NULL,
    lead_id uuid NOT NULL,
    kind text COLLATE "C" NOT NULL,
    listing_id uuid NOT NULL,
    stretch bigint NOT NULL,
    at bigint NOT NULL,
    n integer NOT NULL,
    PRIMARY KEY (tenant_id, lead_id, kind, listing_id, stretch)
);
CREATE INDEX triggers_fired_by_time ON triggers_fired (tenant_id, lead_id, at, kind, listing_id, n);

CREATE POLICY own ON triggers_fired USING (tenant_id =
        (SELECT CAST(NULLIF(NULLIF(current_setting('lintel.tenant', true), ''), 'all') AS uuid))
        OR (SELECT coalesce(current_setting('lintel.tenant', true), 'all') = 'all'));
ALTER TABLE triggers_fired ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
