//! One connection: lines in, answers out.

use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use identity::{Granted, Identity, LookUp};
use rpsl::query::{Charset, LONGEST_LINE, Query, QueryError, Session as State, Turn, Word};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::timeout;

use super::answer::bulk;
use super::limits::Client;
use super::service::Service;
use super::words::{GREETING, failure, other_language, unknown_token};

/// Answers that are sent together, in bytes: those of queries that came together.
const TOGETHER: usize = 64 << 10;
/// Bytes read at once.
const CHUNK: usize = 4 << 10;

pub(super) struct Session {
    stream: TcpStream,
    service: Arc<Service>,
    identity: Identity,
    peer: IpAddr,
    client: Client,
    /// A listed team at work; asked for with the first query.
    trusted: Option<bool>,
    state: State,
    /// Between `begin` and `end`.
    bulk: bool,
    /// What came and is no whole line yet.
    input: Vec<u8>,
    /// The rest of a line that was too long is passed over.
    overlong: bool,
    output: Vec<u8>,
    /// Filled and emptied for each answer.
    text: String,
}

/// What happens after a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Next {
    Line,
    Close,
}

impl Session {
    pub(super) fn new(stream: TcpStream, peer: IpAddr, service: Arc<Service>, identity: Identity) -> Self {
        Self {
            stream,
            service,
            identity,
            peer,
            client: Client::at(peer),
            trusted: None,
            state: State::default(),
            bulk: false,
            input: Vec::new(),
            overlong: false,
            output: Vec::new(),
            text: String::new(),
        }
    }

    /// Answers until the client goes, says nothing for too long or does not read, or until the node stops.
    pub(super) async fn run(mut self, mut stop: watch::Receiver<bool>) -> io::Result<()> {
        let mut patience = self.service.config.first_query;
        loop {
            if self.lines().await? == Next::Close {
                self.flush().await?;
                return close(&mut self.stream).await;
            }
            self.flush().await?;
            self.rest();
            let came = tokio::select! {
                came = timeout(patience, self.stream.readable()) => came,
                () = stopped(&mut stop) => return close(&mut self.stream).await,
            };
            match came {
                Ok(ready) => ready?,
                Err(_) => {
                    self.say(&QueryError::timeout());
                    self.flush().await?;
                    return close(&mut self.stream).await;
                }
            }
            if !self.read()? {
                // What a client sends last may come without its line end.
                if !self.input.is_empty() && !self.overlong {
                    let line = std::mem::take(&mut self.input);
                    self.line(&line).await;
                    self.flush().await?;
                }
                return Ok(());
            }
            patience = if self.state.is_persistent() || self.bulk {
                self.service.config.idle
            } else {
                self.service.config.first_query
            };
        }
    }

