CREATE TABLE delivery_state (name {text} PRIMARY KEY) {strict};
INSERT INTO delivery_state (name) VALUES
  ('waiting'), ('deferred'), ('sent'), ('delivered'), ('displayed'), ('failed'), ('cancelled');

-- One mail to one recipient. The envelope's return path is unguessable and its own: what comes back to it is
-- about this mail and no other.
CREATE TABLE mail_out (
  id {id} PRIMARY KEY,
  team {id} NOT NULL,
  subject_of {text} NOT NULL,
  message_id {text} NOT NULL,
  return_path {text} NOT NULL UNIQUE,
  recipient {text} NOT NULL,
  blob {blob} NOT NULL,
  queued_at {time} NOT NULL,
  leave_at {time} NOT NULL,
  state {text} NOT NULL REFERENCES delivery_state (name),
  state_at {time} NOT NULL,
  attempts {int} NOT NULL,
  reply {text} NOT NULL
) {strict};
CREATE INDEX mail_out_subject ON mail_out (subject_of);
CREATE INDEX mail_out_message_id ON mail_out (message_id);
CREATE INDEX mail_out_state ON mail_out (state, leave_at);
