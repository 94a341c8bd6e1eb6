//! Reading a mail: any bytes in, everything that a decision needs out. Nothing is stored here.

use std::collections::HashMap;
use std::sync::Arc;

use kit::{Digest, Time};
use mail::classify::{Class, Machine, classify};
use mail::message::{Opened, Part, PartKind};
use mail::pgp::{KeyRing, SecretKey};
use mail::{Envelope, Limits};
use observables::{Exclusions, Extraction, Kind, Limits as ObservableLimits};
use sha2::Digest as _;
use taxonomy::Tlp;
use teams::Directory;

use crate::model::{Observable, SignatureState};
use crate::store::mail_in::MailIn;

/// How many observables of one report are stored; the rest stays in the mail, and a note says so.
const STORED: usize = 10_000;
/// How much text of a mail is searched for words.
const INDEXED: usize = 1 << 20;
const PREVIEW: usize = 600;
/// How much of a text is searched for a label: it stands at the beginning.
const LABELLED: usize = 64 * 1024;

/// What reading needs to know.
pub(crate) struct Reader {
    pub(crate) directory: Arc<Directory>,
    pub(crate) secrets: Arc<Vec<SecretKey>>,
    pub(crate) exclusions: Arc<Exclusions>,
    pub(crate) registry: registry::Registry,
    pub(crate) default_tlp: Tlp,
    pub(crate) now: Time,
}

/// A mail, read.
#[derive(Debug)]
pub(crate) struct Incoming {
    pub(crate) class: Class,
    /// `human`, `arf`, `xarf`, `feed`, `bulk`, `generated`, `api`.
    pub(crate) kind: &'static str,
    pub(crate) from_address: String,
    pub(crate) from_name: String,
    pub(crate) recipients: Vec<String>,
    pub(crate) subject: String,
    pub(crate) preview: String,
    pub(crate) written_at: Option<Time>,
    pub(crate) message_id: String,
    /// Message-IDs that it answers, the nearest first.
    pub(crate) answers: Vec<String>,
    pub(crate) fingerprint: Digest,
    pub(crate) tlp: Tlp,
    /// The label stands in the mail; else it is the desk's usual one.
    pub(crate) labelled: bool,
    pub(crate) signature: SignatureState,
    pub(crate) signature_words: String,
    pub(crate) encrypted: bool,
    pub(crate) parts: i64,
    pub(crate) notes: Vec<String>,
    /// Nothing of it could be read.
    pub(crate) flagged: bool,
    pub(crate) observables: Vec<Observable>,
    /// The words to be found by.
    pub(crate) words: kit::search::Words,
    /// The nodes through whose desks it has come.
    pub(crate) loop_marks: Vec<String>,
}

/// A mail that is kept without having been opened, and why.
pub(crate) fn unopened(mail: &MailIn, why: &str) -> Incoming {
    Incoming {
        class: Class::MachineReport(Machine::Generated),
        kind: "generated",
        from_address: mail.envelope_from.clone(),
        from_name: String::new(),
        recipients: Vec::new(),
        subject: "(a mail that could not be opened)".into(),
        preview: String::new(),
        written_at: None,
        message_id: String::new(),
        answers: Vec::new(),
        fingerprint: mail.blob,
        tlp: Tlp::Red,
        labelled: false,
        signature: SignatureState::Unsigned,
        signature_words: String::new(),
        encrypted: false,
        parts: 0,
        notes: vec![why.to_owned()],
        flagged: true,
        observables: Vec::new(),
        words: kit::search::Words::default(),
        loop_marks: Vec::new(),
    }
}

impl Reader {
    /// Opens `bytes` whole with the keys at hand.
    pub(crate) fn open(&self, bytes: &[u8]) -> Opened {
        mail::open::open(bytes, &Limits::default(), &self.keys())
    }

    /// The bytes of the part at `path`.
    pub(crate) fn part(&self, bytes: &[u8], path: &str) -> Option<Vec<u8>> {
        mail::open::raw_part(bytes, path, &Limits::default(), &self.keys())
    }

