-- What users are told: the newest of each.

CREATE TABLE notifications (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    user_id uuid NOT NULL,
    id uuid NOT NULL,
    kind text NOT NULL,
    -- With whom it goes.
    lead_id uuid,
    subject_id uuid,
    text text,
    created_at bigint NOT NULL,
    read_at bigint,
    PRIMARY KEY (tenant_id, user_id, id)
);
CREATE INDEX notifications_unread ON notifications (tenant_id, user_id, id) WHERE read_at IS NULL;
CREATE INDEX notifications_of_lead ON notifications (tenant_id, lead_id) WHERE lead_id IS NOT NULL;

CREATE POLICY own ON notifications
    USING (tenant_id = (SELECT CAST(NULLIF(NULLIF(current_setting('lintel.tenant', true), ''), 'all') AS uuid))
        OR (SELECT coalesce(current_setting('lintel.tenant', true), 'all') = 'all'))
    WITH CHECK (tenant_id = (SELECT CAST(NULLIF(NULLIF(current_setting('lintel.tenant', true), ''), 'all') AS uuid))
        OR (SELECT coalesce(current_setting('lintel.tenant', true), 'all') = 'all'));
ALTER TABLE notifications ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
