//! Accounts, orders, authorisations: what they are, and what follows from what is stored and the time.

use std::collections::BTreeSet;

use kit::{Id, Time};
use serde_json::Value;

use super::jwk::Jwk;
use super::problem::{Kind, Problem};

/// Most names in one order.
pub(super) const NAMES: usize = 50;

macro_rules! stored_names {
    ($type:ident { $($variant:ident $name:literal),* $(,)? }) => {
        impl $type {
            /// Its name in the database and for clients.
            #[allow(dead_code, reason = "an open order has another name for clients")]
            pub(super) const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),* }
            }

            /// The one of this name.
            pub(super) fn named(name: &str) -> kit::Result<Self> {
                match name {
                    $($name => Ok(Self::$variant),)*
                    _ => Err(kit::Error::Corrupt(format!("{name:?} is no state of ACME"))),
                }
            }
        }
    };
}

/// Whether an account may still ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AccountStatus {
    /// It may.
    Valid,
    /// Its holder ended it.
    Deactivated,
    /// The credential that bound it was withdrawn.
    Revoked,
}
stored_names!(AccountStatus { Valid "valid", Deactivated "deactivated", Revoked "revoked" });

/// A program of a team, known by its key (RFC 8555, section 7.1.2).
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Account {
    pub id: Id,
    /// The team it belongs to.
    pub organisation: Id,
    pub key: Jwk,
    pub contact: Vec<String>,
    pub status: AccountStatus,
}

/// How an order is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum OrderStatus {
    Open,
    Valid,
    Invalid,
}
stored_names!(OrderStatus { Open "open", Valid "valid", Invalid "invalid" });

/// How an authorisation and its one challenge are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AuthorizationStatus {
    /// The client is to prepare its answer.
    Pending,
    /// The client says it is ready; the node asks.
    Processing,
    Valid,
    Invalid,
    Deactivated,
}
stored_names!(AuthorizationStatus {
    Pending "pending", Processing "processing", Valid "valid", Invalid "invalid", Deactivated "deactivated",
});

/// One name of one order (RFC 8555, section 7.1.4).
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Authorization {
    pub id: Id,
    pub account: Id,
    pub name: String,
    pub stored: AuthorizationStatus,
    pub token: String,
    pub expires: Time,
    pub ended: Option<Time>,
    pub problem: Option<Value>,
}

impl Authorization {
    /// What a client is told at `now`.
    pub(super) fn status(&self, now: Time) -> &'static str {
        match self.stored {
            AuthorizationStatus::Pending | AuthorizationStatus::Processing if self.expires <= now => {
                "invalid"
            }
            AuthorizationStatus::Pending | AuthorizationStatus::Processing => "pending",
            AuthorizationStatus::Valid if self.expires <= now => "expired",
            other => other.name(),
        }
    }

    /// What a client is told of its challenge.
    pub(super) fn challenge(&self, now: Time) -> &'static str {
        match self.stored {
            AuthorizationStatus::Pending | AuthorizationStatus::Processing if self.expires <= now => {
                "invalid"
            }
            AuthorizationStatus::Deactivated if self.ended.is_some() => "valid",
            AuthorizationStatus::Deactivated => "pending",
            other => other.name(),
        }
    }

    /// What the server is to say (RFC 8555, section 8.1).
    pub(super) fn key_authorization(&self, thumbprint: &str) -> String {
        format!("{}.{thumbprint}", self.token)
    }
}

/// A certificate that is being asked for (RFC 8555, section 7.1.3).
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Order {
    pub id: Id,
    pub account: Id,
    pub names: Vec<String>,
    pub stored: OrderStatus,
    pub expires: Time,
    pub problem: Option<Value>,
    /// The certificate that it is to follow, as RFC 9773 names it.
    pub replaces: Option<String>,
    pub authorizations: Vec<Authorization>,
}

impl Order {
    /// Where it stands at `now` (RFC 8555, section 7.1.6).
    pub(super) fn status(&self, now: Time) -> &'static str {
        let all = |status| self.authorizations.iter().all(|one| one.status(now) == status);
        let open = |one: &Authorization| matches!(one.status(now), "pending" | "valid");
        match self.stored {
            OrderStatus::Valid => "valid",
            OrderStatus::Invalid => "invalid",
            OrderStatus::Open if self.expires <= now || self.authorizations.is_empty() => "invalid",
            OrderStatus::Open if all("valid") => "ready",
            OrderStatus::Open if self.authorizations.iter().all(open) => "pending",
            OrderStatus::Open => "invalid",
        }
    }
}

impl Order {
    /// Why it came to nothing, in words for people.
    pub(super) fn why(&self, now: Time) -> Option<String> {
        let problem = self.error(now)?;
        Some(problem.get("detail")?.as_str()?.to_owned())
    }

