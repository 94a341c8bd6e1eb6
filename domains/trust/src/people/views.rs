//! What pages and API show of people, and to whom.

use contracts::trust::Service;
use identity::{AccountCard, Granted, Introduce, JudgeCases, LookUp};
use kit::{Error, Id, Read, Result};

use super::nominate::{Said, purpose};
use super::state::State;
use super::store::{self, Objection, Person, Vouch};
use crate::Trust;

/// Most people in the list.
const PEOPLE: i64 = 5_000;

/// A person as members see them.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct PersonView {
    /// Their id.
    pub id: String,
    /// Their name.
    pub name: String,
    /// Their mail address.
    pub email: String,
    /// Who they are, in the nominator's words.
    pub about: String,
    /// Their own team's name; empty for people without one.
    pub team: String,
    /// The nominator's team.
    pub nominated_by: String,
    /// When they were named, µs since 1970 UTC.
    pub nominated_at: i64,
    /// Where they stand.
    pub state: String,
    /// Since when, µs since 1970 UTC.
    pub since: i64,
    /// Until then vouches, or their answer, are awaited, µs since 1970 UTC.
    pub deadline: Option<i64>,
    /// Whether they said yes.
    pub consented: bool,
    /// How many teams vouch, and how many are needed.
    pub teams: (usize, u32),
    /// Who vouches.
    pub vouches: Vec<VouchView>,
    /// Counts the changes.
    pub version: i64,
}

/// A vouch.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct VouchView {
    /// Who vouches.
    pub who: String,
    /// Their team's name.
    pub team: String,
    /// What they attest, in words.
    pub attestations: Vec<String>,
    /// What they add.
    pub comment: String,
    /// When, µs since 1970 UTC.
    pub at: i64,
}

/// An objection, opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectionView {
    /// Its id.
    pub id: String,
    /// Who objects.
    pub who: String,
    /// Their team's name.
    pub team: String,
    /// Why.
    pub text: String,
    /// When, µs since 1970 UTC.
    pub at: i64,
    /// `open`, `dismissed`, `upheld`, `closed`.
    pub outcome: String,
    /// When and by whom it was decided.
    pub decided: Option<(i64, String)>,
}

impl Trust {
    /// The people of the community, by name.
    ///
    /// # Errors
    /// [`Error::Forbidden`] for who is neither of a member nor operates or judges.
    pub async fn people(&self, granted: &Granted<LookUp>) -> Result<Vec<PersonView>> {
        self.may_see_people(granted)?;
        let read = self.node().db.read(|c| {
            let people = store::all(c, PEOPLE)?;
            people.into_iter().map(|person| with_vouches(c, person)).collect::<Result<Vec<_>>>()
        });
        let own = granted.actor().account;
        let all = read.await?;
        let shown = all.iter().filter(|(person, _)| !is_secret(person, own));
        Ok(shown.map(|(person, vouches)| self.view_of(person, vouches)).collect())
    }

    /// One person.
    ///
    /// # Errors
    /// As [`Trust::people`]; [`Error::NotFound`], also for somebody's own nomination that they are not told of yet.
    pub async fn person(&self, granted: &Granted<LookUp>, id: Id) -> Result<PersonView> {
        self.may_see_people(granted)?;
        let read = self.node().db.read(move |c| {
            let person = store::by_id(c, id)?.ok_or_else(|| Error::not_found("the person"))?;
            with_vouches(c, person)
        });
        let (person, vouches) = read.await?;
        if is_secret(&person, granted.actor().account) {
            return Err(Error::not_found("the person"));
        }
        Ok(self.view_of(&person, &vouches))
    }

    /// Whether the reader vouches for the person `id`.
    ///
    /// # Errors
    /// The database is gone.
    pub(super) async fn vouches_for(&self, granted: &Granted<LookUp>, id: Id) -> Result<bool> {
        let Some(account) = granted.actor().account else { return Ok(false) };
        let vouches = self.node().db.read(move |c| store::vouches(c, id)).await?;
        Ok(vouches.iter().any(|vouch| vouch.voucher.account == account))
    }

