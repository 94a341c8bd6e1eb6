//! A registry dump: objects, attributes and types of any bytes; and in pieces as in one.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rpsl::{Limits, Notes, Record, Splitter};

/// Small, so that the fuzzer meets them.
const LIMITS: Limits = Limits { bytes: 600, attributes: 12 };

fuzz_target!(|dump: &[u8]| {
    for object in rpsl::objects(dump).flatten() {
        let mut notes = Notes::default();
        let _ = Record::read(&object, &mut notes);
        let _ = (object.class(), object.key(), object.malformed().count());
        for attribute in object.attributes() {
            let _ = (
                attribute.value(),
                attribute.comment(),
                attribute.items().count(),
                attribute.text_lines().count(),
            );
        }
        for note in notes.iter() {
            let _ = note.to_string();
        }
    }

    // What an object is does not depend on where the stream was cut.
    let whole: Vec<_> =
        rpsl::objects_within(dump, LIMITS).map(|o| o.map(|o| (o.line(), o.raw().to_vec()))).collect();
    let piece = usize::from(dump.first().copied().unwrap_or(0)) + 1;
    let mut splitter = Splitter::new(LIMITS);
    let mut streamed = Vec::new();
    for chunk in dump.chunks(piece) {
        splitter.feed(chunk);
        while let Some(object) = splitter.next_object() {
            streamed.push(object.map(|o| (o.line(), o.raw().to_vec())));
        }
    }
    splitter.finish();
    while let Some(object) = splitter.next_object() {
        streamed.push(object.map(|o| (o.line(), o.raw().to_vec())));
    }
    assert_eq!(streamed, whole, "in pieces of {piece} bytes");
});
