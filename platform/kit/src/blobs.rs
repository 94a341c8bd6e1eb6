//! The original bytes of whatever came in or went out, named by their SHA-256.
//!
//! One file each, compressed (`lz4 -d` reads it), in 256 folders beside the database. A blob is on disk, and
//! its folder too, before its name is handed out.

use std::fs::{self, File};
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use sha2::{Digest as _, Sha256};

use crate::health::Space;
use crate::{Error, Result};

/// The name of a blob: the SHA-256 of its bytes.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Digest([u8; 32]);

impl Digest {
    /// The name that `bytes` have.
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// The name as stored in a column.
    ///
    /// # Errors
    /// Not 32 bytes.
    pub fn from_slice(bytes: &[u8]) -> Result<Self> {
        let bytes = bytes.try_into().map_err(|_| Error::Corrupt("a blob's name has 32 bytes".into()))?;
        Ok(Self(bytes))
    }

    /// Its 32 bytes, for a column.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl std::fmt::Display for Digest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&data_encoding::HEXLOWER.encode(&self.0))
    }
}

impl std::fmt::Debug for Digest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Display::fmt(self, f)
    }
}

/// The blobs of a node. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Blobs {
    root: Arc<PathBuf>,
    unfinished: Arc<AtomicU64>,
}

impl Blobs {
    /// The blobs below `root`, which is made if it is not there, with all its folders.
    ///
    /// # Errors
    /// A folder cannot be made or synced.
    pub fn open(root: &Path) -> Result<Self> {
        for n in 0..=255_u8 {
            let folder = root.join(format!("{n:02x}"));
            fs::create_dir_all(&folder)
                .map_err(|error| Error::io(format!("making {}", folder.display()), error))?;
        }
        sync_folder(root)?;
        Ok(Self { root: Arc::new(root.to_owned()), unfinished: Arc::default() })
    }

    /// Keeps `bytes`: when this returns, file and folder are on disk. Bytes that are already there are not
    /// written again.
    ///
    /// # Errors
    /// [`Error::StorageFull`], or the system's reason; then nothing is left behind.
    pub fn put(&self, bytes: &[u8]) -> Result<Digest> {
        let name = Digest::of(bytes);
        let (folder, path) = self.place(name);
        if !path.exists() {
            let n = self.unfinished.fetch_add(1, Ordering::Relaxed);
            let part = folder.join(format!(".{name}.{}.{n}", std::process::id()));
            if let Err(error) = write_synced(&part, bytes).and_then(|()| fs::rename(&part, &path)) {
                drop(fs::remove_file(&part));
                return Err(Error::io(format!("writing {}", path.display()), error));
            }
        }
        // Also when it was there: whoever wrote it may not have come to this line yet.
        sync_folder(&folder)?;
        Ok(name)
    }

    /// The bytes called `name`.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Corrupt`] when the file does not hold what its name says.
    pub fn get(&self, name: Digest) -> Result<Vec<u8>> {
        let (_, path) = self.place(name);
        let file = File::open(&path).map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => Error::not_found(format!("blob {name}")),
            _ => Error::io(format!("reading {}", path.display()), error),
        })?;
        let mut bytes = Vec::new();
        lz4_flex::frame::FrameDecoder::new(file)
            .read_to_end(&mut bytes)
            .map_err(|error| Error::Corrupt(format!("{}: {error}", path.display())))?;
        if Digest::of(&bytes) != name {
            return Err(Error::Corrupt(format!("{} does not hold what its name says", path.display())));
        }
        Ok(bytes)
    }

    /// How much room is left where they lie.
    ///
    /// # Errors
    /// The system does not say.
    pub fn space(&self) -> Result<Space> {
        let told = rustix::fs::statvfs(self.root.as_path())
            .map_err(|error| Error::io(format!("looking at {}", self.root.display()), error.into()))?;
        Ok(Space { free: told.f_bavail * told.f_frsize, whole: told.f_blocks * told.f_frsize })
    }

    fn place(&self, name: Digest) -> (PathBuf, PathBuf) {
        let name = name.to_string();
        let folder = self.root.join(&name[..2]);
        let path = folder.join(format!("{}.lz4", &name[2..]));
        (folder, path)
    }
}

fn write_synced(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let frame = lz4_flex::frame::FrameInfo::new().content_size(Some(bytes.len() as u64));
    let mut encoder =
        lz4_flex::frame::FrameEncoder::with_frame_info(frame, Vec::with_capacity(bytes.len() / 2));
    encoder.write_all(bytes)?;
    let packed = encoder.finish().map_err(std::io::Error::other)?;
    let mut file = File::create_new(path)?;
    file.write_all(&packed)?;
    file.sync_all()
}

fn sync_folder(folder: &Path) -> Result<()> {
    File::open(folder)
        .and_then(|folder| folder.sync_all())
        .map_err(|error| Error::io(format!("syncing {}", folder.display()), error))
}
