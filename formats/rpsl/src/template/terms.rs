//! By which words an object is found.

use super::key::name;
use super::{AttributeName, Routing, Syntax, Template};
use crate::object::Object;
use crate::range::parse_as_number;
use crate::view::KeyReference;

/// Bytes of the longest term: what is longer nobody types, and no index takes.
pub const LONGEST_TERM: usize = 320;

/// A word by which an object is found.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Term {
    /// The attribute it comes from: `mnt-by`.
    pub attribute: &'static str,
    /// The value, in its one spelling; see [`normal_terms`].
    pub value: String,
    /// Whether an inverse query (`-i`) finds the object by it; a plain query otherwise.
    pub inverse: bool,
}

/// The lookup and inverse keys of an object, each once, ordered. Empty for classes without a template.
///
/// Ranges and prefixes are not among them: those are found by where they lie, not by how they are written.
/// Passwords, accounts and other secrets of `auth` are not either.
pub fn terms(object: &Object<'_>) -> Vec<Term> {
    let mut found = Vec::new();
    let mut attributes = object.attributes().peekable();
    let Some(template) = attributes.peek().and_then(|first| Template::of(first.name())) else { return found };
    let mut near = 0;
    for attribute in attributes {
        let slot = template.slot_near(attribute.name(), &mut near);
        let slot = slot.or_else(|| template.elsewhere(AttributeName::long(attribute.name())?));
        let Some(slot) = slot.filter(|slot| slot.lookup || slot.inverse) else { continue };
        normal(slot.attribute, &attribute.value(), &mut |value| {
            found.push(Term { attribute: slot.attribute.as_str(), value, inverse: slot.inverse });
        });
    }
    found.sort_unstable();
    found.dedup();
    found
}

/// The terms that a value of the attribute stands for; also of a value asked for, so that both are spelt alike:
/// handles, names of objects and hosts, and keys in upper case, mail addresses in lower case, AS numbers as
/// `AS64496`, the names of persons, roles and organisations as their single words in lower case (all of which an
/// object must have to be meant). Lists give several. Empty when the value is none that can be searched for.
///
/// ```
/// use rpsl::template::{AttributeName, normal_terms};
/// assert_eq!(normal_terms(AttributeName::MntBy, "example-mnt, OTHER-mnt"), ["EXAMPLE-MNT", "OTHER-MNT"]);
/// assert_eq!(normal_terms(AttributeName::OrgName, "Example Ltd."), ["example", "ltd"]);
/// assert_eq!(normal_terms(AttributeName::Origin, "as1.10"), ["AS65546"]);
/// ```
pub fn normal_terms(attribute: AttributeName, value: &str) -> Vec<String> {
    let mut terms = Vec::new();
    normal(attribute, value, &mut |term| terms.push(term));
    terms
}

fn normal(attribute: AttributeName, value: &str, take: &mut dyn FnMut(String)) {
    let mut take = |term: String| {
        if (1..=LONGEST_TERM).contains(&term.len()) && !term.contains(char::is_control) {
            take(term);
        }
    };
    match attribute.syntax() {
        Syntax::Range4 | Syntax::Range6 | Syntax::Prefix4 | Syntax::Prefix6 => {}
        Syntax::Mailbox => mailboxes(value, &mut take),
        Syntax::PersonName | Syntax::OrgName => words(value, &mut take),
        Syntax::AsNumber => take(match parse_as_number(value) {
            Some(number) => format!("AS{number}"),
            None => value.to_ascii_uppercase(),
        }),
        Syntax::AsBlock => take(super::normal_key("as-block", value).unwrap_or_default()),
        Syntax::Auth | Syntax::KeyCert => items(value)
            .filter_map(KeyReference::parse)
            .filter(|key| !matches!(key, KeyReference::Auto(_)))
            .for_each(|key| take(key.to_string())),
        // Only the fingerprint is searched for.
        Syntax::Generated => {
            let digits = value.bytes().filter(u8::is_ascii_hexdigit);
            take(digits.map(|byte| char::from(byte.to_ascii_uppercase())).collect());
        }
        Syntax::NameServer | Syntax::Policy(Routing::InterfaceAddress) => {
            take(host(value.split_ascii_whitespace().next().unwrap_or_default()));
        }
        Syntax::Domain | Syntax::RouterName | Syntax::HostName => take(host(value)),
        Syntax::MntRoutes => {
            let maintainers = value.split('{').next().unwrap_or_default();
            let names = items(maintainers).filter(|item| !item.eq_ignore_ascii_case("ANY"));
            names.for_each(|item| take(item.to_ascii_uppercase()));
        }
        // Old objects name a person in full where the handle should stand.
        Syntax::NicHandle => {
            value.split(',').filter_map(name).for_each(take);
        }
        _ if attribute.is_list() => items(value).for_each(|item| take(item.to_ascii_uppercase())),
        _ => {
            name(value).into_iter().for_each(take);
        }
    }
}

fn items(value: &str) -> impl Iterator<Item = &str> {
    value.split(|char: char| char == ',' || char.is_ascii_whitespace()).filter(|item| !item.is_empty())
}

fn host(value: &str) -> String {
    value.trim_end_matches(['.', ' ']).to_ascii_uppercase()
}

/// Whatever looks like a mail address: alone, as `Name <address>`, as `mailto:`.
fn mailboxes(value: &str, take: &mut impl FnMut(String)) {
    for word in value.split(|char: char| char.is_whitespace() || ",;".contains(char)) {
        let word = word.trim_end_matches('>');
        let address = word.rsplit(['<', ':']).next().unwrap_or_default();
        if address.contains('@') {
            take(address.to_lowercase());
        }
    }
}

/// The words of a name without what stands around them: `Ltd.` is `ltd`.
fn words(value: &str, take: &mut impl FnMut(String)) {
    for word in value.split_whitespace() {
        let word = word.to_lowercase();
        take(word.trim_matches(|char: char| !char.is_alphanumeric()).to_owned());
    }
}
