-- What the authority is trusted for: clients, claims (its certificates prove what teams claim), both.
ALTER TABLE pki_trusted ADD COLUMN serves {text} NOT NULL DEFAULT 'clients';
