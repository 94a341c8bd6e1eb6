//! Any bytes → [`Opened`]. Never panics, never fails, bounded in everything ([`Limits`]).
//!
//! The multipart structure is walked here, one level at a time, instead of by `mail-parser`'s whole-message parser: that
//! one keeps nested messages as a recursive value without a bound on depth (dropping it overflows the stack on a hostile
//! mail), and does not give back the raw bytes of a signed part. Header values, transfer encodings and charsets are
//! `mail-parser`'s.

mod archive;
mod decode;
mod entity;
mod file;
mod headers;
mod html;
mod multipart;
mod openpgp;
mod signed;

use std::borrow::Cow;
use std::collections::HashSet;

use crate::limits::Limits;
use crate::message::{Note, Opened, Part, PartKind};
use crate::unlock::Unlock;
use entity::Mime;

pub(crate) use entity::fields;
pub use signed::{Seal, SignedText, signed_plain, signed_texts};

/// Opens a mail whole: every MIME part, nested mails, archives, encrypted and signed parts.
///
/// `raw` is the mail as it came, with any line ends. `unlock` is asked about signatures and encrypted parts.
/// What is damaged, closed or too large is in [`Opened::notes`].
pub fn open(raw: &[u8], limits: &Limits, unlock: &dyn Unlock) -> Opened {
    let mut opening = Opening::new(limits, unlock, None);
    opening.run(raw);
    opening.opened
}

/// The decoded bytes of the part that [`open`] lists at `path`, for a download. `None` when there is no such part (or it
/// lies beyond the limits). `limits` and `unlock` must be those `open` was called with, since paths depend on them.
pub fn raw_part(raw: &[u8], path: &str, limits: &Limits, unlock: &dyn Unlock) -> Option<Vec<u8>> {
    let mut opening = Opening::new(limits, unlock, Some(path));
    opening.run(raw);
    opening.found
}

/// The walk through one mail, with what is left of its limits.
struct Opening<'k> {
    limits: &'k Limits,
    unlock: &'k dyn Unlock,
    /// Path whose bytes are wanted ([`raw_part`]).
    wanted: Option<&'k str>,
    found: Option<Vec<u8>>,
    opened: Opened,
    paths: HashSet<String>,
    text_left: usize,
    archive_left: usize,
    verify_left: usize,
    decrypt_left: usize,
    /// No more parts: limit reached, or the wanted part was found.
    full: bool,
}

/// Where in the mail the walk is.
#[derive(Clone, Copy)]
struct Level {
    /// Mails, archives and encryption layers around this.
    depth: usize,
    /// Multiparts around this within its mail.
    multipart: usize,
}

impl<'k> Opening<'k> {
    fn new(limits: &'k Limits, unlock: &'k dyn Unlock, wanted: Option<&'k str>) -> Self {
        Opening {
            limits,
            unlock,
            wanted,
            found: None,
            opened: Opened::default(),
            paths: HashSet::new(),
            text_left: limits.text_bytes,
            archive_left: limits.archive_bytes,
            verify_left: limits.crypto,
            decrypt_left: limits.crypto,
            full: false,
        }
    }

    fn run(&mut self, raw: &[u8]) {
        let mut raw = raw;
        if raw.len() > self.limits.message_bytes {
            self.note(
                "the mail is longer than what is read; its end was left out",
                "",
                Some(self.limits.message_bytes),
            );
            raw = &raw[..self.limits.message_bytes];
        }
        let lines = self.with_line_feeds(raw);
        self.mail(&lines, "", Level { depth: 0, multipart: 0 });
    }

