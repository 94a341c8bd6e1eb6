-- The certificate that proves the claim (DER), looked at again every day; NULL for other kinds of proof.
ALTER TABLE team_proof ADD COLUMN certificate {blob};

-- Proofs that the operator took back: neither a list of theirs nor the team brings one of this kind again. Gone with the next
-- proof of the claim.
-- Retention class "organisation".
CREATE TABLE team_proof_refused (
  team {id} NOT NULL REFERENCES team (id),
  claim_kind {text} NOT NULL,
  claim {text} NOT NULL,
  kind {text} NOT NULL REFERENCES proof_kind (name),
  since {time} NOT NULL,
  PRIMARY KEY (team, claim_kind, claim, kind)
) {strict};
