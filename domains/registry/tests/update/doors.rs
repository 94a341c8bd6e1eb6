//! The API and the form for scripts.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, header};
use identity::testing::sign_in;
use identity::{Identity, Role, Settings as Accounts, Site};
use tower::ServiceExt as _;

use crate::world::*;

struct Door {
    w: World,
    router: Router,
    /// The cookie of `elske@tide.example`, an account of TIDE-MNT.
    elske: String,
}

const CAMPUS: &str = "/api/v1/registry/WARD/inetnum/198.51.100.0%20-%20198.51.100.255";

async fn door() -> Door {
    let w = tokio::task::spawn_blocking(world).await.unwrap();
    let identity = Identity::new(w.node.node.clone(), Accounts::default());
    let (elske, _) = sign_in(&identity, "tide", "elske@tide.example", &[Role::Handler]).await;
    let domain = w.registry.domain();
    let (api, _) = utoipa_axum::router::OpenApiRouter::new().nest("/api/v1", domain.api).split_for_parts();
    let router = identity::protect(domain.routes.merge(api), identity, Site::default());
    let door = Door { w, router, elske };
    let mntner = door.w.text("mntner", "TIDE-MNT").unwrap();
    let mntner = mntner.replace("mnt-by:", "auth: SSO elske@tide.example\nmnt-by:");
    tokio::task::block_in_place(|| door.w.done(&signed(&[TIDE]), &mntner));
    door
}

