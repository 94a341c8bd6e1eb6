-- A drill: teams are sent a test message on their declared channels and acknowledge it.
CREATE TABLE trust_drill (
  id {id} PRIMARY KEY,
  reason {text} NOT NULL,
  -- The least standing of the teams that are asked.
  scope {text} NOT NULL,
  started_at {time} NOT NULL,
  started_by {text} NOT NULL,
  -- Until then an answer is in time.
  deadline_at {time} NOT NULL
) {strict};
CREATE INDEX trust_drill_started ON trust_drill (started_at);

CREATE TABLE trust_drill_state (name {text} PRIMARY KEY) {strict};
INSERT INTO trust_drill_state (name) VALUES
  ('waiting'), ('asked'), ('answered'), ('late'), ('silent'), ('bounced'), ('unreachable');

-- One team on one channel.
CREATE TABLE trust_drill_check (
  id {id} PRIMARY KEY,
  drill {id} NOT NULL REFERENCES trust_drill (id),
  team {id} NOT NULL,
  channel {text} NOT NULL,
  address {text} NOT NULL,
  -- encrypted, signed, clear; empty before it left.
  protection {text} NOT NULL,
  -- SHA-256 of the secret in the link.
  token {blob},
  state {text} NOT NULL REFERENCES trust_drill_state (name),
  asked_at {time},
  -- When the answer came, by link or by mail.
  answered_at {time},
  answered_by {text} NOT NULL,
  -- What was said when the message could not be delivered, or why there was none.
  failure {text} NOT NULL,
  UNIQUE (drill, team, channel)
) {strict};
CREATE UNIQUE INDEX trust_drill_check_token ON trust_drill_check (token);
CREATE INDEX trust_drill_check_state ON trust_drill_check (state);
