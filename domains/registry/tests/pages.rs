//! Pages and API through the router; on the engine that `WARDMOTE_TEST_DB` names.

#![allow(clippy::unwrap_used)]

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, header};
use axum::response::Response;
use identity::testing::sign_in;
use identity::{Granted, Identity, Role, Settings, Site};
use kit::testing::{TestNode, node};
use registry::Registry;
use teams::Teams;
use tower::ServiceExt as _;

const COMMUNITY: &str = r#"[
 {"handle": "aldermark", "official_name": "Aldermark CERT", "short_name": "Aldermark CERT", "classification": {"code": "accredited", "since": "2012-05-14"},
  "constituency": {"ipranges": ["203.0.113.128/25"]}, "emails": [{"address": "cert@aldermark.example", "usage": "report"}]},
 {"handle": "skerry", "official_name": "CERT Skerry", "short_name": "CERT <Skerry>", "classification": {"code": "accredited", "since": "2024-06-11"},
  "constituency": {"domains": ["*.skerry.example"]}, "emails": [{"address": "duty@skerry.example", "usage": "report"}],
  "phones": [{"usage": "emergency", "number": "+00 5550 0223"}], "irt": "IRT-SKERRY"},
 {"handle": "tarn", "official_name": "Tarn CERT", "short_name": "Tarn CERT", "classification": {"code": "accredited", "since": "2024-06-11"},
  "constituency": {"ipranges": ["192.0.2.0/25", "203.0.113.0/26"], "domains": ["tarn.example"]}, "emails": [{"address": "cert@tarn.example", "usage": "report"}],
  "more": {"visibility": {"networks": "team", "domains": "team"}}}]"#;

const DUMP: &str = "\
inetnum: 192.0.2.0 - 192.0.2.127
netname: SKERRY-CAMPUS
descr:   <b>Campus</b>
mnt-irt: IRT-SKERRY
source:  WARD

inetnum: 192.0.2.10 - 192.0.2.77
netname: LABS
source:  WARD

inetnum: 198.51.100.0/24
abuse-c: BW1-WARD
source:  WARD

role:    Brackwater Abuse
nic-hdl: BW1-WARD
abuse-mailbox: abuse@brackwater.example
source:  WARD

irt:     IRT-SKERRY
e-mail:  duty@skerry.example
source:  WARD

inetnum: 192.0.2.300/24
source:  WARD
";

struct World {
    identity: Identity,
    router: Router,
    _node: TestNode,
}

async fn world() -> World {
    let node = node(&[identity::MIGRATIONS, teams::MIGRATIONS, registry::MIGRATIONS]);
    let identity = Identity::new(node.node.clone(), Settings::default());
    let teams = Teams::open(node.node.clone(), teams::Section::default()).await.unwrap();
    teams::testing::import(&teams, teams::import::parse(COMMUNITY.as_bytes()).unwrap().entries).await;
    let registry = Registry::open(node.node.clone(), teams).await.unwrap();
    let file = node.folder.path().join("ward.rpsl");
    std::fs::write(&file, DUMP).unwrap();
    let own = registry.clone();
    let import = move || own.import(&Granted::for_node(), &[file], Default::default(), &mut |_| {});
    tokio::task::spawn_blocking(import).await.unwrap().unwrap();
    let domain = registry.domain();
    let (api, _) = utoipa_axum::router::OpenApiRouter::new().nest("/api/v1", domain.api).split_for_parts();
    let router = identity::protect(domain.routes.merge(api), identity.clone(), Site::default());
    World { identity, router, _node: node }
}

impl World {
    async fn reader(&self) -> String {
        sign_in(&self.identity, "aldermark", "kes", &[Role::Reader]).await.0
    }

    async fn get(&self, path: &str, cookie: &str) -> Response {
        let request = Request::get(path).header(header::COOKIE, cookie).body(Body::empty()).unwrap();
        self.router.clone().oneshot(request).await.unwrap()
    }

    async fn post(
        &self,
        path: &str,
        cookie: &str,
        kind: &str,
        accept: &str,
        body: impl Into<Body>,
    ) -> Response {
        let request = Request::post(path)
            .header(header::COOKIE, cookie)
            .header("sec-fetch-site", "same-origin")
            .header(header::CONTENT_TYPE, kind)
            .header(header::ACCEPT, accept);
        self.router.clone().oneshot(request.body(body.into()).unwrap()).await.unwrap()
    }
}

async fn read(response: Response) -> (StatusCode, String) {
    let status = response.status();
    let body = to_bytes(response.into_body(), 64 << 20).await.unwrap();
    (status, String::from_utf8(body.to_vec()).unwrap())
}

const FORM: &str = "application/x-www-form-urlencoded";

