//! Dates, fingerprints and identities as people read them.

use pgp::types::{Fingerprint, KeyId, Timestamp};

use super::limits;

/// `2027-03-01` for Unix seconds, in UTC. What no calendar holds is given as the number.
pub(super) fn date(at: i64) -> String {
    match jiff::Timestamp::from_second(at) {
        Ok(time) => time.strftime("%Y-%m-%d").to_string(),
        Err(_) => format!("second {at}"),
    }
}

/// OpenPGP's 32-bit time as Unix seconds.
pub(super) fn seconds(time: Timestamp) -> i64 {
    i64::from(time.as_secs())
}

/// Unix seconds as OpenPGP's 32-bit time (1970 to 2106); what lies outside becomes the nearest end.
pub(super) fn timestamp(at: i64) -> Timestamp {
    Timestamp::from_secs(u32::try_from(at.max(0)).unwrap_or(u32::MAX))
}

/// Fingerprint in upper-case hex: 40 digits for v4 keys, 64 for v6.
pub(super) fn fingerprint(fingerprint: &Fingerprint) -> String {
    data_encoding::HEXUPPER.encode(fingerprint.as_bytes())
}

/// Key id, 16 upper-case hex digits.
pub(super) fn key_id(id: &KeyId) -> String {
    data_encoding::HEXUPPER.encode(id.as_ref())
}

/// A user id as text: control characters out (they could fake lines in a page or a terminal), length bounded.
pub(super) fn user_id(bytes: &[u8]) -> String {
    let bytes = &bytes[..bytes.len().min(limits::USER_ID_BYTES)];
    String::from_utf8_lossy(bytes).chars().filter(|c| !c.is_control() && !is_direction_mark(*c)).collect()
}

/// Marks that reverse the reading order, with which `moc.elpmaxe@` could be shown as something else.
fn is_direction_mark(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// The mail address in a user id, lower-case: between the last angle brackets, or the whole when it is a bare address.
pub(super) fn address(user_id: &str) -> Option<String> {
    let address = match (user_id.rfind('<'), user_id.rfind('>')) {
        (Some(open), Some(close)) if open < close => &user_id[open + 1..close],
        _ => user_id.trim(),
    };
    let (local, domain) = address.rsplit_once('@')?;
    let plain = !local.is_empty() && !domain.is_empty() && !address.contains([' ', '<', '>', ',']);
    plain.then(|| address.to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_found_in_user_ids() {
        assert_eq!(address("Team <CERT@Cert.example>").as_deref(), Some("cert@cert.example"));
        assert_eq!(address("cert@cert.example").as_deref(), Some("cert@cert.example"));
        assert_eq!(address("a@b.example <real@cert.example>").as_deref(), Some("real@cert.example"));
        assert_eq!(address("no address"), None);
        assert_eq!(address("two words@cert.example"), None);
    }

    #[test]
    fn a_user_id_cannot_fake_lines_or_directions() {
        assert_eq!(user_id("a\r\nGood signature\u{202e}x".as_bytes()), "aGood signaturex");
    }

    #[test]
    fn dates_are_calendar_days_in_utc() {
        assert_eq!(date(0), "1970-01-01");
        assert_eq!(date(1_795_910_400), "2026-11-29");
        assert_eq!(date(i64::MAX), format!("second {}", i64::MAX));
    }
}
