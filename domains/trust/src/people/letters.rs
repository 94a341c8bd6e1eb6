//! Letters to nominees: the question, and the invitation.

use kit::jobs::{self, Handler, Retry};
use kit::{Digest, Error, Id, Node, Result, Write};
use mail::addresses;

use super::state::State;
use super::store::{self, Person};
use crate::Trust;
use crate::post::Letter;

/// The kind of the jobs that write to nominees.
const LETTER: &str = "trust.person_letter";

/// What the mails about a person are about, before their id.
const ABOUT: &str = "person:";

/// Plans the letter that a new state asks for.
pub(super) fn plan(node: &Node, tx: &Write<'_>, person: &Person, from: State) -> Result<()> {
    let standing = &person.standing;
    let wanted = match standing.state {
        State::Vetted => standing.consented_at.is_none(),
        State::Approved => from == State::Vetted,
        // Somebody with an account is in at once, and told so.
        State::Active => from == State::Vetted,
        _ => false,
    };
    if !wanted {
        return Ok(());
    }
    let key = format!("{}/{}", person.id, standing.state.name());
    jobs::enqueue(node, tx, LETTER, &key, &person.id, standing.since)
}

impl Trust {
    /// Writes to the person `id` what there is to say now.
    fn write_to_person(&self, id: Id) -> Result<()> {
        let Some(person) = self.node().db.read_now(move |c| store::by_id(c, id))? else { return Ok(()) };
        let token = self.node().token::<{ addresses::BYTES }>();
        let Some((subject, text)) = self.words(&person, &token)? else { return Ok(()) };
        let letter = Letter {
            to: person.email.clone(),
            to_name: person.name.clone(),
            subject,
            text,
            about: format!("{ABOUT}{id}"),
            key: None,
        };
        let prepared = self.write_letter(&letter)?;
        let (own, now, state) = (self.clone(), self.node().now(), person.standing.state);
        self.node().db.write_now(move |tx| {
            // Things may have changed while the letter was written.
            let is_so = store::by_id(tx, id)?.is_some_and(|person| person.standing.state == state);
            if !is_so {
                return Ok(());
            }
            store::set_token(tx, id, Some(Digest::of(token.as_bytes())))?;
            own.send_letter(tx, &prepared, now).map(drop)
        })
    }

    /// Subject and text; `None` when there is nothing to say.
    fn words(&self, person: &Person, token: &str) -> Result<Option<(String, String)>> {
        let operator = self.operator()?;
        let base = &self.settings().base_url;
        let standing = &person.standing;
        let (name, office) = (&person.name, &operator.name);
        let nominator = self.teams().directory().by_id(person.nominator.team);
        let nominator =
            nominator.map_or_else(|| "a team of the community".to_owned(), |team| team.name.clone());
        let link = if base.is_empty() {
            "ask us for the address of the page on which you answer".to_owned()
        } else {
            format!("follow this link:\n\n  {base}/trust/people/answer/{token}")
        };
        Ok(match standing.state {
            State::Vetted if standing.consented_at.is_none() => {
                let until = standing.deadline.map(ui::format::date).unwrap_or_default();
                let text = format!(
                    "{name},\n\n{nominator} named you as somebody whom this community of incident response teams\n\
                     should know and trust, and people of {} teams vouch for you.\n\n\
                     To say whether you want it, {link}\n\n\
                     Without an answer by {until} the nomination ends, and you can be named again in a year.\n\n\
                     {office}\n",
                    standing.teams(&self.settings().people)
                );
                Some((format!("{nominator} named you: do you want it?"), text))
            }
            State::Approved => {
                let text = format!(
                    "{name},\n\nyou said yes, and you are approved. To come in for the first time, {link}\n\n\
                     Nobody else can use it as long as nobody else reads this mail; it works once.\n\n{office}\n"
                );
                Some(("You are approved".into(), text))
            }
            State::Active => {
                let text = format!(
                    "{name},\n\nyou said yes, and you are approved: from now on you are in, with the account that\n\
                     you have.\n\n{office}\n"
                );
                Some(("You are in".into(), text))
            }
            _ => None,
        })
    }
}

pub(super) fn handler(trust: &Trust) -> Handler {
    let trust = trust.clone();
    Handler::new(LETTER, move |job| {
        let trust = trust.clone();
        async move {
            let id: Id =
                serde_json::from_value(job.payload).map_err(|error| Retry::Never(error.to_string()))?;
            let writing = tokio::task::spawn_blocking(move || trust.write_to_person(id)).await;
            Ok(writing.map_err(|_| Error::Unavailable("writing the letter broke off".into()))??)
        }
    })
}
