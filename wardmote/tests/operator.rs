//! What the operator of a node relies on: the file after a stop, and what the program says of its own state.

#![allow(clippy::unwrap_used)]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use kit::db::{Migration, Place};
use kit::{Db, Sql};

const MAIL: &str = "From: a@b.example\nSubject: Leaked\nMessage-ID: <1@b.example>\n\n192.0.2.17\n";
const HOLD: Sql = Sql::new("UPDATE counter SET last = last");

/// A node that was just made.
fn node(folder: &Path) -> PathBuf {
    let made = wardmote(&["init", folder.to_str().unwrap()]);
    assert!(made.status.success(), "{made:?}");
    folder.join("wardmote.toml")
}

/// The program, with ports that nobody else has.
fn program(arguments: &[&str]) -> Command {
    let mut program = Command::new(env!("CARGO_BIN_EXE_wardmote"));
    program.args(arguments).env_remove("WARDMOTE_CONFIG").env_remove("WARDMOTE_LOG");
    for port in ["WEB", "SMTP", "WHOIS"] {
        program.env(format!("WARDMOTE_{port}__LISTEN"), "127.0.0.1:0");
    }
    program
}

fn wardmote(arguments: &[&str]) -> Output {
    program(arguments).output().unwrap()
}

/// Starts the node and waits until it takes connections; with the address of its pages.
fn serve(config: &Path) -> (Child, String) {
    let mut started = program(&["serve", "--config", config.to_str().unwrap()]);
    let mut running = started.stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(running.stderr.take().unwrap()).lines();
    let said = lines.find_map(|line| Some(line.unwrap().split_once("pages on http://")?.1.to_owned()));
    let address = said.expect("it did not start").split(',').next().unwrap().to_owned();
    std::thread::spawn(move || lines.for_each(drop)); // it must not be stopped by a full pipe
    (running, address)
}

fn deliver(config: &Path, mail: &str) -> String {
    let mut deliver = program(&["mail", "deliver", "--config", config.to_str().unwrap()]);
    let piped = deliver.env_remove("SENDER").stdin(Stdio::piped()).stderr(Stdio::piped());
    let mut delivered = piped.spawn().unwrap();
    delivered.stdin.take().unwrap().write_all(mail.as_bytes()).unwrap();
    let ended = delivered.wait_with_output().unwrap();
    assert!(ended.status.success(), "{ended:?}");
    String::from_utf8(ended.stderr).unwrap()
}

#[test]
fn the_log_says_which_mail_was_taken_and_what_became_of_it_and_nothing_that_stands_in_it() {
    let folder = tempfile::tempdir().unwrap();
    let config = node(&folder.path().join("node"));
    // Whoever is quicker places it: this command does, unless the machine is very busy.
    let told = (0..10).map(|n| deliver(&config, &MAIL.replace("<1@", &format!("<{n}@"))));
    let told = told.into_iter().find(|told| told.contains("a mail was placed")).unwrap();
    let line =
        |words: &str| told.lines().find(|line| line.contains(words)).unwrap_or_else(|| panic!("{told}"));
    assert!(line("a mail was taken").contains(&format!("size={}", MAIL.len())), "{told}");
    assert!(line("a mail was placed").contains("outcome="), "{told}");
    for inside in ["a@b.example", "Leaked", "192.0.2.17"] {
        assert!(!told.contains(inside), "{inside} stands in\n{told}");
    }
}

