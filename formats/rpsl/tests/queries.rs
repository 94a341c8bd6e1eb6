//! Queries as users and their scripts send them.

#![allow(clippy::unwrap_used)]

use proptest::prelude::*;
use rpsl::query::{Ask, Charset, Flag, Kind, Level, Query, QueryError, SearchKey, Session, Turn, Word, help};
use rpsl::template::{AttributeName as A, Template};

fn query(line: &str) -> Query {
    Query::parse(line.as_bytes()).unwrap_or_else(|error| panic!("{line:?}: {error}"))
}

fn refused(line: &str) -> QueryError {
    Query::parse(line.as_bytes()).expect_err(line)
}

fn classes(line: &str) -> Vec<&'static str> {
    query(line).templates().map(Template::class).collect()
}

#[test]
fn flags_are_read_however_they_are_written() {
    for line in [
        "-r -B -G -T inetnum,irt 192.0.2.1",
        "-rBG -T inetnum,irt 192.0.2.1\r\n",
        "-rBGTinetnum,irt 192.0.2.1\n",
        "-rBGT inetnum,irt  192.0.2.1",
        "192.0.2.1 -r -T inetnum --no-grouping -T,irt, --no-filtering",
        "--select-types=IN,it --NO-REFERENCED -GB 192.0.2.1 ",
        "-r -B\t-G --select-types in,IRT,in -- 192.0.2.1",
    ] {
        let query = query(line);
        assert_eq!(
            query.flags.iter().collect::<Vec<_>>(),
            [Flag::NoGrouping, Flag::NoFiltering, Flag::NoReferenced, Flag::SelectTypes],
            "{line}"
        );
        assert_eq!(query.classes, ["inetnum", "irt"], "{line}");
        assert_eq!(query.key.as_ref().unwrap().text(), "192.0.2.1", "{line}");
        assert_eq!(query.to_string(), "-G -B -r -T inetnum,irt 192.0.2.1");
    }
}

#[test]
fn what_is_asked_for_is_told_from_the_flags() {
    for (line, ask) in [
        ("-k", Ask::Nothing),
        ("--persistent-connection\r\n", Ask::Nothing),
        ("HELP", Ask::Help),
        ("-q sources", Ask::Sources),
        ("-qVersion", Ask::Version),
        ("--types", Ask::Types),
        ("-q version -t person", Ask::Version),
        ("-t irt", Ask::Template("irt")),
        ("-v IT", Ask::Verbose("irt")),
        ("--list-versions IRT-A", Ask::ListVersions),
        ("--show-version 2 IRT-A", Ask::ShowVersion(2)),
        ("--diff-versions 3:1 IRT-A -k -Tirt", Ask::DiffVersions(3, 1)),
        ("IRT-A", Ask::Search),
        ("-i mnt-by help", Ask::Search),
    ] {
        assert_eq!(query(line).ask(), ask, "{line}");
    }
}

#[test]
fn the_values_of_flags_are_read() {
    let query_of = query("-s ripe,Test -s RIPE -a -V md5.5,192.0.2.7 -Z Latin-1 -i mb,MNT-REF -i org A-MNT");
    assert_eq!(query_of.sources, ["RIPE", "TEST"]);
    assert_eq!(query_of.inverse, [A::MntBy, A::MntRef, A::Org]);
    assert_eq!(query_of.charset, Some(Charset::Latin1));
    let client = query_of.client.unwrap();
    assert_eq!((client.tag.as_str(), client.address), ("md5.5", Some("192.0.2.7".parse().unwrap())));
    assert_eq!(
        query("-i person ex1-test").inverse,
        [A::AbuseC, A::AdminC, A::TechC, A::ZoneC, A::Author, A::PingHdl]
    );
    assert_eq!(query("-Vclient A-MNT").client.unwrap().tag, "client");
}

#[test]
fn levels_and_teams_are_asked_for_as_users_know_it() {
    for (line, level) in [
        ("", Level::Nearest),
        ("-x", Level::Exact),
        ("-l", Level::OneLess),
        ("-L", Level::AllLess),
        ("--one-more", Level::OneMore),
        ("-M", Level::AllMore),
    ] {
        assert_eq!(query(&format!("{line} 192.0.2.0/24")).level(), level);
    }
    assert!(query("-c 192.0.2.1").wants_irt() && query("-b 192.0.2.1").wants_irt());
    assert!(
        !query("192.0.2.1").wants_irt()
            && !query("-cC 192.0.2.1").wants_irt()
            && !query("-cK 192.0.2.1").wants_irt()
    );
    assert!(
        query("A-MNT").wants_referenced()
            && !query("-r A-MNT").wants_referenced()
            && !query("-F A-MNT").wants_referenced()
    );
    assert!(
        query("A-MNT").wants_grouping()
            && !query("-G A-MNT").wants_grouping()
            && !query("-K A-MNT").wants_grouping()
    );
    assert!(query("A-MNT").wants_filtering() && !query("-B A-MNT").wants_filtering());
}

