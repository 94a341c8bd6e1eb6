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

mod attribute;
mod codes;
mod contact;
pub(crate) mod names;
mod network;
mod policy;
mod scan;
mod value;

use std::fmt;

use attribute::Checker;

use crate::error::Notes;
use crate::object::Object;
use crate::template::{AttributeName, Multiplicity, Requirement, Slot, Template};
use crate::view::KeyCert;

/// Findings told about one object; what is beyond is only counted, in the last of them.
pub const MOST_FINDINGS: usize = 64;

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
/// what is missing is told at the first. Attributes that the registry sets are passed over, since they will be set anew.
pub fn check(object: &Object<'_>, template: &Template) -> Vec<Finding> {
    let mut findings = Findings::default();
    if object.class() != template.class() {
        let message = format!("this is not an object of the class {}", template.class());
        findings.add(object.line(), None, Severity::Error, message);
        return findings.finish();
    }
    let mut checker = Checker::new(template, object);
    let mut counts = [0usize; MOST_SLOTS];
    for line in object.lexer() {
        let attribute = match line {
            Ok(attribute) => attribute,
            Err(error) => {
                let message = format!("{}. Begin a further line of a value with a blank", error.why);
                findings.add(error.line, None, Severity::Error, message);
                continue;
            }
        };
        let slot = checker.check(&attribute, &mut findings);
        let Some((slot, count)) = slot.and_then(|(at, slot)| Some((slot, counts.get_mut(at)?))) else {
            continue;
        };
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
    missing(object, template, &counts, &mut findings);
    if template.class() == "key-cert"
        && let Err(error) = KeyCert::read(object, &mut Notes::default())
        && error.attribute.as_deref() == Some("certif")
        && object.get("certif").is_some()
    {
        findings.add(error.line, Some("certif"), Severity::Error, error.why.to_string());
    }
    findings.finish()
}

/// Lines of the longest template, and more.
const MOST_SLOTS: usize = 32;

/// Whether what must stand stands. `counts` says how often each line of the template was met.
fn missing(object: &Object<'_>, template: &Template, counts: &[usize], findings: &mut Findings) {
    for (slot, count) in template.attributes().iter().zip(counts) {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_every_template_is_counted() {
        assert!(Template::all().all(|template| template.attributes().len() <= MOST_SLOTS));
    }
}
