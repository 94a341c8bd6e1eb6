//! What a new object lies in.
//!
//! | new object | who is asked |
//! |---|---|
//! | `inetnum`, `inet6num` | `mnt-lower`, else `mnt-by`, of the closest network around it |
//! | `route`, `route6` | `mnt-routes`, else `mnt-lower`, else `mnt-by`, of the network of the prefix, or the closest around it |
//! | `domain` (reverse) | `mnt-domains`, else `mnt-lower`, else `mnt-by`, of that network |
//! | `domain` (others) | `mnt-by` of the domain above |
//! | `aut-num` | `mnt-lower`, else `mnt-by`, of the closest `as-block` |
//! | sets with a name in parts (`AS64496:AS-ALL`) | `mnt-lower`, else `mnt-by`, of the first part |
//! | `as-block` | the keeper of the registry |
//!
//! Where there is nothing above, the keeper of the registry is asked.

use kit::Result;
use rpsl::range::{parse_as_number, parse_range, parse_reverse_domain};
use rpsl::template::{AttributeName as A, normal_key};
use rpsl::{AddressRange, Object};

use super::{Change, Decision, Failure, proven};
use crate::update::objects::{Objects, class_of, names};
use crate::update::proofs::Proofs;

/// The maintainers of what lies above a new object must be proven, one of them.
pub(super) fn decide(
    objects: &dyn Objects,
    proofs: &Proofs,
    change: &Change<'_>,
    decision: &mut Decision,
) -> Result<()> {
    let (None, Some(new)) = (change.old, change.new) else { return Ok(()) };
    let (above, attributes): (Option<Vec<u8>>, &[A]) = match change.class {
        "inetnum" | "inet6num" => (network(objects, change.key, false)?, &[A::MntLower, A::MntBy]),
        "route" | "route6" => {
            let above = network(objects, prefix_of(change.key), true)?;
            return route(objects, proofs, change, new, above, decision);
        }
        "domain" => match parse_reverse_domain(change.key) {
            Some(range) => (around(objects, range, true)?, &[A::MntDomains, A::MntLower, A::MntBy]),
            None => (domain(objects, change.key)?, &[A::MntBy]),
        },
        "aut-num" => (block(objects, change.key)?, &[A::MntLower, A::MntBy]),
        "as-block" => (None, &[]),
        _ if change.class.ends_with("-set") => match change.key.rsplit_once(':') {
            Some((first, _)) => (set(objects, change.class, first)?, &[A::MntLower, A::MntBy]),
            None => return Ok(()),
        },
        _ => return Ok(()),
    };
    let above = above.as_deref().and_then(|text| Object::parse(text).ok());
    let Some(above) = above else { return nothing_above(change, decision) };
    ask_first(objects, proofs, &above, attributes, decision)
}

fn nothing_above(change: &Change<'_>, decision: &mut Decision) -> Result<()> {
    let note =
        "there is nothing in this registry that it lies in; ask the keeper of the registry to register it";
    let using = if change.class == "domain" { "mnt-by" } else { "mnt-lower" };
    let note = Some(note.to_owned());
    decision.failures.push(Failure { using, asked: Vec::new(), note, tell: Vec::new() });
    Ok(())
}

/// Asks those whom the first of `attributes` names that stands in `above`.
fn ask_first(
    objects: &dyn Objects,
    proofs: &Proofs,
    above: &Object<'_>,
    attributes: &[A],
    decision: &mut Decision,
) -> Result<()> {
    for attribute in attributes {
        let asked = names(above, *attribute);
        if !asked.is_empty() {
            return proven::ask(objects, proofs, attribute.as_str(), asked, decision);
        }
    }
    let note =
        format!("[{}] {} has no maintainers; ask the keeper of the registry", above.class(), above.key());
    decision.failures.push(Failure {
        using: "mnt-by",
        asked: Vec::new(),
        note: Some(note),
        tell: Vec::new(),
    });
    Ok(())
}

fn route(
    objects: &dyn Objects,
    proofs: &Proofs,
    change: &Change<'_>,
    new: &Object<'_>,
    above: Option<Vec<u8>>,
    decision: &mut Decision,
) -> Result<()> {
    let above = above.as_deref().and_then(|text| Object::parse(text).ok());
    let Some(above) = above else { return nothing_above(change, decision) };
    if above.get("mnt-routes").is_none() {
        return ask_first(objects, proofs, &above, &[A::MntLower, A::MntBy], decision);
    }
    let prefix = new.attributes().next().map(|first| first.value().into_owned()).unwrap_or_default();
    let mut asked = Vec::new();
    for attribute in above.all("mnt-routes") {
        let value = attribute.value();
        let (maintainers, condition) = value.split_once('{').unwrap_or((&value, ""));
        if covers(condition, &prefix) {
            asked.extend(rpsl::template::normal_terms(A::MntRoutes, maintainers));
        }
    }
    if asked.is_empty() {
        let note = format!(
            "none of the maintainers that [{}] {} names there may announce it",
            above.class(),
            above.key()
        );
        decision.failures.push(Failure { using: "mnt-routes", asked, note: Some(note), tell: Vec::new() });
        return Ok(());
    }
    proven::ask(objects, proofs, "mnt-routes", asked, decision)
}

