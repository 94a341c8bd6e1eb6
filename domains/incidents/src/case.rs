//! An incident from its opening to its end, but for the mails.

use contracts::incidents::{IncidentChanged, IncidentOpened, MessageAdded};
use identity::{Actor, Granted, WorkIncidents};
use kit::db::Write;
use kit::events::{self, Stamp};
use kit::{Digest, Error, Id, Result, search};
use taxonomy::Tlp;

use crate::Desk;
use crate::model::{
    Case, CaseKind, Incident, IncidentStatus, Message, Number, Observable, Report, Severity, SignatureState,
};
use crate::store::{incidents, messages, observables, reports};

/// What an incident begins with.
#[derive(Debug, Clone)]
pub struct NewIncident {
    /// What it is called.
    pub title: String,
    /// What it is about.
    pub description: String,
    /// RSIT; `other:undetermined` when empty.
    pub classification: String,
    /// How it may be passed on.
    pub tlp: Tlp,
}

/// What is to change about an incident; `None` leaves a thing as it is.
#[derive(Debug, Clone, Default)]
pub struct Change {
    /// What it is called.
    pub title: Option<String>,
    /// What it is about.
    pub description: Option<String>,
    /// RSIT: `fraud:phishing`.
    pub classification: Option<String>,
    /// How bad it is.
    pub severity: Option<Severity>,
    /// How it may be passed on, and, to lower it below a report's own label, by whose leave.
    pub tlp: Option<(Tlp, String)>,
    /// Whoever does this takes it, or gives it back.
    pub take: Option<bool>,
    /// Where it stands.
    pub status: Option<IncidentStatus>,
}

impl Desk {
    /// Opens an incident without a report.
    ///
    /// # Errors
    /// The title is empty, or the class is none of RSIT's.
    pub async fn open_incident(&self, by: &Granted<WorkIncidents>, new: NewIncident) -> Result<Incident> {
        let (desk, by) = (self.clone(), by.clone());
        let opened = self.node().db.write(move |tx| {
            let stamp = by.stamp(desk.node().now());
            open(&desk, tx, by.actor(), &stamp, &new)
        });
        opened.await
    }

    /// Changes the incident `number`; `version`, if given, is the one that the change was made from.
    ///
    /// # Errors
    /// It is not there, was changed in between, or the change is refused with its reason.
    pub async fn change_incident(
        &self,
        by: &Granted<WorkIncidents>,
        number: i64,
        version: Option<i64>,
        change: Change,
    ) -> Result<Incident> {
        let (desk, by) = (self.clone(), by.clone());
        let changed = self.node().db.write(move |tx| {
            let found = incidents::by_number(tx, by.team(), number)?;
            let incident = found.ok_or_else(|| Error::not_found(format!("INC-{number}")))?;
            if version.is_some_and(|version| version != incident.version) {
                return Err(Error::Conflict(format!(
                    "{} was changed since you opened it: look at it again, then repeat your change",
                    incident.name()
                )));
            }
            apply(&desk, tx, &by, incident, &change)
        });
        changed.await
    }

    /// Writes a note into the case `name`: for the desk alone, it never leaves.
    ///
    /// # Errors
    /// The case is not there, or the note is empty.
    pub async fn add_note(&self, by: &Granted<WorkIncidents>, name: Number, text: String) -> Result<()> {
        if text.trim().is_empty() {
            return Err(Error::invalid("text", "the note is empty: write something, or leave it"));
        }
        if text.len() > 64 * 1024 {
            return Err(Error::invalid(
                "text",
                "the note is longer than 64 kB: attach it as a report instead",
            ));
        }
        let (desk, by) = (self.clone(), by.clone());
        let noted = self.node().db.write(move |tx| {
            let case = find(tx, by.team(), name)?;
            let stamp = by.stamp(desk.node().now());
            write_note(&desk, tx, &stamp, by.team(), case, text.trim())
        });
        noted.await
    }
}

