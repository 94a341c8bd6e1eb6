//! Letters of the community: written by the desk of the team that operates it, signed with its key, encrypted when the
//! recipient has one.
//!
//! A letter is written before the transaction that sends it (signing and encrypting take longer than a database should
//! wait) and queued inside it. Answers and bounces come back to the desk, which notes them with the mail in the queue.

use std::sync::Arc;

use kit::clock::SECOND;
use kit::{Digest, Error, Id, Result, Time, Write};
use mail::LOOP_HEADER;
use mail::addresses::{self, BOUNCE, REPLY};
use mail::compose::{Outgoing, Protection, compose, protect};
use mail::message::Mailbox;
use mail::pgp::{PublicKey, Validity};
use mail::queue::{self, MailOut, State};
use teams::Team;

use crate::Trust;

/// A letter as it is meant.
#[derive(Debug, Clone, Default)]
pub(crate) struct Letter {
    /// One address.
    pub(crate) to: String,
    /// Whose; may be empty.
    pub(crate) to_name: String,
    /// In clear even when the letter is encrypted: it says nothing that is not for everybody.
    pub(crate) subject: String,
    pub(crate) text: String,
    /// What it is about, as `kind:id`: by this its fate is found again with [`queue::about`].
    pub(crate) about: String,
    /// The recipient's key, if there is one that is good now.
    pub(crate) key: Option<PublicKey>,
}

/// A letter whose bytes are on disk.
#[derive(Debug, Clone)]
pub(crate) struct Prepared {
    to: String,
    about: String,
    from_team: Id,
    message_id: String,
    return_path: String,
    blob: Digest,
    /// How it travels: `encrypted`, `signed` or `clear`.
    pub(crate) protection: &'static str,
}

impl Trust {
    /// The team that operates the community.
    ///
    /// # Errors
    /// [`Error::Conflict`] when none is configured or its desk is not here, with what to set.
    pub fn operator(&self) -> Result<Arc<Team>> {
        let directory = self.teams().directory();
        let named = self.settings().operator.as_deref();
        let found = match (named, directory.desks()) {
            (Some(handle), _) => directory.by_handle(handle),
            (None, [only]) => Some(only.clone()),
            (None, _) => None,
        };
        found.filter(|team| team.mailbox().is_some()).ok_or_else(|| {
            let what = match named {
                Some(handle) => format!("{handle}, named by [trust] operator, has no desk on this node"),
                None => "no team operates the community".to_owned(),
            };
            Error::Conflict(format!(
                "{what}: set [trust] operator to the handle of a team whose desk is here"
            ))
        })
    }

    /// Writes a letter; blocks until its bytes are on disk.
    ///
    /// # Errors
    /// As [`Trust::operator`]; an address cannot be written; the disk is full.
    pub(crate) fn write_letter(&self, letter: &Letter) -> Result<Prepared> {
        let (node, operator) = (self.node(), self.operator()?);
        let own = operator.mailbox().unwrap_or_default();
        // One secret for both ways back: the address says what came.
        let token = node.token::<{ addresses::BYTES }>();
        let message_id = format!("{}@{}", node.token::<{ addresses::BYTES }>(), self.settings().node_name);
        let mailbox = |name: &str, address: &str| Mailbox { name: name.into(), address: address.into() };
        let outgoing = Outgoing {
            from: mailbox(&operator.name, own),
            to: vec![mailbox(&letter.to_name, &letter.to)],
            reply_to: Some(mailbox(&operator.name, &addresses::with(own, REPLY, &token))),
            subject: letter.subject.clone(),
            message_id: message_id.clone(),
            date: node.now(),
            text: letter.text.clone(),
            headers: vec![
                (LOOP_HEADER.to_owned(), self.settings().node_name.clone()),
                ("Auto-Submitted".to_owned(), "auto-generated".to_owned()),
            ],
            ..Outgoing::default()
        };
        let mut seed = [0; 32];
        node.random().fill(&mut seed);
        let secrets = self.teams().secrets(operator.id);
        // Time goes on for teams that are to be reminded when the key has ended: then without a signature.
        let now = node.now() / SECOND;
        let secret = secrets.first().filter(|key| {
            let good = matches!(key.public().can_sign(now), Validity::Valid { .. });
            if !good {
                tracing::error!(
                    "the key of the operating team cannot sign: letters go out without a signature"
                );
            }
            good
        });
        let readers: Vec<&PublicKey> = letter.key.iter().collect();
        let (bytes, protection) = match (secret, &readers[..]) {
            (None, []) => (compose(&outgoing, &seed), "clear"),
            (sign, encrypt_to) => {
                let cover = Protection { sign, encrypt_to, at: node.now() / SECOND, outer_subject: None };
                let kind = if encrypt_to.is_empty() { "signed" } else { "encrypted" };
                (protect(&outgoing, &seed, &cover), kind)
            }
        };
        let bytes = bytes.map_err(|error| {
            Error::invalid("mail", format!("the mail to {} was not written: {error}", letter.to))
        })?;
        Ok(Prepared {
            to: letter.to.clone(),
            about: letter.about.clone(),
            from_team: operator.id,
            message_id,
            return_path: addresses::with(own, BOUNCE, &token).to_ascii_lowercase(),
            blob: node.blobs.put(&bytes)?,
            protection,
        })
    }

    /// Puts a written letter in the queue.
    ///
    /// # Errors
    /// The database refuses it.
    pub(crate) fn send_letter(&self, tx: &Write<'_>, letter: &Prepared, now: Time) -> Result<Id> {
        let node = self.node();
        let out = MailOut {
            id: node.id(),
            team: letter.from_team,
            subject_of: letter.about.clone(),
            message_id: letter.message_id.clone(),
            return_path: letter.return_path.clone(),
            recipient: letter.to.clone(),
            blob: letter.blob,
            queued_at: now,
            leave_at: now,
            state: State::Waiting,
            state_at: now,
            attempts: 0,
            reply: String::new(),
        };
        queue::put(node, tx, &out)?;
        Ok(out.id)
    }
}
