//! Answers on paper: a table for people; JSON, NDJSON and CSV for programs.

use std::io::Write;
use std::net::IpAddr;

use kit::{Error, Result};
use netmap::RangeIdx;

use super::lines::{Lines, chain_of};
use super::lookup::Verdict;
use super::row::{self, Row, WIDTHS, csv_line, printable, push_padded, table_rest, verified};
use crate::answer::{Answer, Basis, push_address, range_text};
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
    lines: Lines,
    /// What stands behind the addresses of a batch; kept, since it has some ten megabytes.
    rests: Vec<u8>,
    count: u64,
    found: bool,
}

/// Bytes that are gathered before they are written.
const BUFFER: usize = 256 << 10;

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
            lines: Lines::default(),
            rests: Vec::new(),
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
        let (rests, places) = self.rests(addresses);
        for (address, (start, end)) in addresses.iter().zip(places) {
            self.begin(*address);
            self.buffer.extend_from_slice(&rests[start as usize..end as usize]);
            if self.buffer.len() >= BUFFER {
                self.flush()?;
            }
        }
        self.rests = rests;
        self.count += addresses.len() as u64;
        Ok(())
    }

    /// What stands behind each address, and where in that. Written in the order of the networks: memory is then read from
    /// front to back, and what is the same for all addresses of a network is written once.
    fn rests(&mut self, addresses: &[IpAddr]) -> (Vec<u8>, Vec<(u32, u32)>) {
        let snapshot = self.snapshot;
        let index = &snapshot.view().index;
        let ranges = index.bulk(addresses);
        let number = |range: Option<RangeIdx>| range.map_or(u32::MAX, |range| index.number(range));
        let mut order: Vec<(u32, u32)> = (0..).zip(&ranges).map(|(at, range)| (number(*range), at)).collect();
        order.sort_unstable();
        let (mut rests, mut places) = (std::mem::take(&mut self.rests), vec![(0, 0); addresses.len()]);
        rests.clear();
        let mut last = None;
        for (network, at) in order {
            let at = at as usize;
            if let Some((known, place)) = last
                && known == network
            {
                places[at] = place;
                continue;
            }
            let start = rests.len();
            let is_of_network = self.rest(&mut rests, ranges[at], addresses[at]);
            places[at] = (start as u32, rests.len() as u32); // fits: a line has some hundred bytes, and TOGETHER bounds them
            last = is_of_network.then_some((network, places[at]));
        }
        (rests, places)
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

    /// Writes the line behind the address; whether it is the same for all addresses whose smallest network is `range`.
    fn rest(&mut self, line: &mut Vec<u8>, range: Option<RangeIdx>, address: IpAddr) -> bool {
        let snapshot = self.snapshot;
        if let Some(range) = range
            && let Some(found) = self.lines.push(line, snapshot, self.format, range, address)
        {
            self.found |= found;
            return found;
        }
        let brief = snapshot.view().brief(range, address);
        self.found |= brief.basis != Basis::Nobody;
        let network = brief.network.map(|(first, last)| range_text(first, last)).unwrap_or_default();
        let state = brief.contact.and_then(|address| snapshot.contact_state(address));
        let verified = verified(state.as_ref());
        let chain = chain_of(&snapshot.view().index, range, &brief);
        let row = Row::brief(&brief, "", &network, &chain, &verified);
        match self.format {
            Format::Table => table_rest(line, &row),
            Format::Csv => csv_line(line, row.cells()),
            Format::Ndjson | Format::Json => {
                let text = serde_json::to_string(&row).unwrap_or_default();
                line.extend_from_slice(text.strip_prefix("{\"address\":\"").unwrap_or(&text).as_bytes());
                line.push(b'\n');
            }
        }
        // A claim is made for addresses, not for networks: the next address may have none.
        matches!(brief.basis, Basis::Irt | Basis::AbuseContact)
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
