//! Asking again when nobody has answered.

use identity::{Granted, SendMail};
use kit::db::Write;
use kit::events::Stamp;
use kit::{Error, Id, Result, Time, jobs};

use crate::Desk;
use crate::mails::{self, Language, Letter, Remind};
use crate::model::{Case, Investigation, InvestigationStatus};
use crate::store::{investigations, messages};
use crate::triage::Done;
use crate::undo::{Inverse, InvestigationBefore};

/// The kind of the jobs that remind.
pub(crate) const JOB: &str = "incidents.remind";

/// Has `investigation` reminded when its time is over, if reminders are left.
pub(crate) fn plan(desk: &Desk, tx: &Write<'_>, investigation: &Investigation) -> Result<()> {
    if investigation.reminders >= desk.settings().reminders {
        return Ok(());
    }
    let payload = (investigation.team, investigation.id);
    jobs::enqueue(desk.node(), tx, JOB, &key(investigation), &payload, investigation.due_at)
}

/// Each reminder is a job of its own: the one that runs is still in the table when the next is planned.
fn key(investigation: &Investigation) -> String {
    format!("{}:{}", investigation.id, investigation.reminders)
}

/// Nobody needs to be reminded any more.
pub(crate) fn cancel(tx: &Write<'_>, investigation: &Investigation, now: Time) -> Result<()> {
    jobs::cancel(tx, JOB, &key(investigation), now)?;
    Ok(())
}

/// What the job does: reminds if an answer is still missing, and plans the next reminder.
pub(crate) async fn due(desk: &Desk, team: Id, id: Id) -> Result<()> {
    let found = desk.node().db.read(move |c| investigations::by_id(c, team, id)).await?;
    let now = desk.node().now();
    match found {
        Some(i) if i.status == InvestigationStatus::Open && i.answered_at.is_none() && i.due_at <= now => {
            let stamp = Stamp { at: now, team: Some(team), actor: "node".into() };
            remind(desk, i, stamp, now, true).await.map(drop)
        }
        _ => Ok(()),
    }
}

impl Desk {
    /// Reminds the contact of the investigation `number` now. The mail leaves when the undo window closes.
    ///
    /// # Errors
    /// It is not there or is resolved.
    pub async fn remind(&self, by: &Granted<SendMail>, number: i64) -> Result<Done> {
        let team = by.team();
        let found = self.node().db.read(move |c| investigations::by_number(c, team, number)).await?;
        let investigation = found.ok_or_else(|| Error::not_found(format!("INV-{number}")))?;
        if investigation.status != InvestigationStatus::Open {
            return Err(Error::Conflict(format!(
                "{} is resolved: open it again first",
                investigation.name()
            )));
        }
        let stamp = by.stamp(self.node().now());
        let leave_at = stamp.at + self.settings().undo_window;
        remind(self, investigation, stamp, leave_at, false).await
    }
}

async fn remind(
    desk: &Desk,
    investigation: Investigation,
    stamp: Stamp,
    leave_at: Time,
    automatic: bool,
) -> Result<Done> {
    let own =
        desk.teams().directory().by_id(investigation.team).ok_or_else(|| Error::not_found("the team"))?;
    let due_at = stamp.at + desk.settings().answer_within;
    let id = investigation.id;
    let sent = desk.node().db.read(move |c| messages::of(c, Case::Investigation(id))).await?;
    let letter = letter(desk, &own, &investigation, &sent, due_at, automatic);
    let name = investigation.name();
    let (blocking, team) = (desk.clone(), own.clone());
    let prepared = tokio::task::spawn_blocking(move || mails::prepare(&blocking, &team, letter))
        .await
        .map_err(|_| Error::Unavailable("the reminder could not be written".into()))??;
    let desk = desk.clone();
    let node = desk.node().clone();
    let done = node.db.write(move |tx| {
        // It is read again: an answer may have come while the reminder was written.
        let found = investigations::by_id(tx, investigation.team, investigation.id)?;
        let waits = |i: &Investigation| {
            i.status == InvestigationStatus::Open && i.answered_at == investigation.answered_at
        };
        let Some(mut current) = found.filter(waits) else {
            return Err(Error::Conflict(format!("{name} was answered or resolved in between: look again")));
        };
        let (message, out) = mails::put(&desk, tx, &stamp, own.id, &prepared, leave_at)?;
        cancel(tx, &current, stamp.at)?;
        let before = InvestigationBefore::of(&current);
        current.reminders += 1;
        current.due_at = due_at;
        investigations::save(tx, &current)?;
        plan(&desk, tx, &current)?;
        let inverse = Inverse {
            messages: vec![message],
            mails: vec![out],
            changed: vec![before],
            ..Inverse::default()
        };
        let words = format!("reminder to {} queued", current.recipient_name);
        let undo = desk.undoable(tx, own.id, &stamp, &words, &inverse)?;
        Ok(Done { words, undo, incident: None })
    });
    done.await
}

fn letter(
    desk: &Desk,
    own: &teams::Team,
    investigation: &Investigation,
    sent: &[crate::model::Message],
    due_at: Time,
    automatic: bool,
) -> Letter {
    let minute = |time: Time| ui::format::iso(time)[..16].replace('T', " ");
    let now = desk.node().now();
    let directory = desk.teams().directory();
    let recipient = investigation.recipient_team.and_then(|id| directory.by_id(id));
    let key = recipient.and_then(|team| team.encryption_key(now / kit::clock::SECOND).ok().cloned());
    // Without a key, the reminder says nothing that may not be read on the way: no title, and a label of its own.
    let (tlp, title) = if key.is_some() {
        (investigation.tlp, investigation.subject.clone())
    } else {
        (taxonomy::Tlp::Clear, mails::outer_subject(&investigation.subject))
    };
    let text = Remind {
        tlp: tlp.to_string(),
        recipient: investigation.recipient_name.clone(),
        title: title.clone(),
        asked: minute(investigation.created_at),
        count: investigation.addresses,
        answer_by: minute(due_at),
        signature: own.name.clone(),
    };
    Letter {
        case: Case::Investigation(investigation.id),
        kind: "reminder",
        to: investigation.recipient.clone(),
        to_name: investigation.recipient_name.clone(),
        reply_token: investigation.reply_token.clone(),
        subject: format!("Re: {title}"),
        references: sent
            .iter()
            .filter(|m| !m.incoming && !m.message_id.is_empty())
            .map(|m| m.message_id.clone())
            .collect(),
        text: text.text(Language::by_code(&investigation.language).unwrap_or(Language::English)),
        csv: None,
        tlp,
        key,
        confirmed: false,
        automatic: automatic.then_some("auto-generated"),
    }
}
