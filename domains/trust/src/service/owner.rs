//! What the owner of the community does: seats on the review board, and the standings from before the record.

use std::collections::{BTreeMap, BTreeSet};

use contracts::trust::record::{By, Capacity, Change};
use identity::{Govern, Granted, Role};
use kit::{Error, Id, Node, Result, Write};
use teams::{Standing, TrustStatus};

use super::act::by;
use crate::process::{Paragraph, Step};
use crate::record::{self, Author};
use crate::{Trust, store};

impl Trust {
    /// Gives `team` a seat on the review board: it has one ballot, cast by any of its accounts with the role `board`.
    ///
    /// # Errors
    /// [`Error::Conflict`] when it has one; [`Error::NotFound`].
    pub async fn give_seat(&self, granted: &Granted<Govern>, team: Id) -> Result<()> {
        self.seat(granted, team, true).await
    }

    /// Takes the seat of `team` back. Ballots that are open keep their roll.
    ///
    /// # Errors
    /// [`Error::Conflict`] when it has none; [`Error::NotFound`].
    pub async fn take_seat(&self, granted: &Granted<Govern>, team: Id) -> Result<()> {
        self.seat(granted, team, false).await
    }

    async fn seat(&self, granted: &Granted<Govern>, team: Id, give: bool) -> Result<()> {
        let subject = self.subject(team)?;
        let (node, by) = (self.node().clone(), by(granted, Capacity::Owner));
        let work = move |tx: &Write<'_>| {
            let now = node.now();
            let changed = if give { store::give_seat(tx, team, now)? } else { store::take_seat(tx, team)? };
            if !changed {
                let has = if give {
                    "has a seat on the review board already"
                } else {
                    "has no seat on the review board"
                };
                return Err(Error::Conflict(format!("{} {has}. Nothing was changed.", subject.name)));
            }
            let member = team.to_string();
            let change = if give { Change::SeatGiven { member } } else { Change::SeatTaken { member } };
            of_the_community(&node, tx, &by, &subject.handle, change)
        };
        self.node().db.write(work).await
    }

    /// Appoints the account `login` to an office of the community, or ends the appointment. A board member's team gets its
    /// seat with it. The account's sessions end, so that the change holds at once.
    ///
    /// # Errors
    /// As [`identity::appoint`].
    pub async fn appoint(
        &self,
        granted: &Granted<Govern>,
        login: &str,
        office: Role,
        give: bool,
    ) -> Result<()> {
        let (this, granted, login) = (self.clone(), granted.clone(), login.to_owned());
        let work = move |tx: &Write<'_>| {
            let (node, by) = (this.node(), by(&granted, Capacity::Owner));
            let card = identity::appoint(node, tx, &granted, &login, office, give)?;
            let subject = this.teams().directory().by_id(card.organisation);
            let handle = subject.map(|team| team.handle.clone()).unwrap_or_default();
            let (appointee, member) = (card.id.to_string(), card.organisation.to_string());
            let role = office.name().to_owned();
            let change = match give {
                true => Change::RoleGiven { appointee, member: member.clone(), role },
                false => Change::RoleTaken { appointee, member: member.clone(), role },
            };
            of_the_community(node, tx, &by, &handle, change)?;
            let sits = give && office == Role::Board && !handle.is_empty();
            if sits && store::give_seat(tx, card.organisation, node.now())? {
                of_the_community(node, tx, &by, &handle, Change::SeatGiven { member })?;
            }
            Ok(())
        };
        self.node().db.write(work).await
    }

    /// The teams with a seat on the review board.
    ///
    /// # Errors
    /// The database is gone.
    pub async fn seats(&self) -> Result<Vec<Id>> {
        self.node().db.read(store::seats).await
    }

    /// How many teams have a standing that the record does not know, or are said to have one by a list that was imported.
    ///
    /// # Errors
    /// The database is gone.
    pub async fn not_taken_over(&self, _granted: &Granted<Govern>) -> Result<usize> {
        let (known, stated) = self.node().db.read(|c| Ok((store::states(c)?, teams::stated(c)?))).await?;
        let known: BTreeSet<Id> = known.into_iter().map(|(team, _)| team).collect();
        let directory = self.teams().directory();
        let standing = directory.teams().iter().filter(|team| team.standing.is_some()).map(|team| team.id);
        let all: BTreeSet<Id> = standing.chain(stated.into_iter().map(|(team, _)| team)).collect();
        Ok(all.difference(&known).count())
    }

    /// Takes over every standing that an imported list states or the directory has and the record does not know, on the
    /// word of `source`: the list as it was kept before. Accredited teams are to confirm their records as if they had
    /// just been accredited; candidates are listed, since what they signed is not in this record. What a list states of a
    /// team that the record knows counts no more: its standing changes by the process. Returns how many.
    ///
    /// # Errors
    /// [`Error::Invalid`] without a source.
    pub async fn take_over(&self, granted: &Granted<Govern>, source: &str) -> Result<usize> {
        let source = source.trim().to_owned();
        if source.len() < 3 {
            return Err(Error::invalid(
                "source",
                "say from where the standings come: it stands in the record",
            ));
        }
        // Another process may have imported them a moment ago.
        self.teams().refresh().await?;
        let directory = self.teams().directory();
        let this = self.clone();
        let (by, name) = (by(granted, Capacity::Owner), granted.actor().name.clone());
        let work = move |tx: &Write<'_>| {
            let stands =
                directory.teams().iter().filter_map(|team| team.standing.map(|standing| (team.id, standing)));
            let mut unknown: BTreeMap<Id, Standing> = stands.collect();
            unknown.extend(teams::stated(tx)?);
            let mut taken = 0;
            for (team, standing) in &unknown {
                let mut state = store::state(tx, *team)?;
                if state.number != 0 {
                    teams::forget_stated(tx, *team)?;
                    continue;
                }
                let handle = directory.by_id(*team).map(|team| team.handle.clone()).unwrap_or_default();
                let now = this.node().now();
                let step = Step {
                    change: this.taken_over(standing, &source, now),
                    paragraph: Paragraph::TakenOver,
                    evidence: Vec::new(),
                    signature: None,
                };
                let by = By { ..by.clone() };
                let author = Author { team: *team, handle, by, name: name.clone(), at: now };
                record::write(this.node(), tx, &this.settings().rules, &author, &mut state, &[step])?;
                taken += 1;
            }
            Ok(taken)
        };
        let taken = self.node().db.write(work).await?;
        self.teams().reload().await?;
        Ok(taken)
    }

    fn taken_over(&self, standing: &Standing, source: &str, now: kit::Time) -> Change {
        let rules = &self.settings().rules;
        let accredited = matches!(standing.status, TrustStatus::Accredited | TrustStatus::Certified);
        let certified = standing.status == TrustStatus::Certified;
        Change::TakenOver {
            standing: standing.status.name().to_owned(),
            since: standing.since,
            source: source.to_owned(),
            due: if accredited { rules.confirmation.after(now) } else { 0 },
            certified_until: if certified { rules.certification.after(now) } else { 0 },
        }
    }
}

/// Writes an entry about seats and offices; `handle` is the team's that has them.
fn of_the_community(node: &Node, tx: &Write<'_>, by: &By, handle: &str, change: Change) -> Result<()> {
    record::of_the_community(node, tx, by, handle, Paragraph::Seats, change)
}
