-- The words and references by which objects are found: lookup and inverse keys of their templates. `attribute` is the
-- two-letter name.
CREATE TABLE registry_term (
  attribute {text} NOT NULL,
  value {text} NOT NULL,
  object {int} NOT NULL REFERENCES registry_object (seq) ON DELETE CASCADE,
  PRIMARY KEY (attribute, value, object)
) {keyed};
CREATE INDEX registry_term_object ON registry_term (object);

-- The registries whose objects change here one by one: our own, by updates, and those that we follow.
CREATE TABLE registry_source (
  name {text} PRIMARY KEY,
  -- The number of the last change: counted up in the transaction of the change, so it is the order of commits.
  serial {int} NOT NULL,
  -- The row that stands for "came one by one" where objects name their import.
  origin {id} NOT NULL REFERENCES registry_import (id)
) {strict};

CREATE TABLE registry_change_kind (name {text} PRIMARY KEY) {strict};
-- found: what an import had brought before the first change.
INSERT INTO registry_change_kind (name) VALUES ('found'), ('create'), ('modify'), ('delete');

-- Every version of every object that changed here, for ever: history for people, a journal for mirrors. Personal data
-- can be erased; who, when and the digest stay.
CREATE TABLE registry_change (
  source {text} NOT NULL REFERENCES registry_source (name),
  serial {int} NOT NULL,
  class {text} NOT NULL,
  key {text} NOT NULL,
  version {int} NOT NULL,
  kind {text} NOT NULL REFERENCES registry_change_kind (name),
  at {time} NOT NULL,
  -- By whom and by which proof, in words.
  actor {text} NOT NULL,
  digest {blob} NOT NULL,
  raw {blob},
  PRIMARY KEY (source, serial),
  UNIQUE (source, class, key, version)
) {strict};
