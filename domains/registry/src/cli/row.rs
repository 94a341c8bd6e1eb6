//! One answer as one line: cells for programs, columns for people.

use std::borrow::Cow;

use serde::Serialize;

use super::output::Format;
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
    /// The networks from the smallest one to the one that the answer comes from.
    pub(super) chain: &'a str,
}

impl<'a> Row<'a> {
    /// Names of the columns.
    pub(super) const COLUMNS: [&'static str; 14] = [
        "address", "irt", "team", "trust", "key", "contact", "network", "country", "netname", "basis",
        "channel", "language", "verified", "chain",
    ];

    /// `verified`: see [`verified`]; `chain`: see [`chain`].
    pub(super) fn of(answer: &'a Answer, verified: &'a str, chain: &'a str) -> Self {
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
            chain,
        }
    }

    pub(super) fn brief(
        brief: &'a Brief<'a>,
        address: &'a str,
        network: &'a str,
        chain: &'a str,
        verified: &'a str,
    ) -> Self {
        Row {
            address,
            irt: brief.irt.unwrap_or_default(),
            team: brief.team.map_or("", |team| &team.name),
            trust: brief.team.map_or("", |team| &team.trust),
            key: brief.fingerprint.unwrap_or_default(),
            contact: brief.contact.unwrap_or_default(),
            network,
            country: brief.country,
            netname: &brief.netname,
            basis: brief.basis.name(),
            channel: first(brief.team.map(|team| &team.channels)),
            language: first(brief.team.map(|team| &team.languages)),
            verified,
            chain,
        }
    }

    pub(super) fn cells(&self) -> [&'a str; 14] {
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
            self.chain,
        ]
    }

    /// Its line between the address and the network, and between the network's name and the chain: what is the same for
    /// all addresses for which one network decides.
    pub(super) fn around_the_network(&self, format: Format) -> (Vec<u8>, Vec<u8>) {
        let cell = if format == Format::Csv { push_csv } else { push_json };
        let cells = self.cells();
        let write = |from: usize, to: usize| {
            let mut line = Vec::new();
            for (name, text) in Self::COLUMNS.iter().zip(cells).take(to).skip(from) {
                between(&mut line, format, name);
                cell(&mut line, text);
            }
            line
        };
        let (network, basis, chain) = (6, 9, 13);
        debug_assert_eq!([network, basis, chain].map(|at| Self::COLUMNS[at]), ["network", "basis", "chain"]);
        let mut before = write(1, network);
        between(&mut before, format, "network");
        (before, write(basis, chain))
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
    for (place, cell) in cells.into_iter().enumerate() {
        if place > 0 {
            line.push(b',');
        }
        push_csv(line, cell);
    }
    line.extend_from_slice(b"\r\n");
}

/// A cell as RFC 4180 section 2 has it. Not by a writer of its own for each line, which takes more time than everything
/// else in it; the test holds it against that of the crate `csv`.
pub(super) fn push_csv(line: &mut Vec<u8>, cell: &str) {
    let cell = safe_cell(cell);
    if !cell.bytes().any(|byte| matches!(byte, b',' | b'"' | b'\r' | b'\n')) {
        line.extend_from_slice(cell.as_bytes());
        return;
    }
    line.push(b'"');
    for byte in cell.bytes() {
        if byte == b'"' {
            line.push(b'"');
        }
        line.push(byte);
    }
    line.push(b'"');
}

/// A text inside the quotes of JSON, without them.
pub(super) fn push_json(line: &mut Vec<u8>, text: &str) {
    if text.bytes().all(|byte| byte >= 0x20 && byte != b'"' && byte != b'\\') {
        line.extend_from_slice(text.as_bytes());
        return;
    }
    let quoted = serde_json::to_string(text).unwrap_or_default();
    let inside = quoted.get(1..quoted.len().saturating_sub(1)).unwrap_or_default();
    line.extend_from_slice(inside.as_bytes());
}

/// What stands between a cell and the next one, which has this name.
pub(super) fn between(line: &mut Vec<u8>, format: Format, name: &str) {
    if format == Format::Csv {
        line.push(b',');
    } else {
        line.extend_from_slice(b"\",\"");
        line.extend_from_slice(name.as_bytes());
        line.extend_from_slice(b"\":\"");
    }
}

/// What stands behind the last cell.
pub(super) fn end(line: &mut Vec<u8>, format: Format) {
    line.extend_from_slice(if format == Format::Csv { b"\r\n" } else { b"\"}\n" });
}

/// The networks of an answer from the smallest one up to the one that decides; see [`super::lines::push_chain`].
pub(super) fn chain(answer: &Answer) -> String {
    let until = answer.networks.iter().position(|network| network.found).unwrap_or(0);
    let ranges: Vec<&str> = answer.networks[until.min(answer.networks.len())..]
        .iter()
        .rev()
        .map(|network| network.range.as_str())
        .collect();
    ranges.join(" < ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_no_formula() {
        let mut line = Vec::new();
        csv_line(&mut line, ["=1+1", "a,b", "@x", "plain", ""]);
        assert_eq!(line, b"'=1+1,\"a,b\",'@x,plain,\r\n");
    }

    proptest::proptest! {
        #[test]
        fn any_cells_are_written_as_the_crate_csv_writes_them(cells in proptest::collection::vec(".{0,12}", 2..5)) {
            let mut own = Vec::new();
            csv_line(&mut own, cells.iter().map(String::as_str));
            let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
            writer.write_record(cells.iter().map(|cell| safe_cell(cell).into_owned())).unwrap();
            proptest::prop_assert_eq!(own, writer.into_inner().unwrap());
        }

        #[test]
        fn any_text_is_written_as_json(text in ".{0,20}") {
            let mut line = b"\"".to_vec();
            push_json(&mut line, &text);
            line.push(b'"');
            proptest::prop_assert_eq!(serde_json::from_slice::<String>(&line).unwrap(), text);
        }
    }
}
