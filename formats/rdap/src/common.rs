//! What all objects have in common (RFC 9083 section 4).

use serde::Serialize;

/// A link (section 4.2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Link {
    /// The address of what it stands in.
    pub value: String,
    /// What it leads to: `self`, `up`, `related`, `alternate`, `terms-of-service`.
    pub rel: &'static str,
    /// Where it leads.
    pub href: String,
    /// The media type there.
    #[serde(rename = "type")]
    pub media_type: &'static str,
}

impl Link {
    /// To another answer of RDAP.
    pub fn rdap(rel: &'static str, value: impl Into<String>, href: impl Into<String>) -> Self {
        Self { value: value.into(), rel, href: href.into(), media_type: crate::MEDIA_TYPE }
    }

    /// To a page for people.
    pub fn page(rel: &'static str, value: impl Into<String>, href: impl Into<String>) -> Self {
        Self { value: value.into(), rel, href: href.into(), media_type: "text/html" }
    }
}

/// A notice about the answer, or a remark about an object (section 4.3).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Notice {
    /// Its heading.
    pub title: String,
    /// Its type, one of those registered with IANA (`result set truncated due to excessive load`).
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<&'static str>,
    /// Its text, line by line.
    pub description: Vec<String>,
    /// Where there is more.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub links: Vec<Link>,
}

impl Notice {
    /// A notice without type and links.
    pub fn new(title: impl Into<String>, description: impl IntoIterator<Item = impl Into<String>>) -> Self {
        let description = description.into_iter().map(Into::into).collect();
        Self { title: title.into(), kind: None, description, links: Vec::new() }
    }
}

/// What happened to an object (section 4.5, and IANA's registry of event actions).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum EventAction {
    /// It was registered.
    #[serde(rename = "registration")]
    Registration,
    /// It was changed.
    #[serde(rename = "last changed")]
    LastChanged,
    /// The data that is asked was brought up to date.
    #[serde(rename = "last update of RDAP database")]
    LastUpdate,
}

/// An event with its time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Event {
    /// What happened.
    pub event_action: EventAction,
    /// When (RFC 3339).
    pub event_date: String,
}

/// The state of an object (section 4.6, and IANA's registry of status values).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// In use.
    Active,
    /// Somebody has confirmed that it is right.
    Validated,
    /// Some of it was left out.
    Removed,
}
