-- The second wall between tenants is PostgreSQL's: SQLite has no policies on rows. Its file is opened by this program
-- alone, and every statement names its tenant on both engines. There is nothing to change, and a migration has to say
-- something all the same.
SELECT 1;
