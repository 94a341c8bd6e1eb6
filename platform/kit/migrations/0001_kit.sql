-- The record: what happened, in which order, by whom. Rows are only ever added.
CREATE TABLE event (
  seq {serial},
  id {id} NOT NULL UNIQUE,
  stream {text} NOT NULL,
  position {int} NOT NULL,
  at {time} NOT NULL,
  team {id},
  actor {text} NOT NULL,
  kind {text} NOT NULL,
  body_digest {blob} NOT NULL,
  previous {blob} NOT NULL,
  digest {blob} NOT NULL,
  UNIQUE (stream, position)
) {strict};

-- What stands in an event, apart from it: it can be erased or withheld, and the chain still verifies.
CREATE TABLE event_body (
  event {id} PRIMARY KEY REFERENCES event (id),
  salt {blob} NOT NULL,
  body {json} NOT NULL
) {strict};

CREATE TABLE job (
  id {id} PRIMARY KEY,
  kind {text} NOT NULL,
  key {text} NOT NULL,
  payload {json} NOT NULL,
  run_at {time} NOT NULL,
  attempts {int} NOT NULL,
  locked_until {time} NOT NULL,
  failed {bool} NOT NULL,
  last_error {text},
  UNIQUE (kind, key)
) {strict};
CREATE INDEX job_due ON job (failed, run_at);

-- Short numbers for people: IR-2041, INC-17.
CREATE TABLE counter (
  team {id} NOT NULL,
  kind {text} NOT NULL,
  last {int} NOT NULL,
  PRIMARY KEY (team, kind)
) {strict};

CREATE TABLE search_doc (
  seq {serial},
  team {id} NOT NULL,
  kind {text} NOT NULL,
  ref {id} NOT NULL,
  at {time} NOT NULL
) {strict};
CREATE INDEX search_doc_ref ON search_doc (ref);
