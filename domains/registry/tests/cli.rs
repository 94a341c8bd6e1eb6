//! Whole runs of `wardmote lookup` and `wardmote registry import`.

#![allow(clippy::unwrap_used)]

use std::path::PathBuf;

use clap::Parser;
use registry::Snapshot;
use registry::cli::{Lookup, Verdict, look_up};

const REGISTRY: &str = "\
inetnum: 192.0.2.0 - 192.0.2.255
netname: NORTHREACH-1
country: NO
mnt-irt: IRT-NORTHREACH
source:  WARD

inetnum: 192.0.2.0 - 192.0.2.127
netname: SKERRY-CAMPUS
country: DK
mnt-irt: IRT-SKERRY
source:  WARD

inetnum: 192.0.2.76/30
netname: =LAB,\"77\"
source:  WARD

inetnum: 203.0.113.64 - 203.0.113.99
netname: BRACKWATER
abuse-c: BW1-WARD
source:  WARD

inet6num: 2001:db8:5b::/48
mnt-irt: IRT-SKERRY
source:  WARD

inetnum: 198.51.100.300/24
source:  WARD

role: Brackwater Abuse
nic-hdl: BW1-WARD
abuse-mailbox: abuse@brackwater.example
source: WARD

irt: IRT-SKERRY
e-mail: duty@skerry.example
source: WARD

irt: IRT-NORTHREACH
e-mail: noc@northreach.example
source: WARD
";

#[derive(Parser)]
struct Line {
    #[command(flatten)]
    args: Lookup,
}

/// Runs `lookup` with this command line and standard input; output, remarks and verdict as one text.
fn run(arguments: &[&str], input: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ward.rpsl");
    std::fs::write(&file, REGISTRY).unwrap();
    let mut line = Line::try_parse_from([&["lookup"], arguments].concat()).unwrap();
    line.args.registry = vec![file];
    let (mut out, mut remarks) = (Vec::new(), Vec::new());
    let no_node = || -> kit::Result<Snapshot> { panic!("a dump is given: no node is asked") };
    let verdict = look_up(&line.args, no_node, &mut input.as_bytes(), &mut out, &mut remarks);
    let folder = folder.path().display().to_string();
    let [out, remarks] = [out, remarks].map(|bytes| String::from_utf8(bytes).unwrap().replace(&folder, ""));
    match verdict {
        Ok(verdict) => format!("{out}--- exit {}\n{remarks}", verdict.exit_code()),
        Err(error) => format!("{out}--- error: {error}\n{remarks}"),
    }
}

#[test]
fn one_address_is_told_with_its_reasons() {
    insta::assert_snapshot!(run(&["192.0.2.77"], ""));
}

#[test]
fn several_resources_of_all_kinds() {
    insta::assert_snapshot!(run(
        &[
            "203.0.113.71",
            "192.0.2.64/26",
            "2001:db8:5b:7::12",
            "www.skerry.example",
            "AS64500",
            "192[.]0[.]2[.]200"
        ],
        ""
    ));
}

#[test]
fn json_has_the_chain() {
    let text = run(&["--format", "json", "192.0.2.77", "198.51.100.1"], "");
    let json: serde_json::Value = serde_json::from_str(text.split("--- exit").next().unwrap()).unwrap();
    insta::assert_snapshot!(serde_json::to_string_pretty(&json).unwrap());
}

const LIST: &str = "192.0.2.77\n# a comment\n\n192.0.2.5\r\n203.0.113.71\n198.51.100.1\n2001:db8:5b:7::12\n192.0.2.0/25\nAS64500\n192.0.2.77";

#[test]
fn a_list_is_answered_line_by_line_for_people() {
    insta::assert_snapshot!(run(&["-"], LIST));
}

#[test]
fn a_list_is_answered_line_by_line_as_csv() {
    insta::assert_snapshot!(run(&["--format", "csv", "-"], LIST));
}

#[test]
fn a_list_is_answered_line_by_line_as_ndjson() {
    insta::assert_snapshot!(run(&["--format", "ndjson", "-"], LIST));
}

#[test]
fn addresses_are_found_in_a_log_each_once() {
    let log = "\
17:10:02Z sshd failed root 192.0.2.77 port 40122
17:10:04Z sshd failed root 192.0.2.77 port 51890
Received: from mx.skerry.example (198.51.100.207) by mx1
203.0.113.64/28, 2001:db8:5b:7::12
no address here
hxxp://203.0.113[.]71/login.php
";
    insta::assert_snapshot!(run(&["-"], log));
}

#[test]
fn nobody_at_all_is_exit_code_1() {
    assert!(run(&["198.51.100.1"], "").contains("--- exit 1"));
    assert!(run(&["--format", "csv", "-"], "198.51.100.1\n").contains("--- exit 1"));
    assert_eq!(Verdict::Nobody.exit_code(), 1);
}

#[test]
fn what_is_no_resource_is_said_before_anything_is_loaded() {
    let line = Line::try_parse_from(["lookup", "not-a-thing"]).unwrap();
    let error = look_up(
        &line.args,
        || -> kit::Result<Snapshot> { panic!("nothing is loaded") },
        &mut std::io::empty(),
        &mut Vec::new(),
        &mut Vec::new(),
    )
    .unwrap_err();
    assert!(error.to_string().contains("write 192.0.2.77"), "{error}");
}

#[test]
fn a_dump_that_is_not_there_is_named() {
    let mut line = Line::try_parse_from(["lookup", "192.0.2.1"]).unwrap();
    line.args.registry = vec![PathBuf::from("/nonexistent/ripe.db")];
    let error = look_up(
        &line.args,
        || -> kit::Result<Snapshot> { panic!("no node") },
        &mut std::io::empty(),
        &mut Vec::new(),
        &mut Vec::new(),
    )
    .unwrap_err();
    assert!(error.to_string().contains("/nonexistent/ripe.db"), "{error}");
}

/// However the input is cut into pieces, and however long its lines are, each address is answered.
#[test]
fn long_lines_and_long_lists_lose_nothing() {
    let mut list: String = (0..70_000).map(|n| format!("192.0.2.{}\n", n % 256)).collect();
    list.push_str(&"padding ".repeat(200_000));
    list.push_str("203.0.113.71 end\n192.0.2.1");
    let out = run(&["--format", "csv", "-"], &list);
    let lines: Vec<&str> = out.lines().take_while(|line| !line.starts_with("---")).collect();
    assert_eq!(lines.len(), 1 + 70_000 + 2);
    assert!(
        lines[70_001].starts_with("203.0.113.71,,,,,abuse@brackwater.example,203.0.113.64 - 203.0.113.99,")
    );
    assert!(lines[70_002].starts_with("192.0.2.1,IRT-SKERRY,"));
    for (n, line) in lines[1..70_001].iter().enumerate() {
        let irt = if n % 256 < 128 { "IRT-SKERRY" } else { "IRT-NORTHREACH" };
        assert!(line.starts_with(&format!("192.0.2.{},{irt},", n % 256)), "{line}");
    }
}
