//! What an object means to the index.

use rpsl::{AutNum, Contact, ContactKind, Inetnum, KeyReference, Record, Registration};
use smol_str::SmolStr;

use super::Key;
use super::profile::Facts;

/// What the index keeps of an `irt`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Irt {
    /// Its name as written.
    pub(crate) name: SmolStr,
    /// Where to write to, the best first.
    pub(crate) mailboxes: Box<[SmolStr]>,
    /// Telephone numbers, as written.
    pub(crate) phones: Box<[SmolStr]>,
    /// The keys to encrypt to.
    pub(crate) encryption: Box<[KeyReference]>,
    /// The keys it signs with.
    pub(crate) signature: Box<[KeyReference]>,
}

/// The role that `abuse-c` points at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AbuseContact {
    /// Its name.
    pub(crate) name: SmolStr,
    /// Where complaints go.
    pub(crate) mailbox: SmolStr,
    /// Whether that is its `e-mail`, since it has no `abuse-mailbox`.
    pub(crate) by_email: bool,
}

/// An object by what it means; what says nothing about who is responsible means nothing.
pub(crate) enum Meaning {
    Network(Box<Inetnum>),
    AsNumber(Box<AutNum>),
    /// The rest by name, in upper case.
    Irt(String, Irt),
    /// `None`: a person or role that is no abuse contact.
    Contact(String, Option<AbuseContact>),
    Organisation(String, SmolStr),
    Key(String, Key),
    Nothing,
}

impl Meaning {
    /// What the object means, and its registry in upper case.
    pub(crate) fn of(record: Record) -> (Self, String) {
        match record {
            Record::Inetnum(inetnum) => {
                let source = source(&inetnum.registration);
                (Self::Network(inetnum), source)
            }
            Record::AutNum(aut_num) => {
                let source = source(&aut_num.registration);
                (Self::AsNumber(aut_num), source)
            }
            Record::Irt(irt) => {
                let texts = |texts: Vec<String>| texts.into_iter().map(SmolStr::from).collect();
                let object = Irt {
                    name: irt.name.as_str().into(),
                    mailboxes: irt.mailboxes().into_iter().map(SmolStr::from).collect(),
                    phones: texts(irt.phones),
                    encryption: irt.encryption.into(),
                    signature: irt.signature.into(),
                };
                (Self::Irt(irt.name.to_key(), object), source(&irt.registration))
            }
            Record::Contact(contact) => {
                let meaning = Self::Contact(contact.nic_hdl.to_key(), abuse_contact(&contact));
                (meaning, source(&contact.registration))
            }
            Record::Organisation(organisation) => {
                let role = organisation.abuse_c.as_ref().map(rpsl::Handle::to_key).unwrap_or_default();
                let meaning = Self::Organisation(organisation.handle.to_key(), role.into());
                (meaning, source(&organisation.registration))
            }
            Record::KeyCert(key) => {
                let name = key.name.to_string();
                let object = Key { name: name.clone(), fingerprint: key.fingerprint.clone() };
                (Self::Key(name, object), source(&key.registration))
            }
            _ => (Self::Nothing, String::new()),
        }
    }
}

fn source(registration: &Registration) -> String {
    registration.source.as_ref().map_or_else(|| crate::import::UNSTATED.to_owned(), rpsl::Handle::to_key)
}

fn abuse_contact(contact: &Contact) -> Option<AbuseContact> {
    let by_email = contact.abuse_mailboxes.is_empty();
    if by_email && contact.kind == ContactKind::Person {
        return None; // a human being whom nobody named for complaints
    }
    let mailbox = contact.abuse_mailboxes.first().or_else(|| contact.emails.first())?;
    Some(AbuseContact { name: contact.name.as_str().into(), mailbox: mailbox.as_str().into(), by_email })
}

fn handle(handle: Option<&rpsl::Handle>) -> &str {
    handle.map_or("", rpsl::Handle::as_str)
}

impl<'a> Facts<'a> {
    pub(crate) fn of_network(object: &'a Inetnum, source: &'a str) -> Self {
        Self {
            source,
            country: object.country.first().map_or("", String::as_str),
            status: object.status.as_deref().unwrap_or_default(),
            irts: &object.mnt_irt,
            abuse_c: handle(object.abuse_c.as_ref()),
            org: handle(object.org.as_ref()),
        }
    }

    pub(crate) fn of_as(object: &'a AutNum, source: &'a str) -> Self {
        Self {
            source,
            country: object.country.first().map_or("", String::as_str),
            status: "",
            irts: &object.mnt_irt,
            abuse_c: handle(object.abuse_c.as_ref()),
            org: handle(object.org.as_ref()),
        }
    }
}
