//! A mail opened: what [`crate::open::open`] makes of any bytes.

use crate::unlock::SignatureVerdict;

/// A whole mail: its headers, every part down to the members of archives, and what was noticed on the way.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Opened {
    /// Header of the outermost mail. Of an encrypted mail with protected headers the inner subject stands in
    /// [`Opened::protected_subject`].
    pub headers: Headers,
    /// Leaves in reading order, nested mails and archives before their contents.
    pub parts: Vec<Part>,
    /// What was cut, could not be read, or is odd.
    pub notes: Vec<Note>,
    /// Every signature met, with its verdict.
    pub signatures: Vec<SignatureInfo>,
    /// `Subject` inside an encrypted or signed part that says `protected-headers="v1"`.
    pub protected_subject: Option<String>,
}

impl Opened {
    /// The subject to show: the protected one, if the mail has one.
    pub fn subject(&self) -> &str {
        self.protected_subject.as_deref().unwrap_or(&self.headers.subject)
    }

    /// The first readable body text: what a handler sees first. Empty when there is none.
    pub fn body_text(&self) -> &str {
        let body = self.parts.iter().filter(|p| p.kind == PartKind::Body);
        body.filter_map(|p| p.text.as_deref()).find(|t| !t.trim().is_empty()).unwrap_or_default()
    }

    /// The part at `path`.
    pub fn part(&self, path: &str) -> Option<&Part> {
        self.parts.iter().find(|p| p.path == path)
    }
}

/// The header fields that routing, threading and classing read; all others through [`Headers::field`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Headers {
    /// `From`.
    pub from: Vec<Mailbox>,
    /// `Sender`.
    pub sender: Option<Mailbox>,
    /// `Reply-To`.
    pub reply_to: Vec<Mailbox>,
    /// `To`.
    pub to: Vec<Mailbox>,
    /// `Cc`.
    pub cc: Vec<Mailbox>,
    /// `Subject`, encoded words decoded (RFC 2047), on one line.
    pub subject: String,
    /// `Date`, microseconds since 1970 UTC; `None` when missing or not a date.
    pub date: Option<i64>,
    /// `Message-ID` without angle brackets.
    pub message_id: Option<String>,
    /// `In-Reply-To` without angle brackets.
    pub in_reply_to: Vec<String>,
    /// `References` without angle brackets, oldest first.
    pub references: Vec<String>,
    /// `Auto-Submitted` in lower case, without parameters (RFC 3834 section 5).
    pub auto_submitted: Option<String>,
    /// `Precedence` in lower case.
    pub precedence: Option<String>,
    /// `List-Id`.
    pub list_id: Option<String>,
    /// `Return-Path` without angle brackets; the empty string is the null path `<>`.
    pub return_path: Option<String>,
    /// Loop marks of Wardmote nodes ([`crate::LOOP_HEADER`]): one node name each.
    pub loop_marks: Vec<String>,
    /// `Content-Type` without parameters, in lower case.
    pub content_type: String,
    /// The header block as it came, bytes that are not UTF-8 replaced; up to [`crate::limits::Limits::header_bytes`].
    pub raw: String,
}

impl Headers {
    /// The value of the first field called `name` (any case), unfolded, not decoded.
    pub fn field(&self, name: &str) -> Option<String> {
        self.fields(name).next()
    }

    /// The values of all fields called `name` (any case), from the top, unfolded, not decoded.
    pub fn fields<'a>(&'a self, name: &'a str) -> impl Iterator<Item = String> + 'a {
        crate::open::fields(self.raw.as_bytes())
            .filter(move |(n, _)| n.eq_ignore_ascii_case(name.as_bytes()))
            .map(|(_, v)| unfold(v))
    }

    /// Whether a field called `name` is there.
    pub fn has(&self, name: &str) -> bool {
        self.fields(name).next().is_some()
    }
}

/// One address of a header.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mailbox {
    /// Display name, decoded; empty when there is none.
    pub name: String,
    /// The address as written, `local@domain`.
    pub address: String,
}

/// A leaf of the mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Where it is: numbered as in IMAP (`1.2`); what lies inside a nested mail, an archive or an encrypted part goes
    /// on after a slash (`2/inner.eml/1`, `3/report.csv`, `2/decrypted/1`). Unique within the mail.
    pub path: String,
    /// `type/subtype` in lower case, as the mail says; for archive members by the name.
    pub content_type: String,
    /// File name, decoded, without control characters.
    pub name: Option<String>,
    /// Size in bytes after transfer decoding.
    pub size: u64,
    /// SHA-256 over the decoded bytes, lower-case hex.
    pub sha256: String,
    /// The content as text, if it is text: HTML turned into text with its links, charsets into UTF-8.
    pub text: Option<String>,
    /// What it is in the mail.
    pub kind: PartKind,
}

/// What a part is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PartKind {
    /// Text to be read as the message.
    Body,
    /// A file, or anything not shown as the message.
    Attachment,
    /// `message/rfc822` or an `.eml` file; its contents follow as parts of their own. Its text is its header block.
    NestedMail,
    /// A file out of a zip or gzip attachment.
    ZipMember,
    /// A detached signature.
    Signature,
    /// An encrypted part; if it could be opened, its contents follow as parts of their own.
    Encrypted,
}

/// Something a handler should know about how the mail was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// What happened, in words.
    pub what: String,
    /// Path of the part, or `header`; empty for the whole mail.
    pub place: String,
    /// The limit that was met, if one was.
    pub limit: Option<u64>,
}

/// A signature and what was found about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignatureInfo {
    /// Path of what is signed (of the multipart for PGP/MIME and S/MIME).
    pub path: String,
    /// How it is signed.
    pub form: SignatureForm,
    /// The verdict.
    pub verdict: SignatureVerdict,
}

/// The ways a mail can be signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignatureForm {
    /// `multipart/signed` with `application/pgp-signature` (RFC 3156 section 5).
    PgpMime,
    /// `-----BEGIN PGP SIGNED MESSAGE-----` in a text.
    PgpInline,
    /// Inside an encrypted OpenPGP message.
    PgpEncrypted,
    /// S/MIME (RFC 8551): recognised, not checked.
    Smime,
}

/// A folded header value on one line (RFC 5322 section 2.2.3), trimmed, not UTF-8 replaced.
pub(crate) fn unfold(value: &[u8]) -> String {
    let text = String::from_utf8_lossy(value);
    if text.contains('\n') {
        text.lines().map(str::trim).collect::<Vec<_>>().join(" ").trim().to_owned()
    } else {
        text.trim().to_owned()
    }
}
