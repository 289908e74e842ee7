-- What users keep of homes for themselves: favourites, and those not to be shown again.

CREATE TABLE listing_marks (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    user_id uuid NOT NULL,
    listing_id uuid NOT NULL,
    mark text NOT NULL,
    at bigint NOT NULL,
    PRIMARY KEY (tenant_id, user_id, listing_id)
);

CREATE POLICY own ON listing_marks
    USING (tenant_id = (SELECT CAST(NULLIF(NULLIF(current_setting('lintel.tenant', true), ''), 'all') AS uuid))
        OR (SELECT coalesce(current_setting('lintel.tenant', true), 'all') = 'all'))
    WITH CHECK (tenant_id = (SELECT CAST(NULLIF(NULLIF(current_setting('lintel.tenant', true), ''), 'all') AS uuid))
        OR (SELECT coalesce(current_setting('lintel.tenant', true), 'all') = 'all'));
ALTER TABLE listing_marks ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
