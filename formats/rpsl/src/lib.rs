#![doc = include_str!("../README.md")]
#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod check;
pub mod diff;
mod error;
mod handle;
mod object;
mod part;
pub mod query;
pub mod range;
mod reverse;
mod split;
pub mod template;
mod text;
mod view;
pub mod write;

pub use error::{Error, Notes, Quoted, Why};
pub use handle::Handle;
pub use object::{Attribute, Object};
pub use part::{Part, Parts};
pub use range::AddressRange;
pub use reverse::parse_reverse_domain;
pub use split::{Limits, Objects, Splitter, objects, objects_within};
pub use text::decode;
pub use view::{
    AutNum, Auth, Contact, ContactKind, Inetnum, Irt, KeyCert, KeyReference, Mntner, Organisation, Record,
    Registration, Resolved, Route, is_withheld,
};
