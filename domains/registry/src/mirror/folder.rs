//! Files that come into being whole, are on disk before they are told of, and never change.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;
use kit::{Error, Result};
use nrtm::{Hash, NOTIFICATION_FILE, Source};
use sha2::{Digest as _, Sha256};

/// The folder of one published registry.
#[derive(Debug, Clone)]
pub(super) struct Folder(PathBuf);

impl Folder {
    /// The folder of `source` below `root`, made if it is not there.
    pub(super) fn open(root: &Path, source: &Source) -> Result<Self> {
        let path = root.join(source.as_str());
        fs::create_dir_all(&path).map_err(|error| Error::io(format!("making {}", path.display()), error))?;
        Ok(Self(path))
    }

    /// Holds others off, in this process and in others, until it is dropped; `None` when somebody works here already.
    pub(super) fn lock(&self) -> Result<Option<File>> {
        let file =
            File::create(self.0.join(".lock")).map_err(|error| self.error("making", ".lock", error))?;
        match file.try_lock() {
            Ok(()) => Ok(Some(file)),
            Err(fs::TryLockError::WouldBlock) => Ok(None),
            Err(fs::TryLockError::Error(error)) => Err(self.error("locking", ".lock", error)),
        }
    }

    /// Where a file of this name is.
    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// Whether the file is there.
    pub(super) fn has(&self, url: &str) -> bool {
        self.0.join(url).is_file()
    }

    /// Begins a file, compressed. It has its name only when it is [`Compressed::finish`]ed.
    pub(super) fn create(&self, url: &str) -> Result<Compressed> {
        let unfinished = self.0.join(format!(".{url}"));
        let file = File::create(&unfinished).map_err(|error| self.error("making", url, error))?;
        let hashed = Hashed { to: BufWriter::with_capacity(1 << 16, file), hash: Sha256::new() };
        Ok(Compressed {
            folder: self.clone(),
            url: url.to_owned(),
            to: GzEncoder::new(hashed, Compression::new(6)),
        })
    }

    /// The notification file as it lies there; `None` when there is none.
    pub(super) fn notification(&self) -> Option<Vec<u8>> {
        let path = self.0.join(NOTIFICATION_FILE);
        let small = fs::metadata(&path).is_ok_and(|meta| meta.len() <= nrtm::MAX_SIGNED as u64);
        small.then(|| fs::read(path).ok()).flatten()
    }

    /// Puts another notification file in its place, at once.
    pub(super) fn notify(&self, signed: &str) -> Result<()> {
        let write = || {
            let unfinished = self.0.join(format!(".{NOTIFICATION_FILE}"));
            let mut file = File::create(&unfinished)?;
            file.write_all(signed.as_bytes())?;
            file.sync_all()?;
            fs::rename(&unfinished, self.0.join(NOTIFICATION_FILE))?;
            self.sync()
        };
        write().map_err(|error| self.error("writing", NOTIFICATION_FILE, error))
    }

    /// Removes a file; that it is gone already is no error.
    pub(super) fn remove(&self, url: &str) -> Result<()> {
        match fs::remove_file(self.0.join(url)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(self.error("removing", url, error)),
            _ => Ok(()),
        }
    }

    /// Removes files of ours that `keep` does not want: those that a crash has left.
    pub(super) fn tidy(&self, keep: impl Fn(&str) -> bool) -> Result<()> {
        let list = fs::read_dir(&self.0).map_err(|error| self.error("reading", "", error))?;
        for name in list.filter_map(|entry| entry.ok()?.file_name().into_string().ok()) {
            let ours = name.trim_start_matches('.').starts_with("nrtm-");
            if ours && !keep(&name) {
                self.remove(&name)?;
            }
        }
        Ok(())
    }

    fn sync(&self) -> io::Result<()> {
        File::open(&self.0)?.sync_all()
    }

    fn error(&self, doing: &str, url: &str, error: io::Error) -> Error {
        Error::io(format!("{doing} {}", self.0.join(url).display()), error)
    }
}

/// A compressed file that is being written.
pub(super) struct Compressed {
    folder: Folder,
    url: String,
    to: GzEncoder<Hashed<BufWriter<File>>>,
}

impl Compressed {
    /// Gives the file its name, when all of it and the folder are on disk; its hash, as it lies there.
    pub(super) fn finish(self) -> Result<Hash> {
        let Self { folder, url, to } = self;
        let finish = || {
            let hashed = to.finish()?;
            let file = hashed.to.into_inner().map_err(io::IntoInnerError::into_error)?;
            file.sync_all()?;
            fs::rename(folder.0.join(format!(".{url}")), folder.0.join(&url))?;
            folder.sync()?;
            Ok(Hash(hashed.hash.finalize().into()))
        };
        finish().map_err(|error| folder.error("writing", &url, error))
    }
}

impl Write for Compressed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.to.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}

/// Hashes what passes through.
struct Hashed<W> {
    to: W,
    hash: Sha256,
}

impl<W: Write> Write for Hashed<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.to.write(bytes)?;
        self.hash.update(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}
