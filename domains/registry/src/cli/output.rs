//! Answers on paper: a table for people; JSON, NDJSON and CSV for programs.

use std::io::Write;
use std::net::IpAddr;

use kit::{Error, Result};
use serde::Serialize;

use super::lookup::Verdict;
use crate::answer::{Answer, Basis, Brief, range_text};
use crate::resource::Resource;
use crate::service::Snapshot;

/// How answers are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum Format {
    /// For people: each answer with its reasons; for standard input one line each
    #[default]
    Table,
    /// One array, each answer with its reasons
    Json,
    /// One object a line, without reasons
    Ndjson,
    /// Comma-separated values with a heading (RFC 4180), without reasons
    Csv,
}

/// One answer without its reasons.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Row<'a> {
    /// What was asked.
    pub(crate) address: &'a str,
    /// The name of the team's object in the registry.
    pub(crate) irt: &'a str,
    /// The team in the directory.
    pub(crate) team: &'a str,
    /// Its trust status.
    pub(crate) trust: &'a str,
    /// The fingerprint of the key to encrypt to.
    pub(crate) key: &'a str,
    /// Whom to write to.
    pub(crate) contact: &'a str,
    /// The network that the answer comes from.
    pub(crate) network: &'a str,
    pub(crate) country: &'a str,
    pub(crate) netname: &'a str,
    /// By what it was found.
    pub(crate) basis: &'a str,
}

impl<'a> Row<'a> {
    /// Names of the columns.
    pub(crate) const COLUMNS: [&'static str; 10] =
        ["address", "irt", "team", "trust", "key", "contact", "network", "country", "netname", "basis"];

    pub(crate) fn of(answer: &'a Answer) -> Self {
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
        }
    }

    fn brief(brief: &Brief<'a>, address: &'a str, network: &'a str) -> Self {
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
        }
    }

    pub(crate) fn cells(&self) -> [&'a str; 10] {
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
        ]
    }
}

/// A cell that no spreadsheet takes for a formula: one that begins like one gets an apostrophe in front.
pub(crate) fn safe_cell(text: &str) -> std::borrow::Cow<'_, str> {
    match text.as_bytes().first() {
        Some(b'=' | b'+' | b'-' | b'@' | b'\t' | b'\r') => format!("'{text}").into(),
        _ => text.into(),
    }
}

/// Writes answers one after another.
pub(crate) struct Output<'a> {
    format: Format,
    /// One line each rather than a block with the reasons.
    many: bool,
    snapshot: &'a Snapshot,
    out: &'a mut dyn Write,
    buffer: Vec<u8>,
    /// What stands behind the address is the same for all addresses of a network.
    known: Known,
    count: u64,
    found: bool,
}

/// Bytes that are gathered before they are written.
const BUFFER: usize = 256 << 10;
/// Bytes of lines that are remembered: for some 500,000 networks.
const KNOWN: usize = 64 << 20;

/// Ends of lines by the number of the smallest network.
#[derive(Default)]
struct Known {
    lines: Vec<u8>,
    /// Where the line of a network begins and ends in `lines`; empty when it is not there.
    places: Vec<(u32, u32)>,
}

impl Known {
    fn get(&self, network: u32) -> Option<&[u8]> {
        let (start, end) = *self.places.get(network as usize)?;
        (start < end).then(|| &self.lines[start as usize..end as usize])
    }

    fn add(&mut self, network: u32, line: &[u8]) {
        let (start, end) = (self.lines.len(), self.lines.len() + line.len());
        if end > KNOWN {
            return;
        }
        let network = network as usize;
        if network >= self.places.len() {
            self.places.resize(network + 1, (0, 0));
        }
        self.lines.extend_from_slice(line);
        self.places[network] = (start as u32, end as u32); // fits: below KNOWN
    }
}

