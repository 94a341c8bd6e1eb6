#![doc = include_str!("../README.md")]
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod certificate;
mod config;
mod own;
mod serve;

pub use certificate::{ClientCertificate, Facts};
pub use config::{Files, Section};
pub use own::Config;
pub use serve::{AskedFor, ByTls, serve};
