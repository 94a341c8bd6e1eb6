//! The editor through the router; on the engine that `WARDMOTE_TEST_DB` names.

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

const DUMP: &str = "\
mntner:         MNT-SKERRY
descr:          Skerry
admin-c:        SD1-WARD
upd-to:         desk@skerry.example
auth:           SSO kes
mnt-by:         MNT-SKERRY
source:         WARD

role:           Skerry Desk
address:        Pier 4
e-mail:         desk@skerry.example
nic-hdl:        SD1-WARD
mnt-by:         MNT-SKERRY
source:         WARD
";

struct World {
    router: Router,
    cookie: String,
    reader: String,
    /// May change the registry, but maintains nothing.
    other: String,
    _node: TestNode,
}

async fn world() -> World {
    let node = node(&[identity::MIGRATIONS, mail::MIGRATIONS, teams::MIGRATIONS, registry::MIGRATIONS]);
    let identity = Identity::new(node.node.clone(), Settings::default());
    let teams = Teams::open(node.node.clone(), teams::Section::default()).await.unwrap();
    let settings = registry::Settings { source: Some("WARD".to_owned()), ..registry::Settings::default() };
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
    let (cookie, _) = sign_in(&identity, "skerry", "kes", &[Role::Handler]).await;
    let (reader, _) = sign_in(&identity, "skerry", "jor", &[Role::Reader]).await;
    let (other, _) = sign_in(&identity, "aldermark", "mira", &[Role::Handler]).await;
    World { router, cookie, reader, other, _node: node }
}

/// A page's text with its entities undone, as a form would send it back.
fn unescaped(text: &str) -> String {
    let pairs = [("&#60;", "<"), ("&#62;", ">"), ("&#34;", "\""), ("&#39;", "'"), ("&#38;", "&")];
    pairs.iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
}

/// What stands in the text area of this name.
fn area(page: &str, name: &str) -> String {
    let from = page.find(&format!("name=\"{name}\"")).unwrap_or_else(|| panic!("no {name} in {page}"));
    let begin = from + page[from..].find(">\n").unwrap() + 2;
    let end = begin + page[begin..].find("</textarea>").unwrap();
    unescaped(&page[begin..end])
}

impl World {
    async fn send(&self, request: Request<Body>) -> (StatusCode, String, String) {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let status = response.status();
        let place = response.headers().get(header::LOCATION).map(|place| place.to_str().unwrap().to_owned());
        let body = to_bytes(response.into_body(), 8 << 20).await.unwrap();
        (status, String::from_utf8(body.to_vec()).unwrap(), place.unwrap_or_default())
    }

    async fn get(&self, path: &str, cookie: &str) -> (StatusCode, String) {
        let request = Request::get(path).header(header::COOKIE, cookie).body(Body::empty()).unwrap();
        let (status, page, _) = self.send(request).await;
        (status, page)
    }

    async fn post(&self, path: &str, cookie: &str, fields: &[(&str, &str)]) -> (StatusCode, String, String) {
        let encode = |text: &str| identity::web::encode(text).replace('/', "%2F");
        let body: Vec<String> =
            fields.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
        let request = Request::post(path)
            .header(header::COOKIE, cookie)
            .header("sec-fetch-site", "same-origin")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.send(request.body(Body::from(body.join("&"))).unwrap()).await
    }
}

const ROLE: &str = "/registry/edit?source=WARD&class=role&key=SD1-WARD";

