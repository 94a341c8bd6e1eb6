//! One value against the syntax of its attribute.

use std::fmt::{self, Write};

use super::contact::{self, Mailbox};
use super::{Severity, codes, names, network, policy};
use crate::error::Quoted;
use crate::range::{AddressRange, RangeError, parse_as_number, parse_inet6num, parse_inetnum};
use crate::template::{AttributeName, SetKind, Syntax, normal_key};
use crate::view::KeyReference;

type Found = Option<(Severity, String)>;

/// What is to be said about the value: nothing when it is as it should be.
pub(super) fn check(attribute: AttributeName, class: &str, value: &str) -> Found {
    let syntax = attribute.syntax();
    let fits = match syntax {
        Syntax::FreeText | Syntax::Generated | Syntax::Certif | Syntax::Changed => true,
        Syntax::Range4 => return range(value, parse_inetnum(value)),
        Syntax::Range6 => return range6(value),
        Syntax::Prefix4 => network::prefix4(value).is_some(),
        Syntax::Prefix6 => network::prefix6(value).is_some(),
        Syntax::Holes => network::prefix(value).is_some_and(|prefix| prefix.is_ipv4() == (class == "route")),
        Syntax::Address => network::address(value),
        Syntax::AsNumber => return as_number(value),
        Syntax::AsBlock => normal_key("as-block", value).is_ok(),
        Syntax::Set(kind) => names::set(kind, value),
        Syntax::MemberOf => names::set(member_of(class), value),
        Syntax::Members => network::member(class, value, false),
        Syntax::MpMembers => network::member(class, value, true),
        Syntax::MembersByReference => value.eq_ignore_ascii_case("ANY") || names::object_name(value),
        Syntax::ObjectName if names::is_reserved(value) => {
            return error(format!(
                "{} is a word of RPSL and cannot be a name; choose another",
                Quoted::new(value)
            ));
        }
        Syntax::ObjectName => names::object_name(value),
        Syntax::MntRoutes => network::mnt_routes(value),
        Syntax::Irt => names::irt(value),
        Syntax::NicHandle => names::nic_handle(value),
        Syntax::Organisation => names::organisation(value),
        Syntax::Netname => names::netname(value),
        Syntax::Source => names::source(value),
        Syntax::PersonName => names::person(value),
        Syntax::OrgName => names::org_name(value),
        Syntax::OrgType => one_of(&["IANA", "RIR", "NIR", "LIR", "DIRECT_ASSIGNMENT", "OTHER"], value),
        Syntax::Mailbox => return mailbox(value),
        Syntax::Phone => contact::phone(value),
        Syntax::Country => codes::country(value),
        Syntax::Language => codes::language(value),
        Syntax::HttpsUrl => contact::https(value),
        Syntax::Location => contact::location(value),
        Syntax::Uri => contact::uri(value),
        Syntax::KeyCert => return key(value, value),
        Syntax::Auth => return auth(value),
        Syntax::Status => status(class, value),
        Syntax::Number => network::number(value, if class == "inetnum" { 32 } else { 128 }),
        Syntax::Domain => network::domain(value),
        Syntax::NameServer => network::name_server(value),
        Syntax::DsRecord => network::ds_record(value),
        Syntax::HostName => network::host(value, b"-"),
        Syntax::RouterName => network::host(value, b"-_"),
        Syntax::Poem => names::poem(value, "POEM-"),
        Syntax::PoeticForm => names::poem(value, "FORM-"),
        Syntax::Policy(routing) => {
            let why = policy::wrong(routing, value)?;
            return error(format!("{why}. It should be: {}", expected(syntax, class)));
        }
    };
    if fits {
        None
    } else {
        error(format!("{} does not fit. It should be: {}", Quoted::new(value), expected(syntax, class)))
    }
}

fn error(message: String) -> Found {
    Some((Severity::Error, message))
}

/// The description of the syntax in one line.
pub(super) fn expected(syntax: Syntax, class: &str) -> String {
    syntax.about(class).replace('\n', " ")
}

/// The range itself is an object's name: written otherwise than usual it is taken, and told how.
fn range(value: &str, read: Result<AddressRange, RangeError>) -> Found {
    match read {
        Ok(range) if is_written(value, range) => None,
        Ok(range) => Some((Severity::Info, format!("{} is registered as {range}", Quoted::new(value)))),
        Err(why) => error(why.to_string()),
    }
}

