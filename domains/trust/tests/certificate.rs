//! The rules and the code of conduct, signed by a person's certificate as the pages say: `openssl cms`, real chains.

#![allow(clippy::unwrap_used)]

mod common;

use std::process::Command;
use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, header};
use common::{World, world};
use identity::{Granted, RequestCertificates};
use kit::clock::{DAY, SECOND};
use pki::ceremony::{IssuerTerms, Root};
use pki::x509::crl::Reason;
use pki::{Pki, Section};
use tower::ServiceExt as _;
use trust::process::{Operate, Represent};

/// A community with an authority, and one of its nation that it trusts, too.
struct At {
    w: World,
    pki: Pki,
    folder: tempfile::TempDir,
}

impl At {
    /// The clock shows today, because openssl's does; `newt` is invited.
    async fn begun() -> Self {
        let w = world().await;
        let date = Command::new("date").arg("+%s").output().unwrap();
        let seconds: i64 = String::from_utf8(date.stdout).unwrap().trim().parse().unwrap();
        w.pass((seconds - 60) * SECOND - w.node.now());
        let (teams, settings) = (Arc::new(w.teams.clone()), Section::default());
        let pki = Pki::new(w.node.node.clone(), w.identity.clone(), teams.clone(), teams, settings);
        pki.start().await.unwrap();
        let root = Root::make("Alba", 3650, w.node.now(), w.node.random()).unwrap();
        let terms = IssuerTerms { days: 1825, url: String::new(), only_below: vec![] };
        pki.begin(&Granted::for_node(), &root, &terms, 365).await.unwrap();
        w.trust.judge_signatures_by(Arc::new(pki.clone()));
        w.operate("newt", Operate::ListKnown { source: "a colleague".into() }).await.unwrap();
        w.operate("newt", Operate::Invite).await.unwrap();
        let at = Self { w, pki, folder: tempfile::tempdir().unwrap() };
        at.openssl("req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem -subj /CN=National");
        at.write("ext", b"extendedKeyUsage=clientAuth\nbasicConstraints=CA:FALSE\n");
        at.pki
            .trust(&Granted::for_node(), "National", &at.read("ca.pem"), None, true, pki::Serves::Clients)
            .await
            .unwrap();
        at
    }

    fn openssl(&self, command: &str) -> String {
        let run = Command::new("openssl").current_dir(self.folder.path()).args(command.split(' ')).output();
        let run = run.unwrap();
        String::from_utf8_lossy(&run.stdout).into_owned() + &String::from_utf8_lossy(&run.stderr)
    }

    fn write(&self, name: &str, bytes: &[u8]) {
        std::fs::write(self.folder.path().join(name), bytes).unwrap();
    }

