//! Standings for tests that have no process of accreditation.

#![allow(clippy::unwrap_used, clippy::missing_panics_doc)]

use identity::{Granted, ManageNode};
use kit::{Id, events};

use crate::import::Entry;
use crate::{Standing, Teams};

/// Sets a team's standing, as the process does.
pub async fn stand(teams: &Teams, team: Id, standing: Option<Standing>) {
    let node = teams.node().clone();
    let granted: Granted<ManageNode> = Granted::for_node();
    let stamp = events::Stamp { team: Some(team), ..granted.stamp(node.now()) };
    let work = move |tx: &kit::Write<'_>| crate::stand(&node, tx, &stamp, team, standing);
    teams.node().db.write(work).await.unwrap();
    teams.reload().await.unwrap();
}

/// Imports `entries`, and gives each team the standing that its entry states, as after a take-over.
pub async fn import(teams: &Teams, entries: Vec<Entry>) -> Vec<Id> {
    let standings: Vec<Option<Standing>> = entries.iter().map(|entry| entry.standing).collect();
    let ids = teams.import(&Granted::for_node(), entries).await.unwrap();
    let (node, given) = (teams.node().clone(), ids.clone());
    let work = move |tx: &kit::Write<'_>| {
        for (team, standing) in given.iter().zip(&standings).filter(|(_, standing)| standing.is_some()) {
            let granted: Granted<ManageNode> = Granted::for_node();
            let stamp = events::Stamp { team: Some(*team), ..granted.stamp(node.now()) };
            crate::stand(&node, tx, &stamp, *team, *standing)?;
        }
        Ok(())
    };
    teams.node().db.write(work).await.unwrap();
    teams.reload().await.unwrap();
    ids
}
