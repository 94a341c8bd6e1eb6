//! mail

pub mod pgp;
