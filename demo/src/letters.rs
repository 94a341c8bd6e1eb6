//! The sample mails: marks filled, signed and encrypted as they say, ready for the wire. See `sample/README.md`.

use std::collections::HashMap;
use std::path::Path;

use anyhow::{Context as _, anyhow};
use kit::Time;
use kit::clock::{DAY, HOUR, MINUTE, SECOND};
use mail::pgp::{SecretKey, Seed, SignatureMode, encrypt_and_sign};

macro_rules! samples {
    ($($name:literal),* $(,)?) => {
        /// Name and text of each, in the order in which they come.
        pub const SAMPLES: &[(&str, &[u8])] =
            &[$(($name, include_bytes!(concat!("../sample/mails/", $name, ".eml")))),*];
    };
}

samples![
    "01-phishing-harrowby",
    "02-password-guessing",
    "03-arf-spam-run",
    "04-infected-hosts-feed",
    "05-stolen-accounts-signed",
    "06-mail-relay-encrypted",
    "07-open-resolver-german",
    "08-control-server-slovene",
    "09-port-scan-czech",
    "10-out-of-office",
    "11-bounce",
    "12-duplicate-of-01",
    "13-exposed-service-xarf",
    "14-html-only-hidden-link",
    "15-broken-mime",
    "16-copyright-claim",
    "17-answer-tidewater-signed",
];

const INFECTED: &[u8] = include_bytes!("../sample/mails/attachments/infected-hosts.csv");

/// A mail and the envelope it goes in.
#[derive(Debug, Clone)]
pub struct Letter {
    /// What it is called in what the demo prints.
    pub name: String,
    /// The envelope's sender.
    pub from: String,
    /// The envelope's recipient.
    pub to: String,
    /// The mail.
    pub bytes: Vec<u8>,
    /// The handle of the team whose mail of ours this answers.
    pub answers_team: Option<String>,
    /// It answers a mail of ours, and so cannot come before that.
    pub is_answer: bool,
}

/// What the desk has sent, for the mails that answer it.
#[derive(Debug, Clone, Default)]
pub struct Sent {
    pub message_id: String,
    pub subject: String,
    pub date: String,
    pub recipient: String,
    pub reply_to: String,
    pub envelope_from: String,
}

/// A mail of the user's own.
///
/// # Errors
/// The file cannot be read.
pub fn own(file: &Path) -> anyhow::Result<Letter> {
    let bytes = std::fs::read(file).with_context(|| file.display().to_string())?;
    Ok(Letter {
        name: file.file_name().map_or_else(|| "mail".into(), |name| name.to_string_lossy().into_owned()),
        from: field(&bytes, "From").map(|value| address(&value)).unwrap_or_default(),
        to: crate::MAILBOX.into(),
        bytes,
        answers_team: None,
        is_answer: false,
    })
}

/// The sample `name`, ready to be sent at `now`; `sent` is what an answer answers.
pub fn sample(
    name: &str,
    text: &[u8],
    now: Time,
    keys: &HashMap<String, SecretKey>,
    sent: Option<&Sent>,
    seed: [u8; 32],
) -> anyhow::Result<Letter> {
    let filled = fill(text, now, sent);
    let instruction = |name: &str| field(&filled, &format!("X-Sample-{name}"));
    let key = |handle: String| {
        keys.get(&handle).ok_or_else(|| anyhow!("the sample names a key of {handle}, which has none"))
    };
    let signer = instruction("Sign").map(key).transpose()?;
    let reader = instruction("Encrypt-To").map(key).transpose()?;
    let from = instruction("Envelope-From").or_else(|| field(&filled, "From")).unwrap_or_default();
    let to = field(&filled, "To").unwrap_or_default();
    let plain = crlf(&without_instructions(&filled));
    let at = now / SECOND;
    let bytes = match (signer, reader) {
        (Some(signer), Some(reader)) => encrypted(&plain, signer, reader, at, seed)?,
        (Some(signer), None) => signed(&plain, signer, at)?,
        _ => plain,
    };
    Ok(Letter {
        name: name.to_owned(),
        from: address(&from),
        to: address(&to),
        bytes,
        answers_team: instruction("Reply-Team"),
        is_answer: instruction("Reply-To-Out").is_some(),
    })
}

