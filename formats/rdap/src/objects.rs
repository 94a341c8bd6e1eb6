//! Networks, AS numbers, domains; searches, help, errors (RFC 9083 sections 5 to 8).

use std::net::IpAddr;

use serde::Serialize;

use crate::{Entity, Event, Link, Notice, Status};

/// A range of addresses (section 5.4).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct IpNetwork {
    object_class_name: &'static str,
    /// Its key in the registry.
    pub handle: String,
    start_address: IpAddr,
    end_address: IpAddr,
    ip_version: &'static str,
    /// Its name (`netname`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The registry's own kind (`ASSIGNED PA`).
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Two letters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// Key of the network around it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent_handle: Option<String>,
    /// The prefixes that make it up (extension `cidr0`).
    #[serde(rename = "cidr0_cidrs", skip_serializing_if = "Vec::is_empty")]
    pub cidrs: Vec<Cidr>,
    /// Its state.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub status: Vec<Status>,
    /// Those who are responsible.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub entities: Vec<Entity>,
    /// Free text.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub remarks: Vec<Notice>,
    /// Where it stands.
    pub links: Vec<Link>,
    /// What happened to it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub events: Vec<Event>,
    /// The host of the whois server.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub port43: Option<String>,
}

/// A prefix, as the extension `cidr0` writes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Cidr {
    /// Of IPv4.
    V4 {
        /// The first address.
        v4prefix: std::net::Ipv4Addr,
        /// In bits.
        length: u8,
    },
    /// Of IPv6.
    V6 {
        /// The first address.
        v6prefix: std::net::Ipv6Addr,
        /// In bits.
        length: u8,
    },
}

impl Cidr {
    /// The prefix of `length` bits that begins at `first`.
    pub fn new(first: IpAddr, length: u8) -> Self {
        match first {
            IpAddr::V4(v4prefix) => Self::V4 { v4prefix, length },
            IpAddr::V6(v6prefix) => Self::V6 { v6prefix, length },
        }
    }
}

impl IpNetwork {
    /// The network from `first` to `last`, called `handle`, without anything else.
    pub fn new(handle: impl Into<String>, first: IpAddr, last: IpAddr) -> Self {
        Self {
            object_class_name: "ip network",
            handle: handle.into(),
            start_address: first,
            end_address: last,
            ip_version: if first.is_ipv4() { "v4" } else { "v6" },
            name: None,
            kind: None,
            country: None,
            parent_handle: None,
            cidrs: Vec::new(),
            status: vec![Status::Active],
            entities: Vec::new(),
            remarks: Vec::new(),
            links: Vec::new(),
            events: Vec::new(),
            port43: None,
        }
    }
}

/// An AS number (section 5.5).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Autnum {
    object_class_name: &'static str,
    /// Its key in the registry.
    pub handle: String,
    start_autnum: u32,
    end_autnum: u32,
    /// Its name (`as-name`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The registry's own kind.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Two letters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// Its state.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub status: Vec<Status>,
    /// Those who are responsible.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub entities: Vec<Entity>,
    /// Free text.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub remarks: Vec<Notice>,
    /// Where it stands.
    pub links: Vec<Link>,
    /// What happened to it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub events: Vec<Event>,
    /// The host of the whois server.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub port43: Option<String>,
}

impl Autnum {
    /// AS number `number` without anything else.
    pub fn new(number: u32) -> Self {
        Self {
            object_class_name: "autnum",
            handle: format!("AS{number}"),
            start_autnum: number,
            end_autnum: number,
            name: None,
            kind: None,
            country: None,
            status: vec![Status::Active],
            entities: Vec::new(),
            remarks: Vec::new(),
            links: Vec::new(),
            events: Vec::new(),
            port43: None,
        }
    }
}

/// A domain, of names or of reversed addresses (section 5.3).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Domain {
    object_class_name: &'static str,
    /// Its key in the registry; none when the registry has no object of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub handle: Option<String>,
    ldh_name: String,
    /// Its name servers.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub nameservers: Vec<Nameserver>,
    /// What its parent says about its signature.
    #[serde(rename = "secureDNS", skip_serializing_if = "Option::is_none")]
    pub delegation: Option<Delegation>,
    /// Those who are responsible.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub entities: Vec<Entity>,
    /// Its state.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub status: Vec<Status>,
    /// Free text.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub remarks: Vec<Notice>,
    /// Where it stands.
    pub links: Vec<Link>,
    /// What happened to it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub events: Vec<Event>,
    /// The network of the reversed addresses.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub network: Option<Box<IpNetwork>>,
    /// The host of the whois server.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub port43: Option<String>,
}

impl Domain {
    /// The domain `name` (letters, digits, hyphens) without anything else.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            object_class_name: "domain",
            handle: None,
            ldh_name: name.into(),
            nameservers: Vec::new(),
            delegation: None,
            entities: Vec::new(),
            status: vec![Status::Active],
            remarks: Vec::new(),
            links: Vec::new(),
            events: Vec::new(),
            network: None,
            port43: None,
        }
    }
}

/// A name server of a domain (section 5.2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Nameserver {
    object_class_name: &'static str,
    ldh_name: String,
}

impl Nameserver {
    /// The server called `name`.
    pub fn new(name: impl Into<String>) -> Self {
        Self { object_class_name: "nameserver", ldh_name: name.into() }
    }
}

/// Whether a domain's parent vouches for its signature (section 5.3, `secureDNS`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Delegation {
    /// There are DS records.
    pub delegation_signed: bool,
}

/// What a search for entities found (section 8).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Entities {
    /// Them.
    #[serde(rename = "entitySearchResults")]
    pub results: Vec<Entity>,
}

/// What a search for domains found (section 8).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Domains {
    /// Them.
    #[serde(rename = "domainSearchResults")]
    pub results: Vec<Domain>,
}

/// An answer that consists of notices only (section 7).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Help {}

/// Why there is no answer (section 6).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Refusal {
    /// The status of HTTP.
    pub error_code: u16,
    /// What is wrong, short.
    pub title: String,
    /// What is wrong and what to do, line by line.
    pub description: Vec<String>,
}
