//! Whether an object may be registered, as far as its text can tell: its attributes against its template, and each
//! value against its syntax. What depends on other objects (references, hierarchy, authorisation) is not looked at.
//!
//! ```
//! use rpsl::check::{Severity, check};
//! use rpsl::template::Template;
//!
//! let object = rpsl::Object::parse(b"irt: IRT-EXAMPLE\nphone: 555\nsource: TEST\n")?;
//! let findings = check(&object, Template::of("irt").expect("one of the 21"));
//! assert!(findings.iter().any(|finding| finding.severity == Severity::Error && finding.line == 2));
//! # Ok::<(), rpsl::Error>(())
//! ```

mod codes;
mod contact;
pub(crate) mod names;
mod network;
mod policy;
mod scan;
mod value;

use std::fmt;

use crate::error::{Notes, Quoted};
use crate::object::{Attribute, Object};
use crate::range::{AddressRange, parse_range};
use crate::template::{AttributeName, Multiplicity, Requirement, Slot, Syntax, Template};
use crate::view::KeyCert;

/// Findings told about one object; what is beyond is only counted, in the last of them.
pub const MOST_FINDINGS: usize = 64;

/// Items of one list that are looked at.
const MOST_ITEMS: usize = 65_536;

/// What was found about one place of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The line of the input, counted from 1.
    pub line: u64,
    /// The attribute's name in lower case; none when the line is not an attribute.
    pub attribute: Option<String>,
    /// Whether the object may be registered in spite of it.
    pub severity: Severity,
    /// What is wrong and what to do, in words.
    pub message: String,
}

/// How grave a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// For information.
    Info,
    /// Worth a change.
    Warning,
    /// The object must not be registered.
    Error,
}

impl fmt::Display for Severity {
    /// `Error`, as acknowledgements write it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Info => "Info",
            Self::Warning => "Warning",
            Self::Error => "Error",
        })
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.attribute {
            Some(name) => write!(f, "line {}, {name}: {}", self.line, self.message),
            None => write!(f, "line {}: {}", self.line, self.message),
        }
    }
}

/// Checks the object against the template of its class. An empty answer: all is well. In the order of the lines;
/// what is missing stands first. Attributes that the registry sets are passed over, since they will be set anew.
pub fn check(object: &Object<'_>, template: &Template) -> Vec<Finding> {
    let mut findings = Findings::default();
    if object.class() != template.class() {
        let message = format!("this is not an object of the class {}", template.class());
        findings.add(object.line(), None, Severity::Error, message);
        return findings.finish();
    }
    structure(object, template, &mut findings);
    // Prefixes of a route must lie in it.
    let route = matches!(template.class(), "route" | "route6")
        .then(|| parse_range(&object.key_value()).ok())
        .flatten();
    for attribute in object.attributes() {
        text(&attribute, &mut findings);
        let Some(name) = known(&attribute, template, &mut findings) else { continue };
        values(name, &attribute, template.class(), route, &mut findings);
    }
    if template.class() == "key-cert"
        && let Err(error) = KeyCert::read(object, &mut Notes::default())
        && error.attribute.as_deref() == Some("certif")
        && object.get("certif").is_some()
    {
        findings.add(error.line, Some("certif"), Severity::Error, error.why.to_string());
    }
    findings.finish()
}

/// Whether what must stand stands, and nothing more often than it may.
fn structure(object: &Object<'_>, template: &Template, findings: &mut Findings) {
    for error in object.malformed() {
        findings.add(
            error.line,
            None,
            Severity::Error,
            format!("{}. Begin a further line of a value with a blank", error.why),
        );
    }
    let mut counts = vec![0usize; template.attributes().len()];
    let mut near = 0;
    for attribute in object.attributes() {
        let Some(slot) = template.slot_near(attribute.name(), &mut near) else { continue };
        let Some(count) = counts.get_mut(near) else { continue };
        *count += 1;
        if *count == 2
            && slot.multiplicity == Multiplicity::Single
            && slot.requirement != Requirement::Generated
        {
            let message =
                format!("it may stand once only; leave one {} and take out the others", slot.attribute);
            findings.add(attribute.line(), Some(attribute.name()), Severity::Error, message);
        }
    }
    for (slot, count) in template.attributes().iter().zip(&counts) {
        if *count == 0 && slot.requirement == Requirement::Mandatory && !stands_in(slot, object) {
            let message = format!(
                "it is missing and must stand in an object of this class. {}",
                slot.attribute.about()
            );
            findings.add(object.line(), Some(slot.attribute.as_str()), Severity::Error, message);
        }
    }
    for (class, one, other) in
        [("filter-set", "filter", "mp-filter"), ("peering-set", "peering", "mp-peering")]
    {
        if template.class() == class && object.get(one).is_none() && object.get(other).is_none() {
            let message = format!("it is missing: {one} or {other} must stand in an object of this class");
            findings.add(object.line(), Some(one), Severity::Error, message);
        }
    }
}

