//! Objects as lines.

use std::fmt::Write as _;

use rpsl::template::AttributeName as A;

use super::{Group, Reply};
use crate::whois::memory::{Card, value};
use crate::whois::request::{Form, Request};
use crate::whois::words::{denied, failure};

/// Writes groups in the form asked for.
pub(super) struct Writer<'r> {
    request: &'r Request,
    /// Personal data is withheld.
    withheld: bool,
    /// How many objects were.
    kept_back: u32,
}

impl<'r> Writer<'r> {
    pub(super) fn new(request: &'r Request, withheld: bool) -> Self {
        Self { request, withheld, kept_back: 0 }
    }

    pub(super) fn groups(&mut self, groups: &[Group], reply: &mut Reply) {
        let request = self.request;
        let all = || groups.iter().flat_map(Group::cards);
        let shows_text = matches!(request.form, Form::Plain | Form::Brief);
        if !request.whole && shows_text && all().any(|card| card.is_filtered()) {
            reply.text.push_str(
                "% Note: this output has been filtered.\n\
                 %       To receive output for a database update, use the \"-B\" flag.\n\n",
            );
        }
        for group in groups {
            if let Some(primary) =
                group.primary.as_ref().filter(|_| request.grouped && request.form == Form::Plain)
            {
                let _ = write!(reply.text, "% Information related to '{}'\n\n", primary.key);
            }
            for remark in &group.remarks {
                let _ = writeln!(reply.text, "% {remark}");
            }
            if !group.remarks.is_empty() {
                reply.text.push('\n');
            }
            if let Some(primary) = &group.primary {
                self.card(primary, group.mailbox.as_deref(), reply);
            }
            if request.grouped {
                group.related.iter().for_each(|card| self.card(card, None, reply));
            }
        }
        if !request.grouped {
            let related = groups.iter().flat_map(|group| &group.related);
            related.for_each(|card| self.card(card, None, reply));
        }
        if self.kept_back > 0 {
            failure(&denied(self.kept_back), &mut reply.text);
        }
    }

    fn card(&mut self, card: &Card, mailbox: Option<&str>, reply: &mut Reply) {
        let request = self.request;
        if card.personal {
            if request.impersonal || request.form == Form::Keys {
                return;
            }
            if self.withheld {
                self.kept_back += 1;
                return;
            }
            reply.personal += 1;
        }
        let out = &mut reply.text;
        let before = out.len();
        match request.form {
            Form::Plain => out.push_str(card.text(request.whole)),
            Form::Brief => brief(card, request.whole, out),
            Form::Keys => keys(card, out),
            Form::Abuse => primary(card, mailbox, out),
        }
        if out.len() > before {
            out.push('\n');
        }
    }
}

/// `-F`: `*in: 192.0.2.0 - 192.0.2.255`.
fn brief(card: &Card, whole: bool, out: &mut String) {
    for (name, lines) in card.attributes(whole) {
        let short = A::long(name).map_or(name, |attribute| attribute.short());
        let body = lines.get(name.len() + 1..).unwrap_or_default();
        for (number, line) in body.lines().enumerate() {
            // A line that only continues a value is kept as one.
            let line = if number == 0 { line } else { line.get(1..).unwrap_or_default() };
            let sign = if number == 0 { format!("*{short}: ") } else { "+    ".to_owned() };
            let _ = writeln!(out, "{sign}{}", line.trim());
        }
    }
}

/// `-K`: the attributes that are the key; of a set its members too. Persons and roles have none to show.
fn keys(card: &Card, out: &mut String) {
    if matches!(&*card.class, "person" | "role") {
        return;
    }
    let is_set = card.template.is_some_and(rpsl::template::Template::is_set);
    for (name, lines) in card.attributes(false) {
        let attribute = A::long(name);
        let slot = attribute.and_then(|attribute| card.template?.slot(attribute));
        let is_key = slot.map_or(name == &*card.class, |slot| slot.primary);
        if is_key || (is_set && matches!(name, "members" | "mp-members")) {
            out.push_str(lines);
        }
    }
}

/// `-b`: the key, in two columns, and where complaints go.
fn primary(card: &Card, mailbox: Option<&str>, out: &mut String) {
    for (name, lines) in card.attributes(false) {
        let slot = A::long(name).and_then(|attribute| card.template?.slot(attribute));
        if slot.is_some_and(|slot| slot.primary) {
            let _ = writeln!(out, "{:<16}{}", format!("{name}:"), value(name, lines));
        }
    }
    if let Some(mailbox) = mailbox {
        let _ = writeln!(out, "{:<16}{mailbox}", "abuse-mailbox:");
    }
}
