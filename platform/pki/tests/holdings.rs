//! What certificates of trusted authorities prove of what a team claims, made by openssl: hosts, addresses, the blocks of
//! RFC 3779; on the engine that `WARDMOTE_TEST_DB` names.

#![allow(clippy::unwrap_used)]

mod common;

use common::{Community, openssl};
use contracts::trust::holdings::{Holdings, HoldingsJudge as _, Lapse};
use contracts::trust::{CertificateJudge as _, CertificateVerdict, SignatureJudge as _};
use identity::Granted;
use kit::clock::{DAY, HOUR};
use pki::Serves;
use proptest::prelude::*;
use x509_cert::der::Encode as _;

const TEXT: &[u8] = b"claims\n";
const EC: &str = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes";

fn run(at: &Community, command: &str) -> String {
    let said = openssl(at, &command.split(' ').collect::<Vec<_>>());
    assert!(!said.to_lowercase().contains("error"), "{command}: {said}");
    said
}

fn bytes(at: &Community, name: &str) -> Vec<u8> {
    std::fs::read(at.folder.path().join(name)).unwrap()
}

/// An authority in `NAME.pem` and `NAME.key`, with these extensions beside what an authority has.
fn authority(at: &Community, name: &str, more: &[&str]) {
    let mut command = format!("req -x509 {EC} -keyout {name}.key -out {name}.pem -days 30 -subj /CN={name}");
    for one in more {
        command.push_str(" -addext ");
        command.push_str(one);
    }
    run(at, &command);
}

/// A certificate of the authority with these extensions, in `own.pem`, its key in `key.pem`, and a signature over [`TEXT`].
fn signed(at: &Community, authority: &str, serial: &str, extensions: &str) -> Vec<u8> {
    at.write("ext", format!("basicConstraints=CA:FALSE\n{extensions}\n"));
    at.write("doc", TEXT);
    run(at, &format!("req -new {EC} -keyout key.pem -out p.csr -subj /CN=www"));
    run(
        at,
        &format!(
            "x509 -req -in p.csr -CA {authority}.pem -CAkey {authority}.key -set_serial {serial} -days 20 -extfile ext -out own.pem"
        ),
    );
    run(at, "cms -sign -binary -in doc -signer own.pem -inkey key.pem -outform PEM -out signed");
    bytes(at, "signed")
}

/// The authority's list, which names these numbers.
fn list(at: &Community, authority: &str, number: u8, revoked: &[&str]) -> Vec<u8> {
    let line = |serial: &&str| format!("R\t350101000000Z\t260101000000Z\t{serial}\tunknown\t/CN=www\n");
    at.write("index.txt", revoked.iter().map(line).collect::<String>());
    at.write("index.txt.attr", "");
    at.write("number", format!("{number:02}"));
    at.write(
        "ca.cnf",
        "[ca]\ndefault_ca=c\n[c]\ndatabase=index.txt\ncrlnumber=number\ndefault_md=sha256\ndefault_crl_days=5\n",
    );
    run(
        at,
        &format!("ca -gencrl -config ca.cnf -keyfile {authority}.key -cert {authority}.pem -out crl.pem"),
    );
    bytes(at, "crl.pem")
}

async fn trust(at: &Community, name: &str, serves: Serves) {
    let pem = at.read(&format!("{name}.pem"));
    at.pki.trust(&Granted::for_node(), name, pem.as_bytes(), None, true, serves).await.unwrap();
}

async fn begun() -> Community {
    let at = Community::begun().await;
    at.node.clock.advance(HOUR); // what openssl makes now has begun
    at
}

fn judged(at: &Community, signature: &[u8]) -> Result<Holdings, String> {
    at.pki.holdings(TEXT, signature, at.node.now())
}

