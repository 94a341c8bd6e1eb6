//! A community to test with: an office that operates it and runs its desk here, and five teams elsewhere.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode, header};
use identity::testing::sign_in;
use identity::{Granted, Identity, Role, Site};
use kit::jobs;
use kit::testing::{TestNode, node};
use mail::message::Opened;
use mail::queue::{Handed, Relay};
use mail::unlock::NoKeys;
use teams::{NewDesk, Teams};
use trust::{Section, Trust};

pub const TEAMS: [&str; 5] = ["alder", "birch", "cedar", "dogwood", "elm"];

/// A relay that takes everything but what goes to a name with `refused` in it.
#[derive(Default)]
struct Refuses(Mutex<Vec<String>>);

impl Relay for Refuses {
    fn hand(&self, _: String, to: String, _: Vec<u8>) -> Pin<Box<dyn Future<Output = Handed> + Send>> {
        let handed = if to.contains("refused") {
            Handed::Refused("550 5.1.1 no such mailbox".into())
        } else {
            Handed::Taken("250 ok".into())
        };
        self.0.lock().unwrap().push(to);
        Box::pin(async move { handed })
    }
}

pub struct World {
    pub node: TestNode,
    pub identity: Identity,
    pub teams: Teams,
    pub trust: Trust,
    router: Router,
    relay: Arc<Refuses>,
}

pub async fn world(section: Section) -> World {
    let node = node(&[identity::MIGRATIONS, mail::MIGRATIONS, teams::MIGRATIONS, trust::MIGRATIONS]);
    let identity = Identity::new(node.node.clone(), identity::Settings::default());
    let teams = Teams::open(node.node.clone(), teams::Section::default()).await.unwrap();
    let office = NewDesk {
        handle: "office".into(),
        name: "Community Office".into(),
        mailbox: "office@hub.example".into(),
    };
    teams.create_desk(&Granted::for_node(), office).await.unwrap();
    let entry = |handle: &str| {
        let address = if handle == "elm" { "cert@refused.example" } else { "cert@HANDLE.example" };
        format!(
            r#"{{"handle": "{handle}", "short_name": "{handle}", "official_name": "{} CERT", "classification": {{"code": "a", "since": "2025-01-01"}},
                "constituency": {{"types": ["National"]}},
                "emails": [{{"address": "{}", "usage": "report"}}]}}"#,
            handle.to_uppercase(),
            address.replace("HANDLE", handle)
        )
    };
    let json = format!("[{}]", TEAMS.map(entry).join(","));
    let entries = teams::import::parse(json.as_bytes()).unwrap().entries;
    teams::testing::import(&teams, entries).await;
    let settings = section.settings("hub.example", "https://hub.example").unwrap();
    let trust = Trust::new(node.node.clone(), identity.clone(), teams.clone(), settings);
    trust.start().await.unwrap();
    let router = identity::protect(trust.domain().routes, identity.clone(), Site::default());
    World { node, identity, teams, trust, router, relay: Arc::default() }
}

impl World {
    /// Somebody of the team `handle`, logged in: the value of their `Cookie` header.
    pub async fn who(&self, handle: &str, login: &str, roles: &[Role]) -> String {
        sign_in(&self.identity, handle, login, roles).await.0
    }

    pub async fn ask(&self, request: Request<Body>) -> (StatusCode, HeaderMap, String) {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (status, headers) = (response.status(), response.headers().clone());
        let body = to_bytes(response.into_body(), 4 << 20).await.unwrap();
        (status, headers, String::from_utf8(body.to_vec()).unwrap())
    }

    pub async fn get(&self, path: &str, cookie: &str) -> (StatusCode, String) {
        let request = Request::get(path).header(header::COOKIE, cookie).body(Body::empty()).unwrap();
        let (status, _, body) = self.ask(request).await;
        (status, body)
    }

    /// Sends a form; returns the status, where it leads, and the page.
    pub async fn post(
        &self,
        path: &str,
        cookie: &str,
        form: &[(&str, &str)],
    ) -> (StatusCode, String, String) {
        let encode = identity::web::encode;
        let body: Vec<String> =
            form.iter().map(|(name, value)| format!("{name}={}", encode(value))).collect();
        let request = Request::post(path)
            .header(header::COOKIE, cookie)
            .header("sec-fetch-site", "same-origin")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(body.join("&")));
        let (status, headers, page) = self.ask(request.unwrap()).await;
        let to = headers.get(header::LOCATION).and_then(|to| to.to_str().ok()).unwrap_or_default();
        (status, to.to_owned(), page)
    }

    /// Runs what is due now, mails included.
    pub async fn run(&self) {
        let mut handlers = self.trust.domain().jobs;
        handlers.push(mail::queue::handler(self.node.node.clone(), self.relay.clone()));
        jobs::run_due(&self.node.node, &handlers).await.unwrap();
    }

    /// The addresses to which mails left so far.
    pub fn left(&self) -> Vec<String> {
        self.relay.0.lock().unwrap().clone()
    }

    /// The mails about `subject_of` as their recipients read them.
    pub fn mails(&self, subject_of: &str) -> Vec<(mail::queue::MailOut, Opened)> {
        let about = subject_of.to_owned();
        let mails = self.node.db.read_now(move |c| mail::queue::about(c, &about)).unwrap();
        let open = |out: mail::queue::MailOut| {
            let bytes = self.node.blobs.get(out.blob).unwrap();
            (out, mail::open::open(&bytes, &mail::Limits::default(), &NoKeys))
        };
        mails.into_iter().map(open).collect()
    }

    pub fn record(&self, stream: &str) -> Vec<kit::events::Recorded> {
        let stream = stream.to_owned();
        self.node.db.read_now(move |c| kit::events::history(c, &stream, 100)).unwrap()
    }

    pub fn team(&self, handle: &str) -> kit::Id {
        self.teams.directory().by_handle(handle).unwrap().id
    }
}

/// The first path of this node that stands in the text.
pub fn link(text: &str) -> String {
    let link = text.split_whitespace().find(|word| word.starts_with("https://hub.example/")).unwrap();
    link.strip_prefix("https://hub.example").unwrap().to_owned()
}

use tower::ServiceExt as _;
