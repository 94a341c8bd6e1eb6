//! What of a mail is signed, and by whom: for programs that act on nothing else.
//!
//! [`crate::open`] shows a person everything and says which parts are signed. A program that changes something on a
//! signature's word must see only what that signature covers, and all signatures that cover it. So this is a walk of its
//! own: down to each plain text, with the signatures around it. Attachments, nested mails, HTML and text outside a
//! cleartext signature are passed over.

use std::borrow::Cow;

use memchr::memmem;

use super::entity::{Mime, split_mail, split_part};
use super::{decode, multipart};
use crate::limits::Limits;
use crate::message::SignatureForm;
use crate::pgp::mime::{canonical_text, verify_mime};
use crate::pgp::{PublicKey, Verdict, verify_cleartext};

const BEGIN: &[u8] = b"-----BEGIN PGP SIGNED MESSAGE-----";
const END: &[u8] = b"-----END PGP SIGNATURE-----";

/// Signatures inside each other that are followed; what is deeper is left out.
const NESTED: usize = 4;

/// A plain text with all signatures that cover the whole of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedText {
    /// The text as it was signed, in UTF-8, without dash escapes.
    pub text: String,
    /// The signatures around it, the outermost first; none when nobody signed it.
    pub seals: Vec<Seal>,
}

/// One signature and what is thought of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seal {
    /// How it is attached.
    pub form: SignatureForm,
    /// What it covers, in the form in which two copies that differ in line ends, blanks at line ends and empty lines at
    /// the end are the same. Never shown or acted on: it is there to be remembered.
    pub content: Vec<u8>,
    /// The verdict.
    pub verdict: Verdict,
}

/// The plain texts of a mail with the signatures that cover each. `keys` are those that may have signed; `at` is the time
/// of reading, Unix seconds. Bounded by [`Limits::message_bytes`], [`Limits::multipart_depth`], [`Limits::parts`] texts
/// and [`Limits::crypto`] signed parts; what is beyond is left out, never shown as signed.
pub fn signed_texts(raw: &[u8], limits: &Limits, keys: &[PublicKey], at: i64) -> Vec<SignedText> {
    let raw = &raw[..raw.len().min(limits.message_bytes)];
    let split = split_mail(raw);
    let mut walk = Walk::new(limits, keys, at);
    walk.entity(split.header, split.body, &[], 0);
    walk.texts
}

/// As [`signed_texts`], for a text that came without a mail around it.
pub fn signed_plain(text: &[u8], limits: &Limits, keys: &[PublicKey], at: i64) -> Vec<SignedText> {
    let mut walk = Walk::new(limits, keys, at);
    walk.text(&text[..text.len().min(limits.message_bytes)], Some("utf-8"), &[], 0);
    walk.texts
}

struct Walk<'k> {
    limits: &'k Limits,
    keys: &'k [PublicKey],
    at: i64,
    verify_left: usize,
    texts: Vec<SignedText>,
}

impl<'k> Walk<'k> {
    fn new(limits: &'k Limits, keys: &'k [PublicKey], at: i64) -> Self {
        Self { limits, keys, at, verify_left: limits.crypto, texts: Vec::new() }
    }

    fn entity(&mut self, header: &[u8], body: &[u8], seals: &[Seal], depth: usize) {
        let header = &header[..header.len().min(self.limits.header_bytes)];
        let mime = Mime::read(header, "text/plain");
        let boundary = mime.boundary().filter(|_| mime.is("multipart/"));
        let Some(boundary) = boundary else {
            if mime.content_type == "text/plain" && !mime.attachment {
                let (bytes, _) = decode::transfer(body, &mime.encoding);
                self.text(&bytes, mime.charset.as_deref(), seals, 0);
            }
            return;
        };
        if depth >= self.limits.multipart_depth {
            return;
        }
        let mut parts = multipart::Parts::new(body, boundary);
        if mime.content_type != "multipart/signed" {
            for part in parts.take(self.limits.parts) {
                let split = split_part(part);
                self.entity(split.header, split.body, seals, depth + 1);
            }
            return;
        }
        let (Some(signed), Some(signature)) = (parts.next(), parts.next()) else { return };
        let split = split_part(signature);
        let of = Mime::read(split.header, "application/octet-stream");
        let is_pgp =
            [mime.protocol.as_str(), of.content_type.as_str()].iter().any(|p| p.contains("pgp-signature"));
        if !is_pgp || !self.may_verify(seals) {
            return;
        }
        let (signature, _) = decode::transfer(split.body, &of.encoding);
        let verdicts = verify_mime(signed, &signature, self.keys, self.at);
        let seals = with(seals, SignatureForm::PgpMime, signed, verdicts);
        let split = split_part(signed);
        self.entity(split.header, split.body, &seals, depth + 1);
    }