    /// The objections to a person, opened: for introducer and board; nothing for all others.
    ///
    /// # Errors
    /// The database is gone, or they were sealed under another key.
    pub async fn objections(&self, granted: &Granted<LookUp>, id: Id) -> Result<Vec<ObjectionView>> {
        let actor = granted.actor();
        if !self.is_inside(actor) {
            return Ok(Vec::new());
        }
        let read = self.node().db.read(move |c| Ok((store::by_id(c, id)?, store::objections(c, id)?)));
        let (person, lying) = read.await?;
        // Nobody reads who objects to them, or to somebody of their team.
        if person.is_none_or(|person| person.is_of(actor.account, actor.team)) {
            return Ok(Vec::new());
        }
        lying.iter().map(|one| self.opened(one)).collect()
    }

    /// Who raised the objection; `None` when the person has no such one.
    pub(super) fn objector(&self, c: &Read<'_>, person: Id, objection: Id) -> Result<Option<Said>> {
        let found = store::objections(c, person)?.into_iter().find(|one| one.id == objection);
        found.map(|one| self.unsealed(&one)).transpose()
    }

    fn unsealed(&self, objection: &Objection) -> Result<Said> {
        let said = self.node().secrets.open(&purpose(objection.id), &objection.sealed)?;
        serde_json::from_slice(&said).map_err(|error| Error::Corrupt(format!("objection: {error}")))
    }

    fn opened(&self, objection: &Objection) -> Result<ObjectionView> {
        let said = self.unsealed(objection)?;
        Ok(ObjectionView {
            id: objection.id.to_string(),
            who: said.login,
            team: self.team_name(said.team),
            text: said.text,
            at: objection.raised_at,
            outcome: objection.outcome.clone(),
            decided: objection.decided.clone(),
        })
    }

    fn may_see_people(&self, granted: &Granted<LookUp>) -> Result<()> {
        let actor = granted.actor();
        if Granted::<Introduce>::check(actor).is_ok() || Granted::<JudgeCases>::check(actor).is_ok() {
            return Ok(());
        }
        match self.teams().directory().by_id(granted.team()) {
            Some(team) => self.teams().entitles(&team, Service::MembersSite).map_err(Error::Forbidden),
            None => Err(Error::Forbidden("the people of the community are shown to its teams".into())),
        }
    }

    fn team_name(&self, id: Id) -> String {
        let team = self.teams().directory().by_id(id);
        team.map_or_else(|| "a team that left".to_owned(), |team| team.name.clone())
    }

    fn view_of(&self, person: &Person, vouches: &[(Vouch, String)]) -> PersonView {
        let (standing, rules) = (&person.standing, &self.settings().people);
        let words = |key: &String| {
            let known = rules.attestations.iter().find(|one| one.key == *key);
            known.map_or_else(|| key.clone(), |one| one.words.clone())
        };
        let vouches = vouches.iter().map(|(vouch, who)| VouchView {
            who: who.clone(),
            team: self.team_name(vouch.voucher.team),
            attestations: vouch.attestations.iter().map(words).collect(),
            comment: vouch.comment.clone(),
            at: vouch.given_at,
        });
        PersonView {
            id: person.id.to_string(),
            name: person.name.clone(),
            email: person.email.clone(),
            about: person.about.clone(),
            team: standing.team.map(|team| self.team_name(team)).unwrap_or_default(),
            nominated_by: self.team_name(person.nominator.team),
            nominated_at: person.nominated_at,
            state: standing.state.name().into(),
            since: standing.since,
            deadline: standing.deadline.filter(|_| standing.state != State::Blocked),
            consented: standing.consented_at.is_some(),
            teams: (standing.teams(rules), rules.teams),
            vouches: vouches.collect(),
            version: person.version,
        }
    }
}

/// Somebody's own nomination is not shown to them before they are asked.
fn is_secret(person: &Person, reader: Option<Id>) -> bool {
    let standing = &person.standing;
    reader.is_some() && standing.account == reader && standing.asked_at.is_none()
}

/// With the vouches and the names of who gave them.
fn with_vouches(c: &Read<'_>, person: Person) -> Result<(Person, Vec<(Vouch, String)>)> {
    let vouches = store::vouches(c, person.id)?.into_iter().map(|vouch| {
        let card = AccountCard::by_id(c, vouch.voucher.account)?;
        let who = card.map_or_else(
            || "somebody who left".into(),
            |card| match card.name.as_str() {
                "" => card.login,
                name => name.to_owned(),
            },
        );
        Ok((vouch, who))
    });
    let vouches = vouches.collect::<Result<Vec<_>>>()?;
    Ok((person, vouches))
}
