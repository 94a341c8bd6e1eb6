//! Where a hand-over lies: a folder in clear, or one file, a zip archive encrypted to the next operator's key.

use std::collections::BTreeMap;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{Cursor, Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use kit::{Error, Result};
use mail::pgp::{Bounds, PublicKey, SecretKey, Seed, decrypt_within, encrypt};
use zip::write::SimpleFileOptions;

use super::manifest;

/// The name of the manifest, and of the signature over it.
pub(super) const MANIFEST: &str = "MANIFEST";
pub(super) const SIGNATURE: &str = "MANIFEST.asc";

/// Limits on a hand-over from elsewhere.
pub mod limits {
    /// Longest file in it, in bytes.
    pub const FILE: u64 = 2 << 30;
    /// Longest encrypted file, and longest archive in it, unpacked.
    pub const ARCHIVE: u64 = 3 << 30;
}

/// A hand-over that is being written.
#[derive(Debug)]
pub struct Out {
    path: PathBuf,
    to: Form,
}

#[derive(Debug)]
enum Form {
    /// A folder that has its name once it is whole.
    Folder { beside: PathBuf },
    /// An archive in memory: nothing of it lies on a disk in clear.
    Archive { zip: Box<zip::ZipWriter<Cursor<Vec<u8>>>>, key: Box<PublicKey> },
}

impl Out {
    /// In clear, in the folder `path`, which is not there yet.
    ///
    /// # Errors
    /// [`Error::Conflict`]: it is there, or what an interrupted export left is.
    pub fn folder(path: &Path) -> Result<Self> {
        let beside = beside(path);
        for there in [path, &beside] {
            if there.symlink_metadata().is_ok() {
                return Err(Error::Conflict(format!(
                    "{} is there already: nothing is written over. Choose another name, or remove it",
                    there.display()
                )));
            }
        }
        let made = DirBuilder::new().mode(0o700).create(&beside);
        made.map_err(|error| Error::io(format!("making {}", beside.display()), error))?;
        Ok(Self { path: path.to_owned(), to: Form::Folder { beside } })
    }

    /// Encrypted to `key`, in the file `path`, which is not there yet.
    ///
    /// # Errors
    /// [`Error::Conflict`]: it is there.
    pub fn encrypted(path: &Path, key: PublicKey) -> Result<Self> {
        if path.symlink_metadata().is_ok() {
            return Err(Error::Conflict(format!("{} is there already: choose another name", path.display())));
        }
        let zip = Box::new(zip::ZipWriter::new(Cursor::new(Vec::new())));
        Ok(Self { path: path.to_owned(), to: Form::Archive { zip, key: Box::new(key) } })
    }

    /// Where it will be.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The key that it is encrypted to; `None`: it is in clear.
    pub fn key(&self) -> Option<&PublicKey> {
        match &self.to {
            Form::Folder { .. } => None,
            Form::Archive { key, .. } => Some(key),
        }
    }

    /// Puts a file into it.
    ///
    /// # Errors
    /// The disk is full, or refuses it.
    pub(super) fn put(&mut self, name: &str, bytes: &[u8]) -> Result<()> {
        match &mut self.to {
            Form::Folder { beside } => {
                let path = beside.join(name);
                if let Some(folder) = path.parent().filter(|folder| !folder.exists()) {
                    let made = DirBuilder::new().mode(0o700).create(folder);
                    made.map_err(|error| Error::io(format!("making {}", folder.display()), error))?;
                }
                write_new(&path, bytes)
            }
            Form::Archive { zip, .. } => {
                let options = SimpleFileOptions::default().unix_permissions(0o600).large_file(true);
                zip.start_file(name, options).map_err(packing)?;
                zip.write_all(bytes).map_err(|error| Error::io("packing the hand-over", error))
            }
        }
    }

    /// Takes away what was written, because it did not become whole.
    pub(super) fn discard(self) {
        if let Form::Folder { beside } = self.to
            && let Err(error) = fs::remove_dir_all(&beside)
        {
            tracing::warn!(%error, folder = %beside.display(), "half a hand-over lies there: remove it, it is secret");
        }
    }

    /// Gives it its name: from now on it is there, whole. `at`: Unix seconds.
    ///
    /// # Errors
    /// The disk refuses it, or the key cannot encrypt now; then nothing has the name.
    pub(super) fn close(self, seed: [u8; 32], at: i64) -> Result<()> {
        let Self { path, to } = self;
        let failed = |error| Error::io(format!("writing {}", path.display()), error);
        match to {
            Form::Folder { beside } => {
                for folder in [beside.join("tables"), beside.join("blobs"), beside.clone()] {
                    if folder.exists() {
                        File::open(folder).and_then(|folder| folder.sync_all()).map_err(failed)?;
                    }
                }
                fs::rename(&beside, &path).map_err(failed)
            }
            Form::Archive { zip, key } => {
                let packed = zip.finish().map_err(packing)?.into_inner();
                let sealed = encrypt(&[&*key], &packed, at, Seed::from(seed))
                    .map_err(|error| Error::Conflict(format!("the hand-over was not encrypted: {error}")))?;
                let beside = beside(&path);
                write_new(&beside, sealed.as_bytes())?;
                fs::rename(&beside, &path).map_err(failed)
            }
        }
    }
}

/// A hand-over that is read.
#[derive(Debug)]
pub enum In {
    /// A folder.
    Folder(PathBuf),
    /// What was packed and encrypted, opened in memory.
    Archive(BTreeMap<String, Vec<u8>>),
}

impl In {
    /// Opens what lies at `path`: a folder, an archive, or an encrypted archive that `secret` opens.
    ///
    /// # Errors
    /// [`Error::Invalid`]: it is none of these, or does not open.
    pub fn open(path: &Path, secret: Option<&SecretKey>) -> Result<Self> {
        let named = |why: String| Error::invalid(path.display().to_string(), why);
        if path.is_dir() {
            return Ok(Self::Folder(path.to_owned()));
        }
        let bytes = read(path, limits::ARCHIVE)?;
        if bytes.starts_with(b"PK") {
            return Self::unpack(bytes);
        }
        let Some(secret) = secret else {
            return Err(named("it is encrypted: name the file with your secret key (--secret)".into()));
        };
        let bounds = Bounds { message: limits::ARCHIVE as usize, unpacked: limits::ARCHIVE };
        let opened = decrypt_within(&bytes, std::slice::from_ref(secret), &[], 0, bounds)
            .map_err(|error| named(error.to_string()))?;
        Self::unpack(opened.bytes)
    }

    fn unpack(bytes: Vec<u8>) -> Result<Self> {
        let wrong = |why: String| Error::invalid("archive", why);
        let mut archive =
            zip::ZipArchive::new(Cursor::new(bytes)).map_err(|error| wrong(error.to_string()))?;
        if archive.len() > manifest::limits::FILES {
            return Err(wrong("it has more files than any hand-over".into()));
        }
        let (mut files, mut left) = (BTreeMap::new(), limits::ARCHIVE);
        for n in 0..archive.len() {
            let member = archive.by_index(n).map_err(|error| wrong(error.to_string()))?;
            let name = member.name().map_err(|error| wrong(error.to_string()))?.into_owned();
            let mut bytes = Vec::new();
            let unpacked = member.take(left + 1).read_to_end(&mut bytes);
            unpacked.map_err(|error| wrong(format!("{name:?}: {error}")))?;
            left = left.checked_sub(bytes.len() as u64).ok_or_else(|| wrong("it holds too much".into()))?;
            if files.insert(name.clone(), bytes).is_some() {
                return Err(wrong(format!("{name:?} is in it twice")));
            }
        }
        Ok(Self::Archive(files))
    }

    /// The names of all files.
    ///
    /// # Errors
    /// The folder cannot be read, or something in it is neither folder nor file.
    pub(super) fn names(&self) -> Result<Vec<String>> {
        match self {
            Self::Archive(files) => Ok(files.keys().cloned().collect()),
            Self::Folder(root) => {
                let mut names = Vec::new();
                walk(root, "", &mut names)?;
                Ok(names)
            }
        }
    }

    /// The bytes of the file `name`.
    ///
    /// # Errors
    /// [`Error::Invalid`]: it is missing, or too long.
    pub(super) fn get(&self, name: &str) -> Result<Vec<u8>> {
        match self {
            Self::Archive(files) => {
                files.get(name).cloned().ok_or_else(|| Error::invalid(name, "it is missing"))
            }
            Self::Folder(root) => match read(&root.join(name), limits::FILE) {
                Err(Error::Io { source, .. }) if source.kind() == std::io::ErrorKind::NotFound => {
                    Err(Error::invalid(name, "it is missing"))
                }
                read => read,
            },
        }
    }
}

/// Names below `root`, one folder deep: deeper ones are nobody's.
fn walk(root: &Path, below: &str, names: &mut Vec<String>) -> Result<()> {
    let failed = |error| Error::io(format!("reading {}", root.display()), error);
    for entry in fs::read_dir(root).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let name = format!("{below}{}", entry.file_name().to_string_lossy());
        let kind = entry.file_type().map_err(failed)?;
        if kind.is_dir() && below.is_empty() {
            walk(&entry.path(), &format!("{name}/"), names)?;
        } else if kind.is_file() {
            names.push(name);
        } else {
            return Err(Error::invalid(name, "it does not belong into a hand-over"));
        }
    }
    Ok(())
}

/// What is in the file at `path`, if that is not more than `most` bytes.
pub(super) fn read(path: &Path, most: u64) -> Result<Vec<u8>> {
    let failed = |error| Error::io(format!("reading {}", path.display()), error);
    let file = File::open(path).map_err(failed)?;
    let mut bytes = Vec::new();
    file.take(most + 1).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() as u64 > most {
        return Err(Error::invalid(path.display().to_string(), "it is longer than anything of a hand-over"));
    }
    Ok(bytes)
}

fn write_new(path: &Path, bytes: &[u8]) -> Result<()> {
    let write = || {
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
        file.write_all(bytes)?;
        file.sync_all()
    };
    write().map_err(|error| Error::io(format!("writing {}", path.display()), error))
}

fn beside(path: &Path) -> PathBuf {
    let mut beside = path.as_os_str().to_owned();
    beside.push(".part");
    PathBuf::from(beside)
}

fn packing(error: zip::result::ZipError) -> Error {
    Error::Corrupt(format!("packing the hand-over: {error}"))
}
