-- Retention class "session": a recovery of an account whose factors are lost, in two halves that two people hold.
CREATE TABLE account_recovery (
  id {id} PRIMARY KEY,
  account {id} NOT NULL REFERENCES account (id),
  -- who was asked to vouch: an account of any team
  nominator {id} NOT NULL REFERENCES account (id),
  begun_by {text} NOT NULL,
  -- SHA-256 of the operator's half, which was shown when it was begun
  operators_half {blob} NOT NULL,
  -- SHA-256 of the nominator's half, since it was shown
  nominators_half {blob},
  begun {time} NOT NULL,
  expires {time} NOT NULL
) {strict};
CREATE INDEX account_recovery_account ON account_recovery (account);
CREATE INDEX account_recovery_nominator ON account_recovery (nominator, begun);
CREATE INDEX account_recovery_expires ON account_recovery (expires);
