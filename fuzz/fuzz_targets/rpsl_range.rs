//! Ranges as registries write them; what is understood is written again and means the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rpsl::range::{parse_as_number, parse_inet6num, parse_inetnum, parse_range};

fuzz_target!(|text: &str| {
    let _ = (parse_as_number(text), parse_inetnum(text), parse_inet6num(text));
    if let Ok(range) = parse_range(text) {
        assert!(range.first() <= range.last());
        assert!(range.contains(range.first()) && range.contains(range.last()));
        assert_eq!(parse_range(&range.to_string()), Ok(range));
    }
});
