-- The ranges of the networks of the registries that change here: what lies around a new one, and what would cross it.
-- Addresses have 16 bytes (IPv4 mapped).
CREATE TABLE registry_range (
  object {int} NOT NULL PRIMARY KEY REFERENCES registry_object (seq) ON DELETE CASCADE,
  source {text} NOT NULL,
  class {text} NOT NULL,
  first {blob} NOT NULL,
  last {blob} NOT NULL
) {strict};
CREATE INDEX registry_range_place ON registry_range (source, class, first, last);

-- Who is to be told of what, until the mail that tells it is in the queue: written with the change itself.
CREATE TABLE registry_notice (
  id {id} PRIMARY KEY,
  submission {id} NOT NULL,
  place {int} NOT NULL,
  recipient {text} NOT NULL,
  reason {text} NOT NULL,
  at {time} NOT NULL,
  text {text} NOT NULL
) {strict};
CREATE INDEX registry_notice_submission ON registry_notice (submission, recipient, place);
CREATE INDEX registry_notice_recipient ON registry_notice (recipient, at);
