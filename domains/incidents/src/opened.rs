//! A message looked at: its original bytes, opened anew with the keys of today.

use identity::{Granted, ReadCases};
use kit::{Digest, Error, Id, Result};
use mail::message::Opened;

use crate::Desk;
use crate::intake::by_api;
use crate::model::Message;
use crate::store::{mail_in, messages};

/// A message with what its mail holds.
#[derive(Debug, Clone)]
pub struct OpenedMessage {
    /// The row.
    pub message: Message,
    /// The mail, opened; `None` for a note.
    pub opened: Option<Opened>,
}

impl Desk {
    /// The message `id`, opened.
    ///
    /// # Errors
    /// It is not there, or its bytes are damaged.
    pub async fn opened_message(&self, by: &Granted<ReadCases>, id: Id) -> Result<OpenedMessage> {
        let message = self.message(by, id).await?;
        let Some(blob) = message.blob else { return Ok(OpenedMessage { message, opened: None }) };
        let (reader, blobs) = (self.reader(by.team()), self.node().blobs.clone());
        let by_api = message.kind == by_api::KIND;
        let opened = blocking(move || {
            let bytes = blobs.get(blob)?;
            Ok(if by_api { by_api::opened(&bytes) } else { reader.open(&bytes) })
        })
        .await?;
        Ok(OpenedMessage { message, opened: Some(opened) })
    }

    /// The bytes of the mail of the message `id`, as they came or left.
    ///
    /// # Errors
    /// It is not there, is a note, or its bytes are damaged.
    pub async fn original(&self, by: &Granted<ReadCases>, id: Id) -> Result<Vec<u8>> {
        let message = self.message(by, id).await?;
        self.bytes(message.blob.ok_or_else(|| Error::not_found("the original of a note"))?).await
    }

    /// The bytes of the mail that came in as `id`, whatever became of it.
    ///
    /// # Errors
    /// It is not there, or its bytes are damaged.
    pub async fn original_of_mail(&self, by: &Granted<ReadCases>, id: Id) -> Result<Vec<u8>> {
        let team = by.team();
        let found = self.node().db.read(move |c| mail_in::by_id(c, id)).await?;
        let mail = found.filter(|mail| mail.team == team).ok_or_else(|| Error::not_found("this mail"))?;
        self.bytes(mail.blob).await
    }

    /// The decoded bytes of the part at `path` of the message `id`.
    ///
    /// # Errors
    /// There is no such message or part.
    pub async fn part(&self, by: &Granted<ReadCases>, id: Id, path: String) -> Result<Vec<u8>> {
        let (original, is_by_api) = (self.original(by, id).await?, self.is_by_api(by, id).await?);
        let reader = self.reader(by.team());
        let part = blocking(move || {
            Ok(if is_by_api { by_api::part(original, &path) } else { reader.part(&original, &path) })
        })
        .await?;
        part.ok_or_else(|| Error::not_found("this part of the mail"))
    }

    async fn message(&self, by: &Granted<ReadCases>, id: Id) -> Result<Message> {
        let team = by.team();
        let found = self.node().db.read(move |c| messages::by_id(c, team, id)).await?;
        found.ok_or_else(|| Error::not_found("this message"))
    }

    async fn bytes(&self, blob: Digest) -> Result<Vec<u8>> {
        let blobs = self.node().blobs.clone();
        blocking(move || blobs.get(blob)).await
    }
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|_| {
        Err(Error::Corrupt("this mail could not be opened (a panic): look at the original".into()))
    })
}
