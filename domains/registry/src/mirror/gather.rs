//! What has changed in the registry since it was published last: by the journal, and by the introducer's word.

use std::collections::BTreeMap;

use kit::Result;
use kit::db::Read;
use nrtm::{Change, Hash};
use rpsl::Object;
use teams::Directory;

use super::publish::LARGEST_DELTA;
use super::render;
use crate::settings::Settings;
use crate::store::changes::{self, Change as Journaled, ChangeKind};
use crate::store::publication::{self, Publication};
use crate::trust;

/// The changes behind `state`, as they are published. `None`: the journal does not tell all that has changed, or too
/// much. `now`: how many objects there are, and the journal's last serial.
pub(super) fn journal(
    c: &Read<'_>,
    source: &str,
    state: &Publication,
    now: (i64, i64),
    directory: &Directory,
    settings: &Settings,
) -> Result<Option<Vec<Change>>> {
    let (objects, serial) = now;
    let (mut at, mut grown, mut bytes) = (state.serial, 0, 0);
    let mut found = Vec::new();
    loop {
        let page = changes::since(c, source, at, 1_000)?;
        let Some(last) = page.last() else { break };
        at = last.serial;
        for change in page {
            grown += match change.kind {
                ChangeKind::Create => 1,
                ChangeKind::Delete => -1,
                ChangeKind::Found | ChangeKind::Modify => 0,
            };
            bytes += change.raw.as_ref().map_or(0, Vec::len);
            if bytes > LARGEST_DELTA {
                return Ok(None);
            }
            found.extend(told(change, directory, settings));
        }
    }
    let imported = publication::imported(c, source, state.imported)?;
    let all = !imported && state.objects + grown == objects && serial >= state.serial;
    Ok(all.then_some(found))
}

/// A change as it is published.
fn told(change: Journaled, directory: &Directory, settings: &Settings) -> Option<Change> {
    let delete = |class, key| Some(Change::Delete { class, key });
    match (change.kind, &change.raw) {
        (ChangeKind::Found, _) => None,
        (ChangeKind::Delete, _) => delete(change.class, change.key),
        // Its text was erased; the version that came then, or the deletion, is told.
        (_, None) => None,
        (_, Some(raw)) => match render::published(raw, directory, settings) {
            Some(text) => Some(Change::Put(text)),
            // It may have been told of before, as a role that wanted to be reached.
            None => delete(change.class, change.key),
        },
    }
}

/// Adds the objects whose remarks by the introducer are not those that were published `before`, and returns the digests
/// that are now; `None`: it has no remarks any more.
pub(super) fn remarks(
    irts: Vec<(String, Vec<u8>)>,
    before: Vec<(String, Vec<u8>)>,
    directory: &Directory,
    settings: &Settings,
    changes: &mut Vec<Change>,
) -> Vec<(String, Option<[u8; 32]>)> {
    let mut before: BTreeMap<String, Vec<u8>> = before.into_iter().collect();
    let mut digests = Vec::new();
    let mut put = |text| {
        // What has changed in this version is told already.
        let put = Change::Put(text);
        if !changes.contains(&put) {
            changes.push(put);
        }
    };
    for (key, raw) in irts {
        let last = before.remove(&key);
        let has = Object::parse(&raw).is_ok_and(|irt| !trust::remarks(&irt, directory, settings).is_empty());
        // Without remarks now and then, it changes with the journal alone.
        if !has && last.is_none() {
            continue;
        }
        let Some(text) = render::published(&raw, directory, settings) else { continue };
        let digest = has.then(|| Hash::of(text.as_bytes()).0);
        if digest.as_ref().map(<[u8; 32]>::as_slice) != last.as_deref() {
            put(text);
            digests.push((key, digest));
        }
    }
    // The objects themselves are gone.
    digests.extend(before.into_keys().map(|key| (key, None)));
    digests
}
