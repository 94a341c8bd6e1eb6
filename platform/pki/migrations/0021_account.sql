-- A person's certificates are counted at each issuance, and listed on their page.
CREATE INDEX pki_certificate_account ON pki_certificate (account, not_after);
