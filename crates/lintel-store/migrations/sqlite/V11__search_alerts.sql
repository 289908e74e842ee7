-- Saved searches watch the market: who is told how often, and since when.
ALTER TABLE saved_searches ADD COLUMN cadence TEXT NOT NULL DEFAULT 'instant'
    CHECK (cadence IN ('instant', 'daily', 'weekly', 'off'));
ALTER TABLE saved_searches ADD COLUMN paused INTEGER NOT NULL DEFAULT 0;
-- What happened before is no news to it: when it was saved, or last got other filters.
ALTER TABLE saved_searches ADD COLUMN watched_since INTEGER NOT NULL DEFAULT 0;
-- Up to when somebody has looked at what it found.
ALTER TABLE saved_searches ADD COLUMN seen_at INTEGER NOT NULL DEFAULT 0;
-- When it was last told of.
ALTER TABLE saved_searches ADD COLUMN alerted_at INTEGER;
-- Searches that are there already begin to watch now.
UPDATE saved_searches SET watched_since = unixepoch() * 1000000, seen_at = unixepoch() * 1000000;
CREATE INDEX saved_searches_watching ON saved_searches (tenant_id, market) WHERE NOT paused;
CREATE INDEX saved_searches_digests ON saved_searches (cadence, alerted_at)
    WHERE NOT paused AND cadence IN ('daily', 'weekly');

-- What saved searches found. `waiting` is what a daily or weekly alert has yet to tell.
CREATE TABLE search_matches (
    tenant_id BLOB NOT NULL,
    search_id BLOB NOT NULL,
    at INTEGER NOT NULL,
    listing_id BLOB NOT NULL,
    why TEXT NOT NULL,
    waiting INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, search_id, at, listing_id, why)
) STRICT, WITHOUT ROWID;
CREATE INDEX search_matches_by_listing ON search_matches (tenant_id, listing_id, search_id);
CREATE INDEX search_matches_waiting ON search_matches (tenant_id, search_id) WHERE waiting;

-- Who saved a home.
CREATE INDEX interactions_saves ON interactions (tenant_id, listing_id, lead_id, at, kind)
    WHERE kind IN ('listing_save', 'listing_hide');
-- What changed lately.
CREATE INDEX listing_changes_by_time ON listing_changes (tenant_id, at);
