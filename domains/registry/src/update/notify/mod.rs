//! Who is told of what, by mail.
//!
//! | address in | of | is told when |
//! |---|---|---|
//! | `notify` | the object | it was changed |
//! | `mnt-nfy` | its maintainers | it was changed |
//! | `irt-nfy` | the teams that it names anew, or no more | it was changed |
//! | `ref-nfy` | the organisations that it names anew, or no more | it was changed |
//! | `upd-to` | the maintainers who were asked in vain | a change was refused |
//! | `irt-nfy`, else `e-mail` | the teams that were asked in vain | a change was refused |
//!
//! What is to be told is written in the transaction of the change; the mails follow at the end of the submission, one
//! for each address, or a minute later by a job when the node dies between. Nobody is told of what changed nothing, nor
//! of a dry run.

mod letter;
mod recipients;

use kit::clock::{DAY, MINUTE};
use kit::jobs::{self, Handler, Retry};
use kit::{Error, Id, Node, Result, Write};

use super::judge::Verdict;
use crate::Registry;
use crate::store::updates::{self, Notice};

/// The kind of the jobs that send notices.
pub(crate) const JOB: &str = "registry.notify";

/// Notices of refused changes that one address gets in a day: whoever sends nonsense must not fill others' mailboxes.
const REFUSALS_A_DAY: i64 = 40;
/// Sent notices are counted for so long.
const COUNTED: i64 = 2 * DAY;

const CHANGED: &str = "changed";
const REFUSED: &str = "refused";

/// Notes who is to be told of a change that is done.
///
/// # Errors
/// The database refuses it.
pub(super) fn changed(
    node: &Node,
    tx: &Write<'_>,
    submission: Id,
    place: usize,
    source: &str,
    sender: &str,
    verdict: &Verdict,
) -> Result<()> {
    for (recipient, why) in recipients::of_change(tx, source, verdict)? {
        let text = letter::changed(verdict, sender, &why);
        let notice = Notice { recipient, reason: CHANGED.to_owned(), at: node.now(), text };
        updates::add_notice(tx, node.id(), submission, number(place), &notice)?;
    }
    Ok(())
}

/// Notes who is to be told of a change that was refused for want of authorisation.
///
/// # Errors
/// The database refuses it.
pub(super) fn refused(
    node: &Node,
    tx: &Write<'_>,
    submission: Id,
    place: usize,
    source: &str,
    sender: &str,
    verdict: &Verdict,
) -> Result<()> {
    let now = node.now();
    for recipient in recipients::of_refusal(verdict) {
        if updates::notices_of(tx, &recipient, REFUSED, now - DAY)? >= REFUSALS_A_DAY {
            continue;
        }
        let text = letter::refused(verdict, source, sender);
        let notice = Notice { recipient, reason: REFUSED.to_owned(), at: now, text };
        updates::add_notice(tx, node.id(), submission, number(place), &notice)?;
    }
    Ok(())
}

/// Sees to it that the notices of a submission are sent even when the node dies before [`send`].
///
/// # Errors
/// The database refuses it.
pub(super) fn later(node: &Node, tx: &Write<'_>, submission: Id) -> Result<()> {
    jobs::enqueue(node, tx, JOB, &submission.to_string(), &submission, node.now() + MINUTE)
}

/// Puts the mails of a submission into the queue, one for each address. What is in it already is not put there again.
/// Blocks.
///
/// # Errors
/// The database or the disk refuses something.
pub(crate) fn send(registry: &Registry, submission: Id) -> Result<()> {
    let node = registry.node();
    let notices = node.db.read_now(move |c| updates::notices(c, submission))?;
    if notices.is_empty() {
        return Ok(());
    }
    let mut letters = Vec::new();
    for told in notices.chunk_by(|one, other| one.recipient == other.recipient) {
        // Without an address to write from nothing can be sent.
        if registry.settings().update_address().is_none() {
            break;
        }
        match registry.write_letter(&letter::of(registry.settings(), told, node.now())) {
            Ok(letter) => letters.push(letter),
            // An address that no mail can be sent to stands in an object: the others are told all the same.
            Err(error @ Error::Invalid { .. }) => tracing::warn!(%error, "a notice was not written"),
            Err(error) => return Err(error),
        }
    }
    let own = registry.clone();
    node.db.write_now(move |tx| {
        // Whoever was faster, the job or the submission's own end, has sent them.
        if updates::notices(tx, submission)?.is_empty() {
            return Ok(());
        }
        let now = own.now();
        for letter in &letters {
            own.send_letter(tx, letter, now)?;
        }
        updates::notices_done(tx, submission)?;
        updates::forget_notices(tx, now - COUNTED)
    })
}

/// The handler of the jobs that send notices.
pub(crate) fn handler(registry: Registry) -> Handler {
    Handler::new(JOB, move |job| {
        let registry = registry.clone();
        async move {
            let submission: Id =
                serde_json::from_value(job.payload).map_err(|error| Retry::Never(error.to_string()))?;
            let sent = tokio::task::spawn_blocking(move || send(&registry, submission)).await;
            sent.map_err(|_| Error::Corrupt("sending notices failed".into()))??;
            Ok(())
        }
    })
}

fn number(place: usize) -> i64 {
    i64::try_from(place).unwrap_or(i64::MAX)
}
