#![doc = include_str!("../README.md")]
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod certificate;
mod config;
mod serve;

pub use certificate::{ClientCertificate, Facts};
pub use config::{Config, Files, Section};
pub use serve::serve;
