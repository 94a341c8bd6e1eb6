//! One message opened, and its bytes as they came or left.

use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use identity::{Granted, ReadCases};
use mail::message::{Opened, PartKind, SignatureForm};
use serde::Serialize;
use utoipa::ToSchema;

use super::extract::InPath;
use super::failure::{Failure, Reading};
use super::shapes::Message;
use crate::Desk;
use crate::intake::read::clip;

/// Bytes of text that all parts of one message tell together; the rest is in its original.
const TOLD: usize = 1 << 20;

/// A message, opened with the keys of today.
#[derive(Serialize, ToSchema)]
#[schema(as = MessageWhole)]
pub(super) struct Whole {
    #[serde(flatten)]
    message: Message,
    /// Its header block as it came; empty for a note.
    headers: String,
    /// Its parts in reading order, nested mails and archives before their contents.
    parts: Vec<Part>,
    /// Every signature met, with the verdict.
    signatures: Vec<Signature>,
    /// What was cut, could not be read, or is odd, in words.
    remarks: Vec<String>,
}

/// A part of a mail.
#[derive(Serialize, ToSchema)]
#[schema(as = MessagePart)]
struct Part {
    /// Where it is, numbered as in IMAP; what lies inside another follows a slash.
    #[schema(example = "2/inner.eml/1")]
    path: String,
    /// As the mail says.
    content_type: String,
    /// File name.
    name: Option<String>,
    /// Bytes after transfer decoding.
    size: u64,
    /// SHA-256 of those, in hexadecimal digits.
    sha256: String,
    /// `body`, `attachment`, `nested-mail`, `zip-member`, `signature` or `encrypted`.
    kind: &'static str,
    /// Its text, if it is text.
    text: Option<String>,
    /// There is more of the text than stands here.
    cut: bool,
}

/// A signature and the verdict on it.
#[derive(Serialize, ToSchema)]
#[schema(as = MessageSignature)]
struct Signature {
    /// Path of what is signed.
    path: String,
    /// `pgp-mime`, `pgp-inline`, `pgp-encrypted` or `smime`.
    form: &'static str,
    /// It is good: the text is unaltered, and the key was valid.
    good: bool,
    /// Fingerprint or key id of the key.
    key: Option<String>,
    /// The verdict in words: which key, whose, valid when.
    words: String,
}

/// Reads a message
///
/// Opened whole: every part with its text, and the verdict on each signature.
#[utoipa::path(get, path = "/messages/{id}", operation_id = "read_message", tag = "Messages", security(("token" = ["cases:read"])),
    params(("id" = String, Path, description = "Its identifier, as cases tell it.")),
    responses((status = 200, description = "The message.", body = Whole), Reading))]
pub(super) async fn read(
    State(desk): State<Desk>,
    by: Granted<ReadCases>,
    path: InPath,
) -> Result<Json<Whole>, Failure> {
    let found = desk.opened_message(&by, path.id()?).await?;
    let message = Message::from(&found.message);
    Ok(Json(whole(message, found.opened.unwrap_or_default())))
}

fn whole(message: Message, opened: Opened) -> Whole {
    let mut left = TOLD;
    let mut part = |part: mail::message::Part| {
        let whole = part.text.as_deref().map_or(0, str::len);
        let text = part.text.as_deref().map(|text| clip(text, left).to_owned());
        let told = text.as_deref().map_or(0, str::len);
        left -= told;
        Part {
            path: part.path,
            content_type: part.content_type,
            name: part.name,
            size: part.size,
            sha256: part.sha256,
            kind: kind(part.kind),
            text,
            cut: told < whole,
        }
    };
    let remark = |note: &mail::message::Note| match note.place.as_str() {
        "" => note.what.clone(),
        place => format!("{place}: {}", note.what),
    };
    Whole {
        message,
        parts: opened.parts.into_iter().map(&mut part).collect(),
        signatures: opened.signatures.into_iter().map(signature).collect(),
        remarks: opened.notes.iter().map(remark).collect(),
        headers: opened.headers.raw,
    }
}

fn signature(info: mail::message::SignatureInfo) -> Signature {
    Signature {
        path: info.path,
        form: match info.form {
            SignatureForm::PgpMime => "pgp-mime",
            SignatureForm::PgpInline => "pgp-inline",
            SignatureForm::PgpEncrypted => "pgp-encrypted",
            SignatureForm::Smime => "smime",
        },
        good: info.verdict.good,
        key: info.verdict.key,
        words: info.verdict.words,
    }
}

fn kind(kind: PartKind) -> &'static str {
    match kind {
        PartKind::Body => "body",
        PartKind::Attachment => "attachment",
        PartKind::NestedMail => "nested-mail",
        PartKind::ZipMember => "zip-member",
        PartKind::Signature => "signature",
        PartKind::Encrypted => "encrypted",
    }
}

/// Downloads a message
///
/// Its bytes as they came or left. They may be hostile: nothing was taken out.
#[utoipa::path(get, path = "/messages/{id}/original", operation_id = "download_message", tag = "Messages", security(("token" = ["cases:read"])),
    params(("id" = String, Path, description = "Its identifier, as cases tell it.")),
    responses((status = 200, description = "The bytes; `application/json` for a report that a program sent.",
        content_type = "message/rfc822", body = Vec<u8>), Reading))]
pub(super) async fn original(
    State(desk): State<Desk>,
    by: Granted<ReadCases>,
    path: InPath,
) -> Result<Response, Failure> {
    let id = path.id()?;
    let (kind, ending) = match desk.is_by_api(&by, id).await? {
        true => ("application/json", "json"),
        false => ("message/rfc822", "eml"),
    };
    let bytes = desk.original(&by, id).await?;
    // A browser that is led here saves it rather than opens it.
    let disposition = format!("attachment; filename=\"{id}.{ending}\"");
    Ok(([(header::CONTENT_TYPE, kind), (header::CONTENT_DISPOSITION, disposition.as_str())], bytes)
        .into_response())
}