#[test]
fn each_mistake_has_the_number_that_scripts_expect() {
    for (line, number) in [
        ("-T inetnum,iamnone 192.0.2.1", 103),
        ("-t no-such-class", 103),
        ("-i some-attribute A-MNT", 104),
        ("-i netname EXAMPLE", 105),
        ("-i e-mail team@cert.example", 105),
        ("-i auth MD5-PW $1$abcd", 105),
        ("-i auth sso a@b.example", 105),
        ("", 106),
        ("   \r\n", 106),
        ("-r", 106),
        ("-k -r", 106),
        ("-i mnt-by", 106),
        ("-b -F 192.0.2.1", 109),
        ("-bK 192.0.2.1", 109),
        ("-b -r 192.0.2.1", 109),
        ("-bB 192.0.2.1", 109),
        ("--resource -s TEST 192.0.2.1", 109),
        ("--resource -i mnt-by A-MNT", 109),
        ("--valid-syntax --no-valid-syntax IRT-A", 109),
        ("--list-versions -B IRT-A", 109),
        ("--list-versions --show-version 1 IRT-A", 109),
        ("-t person -t role", 110),
        ("-q version -q invalid", 110),
        ("-V a -V b A-MNT", 110),
        ("--show-version 1 --show-version 1 IRT-A", 110),
        ("-R A-MNT", 111),
        ("-select-types inetnum A-MNT", 111),
        ("--no-such-flag A-MNT", 111),
        ("--brief=yes A-MNT", 111),
        ("-q -q", 111),
        ("-q invalid", 111),
        ("-T", 111),
        ("-T , A-MNT", 111),
        ("-Vone,two A-MNT", 111),
        ("-Vone,192.0.2.1,192.0.2.2 A-MNT", 111),
        ("--show-version 0 IRT-A", 111),
        ("--show-version +1 IRT-A", 111),
        ("--diff-versions 1 IRT-A", 111),
        ("--diff-versions 1:1 IRT-A", 111),
        ("--diff-versions 1:2:3 IRT-A", 111),
        ("-Z klingon IRT-A", 111),
        ("-b A-MNT", 111),
        ("-M 0.0.0.0/0", 112),
        ("-m ::/0", 112),
        ("-T aut-num foo", 115),
        ("-T irt 192.0.2.1", 115),
        ("192.0.2.1/24", 115),
        ("192.0.2.9 - 192.0.2.1", 115),
        ("2001:db8::/129", 115),
        ("...", 115),
        ("a\u{7}b", 115),
        ("--list-versions -T person EX1-TEST", 116),
        ("--show-version 1 -T in,role EX1-TEST", 116),
        ("-x -l 192.0.2.1", 901),
        ("-mM 192.0.2.0/24", 901),
    ] {
        assert_eq!(refused(line).number, number, "{line}: {}", refused(line));
    }
}

#[test]
fn lines_and_arguments_have_limits() {
    let longest = format!("{}\r\n", "a".repeat(1024));
    assert!(Query::parse(longest.as_bytes()).is_ok());
    assert_eq!(refused(&"a".repeat(1025)).number, 107);
    assert!(Query::parse("a ".repeat(100).as_bytes()).is_ok());
    assert_eq!(refused(&"a ".repeat(101)).number, 118);
}

#[test]
fn errors_look_as_they_do_at_the_ripe_database() {
    assert_eq!(
        QueryError::no_entries("TEST").to_string(),
        "%ERROR:101: no entries found\n%\n% No entries found in source TEST.\n"
    );
    assert_eq!(
        refused("-bF 192.0.2.1").to_string(),
        "%ERROR:109: invalid combination of flags passed\n%\n% The flags \"-b, --abuse-contact\" and \"-F, --brief\" cannot be used together.\n"
    );
    assert_eq!(
        refused("192.0.2.1/24").to_string(),
        "%ERROR:115: invalid search key\n%\n% \"192.0.2.1/24\" has bits set behind its prefix length; the network would be 192.0.2.0 - 192.0.2.255\n"
    );
    let all = [
        QueryError::internal(),
        QueryError::unknown_source("A\nB"),
        QueryError::unsupported("not here"),
        QueryError::version_out_of_range(3),
        QueryError::access_denied("192.0.2.1", "Until midnight."),
        QueryError::not_a_proxy(),
        QueryError::timeout(),
        QueryError::connections(3),
        QueryError::invalid_option(&"x".repeat(500)),
    ];
    for error in all {
        let text = error.to_string();
        assert!(text.starts_with(&format!("%ERROR:{}: ", error.number)) && text.ends_with('\n'), "{text}");
        assert!(text.lines().all(|line| line.starts_with('%') && line.len() < 130), "{text}");
    }
}

