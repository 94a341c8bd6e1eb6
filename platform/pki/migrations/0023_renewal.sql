-- Which certificate an order is to follow (RFC 9773 section 5), by its identifier there; none: it follows none.
ALTER TABLE acme_order ADD COLUMN replaces {text};
