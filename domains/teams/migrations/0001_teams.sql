-- Retention class "organisation": a team's record stays as long as cases name it; what persons stand in it (contacts)
-- is the team's own statement and is changed by the team.
CREATE TABLE team (
  id {id} PRIMARY KEY REFERENCES organisation (id),
  -- what the team says about itself and nothing is searched by: names, contacts, constituency in words
  record {json} NOT NULL,
  irt {text},
  -- this node runs the team's desk
  desk {bool} NOT NULL,
  updated {time} NOT NULL
) {strict};

CREATE TABLE trust_status (name {text} PRIMARY KEY) {strict};
INSERT INTO trust_status (name) VALUES
  ('listed'), ('candidate'), ('accredited'), ('certified'), ('suspended'), ('withdrawn');

-- A team that is not listed has no row.
CREATE TABLE team_status (
  team {id} PRIMARY KEY REFERENCES team (id),
  status {text} NOT NULL REFERENCES trust_status (name),
  since {time} NOT NULL
) {strict};

-- The constituency in networks: inclusive ranges, IPv4 mapped into IPv6 (RFC 4291, section 2.5.5.2).
CREATE TABLE team_network (
  team {id} NOT NULL REFERENCES team (id),
  first {blob} NOT NULL,
  last {blob} NOT NULL,
  -- claimed by the team; proven when the registry says so too
  proven {bool} NOT NULL,
  PRIMARY KEY (team, first, last)
) {strict};

-- Public keys, OpenPGP.
CREATE TABLE team_key (
  team {id} NOT NULL REFERENCES team (id),
  fingerprint {text} NOT NULL,
  armored {text} NOT NULL,
  added {time} NOT NULL,
  withdrawn {time},
  PRIMARY KEY (team, fingerprint)
) {strict};

-- Retention class "secret": sealed; deleted by the team.
CREATE TABLE team_secret_key (
  team {id} NOT NULL REFERENCES team (id),
  fingerprint {text} NOT NULL,
  sealed {blob} NOT NULL,
  added {time} NOT NULL,
  PRIMARY KEY (team, fingerprint)
) {strict};

-- The addresses at which mail to a desk of this node comes in.
CREATE TABLE team_mailbox (
  address {text} PRIMARY KEY,
  team {id} NOT NULL REFERENCES team (id),
  position {int} NOT NULL
) {strict};
CREATE INDEX team_mailbox_team ON team_mailbox (team, position);
