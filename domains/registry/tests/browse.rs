//! Pages about objects through the router; on the engine that `WARDMOTE_TEST_DB` names.

#![allow(clippy::unwrap_used)]

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, header};
use identity::testing::sign_in;
use identity::{Granted, Identity, Role, Settings, Site};
use kit::testing::{TestNode, node};
use registry::Registry;
use teams::Teams;
use tower::ServiceExt as _;

const COMMUNITY: &str = r#"[
 {"handle": "aldermark", "official_name": "Aldermark CERT", "short_name": "Aldermark CERT",
  "constituency": {"ipranges": ["203.0.113.128/25"]}, "emails": [{"address": "cert@aldermark.example", "usage": "report"}]},
 {"handle": "skerry", "official_name": "CERT Skerry", "short_name": "CERT <Skerry>", "classification": {"code": "accredited", "since": "2024-06-11"},
  "emails": [{"address": "duty@skerry.example", "usage": "report"}], "irt": "IRT-SKERRY"}]"#;

const DUMP: &str = "\
inetnum: 192.0.2.0 - 192.0.2.127
netname: SKERRY-CAMPUS
descr:   <b>Campus</b>
admin-c: JV1-WARD, GONE-WARD # both
mnt-irt: IRT-SKERRY
mnt-by:  MNT-SKERRY
source:  WARD

inetnum: 192.0.2.16 - 192.0.2.31
netname: LABS
mnt-by:  MNT-SKERRY
source:  WARD

inet6num: 2001:db8::/32
netname: SKERRY-SIX
mnt-irt: IRT-OTHER
source:  WARD

person:  Jorrit Vaskeld
nic-hdl: JV1-WARD
e-mail:  jorrit@skerry.example
source:  WARD

mntner:  MNT-SKERRY
auth:    PGPKEY-1234ABCD
source:  WARD

irt:     IRT-SKERRY
e-mail:  duty@skerry.example
mnt-by:  WARD-INTRODUCER-MNT
source:  WARD
";

struct World {
    router: Router,
    cookie: String,
    _node: TestNode,
}

async fn world() -> World {
    let node = node(&[identity::MIGRATIONS, mail::MIGRATIONS, teams::MIGRATIONS, registry::MIGRATIONS]);
    let identity = Identity::new(node.node.clone(), Settings::default());
    let teams = Teams::open(node.node.clone(), teams::Section::default()).await.unwrap();
    teams::testing::import(&teams, teams::import::parse(COMMUNITY.as_bytes()).unwrap().entries).await;
    let settings = registry::Settings {
        source: Some("WARD".to_owned()),
        introducers: vec!["WARD-INTRODUCER-MNT".to_owned()],
        ..registry::Settings::default()
    };
    let own = node.node.clone();
    let file = node.folder.path().join("ward.rpsl");
    std::fs::write(&file, DUMP).unwrap();
    let made = move || {
        let registry = Registry::with(own, teams, settings).unwrap();
        registry.import(&Granted::for_node(), &[file], Default::default(), &mut |_| {}).unwrap();
        registry
    };
    let registry = tokio::task::spawn_blocking(made).await.unwrap();
    let router = identity::protect(registry.domain().routes, identity.clone(), Site::default());
    let (cookie, _) = sign_in(&identity, "aldermark", "mira", &[Role::Reader]).await;
    World { router, cookie, _node: node }
}

impl World {
    async fn get_as(&self, path: &str, cookie: &str) -> (StatusCode, String) {
        let request = Request::get(path).header(header::COOKIE, cookie).body(Body::empty()).unwrap();
        let response = self.router.clone().oneshot(request).await.unwrap();
        let status = response.status();
        let body = to_bytes(response.into_body(), 8 << 20).await.unwrap();
        (status, String::from_utf8(body.to_vec()).unwrap())
    }

    /// The page as a reader sees it; it must have all of `parts`.
    async fn page(&self, path: &str, parts: &[&str]) -> String {
        let (status, page) = self.get_as(path, &self.cookie).await;
        assert_eq!(status, StatusCode::OK, "{path}: {page}");
        for part in parts {
            assert!(page.contains(part), "{part} is missing in {path}:\n{page}");
        }
        assert!(!page.contains("style=\"") && !page.contains("<b>Campus"));
        page
    }
}

