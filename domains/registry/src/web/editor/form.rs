//! The form side of the editor: made from the text, and written back into it.

use identity::Fields;
use rpsl::Object;
use rpsl::template::{Multiplicity, Requirement, Slot, Template};
use rpsl::write::Writer;

use super::check::Verdict;
use crate::browse::Id;

/// The form: what is filled or must be, and the rest, which is folded.
pub(super) struct Side {
    pub(super) shown: Vec<Field>,
    pub(super) folded: Vec<Field>,
    /// The text cannot be read, so there is no form.
    pub(super) broken: bool,
}

/// A field for all values of one attribute.
pub(super) struct Field {
    /// `f.` and the attribute.
    pub(super) name: String,
    pub(super) label: String,
    pub(super) hint: String,
    /// One value a line.
    pub(super) value: String,
    /// Lines that it shows; 0: a single line.
    pub(super) rows: u32,
    /// What is wrong with it.
    pub(super) wrong: String,
}

/// The form for a text.
pub(super) fn side(class: &Template, text: &str, verdict: &Verdict) -> Side {
    let Ok(object) = Object::parse(text.as_bytes()) else {
        return Side { shown: Vec::new(), folded: Vec::new(), broken: true };
    };
    let (mut shown, mut folded) = (Vec::new(), Vec::new());
    for slot in editable(class) {
        let value = values(&object, slot);
        let needed = slot.requirement == Requirement::Mandatory;
        let field = Field {
            name: format!("f.{}", slot.attribute.as_str()),
            label: format!("{}{}", slot.attribute.as_str(), if needed { " (needed)" } else { "" }),
            hint: match slot.multiplicity {
                Multiplicity::Single => slot.attribute.about().to_owned(),
                Multiplicity::Multiple => format!("{} One a line.", slot.attribute.about()),
            },
            rows: match slot.multiplicity {
                Multiplicity::Single => 0,
                Multiplicity::Multiple => (value.lines().count().clamp(1, 12)) as u32,
            },
            wrong: verdict.of_attribute(slot.attribute.as_str()),
            value,
        };
        if needed || !field.value.is_empty() || !field.wrong.is_empty() { &mut shown } else { &mut folded }
            .push(field);
    }
    Side { shown, folded, broken: false }
}

/// What the registry sets itself is not asked for.
fn editable(class: &Template) -> impl Iterator<Item = &'static Slot> + use<'_> {
    class.attributes().iter().filter(|slot| slot.requirement != Requirement::Generated)
}

/// The values of an attribute, one a line; lines of one value are told apart by the blank they begin with.
fn values(object: &Object<'_>, slot: &Slot) -> String {
    let mut lines = Vec::new();
    for attribute in object.all(slot.attribute.as_str()) {
        let mut own = attribute.text_lines().map(|line| line.into_owned());
        lines.extend(own.next());
        lines.extend(own.map(|line| format!("  {line}")));
    }
    lines.join("\n")
}

/// The text that was sent: as typed when it was changed, else with what was changed in the form.
pub(super) fn sent(class: &'static Template, fields: &Fields) -> String {
    let (text, seen) = (plain(fields.raw("text")), plain(fields.raw("seen")));
    if text.trim_end() != seen.trim_end() {
        return text;
    }
    let Ok(object) = Object::parse(text.as_bytes()) else { return text };
    let mut writer = Writer::of(&object);
    let mut changed = false;
    for slot in editable(class) {
        let name = format!("f.{}", slot.attribute.as_str());
        // A field that the form did not have is not an empty one.
        let Some(posted) = fields.all(&name).next() else { continue };
        let posted = plain(posted);
        if posted.trim_end() == values(&object, slot).trim_end() {
            continue;
        }
        changed = true;
        let mut wanted = one_by_one(&posted).into_iter();
        match wanted.next() {
            Some(first) => {
                writer.set(slot.attribute, &first);
                for further in wanted {
                    writer.add(slot.attribute, &further);
                }
            }
            None => {
                writer.remove(slot.attribute.as_str());
            }
        }
    }
    if changed { rpsl::decode(&writer.to_bytes()).into_owned() } else { text }
}

