-- One row for each file of each import: what came in, and where to go on when it was interrupted.
CREATE TABLE registry_import (
  id {id} PRIMARY KEY,
  -- The files of one command share it.
  run {id} NOT NULL,
  file {text} NOT NULL,
  bytes {int} NOT NULL,
  modified {time} NOT NULL,
  started {time} NOT NULL,
  finished {time},
  -- Objects and refusals that are on disk: an interrupted import skips as many.
  entries {int} NOT NULL,
  objects {int} NOT NULL,
  refused {int} NOT NULL,
  removed {int} NOT NULL,
  problems {json} NOT NULL
) {strict};
CREATE INDEX registry_import_started ON registry_import (started, id);

-- The objects as they came. What an index or an answer needs is derived from the bytes when read: then it is
-- right with every version of the program.
CREATE TABLE registry_object (
  seq {serial},
  source {text} NOT NULL,
  class {text} NOT NULL,
  key {text} NOT NULL,
  raw {blob} NOT NULL,
  import {id} NOT NULL REFERENCES registry_import (id),
  line {int} NOT NULL,
  imported_at {time} NOT NULL,
  UNIQUE (source, class, key)
) {strict};
CREATE INDEX registry_object_import ON registry_object (import);
