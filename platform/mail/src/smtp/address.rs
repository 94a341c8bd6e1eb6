//! Paths of MAIL and RCPT, and the `Received` field.

use std::net::IpAddr;

use mail_parser::DateTime;

use super::Protocol;
use crate::envelope::Envelope;

/// An address as parsed; `smtp-proto` gives both `<>` and `<postmaster>` (which needs no domain, RFC 5321 section 4.5.1) as
/// empty.
pub(super) fn path(parsed: &str, line: &[u8]) -> String {
    if parsed.is_empty() && line.to_ascii_lowercase().windows(12).any(|w| w == b"<postmaster>") {
        return "postmaster".into();
    }
    parsed.to_owned()
}

/// The trace field for a mail as it is taken in (RFC 5321 section 4.4), with its line end.
pub(super) fn received(
    envelope: &Envelope,
    hostname: &str,
    protocol: Protocol,
    extended: bool,
    utf8: bool,
) -> String {
    // RFC 3848, RFC 6531 section 4.3.
    let with = match (protocol, extended, utf8) {
        (Protocol::Lmtp, _, true) => "UTF8LMTP",
        (Protocol::Lmtp, _, false) => "LMTP",
        (Protocol::Smtp, _, true) => "UTF8SMTP",
        (Protocol::Smtp, true, _) => "ESMTP",
        (Protocol::Smtp, false, _) => "SMTP",
    };
    // The client's own name is its claim: it must not end the field, nor look like another clause.
    let helo: String = envelope
        .helo
        .chars()
        .take(255)
        .map(|c| {
            if c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ':' | '[' | ']') { c } else { '?' }
        })
        .collect();
    let peer = match envelope.peer {
        Some(IpAddr::V4(v4)) => format!(" ([{v4}])"),
        Some(IpAddr::V6(v6)) => format!(" ([IPv6:{v6}])"),
        None => String::new(),
    };
    let only = match envelope.rcpts.as_slice() {
        [one] if one.chars().all(|c| !c.is_control() && !matches!(c, '<' | '>')) => {
            format!("\r\n\tfor <{one}>")
        }
        _ => String::new(),
    };
    let date = DateTime::from_timestamp(envelope.received_at.div_euclid(1_000_000)).to_rfc822();
    format!("Received: from {helo}{peer}\r\n\tby {hostname} with {with}{only};\r\n\t{date}\r\n")
}
