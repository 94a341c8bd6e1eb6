//! The team's record as its own team, members, the public and the operator get at it, through the router; on the
//! engine that `WARDMOTE_TEST_DB` names.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Method, Request, StatusCode, header};
use contracts::trust::ProvenNames as _;
use identity::testing::sign_in;
use identity::{Granted, Identity, Introduce, Role, Settings, Site};
use kit::clock::DAY;
use kit::testing::{TestNode, node};
use kit::{Error, Id};
use serde_json::{Value, json};
use teams::import::parse;
use teams::{Claim, Section, Standing, TeamRecord, Teams, TrustStatus};
use tower::ServiceExt as _;

struct World {
    node: TestNode,
    identity: Identity,
    teams: Teams,
    router: Router,
    skerry: Id,
}

const COMMUNITY: &str = r#"[
 {"handle": "aldermark", "official_name": "Aldermark CERT", "short_name": "Aldermark CERT", "country": {"code": "GB", "name": "United Kingdom"},
  "classification": {"code": "accredited", "since": "2012-05-14"}, "emails": [{"address": "cert@aldermark.example", "usage": "report"}]},
 {"handle": "skerry", "official_name": "CERT of Skerry", "short_name": "CERT Skerry", "country": {"code": "DK", "name": "Denmark"},
  "classification": {"code": "accredited", "since": "2024-06-11"},
  "constituency": {"types": ["National"], "asns": [64500], "ipranges": ["192.0.2.0/25"], "domains": ["*.skerry.example", "skerry.example"]},
  "emails": [{"address": "duty@skerry.example", "usage": "report"}],
  "phones": [{"usage": "emergency", "number": "+00 5550 0223"}, {"usage": "voice", "number": "+00 5550 0224"}], "irt": "IRT-SKERRY"},
 {"handle": "newcomer", "official_name": "Newcomer", "short_name": "Newcomer", "constituency": {"ipranges": ["198.51.100.0/24"], "domains": ["lab.skerry.example"]}}]"#;

async fn world(section: Section) -> World {
    let node = node(&[identity::MIGRATIONS, teams::MIGRATIONS]);
    let identity = Identity::new(node.node.clone(), Settings::default());
    let teams = Teams::open(node.node.clone(), section).await.unwrap();
    let ids = teams::testing::import(&teams, parse(COMMUNITY.as_bytes()).unwrap().entries).await;
    let domain = teams.domain();
    let (api, _) = utoipa_axum::router::OpenApiRouter::new().nest("/api/v1", domain.api).split_for_parts();
    let router = identity::protect(domain.routes.merge(api), identity.clone(), Site::default());
    World { node, identity, teams, router, skerry: ids[1] }
}

impl World {
    async fn ask(
        &self,
        method: Method,
        path: &str,
        cookie: &str,
        extra: &[(&str, &str)],
        body: String,
    ) -> (StatusCode, String, String) {
        let mut request = Request::builder().method(method).uri(path).header("sec-fetch-site", "same-origin");
        if !cookie.is_empty() {
            request = request.header(header::COOKIE, cookie);
        }
        for (name, value) in extra {
            request = request.header(*name, *value);
        }
        let response = self.router.clone().oneshot(request.body(Body::from(body)).unwrap()).await.unwrap();
        let tag = response.headers().get(header::ETAG).map(|tag| tag.to_str().unwrap().to_owned());
        let status = response.status();
        let body = to_bytes(response.into_body(), 8 << 20).await.unwrap();
        (status, String::from_utf8_lossy(&body).into_owned(), tag.unwrap_or_default())
    }

    async fn get(&self, path: &str, cookie: &str) -> (StatusCode, String) {
        let (status, body, _) = self.ask(Method::GET, path, cookie, &[], String::new()).await;
        (status, body)
    }

    async fn post(&self, path: &str, cookie: &str, form: &BTreeMap<String, String>) -> (StatusCode, String) {
        let pairs: Vec<_> = form
            .iter()
            .map(|(name, value)| format!("{}={}", identity::web::encode(name), identity::web::encode(value)))
            .collect();
        let kind = [("content-type", "application/x-www-form-urlencoded")];
        let (status, body, _) = self.ask(Method::POST, path, cookie, &kind, pairs.join("&")).await;
        (status, body)
    }

