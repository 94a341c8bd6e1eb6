-- The words come from our own tokeniser, parted by spaces; the engine only keeps the inverted index.
CREATE VIRTUAL TABLE search_text USING fts5 (
  words, content = '', contentless_delete = 1, detail = none,
  tokenize = "unicode61 remove_diacritics 0 tokenchars '._:@/+-'"
);
