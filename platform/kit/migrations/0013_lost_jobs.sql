-- How often in a row a run had no end: the node stopped while it worked on it.
ALTER TABLE job ADD COLUMN lost {int} NOT NULL DEFAULT 0;
