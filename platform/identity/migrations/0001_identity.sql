-- Retention class "organisation": kept as long as the node runs, because cases name it.
CREATE TABLE organisation (
  id {id} PRIMARY KEY,
  handle {text} NOT NULL UNIQUE,
  name {text} NOT NULL
) {strict};

CREATE TABLE role_name (name {text} PRIMARY KEY) {strict};
INSERT INTO role_name (name) VALUES ('reader'), ('handler'), ('team-admin'), ('node-admin');

-- Retention class "person": erased on request; the record keeps the login's name only as long as its bodies.
CREATE TABLE account (
  id {id} PRIMARY KEY,
  organisation {id} NOT NULL REFERENCES organisation (id),
  login {text} NOT NULL UNIQUE,
  name {text} NOT NULL,
  -- NULL until the first one-time link was followed and a password chosen
  password_hash {text},
  totp_sealed {blob},
  totp_unconfirmed {blob},
  -- the 30-second step of the last code that was taken: no code counts twice
  totp_last_step {int} NOT NULL,
  disabled {bool} NOT NULL,
  created {time} NOT NULL,
  last_login {time}
) {strict};
CREATE INDEX account_organisation ON account (organisation, login);

CREATE TABLE account_role (
  account {id} NOT NULL REFERENCES account (id),
  role {text} NOT NULL REFERENCES role_name (name),
  PRIMARY KEY (account, role)
) {strict};

CREATE TABLE recovery_code (
  account {id} NOT NULL REFERENCES account (id),
  digest {blob} NOT NULL,
  PRIMARY KEY (account, digest)
) {strict};

-- Retention class "session": deleted when it has ended.
CREATE TABLE session (
  digest {blob} PRIMARY KEY,
  id {id} NOT NULL UNIQUE,
  account {id} NOT NULL REFERENCES account (id),
  created {time} NOT NULL,
  last_seen {time} NOT NULL,
  expires {time} NOT NULL,
  -- the password was right, the code of the second factor is still to come
  unfinished {bool} NOT NULL,
  -- begun with a one-time link: a new password may be set without the old one
  by_link {bool} NOT NULL,
  second_factor_at {time},
  peer {text} NOT NULL,
  agent {text} NOT NULL
) {strict};
CREATE INDEX session_account ON session (account);
CREATE INDEX session_expires ON session (expires);

-- Retention class "token": the row stays after revocation, because the record names it.
CREATE TABLE api_token (
  id {id} PRIMARY KEY,
  digest {blob} NOT NULL UNIQUE,
  organisation {id} NOT NULL REFERENCES organisation (id),
  -- NULL: it is the team's own, not a person's
  account {id} REFERENCES account (id),
  name {text} NOT NULL,
  -- names of permissions, parted by spaces
  scopes {text} NOT NULL,
  created {time} NOT NULL,
  expires {time},
  last_used {time},
  revoked {time}
) {strict};
CREATE INDEX api_token_organisation ON api_token (organisation, name);

-- Retention class "session".
CREATE TABLE one_time_login (
  digest {blob} PRIMARY KEY,
  account {id} NOT NULL REFERENCES account (id),
  expires {time} NOT NULL
) {strict};
CREATE INDEX one_time_login_expires ON one_time_login (expires);

-- Retention class "session": counts failed attempts by login name and by network address.
CREATE TABLE login_throttle (
  name {text} PRIMARY KEY,
  failures {int} NOT NULL,
  not_before {time} NOT NULL,
  last {time} NOT NULL
) {strict};
CREATE INDEX login_throttle_last ON login_throttle (last);
