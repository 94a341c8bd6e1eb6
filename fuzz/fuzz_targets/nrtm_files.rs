//! The files of another registry: a signed notification file, a snapshot, a delta, of any bytes.
#![no_main]

use libfuzzer_sys::fuzz_target;
use nrtm::{
    Change, DeltaReader, DeltaWriter, Header, Keys, Limits, Notification, PublicKey, SessionId, SigningKey,
    SnapshotReader, SnapshotWriter, plan,
};

/// Small, so that the fuzzer meets them.
const LIMITS: Limits = Limits { record: 400, records: 12, bytes: 2000 };

fuzz_target!(|bytes: &[u8]| {
    let key = SigningKey::from_random([7; 32]).expect("a key");
    let keys = Keys::of(key.public());
    assert!(Notification::open(bytes, &keys).is_err(), "nobody signs by chance");
    let _ = std::str::from_utf8(bytes).map(PublicKey::parse);

    // What is a notification file can be signed, and is read the same by those who know the key.
    if let Ok(notification) = Notification::from_json(bytes) {
        let signed = notification.sign(&key).expect("it was read");
        assert_eq!(Notification::open(signed.as_bytes(), &keys).expect("it was signed").0, notification);
        let _ = plan(&notification.source, None, &notification, notification.timestamp);
    }

    let header = Header {
        source: "WARD".parse().expect("a name"),
        session: SessionId::from_random([1; 16]),
        version: 2,
    };
    let mut objects = Vec::new();
    if let Ok(mut reader) = SnapshotReader::open(bytes, &header, LIMITS) {
        while let Ok(Some(object)) = reader.next_object() {
            objects.push(object);
        }
    }
    let mut changes: Vec<Change> = Vec::new();
    if let Ok(mut reader) = DeltaReader::open(bytes, &header, LIMITS) {
        while let Ok(Some(change)) = reader.next_change() {
            changes.push(change);
        }
    }
    assert!(objects.len() + changes.len() < LIMITS.records as usize, "the header counts, too");
    let mut writer = SnapshotWriter::new(Vec::new(), &header).expect("into memory");
    objects.iter().for_each(|object| writer.object(object).expect("into memory"));
    let written = writer.finish();
    let mut reader = SnapshotReader::open(&written[..], &header, Limits::REGISTRY).expect("written by us");
    for object in &objects {
        assert_eq!(reader.next_object().expect("written by us").as_ref(), Some(object));
    }
    let mut writer = DeltaWriter::new(Vec::new(), &header).expect("into memory");
    changes.iter().for_each(|change| writer.change(change).expect("into memory"));
    let written = writer.finish();
    let mut reader = DeltaReader::open(&written[..], &header, Limits::REGISTRY).expect("written by us");
    for change in &changes {
        assert_eq!(reader.next_change().expect("written by us").as_ref(), Some(change));
    }
});
