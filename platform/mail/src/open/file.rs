//! One decoded file of the mail, wherever it came from: what it is, its text, and what lies inside it.

use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

use super::{Level, Opening, decode, entity, html};
use crate::message::{Part, PartKind};

/// A file before it is listed.
pub(super) struct File<'r> {
    pub path: String,
    /// `type/subtype`, lower case.
    pub content_type: String,
    pub name: Option<String>,
    pub charset: Option<String>,
    pub bytes: &'r [u8],
    pub kind: PartKind,
    pub level: Level,
}

/// What a file is to be opened as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Mail,
    Zip,
    Gzip,
    Html,
    Text,
    Tnef,
    PgpMessage,
    SmimeMessage,
    Signature,
    Closed,
}

impl Opening<'_> {
    /// Lists a file and goes into it.
    pub(super) fn file(&mut self, file: File<'_>) {
        if self.full {
            return;
        }
        let form = form(&file);
        let path = self.unique(file.path.clone());
        let kind = match form {
            Form::Mail => PartKind::NestedMail,
            Form::Signature => PartKind::Signature,
            Form::PgpMessage | Form::SmimeMessage => PartKind::Encrypted,
            _ => file.kind,
        };
        let text = match form {
            Form::Mail => Some(self.nested_header(file.bytes)),
            Form::Html => self.text(&path, file.bytes, file.charset.as_deref()).map(|t| html::text(&t)),
            Form::Text | Form::Signature => self.text(&path, file.bytes, file.charset.as_deref()),
            _ => None,
        };
        let inline_pgp = form == Form::Text && text.as_deref().is_some_and(|t| t.contains("-----BEGIN PGP "));
        let part = Part {
            path: path.clone(),
            content_type: file.content_type.clone(),
            name: file.name.clone(),
            size: file.bytes.len() as u64,
            sha256: HEXLOWER.encode(&Sha256::digest(file.bytes)),
            text,
            kind,
        };
        if !self.push(part, file.bytes) {
            return;
        }
        match form {
            Form::Mail => self.nested_mail(&path, &file),
            Form::Zip => self.zip(&path, file.bytes, file.level),
            Form::Gzip => self.gzip(&path, &file),
            Form::Tnef => self.note("a TNEF attachment (winmail.dat) stays closed", &path, None),
            Form::PgpMessage => self.pgp_message(&path, &file),
            Form::SmimeMessage => {
                self.note("an S/MIME message stays closed: S/MIME is not supported yet", &path, None)
            }
            Form::Text if inline_pgp => self.inline_pgp(&path, &file),
            _ => (),
        }
    }

    /// One level deeper, or `None` with a note when that is too deep.
    pub(super) fn deeper(&mut self, level: Level, path: &str) -> Option<Level> {
        if level.depth >= self.limits.depth {
            self.note("nested too deeply; its contents stay closed", path, Some(self.limits.depth));
            return None;
        }
        Some(Level { depth: level.depth + 1, multipart: 0 })
    }

    fn nested_mail(&mut self, path: &str, file: &File<'_>) {
        let Some(level) = self.deeper(file.level, path) else { return };
        let name = file.name.as_deref().unwrap_or("inner.eml");
        self.mail(file.bytes, &format!("{path}/{name}/"), level);
    }

    fn nested_header(&mut self, bytes: &[u8]) -> String {
        let header = entity::split_mail(bytes).header;
        let header = &header[..header.len().min(self.limits.header_bytes)];
        self.budgeted(String::from_utf8_lossy(header).into_owned()).0
    }

    /// Content as text within what is left of the text limit; `None` when nothing is left.
    pub(super) fn text(&mut self, path: &str, bytes: &[u8], charset: Option<&str>) -> Option<String> {
        let seen = &bytes[..bytes.len().min(self.text_left)];
        let (text, unknown) = decode::text(seen, charset);
        if unknown {
            let name: String =
                charset.unwrap_or_default().chars().filter(|c| !c.is_control()).take(40).collect();
            self.note(format!("the charset \"{name}\" is not known; guessed"), path, None);
        }
        let (text, cut) = self.budgeted(text);
        if cut || seen.len() < bytes.len() {
            let limit = Some(self.limits.text_bytes);
            self.note(
                "more text than is kept for reading and search; the rest is in the original",
                path,
                limit,
            );
        }
        (!text.is_empty() || bytes.is_empty()).then_some(text)
    }

    /// Takes `text` out of the text budget, cut to what is left of it.
    fn budgeted(&mut self, mut text: String) -> (String, bool) {
        let mut end = text.len().min(self.text_left);
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        let cut = end < text.len();
        text.truncate(end);
        self.text_left -= end;
        (text, cut)
    }
}

