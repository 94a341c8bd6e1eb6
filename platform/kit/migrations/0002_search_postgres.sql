-- The words come from our own tokeniser; to_tsvector would split CVE numbers and refuse large documents.
CREATE TABLE search_text (seq BIGINT PRIMARY KEY REFERENCES search_doc (seq) ON DELETE CASCADE, words TSVECTOR NOT NULL);
CREATE INDEX search_words ON search_text USING gin (words);