/// The header fields that stay outside, and the entity that is protected: its `Content-…` fields and its body.
fn parted(mail: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let end = mail.windows(4).position(|w| w == b"\r\n\r\n").map_or(mail.len(), |at| at + 2);
    let (mut outside, mut entity) = (Vec::new(), Vec::new());
    let mut inside = false;
    for line in mail[..end].split_inclusive(|byte| *byte == b'\n') {
        if !line.starts_with(b" ") && !line.starts_with(b"\t") {
            inside = line.len() > 8 && line[..8].eq_ignore_ascii_case(b"content-");
        }
        if inside { &mut entity } else { &mut outside }.extend_from_slice(line);
    }
    entity.extend_from_slice(&mail[end..]);
    (outside, entity)
}

fn signed(mail: &[u8], key: &SecretKey, at: i64) -> anyhow::Result<Vec<u8>> {
    let (mut out, entity) = parted(mail);
    let entity = entity.strip_suffix(b"\r\n").unwrap_or(&entity);
    let signature = key.sign_detached(entity, SignatureMode::Binary, at)?;
    let head = format!(
        "Content-Type: multipart/signed; micalg={}; protocol=\"application/pgp-signature\"; boundary=\"sample-signed\"\r\n\r\n--sample-signed\r\n",
        signature.micalg
    );
    out.extend_from_slice(head.as_bytes());
    out.extend_from_slice(entity);
    out.extend_from_slice(
        b"\r\n--sample-signed\r\nContent-Type: application/pgp-signature; name=\"signature.asc\"\r\n\r\n",
    );
    out.extend_from_slice(&crlf(signature.armored.as_bytes()));
    out.extend_from_slice(b"\r\n--sample-signed--\r\n");
    Ok(out)
}

fn encrypted(
    mail: &[u8],
    signer: &SecretKey,
    reader: &SecretKey,
    at: i64,
    seed: [u8; 32],
) -> anyhow::Result<Vec<u8>> {
    let (mut out, entity) = parted(mail);
    let sealed = encrypt_and_sign(&[reader.public()], signer, &entity, at, Seed::from(seed))?;
    out.extend_from_slice(
        b"Content-Type: multipart/encrypted; protocol=\"application/pgp-encrypted\"; boundary=\"sample-sealed\"\r\n\r\n\
          --sample-sealed\r\nContent-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n\r\n\
          --sample-sealed\r\nContent-Type: application/octet-stream; name=\"encrypted.asc\"\r\n\r\n",
    );
    out.extend_from_slice(&crlf(sealed.as_bytes()));
    out.extend_from_slice(b"\r\n--sample-sealed--\r\n");
    Ok(out)
}

/// Fills the marks; what is none stays as it is. Bytes that are no UTF-8 stay as they are too.
fn fill(text: &[u8], now: Time, sent: Option<&Sent>) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len() * 2);
    let mut rest = text;
    while let Some(start) = rest.iter().position(|byte| *byte == b'@') {
        let end = rest[start + 1..]
            .iter()
            .position(|byte| *byte == b'@' || *byte == b'\n')
            .map(|at| start + 1 + at);
        let filled = end.filter(|end| rest[*end] == b'@').and_then(|end| {
            let mark = std::str::from_utf8(&rest[start + 1..end]).ok()?;
            Some((end + 1, value(mark, now, sent)?))
        });
        match filled {
            Some((end, value)) => {
                out.extend_from_slice(&rest[..start]);
                out.extend_from_slice(&value);
                rest = &rest[end..];
            }
            None => {
                out.extend_from_slice(&rest[..=start]);
                rest = &rest[start + 1..];
            }
        }
    }
    out.extend_from_slice(rest);
    out
}

