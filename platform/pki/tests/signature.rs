//! Signatures over a document by a person's certificate, made by `openssl cms` as the pages say.

#![allow(clippy::unwrap_used)]

mod common;

use std::sync::OnceLock;

use common::{Community, csr, openssl};
use contracts::trust::SignatureJudge as _;
use identity::{Granted, ManageTeam, RequestCertificates, Role};
use kit::clock::{DAY, HOUR};
use pki::x509::crl::Reason;
use proptest::prelude::*;
use proptest::sample::Index;

const DOCUMENT: &[u8] = b"RULES OF ALBA\n\nDocument 1\n";
const SIGN: &str = "cms -sign -binary -in doc -signer own.pem -inkey key.pem -outform PEM -out signed";

/// Runs openssl with the words of `command`.
fn run(at: &Community, command: &str) -> String {
    openssl(at, &command.split(' ').collect::<Vec<_>>())
}

fn bytes(at: &Community, name: &str) -> Vec<u8> {
    std::fs::read(at.folder.path().join(name)).unwrap()
}

/// What `command` makes, which is said to be over [`DOCUMENT`], judged now.
fn judged(at: &Community, command: &str) -> Result<contracts::trust::DocumentSigned, String> {
    let said = run(at, command);
    assert!(!said.contains("rror"), "{command}: {said}");
    at.pki.signed(DOCUMENT, &bytes(at, "signed"), at.node.now())
}

fn refused(at: &Community, command: &str) -> String {
    judged(at, command).unwrap_err()
}

/// Somebody of `team` with a certificate for a key of this kind: `own.pem` and `key.pem` in the folder.
async fn person(at: &Community, team: &str, login: &str, key: &str) -> pki::Issued {
    let who = at.person(team, login, &[Role::TeamAdmin]).await;
    let granted = Granted::<RequestCertificates>::check(&who).unwrap();
    let request = csr(at, key, "/", None);
    let issued = at.pki.issue_person(&granted, request.as_bytes(), None).await.unwrap();
    let (own, issuing) = issued.chain.split_at(issued.chain.rfind("-----BEGIN").unwrap());
    at.write("own.pem", own);
    at.write("issuing.pem", issuing);
    at.write("doc", DOCUMENT);
    issued
}

