//! A node begins once, on purpose: its database and its key are made here and nowhere else. Whoever opens a node finds what
//! was made; a data folder that is missing is a volume that is not mounted, and no new node.

use std::fs::{DirBuilder, Permissions};
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::config::{DatabaseSection, NodeSection};
use crate::db::Place;
use crate::secrets::Secrets;
use crate::{Db, Error, Random, Result};

/// The file in the data folder with the node's key.
pub(crate) const KEY: &str = "secret.key";

/// What is in the folder of a new node.
const CONFIGURATION: &str = "wardmote.toml";
const DATA: &str = "data";
/// In `data` while a node is begun there.
const BEGINNING: &str = ".beginning";

/// Makes the data folder of a node, for its user alone: reports and keys lie in it.
fn make_data_folder(folder: &Path) -> Result<()> {
    let made = DirBuilder::new().recursive(true).mode(0o700).create(folder);
    made.map_err(|error| Error::io(format!("[node] data {}", folder.display()), error))
}

/// Makes what a new node needs to be opened: the folder `data`, a key in it, a database without a schema.
///
/// # Errors
/// [`Error::Conflict`]: there is a node already, in the folder or in the database; the system's own.
pub fn found(place: &Place, data: &Path, random: &dyn Random) -> Result<Db> {
    let key = data.join(KEY);
    let database = matches!(place, Place::Sqlite(file) if file.exists());
    if key.exists() || database {
        let words = format!("{} has the data of a node already: choose another folder", data.display());
        return Err(Error::Conflict(words));
    }
    make_data_folder(data)?;
    let db = Db::open(place)?;
    if db.is_begun()? {
        let words = "the database has a node already: make an empty one (createdb) and name that";
        return Err(Error::Conflict(words.into()));
    }
    Secrets::make_file(&key, random)?;
    Ok(db)
}

/// Opens the database of a node that is there.
///
/// # Errors
/// [`Error::Unavailable`]: there is no node, or not all of it, and what to do; [`Error::Io`]: its folder is closed to this
/// user, and whose it is; as [`Db::open`].
pub fn find(place: &Place, data: &Path) -> Result<Db> {
    let (folder, key) = (data.display(), data.join(KEY));
    let database = match place {
        Place::Sqlite(file) => Some(file),
        Place::Postgres(_) => None,
    };
    let has_key = key.try_exists().map_err(|error| Error::unreadable(data, error))?;
    let has_database = database.is_none_or(|file| file.exists());
    let words = match (has_key, has_database) {
        (true, true) => return Db::open(place),
        (true, false) => format!("{folder} has no database: restore it from the backup"),
        (false, true) if database.is_some() => format!(
            "{} is missing: it opens what the database has sealed, and no other does. Restore it from its copy",
            key.display()
        ),
        (false, _) => format!(
            "there is no node in {folder}: restore it, or mount the volume on which it lies. A new one is made by \
             `wardmote init`"
        ),
    };
    Err(Error::Unavailable(words))
}

/// The folder of a node that is being made: what is made in it goes away again with this value, until it is whole.
#[derive(Debug)]
pub struct NewFolder {
    folder: PathBuf,
    /// What was not there before, in the order in which it was made.
    made: Vec<PathBuf>,
    /// Whether what is in the folder of data is ours to take away.
    owns_data: bool,
}

impl NewFolder {
    /// Begins a node in `folder`.
    ///
    /// # Errors
    /// [`Error::Conflict`]: there is a node already, and how to run it; the system's own.
    pub fn begin(folder: &Path) -> Result<Self> {
        let (file, data) = (folder.join(CONFIGURATION), folder.join(DATA));
        if file.exists() {
            let file = file.display();
            let words = format!(
                "{file} is there already: choose another folder, or run the node with `wardmote serve --config {file}`"
            );
            return Err(Error::Conflict(words));
        }
        if std::fs::read_dir(&data).is_ok_and(|mut entries| entries.next().is_some()) {
            let data = data.display();
            let words = format!(
                "{data} is not empty, and {} is missing: restore that file if this is a node, or choose another folder",
                file.display()
            );
            return Err(Error::Conflict(words));
        }
        let mut this = Self { folder: folder.to_owned(), made: Vec::new(), owns_data: false };
        let missing = data.ancestors().take_while(|path| !path.as_os_str().is_empty() && !path.exists());
        let mut missing: Vec<_> = missing.map(Path::to_owned).collect();
        missing.reverse();
        for path in missing {
            let mode = if path == data { 0o700 } else { 0o755 };
            let made = DirBuilder::new().mode(mode).create(&path);
            made.map_err(|error| Error::io(format!("making {}", path.display()), error))?;
            this.made.push(path);
        }
        // Of two that begin at once, one is first. From here on all that is in the folder of data is ours.
        let first = std::fs::OpenOptions::new().write(true).create_new(true).open(data.join(BEGINNING));
        first.map_err(|error| Error::io(format!("beginning a node in {}", data.display()), error))?;
        this.owns_data = true;
        std::fs::set_permissions(&data, Permissions::from_mode(0o700))
            .map_err(|error| Error::io(format!("keeping {} to its user", data.display()), error))?;
        Ok(this)
    }

    /// Where its data is.
    pub fn data(&self) -> PathBuf {
        self.folder.join(DATA)
    }

