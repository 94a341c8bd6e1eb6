//! The teams that a network names.
//!
//! A network that names a team sends that team its incidents, and lets everybody believe that the team agreed. So each
//! team that is added must agree itself, whoever holds one of the keys that it lets agree for it (its own, its
//! introducer's). To drop a team needs nobody's leave but the network's.

use kit::Result;
use rpsl::Object;
use rpsl::template::AttributeName as A;

use super::{Change, Decision, Failure, proven};
use crate::update::objects::{Objects, added, mailboxes};
use crate::update::proofs::Proofs;

/// Each newly named team must be proven by itself; one that is proven does not stand in for another.
pub(super) fn decide(
    objects: &dyn Objects,
    proofs: &Proofs,
    change: &Change<'_>,
    decision: &mut Decision,
) -> Result<()> {
    for name in added(change.old, change.new, A::MntIrt) {
        let text = objects.text("irt", &name)?;
        let Some(irt) = text.as_deref().and_then(|text| Object::parse(text).ok()) else {
            let note = format!("there is no team {name}");
            let asked = vec![name];
            decision.failures.push(Failure { using: "mnt-irt", asked, note: Some(note), tell: Vec::new() });
            continue;
        };
        match proven::by(objects, proofs, &irt)? {
            Some(proof) => decision.by.push(format!("{name} by {proof}")),
            None => {
                let tell = told(&irt);
                decision.failures.push(Failure { using: "mnt-irt", asked: vec![name], note: None, tell });
            }
        }
    }
    Ok(())
}

/// Where a team wants to be told that its name was used: `irt-nfy`; without one, where it is written to.
pub(crate) fn told(irt: &Object<'_>) -> Vec<String> {
    for attribute in [A::IrtNfy, A::AbuseMailbox, A::EMail] {
        let found = mailboxes(irt, attribute);
        if !found.is_empty() {
            return found;
        }
    }
    Vec::new()
}
