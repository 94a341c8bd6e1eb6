//! How a node begins, and what is said where there is none: `init`, and commands that look for a node.

#![allow(clippy::unwrap_used)]

use std::path::Path;
use std::process::{Command, Output};

fn wardmote(folder: &Path, arguments: &[&str]) -> Output {
    let mut program = Command::new(env!("CARGO_BIN_EXE_wardmote"));
    program.current_dir(folder).env_remove("WARDMOTE_CONFIG").args(arguments).output().unwrap()
}

fn told(output: &Output) -> String {
    String::from_utf8_lossy(&[&output.stdout[..], &output.stderr[..]].concat()).into_owned()
}

fn listed(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// Arguments for a node in `desk`, in the database that `WARDMOTE_TEST_DB` asks for; it vanishes with the second value.
fn init(more: &[&str]) -> (Vec<String>, Option<kit::testing::Throwaway>) {
    let (place, database) = kit::testing::place(Path::new(""));
    let mut arguments: Vec<String> =
        ["init", "desk"].iter().chain(more).map(|one| (*one).to_owned()).collect();
    if let kit::db::Place::Postgres(url) = place {
        arguments.extend(["--database".to_owned(), url]);
    }
    (arguments, database)
}

fn refs(arguments: &[String]) -> Vec<&str> {
    arguments.iter().map(String::as_str).collect()
}

#[test]
fn a_mistyped_argument_leaves_nothing_and_the_second_try_succeeds() {
    let folder = tempfile::tempdir().unwrap();
    for (argument, value, word) in [
        ("--mailbox", "nonsense", "nonsense"),
        ("--team", "No Handle!", "handle"),
        ("--login", "two words", "login"),
        ("--name", "", "[node] name"),
        ("--database", "mysql://db/desk", "[database] url"),
        ("--database", "postgres://desk@localhost:1/desk", "PostgreSQL"),
    ] {
        let refused = wardmote(folder.path(), &["init", "desk", argument, value]);
        assert!(!refused.status.success() && told(&refused).contains(word), "{argument}: {refused:?}");
        assert_eq!(listed(folder.path()), Vec::<String>::new(), "{argument}");
    }
    let (arguments, _database) = init(&["--mailbox", "cert@desk.example"]);
    let made = wardmote(folder.path(), &refs(&arguments));
    assert!(made.status.success(), "{made:?}");
    let again = wardmote(folder.path(), &refs(&arguments));
    assert!(told(&again).contains("wardmote serve --config desk/wardmote.toml"), "{again:?}");
    let text = std::fs::read_to_string(folder.path().join("desk/wardmote.toml")).unwrap();
    assert!(text.lines().count() <= 8 && text.contains("wardmote config print"), "{text}");
    let checked = wardmote(folder.path(), &["config", "check", "--config", "desk/wardmote.toml"]);
    assert!(checked.status.success(), "{checked:?}");
}

#[test]
fn a_desk_is_opened_for_a_team_of_the_directory_and_its_mailbox_changed() {
    let folder = tempfile::tempdir().unwrap();
    let (arguments, _database) = init(&["--empty"]);
    let made = wardmote(folder.path(), &refs(&arguments));
    assert!(made.status.success() && !told(&made).contains("login/once"), "{made:?}");
    let teams = r#"[{"handle": "lab", "short_name": "Lab CERT", "official_name": "Lab CERT"}]"#;
    std::fs::write(folder.path().join("teams.json"), teams).unwrap();
    let config = ["--config", "desk/wardmote.toml"];
    let run = |arguments: &[&str]| wardmote(folder.path(), &[arguments, &config].concat());
    assert!(run(&["team", "import", "teams.json"]).status.success());
    assert!(told(&run(&["doctor"])).contains("BAD  desk"));

    let opened = run(&["team", "desk", "lab", "--mailbox", "cret@lab.example"]);
    assert!(told(&opened).contains("Its key is "), "{opened:?}");
    let wrong = run(&["team", "desk", "lab", "--mailbox", "nonsense"]);
    assert!(!wrong.status.success() && told(&wrong).contains("no mail address"), "{wrong:?}");
    let nobody = run(&["team", "desk", "lap", "--mailbox", "cert@lab.example"]);
    assert!(told(&nobody).contains("wardmote team list"), "{nobody:?}");
    let changed = run(&["team", "desk", "lab", "--mailbox", "cert@lab.example"]);
    assert!(
        changed.status.success() && !told(&changed).contains("Its key is "),
        "one key is enough: {changed:?}"
    );
    let health = told(&run(&["doctor"]));
    assert!(health.contains("ok   desk           Lab CERT at cert@lab.example"), "{health}");
}

#[test]
fn accounts_are_listed_shut_and_given_other_roles_and_links_lead_where_people_come_in() {
    let folder = tempfile::tempdir().unwrap();
    let (arguments, _database) = init(&[]);
    assert!(wardmote(folder.path(), &refs(&arguments)).status.success());
    let file = folder.path().join("desk/wardmote.toml");
    let web = "\n[web]\nbase_url = \"https://desk.example/\"\n";
    std::fs::write(&file, std::fs::read_to_string(&file).unwrap() + web).unwrap();
    let run = |arguments: &[&str]| {
        let place = ["--team", "desk", "--config", "desk/wardmote.toml"];
        told(&wardmote(folder.path(), &[arguments, &place].concat()))
    };
    assert!(run(&["user", "add", "mira"]).contains("\n  https://desk.example/login/once/"));
    let changed = run(&["user", "add", "mira", "--role", "reader"]);
    assert!(changed.contains("mira is reader from now on, and was handler."), "{changed}");
    assert!(!run(&["user", "add", "mira"]).contains("from now on"), "who says no role keeps it");
    assert_eq!(run(&["user", "disable", "mira"]), "mira is shut.\n");
    let list = run(&["user", "list"]);
    assert!(list.lines().any(|line| line.starts_with("mira ") && line.contains(" shut reader ")), "{list}");
    assert_eq!(run(&["user", "enable", "mira"]), "mira is open.\n");
    let list = run(&["user", "list"]);
    assert!(list.lines().any(|line| line.starts_with("mira ") && line.contains(" open reader ")), "{list}");
}

#[test]
fn a_data_folder_that_is_missing_is_told_and_not_made_anew() {
    let folder = tempfile::tempdir().unwrap();
    let (arguments, _database) = init(&[]);
    assert!(wardmote(folder.path(), &refs(&arguments)).status.success());
    std::fs::rename(folder.path().join("desk/data"), folder.path().join("unmounted")).unwrap();
    for command in
        [&["serve"][..], &["worker"], &["migrate"], &["doctor"], &["team", "list"], &["mail", "deliver"]]
    {
        let refused = wardmote(folder.path(), &[command, &["--config", "desk/wardmote.toml"]].concat());
        assert!(!refused.status.success(), "{command:?}: {refused:?}");
        assert!(told(&refused).contains("there is no node in desk/data"), "{command:?}: {refused:?}");
        assert_eq!(listed(&folder.path().join("desk")), ["wardmote.toml"], "{command:?}");
    }
    let deliver = wardmote(folder.path(), &["mail", "deliver", "--config", "desk/wardmote.toml"]);
    assert_eq!(deliver.status.code(), Some(75), "the mail waits at the mail server");
}

#[test]
fn a_configuration_is_printed_without_its_passwords() {
    let folder = tempfile::tempdir().unwrap();
    let text = "[node]\nname = \"desk.example\"\ndata = \"data\"\n[database]\nurl = \"postgres://desk:secret@db/desk\"\n";
    std::fs::write(folder.path().join("wardmote.toml"), text).unwrap();
    let printed = told(&wardmote(folder.path(), &["config", "print"]));
    assert!(printed.contains("postgres://desk:***@db/desk") && !printed.contains("secret"), "{printed}");
}