    fn keys(&self) -> KeyRing<'_> {
        KeyRing { public: self.directory.keys(), secret: &self.secrets, at: self.now / kit::clock::SECOND }
    }

    /// Reads the mail `row`, whose bytes are `bytes`.
    pub(crate) fn read(&self, row: &MailIn, bytes: &[u8]) -> Incoming {
        let opened = self.open(bytes);
        let envelope = Envelope {
            from: row.envelope_from.clone(),
            rcpts: row.recipient.split(", ").map(str::to_owned).collect(),
            helo: String::new(),
            peer: None,
            received_at: row.received_at,
        };
        let class = classify(&opened, &envelope);
        let headers = &opened.headers;
        let sender = headers.from.first().or(headers.sender.as_ref());
        let from_address =
            sender.map_or_else(|| row.envelope_from.clone(), |s| s.address.clone()).to_lowercase();
        let (signature, signature_words) = self.signature(&opened, &from_address);
        let mut notes: Vec<String> = opened
            .notes
            .iter()
            .map(|note| {
                if note.place.is_empty() {
                    note.what.clone()
                } else {
                    format!("{}: {}", note.place, note.what)
                }
            })
            .collect();
        let label = label(&opened);
        let tlp = label.unwrap_or(self.default_tlp);
        let observables = self.observables(&opened, row, &from_address, tlp, &mut notes);
        let flagged = opened.parts.iter().all(|part| part.text.is_none() && part.kind == PartKind::Body)
            || (headers.from.is_empty() && headers.message_id.is_none() && headers.date.is_none());
        let subject = opened.subject().trim();
        let answers = headers.in_reply_to.iter().chain(headers.references.iter().rev()).cloned();
        Incoming {
            kind: kind(&class),
            from_name: sender.map(|s| s.name.clone()).unwrap_or_default(),
            recipients: headers
                .to
                .iter()
                .chain(&headers.cc)
                .map(|m| m.address.to_lowercase())
                .take(50)
                .collect(),
            subject: if subject.is_empty() { "(no subject)".into() } else { clip(subject, 300).to_owned() },
            preview: clip(opened.body_text().trim(), PREVIEW).to_owned(),
            written_at: headers.date,
            message_id: headers.message_id.clone().unwrap_or_default(),
            answers: answers.collect(),
            fingerprint: fingerprint(&opened, bytes),
            tlp,
            labelled: label.is_some(),
            signature,
            signature_words,
            encrypted: opened.parts.iter().any(|part| part.kind == PartKind::Encrypted),
            parts: opened.parts.len() as i64,
            notes,
            flagged,
            words: kit::search::Words::of(&text(&opened, &from_address)),
            loop_marks: headers.loop_marks.clone(),
            observables,
            from_address,
            class,
        }
    }

    /// One verdict for the mail: the worst of those on its signatures, since a good one beside a broken one proves
    /// only part of what is read.
    fn signature(&self, opened: &Opened, from: &str) -> (SignatureState, String) {
        let team = self.directory.by_address(from);
        let state = |verdict: &mail::unlock::SignatureVerdict| {
            let key = verdict.key.as_deref().unwrap_or_default();
            if verdict.good {
                let own = team.as_ref().is_some_and(|team| team.has_key(key));
                if own { SignatureState::Good } else { SignatureState::Other }
            } else if self.directory.by_key(key).is_none() {
                SignatureState::Unknown
            } else {
                SignatureState::Bad
            }
        };
        let verdicts =
            opened.signatures.iter().map(|signature| (state(&signature.verdict), &signature.verdict.words));
        verdicts
            .max_by_key(|(state, _)| *state)
            .map_or((SignatureState::Unsigned, String::new()), |(state, words)| (state, words.clone()))
    }

    fn observables(
        &self,
        opened: &Opened,
        row: &MailIn,
        from: &str,
        tlp: Tlp,
        notes: &mut Vec<String>,
    ) -> Vec<Observable> {
        let mut found = Collected::new(tlp, row.received_at);
        found.add("subject", &observables::extract(opened.subject(), &ObservableLimits::default()), |o| {
            self.excluded(o)
        });
        for part in &opened.parts {
            let Some(text) = &part.text else { continue };
            let own_domain =
                (part.kind == PartKind::Body).then(|| from.rsplit_once('@').map_or("", |(_, d)| d));
            let extraction = observables::extract(text, &ObservableLimits::default());
            found.add(&part.path, &extraction, |o| {
                let senders = own_domain.is_some_and(|domain| belongs_to(o, domain));
                if senders { Some("the sender's own".into()) } else { self.excluded(o) }
            });
        }
        if found.left_out > 0 {
            notes.push(format!(
                "{} more observables than the {STORED} listed stand in this mail; they are in its parts",
                found.left_out
            ));
        }
        found.list
    }

    pub(super) fn excluded(&self, o: &observables::Observable) -> Option<String> {
        if let Some(rule) = self.exclusions.reason(o) {
            return Some(format!("rule: {rule}"));
        }
        // Private space that somebody has registered here is somebody's.
        let known =
            || o.range.is_some_and(|(low, high)| !self.registry.answer(low, high).networks.is_empty());
        (o.special && !known()).then(|| "private or reserved".into())
    }
}

pub(super) struct Collected {
    pub(super) list: Vec<Observable>,
    places: HashMap<(Kind, String), usize>,
    pub(super) left_out: usize,
    tlp: Tlp,
    at: Time,
}

impl Collected {
    /// Nothing yet; what is added carries `tlp` and was seen at `at`.
    pub(super) fn new(tlp: Tlp, at: Time) -> Self {
        Self { list: Vec::new(), places: HashMap::new(), left_out: 0, tlp, at }
    }

