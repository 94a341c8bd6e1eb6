//! OpenPGP: keys, verdicts, signing and encryption (RFC 4880, RFC 9580, RFC 3156).
