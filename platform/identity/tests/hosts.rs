//! Public hosts and the members' host, as a browser meets them; on the engine that `WARDMOTE_TEST_DB` names.

#![allow(clippy::unwrap_used)]

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, header};
use axum::routing::get;
use identity::testing::sign_in;
use identity::{From, Granted, Hosts, Identity, ReadCases, Role, Section, Site, Visitor};
use kit::testing::{TestNode, node};
use tls::{AskedFor, ByTls};
use tower::ServiceExt as _;

struct World {
    node: TestNode,
    identity: Identity,
    router: Router,
}

async fn cases(granted: Granted<ReadCases>) -> String {
    format!("the cases of {}", granted.actor().name)
}

async fn directory(visitor: Visitor) -> String {
    format!("the directory for {}", visitor.actor.map_or("a stranger".into(), |actor| actor.name))
}

fn world() -> World {
    let node = node(&[identity::MIGRATIONS]);
    let name = |name: &str| Some(format!("{name}.trust.example"));
    let hosts = Hosts { public: name("www"), members: name("members"), pki: name("pki") };
    hosts.check().unwrap();
    let settings = Section::default().settings(true, false, None, &hosts);
    let identity = Identity::new(node.node.clone(), settings);
    let more = Router::new().route("/cases", get(cases).post(cases)).route("/directory", get(directory));
    let router = identity::protect(identity::routes().merge(more), identity.clone(), Site::default());
    World { node, identity, router }
}

impl World {
    async fn ask(&self, method: &str, host: &str, path: &str, cookie: &str) -> (StatusCode, String) {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::COOKIE, cookie)
            .header("sec-fetch-site", "same-origin")
            .header(header::HOST, host);
        self.send(request.body(Body::empty()).unwrap()).await
    }

    async fn send(&self, request: Request<Body>) -> (StatusCode, String) {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let status = response.status();
        let to = response.headers().get(header::LOCATION).map(|to| to.to_str().unwrap().to_owned());
        let body = to_bytes(response.into_body(), 1 << 20).await.unwrap();
        (status, to.unwrap_or_else(|| String::from_utf8(body.to_vec()).unwrap()))
    }
}

#[tokio::test]
async fn public_hosts_know_nobody_and_lead_to_the_members_host_for_the_rest() {
    let w = world();
    let (cookie, _) = sign_in(&w.identity, "aldermark", "kes", &[Role::Handler]).await;
    for host in ["www.trust.example", "pki.trust.example", "WWW.trust.example:443"] {
        assert_eq!(w.ask("GET", host, "/directory", &cookie).await.1, "the directory for a stranger");
        let (status, to) = w.ask("GET", host, "/cases?page=2", &cookie).await;
        assert_eq!(status, StatusCode::SEE_OTHER);
        assert_eq!(to, "https://members.trust.example/cases?page=2");
        for path in ["/login?next=/cases", "/account", "/step-up", "/settings/accounts"] {
            let there = format!("https://members.trust.example{path}");
            assert_eq!(w.ask("GET", host, path, &cookie).await.1, there);
        }
        let (status, to) = w.ask("POST", host, "/cases", &cookie).await;
        let there = "https://members.trust.example/login";
        assert_eq!((status, to.as_str()), (StatusCode::SEE_OTHER, there), "nothing is done for anybody");
    }
    // The members' host, and the plain listener for trying out.
    for host in ["members.trust.example", "localhost:8080"] {
        assert_eq!(w.ask("GET", host, "/cases", &cookie).await.1, "the cases of kes");
        assert_eq!(w.ask("GET", host, "/login", "").await.0, StatusCode::OK);
    }
}

#[tokio::test]
async fn the_session_of_one_host_is_not_valid_at_another() {
    let w = world();
    let (_, kes) = sign_in(&w.identity, "aldermark", "kes", &[Role::Handler]).await;
    let link = w.identity.one_time_login(&Granted::for_node(), kes.account.unwrap()).await.unwrap();
    let host = "members.trust.example".to_owned();
    let from = From { peer: "192.0.2.1".parse().unwrap(), agent: String::new(), host };
    let identity::Entered::In(value) = w.identity.log_in_once(&link, &from).await.unwrap() else { panic!() };
    let cookie = format!("__Host-wardmote={value}; wardmote={value}");
    assert_eq!(w.ask("GET", "members.trust.example", "/cases", &cookie).await.0, StatusCode::OK);
    assert_eq!(w.ask("GET", "localhost", "/cases", &cookie).await.1, "/login?next=/cases");
    assert_eq!(
        w.ask("GET", "www.trust.example", "/directory", &cookie).await.1,
        "the directory for a stranger"
    );
    assert!(w.node.now() > 0);
}

#[tokio::test]
async fn a_connection_that_was_made_for_one_host_serves_no_other() {
    let w = world();
    let (cookie, _) = sign_in(&w.identity, "aldermark", "kes", &[Role::Handler]).await;
    let request = |name: &str| {
        let mut request = Request::get("/cases")
            .header(header::COOKIE, &cookie)
            .header(header::HOST, "members.trust.example")
            .body(Body::empty())
            .unwrap();
        request.extensions_mut().insert(AskedFor(name.into()));
        request.extensions_mut().insert(ByTls);
        request
    };
    assert_eq!(w.send(request("www.trust.example")).await.0, StatusCode::MISDIRECTED_REQUEST);
    assert_eq!(w.send(request("members.trust.example")).await.1, "the cases of kes");
}

#[test]
fn hosts_that_cannot_work_are_named() {
    let wrong = |public: Option<&str>, members: Option<&str>| {
        let own = |name: Option<&str>| name.map(str::to_owned);
        let hosts = Hosts { public: own(public), members: own(members), pki: None };
        hosts.check().unwrap_err().to_string()
    };
    assert!(wrong(Some("www.trust.example"), None).contains("[hosts] members"));
    assert!(wrong(None, Some("https://members.trust.example")).contains("no https://"));
    assert!(wrong(Some("trust.example"), Some("trust.example")).contains("name of its own"));
}
