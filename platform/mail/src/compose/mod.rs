//! Our own mail: fields and attachments → bytes, plain ([`compose`]), or signed and encrypted ([`protect`]).
//!
//! Every value is checked first, so nothing that came from outside (a subject, a file name) can add a header field or a
//! recipient. The same [`Outgoing`] with the same seed gives the same bytes, except for signatures and encryption.

mod checks;
mod protect;

use std::borrow::Cow;

use mail_builder::headers::address::Address;
use mail_builder::headers::content_type::ContentType;
use mail_builder::headers::date::Date;
use mail_builder::headers::message_id::MessageId;
use mail_builder::headers::raw::Raw;
use mail_builder::headers::text::Text;
use mail_builder::headers::{Header, HeaderType};
use mail_builder::mime::{BodyPart, MimePart};
use sha2::{Digest, Sha256};

use crate::message::Mailbox;

pub use protect::{Protection, protect};

/// A mail to be sent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outgoing {
    /// `From`.
    pub from: Mailbox,
    /// `To`; at least one.
    pub to: Vec<Mailbox>,
    /// `Cc`.
    pub cc: Vec<Mailbox>,
    /// `Reply-To`: the unguessable address of a case.
    pub reply_to: Option<Mailbox>,
    /// `Subject`, on one line.
    pub subject: String,
    /// `Message-ID` without angle brackets.
    pub message_id: String,
    /// `In-Reply-To` without angle brackets.
    pub in_reply_to: Option<String>,
    /// `References` without angle brackets, oldest first.
    pub references: Vec<String>,
    /// `Date`, microseconds since 1970 UTC.
    pub date: i64,
    /// The text; lines end as they like.
    pub text: String,
    /// Files.
    pub attachments: Vec<Attachment>,
    /// Further fields: `Auto-Submitted`, `X-…`. Those that are written from the other values are refused here.
    pub headers: Vec<(String, String)>,
}

/// A file to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment {
    /// File name, without folders.
    pub name: String,
    /// `type/subtype`. A mail (`message/rfc822`) that is not plain ASCII with short lines goes as
    /// `application/octet-stream`, since RFC 2046 section 5.2.1 forbids to encode it.
    pub content_type: String,
    /// Its content.
    pub bytes: Vec<u8>,
}

/// Why a mail was not written.
#[derive(Debug, thiserror::Error)]
pub enum ComposeError {
    /// There is nobody in `To`.
    #[error("the mail was not written: it has no recipient")]
    NoRecipient,
    /// A value would break out of its field.
    #[error("the mail was not written: {field} holds a line end or another control character")]
    Control {
        /// Which value.
        field: String,
    },
    /// A value is not what its field needs.
    #[error("the mail was not written: {value:?} is not usable as {field}")]
    Value {
        /// Which value.
        field: String,
        /// As given.
        value: String,
    },
    /// It could not be signed.
    #[error("the mail was not signed: {0}")]
    Sign(#[from] crate::pgp::SignError),
    /// It could not be encrypted.
    #[error("the mail was not encrypted: {0}")]
    Encrypt(#[from] crate::pgp::EncryptError),
    /// Neither a signature nor recipients' keys were asked for.
    #[error("nothing to protect the mail with was given")]
    NoProtection,
}

/// Writes a mail without protection. `seed` makes its boundaries: 32 random bytes, fresh for each mail.
///
/// # Errors
/// [`ComposeError`] names the value that cannot be written.
pub fn compose(mail: &Outgoing, seed: &[u8; 32]) -> Result<Vec<u8>, ComposeError> {
    checks::check(mail)?;
    let mut out = header(mail, &mail.subject);
    out.extend_from_slice(&content(mail, seed, None));
    Ok(out)
}

/// The header without its MIME fields but with `MIME-Version`.
fn header(mail: &Outgoing, subject: &str) -> Vec<u8> {
    let mut out = Vec::new();
    field(&mut out, "From", addresses(std::slice::from_ref(&mail.from)));
    field(&mut out, "To", addresses(&mail.to));
    if !mail.cc.is_empty() {
        field(&mut out, "Cc", addresses(&mail.cc));
    }
    if let Some(reply_to) = &mail.reply_to {
        field(&mut out, "Reply-To", addresses(std::slice::from_ref(reply_to)));
    }
    field(&mut out, "Subject", Text::new(subject).into());
    field(&mut out, "Date", Date::new(mail.date.div_euclid(1_000_000)).into());
    field(&mut out, "Message-ID", MessageId::new(mail.message_id.as_str()).into());
    if let Some(id) = &mail.in_reply_to {
        field(&mut out, "In-Reply-To", MessageId::new(id.as_str()).into());
    }
    if !mail.references.is_empty() {
        let list = mail.references.iter().map(String::as_str);
        field(&mut out, "References", MessageId::new_list(list).into());
    }
    for (name, value) in &mail.headers {
        let value =
            if value.is_ascii() { Raw::new(value.as_str()).into() } else { Text::new(value.as_str()).into() };
        field(&mut out, name, value);
    }
    out.extend_from_slice(b"MIME-Version: 1.0\r\n");
    out
}

fn field(out: &mut Vec<u8>, name: &str, value: HeaderType<'_>) {
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(b": ");
    value.write_header(out, name.len() + 2);
}

fn addresses(list: &[Mailbox]) -> HeaderType<'_> {
    let one = |m: &'_ Mailbox| {
        let name = (!m.name.is_empty()).then(|| m.name.clone());
        Address::new_address(name, m.address.clone())
    };
    Address::new_list(list.iter().map(one).collect()).into()
}