/// Whether the value is what the range looks like when written.
fn is_written(value: &str, range: AddressRange) -> bool {
    /// Takes what is written off the front of the value.
    struct Rest<'a>(&'a str);
    impl fmt::Write for Rest<'_> {
        fn write_str(&mut self, text: &str) -> fmt::Result {
            self.0 = self.0.strip_prefix(text).ok_or(fmt::Error)?;
            Ok(())
        }
    }
    let mut rest = Rest(value);
    write!(rest, "{range}").is_ok() && rest.0.is_empty()
}

fn range6(value: &str) -> Found {
    match parse_inet6num(value) {
        Ok(range) if range.prefix_length().is_none() => {
            error(format!("{} is not a prefix; write one object for each prefix", Quoted::new(value)))
        }
        read => range(value, read),
    }
}

fn as_number(value: &str) -> Found {
    if names::as_number(value) {
        return None;
    }
    match parse_as_number(value) {
        Some(number) => error(format!("{} must be written as AS{number}", Quoted::new(value))),
        None => error(format!("{} does not fit. It should be: AS and a number", Quoted::new(value))),
    }
}

fn member_of(class: &str) -> SetKind {
    match class {
        "aut-num" => SetKind::As,
        "inet-rtr" => SetKind::Router,
        _ => SetKind::Route,
    }
}

/// Whether the value is one of the texts, in any case and with any blanks between its words.
fn one_of(texts: &[&str], value: &str) -> bool {
    texts.iter().any(|text| {
        let mut words = value.split_whitespace();
        text.split(' ').all(|word| words.next().is_some_and(|other| word.eq_ignore_ascii_case(other)))
            && words.next().is_none()
    })
}

fn status(class: &str, value: &str) -> bool {
    let words: &[&str] = match class {
        "inetnum" => &[
            "ALLOCATED PA",
            "ALLOCATED UNSPECIFIED",
            "ALLOCATED-ASSIGNED PA",
            "LIR-PARTITIONED PA",
            "SUB-ALLOCATED PA",
            "AGGREGATED-BY-LIR",
            "ASSIGNED PA",
            "ASSIGNED PI",
            "ASSIGNED ANYCAST",
            "LEGACY",
        ],
        "inet6num" => &[
            "ALLOCATED-BY-RIR",
            "ALLOCATED-BY-LIR",
            "AGGREGATED-BY-LIR",
            "ASSIGNED",
            "ASSIGNED ANYCAST",
            "ASSIGNED PI",
        ],
        _ => &["ASSIGNED", "LEGACY", "OTHER"],
    };
    one_of(words, value)
}

fn mailbox(value: &str) -> Found {
    match contact::mailbox(value) {
        Mailbox::Good => None,
        Mailbox::Placeholder => Some((
            Severity::Warning,
            format!(
                "{} is a placeholder that nobody reads; give an address that is read",
                Quoted::new(value)
            ),
        )),
        Mailbox::No => error(format!(
            "{} is not one mail address. Write name@domain, each address in an attribute of its own",
            Quoted::new(value)
        )),
    }
}

/// `name` is the key within `value`.
fn key(name: &str, value: &str) -> Found {
    match KeyReference::parse(name) {
        Some(KeyReference::Pgp(digits)) if digits.len() < 40 => Some((
            Severity::Warning,
            format!(
                "PGPKEY-{digits} is an alias: another key can be made that ends alike. Write the whole fingerprint \
                 (PGPKEY- and 40 or 64 digits)"
            ),
        )),
        Some(KeyReference::X509(0) | KeyReference::Auto(0)) | None => error(format!(
            "{} is not the name of a key. It should be: {}",
            Quoted::new(value),
            expected(Syntax::KeyCert, "")
        )),
        Some(_) => None,
    }
}

fn auth(value: &str) -> Found {
    let mut words = value.split_ascii_whitespace();
    let method = words.next().unwrap_or_default();
    match method.to_ascii_uppercase().as_str() {
        // the value is a secret, or nearly: it is not quoted
        "MD5-PW" | "CRYPT-PW" | "BCRYPT-PW" => error(
            "passwords are not taken: who sees the object can try them out in peace. Sign with a key (PGPKEY-…), \
             or use an account"
                .to_owned(),
        ),
        "NONE" | "MAIL-FROM" => error(format!(
            "{method} proves nothing and is not taken. Sign with a key (PGPKEY-…), or use an account"
        )),
        "SSO" => {
            let account = words.next().is_some_and(|account| account.len() <= 254);
            (!account || words.next().is_some())
                .then(|| (Severity::Error, "SSO must be followed by the name of one account".to_owned()))
        }
        _ if words.next().is_some() => error(format!(
            "{} is not a way to authorise. It should be: {}",
            Quoted::new(value),
            expected(Syntax::Auth, "")
        )),
        _ => key(method, value),
    }
}
