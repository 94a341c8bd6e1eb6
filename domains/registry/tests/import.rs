//! Dumps in, answers out, on the database that `WARDMOTE_TEST_DB` names.

#![allow(clippy::unwrap_used)]

use std::io::Write;
use std::path::{Path, PathBuf};

use identity::Granted;
use kit::events;
use kit::testing::{TestNode, node};
use registry::{Options, Registry, Summary};

fn open() -> (TestNode, Registry) {
    let node = node(&[identity::MIGRATIONS, teams::MIGRATIONS, registry::MIGRATIONS]);
    let registry = again(&node);
    (node, registry)
}

/// The registry of the same node after a restart, or in another process.
fn again(node: &TestNode) -> Registry {
    let wait = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let node = node.node.clone();
    let teams =
        std::thread::spawn(move || wait.block_on(teams::Teams::open(node, teams::Section::default())))
            .join()
            .unwrap()
            .unwrap();
    Registry::new(teams.node().clone(), teams).unwrap()
}

fn file(node: &TestNode, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
    let path = node.folder.path().join(name);
    std::fs::write(&path, content).unwrap();
    path
}

fn import(registry: &Registry, files: &[PathBuf], whole: bool) -> Summary {
    registry.import(&Granted::for_node(), files, Options { whole }, &mut |_| {}).unwrap()
}

fn contact(registry: &Registry, address: &str) -> Option<String> {
    let address = address.parse().unwrap();
    registry.answer(address, address).contact.map(|contact| contact.address)
}

async fn total(registry: &Registry) -> i64 {
    registry.counts(&Granted::for_node()).await.unwrap().iter().map(|count| count.objects).sum()
}

const DUMP: &str = "\
% a comment

inetnum:    192.0.2.0 - 192.0.2.255
netname:    CAMPUS
mnt-irt:    IRT-A
source:     WARD # Filtered

irt:        IRT-A
e-mail:     a@a.example
source:     WARD
";

#[test]
fn every_statement_is_understood_by_the_database() {
    let (node, _) = open();
    assert_eq!(node.db.check_statements(&registry::statements()).unwrap(), Vec::<String>::new());
}

#[tokio::test]
async fn what_was_imported_answers_at_once_and_after_a_restart() {
    let (node, registry) = open();
    assert_eq!(contact(&registry, "192.0.2.7"), None);
    let summary = import(&registry, &[file(&node, "ward.rpsl", DUMP)], false);
    assert_eq!((summary.files[0].objects, summary.files[0].refused), (2, 0));
    assert_eq!(contact(&registry, "192.0.2.7").as_deref(), Some("a@a.example"));
    let restarted = again(&node);
    assert_eq!(contact(&restarted, "192.0.2.7").as_deref(), Some("a@a.example"));

    let rows: Vec<i64> = restarted.answer("192.0.2.7".parse().unwrap(), "192.0.2.7".parse().unwrap()).rows();
    let records = restarted.records(&Granted::for_node(), rows).await.unwrap();
    assert_eq!(records.len(), 2);
    assert!(
        records[0].starts_with(b"inetnum:    192.0.2.0 - 192.0.2.255\nnetname:"),
        "byte for byte as it came"
    );

    let imports = registry.imports(&Granted::for_node()).await.unwrap();
    assert_eq!((imports.len(), imports[0].file.as_str(), imports[0].objects), (1, "ward.rpsl", 2));
    assert_eq!(imports[0].finished, Some(node.now()));
    let told = node.db.read(|c| events::history(c, "registry:imports", 9)).await.unwrap();
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].body.as_ref().unwrap()["objects"], 2);
}

#[tokio::test]
async fn an_object_is_one_however_its_key_is_written() {
    let (node, registry) = open();
    let other =
        DUMP.replace("192.0.2.0 - 192.0.2.255", "192.0.2/24").replace("IRT-A", "irt-a").replace("a@a", "b@b");
    import(&registry, &[file(&node, "ward.rpsl", DUMP)], false);
    import(&registry, &[file(&node, "newer.rpsl", other)], false);
    assert_eq!(total(&registry).await, 2);
    assert_eq!(contact(&registry, "192.0.2.7").as_deref(), Some("b@b.example"), "the newer one counts");
}

