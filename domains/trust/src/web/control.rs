//! Steps as forms: what each asks for, and the command that a filled form is.
//!
//! All forms of a page stand in one document, so each field is named after its form: capacity, step and number.

use identity::Fields;
use kit::{Error, Result};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use super::choice;
use crate::process::Possible;
use crate::views::CaseView;

/// What a step asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// A few sentences.
    Text,
    /// A line.
    Line,
    /// A day; it is meant to its end, UTC.
    Day,
    /// One of the choices of the ballot.
    Choice,
    /// Teams that sponsor.
    Sponsors,
    /// A team to be asked as sponsor.
    Sponsor,
}

/// A field of a step: its name in the command, its label, its hint.
type Want = (&'static str, Kind, &'static str, &'static str);

const REASON: &str = "It stands in the record and in the report to the board.";

fn wants(name: &str) -> &'static [Want] {
    match name {
        "list-known" => &[(
            "source",
            Kind::Text,
            "By whom, or from what, do you know it?",
            "Everybody reads it: the record is public.",
        )],
        "decline" => &[("reason", Kind::Text, "Why", "The team reads it.")],
        "ask" => &[("text", Kind::Text, "Question", "The team reads it and answers here.")],
        "verify" => &[(
            "finding",
            Kind::Text,
            "What was found",
            "Whom you called, what you compared. Members read it.",
        )],
        "move-limit" => {
            &[("until", Kind::Day, "Over at the end of", ""), ("reason", Kind::Text, "Why", REASON)]
        }
        "suspend-at-once" => &[("reason", Kind::Text, "Why", REASON)],
        "open-review"
        | "open-reinstatement"
        | "request-reinstatement"
        | "request-leave"
        | "propose-suspension" => {
            &[("grounds", Kind::Text, "Grounds", "For the case file: operator and board read it.")]
        }
        "file" => &[("text", Kind::Text, "For the case file", "Operator and board read it.")],
        "declare-conflict" => &[(
            "reason",
            Kind::Text,
            "Which conflict",
            "Your team does not vote, and the quorum is counted without it.",
        )],
        "close-case" => &[("reason", Kind::Text, "Why", "Members read it.")],
        "vote" => &[(
            "choice",
            Kind::Choice,
            "Your team's ballot",
            "One for each team; it cannot be changed. Who voted what is sealed.",
        )],
        "request-certification" => &[(
            "report",
            Kind::Text,
            "On what",
            "The self-assessment, the workshop, the audit: for the case file.",
        )],
        "support" => &[("note", Kind::Line, "What members may read", "It may be empty.")],
        "object" => &[(
            "reason",
            Kind::Text,
            "Why",
            "Sealed: only operator and review board read it, and only they see who objects.",
        )],
        "answer" => &[("text", Kind::Text, "Answer", "")],
        "apply" => &[("sponsors", Kind::Sponsors, "Sponsor", "")],
        "name-sponsor" => &[("sponsor", Kind::Sponsor, "Which team", "")],
        "decline-to-sponsor" => &[("reason", Kind::Text, "Why", "The applicant and the operator read it.")],
        _ => &[],
    }
}

/// Steps that end something, or that are seldom the next one: they stand last.
const QUIET: [&str; 10] = [
    "name-sponsor",
    "decline-to-sponsor",
    "decline",
    "take-back",
    "depart",
    "suspend-at-once",
    "move-limit",
    "open-review",
    "propose-suspension",
    "close-case",
];

/// A step as a form.
#[derive(Debug, Clone)]
pub(super) struct Control {
    /// The id of its form, and what its fields' names begin with.
    pub(super) key: String,
    /// Where it goes.
    pub(super) action: String,
    /// `do` of the command.
    pub(super) name: &'static str,
    /// The words of its button.
    pub(super) words: &'static str,
    /// The case or question that it is about; 0: none.
    pub(super) about: u32,
    /// What the page was made from.
    pub(super) seen: i64,
    /// Why it would be refused.
    pub(super) refused: Option<String>,
    /// What was wrong with it a moment ago.
    pub(super) wrong: String,
    /// Its fields, drawn.
    pub(super) fields: Vec<String>,
    /// It is the one thing to do next.
    pub(super) primary: bool,
    /// The letters can be read before they go.
    pub(super) previews: bool,
}

impl Control {
    /// Its button alone does it.
    pub(super) fn is_plain(&self) -> bool {
        self.fields.is_empty() && !self.previews
    }

    /// It ends something, is an override, or is seldom the next one.
    pub(super) fn is_quiet(&self) -> bool {
        QUIET.contains(&self.name)
    }

    /// It stands open on the page.
    pub(super) fn is_open(&self) -> bool {
        self.primary || !self.wrong.is_empty()
    }
}

/// What was typed and refused: the form's key, what is wrong, the form.
#[derive(Debug, Clone, Default)]
pub(super) struct Typed {
    pub(super) key: String,
    pub(super) wrong: String,
    pub(super) form: Fields,
}

/// What controls are made of.
pub(super) struct Maker<'a> {
    pub(super) case: &'a CaseView,
    pub(super) typed: &'a Typed,
    /// Teams that can sponsor, by id, and how many an application needs.
    pub(super) sponsors: &'a [(String, String)],
    pub(super) sponsors_needed: u32,
}

