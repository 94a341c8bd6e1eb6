//! OpenPGP against the real GnuPG, both ways: keys as teams really have them (expired, revoked, rotated, weak), what
//! GnuPG signs and encrypts, and what we do.
#![allow(clippy::unwrap_used)]

mod gpg;
mod keys;
mod messages;
mod ours;
mod signatures;