    /// A text: what of it stands in cleartext signatures, or the whole when there are none.
    fn text(&mut self, bytes: &[u8], charset: Option<&str>, seals: &[Seal], nested: usize) {
        let mut rest = bytes;
        let mut found = false;
        while let Some(block) = block(&mut rest) {
            found = true;
            if nested >= NESTED || !self.may_verify(seals) {
                continue;
            }
            if let Some(clear) = verify_cleartext(block, self.keys, self.at) {
                let seals = with(seals, SignatureForm::PgpInline, &clear.text, clear.verdicts);
                // The mail's header, which names the charset, is not signed: it must not say what the bytes mean.
                self.text(&clear.text, None, &seals, nested + 1);
            }
        }
        if !found && self.texts.len() < self.limits.parts {
            let (text, _) = decode::text(bytes, charset);
            self.texts.push(SignedText { text, seals: seals.to_vec() });
        }
    }

    fn may_verify(&mut self, seals: &[Seal]) -> bool {
        let may = self.verify_left > 0 && seals.len() < self.limits.crypto;
        self.verify_left = self.verify_left.saturating_sub(1);
        may
    }
}

/// The next cleartext-signed block of `rest`, from its first line to its last, which is then passed.
fn block<'t>(rest: &mut &'t [u8]) -> Option<&'t [u8]> {
    let text = *rest;
    let start = line(text, BEGIN, 0)?;
    let end = line(text, END, start).map_or(text.len(), |at| at + END.len());
    *rest = &text[end..];
    Some(&text[start..end])
}

/// Where the first line that starts with `mark` begins, from `from` on.
fn line(text: &[u8], mark: &[u8], from: usize) -> Option<usize> {
    let mut found = memmem::find_iter(&text[from..], mark).map(|at| at + from);
    found.find(|at| *at == 0 || matches!(text[at - 1], b'\n' | b'\r'))
}

fn with(around: &[Seal], form: SignatureForm, content: &[u8], verdicts: Vec<Verdict>) -> Vec<Seal> {
    let content = remembered(content);
    let own = verdicts.into_iter().map(|verdict| Seal { form, content: content.clone(), verdict });
    around.iter().cloned().chain(own).collect()
}

