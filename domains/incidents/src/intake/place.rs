//! What becomes of a mail: exactly one outcome, in one transaction.
//!
//! A case is found by an unguessable reply address first, then by `In-Reply-To` and `References`, and by a number in
//! the subject only when the sender already belongs to that case: a number can be guessed, the others cannot.

use contracts::incidents::{
    DeliveryNoted, InvestigationChanged, MessageAdded, ReportChanged, ReportReceived, ReportRepeated,
};
use contracts::upkeep::DRILL_MAIL;
use kit::clock::HOUR;
use kit::db::Write;
use kit::events::{self, Stamp};
use kit::{Id, Result, search};
use mail::addresses;
use mail::classify::{Action, Class, DeliveryReport};
use mail::queue::{self, MailOut, State};
use taxonomy::Tlp;

use super::by_api;
use super::read::Incoming;
use crate::model::{
    Case, CaseKind, Incident, IncidentStatus, InvestigationStatus, Message, Number, Observable, Outcome,
    Report, ReportStatus,
};
use crate::store::mail_in::{self, MailIn};
use crate::store::{incidents, investigations, messages, observables, reports};
use crate::{Desk, mails, reminders};

/// Places `mail`, which `incoming` was read from and `actor` handed in. Does nothing when that was done before.
pub(crate) fn place(
    desk: &Desk,
    tx: &Write<'_>,
    mail: &MailIn,
    incoming: &Incoming,
    actor: &str,
) -> Result<()> {
    let now = desk.node().now();
    let placing = Placing {
        desk,
        tx,
        mail,
        incoming,
        stamp: Stamp { at: now, team: Some(mail.team), actor: actor.into() },
    };
    let placed = match mail_in::by_id(tx, mail.id)? {
        Some(row) if row.outcome == Outcome::Waiting => placing.run()?,
        _ => return Ok(()),
    };
    mail_in::settle(tx, mail.id, placed.outcome, &incoming.subject, &placed.words, placed.message)?;
    let (id, outcome) = (mail.id, placed.outcome.name());
    tx.after_commit(move || tracing::info!(mail = %id, outcome, "a mail was placed"));
    Ok(())
}

/// How many people are told in an hour that their mail has come: a flood of forged senders must not become a flood of
/// mails from us.
const ACKNOWLEDGED: i64 = 100;

struct Placed {
    outcome: Outcome,
    words: String,
    message: Option<Id>,
}

struct Placing<'a, 'c> {
    desk: &'a Desk,
    tx: &'a Write<'c>,
    mail: &'a MailIn,
    incoming: &'a Incoming,
    stamp: Stamp,
}

impl Placing<'_, '_> {
    fn run(&self) -> Result<Placed> {
        match &self.incoming.class {
            Class::Bounce(bounce) => self.notice(
                bounce.returned.message_id.as_slice(),
                bounce.reports.iter().filter_map(delivery).collect(),
            ),
            Class::DispositionNotification(notice) => {
                let words = format!("read: {}", notice.disposition);
                self.notice(notice.original_message_id.as_slice(), vec![(State::Displayed, words)])
            }
            Class::AutoReply => self.auto_reply(),
            Class::MachineReport(_) | Class::Human => self.letter(),
        }
    }

    /// A notice about one of our mails changes that mail's delivery state; any other changes nothing.
    fn notice(&self, quoted: &[String], states: Vec<(State, String)>) -> Result<Placed> {
        let addressed: Vec<String> = self.addressed().map(str::to_owned).collect();
        let Some(ours) = queue::ours(self.tx, &addressed, quoted)?.filter(|ours| ours.team == self.mail.team)
        else {
            return Ok(settled(Outcome::Bounce, "a notice about no mail of ours: it changes nothing"));
        };
        let mut words = String::from("a notice that changes nothing");
        for (state, said) in states {
            if queue::note(self.tx, ours.id, state, self.stamp.at, &said)? {
                words = format!("{} to {}: {said}", state.name(), ours.recipient);
                self.note_delivery(&ours, state, &said)?;
            }
        }
        let message = match self.case_of(&ours)? {
            Some(case) => Some(self.add(case, "bounce", "return path")?),
            None => None,
        };
        Ok(Placed { outcome: Outcome::Bounce, words, message })
    }

