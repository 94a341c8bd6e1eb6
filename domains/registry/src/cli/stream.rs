//! Standard input: a list with one resource a line, or any text with addresses in it, or both.

use std::collections::HashSet;
use std::io::Read;
use std::net::{IpAddr, Ipv4Addr};

use kit::{Error, Result};

use super::output::Output;
use crate::resource::{self, Resource};

/// Bytes read at once; a line is cut after as many.
const CHUNK: usize = 1 << 20;
/// Addresses that are looked up together: so many that those of one network, or of neighbours, often are among them.
const TOGETHER: usize = 1 << 18;
/// Resources found in running text that are remembered, so that each is answered once.
const REMEMBERED: usize = 1 << 20;

/// Answers each line of `input` that is one resource, in order; in other lines each address, range and AS number
/// once for the whole text. Returns how many lines had nothing to look up; empty ones and comments (`#`) do not
/// count.
pub(crate) fn read(input: &mut dyn Read, output: &mut Output<'_>) -> Result<u64> {
    let mut lines =
        Lines { output, waiting: Vec::with_capacity(TOGETHER), seen: HashSet::new(), passed_over: 0 };
    let mut buffer = vec![0; CHUNK];
    let mut held = 0;
    loop {
        let length =
            input.read(&mut buffer[held..]).map_err(|error| Error::io("reading standard input", error))?;
        let end = held + length;
        let whole = match memchr::memrchr(b'\n', &buffer[..end]) {
            Some(last) if length > 0 => last + 1,
            // The end, or a line as long as the buffer: cut it at a blank, so that no address is.
            _ if length == 0 || end == buffer.len() => cut(&buffer[..end], length == 0),
            _ => 0,
        };
        for line in buffer[..whole].split(|byte| *byte == b'\n') {
            lines.line(line)?;
        }
        if length == 0 {
            break;
        }
        buffer.copy_within(whole..end, 0);
        held = end - whole;
    }
    lines.flush()?;
    Ok(lines.passed_over)
}

fn cut(line: &[u8], last: bool) -> usize {
    match line.iter().rposition(u8::is_ascii_whitespace) {
        Some(blank) if !last => blank + 1,
        _ => line.len(),
    }
}

struct Lines<'o, 'a> {
    output: &'o mut Output<'a>,
    /// Single addresses that were read and not answered yet.
    waiting: Vec<IpAddr>,
    seen: HashSet<Resource>,
    passed_over: u64,
}

impl Lines<'_, '_> {
    fn line(&mut self, line: &[u8]) -> Result<()> {
        let line = line.trim_ascii();
        if line.is_empty() || line[0] == b'#' {
            return Ok(());
        }
        if let Some(address) = ipv4(line) {
            return self.address(address.into());
        }
        let text = String::from_utf8_lossy(line);
        match resource::addresses(&text) {
            Some((first, last)) if first == last => return self.address(first),
            Some((first, last)) => return self.resource(&Resource::Addresses(first, last)),
            None => {}
        }
        if !text.contains(char::is_whitespace)
            && let Ok(resource) = Resource::parse(&text)
        {
            return self.resource(&resource);
        }
        let (found, _) = resource::in_text(&text);
        if found.is_empty() {
            self.passed_over += 1;
        }
        for resource in found {
            if self.seen.len() >= REMEMBERED {
                self.seen.clear();
            }
            if self.seen.insert(resource.clone()) {
                match resource {
                    Resource::Addresses(first, last) if first == last => self.address(first)?,
                    resource => self.resource(&resource)?,
                }
            }
        }
        Ok(())
    }

    fn address(&mut self, address: IpAddr) -> Result<()> {
        self.waiting.push(address);
        if self.waiting.len() == TOGETHER { self.flush() } else { Ok(()) }
    }

    fn resource(&mut self, resource: &Resource) -> Result<()> {
        self.flush()?;
        self.output.resource(resource)
    }

    fn flush(&mut self) -> Result<()> {
        self.output.addresses(&self.waiting)?;
        self.waiting.clear();
        Ok(())
    }
}

/// An IPv4 address and nothing else. Octets with leading zeros are left to others: half of the programs take
/// them for octal (RFC 6943 section 3.1.1).
fn ipv4(line: &[u8]) -> Option<Ipv4Addr> {
    if line.len() > 15 {
        return None;
    }
    std::str::from_utf8(line).ok()?.parse().ok()
}
