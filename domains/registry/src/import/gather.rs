//! A dump read, checked and cut into batches.

use std::path::Path;

use kit::Result;
use rpsl::template::AttributeName;
use rpsl::{Object, Record};

use super::files::{self, Entry};
use super::{BATCH, UNSTATED};
use crate::store::objects::Term;
use crate::store::{NewObject, Problem, Tally};

/// Bytes of one transaction.
const BATCH_BYTES: usize = 1 << 20;
/// Problems kept for each file; the rest is counted.
const PROBLEMS: usize = 1_000;

/// Objects of one transaction.
pub(super) struct Ready {
    pub(super) objects: Vec<NewObject>,
    /// How far the file has come with them.
    pub(super) tally: Tally,
    /// Bytes of the file that were read by then.
    pub(super) read: u64,
}

/// Reads `path` to its end and hands over its objects in batches, those behind what `tally` has already.
///
/// # Errors
/// The file cannot be opened or breaks off, and what was read of it was handed over before; or `take` fails.
pub(super) fn read(path: &Path, tally: Tally, take: &mut dyn FnMut(Ready) -> Result<()>) -> Result<()> {
    let mut skip = tally.entries;
    let mut gathered = Gathered { tally, objects: Vec::new(), bytes: 0 };
    let mut at = 0;
    let read = files::read(path, &mut |entry, read| {
        at = read;
        if skip > 0 {
            skip -= 1;
            return Ok(());
        }
        gathered.take(entry);
        if gathered.is_enough() { take(gathered.ready(at)) } else { Ok(()) }
    });
    match read {
        Err(error @ kit::Error::Io { .. }) => take(gathered.ready(at)).and(Err(error)),
        Err(error) => Err(error),
        Ok(()) => take(gathered.ready(at)),
    }
}

struct Gathered {
    tally: Tally,
    objects: Vec<NewObject>,
    bytes: usize,
}

impl Gathered {
    fn take(&mut self, entry: Entry<'_>) {
        self.tally.entries += 1;
        match entry {
            Entry::Refused(object, error) => {
                self.tally.refused += 1;
                self.problem(object, &error, true);
            }
            Entry::Object(object, record, notes) => {
                self.tally.objects += 1;
                if !notes.is_empty() {
                    let name = files::named(&object);
                    notes.iter().for_each(|note| self.problem(name.clone(), note, false));
                }
                self.bytes += object.raw().len();
                self.objects.push(new_object(&object, &record));
            }
        }
    }

    fn is_enough(&self) -> bool {
        self.objects.len() >= BATCH || self.bytes >= BATCH_BYTES
    }

    fn ready(&mut self, read: u64) -> Ready {
        self.bytes = 0;
        Ready { objects: std::mem::take(&mut self.objects), tally: self.tally.clone(), read }
    }

    fn problem(&mut self, object: String, error: &rpsl::Error, refused: bool) {
        if self.tally.problems.len() < PROBLEMS {
            let reason = match &error.attribute {
                Some(name) => format!("{name}: {}", error.why),
                None => error.why.to_string(),
            };
            self.tally.problems.push(Problem { line: error.line, object, reason, refused });
        }
    }
}

/// What goes into the database. The key is in one spelling for each object, so that the same range written as a
/// prefix and with both ends is one object.
fn new_object(object: &Object<'_>, record: &Record) -> NewObject {
    let registration = match record {
        Record::Inetnum(inetnum) => Some(&inetnum.registration),
        Record::Irt(irt) => Some(&irt.registration),
        Record::Contact(contact) => Some(&contact.registration),
        Record::Organisation(organisation) => Some(&organisation.registration),
        Record::KeyCert(key) => Some(&key.registration),
        Record::AutNum(aut_num) => Some(&aut_num.registration),
        _ => None,
    };
    let key = match record {
        Record::Inetnum(inetnum) => inetnum.range.to_string(),
        Record::Irt(irt) => irt.name.to_key(),
        Record::Contact(contact) => contact.nic_hdl.to_key(),
        Record::Organisation(organisation) => organisation.handle.to_key(),
        Record::KeyCert(key) => key.name.to_string(),
        Record::AutNum(aut_num) => format!("AS{}", aut_num.asn),
        _ => object.primary_key().unwrap_or_else(|_| object.key().to_uppercase()),
    };
    // Those who read it have its registry already.
    let source = match registration {
        Some(registration) => registration.source.as_ref().map(rpsl::Handle::to_key),
        None => object
            .get("source")
            .and_then(|source| rpsl::Handle::new(&source.value()))
            .map(|source| source.to_key()),
    };
    NewObject {
        source: source.unwrap_or_else(|| UNSTATED.to_owned()),
        class: object.class().into_owned(),
        key,
        raw: object.raw().to_vec(),
        line: object.line().try_into().unwrap_or(i64::MAX),
        terms: terms(object),
    }
}

/// The words and references by which an object is found.
fn terms(object: &Object<'_>) -> Vec<Term> {
    let short = |name: &str| AttributeName::long(name).map(AttributeName::short);
    let all = rpsl::template::terms(object).into_iter();
    all.filter_map(|term| Some(Term { attribute: short(term.attribute)?, value: term.value })).collect()
}