    /// Old Macintosh mails end lines with CR alone; everything else here looks for LF.
    fn with_line_feeds<'r>(&mut self, raw: &'r [u8]) -> Cow<'r, [u8]> {
        if memchr::memchr(b'\n', raw).is_some() || memchr::memchr(b'\r', raw).is_none() {
            return Cow::Borrowed(raw);
        }
        self.note("lines end with CR alone; read as if they ended with CR LF", "", None);
        Cow::Owned(raw.iter().map(|&b| if b == b'\r' { b'\n' } else { b }).collect())
    }

    /// A whole mail whose parts are listed under `prefix` (empty, or ending with a slash).
    fn mail(&mut self, raw: &[u8], prefix: &str, level: Level) {
        let split = entity::split_mail(raw);
        let header = self.bounded_header(split.header, prefix);
        if split.header.is_empty() && !raw.is_empty() && prefix.is_empty() {
            self.note("no header was found; everything is shown as text", "", None);
        }
        if prefix.is_empty() {
            self.opened.headers = headers::read(header, self.limits, &mut self.opened.notes);
        }
        let level = Level { depth: level.depth, multipart: 0 };
        self.entity(header, split.body, prefix, level, "text/plain");
    }

    /// A MIME entity (RFC 2045): a mail's content or one part of a multipart. `path` is the entity's own number, or the
    /// mail's prefix.
    fn entity(&mut self, header: &[u8], body: &[u8], path: &str, level: Level, default_type: &str) {
        if self.full {
            return;
        }
        let mime = Mime::read(header, default_type);
        if mime.protected_headers {
            self.protected_subject(header);
        }
        if let Some(boundary) = mime.boundary().filter(|_| mime.is("multipart/")) {
            if level.multipart >= self.limits.multipart_depth {
                let limit = Some(self.limits.multipart_depth);
                self.note("multiparts are nested too deeply; shown as text", path, limit);
            } else if multipart::has_part(body, boundary) {
                return self.multipart(&mime, boundary, body, path, level);
            } else {
                self.note("a multipart without a part in its boundary; shown as text", path, None);
            }
            let text = Mime { content_type: "text/plain".into(), ..mime };
            return self.leaf(&text, body, path, level);
        }
        self.leaf(&mime, body, path, level);
    }

    fn multipart(&mut self, mime: &Mime, boundary: &str, body: &[u8], path: &str, level: Level) {
        let mut parts = multipart::Parts::new(body, boundary);
        if mime.content_type == "multipart/encrypted" && self.pgp_mime_encrypted(body, boundary, path, level)
        {
            return;
        }
        if mime.content_type == "multipart/signed" {
            self.signed(mime, body, boundary, path);
        }
        let inner = Level { depth: level.depth, multipart: level.multipart + 1 };
        let default_type =
            if mime.content_type == "multipart/digest" { "message/rfc822" } else { "text/plain" };
        let mut number = 0;
        for part in parts.by_ref() {
            number += 1;
            if self.full {
                return;
            }
            let split = entity::split_part(part);
            let place = child(path, number);
            let header = self.bounded_header(split.header, &place);
            self.entity(header, split.body, &place, inner, default_type);
        }
        if !parts.closed {
            self.note("the multipart ends without its closing boundary", path, None);
        }
        // Mailing lists put their footers there, and it is a place to hide text in.
        let epilogue = parts.epilogue();
        if epilogue.iter().any(|b| !b.is_ascii_whitespace()) && !self.full {
            let place = child(path, number + 1);
            self.note("text after the closing boundary is shown as a part of its own", &place, None);
            self.entity(b"Content-Disposition: attachment\n", epilogue, &place, inner, "text/plain");
        }
    }

    /// A leaf of the MIME tree: undoes the transfer encoding and hands it on as a file.
    fn leaf(&mut self, mime: &Mime, body: &[u8], path: &str, level: Level) {
        let (bytes, damaged) = decode::transfer(body, &mime.encoding);
        let path = if path.is_empty() || path.ends_with('/') { format!("{path}1") } else { path.to_owned() };
        if damaged {
            self.note("the transfer encoding is damaged; what could be decoded is shown", &path, None);
        }
        let readable = mime.content_type == "text/plain" || mime.content_type == "text/html";
        let kind = if readable && !mime.attachment && mime.name.is_none() {
            PartKind::Body
        } else {
            PartKind::Attachment
        };
        self.file(file::File {
            path,
            content_type: mime.content_type.clone(),
            name: mime.name.clone(),
            charset: mime.charset.clone(),
            bytes: &bytes,
            kind,
            level,
        });
    }

    /// Lists a part. False when the limit of parts is reached and nothing more is listed.
    fn push(&mut self, part: Part, bytes: &[u8]) -> bool {
        if self.opened.parts.len() >= self.limits.parts {
            self.note(
                "more parts than are listed; the rest was left out",
                &part.path,
                Some(self.limits.parts),
            );
            self.full = true;
            return false;
        }
        if self.wanted == Some(part.path.as_str()) {
            self.found = Some(bytes.to_vec());
            self.full = true;
        }
        self.opened.parts.push(part);
        true
    }

    /// `path`, or `path~2`, `path~3`, … when it is taken (two zip members may have one name).
    fn unique(&mut self, path: String) -> String {
        if self.paths.insert(path.clone()) {
            return path;
        }
        let free = (2..).map(|n| format!("{path}~{n}")).find(|p| self.paths.insert(p.clone()));
        free.unwrap_or(path)
    }

    fn bounded_header<'r>(&mut self, header: &'r [u8], place: &str) -> &'r [u8] {
        if header.len() <= self.limits.header_bytes {
            return header;
        }
        let place = if place.is_empty() { "header" } else { place };
        self.note(
            "the header is longer than what is read; the rest was left out",
            place,
            Some(self.limits.header_bytes),
        );
        let cut = &header[..self.limits.header_bytes];
        let end = memchr::memrchr(b'\n', cut).map_or(cut.len(), |p| p + 1);
        &cut[..end]
    }

    fn protected_subject(&mut self, header: &[u8]) {
        let subject = fields(header).find(|(n, _)| n.eq_ignore_ascii_case(b"subject"));
        if let Some((_, value)) = subject
            && self.opened.protected_subject.is_none()
        {
            self.opened.protected_subject = Some(headers::text(value));
        }
    }

    fn note(&mut self, what: impl Into<String>, place: &str, limit: Option<usize>) {
        let most = self.limits.notes;
        let notes = &mut self.opened.notes;
        if notes.len() < most {
            let place = place.trim_end_matches('/').to_owned();
            notes.push(Note { what: what.into(), place, limit: limit.map(|l| l as u64) });
        } else if notes.len() == most {
            let what = "there was more to note; it was left out".into();
            notes.push(Note { what, place: String::new(), limit: Some(most as u64) });
        }
    }
}

/// The number of the `n`th part inside the entity at `path`.
fn child(path: &str, n: usize) -> String {
    if path.is_empty() || path.ends_with('/') { format!("{path}{n}") } else { format!("{path}.{n}") }
}