    fn note_delivery(&self, ours: &MailOut, state: State, said: &str) -> Result<()> {
        let Some(id) = ours.subject_of.strip_prefix("investigation:") else { return Ok(()) };
        let event = DeliveryNoted {
            id: id.to_owned(),
            recipient: ours.recipient.clone(),
            state: state.name().into(),
            words: said.to_owned(),
        };
        events::record(self.desk.node(), self.tx, &self.stamp, &event)
    }

    /// An automatic answer is filed with what it answers and changes nothing.
    fn auto_reply(&self) -> Result<Placed> {
        let addressed: Vec<String> = self.addressed().map(str::to_owned).collect();
        let by_path = match queue::ours(self.tx, &addressed, &self.incoming.answers)? {
            Some(ours) if ours.team == self.mail.team => self.case_of(&ours)?,
            _ => None,
        };
        let case = match by_path {
            Some(case) => Some(case),
            None => self.find_case()?.map(|(case, _)| case),
        };
        match case {
            Some(case) => {
                let message = self.add(case, "auto-reply", "references")?;
                Ok(Placed {
                    outcome: Outcome::AutoReply,
                    words: "filed with its case; changes nothing".into(),
                    message: Some(message),
                })
            }
            None => {
                Ok(settled(Outcome::AutoReply, "an automatic reply to no case of ours: it changes nothing"))
            }
        }
    }

    fn letter(&self) -> Result<Placed> {
        if let Some(known) = messages::by_fingerprint(self.tx, self.mail.team, self.incoming.fingerprint)? {
            return self.duplicate(&known);
        }
        if let Some(placed) = self.answers_a_letter()? {
            return Ok(placed);
        }
        match self.find_case()? {
            Some((case, by)) => self.join(case, by),
            None => self.new_report(),
        }
    }

    /// A person's answer to a mail that went out from this desk and belongs to no case: noted with that mail. To a test of
    /// whether somebody reads, that is all there is to it; to any other letter it is a report like every mail.
    fn answers_a_letter(&self) -> Result<Option<Placed>> {
        if self.incoming.class != Class::Human {
            return Ok(None);
        }
        let back = |address: &str| {
            let token = addresses::token(address, addresses::REPLY)?;
            Some(addresses::with(&addresses::base(address), addresses::BOUNCE, &token))
        };
        let ways: Vec<String> = self.addressed().filter_map(back).collect();
        let Some(ours) = queue::ours(self.tx, &ways, &self.incoming.answers)? else { return Ok(None) };
        if ours.team != self.mail.team || self.case_of(&ours)?.is_some() {
            return Ok(None);
        }
        let words = format!("answered by {}", self.incoming.from_address);
        queue::note(self.tx, ours.id, State::Answered, self.mail.received_at, &words)?;
        let is_test = ours.subject_of.starts_with(DRILL_MAIL);
        Ok(is_test.then(|| settled(Outcome::Joined, "answers a test of whether somebody reads")))
    }

    fn duplicate(&self, known: &Message) -> Result<Placed> {
        messages::same_again(self.tx, known.id)?;
        let words = match known.case {
            Case::Report(id) => {
                reports::same_again(self.tx, id)?;
                let event = ReportRepeated { id: id.to_string(), original: self.mail.blob.to_string() };
                events::record(self.desk.node(), self.tx, &self.stamp, &event)?;
                let report = reports::by_id(self.tx, self.mail.team, id)?;
                report.map_or_else(
                    || "the same again".into(),
                    |report| format!("the same as {}", report.name()),
                )
            }
            _ => "the same message again".into(),
        };
        Ok(Placed { outcome: Outcome::Duplicate, words, message: Some(known.id) })
    }

    /// The case that this mail answers, and by what it is known.
    fn find_case(&self) -> Result<Option<(Case, &'static str)>> {
        for token in self.addressed().filter_map(|address| addresses::token(address, addresses::REPLY)) {
            if let Some(found) =
                investigations::by_token(self.tx, &token)?.filter(|i| i.team == self.mail.team)
            {
                return Ok(Some((Case::Investigation(found.id), "reply address")));
            }
            if let Some((_, report)) =
                reports::by_token(self.tx, &token)?.filter(|(team, _)| *team == self.mail.team)
            {
                return Ok(Some((Case::Report(report), "reply address")));
            }
        }
        for message_id in self.incoming.answers.iter().take(100) {
            let Some(answered) = messages::by_message_id(self.tx, self.mail.team, message_id)? else {
                continue;
            };
            // Our own Message-IDs are told to nobody else; that of a mail to us is known to all who got a copy.
            if !answered.incoming || self.belongs_to(answered.case)? {
                return Ok(Some((answered.case, "references")));
            }
        }
        for number in numbers_in(&self.incoming.subject) {
            if let Some(case) = self.case_by_number(number)?
                && self.belongs_to(case)?
            {
                return Ok(Some((case, "subject tag")));
            }
        }
        Ok(None)
    }

