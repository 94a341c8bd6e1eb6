//! Letters before a certificate ends: to whoever was named when it was asked for.

use identity::NO_TEAM;
use kit::clock::DAY;
use kit::jobs::{self, Handler};
use kit::{Error, Node, Result, Time, Write};
use mail::LOOP_HEADER;
use mail::addresses::{self, BOUNCE};
use mail::compose::{Outgoing, compose};
use mail::message::Mailbox;
use mail::queue::{self, MailOut, State};

use crate::Pki;
use crate::model::Purpose;
use crate::store::{self, Ending};

/// Looks once a day for certificates that end.
pub(crate) const REMIND: &str = "pki.remind";

impl Pki {
    /// Writes to those whose certificates end in so many days as `[pki] remind_days` says, once for each of these. Returns
    /// how many letters were queued; without `[pki] from` none. A letter that cannot be written is logged and tried again
    /// the next day.
    ///
    /// # Errors
    /// The database refuses it.
    pub async fn remind(&self) -> Result<usize> {
        let settings = self.settings();
        let Some(from) = settings.from.clone() else { return Ok(0) };
        let (now, most) = (self.node().now(), settings.remind_days.iter().copied().max().unwrap_or(0));
        let by = now + Time::from(most) * DAY;
        let ending = self.node().db.read(move |c| store::ending(c, now, by)).await?;
        let mut written = 0;
        for one in ending {
            let left = one.until - now;
            let due =
                settings.remind_days.iter().copied().filter(|days| left <= Time::from(*days) * DAY).min();
            let Some(days) = due.map(i64::from).filter(|days| one.reminded.is_none_or(|told| told > *days))
            else {
                continue;
            };
            let (this, to, fingerprint) = (self.clone(), from.clone(), one.fingerprint);
            let serial = one.serial.clone();
            let letter = tokio::task::spawn_blocking(move || this.letter(&to, &one));
            let letter = match letter.await {
                Ok(Ok(letter)) => letter,
                // One that cannot be written keeps none of the others back.
                Ok(Err(error)) => {
                    tracing::warn!(serial, %error, "the letter about a certificate was not written");
                    continue;
                }
                Err(_) => return Err(Error::Unavailable("the node is shutting down".into())),
            };
            let node = self.node().clone();
            let work = move |tx: &Write<'_>| {
                // Another node may have told it meanwhile.
                if !store::reminded(tx, &fingerprint, days)? {
                    return Ok(false);
                }
                queue::put(&node, tx, &letter)?;
                Ok(true)
            };
            written += usize::from(self.node().db.write(work).await?);
        }
        Ok(written)
    }

    /// The letter, its bytes on disk.
    fn letter(&self, from: &str, one: &Ending) -> Result<MailOut> {
        let (node, settings) = (self.node(), self.settings());
        let (date, now) = (ui::format::date(one.until), node.now());
        let host = from.rsplit('@').next().unwrap_or_default();
        let message_id = format!("{}@{host}", node.token::<{ addresses::BYTES }>());
        let how = match one.purpose {
            Purpose::Person => match settings.url.trim_end_matches('/') {
                "" => "Log in and get a new one under \"Your certificates\".".to_owned(),
                url => format!("Log in and get a new one: {url}/account/certificates"),
            },
            Purpose::Server | Purpose::Node => {
                "Let the server renew it by ACME, or send a new request.".to_owned()
            }
        };
        let text = format!(
            "The certificate\n\n  {}\n  number {}\n\nends on {date}. From then on it is not accepted.\n{how}\n\n\
             A new certificate takes a new key. If this one is not needed any more, nothing is to be done.\n",
            one.subject, one.serial
        );
        let outgoing = Outgoing {
            from: Mailbox { name: "Certificates".into(), address: from.to_owned() },
            to: vec![Mailbox { name: String::new(), address: one.notify.clone() }],
            subject: format!("A certificate ends on {date}: {}", one.subject),
            message_id: message_id.clone(),
            date: now,
            text,
            headers: vec![
                (LOOP_HEADER.to_owned(), host.to_owned()),
                ("Auto-Submitted".to_owned(), "auto-generated".to_owned()),
            ],
            ..Outgoing::default()
        };
        let mut seed = [0; 32];
        node.random().fill(&mut seed);
        let bytes = compose(&outgoing, &seed).map_err(|error| {
            Error::invalid("mail", format!("the mail to {} was not written: {error}", one.notify))
        })?;
        let return_token = node.token::<{ addresses::BYTES }>();
        Ok(MailOut {
            id: node.id(),
            team: NO_TEAM,
            subject_of: format!("certificate:{}", one.serial),
            message_id,
            return_path: addresses::with(from, BOUNCE, &return_token).to_ascii_lowercase(),
            recipient: one.notify.clone(),
            blob: node.blobs.put(&bytes)?,
            queued_at: now,
            leave_at: now,
            state: State::Waiting,
            state_at: now,
            attempts: 0,
            reply: String::new(),
        })
    }

    /// The letters' own job.
    pub(crate) fn remind_job(&self) -> Handler {
        let this = self.clone();
        Handler::repeated(self.node(), REMIND, DAY, move || {
            let this = this.clone();
            async move { this.remind().await.map(drop) }
        })
    }
}

/// The first of the looks for certificates that end: one each day.
pub(crate) fn plan_reminders(node: &Node, tx: &Write<'_>, at: Time) -> Result<()> {
    jobs::plan(node, tx, REMIND, DAY, at)
}
