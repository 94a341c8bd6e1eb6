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

    // A few terms copied out of the text find it, and another team finds nothing.
    let query = text.split_whitespace().take(4).collect::<Vec<_>>().join(" ");
    let findable = !search::words(&query).is_empty();
    let (ours, theirs, report, text) = (NODE.id(), NODE.id(), NODE.id(), text.to_owned());
    NODE.db
        .write_now(move |tx| search::index(tx, ours, "report", report, 0, &search::Words::of(&text)))
        .expect("any text is indexed");
    for (team, there) in [(ours, findable), (theirs, false)] {
        let (engine, query) = (NODE.db.engine(), query.clone());
        let hits = NODE
            .db
            .read_now(move |c| search::find(c, engine, team, &query, 10))
            .expect("any query is answered");
        assert_eq!(!hits.is_empty(), there);
    }
    NODE.db.write_now(move |tx| search::forget(tx, report)).expect("what was indexed is forgotten");
});
