//! Letters to somebody who applies, and to the operator that somebody did. None repeats what a stranger typed: nobody has
//! this node send their words to others.

use kit::jobs::{self, Handler, Retry};
use kit::{Digest, Error, Id, Node, Result, Write};
use mail::addresses;
use serde::{Deserialize, Serialize};

use super::model::{Applicant, State};
use super::store;
use crate::Trust;
use crate::post::Letter;

const LETTER: &str = "trust.stranger_letter";

#[derive(Serialize, Deserialize)]
struct About {
    id: Id,
    state: String,
}

/// Plans the letter that the new state asks for.
pub(super) fn plan(node: &Node, tx: &Write<'_>, one: &Applicant) -> Result<()> {
    let about = About { id: one.id, state: one.state.name().to_owned() };
    jobs::enqueue(node, tx, LETTER, &format!("{}/{}", about.id, about.state), &about, node.now())
}

pub(crate) fn handler(trust: &Trust) -> Handler {
    let trust = trust.clone();
    Handler::new(LETTER, move |job| {
        let trust = trust.clone();
        async move {
            let About { id, state } =
                serde_json::from_value(job.payload).map_err(|error| Retry::Never(error.to_string()))?;
            let state: State = state.parse()?;
            let writing = tokio::task::spawn_blocking(move || trust.write_to_stranger(id, state)).await;
            Ok(writing.map_err(|_| Error::Unavailable("writing the letter broke off".into()))??)
        }
    })
}

impl Trust {
    fn write_to_stranger(&self, id: Id, state: State) -> Result<()> {
        let found = self.node().db.read_now(move |c| store::by_id(c, id))?;
        let Some(one) = found.filter(|one| one.state == state) else { return Ok(()) };
        let operator = self.operator()?;
        let token = self.node().token::<{ addresses::BYTES }>();
        let (subject, text) = self.words_to_stranger(&one, &operator.name, &token);
        let to = match state {
            State::Open => operator.mailbox().unwrap_or_default().to_owned(),
            _ => one.told.email.clone(),
        };
        let letter = Letter { to, subject, text, about: format!("stranger:{id}"), ..Letter::default() };
        let prepared = self.write_letter(&letter)?;
        let (own, now) = (self.clone(), self.node().now());
        self.node().db.write_now(move |tx| {
            if store::by_id(tx, id)?.is_none_or(|one| one.state != state) {
                return Ok(());
            }
            match state {
                // The link that confirmed shows how it stands.
                State::Open => {}
                State::Refused => store::set_token(tx, id, None)?,
                State::Typed | State::Taken => store::set_token(tx, id, Some(Digest::of(token.as_bytes())))?,
            }
            own.send_letter(tx, &prepared, now).map(drop)
        })
    }

    fn words_to_stranger(&self, one: &Applicant, operator: &str, token: &str) -> (String, String) {
        let (base, community) = (&self.settings().base_url, self.settings().community());
        let link = format!("{base}/trust/apply/{token}");
        let until = ui::format::date(one.until);
        match one.state {
            State::Typed => (
                format!("Your application to {community}"),
                format!(
                    "Somebody has entered this address in an application of a team to {community}.\n\n\
                     If that was you, confirm it by {until}:\n\n    {link}\n\n\
                     If it was not, do nothing: what was entered is deleted then. On the same page you can have it\n\
                     deleted now.\n\n{operator}\nfor {community}\n"
                ),
            ),
            State::Open => (
                "A team applies that has no account".to_owned(),
                format!(
                    "Somebody has applied for a team that is not in the directory, and has confirmed the address.\n\n\
                     What they told stands on the desk until {until}:\n\n    {base}/trust/desk/applications/{}\n",
                    one.id
                ),
            ),
            State::Taken => (
                format!("Your team's place in {community}"),
                format!(
                    "The operator of {community} has taken up your application. Your team has a record now, which\n\
                     only you can fill in, and no standing yet: the application itself is made there, with the word of\n\
                     your sponsors.\n\n\
                     Come in by {until} and choose a password:\n\n    {link}\n\n\
                     The link works once. Nobody else can use it as long as nobody else reads this mail.\n\n\
                     {operator}\nfor {community}\n"
                ),
            ),
            State::Refused => (
                format!("Your application to {community}"),
                format!(
                    "The operator of {community} has not taken up your application. The reason given is:\n\n    {}\n\n\
                     You can answer this mail.\n\n{operator}\nfor {community}\n",
                    one.reason.replace('\n', "\n    ")
                ),
            ),
        }
    }
}
