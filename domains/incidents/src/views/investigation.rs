//! One investigation: the thread with a responsible contact.

use identity::{Granted, ReadCases};
use kit::{Error, Result, Time, events};
use mail::queue::{self, MailOut, State};
use ui::format::Int;

use super::mail_text::clean;
use super::timeline;
use crate::Desk;
use crate::model::{Case, Incident, Investigation, Message};
use crate::store::{incidents, investigations, messages};

/// An investigation as its page shows it.
#[derive(Debug, Clone)]
pub(crate) struct InvestigationView {
    pub(crate) investigation: Investigation,
    pub(crate) incident: Incident,
    /// Mails and notes, oldest first.
    pub(crate) messages: Vec<Message>,
    /// Our mails with how far they got, oldest first.
    pub(crate) mails: Vec<MailOut>,
    /// What happened to it, newest first.
    pub(crate) history: Vec<(Time, String)>,
}

impl InvestigationView {
    /// How we knew whom to ask, as it was told then.
    pub(crate) fn chain(&self) -> Vec<ui::Link> {
        self.investigation.chain.iter().map(super::responsible::link).collect()
    }
}

/// How far a mail has got: the state by the pages' name, and what follows the word.
pub(crate) fn delivery(mail: &MailOut, now: impl Int) -> (&'static str, String) {
    let now = now.int();
    let at = super::short_time(mail.state_at, now);
    match mail.state {
        State::Waiting => ("queued", format!("until {}", super::short_time(mail.leave_at, now))),
        State::Deferred => ("deferred", format!("try {}", mail.attempts + 1)),
        State::Sent => ("sent", at),
        State::Delivered => ("delivered", at),
        State::Displayed => ("read", at),
        State::Answered => ("answered", at),
        State::Failed => ("failed", at),
        State::Cancelled => ("draft", "taken back".into()),
    }
}

impl Desk {
    /// The investigation `number` of the reader's team.
    ///
    /// # Errors
    /// There is none.
    pub(crate) async fn investigation_view(
        &self,
        by: &Granted<ReadCases>,
        number: i64,
    ) -> Result<InvestigationView> {
        let team = by.team();
        let read = self.node().db.read(move |c| {
            let missing = || Error::not_found(format!("INV-{number}"));
            let mut investigation = investigations::by_number(c, team, number)?.ok_or_else(missing)?;
            investigation.recipient_name = clean(&investigation.recipient_name);
            let incident = incidents::by_id(c, team, investigation.incident)?.ok_or_else(missing)?;
            let case = Case::Investigation(investigation.id);
            let history = events::history(c, &case.stream(), 100)?;
            Ok(InvestigationView {
                messages: messages::of(c, case)?,
                mails: queue::about(c, &investigation.subject_of())?,
                history: history.iter().map(|event| (event.at, timeline::words(event))).collect(),
                investigation,
                incident,
            })
        });
        read.await
    }
}
