//! What the introducer says about a team, in the team's `irt` object.
//!
//! The lines are derived from the team's status whenever the object is shown: they are right with the commit that
//! changes the status, and nobody can write them. Only where a maintainer of the introducer keeps the object: there the
//! team asked for it (TF-CSIRT activity update, section 3.2).

use std::borrow::Cow;

use kit::Time;
use rpsl::Object;
use teams::{Directory, Reader, Team, skeleton};

use crate::settings::Settings;

/// The remarks begin so; an update may not bring lines that look alike.
const STATUS: &str = "Trust status:";
const PAGE: &str = "Trust page:";

/// The attributes that stand before the introducer's remarks.
const BEFORE: &[&str] = &[
    "irt",
    "address",
    "phone",
    "fax-no",
    "e-mail",
    "abuse-mailbox",
    "signature",
    "contact",
    "encryption",
    "org",
    "admin-c",
    "tech-c",
    "auth",
    "remarks",
];

/// The object as it is shown to anybody: with the introducer's remarks when it is an `irt` that the introducer
/// maintains and whose team is in the directory, else as it is.
pub(crate) fn shown<'a>(raw: &'a [u8], directory: &Directory, settings: &Settings) -> Cow<'a, [u8]> {
    if settings.introducers.is_empty() || !raw.get(..4).is_some_and(|head| head.eq_ignore_ascii_case(b"irt:"))
    {
        return Cow::Borrowed(raw);
    }
    let Ok(object) = Object::parse(raw) else { return Cow::Borrowed(raw) };
    let remarks = remarks(&object, directory, settings);
    if remarks.is_empty() { Cow::Borrowed(raw) } else { Cow::Owned(insert(raw, &object, &remarks)) }
}

/// The introducer's remarks for an `irt`, without the attribute's name; none when the introducer does not maintain it
/// or it is not proven to be of a team that the public knows.
pub(crate) fn remarks(irt: &Object<'_>, directory: &Directory, settings: &Settings) -> Vec<String> {
    let Some(introducer) = introducer(irt, settings) else { return Vec::new() };
    // The same lines for everybody: of teams that the public may not know, none.
    let team = directory.by_irt(&irt.key()).filter(|team| Reader::PUBLIC.knows(team));
    let Some(team) = team else { return Vec::new() };
    let mut lines = vec![format!("{STATUS} {} (says {introducer})", standing(&team))];
    if !settings.base_url.is_empty() {
        lines.push(format!("{PAGE} {}/teams/{}", settings.base_url, team.handle));
    }
    lines
}

/// The first of the introducer's maintainers in `mnt-by` of an `irt` of this node's own registry. In another one, loaded or
/// followed, anybody may have taken that name: there it means nothing, and what stands in the object is that registry's word.
pub(crate) fn introducer<'s>(irt: &Object<'_>, settings: &'s Settings) -> Option<&'s str> {
    let own = irt.get("source").is_some_and(|source| settings.keeps(&source.value()));
    if irt.class() != "irt" || !own {
        return None;
    }
    let by: Vec<String> =
        irt.all("mnt-by").flat_map(|attribute| attribute.items().collect::<Vec<_>>()).collect();
    let kept = |name: &&String| by.iter().any(|item| item.eq_ignore_ascii_case(name));
    settings.introducers.iter().find(kept).map(String::as_str)
}

fn standing(team: &Team) -> String {
    match team.standing {
        Some(standing) => format!("{} since {}", standing.status, date(standing.since)),
        None => "not listed".to_owned(),
    }
}

fn date(at: Time) -> String {
    ui::format::date(at)
}

fn insert(raw: &[u8], object: &Object<'_>, remarks: &[String]) -> Vec<u8> {
    let after = object.attributes().filter(|attribute| BEFORE.contains(&attribute.name())).last();
    // The end of that attribute's last line: its value is a part of `raw`.
    let end = after.map_or(raw.len(), |attribute| {
        let value = attribute.raw_value();
        value.as_ptr().addr() + value.len() - raw.as_ptr().addr()
    });
    let line_end = memchr::memchr(b'\n', &raw[end..]).map_or(raw.len(), |at| end + at + 1);
    let mut out = raw[..line_end].to_vec();
    if out.last() != Some(&b'\n') {
        out.push(b'\n');
    }
    for line in remarks {
        out.extend_from_slice(format!("remarks:        {line}\n").as_bytes());
    }
    out.extend_from_slice(&raw[line_end..]);
    out
}

/// Whether a line of free text could be taken for one of the introducer's remarks, whatever letters it is written with.
pub(crate) fn imitates(line: &str) -> bool {
    let line = skeleton(line);
    [STATUS, PAGE, "Trust level", "Accreditation status"].iter().any(|own| line.contains(&skeleton(own)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_look_like_the_introducers_are_recognised() {
        for line in [
            "Trust status: accredited since 2004-03-12",
            "trust-status = certified",
            "T r u s t  S t a t u s: accredited",
            "Тrust statuѕ: accredited", // Cyrillic T and s
            "TRUST PAGE: https://www.example/teams/lab",
            ">> accreditation status: certified <<",
        ] {
            assert!(imitates(line), "{line}");
        }
        for line in ["We are trusted by our users", "24/7 hotline; status page at https://status.example"] {
            assert!(!imitates(line), "{line}");
        }
    }
}
