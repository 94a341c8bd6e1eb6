//! A mail server that takes everything and delivers nothing: each mail becomes a file. For the demo and for tests, so that
//! no sample mail ever leaves the machine.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::envelope::Envelope;
use crate::smtp::{Accepted, Answer, Config, Intake, Protocol, Refusal, serve};

/// A folder that mails fall into, as `0001-abuse@isp.example.eml` and so on.
///
/// Each file begins with `Return-Path` and one `Delivered-To` per recipient, so that the envelope can be seen too.
#[derive(Debug)]
pub struct Sink {
    folder: PathBuf,
    last: AtomicUsize,
}

impl Sink {
    /// Makes the folder if it is not there; goes on counting after the files in it.
    ///
    /// # Errors
    /// The folder cannot be made or read.
    pub fn new(folder: &Path) -> io::Result<Sink> {
        fs::create_dir_all(folder)?;
        let number = |entry: io::Result<fs::DirEntry>| {
            let name = entry.ok()?.file_name();
            name.to_string_lossy().split('-').next()?.parse::<usize>().ok()
        };
        let last = fs::read_dir(folder)?.filter_map(number).max().unwrap_or_default();
        Ok(Sink { folder: folder.to_owned(), last: AtomicUsize::new(last) })
    }

    /// Listens until `shutdown`. `now` is the clock, microseconds since 1970 UTC.
    pub async fn serve(
        self: Arc<Self>,
        listener: TcpListener,
        now: Arc<dyn Fn() -> i64 + Send + Sync>,
        shutdown: watch::Receiver<bool>,
    ) {
        serve(listener, Protocol::Smtp, Config::new("sink.localhost", now), self, shutdown).await;
    }

    fn write(folder: &Path, number: usize, envelope: &Envelope, message: &[u8]) -> io::Result<String> {
        let first = envelope.rcpts.first().map_or("nobody", String::as_str);
        let name: String =
            first
                .chars()
                .take(100)
                .map(|c| {
                    if c.is_ascii_alphanumeric() || matches!(c, '@' | '.' | '-' | '_' | '+') {
                        c
                    } else {
                        '_'
                    }
                })
                .collect();
        let id = format!("{number:04}-{name}");
        let mut bytes = format!("Return-Path: <{}>\r\n", envelope.from).into_bytes();
        for rcpt in &envelope.rcpts {
            bytes.extend_from_slice(format!("Delivered-To: {rcpt}\r\n").as_bytes());
        }
        bytes.extend_from_slice(message);
        // Whoever watches the folder sees whole mails only.
        let unfinished = folder.join(format!(".{id}"));
        fs::write(&unfinished, bytes)?;
        fs::rename(&unfinished, folder.join(format!("{id}.eml")))?;
        Ok(id)
    }
}

impl Intake for Sink {
    fn knows<'a>(&'a self, _: &'a str) -> Answer<'a, Result<bool, Refusal>> {
        Box::pin(async { Ok(true) })
    }

    fn deliver(&self, envelope: Envelope, message: Vec<u8>) -> Answer<'_, Result<Accepted, Refusal>> {
        let number = self.last.fetch_add(1, Ordering::Relaxed) + 1;
        let folder = self.folder.clone();
        Box::pin(async move {
            let written =
                tokio::task::spawn_blocking(move || Sink::write(&folder, number, &envelope, &message)).await;
            match written {
                Ok(Ok(id)) => Ok(Accepted { id }),
                Ok(Err(e)) if e.kind() == io::ErrorKind::StorageFull => Err(Refusal::Full(e.to_string())),
                Ok(Err(e)) => Err(Refusal::Temporary(e.to_string())),
                Err(e) => Err(Refusal::Temporary(e.to_string())),
            }
        })
    }
}