impl<'a> Output<'a> {
    pub(crate) fn new(
        format: Format,
        many: bool,
        snapshot: &'a Snapshot,
        out: &'a mut dyn Write,
    ) -> Result<Self> {
        let mut output = Self {
            format,
            many,
            snapshot,
            out,
            buffer: Vec::with_capacity(2 * BUFFER),
            known: Known::default(),
            count: 0,
            found: false,
        };
        match format {
            Format::Csv => {
                csv_line(&mut output.buffer, Row::COLUMNS);
            }
            Format::Json => output.buffer.extend_from_slice(b"["),
            Format::Table | Format::Ndjson => {}
        }
        Ok(output)
    }

    /// Answers for one resource.
    pub(crate) fn resource(&mut self, resource: &Resource) -> Result<()> {
        let answer = self.snapshot.answer_resource(resource);
        self.answer(&answer)
    }

    /// Answers for many single addresses, in their order.
    pub(crate) fn addresses(&mut self, addresses: &[IpAddr]) -> Result<()> {
        if self.format == Format::Json {
            return addresses.iter().try_for_each(|address| {
                let answer = self.snapshot.answer(*address, *address);
                self.answer(&answer)
            });
        }
        let snapshot = self.snapshot;
        let view = snapshot.view();
        for (address, range) in addresses.iter().zip(view.index.bulk(addresses)) {
            let number = range.map(|range| view.index.number(range));
            self.count += 1;
            self.begin(*address);
            if let Some(rest) = number.and_then(|number| self.known.get(number)) {
                self.buffer.extend_from_slice(rest);
                self.found = true;
            } else {
                let brief = view.brief(range, *address);
                let rest = self.rest(&brief);
                self.found |= brief.basis != Basis::Nobody;
                // A claim is made for addresses, not for networks: the next address may have none.
                if let (Some(number), Basis::Irt | Basis::AbuseContact) = (number, brief.basis) {
                    self.known.add(number, &rest);
                }
                self.buffer.extend_from_slice(&rest);
            }
            if self.buffer.len() >= BUFFER {
                self.flush()?;
            }
        }
        Ok(())
    }

    /// Everything before what [`Output::rest`] writes.
    fn begin(&mut self, address: IpAddr) {
        if self.format == Format::Ndjson {
            self.buffer.extend_from_slice(b"{\"address\":\"");
        }
        let start = self.buffer.len();
        match address {
            IpAddr::V4(address) => push_v4(&mut self.buffer, address.octets()),
            // Writing into a vector does not fail.
            IpAddr::V6(address) => drop(write!(self.buffer, "{address}")),
        }
        if self.format == Format::Table {
            let width = (self.buffer.len() - start + 1).max(WIDTHS[0]);
            self.buffer.resize(start + width, b' ');
        }
    }

    /// The line behind the address.
    fn rest(&self, brief: &Brief<'_>) -> Vec<u8> {
        let network = brief.network.map(|(first, last)| range_text(first, last)).unwrap_or_default();
        let row = Row::brief(brief, "", &network);
        let mut line = Vec::new();
        match self.format {
            Format::Table => table_rest(&mut line, &row),
            Format::Csv => csv_line(&mut line, row.cells()),
            Format::Ndjson | Format::Json => {
                let text = serde_json::to_string(&row).unwrap_or_default();
                line.extend_from_slice(text.strip_prefix("{\"address\":\"").unwrap_or(&text).as_bytes());
                line.push(b'\n');
            }
        }
        line
    }

    fn answer(&mut self, answer: &Answer) -> Result<()> {
        self.found |= answer.basis != Basis::Nobody;
        let row = Row::of(answer);
        match self.format {
            Format::Table if self.many => {
                push_padded(&mut self.buffer, row.address, WIDTHS[0]);
                table_rest(&mut self.buffer, &row);
            }
            Format::Table => self.block(answer),
            Format::Csv => csv_line(&mut self.buffer, row.cells()),
            Format::Ndjson => {
                serde_json::to_writer(&mut self.buffer, &row).map_err(unwritten)?;
                self.buffer.push(b'\n');
            }
            Format::Json => {
                self.buffer.extend_from_slice(if self.count == 0 { b"\n" } else { b",\n" });
                serde_json::to_writer(&mut self.buffer, answer).map_err(unwritten)?;
            }
        }
        self.count += 1;
        if self.buffer.len() >= BUFFER { self.flush() } else { Ok(()) }
    }

