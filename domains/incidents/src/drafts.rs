//! What somebody has begun to write, and the rules of what is left out of lists.

use std::collections::HashMap;
use std::sync::{Arc, RwLock};

use contracts::incidents::ExclusionsChanged;
use identity::{Actor, Granted, ManageTeam};
use kit::{Error, Id, Result, Time, events};
use observables::Exclusions;

use crate::Desk;
use crate::store::drafts;

const LONGEST: usize = 256 * 1024;

/// The rules of each team, as they were read last.
#[derive(Default)]
pub(crate) struct Rules(RwLock<HashMap<Id, Arc<Exclusions>>>);

impl Desk {
    /// Keeps what `by` has typed into `form` (the page's path), so that nothing typed is lost.
    ///
    /// # Errors
    /// It is longer than 256 kB.
    pub async fn save_draft(&self, by: &Actor, form: String, body: String) -> Result<Time> {
        if body.len() > LONGEST || form.len() > 500 {
            return Err(Error::invalid("body", "a draft has at most 256 kB"));
        }
        let (team, name, now) = (by.team, by.name.clone(), self.node().now());
        self.node().db.write(move |tx| drafts::save(tx, team, &name, &form, &body, now)).await?;
        Ok(now)
    }

    /// What `by` has typed into `form` and not sent, and when it was saved.
    ///
    /// # Errors
    /// The database is gone.
    pub async fn draft_of(&self, by: &Actor, form: String) -> Result<Option<(String, Time)>> {
        let (team, name) = (by.team, by.name.clone());
        self.node().db.read(move |c| drafts::find(c, team, &name, &form)).await
    }

    /// Forgets a draft: it was sent.
    ///
    /// # Errors
    /// The database is gone.
    pub async fn drop_draft(&self, by: &Actor, form: String) -> Result<()> {
        let (team, name) = (by.team, by.name.clone());
        self.node().db.write(move |tx| drafts::delete(tx, team, &name, &form)).await
    }

    /// The rules of what is left out of lists, as text.
    ///
    /// # Errors
    /// The database is gone.
    pub async fn exclusion_rules(&self, team: Id) -> Result<String> {
        self.node().db.read(move |c| drafts::rules(c, team)).await
    }

    /// Sets the rules of what is left out of lists; they hold for mails that are opened from now on.
    ///
    /// # Errors
    /// A line is no rule: its number and what to write instead.
    pub async fn set_exclusions(&self, by: &Granted<ManageTeam>, rules: String) -> Result<()> {
        let parsed = parse(&rules)?;
        let (node, team, stamp, text) = (self.node().clone(), by.team(), by.stamp(self.node().now()), rules);
        let saved = self.node().db.write(move |tx| {
            drafts::set_rules(tx, team, &text, &stamp.actor, stamp.at)?;
            events::record(
                &node,
                tx,
                &stamp,
                &ExclusionsChanged { id: team.to_string(), rules: text.clone() },
            )
        });
        saved.await?;
        self.remember(team, parsed);
        Ok(())
    }

    /// Reads every team's rules into memory.
    pub(crate) async fn load_exclusions(&self) -> Result<()> {
        for team in self.teams().directory().desks() {
            let rules = self.exclusion_rules(team.id).await?;
            self.remember(team.id, parse(&rules)?);
        }
        Ok(())
    }

    fn remember(&self, team: Id, rules: Exclusions) {
        // A poisoned lock holds whole rules all the same: they are replaced in one step.
        self.inner
            .rules
            .0
            .write()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .insert(team, Arc::new(rules));
    }

    pub(crate) fn exclusions(&self, team: Id) -> Arc<Exclusions> {
        let known = self.inner.rules.0.read().unwrap_or_else(std::sync::PoisonError::into_inner);
        known.get(&team).cloned().unwrap_or_default()
    }
}

fn parse(rules: &str) -> Result<Exclusions> {
    Exclusions::parse(rules).map_err(|errors| {
        let lines: Vec<String> = errors.iter().map(ToString::to_string).collect();
        Error::invalid("rules", lines.join("; "))
    })
}
