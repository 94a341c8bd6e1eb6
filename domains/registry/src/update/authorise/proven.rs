//! Whether a proof is what an `auth:` asks for.

use kit::Result;
use rpsl::template::AttributeName as A;
use rpsl::{KeyReference, Object};

use super::{Decision, Failure};
use crate::update::keys::Key;
use crate::update::objects::{Objects, mailboxes};
use crate::update::proofs::{Proof, Proofs};

/// Whether one of the `auth:` of `holder`, an `irt` or `mntner`, is proven; by what, in words.
///
/// # Errors
/// The database is gone.
pub(super) fn by(objects: &dyn Objects, proofs: &Proofs, holder: &Object<'_>) -> Result<Option<String>> {
    for attribute in holder.all("auth") {
        let value = attribute.value();
        let mut words = value.split_ascii_whitespace();
        let Some(method) = words.next() else { continue };
        let proven = if method.eq_ignore_ascii_case("SSO") {
            words.next().and_then(|name| account(proofs, name))
        } else {
            match KeyReference::parse(method) {
                Some(name) => key(objects, proofs, &name)?,
                None => None,
            }
        };
        if proven.is_some() {
            return Ok(proven);
        }
    }
    Ok(None)
}

fn account(proofs: &Proofs, name: &str) -> Option<String> {
    let is =
        |proof: &&Proof| matches!(proof, Proof::Account { login, .. } if login.eq_ignore_ascii_case(name));
    proofs.iter().find(is).map(Proof::in_words)
}

/// Whether the key called `name` is proven. The key itself is compared, whole: a name of 8 digits, of which keys can be
/// made, leads to the object and proves nothing.
fn key(objects: &dyn Objects, proofs: &Proofs, name: &KeyReference) -> Result<Option<String>> {
    let Some(text) = named(objects, name)? else { return Ok(None) };
    let Some(key) = Object::parse(&text).ok().and_then(|object| Key::of(&object).ok()) else {
        return Ok(None);
    };
    let is = |proof: &&Proof| match (proof, &key) {
        (Proof::OpenPgp { fingerprint, .. }, Key::Pgp(key)) => {
            let own = key.fingerprint();
            name.matches(&own) && own.eq_ignore_ascii_case(fingerprint)
        }
        (Proof::Certificate { der }, Key::X509(own)) => own == der,
        _ => false,
    };
    Ok(proofs.iter().find(is).map(Proof::in_words))
}

/// The text of the `key-cert` called `name`, or of the only one that a short name can mean.
fn named(objects: &dyn Objects, name: &KeyReference) -> Result<Option<Vec<u8>>> {
    if let Some(text) = objects.text("key-cert", &name.to_string())? {
        return Ok(Some(text));
    }
    if name.is_whole() {
        return Ok(None);
    }
    match objects.aliased(name)?.as_slice() {
        [one] => objects.text("key-cert", one),
        _ => Ok(None),
    }
}

/// Whether one of the maintainers `names` is proven: its name and by what.
///
/// # Errors
/// The database is gone.
pub(crate) fn any_maintainer(
    objects: &dyn Objects,
    proofs: &Proofs,
    names: &[String],
) -> Result<Option<String>> {
    for name in names {
        let Some(text) = objects.text("mntner", name)? else { continue };
        let Ok(maintainer) = Object::parse(&text) else { continue };
        if let Some(proof) = by(objects, proofs, &maintainer)? {
            return Ok(Some(format!("{name} by {proof}")));
        }
    }
    Ok(None)
}

/// Adds what came of asking the maintainers `names`, whom the attribute `using` names.
pub(super) fn ask(
    objects: &dyn Objects,
    proofs: &Proofs,
    using: &'static str,
    names: Vec<String>,
    decision: &mut Decision,
) -> Result<()> {
    match any_maintainer(objects, proofs, &names)? {
        Some(by) => decision.by.push(by),
        None => {
            let tell = told_of_failures(objects, &names)?;
            decision.failures.push(Failure { using, asked: names, note: None, tell });
        }
    }
    Ok(())
}

/// Where the maintainers `names` want to be told of failed tries (`upd-to`).
pub(super) fn told_of_failures(objects: &dyn Objects, names: &[String]) -> Result<Vec<String>> {
    let mut tell = Vec::new();
    for name in names {
        let Some(text) = objects.text("mntner", name)? else { continue };
        let Ok(maintainer) = Object::parse(&text) else { continue };
        tell.extend(mailboxes(&maintainer, A::UpdTo));
    }
    Ok(tell)
}
