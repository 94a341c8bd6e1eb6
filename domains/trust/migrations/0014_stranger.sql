-- Applications by somebody without an account. Retention class "applicant": deleted at `until`, whatever came of it.
CREATE TABLE trust_stranger_state (name {text} PRIMARY KEY) {strict};
INSERT INTO trust_stranger_state (name) VALUES ('typed'), ('open'), ('taken'), ('refused');

CREATE TABLE trust_stranger (
  id {id} PRIMARY KEY,
  state {text} NOT NULL REFERENCES trust_stranger_state (name),
  -- what was typed: team, person, words, sponsors
  told {json} NOT NULL,
  -- the person's address, in small letters
  email {text} NOT NULL,
  -- a mark of the network from which it came, for the limit by hour; the address itself is not kept
  peer {text} NOT NULL,
  -- SHA-256 of the secret in the link that the person got last
  token {blob},
  at {time} NOT NULL,
  until {time} NOT NULL,
  decided_by {text} NOT NULL,
  reason {text} NOT NULL,
  team {id},
  account {id}
) {strict};
CREATE INDEX trust_stranger_state_at ON trust_stranger (state, at);
CREATE INDEX trust_stranger_until ON trust_stranger (until);
CREATE UNIQUE INDEX trust_stranger_token ON trust_stranger (token);