#[tokio::test(flavor = "multi_thread")]
async fn what_openssl_signs_with_a_persons_certificate_counts_with_each_kind_of_key() {
    let at = Community::begun().await;
    let p384 = "ec -pkeyopt ec_paramgen_curve:P-384";
    for (n, (key, digest)) in [
        ("ec", "sha256"),
        ("ec", "sha512"),
        (p384, "sha384"),
        (p384, "sha512"),
        ("rsa:2048", "sha256"),
        ("rsa:3072", "sha512"),
    ]
    .into_iter()
    .enumerate()
    {
        let kind = if key == p384 { "ec" } else { key };
        person(&at, "skerry", &format!("kes{n}"), kind).await;
        if key == p384 {
            run(&at, "ecparam -name secp384r1 -genkey -noout -out key.pem");
            let who = at.person("skerry", &format!("jor{n}"), &[Role::Handler]).await;
            let granted = Granted::<RequestCertificates>::check(&who).unwrap();
            let request = run(&at, "req -new -key key.pem -subj /");
            let issued = at.pki.issue_person(&granted, request.as_bytes(), None).await.unwrap();
            at.write("own.pem", &issued.chain);
        }
        let signed = judged(&at, &format!("{SIGN} -md {digest}")).unwrap();
        assert!(signed.subject.contains("O=skerry"), "{signed:?}");
        let skerry = at.identity.organisation("skerry", "skerry").await.unwrap().to_string();
        assert_eq!(signed.organisation, skerry);
        assert!((signed.at - at.node.now()).abs() < HOUR);
        // As DER, with the certificate named by its key, with the authority's beside it: the same.
        for more in ["-outform DER", "-keyid -outform DER", "-certfile issuing.pem -outform DER"] {
            let command = SIGN.replace("-outform PEM", more);
            assert_eq!(
                judged(&at, &format!("{command} -md {digest}")).unwrap().fingerprint,
                signed.fingerprint
            );
        }
        assert!(at.pki.still_signed(DOCUMENT, &bytes(&at, "signed")).is_ok());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_with_a_signature_is_said_with_what_to_do() {
    let at = Community::begun().await;
    person(&at, "skerry", "kes", "ec").await;
    judged(&at, SIGN).unwrap();
    let good = bytes(&at, "signed");

    at.write("doc", "RULES OF ANOTHER\n");
    assert!(refused(&at, SIGN).contains("another document"));
    at.write("doc", DOCUMENT);
    assert!(refused(&at, &SIGN.replace(" -binary", "")).contains("-binary"));
    assert!(refused(&at, &format!("{SIGN} -nodetach")).contains("-nodetach"));
    assert!(refused(&at, &format!("{SIGN} -noattr")).contains("-noattr"));
    assert!(refused(&at, &format!("{SIGN} -nocerts")).contains("-nocerts"));
    assert!(refused(&at, &format!("{SIGN} -md sha1")).contains("SHA-1"));
    assert!(refused(&at, &SIGN.replace("PEM", "SMIME")).contains("S/MIME"));
    assert!(
        refused(&at, &SIGN.replace("-outform PEM", "-stream -outform DER")).contains("lengths left open")
    );
    assert!(refused(&at, "enc -base64 -in doc -out signed").contains("openssl cms -sign"));
    assert!(refused(&at, "cms -digest_create -in doc -outform PEM -out signed").contains("something else"));
    // Two signers.
    at.write("one.pem", at.read("own.pem"));
    at.write("one.key", at.read("key.pem"));
    person(&at, "skerry", "jor", "ec").await;
    assert!(refused(&at, &format!("{SIGN} -signer one.pem -inkey one.key")).contains("2 signers"));
    // A key that the certificate does not have.
    run(&at, "cms -sign -binary -in doc -signer one.pem -inkey one.key -outform DER -out a.der");
    let mut altered = bytes(&at, "a.der");
    *altered.last_mut().unwrap() ^= 1;
    let why = at.pki.signed(DOCUMENT, &altered, at.node.now()).unwrap_err();
    assert!(why.contains("does not fit the key"), "{why}");
    // Made by another authority that nobody here trusts.
    run(
        &at,
        "req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out own.pem -subj /CN=Kes -addext basicConstraints=CA:FALSE",
    );
    assert!(refused(&at, SIGN).contains("no authority that is trusted here"));
    run(&at, "req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out own.pem -subj /CN=Kes");
    assert!(refused(&at, SIGN).contains("authority: a person signs"));
    run(
        &at,
        "req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out own.pem -subj /CN=Kes -addext basicConstraints=CA:FALSE -addext keyUsage=keyEncipherment",
    );
    assert!(refused(&at, SIGN).contains("key usage"));
    // A clock that is ahead.
    let why = at.pki.signed(DOCUMENT, &good, at.node.now() - HOUR).unwrap_err();
    assert!(why.contains("future"), "{why}");
    assert!(at.pki.signed(DOCUMENT, &vec![0x30; 1 << 20], at.node.now()).unwrap_err().contains("at most"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_that_is_revoked_held_or_over_signs_nothing_more() {
    let at = Community::begun().await;
    let stolen = person(&at, "skerry", "jor", "ec").await;
    judged(&at, SIGN).unwrap();
    let by_stolen = bytes(&at, "signed");
    let issued = person(&at, "skerry", "kes", "ec").await;
    judged(&at, SIGN).unwrap();
    let signature = bytes(&at, "signed");
    let now = || at.pki.signed(DOCUMENT, &signature, at.node.now());
    at.entitle("skerry", false).await;
    assert!(now().unwrap_err().contains("rests"));
    // What was signed stays signed, though the team may use its certificate no more.
    at.pki.still_signed(DOCUMENT, &signature).unwrap();
    at.entitle("skerry", true).await;
    now().unwrap();
    let over = at.pki.signed(DOCUMENT, &signature, issued.known.until + DAY);
    assert!(over.unwrap_err().contains("ended"));
    at.pki.still_signed(DOCUMENT, &signature).unwrap();

    let node = Granted::for_node();
    at.node.clock.advance(DAY);
    at.pki.revoke_any(&node, issued.known.fingerprint, Reason::Superseded).await.unwrap();
    assert!(now().unwrap_err().contains("revoked"));
    at.pki.still_signed(DOCUMENT, &signature).unwrap();
    at.pki.revoke_any(&node, stolen.known.fingerprint, Reason::KeyCompromise).await.unwrap();
    assert!(at.pki.still_signed(DOCUMENT, &by_stolen).unwrap_err().contains("revoked"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_servers_certificate_and_one_that_nobody_has_sign_nothing() {
    let at = Community::begun().await;
    let kes = at.person("skerry", "kes", &[Role::TeamAdmin]).await;
    let granted = Granted::<ManageTeam>::check(&kes).unwrap();
    let request = csr(&at, "ec", "/CN=www.skerry.example", None);
    let issued = at.pki.issue_server(&granted, request.as_bytes(), None).await.unwrap();
    at.write("own.pem", &issued.chain);
    at.write("doc", DOCUMENT);
    assert!(refused(&at, SIGN).contains("server"));

    // Of an authority that is trusted here, with and without an account that has it.
    run(&at, "req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem -subj /CN=National");
    at.write("ext", "extendedKeyUsage=clientAuth\nbasicConstraints=CA:FALSE\n");
    run(&at, "req -new -newkey rsa:2048 -nodes -keyout key.pem -out p.csr -subj /CN=Kes");
    run(&at, "x509 -req -in p.csr -CA ca.pem -CAkey ca.key -set_serial 7 -days 20 -extfile ext -out own.pem");
    at.node.clock.advance(HOUR);
    at.pki
        .trust(
            &Granted::for_node(),
            "National",
            at.read("ca.pem").as_bytes(),
            None,
            true,
            pki::Serves::Clients,
        )
        .await
        .unwrap();
    assert!(refused(&at, SIGN).contains("tied to no account"));
    run(&at, "x509 -in own.pem -outform DER -out own.der");
    let (account, now) = (kes.account.unwrap(), at.node.now());
    let bound = identity::Certificate {
        fingerprint: kit::Digest::of(&bytes(&at, "own.der")).as_bytes().try_into().unwrap(),
        account,
        subject: "CN=Kes".into(),
        issuer: "CN=National".into(),
        serial: "07".into(),
        not_before: now,
        not_after: now + 20 * DAY,
    };
    // The team is not entitled to certificates of ours: that says nothing about who signs.
    at.entitle("skerry", false).await;
    at.node.node.db.write(move |tx| identity::bind_certificate(tx, &bound, now)).await.unwrap();
    let signed = judged(&at, SIGN).unwrap();
    assert_eq!(signed.organisation, kes.team.to_string());
    at.pki.still_signed(DOCUMENT, &bytes(&at, "signed")).unwrap();
    at.pki.distrust(&Granted::for_node(), "National").await.unwrap();
    assert!(at.pki.still_signed(DOCUMENT, &bytes(&at, "signed")).is_err());
}

/// openssl 3.0 does not sign so; what RFC 8419 says is put together here.
#[tokio::test(flavor = "multi_thread")]
async fn ed25519_signs_with_sha_512_and_no_other_digest() {
    use cms::cert::{CertificateChoices, IssuerAndSerialNumber};
    use cms::content_info::{CmsVersion, ContentInfo};
    use cms::signed_data::{EncapsulatedContentInfo, SignedData, SignerIdentifier, SignerInfo, SignerInfos};
    use sha2::Digest as _;
    use x509_cert::attr::{Attribute, Attributes};
    use x509_cert::der::asn1::{Any, ObjectIdentifier, OctetString, SetOfVec};
    use x509_cert::der::{Decode as _, Encode as _};
    use x509_cert::spki::AlgorithmIdentifierOwned;

    let at = Community::begun().await;
    let issued = person(&at, "skerry", "kes", "ed25519").await;
    run(&at, "pkey -in key.pem -outform DER -out key.der");
    let key = ring::signature::Ed25519KeyPair::from_pkcs8_maybe_unchecked(&bytes(&at, "key.der")).unwrap();
    let oid = |text: &str| ObjectIdentifier::new(text).unwrap();
    let plain = |text: &str| AlgorithmIdentifierOwned { oid: oid(text), parameters: None };
    let attribute = |text: &str, value: Any| Attribute {
        oid: oid(text),
        values: SetOfVec::try_from(vec![value]).unwrap(),
    };
    let certificate = x509_cert::Certificate::from_der(&issued.der).unwrap();
    let made = |hash: &str, digest: Vec<u8>| {
        let time = certificate.tbs_certificate.validity.not_before;
        let attributes = Attributes::try_from(vec![
            attribute("1.2.840.113549.1.9.3", Any::from(oid("1.2.840.113549.1.7.1"))),
            attribute("1.2.840.113549.1.9.4", Any::encode_from(&OctetString::new(digest).unwrap()).unwrap()),
            attribute("1.2.840.113549.1.9.5", Any::encode_from(&time).unwrap()),
        ])
        .unwrap();
        let signature = key.sign(&attributes.to_der().unwrap());
        let signer = SignerInfo {
            version: CmsVersion::V1,
            sid: SignerIdentifier::IssuerAndSerialNumber(IssuerAndSerialNumber {
                issuer: certificate.tbs_certificate.issuer.clone(),
                serial_number: certificate.tbs_certificate.serial_number.clone(),
            }),
            digest_alg: plain(hash),
            signed_attrs: Some(attributes),
            signature_algorithm: plain("1.3.101.112"),
            signature: OctetString::new(signature.as_ref()).unwrap(),
            unsigned_attrs: None,
        };
        let certificates = vec![CertificateChoices::Certificate(certificate.clone())];
        let data = SignedData {
            version: CmsVersion::V1,
            digest_algorithms: SetOfVec::try_from(vec![plain(hash)]).unwrap(),
            encap_content_info: EncapsulatedContentInfo {
                econtent_type: oid("1.2.840.113549.1.7.1"),
                econtent: None,
            },
            certificates: Some(certificates.try_into().unwrap()),
            crls: None,
            signer_infos: SignerInfos(SetOfVec::try_from(vec![signer]).unwrap()),
        };
        let content = Any::encode_from(&data).unwrap();
        ContentInfo { content_type: oid("1.2.840.113549.1.7.2"), content }.to_der().unwrap()
    };
    let good = made("2.16.840.1.101.3.4.2.3", sha2::Sha512::digest(DOCUMENT).to_vec());
    at.pki.signed(DOCUMENT, &good, at.node.now()).unwrap();
    let other = made("2.16.840.1.101.3.4.2.1", sha2::Sha256::digest(DOCUMENT).to_vec());
    assert!(at.pki.signed(DOCUMENT, &other, at.node.now()).unwrap_err().contains("SHA-512"));
}

static SEEDS: [&[u8]; 2] = [
    include_bytes!("../../../fuzz/corpus/cms_signature/ec.der"),
    include_bytes!("../../../fuzz/corpus/cms_signature/rsa.der"),
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4096))]

    #[test]
    fn an_altered_signature_is_over_nothing_else_and_never_by_another_key(which in 0..2_usize, changes in prop::collection::vec((any::<Index>(), any::<u8>()), 1..6)) {
        static READ: OnceLock<[pki::x509::cms::Signature; 2]> = OnceLock::new();
        let read = READ.get_or_init(|| SEEDS.map(|seed| pki::x509::cms::Signature::parse(seed).unwrap()));
        prop_assert!(read[which].is_over(DOCUMENT).is_ok());
        let mut altered = SEEDS[which].to_vec();
        for (place, value) in changes {
            let place = place.index(altered.len());
            altered[place] = value;
        }
        if let Ok(signature) = pki::x509::cms::Signature::parse(&altered) && signature.is_over(DOCUMENT).is_ok() {
            // What is not signed may differ (the certificate's own signature is judged elsewhere); what was said may not.
            prop_assert_eq!(signature.at(), read[which].at());
            prop_assert!(signature.is_over(b"another").is_err());
        }
    }

    #[test]
    fn bytes_of_any_kind_are_no_signature(text: String, bytes: Vec<u8>) {
        prop_assert!(pki::x509::cms::Signature::parse(text.as_bytes()).is_err());
        prop_assert!(pki::x509::cms::Signature::parse(&bytes).is_err());
    }
}
