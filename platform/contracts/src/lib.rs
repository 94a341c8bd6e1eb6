#![doc = include_str!("../README.md")]

pub mod acme;
pub mod identity;

pub mod incidents;
pub mod pki;
pub mod registry;
pub mod teams;
pub mod tls;
pub mod trust;
pub mod upkeep;

/// A thing that happened, as it is written into the record: past tense, never changed once released
/// (a new meaning gets a new kind).
pub trait Event: serde::Serialize {
    /// `domain.what_happened`, for example `incidents.report_received`.
    const KIND: &'static str;

    /// What it happened to, as `kind:id`; the events of one stream are chained to one another.
    fn stream(&self) -> String;
}
