//! What lies in a hand-over of the operation: its manifest, and the lines of its tables.
#![no_main]

use libfuzzer_sys::fuzz_target;
use trust::hand_over::manifest::Manifest;
use trust::hand_over::tables;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(manifest) = Manifest::parse(bytes) {
        assert_eq!(manifest.text().as_bytes(), bytes, "a manifest has one spelling");
        for path in manifest.files.keys() {
            assert!(!path.starts_with('/') && !path.contains("..") && path.len() < 200, "{path:?}");
        }
    }
    for table in tables() {
        let Ok(rows) = table.parse(bytes) else { continue };
        let lines = rows.lines().expect("rows that were read are written");
        let again = table.parse(&lines).expect("what was written is read");
        assert_eq!(again.rows, rows.rows, "{}", table.name);
    }
});