#[test]
fn a_flag_for_networks_with_a_name_is_passed_over_with_a_warning() {
    let query_of = query("-x A-MNT");
    assert_eq!(query_of.warnings(), [QueryError::useless_ip_flag()]);
    assert!(
        QueryError::useless_ip_flag().to_string().starts_with("%WARNING:902: useless IP flag passed\n%\n% ")
    );
    for line in ["-x 192.0.2.1", "A-MNT", "-d 2.0.192.in-addr.arpa", "-c A-MNT"] {
        assert_eq!(query(line).warnings(), [], "{line}");
    }
}

#[test]
fn a_key_is_what_it_looks_like() {
    let kind = |text: &str| SearchKey::parse(text).unwrap().unwrap().kind().clone();
    let range = |text: &str| rpsl::range::parse_range(text).unwrap();
    assert_eq!(kind("192.0.2.1"), Kind::Address("192.0.2.1".parse().unwrap()));
    assert_eq!(kind("2001:DB8::1"), Kind::Address("2001:db8::1".parse().unwrap()));
    assert_eq!(kind("192.0.2.0/24"), Kind::Prefix(range("192.0.2.0/24")));
    assert_eq!(kind("192.0.2.0 - 192.0.2.9"), Kind::Range(range("192.0.2.0 - 192.0.2.9")));
    assert_eq!(kind("192.0.2.0-192.0.2.9"), Kind::Range(range("192.0.2.0 - 192.0.2.9")));
    assert_eq!(kind("192.0.2.0/24as64496"), Kind::Route(range("192.0.2.0/24"), 64496));
    assert_eq!(kind("2001:db8::/32AS64496"), Kind::Route(range("2001:db8::/32"), 64496));
    assert_eq!(kind("2.0.192.in-addr.arpa."), Kind::ReverseDomain(range("192.0.2.0/24")));
    assert_eq!(kind("as64496"), Kind::AsNumber(64496));
    assert_eq!(kind("AS1.10"), Kind::AsNumber(65546));
    assert_eq!(kind("AS64496 - AS64511"), Kind::AsBlock(64496, 64511));
    assert!(matches!(kind("PGPKEY-89ABCDEF"), Kind::KeyCert(_)));
    assert_eq!(kind("team@cert.example"), Kind::Mailbox);
    assert_eq!(kind("irt-example"), Kind::Irt);
    assert_eq!(kind("cert.example"), Kind::Domain);
    assert_eq!(kind("EX1-TEST"), Kind::Name);
    assert_eq!(kind("64496"), Kind::Name);
    assert_eq!(kind("AS64496:AS-EXAMPLE"), Kind::Name);
    assert_eq!(kind("Anna  Bell"), Kind::Words);
    assert_eq!(SearchKey::parse(" \t").unwrap(), None);
    assert_eq!(query("-d 2.0.192.in-addr.arpa").range(), Some(range("192.0.2.0/24")));
    assert_eq!(query("2.0.192.in-addr.arpa").range(), None);
    assert_eq!(query("192.0.2.0 -192.0.2.9").range(), Some(range("192.0.2.0 - 192.0.2.9")));
}

#[test]
fn only_classes_that_can_hold_the_key_are_searched() {
    assert_eq!(classes("192.0.2.1"), ["inetnum", "route", "domain"]);
    assert_eq!(classes("2001:db8::/32"), ["inet6num", "route6", "domain"]);
    assert_eq!(classes("192.0.2.0/24AS64496"), ["route"]);
    assert_eq!(classes("-d 2.0.192.in-addr.arpa"), ["inetnum", "route", "domain"]);
    assert_eq!(classes("2.0.192.in-addr.arpa"), ["domain", "mntner", "organisation", "role", "person"]);
    assert_eq!(classes("-b AS64496"), ["aut-num"]);
    assert_eq!(classes("-T aut-num,as-block AS64496"), ["as-block", "aut-num"]);
    assert_eq!(classes("team@cert.example"), ["mntner", "irt", "organisation", "role", "person"]);
    assert_eq!(classes("-T key-cert PGPKEY-89ABCDEF"), ["key-cert"]);
    assert_eq!(classes("--no-personal -T irt,person,role team@cert.example"), ["irt"]);
    assert!(classes("IRT-EXAMPLE").contains(&"irt") && !classes("EX1-TEST").contains(&"irt"));
    assert!(classes("AS64496:AS-A").contains(&"as-set"));
    assert_eq!(classes("-i mnt-irt 192.0.2.1").len(), 21);
    let key = SearchKey::parse("EX1-TEST").unwrap().unwrap();
    assert_eq!(key.attributes(Template::of("person").unwrap()).collect::<Vec<_>>(), [A::Person, A::NicHdl]);
    assert_eq!(key.attributes(Template::of("inetnum").unwrap()).collect::<Vec<_>>(), [A::Netname]);
}

