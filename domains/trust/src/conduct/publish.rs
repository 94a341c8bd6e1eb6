//! A new version, and the letters that ask teams to declare.

use contracts::upkeep::ConductPublished;
use identity::{Granted, Introduce};
use kit::clock::SECOND;
use kit::jobs::{self, Handler, Retry};
use kit::{Digest, Error, Result, events};
use mail::queue;
use teams::Team;

use super::store::{self, Document};
use crate::Trust;
use crate::post::Letter;

/// The kind of the jobs that ask teams.
const ASK: &str = "trust.conduct_ask";
/// Longest title and document, in bytes.
const TITLE: usize = 200;
const DOCUMENT: usize = 200_000;

impl Trust {
    /// Publishes the next version; teams are asked to declare. Returns its number.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a field; [`Error::Conflict`] when it is word for word the version before.
    pub async fn publish_conduct(
        &self,
        granted: &Granted<Introduce>,
        title: &str,
        text: &str,
    ) -> Result<i64> {
        let title = title.trim().to_owned();
        if title.is_empty() || title.len() > TITLE || title.contains(char::is_control) {
            return Err(Error::invalid("title", format!("a title is one line, {TITLE} bytes at most")));
        }
        // Browsers send forms with CRLF; a file on a disk has LF, and so has what is signed.
        let text = text.replace("\r\n", "\n").trim_end().to_owned() + "\n";
        if text.trim().is_empty() || text.len() > DOCUMENT {
            return Err(Error::invalid("text", format!("the document has 1 to {DOCUMENT} bytes")));
        }
        let (node, stamp) = (self.node().clone(), granted.stamp(self.node().now()));
        self.node()
            .db
            .write(move |tx| {
                let last = store::documents(tx)?.into_iter().next();
                if last.as_ref().is_some_and(|last| last.bytes == text.as_bytes()) {
                    return Err(Error::Conflict("this is word for word the version in force".into()));
                }
                let document = Document {
                    version: last.map_or(1, |last| last.version + 1),
                    title: title.clone(),
                    bytes: text.clone().into_bytes(),
                    digest: Digest::of(text.as_bytes()),
                    published_at: stamp.at,
                    published_by: stamp.actor.clone(),
                };
                store::insert(tx, &document)?;
                let event = ConductPublished {
                    code: "community".into(),
                    version: document.version,
                    title: document.title.clone(),
                    digest: document.digest.to_string(),
                };
                events::record(&node, tx, &stamp, &event)?;
                let version = document.version;
                jobs::enqueue(&node, tx, ASK, &version.to_string(), &version, stamp.at)?;
                Ok(version)
            })
            .await
    }

    /// Asks the teams that have not declared `version`, each once; nobody when it is not in force any more.
    fn ask_to_declare(&self, version: i64) -> Result<()> {
        let read = self.node().db.read_now(|c| Ok((store::documents(c)?, store::declarations(c)?)));
        let (documents, declared) = read?;
        let Some(document) = documents.first().filter(|document| document.version == version) else {
            return Ok(());
        };
        let (least, operator) = (self.settings().conduct.asks()?, self.operator()?);
        for team in self.teams().directory().teams() {
            let asked = team.standing.is_some_and(|standing| standing.status >= least);
            let has = |of: i64| declared.iter().any(|one| one.team == team.id && one.version == of);
            if !asked || has(version) || team.id == operator.id {
                continue;
            }
            let about = format!("conduct-{version}:{}", team.id);
            let told = about.clone();
            let known = self.node().db.read_now(move |c| queue::about(c, &told))?;
            let (Some(to), true) = (team.report_address(), known.is_empty()) else { continue };
            let before = declared.iter().filter(|one| one.team == team.id).map(|one| one.version).max();
            let letter = Letter {
                to: to.to_owned(),
                to_name: team.name.clone(),
                subject: format!("{}: version {version} asks for your declaration", document.title),
                text: self.letter_text(document, team, before, &operator.name),
                about,
                key: team.encryption_key(self.node().now() / SECOND).ok().cloned(),
            };
            match self.write_letter(&letter) {
                Ok(prepared) => {
                    let (own, now) = (self.clone(), self.node().now());
                    self.node().db.write_now(move |tx| own.send_letter(tx, &prepared, now).map(drop))?;
                }
                // One address that cannot be written to keeps nobody else from being asked.
                Err(Error::Invalid { message, .. }) => {
                    tracing::warn!(team = team.handle, why = message, "a team was not asked to declare");
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    fn letter_text(&self, document: &Document, team: &Team, before: Option<i64>, office: &str) -> String {
        let (name, version) = (&team.name, document.version);
        let mut text = match before {
            Some(before) => format!(
                "{name} declared to keep to version {before} of \"{}\". Version {version} is in force now\n\
                 and asks for your declaration anew.\n",
                document.title
            ),
            None => format!(
                "\"{}\" is in force for this community in version {version}. {name} is asked to declare\n\
                 that it keeps to it.\n",
                document.title
            ),
        };
        let base = &self.settings().base_url;
        if !base.is_empty() {
            text.push_str(&format!(
                "\nThe administrator of your team declares it here; a signature by a key of your team over the\n\
                 document's exact bytes can go with it:\n\n  {base}/trust/conduct\n"
            ));
        }
        text.push_str(&format!(
            "\nThe document, SHA-256 {}:\n\n{}\n{office}\n",
            document.digest,
            document.text()
        ));
        text
    }
}

pub(super) fn handler(trust: &Trust) -> Handler {
    let trust = trust.clone();
    Handler::new(ASK, move |job| {
        let trust = trust.clone();
        async move {
            let version: i64 =
                serde_json::from_value(job.payload).map_err(|error| Retry::Never(error.to_string()))?;
            let asking = tokio::task::spawn_blocking(move || trust.ask_to_declare(version)).await;
            Ok(asking.map_err(|_| Error::Unavailable("asking the teams broke off".into()))??)
        }
    })
}
