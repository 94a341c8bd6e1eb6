//! Signatures by a person's certificate (CMS), where OpenPGP signatures are taken, too.

use std::sync::Arc;

use contracts::trust::{DocumentSigned, SignatureJudge};
use data_encoding::BASE64;
use kit::{Error, Result};
use teams::Team;

use crate::Trust;

/// Whether the bytes are, or are meant to be, a signature by a certificate: PEM, DER, or a signed mail.
pub(crate) fn is_cms(signature: &[u8]) -> bool {
    let text = String::from_utf8_lossy(&signature[..signature.len().min(4096)]).to_ascii_lowercase();
    let marks =
        ["-----begin cms-----", "-----begin pkcs7-----", "application/pkcs7-", "application/x-pkcs7-"];
    // DER begins with a sequence; no packet of OpenPGP begins so (RFC 9580 section 4.2: the first bit is one).
    signature.first() == Some(&0x30) || marks.iter().any(|mark| text.contains(mark))
}

/// A signature as text: what is bytes gets its armour (RFC 7468, RFC 9580 section 6).
pub(crate) fn as_text(signature: &[u8]) -> String {
    match std::str::from_utf8(signature) {
        Ok(text) => text.replace("\r\n", "\n"),
        Err(_) => {
            let label = if is_cms(signature) { "CMS" } else { "PGP SIGNATURE" };
            let gap = if label == "CMS" { "" } else { "\n" };
            let base64 = BASE64.encode(signature);
            let lines: Vec<&str> =
                (0..base64.len()).step_by(64).map(|at| &base64[at..base64.len().min(at + 64)]).collect();
            format!("-----BEGIN {label}-----\n{gap}{}\n-----END {label}-----\n", lines.join("\n"))
        }
    }
}

impl Trust {
    /// Whose signature by a certificate this is; they are of `team`.
    ///
    /// # Errors
    /// [`Error::Invalid`]: why it does not count.
    pub(crate) async fn signed_by_certificate(
        &self,
        team: &Team,
        document: Vec<u8>,
        signature: Vec<u8>,
    ) -> Result<DocumentSigned> {
        let now = self.node().now();
        let signed = self.ask_judge(move |judge| judge.signed(&document, &signature, now)).await?;
        let signed = signed.map_err(refused)?;
        if signed.organisation != team.id.to_string() {
            let why = format!("{} is not of {}: one of your own people signs", signed.subject, team.name);
            return Err(refused(why));
        }
        Ok(signed)
    }

    /// Why a signature by a certificate, that counted once, proves nothing any more; `None` when it still does.
    pub(crate) async fn certificate_lost(
        &self,
        document: Vec<u8>,
        signature: Vec<u8>,
    ) -> Result<Option<String>> {
        let held = self.ask_judge(move |judge| judge.still_signed(&document, &signature)).await?;
        Ok(held.err())
    }

    async fn ask_judge<T: Send + 'static>(
        &self,
        ask: impl FnOnce(&dyn SignatureJudge) -> T + Send + 'static,
    ) -> Result<T> {
        let judge: Arc<dyn SignatureJudge> = self.signature_judge().ok_or_else(|| {
            refused("signatures by certificates are not judged at this node: sign with OpenPGP".into())
        })?;
        // It looks into the database, and a signature takes its time.
        let asked = tokio::task::spawn_blocking(move || ask(judge.as_ref())).await;
        asked.map_err(|_| Error::Unavailable("judging the signature broke off".into()))
    }
}

fn refused(why: String) -> Error {
    Error::invalid("signature", why)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_kinds_of_signatures_are_told_apart() {
        assert!(is_cms(b"-----BEGIN CMS-----\nMII"));
        assert!(is_cms(b"-----BEGIN PKCS7-----\nMII"));
        assert!(is_cms(
            b"MIME-Version: 1.0\nContent-Type: multipart/signed; protocol=\"application/x-pkcs7-signature\""
        ));
        assert!(is_cms(&[0x30, 0x82]));
        assert!(!is_cms(b"-----BEGIN PGP SIGNATURE-----\n") && !is_cms(&[0x88, 0x75]) && !is_cms(b""));
    }

    #[test]
    fn bytes_become_the_text_that_tools_write() {
        assert_eq!(as_text(b"-----BEGIN PGP SIGNATURE-----\r\n"), "-----BEGIN PGP SIGNATURE-----\n");
        let der = [&[0x30, 0x82, 0xff][..], &[0xfe; 100]].concat();
        let text = as_text(&der);
        assert!(
            text.starts_with("-----BEGIN CMS-----\nMIL/") && text.lines().all(|line| line.len() <= 64),
            "{text}"
        );
        assert!(as_text(&[0x88, 0x75, 0xff]).starts_with("-----BEGIN PGP SIGNATURE-----\n\niHX/"));
    }
}