/// Whether the prefixes behind a maintainer's name (RFC 2725 section 9: `{192.0.2.0/24^+, …}`) allow a route for
/// `prefix`. Without any, or with `ANY`, they do. Of the range operators `^+` alone is understood; others allow
/// nothing.
fn covers(condition: &str, prefix: &str) -> bool {
    let list = condition.trim().trim_end_matches('}').trim();
    if list.is_empty() || list.eq_ignore_ascii_case("ANY") {
        return true;
    }
    let Ok(route) = parse_range(prefix) else { return false };
    list.split(',').any(|item| {
        let (text, operator) = item.trim().split_once('^').unwrap_or((item.trim(), ""));
        parse_range(text).is_ok_and(|range| match operator {
            "" => range == route,
            "+" => range.contains(route.first()) && range.contains(route.last()),
            _ => false,
        })
    })
}

/// The prefix of a route's key, `192.0.2.0/24AS64496`.
fn prefix_of(key: &str) -> &str {
    key.find("AS").and_then(|at| key.get(..at)).unwrap_or(key)
}

fn network(objects: &dyn Objects, key: &str, itself: bool) -> Result<Option<Vec<u8>>> {
    match parse_range(key) {
        Ok(range) => around(objects, range, itself),
        Err(_) => Ok(None),
    }
}

/// The network of a range, when `itself` may be meant, or the closest around it.
fn around(objects: &dyn Objects, range: AddressRange, itself: bool) -> Result<Option<Vec<u8>>> {
    if itself && let Some(text) = objects.text(class_of(range), &range.to_string())? {
        return Ok(Some(text));
    }
    objects.around(range)
}

/// The closest domain above.
fn domain(objects: &dyn Objects, name: &str) -> Result<Option<Vec<u8>>> {
    let mut rest = name;
    while let Some((_, above)) = rest.split_once('.') {
        if let Some(text) = objects.text("domain", above)? {
            return Ok(Some(text));
        }
        rest = above;
    }
    Ok(None)
}

/// The smallest block that holds an AS number.
fn block(objects: &dyn Objects, key: &str) -> Result<Option<Vec<u8>>> {
    let Some(number) = parse_as_number(key) else { return Ok(None) };
    let mut closest: Option<(u32, Vec<u8>)> = None;
    for text in objects.of_class("as-block")? {
        let key = Object::parse(&text).ok().map(|object| object.key().into_owned()).unwrap_or_default();
        let Some((first, last)) = key
            .split_once('-')
            .and_then(|(first, last)| Some((parse_as_number(first)?, parse_as_number(last)?)))
        else {
            continue;
        };
        let size = last.saturating_sub(first);
        if (first..=last).contains(&number) && closest.as_ref().is_none_or(|(smallest, _)| size < *smallest) {
            closest = Some((size, text));
        }
    }
    Ok(closest.map(|(_, text)| text))
}

/// The object that the first parts of a set's name mean: an AS number or another set.
fn set(objects: &dyn Objects, class: &str, first: &str) -> Result<Option<Vec<u8>>> {
    match parse_as_number(first) {
        Some(_) => objects.text("aut-num", &normal_key("aut-num", first).unwrap_or_default()),
        None => objects.text(class, first),
    }
}

#[cfg(test)]
mod tests {
    use super::covers;

    #[test]
    fn prefixes_behind_a_maintainer_bound_what_it_may_announce() {
        assert!(covers("", "192.0.2.0/24") && covers("ANY}", "192.0.2.0/24"));
        assert!(covers("192.0.2.0/24}", "192.0.2.0/24") && !covers("192.0.2.0/24}", "192.0.2.0/25"));
        assert!(covers("198.51.100.0/24, 192.0.2.0/24^+}", "192.0.2.128/25"));
        assert!(!covers("192.0.2.0/24^25-26}", "192.0.2.0/25"), "what is not understood allows nothing");
        assert!(!covers("192.0.2.0/24^+}", "198.51.100.0/24"));
    }
}