    async fn ada(&self) -> String {
        sign_in(&self.identity, "skerry", "ada", &[Role::TeamAdmin]).await.0
    }

    fn record(&self) -> TeamRecord {
        self.teams.directory().by_id(self.skerry).unwrap().record.clone()
    }
}

/// The fields of the form on the page as a browser would send them.
fn form(page: &str) -> BTreeMap<String, String> {
    let text = |text: &str| {
        let text =
            text.replace("&#34;", "\"").replace("&#39;", "'").replace("&#60;", "<").replace("&#62;", ">");
        text.replace("&#38;", "&")
    };
    let attribute = |tag: &str, name: &str| {
        let start = tag.find(&format!(" {name}=\""))? + name.len() + 3;
        Some(text(tag[start..].split('"').next().unwrap()))
    };
    let inside = page.split_once("id=\"edit\"").unwrap().1.split_once("</form>").unwrap().0;
    let mut fields = BTreeMap::new();
    for part in inside.split('<') {
        let tag = part.split('>').next().unwrap();
        let (Some(name), kind) = (attribute(tag, "name"), tag.split(' ').next().unwrap()) else { continue };
        match kind {
            "input" => drop(fields.insert(name, attribute(tag, "value").unwrap_or_default())),
            "textarea" => drop(fields.insert(name, text(part.split_once(">\n").unwrap().1))),
            "select" => {
                let whole = inside.split_once(tag).unwrap().1.split_once("</select>").unwrap().0;
                let chosen = whole.split('<').find(|option| option.contains(" selected"));
                fields.insert(name, chosen.and_then(|option| attribute(option, "value")).unwrap_or_default());
            }
            _ => {}
        }
    }
    fields
}

#[tokio::test]
async fn a_team_changes_its_record_by_the_form_and_sees_first_what_changes() {
    let w = world(Section::default()).await;
    let ada = w.ada().await;
    let (status, page) = w.get("/teams/skerry/edit", &ada).await;
    assert_eq!(status, StatusCode::OK);
    assert!(!page.contains(" style=") && !page.contains(" onclick"), "nothing inline");
    let mut typed = form(&page);
    assert_eq!(
        (typed["name"].as_str(), typed["emails.0.address"].as_str()),
        ("CERT Skerry", "duty@skerry.example")
    );
    let before = w.record();

    // Sent as it came, nothing changes.
    let (status, page) = w.post("/teams/skerry/edit", &ada, &typed).await;
    assert!(status == StatusCode::OK && page.contains("Nothing changes"), "{status}");

    typed.insert("mission".into(), "We help.\r\nAlways.".into());
    typed.insert("networks".into(), "192.0.2.0/25\n192.0.2.200 - 192.0.2.210".into());
    typed.insert("phones.2.number".into(), "+00 5550 0225".into());
    typed.insert("phones.2.usage".into(), "fax".into());
    typed.insert("remit.spam".into(), "no".into());
    typed.insert("visibility.phones".into(), "members".into());
    typed.insert("do".into(), "save".into());
    let (status, page) = w.post("/teams/skerry/edit", &ada, &typed).await;
    assert_eq!(status, StatusCode::OK);
    assert!(
        page.contains("192.0.2.0/25, 192.0.2.200 - 192.0.2.210") && page.contains("Save these changes"),
        "{page}"
    );
    assert_eq!(w.record(), before, "nothing is saved that was not seen");

    let mut again = form(&page);
    assert_eq!(again["mission"], "We help.\r\nAlways.", "what was typed is there again");
    again.insert("do".into(), "save".into());
    assert_eq!(w.post("/teams/skerry/edit", &ada, &again).await.0, StatusCode::SEE_OTHER);
    let after = w.record();
    assert_eq!(after.mission, "We help.\nAlways.");
    assert_eq!((after.networks.len(), after.phones.len(), after.phones[2].usage), (2, 3, teams::Usage::Fax));
    assert_eq!(after.differs_in(&before), ["mission", "networks", "phones", "remit", "visibility"]);
    let (_, page) = w.get("/teams/skerry", &ada).await;
    assert!(page.contains("Record changed: mission, networks, phones, remit, visibility"), "{page}");
}

