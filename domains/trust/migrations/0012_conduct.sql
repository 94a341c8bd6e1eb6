-- Versions of the community's code of conduct. The bytes are the document: signatures are over them.
CREATE TABLE trust_conduct (
  version {int} PRIMARY KEY,
  title {text} NOT NULL,
  bytes {blob} NOT NULL,
  digest {blob} NOT NULL,
  published_at {time} NOT NULL,
  published_by {text} NOT NULL
) {strict};

-- Who declared to keep to which version; a version is declared once by a team.
CREATE TABLE trust_declaration (
  team {id} NOT NULL,
  version {int} NOT NULL REFERENCES trust_conduct (version),
  declared_at {time} NOT NULL,
  declared_by {text} NOT NULL,
  -- Armoured, as it was sent; empty without one.
  signature {text} NOT NULL,
  fingerprint {text} NOT NULL,
  -- What was found about it when it came.
  verdict {text} NOT NULL,
  PRIMARY KEY (team, version)
) {strict};
