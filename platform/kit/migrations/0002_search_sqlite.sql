-- The words come from our own tokeniser, parted by spaces; the engine only keeps the inverted index. Its tokeniser "ascii"
-- takes every letter outside ASCII as it is; "unicode61" would part words at marks and at letters that are newer than it.
CREATE VIRTUAL TABLE search_text USING fts5 (
  words, content = '', contentless_delete = 1, detail = none,
  tokenize = "ascii tokenchars '._:@/+-'"
);