#[tokio::test]
async fn every_mistake_stands_beside_its_field_and_nothing_typed_is_lost() {
    let w = world(Section::default()).await;
    let ada = w.ada().await;
    let mut typed = form(&w.get("/teams/skerry/edit", &ada).await.1);
    typed.insert("established".into(), "long ago <b>".into());
    typed.insert("networks".into(), "192.0.2.0/25\nhere".into());
    typed.insert("contacts.0.role".into(), "emergency".into());
    typed.insert("contacts.0.name".into(), "Ines".into());
    typed.insert("people.0.key".into(), "ABC".into());
    let (status, page) = w.post("/teams/skerry/edit", &ada, &typed).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    for name in ["established", "networks", "contacts.0.phone", "people.0.key", "people.0.name"] {
        assert!(page.contains(&format!("id=\"f-{name}-error\"")), "{name}: {page}");
    }
    assert!(page.contains("5 fields cannot be taken"), "{page}");
    let back = form(&page);
    for name in ["established", "networks", "contacts.0.name", "people.0.key"] {
        assert_eq!(back[name], typed[name], "{name}");
    }
    let mut more = back.clone();
    more.insert("do".into(), "rows".into());
    let (status, page) = w.post("/teams/skerry/edit", &ada, &more).await;
    assert!(status == StatusCode::OK && page.contains("f-phones.6.number"), "{status}");
    assert_eq!(form(&page)["established"], "long ago <b>");
}

#[tokio::test]
async fn two_who_edit_at_once_do_not_overwrite_each_other_unseen() {
    let w = world(Section::default()).await;
    let (ada, oda) = (w.ada().await, sign_in(&w.identity, "skerry", "oda", &[Role::TeamAdmin]).await.0);
    let page = w.get("/teams/skerry/edit", &ada).await.1;
    let save = async |cookie: &str, mut typed: BTreeMap<String, String>| {
        let (_, page) = w.post("/teams/skerry/edit", cookie, &typed).await;
        typed = form(&page);
        typed.insert("do".into(), "save".into());
        (w.post("/teams/skerry/edit", cookie, &typed).await, typed)
    };
    let mut first = form(&page);
    first.insert("mission".into(), "Ada's".into());
    assert_eq!(save(&ada, first).await.0.0, StatusCode::SEE_OTHER);

    let mut second = form(&page);
    second.insert("authority".into(), "Oda's".into());
    second.insert("do".into(), "save".into());
    let (status, page) = w.post("/teams/skerry/edit", &oda, &second).await;
    assert_eq!(status, StatusCode::CONFLICT);
    assert!(page.contains("Somebody else has saved") && page.contains("<del>Ada&#39;s</del>"), "{page}");
    assert_eq!(w.record().authority, "");
    let mut decided = form(&page);
    decided.insert("mission".into(), "Ada's".into());
    assert_eq!(save(&oda, decided).await.0.0, StatusCode::SEE_OTHER);
    assert_eq!((w.record().mission.as_str(), w.record().authority.as_str()), ("Ada's", "Oda's"));
}

#[tokio::test]
async fn the_form_is_the_teams_administrators_alone_and_an_ended_session_keeps_what_was_typed() {
    let w = world(Section::default()).await;
    let other = sign_in(&w.identity, "aldermark", "kes", &[Role::TeamAdmin]).await.0;
    let handler = sign_in(&w.identity, "skerry", "ines", &[Role::Handler]).await.0;
    let ada = w.ada().await;
    assert_eq!(w.get("/teams/skerry/edit", &other).await.0, StatusCode::NOT_FOUND);
    assert_eq!(w.get("/teams/skerry/edit", &handler).await.0, StatusCode::FORBIDDEN);
    let typed = BTreeMap::from([("mission".to_owned(), "Ada's".to_owned())]);
    assert_eq!(w.post("/teams/skerry/edit", &other, &typed).await.0, StatusCode::NOT_FOUND);
    let body = "mission=typed".to_owned();
    let length = body.len().to_string();
    let headers =
        [("content-type", "application/x-www-form-urlencoded"), ("content-length", length.as_str())];
    w.node.clock.advance(DAY);
    let mut request = Request::post("/teams/skerry/edit")
        .header("sec-fetch-site", "same-origin")
        .header(header::COOKIE, ada);
    for (name, value) in headers {
        request = request.header(name, value);
    }
    let response = w.router.clone().oneshot(request.body(Body::from(body)).unwrap()).await.unwrap();
    assert_eq!(response.status(), StatusCode::SEE_OTHER);
    let location = response.headers()[header::LOCATION].to_str().unwrap();
    assert!(location.starts_with("/login?next=/again"), "{location}");
}

