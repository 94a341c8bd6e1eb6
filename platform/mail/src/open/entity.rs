//! Header and body of a MIME entity (RFC 5322 section 2.1, RFC 2045), and its fields.

use std::borrow::Cow;

use mail_parser::parsers::MessageStream;
use mail_parser::{ContentType, HeaderValue};

/// Longest `Content-Type` value read, in bytes: `mail-parser` compares each parameter with all before it.
const MIME_VALUE: usize = 8 << 10;
/// Longest boundary (RFC 2046 allows 70; some mailers write more).
const BOUNDARY: usize = 1_000;

/// An entity cut at its first empty line.
pub(super) struct Split<'r> {
    pub header: &'r [u8],
    pub body: &'r [u8],
}

/// Cuts a mail. Empty lines and an mbox `From ` line before the header are passed over; without any header field the
/// whole is body.
pub(super) fn split_mail(raw: &[u8]) -> Split<'_> {
    let mut start = 0;
    while matches!(raw.get(start), Some(b'\r' | b'\n')) {
        start += 1;
    }
    let rest = &raw[start..];
    if rest.starts_with(b"From ") || rest.starts_with(b">From ") {
        start += line_end(rest);
    }
    let split = split_part(&raw[start..]);
    if split.header.is_empty() { Split { header: b"", body: raw } } else { split }
}

/// Cuts a part of a multipart. A line that is no field and is not followed by one ends the header: some mailers forget
/// the empty line, and then the text must not be lost in the header.
pub(super) fn split_part(raw: &[u8]) -> Split<'_> {
    let mut at = 0;
    let mut any = false;
    while at < raw.len() {
        let line = &raw[at..at + line_end(&raw[at..])];
        if matches!(line, b"\n" | b"\r\n") {
            if !any {
                return Split { header: b"", body: &raw[at + line.len()..] };
            }
            return Split { header: &raw[..at], body: &raw[at + line.len()..] };
        }
        let folded = any && matches!(line[0], b' ' | b'\t');
        if !folded && field_name(line).is_none() {
            let next = &raw[at + line.len()..];
            if !any || field_name(&next[..line_end(next)]).is_none() {
                return Split { header: &raw[..at], body: &raw[at..] };
            }
        }
        any = true;
        at += line.len();
    }
    Split { header: raw, body: b"" }
}

/// Length of the first line of `bytes` with its LF.
fn line_end(bytes: &[u8]) -> usize {
    memchr::memchr(b'\n', bytes).map_or(bytes.len(), |p| p + 1)
}

/// The name, if the line starts a header field.
fn field_name(line: &[u8]) -> Option<&[u8]> {
    let colon = memchr::memchr(b':', &line[..line.len().min(100)])?;
    let name = line[..colon].trim_ascii_end();
    (!name.is_empty() && name.iter().all(|b| matches!(b, 33..=126))).then_some(name)
}

/// The fields of a header block: name and value, the value with its folding but without the last line end.
pub(crate) fn fields(header: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    let mut at = 0;
    std::iter::from_fn(move || {
        while at < header.len() {
            let start = at;
            at += line_end(&header[at..]);
            let Some(name) = field_name(&header[start..at]) else { continue };
            while at < header.len() && matches!(header[at], b' ' | b'\t') {
                at += line_end(&header[at..]);
            }
            let colon = start + memchr::memchr(b':', &header[start..at])?;
            return Some((name, header[colon + 1..at].trim_ascii()));
        }
        None
    })
}

/// What the MIME fields of an entity say.
#[derive(Debug, Clone, Default)]
pub(super) struct Mime {
    /// `type/subtype`, lower case.
    pub content_type: String,
    pub boundary: Option<String>,
    pub charset: Option<String>,
    pub protocol: String,
    pub name: Option<String>,
    /// `Content-Transfer-Encoding`, lower case.
    pub encoding: String,
    /// `Content-Disposition: attachment`.
    pub attachment: bool,
    /// The entity's header protects the mail's (`protected-headers="v1"`).
    pub protected_headers: bool,
}

impl Mime {
    /// Reads the MIME fields; the first of each name counts.
    pub fn read(header: &[u8], default_type: &str) -> Mime {
        let mut mime = Mime::default();
        let mut disposition_name = None;
        let mut seen = [false; 3];
        for (name, value) in fields(header) {
            let known: [&[u8]; 3] = [b"content-type", b"content-disposition", b"content-transfer-encoding"];
            let Some(which) = known.iter().position(|k| name.eq_ignore_ascii_case(k)) else { continue };
            if std::mem::replace(&mut seen[which], true) {
                continue;
            }
            match which {
                0 => mime.content_type(value),
                1 => {
                    let Some(disposition) = parse_mime_value(value) else { continue };
                    mime.attachment = disposition.c_type.eq_ignore_ascii_case("attachment");
                    disposition_name = disposition.attribute("filename").map(clean_name);
                }
                _ => mime.encoding = String::from_utf8_lossy(value).trim().to_ascii_lowercase(),
            }
        }
        if mime.content_type.is_empty() {
            mime.content_type = default_type.to_owned();
        }
        mime.name = disposition_name.or(mime.name).filter(|n| !n.is_empty());
        mime
    }

    /// Whether the type starts with `prefix` (`multipart/`).
    pub fn is(&self, prefix: &str) -> bool {
        self.content_type.starts_with(prefix)
    }

    /// The boundary of a multipart, if it can be one.
    pub fn boundary(&self) -> Option<&str> {
        self.boundary.as_deref().filter(|b| !b.is_empty() && b.len() <= BOUNDARY)
    }

    fn content_type(&mut self, value: &[u8]) {
        let Some(parsed) = parse_mime_value(value) else { return };
        let Some(subtype) = &parsed.c_subtype else {
            // "text" alone (RFC 1049 mailers) is no type; whatever else is here still counts.
            self.charset = parsed.attribute("charset").map(str::to_owned);
            return;
        };
        self.content_type = format!("{}/{}", parsed.c_type, subtype).to_ascii_lowercase();
        self.boundary = parsed.attribute("boundary").map(|b| b.trim_end().to_owned());
        self.charset = parsed.attribute("charset").map(str::to_owned);
        self.protocol = parsed.attribute("protocol").unwrap_or_default().to_ascii_lowercase();
        self.protected_headers = parsed.attribute("protected-headers").is_some();
        self.name = parsed.attribute("name").map(clean_name);
    }
}

fn parse_mime_value(value: &[u8]) -> Option<ContentType<'static>> {
    let mut line = value[..value.len().min(MIME_VALUE)].to_vec();
    line.push(b'\n');
    match MessageStream::new(&line).parse_content_type().into_owned() {
        HeaderValue::ContentType(c) => Some(c),
        _ => None,
    }
}

/// A file name fit for a path: the last component, no control characters, at most 200 bytes.
pub(super) fn clean_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let shown: Cow<'_, str> = last.chars().filter(|c| !c.is_control()).collect::<String>().into();
    let mut end = shown.len().min(200);
    while !shown.is_char_boundary(end) {
        end -= 1;
    }
    shown[..end].trim().to_owned()
}