#[test]
fn a_connection_stays_open_from_the_first_k_until_k_comes_alone() {
    let mut session = Session::default();
    let mut turn = |line: &str| session.turn(&Query::parse(line.as_bytes()));
    assert_eq!(turn("IRT-A"), Turn::AnswerAndClose);
    assert_eq!(turn(""), Turn::AnswerAndClose);
    assert_eq!(turn("-k"), Turn::Wait);
    assert_eq!(turn("IRT-A"), Turn::AnswerAndWait);
    assert_eq!(turn("--nonsense"), Turn::AnswerAndWait);
    assert_eq!(turn("-k IRT-A"), Turn::AnswerAndWait);
    assert_eq!(turn("-k"), Turn::Close);

    let mut session = Session::default();
    assert_eq!(session.turn(&Query::parse(b"-k IRT-A")), Turn::AnswerAndWait);
    assert!(session.is_persistent());
    assert_eq!(session.turn(&Query::parse(b"-k")), Turn::Close);
}

#[test]
fn bulk_mode_begins_and_ends_with_its_words_alone() {
    assert_eq!(Word::of(b"Begin\r\n"), Some(Word::Begin));
    assert_eq!(Word::of(b" end "), Some(Word::End));
    assert_eq!(Word::of(b"begin now"), None);
    assert_eq!(Word::of(b""), None);
}

#[test]
fn the_help_names_every_flag() {
    assert!(help().contains("\n  -T, --select-types <classes>          Only objects of these classes.\n"));
    assert!(help().contains("\n  --diff-versions <number:number>"));
}

fn line() -> impl Strategy<Value = String> {
    let words = prop::sample::select(vec![
        "-r",
        "-rBG",
        "-T",
        "inetnum,irt",
        "-Tpn",
        "-i",
        "mb,mnt-ref",
        "person",
        "-k",
        "-q",
        "types",
        "-t",
        "irt",
        "-V",
        "tag",
        "-Version",
        "-V-x,192.0.2.1",
        "--client=ersion",
        "-s",
        "test,ripe",
        "--show-version",
        "2",
        "--diff-versions",
        "1:2",
        "--list-versions",
        "-Z",
        "utf-8",
        "-x",
        "-L",
        "-d",
        "-b",
        "-c",
        "-C",
        "-K",
        "--",
        "-",
        "--no-personal",
        "--resource",
        "192.0.2.0",
        "192.0.2.9",
        "192.0.2.0/24",
        "AS64496",
        "2.0.192.in-addr.arpa",
        "help",
        "EX1-TEST",
        "-1",
        "čšž",
        "team@cert.example",
    ])
    .prop_map(str::to_owned);
    let word = prop_oneof![8 => words, 1 => "\\PC{0,8}", 1 => "-[a-zA-Z]{1,4}[=,a-z]{0,5}"];
    prop::collection::vec(word, 0..9).prop_map(|words| words.join(" "))
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 2000, ..ProptestConfig::default() })]

    #[test]
    fn a_query_written_again_is_the_same_query(line in line()) {
        if let Ok(query) = Query::parse(line.as_bytes()) {
            let written = query.to_string();
            prop_assert_eq!(Query::parse(written.as_bytes()), Ok(query.clone()), "{}", written);
            prop_assert!(query.ask() != Ask::Search || !query.inverse.is_empty() || query.templates().next().is_some());
        }
    }

    #[test]
    fn no_bytes_make_it_panic_and_every_refusal_has_a_number(bytes in prop::collection::vec(any::<u8>(), 0..60)) {
        match Query::parse(&bytes) {
            Ok(query) => drop((query.warnings(), query.ask(), query.range(), query.to_string())),
            Err(error) => {
                prop_assert!((101..=118).contains(&error.number) || error.number == 901);
                prop_assert!(error.to_string().lines().all(|line| line.starts_with('%')));
            }
        }
    }
}
