//! Who may do what: every rule that applies must pass, and each is passed by a proof about the sender.
//!
//! | rule | applies to | passes with |
//! |---|---|---|
//! | [`maintainer`] | every object | one maintainer of the stored object; of a new one, of its own |
//! | [`parent`] | new networks, routes, domains, AS numbers, sets below others | the maintainers of what lies above |
//! | [`team`] | each `mnt-irt` that is added | one `auth` of that very team |
//! | [`reference`] | each name that is added of an object with `mnt-ref` | one of those maintainers |
//! | [`introducer`] | the introducer's name that is added in `mnt-by` | the introducer |
//!
//! Denied by default: what no rule can decide (a network that lies in none) is left to the keeper of the registry.

mod introducer;
mod maintainer;
mod parent;
mod proven;
mod reference;
mod team;
#[cfg(test)]
mod worlds;

use kit::Result;
use rpsl::Object;

use super::objects::Objects;
use super::proofs::Proofs;

/// A change that is to be judged.
#[derive(Clone, Copy)]
pub(crate) struct Change<'a> {
    pub(crate) class: &'a str,
    /// In its one spelling.
    pub(crate) key: &'a str,
    /// The object as it is stored; none when it is new.
    pub(crate) old: Option<&'a Object<'a>>,
    /// The object as it is to be; none when it is to go.
    pub(crate) new: Option<&'a Object<'a>>,
}

/// What came of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Decision {
    /// Who authorised it, in words: `MNT-SKERRY by key PGPKEY-…`.
    pub(crate) by: Vec<String>,
    /// The rules that did not pass. None: it may be done.
    pub(crate) failures: Vec<Failure>,
}

/// A rule that did not pass.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Failure {
    /// The attribute that names those who were asked: `mnt-irt`.
    pub(crate) using: &'static str,
    /// Those who were asked; one of them would have sufficed.
    pub(crate) asked: Vec<String>,
    /// Why there is nobody to ask, where that is so.
    pub(crate) note: Option<String>,
    /// The mail addresses of those who want to know of failed tries.
    pub(crate) tell: Vec<String>,
}

impl Failure {
    /// The failure in words, after RIPE's.
    pub(crate) fn in_words(&self, change: &Change<'_>) -> String {
        let head =
            format!("Authorisation for [{}] {} failed using \"{}:\"", change.class, change.key, self.using);
        match &self.note {
            Some(note) => format!("{head}: {note}"),
            None => format!("{head}: not authenticated by: {}", self.asked.join(", ")),
        }
    }
}

/// Judges a change.
///
/// # Errors
/// The database is gone.
pub(crate) fn decide(
    objects: &dyn Objects,
    proofs: &Proofs,
    introducers: &[String],
    change: &Change<'_>,
) -> Result<Decision> {
    let mut decision = Decision::default();
    if let Some(who) = proofs.overrides() {
        decision.by.push(format!("{who} by override"));
        return Ok(decision);
    }
    maintainer::decide(objects, proofs, change, &mut decision)?;
    parent::decide(objects, proofs, change, &mut decision)?;
    team::decide(objects, proofs, change, &mut decision)?;
    reference::decide(objects, proofs, change, &mut decision)?;
    introducer::decide(objects, proofs, introducers, change, &mut decision)?;
    decision.by.dedup();
    Ok(decision)
}
