//! One connection: commands in, replies out, mails to the intake.

use std::io;
use std::net::IpAddr;
use std::sync::Arc;

use smtp_proto::{Error, MAIL_BODY_BINARYMIME, MAIL_REQUIRETLS, MAIL_SMTPUTF8, MailFrom, RcptTo, Request};
use tokio::net::TcpStream;
use tokio::sync::watch;

use super::room::Room;
use super::wire::{Data, Line, Wire};
use super::{Config, Intake, Protocol, Refusal, address};
use crate::envelope::Envelope;

/// `Received` fields after which a mail is in a loop (RFC 5321 section 6.3).
const HOPS: usize = 100;

pub(super) struct Session {
    wire: Wire,
    peer: IpAddr,
    protocol: Protocol,
    config: Arc<Config>,
    intake: Arc<dyn Intake>,
    shutdown: watch::Receiver<bool>,
    room: Room,
    /// The client's name, once it has greeted, and whether with EHLO or LHLO.
    helo: Option<(String, bool)>,
    mail: Option<Transaction>,
    errors: usize,
}

/// A mail between MAIL and the end of its data.
struct Transaction {
    from: String,
    utf8: bool,
    rcpts: Vec<String>,
}

/// What happens after a command.
#[derive(PartialEq, Eq)]
enum Next {
    Command,
    Close,
}

impl Session {
    pub fn new(
        stream: TcpStream,
        peer: IpAddr,
        protocol: Protocol,
        config: Arc<Config>,
        intake: Arc<dyn Intake>,
        shutdown: watch::Receiver<bool>,
        room: Room,
    ) -> Session {
        let wire = Wire::new(stream);
        Session { wire, peer, protocol, config, intake, shutdown, room, helo: None, mail: None, errors: 0 }
    }

    /// Speaks until the client quits, gives up or misbehaves.
    pub async fn run(mut self) -> io::Result<()> {
        let patience = self.config.command_timeout;
        let name = if self.protocol == Protocol::Lmtp { "LMTP" } else { "ESMTP" };
        self.wire.reply(&format!("220 {} {name} Wardmote", self.config.hostname));
        loop {
            let line = tokio::select! {
                biased;
                line = self.wire.line(patience) => Some(line),
                _ = async { self.shutdown.wait_for(|stop| *stop).await.is_ok() } => None,
            };
            let Some(line) = line else {
                self.wire.reply(&format!("421 4.3.2 {} is stopping, try again later", self.config.hostname));
                return self.wire.flush(patience).await;
            };
            let next = match line {
                Ok(Line::Command(line)) => self.command(&line).await?,
                Ok(Line::TooLong) => self.error("500 5.5.2 line too long"),
                Ok(Line::Malformed) => self.error("500 5.5.2 lines end with CR LF and hold no other CR"),
                Ok(Line::Gone) => return Ok(()),
                Err(e) if e.kind() == io::ErrorKind::TimedOut => {
                    self.wire.reply(&format!("421 4.4.2 {} waited too long", self.config.hostname));
                    Next::Close
                }
                Err(e) => return Err(e),
            };
            if next == Next::Close {
                return self.wire.flush(patience).await;
            }
        }
    }

    async fn command(&mut self, line: &[u8]) -> io::Result<Next> {
        let request = match Request::parse(&mut line.iter()) {
            Ok(request) => request,
            Err(error) => return Ok(self.syntax(&error)),
        };
        Ok(match request {
            Request::Ehlo { host } if self.protocol == Protocol::Smtp => self.greet(&host, true),
            Request::Helo { host } if self.protocol == Protocol::Smtp => self.greet(&host, false),
            Request::Lhlo { host } if self.protocol == Protocol::Lmtp => self.greet(&host, true),
            Request::Mail { from } => self.mail(&from, line),
            Request::Rcpt { to } => self.rcpt(&to, line).await,
            Request::Data => return self.data().await,
            Request::Rset => {
                self.mail = None;
                self.ok("250 2.0.0 reset")
            }
            Request::Noop { .. } => self.ok("250 2.0.0 ok"),
            Request::Vrfy { .. } => self.ok("252 2.5.0 send mail and see"),
            Request::Quit => {
                self.wire.reply(&format!("221 2.0.0 {} closes", self.config.hostname));
                Next::Close
            }
            Request::Bdat { chunk_size, .. } => {
                // Not offered; its chunk would be read as commands.
                self.wire.reply(&format!("503 5.5.1 BDAT is not offered; {chunk_size} bytes are not read"));
                Next::Close
            }
            _ => self.error("502 5.5.1 command not implemented"),
        })
    }

    fn greet(&mut self, host: &str, extended: bool) -> Next {
        self.mail = None;
        self.helo = Some((host.trim().to_owned(), extended));
        let hostname = self.config.hostname.clone();
        if !extended {
            return self.ok(&format!("250 {hostname}"));
        }
        self.wire.reply(&format!("250-{hostname}"));
        self.wire.reply(&format!("250-SIZE {}", self.config.max_size));
        for capability in ["250-8BITMIME", "250-PIPELINING", "250-ENHANCEDSTATUSCODES"] {
            self.wire.reply(capability);
        }
        self.ok("250 SMTPUTF8")
    }

    fn mail(&mut self, from: &MailFrom<std::borrow::Cow<'_, str>>, line: &[u8]) -> Next {
        if self.helo.is_none() {
            return self.error("503 5.5.1 greet first");
        }
        if self.mail.is_some() {
            return self.error("503 5.5.1 a mail has been begun already");
        }
        if from.flags & (MAIL_BODY_BINARYMIME | MAIL_REQUIRETLS) != 0 {
            return self.error("555 5.5.4 BINARYMIME and REQUIRETLS are not offered");
        }
        if from.size > self.config.max_size {
            return self.error(&format!("552 5.3.4 larger than {} bytes", self.config.max_size));
        }
        let utf8 = from.flags & MAIL_SMTPUTF8 != 0;
        self.mail = Some(Transaction { from: address::path(&from.address, line), utf8, rcpts: Vec::new() });
        self.ok("250 2.1.0 ok")
    }

