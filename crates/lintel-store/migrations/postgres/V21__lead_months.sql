-- Changes of the daily figures of leads are counted for each month, so that whoever keeps sums of a month knows when they are others.
CREATE TABLE lead_months (
    tenant_id uuid NOT NULL,
    -- Its first day, since 1970-01-01.
    month bigint NOT NULL,
    changed bigint NOT NULL,
    PRIMARY KEY (tenant_id, month)
);

CREATE POLICY own ON lead_months
    USING (tenant_id = (SELECT CAST(NULLIF(NULLIF(current_setting('lintel.tenant', true), ''), 'all') AS uuid))
        OR (SELECT coalesce(current_setting('lintel.tenant', true), 'all') = 'all'))
    WITH CHECK (tenant_id = (SELECT CAST(NULLIF(NULLIF(current_setting('lintel.tenant', true), ''), 'all') AS uuid))
        OR (SELECT coalesce(current_setting('lintel.tenant', true), 'all') = 'all'));
ALTER TABLE lead_months ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
