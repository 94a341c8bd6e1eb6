-- Signed texts that were acted on: each counts once. Kept for some time longer than a signature is fresh.
CREATE TABLE registry_proof (
  -- Of signer, time and text, so that the same signature in another wrapping is the same.
  digest {blob} PRIMARY KEY,
  fingerprint {text} NOT NULL,
  made_at {time} NOT NULL,
  used_at {time} NOT NULL,
  -- The mail or request that used it: the same one may come back to it after a crash.
  used_by {id} NOT NULL,
  -- When a copy of it first came: it is told once.
  copied_at {time}
) {strict};
CREATE INDEX registry_proof_used ON registry_proof (used_at);

CREATE TABLE registry_mail_state (name {text} PRIMARY KEY) {strict};
INSERT INTO registry_mail_state (name) VALUES ('waiting'), ('answered'), ('silent');

-- Mails to the registry's own address, as they were acknowledged to whoever handed them over.
CREATE TABLE registry_mail (
  id {id} PRIMARY KEY,
  received_at {time} NOT NULL,
  envelope_from {text} NOT NULL,
  recipient {text} NOT NULL,
  peer {text} NOT NULL,
  blob {blob} NOT NULL,
  state {text} NOT NULL REFERENCES registry_mail_state (name),
  -- Whom the answer went to; empty when there was none.
  answered {text} NOT NULL,
  -- Somebody proved by a signature that they sent it.
  proven {bool} NOT NULL,
  note {text} NOT NULL
) {strict};
CREATE INDEX registry_mail_answered ON registry_mail (answered, received_at);

CREATE TABLE registry_confirmation (name {text} PRIMARY KEY) {strict};
INSERT INTO registry_confirmation (name) VALUES ('mail'), ('update'), ('hand');

-- Mailboxes of this node's own objects: when somebody last answered there.
CREATE TABLE registry_contact (
  -- In lower case.
  address {text} PRIMARY KEY,
  first_seen {time} NOT NULL,
  -- When it last stood in an object of ours.
  last_seen {time} NOT NULL,
  confirmed_at {time},
  confirmed_by {text} REFERENCES registry_confirmation (name),
  -- Mails that asked since the last confirmation, the first one's and the last one's time.
  asks {int} NOT NULL,
  first_asked {time},
  last_asked {time},
  -- SHA-256 of the secret in the last mail's link.
  token {blob},
  failed_at {time},
  failure {text} NOT NULL,
  changed_at {time} NOT NULL
) {strict};
CREATE UNIQUE INDEX registry_contact_token ON registry_contact (token);
