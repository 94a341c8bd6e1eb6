//! Versions of an object: all, one, or what was changed between two.

use std::fmt::Write as _;

use rpsl::query::QueryError;

use super::search;
use crate::store::changes::{Change, ChangeKind};
use crate::store::objects::Name;
use crate::whois::memory::{Objects, Stop};
use crate::whois::request::{How, Request};
use crate::whois::words::{erased, failure, no_entries};

/// Which versions of an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::whois) enum Which {
    /// All, as a list.
    List,
    /// One, whole.
    Show(i64),
    /// What was changed from one to the other.
    Diff(i64, i64),
}

/// Versions that are told; older ones are asked for by their number.
const MOST: i64 = 1_000;

/// Answers a question for versions.
pub(in crate::whois) fn tell(
    objects: &Objects<'_, '_>,
    request: &Request,
    which: Which,
    out: &mut String,
) -> Result<(), Stop> {
    // Whether it was ever changed stands in the database alone.
    objects.database()?;
    let exact = Request { how: How::Exact, inverse: Vec::new(), irt: false, ..request.clone() };
    let Some((source, class, key)) = named(objects, &exact)? else {
        failure(&no_entries(&request.sources), out);
        return Ok(());
    };
    if matches!(&*class, "person" | "role") {
        failure(&QueryError::no_versions(), out);
        return Ok(());
    }
    let name = Name { source: &source, class: &class, key: &key };
    let mut all = objects.versions(name, MOST)?;
    all.reverse();
    if all.is_empty() {
        // It came by an import and has not changed here since.
        all.extend(imported(objects, name)?);
    }
    match which {
        Which::List => list(name, &all, out),
        Which::Show(number) => show(objects, name, &all, number, out),
        Which::Diff(from, to) => diff(objects, name, &all, (from, to), out),
    }
    Ok(())
}

/// The one object that is meant: also one that is gone by now, when the key can be of one class only.
fn named(objects: &Objects<'_, '_>, request: &Request) -> Result<Option<(String, String, String)>, Stop> {
    let Some(key) = &request.key else { return Ok(None) };
    if let search::Outcome::Found(found) = search::run(objects, request)? {
        let is_route = |class: &str| matches!(class, "route" | "route6" | "domain" | "as-block");
        let own = found.cards.iter().find(|card| !is_route(&card.class)).or(found.cards.first());
        if let Some(card) = own {
            return Ok(Some((card.source.to_string(), card.class.to_string(), card.key.to_string())));
        }
    }
    for template in &request.templates {
        let Ok(key) = rpsl::template::normal_key(template.class(), key.text()) else { continue };
        for source in objects.sources().filter(|source| request.wants_source(source)) {
            let name = Name { source, class: template.class(), key: &key };
            if !objects.versions(name, 1)?.is_empty() {
                return Ok(Some((source.to_owned(), template.class().to_owned(), key)));
            }
        }
    }
    Ok(None)
}

fn imported(objects: &Objects<'_, '_>, name: Name<'_>) -> Result<Option<Change>, Stop> {
    let stored = crate::store::objects::by_key(objects.database()?, name)?;
    Ok(stored.map(|stored| Change {
        serial: 0,
        class: stored.class,
        key: stored.key,
        version: 1,
        kind: ChangeKind::Found,
        at: stored.since,
        actor: String::new(),
        digest: Vec::new(),
        raw: Some(stored.raw),
    }))
}

fn list(name: Name<'_>, all: &[Change], out: &mut String) {
    let _ = write!(
        out,
        "% Version history for {} object \"{}\"\n% You can use \"--show-version rev#\" to get an exact version of the object.\n\n\
         rev#  Date                  Op.\n\n",
        name.class.to_uppercase(),
        name.key
    );
    for change in all {
        let operation = match change.kind {
            ChangeKind::Delete => "DEL",
            ChangeKind::Found | ChangeKind::Create | ChangeKind::Modify => "ADD/UPD",
        };
        let _ = writeln!(out, "{:<4}  {}  {operation}", change.version, moment(change.at));
    }
    out.push('\n');
}

fn show(objects: &Objects<'_, '_>, name: Name<'_>, all: &[Change], number: i64, out: &mut String) {
    let found = all.iter().find(|change| change.version == number);
    let Some((change, raw)) = found.and_then(|change| Some((change, change.raw.as_ref()?))) else {
        return missing(all, number, out);
    };
    let current = match all.last() {
        Some(last) if last.version == number && last.kind != ChangeKind::Delete => " (current version)",
        _ => "",
    };
    let _ = write!(
        out,
        "% Version {number}{current} of object \"{}\"\n% This version was {} on {}\n\
         % You can use \"--list-versions\" to get a list of versions for an object.\n\n{}\n",
        name.key,
        match change.kind {
            ChangeKind::Delete => "deleted",
            ChangeKind::Found => "imported",
            ChangeKind::Create => "created",
            ChangeKind::Modify => "written",
        },
        moment(change.at),
        objects.past(name, raw, change.at).text(false)
    );
}

fn diff(objects: &Objects<'_, '_>, name: Name<'_>, all: &[Change], (from, to): (i64, i64), out: &mut String) {
    let mut texts = Vec::new();
    for number in [from, to] {
        let raw = all.iter().find(|change| change.version == number).and_then(|change| change.raw.as_ref());
        let Some(raw) = raw else { return missing(all, number, out) };
        // Both as a plain query shows them: a difference tells no more than the versions do.
        texts.push(objects.past(name, raw, 0).text(false).to_owned());
    }
    let mut difference = rpsl::diff::unified(texts[0].as_bytes(), texts[1].as_bytes());
    if difference.is_empty() {
        difference.push_str("% They look alike: what differs is not shown to everybody.\n");
    }
    let _ = write!(
        out,
        "% Difference between version {from} and {to} of object \"{}\"\n\n{difference}\n",
        name.key
    );
}

fn missing(all: &[Change], number: i64, out: &mut String) {
    let last = all.last().and_then(|change| u32::try_from(change.version).ok()).unwrap_or(0);
    if i64::from(last) < number || number < 1 {
        failure(&QueryError::version_out_of_range(last), out);
    } else {
        failure(&erased(number), out);
    }
}

fn moment(at: kit::Time) -> String {
    ui::format::iso(at)
}
