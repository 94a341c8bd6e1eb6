//! The introducer's name.
//!
//! The trust status of a team is shown in the objects that the introducer maintains. So nobody makes the introducer a
//! maintainer but the introducer.

use kit::Result;
use rpsl::template::AttributeName as A;

use super::{Change, Decision, proven};
use crate::update::objects::{Objects, added};
use crate::update::proofs::Proofs;

/// A newly named maintainer who is an introducer must be proven.
pub(super) fn decide(
    objects: &dyn Objects,
    proofs: &Proofs,
    introducers: &[String],
    change: &Change<'_>,
    decision: &mut Decision,
) -> Result<()> {
    for name in added(change.old, change.new, A::MntBy) {
        let itself = change.class == "mntner" && change.key == name;
        if introducers.contains(&name) && !itself {
            proven::ask(objects, proofs, "mnt-by", vec![name], decision)?;
        }
    }
    Ok(())
}
