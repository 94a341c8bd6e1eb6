//! Deciding on reports, one or many at once.

use std::collections::HashSet;

use contracts::incidents::{ReportChanged, ReportLinked};
use identity::{Granted, TriageReports};
use kit::db::Write;
use kit::events::{self, Stamp};
use kit::{Error, Result};

use crate::Desk;
use crate::case::{self, NewIncident};
use crate::model::{CaseKind, Incident, IncidentStatus, Number, Report, ReportStatus};
use crate::store::undo::Undo;
use crate::store::{incidents, reports};
use crate::undo::{IncidentBefore, Inverse, ReportBefore};

/// How many reports one action takes at most.
pub const AT_ONCE: usize = 500;

/// What is done to all reports chosen, or to none of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// They are one new incident.
    Open {
        /// What it is called; the first report's subject when empty.
        title: String,
        /// RSIT: `fraud:phishing`; `other:undetermined` when empty.
        classification: String,
    },
    /// They belong to this incident.
    Link(Number),
    /// They belong to it no longer.
    Unlink(Number),
    /// They are put aside.
    Reject,
    /// They were answered, without an incident.
    Resolve,
    /// They wait for a decision again.
    Reopen,
    /// Whoever does this takes them.
    Take,
    /// Nobody has them.
    Release,
}

/// What was done, and how to take it back.
#[derive(Debug, Clone)]
pub struct Done {
    /// In words, for the foot of the page.
    pub words: String,
    /// How to take it back.
    pub undo: Undo,
    /// The incident it was about.
    pub incident: Option<Number>,
}

impl Desk {
    /// Does `action` to all reports `numbers`, or to none.
    ///
    /// # Errors
    /// A report or the incident is not there, too many were chosen, or somebody else was faster.
    pub async fn triage(
        &self,
        by: &Granted<TriageReports>,
        mut numbers: Vec<i64>,
        action: Action,
    ) -> Result<Done> {
        let mut seen = HashSet::new();
        numbers.retain(|number| seen.insert(*number));
        if numbers.is_empty() {
            return Err(Error::invalid("r", "no report was chosen: mark at least one row"));
        }
        if numbers.len() > AT_ONCE {
            return Err(Error::invalid(
                "r",
                format!("{} reports were chosen; at most {AT_ONCE} at once", numbers.len()),
            ));
        }
        let (desk, by) = (self.clone(), by.clone());
        let done = self.node().db.write(move |tx| {
            let now = desk.node().now();
            let mut chosen = Vec::new();
            for number in &numbers {
                let report = reports::by_number(tx, by.team(), *number)?;
                chosen.push(report.ok_or_else(|| Error::not_found(format!("IR-{number}")))?);
            }
            let mut step =
                Step { desk: &desk, tx, by: &by, stamp: by.stamp(now), inverse: Inverse::default() };
            let (words, incident) = step.run(chosen, &action)?;
            let undo = desk.undoable(tx, by.team(), &by.stamp(now), &words, &step.inverse)?;
            Ok(Done { words, undo, incident })
        });
        done.await
    }
}

/// One action under way.
struct Step<'a, 'c> {
    desk: &'a Desk,
    tx: &'a Write<'c>,
    by: &'a Granted<TriageReports>,
    stamp: Stamp,
    inverse: Inverse,
}

impl Step<'_, '_> {
    fn run(&mut self, chosen: Vec<Report>, action: &Action) -> Result<(String, Option<Number>)> {
        let what = match chosen.as_slice() {
            [one] => one.name().to_string(),
            many => format!("{} reports", many.len()),
        };
        match action {
            Action::Open { title, classification } => {
                let incident = self.open(&chosen, title, classification)?;
                let name = incident.name();
                self.link_all(chosen, incident)?;
                Ok((format!("{what} opened as {name}"), Some(name)))
            }
            Action::Link(name) => {
                let incident = self.incident(*name)?;
                if incident.status != IncidentStatus::Open {
                    return Err(Error::Conflict(format!(
                        "{name} is {}: open it again, or choose another",
                        incident.status
                    )));
                }
                self.link_all(chosen, incident)?;
                Ok((format!("{what} linked to {name}"), Some(*name)))
            }
            Action::Unlink(name) => {
                let incident = self.incident(*name)?;
                self.unlink_all(&chosen, &incident)?;
                Ok((format!("{what} taken from {name}"), Some(*name)))
            }
            Action::Reject => self.set_status(chosen, ReportStatus::Rejected, format!("{what} rejected")),
            Action::Resolve => self.set_status(chosen, ReportStatus::Resolved, format!("{what} resolved")),
            Action::Reopen => {
                self.set_status(chosen, ReportStatus::New, format!("{what} to be decided again"))
            }
            Action::Take => self.set_owner(chosen, true, format!("{what} taken by {}", self.by.actor().name)),
            Action::Release => self.set_owner(chosen, false, format!("{what} given back")),
        }
    }

    fn open(&mut self, chosen: &[Report], title: &str, classification: &str) -> Result<Incident> {
        let title = if title.trim().is_empty() {
            without_label(&chosen[0].subject).to_owned()
        } else {
            title.trim().to_owned()
        };
        let new = NewIncident {
            title,
            description: String::new(),
            classification: classification.to_owned(),
            tlp: chosen.iter().map(|report| report.tlp).max().unwrap_or(self.desk.settings().default_tlp),
        };
        let incident = case::open(self.desk, self.tx, self.by.actor(), &self.stamp, &new)?;
        self.inverse.opened = Some(incident.id);
        Ok(incident)
    }

