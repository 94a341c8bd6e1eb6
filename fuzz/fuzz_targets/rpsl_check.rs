//! An object of any bytes: checked against its template, named, found, written again and compared.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rpsl::check::{MOST_FINDINGS, check};
use rpsl::template::{AttributeName, LONGEST_TERM, Template, normal_key, terms};
use rpsl::write::{Writer, brief};

fuzz_target!(|dump: &[u8]| {
    for object in rpsl::objects(dump).flatten() {
        let parts: Vec<u8> = object.parts().flat_map(|part| part.raw.to_vec()).collect();
        assert_eq!(parts, object.raw());
        let mut writer = Writer::of(&object);
        assert_eq!(writer.to_bytes(), object.raw());

        // What is changed is one object still.
        writer.set(AttributeName::Remarks, &String::from_utf8_lossy(object.raw()));
        writer.replace_item(AttributeName::AdminC, "AUTO-1", "EX1-TEST");
        writer.sort();
        let written = writer.to_bytes();
        assert_eq!(rpsl::objects(&written).count(), 1);
        let _ = rpsl::diff::unified(object.raw(), &written);
        let _: usize = object.attributes().map(|attribute| brief(&attribute).len()).sum();

        if let Ok(key) = object.primary_key() {
            assert_eq!(normal_key(&object.class(), &key), Ok(key));
        }
        for term in terms(&object) {
            assert!((1..=LONGEST_TERM).contains(&term.value.len()));
        }
        let Some(template) = Template::of(&object.class()) else { continue };
        let findings = check(&object, template);
        assert!(findings.len() <= MOST_FINDINGS + 2);
        for finding in findings {
            assert!(!finding.to_string().contains('\n'));
        }
    }
});
