//! Sending what was planned, and taking it back while it has not left.

use contracts::incidents::InvestigationLaunched;
use identity::handling::Sending;
use identity::{Granted, SendMail};
use kit::db::Write;
use kit::events::{self, Stamp};
use kit::{Error, Result, Time};
use teams::Team;

use super::plan::{Plan, PlanOrder, PlannedMail, ask_text, csv_name};
use crate::mails::{self, Letter, Prepared, rows_csv};
use crate::model::{Case, CaseKind, Investigation, InvestigationStatus};
use crate::store::{incidents, investigations};
use crate::triage::Done;
use crate::undo::Inverse;
use crate::{Desk, reminders};
use mail::addresses;

/// Which of the planned mails are to go.
#[derive(Debug, Clone)]
pub struct LaunchOrder {
    /// The plan that was looked at.
    pub plan: PlanOrder,
    /// To whom.
    pub recipients: Vec<Recipient>,
}

/// A recipient that was chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recipient {
    /// Its address in the plan.
    pub address: String,
    /// The handler has said that everyone on the way may read it.
    pub confirmed: bool,
}

impl Desk {
    /// Sends the chosen mails of the plan for the incident `number`: all of them or, when one may not leave, none.
    /// They leave when the undo window closes.
    ///
    /// # Errors
    /// Nothing was chosen; a chosen recipient is not in the plan any more; a label does not let a mail leave.
    pub async fn launch(&self, by: &Granted<SendMail>, number: i64, order: LaunchOrder) -> Result<Done> {
        if order.recipients.is_empty() {
            return Err(Error::invalid("mail", "no recipient was chosen: mark at least one"));
        }
        let (desk, team, wanted) = (self.clone(), by.team(), order.plan.clone());
        let plan = self.node().db.read(move |c| desk.make_plan(c, team, number, &wanted)).await?;
        let own = self.teams().directory().by_id(team).ok_or_else(|| Error::not_found("your team"))?;
        let chosen = chosen(&plan, &order.recipients)?;
        let (desk, words) = (self.clone(), order.plan.words.clone());
        let (plan, prepared) = tokio::task::spawn_blocking(move || {
            let made: Result<Vec<_>> = chosen
                .into_iter()
                .map(|(mail, confirmed)| desk.draft(&own, &plan, mail, confirmed, &words))
                .collect();
            made.map(|made| (plan, made))
        })
        .await
        .map_err(|_| Error::Unavailable("the mails could not be written".into()))??;
        let (desk, by) = (self.clone(), by.clone());
        self.node().db.write(move |tx| desk.queue_all(tx, &by, &plan, &prepared)).await
    }

    fn draft(
        &self,
        own: &Team,
        plan: &Plan,
        mail: PlannedMail,
        confirmed: bool,
        words: &str,
    ) -> Result<(Investigation, Prepared)> {
        let node = self.node();
        let investigation = Investigation {
            id: node.id(),
            team: own.id,
            number: 0,
            incident: plan.incident.id,
            status: InvestigationStatus::Open,
            subject: plan.subject.clone(),
            recipient_team: mail.team.as_ref().map(|team| team.id),
            recipient_name: mail.name.clone(),
            recipient: mail.address.to_lowercase(),
            chain: mail.chain.clone(),
            language: mail.language.to_owned(),
            tlp: plan.tlp,
            encrypted: mail.encrypted(),
            addresses: mail.rows.len() as i64,
            reply_token: node.token::<{ addresses::BYTES }>(),
            created_at: node.now(),
            due_at: plan.answer_by,
            answered_at: None,
            reminders: 0,
            closed_at: None,
            version: 1,
        };
        let letter = Letter {
            case: Case::Investigation(investigation.id),
            kind: "mail",
            to: mail.address.clone(),
            to_name: mail.name.clone(),
            reply_token: investigation.reply_token.clone(),
            subject: plan.subject.clone(),
            references: Vec::new(),
            text: ask_text(own, plan, &mail, words),
            csv: Some((csv_name(&plan.incident), rows_csv(&mail.rows))),
            tlp: plan.tlp,
            key: mail.key,
            confirmed,
            automatic: None,
        };
        Ok((investigation, mails::prepare(self, own, letter)?))
    }

