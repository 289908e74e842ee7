-- What each lead did, as the follower that scores keeps it: it can be made anew from the interactions at any time.

CREATE TABLE behaviours (
    tenant_id uuid NOT NULL,
    lead_id uuid NOT NULL,
    ledger bytea NOT NULL,
    PRIMARY KEY (tenant_id, lead_id)
);
CREATE POLICY own ON behaviours
    USING (tenant_id = (SELECT CAST(NULLIF(NULLIF(current_setting('lintel.tenant', true), ''), 'all') AS uuid))
        OR (SELECT coalesce(current_setting('lintel.tenant', true), 'all') = 'all'))
    WITH CHECK (tenant_id = (SELECT CAST(NULLIF(NULLIF(current_setting('lintel.tenant', true), ''), 'all') AS uuid))
        OR (SELECT coalesce(current_setting('lintel.tenant', true), 'all') = 'all'));
ALTER TABLE behaviours ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
