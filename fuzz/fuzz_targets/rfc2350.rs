//! Whatever a team publishes as its description, it is read, and what is written of it is read back the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rfc2350::{Document, Section, facts, parse};

fuzz_target!(|bytes: &[u8]| {
    let Ok(parsed) = parse(bytes) else { return };
    let written = parsed.document.to_text();
    let again = parse(written.as_bytes()).expect("within the limits, or nearly so");
    assert_eq!(again.document, parsed.document, "{written}");

    // Any text may stand in any section.
    let text = String::from_utf8_lossy(bytes);
    let mut document = Document::new("Lab CERT").expect("a title");
    document.set(Section::Mission, &text);
    assert_eq!(parse(document.to_text().as_bytes()).expect("within the limits").document, document);

    for (_, text) in document.sections() {
        drop((facts::mail_addresses(text), facts::telephones(text), facts::day(text)));
        assert!(facts::fingerprints(text).iter().all(|hex| hex.len() == 40 || hex.len() == 64));
    }
});