fn addresses(holdings: &Holdings) -> Vec<String> {
    holdings.addresses.iter().map(|block| format!("{}-{}", block.start(), block.end())).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_servers_certificate_proves_its_names_and_single_addresses() {
    let at = begun().await;
    assert!(!at.pki.is_asked());
    authority(&at, "Web", &[]);
    trust(&at, "Web", Serves::Claims).await;
    assert!(at.pki.is_asked());
    let names = "subjectAltName=DNS:WWW.Skerry.example,DNS:*.lab.skerry.example,DNS:localhost,DNS:*.example,IP:192.0.2.7,IP:2001:db8::7,email:kes@skerry.example";
    let signature = signed(&at, "Web", "0x80aa", names);
    let holdings = judged(&at, &signature).unwrap();
    assert_eq!(holdings.names, ["www.skerry.example", "*.lab.skerry.example"]);
    assert_eq!(addresses(&holdings), ["192.0.2.7-192.0.2.7", "2001:db8::7-2001:db8::7"]);
    assert!(holdings.numbers.is_empty());
    assert_eq!((holdings.issuer.as_str(), holdings.serial.as_str()), ("Web", "80aa"));
    assert!((holdings.until - at.node.now() - 20 * DAY).abs() < 2 * HOUR);
    assert_eq!(at.pki.still_held(&holdings.certificate, at.node.now()), Ok(holdings.clone()));

    // For mail or for clients it says nothing of hosts.
    let signature = signed(&at, "Web", "2", &format!("{names}\nextendedKeyUsage=emailProtection"));
    assert!(judged(&at, &signature).unwrap_err().contains("does not count for the names"));
    // Nor is it anybody's who logs in, or signs for a team.
    run(&at, "x509 -in own.pem -outform DER -out own.der");
    let refused = at.pki.judge(&bytes(&at, "own.der"), at.node.now(), None);
    assert!(matches!(refused, CertificateVerdict::Refused(why) if why.contains("no authority")));
    assert!(at.pki.signed(TEXT, &signature, at.node.now()).unwrap_err().contains("no authority"));
}

#[tokio::test(flavor = "multi_thread")]
async fn blocks_of_addresses_and_numbers_count_by_rfc_3779_and_never_beyond_the_authoritys_own() {
    let at = begun().await;
    authority(
        &at,
        "Registry",
        &[
            "sbgp-ipAddrBlock=critical,IPv4:192.0.2.0/24,IPv6:2001:db8::/32",
            "sbgp-autonomousSysNum=critical,AS:64496-64500",
        ],
    );
    trust(&at, "Registry", Serves::Claims).await;
    let blocks = "sbgp-ipAddrBlock=critical,IPv4:192.0.2.0/26,IPv4:192.0.2.64-192.0.2.99,IPv6:2001:db8:1::/48\nsbgp-autonomousSysNum=critical,AS:64496,AS:64498-64499";
    let holdings = judged(&at, &signed(&at, "Registry", "1", blocks)).unwrap();
    let whole = "2001:db8:1::-2001:db8:1:ffff:ffff:ffff:ffff:ffff";
    assert_eq!(addresses(&holdings), ["192.0.2.0-192.0.2.99", whole]);
    assert_eq!(holdings.numbers, [64496..=64496, 64498..=64499]);

    let inherits = "sbgp-ipAddrBlock=critical,IPv4:inherit\nsbgp-autonomousSysNum=critical,AS:inherit";
    assert!(judged(&at, &signed(&at, "Registry", "2", inherits)).unwrap_err().contains("says nothing"));
    for beyond in [
        "sbgp-ipAddrBlock=critical,IPv4:192.0.2.0/23",
        "sbgp-autonomousSysNum=critical,AS:64501",
        "sbgp-ipAddrBlock=IPv6:2001:db9::/32",
    ] {
        let why = judged(&at, &signed(&at, "Registry", "3", beyond)).unwrap_err();
        assert!(why.contains("more than Registry itself has"), "{beyond}: {why}");
    }
    let strange = format!("{blocks}\n1.3.6.1.4.1.99999.1=critical,DER:0500");
    assert!(judged(&at, &signed(&at, "Registry", "4", &strange)).unwrap_err().contains("critical extension"));
    let broken = "1.3.6.1.5.5.7.1.7=DER:3003040100";
    assert!(judged(&at, &signed(&at, "Registry", "5", broken)).unwrap_err().contains("cannot be read"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_authority_keeps_to_the_names_and_addresses_that_its_own_certificate_allows() {
    let at = begun().await;
    authority(
        &at,
        "Limited",
        &[
            "nameConstraints=critical,permitted;DNS:skerry.example,excluded;DNS:bad.skerry.example,permitted;IP:192.0.2.0/255.255.255.0",
        ],
    );
    trust(&at, "Limited", Serves::Both).await;
    let says = |names: &str| judged(&at, &signed(&at, "Limited", "1", &format!("subjectAltName={names}")));
    assert_eq!(says("DNS:www.skerry.example,IP:192.0.2.1").unwrap().names, ["www.skerry.example"]);
    for beyond in ["DNS:cedar.example", "DNS:bad.skerry.example", "DNS:*.skerry.example", "IP:198.51.100.1"] {
        assert!(says(beyond).unwrap_err().contains("does not count for the names"), "{beyond}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_else_vouches_for_a_claim() {
    let at = begun().await;
    authority(&at, "Web", &[]);
    let name = "subjectAltName=DNS:skerry.example";
    let signature = signed(&at, "Web", "1", name);
    let none = "no authority that is trusted here to prove claims";
    assert!(judged(&at, &signature).unwrap_err().contains(none));
    trust(&at, "Web", Serves::Clients).await;
    assert!(judged(&at, &signature).unwrap_err().contains(none), "for clients is not for claims");
    at.pki.distrust(&Granted::for_node(), "Web").await.unwrap();
    trust(&at, "Web", Serves::Claims).await;
    let holdings = judged(&at, &signature).unwrap();

    // One that calls itself the same.
    authority(&at, "Web", &[]);
    assert!(judged(&at, &signed(&at, "Web", "2", name)).unwrap_err().contains("does not hold under Web"));

    // Another text, a key that is not the certificate's, a signature that is old, or of a clock that is ahead.
    let (now, over) =
        (at.node.now(), |text: &[u8], at_: i64| at.pki.holdings(text, &signature, at_).unwrap_err());
    assert!(over(b"others", now).contains("another document"));
    assert!(over(TEXT, now - 2 * HOUR).contains("future"));
    assert!(over(TEXT, now + 8 * DAY).contains("sign anew"));
    assert!(over(TEXT, now + 21 * DAY).contains("sign anew"));
    let lapse = at.pki.still_held(&holdings.certificate, now + 21 * DAY).unwrap_err();
    assert!(matches!(&lapse, Lapse::Over(why) if why.contains("ended on")), "{lapse:?}");
    at.pki.distrust(&Granted::for_node(), "Web").await.unwrap();
    let lapse = at.pki.still_held(&holdings.certificate, now).unwrap_err();
    assert!(matches!(&lapse, Lapse::Over(why) if why.contains(none)), "{lapse:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_this_communitys_own_authority_issues_proves_nothing_even_where_it_is_entered_as_anothers() {
    let at = begun().await;
    let kes = at.person("skerry", "kes", &[identity::Role::TeamAdmin]).await;
    let granted = Granted::<identity::ManageTeam>::check(&kes).unwrap();
    let request = common::csr(&at, "ec", "/CN=www.skerry.example", None);
    let issued = at.pki.issue_server(&granted, request.as_bytes(), None).await.unwrap();
    at.write("own.pem", &issued.chain);
    at.write("doc", TEXT);
    run(&at, "cms -sign -binary -in doc -signer own.pem -inkey key.pem -outform PEM -out signed");
    assert!(judged(&at, &bytes(&at, "signed")).unwrap_err().contains("this community"));
    // The issuing authority of another node of this community, which this one does not know by its bytes.
    at.write("root.pem", at.root_pem());
    let subject = run(&at, "x509 -in root.pem -noout -subject -nameopt RFC2253");
    let subject = subject.trim().trim_start_matches("subject=").replace(',', "/");
    let parts: Vec<&str> = subject.split('/').rev().collect();
    let subject = format!("/{}", parts.join("/"));
    let mut arguments: Vec<&str> =
        "req -x509 -newkey rsa:2048 -nodes -keyout Ours.key -out Ours.pem -days 30 -subj"
            .split(' ')
            .collect();
    arguments.push(&subject);
    openssl(&at, &arguments);
    trust(&at, "Ours", Serves::Claims).await;
    let why = judged(&at, &signed(&at, "Ours", "1", "subjectAltName=DNS:skerry.example")).unwrap_err();
    assert!(why.contains("this community's"), "{why}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_revokes_and_one_that_is_missing_or_out_of_date_says_nothing() {
    let at = begun().await;
    authority(&at, "Registry", &[]);
    let node = Granted::for_node();
    let pem = at.read("Registry.pem");
    at.pki.trust(&node, "Registry", pem.as_bytes(), None, false, Serves::Claims).await.unwrap();
    for (serial, extensions) in [
        ("0x80aa", "sbgp-ipAddrBlock=critical,IPv4:192.0.2.0/24"),
        ("0x4d", "subjectAltName=DNS:skerry.example"),
    ] {
        let number = u8::from(serial == "0x4d") * 2;
        let signature = signed(&at, "Registry", serial, extensions);
        let hex = serial.trim_start_matches("0x").to_uppercase();
        if number == 0 {
            assert!(judged(&at, &signature).unwrap_err().contains("is not here yet"));
        }
        at.pki.take_crl(&node, "Registry", &list(&at, "Registry", number + 1, &["77"])).await.unwrap();
        let held = judged(&at, &signature).unwrap().certificate;
        let later = at.pki.still_held(&held, at.node.now() + 6 * DAY);
        assert!(matches!(&later, Err(Lapse::Unknown(why)) if why.contains("out of date")), "{later:?}");
        at.pki.take_crl(&node, "Registry", &list(&at, "Registry", number + 2, &[&hex])).await.unwrap();
        assert!(judged(&at, &signature).unwrap_err().contains("has revoked"));
        let now = at.pki.still_held(&held, at.node.now());
        assert!(matches!(&now, Err(Lapse::Over(why)) if why.contains("has revoked")), "{now:?}");
    }
}

/// IPAddrBlocks with these blocks of IPv4 (RFC 3779 section 2.2.3).
fn encoded(blocks: &[(u32, u32)]) -> Vec<u8> {
    use x509_cert::der::asn1::{Any, BitString, OctetString};
    let sequence = |parts: Vec<Any>| Any::encode_from(&parts).unwrap();
    let bits =
        |address: u32| Any::encode_from(&BitString::from_bytes(&address.to_be_bytes()).unwrap()).unwrap();
    let blocks = blocks.iter().map(|(first, last)| sequence(vec![bits(*first), bits(*last)])).collect();
    let family = Any::encode_from(&OctetString::new([0, 1]).unwrap()).unwrap();
    sequence(vec![sequence(vec![family, sequence(blocks)])]).to_der().unwrap()
}

proptest! {
    #[test]
    fn the_blocks_that_are_read_have_just_the_addresses_that_were_written(
        starts in prop::collection::vec((0..400_u32, 0..9_u32), 0..40), asked in 0..420_u32,
    ) {
        let blocks: Vec<(u32, u32)> = starts.iter().map(|(first, more)| (*first, first + more)).collect();
        let (read, _) = pki::x509::resources::addresses(&encoded(&blocks)).unwrap();
        let is_in = |value: u32| blocks.iter().any(|(first, last)| (*first..=*last).contains(&value));
        let found = read.blocks().iter().any(|block| block.contains(&u128::from(asked)));
        prop_assert_eq!(found, is_in(asked));
        // In order, and none touches the next.
        for pair in read.blocks().windows(2) {
            prop_assert!(*pair[0].end() + 1 < *pair[1].start());
        }
    }

    #[test]
    fn bytes_of_any_kind_are_read_or_refused(bytes: Vec<u8>, place: prop::sample::Index, value: u8) {
        drop(pki::x509::resources::addresses(&bytes));
        drop(pki::x509::resources::numbers(&bytes));
        let mut altered = encoded(&[(1, 5), (9, 200)]);
        let place = place.index(altered.len());
        altered[place] = value;
        if let Ok((share, _)) = pki::x509::resources::addresses(&altered) {
            prop_assert!(share.blocks().iter().all(|block| block.start() <= block.end() && *block.end() <= u128::from(u32::MAX)));
        }
    }
}
