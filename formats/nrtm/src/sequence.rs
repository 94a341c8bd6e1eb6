//! JSON text sequences (RFC 7464): records that begin with a record separator, read one at a time.

use std::io::{BufRead, Write};

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::Error;

/// What stands before each record (RFC 7464 section 2.2).
const RECORD_SEPARATOR: u8 = 0x1e;

/// How much of a file is read. Compressed files grow when they are opened, so each limit holds for what comes out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of one record.
    pub record: usize,
    /// Records, the header among them.
    pub records: u64,
    /// Bytes of the whole file.
    pub bytes: u64,
}

impl Limits {
    /// For the largest registries that there are, with room: 8 GiB of 40 million objects of at most 8 MiB each.
    pub const REGISTRY: Self = Self { record: 8 << 20, records: 40_000_000, bytes: 8 << 30 };
}

/// Reads records from a stream.
pub(crate) struct Records<R> {
    read: R,
    limits: Limits,
    buffer: Vec<u8>,
    bytes: u64,
    count: u64,
    begun: bool,
}

impl<R: BufRead> Records<R> {
    pub(crate) fn new(read: R, limits: Limits) -> Self {
        Self { read, limits, buffer: Vec::new(), bytes: 0, count: 0, begun: false }
    }

    /// The next record; `None` at the end. `what` names it in errors.
    pub(crate) fn next<T: DeserializeOwned>(&mut self, what: &'static str) -> Result<Option<T>, Error> {
        loop {
            let separated = self.until_separator()?;
            if !std::mem::replace(&mut self.begun, true) {
                // What stands before the first separator is no record.
                if !self.buffer.trim_ascii().is_empty() {
                    return Err(Error::NoRecord(1));
                }
            } else if !self.buffer.trim_ascii().is_empty() {
                self.count += 1;
                if self.count > self.limits.records {
                    return Err(too_large("the file", self.limits.records, "records"));
                }
                let record = serde_json::from_slice(&self.buffer);
                return record.map(Some).map_err(|error| Error::Json {
                    what,
                    reason: format!("record {}: {error}", self.count),
                });
            }
            if !separated {
                return Ok(None);
            }
        }
    }

    /// Fills the buffer up to the next separator, which is taken; `false` at the end of the stream.
    fn until_separator(&mut self) -> Result<bool, Error> {
        self.buffer.clear();
        loop {
            let piece = match self.read.fill_buf() {
                Ok(piece) => piece,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error.into()),
            };
            let end = piece.iter().position(|&byte| byte == RECORD_SEPARATOR);
            let taken = end.map_or(piece.len(), |end| end + 1);
            if self.buffer.len() + end.unwrap_or(piece.len()) > self.limits.record {
                return Err(too_large("a record", self.limits.record as u64, "bytes"));
            }
            self.bytes += taken as u64;
            if self.bytes > self.limits.bytes {
                return Err(too_large("the file", self.limits.bytes, "bytes"));
            }
            self.buffer.extend_from_slice(&piece[..end.unwrap_or(piece.len())]);
            self.read.consume(taken);
            if end.is_some() || taken == 0 {
                return Ok(end.is_some());
            }
        }
    }
}

fn too_large(what: &'static str, most: u64, unit: &'static str) -> Error {
    Error::TooLarge { what, most, unit }
}

/// Writes one record.
pub(crate) fn write(to: &mut impl Write, record: &impl Serialize) -> std::io::Result<()> {
    to.write_all(&[RECORD_SEPARATOR])?;
    serde_json::to_writer(&mut *to, record)?;
    to.write_all(b"\n")
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    const SMALL: Limits = Limits { record: 16, records: 3, bytes: 40 };

    fn read(bytes: &[u8], piece: usize) -> Result<Vec<Value>, Error> {
        let mut records = Records::new(std::io::BufReader::with_capacity(piece, bytes), SMALL);
        std::iter::from_fn(|| records.next("it").transpose()).collect()
    }

    #[test]
    fn records_are_read_however_the_stream_is_cut() {
        for piece in 1..20 {
            let values = read(b"\x1e{\"a\":1}\n\x1e\n\x1e\x1e{\n\"b\":\n2}", piece).unwrap();
            assert_eq!(values, [serde_json::json!({"a": 1}), serde_json::json!({"b": 2})]);
        }
        assert!(read(b"", 4).unwrap().is_empty());
    }

    #[test]
    fn what_is_no_record_or_over_a_limit_is_refused() {
        for (bytes, said) in [
            (&b"{}\n"[..], "record separator"),
            (b"\x1e{\"a\":", "EOF"),
            (b"\x1e{} {}", "trailing"),
            (b"\x1e{}\x1e\"\xff\"", "record 2"),
            (b"\x1e\"aaaaaaaaaaaaaaaaaaaaaaaa\"", "16 bytes"),
            (b"\x1e1\n\x1e2\n\x1e3\n\x1e4\n", "3 records"),
            (b"\x1e              \x1e              \x1e              ", "40 bytes"),
        ] {
            for piece in 1..20 {
                let error = read(bytes, piece).unwrap_err().to_string();
                assert!(error.contains(said), "{said}: {error}");
            }
        }
    }
}