    fn case_by_number(&self, number: Number) -> Result<Option<Case>> {
        let (team, n) = (self.mail.team, number.number);
        Ok(match number.kind {
            CaseKind::Report => reports::by_number(self.tx, team, n)?.map(|r| Case::Report(r.id)),
            CaseKind::Incident => incidents::by_number(self.tx, team, n)?.map(|i| Case::Incident(i.id)),
            CaseKind::Investigation => {
                investigations::by_number(self.tx, team, n)?.map(|i| Case::Investigation(i.id))
            }
        })
    }

    /// Whether the sender has written to this case, or was written to in it; for an incident, to one of its parts.
    fn belongs_to(&self, case: Case) -> Result<bool> {
        let sender = self.incoming.from_address.as_str();
        // Our own address stands in every case and is known to everybody.
        if self.desk.teams().directory().desk_for(sender).is_some_and(|team| team.id == self.mail.team) {
            return Ok(false);
        }
        let in_messages = |case: Case| -> Result<bool> {
            let all = messages::of(self.tx, case)?;
            Ok(all.iter().any(|m| m.from_address == sender || m.recipients.split(", ").any(|r| r == sender)))
        };
        if sender.is_empty() || in_messages(case)? {
            return Ok(!sender.is_empty());
        }
        let id = match case {
            // The first of very many messages is not among the newest.
            Case::Report(id) => {
                let report = reports::by_id(self.tx, self.mail.team, id)?;
                return Ok(report.is_some_and(|report| report.from_address == sender));
            }
            Case::Investigation(_) => return Ok(false),
            Case::Incident(id) => id,
        };
        let reporters = reports::of_incident(self.tx, id)?;
        let asked = investigations::of_incident(self.tx, id)?;
        Ok(reporters.iter().any(|r| r.from_address == sender) || asked.iter().any(|i| i.recipient == sender))
    }

    fn join(&self, case: Case, by: &'static str) -> Result<Placed> {
        let message = self.add(case, self.kind(), by)?;
        let by_person = self.incoming.class == Class::Human;
        let name = match case {
            Case::Report(id) => self.report_answered(id, by_person)?,
            Case::Investigation(id) => self.investigation_answered(id, by_person)?,
            Case::Incident(id) => incidents::by_id(self.tx, self.mail.team, id)?.map(|i| i.name()),
        };
        let words =
            name.map_or_else(|| "joined its case".into(), |name| format!("joined {name} by its {by}"));
        Ok(Placed { outcome: Outcome::Joined, words, message: Some(message) })
    }

    /// A person's answer opens a closed report again; a machine's does not.
    fn report_answered(&self, id: Id, by_person: bool) -> Result<Option<Number>> {
        let Some(mut report) = reports::by_id(self.tx, self.mail.team, id)? else { return Ok(None) };
        let label = self.label_beside(report.tlp);
        let named: Vec<Observable> =
            self.incoming.observables.iter().map(|one| Observable { tlp: label, ..one.clone() }).collect();
        observables::merge(self.tx, id, self.mail.team, &named)?;
        if label > report.tlp {
            report.tlp = label;
            reports::save(self.tx, &report)?;
            report.version += 1;
            self.raise_incidents(&report)?;
        }
        let closed = matches!(report.status, ReportStatus::Resolved | ReportStatus::Rejected);
        if closed && by_person {
            let before = report.status;
            report.status = ReportStatus::Open;
            report.closed_at = None;
            reports::save(self.tx, &report)?;
            let event = ReportChanged {
                id: id.to_string(),
                words: "opened again: its reporter has written".into(),
                status: (before.to_string(), report.status.to_string()),
            };
            events::record(self.desk.node(), self.tx, &self.stamp, &event)?;
        }
        Ok(Some(report.name()))
    }

