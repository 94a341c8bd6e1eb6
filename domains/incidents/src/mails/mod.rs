//! The desk's own mails: written, protected, put in the queue.
//!
//! A letter is prepared before the transaction that sends it (signing, encrypting and the writing of its bytes take
//! longer than a database should wait) and queued inside it.

mod csv;
mod texts;

use contracts::incidents::MessageAdded;
use identity::handling::{Protection, Sending, may_send};
use kit::clock::SECOND;
use kit::db::Write;
use kit::events::{self, Stamp};
use kit::{Digest, Error, Id, Result, Time, jobs, search};
use mail::LOOP_HEADER;
use mail::addresses::{self, BOUNCE, REPLY};
use mail::compose::{Attachment, Outgoing, Protection as Cover, compose, protect};
use mail::message::Mailbox;
use mail::pgp::{PublicKey, SecretKey};
use mail::queue::{self, MailOut, State};
use taxonomy::Tlp;
use teams::Team;

pub(crate) use csv::{cell, rows_csv};
pub(crate) use texts::{Ask, Language, Remind};

use crate::Desk;
use crate::model::{Case, Message, Report, SignatureState};
use crate::store::{messages, reports};

/// The kind of the jobs that tell people that their mail has come.
pub(crate) const ACKNOWLEDGE: &str = "incidents.acknowledge";

/// A mail as the desk means it.
#[derive(Debug, Clone)]
pub(crate) struct Letter {
    /// The case it belongs to.
    pub(crate) case: Case,
    /// `mail`, `reminder`, `closing`, `acknowledgement`.
    pub(crate) kind: &'static str,
    pub(crate) to: String,
    pub(crate) to_name: String,
    /// Where answers come: see [`addresses`].
    pub(crate) reply_token: String,
    pub(crate) subject: String,
    /// Message-IDs of what it answers, oldest first.
    pub(crate) references: Vec<String>,
    pub(crate) text: String,
    /// Name and contents.
    pub(crate) csv: Option<(String, String)>,
    pub(crate) tlp: Tlp,
    /// The recipient's key, if there is a valid one.
    pub(crate) key: Option<PublicKey>,
    /// Somebody has said that everyone on the way may read it.
    pub(crate) confirmed: bool,
    /// RFC 3834: `auto-generated`, `auto-replied`; `None` for what a person sends.
    pub(crate) automatic: Option<&'static str>,
}

/// A letter whose bytes are on disk.
#[derive(Debug, Clone)]
pub(crate) struct Prepared {
    letter: Letter,
    from: String,
    message_id: String,
    return_path: String,
    blob: Digest,
    words: search::Words,
}

/// Writes, signs and encrypts `letter` for the desk of `team`, and keeps its bytes.
///
/// # Errors
/// Its label does not let it leave so; or key, disk or an address is not in order.
pub(crate) fn prepare(desk: &Desk, team: &Team, letter: Letter) -> Result<Prepared> {
    let protection = if letter.key.is_some() { Protection::Encrypted } else { Protection::Clear };
    match may_send(letter.tlp, protection, letter.confirmed) {
        Sending::Allowed => {}
        Sending::NeedsConfirmation => {
            return Err(Error::Forbidden(format!(
                "{} would go to {} in clear: confirm that everyone on the way may read it, or get their key",
                letter.tlp, letter.to
            )));
        }
        Sending::NeedsEncryption => {
            return Err(Error::Forbidden(format!(
                "{} never leaves unencrypted, and there is no valid key for {}: get their key, or ring them",
                letter.tlp, letter.to
            )));
        }
    }
    let node = desk.node();
    let mailbox = team
        .mailbox()
        .ok_or_else(|| Error::invalid("team", format!("{} has no mailbox of its own", team.name)))?;
    let (message_token, bounce_token) =
        (node.token::<{ addresses::BYTES }>(), node.token::<{ addresses::BYTES }>());
    let message_id = format!("{message_token}@{}", desk.settings().node_name);
    let outgoing = outgoing(desk, team, mailbox, &message_id, &letter);
    let bytes = written(desk, team, &letter, &outgoing)?;
    Ok(Prepared {
        from: mailbox.to_owned(),
        return_path: addresses::with(mailbox, BOUNCE, &bounce_token).to_ascii_lowercase(),
        blob: node.blobs.put(&bytes)?,
        message_id,
        words: search::Words::of(&format!("{}\n{}\n{}", letter.subject, letter.to, letter.text)),
        letter,
    })
}

