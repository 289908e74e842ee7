-- Experiments: who was to see which variant, and when it was first shown.

CREATE TABLE experiments (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    id uuid NOT NULL,
    name text NOT NULL,
    -- [[name, weight], …]; the first is the control.
    variants jsonb NOT NULL,
    created_at bigint NOT NULL,
    ended_at bigint,
    PRIMARY KEY (tenant_id, id)
);

CREATE TABLE exposures (
    tenant_id uuid NOT NULL,
    experiment_id uuid NOT NULL,
    lead_id uuid NOT NULL,
    variant bigint NOT NULL,
    at bigint NOT NULL,
    PRIMARY KEY (tenant_id, experiment_id, lead_id)
);
CREATE INDEX exposures_by_lead ON exposures (tenant_id, lead_id);

DO $$
DECLARE
    name text;
    own text;
BEGIN
    FOREACH name IN ARRAY ARRAY['experiments', 'exposures']
    LOOP
        own := 'tenant_id = (SELECT CAST(NULLIF(NULLIF(current_setting(''lintel.tenant'', true), ''''), ''all'') AS uuid)) '
            'OR (SELECT coalesce(current_setting(''lintel.tenant'', true), ''all'') = ''all'')';
        EXECUTE format('CREATE POLICY own ON %I USING (%s) WITH CHECK (%s)', name, own, own);
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', name);
    END LOOP;
END $$;
