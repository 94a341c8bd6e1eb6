//! A verdict into the database: the object, its versions, the record.

use contracts::registry::RegistryObjectChanged;
use kit::events::{self, Stamp};
use kit::{Digest, Error, Id, Node, Result, Time, Write};
use rpsl::Object;
use rpsl::template::{AttributeName as A, normal_terms};

use super::judge::{Verdict, network};
use super::keys;
use super::objects::{class_of, ends};
use super::proofs::{Proof, Proofs};
use super::report::Action;
use crate::contacts;
use crate::live::Applied;
use crate::store::changes::{self, ChangeKind};
use crate::store::objects::{self, Name, Term};
use crate::store::updates;

/// Objects that are taken over at once.
const BATCH: i64 = 1_000;
/// Bytes of the longest name that the database takes in an index.
const LONGEST_TERM: usize = 320;

/// Prepares a source for changes, with its first one: what imports did not write down, ranges and terms, is written for
/// all its objects. From then on imports of the source are refused, so that nothing is missing.
///
/// # Errors
/// The database refuses it.
pub(crate) fn take_over(node: &Node, tx: &Write<'_>, source: &str, now: Time) -> Result<Id> {
    let fresh = node.id();
    let origin = changes::origin(tx, source, fresh, now)?;
    if origin != fresh {
        return Ok(origin);
    }
    let mut after = 0;
    loop {
        let some = updates::of_source(tx, source, after, BATCH)?;
        let Some(last) = some.last() else { return Ok(origin) };
        after = last.row;
        for object in &some {
            updates::add_terms(tx, object.row, &terms(&object.raw))?;
            range(tx, object.row, source, &object.class, &object.raw)?;
        }
    }
}

/// Does what the verdict says: writes the versions, the object and the record, and puts version and digest into its
/// report. Nothing when nothing is to be done.
///
/// # Errors
/// The database refuses it.
pub(crate) fn carry_out(
    node: &Node,
    tx: &Write<'_>,
    source: &str,
    origin: Id,
    proofs: &Proofs,
    verdict: &mut Verdict,
) -> Result<Option<Applied>> {
    let (class, key) = (verdict.report.class.clone(), verdict.report.key.clone());
    let name = Name { source, class: &class, key: &key };
    let kind = match (verdict.is_failed(), verdict.report.action) {
        (false, Action::Create) => ChangeKind::Create,
        (false, Action::Modify) => ChangeKind::Modify,
        (false, Action::Delete) => ChangeKind::Delete,
        _ => return Ok(None),
    };
    let (now, sender) = (node.now(), proofs.in_words());
    let is_signed = proofs.iter().any(|proof| matches!(proof, Proof::OpenPgp { .. }));
    if let Some(old) = &verdict.old
        && changes::versions(tx, name, 1)?.is_empty()
    {
        changes::record(tx, name, ChangeKind::Found, &old.raw, "import", old.since)?;
    }
    let raw = match (&verdict.new, &verdict.old) {
        (Some(new), _) => new,
        (None, Some(old)) => &old.raw,
        (None, None) => return Err(Error::Corrupt(format!("[{class}] {key} has no text"))),
    };
    let row = match &verdict.new {
        Some(new) => {
            let row = objects::save(tx, name, new, &terms(new), origin, now)?;
            range(tx, row, source, &class, new)?;
            if is_signed {
                contacts::saved_with_signature(tx, new, now)?;
            }
            row
        }
        None => objects::remove(tx, name)?.unwrap_or_default(),
    };
    let by = actor(&sender, verdict);
    let serial = changes::record(tx, name, kind, raw, &by, now)?;
    let version = changes::versions(tx, name, 1)?.first().map_or(1, |change| change.version);
    let digest = Digest::of(raw).to_string();
    let event = RegistryObjectChanged {
        source: source.to_owned(),
        class: class.clone(),
        key: key.clone(),
        version,
        serial,
        kind: kind.name().to_owned(),
        digest: digest.clone(),
    };
    events::record(node, tx, &Stamp { at: now, team: None, actor: sender }, &event)?;
    verdict.report.version = Some(version);
    if kind != ChangeKind::Delete {
        verdict.report.digest = Some(digest);
    }
    let raw = verdict.new.clone();
    Ok(Some(Applied { row, source: source.to_owned(), class, key, raw }))
}

/// Who changed it and by what right: `account kes (MNT-SKERRY by account kes; IRT-SKERRY by …)`.
fn actor(sender: &str, verdict: &Verdict) -> String {
    let mut by: Vec<&str> = verdict.decision.by.iter().map(String::as_str).collect();
    by.dedup();
    if by.is_empty() { sender.to_owned() } else { format!("{sender} ({})", by.join("; ")) }
}

/// The words by which an object is found; see `store::objects::Term`. Beyond those of its template: the short names of
/// a key, and the keys of a team, so that none goes while it is in use.
pub(crate) fn terms(raw: &[u8]) -> Vec<Term> {
    let Ok(object) = Object::parse(raw) else { return Vec::new() };
    let short = |name: &str| A::long(name).map(A::short);
    let own = rpsl::template::terms(&object).into_iter();
    let mut terms: Vec<Term> =
        own.filter_map(|term| Some(Term { attribute: short(term.attribute)?, value: term.value })).collect();
    let mut add = |attribute: A, value: String| {
        let term = Term { attribute: attribute.short(), value };
        if term.value.len() <= LONGEST_TERM && !terms.contains(&term) {
            terms.push(term);
        }
    };
    if object.class() == "key-cert"
        && let Some(fingerprint) = keys::fingerprint(raw)
    {
        keys::aliases(&fingerprint).into_iter().for_each(|alias| add(A::KeyCert, alias));
    }
    for attribute in [A::Signature, A::Encryption] {
        for line in object.all(attribute.as_str()) {
            normal_terms(attribute, &line.value()).into_iter().for_each(|key| add(attribute, key));
        }
    }
    terms
}

fn range(tx: &Write<'_>, row: i64, source: &str, class: &str, raw: &[u8]) -> Result<()> {
    let Ok(object) = Object::parse(raw) else { return Ok(()) };
    let Some(range) = network(class, &object.key()) else { return Ok(()) };
    updates::add_range(tx, row, source, class_of(range), &ends(range))
}
