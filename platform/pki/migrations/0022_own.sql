-- The certificate that the node's own listener shows, with its key: one row at most, the newest. Retention class "secret":
-- the row of before is deleted with its key.
CREATE TABLE pki_own (
  fingerprint {blob} PRIMARY KEY REFERENCES pki_certificate (fingerprint),
  key_sealed {blob} NOT NULL
) {strict};
