#![doc = include_str!("../README.md")]
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod label;
mod pap;
pub mod rsit;
mod tlp;

pub use label::UnknownLabel;
pub use pap::Pap;
pub use tlp::Tlp;
