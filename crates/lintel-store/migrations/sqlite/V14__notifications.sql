-- What users are told: the newest of each.

CREATE TABLE notifications (
    tenant_id BLOB NOT NULL REFERENCES tenants (id),
    user_id BLOB NOT NULL,
    id BLOB NOT NULL,
    kind TEXT NOT NULL,
    -- With whom it goes.
    lead_id BLOB,
    subject_id BLOB,
    text TEXT,
    created_at INTEGER NOT NULL,
    read_at INTEGER,
    PRIMARY KEY (tenant_id, user_id, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX notifications_unread ON notifications (tenant_id, user_id, id) WHERE read_at IS NULL;
CREATE INDEX notifications_of_lead ON notifications (tenant_id, lead_id) WHERE lead_id IS NOT NULL;