    /// Writes the configuration, readable by its owner alone (a database's address may hold a password), and keeps all.
    ///
    /// # Errors
    /// The file cannot be written; then nothing is kept.
    pub fn keep(mut self, name: &str, database: &DatabaseSection) -> Result<PathBuf> {
        #[derive(Serialize)]
        struct Told<'a> {
            node: NodeSection,
            #[serde(skip_serializing_if = "Option::is_none")]
            database: Option<&'a DatabaseSection>,
        }
        let told = Told {
            node: NodeSection { name: name.to_owned(), data: DATA.into() },
            database: database.url.is_some().then_some(database),
        };
        let sections = toml::to_string(&told).map_err(|error| Error::Corrupt(error.to_string()))?;
        let text = format!(
            "# What is not named here has its default; `wardmote config print` shows every key.\n\n{sections}"
        );
        let file = self.folder.join(CONFIGURATION);
        let written = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&file);
        let written = written.and_then(|mut open| {
            self.made.push(file.clone());
            open.write_all(text.as_bytes())?;
            open.sync_all()
        });
        written.map_err(|error| Error::io(format!("writing {}", file.display()), error))?;
        let _ = std::fs::remove_file(self.data().join(BEGINNING)); // it does no harm
        self.made.clear();
        self.folder.clear();
        Ok(file)
    }
}

impl Drop for NewFolder {
    fn drop(&mut self) {
        if self.folder.as_os_str().is_empty() {
            return; // it is kept
        }
        for entry in std::fs::read_dir(self.data()).into_iter().flatten().flatten().filter(|_| self.owns_data)
        {
            let path = entry.path();
            let _ = std::fs::remove_dir_all(&path).or_else(|_| std::fs::remove_file(&path));
        }
        for path in self.made.iter().rev() {
            // A folder in which somebody else put something stays.
            let _ = std::fs::remove_file(path).or_else(|_| std::fs::remove_dir(path));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{SeededRandom, testing};

    fn listed(folder: &Path) -> Vec<String> {
        let entries = std::fs::read_dir(folder).unwrap();
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }

    #[test]
    fn a_folder_that_is_missing_is_no_new_node() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        let (place, _database) = testing::place(&data.join("wardmote.db"));
        let told = |found: Result<Db>| found.err().unwrap().to_string();
        let words = told(find(&place, &data));
        assert!(words.contains("there is no node in") && words.contains(data.to_str().unwrap()), "{words}");
        assert!(!data.exists(), "looking makes nothing");

        let db = found(&place, &data, &SeededRandom::new(1)).unwrap();
        db.migrate(crate::MIGRATIONS).unwrap();
        find(&place, &data).unwrap();
        assert!(told(found(&place, &data, &SeededRandom::new(1))).contains("already"));

        std::fs::remove_file(data.join(KEY)).unwrap();
        let words = told(find(&place, &data));
        let sqlite = matches!(place, Place::Sqlite(_));
        assert!(
            words.contains(if sqlite { "secret.key is missing" } else { "there is no node in" }),
            "{words}"
        );
        assert!(
            told(found(&place, &data, &SeededRandom::new(1))).contains("already"),
            "nor is it written over"
        );
        assert!(!data.join(KEY).exists(), "another key would open nothing");
    }

    #[test]
    fn of_two_that_begin_in_one_folder_one_is_refused_and_takes_nothing_from_the_other() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        std::fs::create_dir(&data).unwrap();
        std::fs::set_permissions(&data, Permissions::from_mode(0o755)).unwrap();
        let begun: Vec<Result<NewFolder>> = std::thread::scope(|scope| {
            let both = [(); 2].map(|()| scope.spawn(|| NewFolder::begin(folder.path())));
            both.map(|one| one.join().unwrap()).into()
        });
        let (first, other): (Vec<_>, Vec<_>) = begun.into_iter().partition(Result::is_ok);
        assert_eq!((first.len(), other.len()), (1, 1));
        std::fs::write(data.join("wardmote.db"), "the first one's").unwrap();
        drop(other);
        assert!(data.join("wardmote.db").exists());
        assert_eq!(std::fs::metadata(&data).unwrap().permissions().mode() & 0o777, 0o700);
    }

    #[test]
    fn what_was_begun_and_not_ended_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let begun = NewFolder::begin(&folder.path().join("srv/desk")).unwrap();
        std::fs::create_dir(begun.data().join("blobs")).unwrap();
        std::fs::write(begun.data().join("wardmote.db"), "begun").unwrap();
        drop(begun);
        assert_eq!(listed(folder.path()), Vec::<String>::new());

        let mounted = folder.path().join("data");
        std::fs::create_dir(&mounted).unwrap();
        let begun = NewFolder::begin(folder.path()).unwrap();
        std::fs::write(mounted.join("wardmote.db"), "begun").unwrap();
        drop(begun);
        assert_eq!((listed(folder.path()), listed(&mounted)), (vec!["data".to_owned()], vec![]));
    }

    #[test]
    fn a_new_configuration_says_what_was_told_and_only_its_owner_reads_it() {
        let folder = tempfile::tempdir().unwrap();
        let url = Some("postgres://desk:secret@db/desk".to_owned());
        let begun = NewFolder::begin(folder.path()).unwrap();
        let file = begun.keep("desk.example", &DatabaseSection { url }).unwrap();
        let text = std::fs::read_to_string(&file).unwrap();
        let sections = text.split_once("\n\n").unwrap().1;
        let told = "[node]\nname = \"desk.example\"\ndata = \"data\"\n\n[database]\nurl = \"postgres://desk:secret@db/desk\"\n";
        assert_eq!(sections, told);
        assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        let words = NewFolder::begin(folder.path()).unwrap_err().to_string();
        assert!(words.contains("wardmote serve --config"), "{words}");
    }

    #[test]
    fn data_without_a_configuration_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("data")).unwrap();
        std::fs::write(folder.path().join("data/wardmote.db"), "years of work").unwrap();
        let words = NewFolder::begin(folder.path()).unwrap_err().to_string();
        assert!(words.contains("restore that file"), "{words}");
        assert_eq!(std::fs::read_to_string(folder.path().join("data/wardmote.db")).unwrap(), "years of work");
    }
}
