//! Letters: for each entry of the record, what those concerned are told. A letter is planned in the transaction of its
//! entry and written afterwards; it is queued together with the note that it was, so none goes twice.

mod preview;
mod texts;

use contracts::trust::record::{Audience, Entry};
use kit::clock::SECOND;
use kit::jobs::{self, Handler, Retry};
use kit::{Error, Node, Result, Write};
use mail::pgp::PublicKey;
use teams::Team;

pub(crate) use preview::Preview;
pub(crate) use texts::{To, Written};

use crate::post::Letter;
use crate::store::{self, LetterRow};
use crate::{Trust, record, signing};

const JOB: &str = "trust.letters";

/// Plans the letters about the entries at these places.
pub(crate) fn plan(node: &Node, tx: &Write<'_>, entries: &[i64]) -> Result<()> {
    for position in entries {
        jobs::enqueue(node, tx, JOB, &position.to_string(), position, node.now())?;
    }
    Ok(())
}

pub(crate) fn handler(trust: &Trust) -> Handler {
    let trust = trust.clone();
    Handler::new(JOB, move |job| {
        let trust = trust.clone();
        async move {
            let position: i64 =
                serde_json::from_value(job.payload).map_err(|error| Retry::Never(error.to_string()))?;
            Ok(trust.write_letters(position).await?)
        }
    })
}

/// One letter to one address.
struct Addressed {
    to: String,
    name: String,
    key: Option<PublicKey>,
    subject: String,
    text: String,
}

impl Trust {
    /// Writes the letters about the entry at `position` and queues those that are not queued yet.
    async fn write_letters(&self, position: i64) -> Result<()> {
        let Some((_, entry)) = self.node().db.read(move |c| record::read(c, position)).await? else {
            return Ok(()); // erased meanwhile
        };
        let Some(team) = signing::id(&entry.team) else { return Ok(()) };
        let seats = self.seats().await?;
        let addressed = self.addressed(&entry, &seats)?;
        if addressed.is_empty() {
            return Ok(());
        }
        if let Err(error) = self.operator() {
            // A community whose operator is not set up yet works; its case says that no letter went out.
            tracing::warn!(%error, position, "letters about an entry of the record of trust were not written");
            return Ok(());
        }
        let this = self.clone();
        let about = format!("trust:{team}");
        let written = tokio::task::spawn_blocking(move || {
            let one = |letter: Addressed| {
                let Addressed { to, name, key, subject, text } = letter;
                let meant = Letter {
                    to: to.clone(),
                    to_name: name,
                    subject: subject.clone(),
                    text,
                    about: about.clone(),
                    key,
                };
                let prepared = this.write_letter(&meant)?;
                Ok((to, subject, prepared))
            };
            addressed.into_iter().map(one).collect::<Result<Vec<_>>>()
        });
        let written = written.await.map_err(|_| Error::Corrupt("writing letters failed".into()))??;
        let this = self.clone();
        let work = move |tx: &Write<'_>| {
            let now = this.node().now();
            for (recipient, subject, prepared) in &written {
                let (recipient, subject) = (recipient.clone(), subject.clone());
                let protection = prepared.protection.to_owned();
                let row = LetterRow { position, recipient, subject, protection, at: now };
                if store::put_letter(tx, team, &row)? {
                    this.send_letter(tx, prepared, now)?;
                }
            }
            Ok(())
        };
        self.node().db.write(work).await
    }

    /// The letters about `entry`, each with its address. Teams without an address get none: their page tells them.
    fn addressed(&self, entry: &Entry, seats: &[kit::Id]) -> Result<Vec<Addressed>> {
        let directory = self.teams().directory();
        let Some(team) = signing::id(&entry.team).and_then(|id| directory.by_id(id)) else {
            return Ok(Vec::new());
        };
        let mut all: Vec<Addressed> = Vec::new();
        for Written { to, subject, text } in texts::letters(self, &team, entry)? {
            // The community's news goes to its lists, where there are some.
            let announce = &self.settings().announce;
            if to == To::Community && !announce.is_empty() {
                for list in announce {
                    let (subject, text) = (subject.clone(), text.clone());
                    all.push(Addressed { to: list.clone(), name: String::new(), key: None, subject, text });
                }
                continue;
            }
            let teams: Vec<std::sync::Arc<Team>> = match &to {
                To::Team => vec![team.clone()],
                To::Operator => self.operator().into_iter().collect(),
                To::Board => seats
                    .iter()
                    .filter(|seat| **seat != team.id)
                    .filter_map(|seat| directory.by_id(*seat))
                    .collect(),
                To::Named(ids) => ids.iter().filter_map(|id| directory.by_id(signing::id(id)?)).collect(),
                To::Community => {
                    let voters = self.voters();
                    let all = directory.teams().iter().filter(|other| other.id != team.id);
                    all.filter(|other| voters.contains(&other.id.to_string())).cloned().collect()
                }
            };
            // What is not for everybody is encrypted where the recipient has a key.
            let encrypt = entry.change.audience() > Audience::Public;
            for recipient in teams {
                let Some(address) = recipient.mailbox().or_else(|| recipient.report_address()) else {
                    continue;
                };
                if all.iter().any(|letter| letter.to == address) {
                    continue;
                }
                let key =
                    recipient.encryption_key(self.node().now() / SECOND).ok().filter(|_| encrypt).cloned();
                let (to, name) = (address.to_owned(), recipient.name.clone());
                all.push(Addressed { to, name, key, subject: subject.clone(), text: text.clone() });
            }
        }
        Ok(all)
    }
}
