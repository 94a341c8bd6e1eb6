-- Retention class "organisation": a team's description as its own key signed it. It is what the team published itself.
CREATE TABLE team_description (
  team {id} PRIMARY KEY REFERENCES team (id),
  -- exactly the bytes that were signed
  text {blob} NOT NULL,
  -- the signature, or the text within its cleartext signature
  signed {blob} NOT NULL,
  is_clear {bool} NOT NULL,
  fingerprint {text} NOT NULL,
  added {time} NOT NULL
) {strict};
