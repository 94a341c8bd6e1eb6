//! Dumps on the disk: plain or gzip, read as a stream.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use kit::{Error, Result};
use rpsl::{Notes, Object, Record, Splitter};

/// What stands in a dump.
pub(crate) enum Entry<'a> {
    /// An object, its type, and what was odd about it.
    Object(Object<'a>, Record, Notes),
    /// An object that cannot be taken: class and key as far as they can be read, and the reason.
    Refused(String, rpsl::Error),
}

/// Reads `path` to its end and hands over each entry with the bytes of the file that have been read so far.
///
/// Whether it is compressed is told from its first bytes, not from its name.
///
/// # Errors
/// The file cannot be opened or read, its gzip data are damaged or end too early, or `take` fails.
pub(crate) fn read(path: &Path, take: &mut dyn FnMut(Entry<'_>, u64) -> Result<()>) -> Result<()> {
    let failed = |error| Error::io(format!("reading {}", path.display()), error);
    let file = File::open(path).map_err(|error| Error::io(format!("opening {}", path.display()), error))?;
    let mut counted = BufReader::with_capacity(CHUNK, Counted { file, count: 0 });
    if counted.fill_buf().map_err(failed)?.starts_with(&GZIP) {
        // Registries join compressed parts into one file: read all members.
        let mut stream = flate2::bufread::MultiGzDecoder::new(counted);
        split(&mut stream, |stream| stream.get_ref().get_ref().count, path, take)
    } else {
        split(&mut counted, |stream| stream.get_ref().count, path, take)
    }
}

/// The magic number of RFC 1952 section 2.3.1.
const GZIP: [u8; 2] = [0x1F, 0x8B];
const CHUNK: usize = 256 << 10;

fn split<R: Read>(
    stream: &mut R,
    position: impl Fn(&R) -> u64,
    path: &Path,
    take: &mut dyn FnMut(Entry<'_>, u64) -> Result<()>,
) -> Result<()> {
    let mut splitter = Splitter::default();
    let mut chunk = vec![0; CHUNK];
    loop {
        let length = stream
            .read(&mut chunk)
            .map_err(|error| Error::io(format!("reading {}", path.display()), error))?;
        match length {
            0 => splitter.finish(),
            length => splitter.feed(&chunk[..length]),
        }
        let at = position(stream);
        while let Some(object) = splitter.next_object() {
            take(entry(object), at)?;
        }
        if length == 0 {
            return Ok(());
        }
    }
}

fn entry(object: Result<Object<'_>, rpsl::Error>) -> Entry<'_> {
    let object = match object {
        Ok(object) => object,
        Err(error) => return Entry::Refused(String::new(), error),
    };
    let mut notes = Notes::default();
    match Record::read(&object, &mut notes) {
        Ok(record) => Entry::Object(object, record, notes),
        Err(error) => Entry::Refused(named(&object), error),
    }
}

/// Class and key for a message.
pub(crate) fn named(object: &Object<'_>) -> String {
    let name = format!("{} {}", object.class(), object.key());
    let name = name.trim_end();
    match name.char_indices().nth(100) {
        Some((cut, _)) => format!("{}…", &name[..cut]),
        None => name.to_owned(),
    }
}

struct Counted {
    file: File,
    count: u64,
}

impl Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let length = self.file.read(buffer)?;
        self.count += length as u64;
        Ok(length)
    }
}
