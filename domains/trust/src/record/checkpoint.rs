//! Signed checkpoints: who keeps an old one sees whether history was rewritten.
//!
//! A checkpoint says how far the record went, what the digest of its last entry was, and when; the operating team's key
//! signs these bytes. The digest of an entry vouches for all before it.

use kit::clock::{DAY, SECOND};
use kit::{Error, Result, Time, Write, events};
use mail::pgp::SignatureMode;

use super::hex;
use crate::store::CheckpointRow;
use crate::{Trust, store};
use contracts::trust::record::STREAM;

const TITLE: &str = "Wardmote record of trust: checkpoint";

/// The statement that is signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// Whose record.
    pub community: String,
    /// The place of the last entry.
    pub position: i64,
    /// Its digest, in hex.
    pub digest: String,
    /// When, RFC 3339.
    pub made: String,
}

impl Checkpoint {
    /// The bytes that are signed.
    pub fn text(&self) -> String {
        let Self { community, position, digest, made } = self;
        format!("{TITLE}\nCommunity: {community}\nPosition: {position}\nDigest: {digest}\nMade: {made}\n")
    }

    /// Reads a statement, with or without the signature after it; returns it with the bytes that are signed and the
    /// signature.
    ///
    /// # Errors
    /// [`Error::Invalid`]: it is none.
    pub fn parse(file: &str) -> Result<(Self, String, String)> {
        let none = || Error::invalid("checkpoint", "this is no checkpoint of a record of trust");
        let start = file.find(TITLE).ok_or_else(none)?;
        let (statement, signature) = match file[start..].find("-----BEGIN PGP SIGNATURE-----") {
            Some(at) => (&file[start..start + at], &file[start + at..]),
            None => (&file[start..], ""),
        };
        let value = |name: &str| {
            let line = statement.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
            line.map(|value| value.trim().to_owned()).ok_or_else(none)
        };
        let checkpoint = Self {
            community: value("Community")?,
            position: value("Position")?.parse().map_err(|_| none())?,
            digest: value("Digest")?,
            made: value("Made")?,
        };
        // Written anew: what was copied by hand may have other line ends.
        let text = checkpoint.text();
        Ok((checkpoint, text, signature.to_owned()))
    }
}

impl Trust {
    /// Makes a checkpoint of the record as it is, unless the newest one says the same; signed when the operating team
    /// has a key here that can sign now.
    ///
    /// # Errors
    /// The database is gone.
    pub async fn make_checkpoint(&self) -> Result<Option<CheckpointRow>> {
        let newest = self.node().db.read(|c| {
            let newest = events::history(c, STREAM, 1)?.first().map(|event| event.position);
            let last = newest.map(|position| events::links(c, STREAM, position - 1, 1)).transpose()?;
            let known = store::checkpoints(c, 1)?.first().map(|row| row.position);
            Ok((last.and_then(|links| links.into_iter().next()), known))
        });
        let (Some(last), known) = newest.await? else { return Ok(None) };
        if known == Some(last.position) {
            return Ok(None);
        }
        let now = self.node().now();
        let text = Checkpoint {
            community: self.settings().community().to_owned(),
            position: last.position,
            digest: hex(&last.digest),
            made: ui::format::iso(now),
        }
        .text();
        let secrets = self.operator().map(|operator| self.teams().secrets(operator.id)).unwrap_or_default();
        let signature = match secrets.first() {
            Some(key) => match key.sign_detached(text.as_bytes(), SignatureMode::Binary, now / SECOND) {
                Ok(signed) => signed.armored,
                Err(error) => {
                    tracing::error!(%error, "the key of the operating team cannot sign: the checkpoint goes out unsigned");
                    String::new()
                }
            },
            None => String::new(),
        };
        let row = CheckpointRow { position: last.position, at: now, text, signature };
        let kept = row.clone();
        self.node().db.write(move |tx: &Write<'_>| store::put_checkpoint(tx, &kept)).await?;
        Ok(Some(row))
    }

    /// A checkpoint a day, if something happened.
    pub(crate) async fn daily_checkpoint(&self) -> Result<()> {
        let newest: Option<Time> = self.checkpoints(1).await?.first().map(|row| row.at);
        let now = self.node().now();
        // One from the future is of a clock that was ahead: nobody waits for it.
        if newest.is_none_or(|at| at > now || now >= at + DAY) {
            self.make_checkpoint().await?;
        }
        Ok(())
    }

    /// The newest `limit` checkpoints, newest first: they are public.
    ///
    /// # Errors
    /// The database is gone.
    pub async fn checkpoints(&self, limit: i64) -> Result<Vec<CheckpointRow>> {
        self.node().db.read(move |c| store::checkpoints(c, limit)).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_checkpoint_is_read_as_it_is_written_also_out_of_a_mail() {
        let made = "2026-11-21T20:00:00Z".into();
        let checkpoint = Checkpoint { community: "Alba".into(), position: 7, digest: "ab".repeat(32), made };
        let signature = "-----BEGIN PGP SIGNATURE-----\n\nabc\n-----END PGP SIGNATURE-----\n";
        let file = format!("Kept on Monday:\r\n{}{signature}", checkpoint.text().replace('\n', "\r\n"));
        assert_eq!(
            Checkpoint::parse(&file).unwrap(),
            (checkpoint.clone(), checkpoint.text(), signature.into())
        );
        for text in ["", "Position: 3", TITLE, &checkpoint.text().replace('7', "x")] {
            assert!(Checkpoint::parse(text).is_err(), "{text}");
        }
    }
}
