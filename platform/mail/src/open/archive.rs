//! Zip and gzip attachments, unpacked within bounds: members, bytes in all, and the ratio of a single member.

use std::io::{Cursor, Read};

use flate2::read::MultiGzDecoder;

use super::file::{File, type_by_name};
use super::{Level, Opening};
use crate::message::PartKind;

/// Entries a zip directory may have before it is read at all: the zip crate reads the whole directory into memory.
const DIRECTORY: usize = 20_000;
/// Below this unpacked size any ratio is believed.
const HARMLESS: usize = 1 << 20;

impl Opening<'_> {
    pub(super) fn zip(&mut self, path: &str, bytes: &[u8], level: Level) {
        let Some(level) = self.deeper(level, path) else { return };
        if memchr::memmem::find_iter(bytes, b"PK\x01\x02").nth(DIRECTORY).is_some() {
            return self.note("the zip file's directory is too long; it stays closed", path, Some(DIRECTORY));
        }
        let mut archive = match zip::ZipArchive::new(Cursor::new(bytes)) {
            Ok(archive) => archive,
            Err(e) => return self.note(format!("the zip file cannot be read: {e}"), path, None),
        };
        if archive.len() > self.limits.archive_members {
            let what = format!("{} members in the zip file; only the first are opened", archive.len());
            self.note(what, path, Some(self.limits.archive_members));
        }
        for index in 0..archive.len().min(self.limits.archive_members) {
            if self.full || self.archive_left == 0 {
                return;
            }
            // A member with a password is an error of the zip crate, with that reason in words.
            let mut member = match archive.by_index(index) {
                Ok(member) => member,
                Err(e) => {
                    self.note(
                        format!("member {} of the zip file cannot be read: {e}", index + 1),
                        path,
                        None,
                    );
                    continue;
                }
            };
            if member.is_dir() {
                continue;
            }
            let name = member.name().map(|n| member_name(&n)).unwrap_or_default();
            let name = if name.is_empty() { format!("member-{}", index + 1) } else { name };
            let packed = (member.compressed_size() as usize).min(bytes.len());
            let declared = usize::try_from(member.size()).unwrap_or(usize::MAX);
            let believed = packed.saturating_mul(self.limits.archive_ratio);
            let place = format!("{path}/{name}");
            // A bomb that says so is only tasted, so that it does not use up what the other members may take.
            let most = if declared > believed { HARMLESS } else { believed.max(HARMLESS) };
            let content = self.unpack(&mut member, most, &place);
            self.member(place, &name, &content, level);
        }
    }

    pub(super) fn gzip(&mut self, path: &str, file: &File<'_>) {
        let Some(level) = self.deeper(file.level, path) else { return };
        let name = file.name.as_deref().unwrap_or("content");
        let name = name.strip_suffix(".gz").or(name.strip_suffix(".GZ")).unwrap_or(name);
        let place = format!("{path}/{name}");
        let most = file.bytes.len().saturating_mul(self.limits.archive_ratio).max(HARMLESS);
        let content = self.unpack(&mut MultiGzDecoder::new(file.bytes), most, &place);
        self.member(place, name, &content, level);
    }

    /// Reads a member until it ends or a bound is met: `most` bytes, or what is left for all archives. What was read up to
    /// there is kept.
    fn unpack(&mut self, from: &mut dyn Read, most: usize, place: &str) -> Vec<u8> {
        let bound = most.min(self.archive_left);
        let mut content = Vec::new();
        if let Err(e) = from.take(bound as u64 + 1).read_to_end(&mut content) {
            self.note(format!("unpacking stopped after {} bytes: {e}", content.len()), place, None);
        }
        if content.len() > bound {
            content.truncate(bound);
            if bound == most {
                let what = "the member grows more than is believable when unpacked; its rest was left out";
                self.note(what, place, Some(self.limits.archive_ratio));
            } else {
                let what = "the archives hold more than is unpacked; the rest was left out";
                self.note(what, place, Some(self.limits.archive_bytes));
            }
        }
        self.archive_left -= content.len();
        content
    }

    fn member(&mut self, path: String, name: &str, bytes: &[u8], level: Level) {
        self.file(File {
            path,
            content_type: type_by_name(name).to_owned(),
            name: Some(name.rsplit('/').next().unwrap_or(name).to_owned()),
            charset: None,
            bytes,
            kind: PartKind::ZipMember,
            level,
        });
    }
}

/// A member's name with its folders, without control characters, `.` and `..`.
fn member_name(name: &str) -> String {
    let parts = name.split(['/', '\\']).filter(|p| !matches!(*p, "" | "." | ".."));
    let joined = parts.collect::<Vec<_>>().join("/");
    joined.chars().filter(|c| !c.is_control()).take(200).collect()
}
