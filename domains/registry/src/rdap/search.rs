//! Searches (RFC 9082 section 3.2): the first hundred, and whether there are more.

use std::collections::BTreeSet;

use axum::extract::Query;
use axum::http::StatusCode;
use axum::response::Response;
use identity::Fields;
use kit::{Read, Result};
use rdap::{Domains, Entities, Notice};
use rpsl::Object;
use rpsl::template::{AttributeName, normal_terms};

use super::asked::Pattern;
use super::door::{No, Question, answer};
use super::help;
use super::lookup::sources;
use super::make::Maker;
use super::read::ENTITIES;
use crate::answer::Answer;
use crate::store::objects::Stored;
use crate::store::search;

/// Results that are told.
const MOST: usize = 100;
/// Objects that are looked at for them.
const LOOKED_AT: i64 = 2_000;

pub(super) async fn entities(question: Question, Query(query): Query<Fields>) -> Result<Response, No> {
    let (by, text) = match (query.text("handle"), query.text("fn")) {
        (handle, "") if !handle.is_empty() => (By::Handle, handle),
        ("", name) if !name.is_empty() => (By::Name, name),
        _ => return Err(No::Malformed("Ask for entities?fn=NAME or entities?handle=HANDLE.".to_owned())),
    };
    let pattern = pattern(text)?;
    let snapshot = question.snapshot();
    let sources = sources(&question, &snapshot);
    let read = question.registry.node().db.read(move |c| match by {
        By::Handle => by_handle(c, &sources, &ENTITIES, &pattern),
        By::Name => by_name(c, &sources, &pattern),
    });
    let (found, more) = read.await?;
    let nobody = Answer::nobody();
    let maker = Maker::new(&question, &snapshot, &nobody);
    let results = found.iter().filter_map(|stored| maker.entity(stored, Vec::new())).collect();
    Ok(answer(StatusCode::OK, Entities { results }, notices(&question, more)))
}

pub(super) async fn domains(question: Question, Query(query): Query<Fields>) -> Result<Response, No> {
    let text = query.text("name").trim_end_matches('.');
    if text.is_empty() {
        let by = ["nsLdhName", "nsIp"].into_iter().find(|by| !query.text(by).is_empty());
        return Err(match by {
            Some(by) => {
                No::Unsupported(format!("Domains are not searched by {by}: ask for domains?name=NAME."))
            }
            None => No::Malformed("Ask for domains?name=NAME.".to_owned()),
        });
    }
    let pattern = pattern(text)?;
    let snapshot = question.snapshot();
    let sources = sources(&question, &snapshot);
    let read = question.registry.node().db.read(move |c| by_handle(c, &sources, &["domain"], &pattern));
    let (found, more) = read.await?;
    let nobody = Answer::nobody();
    let maker = Maker::new(&question, &snapshot, &nobody);
    let results = found.iter().map(|stored| maker.found_domain(stored)).collect();
    Ok(answer(StatusCode::OK, Domains { results }, notices(&question, more)))
}

enum By {
    Handle,
    Name,
}

fn pattern(text: &str) -> Result<Pattern, No> {
    Pattern::parse(text).ok_or_else(|| {
        No::Malformed("At least two letters, then at most one * for whatever stands there.".to_owned())
    })
}

/// What was found, and whether there may be more.
type Found = (Vec<Stored>, bool);

fn by_handle(c: &Read<'_>, sources: &[String], classes: &[&str], pattern: &Pattern) -> Result<Found> {
    let before = pattern.before.to_uppercase();
    let (mut found, mut more) = (Vec::new(), false);
    for (source, class) in sources.iter().flat_map(|source| classes.iter().map(move |class| (source, class)))
    {
        let looked_at = if pattern.after.is_some() { LOOKED_AT } else { 1 };
        let keys = search::keys_from(c, source, class, &before, looked_at)?;
        more |= keys.len() as i64 == LOOKED_AT;
        found.extend(keys.into_iter().filter(|stored| pattern.means(&stored.key)));
    }
    more |= found.len() > MOST;
    found.truncate(MOST);
    Ok((found, more))
}

/// By the longest of its words that stand whole; then the whole name is compared. Teams and maintainers are called
/// by their handles.
fn by_name(c: &Read<'_>, sources: &[String], pattern: &Pattern) -> Result<Found> {
    let (mut found, mut more) = by_handle(c, sources, &["irt", "mntner"], pattern)?;
    let words = normal_terms(AttributeName::OrgName, &pattern.before);
    let Some(word) = words.iter().max_by_key(|word| word.len()) else { return Ok((found, more)) };
    let mut seen: BTreeSet<i64> = found.iter().map(|stored| stored.row).collect();
    for attribute in [AttributeName::Person, AttributeName::Role, AttributeName::OrgName] {
        let named = search::terms_from(c, attribute.short(), word, LOOKED_AT)?;
        more |= named.len() as i64 == LOOKED_AT;
        let meant = named.into_iter().filter(|stored| {
            let name = Object::parse(&stored.raw)
                .ok()
                .and_then(|object| object.get(attribute.as_str()).map(|value| value.value().into_owned()));
            name.is_some_and(|name| pattern.means(&name)) && seen.insert(stored.row)
        });
        found.extend(meant);
    }
    more |= found.len() > MOST;
    found.truncate(MOST);
    Ok((found, more))
}

fn notices(question: &Question, more: bool) -> Vec<Notice> {
    let mut notices = help::notices(question);
    if more {
        notices.push(Notice {
            kind: Some("result set truncated due to excessive load"),
            ..Notice::new(
                "More than is told",
                [format!("Of what was found the first {MOST}. Ask for more of the name.")],
            )
        });
    }
    notices
}
