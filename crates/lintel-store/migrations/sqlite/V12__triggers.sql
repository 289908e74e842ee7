-- Which behaviour triggers have fired, each once for a lead, a home and a stretch of time. The empty id stands for no home.
CREATE TABLE triggers_fired (
    tenant_id BLOB NOT NULL,
    lead_id BLOB NOT NULL,
    kind TEXT NOT NULL,
    listing_id BLOB NOT NULL,
    stretch INTEGER NOT NULL,
    at INTEGER NOT NULL,
    n INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, lead_id, kind, listing_id, stretch)
) STRICT, WITHOUT ROWID;
CREATE INDEX triggers_fired_by_time ON triggers_fired (tenant_id, lead_id, at, kind, listing_id, n);
