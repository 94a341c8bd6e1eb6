//! The durable queue out: one row for each mail to one recipient, from its writing to the recipient's answer.
//!
//! A mail is put in the queue in the transaction that decides to send it and leaves when its undo window closes.
//! Until then it can be taken back. What the relay says, and what notices say later (RFC 3464, RFC 8098), becomes
//! the mail's [`State`]; a notice counts only when it came to the mail's own return path or names its Message-ID.

mod hand;
mod health;
mod store;

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use kit::db::{Read, Write};
use kit::jobs::{self, Handler, Retry};
use kit::{Digest, Id, Node, Result, Time};

pub use hand::NoRelay;
pub use health::findings;
pub use store::{LETTERS, STATEMENTS};

/// The kind of the queue's jobs.
pub const JOB: &str = "mail.send";

kit::named! {
    /// Where a mail to a recipient has got to.
    pub enum State {
        /// In the queue; it can still be taken back.
        Waiting = "waiting",
        /// The relay does not take it now and is asked again.
        Deferred = "deferred",
        /// The relay has taken it.
        Sent = "sent",
        /// A notice says that it reached the mailbox.
        Delivered = "delivered",
        /// A notice says that it was displayed.
        Displayed = "displayed",
        /// A person has answered it.
        Answered = "answered",
        /// It will not arrive.
        Failed = "failed",
        /// It was taken back before it left.
        Cancelled = "cancelled",
    }
}

/// A mail on its way out.
#[derive(Debug, Clone)]
pub struct MailOut {
    /// Its identifier.
    pub id: Id,
    /// Who sends it.
    pub team: Id,
    /// What it is about, as `kind:id`; the queue only hands it back.
    pub subject_of: String,
    /// Its Message-ID without angle brackets.
    pub message_id: String,
    /// The envelope's return path.
    pub return_path: String,
    /// To whom.
    pub recipient: String,
    /// Its bytes as they leave.
    pub blob: Digest,
    /// When it was queued.
    pub queued_at: Time,
    /// When it leaves at the earliest.
    pub leave_at: Time,
    /// Where it has got to.
    pub state: State,
    /// Since when.
    pub state_at: Time,
    /// How often the relay was asked.
    pub attempts: i64,
    /// The last words of the relay or of a notice.
    pub reply: String,
}

/// What the relay says to one mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Handed {
    /// It has taken it; its reply.
    Taken(String),
    /// Not now; its reply.
    Later(String),
    /// Never; its reply.
    Refused(String),
}

/// Hands bytes to the next mail server.
pub trait Relay: Send + Sync {
    /// Sends `bytes` to `recipient` with `return_path` in the envelope.
    fn hand(
        &self,
        return_path: String,
        recipient: String,
        bytes: Vec<u8>,
    ) -> Pin<Box<dyn Future<Output = Handed> + Send>>;
}

/// Puts `mail` in the queue; it leaves at `mail.leave_at`.
///
/// # Errors
/// The database refuses it.
pub fn put(node: &Node, tx: &Write<'_>, mail: &MailOut) -> Result<()> {
    store::insert(tx, mail)?;
    jobs::enqueue(node, tx, JOB, &mail.id.to_string(), &mail.id, mail.leave_at)
}

/// Takes a mail back; `false` when it has left.
///
/// # Errors
/// The database refuses it.
pub fn cancel(tx: &Write<'_>, id: Id, now: Time) -> Result<bool> {
    if !jobs::cancel(tx, JOB, &id.to_string(), now)? {
        return Ok(false);
    }
    store::change(tx, id, &[State::Waiting], State::Cancelled, now, "taken back before it left")
}

/// All mails about `subject_of`, oldest first.
///
/// # Errors
/// The database is gone.
pub fn about(c: &Read<'_>, subject_of: &str) -> Result<Vec<MailOut>> {
    store::about(c, subject_of)
}

/// The mail whose return path `address` is, or whose Message-ID is among `quoted`.
///
/// # Errors
/// The database is gone.
pub fn ours(c: &Read<'_>, addresses: &[String], quoted: &[String]) -> Result<Option<MailOut>> {
    for address in addresses {
        if let Some(found) = store::by_return_path(c, &address.to_ascii_lowercase())? {
            return Ok(Some(found));
        }
    }
    for message_id in quoted {
        if let Some(found) = store::by_message_id(c, message_id)? {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

/// Notes what a notice says of the mail `id`. A later state is never overwritten by an earlier one: a late
/// "delayed" does not hide a "delivered". `false` when nothing changed.
///
/// # Errors
/// The database refuses it.
pub fn note(tx: &Write<'_>, id: Id, state: State, now: Time, words: &str) -> Result<bool> {
    let from: &[State] = match state {
        State::Deferred => &[State::Sent],
        State::Delivered => &[State::Sent, State::Deferred],
        State::Displayed => &[State::Sent, State::Deferred, State::Delivered],
        State::Answered => &[State::Sent, State::Deferred, State::Delivered, State::Displayed],
        State::Failed => &[State::Sent, State::Deferred, State::Delivered],
        State::Waiting | State::Sent | State::Cancelled => &[],
    };
    store::change(tx, id, from, state, now, words)
}

/// The handler that hands queued mails to `relay`.
pub fn handler(node: Node, relay: Arc<dyn Relay>) -> Handler {
    Handler::new(JOB, move |job| {
        let (node, relay) = (node.clone(), relay.clone());
        async move {
            let id: Id =
                serde_json::from_value(job.payload).map_err(|error| Retry::Never(error.to_string()))?;
            send(&node, relay.as_ref(), id, job.attempts).await
        }
    })
    .taken_up_at_start()
}

async fn send(node: &Node, relay: &dyn Relay, id: Id, attempts: i64) -> std::result::Result<(), Retry> {
    let Some(mail) = node.db.read(move |c| store::by_id(c, id)).await? else { return Ok(()) };
    if !matches!(mail.state, State::Waiting | State::Deferred) {
        return Ok(());
    }
    let handed = match node.blobs.get(mail.blob) {
        // Weeks after it was stuck nobody waits for it any more.
        _ if mail.state == State::Deferred && node.now() > mail.queued_at + 2 * GIVE_UP => {
            Handed::Refused("it was not handed over within ten days".into())
        }
        Ok(bytes) => relay.hand(mail.return_path, mail.recipient, bytes).await,
        Err(error) => Handed::Later(error.to_string()),
    };
    let now = node.now();
    let (state, words) = match handed {
        Handed::Taken(words) => (State::Sent, words),
        Handed::Refused(words) => (State::Failed, words),
        Handed::Later(words) if now > mail.queued_at + GIVE_UP => {
            (State::Failed, format!("given up after five days; last said: {words}"))
        }
        Handed::Later(words) => (State::Deferred, words),
    };
    let later = state == State::Deferred;
    node.db.write(move |tx| store::attempt(tx, id, state, now, &words)).await?;
    // The reply may name people; it stands with the mail.
    tracing::info!(mail = %id, state = state.name(), attempts, "a mail out was tried");
    // The limit is in days and ours; a job that is asked for "later" would end when it was tried often enough.
    let why = "the relay does not take it now; its reply stands with the mail";
    if later { Err(Retry::At(now + jobs::back_off(attempts), why.to_owned())) } else { Ok(()) }
}

/// RFC 5321 section 4.5.4.1: the give-up time is at least four to five days.
const GIVE_UP: Time = 5 * kit::clock::DAY;
