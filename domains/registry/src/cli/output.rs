//! Answers on paper: a table for people; JSON, NDJSON and CSV for programs.

use std::io::Write;
use std::net::IpAddr;

use kit::{Error, Result};
use netmap::RangeIdx;

use super::lines::{Lines, chain_of};
use super::lookup::Verdict;
use super::row::{self, Row, WIDTHS, csv_line, printable, push_padded, table_rest, verified};
use crate::answer::{Answer, Basis, Brief, push_address, range_text};
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
    lines: Lines,
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
            lines: Lines::default(),
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
            } else if let Some(range) = range
                && self.lines.push(&mut self.buffer, snapshot, self.format, range, *address)
            {
                self.found = true;
            } else {
                let brief = view.brief(range, *address);
                let rest = self.rest(&brief, range);
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
        push_address(&mut self.buffer, address);
        if self.format == Format::Table {
            let width = (self.buffer.len() - start + 1).max(WIDTHS[0]);
            self.buffer.resize(start + width, b' ');
        }
    }

    /// The line behind the address.
    fn rest(&self, brief: &Brief<'_>, range: Option<RangeIdx>) -> Vec<u8> {
        let network = brief.network.map(|(first, last)| range_text(first, last)).unwrap_or_default();
        let state = brief.contact.and_then(|address| self.snapshot.contact_state(address));
        let verified = verified(state.as_ref());
        let chain = chain_of(&self.snapshot.view().index, range, brief);
        let row = Row::brief(brief, "", &network, &chain, &verified);
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
        let verified = verified(answer.contact.as_ref().and_then(|contact| contact.verified.as_ref()));
        let chain = row::chain(answer);
        let row = Row::of(answer, &verified, &chain);
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
            if let Some(state) = &contact.verified {
                fact("", state.to_string());
            }
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
