#![doc = include_str!("../README.md")]
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod authenticator_data;
mod ceremony;
mod client_data;
mod error;
mod key;
#[cfg(feature = "testing")]
pub mod testing;

pub use authenticator_data::{AuthenticatorData, NewKey};
pub use ceremony::{Assertion, Checked, Credential, Registration, Site, Stored, check, register};
pub use client_data::{ClientData, challenge_of};
pub use error::Error;
pub use key::{ALGORITHMS, PublicKey};
