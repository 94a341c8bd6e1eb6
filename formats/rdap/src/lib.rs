#![doc = include_str!("../README.md")]
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod body;
mod common;
mod entity;
mod objects;
mod redacted;
mod response;
mod vcard;

pub use body::Body;
pub use common::{Event, EventAction, Link, Notice, Status};
pub use entity::{ContactTrust, Entity, Role, Trust};
pub use objects::{
    Autnum, Cidr, Delegation, Domain, Domains, Entities, Help, IpNetwork, Nameserver, Refusal,
};
pub use redacted::{Redacted, Withheld};
pub use response::Response;
pub use vcard::{Kind, Property, VCard};

/// The media type of every answer (RFC 7480 section 4.2).
pub const MEDIA_TYPE: &str = "application/rdap+json";

/// Every extension that this crate can write, as `rdapConformance` names them (RFC 9083 section 4.1).
pub const EXTENSIONS: [&str; 4] = [LEVEL, CIDR, REDACTED, TRUST];

pub(crate) const LEVEL: &str = "rdap_level_0";
pub(crate) const CIDR: &str = "cidr0";
pub(crate) const REDACTED: &str = "redacted";
pub(crate) const TRUST: &str = "wardmote_trust";
