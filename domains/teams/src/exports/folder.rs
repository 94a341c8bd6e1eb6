//! The files of an audience in a folder: each is whole or not there, however the writing ends.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use axum::body::Bytes;
use kit::{Error, Result};

use super::{Exports, Kind};
use crate::Audience;

/// What begins the name of a folder in which files wait until all are written.
const UNFINISHED: &str = ".unfinished-";

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// The names of the files, with their signatures, in the order in which they came.
    pub files: Vec<String>,
    /// Why they are not signed, in words; none when they are.
    pub unsigned: Option<String>,
}

impl Exports {
    /// Writes all files for `audience` into `folder`, which is made when it is not there. They are written and synced
    /// beside it first and then renamed into their places, the digests last: what is there is whole, and whether it
    /// all belongs together `sha256sum -c SHA256SUMS` says.
    ///
    /// # Errors
    /// A file cannot be written, or not be put into its place; then what was there before is there still.
    pub async fn write_folder(&self, audience: Audience, folder: &Path) -> Result<Written> {
        let mut contents: Vec<(String, Bytes)> = Vec::new();
        let mut unsigned = None;
        for kind in Kind::for_audience(audience) {
            let file = self.file(audience, kind).await?;
            match self.signature(&file).await {
                Ok(signature) => {
                    contents.push((format!("{}.asc", kind.name()), signature.armored.clone().into()))
                }
                Err(error) => unsigned = Some(error.to_string()),
            }
            contents.push((kind.name().to_owned(), file.bytes.clone()));
        }
        let (folder, token) = (folder.to_owned(), self.teams().node().token::<8>());
        let files = contents.iter().map(|(name, _)| name.clone()).collect();
        let written = tokio::task::spawn_blocking(move || write(&folder, &token, &contents)).await;
        written.map_err(|_| Error::Corrupt("writing the files failed".into()))??;
        Ok(Written { files, unsigned })
    }
}

fn write(folder: &Path, token: &str, contents: &[(String, Bytes)]) -> Result<()> {
    let failed = |path: &Path| {
        let words = format!("writing {}", path.display());
        move |error| Error::io(words, error)
    };
    fs::create_dir_all(folder).map_err(failed(folder))?;
    sweep(folder);
    let waiting = folder.join(format!("{UNFINISHED}{token}"));
    fs::create_dir(&waiting).map_err(failed(&waiting))?;
    let written = contents.iter().try_for_each(|(name, bytes)| {
        let path = waiting.join(name);
        let mut file = fs::File::create_new(&path).map_err(failed(&path))?;
        file.write_all(bytes).and_then(|()| file.sync_all()).map_err(failed(&path))
    });
    let placed = written.and_then(|()| {
        for (at, (name, _)) in contents.iter().enumerate() {
            let path: PathBuf = folder.join(name);
            if let Err(error) = place(&waiting, name, &path) {
                // Those that came to their places before it go back: old and new files do not belong together.
                for (name, _) in &contents[..=at] {
                    put_back(&waiting, name, &folder.join(name));
                }
                return Err(failed(&path)(error));
            }
        }
        Ok(())
    });
    // What did not come to its place is not kept; the reason is told.
    let _ = fs::remove_dir_all(&waiting);
    placed?;
    fs::File::open(folder).and_then(|folder| folder.sync_all()).map_err(failed(folder))
}

/// What stood in the file's place before, kept beside the new files until all are placed.
fn before(waiting: &Path, name: &str) -> PathBuf {
    waiting.join(format!("{name}.before"))
}

fn place(waiting: &Path, name: &str, path: &Path) -> std::io::Result<()> {
    if path.exists() {
        fs::copy(path, before(waiting, name))?;
    }
    fs::rename(waiting.join(name), path)
}

/// Undoes [`place`], as far as it came.
fn put_back(waiting: &Path, name: &str, path: &Path) {
    let was_placed = !waiting.join(name).exists();
    let undone = match before(waiting, name) {
        _ if !was_placed => Ok(()),
        old if old.exists() => fs::rename(old, path),
        _ => fs::remove_file(path),
    };
    if let Err(error) = undone {
        tracing::error!(path = %path.display(), %error, "an exported file could not be put back");
    }
}

/// Takes away what an earlier run left that was killed.
fn sweep(folder: &Path) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        if entry.file_name().to_string_lossy().starts_with(UNFINISHED) {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn an_export_that_is_interrupted_leaves_the_old_files_whole_and_no_half_ones() {
        let place = tempfile::tempdir().unwrap();
        let folder = place.path().join("out");
        write(&folder, "one", &[("a".into(), "old".into()), ("b".into(), "old".into())]).unwrap();
        // The second file cannot be written: a name that is a path into a folder that is not there.
        let broken = [("a".to_owned(), "new".into()), ("no/folder".to_owned(), "new".into())];
        assert!(write(&folder, "two", &broken).is_err());
        assert_eq!(names(&folder), ["a", "b"]);
        assert_eq!(fs::read(folder.join("a")).unwrap(), b"old");

        // The second has no place: a folder of that name is there. The first was placed already, and a third is new.
        fs::create_dir_all(folder.join("c/full")).unwrap();
        let blocked =
            [("a", "new"), ("0", "new"), ("c", "new")].map(|(name, text)| (name.to_owned(), text.into()));
        assert!(write(&folder, "blocked", &blocked).is_err());
        assert_eq!(names(&folder), ["a", "b", "c"]);
        assert_eq!(fs::read(folder.join("a")).unwrap(), b"old");
        fs::remove_dir_all(folder.join("c")).unwrap();

        // A run that was killed before its files came to their places.
        fs::create_dir(folder.join(".unfinished-dead")).unwrap();
        fs::write(folder.join(".unfinished-dead/a"), "ha").unwrap();
        write(&folder, "three", &[("a".into(), "new".into())]).unwrap();
        assert_eq!(names(&folder), ["a", "b"]);
        assert_eq!(fs::read(folder.join("a")).unwrap(), b"new");
    }
}
