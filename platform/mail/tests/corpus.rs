//! The corpora beside the clone go through `open` whole. They are hostile: bytes only, nothing is executed or sent.
#![allow(clippy::unwrap_used, missing_docs)]

mod support;

use mail::limits::Limits;
use mail::open::open;
use mail::unlock::NoKeys;
use support::corpus;

#[test]
fn every_mail_of_the_corpora_opens() {
    let mut count = 0;
    let mut silent = Vec::new();
    for file in corpus("mail") {
        let raw = std::fs::read(&file).unwrap();
        let mail = open(&raw, &Limits::default(), &NoKeys);
        count += 1;
        if mail.parts.is_empty() && mail.notes.is_empty() {
            silent.push(file);
        }
    }
    println!("{count} files opened");
    assert!(silent.is_empty(), "neither a part nor a note: {silent:?}");
}
