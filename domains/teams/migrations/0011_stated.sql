-- What an imported list says of a team's standing. It is no standing: the process takes it over, once, or never.
-- Retention class "organisation"; gone as soon as the team's standing is set.
CREATE TABLE team_stated (
  team {id} PRIMARY KEY REFERENCES team (id),
  status {text} NOT NULL REFERENCES trust_status (name),
  since {time} NOT NULL
) {strict};
