//! Conversations with the server, as programs have them.

mod accounts;
mod certbot;
mod credentials;
mod orders;
mod page;
mod renewal;
mod revocation;
mod wrong;

use std::collections::{BTreeSet, HashMap};
use std::net::IpAddr;
use std::process::Command;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, header};
use contracts::trust::{Entitlements, ProvenNames, Service};
use data_encoding::BASE64URL_NOPAD;
use http_body_util::BodyExt as _;
use identity::{Granted, Identity, ManageTeam, Role};
use kit::jobs;
use kit::testing::TestNode;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tower::ServiceExt as _;

use super::testing::Client;
use crate::ceremony::{IssuerTerms, Root};
use crate::{Pki, Section};

const BASE: &str = "https://acme.example/acme";

/// What a test decides about teams.
#[derive(Default)]
struct Teams {
    without: Mutex<BTreeSet<String>>,
    unproven: Mutex<BTreeSet<String>>,
}

impl Entitlements for Teams {
    fn entitled(&self, organisation: &str, service: Service) -> Result<(), String> {
        match self.without.lock().unwrap().contains(organisation) {
            true => Err(format!("{} asks for the standing accredited", service.words())),
            false => Ok(()),
        }
    }
}

impl ProvenNames for Teams {
    fn proven(&self, _organisation: &str, name: &str) -> Result<(), String> {
        match name.ends_with(".team.example") && !self.unproven.lock().unwrap().contains(name) {
            true => Ok(()),
            false => Err(format!("{name} is under no domain that the team has proven")),
        }
    }
}

/// A community with an authority, a team with an administrator, and the team's server.
struct World {
    node: TestNode,
    pki: Pki,
    router: Router,
    /// The certificate of the root, as PEM.
    root: String,
    teams: Arc<Teams>,
    admin: Granted<ManageTeam>,
    /// What the team's server says, by token.
    says: Arc<Mutex<HashMap<String, String>>>,
}

impl World {
    async fn new() -> Self {
        Self::with(|settings| settings).await
    }

    async fn with(change: impl FnOnce(super::Section) -> super::Section) -> Self {
        let node = kit::testing::node(&[identity::MIGRATIONS, crate::MIGRATIONS]);
        let identity = Identity::new(node.node.clone(), identity::Settings::default());
        let teams = Arc::new(Teams::default());
        let says = Arc::<Mutex<HashMap<String, String>>>::default();
        let loopback = IpAddr::from([127, 0, 0, 1]);
        let names = ["www", "mail", "a", "b"].map(|host| (format!("{host}.team.example"), loopback));
        let acme = change(super::Section {
            base_url: Some("https://acme.example".into()),
            http_port: server(says.clone()).await,
            resolve: names.into(),
            allow: vec!["127.0.0.1".into()],
            ..super::Section::default()
        });
        let settings = Section { acme, ..Section::default() };
        let pki = Pki::new(node.node.clone(), identity.clone(), teams.clone(), teams.clone(), settings);
        pki.start().await.unwrap();
        let root = Root::make("Skerry CERTs", 3650, node.now(), node.random()).unwrap();
        let terms = IssuerTerms { days: 1825, ..IssuerTerms::default() };
        pki.begin(&Granted::for_node(), &root, &terms, 365).await.unwrap();
        let (_, admin) = identity::testing::sign_in(&identity, "team", "kes", &[Role::TeamAdmin]).await;
        let admin = Granted::check(&admin).unwrap();
        let root = root.pem();
        Self { router: pki.acme_routes(), node, pki, root, teams, admin, says }
    }

    async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        let text = String::from_utf8(body.to_vec()).unwrap();
        Answer { status: parts.status.as_u16(), headers: parts.headers, text }
    }

    async fn get(&self, path: &str) -> Answer {
        self.send(Request::get(path).body(Body::empty()).unwrap()).await
    }

    async fn nonce(&self) -> String {
        self.get("/acme/new-nonce").await.header("replay-nonce")
    }

    /// Sends a signed body to an address of the server.
    async fn post(&self, url: &str, body: Vec<u8>) -> Answer {
        let path = url.strip_prefix("https://acme.example").unwrap();
        let request = Request::post(path).header(header::CONTENT_TYPE, "application/jose+json");
        self.send(request.body(body.into()).unwrap()).await
    }

    /// A credential of the team: key identifier and key.
    async fn credential(&self) -> (String, Vec<u8>) {
        let made = self.pki.make_acme_credential(&self.admin, "www", 30).await.unwrap();
        (made.kid, BASE64URL_NOPAD.decode(made.key.as_bytes()).unwrap())
    }

    /// The payload of a request for an account.
    fn wish(&self, client: &Client, kid: &str, key: &[u8]) -> String {
        let binding = client.bound(&format!("{BASE}/new-account"), kid, key);
        json!({"contact": ["mailto:kes@team.example"], "termsOfServiceAgreed": true, "externalAccountBinding": binding})
            .to_string()
    }

    async fn new_account(&self, client: &Client, payload: &str) -> Answer {
        let url = format!("{BASE}/new-account");
        self.post(&url, client.signed_with_key(&url, &self.nonce().await, payload)).await
    }

    /// An account with a credential of its own.
    async fn account(&self) -> Account<'_> {
        let (client, (kid, key)) = (Client::p256(), self.credential().await);
        let made = self.new_account(&client, &self.wish(&client, &kid, &key)).await;
        assert_eq!(made.status, 201, "{}", made.text);
        Account { world: self, client, url: made.header("location") }
    }

    /// Runs what is to be done now.
    async fn work(&self) {
        jobs::run_due(&self.node, &self.pki.acme_jobs()).await.unwrap();
    }
}

