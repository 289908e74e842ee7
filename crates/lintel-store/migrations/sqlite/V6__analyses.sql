-- Analyses are only ever added. `subject` is 'listing:ID' or 'market:SLUG'.
CREATE TABLE analyses (
    tenant_id BLOB NOT NULL,
    id BLOB NOT NULL,
    at INTEGER NOT NULL,
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    asked TEXT NOT NULL,
    fingerprint BLOB NOT NULL,
    result TEXT NOT NULL,
    previous BLOB,
    changes TEXT NOT NULL,
    valid_until INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, id, at)
) STRICT;
CREATE INDEX analyses_latest ON analyses (tenant_id, subject, kind, at, id);
CREATE INDEX analyses_same ON analyses (tenant_id, fingerprint, at, id);
