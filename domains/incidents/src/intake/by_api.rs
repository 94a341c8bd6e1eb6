//! Reports that programs send: JSON instead of a mail, and from there on the same way.

use std::sync::Arc;

use identity::{Granted, ReadCases, TriageReports};
use kit::{Digest, Error, Id, Result, Time};
use mail::classify::{Class, Machine};
use mail::message::{Headers, Mailbox, Opened, Part, PartKind};
use serde::{Deserialize, Serialize};
use taxonomy::Tlp;
use utoipa::ToSchema;

use super::place;
use super::read::{Collected, Incoming, Reader, clip};
use crate::Desk;
use crate::model::{Number, Outcome, SignatureState};
use crate::store::mail_in::{self, MailIn};
use crate::store::messages;
use crate::views;

/// The kind of such reports and of their messages.
pub(crate) const KIND: &str = "api";
/// Where the bytes of the whole report are found among the parts of its message.
const WHOLE: &str = "report.json";

const LISTED: usize = 10_000;

/// A report as a program sends it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewReport {
    /// What it is about, in a few words.
    #[schema(example = "SSH brute force from your network")]
    pub subject: String,
    /// All that is to be said, log lines included.
    #[serde(default)]
    pub text: String,
    /// The mail address at which whoever reports can be asked.
    #[schema(example = "sensor@lindholm.example")]
    pub from: String,
    /// Their name.
    #[serde(default)]
    pub from_name: String,
    /// How it may be passed on; the label in subject or text unless told, else the desk's usual one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "TLP:AMBER")]
    pub tlp: Option<Tlp>,
    /// What it names besides the text, in any notation; at most 10,000.
    #[serde(default)]
    #[schema(example = json!(["198.51.100.23", "login.evil.example"]))]
    pub observables: Vec<String>,
    /// The reporter's own name for it: the same one again is the same report. Without it, the same bytes are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "2026-11-21/4711")]
    pub id: Option<String>,
    /// A person wrote it, in a form for example: it stands among those that people decide on first.
    #[serde(default)]
    pub person: bool,
}

impl NewReport {
    fn check(&self) -> Result<()> {
        if self.subject.trim().is_empty() {
            return Err(Error::invalid(
                "subject",
                "a report needs a subject: say in a few words what happened",
            ));
        }
        if self.text.trim().is_empty() && self.observables.is_empty() {
            return Err(Error::invalid("text", "the report says nothing: give a text or observables"));
        }
        let odd = |c: char| c.is_whitespace() || c.is_control() || "<>,;\"".contains(c);
        let domain = self
            .from
            .rsplit_once('@')
            .map_or("", |(local, domain)| if local.is_empty() { "" } else { domain });
        if domain.is_empty() || self.from.len() > 254 || self.from.contains(odd) {
            return Err(Error::invalid("from", "give the mail address at which you can be asked"));
        }
        if self.observables.len() > LISTED {
            return Err(Error::invalid(
                "observables",
                format!("at most {LISTED} at once: send several reports"),
            ));
        }
        if self.id.as_ref().is_some_and(|id| id.is_empty() || id.len() > 200) {
            return Err(Error::invalid("id", "your own name for it has 1 to 200 bytes; or leave it out"));
        }
        Ok(())
    }

    /// The label that is told, else the one that is written.
    fn label(&self) -> Option<Tlp> {
        self.tlp.or_else(|| Tlp::find_in(&self.subject)).or_else(|| Tlp::find_in(clip(&self.text, 64 * 1024)))
    }

    fn fingerprint(&self, blob: Digest) -> Digest {
        match &self.id {
            // A mail's fingerprint is made otherwise: no mail can be taken for this report.
            Some(id) => Digest::of(format!("{KIND}\0{}\0{id}", self.from.to_lowercase()).as_bytes()),
            None => blob,
        }
    }
}

impl Desk {
    /// Takes a report that came as `bytes`: when this returns, bytes, report and record are on disk. Returns what became
    /// of it, and the case that it stands in.
    ///
    /// # Errors
    /// A member is not acceptable: its name and what would be right.
    pub(crate) async fn report(
        &self,
        by: &Granted<TriageReports>,
        new: NewReport,
        bytes: Vec<u8>,
    ) -> Result<(Outcome, Option<Number>)> {
        new.check()?;
        let (node, now) = (self.node().clone(), self.node().now());
        let row = MailIn {
            id: node.id(),
            team: by.team(),
            received_at: now,
            envelope_from: new.from.to_lowercase(),
            recipient: KIND.into(),
            peer: by.actor().name.clone(),
            blob: Digest::of(&bytes),
            size: i64::try_from(bytes.len()).unwrap_or(i64::MAX),
            outcome: Outcome::Waiting,
            attempts: 0,
            subject: String::new(),
            note: String::new(),
            message: None,
        };
        let (reader, blobs, blob) = (self.reader(by.team()), node.blobs.clone(), row.blob);
        let read = tokio::task::spawn_blocking(move || {
            blobs.put(&bytes)?;
            Ok(incoming(&reader, &new, blob, now))
        });
        let read: Result<Incoming> =
            read.await.map_err(|_| Error::Unavailable("the report could not be written".into()))?;
        let (desk, incoming, team, actor) =
            (self.clone(), Arc::new(read?), by.team(), by.actor().name.clone());
        let placed = node.db.write(move |tx| {
            mail_in::insert(tx, &row)?;
            place::place(&desk, tx, &row, &incoming, &actor)?;
            let settled =
                mail_in::by_id(tx, row.id)?.ok_or_else(|| Error::Corrupt("a report vanished".into()))?;
            let message = settled.message.map(|id| messages::by_id(tx, team, id)).transpose()?.flatten();
            let case =
                message.map(|message| views::store::name_of(tx, team, message.case)).transpose()?.flatten();
            Ok((settled.outcome, case))
        });
        placed.await
    }

