-- What a team says of its own maturity. A draft has no end yet; a team has one draft at most.
CREATE TABLE trust_assessment (
  id {id} PRIMARY KEY,
  team {id} NOT NULL,
  -- What it was measured by: the name of the model, and of the profile held against it (may be empty).
  model {text} NOT NULL,
  profile {text} NOT NULL,
  -- Level and note of each parameter, by its id.
  levels {json} NOT NULL,
  begun_at {time} NOT NULL,
  begun_by {text} NOT NULL,
  finished_at {time},
  finished_by {text} NOT NULL,
  -- Counts the savings of a draft: who saves an older one is told.
  version {int} NOT NULL
) {strict};
CREATE INDEX trust_assessment_team ON trust_assessment (team, finished_at);
