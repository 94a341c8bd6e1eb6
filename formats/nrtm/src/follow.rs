//! What a client does with a notification file, and what it refuses (draft sections 5.3 to 5.6 and 9.6).

use std::collections::BTreeMap;
use std::fmt;

use crate::{
    FileRef, Hash, Micros, Notification, PublicKey, Refusal, RelativeUrl, STALE_AFTER, SessionId, Source,
};

/// How far the clock of a server may be ahead of ours.
const CLOCKS_DIFFER: Micros = 10 * 60 * 1_000_000;

/// The two kinds of files that a notification file names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FileKind {
    /// All objects.
    Snapshot,
    /// The changes of one version.
    Delta,
}

impl FileKind {
    /// As the header's `type` has it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Snapshot => "snapshot",
            Self::Delta => "delta",
        }
    }

    /// What a server calls such a file: with session and version, and something that nobody can know before it is
    /// published (draft sections 4.3.1 and 4.3.2).
    pub fn url(self, session: SessionId, version: u64, random: [u8; 16]) -> RelativeUrl {
        let random = data_encoding::HEXLOWER.encode(&random);
        let name = format!("nrtm-{self}.{session}.{version}.{random}.json.gz");
        name.parse().expect("made of letters, digits, dots and hyphens")
    }
}

impl fmt::Display for FileKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The keys by which a client verifies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keys {
    /// The one in use.
    pub current: PublicKey,
    /// The one that the server has announced.
    pub next: Option<PublicKey>,
}

/// Whether a notification file was signed by the key that the server had announced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rotation {
    /// By the key in use.
    None,
    /// By the announced one: the old one is never to be used again.
    ToNext,
}

impl Keys {
    /// The one that the operator has configured.
    pub fn of(current: PublicKey) -> Self {
        Self { current, next: None }
    }

    /// The keys for the next time, once `notification` was taken (draft section 9.6).
    pub fn after(&self, rotation: Rotation, notification: &Notification) -> Self {
        let current = match (rotation, self.next) {
            (Rotation::ToNext, Some(next)) => next,
            _ => self.current,
        };
        Self { current, next: notification.next_signing_key }
    }
}

/// Where a client stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// The session that it follows.
    pub session: SessionId,
    /// The version that it has.
    pub version: u64,
    /// When the notification file was made that was taken last.
    pub timestamp: Micros,
    /// The hashes of that file: those of a version never change.
    pub hashes: BTreeMap<(FileKind, u64), Hash>,
}

impl Known {
    /// Once all, or some, of what `notification` names was taken, up to `version`.
    pub fn after(notification: &Notification, version: u64) -> Self {
        let hashes = files(notification).map(|(kind, file)| ((kind, file.version), file.hash)).collect();
        Self { session: notification.session, version, timestamp: notification.timestamp, hashes }
    }
}

fn files(notification: &Notification) -> impl Iterator<Item = (FileKind, &FileRef)> {
    let deltas = notification.deltas.iter().map(|delta| (FileKind::Delta, delta));
    std::iter::once((FileKind::Snapshot, &notification.snapshot)).chain(deltas)
}

/// What to read, in this order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan<'a> {
    /// All objects; those that it does not have are to be removed.
    pub snapshot: Option<&'a FileRef>,
    /// Then these changes.
    pub deltas: &'a [FileRef],
}

impl Plan<'_> {
    /// Whether the client has everything already.
    pub fn is_nothing(&self) -> bool {
        self.snapshot.is_none() && self.deltas.is_empty()
    }
}

