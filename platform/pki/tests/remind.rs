//! Letters before a certificate ends.

#![allow(clippy::unwrap_used)]

mod common;

use common::{Community, csr};
use identity::{Granted, RequestCertificates, Role};
use kit::clock::DAY;
use kit::{Sql, params};
use pki::x509::crl::Reason;

#[tokio::test(flavor = "multi_thread")]
async fn who_asked_to_be_told_is_told_a_month_a_week_and_a_day_before_and_not_after_a_revocation() {
    let at = Community::begun().await;
    let kes = at.person("skerry", "kes", &[Role::Handler]).await;
    let granted = Granted::<RequestCertificates>::check(&kes).unwrap();
    let request = csr(&at, "ec", "/", None);
    let notify = Some("kes@skerry.example".to_owned());
    at.pki.issue_person(&granted, csr(&at, "ec", "/", None).as_bytes(), None).await.unwrap();
    let issued = at.pki.issue_person(&granted, request.as_bytes(), notify).await.unwrap();
    let mut told = Vec::new();
    for day in 0..370 {
        if at.pki.remind().await.unwrap() == 1 {
            told.push(365 - day);
        }
        at.node.clock.advance(DAY);
    }
    assert_eq!(told, [30, 7, 1]);
    let about = format!("certificate:{}", issued.known.serial);
    let letters = at.node.db.read(move |c| mail::queue::about(c, &about)).await.unwrap();
    assert_eq!(letters.len(), 3);
    let text = String::from_utf8(at.node.blobs.get(letters[0].blob).unwrap()).unwrap();
    assert!(text.contains("ends on") && text.contains("http://pki.example/account/certificates"), "{text}");

    let request = csr(&at, "ec", "/", None);
    at.node.clock.advance(-370 * DAY);
    let notify = Some("kes@skerry.example".to_owned());
    let other = at.pki.issue_person(&granted, request.as_bytes(), notify).await.unwrap();
    at.pki.revoke_own(&granted, other.known.fingerprint, Reason::Superseded).await.unwrap();
    at.node.clock.advance(360 * DAY);
    assert_eq!(at.pki.remind().await.unwrap(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_letter_that_cannot_be_written_keeps_no_other_back() {
    let at = Community::begun().await;
    let kes = at.person("skerry", "kes", &[Role::Handler]).await;
    let granted = Granted::<RequestCertificates>::check(&kes).unwrap();
    let request = csr(&at, "ec", "/", None);
    let why = at.pki.issue_person(&granted, request.as_bytes(), Some("a[b@x.example".into())).await;
    assert!(why.unwrap_err().to_string().contains("no mail address"));
    for mail in ["one@skerry.example", "two@skerry.example"] {
        let request = csr(&at, "ec", "/", None);
        at.pki.issue_person(&granted, request.as_bytes(), Some(mail.into())).await.unwrap();
        at.node.clock.advance(kit::clock::SECOND);
    }
    // As it was taken before such addresses were refused.
    const OLD: Sql = Sql::new("UPDATE pki_certificate SET notify = $1 WHERE notify = $2");
    let old = |tx: &kit::Write<'_>| tx.execute(OLD, params!["a[b@x.example", "one@skerry.example"]);
    at.node.db.write(old).await.unwrap();
    at.node.clock.advance(340 * DAY);
    assert_eq!(at.pki.remind().await.unwrap(), 1);
}
