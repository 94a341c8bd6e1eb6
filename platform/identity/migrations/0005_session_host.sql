-- The name under which the node was reached when the session began: at another one it is not valid.
ALTER TABLE session ADD COLUMN host {text};