#[tokio::test]
async fn a_broken_object_is_reported_and_the_import_goes_on() {
    let (node, registry) = open();
    let dump = format!(
        "inetnum: 192.0.2.300 - x\nsource: WARD\n\nthis is no attribute\n\n{DUMP}\nirt: IRT-B\ne-mail: nobody\nsource: WARD\n"
    );
    let summary = import(&registry, &[file(&node, "broken.rpsl", dump)], false);
    let outcome = &summary.files[0];
    assert_eq!((outcome.objects, outcome.refused), (3, 2));
    let told: Vec<String> = outcome
        .problems
        .iter()
        .map(|problem| {
            format!("{} {:?} {} {}", problem.line, problem.object, problem.refused, problem.reason)
        })
        .collect();
    insta::assert_snapshot!(told.join("\n"), @r#"
    1 "inetnum 192.0.2.300 - x" true inetnum: "192.0.2.300 - x" is not a range of IPv4 addresses: write it as 192.0.2.0 - 192.0.2.255 or 192.0.2.0/24
    4 "" true "this is no attribute" is not an attribute of the form "name: value"
    18 "irt IRT-B" false e-mail: "nobody" is not a mail address
    "#);
    assert_eq!(contact(&registry, "192.0.2.7").as_deref(), Some("a@a.example"));
    assert_eq!(registry.imports(&Granted::for_node()).await.unwrap()[0].problems, outcome.problems);
}

#[test]
fn gzip_is_told_by_its_bytes_and_may_have_several_members() {
    let (node, registry) = open();
    let mut packed = Vec::new();
    for part in DUMP.as_bytes().chunks(40) {
        let mut member = flate2::write::GzEncoder::new(&mut packed, flate2::Compression::fast());
        member.write_all(part).unwrap();
        member.finish().unwrap();
    }
    let summary = import(&registry, &[file(&node, "dump.db", &packed)], false);
    assert_eq!(summary.files[0].objects, 2);
}

#[tokio::test]
async fn a_file_that_breaks_off_keeps_what_it_had_and_removes_nothing() {
    let (node, registry) = open();
    import(&registry, &[file(&node, "first.rpsl", DUMP.replace("192.0.2", "198.51.100"))], true);
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::none());
    packed.write_all(DUMP.as_bytes()).unwrap();
    packed.write_all(&b"\n% padding so that the end is missed\n".repeat(9_000)).unwrap();
    let packed = packed.finish().unwrap();
    let broken = file(&node, "broken.gz", &packed[..packed.len() - 1_000]);
    let summary = import(&registry, &[broken], true);
    assert!(summary.files[0].failed.as_ref().unwrap().contains("broken.gz"));
    assert_eq!((summary.files[0].objects, summary.removed), (2, 0));
    assert!(contact(&registry, "198.51.100.7").is_some() && contact(&registry, "192.0.2.7").is_some());
    let journal = registry.imports(&Granted::for_node()).await.unwrap();
    assert_eq!(journal[0].finished, None);
}

#[tokio::test]
async fn only_whole_dumps_remove_and_only_of_their_own_sources_and_classes() {
    let (node, registry) = open();
    let other = "inetnum: 203.0.113.0/24\nsource: OTHER\n";
    let gone = "inetnum: 198.51.100.0/24\nsource: WARD\n\nrole: R\nnic-hdl: R1-WARD\nsource: WARD\n";
    import(&registry, &[file(&node, "a", other), file(&node, "b", gone)], false);
    import(&registry, &[file(&node, "c", DUMP)], false);
    assert_eq!(total(&registry).await, 5);
    let summary = import(&registry, &[file(&node, "d", DUMP)], true);
    assert_eq!(
        summary.removed, 1,
        "the inetnum that WARD has no more; its role is of a class that was not sent"
    );
    let left: Vec<String> = registry
        .counts(&Granted::for_node())
        .await
        .unwrap()
        .iter()
        .map(|count| format!("{} {} {}", count.source, count.class, count.objects))
        .collect();
    assert_eq!(left, ["OTHER inetnum 1", "WARD inetnum 1", "WARD irt 1", "WARD role 1"]);
}

