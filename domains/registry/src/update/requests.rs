//! A text that came by a request: signed in clear, or by somebody who is known otherwise.

use kit::{Error, Result};

use super::proof::Signed;
use super::{Keywords, Proof, Proofs, Report, Submission};
use crate::Registry;

/// What a text begins with that is signed in clear (RFC 9580 section 7).
const SIGNED: &str = "-----BEGIN PGP SIGNED MESSAGE-----";

/// Whether a part of a text is signed in clear, well or badly.
pub(super) fn is_signed(text: &str) -> bool {
    text.contains(SIGNED)
}

impl Registry {
    /// Does what a text asks. Of a text with parts that are signed in clear only those are read, each with its own
    /// signatures beside what `proofs` says of the sender; a signature counts once, and for one hour.
    ///
    /// # Errors
    /// As [`Registry::update`]; [`Error::Invalid`] when it is too much for one submission.
    pub async fn update_text(
        &self,
        proofs: &Proofs,
        text: &str,
        keywords: Keywords,
        dry_run: bool,
    ) -> Result<Report> {
        if !is_signed(text) {
            let mut submission = Submission::from_text(text.as_bytes(), keywords)?;
            submission.dry_run |= dry_run;
            return self.update(proofs, submission).await;
        }
        let (own, sent, received) = (self.clone(), text.to_owned(), self.now());
        let read = tokio::task::spawn_blocking(move || own.signed_text(&sent, received)).await;
        let texts = read.map_err(|_| Error::Corrupt("the signatures could not be read".into()))??;
        let source = self.settings().source.clone().unwrap_or_default();
        let mut whole = Report { source, dry_run, with_diff: keywords.diff, ..Report::default() };
        for signed in texts.iter().filter(|signed| signed.has_signature()) {
            let report = self.one_signed(proofs, signed, keywords, dry_run).await?;
            whole.dry_run |= report.dry_run;
            whole.objects.extend(report.objects);
            whole.remarks.extend(report.remarks);
        }
        Ok(whole)
    }

    async fn one_signed(
        &self,
        known: &Proofs,
        signed: &Signed,
        keywords: Keywords,
        dry_run: bool,
    ) -> Result<Report> {
        let mut remarks: Vec<String> =
            signed.refused.iter().map(|why| format!("a signature does not count: {why}")).collect();
        if signed.proven.is_empty() {
            remarks.push("nothing of this part was changed: no signature on it counts".into());
            return Ok(Report { remarks, ..Report::default() });
        }
        if let Some(first) = self.first_use(signed.proven.clone(), self.node().id()).await? {
            self.tell_of_copy(signed, first).await?;
            remarks.push(format!(
                "nothing of this part was changed: its signature was used already, on {}. A signature counts once; \
                 to make the same change again, sign it again",
                ui::format::iso(first)
            ));
            return Ok(Report { remarks, ..Report::default() });
        }
        let mut proofs = known.clone();
        for proof in &signed.proven {
            proofs.push(Proof::OpenPgp {
                fingerprint: proof.fingerprint.clone(),
                made_at: proof.made_at,
                digest: proof.digest,
            });
        }
        let mut submission = Submission::from_text(signed.text.as_bytes(), keywords)?;
        submission.dry_run |= dry_run;
        submission.remarks.extend(remarks);
        self.update(&proofs, submission).await
    }
}