    /// The label of this mail in a case under `label`: the stricter one. An answer without a label quotes under that of the
    /// case.
    fn label_beside(&self, label: Tlp) -> Tlp {
        if self.incoming.labelled { label.max(self.incoming.tlp) } else { label }
    }

    /// What an incident names from `report` is as strict as the report; so is the incident.
    fn raise_incidents(&self, report: &Report) -> Result<()> {
        for id in reports::incidents_of(self.tx, report.id)? {
            let Some(mut incident) = incidents::by_id(self.tx, self.mail.team, id)? else { continue };
            if incident.tlp >= report.tlp {
                continue;
            }
            incident.tlp = report.tlp;
            incidents::save(self.tx, &incident)?;
            let words = format!("label raised to {} by an answer in {}", report.tlp, report.name());
            crate::case::changed(self.desk, self.tx, &self.stamp, &incident, incident.status, &words)?;
        }
        Ok(())
    }

    /// A person's answer ends the reminders, and opens a closed investigation and its incident again.
    fn investigation_answered(&self, id: Id, by_person: bool) -> Result<Option<Number>> {
        let Some(mut investigation) = investigations::by_id(self.tx, self.mail.team, id)? else {
            return Ok(None);
        };
        let name = investigation.name();
        if !by_person {
            return Ok(Some(name));
        }
        let before = investigation.status;
        investigation.answered_at = Some(self.mail.received_at);
        investigation.status = InvestigationStatus::Open;
        investigation.closed_at = None;
        investigations::save(self.tx, &investigation)?;
        reminders::cancel(self.tx, &investigation, self.stamp.at)?;
        let event = InvestigationChanged {
            id: id.to_string(),
            words: format!("answered by {}", self.incoming.from_address),
            status: (before.to_string(), investigation.status.to_string()),
        };
        events::record(self.desk.node(), self.tx, &self.stamp, &event)?;
        if let Some(incident) = incidents::by_id(self.tx, self.mail.team, investigation.incident)? {
            self.reopen(incident)?;
        }
        Ok(Some(name))
    }

    fn reopen(&self, mut incident: Incident) -> Result<()> {
        if incident.status == IncidentStatus::Open {
            return Ok(());
        }
        let before = incident.status;
        incident.status = IncidentStatus::Open;
        incident.closed_at = None;
        incidents::save(self.tx, &incident)?;
        let words = "opened again: an answer has come";
        crate::case::changed(self.desk, self.tx, &self.stamp, &incident, before, words)
    }

    fn new_report(&self) -> Result<Placed> {
        let (node, team, mail, incoming) = (self.desk.node(), self.mail.team, self.mail, self.incoming);
        let machine = incoming.class.is_automatic();
        let report = Report {
            id: node.id(),
            team,
            number: kit::next_number(self.tx, team, CaseKind::Report.name())?,
            status: ReportStatus::New,
            machine,
            kind: incoming.kind.into(),
            subject: incoming.subject.clone(),
            from_address: incoming.from_address.clone(),
            from_name: incoming.from_name.clone(),
            received_at: mail.received_at,
            due_at: mail.received_at + self.desk.settings().first_answer,
            answered_at: None,
            closed_at: None,
            tlp: incoming.tlp,
            signature: incoming.signature,
            owner: None,
            owner_name: String::new(),
            same: 0,
            flagged: incoming.flagged,
            first_message: node.id(),
            version: 1,
        };
        reports::insert(self.tx, &report)?;
        self.insert_message(report.first_message, Case::Report(report.id), self.kind())?;
        for one in &incoming.observables {
            observables::insert(self.tx, report.id, team, one)?;
        }
        let event = ReportReceived {
            id: report.id.to_string(),
            number: report.name().to_string(),
            from: report.from_address.clone(),
            original: mail.blob.to_string(),
        };
        events::record(node, self.tx, &self.stamp, &event)?;
        if incoming.class == Class::Human {
            self.acknowledge(&report)?;
        }
        let outcome = if incoming.flagged { Outcome::Flagged } else { Outcome::New };
        Ok(Placed { outcome, words: format!("{}", report.name()), message: Some(report.first_message) })
    }

