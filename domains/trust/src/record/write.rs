//! Entries into the stream, and out of it again.

use contracts::trust::record::{Audience, By, Change, Entry, STREAM};
use identity::NO_TEAM;
use kit::events::{self, Link, Stamp};
use kit::{Error, Id, Node, Read, Result, Time, Write};
use teams::Standing;

use crate::hand_over;
use crate::process::{Paragraph, Rules, State, Step, next_at};
use crate::store::{self, Place};

/// Who acts on which team, and when.
#[derive(Debug, Clone)]
pub(crate) struct Author {
    pub(crate) team: Id,
    pub(crate) handle: String,
    pub(crate) by: By,
    /// Their name, for the team's own history; it does not go into the record of trust.
    pub(crate) name: String,
    pub(crate) at: Time,
}

/// Writes `steps` into the record and brings `state`, its row and the team's standing to what they give. Returns the
/// places of the entries.
pub(crate) fn write(
    node: &Node,
    tx: &Write<'_>,
    rules: &Rules,
    author: &Author,
    state: &mut State,
    steps: &[Step],
) -> Result<Vec<i64>> {
    let before = (state.standing(), state.standing_since);
    let mut places = Vec::with_capacity(steps.len());
    for step in steps {
        let mut entry = Entry {
            team: author.team.to_string(),
            handle: author.handle.clone(),
            number: state.next_number(&step.change),
            from: state.standing_name().to_owned(),
            to: String::new(),
            rule: step.paragraph.number().to_owned(),
            by: author.by.clone(),
            evidence: step.evidence.clone(),
            signature: step.signature.clone(),
            change: step.change.clone(),
        };
        state.apply(author.at, &entry);
        entry.to = state.standing_name().to_owned();
        places.push(append(node, tx, author.team, author.at, &entry)?);
    }
    store::put_state(tx, author.team, state, next_at(rules, state))?;
    if (state.standing(), state.standing_since) != before {
        let stamp = Stamp { at: author.at, team: Some(author.team), actor: author.name.clone() };
        let since = state.standing_since;
        let standing = state.standing().map(|status| Standing { status, since });
        teams::stand(node, tx, &stamp, author.team, standing)?;
    }
    Ok(places)
}

/// Writes one entry. The chain names capacities, not people, and does not tell sealed entries apart.
pub(crate) fn append(node: &Node, tx: &Write<'_>, team: Id, at: Time, entry: &Entry) -> Result<i64> {
    hand_over::must_be_here(tx, &entry.change)?;
    let audience = entry.change.audience();
    let sealed = audience == Audience::Sealed;
    let actor = if sealed { "sealed" } else { entry.by.capacity.name() };
    let concerns = (!sealed && team != identity::NO_TEAM).then_some(team);
    let stamp = Stamp { at, team: concerns, actor: actor.to_owned() };
    let appended = events::append(node, tx, &stamp, entry.change.kind(), STREAM.to_owned(), entry)?;
    let place = Place {
        position: appended.position,
        team,
        at,
        kind: entry.change.name().to_owned(),
        audience: audience.name().to_owned(),
    };
    store::put_entry(tx, &place, entry.number)?;
    Ok(appended.position)
}

/// Writes an entry that concerns the community itself, now; `handle` is the team's that it names, if it names one.
pub(crate) fn of_the_community(
    node: &Node,
    tx: &Write<'_>,
    by: &By,
    handle: &str,
    paragraph: Paragraph,
    change: Change,
) -> Result<()> {
    let entry = Entry {
        team: String::new(),
        handle: handle.to_owned(),
        number: store::last_number(tx, NO_TEAM)? + 1,
        from: String::new(),
        to: String::new(),
        rule: paragraph.number().to_owned(),
        by: by.clone(),
        evidence: Vec::new(),
        signature: None,
        change,
    };
    append(node, tx, NO_TEAM, node.now(), &entry).map(drop)
}

/// The entry at a place of the stream with its moment; `None`: its particulars were erased.
pub(crate) fn read(c: &Read<'_>, position: i64) -> Result<Option<(Time, Entry)>> {
    let found = events::links(c, STREAM, position - 1, 1)?;
    let Some(link) = found.into_iter().next() else { return Ok(None) };
    Ok(entry(&link)?.map(|entry| (link.at, entry)))
}

/// The entry that a link tells; `None`: it is withheld or was erased.
///
/// # Errors
/// [`Error::Corrupt`]: it is none of this program's.
pub(crate) fn entry(link: &Link) -> Result<Option<Entry>> {
    let Some((_, body)) = &link.told else { return Ok(None) };
    let entry = serde_json::from_str(body);
    entry.map(Some).map_err(|error| Error::Corrupt(format!("entry {} of the record: {error}", link.position)))
}
