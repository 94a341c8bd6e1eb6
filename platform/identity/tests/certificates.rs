//! Coming in by certificate, with a judge that the test can move; on the engine that `WARDMOTE_TEST_DB` names.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, header};
use axum::routing::get;
use contracts::trust::{CertificateJudge, CertificateVerdict};
use identity::testing::sign_in;
use identity::{
    Actor, Certificate, Granted, Identity, OwnAccount, ReadCases, Role, Settings, Site, bind_certificate,
};
use kit::clock::{DAY, MINUTE, SECOND};
use kit::testing::{TestNode, node};
use sha2::{Digest as _, Sha256};
use tls::ClientCertificate;
use tower::ServiceExt as _;

/// Says what it was told of a certificate; of others, that nobody vouches for them.
#[derive(Default)]
struct Judge(Mutex<BTreeMap<Vec<u8>, CertificateVerdict>>);

impl CertificateJudge for Judge {
    fn judge(&self, der: &[u8], _: i64, _: Option<&str>) -> CertificateVerdict {
        let known = self.0.lock().unwrap().get(der).cloned();
        known.unwrap_or_else(|| CertificateVerdict::Refused("nobody here vouches for it".into()))
    }
}

struct World {
    node: TestNode,
    identity: Identity,
    router: Router,
    judge: Arc<Judge>,
}

async fn cases(granted: Granted<ReadCases>) -> String {
    format!("the cases of {}", granted.actor().name)
}

fn world() -> World {
    let node = node(&[identity::MIGRATIONS]);
    let identity = Identity::new(node.node.clone(), Settings::default());
    let judge = Arc::new(Judge::default());
    identity.judge_certificates_by(judge.clone());
    let more = Router::new().route("/cases", get(cases)).route("/api/v1/cases", get(cases));
    let router = identity::protect(identity::routes().merge(more), identity.clone(), Site::default());
    World { node, identity, router, judge }
}

impl World {
    fn say(&self, der: &[u8], verdict: CertificateVerdict) {
        self.judge.0.lock().unwrap().insert(der.to_vec(), verdict);
    }

    async fn send(&self, method: &str, path: &str, cookie: &str, der: Option<&[u8]>) -> (StatusCode, String) {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::COOKIE, cookie)
            .header(header::HOST, "localhost")
            .header("sec-fetch-site", "same-origin")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        let mut request = request.body(Body::empty()).unwrap();
        if let Some(der) = der {
            request.extensions_mut().insert(ClientCertificate::for_tests(der));
        }
        let response = self.router.clone().oneshot(request).await.unwrap();
        let status = response.status();
        let to = response.headers().get(header::LOCATION).map(|to| to.to_str().unwrap().to_owned());
        let body = to_bytes(response.into_body(), 1 << 20).await.unwrap();
        (status, to.unwrap_or_else(|| String::from_utf8(body.to_vec()).unwrap()))
    }

    async fn bound(&self, der: &[u8], login: &str) -> Actor {
        let (_, actor) = sign_in(&self.identity, "aldermark", login, &[Role::Handler]).await;
        let (account, now) = (actor.account.unwrap(), self.node.now());
        let certificate = Certificate {
            fingerprint: Sha256::digest(der).into(),
            account,
            subject: format!("CN={login}"),
            issuer: "CN=Community".into(),
            serial: "0A".into(),
            not_before: now,
            not_after: now + DAY,
        };
        self.node.db.write_now(move |tx| bind_certificate(tx, &certificate, now)).unwrap();
        self.say(der, CertificateVerdict::Good);
        actor
    }
}

#[tokio::test]
async fn a_good_certificate_acts_as_its_owner_and_a_revoked_one_as_nobody_from_the_next_request_on() {
    let w = world();
    w.bound(b"kes", "kes").await;
    assert_eq!(w.send("GET", "/cases", "", Some(b"kes")).await, (StatusCode::OK, "the cases of kes".into()));
    w.say(b"kes", CertificateVerdict::Refused("it was revoked on 2026-03-01".into()));
    let (status, to) = w.send("GET", "/cases", "", Some(b"kes")).await;
    assert_eq!((status, to.as_str()), (StatusCode::SEE_OTHER, "/login?next=/cases"));
    let (_, page) = w.send("GET", "/login", "", Some(b"kes")).await;
    assert!(page.contains("revoked on 2026-03-01"), "{page}");
    let (status, problem) = w.send("GET", "/api/v1/cases", "", Some(b"kes")).await;
    assert!(status == StatusCode::UNAUTHORIZED && problem.contains("revoked on 2026-03-01"), "{problem}");
}

#[tokio::test]
async fn a_certificate_that_nobody_vouches_for_or_that_is_nobodys_lets_nobody_in() {
    let w = world();
    w.bound(b"kes", "kes").await;
    assert_eq!(w.send("GET", "/cases", "", Some(b"self-made")).await.0, StatusCode::SEE_OTHER);
    w.say(b"new", CertificateVerdict::Good);
    assert_eq!(w.send("GET", "/cases", "", Some(b"new")).await.0, StatusCode::SEE_OTHER);
    let (_, page) = w.send("GET", "/login", "", Some(b"new")).await;
    assert!(page.contains("belongs to nobody here yet"), "{page}");
    // Without a judge, none does.
    let plain = Identity::new(w.node.node.clone(), Settings::default());
    let shown = ClientCertificate::for_tests(b"kes");
    let peer = "192.0.2.1".parse().unwrap();
    assert_eq!(plain.by_certificate(&shown, peer).await.unwrap(), identity::Shown::Unknown);
}

