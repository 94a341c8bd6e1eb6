//! The form as a page: its sections, each field with what is wrong with it.

use std::fmt::Display;

use askama::Template;
use ui::{Page, field, select};

use super::typed::{CHANNELS, Typed};
use crate::{Audience, Channel, ContactRole, Difference, Field, FieldError, Handled, IncidentType, Usage};

/// The page.
#[derive(Template)]
#[template(path = "team-edit.html")]
pub(super) struct EditPage {
    pub(super) page: Page,
    pub(super) handle: String,
    pub(super) name: String,
    /// The version that was read.
    pub(super) digest: String,
    /// The digest of what is shown as the change; empty when no change was shown.
    pub(super) seen: String,
    /// What would change.
    pub(super) changes: Option<Vec<Difference>>,
    /// What to know before going on.
    pub(super) said: String,
    /// Mistakes that belong to no field of the form.
    pub(super) elsewhere: Vec<String>,
    pub(super) mistakes: usize,
    pub(super) sections: Vec<Section>,
}

impl EditPage {
    fn back(&self) -> String {
        format!("/teams/{}", self.handle)
    }

    fn words(&self, field: &str) -> String {
        field.replace('_', " ")
    }
}

/// A part of the form.
pub(super) struct Section {
    pub(super) id: &'static str,
    pub(super) title: &'static str,
    pub(super) meta: &'static str,
    pub(super) parts: Vec<Part>,
}

/// Something in a section.
pub(super) enum Part {
    /// Fields beside one another.
    Line(Vec<Control>),
    /// A field as wide as the form.
    Wide(Control),
    /// The rows of a list.
    Rows {
        /// What they are called, for "Telephone 2".
        one: &'static str,
        /// The name of the list.
        list: &'static str,
        rows: Vec<Vec<Control>>,
    },
}

/// The widest field, in characters, that the narrowest window still shows whole; what wants more grows where there is room.
const NARROW: u32 = 30;

/// Draws the fields of one form.
pub(super) struct Drawing<'a> {
    pub(super) typed: &'a Typed,
    pub(super) wrong: &'a [FieldError],
    /// Empty rows at the end of each list.
    pub(super) spare: usize,
}