/// The first line of the answer to `GET /health`, and what it says.
fn health(address: &str) -> (String, String) {
    let mut line = std::net::TcpStream::connect(address).unwrap();
    line.write_all(b"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    line.read_to_string(&mut answer).unwrap();
    let said = answer.split("\r\n\r\n").nth(1).unwrap_or_default().to_owned();
    (answer.lines().next().unwrap_or_default().to_owned(), said)
}

fn stop(mut running: Child) {
    let told = Command::new("kill").args(["-TERM", &running.id().to_string()]).status().unwrap();
    assert!(told.success() && running.wait().unwrap().success());
}

/// Whether the database's file, alone, has everything: no log stands beside it.
fn is_whole(data: &Path) -> bool {
    let log = std::fs::metadata(data.join("wardmote.db-wal")).map_or(0, |log| log.len());
    log == 0 && std::fs::metadata(data.join("wardmote.db")).unwrap().len() > 100_000
}

#[test]
fn a_copy_of_the_databases_file_is_whole_after_every_command_and_after_a_stop() {
    let folder = tempfile::tempdir().unwrap();
    let (folder, data) = (folder.path().join("node"), folder.path().join("node/data"));
    let config = node(&folder);
    assert!(is_whole(&data), "after init");
    stop(serve(&config).0);
    assert!(is_whole(&data), "after a stop");
    let config = config.to_str().unwrap();
    assert!(wardmote(&["team", "list", "--config", config]).status.success());
    assert!(is_whole(&data), "after a command");
}

#[test]
fn a_node_whose_database_does_not_write_says_so_to_whoever_watches_it() {
    let folder = tempfile::tempdir().unwrap();
    let config = node(&folder.path().join("node"));
    let (running, address) = serve(&config);
    assert_eq!(health(&address), ("HTTP/1.1 200 OK".into(), "ok\n".into()));
    let db = Db::open(&Place::Sqlite(folder.path().join("node/data/wardmote.db"))).unwrap();
    db.write_now(move |tx| {
        tx.execute(HOLD, &[])?; // from here on the node waits for this
        let deadline = std::time::Instant::now() + std::time::Duration::from_secs(8);
        while health(&address).0 != "HTTP/1.1 503 Service Unavailable" {
            assert!(std::time::Instant::now() < deadline, "it says that it is well");
            std::thread::sleep(std::time::Duration::from_millis(300));
        }
        assert_eq!(health(&address).1, "unwell\n", "strangers get no particulars");
        Ok(())
    })
    .unwrap();
    db.close();
    stop(running);
}

fn doctor(config: &Path) -> (bool, String) {
    let looked = wardmote(&["doctor", "--config", config.to_str().unwrap()]);
    let told = [looked.stdout, looked.stderr].concat();
    (looked.status.success(), String::from_utf8(told).unwrap())
}

#[test]
fn the_doctor_tells_of_mails_without_bytes_and_of_mails_that_nobody_places() {
    let folder = tempfile::tempdir().unwrap();
    let (folder, data) = (folder.path().join("node"), folder.path().join("node/data"));
    let config = node(&folder);
    deliver(&config, MAIL);
    let (_, told) = doctor(&config);
    for line in ["ok   mails in ", "ok   mails taken ", "ok   mails out ", " disk ", "ok   database file "] {
        assert!(told.contains(line), "{line:?} is missing in\n{told}");
    }

    const UNPLACED: Sql = Sql::new("UPDATE mail_in SET outcome = 'waiting', received_at = 0");
    let db = Db::open(&Place::Sqlite(data.join("wardmote.db"))).unwrap();
    db.write_now(|tx| tx.execute(UNPLACED, &[])).unwrap();
    db.close();
    std::fs::remove_dir_all(data.join("blobs")).unwrap();
    let (well, told) = doctor(&config);
    assert!(!well);
    assert!(told.contains("BAD  mails in       1 were taken and are not placed, the oldest for "), "{told}");
    assert!(told.contains("BAD  mails taken    1 of the newest 1 cannot be read"), "{told}");
}

#[test]
fn a_command_leaves_an_older_database_as_it_is_and_a_newer_one_is_refused_by_all() {
    const SEEN: Sql = Sql::new("SELECT count(*) FROM migration");
    const FORGET: Sql = Sql::new("DELETE FROM migration WHERE domain = 'pki' AND number = 23");
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path().join("node");
    let config = node(&folder);
    let place = Place::Sqlite(folder.join("data/wardmote.db"));
    let db = Db::open(&place).unwrap();
    let all: i64 = db.read_now(|c| c.query_one(SEEN, &[], |row| row.get(0))).unwrap();
    db.write_now(|tx| tx.execute(FORGET, &[])).unwrap();
    db.close();
    for command in [&["doctor"][..], &["team", "list"], &["worker"]] {
        let refused = wardmote(&[command, &["--config", config.to_str().unwrap()]].concat());
        let told = String::from_utf8(refused.stderr).unwrap();
        assert!(!refused.status.success() && told.contains("run `wardmote migrate` first"), "{told}");
    }
    let db = Db::open(&place).unwrap();
    assert_eq!(db.read_now(|c| c.query_one(SEEN, &[], |row| row.get::<i64>(0))).unwrap(), all - 1);

    let newer = [Migration::new("pki", 9_999, "CREATE TABLE newer (id {int} NOT NULL) {strict}")];
    db.migrate(&newer).unwrap();
    db.close();
    for command in ["doctor", "serve", "migrate"] {
        let refused = wardmote(&[command, "--config", config.to_str().unwrap()]);
        let told = String::from_utf8(refused.stderr).unwrap();
        assert!(!refused.status.success() && told.contains("written by a newer version"), "{told}");
    }
}