#[tokio::test]
async fn only_those_who_may_change_the_registry_get_in_and_only_to_our_own() {
    let w = world().await;
    for path in ["/registry/edit", ROLE] {
        assert_eq!(w.get(path, "").await.0, StatusCode::SEE_OTHER, "{path}");
        assert_eq!(w.get(path, &w.reader).await.0, StatusCode::FORBIDDEN, "{path}");
        assert_eq!(w.get(path, &w.cookie).await.0, StatusCode::OK, "{path}");
    }
    let save = [("class", "role"), ("key", "SD1-WARD"), ("do", "save"), ("text", "role: x\n"), ("seen", "")];
    assert_eq!(w.post("/registry/edit", &w.reader, &save).await.0, StatusCode::FORBIDDEN);
    let elsewhere = w.get("/registry/edit?source=ELSE&class=role&key=SD1-WARD", &w.cookie).await;
    assert_eq!(elsewhere.0, StatusCode::FORBIDDEN);
    assert!(elsewhere.1.contains("kept elsewhere"), "{}", elsewhere.1);
    assert_eq!(w.get("/registry/edit?class=cow", &w.cookie).await.0, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn form_and_text_show_the_same_and_a_new_object_begins_with_what_must_stand() {
    let w = world().await;
    let (_, page) = w.get(ROLE, &w.cookie).await;
    assert!(area(&page, "text").contains("address:        Pier 4\n"), "{page}");
    assert_eq!(area(&page, "f.address"), "Pier 4");
    let (_, page) = w.get("/registry/edit?class=irt", &w.cookie).await;
    assert!(area(&page, "text").starts_with("irt:\naddress:\n"), "{page}");
    let (_, page) = w.get("/registry/edit", &w.cookie).await;
    assert!(page.contains("/registry/edit?class=inet6num"), "{page}");
}

#[tokio::test]
async fn a_change_in_the_form_is_in_the_text_and_what_would_change_is_shown() {
    let w = world().await;
    let (_, page) = w.get(ROLE, &w.cookie).await;
    let text = area(&page, "text");
    let fields = [
        ("class", "role"),
        ("key", "SD1-WARD"),
        ("do", "check"),
        ("text", text.as_str()),
        ("seen", text.as_str()),
        ("f.address", "Pier 5\r\nSkerry"),
    ];
    let (status, page, _) = w.post("/registry/edit", &w.cookie, &fields).await;
    assert_eq!(status, StatusCode::OK);
    assert!(area(&page, "text").contains("address:        Pier 5\naddress:        Skerry\n"), "{page}");
    assert!(
        page.contains("<ins>+ address:        Pier 5</ins>")
            && page.contains("<del>- address:        Pier 4</del>"),
        "{page}"
    );
}

#[tokio::test]
async fn a_broken_text_is_kept_as_it_was_typed_and_told_with_its_line() {
    let w = world().await;
    let broken = "role: Skerry Desk\n<what is this\nphone: 555\nsource: WARD\n";
    let fields = [("class", "role"), ("key", "SD1-WARD"), ("do", "check"), ("text", broken), ("seen", "")];
    let (_, page, _) = w.post("/registry/edit", &w.cookie, &fields).await;
    assert_eq!(area(&page, "text"), broken);
    assert!(page.contains("line 2") || page.contains("line 3"), "{page}");
    assert!(!page.contains("<what is this"), "{page}");
    // It is a draft now, for this account alone, and can be dropped.
    let (_, page) = w.get(ROLE, &w.cookie).await;
    assert!(page.contains("did not save is shown") && area(&page, "text") == broken, "{page}");
    let drop = [("class", "role"), ("key", "SD1-WARD"), ("do", "drop")];
    assert_eq!(w.post("/registry/edit", &w.cookie, &drop).await.0, StatusCode::SEE_OTHER);
    let (_, page) = w.get(ROLE, &w.cookie).await;
    assert!(!page.contains("did not save is shown") && area(&page, "text").contains("Pier 4"), "{page}");
}

#[tokio::test]
async fn what_the_script_keeps_while_somebody_writes_is_there_again() {
    let w = world().await;
    let (_, page) = w.get(ROLE, &w.cookie).await;
    let text = area(&page, "text").replace("Pier 4", "Pier 6");
    let fields = [("class", "role"), ("key", "SD1-WARD"), ("text", text.as_str()), ("seen", "")];
    assert_eq!(w.post("/registry/edit/draft?form=x", &w.cookie, &fields).await.0, StatusCode::NO_CONTENT);
    let (_, page) = w.get(ROLE, &w.cookie).await;
    assert!(area(&page, "text").contains("Pier 6"), "{page}");
}

fn hidden(page: &str, name: &str) -> String {
    let from = page.find(&format!("name=\"{name}\" value=\"")).unwrap() + name.len() + 15;
    page[from..from + page[from..].find('"').unwrap()].to_owned()
}

#[tokio::test]
async fn what_its_maintainer_saves_is_the_object_and_its_history_shows_the_change() {
    let w = world().await;
    let (_, page) = w.get(ROLE, &w.cookie).await;
    let (text, digest) = (area(&page, "text"), hidden(&page, "digest"));
    let fields = [
        ("class", "role"),
        ("key", "SD1-WARD"),
        ("digest", digest.as_str()),
        ("do", "save"),
        ("text", text.as_str()),
        ("seen", text.as_str()),
        ("f.address", "Pier 7"),
    ];
    let (status, page, _) = w.post("/registry/edit", &w.other, &fields).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{page}");
    assert!(page.contains("would not be saved") && area(&page, "text").contains("Pier 7"), "{page}");
    let (_, page) = w.get("/registry/WARD/role/SD1-WARD", &w.reader).await;
    assert!(page.contains("Pier 4"), "{page}");

    let (status, page, place) = w.post("/registry/edit", &w.cookie, &fields).await;
    assert_eq!((status, place.as_str()), (StatusCode::SEE_OTHER, "/registry/WARD/role/SD1-WARD"), "{page}");
    let (_, page) = w.get(&place, &w.reader).await;
    assert!(page.contains("Pier 7") && page.contains("last-modified"), "{page}");
    let (_, page) = w.get("/registry/history?source=WARD&class=role&key=SD1-WARD", &w.reader).await;
    assert!(page.contains("account kes") && page.contains("ERROR:116") && !page.contains("Pier"), "{page}");

    // Who began before that is told, and overwrites nothing.
    let mut late = fields;
    late[6].1 = "Pier 8";
    let (status, page, _) = w.post("/registry/edit", &w.cookie, &late).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{page}");
    let (_, page) = w.get("/registry/WARD/role/SD1-WARD", &w.reader).await;
    assert!(page.contains("Pier 7"), "{page}");
}

#[tokio::test]
async fn an_object_that_is_made_and_deleted_stays_in_its_history() {
    let w = world().await;
    let text = "irt: IRT-NEW\naddress: Pier 4\ne-mail: new@skerry.example\nadmin-c: SD1-WARD\ntech-c: SD1-WARD\nauth: SSO kes\nmnt-by: MNT-SKERRY\nsource: WARD\n";
    let fields = [("class", "irt"), ("key", ""), ("do", "save"), ("text", text), ("seen", "")];
    let (status, page, place) = w.post("/registry/edit", &w.cookie, &fields).await;
    assert_eq!((status, place.as_str()), (StatusCode::SEE_OTHER, "/registry/WARD/irt/IRT-NEW"), "{page}");
    let (_, page) = w.get(&place, &w.reader).await;
    assert!(page.contains("SSO # Filtered") && !page.contains("SSO kes"), "{page}");
    let (_, page) = w.get("/registry/WARD/role/SD1-WARD", &w.reader).await;
    assert!(page.contains(">IRT-NEW</a>"), "what refers to it: {page}");
    let delete = [("class", "irt"), ("key", "IRT-NEW"), ("reason", "a try")];
    assert_eq!(w.post("/registry/edit/delete", &w.other, &delete).await.0, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(w.post("/registry/edit/delete", &w.cookie, &delete).await.0, StatusCode::SEE_OTHER);
    let (status, page) = w.get("/registry/WARD/irt/IRT-NEW", &w.reader).await;
    assert!(status == StatusCode::NOT_FOUND && page.contains("It was deleted"), "{page}");
    let (_, page) = w.get("/registry/history?source=WARD&class=irt&key=IRT-NEW", &w.reader).await;
    assert!(page.contains("created") && page.contains("deleted") && page.contains("<ins>+ irt:"), "{page}");
}