/// The MIME entity: text, and files beside it. `protected` puts the header into it, for an encrypted mail.
fn content(mail: &Outgoing, seed: &[u8; 32], protected: Option<&str>) -> Vec<u8> {
    let text = text_part(&mail.text);
    let files: Vec<_> = mail.attachments.iter().map(file_part).collect();
    let mut entity = Vec::new();
    if let Some(subject) = protected {
        field(&mut entity, "From", addresses(std::slice::from_ref(&mail.from)));
        field(&mut entity, "To", addresses(&mail.to));
        field(&mut entity, "Subject", Text::new(subject).into());
    }
    let mark = |content_type: ContentType<'static>| match protected {
        Some(_) => content_type.attribute("protected-headers", "v1"),
        None => content_type,
    };
    if files.is_empty() {
        text(mark(ContentType::new("text/plain").attribute("charset", "utf-8"))).write_part(&mut entity);
        return entity;
    }
    let mut parts = vec![text(ContentType::new("text/plain").attribute("charset", "utf-8"))];
    parts.extend(files);
    // What the boundary must not stand in: everything that is not encoded.
    let plain = [mail.text.as_bytes()].into_iter().chain(mail.attachments.iter().map(|a| a.bytes.as_slice()));
    let boundary = boundary(seed, "mixed", plain);
    let mixed = mark(ContentType::new("multipart/mixed").attribute("boundary", boundary));
    MimePart::raw(BodyPart::Multipart(parts)).header("Content-Type", mixed).write_part(&mut entity);
    entity
}

/// The text as a part, once its type is known. Base64 when a line begins with `From `, which mailboxes mangle and which
/// then breaks a signature (RFC 3156 section 3); otherwise as readable as it can be.
fn text_part(text: &str) -> impl FnOnce(ContentType<'static>) -> MimePart<'static> {
    let mut lines = String::with_capacity(text.len() + 2);
    for line in text.lines() {
        lines.push_str(line.trim_end_matches('\r'));
        lines.push_str("\r\n");
    }
    move |content_type| {
        if lines.starts_with("From ") || lines.contains("\r\nFrom ") {
            let wrapped = base64_lines(lines.as_bytes());
            return MimePart::raw(wrapped)
                .header("Content-Type", content_type)
                .header("Content-Transfer-Encoding", Raw::new("base64"));
        }
        MimePart::new(content_type, lines)
    }
}

fn file_part(file: &Attachment) -> MimePart<'static> {
    let plain_mail = file.content_type == "message/rfc822" && is_seven_bit(&file.bytes);
    let content_type = match file.content_type.as_str() {
        "message/rfc822" if !plain_mail => "application/octet-stream",
        "text/plain" | "text/csv" => &format!("{}; charset=utf-8", file.content_type),
        other => other,
    };
    let content_type: Cow<'static, str> = content_type.to_owned().into();
    let disposition = ContentType::new("attachment").attribute("filename", file.name.clone());
    let part = if plain_mail {
        MimePart::raw(file.bytes.clone())
            .header("Content-Type", Raw::new(content_type))
            .header("Content-Transfer-Encoding", Raw::new("7bit"))
    } else {
        // Base64 whatever it is: a table must arrive byte by byte.
        MimePart::raw(base64_lines(&file.bytes))
            .header("Content-Type", Raw::new(content_type))
            .header("Content-Transfer-Encoding", Raw::new("base64"))
    };
    part.header("Content-Disposition", disposition)
}

/// Whether the bytes can go unencoded: ASCII, lines of at most 998 ended by CR LF (RFC 2045 section 2.7), none that a
/// mailbox would change.
fn is_seven_bit(bytes: &[u8]) -> bool {
    let clean = |line: &[u8]| {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        line.len() <= 998
            && line.iter().all(|b| b.is_ascii() && !matches!(b, 0 | b'\r'))
            && !line.starts_with(b"From ")
            && !line.ends_with(b" ")
            && !line.ends_with(b"\t")
    };
    let crlf = memchr::memchr_iter(b'\n', bytes).all(|at| at > 0 && bytes[at - 1] == b'\r');
    crlf && bytes.split(|&b| b == b'\n').all(clean)
}

fn base64_lines(bytes: &[u8]) -> String {
    let encoded = data_encoding::BASE64.encode(bytes);
    let mut out = String::with_capacity(encoded.len() / 76 * 78 + 80);
    let mut rest = encoded.as_str();
    while !rest.is_empty() {
        let (line, tail) = rest.split_at(rest.len().min(76));
        out.push_str(line);
        out.push_str("\r\n");
        rest = tail;
    }
    out
}

/// A boundary drawn from the seed that occurs in none of `contents`.
fn boundary<'c>(seed: &[u8; 32], role: &str, contents: impl Iterator<Item = &'c [u8]> + Clone) -> String {
    let mut counter = 0u32;
    loop {
        let drawn = Sha256::new()
            .chain_update(seed)
            .chain_update(role)
            .chain_update(counter.to_be_bytes())
            .finalize();
        let boundary = format!("=_{}", data_encoding::HEXLOWER.encode(&drawn[..15]));
        if !contents.clone().any(|c| memchr::memmem::find(c, boundary.as_bytes()).is_some()) {
            return boundary;
        }
        counter += 1;
    }
}