#[tokio::test]
async fn strangers_are_sent_to_the_log_in_by_every_page() {
    let w = world().await;
    for path in [
        "/registry/search?q=skerry",
        "/registry/WARD/irt/IRT-SKERRY",
        "/registry/tree?range=192.0.2.0/24",
        "/registry/history?source=WARD&class=irt&key=IRT-SKERRY",
        "/registry/referring?source=WARD&class=irt&key=IRT-SKERRY",
    ] {
        assert_eq!(w.get_as(path, "").await.0, StatusCode::SEE_OTHER, "{path}");
    }
}

#[tokio::test]
async fn an_object_links_to_what_it_names_and_marks_what_there_is_not() {
    let w = world().await;
    w.page(
        "/registry/ward/inetnum/192.0.2.0%2F25",
        &[
            r#"<h1 class="mono">192.0.2.0 - 192.0.2.127</h1>"#,
            r#"<a href="/registry/WARD/irt/IRT-SKERRY">IRT-SKERRY</a>"#,
            r#"<a href="/registry/WARD/person/JV1-WARD">JV1-WARD</a>, <del title="no such object">GONE-WARD</del> # both"#,
            "&#60;b&#62;Campus",
            "/lookup?q=192.0.2.0%20-%20192.0.2.127",
        ],
    )
    .await;
    w.page("/registry/WARD/inet6num/2001:db8::/32", &["SKERRY-SIX", "Hierarchy"]).await;
}

#[tokio::test]
async fn the_introducers_remark_is_set_off_and_the_team_is_named() {
    let w = world().await;
    w.page(
        "/registry/WARD/irt/irt-skerry",
        &[
            "<b>remarks:        Trust status: accredited since 2024-06-11 (says WARD-INTRODUCER-MNT)</b>",
            r#"<a href="/teams/skerry">CERT &#60;Skerry&#62;</a>"#,
            "duty@skerry.example",
        ],
    )
    .await;
}

#[tokio::test]
async fn an_object_that_is_not_there_says_so_and_a_class_that_is_none_too() {
    let w = world().await;
    let (status, page) = w.get_as("/registry/WARD/irt/IRT-%3Cnobody%3E", &w.cookie).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    assert!(page.contains("There is no such object") && !page.contains("<nobody"), "{page}");
    assert_eq!(w.get_as("/registry/WARD/cow/IRT-SKERRY", &w.cookie).await.0, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_hierarchy_shows_what_is_around_what_is_in_it_and_what_is_free() {
    let w = world().await;
    w.page(
        "/registry/tree?range=192.0.2.0/25",
        &[
            "192.0.2.16/28",
            "IRT-SKERRY, from above",
            "192.0.2.0/28",
            "free",
            "16 addresses",
            r#"<a href="/registry/WARD/inetnum/192.0.2.16%20-%20192.0.2.31">LABS</a>"#,
        ],
    )
    .await;
    w.page("/registry/tree?range=2000::/3", &["2001:db8::/32", "times a /64", "IRT-OTHER"]).await;
    let page = w.page("/registry/tree?range=192.0.2.16/28", &["answers for it", "names no IRT"]).await;
    assert_eq!(page.matches("<ol").count(), page.matches("</ol>").count());
    let (status, page) = w.get_as("/registry/tree?range=nonsense", &w.cookie).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.contains("nonsense is no range"), "{page}");
}

#[tokio::test]
async fn any_object_is_found_by_its_name_or_by_its_beginning() {
    let w = world().await;
    for (asked, part) in [
        ("irt-skerry", "/registry/WARD/irt/IRT-SKERRY"),
        ("jv1-ward", "/registry/WARD/person/JV1-WARD"),
        ("192.0.2.0%2F25", "/registry/WARD/inetnum/192.0.2.0%20-%20192.0.2.127"),
        ("192.0.2.20", "/registry/WARD/inetnum/192.0.2.16%20-%20192.0.2.31"),
        ("mnt-sk", "/registry/WARD/mntner/MNT-SKERRY"),
        ("skerry", "/registry/WARD/irt/IRT-SKERRY"),
        ("www.skerry.example", "/lookup?q=www.skerry.example"),
    ] {
        w.page(&format!("/registry/search?q={asked}"), &[part]).await;
    }
    w.page("/registry/search?q=%3Cx%3E", &["No object was found"]).await;
}

#[tokio::test]
async fn an_imported_object_has_no_history_yet() {
    let w = world().await;
    w.page("/registry/history?source=WARD&class=irt&key=IRT-SKERRY", &["It never changed here"]).await;
}
