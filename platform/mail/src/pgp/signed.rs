//! A signature over a document that we know: rules that a team accepts, a description that it publishes, a line that we
//! asked for. The one place that says what such a signature must be.

use super::verdict::Since;
use super::{PublicKey, Verdict, verify_cleartext, verify_detached};

/// A good signature over a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed {
    /// Fingerprint of the main key, upper-case hex.
    pub fingerprint: String,
    /// When the signature says it was made, Unix seconds.
    pub signed_at: i64,
    /// Whether the document stands within the signed text; otherwise the signature is detached.
    pub is_clear: bool,
    /// The verdict in a sentence.
    pub words: String,
}

/// The first signature in `bytes` over exactly `document` that was made by one of `keys` and whose key is good at `at`, Unix
/// seconds: the very part that signed, not only the key. `bytes` are a detached signature (armoured or binary), or the whole
/// document clear-signed with nothing around it.
///
/// Line ends and blanks at the ends of lines are not signed in clear-signed texts (RFC 9580, section 7.2), and make no other
/// document.
///
/// # Errors
/// Why it does not count, in words.
pub fn signed_over(document: &[u8], bytes: &[u8], keys: &[PublicKey], at: i64) -> Result<Signed, String> {
    judge(document, bytes, keys, at, |since| since.is_none())
}

/// As [`signed_over`], for a signature that was taken before: it stays good when its key has ended since, or was replaced; not
/// when the key was revoked for all times.
///
/// # Errors
/// As there.
pub fn was_signed_over(document: &[u8], bytes: &[u8], keys: &[PublicKey], at: i64) -> Result<Signed, String> {
    judge(document, bytes, keys, at, |_| true)
}

fn judge(
    document: &[u8],
    bytes: &[u8],
    keys: &[PublicKey],
    at: i64,
    counts: impl Fn(&Option<Since>) -> bool,
) -> Result<Signed, String> {
    let (verdicts, is_clear) = match verify_cleartext(bytes, keys, at) {
        Some(found) if found.has_text_around => {
            return Err("text stands around the signed one: give that alone".into());
        }
        Some(found) if canonical(&found.text) != canonical(document) => {
            return Err("the text in it is not the document: take its exact bytes, and sign those".into());
        }
        Some(found) => (found.verdicts, true),
        None => (verify_detached(document, bytes, keys, at), false),
    };
    let good = verdicts.iter().find_map(|verdict| match verdict {
        Verdict::Good { signer, signed_at, since, .. } if counts(since) => Some(Signed {
            fingerprint: signer.fingerprint.clone(),
            signed_at: *signed_at,
            is_clear,
            words: verdict.to_string(),
        }),
        _ => None,
    });
    good.ok_or_else(|| {
        let why: Vec<String> = verdicts.iter().map(ToString::to_string).collect();
        let advice =
            if verdicts.iter().any(Verdict::is_good) { ": sign with a key that is good now" } else { "" };
        format!("{}{advice}", why.join("; "))
    })
}

/// The text as a cleartext signature has it: no blanks at line ends, no empty lines at the end.
fn canonical(text: &[u8]) -> Vec<u8> {
    let lines = text.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii_end);
    let mut all = lines.collect::<Vec<_>>().join(&b'\n');
    all.truncate(all.trim_ascii_end().len());
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pgp::{KeyParams, SecretKey, Seed, SignatureMode};

    const MADE: i64 = 1_790_000_000;
    const END: i64 = MADE + 1_000;

    fn key() -> SecretKey {
        let user_id = "EXAMPLE-CERT <cert@cert.example>".into();
        let params = KeyParams { user_id, created: MADE, expires: Some(END) };
        SecretKey::generate(&params, Seed::from([1; 32])).unwrap()
    }

    #[test]
    fn a_document_is_signed_by_a_key_that_is_good_now_and_stays_signed_when_it_ends() {
        let (key, document) = (key(), b"The rules.\n");
        let signature = key.sign_detached(document, SignatureMode::Binary, MADE + 60).unwrap().armored;
        let keys = [key.public().clone()];
        let signed = signed_over(document, signature.as_bytes(), &keys, MADE + 90).unwrap();
        assert_eq!((signed.fingerprint, signed.signed_at), (key.public().fingerprint(), MADE + 60));
        assert!(!signed.is_clear);
        let why = signed_over(document, signature.as_bytes(), &keys, END + 1).unwrap_err();
        assert!(why.contains("expired") && why.contains("good now"), "{why}");
        assert!(was_signed_over(document, signature.as_bytes(), &keys, END + 1).is_ok());
        for (document, keys) in [(&b"Other rules.\n"[..], &keys[..]), (document, &[])] {
            assert!(signed_over(document, signature.as_bytes(), keys, MADE + 90).is_err());
            assert!(was_signed_over(document, signature.as_bytes(), keys, MADE + 90).is_err());
        }
        assert!(signed_over(document, b"", &keys, MADE + 90).is_err());
    }

    #[test]
    fn blanks_at_line_ends_make_no_other_text() {
        assert_eq!(canonical(b"one \r\ntwo\t\n\n"), b"one\ntwo");
        assert_ne!(canonical(b"one\ntwo"), canonical(b"one two"));
        assert_ne!(canonical(b" one"), canonical(b"one"));
    }
}