/// The case called `name`.
pub(crate) fn find(c: &kit::Read<'_>, team: Id, name: Number) -> Result<Case> {
    let n = name.number;
    let found = match name.kind {
        CaseKind::Report => reports::by_number(c, team, n)?.map(|r| Case::Report(r.id)),
        CaseKind::Incident => incidents::by_number(c, team, n)?.map(|i| Case::Incident(i.id)),
        CaseKind::Investigation => {
            crate::store::investigations::by_number(c, team, n)?.map(|i| Case::Investigation(i.id))
        }
    };
    found.ok_or_else(|| Error::not_found(name))
}

pub(crate) fn open(
    desk: &Desk,
    tx: &Write<'_>,
    by: &Actor,
    stamp: &Stamp,
    new: &NewIncident,
) -> Result<Incident> {
    let title = new.title.trim();
    if title.is_empty() {
        return Err(Error::invalid("title", "an incident needs a title: say in a few words what happened"));
    }
    let incident = Incident {
        id: desk.node().id(),
        team: by.team,
        number: kit::next_number(tx, by.team, CaseKind::Incident.name())?,
        status: IncidentStatus::Open,
        title: crate::intake::read::clip(title, 300).to_owned(),
        description: new.description.trim().to_owned(),
        classification: classification(&new.classification)?,
        severity: Severity::Medium,
        tlp: new.tlp,
        owner: by.account,
        owner_name: if by.account.is_some() { by.name.clone() } else { String::new() },
        opened_at: stamp.at,
        opened_by: by.name.clone(),
        closed_at: None,
        resolution: String::new(),
        version: 1,
    };
    incidents::insert(tx, &incident)?;
    index(tx, &incident)?;
    let event = IncidentOpened {
        id: incident.id.to_string(),
        number: incident.name().to_string(),
        title: incident.title.clone(),
    };
    events::record(desk.node(), tx, stamp, &event)?;
    Ok(incident)
}

fn apply(
    desk: &Desk,
    tx: &Write<'_>,
    by: &Granted<WorkIncidents>,
    mut incident: Incident,
    change: &Change,
) -> Result<Incident> {
    let before = incident.status;
    let mut words: Vec<String> = Vec::new();
    let mut told_anew = false;
    if let Some(title) = change.title.as_ref().filter(|title| **title != incident.title) {
        if title.trim().is_empty() {
            return Err(Error::invalid("title", "an incident needs a title"));
        }
        incident.title = crate::intake::read::clip(title.trim(), 300).to_owned();
        words.push(format!("title: {}", incident.title));
        told_anew = true;
    }
    if let Some(description) = change.description.as_ref().filter(|d| **d != incident.description) {
        incident.description.clone_from(description);
        words.push("description".into());
        told_anew = true;
    }
    if let Some(class) = change.classification.as_ref().filter(|class| **class != incident.classification) {
        incident.classification = classification(class)?;
        words.push(format!("class: {class}"));
    }
    if let Some(severity) = change.severity.filter(|severity| *severity != incident.severity) {
        incident.severity = severity;
        words.push(format!("severity: {severity}"));
    }
    if let Some((tlp, leave)) = change.tlp.as_ref().filter(|(tlp, _)| *tlp != incident.tlp) {
        let strictest = reports::of_incident(tx, incident.id)?.iter().map(|report| report.tlp).max();
        if strictest.is_some_and(|strictest| *tlp < strictest) && leave.trim().is_empty() {
            return Err(Error::invalid(
                "leave",
                format!(
                    "{tlp} is less strict than what was sent to us: say who of the originators allows it"
                ),
            ));
        }
        words.push(format!(
            "label: {} to {tlp}{}{}",
            incident.tlp,
            if leave.is_empty() { "" } else { ", by leave of " },
            leave.trim()
        ));
        incident.tlp = *tlp;
    }
    if let Some(take) = change.take {
        incident.owner = by.actor().account.filter(|_| take);
        incident.owner_name = if take { by.actor().name.clone() } else { String::new() };
        words.push(if take { format!("taken by {}", incident.owner_name) } else { "given back".into() });
    }
    let stamp = by.stamp(desk.node().now());
    if let Some(status) = change.status.filter(|status| *status != incident.status) {
        incident.status = status;
        incident.closed_at = (status != IncidentStatus::Open).then_some(stamp.at);
        words.push(status.to_string());
    }
    if words.is_empty() {
        return Ok(incident);
    }
    if !incidents::save(tx, &incident)? {
        return Err(Error::Conflict(format!("{} was changed by somebody else: look again", incident.name())));
    }
    incident.version += 1;
    if told_anew {
        search::forget(tx, incident.id)?;
        index(tx, &incident)?;
    }
    changed(desk, tx, &stamp, &incident, before, &words.join("; "))?;
    Ok(incident)
}

