//! The pages about contacts, through the router; on the engine that `WARDMOTE_TEST_DB` names.

#![allow(clippy::unwrap_used)]

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, header};
use identity::testing::sign_in;
use identity::{Granted, Identity, Role, Settings, Site};
use kit::jobs;
use kit::testing::{TestNode, node};
use registry::Registry;
use teams::Teams;
use tower::ServiceExt as _;

const OBJECTS: &str = "\
irt: IRT-X
e-mail: irt@x.example
irt-nfy: watch@x.example
source: WARD
";

struct World {
    identity: Identity,
    registry: Registry,
    router: Router,
    node: TestNode,
}

async fn world() -> World {
    let node = node(&[identity::MIGRATIONS, mail::MIGRATIONS, teams::MIGRATIONS, registry::MIGRATIONS]);
    let identity = Identity::new(node.node.clone(), Settings::default());
    let teams = Teams::open(node.node.clone(), teams::Section::default()).await.unwrap();
    let settings = registry::Settings {
        source: Some("WARD".into()),
        base_url: "https://desk.example".into(),
        node_name: "desk.example".into(),
        update_address: "auto-dbm@desk.example".into(),
        contact_check: 180 * kit::clock::DAY,
        ..registry::Settings::default()
    };
    let file = node.folder.path().join("ward.rpsl");
    std::fs::write(&file, OBJECTS).unwrap();
    let on = node.node.clone();
    let open = move || {
        let registry = Registry::with(on, teams, settings).unwrap();
        registry.import(&Granted::for_node(), &[file], Default::default(), &mut |_| {}).unwrap();
        registry
    };
    let registry = tokio::task::spawn_blocking(open).await.unwrap();
    registry.start().await.unwrap();
    jobs::run_due(&node.node, &registry.domain().jobs).await.unwrap();
    let router = identity::protect(registry.domain().routes, identity.clone(), Site::default());
    World { identity, registry, router, node }
}

impl World {
    async fn ask(&self, request: Request<Body>) -> (StatusCode, String) {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let status = response.status();
        let body = to_bytes(response.into_body(), 1 << 20).await.unwrap();
        (status, String::from_utf8(body.to_vec()).unwrap())
    }

    async fn get(&self, path: &str, cookie: &str) -> (StatusCode, String) {
        self.ask(Request::get(path).header(header::COOKIE, cookie).body(Body::empty()).unwrap()).await
    }

    async fn post(&self, path: &str, cookie: &str, site: &str, form: &str) -> (StatusCode, String) {
        let request = Request::post(path)
            .header(header::COOKIE, cookie)
            .header("sec-fetch-site", site)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(form.to_owned()));
        self.ask(request.unwrap()).await
    }

    fn stands(&self, address: &str) -> String {
        self.registry.contact_state(address).unwrap().standing.name().to_owned()
    }

    /// The path of the link in the mails that were sent so far, for each address.
    fn links(&self) -> Vec<(String, String)> {
        let mut links = Vec::new();
        for address in ["irt@x.example", "watch@x.example"] {
            let about = format!("registry-contact:{address}");
            let mails = self.node.db.read_now(move |c| mail::queue::about(c, &about)).unwrap();
            for out in mails {
                let bytes = self.node.blobs.get(out.blob).unwrap();
                let mail = mail::open::open(&bytes, &mail::Limits::default(), &mail::unlock::NoKeys);
                let text = mail.body_text();
                let link =
                    text.split_whitespace().find(|word| word.starts_with("https://desk.example/")).unwrap();
                links.push((
                    address.to_owned(),
                    link.strip_prefix("https://desk.example").unwrap().to_owned(),
                ));
            }
        }
        links
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_is_looked_at_as_often_as_one_likes_and_its_button_confirms() {
    let w = world().await;
    let links = w.links();
    assert_eq!(links.len(), 2);
    let (address, link) = &links[0];
    for _ in 0..3 {
        let (status, page) = w.get(link, "").await;
        assert_eq!(status, StatusCode::OK);
        assert!(page.contains("Do you read irt@x.example?"), "{page}");
    }
    assert_eq!(w.stands(address), "asked", "mail scanners follow links");
    let foreign = w.post(link, "", "cross-site", "").await;
    assert_eq!((foreign.0, w.stands(address).as_str()), (StatusCode::FORBIDDEN, "asked"));
    let (status, page) = w.post(link, "", "same-origin", "").await;
    assert_eq!(status, StatusCode::OK);
    assert!(page.contains("Thank you"), "{page}");
    assert_eq!(w.stands(address), "confirmed");
    assert_eq!(w.stands("watch@x.example"), "asked");
    assert_eq!(w.get(link, "").await.0, StatusCode::GONE);
    assert_eq!(w.post(link, "", "same-origin", "").await.0, StatusCode::GONE);
    assert_eq!(w.get("/registry/contact/aaaaaaaaaaaaaaaaaaaaaaaa", "").await.0, StatusCode::GONE);
}

#[tokio::test(flavor = "multi_thread")]
async fn administrators_see_all_contacts_and_ask_again_and_others_do_not() {
    let w = world().await;
    teams_of(&w).await;
    let (reader, _) = sign_in(&w.identity, "aldermark", "kes", &[Role::Reader]).await;
    let (admin, _) = sign_in(&w.identity, "aldermark", "ada", &[Role::TeamAdmin]).await;
    assert_eq!(w.get("/registry/contacts", "").await.0, StatusCode::SEE_OTHER);
    assert_eq!(w.get("/registry/contacts", &reader).await.0, StatusCode::FORBIDDEN);
    let form = "address=irt%40x.example&do=confirm";
    assert_eq!(w.post("/registry/contacts", &reader, "same-origin", form).await.0, StatusCode::FORBIDDEN);

    let (status, page) = w.get("/registry/contacts", &admin).await;
    assert_eq!(status, StatusCode::OK);
    assert!(page.contains("irt@x.example") && page.contains("watch@x.example"), "{page}");
    assert_eq!(w.post("/registry/contacts", &admin, "same-origin", form).await.0, StatusCode::SEE_OTHER);
    assert_eq!(w.stands("irt@x.example"), "confirmed");
    let record = w.node.db.read_now(|c| kit::events::history(c, "registry:contacts", 10)).unwrap();
    assert_eq!(record.iter().map(|event| event.actor.as_str()).collect::<Vec<_>>(), ["ada"]);
    let (_, page) = w.get("/registry/contacts?standing=asked", &admin).await;
    assert!(!page.contains("irt@x.example") && page.contains("watch@x.example"), "{page}");

    let before = w.links().len();
    let both = "address=irt%40x.example&address=watch%40x.example&address=other%40x.example&do=ask";
    assert_eq!(w.post("/registry/contacts", &admin, "same-origin", both).await.0, StatusCode::SEE_OTHER);
    assert_eq!(w.links().len(), before + 2, "an address that is not in the registry is never written to");
}

async fn teams_of(w: &World) {
    let team = r#"[{"handle": "aldermark", "official_name": "Aldermark CERT", "emails": [{"address": "cert@aldermark.example", "usage": "report"}]}]"#;
    let teams = Teams::open(w.node.node.clone(), teams::Section::default()).await.unwrap();
    teams::testing::import(&teams, teams::import::parse(team.as_bytes()).unwrap().entries).await;
}
