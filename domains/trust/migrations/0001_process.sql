-- Retention class "organisation": where each team is in the process. The row is a copy of what the entries of the record
-- give, so that it is read quickly; a test holds both against each other.
CREATE TABLE trust_team (
  team {id} PRIMARY KEY REFERENCES team (id),
  -- how many entries the record has about the team
  number {int} NOT NULL,
  state {json} NOT NULL,
  phase {text} NOT NULL,
  -- when something is to happen by itself
  next_at {time},
  updated {time} NOT NULL
) {strict};
CREATE INDEX trust_team_next ON trust_team (next_at);

-- Retention class "record": where the entries about a team stand in the stream. `team` is sixteen zero bytes for what
-- concerns the community itself.
CREATE TABLE trust_entry (
  position {int} PRIMARY KEY,
  team {id} NOT NULL,
  number {int} NOT NULL,
  at {time} NOT NULL,
  kind {text} NOT NULL,
  audience {text} NOT NULL,
  UNIQUE (team, number)
) {strict};
CREATE INDEX trust_entry_at ON trust_entry (at);

-- Who sits on the review board: one ballot for each team.
CREATE TABLE trust_seat (
  team {id} PRIMARY KEY REFERENCES team (id),
  since {time} NOT NULL
) {strict};

-- When time passed last: a clock that was put back is seen by it.
CREATE TABLE trust_clock (
  name {text} PRIMARY KEY,
  at {time} NOT NULL
) {strict};

-- Letters that were written for an entry: the log of a case, and the guard against writing them twice.
CREATE TABLE trust_letter (
  position {int} NOT NULL,
  recipient {text} NOT NULL,
  team {id} NOT NULL,
  subject {text} NOT NULL,
  protection {text} NOT NULL,
  at {time} NOT NULL,
  PRIMARY KEY (position, recipient)
) {strict};
CREATE INDEX trust_letter_team ON trust_letter (team, at);

-- Signed checkpoints of the record, as they were published.
CREATE TABLE trust_checkpoint (
  position {int} PRIMARY KEY,
  at {time} NOT NULL,
  text {text} NOT NULL,
  signature {text} NOT NULL
) {strict};