impl Door {
    async fn ask(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> (StatusCode, String, String) {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response =
            self.router.clone().oneshot(request.body(Body::from(body.to_owned())).unwrap()).await.unwrap();
        let status = response.status();
        let etag = response.headers().get(header::ETAG).map(|tag| tag.to_str().unwrap().to_owned());
        let body = to_bytes(response.into_body(), 64 << 20).await.unwrap();
        (status, etag.unwrap_or_default(), String::from_utf8(body.to_vec()).unwrap())
    }

    async fn elske(
        &self,
        method: &str,
        path: &str,
        more: &[(&str, &str)],
        body: &str,
    ) -> (StatusCode, String, String) {
        let own = [("cookie", self.elske.as_str()), ("sec-fetch-site", "same-origin")];
        self.ask(method, path, &[&own, more].concat(), body).await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_object_is_got_changed_and_removed_by_the_account_of_its_maintainer() {
    let door = door().await;
    let (status, etag, text) = door.elske("GET", CAMPUS, &[("accept", "text/plain")], "").await;
    assert_eq!(status, StatusCode::OK, "{text}");
    let new = text.replace("netname: NET\n", "netname: TIDE-1\n");
    let (status, newer, body) =
        door.elske("PUT", CAMPUS, &[("if-match", &etag), ("content-type", "text/plain")], &new).await;
    assert_eq!(status, StatusCode::OK, "{body}");
    assert_ne!(etag, newer);
    // Whoever has seen the old one is told.
    let (status, ..) =
        door.elske("PUT", CAMPUS, &[("if-match", &etag)], &new.replace("TIDE-1", "TIDE-2")).await;
    assert_eq!(status, StatusCode::PRECONDITION_FAILED);
    let (status, _, body) = door.elske("DELETE", &format!("{CAMPUS}?dry-run=true"), &[], "").await;
    assert_eq!(status, StatusCode::OK, "{body}");
    assert!(body.contains("\"dry_run\":true") && body.contains("\"action\":\"delete\""), "{body}");
    let (status, _, body) = door.elske("GET", &format!("{CAMPUS}/versions"), &[], "").await;
    assert_eq!(status, StatusCode::OK);
    assert!(
        body.contains("\"kind\":\"found\"") && body.contains("TIDE-MNT by account elske@tide.example"),
        "{body}"
    );
    let (_, _, body) = door.elske("GET", &format!("{CAMPUS}/versions/2"), &[], "").await;
    assert!(body.contains("+netname: TIDE-1"), "{body}");
    assert_eq!(door.elske("DELETE", CAMPUS, &[("if-match", &newer)], "").await.0, StatusCode::OK);
    assert_eq!(door.elske("GET", CAMPUS, &[], "").await.0, StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn objects_come_as_json_too_and_a_refused_one_says_why() {
    let door = door().await;
    let json = r#"{"attributes": [{"name": "person", "value": "Elske Morwick"}, {"name": "address", "value": "Harbour 98\nTide"},
        {"name": "e-mail", "value": "elske@tide.example"}, {"name": "nic-hdl", "value": "AUTO-1"},
        {"name": "mnt-by", "value": "TIDE-MNT"}, {"name": "source", "value": "WARD"}]}"#;
    let kind = [("content-type", "application/json")];
    let (status, _, body) = door.elske("POST", "/api/v1/registry/objects", &kind, json).await;
    assert_eq!(status, StatusCode::OK, "{body}");
    assert!(body.contains("EM1-WARD"), "{body}");
    let foreign = json.replace("TIDE-MNT", "SKERRY-MNT");
    let (status, _, body) = door.elske("POST", "/api/v1/registry/objects", &kind, &foreign).await;
    assert_eq!(status, StatusCode::FORBIDDEN);
    assert!(body.contains("not authenticated by: SKERRY-MNT"), "{body}");
    let (status, ..) = door.elske("POST", "/api/v1/registry/objects", &kind, "[1]").await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test(flavor = "multi_thread")]
async fn others_see_what_everybody_is_shown_and_versions_of_people_nobody() {
    let door = door().await;
    let mntner = "/api/v1/registry/WARD/mntner/TIDE-MNT";
    let (_, _, own) = door.elske("GET", mntner, &[("accept", "text/plain")], "").await;
    assert!(own.contains("SSO elske@tide.example"), "{own}");
    let identity = Identity::new(door.w.node.node.clone(), Accounts::default());
    let (reader, _) = sign_in(&identity, "skerry", "jorrit", &[Role::Reader]).await;
    let (status, _, seen) =
        door.ask("GET", mntner, &[("cookie", &reader), ("accept", "text/plain")], "").await;
    assert_eq!(status, StatusCode::OK);
    assert!(seen.contains("SSO # Filtered") && !seen.contains("elske@"), "{seen}");
    let person = "/api/v1/registry/WARD/person/MA1-WARD/versions";
    let (status, _, body) = door.elske("GET", person, &[], "").await;
    assert_eq!(status, StatusCode::FORBIDDEN);
    assert!(body.contains("ERROR:116"), "{body}");
    let (_, _, body) = door.elske("GET", "/api/v1/registry/WARD/role/WR1-WARD/referring", &[], "").await;
    assert!(body.contains("IRT-TIDE") && body.contains("admin-c"), "{body}");
    // Readers change nothing, strangers neither.
    let post = [("cookie", reader.as_str()), ("sec-fetch-site", "same-origin")];
    assert_eq!(door.ask("POST", "/api/v1/registry/objects", &post, "x: y").await.0, StatusCode::FORBIDDEN);
    let token = [("authorization", "Bearer wardmote_no")];
    assert_eq!(
        door.ask("POST", "/api/v1/registry/objects", &token, "x: y").await.0,
        StatusCode::UNAUTHORIZED
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_script_sends_a_signed_text_and_gets_the_acknowledgement_it_knows() {
    let door = door().await;
    let text =
        network("198.51.100.0 - 198.51.100.255", "ASSIGNED PA", "remarks: by script\nmnt-by: TIDE-MNT\n");
    let send = async |text: &str, more: &str| {
        let body = format!("DATA={}{more}", identity::web::encode(text));
        let kind = [("content-type", "application/x-www-form-urlencoded")];
        door.ask("POST", "/syncupdates/WARD", &kind, &body).await
    };
    let (status, _, said) = send(&text, "").await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
    assert!(said.contains("Modify FAILED: [inetnum] 198.51.100.0 - 198.51.100.255"), "{said}");
    let (status, _, said) = send(&clear_signed(TIDE, &text, &door.w), "&DIFF=yes").await;
    assert_eq!(status, StatusCode::OK, "{said}");
    insta::assert_snapshot!("acknowledgement", said.replace(&print(TIDE), "FINGERPRINT"));
    // A copy of it does nothing, and neither does the text around a signature.
    let copy = clear_signed(TIDE, &text, &door.w);
    let (status, _, said) = send(&copy, "").await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert!(said.contains("used already"), "{said}");
    let around = format!("{}\n{}", text.replace("by script", "unsigned"), copy);
    assert_eq!(send(&around, "").await.0, StatusCode::BAD_REQUEST);
    assert!(!door.w.texts().iter().any(|text| text.contains("unsigned")));
    let (status, _, said) = send("x", "&HELP=yes").await;
    assert!(status == StatusCode::OK && said.contains("dry-run:"), "{said}");
}