/// The form of a text in which it is remembered; see [`Seal::content`].
fn remembered(text: &[u8]) -> Vec<u8> {
    let text: Cow<'_, [u8]> = canonical_text(text);
    let mut out = Vec::with_capacity(text.len());
    for line in text.split(|c| *c == b'\n') {
        out.extend_from_slice(line.trim_ascii_end());
        out.push(b'\n');
    }
    let end = out.iter().rposition(|c| *c != b'\n').map_or(0, |last| last + 1);
    out.truncate(end);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pgp::{KeyParams, SecretKey, Seed, SignatureMode};

    const NOON: i64 = 1_790_000_000;

    fn key(name: &str, seed: u8) -> SecretKey {
        let params = KeyParams { user_id: name.into(), created: NOON - 1_000, expires: None };
        SecretKey::generate(&params, Seed::from([seed; 32])).unwrap()
    }

    fn signed_mail(part: &str, key: &SecretKey) -> String {
        let signature = key.sign_detached(part.as_bytes(), SignatureMode::Binary, NOON).unwrap();
        let armored = signature.armored.replace('\n', "\r\n");
        format!(
            "Content-Type: multipart/signed; protocol=\"application/pgp-signature\"; boundary=s{n}\r\n\r\n\
             --s{n}\r\n{part}\r\n--s{n}\r\nContent-Type: application/pgp-signature\r\n\r\n{armored}\r\n--s{n}--\r\n",
            n = part.len()
        )
    }

    fn read(mail: &str, keys: &[&SecretKey]) -> Vec<SignedText> {
        let keys: Vec<_> = keys.iter().map(|key| key.public().clone()).collect();
        signed_texts(mail.as_bytes(), &Limits::default(), &keys, NOON)
    }

    #[test]
    fn only_what_is_inside_the_signed_part_counts_as_signed() {
        let team = key("Team <cert@team.example>", 1);
        let inner = signed_mail("Content-Type: text/plain\r\n\r\nirt: IRT-X\r\n", &team);
        let mail = format!(
            "Content-Type: multipart/mixed; boundary=m\r\n\r\n--m\r\n\r\nirt: IRT-FORGED\r\n--m\r\n{inner}--m--\r\n"
        );
        let texts = read(&mail, &[&team]);
        assert_eq!(texts.len(), 2);
        assert!(texts[0].seals.is_empty(), "nobody signed it");
        assert_eq!(texts[1].text.trim(), "irt: IRT-X");
        assert!(texts[1].seals[0].verdict.is_good());
    }

    #[test]
    fn a_third_part_beside_a_signature_is_not_read() {
        let team = key("Team <cert@team.example>", 1);
        let mail = signed_mail("\r\nirt: IRT-X\r\n", &team);
        let boundary = "s14";
        assert!(mail.contains(boundary));
        let mail = mail.replace(
            &format!("--{boundary}--"),
            &format!("--{boundary}\r\n\r\nirt: IRT-FORGED\r\n--{boundary}--"),
        );
        let texts = read(&mail, &[&team]);
        assert_eq!(texts.len(), 1);
        assert!(!texts[0].text.contains("FORGED"));
    }

    #[test]
    fn signatures_around_one_another_all_count_for_the_innermost() {
        let (team, owner) = (key("Team <cert@team.example>", 1), key("Owner <noc@net.example>", 2));
        let inner = signed_mail("\r\ninetnum: 192.0.2.0 - 192.0.2.255\r\n", &owner);
        let texts = read(&signed_mail(inner.trim_end(), &team), &[&team, &owner]);
        assert_eq!(texts.len(), 1);
        let signers: Vec<_> =
            texts[0].seals.iter().map(|seal| seal.verdict.signer().unwrap().user_id.clone()).collect();
        assert_eq!(signers, ["Team <cert@team.example>", "Owner <noc@net.example>"]);
        assert!(texts[0].seals.iter().all(|seal| seal.verdict.is_good()));
    }

    #[test]
    fn copies_with_other_line_ends_are_remembered_as_one() {
        assert_eq!(remembered(b"a \r\nb\r\n\r\n"), remembered(b"a\nb"));
        assert_ne!(remembered(b"a\n b"), remembered(b"a\nb"));
        assert_eq!(remembered(b"\n\n"), b"");
    }

    proptest::proptest! {
        #[test]
        fn an_altered_mail_is_signed_only_as_far_as_it_says_the_same(edits: Vec<(u16, u8)>) {
            let (team, owner) = (key("Team <cert@team.example>", 1), key("Owner <noc@net.example>", 2));
            let text = "inetnum: 192.0.2.0 - 192.0.2.255\r\nmnt-irt: IRT-X";
            let inner = signed_mail(&format!("Content-Type: text/plain\r\n\r\n{text}\r\n"), &owner);
            let mut mail = signed_mail(inner.trim_end(), &team).into_bytes();
            for (at, byte) in edits {
                let at = usize::from(at) % mail.len();
                mail[at] = byte;
            }
            let keys = [team.public().clone(), owner.public().clone()];
            for found in signed_texts(&mail, &Limits::default(), &keys, NOON) {
                let good = found.seals.iter().any(|seal| seal.verdict.is_good());
                proptest::prop_assert!(!good || found.text.trim_end() == text, "{found:?}");
            }
        }

        #[test]
        fn any_bytes_are_read_and_none_are_signed(bytes: Vec<u8>, lines: Vec<u8>) {
            let team = key("Team <cert@team.example>", 1);
            let mail = [b"-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n", &bytes[..], b"\n-----BEGIN PGP SIGNATURE-----\n", &lines].concat();
            for text in [signed_texts(&mail, &Limits::default(), &[team.public().clone()], NOON), signed_texts(&bytes, &Limits::default(), &[], NOON)].concat() {
                proptest::prop_assert!(text.seals.iter().all(|seal| !seal.verdict.is_good()));
            }
        }
    }
}
