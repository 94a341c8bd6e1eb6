//! Certificates, from the request to what openssl says of them.

#![allow(clippy::unwrap_used)]

mod common;

use common::{Community, csr, openssl};
use identity::{Granted, ManageTeam, RequestCertificates, Role};
use kit::Error;
use pki::ceremony::{IssuerTerms, Root};

#[tokio::test(flavor = "multi_thread")]
async fn a_person_gets_a_certificate_in_their_own_name_and_openssl_verifies_it_up_to_the_root() {
    let at = Community::begun().await;
    let kes = at.person("skerry", "kes@skerry.example", &[Role::Handler]).await;
    let granted = Granted::<RequestCertificates>::check(&kes).unwrap();
    let request = csr(&at, "ec", "/CN=kes@skerry.example", None);
    let issued = at.pki.issue_person(&granted, request.as_bytes(), None).await.unwrap();
    assert!(
        issued.subject.contains("CN=kes@skerry.example") && issued.subject.contains("O=skerry"),
        "{}",
        issued.subject
    );

    at.write("chain.pem", &issued.chain);
    at.write("root.pem", at.root_pem());
    let said = openssl(
        &at,
        &[
            "verify",
            "-x509_strict",
            "-purpose",
            "sslclient",
            "-CAfile",
            "root.pem",
            "-untrusted",
            "chain.pem",
            "chain.pem",
        ],
    );
    assert!(said.contains("chain.pem: OK"), "{said}");
    let text = openssl(&at, &["x509", "-in", "chain.pem", "-noout", "-text"]);
    for expected in [
        "TLS Web Client Authentication",
        "Digital Signature, Key Agreement",
        "CA:FALSE",
        "email:kes@skerry.example",
        "URI:http://pki.example/pki/issuing-",
        "OCSP - URI:http://pki.example/pki/ocsp",
    ] {
        assert!(text.contains(expected), "{expected} in {text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn foreign_names_weak_keys_and_keys_of_others_are_refused_with_a_reason() {
    let at = Community::begun().await;
    let kes = at.person("skerry", "kes", &[Role::Handler]).await;
    let granted = Granted::<RequestCertificates>::check(&kes).unwrap();
    let refused = async |request: String| {
        at.pki.issue_person(&granted, request.as_bytes(), None).await.unwrap_err().to_string()
    };
    let why = refused(csr(&at, "ec", "/CN=Somebody Else", None)).await;
    assert!(why.contains("Somebody Else") && why.contains("kes"), "{why}");
    let why = refused(csr(&at, "ec", "/CN=kes/O=Another Team", None)).await;
    assert!(why.contains("Another Team"), "{why}");
    let why = refused(csr(&at, "ec", "/CN=kes", Some("DNS:www.skerry.example"))).await;
    assert!(why.contains("www.skerry.example"), "{why}");
    let why = refused(csr(&at, "rsa:1024", "/CN=kes", None)).await;
    assert!(why.contains("1024") && why.contains("2048"), "{why}");
    let why = refused(csr(&at, "ec-sha1", "/CN=kes", None)).await;
    assert!(why.contains("SHA-1"), "{why}");
    let key = at.read("key.pem");
    assert!(refused(key).await.contains("private key"));
    assert!(refused("hello".repeat(10_000)).await.contains("at most"));

    let request = csr(&at, "rsa:2048", "/CN=kes", None);
    at.pki.issue_person(&granted, request.as_bytes(), None).await.unwrap();
    let jor = at.person("skerry", "jor", &[Role::Handler]).await;
    let jor = Granted::<RequestCertificates>::check(&jor).unwrap();
    // The same key under another name: jor cannot have made it.
    let again = openssl(&at, &["req", "-new", "-key", "key.pem", "-subj", "/CN=jor"]);
    let why = at.pki.issue_person(&jor, again.as_bytes(), None).await.unwrap_err();
    assert!(matches!(&why, Error::Conflict(text) if text.contains("very key")), "{why}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_address_under_a_domain_that_the_team_has_not_proven_stands_in_no_certificate() {
    let at = Community::begun().await;
    let boss = at.person("skerry", "boss@victim.example", &[Role::Handler]).await;
    let granted = Granted::<RequestCertificates>::check(&boss).unwrap();
    let request = csr(&at, "ec", "/", None);
    let issued = at.pki.issue_person(&granted, request.as_bytes(), None).await.unwrap();
    at.write("chain.pem", &issued.chain);
    let text = openssl(&at, &["x509", "-in", "chain.pem", "-noout", "-text"]);
    assert!(!text.contains("email:") && !text.contains("E-mail Protection"), "{text}");
    let request = csr(&at, "ec", "/", Some("email:boss@victim.example"));
    let why = at.pki.issue_person(&granted, request.as_bytes(), None).await.unwrap_err().to_string();
    assert!(why.contains("victim.example is under no proven domain"), "{why}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_authority_issues_no_name_that_its_own_certificate_does_not_allow() {
    let at = Community::new().await;
    let root = Root::make("Skerry CERTs", 3650, at.node.now(), at.node.random()).unwrap();
    let terms = IssuerTerms { days: 1825, url: String::new(), only_below: vec!["sub.skerry.example".into()] };
    at.pki.begin(&Granted::for_node(), &root, &terms, 365).await.unwrap();
    let kes = at.person("skerry", "kes@skerry.example", &[Role::TeamAdmin]).await;
    let jor = at.person("skerry", "jor@sub.skerry.example", &[Role::Handler]).await;
    let granted = Granted::<ManageTeam>::check(&kes).unwrap();
    let request = csr(&at, "ec", "/CN=www.sub.skerry.example", None);
    at.pki.issue_server(&granted, request.as_bytes(), None).await.unwrap();
    let request = csr(&at, "ec", "/CN=www.skerry.example", None);
    let why = at.pki.issue_server(&granted, request.as_bytes(), None).await.unwrap_err().to_string();
    assert!(why.contains("below sub.skerry.example alone") && why.contains("www.skerry.example"), "{why}");

    let (kes, jor) = (Granted::check(&kes).unwrap(), Granted::check(&jor).unwrap());
    let asked = csr(&at, "ec", "/", Some("email:kes@skerry.example"));
    let why = at.pki.issue_person(&kes, asked.as_bytes(), None).await.unwrap_err().to_string();
    assert!(why.contains("below sub.skerry.example alone"), "{why}");
    for (who, mail) in [(kes, false), (jor, true)] {
        let request = csr(&at, "ec", "/", None);
        let issued = at.pki.issue_person(&who, request.as_bytes(), None).await.unwrap();
        at.write("chain.pem", &issued.chain);
        let text = openssl(&at, &["x509", "-in", "chain.pem", "-noout", "-text"]);
        assert_eq!(text.contains("email:"), mail, "{text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_gets_only_names_under_proven_domains_and_only_while_the_team_is_entitled() {
    let at = Community::begun().await;
    let kes = at.person("skerry", "kes", &[Role::TeamAdmin]).await;
    let granted = Granted::<ManageTeam>::check(&kes).unwrap();
    let request =
        csr(&at, "ec", "/CN=www.skerry.example", Some("DNS:WWW.skerry.example,DNS:mail.skerry.example"));
    let issued = at.pki.issue_server(&granted, request.as_bytes(), None).await.unwrap();
    assert_eq!(issued.names, ["www.skerry.example", "mail.skerry.example"]);
    at.write("chain.pem", &issued.chain);
    at.write("root.pem", at.root_pem());
    let said = openssl(
        &at,
        &[
            "verify",
            "-x509_strict",
            "-purpose",
            "sslserver",
            "-verify_hostname",
            "mail.skerry.example",
            "-CAfile",
            "root.pem",
            "-untrusted",
            "chain.pem",
            "chain.pem",
        ],
    );
    assert!(said.contains("OK"), "{said}");

    for names in [
        "DNS:www.other.example",
        "DNS:*.skerry.example",
        "IP:192.0.2.1",
        "DNS:www.skerry.example,email:a@skerry.example",
    ] {
        let request = csr(&at, "ec", "/", Some(names));
        let why = at.pki.issue_server(&granted, request.as_bytes(), None).await.unwrap_err();
        assert!(matches!(why, Error::Invalid { .. }), "{names}: {why}");
    }
    at.entitle("skerry", false).await;
    let request = csr(&at, "ec", "/CN=www.skerry.example", None);
    let why = at.pki.issue_server(&granted, request.as_bytes(), None).await.unwrap_err();
    assert!(matches!(why, Error::Forbidden(_)), "{why}");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_an_authority_nothing_is_issued_and_the_answer_says_what_to_do() {
    let at = Community::new().await;
    let kes = at.person("skerry", "kes", &[Role::Reader]).await;
    let granted = Granted::<RequestCertificates>::check(&kes).unwrap();
    let request = csr(&at, "ec", "/CN=kes", None);
    let why = at.pki.issue_person(&granted, request.as_bytes(), None).await.unwrap_err().to_string();
    assert!(why.contains("wardmote cert init"), "{why}");
}
