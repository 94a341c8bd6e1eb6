//! Claims proven by a certificate of an authority that the operator trusts for it, made by openssl; on the engine that
//! `WARDMOTE_TEST_DB` names.

#![allow(clippy::unwrap_used)]

use std::process::Command;
use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::http::{Method, Request, StatusCode, header};
use identity::testing::sign_in;
use identity::{Granted, Identity, ManageTeam, Role, Settings, Site};
use kit::clock::{DAY, HOUR, SECOND};
use kit::testing::{TestNode, node};
use kit::{Error, Id};
use pki::{Pki, Serves};
use teams::import::parse;
use teams::{Claim, Examined, ProofKind, Section, TeamRecord, Teams};
use tower::ServiceExt as _;

const EC: &str = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes";
const ALL: &str = "subjectAltName=DNS:www.skerry.example,DNS:*.lab.skerry.example
sbgp-ipAddrBlock=IPv4:192.0.2.0/25
sbgp-autonomousSysNum=AS:64496-64498";

struct World {
    node: TestNode,
    identity: Identity,
    teams: Teams,
    pki: Pki,
    skerry: Id,
    cedar: Id,
    folder: tempfile::TempDir,
}

async fn world() -> World {
    let node = node(&[identity::MIGRATIONS, mail::MIGRATIONS, pki::MIGRATIONS, teams::MIGRATIONS]);
    let today = Command::new("date").arg("+%s").output().unwrap();
    let today: i64 = String::from_utf8(today.stdout).unwrap().trim().parse().unwrap();
    node.clock.advance(today * SECOND + HOUR - node.now());
    let identity = Identity::new(node.node.clone(), Settings::default());
    let teams = Teams::open(node.node.clone(), Section::default()).await.unwrap();
    let about = Arc::new(teams.clone());
    let pki = Pki::new(node.node.clone(), identity.clone(), about.clone(), about, pki::Section::default());
    pki.start().await.unwrap();
    teams.judge_holdings_by(Arc::new(pki.clone()));
    let team = |handle: &str| {
        serde_json::json!({"handle": handle, "official_name": handle, "short_name": handle, "constituency": {
            "domains": ["skerry.example", "www.skerry.example", "*.lab.skerry.example", "a.lab.skerry.example"],
            "ipranges": ["192.0.2.0/26", "192.0.2.0/24", "198.51.100.0/24"], "asns": [64496, 64499]}})
    };
    let file = serde_json::json!([team("skerry"), team("cedar")]).to_string();
    let ids = teams::testing::import(&teams, parse(file.as_bytes()).unwrap().entries).await;
    let folder = tempfile::tempdir().unwrap();
    World { node, identity, teams, pki, skerry: ids[0], cedar: ids[1], folder }
}

impl World {
    fn openssl(&self, command: &str) {
        let run = Command::new("openssl").current_dir(self.folder.path()).args(command.split(' ')).output();
        let run = run.unwrap();
        assert!(run.status.success(), "{command}: {}", String::from_utf8_lossy(&run.stderr));
    }

    fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        std::fs::write(self.folder.path().join(name), bytes).unwrap();
    }

    fn read(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.folder.path().join(name)).unwrap()
    }

    /// An authority of the Web and of resources, trusted to prove claims.
    async fn trusted(&self, accept_without_crl: bool) {
        self.openssl(&format!("req -x509 {EC} -keyout ca.key -out ca.pem -days 90 -subj /CN=CA"));
        let (node, pem) = (Granted::for_node(), self.read("ca.pem"));
        self.pki.trust(&node, "Root", &pem, None, accept_without_crl, Serves::Claims).await.unwrap();
    }

    /// The signature over `text` by a certificate with these extensions for 20 days.
    fn sign(&self, text: &str, extensions: &str) -> Vec<u8> {
        self.write("ext", format!("basicConstraints=CA:FALSE\n{extensions}\n"));
        self.write("text", text);
        self.openssl(&format!("req -new {EC} -keyout own.key -out own.csr -subj /CN=www"));
        self.openssl("x509 -req -in own.csr -CA ca.pem -CAkey ca.key -set_serial 0xa1 -days 20 -extfile ext -out own.pem");
        self.openssl("cms -sign -binary -in text -signer own.pem -inkey own.key -outform PEM -out text.p7s");
        self.read("text.p7s")
    }

    /// The authority's list, for five days; `is_revoked`: with the certificate on it.
    async fn bring_list(&self, number: u8, is_revoked: bool) {
        let line = "R\t350101000000Z\t260101000000Z\tA1\tunknown\t/CN=www\n";
        self.write("index.txt", if is_revoked { line } else { "" });
        self.write("index.txt.attr", "");
        self.write("number", format!("{number:02}"));
        self.write("ca.cnf", "[ca]\ndefault_ca=c\n[c]\ndatabase=index.txt\ncrlnumber=number\ndefault_md=sha256\ndefault_crl_days=5\n");
        self.openssl("ca -gencrl -config ca.cnf -keyfile ca.key -cert ca.pem -out crl.pem");
        self.pki.take_crl(&Granted::for_node(), "Root", &self.read("crl.pem")).await.unwrap();
    }

    fn text(&self, team: Id) -> String {
        let granted: Granted<ManageTeam> = Granted::for_node_in(team);
        self.teams.text_of_claims(&granted, team).unwrap()
    }

    async fn prove(&self, team: Id, signature: &[u8]) -> kit::Result<Vec<String>> {
        let granted: Granted<ManageTeam> = Granted::for_node_in(team);
        let shown = self.teams.prove_by_certificate(&granted, team, signature.to_vec()).await?;
        Ok(shown.proven.iter().map(|claim| format!("{} {claim}", claim.kind())).collect())
    }

    fn proofs(&self) -> usize {
        self.teams.directory().by_id(self.skerry).unwrap().proofs.len()
    }

    async fn examine(&self) -> Examined {
        self.teams.examine_proofs().await.unwrap()
    }

    /// What the newest event of the team says of why a proof is gone.
    async fn why(&self) -> String {
        let event = self.teams.history(&Granted::for_node(), self.skerry, 1).await.unwrap().remove(0);
        assert_eq!(event.kind, "teams.proof_withdrawn");
        event.body.unwrap()["why"].as_str().unwrap().to_owned()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_proves_just_the_claims_that_it_speaks_for_in_full() {
    let w = world().await;
    w.trusted(true).await;
    let proven = w.prove(w.skerry, &w.sign(&w.text(w.skerry), ALL)).await.unwrap();
    assert_eq!(
        proven,
        [
            "network 192.0.2.0/26",
            "domain a.lab.skerry.example",
            "domain lab.skerry.example",
            "domain www.skerry.example",
            "asn AS64496"
        ]
    );
    let team = w.teams.directory().by_id(w.skerry).unwrap();
    let proof = team.domain_proof("www.skerry.example").unwrap();
    assert_eq!(proof.kind, ProofKind::Certificate);
    let end = ui::format::date(w.node.now() + 20 * DAY - HOUR);
    assert_eq!(proof.evidence, format!("number a1 of Root, which ends on {end}"));
    assert!(
        team.domain_proof("skerry.example").is_none(),
        "a host's certificate says nothing of what is above"
    );
    assert!(w.teams.proves_domain(&team, "www.skerry.example").is_ok());
    assert!(team.number_proof(64496).is_some() && team.number_proof(64499).is_none());
    let history = w.teams.history(&Granted::for_node(), w.skerry, 1).await.unwrap();
    assert_eq!(history[0].kind, "teams.claim_proven");
    assert_eq!(w.teams.directory().by_id(w.cedar).unwrap().proofs, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signature_counts_for_one_team_its_claims_as_they_are_and_an_authority_that_is_trusted() {
    let w = world().await;
    let refused = async |team: Id, signature: &[u8], expected: &str| {
        let error = w.prove(team, signature).await.unwrap_err();
        assert!(error.to_string().contains(expected), "{error}");
        error
    };
    assert!(matches!(refused(w.skerry, b"x", "no authority is trusted").await, Error::Conflict(_)));
    w.trusted(true).await;
    let text = w.text(w.skerry);
    assert!(
        text.contains("team skerry,")
            && text.contains("\nnetwork 192.0.2.0/24\n")
            && text.contains("\nasn AS64499\n"),
        "{text}"
    );
    let signature = w.sign(&text, ALL);
    refused(w.cedar, &signature, "another document").await;
    refused(w.skerry, b"", "send the signature").await;
    refused(w.skerry, b"no signature", "no signature").await;
    let other = w.sign(&text, "subjectAltName=DNS:skerry.example.other.example,DNS:b.example");
    refused(w.skerry, &other, "none of the claims in full, but for skerry.example.other.example, b.example")
        .await;

    let record = w.teams.directory().by_id(w.skerry).unwrap().record.clone();
    let granted: Granted<ManageTeam> = Granted::for_node_in(w.skerry);
    let save = async |asns: Vec<u32>| {
        w.teams.save(&granted, w.skerry, TeamRecord { asns, ..record.clone() }).await.unwrap();
    };
    save(vec![64496]).await;
    refused(w.skerry, &signature, "another document").await;
    save(vec![64496, 64499]).await;
    assert_eq!(w.proofs(), 0);
    w.prove(w.skerry, &signature).await.unwrap();
    w.node.clock.advance(8 * DAY);
    refused(w.skerry, &signature, "sign anew").await;
    // Another node of the same secret and data gives the same text; one team does not ask for another's.
    let foreign = sign_in(&w.identity, "cedar", "oda", &[Role::TeamAdmin]).await.1;
    let foreign = Granted::<ManageTeam>::check(&foreign).unwrap();
    assert!(matches!(w.teams.text_of_claims(&foreign, w.skerry), Err(Error::NotFound(_))));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proof_ends_with_its_certificate_with_its_revocation_and_with_the_trust_in_its_authority() {
    let w = world().await;
    w.trusted(false).await;
    let signature = w.sign(&w.text(w.skerry), "subjectAltName=DNS:www.skerry.example");
    assert!(w.prove(w.skerry, &signature).await.unwrap_err().to_string().contains("is not here yet"));
    w.bring_list(1, false).await;
    let prove = async || assert_eq!(w.prove(w.skerry, &signature).await.unwrap().len(), 1);
    prove().await;
    assert_eq!(w.examine().await, Examined { held: 1, ..Examined::default() });

    // A list that is out of date says nothing of the certificate.
    w.node.clock.advance(6 * DAY);
    assert_eq!(w.examine().await, Examined { unknown: 1, ..Examined::default() });
    assert_eq!(w.proofs(), 1);
    w.bring_list(2, true).await;
    assert_eq!(w.examine().await, Examined { withdrawn: 1, ..Examined::default() });
    assert!(w.why().await.contains("Root has revoked the certificate"));
    assert_eq!((w.proofs(), w.examine().await), (0, Examined::default()));
    w.node.clock.advance(-6 * DAY);
    assert!(w.prove(w.skerry, &signature).await.is_err());

    let node = Granted::for_node();
    let anew = async || {
        w.pki.distrust(&node, "Root").await.unwrap();
        let pem = w.read("ca.pem");
        w.pki.trust(&node, "Root", &pem, None, true, Serves::Claims).await.unwrap();
        prove().await;
    };
    anew().await;
    w.pki.distrust(&node, "Root").await.unwrap();
    assert_eq!(w.examine().await.withdrawn, 1);
    assert!(w.why().await.contains("no authority that is trusted here to prove claims"));

    w.pki.trust(&node, "Root", &w.read("ca.pem"), None, true, Serves::Claims).await.unwrap();
    anew().await;
    w.node.clock.advance(19 * DAY);
    assert_eq!(w.examine().await.held, 1);
    w.node.clock.advance(DAY);
    assert_eq!(w.examine().await.withdrawn, 1);
    assert!(w.why().await.contains("the certificate ended on"));
    assert_eq!(w.proofs(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_operator_took_back_the_same_kind_of_proof_does_not_bring_again() {
    let w = world().await;
    w.trusted(true).await;
    let signature = w.sign(&w.text(w.skerry), "subjectAltName=DNS:www.skerry.example,DNS:skerry.example");
    assert_eq!(w.prove(w.skerry, &signature).await.unwrap().len(), 2);
    let node = Granted::for_node();
    let www = Claim::parse("domain", "www.skerry.example").unwrap();
    let take_back = async || {
        let done = w.teams.withdraw_proof(&node, w.skerry, www.clone(), ProofKind::Certificate, "a mistake");
        done.await.unwrap();
    };
    take_back().await;
    assert_eq!(w.prove(w.skerry, &signature).await.unwrap(), ["domain skerry.example"]);

    // Something else proves it, or the operator decides anew: then this kind may again.
    let dns = async || w.teams.found_proof(&node, w.skerry, www.clone(), ProofKind::Dns, "TXT").await;
    dns().await.unwrap();
    assert_eq!(w.prove(w.skerry, &signature).await.unwrap().len(), 2);
    take_back().await;
    w.teams.withdraw_proof(&node, w.skerry, www.clone(), ProofKind::Dns, "a mistake").await.unwrap();
    let refused = dns().await.unwrap_err();
    assert!(matches!(&refused, Error::Conflict(why) if why.contains("took this proof back")), "{refused}");
    w.teams.decide_claim(&node, w.skerry, www.clone(), "a letter").await.unwrap();
    dns().await.unwrap();

    let only = w.sign(&w.text(w.skerry), "subjectAltName=DNS:www.skerry.example");
    w.prove(w.skerry, &only).await.unwrap();
    take_back().await;
    let refused = w.prove(w.skerry, &only).await.unwrap_err();
    assert!(matches!(&refused, Error::Conflict(why) if why.contains("took this proof back")), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_team_hands_its_signature_in_on_its_page_and_by_the_api() {
    let w = world().await;
    let domain = w.teams.domain();
    let (api, _) = domain.api.split_for_parts();
    let routes = domain.routes.nest("/api/v1", api);
    let router = identity::protect(routes, w.identity.clone(), Site::default());
    let ask = async |method: Method, path: &str, cookie: &str, kind: &str, body: Vec<u8>| {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("sec-fetch-site", "same-origin")
            .header(header::COOKIE, cookie)
            .header(header::CONTENT_TYPE, kind);
        let response = router.clone().oneshot(request.body(Body::from(body)).unwrap()).await.unwrap();
        let status = response.status();
        let body = to_bytes(response.into_body(), 8 << 20).await.unwrap();
        (status, String::from_utf8_lossy(&body).into_owned())
    };
    let form = |name: &str, file: &str, value: &[u8]| {
        let head = format!("--x\r\nContent-Disposition: form-data; name=\"{name}\"{file}\r\n\r\n");
        [head.as_bytes(), value, b"\r\n--x--\r\n"].concat()
    };
    let multipart = "multipart/form-data; boundary=x";
    let (own, _) = sign_in(&w.identity, "skerry", "kes", &[Role::TeamAdmin]).await;
    let (reader, _) = sign_in(&w.identity, "skerry", "rob", &[Role::Reader]).await;
    let (foreign, _) = sign_in(&w.identity, "cedar", "oda", &[Role::TeamAdmin]).await;
    let page = async |cookie: &str| ask(Method::GET, "/teams/skerry", cookie, "", vec![]).await.1;
    let offer = "Prove claims by a certificate";
    assert!(!page(&own).await.contains(offer), "no authority is trusted for it");
    w.trusted(true).await;
    assert!(page(&own).await.contains(offer));
    assert!(!page(&reader).await.contains(offer) && !page(&foreign).await.contains(offer));

    let path = "/teams/skerry/claims/certificate";
    let (_, text) = ask(Method::GET, path, &own, "", vec![]).await;
    assert_eq!(text, w.text(w.skerry));
    assert_eq!(ask(Method::GET, path, &foreign, "", vec![]).await.0, StatusCode::NOT_FOUND);
    let signature = w.sign(&text, "subjectAltName=DNS:www.skerry.example");
    for (cookie, expected) in [(&reader, StatusCode::FORBIDDEN), (&foreign, StatusCode::NOT_FOUND)] {
        let body = form("signature", "", &signature);
        assert_eq!(ask(Method::POST, path, cookie, multipart, body).await.0, expected);
    }
    let (status, said) = ask(Method::POST, path, &own, multipart, form("signature", "", b"nonsense")).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(said.contains("this is no signature by a certificate"), "{said}");
    for file in ["", "; filename=\"text.p7s\""] {
        let name = if file.is_empty() { "signature" } else { "file" };
        assert_eq!(
            ask(Method::POST, path, &own, multipart, form(name, file, &signature)).await.0,
            StatusCode::SEE_OTHER
        );
    }
    assert!(page(&own).await.contains("by a certificate: number a1 of Root"));
    assert!(!page(&foreign).await.contains("number a1 of Root"), "the evidence is between team and operator");

    let api = format!("/api/v1{path}");
    assert_eq!(ask(Method::GET, &api, &own, "", vec![]).await.1, text);
    let body = serde_json::json!({"signature": String::from_utf8(signature).unwrap()}).to_string();
    let (status, said) = ask(Method::POST, &api, &own, "application/json", body.into_bytes()).await;
    assert_eq!(status, StatusCode::OK, "{said}");
    let said: serde_json::Value = serde_json::from_str(&said).unwrap();
    assert_eq!(said["proven"], serde_json::json!(["domain www.skerry.example"]));
    assert_eq!((&said["issuer"], &said["serial"]), (&"Root".into(), &"a1".into()));
    let wrong = br#"{"signature": "x"}"#.to_vec();
    let status = ask(Method::POST, &api, &own, "application/json", wrong).await.0;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
}
