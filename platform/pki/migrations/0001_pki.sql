-- The community's authorities: the root, whose key is elsewhere, and those that issue. Retention class "register".
CREATE TABLE pki_authority (
  id {id} PRIMARY KEY,
  -- as it stands in addresses: root-1, issuing-1
  name {text} NOT NULL UNIQUE,
  -- root, issuing
  kind {text} NOT NULL,
  -- requested: has a key, and no certificate yet; active; retired: issues nothing, answers still; revoked
  state {text} NOT NULL,
  -- DER
  certificate {blob},
  key_sealed {blob},
  -- the newest revocation list (DER), its number, and until when it is good
  crl {blob},
  crl_number {int} NOT NULL,
  crl_until {time} NOT NULL,
  added {time} NOT NULL
) {strict};

-- Every certificate that was issued. Retention class "register": it is what the authority answers for.
CREATE TABLE pki_certificate (
  -- SHA-256 of its bytes
  fingerprint {blob} PRIMARY KEY,
  authority {id} NOT NULL REFERENCES pki_authority (id),
  -- hex
  serial {text} NOT NULL,
  -- person, server
  purpose {text} NOT NULL,
  organisation {id} NOT NULL REFERENCES organisation (id),
  account {id} REFERENCES account (id),
  subject {text} NOT NULL,
  -- the names of hosts, parted by spaces
  names {text} NOT NULL,
  -- SHA-256 of its key: one key is one holder's
  key_digest {blob} NOT NULL,
  not_before {time} NOT NULL,
  not_after {time} NOT NULL,
  certificate {blob} NOT NULL,
  issued {time} NOT NULL,
  -- who is told before it ends
  notify {text},
  revoked {time},
  -- RFC 5280 section 5.3.1
  reason {int},
  -- since when the team's standing does not entitle it
  held {time},
  -- of how many days before its end its holder was told last
  reminded {int},
  UNIQUE (authority, serial)
) {strict};
CREATE INDEX pki_certificate_until ON pki_certificate (not_after);
CREATE INDEX pki_certificate_organisation ON pki_certificate (organisation, not_after);
CREATE INDEX pki_certificate_key ON pki_certificate (key_digest);

-- Other communities' authorities that are trusted for clients here.
CREATE TABLE pki_trusted (
  fingerprint {blob} PRIMARY KEY,
  name {text} NOT NULL UNIQUE,
  certificate {blob} NOT NULL,
  crl {blob},
  crl_from {time},
  crl_until {time},
  -- where the list is fetched; none: it is brought by hand
  crl_url {text},
  -- what counts without a list in its time: refuse, accept
  without_crl {text} NOT NULL,
  added {time} NOT NULL
) {strict};

-- Counts the changes of the tables above, so that a node sees those of other processes.
CREATE TABLE pki_version (version {int} NOT NULL) {strict};
INSERT INTO pki_version (version) VALUES (1);
