-- People who are vouched for.
CREATE TABLE trust_person_state (name {text} PRIMARY KEY) {strict};
INSERT INTO trust_person_state (name) VALUES
  ('nominated'), ('vetted'), ('approved'), ('active'), ('inactive'), ('idle'), ('failed'), ('blocked'), ('deceased');

CREATE TABLE trust_person (
  id {id} PRIMARY KEY,
  name {text} NOT NULL,
  -- In small letters. Nobody is nominated twice at the same time.
  email {text} NOT NULL,
  about {text} NOT NULL,
  -- Their account, once there is one; and their own team, if they are of one.
  account {id},
  team {id},
  nominator {id} NOT NULL,
  nominator_team {id} NOT NULL,
  state {text} NOT NULL REFERENCES trust_person_state (name),
  since {time} NOT NULL,
  nominated_at {time} NOT NULL,
  -- When the nominee was asked, said yes, and was approved.
  asked_at {time},
  consented_at {time},
  approved_at {time},
  -- Until then teams may vouch, or the nominee may answer; none when nothing is awaited.
  deadline_at {time},
  approved_by {id},
  -- What they were before somebody objected.
  before {text} NOT NULL,
  -- When something of them was last seen.
  seen_at {time},
  -- SHA-256 of the secret in the link that the nominee got.
  token {blob},
  -- Counts the changes: two people who decide at once are told.
  version {int} NOT NULL
) {strict};
CREATE INDEX trust_person_email ON trust_person (email);
CREATE INDEX trust_person_account ON trust_person (account);
CREATE UNIQUE INDEX trust_person_token ON trust_person (token);

CREATE TABLE trust_vouch (
  person {id} NOT NULL REFERENCES trust_person (id),
  account {id} NOT NULL,
  team {id} NOT NULL,
  attestations {json} NOT NULL,
  comment {text} NOT NULL,
  given_at {time} NOT NULL,
  PRIMARY KEY (person, account)
) {strict};

-- Who objected and why lies sealed in one piece: only introducer and board have it opened.
CREATE TABLE trust_objection (
  id {id} PRIMARY KEY,
  person {id} NOT NULL REFERENCES trust_person (id),
  sealed {blob} NOT NULL,
  raised_at {time} NOT NULL,
  -- open, dismissed, upheld
  outcome {text} NOT NULL,
  decided_at {time},
  decided_by {text} NOT NULL
) {strict};
CREATE INDEX trust_objection_person ON trust_objection (person);