fn written(desk: &Desk, team: &Team, letter: &Letter, outgoing: &Outgoing) -> Result<Vec<u8>> {
    let node = desk.node();
    let mut seed = [0; 32];
    node.random().fill(&mut seed);
    let secrets = desk.secrets(team.id);
    let secret: Option<&SecretKey> = secrets.first();
    // We must be able to read what we sent; so it is encrypted to our own key too.
    let own = secret.filter(|_| letter.key.is_some()).map(SecretKey::public);
    let readers: Vec<&PublicKey> = letter.key.iter().chain(own).collect();
    let outer = letter.key.is_some().then(|| outer_subject(&letter.subject));
    let cover = Cover {
        sign: secret,
        encrypt_to: &readers,
        at: node.now() / SECOND,
        outer_subject: outer.as_deref(),
    };
    let bytes = if secret.is_none() && readers.is_empty() {
        compose(outgoing, &seed)
    } else {
        protect(outgoing, &seed, &cover)
    };
    bytes.map_err(|error| {
        Error::invalid("mail", format!("the mail to {} was not written: {error}", letter.to))
    })
}

fn outgoing(desk: &Desk, team: &Team, mailbox: &str, message_id: &str, letter: &Letter) -> Outgoing {
    let address = |name: &str, address: &str| Mailbox { name: name.to_owned(), address: address.to_owned() };
    let mut headers = vec![(LOOP_HEADER.to_owned(), desk.settings().node_name.clone())];
    headers.extend(letter.automatic.map(|kind| ("Auto-Submitted".to_owned(), kind.to_owned())));
    let attachment = |(name, text): &(String, String)| Attachment {
        name: name.clone(),
        content_type: "text/csv".into(),
        bytes: text.clone().into_bytes(),
    };
    Outgoing {
        from: address(&team.name, mailbox),
        to: vec![address(&letter.to_name, &letter.to)],
        cc: Vec::new(),
        reply_to: Some(address(&team.name, &addresses::with(mailbox, REPLY, &letter.reply_token))),
        subject: letter.subject.clone(),
        message_id: message_id.to_owned(),
        in_reply_to: letter.references.last().cloned(),
        references: letter.references.clone(),
        date: desk.node().now(),
        text: letter.text.clone(),
        attachments: letter.csv.iter().map(attachment).collect(),
        headers,
    }
}

/// What an encrypted mail shows outside: the number and the label, and nothing of the matter.
pub(crate) fn outer_subject(subject: &str) -> String {
    let number = subject
        .find('[')
        .zip(subject.find(']'))
        .map_or("", |(from, to)| subject.get(from..=to).unwrap_or(""));
    let label = Tlp::find_in(subject).map_or_else(String::new, |tlp| tlp.to_string());
    let outside = format!("{number} {label}").trim().to_owned();
    if outside.is_empty() { "…".into() } else { outside }
}

/// Puts a prepared letter in the queue; it leaves at `leave_at`. Returns the message in the case and the mail.
pub(crate) fn put(
    desk: &Desk,
    tx: &Write<'_>,
    stamp: &Stamp,
    team: Id,
    prepared: &Prepared,
    leave_at: Time,
) -> Result<(Id, Id)> {
    let (node, letter) = (desk.node(), &prepared.letter);
    let message = Message {
        id: node.id(),
        team,
        case: letter.case,
        incoming: false,
        kind: letter.kind.into(),
        at: stamp.at,
        written_at: Some(stamp.at),
        blob: Some(prepared.blob),
        from_address: prepared.from.clone(),
        from_name: String::new(),
        recipients: letter.to.to_lowercase(),
        subject: letter.subject.clone(),
        preview: crate::intake::read::clip(letter.text.trim(), 600).to_owned(),
        message_id: prepared.message_id.clone(),
        fingerprint: prepared.blob,
        tlp: letter.tlp,
        signature: SignatureState::Good,
        signature_words: String::new(),
        encrypted: letter.key.is_some(),
        parts: 1 + i64::from(letter.csv.is_some()),
        notes: Vec::new(),
        same: 0,
        author: stamp.actor.clone(),
    };
    messages::insert(tx, &message)?;
    search::index(tx, team, "message", message.id, stamp.at, &prepared.words)?;
    let event = MessageAdded {
        id: message.id.to_string(),
        case: letter.case.stream(),
        kind: letter.kind.into(),
        by: stamp.actor.clone(),
    };
    events::record(node, tx, stamp, &event)?;
    let out = MailOut {
        id: node.id(),
        team,
        subject_of: letter.case.stream(),
        message_id: prepared.message_id.clone(),
        return_path: prepared.return_path.clone(),
        recipient: letter.to.clone(),
        blob: prepared.blob,
        queued_at: stamp.at,
        leave_at,
        state: State::Waiting,
        state_at: stamp.at,
        attempts: 0,
        reply: String::new(),
    };
    queue::put(node, tx, &out)?;
    Ok((message.id, out.id))
}

