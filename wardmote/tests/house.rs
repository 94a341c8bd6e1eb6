//! The walls of the house (see `ARCHITECTURE.md`): each test fails with the place where one was broken and with what to do.
//! What the compiler holds up by itself (permissions in types, randomness as a parameter) has its tests where it is written.

#![allow(clippy::unwrap_used)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The storeys, lowest first. A crate knows those of its own storey and below.
const STOREYS: [&str; 6] = ["formats", "platform", "domains", "demo", "wardmote", "benches"];

/// Which domains a domain may call; one that is not named here may call `teams` only.
const BELOW: &[(&str, &[&str])] = &[
    ("teams", &[]),
    ("registry", &["teams"]),
    ("incidents", &["teams", "registry"]),
    ("exchange", &["teams", "registry", "incidents"]),
    ("sensors", &["teams", "registry"]),
    ("advisories", &["teams", "registry"]),
    ("workbench", &["teams", "registry"]),
];

#[test]
fn imports_point_down_only() {
    let crates = workspace();
    let mut broken = Vec::new();
    for one in crates.values() {
        for other in
            one.knows.iter().filter_map(|name| crates.get(name)).filter(|other| other.name != one.name)
        {
            let below =
                BELOW.iter().find(|(name, _)| *name == one.name).map_or(&["teams"][..], |(_, below)| below);
            let beside =
                one.storey == "domains" && other.storey == "domains" && !below.contains(&other.name.as_str());
            if storey(&other.storey) > storey(&one.storey) || beside {
                broken.push(format!(
                    "{} ({}) depends on {} ({})",
                    one.name, one.storey, other.name, other.storey
                ));
            }
        }
    }
    report(
        &broken,
        "what a lower crate needs from above goes as an event, or as a trait in `contracts` that `wardmote` fills",
    );
}

#[test]
fn formats_are_pure() {
    let outside = [
        "std::fs",
        "std::env",
        "std::process",
        "std::thread",
        "std::time",
        "std::io::stdin",
        "TcpStream",
        "UdpSocket",
        "TcpListener",
        "tokio::",
        "async fn",
        "println!",
        "eprintln!",
    ];
    let broken = places(&["formats"], |line| outside.iter().any(|needle| line.contains(needle)));
    report(
        &broken,
        "a format takes bytes and gives types; files, clocks and sockets are read where it is called",
    );
}

#[test]
fn sql_stands_in_stores_only() {
    let broken = places(&["formats", "platform", "domains", "demo", "wardmote"], |line| {
        line.contains("statements!") || SQL.iter().any(|[verb, then]| says(line, verb, then))
    });
    let broken: Vec<_> = broken.into_iter().filter(|place| !in_store(place)).collect();
    report(
        &broken,
        "move it to the domain's `store.rs` or `store/`, as a constant in `statements!`, and call it from there",
    );
}

#[test]
fn sql_is_never_put_together_from_values() {
    let broken = places(&["platform", "domains", "demo", "wardmote"], |line| {
        let builds =
            ["format!(", "push_str(", "write!(", "concat("].iter().any(|needle| line.contains(needle));
        builds && SQL.iter().any(|[verb, then]| says(line, verb, then))
    });
    let engines_own = ["platform/kit/src/db/", "platform/kit/src/testing.rs"];
    let broken: Vec<_> =
        broken.into_iter().filter(|place| !engines_own.iter().any(|own| place.starts_with(own))).collect();
    report(
        &broken,
        "write the statement whole, as a constant with $1, $2, …; `$1 IS NULL OR …` for what may be left out",
    );
}

#[test]
fn time_randomness_and_ids_come_from_kit() {
    let sources = [
        "SystemTime::now",
        "Timestamp::now",
        "Zoned::now",
        "Utc::now",
        "thread_rng",
        "OsRng",
        "from_entropy",
        "from_os_rng",
        "rand::random",
        "rand::rng(",
        "getrandom::",
        "getrandom(",
        "Uuid::new_v4",
        "Uuid::now_v7",
    ];
    let broken = places(&["formats", "platform", "domains", "demo", "wardmote"], |line| {
        sources.iter().any(|needle| line.contains(needle))
    });
    let broken: Vec<_> = broken.into_iter().filter(|place| !place.starts_with("platform/kit/src/")).collect();
    report(
        &broken,
        "take the time from `node.now()`, an id from `node.id()`, a secret from `node.token()`, a seed from `node.random()`",
    );
}

#[test]
fn standings_are_set_by_the_process_alone() {
    let sets = ["teams::stand(", "crate::stand(", "put_standing("];
    let broken = places(&["platform", "domains", "demo", "wardmote"], |line| {
        sets.iter().any(|needle| line.contains(needle))
    });
    let may = [
        "domains/trust/src/",
        "domains/teams/src/service.rs",
        "domains/teams/src/store.rs",
        "domains/teams/src/testing.rs",
    ];
    let broken: Vec<_> =
        broken.into_iter().filter(|place| !may.iter().any(|own| place.starts_with(own))).collect();
    report(
        &broken,
        "a standing follows from the record of trust: take the step there, or `wardmote trust take-over`",
    );
}

