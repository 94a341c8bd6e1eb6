//! Log-in by an institute: a small provider of the test's own, by real HTTP on loopback, with keys made here.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, RwLock};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Form, State};
use axum::http::{HeaderMap, Request, StatusCode, header};
use axum::response::Response;
use axum::routing::{get, post};
use data_encoding::BASE64URL_NOPAD as B64;
use identity::testing::sign_in;
use identity::{Granted, Hosts, Identity, Institute, OwnAccount, Role, Section, Site};
use kit::clock::{MINUTE, SECOND};
use kit::testing::{TestNode, node};
use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _, RSA_PKCS1_SHA256, RsaKeyPair,
};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tower::ServiceExt as _;

/// How the provider signs.
enum Key {
    Es256(Box<EcdsaKeyPair>),
    Rs256(Box<RsaKeyPair>),
}

impl Key {
    fn es256() -> Self {
        let random = SystemRandom::new();
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).unwrap();
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8.as_ref(), &random);
        Self::Es256(Box::new(pair.unwrap()))
    }

    fn rs256() -> Self {
        let out = std::process::Command::new("openssl")
            .args(["genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-outform", "DER"])
            .output()
            .expect("openssl is missing: apt-get install openssl");
        let pem = std::process::Command::new("openssl")
            .args(["pkcs8", "-topk8", "-nocrypt", "-inform", "DER", "-outform", "DER"])
            .stdin(std::process::Stdio::piped())
            .stdout(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        std::io::Write::write_all(&mut pem.stdin.as_ref().unwrap(), &out.stdout).unwrap();
        let pkcs8 = pem.wait_with_output().unwrap().stdout;
        Self::Rs256(Box::new(RsaKeyPair::from_pkcs8(&pkcs8).unwrap()))
    }

    fn name(&self) -> &'static str {
        match self {
            Self::Es256(_) => "ES256",
            Self::Rs256(_) => "RS256",
        }
    }

    fn jwk(&self) -> Value {
        match self {
            Self::Es256(pair) => {
                let point = pair.public_key().as_ref();
                json!({"kty": "EC", "crv": "P-256", "use": "sig", "kid": "one", "alg": "ES256",
                    "x": B64.encode(&point[1..33]), "y": B64.encode(&point[33..])})
            }
            Self::Rs256(pair) => {
                let public = ring::rsa::PublicKeyComponents::<Vec<u8>>::from(pair.public());
                json!({"kty": "RSA", "use": "sig", "kid": "one", "alg": "RS256",
                    "n": B64.encode(&public.n),
                    "e": B64.encode(&public.e)})
            }
        }
    }

    fn sign(&self, message: &[u8]) -> Vec<u8> {
        match self {
            Self::Es256(pair) => pair.sign(&SystemRandom::new(), message).unwrap().as_ref().to_vec(),
            Self::Rs256(pair) => {
                let mut out = vec![0; pair.public().modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut out).unwrap();
                out
            }
        }
    }
}

/// What the provider knows, and how it is told to lie.
struct Provider {
    issuer: String,
    key: RwLock<Key>,
    /// How often it was asked what it is.
    asked: AtomicUsize,
    /// Codes that it gave out: challenge and nonce.
    codes: Mutex<BTreeMap<String, (String, String)>>,
    subject: Mutex<String>,
    now: Mutex<i64>,
    lie: Mutex<&'static str>,
}

async fn metadata(State(p): State<Arc<Provider>>) -> axum::Json<Value> {
    let at = |path: &str| format!("{}{path}", p.issuer);
    p.asked.fetch_add(1, Ordering::Relaxed);
    axum::Json(json!({
        "issuer": p.issuer, "authorization_endpoint": at("/authorize"), "token_endpoint": at("/token"),
        "jwks_uri": at("/jwks"), "response_types_supported": ["code"], "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": [p.key.read().unwrap().name(), "HS256", "none"],
    }))
}

async fn jwks(State(p): State<Arc<Provider>>) -> axum::Json<Value> {
    axum::Json(json!({"keys": [p.key.read().unwrap().jwk()]}))
}