fn value(mark: &str, now: Time, sent: Option<&Sent>) -> Option<Vec<u8>> {
    if let Some(when) = mark.strip_prefix("NOW") {
        return Some(time(when, now)?.into_bytes());
    }
    if mark == "BASE64:infected-hosts.csv" {
        let encoded = data_encoding::BASE64.encode(&crlf(&fill(INFECTED, now, None)));
        let lines: Vec<&str> =
            encoded.as_bytes().chunks(76).filter_map(|line| std::str::from_utf8(line).ok()).collect();
        return Some(lines.join("\n").into_bytes());
    }
    let sent = sent?;
    let value = match mark {
        "OUT-MESSAGE-ID" => format!("<{}>", sent.message_id),
        "OUT-SUBJECT" => sent.subject.clone(),
        "OUT-DATE" => sent.date.clone(),
        "OUT-RECIPIENT" => sent.recipient.clone(),
        "OUT-REPLY-TO" => sent.reply_to.clone(),
        "OUT-ENVELOPE-FROM" => sent.envelope_from.clone(),
        _ => return None,
    };
    Some(value.into_bytes())
}

/// `-2h49m58s:syslog` from `now`.
fn time(when: &str, now: Time) -> Option<String> {
    let (offset, format) = when.split_once(':').unwrap_or((when, "mail"));
    let sign = if offset.starts_with('-') { -1 } else { 1 };
    let mut shift = 0;
    let mut number = 0_i64;
    for c in offset.get(1..)?.chars() {
        match c {
            '0'..='9' => number = number * 10 + i64::from(c as u8 - b'0'),
            unit => {
                shift += std::mem::take(&mut number)
                    * match unit {
                        'd' => DAY,
                        'h' => HOUR,
                        'm' => MINUTE,
                        's' => SECOND,
                        _ => return None,
                    };
            }
        }
    }
    let pattern = match format {
        "mail" => "%a, %d %b %Y %H:%M:%S +0000",
        "iso" => "%Y-%m-%dT%H:%M:%SZ",
        "syslog" => "%b %e %H:%M:%S",
        "date" => "%Y-%m-%d",
        "minute" => "%H:%M",
        _ => return None,
    };
    let at = jiff::Timestamp::from_microsecond(now + sign * shift).ok()?;
    Some(at.to_zoned(jiff::tz::TimeZone::UTC).strftime(pattern).to_string())
}

fn without_instructions(mail: &[u8]) -> Vec<u8> {
    let mut in_header = true;
    let lines = mail.split_inclusive(|byte| *byte == b'\n').filter(|line| {
        in_header &= !line.trim_ascii().is_empty();
        !(in_header && line.len() > 9 && line[..9].eq_ignore_ascii_case(b"x-sample-"))
    });
    lines.flatten().copied().collect()
}

/// The value of a header field, on one line.
fn field(mail: &[u8], name: &str) -> Option<String> {
    for line in mail.split(|byte| *byte == b'\n') {
        if line.trim_ascii().is_empty() {
            return None;
        }
        let line = String::from_utf8_lossy(line);
        if let Some((found, value)) =
            line.split_once(':').filter(|(found, _)| found.eq_ignore_ascii_case(name))
        {
            let _ = found;
            return Some(value.trim().to_owned());
        }
    }
    None
}

/// `desk@team.example` out of `Team <desk@team.example>`; empty for `<>`.
fn address(value: &str) -> String {
    match value.rsplit_once('<') {
        Some((_, rest)) => rest.trim_end_matches('>').trim().to_owned(),
        None => value.split(',').next().unwrap_or_default().trim().to_owned(),
    }
}

fn crlf(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len() + text.len() / 40);
    for line in text.split_inclusive(|byte| *byte == b'\n') {
        let bare = line.strip_suffix(b"\n").map(|line| line.strip_suffix(b"\r").unwrap_or(line));
        out.extend_from_slice(bare.unwrap_or(line));
        if bare.is_some() {
            out.extend_from_slice(b"\r\n");
        }
    }
    out
}
