//! Lines and data on a connection, buffered both ways: replies wait while further commands are in the buffer (RFC 2920).

use std::io;
use std::time::Duration;

use memchr::memmem;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::room::Place;

/// Longest command line, CR LF included. RFC 5321 section 4.5.3.1.4 asks for 512 and more for extensions.
const LINE: usize = 4_096;
/// Bytes read at a time.
const BLOCK: usize = 64 << 10;

/// A connection with its buffers.
pub(super) struct Wire {
    stream: TcpStream,
    input: Vec<u8>,
    /// Bytes of `input` already used up.
    used: usize,
    output: Vec<u8>,
}

/// A command line.
pub(super) enum Line {
    /// With its CR LF.
    Command(Vec<u8>),
    /// Longer than [`LINE`]; passed over up to its end.
    TooLong,
    /// Ended by LF alone, or with a CR or NUL inside.
    Malformed,
    /// The client has gone.
    Gone,
}

/// Data of a mail.
pub(super) enum Data {
    /// The whole content, dots unstuffed.
    Complete(Vec<u8>),
    /// Longer than the limit, read to its end.
    TooLarge,
    /// There is no memory for it now; read to its end.
    NoRoom,
    /// So much longer that reading on is no use; the connection must be closed.
    Endless,
    /// The client has gone.
    Gone,
}

impl Wire {
    pub fn new(stream: TcpStream) -> Wire {
        Wire { stream, input: Vec::with_capacity(BLOCK), used: 0, output: Vec::with_capacity(1 << 10) }
    }

    /// The next command line, waited for up to `patience`.
    pub async fn line(&mut self, patience: Duration) -> io::Result<Line> {
        let mut scanned = self.used;
        let mut passing = false;
        loop {
            if let Some(found) = memchr::memchr(b'\n', &self.input[scanned..]) {
                let end = scanned + found + 1;
                let line = &self.input[self.used..end];
                let answer = if passing || line.len() > LINE {
                    Line::TooLong
                } else if line.ends_with(b"\r\n")
                    && !line[..line.len() - 2].iter().any(|b| matches!(b, b'\r' | 0))
                {
                    Line::Command(line.to_vec())
                } else {
                    Line::Malformed
                };
                self.used = end;
                return Ok(answer);
            }
            if self.input.len() - self.used > LINE {
                passing = true;
                self.used = self.input.len();
            }
            self.flush(patience).await?;
            self.make_room();
            scanned = self.input.len();
            if in_time(patience, self.stream.read_buf(&mut self.input)).await? == 0 {
                return Ok(Line::Gone);
            }
        }
    }

    /// The content after DATA, up to CR LF `.` CR LF. Beyond `limit` bytes it is thrown away as it comes.
    pub async fn data(&mut self, limit: usize, patience: Duration, place: &mut Place) -> io::Result<Data> {
        self.flush(patience).await?;
        // With the line end of the DATA command in front, the end of an empty mail looks like any other.
        let mut raw = b"\r\n".to_vec();
        raw.extend_from_slice(&self.input[self.used..]);
        self.input.clear();
        self.used = 0;
        let finder = memmem::Finder::new(b"\r\n.\r\n");
        let mut scanned = 0;
        let mut thrown = 0;
        let mut no_room = false;
        loop {
            if let Some(found) = finder.find(&raw[scanned..]) {
                let end = scanned + found;
                self.input.extend_from_slice(&raw[end + 5..]);
                raw.truncate(end + 2);
                let too_large = thrown + raw.len() - 2 > limit;
                return Ok(match (too_large, no_room) {
                    (true, _) => Data::TooLarge,
                    (false, true) => Data::NoRoom,
                    (false, false) => Data::Complete(unstuff(&raw)),
                });
            }
            // The end may lie across two blocks.
            scanned = raw.len().saturating_sub(4);
            no_room = no_room || !place.grow_to(raw.len());
            if no_room || raw.len() > limit.saturating_add(BLOCK) {
                thrown += scanned;
                raw.drain(..scanned);
                scanned = 0;
                if thrown > limit.saturating_mul(2) {
                    return Ok(Data::Endless);
                }
            }
            raw.reserve(BLOCK);
            if in_time(patience, self.stream.read_buf(&mut raw)).await? == 0 {
                return Ok(Data::Gone);
            }
        }
    }

    /// Adds a reply; it is sent when the client has nothing more in the buffer.
    pub fn reply(&mut self, line: &str) {
        // A reply is one line whatever text is put into it.
        self.output.extend(line.bytes().map(|b| if b < 0x20 || b == 0x7f { b' ' } else { b }));
        self.output.extend_from_slice(b"\r\n");
    }

    /// Sends what was replied. May be dropped half-way and called again: what was written is out of the buffer.
    pub async fn flush(&mut self, patience: Duration) -> io::Result<()> {
        while !self.output.is_empty() {
            let written = in_time(patience, self.stream.write(&self.output)).await?;
            if written == 0 {
                return Err(io::ErrorKind::WriteZero.into());
            }
            self.output.drain(..written);
        }
        Ok(())
    }

    fn make_room(&mut self) {
        self.input.drain(..self.used);
        self.used = 0;
        self.input.reserve(BLOCK);
    }
}

async fn in_time<T>(patience: Duration, work: impl Future<Output = io::Result<T>>) -> io::Result<T> {
    timeout(patience, work).await.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
}

/// Content without the dots that were put before lines with a dot (RFC 5321 section 4.5.2). `raw` has CR LF in front.
fn unstuff(raw: &[u8]) -> Vec<u8> {
    let mut content = Vec::with_capacity(raw.len());
    let mut from = 2;
    for found in memmem::find_iter(raw, b"\r\n.") {
        content.extend_from_slice(raw.get(from..found + 2).unwrap_or_default());
        from = found + 3;
    }
    content.extend_from_slice(&raw[from.min(raw.len())..]);
    content
}

#[cfg(test)]
mod tests {
    use super::unstuff;

    #[test]
    fn only_the_first_dot_of_a_line_goes() {
        assert_eq!(unstuff(b"\r\n..a\r\nb..\r\n...\r\n"), b".a\r\nb..\r\n..\r\n");
        assert_eq!(unstuff(b"\r\n"), b"");
        assert_eq!(unstuff(b"\r\nx\n.y\r\n"), b"x\n.y\r\n");
    }
}
