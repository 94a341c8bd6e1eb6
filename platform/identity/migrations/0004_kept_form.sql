-- Retention class "session": what was typed when a session had ended, or somebody had to prove themselves first.
CREATE TABLE kept_form (
  -- SHA-256 of the secret that only the browser has
  digest {blob} PRIMARY KEY,
  -- whose it is, as far as it is known
  account {id} REFERENCES account (id),
  sealed {blob} NOT NULL,
  expires {time} NOT NULL
) {strict};
CREATE INDEX kept_form_expires ON kept_form (expires);
