//! What a handler gets out of the texts that really arrive: `kind value` lines, `:port`, `*` for special.

use observables::{Limits, extract};

fn show(text: &str) -> Vec<String> {
    let found = extract(text, &Limits::default()).found;
    let show = |one: observables::Observable| {
        let port = one.port.map(|port| format!(" :{port}")).unwrap_or_default();
        let special = if one.special { " *" } else { "" };
        let count = if one.count > 1 { format!(" x{}", one.count) } else { String::new() };
        format!("{} {}{port}{special}{count}", one.kind, one.value)
    };
    found.into_iter().map(show).collect()
}

#[track_caller]
fn check(text: &str, wanted: &[&str]) {
    assert_eq!(show(text), wanted, "{text}");
}

#[test]
fn addresses_as_logs_write_them() {
    check("Failed password for root from 192.0.2.1 port 4321 ssh2", &["ip 192.0.2.1 :4321"]);
    check("client 192.0.2.1#53412 (evil.example): query", &["ip 192.0.2.1 :53412", "domain evil.example"]);
    check(
        "Deny tcp src outside:192.0.2.1/4432 dst inside:10.1.2.3/22",
        &["ip 192.0.2.1 :4432", "ip 10.1.2.3 :22 *"],
    );
    check("IP 192.0.2.1.54321 > 198.51.100.2.80: Flags [S]", &["ip 192.0.2.1 :54321", "ip 198.51.100.2 :80"]);
    check("IP6 2001:db8::1.443 > 2001:db8::2.53: UDP", &["ip 2001:db8::1 :443", "ip 2001:db8::2 :53"]);
    check("192.0.2.1 - - [10/Oct/2026:13:55:36 +0000] \"GET /a.html HTTP/1.1\" 200", &["ip 192.0.2.1"]);
    check(
        "SRC=192.0.2.1 DST=198.51.100.9 SPT=4 from unknown[203.0.113.9]",
        &["ip 192.0.2.1", "ip 198.51.100.9", "ip 203.0.113.9"],
    );
    check(
        "([IPv6:2001:DB8::1]) ip6:2001:db8::/32 v=::ffff:192.0.2.1",
        &["ip 2001:db8::1", "ip-range 2001:db8::-2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", "ip 192.0.2.1"],
    );
    check(
        "[2001:db8::5]:8080 fe80::1%eth0 2001:db8::7.",
        &["ip 2001:db8::5 :8080", "ip fe80::1 *", "ip 2001:db8::7"],
    );
    check("192.0.2.9:12:30:45 and 192.0.2.9:25", &["ip 192.0.2.9 :25 x2"]);
}

#[test]
fn prefixes_and_ranges() {
    check("inetnum: 192.0.2.0 - 192.0.2.255", &["ip-range 192.0.2.0-192.0.2.255"]);
    check("192.0.2.77/24, 192.0.2.0/255.255.255.0", &["ip-range 192.0.2.0-192.0.2.255 x2"]);
    check("192.0.2.10-20 but 1.2.3.4-5", &["ip-range 192.0.2.10-192.0.2.20"]);
    check(
        "2001:db8::1-2001:db8::5 2001:db8::/127",
        &["ip-range 2001:db8::1-2001:db8::5", "ip-range 2001:db8::-2001:db8::1"],
    );
    check("::ffff:192.0.2.1-2001:db8::1", &["ip 192.0.2.1", "ip 2001:db8::1"]);
    check("192.0.2.9-192.0.2.1", &["ip 192.0.2.9", "ip 192.0.2.1"]);
    check("0.0.0.0 0.2.149.27 :: ::/0 0.0.0.0/0 10.0.0.0/0 0.0.0.0-255.255.255.255", &[]);
}

