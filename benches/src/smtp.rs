//! A mail server's side of SMTP: one mail a transaction, its commands in one group as RFC 2920 allows.
//!
//! MAIL, RCPT and DATA go out together; the text follows when the 354 has come; the next group follows the 250. A mail
//! library that waits for each reply, as most do, would measure its own round trips.

use std::io::{self, BufRead as _, BufReader, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

/// A connection after EHLO.
#[derive(Debug)]
pub struct Session {
    stream: TcpStream,
    replies: BufReader<TcpStream>,
}

/// What became of a mail.
#[derive(Debug, Clone)]
pub struct Sent {
    /// The reply to its text: `250 2.0.0 …` when it was acknowledged.
    pub reply: String,
    /// From the last byte of its text to that reply.
    pub waited: Duration,
}

impl Sent {
    /// Whether the server has taken it.
    pub fn is_acknowledged(&self) -> bool {
        self.reply.starts_with("250")
    }
}

impl Session {
    /// Connects and greets.
    ///
    /// # Errors
    /// Nobody listens, or the greeting is refused.
    pub fn open(server: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(server)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_secs(60)))?;
        let replies = BufReader::new(stream.try_clone()?);
        let mut session = Self { stream, replies };
        session.expect("220")?;
        session.stream.write_all(b"EHLO mx.reporter.example\r\n")?;
        session.expect("250")?;
        Ok(session)
    }

    /// Sends one mail; `text` has CR LF at the end of each line.
    ///
    /// # Errors
    /// The connection broke before the reply to the text, or the envelope was refused.
    pub fn send(&mut self, from: &str, to: &str, text: &[u8]) -> io::Result<Sent> {
        let group = format!("MAIL FROM:<{from}> SIZE={}\r\nRCPT TO:<{to}>\r\nDATA\r\n", text.len());
        self.stream.write_all(group.as_bytes())?;
        self.expect("250")?;
        self.expect("250")?;
        self.expect("354")?;
        self.stream.write_all(&stuffed(text))?;
        let begun = Instant::now();
        let reply = self.reply()?;
        Ok(Sent { reply, waited: begun.elapsed() })
    }

    /// Takes leave.
    ///
    /// # Errors
    /// The connection broke.
    pub fn quit(mut self) -> io::Result<()> {
        self.stream.write_all(b"QUIT\r\n")?;
        self.expect("221")
    }

    fn expect(&mut self, code: &str) -> io::Result<()> {
        let reply = self.reply()?;
        if reply.starts_with(code) {
            Ok(())
        } else {
            Err(io::Error::other(format!("{code} expected, not {reply}")))
        }
    }

    /// The last line of the next reply.
    fn reply(&mut self) -> io::Result<String> {
        loop {
            let mut line = String::new();
            if self.replies.read_line(&mut line)? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            if line.as_bytes().get(3) != Some(&b'-') {
                return Ok(line.trim_end().to_owned());
            }
        }
    }
}

/// `text` as it goes over the wire: dots at the beginning of lines doubled, ended (RFC 5321 section 4.5.2).
fn stuffed(text: &[u8]) -> Vec<u8> {
    let mut wire = Vec::with_capacity(text.len() + 16);
    let mut begins = true;
    for &byte in text {
        if begins && byte == b'.' {
            wire.push(b'.');
        }
        wire.push(byte);
        begins = byte == b'\n';
    }
    if !begins {
        wire.extend_from_slice(b"\r\n");
    }
    wire.extend_from_slice(b".\r\n");
    wire
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_one_dot_does_not_end_the_mail() {
        assert_eq!(stuffed(b"a\r\n.\r\n..b\r\n"), b"a\r\n..\r\n...b\r\n.\r\n");
        assert_eq!(stuffed(b"a"), b"a\r\n.\r\n");
    }
}
