//! One answer as one line: cells for programs, columns for people.

use std::borrow::Cow;

use serde::Serialize;

use crate::ContactState;
use crate::answer::{Answer, Brief};

/// One answer without its reasons.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Row<'a> {
    /// What was asked.
    pub(super) address: &'a str,
    /// The name of the team's object in the registry.
    pub(super) irt: &'a str,
    /// The team in the directory.
    pub(super) team: &'a str,
    /// Its trust status.
    pub(super) trust: &'a str,
    /// The fingerprint of the key to encrypt to.
    pub(super) key: &'a str,
    /// Whom to write to.
    pub(super) contact: &'a str,
    /// The network that the answer comes from.
    pub(super) network: &'a str,
    pub(super) country: &'a str,
    pub(super) netname: &'a str,
    /// By what it was found.
    pub(super) basis: &'a str,
    /// How the team wants to be told first.
    pub(super) channel: &'a str,
    /// Which language it likes best.
    pub(super) language: &'a str,
    /// When somebody last answered at the contact's address.
    pub(super) verified: &'a str,
}

impl<'a> Row<'a> {
    /// Names of the columns.
    pub(super) const COLUMNS: [&'static str; 13] = [
        "address", "irt", "team", "trust", "key", "contact", "network", "country", "netname", "basis",
        "channel", "language", "verified",
    ];

    /// `verified`: see [`verified`].
    pub(super) fn of(answer: &'a Answer, verified: &'a str) -> Self {
        let team = answer.team.as_ref();
        let network = answer.networks.iter().find(|network| network.found).or(answer.networks.last());
        Row {
            address: &answer.asked,
            irt: answer.irt.as_ref().map_or("", |irt| &irt.name),
            team: answer.team.as_ref().map_or("", |team| &team.name),
            trust: answer.team.as_ref().map_or("", |team| &team.trust),
            key: answer.key.as_ref().map_or("", |key| &key.fingerprint),
            contact: answer.contact.as_ref().map_or("", |contact| &contact.address),
            network: network.map_or("", |network| &network.range),
            country: &answer.country,
            netname: &answer.netname,
            basis: answer.basis.name(),
            channel: first(team.map(|team| &team.channels)),
            language: first(team.map(|team| &team.languages)),
            verified,
        }
    }

    pub(super) fn brief(brief: &Brief<'a>, address: &'a str, network: &'a str, verified: &'a str) -> Self {
        Row {
            address,
            irt: brief.irt.unwrap_or_default(),
            team: brief.team.map_or("", |team| &team.name),
            trust: brief.team.map_or("", |team| &team.trust),
            key: brief.fingerprint.unwrap_or_default(),
            contact: brief.contact.unwrap_or_default(),
            network,
            country: brief.country,
            netname: brief.netname,
            basis: brief.basis.name(),
            channel: first(brief.team.map(|team| &team.channels)),
            language: first(brief.team.map(|team| &team.languages)),
            verified,
        }
    }

    pub(super) fn cells(&self) -> [&'a str; 13] {
        [
            self.address,
            self.irt,
            self.team,
            self.trust,
            self.key,
            self.contact,
            self.network,
            self.country,
            self.netname,
            self.basis,
            self.channel,
            self.language,
            self.verified,
        ]
    }
}

fn first(list: Option<&Vec<String>>) -> &str {
    list.and_then(|list| list.first()).map_or("", String::as_str)
}

/// The day on which somebody last answered at an address; a word when nobody seems to read there; else empty.
pub(super) fn verified(state: Option<&ContactState>) -> String {
    match state {
        Some(state) if state.is_doubtful() => state.standing.name().to_owned(),
        Some(ContactState { confirmed: Some(at), .. }) => ui::format::date(*at),
        _ => String::new(),
    }
}

/// A cell that no spreadsheet takes for a formula: one that begins like one gets an apostrophe in front.
pub(super) fn safe_cell(text: &str) -> Cow<'_, str> {
    match text.as_bytes().first() {
        Some(b'=' | b'+' | b'-' | b'@' | b'\t' | b'\r') => format!("'{text}").into(),
        _ => text.into(),
    }
}

/// Widths of the columns of a line for people; what is longer pushes the rest to the right.
pub(super) const WIDTHS: [usize; 5] = [17, 29, 14, 35, 36];

pub(super) fn table_rest(line: &mut Vec<u8>, row: &Row<'_>) {
    let who = [row.team, row.irt].into_iter().find(|name| !name.is_empty()).unwrap_or(match row.contact {
        "" => "nobody",
        _ => "(abuse contact)",
    });
    let how = match (row.basis, row.irt) {
        ("irt", irt) => format!("mnt-irt {irt}"),
        ("claim", _) => "constituency".to_owned(),
        ("nobody", _) => String::new(),
        (basis, _) => basis.to_owned(),
    };
    let start = line.len();
    for (text, width) in [who, row.trust, row.contact, row.network].into_iter().zip(&WIDTHS[1..]) {
        push_padded(line, text, *width);
    }
    line.extend(printable(&how).bytes());
    while line.len() > start && line.last() == Some(&b' ') {
        line.pop();
    }
    line.push(b'\n');
}

/// At least one blank behind it.
pub(super) fn push_padded(line: &mut Vec<u8>, text: &str, width: usize) {
    let text = printable(text);
    line.extend_from_slice(text.as_bytes());
    let blanks = width.saturating_sub(text.chars().count()).max(1);
    line.resize(line.len() + blanks, b' ');
}

/// Foreign text on a terminal: what would move its cursor becomes a question mark.
pub(super) fn printable(text: &str) -> Cow<'_, str> {
    if text.contains(char::is_control) { text.replace(char::is_control, "?").into() } else { text.into() }
}

pub(super) fn csv_line<'c>(line: &mut Vec<u8>, cells: impl IntoIterator<Item = &'c str>) {
    let mut writer =
        csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).buffer_capacity(256).from_writer(line);
    // Writing into a vector does not fail.
    drop(writer.write_record(cells.into_iter().map(|cell| safe_cell(cell).into_owned())));
    drop(writer.flush());
}

pub(super) fn push_v4(line: &mut Vec<u8>, octets: [u8; 4]) {
    for (place, octet) in octets.into_iter().enumerate() {
        if place > 0 {
            line.push(b'.');
        }
        if octet >= 100 {
            line.push(b'0' + octet / 100);
        }
        if octet >= 10 {
            line.push(b'0' + octet / 10 % 10);
        }
        line.push(b'0' + octet % 10);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_written_as_ever() {
        for text in ["0.0.0.0", "9.10.99.100", "255.255.255.255", "192.0.2.7"] {
            let mut line = Vec::new();
            push_v4(&mut line, text.parse::<std::net::Ipv4Addr>().unwrap().octets());
            assert_eq!(line, text.as_bytes());
        }
    }

    #[test]
    fn a_cell_is_no_formula() {
        let mut line = Vec::new();
        csv_line(&mut line, ["=1+1", "a,b", "@x", "plain", ""]);
        assert_eq!(line, b"'=1+1,\"a,b\",'@x,plain,\r\n");
    }
}
