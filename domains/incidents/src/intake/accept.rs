//! Taking mail: acknowledged when its bytes are on disk, opened right after.

use std::sync::Arc;

use kit::clock::SECOND;
use kit::{Error, Id, Result};
use mail::Envelope;

use super::{place, read};
use crate::Desk;
use crate::model::Outcome;
use crate::store::mail_in::{self, MailIn};

/// Mails that were begun this often and never came to an end are kept as they are and flagged.
const TRIES: i64 = 3;

/// One mail that was acknowledged to whoever handed it over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    /// Its rows: one for each team that it was sent to, and one of the registry when it was sent there.
    pub ids: Vec<Id>,
}

impl Desk {
    /// Whether mail for `address` is taken here: by a team's desk, or by the registry below it.
    pub fn knows(&self, address: &str) -> bool {
        self.registry().takes_mail_for(address) || self.teams().directory().desk_for(address).is_some()
    }

    /// Takes a mail: when this returns, its bytes, their folder and its row are on disk, and only then. It is
    /// opened right after, in the background. What is for the registry's own address is handed down to it in the same
    /// transaction.
    ///
    /// # Errors
    /// Nobody here has one of these addresses; or the disk is full, or the database is away: then nothing was
    /// taken, and it should be tried again later.
    pub async fn accept(&self, envelope: Envelope, bytes: Vec<u8>) -> Result<Accepted> {
        let directory = self.teams().directory();
        let mut mails: Vec<MailIn> = Vec::new();
        let bytes = Arc::new(bytes);
        let (blobs, to_store) = (self.node().blobs.clone(), bytes.clone());
        let is_for_registry = |address: &String| self.registry().takes_mail_for(address);
        let for_registry = envelope.rcpts.iter().any(is_for_registry);
        for address in envelope.rcpts.iter().filter(|address| !is_for_registry(address)) {
            let Some(team) = directory.desk_for(address) else { continue };
            if let Some(mail) = mails.iter_mut().find(|mail| mail.team == team.id) {
                mail.recipient.push_str(", ");
                mail.recipient.push_str(address);
                continue;
            }
            mails.push(MailIn {
                id: self.node().id(),
                team: team.id,
                received_at: envelope.received_at,
                envelope_from: envelope.from.clone(),
                recipient: address.clone(),
                peer: envelope.peer.map_or_else(|| "pipe".into(), |peer| peer.to_string()),
                blob: kit::Digest::of(b""),
                size: bytes.len() as i64,
                outcome: Outcome::Waiting,
                attempts: 0,
                subject: String::new(),
                note: String::new(),
                message: None,
            });
        }
        if mails.is_empty() && !for_registry {
            return Err(Error::not_found(format!("the address {}", envelope.rcpts.join(", "))));
        }
        let blob = tokio::task::spawn_blocking(move || blobs.put(&to_store))
            .await
            .map_err(|_| Error::Unavailable("the mail could not be written".into()))??;
        for mail in &mut mails {
            mail.blob = blob;
        }
        let (rows, registry) = (mails.clone(), self.registry().clone());
        let written = self.node().db.write(move |tx| {
            rows.iter().try_for_each(|mail| mail_in::insert(tx, mail))?;
            registry.take_mail(tx, &envelope, blob)
        });
        let handed_down = written.await?;
        let ids = mails.iter().map(|mail| mail.id).chain(handed_down).collect();
        for mail in mails {
            tracing::info!(mail = %mail.id, size = mail.size, "a mail was taken");
            self.open_soon(mail, bytes.clone());
        }
        Ok(Accepted { ids })
    }

    /// Opens `mail` in the background, if there is room for its bytes; else [`Desk::sweep`] comes by.
    fn open_soon(&self, mail: MailIn, bytes: Arc<Vec<u8>>) {
        let kilobytes = u32::try_from(bytes.len() / 1024 + 1).unwrap_or(u32::MAX);
        let Ok(room) = self.memory().try_acquire_many_owned(kilobytes) else { return };
        let desk = self.clone();
        tokio::spawn(async move {
            if let Err(error) = desk.open_one(mail.clone(), bytes).await {
                tracing::warn!(%error, mail = %mail.id, "a mail was taken but not placed; it is tried again");
            }
            drop(room);
        });
    }

    /// Opens what was acknowledged and not placed: after a crash, under too much load, after an error. Returns how
    /// many mails were placed.
    ///
    /// # Errors
    /// The database is gone.
    pub async fn sweep(&self) -> Result<usize> {
        let mut placed = 0;
        loop {
            let waiting = self.node().db.read(|c| mail_in::waiting(c, 100)).await?;
            let now = self.node().now();
            let mut progress = false;
            for id in waiting {
                let Some(mail) = self.node().db.read(move |c| mail_in::by_id(c, id)).await? else { continue };
                // The newest ones are still being opened by whoever took them.
                if mail.outcome != Outcome::Waiting
                    || (mail.attempts == 0 && now - mail.received_at < 5 * SECOND)
                {
                    continue;
                }
                self.node().db.write(move |tx| mail_in::tried(tx, id)).await?;
                let placing = match self.bytes_of(&mail).await {
                    Ok(bytes) => self.open_one(mail, Arc::new(bytes)).await,
                    // The others do not wait for a file that is away or damaged; after some tries it is flagged.
                    Err(_) if mail.attempts >= TRIES => self.open_one(mail, Arc::default()).await,
                    Err(error) => Err(error),
                };
                match placing {
                    Ok(()) => (placed, progress) = (placed + 1, true),
                    Err(error) => {
                        tracing::warn!(%error, mail = %id, "a waiting mail could not be placed");
                        // A full disk is the node's trouble, not the mail's: such a try does not count.
                        if error.is_temporary() {
                            self.node().db.write(move |tx| mail_in::not_tried(tx, id)).await?;
                        }
                    }
                }
            }
            if !progress {
                return Ok(placed);
            }
        }
    }

    async fn bytes_of(&self, mail: &MailIn) -> Result<Vec<u8>> {
        let (blobs, blob) = (self.node().blobs.clone(), mail.blob);
        tokio::task::spawn_blocking(move || blobs.get(blob))
            .await
            .map_err(|_| Error::Unavailable("the mail could not be read back".into()))?
    }

    async fn open_one(&self, mail: MailIn, bytes: Arc<Vec<u8>>) -> Result<()> {
        let turn = self.turns().acquire_owned().await;
        let reader = self.reader(mail.team);
        let (row, blob) = (mail.clone(), bytes);
        let incoming = if mail.attempts >= TRIES {
            read::unopened(&mail, "it was begun three times and never came to an end: it is kept as it came")
        } else {
            tokio::task::spawn_blocking(move || reader.read(&row, &blob)).await.unwrap_or_else(|_| {
                read::unopened(
                    &mail,
                    "the program made a mistake in reading it (a panic): it is kept as it came",
                )
            })
        };
        drop(turn);
        let (desk, incoming) = (self.clone(), Arc::new(incoming));
        let _turn = self.placing().acquire_owned().await;
        self.node().db.write(move |tx| place::place(&desk, tx, &mail, &incoming, "mail")).await?;
        Ok(())
    }
}
