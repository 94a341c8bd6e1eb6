CREATE TABLE report_status (name {text} PRIMARY KEY) {strict};
INSERT INTO report_status (name) VALUES ('new'), ('open'), ('resolved'), ('rejected');
CREATE TABLE incident_status (name {text} PRIMARY KEY) {strict};
INSERT INTO incident_status (name) VALUES ('open'), ('resolved'), ('abandoned');
CREATE TABLE investigation_status (name {text} PRIMARY KEY) {strict};
INSERT INTO investigation_status (name) VALUES ('open'), ('resolved');
CREATE TABLE tlp_label (name {text} PRIMARY KEY) {strict};
INSERT INTO tlp_label (name) VALUES ('CLEAR'), ('GREEN'), ('AMBER'), ('AMBER+STRICT'), ('RED');
CREATE TABLE mail_outcome (name {text} PRIMARY KEY) {strict};
INSERT INTO mail_outcome (name) VALUES
  ('waiting'), ('new'), ('joined'), ('duplicate'), ('bounce'), ('auto-reply'), ('flagged');

-- Every mail that was acknowledged, and what became of it.
CREATE TABLE mail_in (
  id {id} PRIMARY KEY,
  team {id} NOT NULL,
  received_at {time} NOT NULL,
  envelope_from {text} NOT NULL,
  recipient {text} NOT NULL,
  peer {text} NOT NULL,
  blob {blob} NOT NULL,
  size {int} NOT NULL,
  outcome {text} NOT NULL REFERENCES mail_outcome (name),
  attempts {int} NOT NULL,
  subject {text} NOT NULL,
  note {text} NOT NULL,
  message {id}
) {strict};
CREATE INDEX mail_in_outcome ON mail_in (outcome, received_at);
CREATE INDEX mail_in_team ON mail_in (team, id);

CREATE TABLE report (
  id {id} PRIMARY KEY,
  team {id} NOT NULL,
  number {int} NOT NULL,
  status {text} NOT NULL REFERENCES report_status (name),
  machine {bool} NOT NULL,
  kind {text} NOT NULL,
  subject {text} NOT NULL,
  from_address {text} NOT NULL,
  from_name {text} NOT NULL,
  received_at {time} NOT NULL,
  due_at {time} NOT NULL,
  answered_at {time},
  closed_at {time},
  tlp {text} NOT NULL REFERENCES tlp_label (name),
  signature {text} NOT NULL,
  owner {id},
  owner_name {text} NOT NULL,
  same {int} NOT NULL,
  flagged {bool} NOT NULL,
  first_message {id} NOT NULL,
  version {int} NOT NULL,
  UNIQUE (team, number)
) {strict};
CREATE INDEX report_queue ON report (team, machine, status, due_at, id);
CREATE INDEX report_owner ON report (team, owner, status, due_at, id);
CREATE INDEX report_closed ON report (team, status, closed_at);
CREATE INDEX report_by_status ON report (team, status, number);

CREATE TABLE incident (
  id {id} PRIMARY KEY,
  team {id} NOT NULL,
  number {int} NOT NULL,
  status {text} NOT NULL REFERENCES incident_status (name),
  title {text} NOT NULL,
  description {text} NOT NULL,
  classification {text} NOT NULL,
  severity {text} NOT NULL,
  tlp {text} NOT NULL REFERENCES tlp_label (name),
  owner {id},
  owner_name {text} NOT NULL,
  opened_at {time} NOT NULL,
  opened_by {text} NOT NULL,
  closed_at {time},
  resolution {text} NOT NULL,
  version {int} NOT NULL,
  UNIQUE (team, number)
) {strict};
CREATE INDEX incident_list ON incident (team, status, opened_at, id);

CREATE TABLE report_incident (
  report {id} NOT NULL REFERENCES report (id),
  incident {id} NOT NULL REFERENCES incident (id),
  linked_at {time} NOT NULL,
  PRIMARY KEY (report, incident)
) {strict};
CREATE INDEX report_incident_back ON report_incident (incident, report);