    /// An answer with its reasons, for people.
    fn block(&mut self, answer: &Answer) {
        let mut lines = vec![answer.asked.clone()];
        let mut fact = |name: &str, text: String| lines.push(format!("  {name:<12}{text}"));
        let who = match (&answer.team, &answer.irt, &answer.contact) {
            (Some(team), ..) => format!("{} ({})", team.name, team.trust),
            (None, Some(irt), _) => format!("{} (not in the directory)", irt.name),
            (None, None, Some(contact)) => contact.name.clone(),
            (None, None, None) => "nobody".to_owned(),
        };
        fact("responsible", who);
        if let Some(contact) = &answer.contact {
            fact("contact", format!("{} ({})", contact.address, contact.source));
        }
        if let Some(key) = &answer.key {
            fact(
                "key",
                format!("{} ({})", ui::format::fingerprint(&key.fingerprint).replace('\n', " "), key.from),
            );
        }
        if let Some(network) = answer.networks.iter().find(|network| network.found).or(answer.networks.last())
        {
            let named = [&network.netname, &network.country].map(String::as_str);
            let named = named.into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join(", ");
            fact("network", format!("{} {named}", network.range).trim_end().to_owned());
        }
        let steps: Vec<String> = answer
            .chain
            .iter()
            .skip(1)
            .map(|step| {
                let note = if step.note.is_empty() { String::new() } else { format!(" ({})", step.note) };
                format!("{} {}{note}", step.kind, step.key).trim_end().to_owned()
            })
            .collect();
        fact("how", steps.join(" → "));
        fact("", answer.summary());
        if self.count > 0 {
            self.buffer.push(b'\n');
        }
        for line in lines {
            self.buffer.extend(printable(line.trim_end()).bytes());
            self.buffer.push(b'\n');
        }
    }

    /// Writes what is left; how many answers there were, and what they came to.
    pub(crate) fn finish(mut self) -> Result<(u64, Verdict)> {
        if self.format == Format::Json {
            self.buffer.extend_from_slice(if self.count == 0 { b"]\n" } else { b"\n]\n" });
        }
        self.flush()?;
        self.out.flush().map_err(|error| Error::io("writing the answers", error))?;
        Ok((self.count, if self.found { Verdict::Found } else { Verdict::Nobody }))
    }

    fn flush(&mut self) -> Result<()> {
        self.out.write_all(&self.buffer).map_err(|error| Error::io("writing the answers", error))?;
        self.buffer.clear();
        Ok(())
    }
}

fn unwritten(error: serde_json::Error) -> Error {
    Error::Corrupt(format!("an answer could not be written: {error}"))
}

/// Widths of the columns of a line for people; what is longer pushes the rest to the right.
const WIDTHS: [usize; 5] = [17, 29, 14, 35, 36];

fn table_rest(line: &mut Vec<u8>, row: &Row<'_>) {
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
fn push_padded(line: &mut Vec<u8>, text: &str, width: usize) {
    let text = printable(text);
    line.extend_from_slice(text.as_bytes());
    let blanks = width.saturating_sub(text.chars().count()).max(1);
    line.resize(line.len() + blanks, b' ');
}

/// Foreign text on a terminal: what would move its cursor becomes a question mark.
fn printable(text: &str) -> std::borrow::Cow<'_, str> {
    if text.contains(char::is_control) { text.replace(char::is_control, "?").into() } else { text.into() }
}

fn csv_line<'c>(line: &mut Vec<u8>, cells: impl IntoIterator<Item = &'c str>) {
    let mut writer =
        csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).buffer_capacity(256).from_writer(line);
    // Writing into a vector does not fail.
    drop(writer.write_record(cells.into_iter().map(|cell| safe_cell(cell).into_owned())));
    drop(writer.flush());
}

fn push_v4(line: &mut Vec<u8>, octets: [u8; 4]) {
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
