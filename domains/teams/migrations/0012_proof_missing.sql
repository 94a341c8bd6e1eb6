-- Since when what proved the claim was not found any more when it was looked for; NULL: it was there the last time.
ALTER TABLE team_proof ADD COLUMN missing {time};