async fn token(
    State(p): State<Arc<Provider>>,
    Form(form): Form<BTreeMap<String, String>>,
) -> (StatusCode, axum::Json<Value>) {
    let refused = (StatusCode::BAD_REQUEST, axum::Json(json!({"error": "invalid_grant"})));
    // A code counts once, and for whoever knows the verifier.
    let Some((challenge, nonce)) = p.codes.lock().unwrap().remove(&form["code"]) else { return refused };
    if B64.encode(&Sha256::digest(form["code_verifier"].as_bytes())) != challenge {
        return refused;
    }
    let (now, lie) = (*p.now.lock().unwrap(), *p.lie.lock().unwrap());
    let mut claims = json!({
        "iss": p.issuer, "aud": "wardmote", "sub": *p.subject.lock().unwrap(), "nonce": nonce,
        "iat": now, "exp": now + 60, "email": "ada@aldermark.example", "groups": ["node-admin"],
    });
    match lie {
        "issuer" => claims["iss"] = json!("https://evil.example"),
        "audience" => claims["aud"] = json!("somebody-else"),
        "nonce" => claims["nonce"] = json!("another"),
        "expired" => claims["exp"] = json!(now - 3_600),
        _ => {}
    }
    let algorithm = if lie == "none" { "none" } else { p.key.read().unwrap().name() };
    let head = B64.encode(json!({"alg": algorithm, "kid": "one", "typ": "JWT"}).to_string().as_bytes());
    let body = B64.encode(claims.to_string().as_bytes());
    let signed = format!("{head}.{body}");
    let mut signature = p.key.read().unwrap().sign(signed.as_bytes());
    match lie {
        "signature" => signature[3] ^= 1,
        "none" => signature.clear(),
        _ => {}
    }
    let id_token = format!("{signed}.{}", B64.encode(&signature));
    (StatusCode::OK, axum::Json(json!({"access_token": "x", "token_type": "Bearer", "id_token": id_token})))
}

struct World {
    node: TestNode,
    identity: Identity,
    router: Router,
    provider: Arc<Provider>,
}

async fn world(key: Key) -> World {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let issuer = format!("http://{}", listener.local_addr().unwrap());
    let node = node(&[identity::MIGRATIONS]);
    let provider = Arc::new(Provider {
        issuer: issuer.clone(),
        key: RwLock::new(key),
        asked: AtomicUsize::new(0),
        codes: Mutex::default(),
        subject: Mutex::new("kes-4711".into()),
        now: Mutex::new(node.now() / SECOND),
        lie: Mutex::new(""),
    });
    let routes = Router::new()
        .route("/.well-known/openid-configuration", get(metadata))
        .route("/jwks", get(jwks))
        .route("/token", post(token))
        .with_state(provider.clone());
    tokio::spawn(async move { axum::serve(listener, routes).await.unwrap() });
    let institute = Institute {
        name: "uni".into(),
        title: "University of Example".into(),
        issuer,
        client_id: "wardmote".into(),
        client_secret_file: None,
        certificates: None,
    };
    let section = Section { institutes: vec![institute], ..Section::default() };
    section.check().unwrap();
    let settings = section.settings(false, false, None, &Hosts::default());
    let identity = Identity::new(node.node.clone(), settings);
    let router = identity::protect(identity::routes(), identity.clone(), Site::default());
    World { node, identity, router, provider }
}

impl World {
    async fn send(&self, method: &str, path: &str, cookie: &str, body: &str) -> Response {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::COOKIE, cookie)
            .header(header::HOST, "localhost:8080")
            .header("sec-fetch-site", "same-origin")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.router.clone().oneshot(request.body(Body::from(body.to_owned())).unwrap()).await.unwrap()
    }

    /// Goes to the institute, which lets the person in: where it sends them back to, and the browser's cookie.
    async fn there(&self, path: &str, cookie: &str) -> (String, String) {
        let response = self.send("GET", path, cookie, "").await;
        assert_eq!(response.status(), StatusCode::SEE_OTHER, "{:?}", read(response).await);
        let kept = set_cookie(response.headers());
        let to = response.headers()[header::LOCATION].to_str().unwrap();
        assert!(to.starts_with(&format!("{}/authorize?", self.provider.issuer)), "{to}");
        let query: BTreeMap<&str, &str> =
            to.split_once('?').unwrap().1.split('&').filter_map(|pair| pair.split_once('=')).collect();
        assert_eq!((query["response_type"], query["code_challenge_method"]), ("code", "S256"));
        assert!(query["redirect_uri"].ends_with("uni%2Fback"), "{to}");
        let known = (query["code_challenge"].to_owned(), query["nonce"].to_owned());
        let code = format!("code-{}", query["state"]);
        self.provider.codes.lock().unwrap().insert(code.clone(), known);
        (format!("/login/institute/uni/back?code={code}&state={}", query["state"]), kept)
    }

    async fn linked(&self, login: &str) -> String {
        let (cookie, _) = sign_in(&self.identity, "aldermark", login, &[Role::Handler]).await;
        let (back, kept) = self.there("/account/institutes/uni/link", &cookie).await;
        let (status, page) = read(self.send("GET", &back, &format!("{cookie}; {kept}"), "").await).await;
        assert!(status == StatusCode::OK && page.contains("Tie it to your account?"), "{page}");
        let person = page.split(r#"name="person" value=""#).nth(1).unwrap().split('"').next().unwrap();
        let response = self.send("POST", "/account/institutes", &cookie, &format!("person={person}")).await;
        assert_eq!(response.status(), StatusCode::SEE_OTHER, "{:?}", read(response).await);
        cookie
    }
}

