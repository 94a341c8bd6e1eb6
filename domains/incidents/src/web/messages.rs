//! A mail on a page, its original, and its parts as files.

use axum::Router;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use axum::routing::get;
use identity::{Fields, Granted, PageError, ReadCases};
use kit::Result;
use mail::message::PartKind;

use super::answer::encode;
use super::export::file;
use crate::Desk;
use crate::model::Message;
use crate::views::mail_text::{Shown, clean, shown};

pub(super) fn routes() -> Router<Desk> {
    Router::new().route("/messages/{id}/original", get(original)).route("/messages/{id}/part", get(part))
}

/// A mail or a note as a page shows it.
pub(super) struct Letter {
    pub(super) message: Message,
    /// Its text, with what it names marked.
    pub(super) text: Shown,
    /// What it carries.
    pub(super) parts: Vec<Part>,
    /// Its header block as it came.
    pub(super) headers: String,
    /// What could not be read, or is odd.
    pub(super) notes: Vec<String>,
    /// Each signature in words.
    pub(super) signatures: Vec<String>,
    /// For which keys it was encrypted, in words.
    pub(super) encryption: Vec<String>,
}

/// A part that can be saved.
pub(super) struct Part {
    pub(super) path: String,
    pub(super) name: String,
    pub(super) content_type: String,
    pub(super) size: u64,
    pub(super) href: String,
}

impl Letter {
    /// Who wrote it: name and address, or who wrote it here.
    pub(super) fn who(&self) -> String {
        let m = &self.message;
        match (m.from_name.is_empty(), m.from_address.is_empty()) {
            (false, false) => format!("{} <{}>", clean(&m.from_name), clean(&m.from_address)),
            (true, false) => clean(&m.from_address),
            _ => clean(if m.from_name.is_empty() { &m.author } else { &m.from_name }),
        }
    }

    /// The verdict on its signature, for the pages.
    pub(super) fn verdict(&self) -> &'static str {
        crate::views::verdict(self.message.signature)
    }

    /// Whether it is a mail: a note has neither headers nor an original.
    pub(super) fn is_mail(&self) -> bool {
        self.message.blob.is_some()
    }
}

/// The message, opened with the keys of today; at most `limit` bytes of its text. A mail whose bytes are damaged is shown
/// as far as it is stored beside them.
pub(super) async fn letter(
    desk: &Desk,
    by: &Granted<ReadCases>,
    message: &Message,
    limit: usize,
) -> Result<Letter> {
    let mut letter = Letter {
        text: shown(&message.preview, limit),
        parts: Vec::new(),
        headers: String::new(),
        notes: message.notes.clone(),
        signatures: Vec::new(),
        encryption: Vec::new(),
        message: message.clone(),
    };
    if message.blob.is_none() {
        return Ok(letter);
    }
    let opened = match desk.opened_message(by, message.id).await {
        Ok(opened) => opened.opened,
        Err(error) => {
            tracing::error!(message = %message.id, %error, "a mail cannot be opened again");
            letter.notes.push("its original cannot be read back; the node's log says why".into());
            None
        }
    };
    let Some(opened) = opened else { return Ok(letter) };
    if !opened.body_text().trim().is_empty() {
        letter.text = shown(opened.body_text(), limit);
    }
    letter.headers = clean(&opened.headers.raw);
    letter.signatures = opened.signatures.iter().map(|one| clean(&one.verdict.words)).collect();
    let first_body = opened.parts.iter().position(|part| part.kind == PartKind::Body);
    let carried =
        opened.parts.iter().enumerate().filter(|(index, _)| Some(*index) != first_body).map(|(_, part)| part);
    letter.parts = carried
        .map(|part| Part {
            name: clean(part.name.as_deref().unwrap_or(kind(part.kind))),
            content_type: clean(&part.content_type),
            size: part.size,
            href: format!("/messages/{}/part?path={}", message.id, encode(&part.path)),
            path: part.path.clone(),
        })
        .collect();
    for note in &opened.notes {
        let words =
            if note.place.is_empty() { note.what.clone() } else { format!("{}: {}", note.place, note.what) };
        let words = clean(&words);
        if note.what.starts_with("encrypted for") {
            // No alarm for the ordinary.
            letter.encryption.push(clean(&note.what));
            continue;
        }
        if !letter.notes.contains(&words) && !letter.notes.contains(&note.what) {
            letter.notes.push(words);
        }
    }
    Ok(letter)
}

fn kind(kind: PartKind) -> &'static str {
    match kind {
        PartKind::Body => "text",
        PartKind::Attachment => "attachment",
        PartKind::NestedMail => "mail",
        PartKind::ZipMember => "file out of an archive",
        PartKind::Signature => "signature",
        PartKind::Encrypted => "encrypted part",
    }
}

async fn original(
    State(desk): State<Desk>,
    by: Granted<ReadCases>,
    Path(id): Path<String>,
) -> Result<Response, PageError> {
    let id = id.parse().map_err(|_| kit::Error::not_found("this message"))?;
    Ok(file(&format!("{id}.eml"), "message/rfc822", desk.original(&by, id).await?))
}

async fn part(
    State(desk): State<Desk>,
    by: Granted<ReadCases>,
    Path(id): Path<String>,
    Query(query): Query<Fields>,
) -> Result<Response, PageError> {
    let id = id.parse().map_err(|_| kit::Error::not_found("this message"))?;
    let path = query.text("path").to_owned();
    let opened = desk.opened_message(&by, id).await?.opened;
    let name = opened.as_ref().and_then(|opened| opened.part(&path)).and_then(|part| part.name.clone());
    let bytes = desk.part(&by, id, path.clone()).await?;
    Ok(file(&name.unwrap_or_else(|| format!("part-{path}")), "application/octet-stream", bytes))
}
