//! What others have, held against what is here: for changes that passed by the journal, which are imports.

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufRead, BufReader};

use flate2::bufread::MultiGzDecoder;
use kit::db::Read;
use kit::{Error, Result};
use nrtm::{Change, DeltaReader, Hash, Header, Limits, SessionId, SnapshotReader, Source};
use rpsl::Object;
use teams::Directory;

use super::folder::Folder;
use super::publish::LARGEST_DELTA;
use super::{refused, render};
use crate::settings::Settings;
use crate::store::publication::{self, PublishedFile, PublishedKind};

/// Registries with more objects than this begin a new session after an import: all of them are held in memory here.
const MOST: usize = 500_000;

/// Class and key of each published object, with the digest of its text.
pub(super) type Objects = HashMap<(String, String), [u8; 32]>;

/// What whoever follows has, by the files that they are told of. `None`: too many objects.
pub(super) fn published(
    folder: &Folder,
    source: &Source,
    session: SessionId,
    told: &[PublishedFile],
) -> Result<Option<Objects>> {
    let newest =
        told.iter().filter(|file| file.kind == PublishedKind::Snapshot).max_by_key(|file| file.version);
    let Some(snapshot) = newest else { return Ok(None) };
    let header = |file: &PublishedFile| Header {
        source: source.clone(),
        session,
        version: file.version.unsigned_abs(),
    };
    let broken = |error: nrtm::Error| refused(&error);
    let mut objects = Objects::new();
    let mut reader = SnapshotReader::open(opened(folder, snapshot)?, &header(snapshot), Limits::REGISTRY)
        .map_err(broken)?;
    while let Some(text) = reader.next_object().map_err(broken)? {
        put(&mut objects, &text);
        if objects.len() > MOST {
            return Ok(None);
        }
    }
    for file in
        told.iter().filter(|file| file.kind == PublishedKind::Delta && file.version > snapshot.version)
    {
        let mut reader =
            DeltaReader::open(opened(folder, file)?, &header(file), Limits::REGISTRY).map_err(broken)?;
        while let Some(change) = reader.next_change().map_err(broken)? {
            match change {
                Change::Put(text) => put(&mut objects, &text),
                Change::Delete { class, key } => drop(objects.remove(&(class, key))),
            }
        }
    }
    Ok(Some(objects))
}

/// The changes that make the `published` objects those that are here. `None`: more than a delta may hold.
pub(super) fn changes(
    c: &Read<'_>,
    source: &str,
    published: &Objects,
    directory: &Directory,
    settings: &Settings,
) -> Result<Option<Vec<Change>>> {
    let mut gone: HashMap<&(String, String), &[u8; 32]> = published.iter().collect();
    let (mut found, mut bytes) = (Vec::new(), 0);
    publication::each_object(c, source, |_, _, raw| {
        let Some(text) = render::published(&raw, directory, settings) else { return Ok(()) };
        if gone.remove(&name(&text)) != Some(&Hash::of(text.as_bytes()).0) && bytes <= LARGEST_DELTA {
            bytes += text.len();
            found.push(Change::Put(text));
        }
        Ok(())
    })?;
    let mut gone: Vec<_> = gone.into_keys().cloned().collect();
    gone.sort_unstable();
    found.extend(gone.into_iter().map(|(class, key)| Change::Delete { class, key }));
    Ok((bytes <= LARGEST_DELTA).then_some(found))
}

fn put(objects: &mut Objects, text: &str) {
    objects.insert(name(text), Hash::of(text.as_bytes()).0);
}

/// Class and key of an object's text.
fn name(text: &str) -> (String, String) {
    let Ok(object) = Object::parse(text.as_bytes()) else { return (String::new(), text.to_owned()) };
    let key = object.primary_key().unwrap_or_else(|_| object.key().to_uppercase());
    (object.class().into_owned(), key)
}

fn opened(folder: &Folder, file: &PublishedFile) -> Result<impl BufRead> {
    let path = folder.path(&file.url);
    let plain = File::open(&path).map_err(|error| Error::io(format!("reading {}", path.display()), error))?;
    Ok(BufReader::with_capacity(1 << 16, MultiGzDecoder::new(BufReader::with_capacity(1 << 16, plain))))
}
