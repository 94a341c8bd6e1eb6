//! Whom to call at three in the morning: a page, a text to print, cards for a telephone.

use std::fmt::Write as _;
use std::sync::Arc;

use super::vcard::{Card, escaped};
use crate::{Audience, ContactRole, Seen, Team, Usage};

/// A number that is answered in an emergency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Emergency {
    /// The number, as it is dialled.
    pub number: String,
    /// Who answers; empty when it is not said.
    pub name: String,
    /// What the caller should know.
    pub comment: String,
    /// IANA time zone of the hours it is answered; empty: at all hours.
    pub time_zone: String,
}

impl Emergency {
    /// The number as a telephone dials it.
    pub fn dialled(&self) -> String {
        digits(&self.number)
    }

    /// Who answers, and what the caller should know.
    pub fn about(&self) -> String {
        let parts = [self.name.as_str(), self.comment.as_str(), self.time_zone.as_str()];
        parts.into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join(", ")
    }
}

/// A team with its emergency numbers.
#[derive(Debug, Clone)]
pub struct OnCall {
    /// The team, as members see it.
    pub team: Seen,
    /// Its numbers; at least one.
    pub numbers: Vec<Emergency>,
}

/// The teams that have such a number which members may see, in the order of `teams`.
pub(super) fn on_call<'a>(teams: impl Iterator<Item = &'a Arc<Team>>) -> Vec<OnCall> {
    let seen = teams.map(|team| team.seen_by(Audience::Members));
    seen.map(|team| OnCall { numbers: numbers(&team), team }).filter(|one| !one.numbers.is_empty()).collect()
}

fn numbers(team: &Seen) -> Vec<Emergency> {
    let phones = team.phones.iter().filter(|phone| phone.usage == Usage::Emergency).map(|phone| Emergency {
        number: phone.number.clone(),
        name: String::new(),
        comment: phone.comment.clone(),
        time_zone: phone.time_zone.clone(),
    });
    let contacts = team
        .contacts
        .iter()
        .filter(|contact| contact.role == ContactRole::Emergency && !contact.phone.is_empty());
    let contacts = contacts.map(|contact| Emergency {
        number: contact.phone.clone(),
        name: contact.name.clone(),
        comment: contact.comment.clone(),
        time_zone: String::new(),
    });
    let mut all: Vec<Emergency> = Vec::new();
    for one in phones.chain(contacts) {
        // The same number under two headings is called once.
        match all.iter_mut().find(|known| digits(&known.number) == digits(&one.number)) {
            Some(known) => {
                if known.name.is_empty() {
                    known.name = one.name;
                }
            }
            None => all.push(one),
        }
    }
    all
}

fn digits(number: &str) -> String {
    number.chars().filter(|c| c.is_ascii_digit() || *c == '+').collect()
}

/// To print and to lay beside the telephone.
pub(super) fn text(list: &[OnCall]) -> Vec<u8> {
    let mut out = String::from(
        "TLP:AMBER\nEmergency telephones of the community. For members; not to be passed on.\n\n",
    );
    let width = list.iter().map(|one| one.team.name.chars().count()).max().unwrap_or(0).min(40);
    for one in list {
        for (at, number) in one.numbers.iter().enumerate() {
            let (name, country) =
                if at == 0 { (one.team.name.as_str(), one.team.country.code.as_str()) } else { ("", "") };
            let _ = writeln!(
                out,
                "{:<width$}  {country:<2}  {:<22}  {}",
                one_line(name),
                number.number,
                one_line(&number.about())
            );
        }
    }
    let mut text: String = out.lines().map(|line| format!("{}\n", line.trim_end())).collect();
    let _ = writeln!(text, "\n{}", ui::format::plural(list.len(), "team", "teams"));
    text.into_bytes()
}

fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// For a telephone: a card for each team, with its emergency numbers alone.
pub(super) fn cards(list: &[OnCall]) -> Vec<u8> {
    let mut out = String::new();
    for one in list {
        let mut card = Card::begin("3.0");
        card.raw("N", &format!("{};;;;", escaped(&one.team.name)));
        card.text("FN", &format!("{} (emergency)", one.team.name));
        card.text("ORG", &one.team.name);
        for (at, number) in one.numbers.iter().enumerate() {
            card.text(
                if at == 0 { "TEL;TYPE=WORK,VOICE,PREF" } else { "TEL;TYPE=WORK,VOICE" },
                &number.number,
            );
        }
        let notes: Vec<String> = one
            .numbers
            .iter()
            .filter(|number| !number.name.is_empty() || !number.comment.is_empty())
            .map(|number| format!("{}: {} {}", number.number, number.name, number.comment).trim().to_owned())
            .collect();
        card.text("NOTE", &notes.join("\n"));
        card.raw("UID", &format!("urn:uuid:{}", one.team.id));
        out.push_str(&card.end());
    }
    out.into_bytes()
}
