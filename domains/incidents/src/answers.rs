//! Writing to those who wrote: an answer in a case, and the answers that close an incident.

use contracts::incidents::{InvestigationChanged, ReportChanged};
use identity::{Granted, SendMail, WorkIncidents};
use kit::clock::SECOND;
use kit::db::Write;
use kit::events;
use kit::{Error, Result};
use mail::pgp::PublicKey;
use taxonomy::Tlp;

use crate::Desk;
use crate::mails::{self, Letter, Prepared};
use crate::model::{
    Case, CaseKind, Incident, IncidentStatus, Investigation, InvestigationStatus, Number, Report,
    ReportStatus,
};
use crate::store::{incidents, investigations, messages, reports};
use crate::triage::Done;
use crate::undo::{IncidentBefore, Inverse, InvestigationBefore, ReportBefore};
use crate::{case, reminders};

/// A letter's end of the text it may have.
const LONGEST: usize = 256 * 1024;

/// An answer that a handler has written.
#[derive(Debug, Clone)]
pub struct Reply {
    /// What it says.
    pub text: String,
    /// How it may be passed on.
    pub tlp: Tlp,
    /// The handler has said that everyone on the way may read it.
    pub confirmed: bool,
}

/// How an incident ends.
#[derive(Debug, Clone)]
pub struct Closing {
    /// Resolved or abandoned.
    pub status: IncidentStatus,
    /// How it ended, for the record.
    pub resolution: String,
    /// What each chosen reporter is told; nobody is told anything when empty.
    pub text: String,
    /// The numbers of the reports whose senders are told.
    pub reporters: Vec<i64>,
    /// The label of the answers.
    pub tlp: Tlp,
    /// The handler has said that everyone on the way may read them.
    pub confirmed: bool,
}

impl Desk {
    /// Answers in the case `name`: the reporter of a report, or the contact of an investigation. The mail leaves when
    /// the undo window closes.
    ///
    /// # Errors
    /// The case is not there, the text is empty, or the label does not let it leave.
    pub async fn reply(&self, by: &Granted<SendMail>, name: Number, reply: Reply) -> Result<Done> {
        check_text(&reply.text)?;
        let (desk, team) = (self.clone(), by.team());
        let wanted = reply.clone();
        let letter = self.node().db.write(move |tx| desk.reply_letter(tx, team, name, &wanted)).await?;
        let prepared = self.prepare_all(team, vec![letter]).await?;
        let (desk, by) = (self.clone(), by.clone());
        let done = self.node().db.write(move |tx| {
            let stamp = by.stamp(desk.node().now());
            let leave_at = stamp.at + desk.settings().undo_window;
            let mut inverse = Inverse::default();
            for one in &prepared {
                let (message, out) = mails::put(&desk, tx, &stamp, by.team(), one, leave_at)?;
                inverse.messages.push(message);
                inverse.mails.push(out);
            }
            if name.kind == CaseKind::Report
                && let Some(mut report) = reports::by_number(tx, by.team(), name.number)?
            {
                answered(tx, &mut report, &mut inverse, stamp.at)?;
            }
            let words =
                format!("answer in {name} queued; it leaves at {} UTC", crate::investigate::clock(leave_at));
            let undo = desk.undoable(tx, by.team(), &stamp, &words, &inverse)?;
            Ok(Done { words, undo, incident: None })
        });
        done.await
    }

    fn reply_letter(&self, tx: &Write<'_>, team: kit::Id, name: Number, reply: &Reply) -> Result<Letter> {
        let case = case::find(tx, team, name)?;
        let thread = messages::of(tx, case)?;
        let references: Vec<String> =
            thread.iter().filter(|m| !m.message_id.is_empty()).map(|m| m.message_id.clone()).collect();
        let references = references[references.len().saturating_sub(10)..].to_vec();
        let letter = |to: &str, to_name: &str, reply_token: String, subject: String, key| Letter {
            case,
            kind: "mail",
            to: to.to_owned(),
            to_name: to_name.to_owned(),
            reply_token,
            subject,
            references: references.clone(),
            text: format!("{}\n\n{}\n", reply.tlp, reply.text.trim()),
            csv: None,
            tlp: reply.tlp,
            key,
            confirmed: reply.confirmed,
            automatic: None,
        };
        match case {
            Case::Report(id) => {
                let report = reports::by_id(tx, team, id)?.ok_or_else(|| Error::not_found(name))?;
                let token = mails::reply_token(self, tx, &report)?;
                let first = messages::by_id(tx, team, report.first_message)?;
                let key = self.key_of(&report.from_address);
                let subject = mails::subject_about(&report, first.as_ref(), key.is_some());
                Ok(letter(&report.from_address, &report.from_name, token, labelled(reply.tlp, &subject), key))
            }
            Case::Investigation(id) => {
                let i = investigations::by_id(tx, team, id)?.ok_or_else(|| Error::not_found(name))?;
                let key = self.key_of(&i.recipient);
                let matter = bare(&i.subject);
                let open = key.is_some() || !(i.encrypted || mails::is_sealed(i.tlp));
                let matter = if open { matter.to_owned() } else { mails::outer_subject(matter) };
                let subject = labelled(reply.tlp, &format!("Re: {matter}"));
                Ok(letter(&i.recipient, &i.recipient_name, i.reply_token.clone(), subject, key))
            }
            Case::Incident(_) => Err(Error::invalid(
                "case",
                format!(
                    "{name} has many readers: answer in one of its reports or investigations, or close it"
                ),
            )),
        }
    }

