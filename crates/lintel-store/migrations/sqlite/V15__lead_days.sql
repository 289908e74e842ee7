-- Daily figures of leads: sums of what each lead adds, and what each has added, so that a change is the difference. They are
-- counted by a follower of the log.

ALTER TABLE leads ADD COLUMN first_contacted_at INTEGER;
ALTER TABLE leads ADD COLUMN first_hot_at INTEGER;
UPDATE leads SET first_contacted_at = (SELECT min(i.at) FROM interactions i WHERE i.tenant_id = leads.tenant_id
        AND i.lead_id = leads.id AND i.kind IN ('message_out', 'call_answered', 'call_missed', 'showing'))
    WHERE contacted_at IS NOT NULL;

CREATE TABLE lead_days (
    tenant_id BLOB NOT NULL,
    -- Since 1970-01-01, in UTC.
    day INTEGER NOT NULL,
    -- Empty or nil of leads without one.
    market TEXT NOT NULL,
    source TEXT NOT NULL,
    agent BLOB NOT NULL,
    measure INTEGER NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, day, market, source, agent, measure)
) STRICT, WITHOUT ROWID;

CREATE TABLE lead_counted (
    tenant_id BLOB NOT NULL,
    lead_id BLOB NOT NULL,
    counted TEXT NOT NULL,
    PRIMARY KEY (tenant_id, lead_id)
) STRICT, WITHOUT ROWID;
