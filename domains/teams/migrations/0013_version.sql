-- Counts up with every change of the directory: what another process has changed is known by one row.
CREATE TABLE team_version (version {int} NOT NULL) {strict};
INSERT INTO team_version (version) VALUES (1);
