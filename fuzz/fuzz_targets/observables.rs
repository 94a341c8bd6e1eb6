//! Observables of any text: they lie in it, and a text made harmless holds the same ones.
#![no_main]

use libfuzzer_sys::fuzz_target;
use observables::{Limits, defang, extract, refang};

fuzz_target!(|text: &str| {
    let whole = extract(text, &Limits::default());
    for found in &whole.found {
        assert!(
            text.get(found.span.clone()).is_some(),
            "{found:?} lies outside the text or cuts a character"
        );
        assert!(!found.value.is_empty() && found.count > 0, "{found:?}");
        if let Some((first, last)) = found.range {
            assert!(first <= last, "{found:?}");
        }
    }
    let _ = (refang(text), defang(text));
    let few = extract(text, &Limits { max_text_bytes: 100, max_observables: 2, max_url_bytes: 20 });
    assert!(few.found.len() <= 2);
});
