//! People, roles, organisations, teams, maintainers (RFC 9083 section 5.1).

use serde::Serialize;

use crate::{Event, Link, Notice, Status, VCard, Withheld};

/// What an entity is for the object in which it stands (section 10.2.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Takes complaints and reports of incidents.
    Abuse,
    /// Holds the object.
    Registrant,
    /// Decides about it.
    Administrative,
    /// Runs it.
    Technical,
    /// Is told of changes.
    Notifications,
}

/// An entity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Entity {
    object_class_name: &'static str,
    /// Its name in the registry, by which it can be fetched; none for a team that only the directory knows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub handle: Option<String>,
    /// Name and addresses.
    #[serde(rename = "vcardArray", skip_serializing_if = "VCard::is_empty")]
    pub vcard: VCard,
    /// What it is for the object in which it stands.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<Role>,
    /// Those that it names itself.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub entities: Vec<Entity>,
    /// Free text about it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub remarks: Vec<Notice>,
    /// Where it stands.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub links: Vec<Link>,
    /// What happened to it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub events: Vec<Event>,
    /// Its state.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub status: Vec<Status>,
    /// The host of the whois server.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub port43: Option<String>,
    /// How far the team is trusted.
    #[serde(rename = "wardmote_trust", skip_serializing_if = "Option::is_none")]
    pub trust: Option<Trust>,
    /// What of it was left out: becomes `redacted` of the answer.
    #[serde(skip)]
    pub withheld: Vec<Withheld>,
}

impl Entity {
    /// An entity called `handle`, without anything else.
    pub fn new(handle: impl Into<String>) -> Self {
        Self { handle: Some(handle.into()), ..Self::nameless() }
    }

    /// An entity that the registry has no object for.
    pub fn nameless() -> Self {
        Self {
            object_class_name: "entity",
            handle: None,
            vcard: VCard::default(),
            roles: Vec::new(),
            entities: Vec::new(),
            remarks: Vec::new(),
            links: Vec::new(),
            events: Vec::new(),
            status: Vec::new(),
            port43: None,
            trust: None,
            withheld: Vec::new(),
        }
    }
}

/// How far a team is trusted, and when its addresses were confirmed: the extension `wardmote_trust`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Trust {
    /// Its trust status.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub status: String,
    /// Since when (RFC 3339).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<String>,
    /// Its handle in the directory.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub team: Option<String>,
    /// Its name in the directory.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub page: Option<String>,
    /// The introducer's maintainer, where it keeps the object.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub introducer: Option<String>,
    /// When an address was last confirmed (RFC 3339).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verified: Option<String>,
    /// Each address.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub contacts: Vec<ContactTrust>,
    /// The handle of the network that names the team.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub found_at: Option<String>,
}

/// What is known of one address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ContactTrust {
    /// The mail address.
    pub address: String,
    /// Its state, in a word.
    pub state: String,
    /// When it was last confirmed (RFC 3339).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verified: Option<String>,
    /// How.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
}
