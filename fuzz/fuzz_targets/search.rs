//! What is indexed is found again by its own words, and no query is ever an error.
#![no_main]

use std::sync::LazyLock;

use kit::search;
use kit::testing::TestNode;
use libfuzzer_sys::fuzz_target;

static NODE: LazyLock<TestNode> = LazyLock::new(|| kit::testing::node(&[]));

fuzz_target!(|text: &str| {
    let words = search::words(text);
    for word in &words {
        assert!(!word.is_empty() && word.chars().count() <= 2 * 80, "{word}");
        assert!(!word.contains(char::is_whitespace), "{word}");
    }
    let team = NODE.id();
    let engine = NODE.db.engine();
    let query = text.to_owned();
    let found = NODE.db.read_now(move |c| search::find(c, engine, team, &query, 10));
    assert_eq!(found.expect("any query can be asked"), []);
});
