-- Daily figures of leads: sums of what each lead adds, and what each has added, so that a change is the difference. They are
-- counted by a follower of the log.

ALTER TABLE leads ADD COLUMN first_contacted_at bigint;
ALTER TABLE leads ADD COLUMN first_hot_at bigint;
UPDATE leads SET first_contacted_at = (SELECT min(i.at) FROM interactions i WHERE i.tenant_id = leads.tenant_id
        AND i.lead_id = leads.id AND i.kind IN ('message_out', 'call_answered', 'call_missed', 'showing'))
    WHERE contacted_at IS NOT NULL;

CREATE TABLE lead_days (
    tenant_id uuid NOT NULL,
    -- Since 1970-01-01, in UTC.
    day bigint NOT NULL,
    -- Empty or nil of leads without one.
    market text COLLATE "C" NOT NULL,
    source text COLLATE "C" NOT NULL,
    agent uuid NOT NULL,
    measure bigint NOT NULL,
    count bigint NOT NULL,
    PRIMARY KEY (tenant_id, day, market, source, agent, measure)
);

CREATE TABLE lead_counted (
    tenant_id uuid NOT NULL,
    lead_id uuid NOT NULL,
    counted jsonb NOT NULL,
    PRIMARY KEY (tenant_id, lead_id)
);

DO $$
DECLARE
    name text;
    own text;
BEGIN
    FOREACH name IN ARRAY ARRAY['lead_days', 'lead_counted']
    LOOP
        own := 'tenant_id = (SELECT CAST(NULLIF(NULLIF(current_setting(''lintel.tenant'', true), ''''), ''all'') AS uuid)) '
            'OR (SELECT coalesce(current_setting(''lintel.tenant'', true), ''all'') = ''all'')';
        EXECUTE format('CREATE POLICY own ON %I USING (%s) WITH CHECK (%s)', name, own, own);
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', name);
    END LOOP;
END $$;
