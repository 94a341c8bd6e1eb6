-- Retention class "person": erased with the account. OpenPGP keys whose owner has shown that they can sign with them.
CREATE TABLE account_openpgp (
  account {id} NOT NULL REFERENCES account (id),
  fingerprint {text} NOT NULL,
  -- the names in the key, for its owner's eyes
  names {text} NOT NULL,
  added {time} NOT NULL,
  PRIMARY KEY (account, fingerprint)
) {strict};
CREATE INDEX account_openpgp_fingerprint ON account_openpgp (fingerprint);