fn set_cookie(headers: &HeaderMap) -> String {
    headers[header::SET_COOKIE].to_str().unwrap().split(';').next().unwrap().to_owned()
}

async fn read(response: Response) -> (StatusCode, String) {
    let status = response.status();
    let body = to_bytes(response.into_body(), 1 << 20).await.unwrap();
    (status, String::from_utf8(body.to_vec()).unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_institute_lets_in_whoever_tied_it_to_their_account_whatever_it_signs_with() {
    for key in [Key::es256(), Key::rs256()] {
        let w = world(key).await;
        w.linked("kes").await;
        let (back, kept) = w.there("/login/institute/uni?next=/account", "").await;
        let response = w.send("GET", &back, &kept, "").await;
        assert_eq!(response.status(), StatusCode::SEE_OTHER, "{:?}", read(response).await);
        let session = set_cookie(response.headers());
        let (status, page) = read(w.send("GET", "/account", &session, "").await).await;
        assert!(status == StatusCode::OK && page.contains("<h1>kes</h1>"), "{page}");
        assert!(page.contains("ada@aldermark.example at University of Example"), "{page}");
        // Neither its groups nor the mail address give anything.
        assert!(!page.contains("node-admin"), "{page}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_who_is_tied_to_nobody_is_not_let_in_whatever_their_mail_address() {
    let w = world(Key::es256()).await;
    sign_in(&w.identity, "aldermark", "ada@aldermark.example", &[Role::NodeAdmin]).await;
    let (back, kept) = w.there("/login/institute/uni", "").await;
    let (status, page) = read(w.send("GET", &back, &kept, "").await).await;
    assert!(status == StatusCode::FORBIDDEN && page.contains("tie it to your account"), "{page}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_word_that_is_not_good_lets_nobody_in() {
    let w = world(Key::es256()).await;
    w.linked("kes").await;
    for lie in ["issuer", "audience", "nonce", "expired", "signature", "none"] {
        *w.provider.lie.lock().unwrap() = lie;
        let (back, kept) = w.there("/login/institute/uni", "").await;
        let (status, page) = read(w.send("GET", &back, &kept, "").await).await;
        assert!(status == StatusCode::FORBIDDEN && page.contains("is not good"), "{lie}: {status} {page}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_counts_for_the_browser_that_asked_once_and_for_ten_minutes() {
    let w = world(Key::es256()).await;
    w.linked("kes").await;
    let (back, kept) = w.there("/login/institute/uni", "").await;
    for foreign in ["", &w.there("/login/institute/uni", "").await.1] {
        let (status, page) = read(w.send("GET", &back, foreign, "").await).await;
        assert!(status == StatusCode::FORBIDDEN && page.contains("another browser"), "{page}");
    }
    assert_eq!(w.send("GET", &back, &kept, "").await.status(), StatusCode::SEE_OTHER);
    let again = w.send("GET", &back, &kept, "").await;
    assert_eq!(again.status(), StatusCode::SERVICE_UNAVAILABLE, "the institute takes a code once");
    let (back, kept) = w.there("/login/institute/uni", "").await;
    w.node.clock.advance(11 * MINUTE);
    assert_eq!(w.send("GET", &back, &kept, "").await.status(), StatusCode::FORBIDDEN);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_tied_without_the_owners_own_word_in_their_own_session_and_to_one_account_only() {
    let w = world(Key::es256()).await;
    let (cookie, kes) = sign_in(&w.identity, "aldermark", "kes", &[Role::Handler]).await;
    let (jor, _) = sign_in(&w.identity, "aldermark", "jor", &[Role::Handler]).await;
    let (back, kept) = w.there("/account/institutes/uni/link", &cookie).await;
    let (_, page) = read(w.send("GET", &back, &format!("{cookie}; {kept}"), "").await).await;
    let own: Granted<OwnAccount> = Granted::check(&kes).unwrap();
    assert!(w.identity.institute_links(&own).await.unwrap().is_empty(), "asked first");
    let person = page.split(r#"name="person" value=""#).nth(1).unwrap().split('"').next().unwrap();
    let form = format!("person={person}");
    assert_eq!(w.send("POST", "/account/institutes", &jor, &form).await.status(), StatusCode::CONFLICT);
    assert_eq!(w.send("POST", "/account/institutes", &cookie, &form).await.status(), StatusCode::SEE_OTHER);
    // The same person of the institute for another account.
    let (back, kept) = w.there("/account/institutes/uni/link", &jor).await;
    let (_, page) = read(w.send("GET", &back, &format!("{jor}; {kept}"), "").await).await;
    let person = page.split(r#"name="person" value=""#).nth(1).unwrap().split('"').next().unwrap();
    let form = format!("person={person}");
    assert_eq!(w.send("POST", "/account/institutes", &jor, &form).await.status(), StatusCode::CONFLICT);

    let link = &w.identity.institute_links(&own).await.unwrap()[0];
    let form = format!("issuer={}&subject={}", identity::web::encode(&link.issuer), link.subject);
    let response = w.send("POST", "/account/institutes/remove", &cookie, &form).await;
    assert_eq!(response.status(), StatusCode::SEE_OTHER);
    let (back, kept) = w.there("/login/institute/uni", "").await;
    assert_eq!(w.send("GET", &back, &kept, "").await.status(), StatusCode::FORBIDDEN);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_institute_is_asked_what_it_is_every_ten_minutes_however_many_strangers_click() {
    let w = world(Key::es256()).await;
    for _ in 0..20 {
        w.there("/login/institute/uni", "").await;
    }
    assert_eq!(w.provider.asked.load(Ordering::Relaxed), 1);
    w.node.clock.advance(10 * MINUTE);
    w.there("/login/institute/uni", "").await;
    assert_eq!(w.provider.asked.load(Ordering::Relaxed), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_clicks_too_often_waits_and_whoever_comes_in_does_not() {
    let w = world(Key::es256()).await;
    w.linked("kes").await;
    for _ in 0..40 {
        let (back, kept) = w.there("/login/institute/uni", "").await;
        assert_eq!(w.send("GET", &back, &kept, "").await.status(), StatusCode::SEE_OTHER);
    }
    for _ in 0..31 {
        w.there("/login/institute/uni", "").await;
    }
    let response = w.send("GET", "/login/institute/uni", "", "").await;
    let (status, page) = read(response).await;
    assert!(status == StatusCode::TOO_MANY_REQUESTS && page.contains("Try again in 1 second"), "{page}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_institute_may_change_its_keys_at_any_time() {
    let w = world(Key::es256()).await;
    w.linked("kes").await;
    w.node.clock.advance(MINUTE);
    *w.provider.now.lock().unwrap() += 60;
    *w.provider.key.write().unwrap() = Key::es256();
    let (back, kept) = w.there("/login/institute/uni", "").await;
    assert_eq!(w.send("GET", &back, &kept, "").await.status(), StatusCode::SEE_OTHER);
    assert_eq!(w.provider.asked.load(Ordering::Relaxed), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_silent_institute_is_left_alone_for_a_moment() {
    let w = world(Key::es256()).await;
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let issuer = format!("http://{}", silent.local_addr().unwrap());
    let asked = Arc::new(AtomicUsize::new(0));
    let counted = asked.clone();
    std::thread::spawn(move || {
        // Takes the connection, and hangs up.
        for connection in silent.incoming() {
            counted.fetch_add(1, Ordering::Relaxed);
            drop(connection);
        }
    });
    let institute = Institute {
        name: "uni".into(),
        title: "University of Example".into(),
        issuer,
        client_id: "wardmote".into(),
        client_secret_file: None,
        certificates: None,
    };
    let section = Section { institutes: vec![institute], ..Section::default() };
    let settings = section.settings(false, false, None, &Hosts::default());
    let identity = Identity::new(w.node.node.clone(), settings);
    let router = identity::protect(identity::routes(), identity.clone(), Site::default());
    let w = World { identity, router, ..w };
    for _ in 0..5 {
        let status = w.send("GET", "/login/institute/uni", "", "").await.status();
        assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    }
    let first = asked.load(Ordering::Relaxed);
    w.node.clock.advance(10 * SECOND);
    w.send("GET", "/login/institute/uni", "", "").await;
    assert_eq!(asked.load(Ordering::Relaxed), 2 * first, "asked once, and once more after ten seconds");
}

#[test]
fn a_file_with_authorities_that_cannot_be_read_is_found_at_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("authorities.pem");
    let institute = Institute {
        name: "uni".into(),
        title: "University of Example".into(),
        issuer: "https://login.institute.example".into(),
        client_id: "wardmote".into(),
        client_secret_file: None,
        certificates: Some(file.clone()),
    };
    let section = Section { institutes: vec![institute], ..Section::default() };
    let wrong = |text: &str| {
        std::fs::write(&file, text).unwrap();
        section.check().unwrap_err().to_string()
    };
    assert!(section.check().unwrap_err().to_string().contains("authorities.pem"), "it is missing");
    assert!(wrong("nothing of the kind").contains("no certificate"));
    let broken = "-----BEGIN CERTIFICATE-----\n!!!!\n-----END CERTIFICATE-----\n";
    assert!(wrong(broken).contains("authorities.pem"), "{}", wrong(broken));
}