/// Has `incident` found by what it is called and what it is about.
fn index(tx: &Write<'_>, incident: &Incident) -> Result<()> {
    let words = search::Words::of(&format!("{}\n{}", incident.title, incident.description));
    search::index(tx, incident.team, "incident", incident.id, incident.opened_at, &words)
}

/// Writes into the record that something about `incident` changed.
pub(crate) fn changed(
    desk: &Desk,
    tx: &Write<'_>,
    stamp: &Stamp,
    incident: &Incident,
    before: IncidentStatus,
    words: &str,
) -> Result<()> {
    let event = IncidentChanged {
        id: incident.id.to_string(),
        words: words.to_owned(),
        status: (before.to_string(), incident.status.to_string()),
    };
    events::record(desk.node(), tx, stamp, &event)
}

fn classification(code: &str) -> Result<String> {
    let code = if code.trim().is_empty() { "other:undetermined" } else { code.trim() };
    let known = taxonomy::rsit::Type::parse(code).ok_or_else(|| {
        Error::invalid("classification", format!("{code:?} is no class of RSIT, such as fraud:phishing"))
    })?;
    Ok(known.code.to_owned())
}

fn write_note(desk: &Desk, tx: &Write<'_>, stamp: &Stamp, team: Id, case: Case, text: &str) -> Result<()> {
    let id = desk.node().id();
    let note = Message {
        id,
        team,
        case,
        incoming: false,
        kind: "note".into(),
        at: stamp.at,
        written_at: None,
        blob: None,
        from_address: String::new(),
        from_name: String::new(),
        recipients: String::new(),
        subject: String::new(),
        preview: text.to_owned(),
        message_id: String::new(),
        fingerprint: Digest::of(id.as_bytes()),
        tlp: Tlp::Red,
        signature: SignatureState::Unsigned,
        signature_words: String::new(),
        encrypted: false,
        parts: 0,
        notes: Vec::new(),
        same: 0,
        author: stamp.actor.clone(),
    };
    messages::insert(tx, &note)?;
    search::index(tx, team, "message", id, stamp.at, &search::Words::of(text))?;
    let event = MessageAdded {
        id: id.to_string(),
        case: case.stream(),
        kind: "note".into(),
        by: stamp.actor.clone(),
    };
    events::record(desk.node(), tx, stamp, &event)
}

/// Adds what `report` names to what `incident` names.
pub(crate) fn take_observables(tx: &Write<'_>, report: &Report, incident: Id) -> Result<()> {
    let named = observables::of(tx, report.id, i64::MAX)?;
    let kept: Vec<Observable> = named
        .into_iter()
        .filter(|one| one.excluded.is_none())
        .map(|one| Observable { part: report.name().to_string(), tlp: report.tlp, ..one })
        .collect();
    observables::merge(tx, incident, report.team, &kept)
}

/// Makes the list of what `incident` names anew from the reports that are linked to it.
pub(crate) fn rebuild_observables(tx: &Write<'_>, team: Id, incident: Id) -> Result<()> {
    if incidents::by_id(tx, team, incident)?.is_none() {
        return Ok(());
    }
    observables::forget(tx, incident)?;
    let mut linked = reports::of_incident(tx, incident)?;
    linked.reverse();
    linked.iter().try_for_each(|report| take_observables(tx, report, incident))
}
