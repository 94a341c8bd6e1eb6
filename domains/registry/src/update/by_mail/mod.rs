//! Changes by mail: from a mail to the registry's address to an acknowledgement.
//!
//! ```text
//! take    the desk's listener hands it down: row and bytes on disk → acknowledged     (nothing is looked at yet)
//! read    a job: bounce, answer to a question of ours, or changes
//! act     signed texts → proofs, each used once → the engine → what became of each object
//! answer  to the sender, if a person may be behind it and they were not answered too often
//! ```
//! The job may run twice, because a node may die in between. Then a signature is known to be used by this very mail, what
//! was changed is found to be so already, and the answer is queued with the row that says so.

mod act;
mod answer;
mod notice;
#[cfg(test)]
mod tests;

pub(in crate::update) use act::HELP;
use kit::jobs::{self, Handler, Retry};
use kit::{Digest, Error, Id, Result, Write};
use mail::addresses::{self, BOUNCE, REPLY};
use mail::classify::{Class, classify};
use mail::message::Opened;
use mail::unlock::NoKeys;
use mail::{Envelope, Limits};

use crate::Registry;
use crate::store::mails::{self, MailState, RegistryMail, Settled};

/// The kind of the jobs that read a mail.
const JOB: &str = "registry.mail";

impl Registry {
    /// Whether mail for `address` is for the registry: its address for updates, or one with a secret behind a `+` that
    /// was made from it.
    pub fn takes_mail_for(&self, address: &str) -> bool {
        self.settings().update_address().is_some_and(|own| {
            let is_secret =
                addresses::token(address, BOUNCE).or_else(|| addresses::token(address, REPLY)).is_some();
            own.eq_ignore_ascii_case(address)
                || is_secret && own.eq_ignore_ascii_case(&addresses::base(address))
        })
    }

    /// Takes a mail in the transaction of whoever acknowledges it; `blob` names its bytes, which are on disk. It is read
    /// right after the commit. Returns its id; `None` when it is for nobody here.
    ///
    /// # Errors
    /// The database refuses it.
    pub fn take_mail(&self, tx: &Write<'_>, envelope: &Envelope, blob: Digest) -> Result<Option<Id>> {
        let own: Vec<&str> =
            envelope.rcpts.iter().map(String::as_str).filter(|rcpt| self.takes_mail_for(rcpt)).collect();
        if own.is_empty() {
            return Ok(None);
        }
        let mail = RegistryMail {
            id: self.node().id(),
            received_at: envelope.received_at,
            envelope_from: envelope.from.clone(),
            recipient: own.join(" "),
            peer: envelope.peer.map_or_else(|| "pipe".into(), |peer| peer.to_string()),
            blob,
            state: MailState::Waiting,
        };
        mails::insert(tx, &mail)?;
        jobs::enqueue(self.node(), tx, JOB, &mail.id.to_string(), &mail.id, self.now())?;
        Ok(Some(mail.id))
    }

    /// Reads the mail `id` and does what it asks for.
    async fn read_mail(&self, id: Id) -> Result<()> {
        let found = self.node().db.read(move |c| mails::by_id(c, id)).await?;
        let Some(mail) = found.filter(|mail| mail.state == MailState::Waiting) else { return Ok(()) };
        let (own, of) = (self.clone(), mail.clone());
        let read = tokio::task::spawn_blocking(move || -> Result<_> {
            let bytes = own.node().blobs.get(of.blob)?;
            let opened = mail::open::open(&bytes, &Limits::default(), &NoKeys);
            let class = classify(&opened, &envelope(&of));
            Ok((bytes, opened, class))
        });
        let (bytes, opened, class) =
            read.await.map_err(|_| Error::Corrupt("the mail could not be read".into()))??;
        let secret = |mark| mail.recipient.split(' ').find_map(|address| addresses::token(address, mark));
        match class {
            Class::Bounce(bounce) => notice::bounced(self, &mail, &bounce).await,
            Class::DispositionNotification(_) | Class::AutoReply => {
                self.silent(id, "an automatic answer").await
            }
            _ if secret(BOUNCE).is_some() => self.silent(id, "to a return path, and no notice").await,
            class if let Some(token) = secret(REPLY) => self.confirmed_by(id, &class, &token).await,
            class => {
                let acted = act::act(self, &mail, &opened, bytes).await?;
                let to = answer::whom(self, &mail, &opened, &class, acted.proven).await?;
                self.answered(&mail, &opened, to, acted).await
            }
        }
    }

    /// An answer to a mail that asks whether somebody reads there: somebody does.
    async fn confirmed_by(&self, id: Id, class: &Class, token: &str) -> Result<()> {
        if class.is_automatic() {
            return self.silent(id, "an answer by a machine confirms nothing").await;
        }
        let confirmed = self.confirm_by_token(token).await?;
        let note = confirmed.map_or_else(
            || "an answer to a question that is answered already".to_owned(),
            |address| format!("confirms {address}"),
        );
        self.silent(id, &note).await
    }

    async fn silent(&self, id: Id, note: &str) -> Result<()> {
        let settled = Settled { note: note.to_owned(), ..Settled::default() };
        self.node().db.write(move |tx| mails::settle(tx, id, &settled).map(drop)).await
    }

    async fn answered(
        &self,
        mail: &RegistryMail,
        opened: &Opened,
        to: answer::Whom,
        acted: act::Acted,
    ) -> Result<()> {
        let answer::Whom::Sender(to) = to else {
            return self.silent(mail.id, &format!("{}; {}", acted.note, to.in_words())).await;
        };
        let letter = answer::letter(self, mail, opened, &to, &acted);
        let (own, id) = (self.clone(), mail.id);
        let prepared = tokio::task::spawn_blocking(move || own.write_letter(&letter))
            .await
            .map_err(|_| Error::Unavailable("the answer could not be written".into()))??;
        let settled = Settled { answered: to.to_lowercase(), proven: acted.proven, note: acted.note };
        let (own, now) = (self.clone(), self.now());
        let queued = self.node().db.write(move |tx| {
            if mails::settle(tx, id, &settled)? {
                own.send_letter(tx, &prepared, now)?;
            }
            Ok(())
        });
        queued.await
    }
}

/// The handler of mails to the registry.
pub(crate) fn handler(registry: &Registry) -> Handler {
    let registry = registry.clone();
    Handler::new(JOB, move |job| {
        let registry = registry.clone();
        async move {
            let id: Id =
                serde_json::from_value(job.payload).map_err(|error| Retry::Never(error.to_string()))?;
            Ok(registry.read_mail(id).await?)
        }
    })
}

fn envelope(mail: &RegistryMail) -> Envelope {
    Envelope {
        from: mail.envelope_from.clone(),
        rcpts: mail.recipient.split(' ').map(str::to_owned).collect(),
        helo: String::new(),
        peer: None,
        received_at: mail.received_at,
    }
}
