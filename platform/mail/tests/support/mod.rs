//! What several tests share.
#![allow(dead_code, clippy::unwrap_used)]

use std::path::{Path, PathBuf};

/// All files below a folder of the data beside the clone, sorted. Empty, with a line that says so, when it is not there.
pub fn corpus(name: &str) -> Vec<PathBuf> {
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
