-- The second wall between tenants: a statement sees the rows of the tenant that the session's setting `lintel.tenant`
-- names, those of all tenants when it is 'all', and none when it is empty. The program sets it before every statement.
-- A session that never speaks of it sees all: tools for backups, people, and the program as it was before.
-- FORCE, because the program owns the tables and owners are exempt otherwise; superusers always are.
--
-- The setting is read in sub-selects, once per statement and not once per row. Policies of a partitioned table hold for
-- whatever is asked of the table; its parts are never asked by themselves.
DO $$
DECLARE
    name text;
    key text;
    own text;
BEGIN
    FOREACH name IN ARRAY ARRAY['events', 'jobs', 'idempotency_keys', 'tenants', 'users', 'sessions', 'api_keys', 'markets',
        'listings', 'listing_changes', 'leads', 'erased_leads', 'consents', 'interactions', 'interaction_keys', 'scores',
        'saved_searches', 'imports', 'import_rejects', 'import_changes', 'models', 'series', 'audit']
    LOOP
        key := CASE name WHEN 'tenants' THEN 'id' ELSE 'tenant_id' END;
        own := format('%I = (SELECT CAST(NULLIF(NULLIF(current_setting(''lintel.tenant'', true), ''''), ''all'') AS uuid)) '
            'OR (SELECT coalesce(current_setting(''lintel.tenant'', true), ''all'') = ''all'')', key);
        EXECUTE format('CREATE POLICY own ON %I USING (%s) WITH CHECK (%s)', name, own, own);
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', name);
    END LOOP;
END $$;