/// A program with an account.
struct Account<'w> {
    world: &'w World,
    client: Client,
    url: String,
}

impl Account<'_> {
    /// Asks `url` for `payload`; empty only looks.
    async fn ask(&self, url: &str, payload: &str) -> Answer {
        let nonce = self.world.nonce().await;
        self.world.post(url, self.client.signed_as(&self.url, url, &nonce, payload)).await
    }

    async fn look(&self, url: &str) -> Value {
        let answer = self.ask(url, "").await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.json()
    }

    /// Begins an order for `names`.
    async fn order(&self, names: &[&str]) -> Answer {
        let names: Vec<_> = names.iter().map(|name| json!({"type": "dns", "value": name})).collect();
        self.ask(&format!("{BASE}/new-order"), &json!({"identifiers": names}).to_string()).await
    }

    /// Has the team's server say what the challenge of an authorisation asks for; gives the challenge's address.
    async fn prepare(&self, authorization: &str) -> String {
        let challenge = self.look(authorization).await["challenges"][0].clone();
        let token = challenge["token"].as_str().unwrap().to_owned();
        let answer = format!("{token}.{}", self.client.jwk().thumbprint());
        self.world.says.lock().unwrap().insert(token, answer);
        challenge["url"].as_str().unwrap().to_owned()
    }

    /// An order whose names were all shown: its address, and where it is finalised.
    async fn ready(&self, names: &[&str]) -> (String, String) {
        let order = self.order(names).await;
        assert_eq!(order.status, 201, "{}", order.text);
        for authorization in order.json()["authorizations"].as_array().unwrap() {
            let challenge = self.prepare(authorization.as_str().unwrap()).await;
            assert_eq!(self.ask(&challenge, "{}").await.status, 200);
        }
        self.world.work().await;
        let url = order.header("location");
        let now = self.look(&url).await;
        assert_eq!(now["status"], "ready", "{now}");
        (url, now["finalize"].as_str().unwrap().to_owned())
    }
}

/// What the server answered.
struct Answer {
    status: u16,
    headers: HeaderMap,
    text: String,
}

impl Answer {
    fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("{}", self.text))
    }

    fn header(&self, name: &str) -> String {
        self.headers
            .get(name)
            .unwrap_or_else(|| panic!("no {name}: {}", self.text))
            .to_str()
            .unwrap()
            .to_owned()
    }

    /// The kind of problem, after `urn:ietf:params:acme:error:`.
    fn problem(&self) -> String {
        assert_eq!(self.header("content-type"), "application/problem+json");
        let urn = self.json()["type"].as_str().unwrap().to_owned();
        urn.strip_prefix("urn:ietf:params:acme:error:").unwrap().to_owned()
    }
}

/// A server on loopback that answers what it was told to; its port.
async fn server(says: Arc<Mutex<HashMap<String, String>>>) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut head = vec![0; 4096];
            let size = stream.read(&mut head).await.unwrap_or_default();
            let head = String::from_utf8_lossy(&head[..size]).into_owned();
            let token =
                head.split(' ').nth(1).and_then(|path| path.strip_prefix("/.well-known/acme-challenge/"));
            let known = token.and_then(|token| says.lock().unwrap().get(token).cloned());
            let answer = match known {
                Some(text) => format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{text}", text.len()),
                None => "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n".to_owned(),
            };
            let _ = stream.write_all(answer.as_bytes()).await; // the client may have gone
        }
    });
    port
}

/// The payload of a finalisation: a request for `names`, with a new key, made by openssl.
fn csr(names: &[&str]) -> String {
    csr_and_key(names).0
}

/// The same, and the key.
fn csr_and_key(names: &[&str]) -> (String, Client) {
    let folder = tempfile::tempdir().unwrap();
    let names: Vec<String> = names.iter().map(|name| format!("DNS:{name}")).collect();
    let names = format!("subjectAltName={}", names.join(","));
    let made = Command::new("openssl")
        .current_dir(folder.path())
        .args(["req", "-new", "-nodes", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"])
        .args(["-keyout", "key.pem", "-subj", "/", "-outform", "DER", "-out", "csr.der", "-addext", &names])
        .output()
        .unwrap();
    let der = std::fs::read(folder.path().join("csr.der"));
    let der = der.unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&made.stderr)));
    let key = std::fs::read_to_string(folder.path().join("key.pem")).unwrap();
    let key = Client::from_pkcs8(&crate::x509::blocks(&key)[0].1);
    (json!({"csr": BASE64URL_NOPAD.encode(&der)}).to_string(), key)
}