/// What a client that follows `source`, and is where `known` says, does with a verified `notification` at `now`.
///
/// # Errors
/// It is not to be followed. A file that is older than what was taken before is refused in a new session, too, so
/// nobody leads a client back by sending it what the server signed earlier.
pub fn plan<'a>(
    source: &Source,
    known: Option<&Known>,
    notification: &'a Notification,
    now: Micros,
) -> Result<Plan<'a>, Refusal> {
    if notification.source != *source {
        return Err(Refusal::OtherSource { found: notification.source.clone(), expected: source.clone() });
    }
    let age = now.saturating_sub(notification.timestamp);
    if age > STALE_AFTER {
        return Err(Refusal::Stale { hours: age / (STALE_AFTER / 24) });
    }
    if age < -CLOCKS_DIFFER {
        return Err(Refusal::Future { minutes: age.saturating_neg() / 60_000_000 });
    }
    if let Some(known) = known {
        refuse_the_old(known, notification)?;
        if known.session == notification.session
            && let Some(deltas) = deltas_after(notification, known.version)
        {
            return Ok(Plan { snapshot: None, deltas });
        }
    }
    let snapshot = &notification.snapshot;
    let deltas = deltas_after(notification, snapshot.version)
        .ok_or(Refusal::Gap { snapshot: snapshot.version, version: notification.version })?;
    Ok(Plan { snapshot: Some(snapshot), deltas })
}

fn refuse_the_old(known: &Known, notification: &Notification) -> Result<(), Refusal> {
    let (found, before) = (notification.timestamp, known.timestamp);
    if known.session != notification.session {
        return if found <= before { Err(Refusal::MadeEarlier { found, known: before }) } else { Ok(()) };
    }
    if notification.version < known.version {
        return Err(Refusal::OlderVersion { found: notification.version, known: known.version });
    }
    if found < before {
        return Err(Refusal::MadeEarlier { found, known: before });
    }
    for (kind, file) in files(notification) {
        match known.hashes.get(&(kind, file.version)) {
            Some(hash) if *hash != file.hash => {
                return Err(Refusal::OtherHash { version: file.version, found: file.hash, known: *hash });
            }
            _ => {}
        }
    }
    Ok(())
}