    fn queue_all(
        &self,
        tx: &Write<'_>,
        by: &Granted<SendMail>,
        plan: &Plan,
        prepared: &[(Investigation, Prepared)],
    ) -> Result<Done> {
        let stamp = by.stamp(self.node().now());
        let incident = incidents::by_number(tx, by.team(), plan.incident.number)?;
        if incident.is_none_or(|incident| incident.status != crate::model::IncidentStatus::Open) {
            return Err(Error::Conflict(format!("{} is closed: open it again first", plan.incident.name())));
        }
        let leave_at = stamp.at + self.settings().undo_window;
        let mut inverse = Inverse::default();
        for (investigation, mail) in prepared {
            let number = kit::next_number(tx, by.team(), CaseKind::Investigation.name())?;
            let investigation = Investigation { number, ..investigation.clone() };
            investigations::insert(tx, &investigation)?;
            let (message, out) = mails::put(self, tx, &stamp, by.team(), mail, leave_at)?;
            reminders::plan(self, tx, &investigation)?;
            inverse.messages.push(message);
            inverse.mails.push(out);
            inverse.investigations.push(investigation.id);
            self.note_launch(tx, &stamp, plan, &investigation)?;
        }
        let rows: i64 = prepared.iter().map(|(investigation, _)| investigation.addresses).sum();
        let words = format!(
            "{} about {} queued; they leave at {} UTC",
            ui::format::plural(prepared.len() as i64, "mail", "mails"),
            ui::format::plural(rows, "row", "rows"),
            clock(leave_at)
        );
        let undo = self.undoable(tx, by.team(), &stamp, &words, &inverse)?;
        Ok(Done { words, undo, incident: Some(plan.incident.name()) })
    }

    fn note_launch(
        &self,
        tx: &Write<'_>,
        stamp: &Stamp,
        plan: &Plan,
        investigation: &Investigation,
    ) -> Result<()> {
        let event = InvestigationLaunched {
            id: investigation.id.to_string(),
            number: investigation.name().to_string(),
            incident: plan.incident.name().to_string(),
            recipient: investigation.recipient.clone(),
            addresses: investigation.addresses.unsigned_abs(),
            tlp: investigation.tlp.to_string(),
            encrypted: investigation.encrypted,
        };
        events::record(self.node(), tx, stamp, &event)
    }
}

/// The planned mails that were chosen; a refusal names all that may not leave, not only the first.
fn chosen(plan: &Plan, recipients: &[Recipient]) -> Result<Vec<(PlannedMail, bool)>> {
    let mut found = Vec::new();
    let mut held = Vec::new();
    for recipient in recipients {
        let mail = plan.mails.iter().find(|mail| mail.address.eq_ignore_ascii_case(&recipient.address));
        let mail = mail.ok_or_else(|| {
            Error::Conflict(format!(
                "{} is not among the recipients any more: look at the plan again",
                recipient.address
            ))
        })?;
        match mail.sending {
            Sending::NeedsEncryption => {
                held.push(format!("{}: {} never leaves unencrypted", mail.name, plan.tlp))
            }
            Sending::NeedsConfirmation if !recipient.confirmed => {
                held.push(format!(
                    "{}: {} would go in clear, and you did not confirm that",
                    mail.name, plan.tlp
                ));
            }
            _ => found.push((mail.clone(), recipient.confirmed)),
        }
    }
    if held.is_empty() {
        Ok(found)
    } else {
        Err(Error::Forbidden(format!("nothing was sent. {}", held.join("; "))))
    }
}

/// `18:02:30`.
pub(crate) fn clock(time: Time) -> String {
    ui::format::iso(time)[11..19].to_owned()
}