    /// Why it came to nothing, as a client is told.
    pub(super) fn error(&self, now: Time) -> Option<&Value> {
        let own = self.problem.as_ref();
        let problem = own.or_else(|| self.authorizations.iter().find_map(|one| one.problem.as_ref()));
        problem.filter(|_| self.status(now) == "invalid")
    }
}

/// The names of hosts in an order, in small letters, each once (RFC 8555, section 7.1.4).
///
/// # Errors
/// Another kind of name, a wildcard, or what is no name of a host; each is told.
pub(super) fn host_names(identifiers: &[(String, String)]) -> Result<BTreeSet<String>, Problem> {
    if identifiers.is_empty() || identifiers.len() > NAMES {
        return Err(Problem::malformed(format!("an order has 1 to {NAMES} identifiers")));
    }
    let mut names = BTreeSet::new();
    let mut refused = Vec::new();
    for (kind, value) in identifiers {
        if kind != "dns" {
            let detail = format!("certificates are issued for identifiers of the type dns, not {kind:?}");
            return Err(Problem::new(Kind::UnsupportedIdentifier, detail));
        }
        match host_name(value) {
            Ok(name) => drop(names.insert(name)),
            Err(why) => refused.push((shown(value), why.to_owned())),
        }
    }
    if let [(name, why), ..] = refused.as_slice() {
        let detail = format!("{name}: {why}");
        return Err(Problem::new(Kind::RejectedIdentifier, detail).names(refused));
    }
    Ok(names)
}

fn host_name(text: &str) -> Result<String, &'static str> {
    if text.starts_with("*.") {
        return Err("wildcards are not issued by ACME here; name each host");
    }
    let name = text.to_ascii_lowercase();
    let fits = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'-';
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(fits)
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let labels: Vec<&str> = name.split('.').collect();
    let last = labels.last().is_some_and(|last| last.bytes().any(|c| c.is_ascii_alphabetic()));
    if name.len() > 253 || labels.len() < 2 || !labels.iter().all(|text| label(text)) || !last {
        return Err("is no full name of a host, in ASCII (xn--…) and without a dot at the end");
    }
    Ok(name)
}

/// A name for a message: what a stranger wrote, short and without what a terminal would obey.
fn shown(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(100).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn one(name: &str) -> Result<BTreeSet<String>, Problem> {
        host_names(&[("dns".to_owned(), name.to_owned())])
    }

    #[test]
    fn only_full_names_of_hosts_are_taken_each_once() {
        let twice = [("dns", "WWW.Team.example"), ("dns", "www.team.example")];
        let twice = twice.map(|(kind, name)| (kind.to_owned(), name.to_owned()));
        assert_eq!(Vec::from_iter(host_names(&twice).unwrap()), ["www.team.example"]);
        for bad in [
            "*.team.example",
            "team",
            "",
            ".",
            "a..example",
            "-a.example",
            "a_b.example",
            "10.0.0.1",
            "www.team.example.",
            "münchen.example",
            "a b.example",
            "www.team.example\0",
        ] {
            let refused = one(bad).unwrap_err();
            assert_eq!(refused.kind, Kind::RejectedIdentifier, "{bad}");
        }
        let ip = host_names(&[("ip".to_owned(), "192.0.2.1".to_owned())]).unwrap_err();
        assert_eq!(ip.kind, Kind::UnsupportedIdentifier);
        assert!(host_names(&[]).is_err());
    }

    proptest! {
        #[test]
        fn an_order_is_ready_only_when_each_of_its_names_was_shown_and_is_so_still(
            stored in proptest::collection::vec((0_usize..5, -2_i64..3), 0..5), expires in -2_i64..3
        ) {
            let states = [AuthorizationStatus::Pending, AuthorizationStatus::Processing, AuthorizationStatus::Valid,
                AuthorizationStatus::Invalid, AuthorizationStatus::Deactivated];
            let id = Id::from_bytes([1; 16]);
            let authorization = |(state, expires): &(usize, i64)| Authorization {
                id, account: id, name: String::new(), stored: states[*state], token: String::new(),
                expires: *expires, ended: None, problem: None,
            };
            let authorizations: Vec<_> = stored.iter().map(authorization).collect();
            let order = Order { id, account: id, names: Vec::new(), stored: OrderStatus::Open, expires,
                problem: None, replaces: None, authorizations };
            let shown = order.authorizations.iter()
                .all(|one| one.stored == AuthorizationStatus::Valid && one.expires > 0);
            prop_assert_eq!(order.status(0) == "ready", shown && expires > 0 && !stored.is_empty());
        }

        #[test]
        fn what_is_taken_as_a_name_is_one(text in "\\PC{0,30}") {
            if let Ok(names) = one(&text) {
                let fits = |name: &String| name.bytes().all(|c| c.is_ascii_alphanumeric() || b"-.".contains(&c));
                prop_assert!(names.iter().all(fits));
            }
        }
    }
}
