//! The header of a mail as [`Headers`].

use mail_parser::parsers::MessageStream;
use mail_parser::{Address, HeaderValue};

use super::entity::{Mime, fields};
use crate::limits::Limits;
use crate::message::{Headers, Mailbox, Note, unfold};

/// Encoded words decoded per field. `mail-parser` scans to the end of the field for each unfinished one, so their number
/// bounds the work.
const ENCODED_WORDS: usize = 1_000;
/// Longest subject kept, in bytes.
const SUBJECT: usize = 4_000;
/// Longest id kept, in bytes (RFC 5322 lines end at 998).
const ID: usize = 998;
/// Loop marks read: one per node passed; more than a few is a loop already.
const LOOP_MARKS: usize = 50;

/// Reads the fields; of those that may stand only once, the first counts.
pub(super) fn read(header: &[u8], limits: &Limits, notes: &mut Vec<Note>) -> Headers {
    let mut h = Headers {
        raw: String::from_utf8_lossy(header).into_owned(),
        content_type: Mime::read(header, "text/plain").content_type,
        ..Headers::default()
    };
    for (name, value) in fields(header) {
        let name = String::from_utf8_lossy(name).to_ascii_lowercase();
        let mut list = |into: &mut Vec<Mailbox>| mailboxes(&name, value, into, limits, notes);
        match name.as_str() {
            "from" if h.from.is_empty() => list(&mut h.from),
            "reply-to" if h.reply_to.is_empty() => list(&mut h.reply_to),
            "to" => list(&mut h.to),
            "cc" => list(&mut h.cc),
            "sender" if h.sender.is_none() => {
                let mut one = Vec::new();
                list(&mut one);
                h.sender = one.into_iter().next();
            }
            "subject" if h.subject.is_empty() => h.subject = text(value),
            "date" if h.date.is_none() => h.date = date(value),
            "message-id" if h.message_id.is_none() => h.message_id = ids(value).into_iter().next(),
            "in-reply-to" if h.in_reply_to.is_empty() => h.in_reply_to = last(ids(value), limits.references),
            "references" if h.references.is_empty() => {
                let all = ids(value);
                if all.len() > limits.references {
                    notes.push(Note {
                        what: format!("{} references; only the last ones are followed", all.len()),
                        place: "header".into(),
                        limit: Some(limits.references as u64),
                    });
                }
                h.references = last(all, limits.references);
            }
            "auto-submitted" if h.auto_submitted.is_none() => h.auto_submitted = Some(keyword(value)),
            "precedence" if h.precedence.is_none() => h.precedence = Some(keyword(value)),
            "list-id" if h.list_id.is_none() => h.list_id = Some(cut(unfold(value), ID)),
            "return-path" if h.return_path.is_none() => {
                let path = unfold(value);
                h.return_path = Some(cut(path.trim_matches(['<', '>', ' ']).to_owned(), ID));
            }
            n if n.eq_ignore_ascii_case(crate::LOOP_HEADER) && h.loop_marks.len() < LOOP_MARKS => {
                h.loop_marks.push(cut(unfold(value), ID));
            }
            _ => (),
        }
    }
    h
}

/// An unstructured value on one line, encoded words decoded.
pub(super) fn text(value: &[u8]) -> String {
    let line = field_line(value);
    let decoded = match MessageStream::new(&line).parse_unstructured() {
        HeaderValue::Text(t) => t.into_owned(),
        _ => String::new(),
    };
    let shown: String = decoded.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    cut(shown.trim().to_owned(), SUBJECT)
}

fn mailboxes(name: &str, value: &[u8], into: &mut Vec<Mailbox>, limits: &Limits, notes: &mut Vec<Note>) {
    let line = field_line(value);
    let HeaderValue::Address(list) = MessageStream::new(&line).parse_address() else { return };
    let addresses: Box<dyn Iterator<Item = _>> = match list {
        Address::List(list) => Box::new(list.into_iter()),
        Address::Group(groups) => Box::new(groups.into_iter().flat_map(|g| g.addresses)),
    };
    for addr in addresses {
        if into.len() >= limits.addresses {
            notes.push(Note {
                what: format!("more addresses in {name} than are read; the rest was left out"),
                place: "header".into(),
                limit: Some(limits.addresses as u64),
            });
            return;
        }
        let clean = |s: Option<std::borrow::Cow<'_, str>>| {
            let s: String = s.unwrap_or_default().chars().filter(|c| !c.is_control()).collect();
            cut(s.trim().to_owned(), ID)
        };
        let mailbox = Mailbox { name: clean(addr.name), address: clean(addr.address) };
        if !mailbox.address.is_empty() || !mailbox.name.is_empty() {
            into.push(mailbox);
        }
    }
}

/// Message-IDs in a value, without angle brackets.
fn ids(value: &[u8]) -> Vec<String> {
    let line = field_line(value);
    let list = match MessageStream::new(&line).parse_id() {
        HeaderValue::Text(t) => vec![t.into_owned()],
        HeaderValue::TextList(l) => l.into_iter().map(|t| t.into_owned()).collect(),
        _ => Vec::new(),
    };
    list.into_iter().map(|id| id.trim().to_owned()).filter(|id| !id.is_empty() && id.len() <= ID).collect()
}

fn last(mut list: Vec<String>, most: usize) -> Vec<String> {
    list.drain(..list.len().saturating_sub(most));
    list
}

/// Microseconds since 1970.
fn date(value: &[u8]) -> Option<i64> {
    let line = field_line(&value[..value.len().min(200)]);
    match MessageStream::new(&line).parse_date() {
        HeaderValue::DateTime(d) if d.is_valid() => d.to_timestamp().checked_mul(1_000_000),
        _ => None,
    }
}

/// The word before a parameter or comment, in lower case: `auto-replied` of `Auto-Replied; owner-email=…`.
fn keyword(value: &[u8]) -> String {
    let word = unfold(value);
    let word = word.split([';', ' ', '(']).next().unwrap_or_default();
    cut(word.to_ascii_lowercase(), 100)
}

/// The value as `mail-parser` wants it, ended by LF; with too many encoded words none is decoded.
fn field_line(value: &[u8]) -> Vec<u8> {
    let mut line = value.to_vec();
    if memchr::memmem::find_iter(value, b"=?").nth(ENCODED_WORDS).is_some() {
        line.retain(|&b| b != b'?');
    }
    line.push(b'\n');
    line
}

fn cut(mut text: String, most: usize) -> String {
    if text.len() > most {
        let mut end = most;
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        text.truncate(end);
    }
    text
}
