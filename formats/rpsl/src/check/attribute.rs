//! One attribute: whether its class has it, whether its bytes are text, and whether its values follow their syntax.

use super::{Findings, Severity, network, value};
use crate::error::Quoted;
use crate::object::{Attribute, Object};
use crate::range::{AddressRange, parse_range};
use crate::template::{AttributeName, Slot, Syntax, Template};

/// Items of one list that are looked at.
const MOST_ITEMS: usize = 65_536;

/// Checks the attributes of one object, one after the other.
pub(super) struct Checker<'t> {
    template: &'t Template,
    /// Of a route its prefix, in which other prefixes must lie.
    route: Option<AddressRange>,
    /// Where in the template the last attribute stood.
    near: usize,
}

impl<'t> Checker<'t> {
    pub(super) fn new(template: &'t Template, object: &Object<'_>) -> Self {
        let is_route = matches!(template.class(), "route" | "route6");
        let route = is_route.then(|| parse_range(&object.key_value()).ok()).flatten();
        Self { template, route, near: 0 }
    }

    /// Checks an attribute. Gives its line of the template and where that stands; none when the class does not have it.
    pub(super) fn check(
        &mut self,
        attribute: &Attribute<'_>,
        findings: &mut Findings,
    ) -> Option<(usize, &'static Slot)> {
        text(attribute, findings);
        match self.template.slot_near(attribute.name(), &mut self.near) {
            Some(slot) => {
                self.values(slot.attribute, attribute, findings);
                Some((self.near, slot))
            }
            None => {
                if let Some(name) = self.elsewhere(attribute, findings) {
                    self.values(name, attribute, findings);
                }
                None
            }
        }
    }

    /// Says of an attribute why the class does not have it; its name, where it is taken all the same.
    fn elsewhere(&self, attribute: &Attribute<'_>, findings: &mut Findings) -> Option<AttributeName> {
        let class = self.template.class();
        let mut add =
            |severity, message| findings.add(attribute.line(), Some(attribute.name()), severity, message);
        let Some(name) = AttributeName::long(attribute.name()) else {
            let message = match AttributeName::parse(attribute.name()) {
                Some(name) => format!("this is the short name of {name}; write it in full"),
                None => {
                    format!("there is no attribute of this name; see the template of {class} (-t {class})")
                }
            };
            add(Severity::Error, message);
            return None;
        };
        let message = match (self.template.elsewhere(name), name) {
            (None, _) => {
                add(
                    Severity::Error,
                    format!("objects of the class {class} do not have this attribute; take it out"),
                );
                return None;
            }
            (Some(_), AttributeName::Changed) => {
                "deprecated attribute \"changed\". This attribute has been removed; the registry keeps the dates itself"
            }
            (Some(_), _) if class == "irt" => return Some(name),
            (Some(_), AttributeName::AbuseMailbox) => {
                "here it is out of use; name a role with an abuse-mailbox as abuse-c instead"
            }
            (Some(_), _) => "here it is out of use; it has no effect any more",
        };
        add(Severity::Warning, message.to_owned());
        Some(name)
    }

    fn values(&self, name: AttributeName, attribute: &Attribute<'_>, findings: &mut Findings) {
        let class = self.template.class();
        let syntax = name.syntax();
        let set_by_registry =
            syntax == Syntax::Generated || class == "aut-num" && name == AttributeName::Status;
        let free = matches!(syntax, Syntax::FreeText | Syntax::Certif | Syntax::Changed);
        if set_by_registry || free && name != AttributeName::RegNr {
            return;
        }
        let value = attribute.value();
        let mut add =
            |severity, message| findings.add(attribute.line(), Some(attribute.name()), severity, message);
        let separator = if name.is_list() { ',' } else { '\n' };
        let mut items = value.split(separator).map(str::trim).filter(|item| !item.is_empty()).peekable();
        if items.peek().is_none() && !matches!(syntax, Syntax::Policy(_)) {
            let expected = value::expected(syntax, class);
            add(Severity::Error, format!("it is empty. Take the line out, or write: {expected}"));
        }
        for item in items.take(MOST_ITEMS) {
            if let Some((severity, message)) = value::check(name, class, item) {
                add(severity, message);
            } else if let Some(route) = self.route
                && matches!(name, AttributeName::Holes | AttributeName::Pingable)
                && !network::lies_in(item, route)
            {
                add(Severity::Error, format!("{} does not lie in the route's own prefix", Quoted::new(item)));
            }
        }
    }
}

/// Whether the bytes are text.
fn text(attribute: &Attribute<'_>, findings: &mut Findings) {
    let raw = attribute.raw_value();
    if raw.iter().all(|byte| matches!(byte, b' '..=b'~' | b'\t' | b'\r' | b'\n')) {
        return;
    }
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