#[test]
fn every_format_is_fuzzed_and_every_fuzz_target_runs() {
    let targets = root().join("fuzz/fuzz_targets");
    let manifest = fs::read_to_string(root().join("fuzz/Cargo.toml")).unwrap();
    let mut fuzzed = String::new();
    let mut broken = Vec::new();
    for file in sources(&targets) {
        let name = file.file_stem().unwrap().to_str().unwrap();
        fuzzed += &fs::read_to_string(&file).unwrap();
        if !manifest.contains(&format!("name = \"{name}\"\n")) {
            broken.push(format!("fuzz/fuzz_targets/{name}.rs has no [[bin]] in fuzz/Cargo.toml"));
        }
        if fs::read_dir(root().join("fuzz/corpus").join(name)).map_or(0, Iterator::count) == 0 {
            broken.push(format!("fuzz/corpus/{name}/ has no seed"));
        }
    }
    for one in workspace().values().filter(|one| one.storey == "formats") {
        let name = one.name.replace('-', "_");
        if !fuzzed.contains(&format!("use {name}::")) && !fuzzed.contains(&format!(" {name}::")) {
            broken.push(format!("{} is in no target of fuzz/fuzz_targets/", one.name));
        }
    }
    report(&broken, "see fuzz/README.md: one file, one [[bin]], a folder of invented seeds");
}

#[test]
fn every_crate_keeps_the_lints_of_the_house() {
    let broken: Vec<_> = workspace()
        .values()
        .filter(|one| !fs::read_to_string(&one.manifest).unwrap().contains("[lints]\nworkspace = true"))
        .map(|one| relative(&one.manifest))
        .collect();
    report(
        &broken,
        "add `[lints]` and `workspace = true`: without it the crate may hold `unsafe` and undocumented items",
    );
}

#[test]
fn the_binary_only_puts_together() {
    let lines: usize = sources(&root().join("wardmote/src"))
        .iter()
        .map(|file| program_lines(&fs::read_to_string(file).unwrap()).count())
        .sum();
    assert!(
        lines < 1_000,
        "wardmote/src has {lines} lines: what it does belongs into a domain or the platform"
    );
}

/// A crate of the workspace.
struct Crate {
    name: String,
    storey: String,
    manifest: PathBuf,
    /// Names of the crates that it depends on, for building or for testing.
    knows: BTreeSet<String>,
}

/// All crates by name, as cargo sees them.
fn workspace() -> BTreeMap<String, Crate> {
    let output = Command::new(std::env::var("CARGO").unwrap_or_else(|_| "cargo".into()))
        .args(["metadata", "--offline", "--no-deps", "--format-version", "1"])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(output.status.success(), "cargo metadata: {}", String::from_utf8_lossy(&output.stderr));
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let crates = metadata["packages"].as_array().unwrap().iter().map(|package| {
        let manifest = PathBuf::from(package["manifest_path"].as_str().unwrap());
        let name = package["name"].as_str().unwrap().to_owned();
        let storey = relative(&manifest).split('/').next().unwrap().to_owned();
        let knows = package["dependencies"].as_array().unwrap().iter();
        let knows = knows.map(|dependency| dependency["name"].as_str().unwrap().to_owned()).collect();
        (name.clone(), Crate { name, storey, manifest, knows })
    });
    crates.collect()
}

/// How high a storey is.
fn storey(name: &str) -> usize {
    STOREYS
        .iter()
        .position(|storey| *storey == name)
        .unwrap_or_else(|| panic!("{name}/ is no storey: {STOREYS:?}"))
}

/// How SQL is recognised in a line of Rust: a verb in capitals, and what must stand behind it.
const SQL: [[&str; 2]; 9] = [
    ["SELECT ", " FROM "],
    ["SELECT ", "$"],
    ["INSERT INTO ", ""],
    ["UPDATE ", " SET "],
    ["DELETE FROM ", ""],
    ["CREATE TABLE ", ""],
    ["CREATE INDEX ", ""],
    ["ALTER TABLE ", ""],
    ["DROP TABLE ", ""],
];

fn says(line: &str, verb: &str, then: &str) -> bool {
    line.split_once(verb).is_some_and(|(_, rest)| format!(" {rest}").contains(then))
}

/// Whether `path:line: text` lies where SQL may stand.
fn in_store(place: &str) -> bool {
    let path = place.split(':').next().unwrap();
    path.starts_with("platform/kit/src/")
        || path.ends_with("/store.rs")
        || path.contains("/src/") && path.contains("/store/")
}

/// `path:line: text` of each line of program code (not of comments, tests, examples or benchmarks) that is so.
fn places(storeys: &[&str], is_so: impl Fn(&str) -> bool) -> Vec<String> {
    let mut found = Vec::new();
    for one in workspace().values().filter(|one| storeys.contains(&one.storey.as_str())) {
        for file in sources(&one.manifest.with_file_name("src")) {
            let text = fs::read_to_string(&file).unwrap();
            for (number, line) in program_lines(&text).filter(|(_, line)| is_so(line)) {
                found.push(format!("{}:{number}: {}", relative(&file), line.trim()));
            }
        }
    }
    found
}

/// The lines of a source file that are program, with their numbers: no comments, no blank lines, no tests.
fn program_lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let program = (1..).zip(text.lines()).take_while(|(_, line)| !line.starts_with("mod tests {"));
    program.filter(|(_, line)| !line.trim().is_empty() && !line.trim_start().starts_with("//"))
}

/// All Rust files below a folder, in order.
fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if entry.is_dir() {
            files.extend(sources(&entry));
        } else if entry.extension().is_some_and(|extension| extension == "rs") {
            files.push(entry);
        }
    }
    files.sort();
    files
}

fn root() -> PathBuf {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/..")).canonicalize().unwrap()
}

fn relative(path: &Path) -> String {
    path.strip_prefix(root()).unwrap().display().to_string()
}

/// Fails when something was found, with each place and what to do.
fn report(broken: &[String], remedy: &str) {
    assert!(broken.is_empty(), "\n  {}\n{remedy}\n", broken.join("\n  "));
}