/// The token to which answers about `report` come; made when there is none.
pub(crate) fn reply_token(desk: &Desk, tx: &Write<'_>, report: &Report) -> Result<String> {
    if let Some(token) = reports::token_of(tx, report.id)? {
        return Ok(token);
    }
    let token = desk.node().token::<{ addresses::BYTES }>();
    reports::put_token(tx, &token, report.team, report.id)?;
    Ok(token)
}

/// Has the reporter told, soon, that the mail has come.
pub(crate) fn acknowledge_soon(desk: &Desk, tx: &Write<'_>, report: &Report, now: Time) -> Result<()> {
    let payload = (report.team, report.id);
    jobs::enqueue(desk.node(), tx, ACKNOWLEDGE, &report.id.to_string(), &payload, now)
}

/// Tells the reporter that the mail has come.
pub(crate) async fn acknowledge(desk: &Desk, team: Id, report: Id) -> Result<()> {
    let now = desk.node().now();
    let own = desk.clone();
    let found = desk.node().db.write(move |tx| {
        let Some(report) = reports::by_id(tx, team, report)? else { return Ok(None) };
        let first = messages::by_id(tx, team, report.first_message)?;
        let token = reply_token(&own, tx, &report)?;
        Ok(Some((report, first, token)))
    });
    let (Some((report, first, reply_token)), Some(team)) =
        (found.await?, desk.teams().directory().by_id(team))
    else {
        return Ok(());
    };
    let language = Language::Read(&report.subject, first.as_ref().map_or("", |m| &m.preview)).choose();
    let letter = Letter {
        case: Case::Report(report.id),
        kind: "acknowledgement",
        to: report.from_address.clone(),
        to_name: report.from_name.clone(),
        reply_token,
        subject: subject_about(&report, first.as_ref(), false),
        references: first.map(|m| m.message_id).into_iter().filter(|id| !id.is_empty()).collect(),
        text: texts::acknowledgement(language, &team.name, &report.name().to_string()),
        csv: None,
        // It says nothing that the reporter did not say: it may go to him in clear.
        tlp: Tlp::Clear,
        key: None,
        confirmed: false,
        automatic: Some("auto-replied"),
    };
    send_now(desk, &team, letter, Stamp { at: now, team: Some(report.team), actor: "node".into() }).await
}

/// Prepares and queues a letter that nobody will want to take back.
pub(crate) async fn send_now(desk: &Desk, team: &Team, letter: Letter, stamp: Stamp) -> Result<()> {
    let (own, team_record) = (desk.clone(), team.clone());
    let prepared = tokio::task::spawn_blocking(move || prepare(&own, &team_record, letter))
        .await
        .map_err(|_| Error::Unavailable("the mail could not be written".into()))??;
    let (own, team) = (desk.clone(), team.id);
    desk.node().db.write(move |tx| put(&own, tx, &stamp, team, &prepared, stamp.at).map(drop)).await
}

/// Whether what is under `tlp` never leaves unencrypted.
pub(crate) fn is_sealed(tlp: Tlp) -> bool {
    may_send(tlp, Protection::Clear, true) == Sending::NeedsEncryption
}

/// The subject of an answer to `report`, whose first mail is `first`. What came encrypted, or under a label that never
/// leaves unencrypted, is repeated in an encrypted answer only.
pub(crate) fn subject_about(report: &Report, first: Option<&Message>, encrypted: bool) -> String {
    let number = report.name().to_string();
    let sealed = first.is_some_and(|mail| mail.encrypted) || is_sealed(report.tlp);
    if sealed && !encrypted { format!("Re: [{number}]") } else { answer_subject(&number, &report.subject) }
}

/// `Re: [IR-12] …` with one number and one `Re:`.
fn answer_subject(number: &str, subject: &str) -> String {
    let bare = subject.trim_start_matches("Re: ").trim_start_matches("RE: ").trim();
    let bare = bare.strip_prefix(&format!("[{number}]")).unwrap_or(bare).trim();
    format!("Re: [{number}] {bare}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_encrypted_mail_shows_its_number_and_label_and_nothing_else() {
        assert_eq!(
            outer_subject("TLP:AMBER+STRICT [INC-12] accounts of your staff"),
            "[INC-12] TLP:AMBER+STRICT"
        );
        assert_eq!(outer_subject("accounts of your staff"), "…");
    }

    #[test]
    fn an_answer_has_one_number_and_one_re() {
        assert_eq!(answer_subject("IR-3", "Phishing"), "Re: [IR-3] Phishing");
        assert_eq!(answer_subject("IR-3", "Re: [IR-3] Phishing"), "Re: [IR-3] Phishing");
    }
}
