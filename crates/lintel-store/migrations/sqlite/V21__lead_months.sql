-- Changes of the daily figures of leads are counted for each month, so that whoever keeps sums of a month knows when they are others.
CREATE TABLE lead_months (
    tenant_id BLOB NOT NULL,
    -- Its first day, since 1970-01-01.
    month INTEGER NOT NULL,
    changed INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, month)
) WITHOUT ROWID;