/// Decides by type, then by name, then (where the type says nothing) by the first bytes.
fn form(file: &File<'_>) -> Form {
    let ctype = file.content_type.as_str();
    let extension =
        file.name.as_deref().and_then(|n| n.rsplit_once('.')).map(|(_, e)| e.to_ascii_lowercase());
    let extension = extension.as_deref().unwrap_or_default();
    let vague =
        matches!(ctype, "application/octet-stream" | "application/x-octet-stream" | "application/binary")
            || !ctype.contains('/');
    match ctype {
        "message/rfc822" | "message/global" | "message/news" => return Form::Mail,
        "application/zip" | "application/x-zip-compressed" | "application/x-zip" => return Form::Zip,
        "application/gzip" | "application/x-gzip" => return Form::Gzip,
        "application/ms-tnef" | "application/vnd.ms-tnef" => return Form::Tnef,
        "application/pgp-signature" | "application/pkcs7-signature" | "application/x-pkcs7-signature" => {
            return Form::Signature;
        }
        "application/pkcs7-mime" | "application/x-pkcs7-mime" => return Form::SmimeMessage,
        "text/html" | "application/xhtml+xml" => return Form::Html,
        _ => (),
    }
    let pgp_file = matches!(extension, "pgp" | "gpg" | "asc") && (vague || ctype.contains("pgp"));
    if (pgp_file || ctype == "application/pgp-encrypted" || ctype == "application/pgp")
        && super::openpgp::is_message(file.bytes)
    {
        return Form::PgpMessage;
    }
    if is_text_type(ctype) {
        // Some mailers send a mail saved as a file as plain text.
        return if extension == "eml" { Form::Mail } else { Form::Text };
    }
    match extension {
        "eml" => Form::Mail,
        "zip" => Form::Zip,
        "gz" if file.bytes.starts_with(b"\x1f\x8b") => Form::Gzip,
        "htm" | "html" if vague => Form::Html,
        "sig" if vague => Form::Signature,
        _ if file.name.as_deref().is_some_and(|n| n.eq_ignore_ascii_case("winmail.dat")) => Form::Tnef,
        _ if TEXT_EXTENSIONS.contains(&extension) => Form::Text,
        "" if vague && file.bytes.starts_with(b"PK\x03\x04") => Form::Zip,
        "" if vague && file.bytes.starts_with(b"\x1f\x8b") => Form::Gzip,
        _ if vague && looks_like_text(file.bytes) => Form::Text,
        _ => Form::Closed,
    }
}

/// Files that are text whatever type they are sent with: spreadsheets' CSV goes as `application/vnd.ms-excel`.
const TEXT_EXTENSIONS: [&str; 17] = [
    "csv", "tsv", "txt", "log", "json", "jsonl", "ndjson", "xml", "yaml", "yml", "md", "ics", "vcf", "conf",
    "asc", "eml", "arf",
];

fn is_text_type(ctype: &str) -> bool {
    let Some((main, sub)) = ctype.split_once('/') else { return false };
    match main {
        "text" | "message" => true,
        "application" => {
            sub.ends_with("+json")
                || sub.ends_with("+xml")
                || matches!(
                    sub,
                    "json"
                        | "x-json"
                        | "ndjson"
                        | "x-ndjson"
                        | "xml"
                        | "csv"
                        | "x-csv"
                        | "yaml"
                        | "x-yaml"
                        | "pgp-keys"
                )
        }
        _ => false,
    }
}

/// Whether the first 4 kB are UTF-8 without control characters.
fn looks_like_text(bytes: &[u8]) -> bool {
    let head = &bytes[..bytes.len().min(4_096)];
    let valid = match std::str::from_utf8(head) {
        Ok(_) => true,
        // A character may be cut at the end of the head.
        Err(e) => bytes.len() > head.len() && e.error_len().is_none(),
    };
    valid && !head.is_empty() && !head.iter().any(|&b| b < 0x20 && !matches!(b, b'\t' | b'\r' | b'\n' | 0x0c))
}

/// The type of a file known by its name only.
pub(super) fn type_by_name(name: &str) -> &'static str {
    match name.rsplit_once('.').map(|(_, e)| e.to_ascii_lowercase()).unwrap_or_default().as_str() {
        "csv" => "text/csv",
        "tsv" => "text/tab-separated-values",
        "txt" | "log" | "md" | "conf" => "text/plain",
        "json" => "application/json",
        "xml" => "application/xml",
        "htm" | "html" => "text/html",
        "eml" => "message/rfc822",
        "zip" => "application/zip",
        "gz" => "application/gzip",
        _ => "application/octet-stream",
    }
}