impl Drawing<'_> {
    /// What is wrong with the field `name`.
    fn error(&self, name: &str) -> String {
        let of: Vec<_> =
            self.wrong.iter().filter(|wrong| wrong.field == name).map(|w| w.message.as_str()).collect();
        of.join("; ")
    }

    fn line(&self, name: &str, label: &str, size: u32) -> Control {
        self.hinted(name, label, size, "")
    }

    fn hinted(&self, name: &str, label: &str, size: u32, hint: &str) -> Control {
        let made = field(name, label)
            .value(self.typed.text(name))
            .size(size.min(NARROW))
            .hint(hint)
            .error(self.error(name));
        Control::Field(if size > NARROW { made.grow() } else { made })
    }

    fn text(&self, name: &str, label: &str, rows: u32, hint: &str) -> Part {
        let made = field(name, label).value(self.typed.text(name)).rows(rows).hint(hint);
        Part::Wide(Control::Field(made.grow().error(self.error(name))))
    }

    fn choice(&self, name: &str, label: &str, options: &[(String, String)]) -> Control {
        Control::Select(select(name, label).options(options).chosen(self.typed.text(name)))
    }

    /// All sections, in the order of the description of RFC 2350 as far as it has one.
    pub(super) fn sections(&self) -> Vec<Section> {
        vec![
            self.names(),
            self.reach(),
            self.people(),
            self.constituency(),
            self.charter(),
            self.handled(),
            self.channels(),
            self.policies(),
            self.visibility(),
        ]
    }

    fn names(&self) -> Section {
        let parts = vec![
            Part::Line(vec![
                self.line("name", "Short name", 28),
                self.line("official_name", "Name in full", 48),
            ]),
            Part::Line(vec![
                self.hinted("country.code", "Country", 4, "Two letters."),
                self.line("country.name", "Name of the country", 20),
                self.hinted("established", "Founded on", 11, "2014-09-01"),
                self.line("host_organisation", "Host organisation", 40),
            ]),
            self.text("postal_address", "Postal address", 3, ""),
            Part::Line(vec![
                self.hinted("irt", "irt object in the registry", 24, "IRT-SKERRY"),
                self.line("references.first", "Name at FIRST", 20),
                self.line("references.trusted_introducer", "Name at the Trusted Introducer", 20),
                self.line("references.registry_organisation", "organisation object", 20),
            ]),
        ];
        Section { id: "names", title: "Who you are", meta: "", parts }
    }

    fn reach(&self) -> Section {
        let emails = options(Usage::OF_EMAILS.map(|usage| (usage.name(), usage.words())));
        let phones = options(Usage::OF_PHONES.map(|usage| (usage.name(), usage.words())));
        let roles = options(ContactRole::ALL.map(|role| (role.name(), role.words())));
        let parts = vec![
            self.rows("emails", "Mail address", |row| {
                vec![row.line("address", "Address", 32), row.choice("usage", "For", &emails)]
            }),
            self.rows("phones", "Telephone", |row| {
                vec![
                    row.line("number", "Number", 20),
                    row.choice("usage", "For", &phones),
                    row.line("time_zone", "Time zone", 18),
                    row.line("comment", "What the caller should know", 32),
                ]
            }),
            self.rows("contacts", "Contact", |row| {
                vec![
                    row.choice("role", "Role", &roles),
                    row.line("name", "Name", 20),
                    row.line("email", "Mail address", 26),
                    row.line("phone", "Telephone", 18),
                    row.line("comment", "Remark", 24),
                ]
            }),
            Part::Line(vec![
                self.hinted("time_zone", "Time zone of the team", 20, "Europe/Copenhagen"),
                self.hinted("languages", "Languages", 16, "en, da: the preferred one first"),
            ]),
            self.text("business_hours", "Service hours in words", 2, ""),
            self.text("hours", "Service hours for programs", 2, "One line each: mon-fri 09:00-17:00"),
            self.text("customer_contact", "How your constituency reaches you", 2, ""),
            self.text("other_telecommunication", "Other ways to reach you", 2, ""),
        ];
        let meta = "a contact in an emergency needs a telephone that is answered round the clock";
        Section { id: "reach", title: "How you are reached", meta, parts }
    }

    fn people(&self) -> Section {
        let people = self.rows("people", "Person", |row| {
            vec![
                row.line("name", "Name", 22),
                row.line("function", "Function", 20),
                row.line("account", "Account here", 14),
                row.line("email", "Mail address", 26),
                row.line("phone", "Telephone", 18),
                row.line("key", "Fingerprint of the key", 44),
            ]
        });
        Section {
            id: "people",
            title: "Your people",
            meta: "seen by members unless you say otherwise",
            parts: vec![people],
        }
    }

    fn constituency(&self) -> Section {
        let parts = vec![
            self.text("description", "Whom you serve, in words", 3, ""),
            self.text("types", "Kinds of constituency", 2, "One a line: Research & Education, National, CIIP."),
            self.text("networks", "Networks", 5, "One a line: 192.0.2.0/24, 2001:db8::/32, 192.0.2.10 - 192.0.2.77. They are claims until something proves them."),
            self.text("domains", "Domains", 3, "One a line; *.skerry.example means everything below."),
            self.text("asns", "AS numbers", 2, "AS64500 AS64501"),
            self.text("countries", "Countries, of a national team", 2, "One a line: DK Denmark"),
        ];
        Section { id: "constituency", title: "Constituency", meta: "", parts }
    }

    fn charter(&self) -> Section {
        let parts = vec![
            self.text("mission", "Mission", 3, ""),
            self.text("sponsorship", "Sponsorship and affiliation", 2, ""),
            self.text("authority", "Authority", 2, "By what right you act, and what you may order."),
        ];
        Section { id: "charter", title: "Charter", meta: "", parts }
    }

    fn handled(&self) -> Section {
        let mut choices = options([("", "not said")]);
        choices.extend(options(Handled::ALL.map(|handled| (handled.name(), handled.words()))));
        let remit = IncidentType::ALL
            .iter()
            .map(|kind| self.choice(&format!("remit.{}", kind.name()), kind.words(), &choices));
        let parts = vec![
            Part::Line(remit.collect()),
            self.text("support_level", "How far you help with which incidents", 3, ""),
            self.text("services_reactive", "What you do when something has happened", 3, ""),
            self.text("services_proactive", "What you do before", 3, ""),
        ];
        Section { id: "remit", title: "What you handle", meta: "", parts }
    }

    fn channels(&self) -> Section {
        let mut choices = options([("", "none")]);
        choices.extend(options(Channel::ALL.map(|channel| (channel.name(), channel.words()))));
        let label = |n: usize| if n == 0 { "First".to_owned() } else { format!("Then ({})", n + 1) };
        let order = (0..CHANNELS).map(|n| self.choice(&format!("channels.{n}"), &label(n), &choices));
        let parts = vec![
            Part::Line(order.collect()),
            Part::Line(vec![self.hinted(
                "rid_endpoint",
                "RID endpoint",
                44,
                "https://rid.skerry.example:4590/",
            )]),
            Part::Line(vec![
                self.line("misp.org_name", "Organisation in MISP", 24),
                self.line("misp.org_uuid", "Its UUID", 40),
                self.line("misp.org_email", "Its mail address", 26),
            ]),
        ];
        Section { id: "channels", title: "How you want to be told", meta: "", parts }
    }

    fn policies(&self) -> Section {
        let parts = vec![
            self.text("policy_disclosure", "Co-operation and disclosure", 4, ""),
            self.text("policy_communication", "Communication and authentication", 3, ""),
            self.text("reporting_forms", "Reporting forms", 2, ""),
            self.text("disclaimer", "Disclaimer", 2, ""),
            self.text("other_information", "Other information", 2, ""),
            Part::Line(vec![self.hinted(
                "document.updated",
                "Last update of your description",
                11,
                "2026-01-12; empty: that of the record.",
            )]),
            self.text("document.locations", "Where your description is found", 2, ""),
            self.text("document.notifications", "To whom changes are announced", 2, ""),
            self.text("team_notes", "Notes for yourselves", 3, "Seen by the team and the operator."),
        ];
        Section { id: "policies", title: "Policies and description", meta: "", parts }
    }

    fn visibility(&self) -> Section {
        let chooser = |field: &Field| {
            let default = field.default_audience();
            let mut choices = options([("", format!("{} (as usual)", default.words()))]);
            let others =
                [Audience::Public, Audience::Members, Audience::Team].into_iter().filter(|by| *by != default);
            choices.extend(others.map(|by| (by.name().to_owned(), by.words().to_owned())));
            self.choice(&format!("visibility.{}", field.name()), field.words(), &choices)
        };
        let free = Field::ALL.iter().filter(|field| field.is_free());
        let parts = vec![Part::Line(free.map(chooser).collect())];
        Section {
            id: "visibility",
            title: "Who sees it",
            meta: "your names and country are seen by everybody",
            parts,
        }
    }

    fn rows(&self, list: &'static str, one: &'static str, draw: impl Fn(Row<'_>) -> Vec<Control>) -> Part {
        let count = self.typed.rows(list) + self.spare;
        let rows = (0..count).map(|n| draw(Row { drawing: self, list, n })).collect();
        Part::Rows { one, list, rows }
    }

    /// Mistakes that no field of the form shows.
    pub(super) fn elsewhere(&self) -> Vec<String> {
        let shown = |field: &str| {
            let rows = super::typed::ROWS.iter().any(|(list, columns)| {
                field.strip_prefix(list).and_then(|rest| rest.strip_prefix('.')).is_some_and(|rest| {
                    let column = rest.split_once('.').map_or("", |(_, column)| column);
                    columns.contains(&column) && !["role", "usage"].contains(&column)
                })
            });
            rows || super::typed::TEXTS.contains(&field)
                || ["document.notifications", "team_notes"].contains(&field)
        };
        let hidden = self.wrong.iter().filter(|wrong| !shown(&wrong.field));
        hidden.map(|wrong| format!("{}: {}", wrong.field.replace('_', " "), wrong.message)).collect()
    }
}

/// A row that is drawn.
struct Row<'a> {
    drawing: &'a Drawing<'a>,
    list: &'static str,
    n: usize,
}

impl Row<'_> {
    fn line(&self, column: &str, label: &str, size: u32) -> Control {
        self.drawing.line(&format!("{}.{}.{column}", self.list, self.n), label, size)
    }

    fn choice(&self, column: &str, label: &str, options: &[(String, String)]) -> Control {
        self.drawing.choice(&format!("{}.{}.{column}", self.list, self.n), label, options)
    }
}

fn options<A: Display, B: Display, const N: usize>(pairs: [(A, B); N]) -> Vec<(String, String)> {
    pairs.into_iter().map(|(value, words)| (value.to_string(), words.to_string())).collect()
}

/// A field or a choice.
pub(super) enum Control {
    Field(ui::Field),
    Select(ui::Select),
}

impl std::fmt::Display for Control {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Field(field) => field.fmt(f),
            Self::Select(select) => select.fmt(f),
        }
    }
}

/// Both are parts of `ui`, which print markup that is safe.
impl askama::filters::HtmlSafe for Control {}
