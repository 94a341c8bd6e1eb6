//! The corpora beside the clone go through `open` whole. They are hostile: bytes only, nothing is executed or sent.
#![allow(clippy::unwrap_used, missing_docs)]

use std::path::{Path, PathBuf};

use mail::limits::Limits;
use mail::open::open;
use mail::unlock::NoKeys;

fn corpus(name: &str) -> Vec<PathBuf> {
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data")).join(name);
    let mut files = Vec::new();
    let mut folders = vec![root];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = std::fs::read_dir(&folder) else { continue };
        for entry in entries.flatten() {
            if entry.path().is_dir() { folders.push(entry.path()) } else { files.push(entry.path()) }
        }
    }
    files.sort();
    if files.is_empty() {
        println!("left out: ../shared/data/{name} is not beside the clone");
    }
    files
}

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
