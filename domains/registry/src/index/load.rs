//! An index from a database or from files.

use std::path::PathBuf;
use std::sync::atomic::AtomicI64;
use std::sync::atomic::Ordering::Relaxed;

use kit::{Db, Error, Result};
use rpsl::{Notes, Object, Record};

use super::{Builder, Index};
use crate::import::files::{self, Entry};
use crate::store::Problem;
use crate::store::state;

/// Objects that are read together.
const PAGE: i64 = 4_000;

impl Index {
    /// Makes an index of all objects that the database has at this moment. One of its threads reads, so that the others keep
    /// what they have in memory, while the caller understands.
    ///
    /// # Errors
    /// The database is gone.
    pub(crate) fn from_db(db: &Db) -> Result<Self> {
        let (pages, incoming) = std::sync::mpsc::sync_channel(2);
        std::thread::scope(|scope| {
            let reader = scope.spawn(move || {
                let after = AtomicI64::new(0); // a read that is begun again goes on behind what was handed over
                db.read_now(move |c| {
                    loop {
                        let page: Vec<(i64, Vec<u8>)> = state::indexed(c, after.load(Relaxed), PAGE)?;
                        let Some((last, _)) = page.last() else { return Ok(()) };
                        after.store(*last, Relaxed);
                        if pages.send(page).is_err() {
                            return Ok(()); // nobody waits for it any more
                        }
                    }
                })
            });
            let mut builder = Builder::default();
            for (row, raw) in incoming.into_iter().flatten() {
                // What was imported could be read then; a newer program that refuses it leaves it out.
                if let Ok(object) = Object::parse(&raw)
                    && let Ok(record) = Record::read(&object, &mut Notes::default())
                {
                    builder.add(record, row);
                }
            }
            match reader.join() {
                Ok(read) => read.map(|()| builder.build()),
                Err(_) => {
                    Err(Error::Corrupt("the registry could not be read: the program made a mistake".into()))
                }
            }
        })
    }

    /// Makes an index of dumps, plain or gzip, without a database. What was refused comes with its file's place
    /// in `files`.
    ///
    /// # Errors
    /// A file cannot be read to its end.
    pub fn from_files(files: &[PathBuf]) -> Result<(Self, Vec<(usize, Problem)>)> {
        let mut builder = Builder::default();
        let mut problems = Vec::new();
        for (place, file) in files.iter().enumerate() {
            files::read(file, &mut |entry, _| {
                match entry {
                    Entry::Object(_, record, _) => builder.add(record, 0),
                    Entry::Refused(object, error) if problems.len() < PROBLEMS => {
                        let reason = error.why.to_string();
                        problems.push((place, Problem { line: error.line, object, reason, refused: true }));
                    }
                    Entry::Refused(..) => {}
                }
                Ok(())
            })?;
        }
        Ok((builder.build(), problems))
    }
}

/// Refusals that are kept.
const PROBLEMS: usize = 1_000;
