-- Analyses are only ever added, in parts by month. `subject` is 'listing:ID' or 'market:SLUG'.
CREATE TABLE analyses (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    at bigint NOT NULL,
    kind text COLLATE "C" NOT NULL,
    subject text COLLATE "C" NOT NULL,
    asked jsonb NOT NULL,
    fingerprint bytea NOT NULL,
    result jsonb NOT NULL,
    previous uuid,
    changes jsonb NOT NULL,
    valid_until bigint NOT NULL,
    PRIMARY KEY (tenant_id, id, at)
) PARTITION BY RANGE (at);
CREATE TABLE analyses_default PARTITION OF analyses DEFAULT;
CREATE INDEX analyses_latest ON analyses (tenant_id, subject, kind, at, id);
CREATE INDEX analyses_same ON analyses (tenant_id, fingerprint, at, id);

CREATE POLICY own ON analyses USING (tenant_id =
        (SELECT CAST(NULLIF(NULLIF(current_setting('lintel.tenant', true), ''), 'all') AS uuid))
        OR (SELECT coalesce(current_setting('lintel.tenant', true), 'all') = 'all'));
ALTER TABLE analyses ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

-- As before, with the analyses.
CREATE OR REPLACE FUNCTION tables_make_parts(now bigint, months bigint) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    parent text;
    month timestamp;
    part text;
    low bigint;
    high bigint;
    made bigint := 0;
BEGIN
    FOREACH parent IN ARRAY ARRAY['interactions', 'scores', 'analyses'] LOOP
        FOR i IN 0 .. months - 1 LOOP
            month := date_trunc('month', to_timestamp(now / 1000000) AT TIME ZONE 'UTC') + make_interval(months => i::int);
            part := parent || '_' || to_char(month, 'YYYY_MM');
            CONTINUE WHEN to_regclass(part) IS NOT NULL;
            low := extract(epoch FROM month)::bigint * 1000000;
            high := extract(epoch FROM month + interval '1 month')::bigint * 1000000;
            -- Rows of the month may be in the default part already; nobody may add one while they move.
            EXECUTE format('LOCK TABLE %I IN ACCESS EXCLUSIVE MODE', parent || '_default');
            EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING DEFAULTS)', part, parent);
            EXECUTE format('WITH moved AS (DELETE FROM %I WHERE at >= %s AND at < %s RETURNING *) '
                'INSERT INTO %I SELECT * FROM moved', parent || '_default', low, high, part);
            EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (%s) TO (%s)', parent, part, low, high);
            made := made + 1;
        END LOOP;
    END LOOP;
    RETURN made;
END $$;