#[tokio::test]
async fn a_stranger_sees_nothing_and_neither_does_an_account_without_a_role() {
    let w = world().await;
    let (nobody, _) = sign_in(&w.identity, "aldermark", "nobody", &[]).await;
    for path in ["/lookup", "/lookup?q=192.0.2.1", "/registry", "/api/v1/lookup?resource=192.0.2.1"] {
        let stranger = w.get(path, "").await.status();
        assert!(matches!(stranger, StatusCode::SEE_OTHER | StatusCode::UNAUTHORIZED), "{path}");
        assert_eq!(w.get(path, &nobody).await.status(), StatusCode::FORBIDDEN, "{path}");
    }
    let posted = w.post("/api/v1/lookup", &nobody, "text/plain", "*/*", "192.0.2.1").await;
    assert_eq!(posted.status(), StatusCode::FORBIDDEN);
    assert_eq!(
        w.post("/lookup", &nobody, FORM, "*/*", "text=192.0.2.1").await.status(),
        StatusCode::FORBIDDEN
    );
}

#[tokio::test]
async fn an_answer_shows_chain_networks_contact_and_record() {
    let w = world().await;
    let (status, page) = read(w.get("/lookup?q=192.0.2.64", &w.reader().await).await).await;
    assert_eq!(status, StatusCode::OK);
    for part in [
        r#"<a href="/teams/skerry">CERT &#60;Skerry&#62;</a>"#,
        r##"<li class="gap">no mnt-irt</li>"##,
        r#"<li><span class="k">above it</span> <code>192.0.2.0/25</code></li>"#,
        r#"<rect class="band hit" x="0.0" y="8" width="960.0" height="22"/>"#,
        "192.0.2.10 - 192.0.2.77",
        "IRT found here",
        "names no IRT",
        "128 addresses",
        "mailto:duty@skerry.example",
        "+00 5550 0223",
        "Cannot be told encrypted: CERT &#60;Skerry&#62; has no key in the directory",
        "<b>mnt-irt: IRT-SKERRY</b>",
        "&#60;b&#62;Campus&#60;/b&#62;",
    ] {
        assert!(page.contains(part), "{part} is missing in:\n{page}");
    }
    assert!(!page.contains("style=\"") && !page.contains("<b>Campus"));
    let (opened, closed) = (page.matches("<ol").count(), page.matches("</ol>").count());
    assert_eq!(opened, closed, "the networks nest as HTML too");
}

#[tokio::test]
async fn what_is_the_readers_own_is_said() {
    let w = world().await;
    let cookie = w.reader().await;
    let (_, page) = read(w.get("/lookup?q=203.0.113.200", &cookie).await).await;
    assert!(page.contains("#i-ours") && page.contains("constituency"), "{page}");
    let (_, page) = read(w.get("/lookup?q=192.0.2.1", &cookie).await).await;
    assert!(page.contains("#i-abroad"), "{page}");
}

#[tokio::test]
async fn every_kind_of_resource_has_a_page_and_nonsense_is_explained() {
    let w = world().await;
    let cookie = w.reader().await;
    for asked in
        ["www.skerry.example", "AS64500", "192.0.2.0%2F26", "2001:db8::1", "hxxp://192.0.2%5B.%5D1/x"]
    {
        assert_eq!(w.get(&format!("/lookup?q={asked}"), &cookie).await.status(), StatusCode::OK, "{asked}");
    }
    let (status, page) = read(w.get("/lookup?q=%3Cnonsense%3E", &cookie).await).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.contains("is no address, range, AS number or domain name") && !page.contains("<nonsense>"));
}

#[tokio::test]
async fn a_pasted_log_is_told_by_who_is_responsible_without_a_script() {
    let w = world().await;
    let cookie = w.reader().await;
    let log = "text=sshd+192.0.2.7+and+192.0.2.8%0D%0Afrom+198.51.100.9%2C+240.0.0.1+hxxp%3A%2F%2F198.51.100%5B.%5D10%2F";
    let (status, page) = read(w.post("/lookup", &cookie, FORM, "text/html", log).await).await;
    assert_eq!(status, StatusCode::OK);
    for part in ["Brackwater Abuse", "198.51.100.0/24, abuse-mailbox only", "2 contacts", "nobody found"] {
        assert!(page.contains(part), "{part} is missing in:\n{page}");
    }
    assert!(page.contains("sshd 192.0.2.7"), "what was pasted stays in its field");

    let csv = w.post("/lookup", &cookie, FORM, "text/html", format!("{log}&format=csv")).await;
    assert_eq!(csv.headers()[header::CONTENT_TYPE], "text/csv; charset=utf-8");
    assert!(csv.headers()[header::CONTENT_DISPOSITION].to_str().unwrap().contains("lookup.csv"));
    assert_eq!(read(csv).await.1.lines().count(), 1 + 5);
}

#[tokio::test]
async fn the_registry_page_tells_what_is_loaded_and_what_was_refused() {
    let w = world().await;
    let (status, page) = read(w.get("/registry", &w.reader().await).await).await;
    assert_eq!(status, StatusCode::OK);
    for part in ["WARD", "inetnum 3, irt 1, role 1", "ward.rpsl", "192.0.2.300/24", "(refused)", "3 networks"]
    {
        assert!(page.contains(part), "{part} is missing in:\n{page}");
    }
}

