//! Any mail is opened whole within its limits, falls into one class, and every part that is listed can be downloaded.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mail::classify::classify;
use mail::envelope::Envelope;
use mail::limits::Limits;
use mail::open::{open, raw_part};
use mail::unlock::NoKeys;

fuzz_target!(|raw: &[u8]| {
    let limits = Limits { parts: 40, ..Limits::default() };
    let opened = open(raw, &limits, &NoKeys);
    assert!(opened.parts.len() <= limits.parts);
    let envelope = Envelope {
        from: String::new(),
        rcpts: vec!["cert+t0k3n@aldermark.example".into()],
        helo: "client.example".into(),
        peer: None,
        received_at: 0,
    };
    let _ = classify(&opened, &envelope);
    // Two of them, so that a mail of many parts is not walked many times.
    for part in opened.parts.iter().take(1).chain(opened.parts.last()) {
        let bytes = raw_part(raw, &part.path, &limits, &NoKeys);
        assert_eq!(bytes.map(|bytes| bytes.len() as u64), Some(part.size), "part {}", part.path);
    }
});
