//! The certificate of the node's own listener, made by the node's own authority; openssl looks at it.

#![allow(clippy::unwrap_used)]

mod common;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use common::{Community, openssl};
use contracts::tls::{OwnCertificate, OwnCertificates as _};
use identity::Granted;
use kit::clock::{DAY, HOUR};
use kit::{Error, Id};
use pki::x509::crl::Reason;
use pki::{Pki, Purpose};

const HOSTS: [&str; 2] = ["members.skerry.example", "www.skerry.example"];

fn names() -> Vec<String> {
    HOSTS.map(str::to_owned).to_vec()
}

/// The community's node serves [`HOSTS`] for its team `hub`.
async fn serving(at: &Community) -> Id {
    let hub = at.identity.organisation("hub", "hub").await.unwrap();
    at.pki.serve_hosts(names(), move || Ok(hub));
    hub
}

fn shown(pki: &Pki) -> Arc<OwnCertificate> {
    pki.current().expect("there is a certificate")
}

#[tokio::test(flavor = "multi_thread")]
async fn the_nodes_own_certificate_has_its_hosts_and_a_chain_that_openssl_verifies() {
    let at = Community::begun().await;
    assert!(!at.pki.renew_own().await.unwrap(), "nobody asked for one");
    serving(&at).await;
    assert!(at.pki.renew_own().await.unwrap());
    assert!(!at.pki.renew_own().await.unwrap(), "one is enough");
    let own = shown(&at.pki);
    let pem: Vec<String> = own.chain.iter().map(|der| pki::x509::armour("CERTIFICATE", der)).collect();
    at.write("own.pem", &pem[0]);
    at.write("issuing.pem", &pem[1]);
    at.write("root.pem", at.root_pem());
    for host in HOSTS {
        let said = openssl(
            &at,
            &format!("verify -x509_strict -purpose sslserver -verify_hostname {host} -CAfile root.pem -untrusted issuing.pem own.pem")
                .split(' ')
                .collect::<Vec<_>>(),
        );
        assert!(said.contains("own.pem: OK"), "{said}");
    }
    at.write("key.der", &own.key);
    let key = openssl(&at, &["pkey", "-inform", "DER", "-in", "key.der", "-pubout"]);
    assert_eq!(key, openssl(&at, &["x509", "-in", "own.pem", "-pubkey", "-noout"]));
    // The team's standing says nothing about the node: OCSP and lists go on.
    at.entitle("hub", false).await;
    assert_eq!(at.pki.follow().await.unwrap(), 0);
    // It stands in the log, as the node's.
    let log = at.pki.every_certificate(&Granted::for_node(), 10).await.unwrap();
    assert_eq!((log[0].known.purpose, log[0].names.clone()), (Purpose::Node, names()));
    assert_eq!(log[0].organisation_name, "hub");
    assert!(log[0].subject.contains("O=hub"), "{}", log[0].subject);
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_renewed_when_two_thirds_of_its_time_are_over_and_once_when_two_nodes_look() {
    let at = Community::begun().await;
    let hub = serving(&at).await;
    at.pki.renew_own().await.unwrap();
    let first = shown(&at.pki);
    // Another process on the same database: it shows the same, with the same key.
    let other = Pki::new(
        at.node.node.clone(),
        at.identity.clone(),
        at.standing.clone(),
        Arc::new(common::Names),
        at.pki.settings().clone(),
    );
    other.serve_hosts(names(), move || Ok(hub));
    other.start().await.unwrap();
    assert_eq!(shown(&other).chain, first.chain);
    assert_eq!(shown(&other).key, first.key);
    assert!(!other.renew_own().await.unwrap());

    at.node.clock.advance(59 * DAY);
    assert!(!at.pki.renew_own().await.unwrap(), "a third of 90 days is left");
    at.node.clock.advance(DAY + HOUR);
    assert!(at.pki.renew_own().await.unwrap());
    let second = shown(&at.pki);
    assert!(first.chain[0] != second.chain[0] && first.key != second.key);
    assert!(!other.renew_own().await.unwrap(), "the other one has made it");
    assert_eq!(shown(&other).chain, second.chain);
    // Only the newest key is kept.
    let rows = at.node.db.read(|c| Ok(pki_own(c))).await.unwrap();
    assert_eq!(rows, 1);
}

fn pki_own(c: &kit::Read<'_>) -> i64 {
    kit::statements! { COUNT = "SELECT count(*) FROM pki_own"; }
    c.query_one(COUNT, &[], |row| row.get(0)).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_made_anew_when_it_was_revoked() {
    let at = Community::begun().await;
    serving(&at).await;
    at.pki.renew_own().await.unwrap();
    let first = shown(&at.pki);
    let fingerprint = kit::Digest::of(&first.chain[0]).as_bytes().try_into().unwrap();
    at.pki.revoke_any(&Granted::for_node(), fingerprint, Reason::KeyCompromise).await.unwrap();
    assert!(at.pki.renew_own().await.unwrap());
    assert_ne!(shown(&at.pki).chain, first.chain);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_an_authority_or_an_operator_the_node_says_what_is_missing_and_makes_it_later() {
    let at = Community::new().await;
    let hub = at.identity.organisation("hub", "hub").await.unwrap();
    let named = Arc::new(AtomicBool::new(false));
    let is_named = named.clone();
    at.pki.serve_hosts(names(), move || match is_named.load(Ordering::Relaxed) {
        true => Ok(hub),
        false => Err(Error::Conflict("no team operates the community".into())),
    });
    let why = at.pki.renew_own().await.unwrap_err();
    assert!(why.to_string().contains("no team operates"), "{why}");
    named.store(true, Ordering::Relaxed);
    let why = at.pki.renew_own().await.unwrap_err();
    assert!(why.to_string().contains("wardmote cert init"), "{why}");
    assert!(at.pki.current().is_none());

    // The watch beside the node makes it, when there is an authority.
    at.begin().await;
    let watching = tokio::spawn(at.pki.clone().watch(std::time::Duration::from_millis(10)));
    let made = async {
        while at.pki.current().is_none() {
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(30), made).await.unwrap();
    watching.abort();
}
