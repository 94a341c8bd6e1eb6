//! What a mail asks for, done.

use kit::{Error, Id, Result};
use mail::message::Opened;

use crate::Registry;
use crate::store::mails::RegistryMail;
use crate::update::proof::{OpenPgp, Signed};
use crate::update::{Keywords, Proof, Proofs, Submission};

/// Signed texts of one mail that are acted on; what is beyond is named in the answer.
const TEXTS: usize = 20;

/// What was done.
#[derive(Debug, Clone, Default)]
pub(super) struct Acted {
    /// What the sender is told.
    pub(super) text: String,
    /// Everything that was asked for is done.
    pub(super) success: bool,
    /// A signature that counts was on it.
    pub(super) proven: bool,
    /// For the node's own people.
    pub(super) note: String,
}

pub(in crate::update) const HELP: &str = "\
Objects of the registry are changed by a mail that holds their new text, one after the other, with an empty
line between them. Sign the mail with a key that stands in an auth: attribute of whoever keeps the object:
clear-signed (gpg --clear-sign) or as multipart/signed (PGP/MIME). Where several must agree, all of them sign
the same text. A signature counts once, and for one hour.

To remove an object, send its text as it is in the registry with one line more:

  delete: the reason

A line dry-run: shows what would happen and changes nothing. The Subject may hold keywords and nothing else:

  NEW    only make objects that are not there yet
  DIFF   show what changes, line by line
  HELP   this text

Only what is signed is read. Passwords are not accepted.
";

pub(super) async fn act(
    registry: &Registry,
    mail: &RegistryMail,
    opened: &Opened,
    bytes: Vec<u8>,
) -> Result<Acted> {
    let keywords = Keywords::read(&opened.headers.subject);
    if keywords.help {
        let note = "asked for help".into();
        return Ok(Acted { text: HELP.into(), success: true, proven: false, note });
    }
    let (own, received) = (registry.clone(), mail.received_at);
    let texts = tokio::task::spawn_blocking(move || own.signed_mail(&bytes, received))
        .await
        .map_err(|_| Error::Corrupt("the signatures could not be read".into()))??;
    let (signed, unsigned): (Vec<Signed>, Vec<Signed>) = texts.into_iter().partition(Signed::has_signature);
    if signed.is_empty() {
        let text =
            "Nothing was changed: no part of the mail is signed. Only what is signed is read.\n\n".to_owned();
        return Ok(Acted { text: text + HELP, note: "nothing is signed".into(), ..Acted::default() });
    }
    let mut done = Acted { success: true, ..Acted::default() };
    for (place, text) in signed.iter().enumerate() {
        if place == TEXTS {
            done.say(
                false,
                &format!("Only the first {TEXTS} signed parts were read; send the others again.\n"),
            );
            break;
        }
        one(registry, mail.id, keywords, text, &mut done).await?;
    }
    if unsigned.iter().any(|text| !text.text.trim().is_empty()) {
        done.text.push_str("\nText that is not signed was passed over.\n");
    }
    if done.note.is_empty() {
        done.note = if done.success { "done" } else { "not all was done" }.into();
    }
    Ok(done)
}

/// Acts on one signed text.
async fn one(
    registry: &Registry,
    id: Id,
    keywords: Keywords,
    signed: &Signed,
    done: &mut Acted,
) -> Result<()> {
    for why in &signed.refused {
        done.say(true, &format!("***Warning: a signature does not count: {why}.\n"));
    }
    if signed.proven.is_empty() {
        done.say(false, "Nothing of this part was changed: no signature on it counts.\n");
        return Ok(());
    }
    done.proven = true;
    if let Some(first) = registry.first_use(signed.proven.clone(), id).await? {
        let at = ui::format::iso(first);
        registry.tell_of_copy(signed, first).await?;
        done.proven = false;
        done.note = "a copy of a signed text that was used before".into();
        done.say(
            false,
            &format!(
                "***Error:   Nothing of this part was changed: its signature was used already, on {at}.\n\
                 A signature counts once; to make the same change again, sign it again. Those whose\n\
                 objects it names were told that a copy came.\n"
            ),
        );
        return Ok(());
    }
    let submission = match Submission::from_text(signed.text.as_bytes(), keywords) {
        Ok(submission) => submission,
        Err(error @ Error::Invalid { .. }) => {
            done.say(false, &format!("***Error:   {error}\n"));
            return Ok(());
        }
        Err(error) => return Err(error),
    };
    let proofs = Proofs::new(signed.proven.iter().map(proof).collect());
    let report = registry.update(&proofs, submission).await?;
    registry.contacts_changed().await?; // a signed change of an object confirms its addresses
    done.say(report.is_success(), &report.acknowledgement());
    Ok(())
}

fn proof(signature: &OpenPgp) -> Proof {
    let OpenPgp { fingerprint, made_at, digest } = signature.clone();
    Proof::OpenPgp { fingerprint, made_at, digest }
}

impl Acted {
    fn say(&mut self, success: bool, text: &str) {
        self.success &= success;
        if !self.text.is_empty() {
            self.text.push('\n');
        }
        self.text.push_str(text);
    }
}