/// APNIC's shape of `irt` has an `abuse-mailbox` for the `e-mail`.
fn stands_in(slot: &Slot, object: &Object<'_>) -> bool {
    slot.attribute == AttributeName::EMail && object.class() == "irt" && object.get("abuse-mailbox").is_some()
}

/// Whether the bytes are text.
fn text(attribute: &Attribute<'_>, findings: &mut Findings) {
    let raw = attribute.raw_value();
    let mut add = |severity, message: &str| {
        findings.add(attribute.line(), Some(attribute.name()), severity, message.to_owned())
    };
    if std::str::from_utf8(raw).is_err() {
        add(
            Severity::Warning,
            "it is not in UTF-8 and was read as Latin-1; see whether all letters are right",
        );
    }
    let control = |char: char| char.is_control() && !matches!(char, '\t' | '\n' | '\r');
    if crate::text::decode(raw).contains(control) {
        add(Severity::Error, "it holds control characters; take them out");
    }
}

/// The name of an attribute that the class has; otherwise says why not.
fn known(attribute: &Attribute<'_>, template: &Template, findings: &mut Findings) -> Option<AttributeName> {
    let class = template.class();
    let mut add =
        |severity, message| findings.add(attribute.line(), Some(attribute.name()), severity, message);
    let Some(name) = AttributeName::long(attribute.name()) else {
        add(
            Severity::Error,
            match AttributeName::parse(attribute.name()) {
                Some(name) => format!("this is the short name of {name}; write it in full"),
                None => {
                    format!("there is no attribute of this name; see the template of {class} (-t {class})")
                }
            },
        );
        return None;
    };
    if template.slot(name).is_some() {
        return Some(name);
    }
    match template.elsewhere(name) {
        Some(_) if name == AttributeName::Changed => add(
            Severity::Warning,
            "deprecated attribute \"changed\". This attribute has been removed; the registry keeps the dates itself".to_owned(),
        ),
        Some(_) if class == "irt" => return Some(name),
        Some(_) => {
            let instead = match name {
                AttributeName::AbuseMailbox => "name a role with an abuse-mailbox as abuse-c instead",
                _ => "it has no effect any more",
            };
            add(Severity::Warning, format!("here it is out of use; {instead}"));
            return Some(name);
        }
        None => add(Severity::Error, format!("objects of the class {class} do not have this attribute; take it out")),
    }
    None
}

fn values(
    name: AttributeName,
    attribute: &Attribute<'_>,
    class: &str,
    route: Option<AddressRange>,
    findings: &mut Findings,
) {
    let generated = name.syntax() == Syntax::Generated || class == "aut-num" && name == AttributeName::Status;
    if generated || name.syntax() == Syntax::FreeText && name != AttributeName::RegNr {
        return;
    }
    let value = attribute.value();
    let mut add =
        |severity, message| findings.add(attribute.line(), Some(attribute.name()), severity, message);
    let single = [&*value];
    let listed;
    let items: &[&str] = if name.is_list() {
        listed = value
            .split(',')
            .map(str::trim)
            .filter(|item| !item.is_empty())
            .take(MOST_ITEMS)
            .collect::<Vec<_>>();
        &listed
    } else {
        &single
    };
    if items.iter().all(|item| item.is_empty()) {
        if !matches!(name.syntax(), Syntax::Certif | Syntax::Policy(_)) {
            let expected = value::expected(name.syntax(), class);
            add(Severity::Error, format!("it is empty. Take the line out, or write: {expected}"));
        }
        return;
    }
    for item in items {
        if let Some((severity, message)) = value::check(name, class, item) {
            add(severity, message);
        } else if let Some(route) = route
            && matches!(name, AttributeName::Holes | AttributeName::Pingable)
            && !network::lies_in(item, route)
        {
            add(Severity::Error, format!("{} does not lie in the route's own prefix", Quoted::new(item)));
        }
    }
}

#[derive(Default)]
struct Findings {
    list: Vec<Finding>,
    more: usize,
}

impl Findings {
    fn add(&mut self, line: u64, attribute: Option<&str>, severity: Severity, message: String) {
        // An error is kept in any case, so that whoever asks for errors finds one.
        let room = self.list.len() < MOST_FINDINGS;
        if room
            || severity == Severity::Error && !self.list.iter().any(|finding| finding.severity == severity)
        {
            self.list.push(Finding { line, attribute: attribute.map(str::to_owned), severity, message });
        } else {
            self.more += 1;
        }
    }

    fn finish(mut self) -> Vec<Finding> {
        self.list.sort_by_key(|finding| finding.line);
        if self.more > 0 {
            let line = self.list.last().map_or(1, |finding| finding.line);
            let message = format!("{} more findings are not shown; mend these first", self.more);
            self.list.push(Finding { line, attribute: None, severity: Severity::Info, message });
        }
        self.list
    }
}