#[tokio::test]
async fn a_withdrawn_certificate_and_one_of_a_shut_account_let_nobody_in() {
    let w = world();
    let kes = w.bound(b"kes", "kes").await;
    w.bound(b"jor", "jor").await;
    let own: Granted<OwnAccount> = Granted::check(&kes).unwrap();
    let hex = w.identity.certificates(&own).await.unwrap()[0].hex();
    let (cookie, _) = sign_in(&w.identity, "aldermark", "other", &[Role::Handler]).await;
    let path = format!("/account/shown-certificate/{hex}/withdraw");
    assert_eq!(w.send("POST", &path, &cookie, None).await.0, StatusCode::NOT_FOUND, "somebody else's");
    // Here by the certificate itself, which is no proof yet.
    let (status, to) = w.send("POST", &path, "", Some(b"kes")).await;
    assert_eq!((status, to.as_str()), (StatusCode::SEE_OTHER, "/step-up"));
    let (status, _) = w.send("POST", "/step-up/certificate", "", Some(b"kes")).await;
    assert_eq!(status, StatusCode::SEE_OTHER);
    assert_eq!(w.send("POST", &path, "", Some(b"kes")).await.1, "/account");
    assert_eq!(w.send("GET", "/cases", "", Some(b"kes")).await.0, StatusCode::SEE_OTHER);

    let jor = w.identity.account_by_login(&Granted::for_node(), "jor").await.unwrap().id;
    w.identity.set_access(&Granted::for_node(), jor, [Role::Handler].into(), true).await.unwrap();
    assert_eq!(w.send("GET", "/cases", "", Some(b"jor")).await.0, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_certificate_is_no_proof_where_there_is_something_stronger() {
    let w = world();
    let kes = w.bound(b"kes", "kes").await;
    let account = kes.account.unwrap();
    w.identity.set_password(&Granted::for_node(), account, "quiet harbour lamp seven".into()).await.unwrap();
    let (status, _) = w.send("POST", "/step-up/certificate", "", Some(b"kes")).await;
    assert_eq!(status, StatusCode::FORBIDDEN);
    let (_, page) = w.send("GET", "/step-up", "", Some(b"kes")).await;
    assert!(page.contains("Your password") && !page.contains("Go on with your certificate"), "{page}");
}

#[tokio::test]
async fn a_log_in_by_certificate_is_noted_once_and_its_use_to_five_minutes() {
    let w = world();
    let kes = w.bound(b"kes", "kes").await;
    for _ in 0..3 {
        w.send("GET", "/cases", "", Some(b"kes")).await;
    }
    let first = w.node.now();
    w.node.clock.advance(5 * MINUTE + SECOND);
    w.send("GET", "/cases", "", Some(b"kes")).await;
    let own: Granted<OwnAccount> = Granted::check(&kes).unwrap();
    let last_used = w.identity.certificates(&own).await.unwrap()[0].last_used;
    assert_eq!(last_used, Some(first + 5 * MINUTE + SECOND));
    let stream = format!("account:{}", kes.account.unwrap());
    let told = w.node.db.read_now(move |c| kit::events::history(c, &stream, 100)).unwrap();
    assert_eq!(told.iter().filter(|event| event.kind == "identity.logged_in").count(), 1);
}

#[tokio::test]
async fn a_certificate_of_another_trusted_issuer_is_made_ones_own_after_a_log_in_and_once_only() {
    let w = world();
    let folder = tempfile::tempdir().unwrap();
    let (cert, key) = (folder.path().join("c.der"), folder.path().join("c.key"));
    let made = std::process::Command::new("openssl")
        .args([
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
            "-nodes",
            "-outform",
            "der",
        ])
        .args(["-subj", "/O=Institute/CN=Kes", "-out"])
        .arg(&cert)
        .arg("-keyout")
        .arg(&key)
        .output()
        .expect("openssl is missing: apt-get install openssl");
    assert!(made.status.success());
    let der = std::fs::read(&cert).unwrap();
    let (cookie, kes) = sign_in(&w.identity, "aldermark", "kes", &[Role::Handler]).await;
    let (status, page) = w.send("POST", "/account/shown-certificate", &cookie, Some(&der)).await;
    assert!(status == StatusCode::CONFLICT && page.contains("nobody here vouches for it"), "{page}");
    w.say(&der, CertificateVerdict::Good);
    let (_, page) = w.send("GET", "/account", &cookie, Some(&der)).await;
    assert!(page.contains("Make it mine"), "{page}");
    assert_eq!(w.send("POST", "/account/shown-certificate", &cookie, Some(&der)).await.1, "/account");
    let own: Granted<OwnAccount> = Granted::check(&kes).unwrap();
    let found = &w.identity.certificates(&own).await.unwrap()[0];
    assert!(found.subject.contains("CN=Kes") && found.issuer.contains("O=Institute"), "{found:?}");
    assert_eq!(w.send("GET", "/cases", "", Some(&der)).await.1, "the cases of kes");
    let (jor, _) = sign_in(&w.identity, "aldermark", "jor", &[Role::Handler]).await;
    assert_eq!(w.send("POST", "/account/shown-certificate", &jor, Some(&der)).await.0, StatusCode::CONFLICT);
}
