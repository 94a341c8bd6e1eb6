//! One class per mail; every RFC 3464 notice of the corpora is one, and no ordinary mail is.
#![allow(clippy::unwrap_used, missing_docs)]

mod support;

use mail::classify::{Action, Class, Machine, classify};
use mail::envelope::Envelope;
use mail::limits::Limits;
use mail::open::open;
use mail::unlock::NoKeys;
use support::corpus;

fn class_of(raw: &[u8]) -> Class {
    let envelope = Envelope {
        from: "someone@team.example".into(),
        rcpts: vec!["cert@node.example".into()],
        helo: "mx.team.example".into(),
        peer: None,
        received_at: 0,
    };
    classify(&open(raw, &Limits::default(), &NoKeys), &envelope)
}

#[test]
fn a_bounce_says_for_whom_and_why() {
    let raw = b"From: MAILER-DAEMON@mx.example\r\nAuto-Submitted: auto-replied\r\n\
        Content-Type: multipart/report; report-type=delivery-status;\r\n boundary=\"b\"\r\n\r\n\
        --b\r\n\r\nSorry.\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n\
        Reporting-MTA: dns; mx.example\r\nOriginal-Envelope-Id: e77\r\n\r\n\
        Original-Recipient: rfc822;abuse@isp.example\r\nFinal-Recipient: rfc822; <noc@isp.example>\r\nAction: Failed\r\n\
        Status: 5.1.1 (no such\r\n user)\r\nRemote-MTA: dns; mail.isp.example\r\n\
        Diagnostic-Code: smtp; 550 5.1.1 no such user; try\r\n  later\r\n\r\n\
        Final-Recipient: rfc822; two@isp.example\r\nAction: delayed\r\nStatus: 4.4.7\r\n\r\n\
        --b\r\nContent-Type: text/rfc822-headers\r\n\r\nFrom: x@node.example\r\nMessage-ID:\r\n <inv-1@node.example>\r\n--b--\r\n";
    let Class::Bounce(bounce) = class_of(raw) else { panic!("not a bounce") };
    assert_eq!(bounce.returned.message_id.as_deref(), Some("inv-1@node.example"));
    assert_eq!(bounce.returned.envelope_id.as_deref(), Some("e77"));
    let [one, two] = bounce.reports.as_slice() else { panic!("{:?}", bounce.reports) };
    assert_eq!(one.final_recipient, "noc@isp.example");
    assert_eq!(one.original_recipient.as_deref(), Some("abuse@isp.example"));
    assert_eq!((one.action, one.status.as_str()), (Some(Action::Failed), "5.1.1"));
    assert_eq!(one.diagnostic.as_deref(), Some("550 5.1.1 no such user; try later"));
    assert_eq!(one.remote_mta.as_deref(), Some("mail.isp.example"));
    assert_eq!((two.action, two.status.as_str()), (Some(Action::Delayed), "4.4.7"));
}

#[test]
fn a_read_receipt_is_not_an_answer() {
    let raw = b"Content-Type: multipart/report; boundary=b; report-type=\"disposition-notification\"\n\n\
        --b\n\nread\n--b\nContent-Type: message/disposition-notification\n\n\
        Final-Recipient: rfc822;ana@team.example\nOriginal-Message-ID: <q@node.example>\n\
        Disposition: manual-action/MDN-sent-automatically; displayed/error\n--b--\n";
    let Class::DispositionNotification(mdn) = class_of(raw) else { panic!("not an MDN") };
    assert_eq!(mdn.original_message_id.as_deref(), Some("q@node.example"));
    assert_eq!((mdn.final_recipient.as_str(), mdn.disposition.as_str()), ("ana@team.example", "displayed"));
    assert!(!mdn.automatic);
}

