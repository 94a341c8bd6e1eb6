//! What kind of thing is looked for, and where it is found.

use rpsl::query::{Kind, SearchKey};
use rpsl::template::normal_key;

use super::{Found, Group, names, networks, responsible};
use crate::whois::memory::{Objects, Stop};
use crate::whois::request::Request;

/// What was found.
pub(super) enum Outcome {
    /// Objects that stand for themselves.
    Found(Found),
    /// Objects with remarks of their own.
    Groups(Vec<Group>),
}

/// Looks for what the request names.
pub(super) fn run(objects: &Objects<'_, '_>, request: &Request) -> Result<Outcome, Stop> {
    let Some(key) = &request.key else { return Ok(Outcome::Found(Found::default())) };
    if !request.inverse.is_empty() {
        return names::naming(objects, request, key.text()).map(Outcome::Found);
    }
    if request.irt
        && let Some(groups) = responsible::groups(objects, request, key)?
    {
        return Ok(Outcome::Groups(groups));
    }
    let found = match key.kind() {
        Kind::Address(_) | Kind::Prefix(_) | Kind::Range(_) => match key.range() {
            Some(range) => networks::about(
                objects,
                request,
                (range.first().to_canonical(), range.last().to_canonical()),
            )?,
            None => Found::default(),
        },
        Kind::ReverseDomain(range) if request.reverse => {
            networks::about(objects, request, (range.first(), range.last()))?
        }
        Kind::AsNumber(asn) => names::of_as(objects, request, *asn)?,
        Kind::Route(range, _) => route(objects, request, key, range.is_ipv4())?,
        _ => names::called(objects, request, key)?,
    };
    Ok(Outcome::Found(found))
}

fn route(
    objects: &Objects<'_, '_>,
    request: &Request,
    key: &SearchKey,
    is_ipv4: bool,
) -> Result<Found, Stop> {
    let mut found = Found::default();
    let class = if is_ipv4 { "route" } else { "route6" };
    if let Ok(key) = normal_key(class, key.text()) {
        for card in objects.named(class, &key)? {
            found.add(request, card);
        }
    }
    Ok(found)
}
