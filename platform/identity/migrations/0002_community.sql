-- Those who keep a community, as against those who keep a team or the node.
INSERT INTO role_name (name) VALUES ('introducer'), ('board'), ('owner');

-- Retention class "person": erased with the account; a certificate is known by the SHA-256 of its bytes (DER).
CREATE TABLE account_certificate (
  fingerprint {blob} PRIMARY KEY,
  account {id} NOT NULL REFERENCES account (id),
  subject {text} NOT NULL,
  issuer {text} NOT NULL,
  -- hex, as openssl prints it
  serial {text} NOT NULL,
  not_before {time} NOT NULL,
  not_after {time} NOT NULL,
  added {time} NOT NULL,
  -- since when it logs nobody in any more
  withdrawn {time},
  last_used {time}
) {strict};
CREATE INDEX account_certificate_account ON account_certificate (account, added);