#[test]
fn what_only_looks_like_an_address() {
    for text in [
        "Chrome/1.2.3.4 Skype/8.25.0.5 version 1.2.3.4, Version: 10.2.0.4; v1.2.3.4 v. 1.2.3.4",
        "1.2.3.4.5 openssl-1.0.2.1 1.2.3.4-5 300.1.1.1 010.1.2.3 21.11.2026",
        "at 12:30:45 on 00:11:22:33:44:55 or 00:11:22:33:44:55:66:77 or 16:27:ac:a5:76:28:2d:36:63:1b:56:4d:eb:df:a6:48",
        "std::dec Foo::Bar a::b dead::beef ::beg key: value 5::6",
    ] {
        check(text, &[]);
    }
}

#[test]
fn names_files_and_sentences() {
    check(
        "see Evil.Example. Then bad.example, \"worse.example\" (mail.example([192.0.2.1]))",
        &[
            "domain evil.example",
            "domain bad.example",
            "domain worse.example",
            "domain mail.example",
            "ip 192.0.2.1",
        ],
    );
    check("“böse.example” – siehe…evil.example…", &["domain xn--bse-sna.example", "domain evil.example"]);
    check(
        "run /tmp/x.pl and C:\\temp\\y.zip, README.md, setup.py; compromised.It was. node.js e.g. i.e. z.B.",
        &[],
    );
    check("files[.]zip evil[.]py", &["domain files.zip", "domain evil.py"]);
    check(
        "http://files.zip/a joe@evil.sh",
        &["url http://files.zip/a", "domain files.zip", "domain evil.sh", "email joe@evil.sh"],
    );
    check("console.info(1) host.name=x evil.example:8443", &["domain evil.example :8443"]);
    check(
        "_dmarc.evil.example _evil.example_ -evil.example",
        &["domain _dmarc.evil.example", "domain evil.example x2"],
    );
    check(
        "localhost.localhost 1.2.0.192.in-addr.arpa router.local",
        &["domain localhost.localhost *", "domain 1.2.0.192.in-addr.arpa *"],
    );
}

#[test]
fn urls_end_where_the_sentence_goes_on() {
    check(
        "(see http://evil.example/a_(b)), HTTPS://Evil.Example:443/Path?Q=1#f.",
        &[
            "url http://evil.example/a_(b)",
            "domain evil.example :443 x2",
            "url https://evil.example/Path?Q=1#f :443",
        ],
    );
    check(
        "<a href='http://evil.example/x'>http://evil.example.</a>",
        &["url http://evil.example/x", "domain evil.example x2", "url http://evil.example/"],
    );
    check(
        "http://evil.example/a,192.0.2.1,2026-01-02\nhttp://evil.example/b,c.html;AS64496;DE",
        &[
            "url http://evil.example/a",
            "domain evil.example x2",
            "ip 192.0.2.1",
            "url http://evil.example/b,c.html",
            "asn AS64496",
        ],
    );
    check(
        "http://198.51.100.7:8443/x ftp://u:p@203.0.113.5/ http://[2001:db8::1]:81/ http://3221225985/",
        &[
            "url http://198.51.100.7:8443/x :8443",
            "ip 198.51.100.7 :8443",
            "url ftp://u:p@203.0.113.5/",
            "ip 203.0.113.5",
            "url http://[2001:db8::1]:81/ :81",
            "ip 2001:db8::1 :81",
            "url http://192.0.2.1/",
            "ip 192.0.2.1",
        ],
    );
    check(
        "https://safe.example/?u=http://evil.example/setup.py&m=joe@bad.example",
        &[
            "url https://safe.example/?u=http://evil.example/setup.py&m=joe@bad.example",
            "domain safe.example",
            "url http://evil.example/setup.py&m=joe@bad.example",
            "domain evil.example",
            "domain bad.example",
            "email joe@bad.example",
        ],
    );
    check(
        "Linkhttp://evil.example;x http:// http://router/ http://foo.bla/",
        &["url http://evil.example/", "domain evil.example"],
    );
    check(
        "https://sandbox.example/file/D41D8CD98F00B204E9800998ECF8427E",
        &[
            "url https://sandbox.example/file/D41D8CD98F00B204E9800998ECF8427E",
            "domain sandbox.example",
            "md5 d41d8cd98f00b204e9800998ecf8427e",
        ],
    );
}

