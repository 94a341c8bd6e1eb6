//! The registry's own mails: acknowledgements, notices about objects, questions to contacts.
//!
//! They say what anybody may read in the registry, so they go in clear and unsigned. A mail is written before the
//! transaction that sends it and queued inside it.

use identity::NO_TEAM;
use kit::{Digest, Error, Id, Result, Time, Write};
use mail::LOOP_HEADER;
use mail::addresses::{self, BOUNCE, REPLY};
use mail::compose::{Outgoing, compose};
use mail::message::Mailbox;
use mail::queue::{self, MailOut, State};

use crate::Registry;

/// A mail as the registry means it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Letter {
    /// One address.
    pub(crate) to: String,
    pub(crate) subject: String,
    /// Message-IDs of what it answers, oldest first.
    pub(crate) references: Vec<String>,
    pub(crate) text: String,
    /// What it is about, as `kind:id`: by this its fate is found again.
    pub(crate) about: String,
    /// It answers a mail; else the registry writes by itself (RFC 3834).
    pub(crate) is_answer: bool,
    /// A secret that comes back in the address of an answer; without one, answers come to the update address.
    pub(crate) reply_token: Option<String>,
}

/// A letter whose bytes are on disk.
#[derive(Debug, Clone)]
pub(crate) struct Prepared {
    to: String,
    about: String,
    message_id: String,
    return_path: String,
    blob: Digest,
}

impl Registry {
    /// Writes a letter; blocks until its bytes are on disk.
    ///
    /// # Errors
    /// The node has no address for the registry's mails; an address cannot be written; the disk is full.
    pub(crate) fn write_letter(&self, letter: &Letter) -> Result<Prepared> {
        let (node, settings) = (self.node(), self.settings());
        let own = settings.update_address().ok_or_else(|| {
            Error::invalid("registry", "it sends no mails: set source and update_address in [registry]")
        })?;
        let source = settings.source.as_deref().unwrap_or_default();
        let message_id = format!("{}@{}", node.token::<{ addresses::BYTES }>(), settings.node_name);
        let from = Mailbox { name: format!("{source} registry"), address: own.to_owned() };
        let reply_to = letter.reply_token.as_ref().map(|token| addresses::with(own, REPLY, token));
        let automatic = if letter.is_answer { "auto-replied" } else { "auto-generated" };
        let outgoing = Outgoing {
            from: from.clone(),
            to: vec![Mailbox { name: String::new(), address: letter.to.clone() }],
            reply_to: reply_to.map(|address| Mailbox { address, ..from }),
            subject: letter.subject.clone(),
            message_id: message_id.clone(),
            in_reply_to: letter.references.last().cloned(),
            references: letter.references.clone(),
            date: node.now(),
            text: letter.text.clone(),
            headers: vec![
                (LOOP_HEADER.to_owned(), settings.node_name.clone()),
                ("Auto-Submitted".to_owned(), automatic.to_owned()),
            ],
            ..Outgoing::default()
        };
        let mut seed = [0; 32];
        node.random().fill(&mut seed);
        let bytes = compose(&outgoing, &seed).map_err(|error| {
            Error::invalid("mail", format!("the mail to {} was not written: {error}", letter.to))
        })?;
        let return_token = node.token::<{ addresses::BYTES }>();
        Ok(Prepared {
            to: letter.to.clone(),
            about: letter.about.clone(),
            message_id,
            return_path: addresses::with(own, BOUNCE, &return_token).to_ascii_lowercase(),
            blob: node.blobs.put(&bytes)?,
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
            team: NO_TEAM,
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