CREATE TABLE investigation (
  id {id} PRIMARY KEY,
  team {id} NOT NULL,
  number {int} NOT NULL,
  incident {id} NOT NULL REFERENCES incident (id),
  status {text} NOT NULL REFERENCES investigation_status (name),
  subject {text} NOT NULL,
  recipient_team {id},
  recipient_name {text} NOT NULL,
  recipient {text} NOT NULL,
  chain {json} NOT NULL,
  language {text} NOT NULL,
  tlp {text} NOT NULL REFERENCES tlp_label (name),
  encrypted {bool} NOT NULL,
  addresses {int} NOT NULL,
  reply_token {text} NOT NULL UNIQUE,
  created_at {time} NOT NULL,
  due_at {time} NOT NULL,
  answered_at {time},
  reminders {int} NOT NULL,
  closed_at {time},
  version {int} NOT NULL,
  UNIQUE (team, number)
) {strict};
CREATE INDEX investigation_incident ON investigation (incident, number);
CREATE INDEX investigation_due ON investigation (team, status, due_at, id);

-- What a report or an incident names: addresses, domains, hashes, with where each was found.
CREATE TABLE observable (
  owner {id} NOT NULL,
  n {int} NOT NULL,
  team {id} NOT NULL,
  kind {text} NOT NULL,
  value {text} NOT NULL,
  low {blob},
  high {blob},
  port {int},
  part {text} NOT NULL,
  hits {int} NOT NULL,
  first_seen {time} NOT NULL,
  last_seen {time} NOT NULL,
  tlp {text} NOT NULL,
  excluded {text},
  PRIMARY KEY (owner, n)
) {strict};
CREATE INDEX observable_value ON observable (team, value, owner);

-- One mail (in or out) or note in a case.
CREATE TABLE message (
  id {id} PRIMARY KEY,
  team {id} NOT NULL,
  report {id} REFERENCES report (id),
  incident {id} REFERENCES incident (id),
  investigation {id} REFERENCES investigation (id),
  direction {text} NOT NULL,
  kind {text} NOT NULL,
  at {time} NOT NULL,
  written_at {time},
  blob {blob},
  from_address {text} NOT NULL,
  from_name {text} NOT NULL,
  recipients {text} NOT NULL,
  subject {text} NOT NULL,
  preview {text} NOT NULL,
  message_id {text} NOT NULL,
  fingerprint {blob} NOT NULL,
  tlp {text} NOT NULL,
  signature {text} NOT NULL,
  signature_words {text} NOT NULL,
  encrypted {bool} NOT NULL,
  parts {int} NOT NULL,
  notes {json} NOT NULL,
  same {int} NOT NULL,
  author {text} NOT NULL
) {strict};
CREATE INDEX message_report ON message (report, at);
CREATE INDEX message_incident ON message (incident, at);
CREATE INDEX message_investigation ON message (investigation, at);
CREATE INDEX message_id_in_team ON message (team, message_id);
CREATE INDEX message_fingerprint ON message (team, fingerprint);

-- The unguessable part of the address to which a reporter answers.
CREATE TABLE reply_token (
  token {text} PRIMARY KEY,
  team {id} NOT NULL,
  report {id} NOT NULL REFERENCES report (id)
) {strict};
CREATE INDEX reply_token_report ON reply_token (report);

CREATE TABLE undo (
  id {id} PRIMARY KEY,
  team {id} NOT NULL,
  account {text} NOT NULL,
  at {time} NOT NULL,
  until {time} NOT NULL,
  words {text} NOT NULL,
  inverse {json} NOT NULL,
  used {bool} NOT NULL
) {strict};
CREATE INDEX undo_newest ON undo (team, account, at);

CREATE TABLE draft (
  team {id} NOT NULL,
  account {text} NOT NULL,
  form {text} NOT NULL,
  body {text} NOT NULL,
  saved_at {time} NOT NULL,
  PRIMARY KEY (team, account, form)
) {strict};

-- What is left out of every list: own networks, signature noise.
CREATE TABLE exclusion (
  team {id} NOT NULL,
  rules {text} NOT NULL,
  changed_by {text} NOT NULL,
  changed_at {time} NOT NULL,
  PRIMARY KEY (team)
) {strict};

-- When a sender was last told that a mail of his has arrived.
CREATE TABLE acknowledged (
  team {id} NOT NULL,
  address {text} NOT NULL,
  at {time} NOT NULL,
  PRIMARY KEY (team, address)
) {strict};