    /// Tells a person that the mail has come, once in a while, and never another desk of this kind: what two of
    /// them would say to each other dies here.
    fn acknowledge(&self, report: &Report) -> Result<()> {
        let (settings, now) = (self.desk.settings(), self.stamp.at);
        let wanted = settings.acknowledge
            && self.incoming.loop_marks.is_empty()
            && !self.mail.envelope_from.is_empty()
            && !self.desk.knows(&report.from_address)
            && reports::acknowledged_since(self.tx, self.mail.team, now - HOUR)? < ACKNOWLEDGED;
        if wanted
            && reports::acknowledge(
                self.tx,
                self.mail.team,
                &report.from_address,
                now,
                now - settings.acknowledge_every,
            )?
        {
            mails::acknowledge_soon(self.desk, self.tx, report, now)?;
        }
        Ok(())
    }

    fn add(&self, case: Case, kind: &str, by: &str) -> Result<Id> {
        let id = self.desk.node().id();
        self.insert_message(id, case, kind)?;
        let event =
            MessageAdded { id: id.to_string(), case: case.stream(), kind: kind.into(), by: by.into() };
        events::record(self.desk.node(), self.tx, &self.stamp, &event)?;
        Ok(id)
    }

    fn insert_message(&self, id: Id, case: Case, kind: &str) -> Result<()> {
        let (mail, incoming) = (self.mail, self.incoming);
        let message = Message {
            id,
            team: mail.team,
            case,
            incoming: true,
            kind: kind.into(),
            at: mail.received_at,
            written_at: incoming.written_at,
            blob: Some(mail.blob),
            from_address: incoming.from_address.clone(),
            from_name: incoming.from_name.clone(),
            recipients: incoming.recipients.join(", "),
            subject: incoming.subject.clone(),
            preview: incoming.preview.clone(),
            message_id: incoming.message_id.clone(),
            fingerprint: incoming.fingerprint,
            tlp: incoming.tlp,
            signature: incoming.signature,
            signature_words: incoming.signature_words.clone(),
            encrypted: incoming.encrypted,
            parts: incoming.parts,
            notes: incoming.notes.clone(),
            same: 0,
            author: self.stamp.actor.clone(),
        };
        messages::insert(self.tx, &message)?;
        search::index(self.tx, mail.team, "message", id, mail.received_at, &incoming.words)
    }

    /// The case that a mail of ours was about.
    fn case_of(&self, ours: &MailOut) -> Result<Option<Case>> {
        let Some((kind, id)) = ours.subject_of.split_once(':') else { return Ok(None) };
        let Ok(id) = id.parse::<Id>() else { return Ok(None) };
        Ok(match kind {
            "investigation" => {
                investigations::by_id(self.tx, ours.team, id)?.map(|i| Case::Investigation(i.id))
            }
            "report" => reports::by_id(self.tx, ours.team, id)?.map(|r| Case::Report(r.id)),
            _ => None,
        })
    }

    /// The kind of the message that it becomes.
    fn kind(&self) -> &'static str {
        if self.incoming.kind == by_api::KIND { by_api::KIND } else { "mail" }
    }

    /// The addresses to which it came: the envelope's recipients.
    fn addressed(&self) -> impl Iterator<Item = &str> {
        self.mail.recipient.split(", ")
    }
}

fn settled(outcome: Outcome, words: &str) -> Placed {
    Placed { outcome, words: words.into(), message: None }
}

/// RFC 3464 section 2.3.3.
fn delivery(report: &DeliveryReport) -> Option<(State, String)> {
    let state = match report.action? {
        Action::Failed => State::Failed,
        Action::Delayed => State::Deferred,
        Action::Delivered | Action::Relayed | Action::Expanded => State::Delivered,
    };
    let diagnostic = report.diagnostic.as_deref().unwrap_or_default();
    Some((state, format!("{} {diagnostic}", report.status).trim().to_owned()))
}

/// Numbers such as `INC-12` in a subject, at most four.
fn numbers_in(subject: &str) -> Vec<Number> {
    let words = subject.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-'));
    words.filter_map(|word| word.parse().ok()).take(4).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_found_wherever_it_stands_in_the_subject() {
        let found: Vec<String> = numbers_in("AW: Re: [INC-12] logins (IR-7), inv-3; XINC-4")
            .iter()
            .map(Number::to_string)
            .collect();
        assert_eq!(found, ["INC-12", "IR-7", "INV-3"]);
    }
}
