-- Changes of the searches that watch a market are counted, so that whoever keeps them in memory reads what is new and no more.
-- `changed` is the number of a search's last change; what was there before has none.
ALTER TABLE markets ADD COLUMN searches_changed bigint NOT NULL DEFAULT 0;
ALTER TABLE saved_searches ADD COLUMN changed bigint NOT NULL DEFAULT 0;
CREATE INDEX saved_searches_changed ON saved_searches (tenant_id, market, changed);
DROP INDEX saved_searches_watching;
CREATE INDEX saved_searches_watching ON saved_searches (tenant_id, market, id) WHERE NOT paused;
