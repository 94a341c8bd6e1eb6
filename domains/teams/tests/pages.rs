//! The directory's pages and API through the router; on the engine that `WARDMOTE_TEST_DB` names.

#![allow(clippy::unwrap_used)]

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, header};
use axum::response::Response;
use identity::testing::sign_in;
use identity::{Granted, Identity, Role, Settings, Site};
use kit::clock::{DAY, SECOND};
use kit::testing::{TestNode, node};
use mail::pgp::{KeyParams, PublicKey, SecretKey, Seed};
use teams::Teams;
use teams::import::parse;
use tower::ServiceExt as _;

struct World {
    node: TestNode,
    identity: Identity,
    teams: Teams,
    router: Router,
}

const COMMUNITY: &str = r#"[
 {"handle": "aldermark", "official_name": "Aldermark CERT", "short_name": "Aldermark CERT", "country": {"code": "GB", "name": "United Kingdom"},
  "classification": {"code": "accredited", "since": "2012-05-14"}, "emails": [{"address": "cert@aldermark.example", "usage": "report"}]},
 {"handle": "skerry", "official_name": "<script>alert(1)</script>", "short_name": "CERT Skerry", "host_organisation": "=HYPERLINK(\"x\")",
  "country": {"code": "DK", "name": "Denmark"}, "classification": {"code": "certified", "since": "2024-06-11"},
  "constituency": {"asns": [64500], "ipranges": ["192.0.2.0/25"], "domains": ["*.skerry.example"]}, "channels": ["iodef", "mail-encrypted"],
  "emails": [{"address": "duty@skerry.example", "usage": "report"}], "phones": [{"usage": "emergency", "number": "+00 5550 0223"}], "irt": "IRT-SKERRY"},
 {"handle": "unlisted", "official_name": "Unlisted", "short_name": "Unlisted"}]"#;

async fn world() -> World {
    let node = node(&[identity::MIGRATIONS, teams::MIGRATIONS]);
    let identity = Identity::new(node.node.clone(), Settings::default());
    let teams = Teams::open(node.node.clone(), teams::Section::default()).await.unwrap();
    teams::testing::import(&teams, parse(COMMUNITY.as_bytes()).unwrap().entries).await;
    let domain = teams.domain();
    let (api, _) = utoipa_axum::router::OpenApiRouter::new().nest("/api/v1", domain.api).split_for_parts();
    let router = identity::protect(domain.routes.merge(api), identity.clone(), Site::default());
    World { node, identity, teams, router }
}

impl World {
    async fn get(&self, path: &str, cookie: &str) -> Response {
        let request = Request::get(path).header(header::COOKIE, cookie).body(Body::empty()).unwrap();
        self.router.clone().oneshot(request).await.unwrap()
    }

    async fn post(&self, path: &str, cookie: &str, form: String) -> Response {
        let request = Request::post(path)
            .header(header::COOKIE, cookie)
            .header("sec-fetch-site", "same-origin")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.router.clone().oneshot(request.body(Body::from(form)).unwrap()).await.unwrap()
    }

    async fn reader(&self) -> String {
        sign_in(&self.identity, "aldermark", "kes", &[Role::Reader]).await.0
    }
}

async fn read(response: Response) -> (StatusCode, String) {
    let status = response.status();
    let body = to_bytes(response.into_body(), 4 << 20).await.unwrap();
    (status, String::from_utf8(body.to_vec()).unwrap())
}

fn key(seed: u8, created: i64, expires: Option<i64>) -> SecretKey {
    let params =
        KeyParams { user_id: "CERT Skerry <duty@skerry.example>".into(), created: created / SECOND, expires };
    SecretKey::generate(&params, Seed::from([seed; 32])).unwrap()
}

const PATHS: [&str; 7] = [
    "/teams",
    "/teams.csv",
    "/teams.json",
    "/teams/skerry",
    "/teams/skerry/key.asc",
    "/api/v1/teams",
    "/api/v1/teams/skerry",
];

