//! Handling labels in any text: a label that is found is written again and read back the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use taxonomy::Tlp;

fuzz_target!(|text: &str| {
    if let Some(label) = Tlp::find_in(text) {
        assert_eq!(Tlp::find_in(&label.to_string()), Some(label));
    }
    if let Some(label) = Tlp::parse(text) {
        assert_eq!(Tlp::parse(&label.to_string()), Some(label));
    }
});
