//! Revocation, as lists and answers tell it to openssl, and what follows from a team's standing.

#![allow(clippy::unwrap_used)]

mod common;

use std::collections::BTreeMap;

use common::{Community, csr, openssl};
use contracts::trust::{CertificateJudge as _, CertificateVerdict};
use identity::{Actor, Granted, ManageTeam, RequestCertificates, Role};
use kit::clock::{DAY, HOUR};
use kit::{Error, events};
use pki::Issued;
use pki::x509::crl::Reason;

async fn certificate(at: &Community, who: &Actor) -> Issued {
    let granted = Granted::<RequestCertificates>::check(who).unwrap();
    let request = csr(at, "ec", "/", None);
    at.pki.issue_person(&granted, request.as_bytes(), None).await.unwrap()
}

/// Lays out the files that openssl needs, and returns the name of the issuing authority.
fn lay_out(at: &Community, issued: &Issued) -> String {
    at.write("root.pem", at.root_pem());
    let text = issued.chain.clone();
    let second = text.rfind("-----BEGIN").unwrap();
    at.write("own.pem", &text[..second]);
    at.write("issuing.pem", &text[second..]);
    let said = openssl(at, &["x509", "-in", "own.pem", "-noout", "-ext", "crlDistributionPoints"]);
    let uri = said.split("/pki/").nth(1).unwrap();
    uri.split(".crl").next().unwrap().to_owned()
}

/// What `openssl verify -crl_check` says with the list as it is published now.
fn by_list(at: &Community, name: &str) -> String {
    at.write("list.der", at.pki.crl(name).unwrap());
    let converted = openssl(at, &["crl", "-inform", "DER", "-in", "list.der", "-out", "list.pem"]);
    assert!(!converted.contains("unable"), "{converted}");
    openssl(
        at,
        &[
            "verify",
            "-crl_check",
            "-CRLfile",
            "list.pem",
            "-CAfile",
            "root.pem",
            "-untrusted",
            "issuing.pem",
            "own.pem",
        ],
    )
}

/// What `openssl ocsp` says of the answer that is given now.
fn by_answer(at: &Community) -> String {
    let made =
        openssl(at, &["ocsp", "-issuer", "issuing.pem", "-cert", "own.pem", "-reqout", "question.der"]);
    assert!(!made.contains("rror"), "{made}");
    let question = std::fs::read(at.folder.path().join("question.der")).unwrap();
    at.write("answer.der", at.pki.answer(&question));
    openssl(
        at,
        &[
            "ocsp",
            "-respin",
            "answer.der",
            "-no_nonce",
            "-issuer",
            "issuing.pem",
            "-cert",
            "own.pem",
            "-CAfile",
            "root.pem",
            "-verify_other",
            "issuing.pem",
        ],
    )
}

