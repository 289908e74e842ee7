-- Jobs can be cancelled: one that waits ends at once, one that runs is asked to stop.
ALTER TABLE jobs DROP CONSTRAINT jobs_state_check;
ALTER TABLE jobs ADD CONSTRAINT jobs_state_check CHECK (state IN ('ready', 'running', 'done', 'dead', 'cancelled'));
-- When somebody asked for its end.
ALTER TABLE jobs ADD COLUMN cancel_asked_at bigint;
DROP INDEX jobs_finished;
CREATE INDEX jobs_finished ON jobs (state, finished_at) WHERE state IN ('done', 'dead', 'cancelled');
