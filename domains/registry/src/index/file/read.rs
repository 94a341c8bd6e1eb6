//! An index out of a file. Whatever the bytes are, no more memory is taken than the file is long, and numbers that point
//! nowhere find nothing.

use std::fs::File;
use std::io::{BufReader, Read};

use flate2::Crc;
use netmap::Restore;
use rpsl::KeyReference;
use smol_str::SmolStr;

use super::{MAGIC, VERSION};
use crate::index::named::{Entry, Named};
use crate::index::networks::{Columns, Held, Networks};
use crate::index::numbers::Numbers;
use crate::index::packed::PackedNames;
use crate::index::profile::{Profile, Tables};
use crate::index::texts::{Grown, Names};
use crate::index::{AbuseContact, Index, Irt, Key, People, Report};
use crate::store::state::{Serial, State};

/// What is wrong, in words.
#[derive(Debug)]
pub(super) struct Wrong(String);

impl std::fmt::Display for Wrong {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<std::io::Error> for Wrong {
    fn from(error: std::io::Error) -> Self {
        match error.kind() {
            std::io::ErrorKind::UnexpectedEof => Self("it ends too early".into()),
            _ => Self(error.to_string()),
        }
    }
}

type Found<T> = Result<T, Wrong>;

fn wrong<T>(words: &str) -> Found<T> {
    Err(Wrong(words.to_owned()))
}

/// Reads all of the file.
pub(super) fn index(file: File) -> Found<(Index, State)> {
    let length = file.metadata()?.len();
    let mut file = In { file: BufReader::with_capacity(1 << 20, file), crc: Crc::new(), left: length };
    if file.array()? != MAGIC {
        return wrong("it is no index");
    }
    if file.u32()? != VERSION {
        return wrong("another version of the program wrote it");
    }
    // It counts for the checksum as zero.
    let mut told = [0; 8];
    file.file.read_exact(&mut told)?;
    file.crc.update(&[0; 8]);
    file.left = file.left.saturating_sub(8);
    if u64::from_le_bytes(told) != length {
        return wrong("it has another length than it tells");
    }
    let state = file.state()?;
    let networks = file.networks()?;
    let tables = file.tables()?;
    let people = file.people()?;
    let mut report = file.report()?;
    let checksum = file.crc.sum();
    if file.u32()? != checksum {
        return wrong("its checksum is wrong");
    }
    if file.left > 0 {
        return wrong("it goes on behind its end");
    }
    (report.networks, report.irts) = (networks.map.len(), people.irts.len());
    Ok((Index { networks, tables, people, report }, state))
}

struct In {
    file: BufReader<File>,
    crc: Crc,
    /// Bytes of the file that were not read yet.
    left: u64,
}

impl In {
    fn fill(&mut self, bytes: &mut [u8]) -> Found<()> {
        self.file.read_exact(bytes)?;
        self.crc.update(bytes);
        self.left = self.left.saturating_sub(bytes.len() as u64);
        Ok(())
    }

    fn array<const LENGTH: usize>(&mut self) -> Found<[u8; LENGTH]> {
        let mut bytes = [0; LENGTH];
        self.fill(&mut bytes)?;
        Ok(bytes)
    }

    fn u16(&mut self) -> Found<u16> {
        Ok(u16::from_le_bytes(self.array()?))
    }

    fn u32(&mut self) -> Found<u32> {
        Ok(u32::from_le_bytes(self.array()?))
    }

    fn u64(&mut self) -> Found<u64> {
        Ok(u64::from_le_bytes(self.array()?))
    }

    fn i64(&mut self) -> Found<i64> {
        Ok(i64::from_le_bytes(self.array()?))
    }

    fn flag(&mut self) -> Found<bool> {
        Ok(self.array::<1>()? != [0])
    }

    /// A length that the rest of the file can hold, if each needs `width` bytes or more.
    fn fitting(&self, count: u64, width: u64) -> Found<usize> {
        match count.checked_mul(width) {
            Some(bytes) if bytes <= self.left => Ok(count as usize), // fits: no longer than a file in memory
            _ => wrong("it tells of more than it holds"),
        }
    }

    fn bytes(&mut self, length: u64) -> Found<Vec<u8>> {
        let mut bytes = vec![0; self.fitting(length, 1)?];
        self.fill(&mut bytes)?;
        Ok(bytes)
    }

    fn text(&mut self) -> Found<String> {
        let length = self.u32()?;
        String::from_utf8(self.bytes(length.into())?).map_err(|_| Wrong("a text of it is none".into()))
    }

    fn short(&mut self) -> Found<SmolStr> {
        Ok(self.text()?.into())
    }

