-- A person's answer to a mail that belongs to no case: to a drill, to a letter.
INSERT INTO delivery_state (name) VALUES ('answered');