async fn jobs(at: &Community) {
    kit::jobs::run_due(&at.node, &at.pki.domain().jobs).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn openssl_learns_of_a_revocation_by_list_and_by_answer() {
    let at = Community::begun().await;
    let kes = at.person("skerry", "kes", &[Role::Handler]).await;
    let issued = certificate(&at, &kes).await;
    let name = lay_out(&at, &issued);
    assert!(by_list(&at, &name).contains("own.pem: OK"), "{}", by_list(&at, &name));
    let said = by_answer(&at);
    assert!(said.contains("Response verify OK") && said.contains("own.pem: good"), "{said}");
    assert_eq!(at.pki.judge(&issued.der, at.node.now(), None), CertificateVerdict::Good);

    // Neither a colleague nor another team's administrator may revoke it.
    let jor = at.person("skerry", "jor", &[Role::Handler]).await;
    let jor = Granted::<RequestCertificates>::check(&jor).unwrap();
    let fingerprint = issued.known.fingerprint;
    assert!(at.pki.revoke_own(&jor, fingerprint, Reason::KeyCompromise).await.is_err());
    let other = at.person("other", "ada", &[Role::TeamAdmin]).await;
    let other = Granted::<ManageTeam>::check(&other).unwrap();
    assert!(at.pki.revoke_of_team(&other, fingerprint, Reason::KeyCompromise).await.is_err());

    let granted = Granted::<RequestCertificates>::check(&kes).unwrap();
    at.pki.revoke_own(&granted, fingerprint, Reason::KeyCompromise).await.unwrap();
    let verdict = at.pki.judge(&issued.der, at.node.now(), None);
    assert!(matches!(&verdict, CertificateVerdict::Refused(why) if why.contains("revoked")), "{verdict:?}");
    let said = by_answer(&at);
    assert!(said.contains("own.pem: revoked") && said.contains("Reason: keyCompromise"), "{said}");
    jobs(&at).await;
    assert!(by_list(&at, &name).contains("certificate revoked"), "{}", by_list(&at, &name));
    let twice = at.pki.revoke_own(&granted, fingerprint, Reason::Superseded).await;
    assert!(matches!(twice, Err(Error::Conflict(_))));
    // A key that somebody else may have is never certified again.
    let again = openssl(&at, &["req", "-new", "-key", "key.pem", "-subj", "/"]);
    assert!(at.pki.issue_person(&granted, again.as_bytes(), None).await.is_err());

    let log = at.node.db.read(|c| events::history(c, "pki", 100)).await.unwrap();
    let kinds: BTreeMap<_, usize> = log.iter().fold(BTreeMap::new(), |mut all, one| {
        *all.entry(one.kind.as_str()).or_default() += 1;
        all
    });
    assert_eq!((kinds["pki.certificate_issued"], kinds["pki.certificate_revoked"]), (1, 1));
    at.node.db.read(|c| events::verify(c, "pki")).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_rests_while_the_team_is_not_entitled_and_is_revoked_when_it_leaves() {
    let at = Community::begun().await;
    let kes = at.person("skerry", "kes", &[Role::Handler]).await;
    let issued = certificate(&at, &kes).await;
    let name = lay_out(&at, &issued);
    let good = |at: &Community| at.pki.judge(&issued.der, at.node.now(), None) == CertificateVerdict::Good;

    at.entitle("skerry", false).await;
    assert!(!good(&at), "effective before anything has run");
    assert!(by_answer(&at).contains("Reason: certificateHold"), "{}", by_answer(&at));
    assert_eq!(at.pki.follow().await.unwrap(), 1);
    assert_eq!(at.pki.follow().await.unwrap(), 0);
    jobs(&at).await;
    assert!(by_list(&at, &name).contains("certificate revoked"));

    at.entitle("skerry", true).await;
    assert!(good(&at));
    assert_eq!(at.pki.follow().await.unwrap(), 1);
    jobs(&at).await;
    assert!(by_list(&at, &name).contains("OK"), "{}", by_list(&at, &name));

    at.leave("skerry").await;
    assert!(!good(&at));
    at.pki.follow().await.unwrap();
    jobs(&at).await;
    assert!(by_answer(&at).contains("cessationOfOperation"), "{}", by_answer(&at));
    // Whoever comes back gets new certificates; the old ones stay revoked.
    at.standing.gone.lock().unwrap().clear();
    at.pki.follow().await.unwrap();
    assert!(!good(&at));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_certificate_of_somebody_who_is_shut_out_rests_until_they_are_let_in_again() {
    let at = Community::begun().await;
    let kes = at.person("skerry", "kes", &[Role::Handler]).await;
    let issued = certificate(&at, &kes).await;
    let name = lay_out(&at, &issued);
    let access = async |shut| {
        let (roles, account) = ([Role::Handler].into_iter().collect(), kes.account.unwrap());
        at.identity.set_access(&Granted::for_node(), account, roles, shut).await.unwrap();
        assert_eq!(at.pki.follow().await.unwrap(), 1);
        jobs(&at).await;
    };
    access(true).await;
    let verdict = at.pki.judge(&issued.der, at.node.now(), None);
    let CertificateVerdict::Refused(why) = verdict else { panic!("it is good") };
    assert!(why.contains("is shut"), "{why}");
    assert!(by_answer(&at).contains("Reason: certificateHold"), "{}", by_answer(&at));
    assert!(by_list(&at, &name).contains("certificate revoked"));
    access(false).await;
    assert_eq!(at.pki.judge(&issued.der, at.node.now(), None), CertificateVerdict::Good);
    assert!(by_list(&at, &name).contains("OK"), "{}", by_list(&at, &name));
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_are_made_anew_before_they_end_and_their_numbers_grow() {
    let at = Community::begun().await;
    let kes = at.person("skerry", "kes", &[Role::Handler]).await;
    let issued = certificate(&at, &kes).await;
    let name = lay_out(&at, &issued);
    let number = |at: &Community| {
        at.write("list.der", at.pki.crl(&name).unwrap());
        openssl(at, &["crl", "-inform", "DER", "-in", "list.der", "-noout", "-crlnumber"])
    };
    let first = number(&at);
    assert_eq!(at.pki.make_lists().await.unwrap(), 0, "nothing has changed");
    at.node.clock.advance(25 * HOUR);
    assert_eq!(at.pki.make_lists().await.unwrap(), 1);
    assert_ne!(number(&at), first);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_others_may_have_is_given_up_with_every_certificate_for_it() {
    let at = Community::begun().await;
    let kes = at.person("skerry", "kes", &[Role::Handler]).await;
    let granted = Granted::<RequestCertificates>::check(&kes).unwrap();
    let request = csr(&at, "ec", "/", None);
    let mut issued = Vec::new();
    for _ in 0..3 {
        issued.push(at.pki.issue_person(&granted, request.as_bytes(), None).await.unwrap());
    }
    let other = certificate(&at, &kes).await;
    let (first, second) = (issued[0].known.fingerprint, issued[1].known.fingerprint);
    at.pki.revoke_own(&granted, first, Reason::Superseded).await.unwrap();
    at.pki.revoke_own(&granted, second, Reason::KeyCompromise).await.unwrap();
    let why = |der: &[u8]| match at.pki.judge(der, at.node.now(), None) {
        CertificateVerdict::Good => String::new(),
        CertificateVerdict::Refused(why) => why,
    };
    for one in &issued {
        assert!(why(&one.der).contains("somebody else may have the key"), "{}", why(&one.der));
        let again = at.pki.revoke_own(&granted, one.known.fingerprint, Reason::KeyCompromise).await;
        assert!(matches!(again, Err(Error::Conflict(_))));
    }
    assert_eq!(why(&other.der), "", "another key of the same person");
    let told = at.node.db.read(|c| events::history(c, "pki", 100)).await.unwrap();
    let told = told.iter().filter(|one| one.kind == "pki.certificate_revoked").count();
    assert_eq!(told, 4, "one superseded, three compromised");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_never_certified_again_however_many_certificates_it_had() {
    let at = Community::begun().await;
    let kes = at.person("skerry", "kes", &[Role::TeamAdmin]).await;
    let granted = Granted::<ManageTeam>::check(&kes).unwrap();
    let request = csr(&at, "ec", "/CN=www.skerry.example", None);
    let issue = || at.pki.issue_server(&granted, request.as_bytes(), None);
    let mut last = issue().await.unwrap();
    for _ in 0..110 {
        last = issue().await.unwrap();
    }
    at.pki.revoke_of_team(&granted, last.known.fingerprint, Reason::KeyCompromise).await.unwrap();
    // As if the others had been left alone: it is one of many rows.
    const ALONE: kit::Sql =
        kit::Sql::new("UPDATE pki_certificate SET revoked = NULL, reason = NULL WHERE fingerprint <> $1");
    let spared = last.known.fingerprint;
    let work = move |tx: &kit::Write<'_>| tx.execute(ALONE, kit::params![spared.as_slice()]);
    at.node.db.write(work).await.unwrap();
    assert!(matches!(issue().await, Err(Error::Conflict(why)) if why.contains("somebody else may have it")));
}

/// The numbers on the list as it is published now, and its own.
fn listed(at: &Community, name: &str) -> (Vec<Vec<u8>>, u64) {
    use x509_cert::der::Decode as _;
    let list = at.pki.crl(name).unwrap();
    let list = x509_cert::crl::CertificateList::from_der(&list).unwrap().tbs_cert_list;
    let entries = list.revoked_certificates.unwrap_or_default();
    (
        entries.iter().map(|one| one.serial_number.as_bytes().to_vec()).collect(),
        list.this_update.to_unix_duration().as_secs(),
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_revoked_stays_on_a_list_that_was_issued_after_its_end() {
    for days_away in [0, 20] {
        let at = Community::begun().await;
        let kes = at.person("skerry", "kes", &[Role::Handler]).await;
        let issued = certificate(&at, &kes).await;
        let name = lay_out(&at, &issued);
        let granted = Granted::<RequestCertificates>::check(&kes).unwrap();
        at.pki.revoke_own(&granted, issued.known.fingerprint, Reason::Superseded).await.unwrap();
        at.pki.make_lists().await.unwrap();
        at.node.clock.advance(issued.known.until - at.node.now() - HOUR);
        at.pki.make_lists().await.unwrap();
        // The node may have been away for long when the certificate ended.
        at.node.clock.advance(2 * HOUR + days_away * DAY);
        let mut issued_after = 0;
        for _ in 0..200 {
            at.pki.make_lists().await.unwrap();
            let (serials, issued_at) = listed(&at, &name);
            let after = issued_at * 1_000_000 > u64::try_from(issued.known.until).unwrap();
            issued_after += usize::from(after && serials.len() == 1);
            at.node.clock.advance(HOUR);
        }
        assert!(issued_after > 0, "away for {days_away} days");
        assert!(listed(&at, &name).0.is_empty(), "and not for ever");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_list_of_an_authority_is_made_once() {
    let at = Community::begun().await;
    let kes = at.person("skerry", "kes", &[Role::Handler]).await;
    certificate(&at, &kes).await;
    at.node.clock.advance(1825 * DAY - 20 * HOUR);
    assert_eq!(at.pki.make_lists().await.unwrap(), 1);
    for _ in 0..10 {
        at.node.clock.advance(HOUR);
        assert_eq!(
            at.pki.make_lists().await.unwrap(),
            0,
            "nothing has changed, and no later list can be made"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_nodes_that_make_the_list_at_once_lose_no_revocation() {
    let at = Community::begun().await;
    let kes = at.person("skerry", "kes", &[Role::TeamAdmin]).await;
    let granted = Granted::<ManageTeam>::check(&kes).unwrap();
    let request = csr(&at, "ec", "/CN=www.skerry.example", None);
    let mut made = Vec::new();
    for _ in 0..24 {
        made.push(at.pki.issue_server(&granted, request.as_bytes(), None).await.unwrap());
    }
    let name = lay_out(&at, &made[0]);
    let other = at.again().await;
    for two in made.chunks(2) {
        let revoke = async |pki: &pki::Pki, one: &Issued| {
            pki.revoke_of_team(&granted, one.known.fingerprint, Reason::Superseded).await.unwrap();
            pki.make_lists().await.unwrap();
        };
        tokio::join!(revoke(&at.pki, &two[0]), revoke(&other, &two[1]));
    }
    at.pki.reload().await.unwrap();
    assert_eq!(listed(&at, &name).0.len(), made.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn questions_about_others_and_no_questions_get_no_answer() {
    let at = Community::begun().await;
    let kes = at.person("skerry", "kes", &[Role::Handler]).await;
    lay_out(&at, &certificate(&at, &kes).await);
    let said = |answer: Vec<u8>| {
        at.write("answer.der", answer);
        openssl(&at, &["ocsp", "-respin", "answer.der", "-noverify", "-text"])
    };
    assert!(said(at.pki.answer(b"")).contains("malformedrequest"));
    assert!(said(at.pki.answer(&[0x30; 9000])).contains("malformedrequest"));
    // Of an authority that is not ours: its issuer is the certificate itself.
    openssl(&at, &["ocsp", "-issuer", "own.pem", "-cert", "own.pem", "-reqout", "question.der"]);
    let question = std::fs::read(at.folder.path().join("question.der")).unwrap();
    assert!(said(at.pki.answer(&question)).contains("unauthorized"));
    // Of ours, with a number that was never given.
    openssl(&at, &["ocsp", "-issuer", "issuing.pem", "-serial", "0x1234", "-reqout", "question.der"]);
    let question = std::fs::read(at.folder.path().join("question.der")).unwrap();
    assert!(said(at.pki.answer(&question)).contains("Cert Status: unknown"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_successor_of_an_authority_issues_and_the_old_one_still_answers() {
    let at = Community::begun().await;
    let kes = at.person("skerry", "kes", &[Role::Handler]).await;
    let old = certificate(&at, &kes).await;
    let old_name = lay_out(&at, &old);

    let file = at.root.lock().unwrap().clone();
    let root = pki::ceremony::Root::from_file(&file, common::PASSPHRASE).unwrap();
    let request = at.pki.request_authority(&Granted::for_node(), &root.community()).await.unwrap();
    let terms = pki::ceremony::IssuerTerms { days: 1000, ..Default::default() };
    let der = root.sign_issuer(request.as_bytes(), &terms, at.node.now(), at.node.random()).unwrap();
    let pem = pki::x509::armour("CERTIFICATE", &der);
    at.pki.install_authority(&Granted::for_node(), &pem).await.unwrap();

    let new = certificate(&at, &kes).await;
    assert_ne!(new.known.authority, old.known.authority);
    for one in [&old, &new] {
        assert_eq!(at.pki.judge(&one.der, at.node.now(), None), CertificateVerdict::Good);
    }
    let granted = Granted::<RequestCertificates>::check(&kes).unwrap();
    at.pki.revoke_own(&granted, old.known.fingerprint, Reason::Superseded).await.unwrap();
    jobs(&at).await;
    assert!(by_answer(&at).contains("superseded"), "{}", by_answer(&at));
    assert!(by_list(&at, &old_name).contains("certificate revoked"));

    // A renewed certificate of the old one puts it back to no work.
    let file = old_name.clone() + ".pem";
    at.write(&file, at.read("issuing.pem"));
    at.pki.install_authority(&Granted::for_node(), &at.read(&file)).await.unwrap();
    assert_eq!(certificate(&at, &kes).await.known.authority, new.known.authority);

    // The root revokes the successor: nothing that it has issued is good any more.
    let serial = x509_serial(&der);
    let entry = pki::x509::crl::Entry { serial, since: at.node.now(), reason: Reason::AuthorityCompromise };
    let list = root.crl(&[entry], 2, at.node.now(), 365).unwrap();
    at.pki.install_root_crl(&Granted::for_node(), &list).await.unwrap();
    assert!(matches!(at.pki.judge(&new.der, at.node.now(), None), CertificateVerdict::Refused(_)));
    let stale = root.crl(&[], 1, at.node.now(), 365).unwrap();
    assert!(
        at.pki.install_root_crl(&Granted::for_node(), &stale).await.is_err(),
        "an older list takes nothing back"
    );
}

fn x509_serial(der: &[u8]) -> Vec<u8> {
    use x509_cert::der::Decode as _;
    x509_cert::Certificate::from_der(der).unwrap().tbs_certificate.serial_number.as_bytes().to_vec()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_authority_of_another_community_is_trusted_with_its_list_and_no_other_is() {
    let at = Community::begun().await;
    at.node.clock.advance(HOUR); // what openssl makes now has begun
    let foreign = |name: &str, extra: &str| {
        let ca = format!("{name}-ca");
        openssl(
            &at,
            &[
                "req",
                "-x509",
                "-newkey",
                "rsa:2048",
                "-nodes",
                "-keyout",
                &format!("{ca}.key"),
                "-out",
                &format!("{ca}.pem"),
                "-days",
                "30",
                "-subj",
                "/O=National CERT/CN=National CA",
            ],
        );
        openssl(
            &at,
            &[
                "req", "-new", "-newkey", "rsa:2048", "-nodes", "-keyout", "p.key", "-out", "p.csr", "-subj",
                "/CN=Kes",
            ],
        );
        at.write("ext", extra);
        openssl(
            &at,
            &[
                "x509",
                "-req",
                "-in",
                "p.csr",
                "-CA",
                &format!("{ca}.pem"),
                "-CAkey",
                &format!("{ca}.key"),
                "-set_serial",
                "77",
                "-days",
                "20",
                "-extfile",
                "ext",
                "-out",
                &format!("{name}.pem"),
            ],
        );
        openssl(&at, &["x509", "-in", &format!("{name}.pem"), "-outform", "DER", "-out", "p.der"]);
        std::fs::read(at.folder.path().join("p.der")).unwrap()
    };
    let list = |name: &str, revoked: bool| {
        let line = "R\t350101000000Z\t260101000000Z\t4D\tunknown\t/CN=Kes\n";
        at.write("index.txt", if revoked { line } else { "" });
        at.write("index.txt.attr", "");
        at.write("number", if revoked { "02" } else { "01" });
        at.write("ca.cnf", "[ca]\ndefault_ca=c\n[c]\ndatabase=index.txt\ncrlnumber=number\ndefault_md=sha256\ndefault_crl_days=5\n");
        let ca = format!("{name}-ca");
        openssl(
            &at,
            &[
                "ca",
                "-gencrl",
                "-config",
                "ca.cnf",
                "-keyfile",
                &format!("{ca}.key"),
                "-cert",
                &format!("{ca}.pem"),
                "-out",
                "crl.pem",
            ],
        );
        std::fs::read(at.folder.path().join("crl.pem")).unwrap()
    };
    let client = "extendedKeyUsage=clientAuth\nbasicConstraints=CA:FALSE\n";
    let theirs = foreign("one", client);
    let verdict = |der: &[u8], after| at.pki.judge(der, at.node.now() + after, None);
    assert!(matches!(verdict(&theirs, 0), CertificateVerdict::Refused(why) if why.contains("no authority")));

    let node = Granted::for_node();
    at.pki
        .trust(&node, "National", at.read("one-ca.pem").as_bytes(), None, false, pki::Serves::Clients)
        .await
        .unwrap();
    assert!(
        matches!(verdict(&theirs, 0), CertificateVerdict::Refused(why) if why.contains("revocation list"))
    );
    let forged = {
        foreign("two", client); // another authority that calls itself the same
        list("two", false)
    };
    assert!(at.pki.take_crl(&node, "National", &forged).await.is_err());
    at.pki.take_crl(&node, "National", &list("one", false)).await.unwrap();
    assert_eq!(verdict(&theirs, 0), CertificateVerdict::Good);
    assert!(
        matches!(verdict(&theirs, 6 * DAY), CertificateVerdict::Refused(why) if why.contains("out of date"))
    );
    assert!(matches!(verdict(&theirs, 21 * DAY), CertificateVerdict::Refused(_)));
    let impostor = {
        at.write("ext", client);
        openssl(
            &at,
            &[
                "x509",
                "-req",
                "-in",
                "p.csr",
                "-CA",
                "two-ca.pem",
                "-CAkey",
                "two-ca.key",
                "-set_serial",
                "5",
                "-extfile",
                "ext",
                "-outform",
                "DER",
                "-out",
                "p.der",
            ],
        );
        std::fs::read(at.folder.path().join("p.der")).unwrap()
    };
    assert!(matches!(verdict(&impostor, 0), CertificateVerdict::Refused(_)));
    let server = {
        at.write("ext", "extendedKeyUsage=serverAuth\n");
        openssl(
            &at,
            &[
                "x509",
                "-req",
                "-in",
                "p.csr",
                "-CA",
                "one-ca.pem",
                "-CAkey",
                "one-ca.key",
                "-set_serial",
                "6",
                "-extfile",
                "ext",
                "-outform",
                "DER",
                "-out",
                "p.der",
            ],
        );
        std::fs::read(at.folder.path().join("p.der")).unwrap()
    };
    assert!(matches!(verdict(&server, 0), CertificateVerdict::Refused(_)));

    at.pki.take_crl(&node, "National", &list("one", true)).await.unwrap();
    assert!(matches!(verdict(&theirs, 0), CertificateVerdict::Refused(why) if why.contains("has revoked")));
    at.pki.distrust(&node, "National").await.unwrap();
    assert!(matches!(verdict(&theirs, 0), CertificateVerdict::Refused(why) if why.contains("no authority")));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_list_of_a_trusted_authority_is_fetched_where_the_operator_said() {
    use std::io::{Read as _, Write as _};
    let at = Community::begun().await;
    at.node.clock.advance(HOUR);
    let ca = [
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-keyout",
        "ca.key",
        "-out",
        "ca.pem",
        "-subj",
        "/CN=National",
    ];
    openssl(&at, &ca);
    at.write("index.txt", "");
    at.write("number", "01");
    let settings = "[ca]\ndefault_ca=c\n[c]\ndatabase=index.txt\ncrlnumber=number\ndefault_md=sha256\ndefault_crl_days=5\n";
    at.write("ca.cnf", settings);
    openssl(
        &at,
        &["ca", "-gencrl", "-config", "ca.cnf", "-keyfile", "ca.key", "-cert", "ca.pem", "-out", "crl.pem"],
    );
    let list = at.read("crl.pem");
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/national.crl", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let _ = stream.read(&mut [0; 4096]);
            let head =
                format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", list.len());
            let _ = stream.write_all((head + &list).as_bytes());
        }
    });
    let node = Granted::for_node();
    at.pki
        .trust(&node, "National", at.read("ca.pem").as_bytes(), Some(url), false, pki::Serves::Clients)
        .await
        .unwrap();
    assert_eq!(at.pki.fetch_lists().await.unwrap(), 1);
    let known = at.pki.trusted(&node);
    assert!(known[0].crl_until.unwrap() > at.node.now() + 4 * DAY);
}