    pub(super) fn add(
        &mut self,
        part: &str,
        extraction: &Extraction,
        excluded: impl Fn(&observables::Observable) -> Option<String>,
    ) {
        self.left_out += usize::from(extraction.truncated);
        for one in &extraction.found {
            let hits = i64::from(one.count);
            if let Some(place) = self.places.get(&(one.kind, one.value.clone())) {
                let known = &mut self.list[*place];
                known.hits += hits;
                known.port = known.port.or(one.port);
                continue;
            }
            if self.list.len() >= STORED {
                self.left_out += 1;
                continue;
            }
            self.places.insert((one.kind, one.value.clone()), self.list.len());
            self.list.push(Observable {
                n: self.list.len() as i64 + 1,
                kind: one.kind,
                value: one.value.clone(),
                range: one.range,
                port: one.port,
                part: part.to_owned(),
                hits,
                first_seen: self.at,
                last_seen: self.at,
                tlp: self.tlp,
                excluded: excluded(one),
            });
        }
    }
}

fn belongs_to(o: &observables::Observable, domain: &str) -> bool {
    let name = match o.kind {
        Kind::Domain => o.value.as_str(),
        Kind::Email => o.value.rsplit_once('@').map_or("", |(_, d)| d),
        _ => return false,
    };
    !domain.is_empty() && name.strip_suffix(domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

/// The strictest of the labels of the mail and of the mails that it carries: whoever forwards something does not make it
/// less strict. Of the mail itself the label in the subject counts or, failing that, the one in the text.
fn label(opened: &Opened) -> Option<Tlp> {
    let subjects = [opened.subject(), &opened.headers.subject];
    let own = Tlp::strictest(subjects.into_iter().filter_map(Tlp::find_in))
        .or_else(|| Tlp::find_in(clip(opened.body_text(), LABELLED)));
    let carried = opened.parts.iter().filter(|part| is_carried(part));
    let carried = carried.filter_map(|part| Tlp::find_in(clip(part.text.as_deref()?, LABELLED)));
    Tlp::strictest(own.into_iter().chain(carried))
}

/// Whether the part is the header or a text of a mail in the mail; what was encrypted is the mail itself.
fn is_carried(part: &Part) -> bool {
    let (_, inside) = part.path.rsplit_once("/decrypted/").unwrap_or(("", &part.path));
    part.kind == PartKind::NestedMail || (part.kind == PartKind::Body && inside.contains('/'))
}

fn kind(class: &Class) -> &'static str {
    match class {
        Class::MachineReport(Machine::Arf) => "arf",
        Class::MachineReport(Machine::Xarf) => "xarf",
        Class::MachineReport(Machine::Feed) => "feed",
        Class::MachineReport(Machine::Bulk) => "bulk",
        Class::MachineReport(Machine::Generated) => "generated",
        _ => "human",
    }
}

/// The same message has the same fingerprint by whatever way it came: transport headers do not count.
fn fingerprint(opened: &Opened, bytes: &[u8]) -> Digest {
    let h = &opened.headers;
    let crlf = memchr::memmem::find(bytes, b"\r\n\r\n").map(|at| at + 4);
    let lf = memchr::memmem::find(bytes, b"\n\n").map(|at| at + 2);
    let body = [crlf, lf].into_iter().flatten().min().map_or(bytes, |at| &bytes[at..]);
    let mut hash = sha2::Sha256::new();
    for text in
        [h.message_id.as_deref().unwrap_or_default(), &h.subject, h.from.first().map_or("", |f| &f.address)]
    {
        hash.update((text.len() as u64).to_be_bytes());
        hash.update(text);
    }
    hash.update(h.date.unwrap_or_default().to_be_bytes());
    // Line ends change on the way, and empty lines at the end; nothing else does.
    let mut lines: Vec<&[u8]> =
        body.split(|b| *b == b'\n').map(|l| l.strip_suffix(b"\r").unwrap_or(l)).collect();
    while lines.last().is_some_and(|line| line.is_empty()) {
        lines.pop();
    }
    for line in lines {
        hash.update(line);
        hash.update(b"\n");
    }
    Digest::from_slice(&hash.finalize()).unwrap_or_else(|_| Digest::of(bytes))
}

fn text(opened: &Opened, from: &str) -> String {
    let mut text = format!("{}\n{from}\n", opened.subject());
    for part in &opened.parts {
        if let Some(name) = &part.name {
            text.push_str(name);
            text.push('\n');
        }
        let left = INDEXED.saturating_sub(text.len());
        if left == 0 {
            break;
        }
        text.push_str(clip(part.text.as_deref().unwrap_or_default(), left));
        text.push('\n');
    }
    text
}

/// The first `bytes` of `text`, ending where a character ends.
pub(crate) fn clip(text: &str, bytes: usize) -> &str {
    &text[..text.floor_char_boundary(bytes)]
}