#[test]
fn each_kind_of_mail_has_its_class() {
    let machine = Class::MachineReport;
    let cases: [(&str, Class); 17] = [
        ("Subject: hi\n\nhello", Class::Human),
        ("Auto-Submitted: no\n\nhello", Class::Human),
        ("Auto-Submitted: auto-replied (vacation)\n\naway", Class::AutoReply),
        ("Auto-Submitted: Auto-Replied; owner-email=\"x@y.example\"\n\naway", Class::AutoReply),
        ("X-Autoreply: yes\n\naway", Class::AutoReply),
        ("X-Autorespond: out of office\n\naway", Class::AutoReply),
        ("Precedence: auto_reply\n\naway", Class::AutoReply),
        ("Auto-Submitted: auto-generated\n\nlog", machine(Machine::Generated)),
        ("Return-Path: <>\n\nbounced somehow", machine(Machine::Generated)),
        ("From: Mail Delivery <MAILER-DAEMON@mx.example>\n\nundelivered", machine(Machine::Generated)),
        ("Precedence: bulk\n\nnews", machine(Machine::Bulk)),
        ("List-Id: <first.lists.example>\n\nnews", machine(Machine::Bulk)),
        (
            "Precedence: bulk\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nhosts\n--b\nContent-Type: text/csv\n\nip\n--b--\n",
            machine(Machine::Feed),
        ),
        (
            "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nour hosts, please check\n--b\nContent-Type: text/csv\n\nip\n--b--\n",
            Class::Human,
        ),
        (
            "Content-Type: multipart/report; report-type=feedback-report; boundary=b\n\n--b\n\nx\n--b--\n",
            machine(Machine::Arf),
        ),
        ("X-XARF: PLAIN\n\nx", machine(Machine::Xarf)),
        (
            "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nsee this bounce\n--b\nContent-Type: message/rfc822\n\n\
             Content-Type: multipart/report; report-type=delivery-status; boundary=i\n\n--i\n\
             Content-Type: message/delivery-status\n\nAction: failed\n--i--\n--b--\n",
            Class::Human,
        ),
    ];
    for (raw, class) in cases {
        assert_eq!(class_of(raw.as_bytes()), class, "{raw}");
    }
}

/// Whether a notice stands in the bytes, found by lines and not by MIME: the type of a part or of the mail.
fn claims_to_be_a_dsn(raw: &[u8]) -> bool {
    let text = String::from_utf8_lossy(raw).to_ascii_lowercase().replace("\r\n", "\n").replace('\r', "\n");
    let header = text.split("\n\n").next().unwrap_or_default().replace("\n ", " ").replace("\n\t", " ");
    let by_type = header.lines().any(|l| {
        l.starts_with("content-type:") && l.contains("multipart/report") && l.contains("delivery-status")
    });
    let by_part = header.lines().any(|l| l.starts_with("content-type: multipart/"))
        && text.contains("\ncontent-type: message/delivery-status")
        && text.contains("\nfinal-recipient:");
    by_type || by_part
}

#[test]
fn every_rfc_3464_notice_is_recognised() {
    let (mut expected, mut named, mut missed) = (0, 0, Vec::new());
    for file in corpus("mail/sisimai/maildir") {
        let raw = std::fs::read(&file).unwrap();
        if !claims_to_be_a_dsn(&raw) {
            continue;
        }
        expected += 1;
        let names = String::from_utf8_lossy(&raw).to_ascii_lowercase().contains("final-recipient:");
        match class_of(&raw) {
            Class::Bounce(b) if names && b.reports.iter().any(|r| !r.final_recipient.is_empty()) => {
                named += 1
            }
            Class::Bounce(_) if !names => (),
            other => missed.push((file, other)),
        }
    }
    println!("{expected} notices, {named} with their recipients");
    assert!(missed.is_empty(), "{} missed: {missed:#?}", missed.len());
    assert!(expected == 0 || expected >= 460, "the test itself finds too few: {expected}");
}

#[test]
fn no_ordinary_mail_is_a_bounce() {
    let ordinary = [
        "mail/spamassassin-tests",
        "mail/mail-parser/resources/eml",
        "mail/mikel-mail",
        "mail/sisimai/maildir/not",
    ];
    let mut wrong = Vec::new();
    for file in ordinary.iter().flat_map(|f| corpus(f)) {
        let raw = std::fs::read(&file).unwrap();
        if !claims_to_be_a_dsn(&raw) && matches!(class_of(&raw), Class::Bounce(_)) {
            wrong.push(file);
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn arf_of_the_corpora_is_arf() {
    for file in corpus("exchange/arf").into_iter().chain(corpus("mail/mail-auth/resources/arf")) {
        let raw = std::fs::read(&file).unwrap();
        if raw.windows(22).any(|w| w.eq_ignore_ascii_case(b"message/feedback-report"))
            || file.ends_with("rfc5965-b1.eml")
        {
            assert_eq!(class_of(&raw), Class::MachineReport(Machine::Arf), "{}", file.display());
        }
    }
}

#[test]
fn xarf_samples_in_a_mail_are_xarf() {
    let mut seen = 0;
    for file in corpus("feeds/xarf/samples/positive") {
        let json = std::fs::read_to_string(&file).unwrap();
        let raw = format!(
            "From: reporter@isp.example\nContent-Type: multipart/mixed; boundary=_b\n\n--_b\n\nA report.\n--_b\n\
             Content-Type: application/json; name=xarf.json\n\n{json}\n--_b--\n"
        );
        assert_eq!(class_of(raw.as_bytes()), Class::MachineReport(Machine::Xarf), "{}", file.display());
        seen += 1;
    }
    println!("{seen} samples");
}