/// The values of a field; a line that begins with a blank goes on with the value before it.
fn one_by_one(posted: &str) -> Vec<String> {
    let mut values: Vec<String> = Vec::new();
    for line in posted.lines().filter(|line| !line.trim().is_empty()) {
        match values.last_mut().filter(|_| line.starts_with([' ', '\t'])) {
            Some(value) => {
                value.push('\n');
                value.push_str(line.trim());
            }
            None => values.push(line.trim().to_owned()),
        }
    }
    values
}

/// Browsers send line ends as CR LF.
fn plain(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\r', "\n")
}

/// What a new object begins with: what must stand, empty where only its author knows.
pub(super) fn skeleton(class: &'static Template, id: &Id) -> String {
    let mut text = String::new();
    for slot in editable(class) {
        let is_name = slot.primary || slot.attribute.as_str() == id.class;
        let value = match slot.attribute.as_str() {
            "source" => id.source.clone(),
            "nic-hdl" if id.key.is_empty() => "AUTO-1".to_owned(),
            "organisation" if id.key.is_empty() => "AUTO-1".to_owned(),
            // The name of a person or role is not its key.
            "person" | "role" => String::new(),
            _ if is_name => id.key.clone(),
            _ => String::new(),
        };
        if slot.requirement == Requirement::Mandatory || is_name {
            let line = format!("{:<16}{value}", format!("{}:", slot.attribute.as_str()));
            text.push_str(line.trim_end());
            text.push('\n');
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    const IRT: &str = "irt:   IRT-A   # ours\naddress: Pier 4\naddress: Skerry\ne-mail: a@a.example\nmnt-by: A-MNT\nsource: WARD\n";

    fn fields(pairs: &[(&str, &str)]) -> Fields {
        let pairs: Vec<(String, String)> =
            pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        serde_json::from_value(serde_json::to_value(pairs).unwrap()).unwrap()
    }

    fn class() -> &'static Template {
        Template::of("irt").unwrap()
    }

    #[test]
    fn what_is_changed_in_the_form_is_written_into_the_text_and_nothing_else_is() {
        let sent = sent(
            class(),
            &fields(&[
                ("text", &IRT.replace('\n', "\r\n")),
                ("seen", IRT),
                ("f.irt", "IRT-A   # ours"),
                ("f.address", "Pier 5\r\nSkerry\r\nDK"),
                ("f.phone", "+00 5550 0100"),
                ("f.e-mail", "a@a.example"),
            ]),
        );
        assert!(sent.starts_with("irt:   IRT-A   # ours\naddress:        Pier 5\n"), "{sent}");
        assert!(sent.contains("DK\n") && sent.contains("phone:          +00 5550 0100\n"), "{sent}");
        assert!(sent.contains("e-mail: a@a.example\nmnt-by: A-MNT\nsource: WARD\n"), "{sent}");
    }

    #[test]
    fn a_text_that_was_changed_wins_over_the_form() {
        let text = IRT.replace("Pier 4", "Pier 9");
        let sent = sent(class(), &fields(&[("text", &text), ("seen", IRT), ("f.address", "elsewhere")]));
        assert_eq!(sent, text);
    }

    #[test]
    fn an_emptied_field_takes_the_attribute_out_and_one_that_was_not_sent_does_not() {
        let both = fields(&[("text", IRT), ("seen", IRT), ("f.address", " \r\n")]);
        let sent = sent(class(), &both);
        assert!(!sent.contains("address") && sent.contains("e-mail"), "{sent}");
    }

    #[test]
    fn the_form_of_a_text_that_is_sent_back_unchanged_changes_no_byte() {
        let side = side(class(), IRT, &Verdict::default());
        let mut pairs = vec![("text", IRT), ("seen", IRT)];
        for field in side.shown.iter().chain(&side.folded) {
            pairs.push((&field.name, &field.value));
        }
        assert_eq!(sent(class(), &fields(&pairs)), IRT);
    }

    #[test]
    fn a_new_object_begins_with_what_must_stand() {
        let text = skeleton(class(), &Id::new("WARD", "irt", "irt-new"));
        assert!(text.starts_with("irt:            IRT-NEW\naddress:\n"), "{text}");
        assert!(text.ends_with("source:         WARD\n") && !text.contains("created"), "{text}");
        let text = skeleton(Template::of("person").unwrap(), &Id::new("WARD", "person", ""));
        assert!(text.starts_with("person:\n") && text.contains("nic-hdl:        AUTO-1\n"), "{text}");
    }
}
