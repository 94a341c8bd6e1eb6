#![doc = include_str!("../README.md")]
#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod acme;
mod certificate;
mod config;
mod own;
mod serve;

pub use acme::Acme;
pub use certificate::{ClientCertificate, Facts};
pub use config::{Files, Section, Source};
pub use own::Config;
pub use serve::{AskedFor, ByTls, serve};
