-- What somebody has begun to write in the editor and not sent.
CREATE TABLE registry_draft (
  team {id} NOT NULL,
  account {text} NOT NULL,
  form {text} NOT NULL,
  body {text} NOT NULL,
  saved_at {time} NOT NULL,
  PRIMARY KEY (team, account, form)
) {strict};
