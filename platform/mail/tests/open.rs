//! What the handler gets from a mail: its parts, texts, notes. Bad input included.
#![allow(clippy::unwrap_used, missing_docs)]

use std::io::Write;
use std::time::{Duration, Instant};

use mail::limits::Limits;
use mail::message::{Opened, PartKind};
use mail::open::{open, raw_part};
use mail::unlock::NoKeys;
use proptest::prelude::*;

fn opened(raw: &[u8]) -> Opened {
    open(raw, &Limits::default(), &NoKeys)
}

/// `path kind name` of each part, one a line.
fn listing(mail: &Opened) -> String {
    let line = |p: &mail::message::Part| {
        format!("{} {:?} {} {}", p.path, p.kind, p.content_type, p.name.as_deref().unwrap_or("-"))
    };
    mail.parts.iter().map(line).collect::<Vec<_>>().join("\n")
}

fn noted(mail: &Opened, words: &str) -> bool {
    mail.notes.iter().any(|n| n.what.contains(words))
}

fn zip(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default();
    for (name, bytes) in members {
        writer.start_file(*name, options).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

fn attach(name: &str, ctype: &str, bytes: &[u8]) -> Vec<u8> {
    let encoded = data_encoding::BASE64.encode(bytes);
    let lines: Vec<_> = encoded.as_bytes().chunks(76).map(|c| std::str::from_utf8(c).unwrap()).collect();
    format!(
        "From: Ana <ana@team.example>\r\nSubject: files\r\nMIME-Version: 1.0\r\n\
         Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nSee the file.\r\n--b\r\n\
         Content-Type: {ctype}; name=\"{name}\"\r\nContent-Transfer-Encoding: base64\r\n\r\n{}\r\n--b--\r\n",
        lines.join("\r\n")
    )
    .into_bytes()
}

#[test]
fn a_report_is_opened_whole() {
    let inner = b"From: spam@bad.example\r\nSubject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\n\
        Content-Type: multipart/alternative; boundary=i\r\n\r\n--i\r\n\r\nplain\r\n--i\r\n\
        Content-Type: text/html\r\n\r\n<a href=\"http://phish.example/login\">bank</a>\r\n--i--\r\n";
    let mut raw = b"From: \"Ana\" <ana@team.example>\r\nTo: cert@node.example, b@node.example\r\n\
        Date: Thu, 20 Nov 2025 10:00:00 +0100\r\nMessage-ID: <m1@team.example>\r\nIn-Reply-To: <q@node.example>\r\n\
        References: <p@node.example>\r\n <q@node.example>\r\nSubject: phish\r\n =?iso-8859-1?Q?=FCber?=\r\n\
        Content-Type: multipart/mixed; boundary=\"o\"\r\n\r\npreamble\r\n--o\r\n\
        Content-Type: text/plain; charset=iso-8859-2\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n\
        Za=B9=BEi\r\n--o\r\nContent-Type: message/rfc822\r\n\r\n"
        .to_vec();
    raw.extend_from_slice(inner);
    raw.extend_from_slice(
        b"\r\n--o\r\nContent-Type: text/csv; name=hosts.csv\r\n\
        Content-Disposition: attachment; filename*=utf-8''h%C3%B6sts.csv\r\n\r\nip\r\n192.0.2.1\r\n--o--\r\n",
    );
    let mail = opened(&raw);
    assert_eq!(mail.headers.from[0].address, "ana@team.example");
    assert_eq!(mail.headers.to.len(), 2);
    assert_eq!(mail.headers.date, Some(1_763_629_200_000_000));
    assert_eq!(mail.headers.message_id.as_deref(), Some("m1@team.example"));
    assert_eq!(mail.headers.in_reply_to, ["q@node.example"]);
    assert_eq!(mail.headers.references, ["p@node.example", "q@node.example"]);
    assert_eq!(mail.headers.subject, "phish über");
    assert_eq!(
        listing(&mail),
        "1 Body text/plain -\n2 NestedMail message/rfc822 -\n2/inner.eml/1 Body text/plain -\n\
         2/inner.eml/2 Body text/html -\n3 Attachment text/csv hösts.csv"
    );
    assert_eq!(mail.body_text(), "Zašži");
    assert!(mail.part("2").unwrap().text.as_deref().unwrap().contains("spam@bad.example"));
    assert!(
        mail.part("2/inner.eml/2").unwrap().text.as_deref().unwrap().contains("http://phish.example/login")
    );
    assert_eq!(mail.notes, []);
    let csv = raw_part(&raw, "3", &Limits::default(), &NoKeys).unwrap();
    assert_eq!(csv, b"ip\r\n192.0.2.1");
    assert_eq!(mail.part("3").unwrap().size, csv.len() as u64);
    assert_eq!(raw_part(&raw, "2", &Limits::default(), &NoKeys).unwrap(), inner);
    assert_eq!(raw_part(&raw, "9", &Limits::default(), &NoKeys), None);
}

#[test]
fn a_plain_mail_is_one_part() {
    let mail = opened(b"Subject: hi\n\nhello\n");
    assert_eq!(listing(&mail), "1 Body text/plain -");
    assert_eq!(mail.body_text(), "hello\n");
}

#[test]
fn zip_members_are_read_by_their_names() {
    let inner = zip(&[("deep.txt", b"198.51.100.7")]);
    let archive = zip(&[
        ("logs/report.csv", b"ip,time\n203.0.113.9,now\n"),
        ("logs/report.csv.bak", b"\0\x01"),
        ("more.zip", &inner),
        ("../../etc/evil.txt", b"x"),
        ("mail.eml", b"Subject: in zip\n\nfrom the zip"),
    ]);
    let mail = opened(&attach("logs.zip", "application/zip", &archive));
    assert_eq!(
        listing(&mail),
        "1 Body text/plain -\n2 Attachment application/zip logs.zip\n\
         2/logs/report.csv ZipMember text/csv report.csv\n\
         2/logs/report.csv.bak ZipMember application/octet-stream report.csv.bak\n\
         2/more.zip ZipMember application/zip more.zip\n\
         2/more.zip/deep.txt ZipMember text/plain deep.txt\n\
         2/etc/evil.txt ZipMember text/plain evil.txt\n\
         2/mail.eml NestedMail message/rfc822 mail.eml\n\
         2/mail.eml/mail.eml/1 Body text/plain -"
    );
    assert_eq!(mail.part("2/more.zip/deep.txt").unwrap().text.as_deref(), Some("198.51.100.7"));
    let raw = attach("logs.zip", "application/zip", &archive);
    let bytes = raw_part(&raw, "2/logs/report.csv", &Limits::default(), &NoKeys).unwrap();
    assert_eq!(bytes, b"ip,time\n203.0.113.9,now\n");
}

#[test]
fn a_gzipped_csv_is_read_even_when_the_type_says_nothing() {
    let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gz.write_all(b"ip\n192.0.2.200\n").unwrap();
    let mail = opened(&attach("feed.csv.gz", "application/octet-stream", &gz.finish().unwrap()));
    assert_eq!(mail.part("2/feed.csv").unwrap().text.as_deref(), Some("ip\n192.0.2.200\n"));
    let mail = opened(&attach("x.bin", "application/octet-stream", b"src=192.0.2.4 dst=192.0.2.5"));
    assert_eq!(mail.part("2").unwrap().text.as_deref(), Some("src=192.0.2.4 dst=192.0.2.5"));
}

#[test]
fn a_zip_bomb_costs_little_and_is_noted() {
    let zeros = vec![0; 100 << 20];
    let bomb = zip(&[("a.txt", &zeros), ("b.txt", &zeros), ("last.txt", b"192.0.2.1")]);
    let started = Instant::now();
    let mail = opened(&attach("bomb.zip", "application/zip", &bomb));
    assert!(noted(&mail, "grows more than is believable"), "{:?}", mail.notes);
    let kept: u64 = mail.parts.iter().map(|p| p.size).sum();
    assert!(kept <= 4 << 20, "{kept}");
    assert!(started.elapsed() < Duration::from_secs(5));
    assert!(mail.part("2/last.txt").is_some(), "what comes after the bomb is still read");
}

#[test]
fn ten_thousand_parts_end_at_the_limit() {
    let mut raw = b"Subject: many\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n".to_vec();
    for n in 0..10_000 {
        raw.extend_from_slice(format!("--b\r\n\r\npart {n}\r\n").as_bytes());
    }
    raw.extend_from_slice(b"--b--\r\n");
    let mail = opened(&raw);
    assert_eq!(mail.parts.len(), 1_000);
    assert!(noted(&mail, "more parts than are listed"));
}

#[test]
fn a_header_of_a_megabyte_is_cut_and_the_body_is_there() {
    let hostile: [(&str, String); 8] = [
        ("X-Junk: ", "a".repeat(1 << 20)),
        ("Subject: ", "=?a".repeat(350_000)),
        ("Subject: ", "=?utf-8?q?".repeat(100_000)),
        ("To: ", "\"".repeat(1 << 20)),
        ("To: ", "(".repeat(1 << 20)),
        ("To: ", "a@b.example, ".repeat(100_000)),
        ("References: ", "<a@b> ".repeat(180_000)),
        ("Content-Type: ", "text/plain; ".to_owned() + &"a=b; ".repeat(200_000)),
    ];
    for (name, value) in hostile {
        for fold in ["", "\r\n "] {
            let value =
                value.as_bytes().chunks(900).map(|c| std::str::from_utf8(c).unwrap()).collect::<Vec<_>>();
            let raw = format!("From: a@b.example\r\n{name}{}\r\n\r\nthe body\r\n", value.join(fold));
            let started = Instant::now();
            let mail = opened(raw.as_bytes());
            assert!(started.elapsed() < Duration::from_secs(2), "{name} {:?}", started.elapsed());
            assert_eq!(mail.headers.from[0].address, "a@b.example");
            assert_eq!(mail.body_text(), "the body\r\n", "{name}");
            assert!(noted(&mail, "header is longer"), "{name}");
        }
    }
}

#[test]
fn a_hundred_thousand_addresses_are_cut_with_a_note() {
    let list = (0..20_000).map(|n| format!("u{n}@a.example")).collect::<Vec<_>>().join(",\r\n ");
    let limits = Limits { header_bytes: 10 << 20, ..Limits::default() };
    let mail = open(format!("To: {list}\r\n\r\nx").as_bytes(), &limits, &NoKeys);
    assert_eq!(mail.headers.to.len(), 1_000);
    assert!(noted(&mail, "more addresses in to"));
}

#[test]
fn nesting_ends_at_the_limit_however_it_is_made() {
    let mut mail_in_mail = b"Content-Type: message/rfc822\n\n".repeat(100_000);
    mail_in_mail.extend_from_slice(b"Subject: core\n\nend");
    let mail = opened(&mail_in_mail);
    assert_eq!(mail.parts.len(), 11);
    assert!(noted(&mail, "nested too deeply"));

    let mut multiparts = Vec::new();
    for n in 0..50_000 {
        multiparts.extend_from_slice(
            format!("Content-Type: multipart/mixed; boundary=b{n}\n\n--b{n}\n").as_bytes(),
        );
    }
    let started = Instant::now();
    assert!(noted(&opened(&multiparts), "nested too deeply"));
    assert!(started.elapsed() < Duration::from_secs(2));

    let mut matryoshka = zip(&[("core.txt", b"core")]);
    for n in 0..20 {
        matryoshka = zip(&[(&format!("{n}.zip"), &matryoshka)]);
    }
    assert!(noted(&opened(&attach("m.zip", "application/zip", &matryoshka)), "nested too deeply"));
}

#[test]
fn a_mail_that_contains_itself_by_boundary_is_finite() {
    let raw =
        b"Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: multipart/mixed; boundary=b\n\n\
        --b\nContent-Type: message/rfc822\n\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nx";
    assert!(opened(raw).parts.len() < 10);
}

#[test]
fn more_than_the_limit_of_bytes_is_left_out_with_a_note() {
    let limits = Limits { message_bytes: 1_000, ..Limits::default() };
    let mail = open(&[b"Subject: big\n\n".as_slice(), &[b'x'; 5_000]].concat(), &limits, &NoKeys);
    assert_eq!(mail.headers.subject, "big");
    assert!(mail.body_text().len() < 1_000 && noted(&mail, "longer than what is read"));
}

#[test]
fn a_body_without_a_header_and_an_empty_mail_are_mails() {
    let mail = opened(b"just some text, 192.0.2.1\n");
    assert_eq!(mail.body_text(), "just some text, 192.0.2.1\n");
    assert!(noted(&mail, "no header"));
    assert_eq!(opened(b"").body_text(), "");
}

#[test]
fn text_beside_a_signed_text_is_not_taken_for_signed() {
    let signed = "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nsigned\n-----BEGIN PGP SIGNATURE-----\n\nx\n\
        -----END PGP SIGNATURE-----\n";
    let mail = opened(format!("Subject: x\n\n{signed}").as_bytes());
    assert_eq!((mail.signatures.len(), mail.notes.len()), (1, 0));
    let mail = opened(format!("Subject: x\n\npay to me\n{signed}").as_bytes());
    assert!(noted(&mail, "nobody vouches for it"));
}

#[test]
fn encrypted_and_signed_parts_are_listed_without_keys() {
    let raw = b"Content-Type: multipart/encrypted; protocol=\"application/pgp-encrypted\"; boundary=b\n\n\
        --b\nContent-Type: application/pgp-encrypted\n\nVersion: 1\n--b\nContent-Type: application/octet-stream\n\n\
        -----BEGIN PGP MESSAGE-----\n\nhQ==\n-----END PGP MESSAGE-----\n--b--\n";
    let mail = opened(raw);
    assert_eq!(mail.parts[0].kind, PartKind::Encrypted);
    assert!(noted(&mail, "stays closed"));
    let raw = b"Content-Type: multipart/signed; protocol=\"application/pgp-signature\"; boundary=b\n\n\
        --b\n\nsigned words\n--b\nContent-Type: application/pgp-signature\n\n-----BEGIN PGP SIGNATURE-----\n--b--\n";
    let mail = opened(raw);
    assert_eq!(mail.body_text(), "signed words");
    assert_eq!(mail.signatures.len(), 1);
    assert!(!mail.signatures[0].verdict.good);
}

/// Ten mails in each other, each in as many multiparts as are followed, fit into the stack of a blocking thread.
#[test]
fn the_deepest_mail_needs_little_stack() {
    let mut raw = b"Subject: core\n\nend".to_vec();
    for depth in 0..10 {
        raw = [b"Content-Type: message/rfc822\n\n".as_slice(), &raw].concat();
        for level in 0..10 {
            let b = format!("b{depth}-{level}");
            let head = format!("Content-Type: multipart/mixed; boundary={b}\n\n--{b}\n");
            raw = [head.as_bytes(), &raw, format!("\n--{b}--\n").as_bytes()].concat();
        }
    }
    let thread = std::thread::Builder::new().stack_size(1 << 20);
    let mail = thread.spawn(move || opened(&raw)).unwrap().join().unwrap();
    assert!(mail.parts.last().unwrap().text.as_deref().unwrap().contains("end"), "{}", listing(&mail));
}

#[test]
fn hostile_shapes_cost_no_more_than_their_size() {
    const SIZE: usize = 8 << 20;
    let with = |header: &str, word: &str| {
        [header.as_bytes(), b"\n\n", word.repeat(SIZE / word.len()).as_bytes()].concat()
    };
    let html = "Content-Type: text/html";
    let multipart = "Content-Type: multipart/mixed; boundary=a";
    let text = |charset: &str| format!("Content-Type: text/plain; charset={charset}");
    let zip = |word: &str| attach("x.zip", "application/zip", word.repeat(SIZE / word.len()).as_bytes());
    let shapes: Vec<(&str, Vec<u8>)> = vec![
        ("href", with(html, "href=")),
        ("tags", with(html, "<")),
        ("entities", with(html, "&")),
        ("entities with names", with(html, "&amp")),
        ("comments", with(html, "<!--")),
        ("boundaries", with(multipart, "--a")),
        ("letters", with(multipart, "a")),
        ("open delimiters", with(multipart, "\n--ab")),
        ("empty parts", with(multipart, "\n--a\n")),
        ("armour", with("Subject: x", "-----BEGIN PGP MESSAGE-----")),
        (
            "armour lines",
            with("Subject: x", "\n-----BEGIN PGP SIGNED MESSAGE-----\n-----END PGP SIGNATURE-----"),
        ),
        ("utf-7", with(&text("utf-7"), "+")),
        ("iso-2022-jp", with(&text("iso-2022-jp"), "\x1b$B")),
        ("gb18030", with(&text("gb18030"), "\u{81}")),
        ("quoted-printable", with("Content-Transfer-Encoding: quoted-printable", "= ")),
        ("base64", with("Content-Transfer-Encoding: base64", "=A")),
        ("zip ends", zip("PK\x05\x06")),
        ("zip entries", zip("PK\x01\x02")),
        ("zip64 ends", zip("PK\x06\x07PK\x06\x06PK\x05\x06")),
        ("json", with("Content-Type: application/json", "[")),
    ];
    for (name, raw) in shapes {
        let started = Instant::now();
        let mail = opened(&raw);
        let took = started.elapsed();
        println!("{name}: {took:?}, {} parts, {} notes", mail.parts.len(), mail.notes.len());
        assert!(took < Duration::from_secs(4), "{name}: {took:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn any_bytes_are_a_mail(raw in proptest::collection::vec(any::<u8>(), 0..2_000)) {
        opened(&raw);
    }

    /// Words of the trade in any order reach deeper than noise.
    #[test]
    fn any_words_of_mime_are_a_mail(words in proptest::collection::vec(0..WORDS.len(), 0..60)) {
        let raw: Vec<u8> = words.iter().flat_map(|&w| WORDS[w].iter().copied()).collect();
        let mail = opened(&raw);
        for part in &mail.parts {
            let bytes = raw_part(&raw, &part.path, &Limits::default(), &NoKeys).unwrap();
            prop_assert_eq!(bytes.len() as u64, part.size);
        }
    }
}

const WORDS: [&[u8]; 28] = [
    b"\r\n",
    b"\n",
    b"\r",
    b"--b",
    b"--b--",
    b"\n--b\n",
    b"\n\n",
    b"Content-Type: multipart/mixed; boundary=b\n",
    b"Content-Type: multipart/signed; protocol=application/pgp-signature; boundary=b\n",
    b"Content-Type: multipart/encrypted; boundary=b\n",
    b"Content-Type: application/pgp-encrypted\n",
    b"Content-Type: message/rfc822\n",
    b"Content-Type: text/html; charset=utf-16\n",
    b"Content-Type: text/plain; charset=utf-7\n",
    b"Content-Transfer-Encoding: base64\n",
    b"Content-Transfer-Encoding: quoted-printable\n",
    b"=?utf-8?q?",
    b"=?utf-8?b?",
    b"?=",
    b"Subject: ",
    b"From: ",
    b"<a@b.example>",
    b"\"",
    b"(",
    b"-----BEGIN PGP SIGNED MESSAGE-----",
    b"-----END PGP SIGNATURE-----",
    b"<a href=\"",
    b"\xff\xfe\x00",
];
