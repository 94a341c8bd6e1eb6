//! Rules that leave out a team's own networks; an error names a line that is there.
#![no_main]

use libfuzzer_sys::fuzz_target;
use observables::{Exclusions, Limits, extract};

fuzz_target!(|text: &str| {
    match Exclusions::parse(text) {
        Ok(exclusions) => {
            for found in &extract(text, &Limits::default()).found {
                let _ = exclusions.reason(found);
            }
        }
        Err(errors) => {
            let lines = text.lines().count();
            assert!(!errors.is_empty());
            for error in errors {
                assert!((1..=lines).contains(&error.line), "{error}");
            }
        }
    }
});