/// The deltas that lead from `version` to the notification's; `None` when they do not.
fn deltas_after(notification: &Notification, version: u64) -> Option<&[FileRef]> {
    if version == notification.version {
        return Some(&[]);
    }
    let first = notification.deltas.iter().position(|delta| Some(delta.version) == version.checked_add(1))?;
    let deltas = &notification.deltas[first..];
    (deltas.last().map(|last| last.version) == Some(notification.version)).then_some(deltas)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SigningKey;

    const NOW: Micros = 1_800_000_000_000_000;
    const MINUTE: Micros = 60_000_000;

    fn file(version: u64, hash: u8) -> FileRef {
        FileRef { version, url: format!("f.{version}.gz").parse().unwrap(), hash: Hash([hash; 32]) }
    }

    /// A snapshot and the deltas from the second number to the last.
    fn notification(snapshot: u64, first: u64, last: u64) -> Notification {
        Notification {
            timestamp: NOW,
            source: "WARD".parse().unwrap(),
            session: SessionId::from_random([1; 16]),
            version: snapshot.max(last),
            snapshot: file(snapshot, 0),
            deltas: (first..=last).map(|version| file(version, 1)).collect(),
            next_signing_key: None,
        }
    }

    fn decide(
        known: Option<&Known>,
        notification: &Notification,
    ) -> Result<(Option<u64>, Vec<u64>), Refusal> {
        let plan = plan(&"WARD".parse().unwrap(), known, notification, NOW + MINUTE)?;
        Ok((plan.snapshot.map(|file| file.version), plan.deltas.iter().map(|file| file.version).collect()))
    }

    #[test]
    fn a_client_begins_with_the_snapshot_and_goes_on_with_deltas() {
        let first = notification(3, 2, 4);
        assert_eq!(decide(None, &first), Ok((Some(3), vec![4])));
        let known = Known::after(&first, 4);
        assert_eq!(decide(Some(&known), &first), Ok((None, vec![])));
        assert_eq!(decide(Some(&known), &notification(3, 2, 6)), Ok((None, vec![5, 6])));
        assert_eq!(decide(Some(&Known::after(&first, 1)), &first), Ok((None, vec![2, 3, 4])));
    }

    #[test]
    fn a_gap_or_a_new_session_leads_to_the_snapshot() {
        let known = Known::after(&notification(3, 2, 4), 4);
        assert_eq!(decide(Some(&known), &notification(9, 8, 10)), Ok((Some(9), vec![10])));
        assert_eq!(decide(Some(&known), &notification(9, 1, 0)), Ok((Some(9), vec![])));
        let mut other = notification(1, 1, 0);
        other.session = SessionId::from_random([2; 16]);
        other.timestamp += 1;
        assert_eq!(decide(Some(&known), &other), Ok((Some(1), vec![])));
        assert_eq!(
            decide(Some(&known), &notification(3, 8, 10)),
            Err(Refusal::Gap { snapshot: 3, version: 10 })
        );
    }

    #[test]
    fn what_is_old_replayed_or_altered_is_refused() {
        let mut known = Known::after(&notification(3, 2, 6), 6);
        assert_eq!(
            decide(Some(&known), &notification(3, 2, 5)),
            Err(Refusal::OlderVersion { found: 5, known: 6 })
        );
        let mut altered = notification(3, 2, 7);
        altered.deltas[0].hash = Hash([9; 32]);
        assert!(matches!(decide(Some(&known), &altered), Err(Refusal::OtherHash { version: 2, .. })));
        let mut session = notification(3, 2, 7);
        session.session = SessionId::from_random([2; 16]);
        assert!(matches!(decide(Some(&known), &session), Err(Refusal::MadeEarlier { .. })));
        known.timestamp += 1;
        assert!(matches!(decide(Some(&known), &notification(3, 2, 7)), Err(Refusal::MadeEarlier { .. })));
        let mut old = notification(3, 2, 7);
        old.timestamp -= STALE_AFTER;
        assert_eq!(decide(None, &old), Err(Refusal::Stale { hours: 24 }));
        let mut early = notification(3, 2, 7);
        early.timestamp += 20 * MINUTE;
        assert_eq!(decide(None, &early), Err(Refusal::Future { minutes: 19 }));
        let mut other = notification(3, 2, 7);
        other.source = "OTHER".parse().unwrap();
        assert!(matches!(decide(None, &other), Err(Refusal::OtherSource { .. })));
    }

    #[test]
    fn a_new_key_is_announced_then_used_and_the_old_one_never_again() {
        let (old, new) =
            (SigningKey::from_random([7; 32]).unwrap(), SigningKey::from_random([8; 32]).unwrap());
        let mut file = notification(1, 1, 0);
        let keys = Keys::of(old.public());
        let open = |keys: &Keys, signed: String| Notification::open(signed.as_bytes(), keys);
        assert!(open(&keys, file.sign(&new).unwrap()).is_err(), "not announced");

        file.next_signing_key = Some(new.public());
        let (read, rotation) = open(&keys, file.sign(&old).unwrap()).unwrap();
        let keys = keys.after(rotation, &read);
        assert_eq!(keys, Keys { current: old.public(), next: Some(new.public()) });

        file.next_signing_key = None;
        let (read, rotation) = open(&keys, file.sign(&new).unwrap()).unwrap();
        let keys = keys.after(rotation, &read);
        assert_eq!(keys, Keys::of(new.public()));
        assert!(open(&keys, file.sign(&old).unwrap()).is_err(), "the old key is done with");
    }

    #[test]
    fn a_file_is_named_by_session_version_and_something_nobody_knows_before() {
        let url = FileKind::Delta.url(SessionId::from_random([1; 16]), 7, [0xab; 16]);
        assert_eq!(
            url.as_str(),
            "nrtm-delta.01010101-0101-4101-8101-010101010101.7.abababababababababababababababab.json.gz"
        );
        assert!(url.is_gzip());
    }
}