    /// Whether the message `id` is a report that a program sent: its original is JSON.
    ///
    /// # Errors
    /// It is not there.
    pub(crate) async fn is_by_api(&self, by: &Granted<ReadCases>, id: Id) -> Result<bool> {
        let team = by.team();
        let found = self.node().db.read(move |c| messages::by_id(c, team, id)).await?;
        Ok(found.ok_or_else(|| Error::not_found("this message"))?.kind == KIND)
    }
}

fn incoming(reader: &Reader, new: &NewReport, blob: Digest, now: Time) -> Incoming {
    let label = new.label();
    let tlp = label.unwrap_or(reader.default_tlp);
    let mut found = Collected::new(tlp, now);
    let listed = new.observables.join("\n");
    for (part, text) in [("subject", &new.subject), ("text", &new.text), ("observables", &listed)] {
        let extraction = observables::extract(text, &observables::Limits::default());
        found.add(part, &extraction, |one| reader.excluded(one));
    }
    let mut notes = Vec::new();
    if found.left_out > 0 {
        notes.push(format!("{} more observables stand in this report than are listed", found.left_out));
    }
    let text = new.text.trim();
    Incoming {
        class: if new.person { Class::Human } else { Class::MachineReport(Machine::Generated) },
        kind: KIND,
        from_address: new.from.to_lowercase(),
        from_name: clip(new.from_name.trim(), 200).to_owned(),
        recipients: Vec::new(),
        subject: clip(new.subject.trim(), 300).to_owned(),
        preview: clip(text, 600).to_owned(),
        written_at: None,
        message_id: String::new(),
        answers: Vec::new(),
        fingerprint: new.fingerprint(blob),
        tlp,
        labelled: label.is_some(),
        signature: SignatureState::Unsigned,
        signature_words: String::new(),
        encrypted: false,
        parts: 1,
        notes,
        flagged: false,
        observables: found.list,
        words: kit::search::Words::of(&format!("{}\n{}\n{text}\n{listed}", new.subject, new.from)),
        loop_marks: Vec::new(),
    }
}

/// Such a report as a mail would look: its text, and all of it as a file.
pub(crate) fn opened(bytes: &[u8]) -> Opened {
    let whole = Part {
        path: WHOLE.into(),
        content_type: "application/json".into(),
        name: Some(WHOLE.into()),
        size: bytes.len() as u64,
        sha256: Digest::of(bytes).to_string(),
        text: None,
        kind: PartKind::Attachment,
    };
    let Ok(new) = serde_json::from_slice::<NewReport>(bytes) else {
        return Opened { parts: vec![whole], ..Opened::default() };
    };
    let text = Part {
        path: "1".into(),
        content_type: "text/plain".into(),
        name: None,
        size: new.text.len() as u64,
        sha256: Digest::of(new.text.as_bytes()).to_string(),
        text: Some(new.text),
        kind: PartKind::Body,
    };
    let from = vec![Mailbox { name: new.from_name, address: new.from }];
    let headers =
        Headers { from, subject: new.subject, content_type: "application/json".into(), ..Headers::default() };
    Opened { headers, parts: vec![text, whole], ..Opened::default() }
}

/// The bytes of the part at `path` of such a report.
pub(crate) fn part(bytes: Vec<u8>, path: &str) -> Option<Vec<u8>> {
    if path == WHOLE {
        return Some(bytes);
    }
    let text = opened(&bytes).parts.into_iter().find(|part| part.path == path)?.text?;
    Some(text.into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_is_shown_with_its_text_and_can_be_saved_as_it_came() {
        let bytes = br#"{"subject":"Scan","text":"from 192.0.2.7","from":"sensor@lindholm.example"}"#;
        let shown = opened(bytes);
        assert_eq!((shown.subject(), shown.body_text()), ("Scan", "from 192.0.2.7"));
        assert_eq!(part(bytes.to_vec(), "report.json").unwrap(), bytes);
        assert_eq!(part(bytes.to_vec(), "1").unwrap(), b"from 192.0.2.7");
        assert_eq!(part(bytes.to_vec(), "2"), None);
    }

    #[test]
    fn what_is_missing_is_named() {
        let whole = NewReport {
            subject: "Scan".into(),
            text: "192.0.2.7".into(),
            from: "sensor@lindholm.example".into(),
            from_name: String::new(),
            tlp: None,
            observables: Vec::new(),
            id: None,
            person: false,
        };
        assert!(whole.check().is_ok());
        let bad = [
            ("subject", NewReport { subject: " ".into(), ..whole.clone() }),
            ("text", NewReport { text: String::new(), ..whole.clone() }),
            ("from", NewReport { from: "sensor".into(), ..whole.clone() }),
            ("from", NewReport { from: "a@b.example\r\nBcc: x@y.example".into(), ..whole.clone() }),
            ("observables", NewReport { observables: vec![String::new(); LISTED + 1], ..whole.clone() }),
            ("id", NewReport { id: Some(String::new()), ..whole }),
        ];
        for (field, report) in bad {
            match report.check() {
                Err(Error::Invalid { field: named, .. }) => assert_eq!(named, field),
                other => panic!("{field}: {other:?}"),
            }
        }
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_are_shown(bytes: Vec<u8>) {
            proptest::prop_assert_eq!(opened(&bytes).parts.last().map(|part| part.size), Some(bytes.len() as u64));
        }
    }
}
