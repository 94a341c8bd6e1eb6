//! What a step would write, before it is taken: the entries, and the letters about them.

use contracts::trust::record::{Capacity, Entry};
use identity::{Granted, Introduce};
use kit::{Error, Id, Result};

use crate::process::{Asked, Command, Operate, Refused, decide};
use crate::service::{by, seats};
use crate::{Trust, store, views};

/// What a step would do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Preview {
    /// The entries that the record would get, in words, with the paragraphs.
    pub(crate) entries: Vec<(String, String)>,
    /// The letters that would go out.
    pub(crate) letters: Vec<Draft>,
    /// Why no letter would leave although some are written.
    pub(crate) held: String,
}

/// A letter that is not sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Draft {
    /// To whom: names and addresses.
    pub(crate) to: Vec<(String, String)>,
    /// It would be encrypted to all of them.
    pub(crate) encrypted: bool,
    /// Its subject.
    pub(crate) subject: String,
    /// Its text.
    pub(crate) text: String,
}

impl Trust {
    /// What `command` of the operator about `team` would write. Nothing is changed.
    ///
    /// # Errors
    /// As [`Trust::operate`].
    pub(crate) async fn preview(
        &self,
        granted: &Granted<Introduce>,
        team: Id,
        command: Operate,
        seen: Option<i64>,
    ) -> Result<Preview> {
        let subject = self.subject(team)?;
        let capacity = if granted.is_node() { Capacity::Node } else { Capacity::Operator };
        let author = by(granted, capacity);
        let mut facts = self.facts(&subject);
        match &command {
            // The document is written when the step is taken; here it only has to have a name.
            Operate::SendRules | Operate::Invite => facts.document = "0".repeat(64),
            Operate::Accredit => facts.signature_lost = self.signature_lost(&subject).await?,
            _ => {}
        }
        let read = move |c: &kit::Read<'_>| Ok((store::state(c, team)?, seats(c)?));
        let (mut state, board) = self.node().db.read(read).await?;
        let sees = self.sees_as(granted.actor(), team);
        if seen.is_some_and(|seen| seen != state.version_for(sees)) {
            return Err(Refused {
                why: "Somebody was faster: the case has changed since this page was shown".into(),
                todo: "Look at it as it is now, and decide again".into(),
            }
            .into());
        }
        let facts = facts.with_seats(&board);
        let now = self.moment(&state);
        let asked = Asked { rules: &self.settings().rules, state: &state, facts: &facts, by: &author, now };
        let steps = decide(asked, &Command::Operate(command)).map_err(Error::from)?;
        let seats = self.seats().await?;
        let mut preview = Preview { entries: Vec::new(), letters: Vec::new(), held: String::new() };
        for step in steps {
            let mut entry = Entry {
                team: team.to_string(),
                handle: subject.handle.clone(),
                number: state.next_number(&step.change),
                from: state.standing_name().to_owned(),
                to: String::new(),
                rule: step.paragraph.number().to_owned(),
                by: author.clone(),
                evidence: step.evidence,
                signature: step.signature,
                change: step.change,
            };
            state.apply(now, &entry);
            entry.to = state.standing_name().to_owned();
            let words = views::told(&entry.change, &|id| self.name_of(id));
            preview.entries.push((entry.rule.clone(), words));
            self.drafts(&entry, &seats, &mut preview.letters)?;
        }
        if let Err(error) = self.operator() {
            preview.held = error.to_string();
        }
        Ok(preview)
    }

    /// Adds the letters about `entry`; one text to many is one draft.
    fn drafts(&self, entry: &Entry, seats: &[Id], drafts: &mut Vec<Draft>) -> Result<()> {
        for letter in self.addressed(entry, seats)? {
            let to = (letter.name, letter.to);
            let encrypted = letter.key.is_some();
            let same = drafts.iter_mut().find(|draft| {
                draft.subject == letter.subject && draft.text == letter.text && draft.encrypted == encrypted
            });
            match same {
                Some(draft) => draft.to.push(to),
                None => {
                    drafts.push(Draft { to: vec![to], encrypted, subject: letter.subject, text: letter.text })
                }
            }
        }
        Ok(())
    }
}