    async fn rcpt(&mut self, to: &RcptTo<std::borrow::Cow<'_, str>>, line: &[u8]) -> Next {
        let Some(mail) = &self.mail else { return self.error("503 5.5.1 MAIL first") };
        if mail.rcpts.len() >= self.config.max_rcpts {
            return self.error("452 4.5.3 too many recipients, send the rest in another mail");
        }
        let rcpt = address::path(&to.address, line);
        if rcpt.is_empty() {
            return self.error("501 5.1.3 a recipient is an address");
        }
        match self.intake.knows(&rcpt).await {
            Ok(true) => {
                self.mail.iter_mut().for_each(|m| m.rcpts.push(rcpt.clone()));
                self.ok("250 2.1.5 ok")
            }
            Ok(false) => self.error("550 5.1.1 there is no such address here"),
            Err(refusal) => {
                self.wire.reply(&refused(&refusal));
                Next::Command
            }
        }
    }

    async fn data(&mut self) -> io::Result<Next> {
        let Some(mail) = self.mail.take().filter(|m| !m.rcpts.is_empty()) else {
            return Ok(self.error("503 5.5.1 no valid recipient"));
        };
        let received_at = (self.config.now)();
        self.wire.reply("354 end with CR LF . CR LF");
        // Held until the mail is handed over.
        let mut place = self.room.place();
        let reading = self.wire.data(self.config.max_size, self.config.data_timeout, &mut place);
        let read = tokio::time::timeout(self.config.transfer_timeout, reading).await;
        let content = match read.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))? {
            Data::Complete(content) => content,
            Data::Gone => return Ok(Next::Close),
            too_large => {
                let reply = match too_large {
                    Data::NoRoom => "452 4.3.1 too many large mails at once, try again later".to_owned(),
                    _ => format!("552 5.3.4 larger than {} bytes", self.config.max_size),
                };
                for _ in 0..self.replies(&mail) {
                    self.wire.reply(&reply);
                }
                return Ok(if matches!(too_large, Data::Endless) { Next::Close } else { Next::Command });
            }
        };
        let replies = self.replies(&mail);
        let reply = if hops(&content) >= HOPS {
            "554 5.4.6 the mail has passed 100 systems and is in a loop".to_owned()
        } else {
            self.deliver(mail, received_at, content).await
        };
        for _ in 0..replies {
            self.wire.reply(&reply);
        }
        Ok(Next::Command)
    }

    /// Hands the mail over and says what came of it.
    async fn deliver(&self, mail: Transaction, received_at: i64, content: Vec<u8>) -> String {
        let (helo, extended) = self.helo.clone().unwrap_or_default();
        let envelope =
            Envelope { from: mail.from, rcpts: mail.rcpts, helo, peer: Some(self.peer), received_at };
        let trace = address::received(&envelope, &self.config.hostname, self.protocol, extended, mail.utf8);
        let mut message = trace.into_bytes();
        message.extend_from_slice(&content);
        match self.intake.deliver(envelope, message).await {
            Ok(accepted) => format!("250 2.0.0 stored as {}", accepted.id),
            Err(refusal) => refused(&refusal),
        }
    }

    /// LMTP answers for each recipient (RFC 2033 section 4.2). A mail is stored for all of them or for none.
    fn replies(&self, mail: &Transaction) -> usize {
        if self.protocol == Protocol::Lmtp { mail.rcpts.len() } else { 1 }
    }

    fn syntax(&mut self, error: &Error) -> Next {
        let reply = match error {
            Error::UnknownCommand => "500 5.5.1 command not known".to_owned(),
            Error::InvalidSenderAddress => "501 5.1.7 the sender is not an address".to_owned(),
            Error::InvalidRecipientAddress => "501 5.1.3 the recipient is not an address".to_owned(),
            Error::SyntaxError { syntax } => format!("501 5.5.4 syntax: {syntax}"),
            Error::InvalidParameter { param } => format!("501 5.5.4 the value of {param} is not valid"),
            Error::UnsupportedParameter { .. } => "555 5.5.4 a parameter is not known".to_owned(),
            _ => "500 5.5.2 not understood".to_owned(),
        };
        self.error(&reply)
    }

    fn ok(&mut self, line: &str) -> Next {
        self.wire.reply(line);
        Next::Command
    }

    fn error(&mut self, line: &str) -> Next {
        self.wire.reply(line);
        self.errors += 1;
        if self.errors < self.config.max_errors {
            return Next::Command;
        }
        self.wire.reply(&format!("421 4.7.0 {} closes after too many errors", self.config.hostname));
        Next::Close
    }
}

fn refused(refusal: &Refusal) -> String {
    match refusal {
        Refusal::Full(why) => format!("452 4.3.1 {why}"),
        Refusal::Temporary(why) => format!("451 4.3.0 {why}"),
        Refusal::Permanent(why) => format!("554 5.6.0 {why}"),
        Refusal::TooLarge(why) => format!("552 5.3.4 {why}"),
    }
}

fn hops(content: &[u8]) -> usize {
    let header = crate::open::fields(&content[..content.len().min(256_000)]);
    header.take(2_000).filter(|(name, _)| name.eq_ignore_ascii_case(b"received")).take(HOPS).count()
}
