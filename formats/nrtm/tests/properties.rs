//! What holds for any input.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;

use nrtm::{
    Change, DeltaReader, DeltaWriter, FileRef, Hash, Header, Keys, Known, Limits, Notification, Rotation,
    SessionId, SigningKey, SnapshotReader, SnapshotWriter, Source, plan,
};
use proptest::prelude::*;

const NOW: i64 = 1_800_000_000_000_000;
const SMALL: Limits = Limits { record: 200, records: 20, bytes: 1000 };

fn header(version: u64) -> Header {
    Header { source: source(), session: SessionId::from_random([1; 16]), version }
}

fn source() -> Source {
    "WARD".parse().unwrap()
}

fn key() -> SigningKey {
    SigningKey::from_random([7; 32]).unwrap()
}

fn file(version: u64) -> FileRef {
    FileRef { version, url: format!("f.{version}").parse().unwrap(), hash: Hash::of(&version.to_be_bytes()) }
}

prop_compose! {
    /// A notification file as a server may make it: any snapshot, deltas that may or may not reach it.
    fn notification()(snapshot in 1..20_u64, first in 2..20_u64, count in 0..10_u64, age in 0..3_i64) -> Notification {
        let deltas: Vec<_> = (first..first + count).map(file).collect();
        let version = deltas.last().map_or(0, |delta| delta.version).max(snapshot);
        let session = SessionId::from_random([1; 16]);
        let timestamp = NOW - age;
        Notification {
            timestamp, source: source(), session, version, snapshot: file(snapshot), deltas, next_signing_key: None,
        }
    }
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        any::<String>().prop_map(Change::Put),
        ("[a-z0-9-]{1,10}", any::<String>()).prop_map(|(class, key)| Change::Delete { class, key }),
    ]
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(bytes in any::<Vec<u8>>(), separated in prop::collection::vec("\\PC{0,20}", 0..6)) {
        let keys = Keys::of(key().public());
        let _ = Notification::open(&bytes, &keys);
        let _ = Notification::from_json(&bytes);
        let records = separated.concat().replace(' ', "\u{1e}").into_bytes();
        for bytes in [bytes, records] {
            let _ = SnapshotReader::open(&bytes[..], &header(1), SMALL).map(|mut reader| while let Ok(Some(_)) = reader.next_object() {});
            let _ = DeltaReader::open(&bytes[..], &header(2), SMALL).map(|mut reader| while let Ok(Some(_)) = reader.next_change() {});
        }
    }

    #[test]
    fn what_was_written_is_read_the_same(changes in prop::collection::vec(change(), 1..20), objects in prop::collection::vec(any::<String>(), 0..20)) {
        let mut delta = DeltaWriter::new(Vec::new(), &header(2)).unwrap();
        changes.iter().for_each(|change| delta.change(change).unwrap());
        let delta = delta.finish();
        let mut reader = DeltaReader::open(&delta[..], &header(2), Limits::REGISTRY).unwrap();
        let read: Vec<_> = std::iter::from_fn(|| reader.next_change().unwrap()).collect();
        prop_assert_eq!(read, changes);

        let mut snapshot = SnapshotWriter::new(Vec::new(), &header(1)).unwrap();
        objects.iter().for_each(|object| snapshot.object(object).unwrap());
        let snapshot = snapshot.finish();
        let mut reader = SnapshotReader::open(&snapshot[..], &header(1), Limits::REGISTRY).unwrap();
        let read: Vec<_> = std::iter::from_fn(|| reader.next_object().unwrap()).collect();
        prop_assert_eq!(read, objects);
    }

    #[test]
    fn a_notification_is_read_as_it_was_signed_and_not_when_one_byte_differs(
        notification in notification(), at in any::<prop::sample::Index>(), with in any::<u8>(),
    ) {
        let keys = Keys::of(key().public());
        let signed = notification.sign(&key()).unwrap().into_bytes();
        prop_assert_eq!(Notification::open(&signed, &keys).unwrap(), (notification, Rotation::None));
        let mut other = signed.clone();
        let at = at.index(other.len());
        other[at] = with;
        if other != signed && !with.is_ascii_whitespace() {
            prop_assert!(Notification::open(&other, &keys).is_err());
        }
    }

    /// The files of one server: all clients that follow the plan arrive at the version told, whatever they had.
    #[test]
    fn a_plan_leads_to_the_version_told_or_there_is_none(notification in notification(), had in 0..40_u64) {
        let known = (had > 0).then(|| Known {
            session: notification.session, version: had, timestamp: NOW - 10, hashes: BTreeMap::new(),
        });
        if let Ok(plan) = plan(&source(), known.as_ref(), &notification, NOW) {
            let mut version = match plan.snapshot {
                Some(snapshot) => snapshot.version,
                None => had,
            };
            for delta in plan.deltas {
                version += 1;
                prop_assert_eq!(delta.version, version, "in order, none left out");
            }
            prop_assert_eq!(version, notification.version);
            prop_assert!(version >= had);
        }
    }

    #[test]
    fn a_file_over_a_limit_is_refused_and_not_read_further(size in 190..400_usize, count in 1..40_usize) {
        let mut snapshot = SnapshotWriter::new(Vec::new(), &header(1)).unwrap();
        (0..count).for_each(|_| snapshot.object(&"x".repeat(size)).unwrap());
        let snapshot = snapshot.finish();
        let mut reader = SnapshotReader::open(&snapshot[..], &header(1), SMALL).unwrap();
        let mut taken = 0;
        let end = loop {
            match reader.next_object() {
                Ok(Some(object)) => taken += object.len(),
                end => break end,
            }
        };
        prop_assert!(taken <= SMALL.bytes as usize);
        prop_assert_eq!(end.is_err(), size + 15 > SMALL.record || snapshot.len() > SMALL.bytes as usize);
    }
}