#[tokio::test]
async fn a_stranger_sees_nothing_and_neither_does_an_account_without_a_role() {
    let w = world().await;
    let (nobody, _) = sign_in(&w.identity, "aldermark", "nobody", &[]).await;
    for path in PATHS {
        let is_api = path.starts_with("/api/");
        let response = w.get(path, "").await;
        assert_eq!(
            response.status(),
            if is_api { StatusCode::UNAUTHORIZED } else { StatusCode::SEE_OTHER },
            "{path}"
        );
        if !is_api {
            assert_eq!(response.headers()[header::LOCATION], format!("/login?next={path}"));
        }
        let (status, body) = read(w.get(path, &nobody).await).await;
        assert_eq!(status, StatusCode::FORBIDDEN, "{path}");
        assert!(!body.contains("CERT Skerry"), "{path}: {body}");
    }
}

#[tokio::test]
async fn the_directory_is_found_by_text_country_status_and_address() {
    let w = world().await;
    let cookie = w.reader().await;
    for (question, found) in [
        ("", vec!["aldermark", "skerry", "unlisted"]),
        ("?q=SKERRY", vec!["skerry"]),
        ("?q=192.0.2.77", vec!["skerry"]),
        ("?q=as64500", vec!["skerry"]),
        ("?q=cert+example", vec!["aldermark", "skerry"]),
        ("?country=gb", vec!["aldermark"]),
        ("?status=certified", vec!["skerry"]),
        ("?status=none", vec!["unlisted"]),
        ("?q=nothing+like+it", vec![]),
    ] {
        let (status, page) = read(w.get(&format!("/teams{question}"), &cookie).await).await;
        assert_eq!(status, StatusCode::OK);
        let rows: Vec<_> = ["aldermark", "skerry", "unlisted"]
            .into_iter()
            .filter(|handle| page.contains(&format!("href=\"/teams/{handle}\"")))
            .collect();
        assert_eq!(rows, found, "{question}");
        // What is exported is what is seen.
        let json = read(w.get(&format!("/teams.json{question}"), &cookie).await).await.1;
        let json: serde_json::Value = serde_json::from_str(&json).unwrap();
        let handles: Vec<_> =
            json.as_array().unwrap().iter().map(|team| team["handle"].as_str().unwrap()).collect();
        assert_eq!(handles, found, "{question}");
        let table = read(w.get(&format!("/teams.csv{question}"), &cookie).await).await.1;
        assert_eq!(table.lines().count(), found.len() + 1);
    }
    let (_, page) = read(w.get("/teams?q=a%26b&status=none", &cookie).await).await;
    assert!(page.contains(r#"href="/teams.csv?q=a%26b&#38;status=none""#), "{page}");
}

#[tokio::test]
async fn what_others_wrote_is_shown_and_does_nothing() {
    let w = world().await;
    let cookie = w.reader().await;
    let (_, page) = read(w.get("/teams/skerry", &cookie).await).await;
    assert!(page.contains("&#60;script&#62;alert(1)") && !page.contains("<script>alert"), "{page}");
    assert!(!page.contains(" style=") && !page.contains(" onclick"), "nothing inline");
    let response = w.get("/teams.csv", &cookie).await;
    assert_eq!(response.headers()[header::CONTENT_DISPOSITION], "attachment; filename=\"teams.csv\"");
    let (_, table) = read(response).await;
    assert!(table.contains("\"'=HYPERLINK(\"\"x\"\")\""), "a spreadsheet must not run it: {table}");
}

#[tokio::test]
async fn a_teams_page_shows_standing_networks_keys_contacts_and_history() {
    let w = world().await;
    let cookie = w.reader().await;
    let skerry = w.teams.directory().by_handle("skerry").unwrap().id;
    let now = w.node.now();
    let good = key(1, now - DAY, None);
    w.teams.add_key(&Granted::for_node(), skerry, good.public().to_bytes()).await.unwrap();
    w.teams
        .add_key(
            &Granted::for_node(),
            skerry,
            key(2, now - 9 * DAY, Some((now - DAY) / SECOND)).public().to_bytes(),
        )
        .await
        .unwrap();
    let (status, page) = read(w.get("/teams/skerry", &cookie).await).await;
    assert_eq!(status, StatusCode::OK);
    for part in [
        "Certified, now",
        "2024-06-11",
        "192.0.2.0/25",
        "claimed",
        "duty@skerry.example",
        "+00 5550 0223",
        "IODEF over RID",
        "IRT-SKERRY",
        "AS64500",
        "chain whole",
        "5 entries",
        "Entered into the directory",
        "expired on 2026-11-20",
        &ui::format::fingerprint(&good.public().fingerprint()),
    ] {
        assert!(page.contains(part), "{part} is missing: {page}");
    }
    assert!(!page.contains("Add key"), "a reader of another team changes nothing");
    let (status, page) = read(w.get("/teams/nobody", &cookie).await).await;
    assert!(status == StatusCode::NOT_FOUND && page.contains("nobody"), "{page}");

    let response = w.get("/teams/skerry/key.asc", &cookie).await;
    assert_eq!(response.headers()[header::CONTENT_TYPE], "application/pgp-keys");
    let (_, armored) = read(response).await;
    assert_eq!(PublicKey::parse_all(armored.as_bytes()).unwrap().len(), 2);
    assert_eq!(w.get("/teams/aldermark/key.asc", &cookie).await.status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn keys_are_added_and_withdrawn_by_the_teams_own_administrator_alone() {
    let w = world().await;
    let (ada, _) = sign_in(&w.identity, "skerry", "ada", &[Role::TeamAdmin]).await;
    let (other, _) = sign_in(&w.identity, "aldermark", "oda", &[Role::TeamAdmin]).await;
    let (handler, _) = sign_in(&w.identity, "skerry", "ines", &[Role::Handler]).await;
    let key = key(1, w.node.now() - DAY, None);
    let form = format!("key={}", identity::web::encode(&key.public().to_armored()));
    assert_eq!(w.post("/teams/skerry/keys", &handler, form.clone()).await.status(), StatusCode::FORBIDDEN);
    assert_eq!(w.post("/teams/skerry/keys", &other, form.clone()).await.status(), StatusCode::NOT_FOUND);
    let (status, page) = read(w.post("/teams/skerry/keys", &ada, "key=nonsense".into()).await).await;
    assert!(status == StatusCode::UNPROCESSABLE_ENTITY && page.contains("gpg --armor"), "{page}");
    assert_eq!(w.post("/teams/skerry/keys", &ada, form).await.status(), StatusCode::SEE_OTHER);
    let fingerprint = key.public().fingerprint();
    assert!(w.teams.directory().by_handle("skerry").unwrap().has_key(&fingerprint));

    let path = format!("/teams/skerry/keys/{fingerprint}/withdraw");
    assert_eq!(w.post(&path, &other, String::new()).await.status(), StatusCode::NOT_FOUND);
    assert!(read(w.get("/teams/skerry", &ada).await).await.1.contains(&path));
    assert_eq!(w.post(&path, &ada, "why=lost".into()).await.status(), StatusCode::SEE_OTHER);
    let (_, page) = read(w.get("/teams/skerry", &ada).await).await;
    assert!(page.contains("withdrawn: lost") && page.contains("not to be used"), "{page}");
}

#[tokio::test]
async fn programs_read_the_directory_page_by_page() {
    let w = world().await;
    let many: Vec<_> = (0..450)
        .map(|n| serde_json::json!({ "handle": format!("t{n}"), "official_name": "x", "short_name": format!("Team {}", n % 7) }))
        .collect();
    let entries = parse(serde_json::to_string(&many).unwrap().as_bytes()).unwrap().entries;
    teams::testing::import(&w.teams, entries).await;
    let cookie = w.reader().await;
    let (mut after, mut handles, mut answers) = (String::new(), Vec::new(), 0);
    loop {
        let body = read(w.get(&format!("/api/v1/teams?after={after}"), &cookie).await).await.1;
        let answer: serde_json::Value = serde_json::from_str(&body).unwrap();
        assert_eq!(answer["total"], 453);
        handles.extend(
            answer["teams"]
                .as_array()
                .unwrap()
                .iter()
                .map(|team| team["handle"].as_str().unwrap().to_owned()),
        );
        answers += 1;
        match answer["next"].as_str() {
            Some(next) => after = next.to_owned(),
            None => break,
        }
    }
    let distinct: std::collections::HashSet<_> = handles.iter().collect();
    assert_eq!((handles.len(), distinct.len(), answers), (453, 453, 3));
    let (status, body) = read(w.get("/api/v1/teams?after=x", &cookie).await).await;
    assert!(status == StatusCode::UNPROCESSABLE_ENTITY && body.contains("begin again"), "{body}");
    let body = read(w.get("/api/v1/teams/skerry", &cookie).await).await.1;
    let team: serde_json::Value = serde_json::from_str(&body).unwrap();
    assert_eq!(
        (team["status"].as_str(), team["networks"][0]["range"].as_str()),
        (Some("certified"), Some("192.0.2.0/25"))
    );
    assert_eq!(w.get("/api/v1/teams/nobody", &cookie).await.status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_token_that_is_not_good_is_refused_also_where_anybody_may_look() {
    let w = world().await;
    let settings = teams::Section { public: true, ..teams::Section::default() };
    let teams = Teams::open(w.node.node.clone(), settings).await.unwrap();
    let (api, _) =
        utoipa_axum::router::OpenApiRouter::new().nest("/api/v1", teams.domain().api).split_for_parts();
    let router = identity::protect(api, w.identity.clone(), Site::default());
    let ask = async |token: Option<&str>| {
        let mut request = Request::get("/api/v1/teams");
        if let Some(token) = token {
            request = request.header(header::AUTHORIZATION, token);
        }
        router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap().status()
    };
    assert_eq!(ask(None).await, StatusCode::OK);
    for junk in ["Bearer wardmote_junk", "Bearer ", "Basic eDp5"] {
        assert_eq!(ask(Some(junk)).await, StatusCode::UNAUTHORIZED, "{junk}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_teams_history_tells_of_drills_assessments_and_declarations_in_words() {
    use contracts::upkeep::{Assessed, ConductDeclared, DrillAsked, DrillEnded};
    let w = world().await;
    let team = w.teams.directory().by_handle("skerry").unwrap().id.to_string();
    let (node, stamp) = (w.node.node.clone(), Granted::<identity::LookUp>::for_node().stamp(w.node.now()));
    let write = move |tx: &kit::Write<'_>| {
        let (team, drill) = (team.clone(), "d1".to_owned());
        let asked = DrillAsked {
            team: team.clone(),
            drill: drill.clone(),
            channel: "mail".into(),
            address: "duty@skerry.example".into(),
        };
        kit::events::record(&node, tx, &stamp, &asked)?;
        let ended = DrillEnded {
            team: team.clone(),
            drill,
            outcome: "late".into(),
            seconds: 90_000,
            words: "button".into(),
        };
        kit::events::record(&node, tx, &stamp, &ended)?;
        let assessed = Assessed {
            team: team.clone(),
            assessment: "a1".into(),
            model: "Example model".into(),
            digest: "00".into(),
        };
        kit::events::record(&node, tx, &stamp, &assessed)?;
        let declared = ConductDeclared { team, version: 3, digest: "00".into(), fingerprint: None };
        kit::events::record(&node, tx, &stamp, &declared)
    };
    w.node.db.write(write).await.unwrap();

    let own = sign_in(&w.identity, "skerry", "jor", &[Role::Reader]).await.0;
    let (_, page) = read(w.get("/teams/skerry", &own).await).await;
    for words in [
        "A drill asked by mail at duty@skerry.example",
        "A drill ended: answered late",
        "Assessed its own maturity by Example model",
        "Declared that it keeps to version 3 of the code of conduct",
    ] {
        assert!(page.contains(words), "{words}: {page}");
    }
    assert!(!page.contains("trust.drill_"), "no event stands without words: {page}");
    let (_, page) = read(w.get("/teams/skerry", &w.reader().await).await).await;
    assert!(
        page.contains("A drill ended") && !page.contains("answered late"),
        "others learn no outcome: {page}"
    );
}
