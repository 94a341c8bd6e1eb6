//! Objects that say who may refer to them.

use kit::Result;
use rpsl::Object;
use rpsl::template::{AttributeName as A, Template};

use super::{Change, Decision, proven};
use crate::update::objects::{Objects, added, names};
use crate::update::proofs::Proofs;

/// The classes that have `mnt-ref`.
const GUARDED: &[&str] = &["irt", "mntner", "organisation", "person", "role"];

/// Each newly named object that has `mnt-ref` must be proven by one of those maintainers.
pub(super) fn decide(
    objects: &dyn Objects,
    proofs: &Proofs,
    change: &Change<'_>,
    decision: &mut Decision,
) -> Result<()> {
    let Some(template) = Template::of(change.class) else { return Ok(()) };
    let mut asked = Vec::new();
    for slot in template.attributes() {
        let classes = slot.attribute.references().iter().filter(|class| GUARDED.contains(class));
        let classes: Vec<&str> = classes.copied().collect();
        if classes.is_empty() || slot.attribute == A::MntRef {
            continue;
        }
        for name in added(change.old, change.new, slot.attribute) {
            for class in &classes {
                if asked.contains(&(*class, name.clone())) {
                    continue;
                }
                asked.push((*class, name.clone()));
                one(objects, proofs, class, &name, decision)?;
            }
        }
    }
    Ok(())
}

fn one(
    objects: &dyn Objects,
    proofs: &Proofs,
    class: &str,
    name: &str,
    decision: &mut Decision,
) -> Result<()> {
    let text = objects.text(class, name)?;
    let Some(object) = text.as_deref().and_then(|text| Object::parse(text).ok()) else { return Ok(()) };
    let guards = names(&object, A::MntRef);
    if guards.is_empty() { Ok(()) } else { proven::ask(objects, proofs, "mnt-ref", guards, decision) }
}