#[tokio::test]
async fn each_reader_sees_what_is_meant_for_them_on_every_page_and_in_every_file() {
    let w = world(Section { public: true, ..Section::default() }).await;
    let mut record = w.record();
    let secrets = [
        (1, "+00 5550 0223"), // emergency: members
        (1, "Ines Example"),
        (1, "+00 5550 0911"),
        (2, "our own notes"),
        (2, "+00 5550 0224"), // hidden by the team itself
        (3, "the operator's notes"),
    ];
    record.people = vec![teams::Person {
        name: "Ines Example".into(),
        phone: "+00 5550 0911".into(),
        ..Default::default()
    }];
    record.team_notes = "our own notes".into();
    record.operator_notes = "the operator's notes".into();
    record.visibility = [(teams::Field::Phones, teams::Audience::Team)].into();
    w.teams.save(&Granted::for_node_in(w.skerry), w.skerry, record).await.unwrap();

    let stranger = String::new();
    let outsider = sign_in(&w.identity, "newcomer", "nia", &[Role::Reader]).await.0;
    let member = sign_in(&w.identity, "aldermark", "kes", &[Role::Reader]).await.0;
    let own = sign_in(&w.identity, "skerry", "ines", &[Role::Reader]).await.0;
    let operator = sign_in(&w.identity, "aldermark", "tia", &[Role::Introducer]).await.0;
    for (who, cookie, level) in [
        ("stranger", &stranger, 0),
        ("outsider", &outsider, 0),
        ("member", &member, 1),
        ("own", &own, 2),
        ("operator", &operator, 3),
    ] {
        let mut all = String::new();
        for path in [
            "/teams",
            "/teams.csv",
            "/teams.json",
            "/teams/skerry",
            "/api/v1/teams",
            "/api/v1/teams/skerry",
            "/api/v1/teams/skerry/record",
        ] {
            let (status, body) = w.get(path, cookie).await;
            assert_eq!(status, StatusCode::OK, "{who} {path}");
            all.push_str(&body.replace("&#39;", "'"));
        }
        for (least, secret) in secrets {
            assert_eq!(all.contains(secret), level >= least, "{who}: {secret}");
        }
        assert!(all.contains("duty@skerry.example"), "{who}");
        // Nobody learns by searching what they may not see.
        let (_, found) = w.get("/teams.json?q=ines+example", cookie).await;
        assert_eq!(found.contains("skerry"), (1..=3).contains(&level), "{who}: {found}");
        // The public does not learn who applies.
        assert_eq!(all.contains("Newcomer"), who != "stranger", "{who}");
        assert_eq!(w.get("/teams/newcomer", cookie).await.0 == StatusCode::OK, who != "stranger");
    }

    // With its standing, a team loses what members see, at once.
    let aldermark = w.teams.directory().by_handle("aldermark").unwrap().id;
    let suspended = Some(Standing { status: TrustStatus::Suspended, since: w.node.now() });
    assert!(w.get("/teams/skerry", &member).await.1.contains("+00 5550 0223"));
    teams::testing::stand(&w.teams, aldermark, suspended).await;
    assert!(!w.get("/teams/skerry", &member).await.1.contains("+00 5550 0223"));
}

