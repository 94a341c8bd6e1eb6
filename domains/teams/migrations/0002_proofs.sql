-- What proves a claim of a team's record: its networks, its domains, its irt object. A claim that has no row is not
-- proven. Retention class "organisation".
CREATE TABLE proof_kind (name {text} PRIMARY KEY) {strict};
INSERT INTO proof_kind (name) VALUES ('registry'), ('dns'), ('certificate'), ('operator');

CREATE TABLE team_proof (
  team {id} NOT NULL REFERENCES team (id),
  -- network, domain, irt
  claim_kind {text} NOT NULL,
  -- in one spelling: a range, a domain without "*.", a name in capitals
  claim {text} NOT NULL,
  kind {text} NOT NULL REFERENCES proof_kind (name),
  found {time} NOT NULL,
  by_whom {text} NOT NULL,
  evidence {text} NOT NULL,
  PRIMARY KEY (team, claim_kind, claim, kind)
) {strict};

-- Nothing ever set it.
ALTER TABLE team_network DROP COLUMN proven;
