-- How far a job is that takes long: what it is at, the share that is done (0 to 1), and when that was told.
ALTER TABLE jobs ADD COLUMN phase TEXT;
ALTER TABLE jobs ADD COLUMN share_done REAL;
ALTER TABLE jobs ADD COLUMN progressed_at INTEGER;
