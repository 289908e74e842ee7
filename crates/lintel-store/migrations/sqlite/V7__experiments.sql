-- Experiments: who was to see which variant, and when it was first shown.

CREATE TABLE experiments (
    tenant_id BLOB NOT NULL REFERENCES tenants (id),
    id BLOB NOT NULL,
    name TEXT NOT NULL,
    -- [[name, weight], …]; the first is the control.
    variants TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    ended_at INTEGER,
    PRIMARY KEY (tenant_id, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE exposures (
    tenant_id BLOB NOT NULL,
    experiment_id BLOB NOT NULL,
    lead_id BLOB NOT NULL,
    variant INTEGER NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, experiment_id, lead_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX exposures_by_lead ON exposures (tenant_id, lead_id);