#[tokio::test]
async fn an_import_that_was_interrupted_goes_on_where_it_was() {
    let (node, registry) = open();
    let many: String = (0..2_000)
        .map(|n| {
            format!("inetnum: 10.0.{}.{} - 10.0.{}.{}\nsource: WARD\n\n", n / 250, n % 250, n / 250, n % 250)
        })
        .collect();
    let path = file(&node, "many.rpsl", &many);
    // Interrupted: the caller panics at the second batch, as a killed process would stop there.
    let stopped = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        registry.import(
            &Granted::for_node(),
            std::slice::from_ref(&path),
            Options::default(),
            &mut |progress| {
                assert!(progress.objects < 1_000, "killed");
            },
        )
    }));
    assert!(stopped.is_err());
    assert_eq!(total(&registry).await, 1_000);
    assert_eq!(registry.imports(&Granted::for_node()).await.unwrap()[0].finished, None);

    let summary = import(&registry, std::slice::from_ref(&path), true);
    assert_eq!((summary.files[0].objects, summary.files[0].resumed, summary.removed), (2_000, 1_000, 0));
    let journal = registry.imports(&Granted::for_node()).await.unwrap();
    assert_eq!((journal.len(), journal[0].objects, journal[0].finished.is_some()), (1, 2_000, true));
    assert_eq!(total(&registry).await, 2_000);
}

#[test]
fn another_processs_import_is_shown_after_a_look() {
    let (node, registry) = open();
    let other = again(&node);
    assert!(!registry.refresh().unwrap());
    import(&other, &[file(&node, "ward.rpsl", DUMP)], false);
    assert_eq!(contact(&registry, "192.0.2.7"), None);
    assert!(registry.refresh().unwrap());
    assert_eq!(contact(&registry, "192.0.2.7").as_deref(), Some("a@a.example"));
}

#[test]
fn a_missing_file_is_named() {
    let (_node, registry) = open();
    let error = registry
        .import(
            &Granted::for_node(),
            &[PathBuf::from("/nonexistent/ripe.db")],
            Options::default(),
            &mut |_| {},
        )
        .unwrap_err();
    assert!(error.to_string().contains("opening /nonexistent/ripe.db"), "{error}");
}

/// The sample objects of three registries, old and new, when they lie beside the clone.
#[tokio::test]
async fn real_shapes_of_three_registries_go_in() {
    let data = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/registry"));
    if !data.exists() {
        println!("left out: no ../shared/data/registry beside the clone");
        return;
    }
    let (_node, registry) = open();
    let mut files = vec![data.join("seed-irt-si-cert.rpsl"), data.join("apnic-doc/irt-example.rpsl")];
    for entry in std::fs::read_dir(data.join("ripe-test-objects")).unwrap() {
        files
            .extend(Some(entry.unwrap().path()).filter(|path| path.extension().is_some_and(|e| e == "rpsl")));
    }
    let summary = import(&registry, &files, true);
    let (objects, refused) =
        summary.files.iter().fold((0, 0), |(o, r), file| (o + file.objects, r + file.refused));
    println!("{objects} objects, {refused} refused; {:#?}", registry.snapshot().report());
    assert!(objects > 3_000 && refused < 100);
    assert_eq!(summary.files[0].objects, 1, "the object of 2004");
    assert_eq!(summary.files[1].refused, 0, "APNIC's example");
    assert!(summary.files.iter().all(|file| file.failed.is_none()));
}
