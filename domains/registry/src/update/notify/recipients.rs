//! Whom a change concerns.

use std::collections::BTreeMap;

use kit::{Read, Result};
use rpsl::Object;
use rpsl::template::AttributeName as A;

use crate::store::objects::{self, Name};
use crate::update::judge::Verdict;
use crate::update::objects::{added, mailboxes, names};

/// Mail addresses, each with the reasons why it is told.
type Recipients = BTreeMap<String, Vec<String>>;

/// Whom a change that is done concerns, in the order of their addresses: each once, with the reasons in words.
pub(super) fn of_change(read: &Read<'_>, source: &str, verdict: &Verdict) -> Result<Recipients> {
    let mut told = Recipients::new();
    let old = verdict.old.as_ref().and_then(|old| Object::parse(&old.raw).ok());
    let new = verdict.new.as_ref().and_then(|new| Object::parse(new).ok());
    for object in old.iter().chain(&new) {
        add(&mut told, mailboxes(object, A::Notify), "notify of the object");
        for maintainer in names(object, A::MntBy) {
            let reason = format!("mnt-nfy of {maintainer}");
            add(&mut told, of(read, source, "mntner", &maintainer, A::MntNfy)?, &reason);
        }
    }
    for (attribute, class, mailbox) in [
        (A::MntIrt, "irt", A::IrtNfy),
        (A::Org, "organisation", A::RefNfy),
        (A::SponsoringOrg, "organisation", A::RefNfy),
    ] {
        for name in added(old.as_ref(), new.as_ref(), attribute) {
            let reason = format!("{mailbox} of {name}, which the object names from now on ({attribute})");
            add(&mut told, of(read, source, class, &name, mailbox)?, &reason);
        }
        for name in added(new.as_ref(), old.as_ref(), attribute) {
            let reason =
                format!("{mailbox} of {name}, which the object does not name any more ({attribute})");
            add(&mut told, of(read, source, class, &name, mailbox)?, &reason);
        }
    }
    Ok(told)
}

/// Who wants to know that a change was tried that they did not authorise.
pub(super) fn of_refusal(verdict: &Verdict) -> Vec<String> {
    let mut told: Vec<String> = Vec::new();
    for failure in &verdict.decision.failures {
        told.extend(failure.tell.iter().cloned());
    }
    told.sort_unstable();
    told.dedup();
    told
}

fn add(told: &mut Recipients, addresses: Vec<String>, reason: &str) {
    for address in addresses {
        let reasons = told.entry(address).or_default();
        if !reasons.iter().any(|known| known == reason) {
            reasons.push(reason.to_owned());
        }
    }
}

fn of(read: &Read<'_>, source: &str, class: &str, key: &str, attribute: A) -> Result<Vec<String>> {
    let stored = objects::by_key(read, Name { source, class, key })?;
    let object = stored.as_ref().and_then(|stored| Object::parse(&stored.raw).ok());
    Ok(object.map(|object| mailboxes(&object, attribute)).unwrap_or_default())
}