    /// The valid key of whoever has this address in the directory.
    fn key_of(&self, address: &str) -> Option<PublicKey> {
        let team = self.teams().directory().by_address(address)?;
        team.encryption_key(self.node().now() / SECOND).ok().cloned()
    }

    /// Closes the incident `number`: its reports and investigations with it, but for reports that also belong to
    /// another open incident; each chosen reporter is answered.
    ///
    /// # Errors
    /// It is not there or closed already, or a label does not let an answer leave: then nothing is changed.
    pub async fn close(&self, by: &Granted<SendMail>, number: i64, closing: Closing) -> Result<Done> {
        if closing.status == IncidentStatus::Open {
            return Err(Error::invalid("status", "choose resolved or abandoned"));
        }
        let tell = !closing.text.trim().is_empty() && !closing.reporters.is_empty();
        if tell {
            check_text(&closing.text)?;
        }
        let (desk, team, wanted) = (self.clone(), by.team(), closing.clone());
        let letters = self.node().db.write(move |tx| {
            let incident = open_incident(tx, team, number)?;
            if tell { desk.closing_letters(tx, &incident, &wanted) } else { Ok(Vec::new()) }
        });
        let prepared = self.prepare_all(team, letters.await?).await?;
        let (desk, by) = (self.clone(), by.clone());
        self.node().db.write(move |tx| desk.close_whole(tx, &by, number, &closing, &prepared)).await
    }

    fn closing_letters(&self, tx: &Write<'_>, incident: &Incident, closing: &Closing) -> Result<Vec<Letter>> {
        let mut letters: Vec<Letter> = Vec::new();
        for report in reports::of_incident(tx, incident.id)? {
            if !closing.reporters.contains(&report.number) {
                continue;
            }
            let first = messages::by_id(tx, report.team, report.first_message)?;
            let key = self.key_of(&report.from_address);
            let subject = mails::subject_about(&report, first.as_ref(), key.is_some());
            letters.push(Letter {
                case: Case::Report(report.id),
                kind: "closing",
                to: report.from_address.clone(),
                to_name: report.from_name.clone(),
                reply_token: mails::reply_token(self, tx, &report)?,
                subject: labelled(closing.tlp, &subject),
                references: first.map(|m| m.message_id).into_iter().filter(|id| !id.is_empty()).collect(),
                text: format!("{}\n\n{}\n", closing.tlp, closing.text.trim()),
                csv: None,
                tlp: closing.tlp,
                key,
                confirmed: closing.confirmed,
                automatic: None,
            });
        }
        Ok(letters)
    }

    async fn prepare_all(&self, team: kit::Id, letters: Vec<Letter>) -> Result<Vec<Prepared>> {
        let own = self.teams().directory().by_id(team).ok_or_else(|| Error::not_found("your team"))?;
        let desk = self.clone();
        tokio::task::spawn_blocking(move || {
            letters.into_iter().map(|letter| mails::prepare(&desk, &own, letter)).collect()
        })
        .await
        .map_err(|_| Error::Unavailable("the mails could not be written".into()))?
    }