    fn read(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.folder.path().join(name)).unwrap()
    }

    /// The administrator of `team` has a certificate of the nation's authority, tied to their account.
    async fn national(&self, team: &str) {
        self.openssl(&format!(
            "req -new -newkey rsa:2048 -nodes -keyout {team}.key -out p.csr -subj /CN={team}"
        ));
        self.openssl(&format!(
            "x509 -req -in p.csr -CA ca.pem -CAkey ca.key -set_serial 7 -days 300 -extfile ext -out {team}.pem"
        ));
        self.openssl(&format!("x509 -in {team}.pem -outform DER -out own.der"));
        let now = self.w.node.now();
        let bound = identity::Certificate {
            fingerprint: kit::Digest::of(&self.read("own.der")).as_bytes().try_into().unwrap(),
            account: self.w.people[team].account.unwrap(),
            subject: format!("CN={team}"),
            issuer: "CN=National".into(),
            serial: "07".into(),
            not_before: now,
            not_after: now + 300 * DAY,
        };
        let work = move |tx: &kit::Write<'_>| identity::bind_certificate(tx, &bound, now);
        self.w.node.node.db.write(work).await.unwrap();
        self.w.pass(120 * SECOND); // openssl's clock says when the certificate begins
    }

    /// The administrator of `team`, which must be entitled to it, has a certificate of the community.
    async fn own(&self, team: &str) -> pki::Issued {
        self.openssl(&format!("req -new -newkey rsa:2048 -nodes -keyout {team}.key -out p.csr -subj /"));
        let granted = self.w.granted::<RequestCertificates>(team);
        let issued = self.pki.issue_person(&granted, &self.read("p.csr"), None).await.unwrap();
        self.write(&format!("{team}.pem"), issued.chain.as_bytes());
        issued
    }

    /// The signature of `team`'s person over `document`.
    fn sign(&self, team: &str, document: &[u8]) -> Vec<u8> {
        self.write("doc", document);
        let said = self.openssl(&format!(
            "cms -sign -binary -in doc -signer {team}.pem -inkey {team}.key -outform PEM -out doc.p7s"
        ));
        assert!(said.is_empty(), "{said}");
        self.read("doc.p7s")
    }

    async fn document(&self) -> Vec<u8> {
        self.w.trust.document_to_sign(&self.w.granted("newt")).await.unwrap()
    }

    async fn refused(&self, signature: Vec<u8>, expected: &str) {
        let why = self.w.trust.sign(&self.w.granted("newt"), signature, None).await.unwrap_err().to_string();
        assert!(why.contains(expected), "{why:?} has no {expected:?}");
        assert_eq!(self.w.standing("newt"), "listed");
    }

    /// Sends a form with a file to `path`, as a browser does.
    async fn upload(
        &self,
        who: &str,
        path: &str,
        fields: &[(&str, &str)],
        file: &[u8],
    ) -> (StatusCode, String) {
        let mut body = Vec::new();
        for (name, value) in fields {
            let part = format!("--x\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
            body.extend(part.as_bytes());
        }
        body.extend(b"--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"doc.p7s\"\r\n");
        body.extend([b"Content-Type: application/octet-stream\r\n\r\n", file, b"\r\n--x--\r\n"].concat());
        let router = identity::web::protect(
            self.w.trust.domain().routes,
            self.w.identity.clone(),
            identity::Site::default(),
        );
        // Their sessions of the day on which the clock stood before are over.
        let login = format!("{who}-{}", self.w.node.token::<5>());
        let (cookie, _) =
            identity::testing::sign_in(&self.w.identity, who, &login, &[identity::Role::TeamAdmin]).await;
        let request = Request::post(path)
            .header(header::COOKIE, cookie)
            .header(header::HOST, "hub.example")
            .header("Sec-Fetch-Site", "same-origin")
            .header(header::CONTENT_TYPE, "multipart/form-data; boundary=x");
        let answer = router.oneshot(request.body(Body::from(body)).unwrap()).await.unwrap();
        let status = answer.status();
        let page = to_bytes(answer.into_body(), 8 << 20).await.unwrap();
        (status, String::from_utf8_lossy(&page).into_owned())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_team_accepts_the_rules_by_a_persons_certificate_and_becomes_accredited() {
    let at = At::begun().await;
    at.national("newt").await;
    let signature = at.sign("newt", &at.document().await);
    let done = at.w.trust.sign(&at.w.granted("newt"), signature.clone(), None).await.unwrap();
    assert_eq!(done.phase, "candidate");
    let case = at.w.trust.case(&at.w.granted("newt"), at.w.id("newt")).await.unwrap();
    let fingerprint = kit::Digest::of(&at.read("own.der")).to_string();
    assert_eq!(case.timeline[0].signature, Some(fingerprint));

    at.w.trust.represent(&at.w.granted("newt"), Represent::Complete, None).await.unwrap();
    at.w.operate("newt", Operate::Verify { finding: "all well".into() }).await.unwrap();
    // The nation's authority is trusted no more: what it said of the signer is worth nothing now.
    at.pki.distrust(&Granted::for_node(), "National").await.unwrap();
    let why = at.w.operate("newt", Operate::Accredit).await.unwrap_err().to_string();
    assert!(why.contains("do not hold any more"), "{why}");
    at.pki
        .trust(&Granted::for_node(), "National", &at.read("ca.pem"), None, true, pki::Serves::Clients)
        .await
        .unwrap();
    at.w.operate("newt", Operate::Accredit).await.unwrap();
    assert_eq!(at.w.standing("newt"), "accredited");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_that_is_foreign_anothers_revoked_or_stale_makes_nobody_a_candidate() {
    let at = At::begun().await;
    let document = at.document().await;
    // Nobody's.
    at.openssl("req -x509 -newkey rsa:2048 -nodes -keyout no.key -out no.pem -subj /CN=newt -addext basicConstraints=CA:FALSE");
    at.refused(at.sign("no", &document), "no authority that is trusted here").await;
    // Another team's person, with a certificate of ours: newt's administrator hands their signature in.
    let elms = at.own("elm").await;
    let by_elm = at.sign("elm", &document);
    at.refused(by_elm.clone(), "is not of newt").await;
    at.pki.revoke_any(&Granted::for_node(), elms.known.fingerprint, Reason::Superseded).await.unwrap();
    at.refused(by_elm, "revoked").await;
    // Over something else; and good, but handed in much later.
    at.national("newt").await;
    at.refused(at.sign("newt", b"other rules\n"), "another document").await;
    let good = at.sign("newt", &document);
    at.w.pass(15 * DAY);
    at.refused(good, "stale").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_file_is_handed_in_on_the_page_and_what_is_wrong_with_it_is_said_there() {
    let at = At::begun().await;
    at.national("newt").await;
    let path = "/trust/sign/file";
    let (status, page) = at.upload("newt", path, &[], b"").await;
    assert!(status == StatusCode::UNPROCESSABLE_ENTITY && page.contains("Choose the file"), "{page}");
    let (status, page) = at.upload("newt", path, &[], &at.sign("newt", b"other")).await;
    assert!(status == StatusCode::UNPROCESSABLE_ENTITY && page.contains("another document"), "{page}");
    let (status, _) = at.upload("newt", path, &[], &vec![b'x'; 2 << 20]).await;
    assert!(status.is_client_error(), "{status}");
    assert!(page.contains("openssl cms -sign -binary") && page.contains("gpg --armor"), "{page}");
    let signature = at.sign("newt", &at.document().await);
    let (status, page) = at.upload("newt", path, &[], &signature).await;
    assert_eq!(status, StatusCode::SEE_OTHER, "{page}");
    assert_eq!(at.w.standing("newt"), "candidate");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_code_of_conduct_is_declared_with_a_certificate_as_text_or_as_a_file() {
    let at = At::begun().await;
    at.w.trust.publish_conduct(&at.w.granted("hub"), "Code", "We answer.").await.unwrap();
    at.own("elm").await;
    at.own("alder").await;
    let declare = |who: &'static str, signature: Vec<u8>| {
        let (trust, granted) = (at.w.trust.clone(), at.w.granted(who));
        async move { trust.declare_conduct(&granted, 1, &signature).await }
    };
    let by_elm = at.sign("elm", b"We answer.\n");
    let why = declare("alder", by_elm.clone()).await.unwrap_err().to_string();
    assert!(why.contains("is not of alder"), "{why}");
    let why = declare("elm", at.sign("elm", b"We answer not.\n")).await.unwrap_err().to_string();
    assert!(why.contains("another document"), "{why}");
    declare("elm", by_elm).await.unwrap();

    at.sign("alder", b"We answer.\n");
    at.openssl("cms -cmsout -inform PEM -in doc.p7s -outform DER -out doc.der");
    let (path, fields) = ("/trust/conduct/declare/file", [("version", "1"), ("agree", "yes")]);
    let (status, page) = at.upload("alder", path, &fields[..1], &at.read("doc.der")).await;
    assert!(status == StatusCode::UNPROCESSABLE_ENTITY && page.contains("tick the box"), "{page}");
    let (status, page) = at.upload("alder", path, &fields, &at.read("doc.der")).await;
    assert_eq!(status, StatusCode::SEE_OTHER, "{page}");
    let declared = at.w.trust.declared().await.unwrap();
    assert_eq!(declared.iter().filter(|one| one.fingerprint.len() == 64).count(), 2, "{declared:?}");
}
