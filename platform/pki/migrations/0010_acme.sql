-- Retention class "secret": sealed; emptied when it is withdrawn. The row stays, because accounts name it.
CREATE TABLE acme_credential (
  kid {text} PRIMARY KEY,
  organisation {id} NOT NULL REFERENCES organisation (id),
  -- what people call it: the server or the person it is for
  label {text} NOT NULL,
  sealed {blob} NOT NULL,
  made {time} NOT NULL,
  made_by {text} NOT NULL,
  expires {time} NOT NULL,
  withdrawn {time}
) {strict};
CREATE INDEX acme_credential_organisation ON acme_credential (organisation, made);

CREATE TABLE acme_account_status (name {text} PRIMARY KEY) {strict};
INSERT INTO acme_account_status (name) VALUES ('valid'), ('deactivated'), ('revoked');

-- Retention class "organisation": a program of a team, known by its key.
CREATE TABLE acme_account (
  id {id} PRIMARY KEY,
  organisation {id} NOT NULL REFERENCES organisation (id),
  credential {text} NOT NULL REFERENCES acme_credential (kid),
  thumbprint {text} NOT NULL UNIQUE,
  jwk {json} NOT NULL,
  contact {json} NOT NULL,
  status {text} NOT NULL REFERENCES acme_account_status (name),
  created {time} NOT NULL
) {strict};
CREATE INDEX acme_account_credential ON acme_account (credential);

-- Whether an open order is pending or ready follows from its authorisations and the time: it is not stored.
CREATE TABLE acme_order_status (name {text} PRIMARY KEY) {strict};
INSERT INTO acme_order_status (name) VALUES ('open'), ('valid'), ('invalid');

-- Retention class "order": those that came to nothing go after a week, the others a year after they were done.
CREATE TABLE acme_order (
  id {id} PRIMARY KEY,
  account {id} NOT NULL REFERENCES acme_account (id),
  names {json} NOT NULL,
  status {text} NOT NULL REFERENCES acme_order_status (name),
  created {time} NOT NULL,
  expires {time} NOT NULL,
  problem {json},
  -- the certificate with those that vouch for it behind it, as PEM
  chain {text}
) {strict};
CREATE INDEX acme_order_account ON acme_order (account, created);

CREATE TABLE acme_authorization_status (name {text} PRIMARY KEY) {strict};
INSERT INTO acme_authorization_status (name) VALUES
  ('pending'), ('processing'), ('valid'), ('invalid'), ('deactivated');

-- One name of one order, with its one challenge.
CREATE TABLE acme_authorization (
  id {id} PRIMARY KEY,
  account {id} NOT NULL REFERENCES acme_account (id),
  acme_order {id} NOT NULL REFERENCES acme_order (id),
  name {text} NOT NULL,
  status {text} NOT NULL REFERENCES acme_authorization_status (name),
  token {text} NOT NULL,
  expires {time} NOT NULL,
  -- when the challenge was met or failed
  ended {time},
  problem {json}
) {strict};
CREATE INDEX acme_authorization_order ON acme_authorization (acme_order);
CREATE INDEX acme_authorization_failed ON acme_authorization (account, name, status, ended);

-- Retention class "session": nonces that were used; forgotten when they would not be taken any more anyway.
CREATE TABLE acme_nonce (
  digest {blob} PRIMARY KEY,
  account {id},
  spent {time} NOT NULL
) {strict};
CREATE INDEX acme_nonce_account ON acme_nonce (account, spent);
CREATE INDEX acme_nonce_spent ON acme_nonce (spent);
