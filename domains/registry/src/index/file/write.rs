//! An index into a file.

use std::fs::File;
use std::io::{BufWriter, Seek as _, SeekFrom, Write};
use std::path::Path;

use flate2::Crc;

use super::{MAGIC, VERSION};
use crate::index::named::Named;
use crate::index::networks::Held;
use crate::index::numbers::Numbers;
use crate::index::{Index, Report};
use crate::store::state::State;

type Done = std::io::Result<()>;

/// Writes and fsyncs the file.
pub(super) fn index(index: &Index, state: &State, path: &Path) -> Done {
    let file = File::create(path)?;
    let mut out = Out { file: BufWriter::with_capacity(1 << 20, file), crc: Crc::new(), length: 0 };
    // The length is put in at the end; it counts for the checksum as zero.
    out.bytes(&MAGIC)?;
    out.u32(VERSION)?;
    out.u64(0)?;
    out.state(state)?;
    out.networks(index)?;
    out.tables(index)?;
    out.people(index)?;
    out.report(&index.report)?;
    let (checksum, length) = (out.crc.sum(), out.length + 4);
    out.file.write_all(&checksum.to_le_bytes())?;
    let mut file = out.file.into_inner().map_err(std::io::IntoInnerError::into_error)?;
    file.seek(SeekFrom::Start((MAGIC.len() + 4) as u64))?;
    file.write_all(&length.to_le_bytes())?;
    file.sync_all()
}

struct Out {
    file: BufWriter<File>,
    crc: Crc,
    length: u64,
}

impl Out {
    fn bytes(&mut self, bytes: &[u8]) -> Done {
        self.crc.update(bytes);
        self.length += bytes.len() as u64;
        self.file.write_all(bytes)
    }

    fn u16(&mut self, number: u16) -> Done {
        self.bytes(&number.to_le_bytes())
    }

    fn u32(&mut self, number: u32) -> Done {
        self.bytes(&number.to_le_bytes())
    }

    fn u64(&mut self, number: u64) -> Done {
        self.bytes(&number.to_le_bytes())
    }

    fn i64(&mut self, number: i64) -> Done {
        self.bytes(&number.to_le_bytes())
    }

    fn flag(&mut self, flag: bool) -> Done {
        self.bytes(&[u8::from(flag)])
    }

    fn text(&mut self, text: &str) -> Done {
        self.u32(text.len() as u32)?; // fits: texts of objects, which have 4 MiB at most
        self.bytes(text.as_bytes())
    }

    /// How many there are, then each.
    fn all<T>(
        &mut self,
        values: impl ExactSizeIterator<Item = T>,
        each: impl Fn(&mut Self, T) -> Done,
    ) -> Done {
        self.u32(values.len() as u32)?; // fits: each came with an object of its own
        values.into_iter().try_for_each(|value| each(self, value))
    }

    /// As many as there are networks, or told before.
    fn numbers(&mut self, numbers: &Numbers) -> Done {
        let (width, bytes) = numbers.parts();
        self.bytes(&[width])?;
        self.bytes(bytes)
    }

    fn state(&mut self, state: &State) -> Done {
        self.i64(state.imports)?;
        self.flag(state.latest.is_some())?;
        self.i64(state.latest.unwrap_or_default())?;
        self.all(state.serials.iter(), |out, one| {
            out.text(&one.source)?;
            out.i64(one.serial)?;
            out.u32(one.digest.len() as u32)?; // fits: 32 bytes
            out.bytes(&one.digest)
        })
    }

    fn networks(&mut self, index: &Index) -> Done {
        let networks = &index.networks;
        let mut written = Ok(());
        networks.map.base().write(&mut |piece| {
            if written.is_ok() {
                written = self.bytes(piece);
            }
        });
        written?;
        self.numbers(&networks.columns.rows)?;
        self.numbers(&networks.columns.profiles)?;
        let names = &networks.columns.names;
        self.u64(names.bytes.len() as u64)?;
        self.bytes(&names.bytes)?;
        self.u64(names.starts.len() as u64)?;
        self.numbers(&names.starts)?;
        let [base, more] = networks.names.parts();
        self.u64((base.len() + more.len()) as u64)?;
        self.bytes(base)?;
        self.bytes(more)
    }

    fn tables(&mut self, index: &Index) -> Done {
        let tables = &index.tables;
        self.all(tables.sources.iter(), |out, source| out.text(source))?;
        self.u32(tables.texts.len() as u32)?; // fits: they are numbered by 32 bits
        tables.texts.iter().try_for_each(|text| self.text(text))?;
        self.u32(tables.lists.len() as u32)?;
        tables.lists.iter().try_for_each(|list| self.all(list.iter(), |out, text| out.u32(*text)))?;
        self.u32(tables.profiles.len() as u32)?;
        tables.profiles.iter().try_for_each(|profile| {
            self.u16(profile.source)?;
            [profile.country, profile.status, profile.irts, profile.abuse_c, profile.org]
                .into_iter()
                .try_for_each(|number| self.u32(number))
        })
    }

    fn people(&mut self, index: &Index) -> Done {
        let people = &index.people;
        self.named(&people.irts, |out, irt| {
            out.text(&irt.name)?;
            out.all(irt.mailboxes.iter(), |out, text| out.text(text))?;
            out.all(irt.phones.iter(), |out, text| out.text(text))?;
            out.all(irt.encryption.iter(), |out, key| out.text(&key.to_string()))?;
            out.all(irt.signature.iter(), |out, key| out.text(&key.to_string()))
        })?;
        self.named(&people.contacts, |out, contact| {
            out.text(&contact.name)?;
            out.text(&contact.mailbox)?;
            out.flag(contact.by_email)
        })?;
        self.named(&people.organisations, |out, role| out.text(role))?;
        self.named(&people.keys, |out, key| {
            out.text(&key.name)?;
            out.flag(key.fingerprint.is_some())?;
            out.text(key.fingerprint.as_deref().unwrap_or_default())
        })?;
        self.named(&people.as_numbers, |out, held: &Held| {
            out.u32(held.name)?;
            out.u32(held.profile)
        })
    }

    fn named<T: Clone>(&mut self, named: &Named<T>, object: impl Fn(&mut Self, &T) -> Done) -> Done {
        self.u32(named.len() as u32)?; // fits: each is an object of a dump
        named.iter().try_for_each(|entry| {
            self.text(&entry.name)?;
            self.u16(entry.source)?;
            self.i64(entry.row)?;
            object(self, &entry.object)
        })
    }

    fn report(&mut self, report: &Report) -> Done {
        self.u64(report.overlapping as u64)?;
        self.u64(report.duplicates as u64)?;
        self.all(report.overlaps.iter(), |out, text| out.text(text))?;
        self.all(report.unknown_irts.iter(), |out, text| out.text(text))
    }
}