    /// How many there are, then each; `width` is the least that one needs.
    fn all<T>(&mut self, width: u64, each: impl Fn(&mut Self) -> Found<T>) -> Found<Vec<T>> {
        let told = self.u32()?;
        let count = self.fitting(told.into(), width)?;
        let mut values = Vec::with_capacity(count);
        for _ in 0..count {
            values.push(each(self)?);
        }
        Ok(values)
    }

    fn numbers(&mut self, count: usize) -> Found<Numbers> {
        let [width] = self.array()?;
        let bytes = self.bytes((count * usize::from(width)) as u64)?;
        Numbers::of(width, bytes).ok_or_else(|| Wrong("its numbers are none".into()))
    }

    fn state(&mut self) -> Found<State> {
        let imports = self.i64()?;
        let (has, latest) = (self.flag()?, self.i64()?);
        let serials = self.all(16, |file| {
            let (source, serial, length) = (file.text()?, file.i64()?, file.u32()?);
            Ok(Serial { source, serial, digest: file.bytes(length.into())? })
        })?;
        Ok(State { imports, latest: has.then_some(latest), serials })
    }

    fn networks(&mut self) -> Found<Networks> {
        let (mut restore, mut piece) = (Restore::default(), vec![0; 256 << 10]);
        let head: [u8; 8] = self.array()?;
        restore.feed(&head);
        let mut left = self.fitting(Restore::length(head), 1)?;
        while left > 0 {
            let length = left.min(piece.len());
            self.fill(&mut piece[..length])?;
            restore.feed(&piece[..length]);
            left -= length;
        }
        let map = restore.finish().map_err(|error| Wrong(error.to_string()))?;
        let count = map.len();
        let (rows, profiles) = (self.numbers(count)?, self.numbers(count)?);
        let length = self.u64()?;
        let bytes = self.bytes(length)?;
        let count = self.u64()?;
        let starts = self.numbers(self.fitting(count, 1)?)?;
        let columns = Columns { rows, profiles, names: PackedNames { bytes, starts } };
        let length = self.u64()?;
        Ok(Networks::of(map, columns, Names::of(self.bytes(length)?)))
    }

    fn tables(&mut self) -> Found<Tables> {
        let sources = self.all(4, Self::text)?;
        let texts = Grown::of(self.all(4, Self::short)?);
        let lists = Grown::of(self.all(4, |file| Ok(file.all(4, Self::u32)?.into_boxed_slice()))?);
        let profiles = Grown::of(self.all(22, |file| {
            Ok(Profile {
                source: file.u16()?,
                country: file.u32()?,
                status: file.u32()?,
                irts: file.u32()?,
                abuse_c: file.u32()?,
                org: file.u32()?,
            })
        })?);
        Ok(Tables { sources, texts, lists, profiles })
    }

    fn people(&mut self) -> Found<People> {
        let keys = |file: &mut Self| -> Found<Box<[KeyReference]>> {
            let names = file.all(4, Self::text)?;
            let keys = names.iter().map(|name| {
                KeyReference::parse(name).ok_or_else(|| Wrong("a key's name of it is none".into()))
            });
            keys.collect()
        };
        Ok(People {
            irts: self.named(|file, _| {
                Ok(Irt {
                    name: file.short()?,
                    mailboxes: file.all(4, Self::short)?.into(),
                    phones: file.all(4, Self::short)?.into(),
                    encryption: keys(file)?,
                    signature: keys(file)?,
                })
            })?,
            contacts: self.named(|file, _| {
                Ok(AbuseContact { name: file.short()?, mailbox: file.short()?, by_email: file.flag()? })
            })?,
            organisations: self.named(|file, _| file.short())?,
            keys: self.named(|file, _| {
                let (name, has, fingerprint) = (file.text()?, file.flag()?, file.text()?);
                Ok(Key { name, fingerprint: has.then_some(fingerprint) })
            })?,
            as_numbers: self.named(|file, row| Ok(Held { row, name: file.u32()?, profile: file.u32()? }))?,
        })
    }

    fn named<T: Clone>(&mut self, object: impl Fn(&mut Self, i64) -> Found<T>) -> Found<Named<T>> {
        let entries = self.all(14, |file| {
            let (name, source, row) = (file.short()?, file.u16()?, file.i64()?);
            Ok(Entry { name, source, row, object: object(file, row)? })
        })?;
        Ok(Named::of(entries))
    }

    fn report(&mut self) -> Found<Report> {
        let (overlapping, duplicates) = (self.u64()? as usize, self.u64()? as usize);
        let (overlaps, unknown_irts) = (self.all(4, Self::text)?, self.all(4, Self::text)?);
        Ok(Report { overlapping, duplicates, overlaps, unknown_irts, ..Report::default() })
    }
}
