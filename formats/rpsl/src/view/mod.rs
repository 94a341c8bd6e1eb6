//! Objects as types: what finds out who is responsible for an address.
//!
//! The views are tolerant, because three registries and twenty years of dumps differ: an object is refused
//! only when it would be useless (no name, no range, no key block). What else is odd goes into [`Notes`],
//! and attributes that a view does not know are passed over. Three shapes of `irt` are read by one view:
//! RIPE's of today (`contact:`, `org:`, `mnt-ref:`), RIPE's of 2004 (`changed:`, `phone:` and `fax-no:`)
//! and APNIC's (`abuse-mailbox:`).

mod aut_num;
mod contact;
mod fields;
mod inetnum;
mod irt;
mod key;
mod key_cert;
pub(crate) mod mailbox;
mod mntner;
mod organisation;
mod registration;
mod route;

pub use aut_num::AutNum;
pub use contact::{Contact, ContactKind};
pub use inetnum::Inetnum;
pub use irt::Irt;
pub use key::{Auth, KeyReference, Resolved};
pub use key_cert::KeyCert;
pub use mailbox::is_withheld;
pub use mntner::Mntner;
pub use organisation::Organisation;
pub use registration::Registration;
pub use route::Route;

use crate::error::{Error, Notes};
use crate::object::Object;

/// An object read into the type of its class.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Record {
    /// `irt`: an incident response team.
    Irt(Box<Irt>),
    /// `inetnum` or `inet6num`: a range of addresses.
    Inetnum(Box<Inetnum>),
    /// `person` or `role`.
    Contact(Box<Contact>),
    /// `organisation`.
    Organisation(Box<Organisation>),
    /// `key-cert`: a public key.
    KeyCert(Box<KeyCert>),
    /// `mntner`: who may change objects.
    Mntner(Box<Mntner>),
    /// `aut-num`: an AS number.
    AutNum(Box<AutNum>),
    /// `route` or `route6`.
    Route(Box<Route>),
    /// A class that says nothing about who is responsible; its name.
    Other(String),
}

impl Record {
    /// Reads any object by its class.
    ///
    /// # Errors
    /// What makes an object of its class useless: see the views. Lesser oddities go into `notes`.
    pub fn read(object: &Object<'_>, notes: &mut Notes) -> Result<Self, Error> {
        Ok(match &*object.class() {
            "irt" => Self::Irt(Irt::read(object, notes)?.into()),
            "inetnum" | "inet6num" => Self::Inetnum(Inetnum::read(object, notes)?.into()),
            "person" | "role" => Self::Contact(Contact::read(object, notes)?.into()),
            "organisation" => Self::Organisation(Organisation::read(object, notes)?.into()),
            "key-cert" => Self::KeyCert(KeyCert::read(object, notes)?.into()),
            "mntner" => Self::Mntner(Mntner::read(object, notes)?.into()),
            "aut-num" => Self::AutNum(AutNum::read(object, notes)?.into()),
            "route" | "route6" => Self::Route(Route::read(object, notes)?.into()),
            class => {
                object.malformed().for_each(|error| notes.push(error));
                Self::Other(class.to_owned())
            }
        })
    }
}
