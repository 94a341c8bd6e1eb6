-- What this node publishes of its own registry to those who follow it (NRTMv4): where the session stands.
CREATE TABLE registry_publication (
  source {text} PRIMARY KEY,
  -- A UUID; versions count on in it without a gap.
  session {text} NOT NULL,
  version {int} NOT NULL,
  -- The last change of the journal that is in that version.
  serial {int} NOT NULL,
  -- How many objects that version has, by which changes beside the journal are noticed.
  objects {int} NOT NULL,
  -- When the last import was done that is in it.
  imported {time} NOT NULL,
  -- The time in the last notification file.
  told {time} NOT NULL
) {strict};

CREATE TABLE registry_publication_kind (name {text} PRIMARY KEY) {strict};
INSERT INTO registry_publication_kind (name) VALUES ('snapshot'), ('delta');

-- The files of all sessions that lie in the folder. A dropped one is not told of any more, and stays for a while for
-- those who were just told.
CREATE TABLE registry_publication_file (
  source {text} NOT NULL,
  url {text} NOT NULL,
  kind {text} NOT NULL REFERENCES registry_publication_kind (name),
  version {int} NOT NULL,
  hash {blob} NOT NULL,
  made {time} NOT NULL,
  dropped {time},
  PRIMARY KEY (source, url)
) {strict};

-- The digest of each object as it was published last that shows the introducer's remarks: they change without the object.
CREATE TABLE registry_publication_remark (
  source {text} NOT NULL,
  key {text} NOT NULL,
  digest {blob} NOT NULL,
  PRIMARY KEY (source, key)
) {strict};

CREATE TABLE registry_publication_place (name {text} PRIMARY KEY) {strict};
INSERT INTO registry_publication_place (name) VALUES ('current'), ('next');

-- The keys that sign, sealed.
CREATE TABLE registry_publication_key (
  source {text} NOT NULL,
  place {text} NOT NULL REFERENCES registry_publication_place (name),
  sealed {blob} NOT NULL,
  since {time} NOT NULL,
  PRIMARY KEY (source, place)
) {strict};

-- The registries that this node follows, and where it stands with each.
CREATE TABLE registry_following (
  source {text} PRIMARY KEY,
  -- As configured when `current_key` was taken from it: another one there begins anew.
  configured_key {text} NOT NULL,
  current_key {text} NOT NULL,
  next_key {text},
  session {text},
  version {int} NOT NULL,
  -- The time in the notification file that was taken last.
  told {time} NOT NULL,
  -- The hashes that it named, by kind and version.
  hashes {json} NOT NULL,
  checked_at {time} NOT NULL,
  -- When an object came, changed or went.
  changed_at {time},
  -- Objects that were left out of the last file, since they are none or of another registry.
  left_out {int} NOT NULL,
  failures {int} NOT NULL,
  -- Why the last try failed; what was taken before is still there.
  problem {text}
) {strict};