    fn close_whole(
        &self,
        tx: &Write<'_>,
        by: &Granted<SendMail>,
        number: i64,
        closing: &Closing,
        prepared: &[Prepared],
    ) -> Result<Done> {
        let stamp = by.stamp(self.node().now());
        let leave_at = stamp.at + self.settings().undo_window;
        let mut incident = open_incident(tx, by.team(), number)?;
        let mut inverse = Inverse::default();
        for one in prepared {
            let (message, out) = mails::put(self, tx, &stamp, by.team(), one, leave_at)?;
            inverse.messages.push(message);
            inverse.mails.push(out);
        }
        for mut report in reports::of_incident(tx, incident.id)? {
            let elsewhere = belongs_to_another_open(tx, &report, &incident)?;
            let told = closing.reporters.contains(&report.number) && !prepared.is_empty();
            if report.status == ReportStatus::Open && !elsewhere {
                inverse.reports.push(ReportBefore::of(&report));
                let before = report.status;
                report.status = if closing.status == IncidentStatus::Resolved {
                    ReportStatus::Resolved
                } else {
                    ReportStatus::Rejected
                };
                report.closed_at = Some(stamp.at);
                report.answered_at = report.answered_at.or(told.then_some(stamp.at));
                reports::save(tx, &report)?;
                let words = format!("{} was {}", incident.name(), closing.status);
                let event = ReportChanged {
                    id: report.id.to_string(),
                    words,
                    status: (before.to_string(), report.status.to_string()),
                };
                events::record(self.node(), tx, &stamp, &event)?;
            }
        }
        for investigation in investigations::of_incident(tx, incident.id)? {
            if investigation.status == InvestigationStatus::Open {
                inverse.changed.push(InvestigationBefore::of(&investigation));
                self.resolve_investigation(tx, &stamp, investigation, true)?;
            }
        }
        inverse.incidents.push(IncidentBefore::of(&incident));
        let before = incident.status;
        incident.status = closing.status;
        incident.closed_at = Some(stamp.at);
        incident.resolution = closing.resolution.trim().to_owned();
        incidents::save(tx, &incident)?;
        case::changed(
            self,
            tx,
            &stamp,
            &incident,
            before,
            &format!("{}: {}", closing.status, incident.resolution),
        )?;
        let words = format!(
            "{} {}; {} told",
            incident.name(),
            closing.status,
            ui::format::plural(prepared.len() as i64, "reporter", "reporters")
        );
        let undo = self.undoable(tx, by.team(), &stamp, &words, &inverse)?;
        Ok(Done { words, undo, incident: Some(incident.name()) })
    }

    /// Resolves the investigation `number`, or opens it again.
    ///
    /// # Errors
    /// It is not there.
    pub async fn set_investigation(
        &self,
        by: &Granted<WorkIncidents>,
        number: i64,
        resolved: bool,
    ) -> Result<()> {
        let (desk, by) = (self.clone(), by.clone());
        let set = self.node().db.write(move |tx| {
            let found = investigations::by_number(tx, by.team(), number)?;
            let investigation = found.ok_or_else(|| Error::not_found(format!("INV-{number}")))?;
            desk.resolve_investigation(tx, &by.stamp(desk.node().now()), investigation, resolved)
        });
        set.await
    }

    fn resolve_investigation(
        &self,
        tx: &Write<'_>,
        stamp: &kit::events::Stamp,
        mut investigation: Investigation,
        resolved: bool,
    ) -> Result<()> {
        let before = investigation.status;
        investigation.status =
            if resolved { InvestigationStatus::Resolved } else { InvestigationStatus::Open };
        investigation.closed_at = resolved.then_some(stamp.at);
        investigations::save(tx, &investigation)?;
        if resolved {
            reminders::cancel(tx, &investigation, stamp.at)?;
        } else {
            reminders::plan(self, tx, &investigation)?;
        }
        let event = InvestigationChanged {
            id: investigation.id.to_string(),
            words: if resolved { "resolved".into() } else { "opened again".into() },
            status: (before.to_string(), investigation.status.to_string()),
        };
        events::record(self.node(), tx, stamp, &event)
    }
}

fn check_text(text: &str) -> Result<()> {
    if text.trim().is_empty() {
        return Err(Error::invalid("text", "the mail is empty: write something"));
    }
    if text.len() > LONGEST {
        return Err(Error::invalid("text", "the mail is longer than 256 kB"));
    }
    Ok(())
}

/// The first answer to a report stops its clock.
fn answered(tx: &Write<'_>, report: &mut Report, inverse: &mut Inverse, at: kit::Time) -> Result<()> {
    if report.answered_at.is_none() {
        inverse.reports.push(ReportBefore::of(report));
        report.answered_at = Some(at);
        reports::save(tx, report)?;
    }
    Ok(())
}

fn open_incident(tx: &Write<'_>, team: kit::Id, number: i64) -> Result<Incident> {
    let incident =
        incidents::by_number(tx, team, number)?.ok_or_else(|| Error::not_found(format!("INC-{number}")))?;
    if incident.status != IncidentStatus::Open {
        return Err(Error::Conflict(format!("{} is {} already", incident.name(), incident.status)));
    }
    Ok(incident)
}

fn belongs_to_another_open(tx: &Write<'_>, report: &Report, besides: &Incident) -> Result<bool> {
    for id in reports::incidents_of(tx, report.id)? {
        let other = incidents::by_id(tx, report.team, id)?;
        if id != besides.id && other.is_some_and(|other| other.status == IncidentStatus::Open) {
            return Ok(true);
        }
    }
    Ok(false)
}

fn labelled(tlp: Tlp, subject: &str) -> String {
    format!("{tlp} {subject}")
}

/// A subject without the label that it was sent with.
fn bare(subject: &str) -> &str {
    match subject.strip_prefix("TLP:") {
        Some(rest) => rest.split_once(' ').map_or("", |(_, rest)| rest),
        None => subject,
    }
}