impl Maker<'_> {
    /// The form for `possible` in the capacity `capacity`.
    pub(super) fn control(&self, capacity: &str, possible: &Possible, primary: bool) -> Control {
        self.about(capacity, possible, possible.case, primary)
    }

    /// The same about the case or question `about`.
    pub(super) fn about(&self, capacity: &str, possible: &Possible, about: u32, primary: bool) -> Control {
        let key = format!("{capacity}-{}-{about}", possible.name);
        let typed = (self.typed.key == key).then_some(self.typed);
        let mut fields = Vec::new();
        for (field, kind, label, hint) in wants(possible.name) {
            let name = format!("{key}-{field}");
            let value = typed.map_or("", |typed| typed.form.text(&name));
            match kind {
                Kind::Text => fields
                    .push(ui::field(&name, label).rows(3).value(value).hint(hint).required().to_string()),
                Kind::Line => fields.push(ui::field(&name, label).value(value).hint(hint).to_string()),
                Kind::Day => {
                    fields.push(ui::field(&name, label).kind("date").value(value).required().to_string())
                }
                Kind::Choice => fields.push(self.choices(&name, label, about, value)),
                Kind::Sponsors => fields.extend(self.sponsors(&name, label, typed)),
                Kind::Sponsor => {
                    let teams = ui::select(&name, label).option("", "Choose").options(self.sponsors);
                    fields.push(teams.chosen(value).to_string());
                }
            }
        }
        Control {
            action: format!("/trust/teams/{}/{capacity}", self.case.handle),
            name: possible.name,
            words: possible.words,
            about,
            seen: self.case.number,
            refused: possible.refused.clone(),
            wrong: typed.map_or_else(String::new, |typed| typed.wrong.clone()),
            fields,
            primary: primary && possible.refused.is_none(),
            previews: capacity == "operator" && possible.name != "file",
            key,
        }
    }

    fn choices(&self, name: &str, label: &str, case: u32, chosen: &str) -> String {
        let matter = self.case.matters.iter().find(|matter| matter.number == case);
        let choices = matter.map_or(&[][..], |matter| &matter.choices);
        let mut select = ui::select(name, label).option("", "Choose").chosen(chosen);
        for name in choices {
            select = select.option(name, choice(name));
        }
        select.to_string()
    }

    fn sponsors(&self, name: &str, label: &str, typed: Option<&Typed>) -> Vec<String> {
        let before: Vec<&str> = typed.map(|typed| typed.form.all(name).collect()).unwrap_or_default();
        let one = |place: u32| {
            let index = usize::try_from(place).unwrap_or(usize::MAX);
            let chosen = before.get(index).copied().unwrap_or_default();
            // Each select has an id of its own; the names are numbered with it.
            let id = format!("{name}-{}", place + 1);
            let words = format!("{label} {}", place + 1);
            let chosen = typed.map_or(chosen, |typed| typed.form.text(&id));
            ui::select(&id, words).option("", "Choose").options(self.sponsors).chosen(chosen).to_string()
        };
        (0..=self.sponsors_needed).map(one).collect()
    }
}

/// The key of the form that was sent.
pub(super) fn key(capacity: &str, form: &Fields) -> String {
    format!("{capacity}-{}-{}", form.text("do"), about(form))
}

/// The number that the form was made from; `None` when it names none.
pub(super) fn seen(form: &Fields) -> Option<i64> {
    form.text("seen").parse().ok()
}

fn about(form: &Fields) -> u32 {
    form.text("about").parse().unwrap_or(0)
}

/// The command that the form of `capacity` is.
///
/// # Errors
/// [`Error::Invalid`]: what is missing, in words.
pub(super) fn command<C: DeserializeOwned>(capacity: &str, form: &Fields) -> Result<C> {
    let (name, about, key) = (form.text("do"), about(form), key(capacity, form));
    let mut command = Map::new();
    command.insert("do".into(), json!(name));
    command.insert("case".into(), json!(about));
    command.insert("question".into(), json!(about));
    if name == "confirm" {
        command.insert("record".into(), json!(form.text("record")));
    }
    for (field, kind, label, _) in wants(name) {
        let typed = format!("{key}-{field}");
        let value = form.text(&typed);
        let value = match kind {
            Kind::Text | Kind::Line => json!(value),
            Kind::Day => json!(end_of(value)?),
            Kind::Choice | Kind::Sponsor if value.is_empty() => {
                return Err(Error::invalid(*label, "choose one"));
            }
            Kind::Choice | Kind::Sponsor => json!(value),
            Kind::Sponsors => {
                let chosen = (1..=20).map(|place| form.text(&format!("{typed}-{place}")).to_owned());
                Value::from(chosen.filter(|team| !team.is_empty()).collect::<Vec<_>>())
            }
        };
        command.insert((*field).to_owned(), value);
    }
    let unknown = |_| Error::invalid("do", format!("{name:?} is no step that can be taken here"));
    serde_json::from_value(Value::Object(command)).map_err(unknown)
}

/// The last second of a day as the date field sends it.
fn end_of(day: &str) -> Result<String> {
    let wrong = |_| Error::invalid("day", format!("{day:?} is no day: write it as 2026-12-24"));
    let day: jiff::civil::Date = day.parse().map_err(wrong)?;
    Ok(format!("{day}T23:59:59Z"))
}

/// Names and values of a form of the operator, to be sent again.
pub(super) fn again(form: &Fields) -> Vec<(String, String)> {
    let key = key("operator", form);
    let own = ["do", "about", "seen", "back"].into_iter().map(str::to_owned);
    let fields = wants(form.text("do")).iter().map(|(field, ..)| format!("{key}-{field}"));
    own.chain(fields)
        .map(|name| (form.text(&name).to_owned(), name))
        .map(|(value, name)| (name, value))
        .collect()
}