    /// Takes in what has come; `false` when the client has ended.
    fn read(&mut self) -> io::Result<bool> {
        let mut chunk = [0; CHUNK];
        match self.stream.try_read(&mut chunk) {
            Ok(0) => Ok(false),
            Ok(count) => {
                self.input.extend_from_slice(&chunk[..count]);
                Ok(true)
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(true),
            Err(error) => Err(error),
        }
    }

    /// Answers all whole lines that have come.
    async fn lines(&mut self) -> io::Result<Next> {
        let mut from = 0;
        let input = std::mem::take(&mut self.input);
        let mut next = Next::Line;
        while next == Next::Line
            && let Some(end) = memchr::memchr(b'\n', &input[from..]).map(|at| from + at)
        {
            let line = &input[from..end];
            from = end + 1;
            if std::mem::take(&mut self.overlong) {
                continue; // the end of the line that was refused
            }
            next = self.line(line).await;
            if self.output.len() >= TOGETHER {
                self.flush().await?;
            }
        }
        let rest = &input[from..];
        if next == Next::Line && (self.overlong || rest.len() > LONGEST_LINE + 1) {
            if !std::mem::replace(&mut self.overlong, true) {
                self.say(&QueryError::too_long());
                if !self.state.is_persistent() && !self.bulk {
                    next = Next::Close;
                }
            }
        } else {
            self.input.extend_from_slice(rest);
        }
        Ok(next)
    }

    /// Answers one line.
    async fn line(&mut self, line: &[u8]) -> Next {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        match (Word::of(line), self.bulk) {
            (Some(Word::End), true) => {
                self.bulk = false;
                self.output.extend_from_slice(b"\n\n");
                return if self.state.is_persistent() { Next::Line } else { Next::Close };
            }
            (_, true) => {
                self.text.clear();
                if line.len() > LONGEST_LINE {
                    failure(&QueryError::too_long(), &mut self.text);
                } else if !line.trim_ascii().is_empty() {
                    self.service.bulk_line(&rpsl::decode(line), &mut self.text);
                }
                self.output.extend_from_slice(self.text.as_bytes());
                return Next::Line;
            }
            (Some(Word::Begin), false) => {
                self.bulk = true;
                self.text.clear();
                self.text.push_str(GREETING);
                bulk::heading(&mut self.text);
                self.output.extend_from_slice(self.text.as_bytes());
                return Next::Line;
            }
            _ => {}
        }
        if line.starts_with(b"!") {
            self.say(&other_language());
            return if self.state.is_persistent() { Next::Line } else { Next::Close };
        }
        let line = match token(line) {
            Some((token, rest)) => {
                if !self.log_in(token).await {
                    self.say(&unknown_token());
                    return if self.state.is_persistent() { Next::Line } else { Next::Close };
                }
                rest
            }
            None => line,
        };
        self.query(Query::parse(line)).await
    }

    async fn query(&mut self, query: Result<Query, QueryError>) -> Next {
        // No proxy is known that could be believed about whom it asks for.
        let query = query.and_then(|query| match &query.client {
            Some(client) if client.address.is_some() => Err(QueryError::not_a_proxy()),
            _ => Ok(query),
        });
        // An empty line asks for nothing, which is an error, unless it only opens or closes the connection.
        let asks_nothing = |query: &Query| query.key.is_none() && query.ask() == rpsl::query::Ask::Nothing;
        let query = match query {
            Ok(query) if asks_nothing(&query) && !query.has(rpsl::query::Flag::Persistent) => {
                Err(QueryError::no_key())
            }
            query => query,
        };
        let turn = self.state.turn(&query);
        match (turn, query) {
            (Turn::Close, _) => return Next::Close,
            (Turn::Wait, _) => self.output.push(b'\n'),
            (_, Err(error)) => self.say(&error),
            (_, Ok(query)) => {
                let charset = query.charset;
                let trusted = *self.trusted.get_or_insert_with(|| self.service.is_trusted(self.peer));
                let mut text = std::mem::take(&mut self.text);
                text.clear();
                text.push_str(GREETING);
                self.service.answer(query, self.client, trusted, &mut text).await;
                text.push('\n');
                put(&text, charset, &mut self.output);
                self.text = text;
            }
        }
        if turn == Turn::AnswerAndClose { Next::Close } else { Next::Line }
    }

    /// An answer that is nothing but an error.
    fn say(&mut self, error: &QueryError) {
        let mut text = GREETING.to_owned();
        failure(error, &mut text);
        text.push('\n');
        self.output.extend_from_slice(text.as_bytes());
    }

    /// Whether the token is that of somebody who may look up; from then on personal objects are counted for them.
    async fn log_in(&mut self, token: &str) -> bool {
        let actor = match self.identity.bearer(token).await {
            Ok(actor) => actor,
            Err(error) => {
                tracing::error!(%error, "a token could not be looked up");
                None
            }
        };
        let Some(granted) = actor.and_then(|actor| Granted::<LookUp>::check(&actor).ok()) else {
            return false;
        };
        // A team's token has no account: the team is counted.
        let actor = granted.actor();
        self.client = Client::Account(actor.account.unwrap_or(actor.team));
        true
    }

    /// Sends what is waiting; fails when the client does not take it.
    async fn flush(&mut self) -> io::Result<()> {
        let wait = self.service.config.write;
        for part in self.output.chunks(TOGETHER) {
            timeout(wait, self.stream.write_all(part)).await.map_err(|_| io::ErrorKind::TimedOut)??;
        }
        self.output.clear();
        Ok(())
    }

    /// Gives back memory while nothing is to do: thousands of connections may wait.
    fn rest(&mut self) {
        const KEPT: usize = 16 << 10;
        if self.output.capacity() > KEPT {
            self.output = Vec::new();
        }
        if self.text.capacity() > KEPT {
            self.text = String::new();
        }
        if self.input.is_empty() && self.input.capacity() > KEPT {
            self.input = Vec::new();
        }
    }
}

/// Ends a connection so that what was sent last arrives: closing with bytes unread would make the system throw it away.
/// Those are passed over, for a moment and up to a bound.
pub(super) async fn close(stream: &mut TcpStream) -> io::Result<()> {
    const BYTES: usize = 256 << 10;
    const MOMENT: Duration = Duration::from_secs(1);
    stream.shutdown().await?;
    let pass_over = async {
        let mut passed = 0;
        let mut chunk = [0; 512];
        while passed < BYTES
            && let Ok(read @ 1..) = stream.read(&mut chunk).await
        {
            passed += read;
        }
    };
    let _ = timeout(MOMENT, pass_over).await; // who goes on sending has been told
    Ok(())
}

/// Until the node stops, or nobody can stop it any more.
async fn stopped(stop: &mut watch::Receiver<bool>) {
    let _ = stop.wait_for(|stop| *stop).await; // an error says the latter
}

/// `--token TOKEN` before the query itself.
fn token(line: &[u8]) -> Option<(&str, &[u8])> {
    let rest = line.trim_ascii_start().strip_prefix(b"--token ")?.trim_ascii_start();
    let end = rest.iter().position(u8::is_ascii_whitespace).unwrap_or(rest.len());
    let (token, rest) = rest.split_at(end);
    Some((std::str::from_utf8(token).ok()?, rest))
}

fn put(text: &str, charset: Option<Charset>, out: &mut Vec<u8>) {
    let most = match charset {
        None | Some(Charset::Utf8) => return out.extend_from_slice(text.as_bytes()),
        Some(Charset::Latin1) => 0xFF,
        Some(Charset::Ascii) => 0x7F,
    };
    let narrow = |char: char| u8::try_from(char as u32).ok().filter(|byte| *byte <= most).unwrap_or(b'?');
    out.extend(text.chars().map(narrow));
}

/// How long the node waits for answers under way when it stops.
pub(super) const GRACE: Duration = Duration::from_secs(5);
