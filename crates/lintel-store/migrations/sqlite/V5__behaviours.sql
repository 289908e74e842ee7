-- What each lead did, as the follower that scores keeps it: it can be made anew from the interactions at any time.

CREATE TABLE behaviours (
    tenant_id BLOB NOT NULL,
    lead_id BLOB NOT NULL,
    ledger BLOB NOT NULL,
    PRIMARY KEY (tenant_id, lead_id)
) STRICT, WITHOUT ROWID;