#[test]
fn mail_addresses() {
    check(
        "From: \"Joe\" <Joe@Evil.Example>, mailto:o'brien@evil.example?x",
        &["domain evil.example x2", "email joe@evil.example", "email o'brien@evil.example"],
    );
    check(
        "user=joe@evil.example bounce+1-a=b.example@list.example prvs=1a2=joe@evil.example joe=40b.example@list.example",
        &[
            "domain evil.example x2",
            "email joe@evil.example",
            "domain list.example x2",
            "email bounce+1-a=b.example@list.example",
            "email prvs=1a2=joe@evil.example",
            "email joe=40b.example@list.example",
        ],
    );
    check(
        "„joe@evil.example“ jörg@evil.example first.last@evil.example a.@b.example joe@router",
        &[
            "domain evil.example x3",
            "email joe@evil.example",
            "email jörg@evil.example",
            "email first.last@evil.example",
            "domain b.example",
        ],
    );
}

#[test]
fn hashes_vulnerabilities_and_systems() {
    check(
        "da39a3ee5e6b4b0d3255bfef95601890afd80709.exe e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        &[
            "sha1 da39a3ee5e6b4b0d3255bfef95601890afd80709",
            "sha256 e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        ],
    );
    check(
        "00000000000000000000000000000000 4aaaaaaaaaaaaaafaaaaaaaaaaaaaaaa aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa d41d8cd98f00b204e9800998ecf8427 Xd41d8cd98f00b204e9800998ecf8427e",
        &[],
    );
    check(&"0a1b2c3d".repeat(16), &[&format!("sha512 {}", "0a1b2c3d".repeat(16))]);
    check(
        "cve-2021-44228, exploit_CVE-2024-12345.py CVE-1998-0001 CVE-2021-123 XCVE-2021-1234",
        &["cve CVE-2021-44228", "cve CVE-2024-12345"],
    );
    check(
        "AS64496 asn64497 ASN 64498 ASN: 64499 as64500 AS1.10 AS64512",
        &[
            "asn AS64496",
            "asn AS64497",
            "asn AS64498",
            "asn AS64499",
            "asn AS64500",
            "asn AS65546",
            "asn AS64512 *",
        ],
    );
    check("as2 AS2 As47 AS-FOO assets 42 AS0 AS4294967295 AS99999999999 Basic as 64496", &[]);
}

#[test]
fn defanged_text_keeps_its_place_in_the_original() {
    let text = "ä hxxp://evil[.]example/x and evil[.]example and joe[@]good.example";
    let found = extract(text, &Limits::default()).found;
    let seen: Vec<_> = found.iter().map(|one| (&text[one.span.clone()], one.defanged)).collect();
    assert_eq!(
        seen,
        [
            ("hxxp://evil[.]example/x", true),
            ("evil[.]example", true),
            ("good.example", false),
            ("joe[@]good.example", true)
        ]
    );
}

#[test]
fn limits_cut_and_tell() {
    let list: String =
        (0..100_000u32).map(|n| format!("{}\n", std::net::Ipv4Addr::from(0x0a00_0000 + n))).collect();
    let all = extract(&list, &Limits::default());
    assert_eq!((all.found.len(), all.truncated), (100_000, false));
    let few = extract(&list, &Limits { max_observables: 10, ..Limits::default() });
    assert_eq!((few.found.len(), few.truncated), (10, true));
    let short = extract("192.0.2.17 192.0.2.18", &Limits { max_text_bytes: 19, ..Limits::default() });
    assert_eq!((short.found.len(), short.truncated), (1, true));
    let url = extract("http://evil.example/äääää", &Limits { max_url_bytes: 23, ..Limits::default() });
    assert_eq!(url.found[0].value, "http://evil.example/ä");
}
