-- Retention class "person": erased with the account.
CREATE TABLE passkey (
  id {id} PRIMARY KEY,
  account {id} NOT NULL REFERENCES account (id),
  -- the authenticator's own name for it
  credential {blob} NOT NULL UNIQUE,
  -- COSE
  public_key {blob} NOT NULL,
  counter {int} NOT NULL,
  may_be_backed_up {bool} NOT NULL,
  backed_up {bool} NOT NULL,
  name {text} NOT NULL,
  added {time} NOT NULL,
  last_used {time},
  -- since when it lets nobody in, because it may have been copied
  shut {time}
) {strict};
CREATE INDEX passkey_account ON passkey (account, added);

-- Retention class "session": what an authenticator was asked, each once.
CREATE TABLE ceremony (
  -- SHA-256 of the challenge
  challenge {blob} PRIMARY KEY,
  purpose {text} NOT NULL,
  -- the session or the browser that was asked
  bound {blob} NOT NULL,
  peer {text} NOT NULL,
  expires {time} NOT NULL
) {strict};
CREATE INDEX ceremony_peer ON ceremony (peer, expires);
CREATE INDEX ceremony_expires ON ceremony (expires);

-- When its owner last proved themselves with all that the account asks for.
ALTER TABLE session ADD COLUMN proven_at {time};
ALTER TABLE account_certificate ADD COLUMN proven_at {time};
