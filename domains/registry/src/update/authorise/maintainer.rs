//! The object's own maintainers.

use kit::Result;
use rpsl::template::AttributeName as A;

use super::{Change, Decision, Failure, proven};
use crate::update::objects::{Objects, names};
use crate::update::proofs::Proofs;

/// One maintainer (`mnt-by`) of the stored object, or of a new one, must be proven. A new maintainer may name itself.
pub(super) fn decide(
    objects: &dyn Objects,
    proofs: &Proofs,
    change: &Change<'_>,
    decision: &mut Decision,
) -> Result<()> {
    let Some(object) = change.old.or(change.new) else { return Ok(()) };
    let maintainers = names(object, A::MntBy);
    if maintainers.is_empty() {
        let note = "the object has none; the keeper of the registry must give it one".to_owned();
        decision.failures.push(Failure {
            using: "mnt-by",
            asked: maintainers,
            note: Some(note),
            tell: Vec::new(),
        });
        return Ok(());
    }
    let itself =
        change.class == "mntner" && change.old.is_none() && maintainers.iter().any(|name| name == change.key);
    if itself && let Some(proof) = proven::by(objects, proofs, object)? {
        decision.by.push(format!("{} by {proof}", change.key));
        return Ok(());
    }
    proven::ask(objects, proofs, "mnt-by", maintainers, decision)
}
