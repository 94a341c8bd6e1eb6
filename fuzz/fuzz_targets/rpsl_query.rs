//! A line of any bytes as a query: what is understood is written again and means the same; what is not is answered with
//! lines that no client takes for an object.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rpsl::query::{Query, Session, Word};

fuzz_target!(|line: &[u8]| {
    let query = Query::parse(line);
    let _ = (Session::default().turn(&query), Word::of(line));
    match query {
        Ok(query) => {
            let _ = (query.ask(), query.range(), query.warnings(), query.templates().count());
            let written = query.to_string();
            // The words of a line near the limit may need more room with their flags written apart.
            if written.len() <= rpsl::query::LONGEST_LINE
                && written.split(' ').count() <= rpsl::query::MOST_ARGUMENTS
            {
                assert_eq!(Query::parse(written.as_bytes()), Ok(query));
            }
        }
        Err(error) => {
            let text = error.to_string();
            assert!(text.lines().all(|line| line.starts_with('%')));
            assert!(!text.contains(|char: char| char.is_control() && char != '\n'));
        }
    }
});