#[tokio::test]
async fn programs_get_one_answer_with_its_reasons() {
    let w = world().await;
    let cookie = w.reader().await;
    let (status, body) = read(w.get("/api/v1/lookup?resource=192.0.2.64", &cookie).await).await;
    assert_eq!(status, StatusCode::OK);
    let answer: serde_json::Value = serde_json::from_str(&body).unwrap();
    assert_eq!(answer["team"]["handle"], "skerry");
    assert_eq!(answer["contact"]["source"], "directory");
    assert_eq!(answer["chain"][3]["kind"], "above it");
    assert_eq!(answer["networks"][0]["found"], true);
    let (status, body) = read(w.get("/api/v1/lookup?resource=%00", &cookie).await).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(body.contains("\"field\":\"resource\""), "{body}");
}

#[tokio::test]
async fn programs_get_many_answers_in_the_form_they_ask_for() {
    let w = world().await;
    let cookie = w.reader().await;
    let post = |kind: &'static str, accept: &'static str, body: &'static str| {
        w.post("/api/v1/lookup", &cookie, kind, accept, body)
    };
    let (status, body) =
        read(post("text/plain", "application/json", "192.0.2.1\n198.51.100.1\n").await).await;
    let answers: Vec<serde_json::Value> = serde_json::from_str(&body).unwrap();
    assert_eq!((status, answers.len()), (StatusCode::OK, 2));
    assert_eq!(answers[1]["basis"], "abuse-c");

    let list = r#"["192.0.2.1", "AS64500", "192.0.2.0/26"]"#;
    let (_, body) = read(post("application/json", "application/x-ndjson", list).await).await;
    let rows: Vec<serde_json::Value> = body.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(rows.len(), 3);
    assert_eq!((&rows[0]["irt"], &rows[2]["team"]), (&"IRT-SKERRY".into(), &"CERT <Skerry>".into()));

    let (_, body) = read(post("application/json", "text/csv;q=1", list).await).await;
    assert!(
        body.starts_with("address,irt,team,trust,key,contact,network,country,netname,basis,channel,language,verified,chain\r\n192.0.2.1,"),
        "{body}"
    );

    assert_eq!(post("application/json", "*/*", "{}").await.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(read(post("text/plain", "*/*", "").await).await.1, "[]\n");
}

#[tokio::test]
async fn a_large_list_streams_and_a_larger_one_is_refused() {
    let w = world().await;
    let cookie = w.reader().await;
    let list: String = (0..200_000).map(|n| format!("192.0.2.{}\n", n % 256)).collect();
    let (status, body) = read(w.post("/api/v1/lookup", &cookie, "text/plain", "text/csv", list).await).await;
    assert_eq!((status, body.lines().count()), (StatusCode::OK, 200_001));
    let larger = "192.0.2.1\n".repeat(1_100_000);
    let refused = w.post("/api/v1/lookup", &cookie, "text/plain", "text/csv", larger).await;
    assert_eq!(refused.status(), StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn what_a_team_hides_of_its_constituency_is_told_to_itself_alone() {
    let w = world().await;
    let other = w.reader().await;
    let own = sign_in(&w.identity, "tarn", "tia", &[Role::Reader]).await.0;
    let paths = [
        "/api/v1/lookup?resource=192.0.2.64",
        "/api/v1/lookup?resource=203.0.113.7",
        "/api/v1/lookup?resource=tarn.example",
        "/lookup?q=192.0.2.64",
        "/lookup?q=203.0.113.7",
    ];
    for path in paths {
        let told = async |cookie: &str| {
            let response = w.get(path, cookie).await;
            assert_eq!(response.status(), StatusCode::OK, "{path}");
            let body = to_bytes(response.into_body(), 8 << 20).await.unwrap();
            String::from_utf8(body.to_vec()).unwrap()
        };
        assert!(told(&own).await.contains("Tarn CERT"), "{path}");
        let page = told(&other).await;
        assert!(!page.contains("Tarn") && !page.contains("cert@tarn"), "{path}: {page}");
    }
    for kind in ["text/csv", "application/x-ndjson", "application/json"] {
        let told = async |cookie: &str| {
            let request = Request::post("/api/v1/lookup")
                .header(header::COOKIE, cookie)
                .header("sec-fetch-site", "same-origin")
                .header(header::CONTENT_TYPE, "text/plain")
                .header(header::ACCEPT, kind);
            let request = request.body(Body::from("192.0.2.64\n203.0.113.7\n")).unwrap();
            let response = w.router.clone().oneshot(request).await.unwrap();
            assert_eq!(response.status(), StatusCode::OK, "{kind}");
            let body = to_bytes(response.into_body(), 8 << 20).await.unwrap();
            String::from_utf8(body.to_vec()).unwrap()
        };
        assert!(told(&own).await.contains("tarn"), "{kind}");
        let page = told(&other).await;
        assert!(!page.to_lowercase().contains("tarn"), "{kind}: {page}");
    }
}