#[tokio::test]
async fn without_a_public_side_a_stranger_is_sent_to_the_log_in() {
    let w = world(Section::default()).await;
    for path in ["/teams", "/teams/skerry", "/teams.json"] {
        assert_eq!(w.get(path, "").await.0, StatusCode::SEE_OTHER, "{path}");
    }
    assert_eq!(w.get("/api/v1/teams/skerry/record", "").await.0, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn programs_change_the_record_over_the_version_they_read() {
    let w = world(Section::default()).await;
    let ada = w.ada().await;
    w.teams.note(&Granted::<Introduce>::for_node(), w.skerry, "not for the team").await.unwrap();
    let path = "/api/v1/teams/skerry/record";
    let (status, body, tag) = w.ask(Method::GET, path, &ada, &[], String::new()).await;
    assert_eq!(status, StatusCode::OK);
    let mut record: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(record["networks"], json!(["192.0.2.0/25"]));
    assert_eq!(record["operator_notes"], "");
    let (status, ..) = w.ask(Method::GET, path, &ada, &[("if-none-match", &tag)], String::new()).await;
    assert_eq!(status, StatusCode::NOT_MODIFIED);

    record["mission"] = json!("Help.");
    let put = async |tag: Option<&str>, record: &Value| {
        let mut headers = vec![("content-type", "application/json")];
        headers.extend(tag.map(|tag| ("if-match", tag)));
        w.ask(Method::PUT, path, &ada, &headers, record.to_string()).await
    };
    assert_eq!(put(None, &record).await.0, StatusCode::PRECONDITION_REQUIRED);
    let (status, _, newer) = put(Some(&tag), &record).await;
    assert_eq!(status, StatusCode::OK);
    assert_ne!(newer, tag);
    assert_eq!(put(Some(&tag), &record).await.0, StatusCode::PRECONDITION_FAILED);
    assert_eq!(
        (w.record().mission.as_str(), w.record().operator_notes.as_str()),
        ("Help.", "not for the team")
    );

    record["asns"] = json!([64500, 64501]);
    record["established"] = json!("then");
    record["irt"] = json!("x");
    let (status, body, _) = put(Some(&newer), &record).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    let problem: Value = serde_json::from_str(&body).unwrap();
    let wrong: Vec<_> =
        problem["errors"].as_array().unwrap().iter().map(|e| e["field"].as_str().unwrap()).collect();
    assert_eq!(wrong, ["established", "irt"]);
    assert_eq!(put(Some(&newer), &json!({"asns": ["x"]})).await.0, StatusCode::UNPROCESSABLE_ENTITY);
    let other = sign_in(&w.identity, "aldermark", "kes", &[Role::TeamAdmin]).await.0;
    let (status, ..) = w.ask(Method::PUT, path, &other, &[("if-match", "*")], record.to_string()).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn two_teams_cannot_have_the_same_irt_object() {
    let w = world(Section::default()).await;
    let newcomer = w.teams.directory().by_handle("newcomer").unwrap();
    let record = TeamRecord { irt: Some("irt-skerry".into()), ..newcomer.record.clone() };
    let refused = w.teams.save(&Granted::for_node_in(newcomer.id), newcomer.id, record).await.unwrap_err();
    assert!(
        matches!(&refused, Error::Invalid { field, message } if field == "irt" && message.contains("CERT Skerry")),
        "{refused}"
    );
}

#[tokio::test]
async fn a_claim_is_proven_by_the_operator_and_not_by_ones_own() {
    let w = world(Section::default()).await;
    let proven = |name: &str| w.teams.proven(&w.skerry.to_string(), name);
    assert!(proven("www.skerry.example").unwrap_err().contains("nothing proves it yet"));
    let tia = sign_in(&w.identity, "aldermark", "tia", &[Role::Introducer]).await.0;
    let own = sign_in(&w.identity, "skerry", "ina", &[Role::Introducer]).await.0;
    let ada = w.ada().await;
    let decide = |claim: &str, evidence: &str, what: &str| {
        [("claim", claim), ("evidence", evidence), ("do", what)]
            .map(|(a, b)| (a.to_owned(), b.to_owned()))
            .into()
    };
    let path = "/teams/skerry/claims";
    let form: BTreeMap<_, _> = decide("domain *.skerry.example", "letter 2026-17", "prove");
    assert_eq!(w.post(path, &ada, &form).await.0, StatusCode::FORBIDDEN);
    assert_eq!(w.post(path, &own, &form).await.0, StatusCode::FORBIDDEN, "nobody decides for their own team");
    assert_eq!(
        w.post(path, &tia, &decide("domain *.skerry.example", " ", "prove")).await.0,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    assert_eq!(
        w.post(path, &tia, &decide("network 10.0.0.0/8", "x", "prove")).await.0,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    assert_eq!(w.post(path, &tia, &form).await.0, StatusCode::SEE_OTHER);

    for good in ["www.skerry.example", "skerry.example", "a.b.Skerry.example.", "*.skerry.example"] {
        assert_eq!(proven(good), Ok(()), "{good}");
    }
    for bad in ["example", "skerry.test", "xskerry.example", "*.example", "*", "", "a.*.skerry.example"] {
        assert!(proven(bad).is_err(), "{bad}");
    }
    assert_eq!(proven("lab.skerry.example"), Ok(()), "the newcomer's closer claim is not proven");
    let (_, page) = w.get("/teams/skerry", &tia).await;
    assert!(page.contains("by the operator&#39;s decision, for skerry.example: letter 2026-17"), "{page}");
    let (_, page) =
        w.get("/teams/skerry", &sign_in(&w.identity, "aldermark", "kes", &[Role::Reader]).await.0).await;
    assert!(page.contains("by the operator&#39;s decision") && !page.contains("letter 2026-17"), "{page}");

    // The proof belongs to the claim: who claims it no more has no name under it.
    let mut record = w.record();
    record.domains = vec!["skerry.example".into()];
    w.teams.save(&Granted::for_node_in(w.skerry), w.skerry, record).await.unwrap();
    assert!(proven("skerry.example").is_ok() && proven("www.skerry.example").is_err());
    let withdraw = decide("domain skerry.example", "sold", "withdraw");
    assert_eq!(w.post(path, &tia, &withdraw).await.0, StatusCode::SEE_OTHER);
    assert!(proven("skerry.example").is_err());
    let claim = Claim::Domain("skerry.example".into());
    let gone =
        w.teams.withdraw_proof(&Granted::for_node(), w.skerry, claim, teams::ProofKind::Operator, "x").await;
    assert!(matches!(gone, Err(Error::NotFound(_))));
}

#[tokio::test]
async fn what_the_operator_notes_is_seen_by_the_operator_alone() {
    let w = world(Section::default()).await;
    let tia = sign_in(&w.identity, "aldermark", "tia", &[Role::Introducer]).await.0;
    let own = sign_in(&w.identity, "skerry", "ina", &[Role::Introducer]).await.0;
    let ada = w.ada().await;
    let form = BTreeMap::from([("notes".to_owned(), "called twice".to_owned())]);
    assert_eq!(w.post("/teams/skerry/notes", &ada, &form).await.0, StatusCode::FORBIDDEN);
    assert_eq!(w.post("/teams/skerry/notes", &own, &form).await.0, StatusCode::FORBIDDEN);
    assert_eq!(w.post("/teams/skerry/notes", &tia, &form).await.0, StatusCode::SEE_OTHER);
    assert!(w.get("/teams/skerry", &tia).await.1.contains("called twice"));
    let seen = w.get("/teams/skerry", &ada).await.1;
    assert!(!seen.contains("called twice") && !seen.contains("operator notes"), "{seen}");
}

#[tokio::test]
async fn a_search_finds_networks_within_domains_and_kinds() {
    let w = world(Section::default()).await;
    let cookie = sign_in(&w.identity, "aldermark", "kes", &[Role::Reader]).await.0;
    for (question, found) in [
        ("?q=192.0.2.0/24", vec!["skerry"]),
        ("?q=192.0.2.64/26", vec!["skerry"]),
        ("?q=192.0.2.128/25", vec![]),
        ("?q=www.skerry.example", vec!["skerry"]),
        ("?q=lab.skerry.example", vec!["newcomer"]),
        ("?q=irt-skerry", vec!["skerry"]),
        ("?kind=national", vec!["skerry"]),
        ("?kind=national&country=GB", vec![]),
        ("?q=cert+192.0.2.7+as64500", vec!["skerry"]),
        ("?q=as645", vec!["skerry"]),
    ] {
        let json = w.get(&format!("/teams.json{question}"), &cookie).await.1;
        let json: Value = serde_json::from_str(&json).unwrap();
        let handles: Vec<_> =
            json.as_array().unwrap().iter().map(|team| team["handle"].as_str().unwrap()).collect();
        assert_eq!(handles, found, "{question}");
    }
}