    fn link_all(&mut self, chosen: Vec<Report>, mut incident: Incident) -> Result<()> {
        let strictest = chosen.iter().map(|report| report.tlp).max().unwrap_or(incident.tlp);
        for mut report in chosen {
            if reports::link(self.tx, report.id, incident.id, self.stamp.at)? {
                self.inverse.linked.push((report.id, incident.id));
                self.note_link(&report, &incident, true)?;
                case::take_observables(self.tx, &report, incident.id)?;
            }
            if report.status != ReportStatus::Open {
                report.closed_at = None;
                self.change(
                    &mut report,
                    |report| report.status = ReportStatus::Open,
                    &format!("linked to {}", incident.name()),
                )?;
            }
        }
        if strictest > incident.tlp {
            self.inverse.incidents.push(IncidentBefore::of(&incident));
            let before = incident.status;
            incident.tlp = strictest;
            self.saved_incident(&incident)?;
            case::changed(
                self.desk,
                self.tx,
                &self.stamp,
                &incident,
                before,
                &format!("label raised to {strictest}"),
            )?;
        }
        Ok(())
    }

    fn unlink_all(&mut self, chosen: &[Report], incident: &Incident) -> Result<()> {
        for report in chosen {
            if !reports::incidents_of(self.tx, report.id)?.contains(&incident.id) {
                return Err(Error::Conflict(format!(
                    "{} is not linked to {}",
                    report.name(),
                    incident.name()
                )));
            }
            reports::unlink(self.tx, report.id, incident.id)?;
            self.inverse.unlinked.push((report.id, incident.id));
            self.note_link(report, incident, false)?;
            if reports::incidents_of(self.tx, report.id)?.is_empty() && report.status == ReportStatus::Open {
                self.change(
                    &mut report.clone(),
                    |report| report.status = ReportStatus::New,
                    "to be decided again",
                )?;
            }
        }
        case::rebuild_observables(self.tx, self.by.team(), incident.id)
    }

    fn set_status(
        &mut self,
        chosen: Vec<Report>,
        to: ReportStatus,
        words: String,
    ) -> Result<(String, Option<Number>)> {
        let closed = matches!(to, ReportStatus::Rejected | ReportStatus::Resolved);
        let at = self.stamp.at;
        for mut report in chosen {
            self.change(
                &mut report,
                |report| (report.status, report.closed_at) = (to, closed.then_some(at)),
                to.name(),
            )?;
        }
        Ok((words, None))
    }

    fn set_owner(
        &mut self,
        chosen: Vec<Report>,
        take: bool,
        words: String,
    ) -> Result<(String, Option<Number>)> {
        let (owner, name) = if take {
            (self.by.actor().account, self.by.actor().name.clone())
        } else {
            (None, String::new())
        };
        for mut report in chosen {
            let said = if take { format!("taken by {name}") } else { "given back".to_owned() };
            self.change(
                &mut report,
                |report| (report.owner, report.owner_name) = (owner, name.clone()),
                &said,
            )?;
        }
        Ok((words, None))
    }

    fn change(&mut self, report: &mut Report, how: impl FnOnce(&mut Report), words: &str) -> Result<()> {
        self.inverse.reports.push(ReportBefore::of(report));
        let before = report.status;
        how(report);
        if !reports::save(self.tx, report)? {
            return Err(Error::Conflict(format!(
                "{} was changed by somebody else: look again",
                report.name()
            )));
        }
        let event = ReportChanged {
            id: report.id.to_string(),
            words: words.to_owned(),
            status: (before.to_string(), report.status.to_string()),
        };
        events::record(self.desk.node(), self.tx, &self.stamp, &event)
    }

    fn note_link(&self, report: &Report, incident: &Incident, linked: bool) -> Result<()> {
        let event = ReportLinked { id: report.id.to_string(), incident: incident.name().to_string(), linked };
        events::record(self.desk.node(), self.tx, &self.stamp, &event)
    }

    fn saved_incident(&self, incident: &Incident) -> Result<()> {
        if incidents::save(self.tx, incident)? {
            return Ok(());
        }
        Err(Error::Conflict(format!("{} was changed by somebody else: look again", incident.name())))
    }

    fn incident(&self, name: Number) -> Result<Incident> {
        if name.kind != CaseKind::Incident {
            return Err(Error::invalid(
                "incident",
                format!("{name} is no incident: give a number such as INC-12"),
            ));
        }
        incidents::by_number(self.tx, self.by.team(), name.number)?.ok_or_else(|| Error::not_found(name))
    }
}

/// A subject without the label that stands before it: an incident has its own.
fn without_label(subject: &str) -> &str {
    let bare = subject.trim_start_matches(['[', '(']);
    let Some(rest) = bare.strip_prefix("TLP:") else { return subject };
    let rest = rest
        .trim_start_matches(|c: char| c.is_ascii_alphabetic() || c == '+')
        .trim_start_matches([']', ')', ':']);
    if rest.trim().is_empty() { subject } else { rest.trim() }
}

#[cfg(test)]
mod tests {
    use super::without_label;

    #[test]
    fn a_title_does_not_repeat_the_label_of_its_report() {
        assert_eq!(without_label("[TLP:AMBER+STRICT] 34 accounts"), "34 accounts");
        assert_eq!(without_label("TLP:GREEN guessing"), "guessing");
        assert_eq!(without_label("TLP:RED"), "TLP:RED");
        assert_eq!(without_label("guessing [2 hosts]"), "guessing [2 hosts]");
    }
}
