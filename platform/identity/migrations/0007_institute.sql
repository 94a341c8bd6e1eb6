-- Retention class "person": erased with the account. Who a person is at an institute that logs its people in (OIDC).
CREATE TABLE institute_account (
  issuer {text} NOT NULL,
  -- what the institute calls them: never a mail address, which may be given to somebody else
  subject {text} NOT NULL,
  account {id} NOT NULL REFERENCES account (id),
  -- in words, for its owner
  shown {text} NOT NULL,
  added {time} NOT NULL,
  last_used {time},
  PRIMARY KEY (issuer, subject)
) {strict};
CREATE INDEX institute_account_account ON institute_account (account, added);
