//! The directory as files: what is in them, who may have them, that they are signed; on the engine that
//! `WARDMOTE_TEST_DB` names.

#![allow(clippy::unwrap_used)]

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, header};
use axum::response::Response;
use identity::testing::sign_in;
use identity::{Granted, Identity, Role, Settings, Site};
use kit::Id;
use kit::clock::{DAY, SECOND};
use kit::testing::{TestNode, node};
use mail::pgp::{KeyParams, PublicKey, SecretKey, Seed, verify_detached};
use serde_json::Value;
use teams::exports::{Exports, Kind, wkd};
use teams::import::parse;
use teams::{Audience, Standing, Teams, TrustStatus};
use tower::ServiceExt as _;

struct World {
    node: TestNode,
    identity: Identity,
    teams: Teams,
    router: Router,
}

const COMMUNITY: &str = r#"[
 {"handle": "aldermark", "official_name": "Aldermark Computer Emergency Response Team", "short_name": "Aldermark CERT",
  "country": {"code": "GB", "name": "United Kingdom"}, "classification": {"code": "accredited", "since": "2012-05-14"},
  "emails": [{"address": "desk@aldermark.example", "usage": "team"}, {"address": "cert@aldermark.example", "usage": "report"}],
  "phones": [{"usage": "voice", "number": "+00 5550 0302", "timezone": "Europe/London"},
             {"usage": "emergency", "number": "+00 5550 0222", "comments": "ask for the duty officer"}]},
 {"handle": "skerry", "official_name": "CERT Skerry", "short_name": "CERT Skerry", "host_organisation": "=HYPERLINK(\"x\")",
  "country": {"code": "DK", "name": "Denmark"}, "classification": {"code": "certified", "since": "2024-06-11"},
  "postal_address": "1 Quay \"Street\"\nSkerry",
  "constituency": {"asns": [64500], "ipranges": ["192.0.2.0/25"], "domains": ["*.skerry.example", "skerry-port.example"]},
  "channels": ["iodef", "mail-encrypted"], "languages": ["da", "en"], "business_hours": "09:00-17:00", "business_hours_timezone": "Europe/Copenhagen",
  "emails": [{"address": "duty@skerry.example", "usage": "report"}, {"address": "night@skerry.example", "usage": "emergency"}],
  "phones": [{"usage": "emergency", "number": "+00 5550 0223"}], "irt": "IRT-SKERRY",
  "more": {"mission": "To help.", "remit": {"spam": "no"}, "people": [{"name": "Ada Skerry", "function": "head", "email": "ada@skerry.example"}],
           "rid_endpoint": "https://rid.skerry.example/", "team_notes": "the spare key is in the safe"}},
 {"handle": "lab", "official_name": "Lab CERT", "short_name": "Lab CERT", "classification": {"code": "candidate", "since": "2026-08-01"}},
 {"handle": "gone", "official_name": "Gone CERT", "short_name": "Gone CERT", "classification": {"code": "suspended", "since": "2026-01-01"},
  "emails": [{"address": "cert@gone.example", "usage": "report"}], "phones": [{"usage": "emergency", "number": "+00 5550 0999"}]},
 {"handle": "unlisted", "official_name": "Unlisted", "short_name": "Unlisted CERT"}]"#;

/// What only members may see of Skerry.
const FOR_MEMBERS: [&str; 3] = ["+00 5550 0223", "night@skerry.example", "Ada Skerry"];
/// What nobody but Skerry may see, and what is about teams that are not listed.
const FOR_NOBODY: [&str; 3] = ["in the safe", "Gone CERT", "Unlisted CERT"];

async fn world() -> World {
    let node = node(&[identity::MIGRATIONS, teams::MIGRATIONS]);
    let identity = Identity::new(node.node.clone(), Settings::default());
    let settings = teams::Section {
        public: true,
        wkd_domains: vec!["skerry.example".into(), "aldermark.example".into(), "gone.example".into()],
        ..teams::Section::default()
    };
    let teams = Teams::open(node.node.clone(), settings).await.unwrap();
    let parsed = parse(COMMUNITY.as_bytes()).unwrap();
    assert_eq!(parsed.left_out, Vec::<String>::new());
    teams::testing::import(&teams, parsed.entries).await;
    let domain = teams.domain();
    let (api, _) = utoipa_axum::router::OpenApiRouter::new().nest("/api/v1", domain.api).split_for_parts();
    let router = identity::protect(domain.routes.merge(api), identity.clone(), Site::default());
    World { node, identity, teams, router }
}

impl World {
    fn id(&self, handle: &str) -> Id {
        self.teams.directory().by_handle(handle).unwrap().id
    }

    async fn ask(&self, path: &str, headers: &[(&str, &str)]) -> Response {
        let request =
            headers.iter().fold(Request::get(path), |request, (name, value)| request.header(*name, *value));
        self.router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap()
    }

    async fn get(&self, path: &str, cookie: &str) -> (StatusCode, Vec<u8>) {
        read(self.ask(path, &[("cookie", cookie)]).await).await
    }

    async fn text(&self, path: &str, cookie: &str) -> String {
        let (status, body) = self.get(path, cookie).await;
        let body = String::from_utf8(body).unwrap();
        assert_eq!(status, StatusCode::OK, "{path}: {body}");
        body
    }

    async fn reader(&self, team: &str) -> String {
        sign_in(&self.identity, team, &format!("kes-{team}"), &[Role::Reader]).await.0
    }

    /// A key of `team`; `days` before now it was made, `days` after now it ends.
    async fn key(&self, team: &str, address: &str, seed: u8, made: i64, ends: Option<i64>) -> SecretKey {
        let now = self.node.now();
        let params = KeyParams {
            user_id: format!("{team} <{address}>"),
            created: (now - made * DAY) / SECOND,
            expires: ends.map(|days| (now + days * DAY) / SECOND),
        };
        let key = SecretKey::generate(&params, Seed::from([seed; 32])).unwrap();
        self.add(team, key.public()).await;
        key
    }

    async fn add(&self, team: &str, key: &PublicKey) {
        self.teams.add_key(&Granted::for_node(), self.id(team), key.to_bytes()).await.unwrap();
    }

    /// Aldermark's desk is here and signs.
    async fn desk(&self) {
        let desk = teams::NewDesk {
            handle: "aldermark".into(),
            name: "Aldermark CERT".into(),
            mailbox: "cert@aldermark.example".into(),
        };
        self.teams.create_desk(&Granted::for_node(), desk).await.unwrap();
    }
}

async fn read(response: Response) -> (StatusCode, Vec<u8>) {
    let status = response.status();
    (status, to_bytes(response.into_body(), 64 << 20).await.unwrap().to_vec())
}

#[tokio::test]
async fn public_files_hold_what_everybody_may_see_and_members_files_what_members_may() {
    let w = world().await;
    let member = w.reader("aldermark").await;
    for name in ["teams.json", "teams.csv", "teams.vcf"] {
        let public = w.text(&format!("/directory/{name}"), "").await;
        let members = w.text(&format!("/directory/members/{name}"), &member).await;
        assert!(public.contains("Skerry") && public.contains("Lab CERT"), "{name}: {public}");
        for hidden in FOR_MEMBERS.iter().chain(&FOR_NOBODY) {
            assert!(!public.contains(hidden), "{name} shows {hidden} to everybody: {public}");
        }
        for hidden in FOR_NOBODY {
            assert!(!members.contains(hidden), "{name} shows {hidden} to members: {members}");
        }
        assert!(members.contains("+00 5550 0223"), "{name}: {members}");
    }
    let phones = w.text("/directory/members/phones.txt", &member).await;
    assert!(phones.starts_with("TLP:AMBER\n") && phones.contains("+00 5550 0223"), "{phones}");
    assert!(phones.contains("+00 5550 0222") && phones.contains("ask for the duty officer"), "{phones}");
    assert!(!phones.contains("+00 5550 0999"), "a suspended team is not called: {phones}");
    assert!(w.text("/directory/members/phones", &member).await.contains("tel:+0055500223"));
    for closed in
        ["/directory/phones.txt", "/directory/phones.vcf", "/directory/passwd", "/directory/..%2fwardmote.db"]
    {
        assert_eq!(w.get(closed, &member).await.0, StatusCode::NOT_FOUND, "{closed}");
    }
}

#[tokio::test]
async fn members_files_are_refused_from_the_moment_on_at_which_the_standing_is_lost() {
    let w = world().await;
    let member = w.reader("skerry").await;
    let candidate = w.reader("lab").await;
    let (operator, _) = sign_in(&w.identity, "lab", "ines", &[Role::Introducer]).await;
    let paths = ["teams.json", "keyring.asc", "phones.txt", "phones.vcf", "phones", "SHA256SUMS"]
        .map(|name| format!("/directory/members/{name}"));
    for path in &paths {
        assert_eq!(w.get(path, &member).await.0, StatusCode::OK, "{path}");
        assert_eq!(w.get(path, &operator).await.0, StatusCode::OK, "{path}");
        assert_eq!(w.get(path, "").await.0, StatusCode::SEE_OTHER, "{path}");
        let (status, page) = w.get(path, &candidate).await;
        assert_eq!(status, StatusCode::FORBIDDEN, "{path}");
        assert!(String::from_utf8(page).unwrap().contains("asks for the standing accredited"), "{path}");
    }
    let index = w.text("/directory", &member).await;
    assert!(index.contains("/directory/members/phones.txt"), "{index}");

    let suspended = Some(Standing { status: TrustStatus::Suspended, since: w.node.now() });
    teams::testing::stand(&w.teams, w.id("skerry"), suspended).await;
    for path in &paths {
        assert_eq!(w.get(path, &member).await.0, StatusCode::FORBIDDEN, "{path}");
    }
    let index = w.text("/directory", &member).await;
    assert!(!index.contains("/directory/members/phones.txt") && index.contains("is suspended"), "{index}");
    assert!(!w.text("/directory/teams.json", "").await.contains("Skerry"), "and it is in no file any more");
}

#[tokio::test]
async fn other_programs_read_the_directory_in_the_shape_they_know() {
    let w = world().await;
    w.key("skerry", "duty@skerry.example", 1, 9, Some(90)).await;
    let teams: Value = serde_json::from_str(&w.text("/directory/teams.json", "").await).unwrap();
    let teams = teams.as_array().unwrap();
    assert_eq!(
        teams.iter().map(|team| team["handle"].as_str().unwrap()).collect::<Vec<_>>(),
        ["aldermark", "lab", "skerry"]
    );
    let skerry = &teams[2];
    assert_eq!(
        skerry["classification"],
        serde_json::json!({"code": "c", "name": "Certified", "since": "2024-06-11"})
    );
    assert_eq!(
        skerry["constituency"]["domains"],
        serde_json::json!(["skerry.example", "*.skerry.example", "skerry-port.example"])
    );
    assert_eq!(skerry["constituency"]["ipranges"], serde_json::json!(["192.0.2.0/25"]));
    assert_eq!(skerry["business_hours"], "09:00-17:00");
    assert_eq!(skerry["business_hours_timezone"], "Europe/Copenhagen");
    assert_eq!(skerry["pgp_keys"][0]["fingerprint"].as_str().unwrap().split(' ').count(), 10);
    assert_eq!(skerry["pgp_keys"][0]["expires"], "2027-02-19");
    // A program that takes the first address for "contact" writes to where reports go.
    for team in teams {
        let contact = team["emails"]
            .as_array()
            .unwrap()
            .iter()
            .find(|mail| mail["usage"].as_array().unwrap().contains(&"contact".into()));
        let expected = match team["handle"].as_str().unwrap() {
            "aldermark" => Some("cert@aldermark.example"),
            "skerry" => Some("duty@skerry.example"),
            _ => None,
        };
        assert_eq!(contact.and_then(|mail| mail["address"].as_str()), expected);
    }
    let table = w.text("/directory/teams.csv", "").await;
    assert!(table.contains("\"'=HYPERLINK(\"\"x\"\")\""), "a spreadsheet must not run it: {table}");
}

#[tokio::test]
async fn a_directory_that_is_imported_elsewhere_is_exported_there_byte_for_byte() {
    let w = world().await;
    let other = world().await;
    for audience in [Audience::Public, Audience::Members] {
        let file = Exports::new(w.teams.clone()).file(audience, Kind::Listing).await.unwrap();
        let parsed = parse(&file.bytes).unwrap();
        assert_eq!(parsed.left_out, Vec::<String>::new());
        for entry in &parsed.entries {
            let team = w.teams.directory().by_handle(&entry.record.handle).unwrap();
            assert_eq!(entry.record, team.seen_by(audience).record, "{audience}");
            assert_eq!(entry.standing, team.standing);
        }
        teams::testing::import(&other.teams, parsed.entries).await;
        let again = Exports::new(other.teams.clone()).file(audience, Kind::Listing).await.unwrap();
        assert!(again.bytes == file.bytes, "{}", String::from_utf8_lossy(&again.bytes));
    }
}

#[tokio::test]
async fn what_a_file_brings_cannot_set_notes_of_the_operator() {
    let text = r#"[{"handle": "lab", "official_name": "Lab", "short_name": "Lab", "more": {"handle": "skerry", "operator_notes": "x", "mission": "m"}}]"#;
    let entry = parse(text.as_bytes()).unwrap().entries.remove(0);
    assert_eq!(
        (entry.record.handle.as_str(), entry.record.operator_notes.as_str(), entry.record.mission.as_str()),
        ("lab", "", "m")
    );
    let parsed = parse(br#"[{"official_name": "Lab", "short_name": "Lab", "more": {"asns": "x"}}]"#).unwrap();
    assert!(parsed.entries.is_empty() && parsed.left_out[0].contains("more"), "{:?}", parsed.left_out);
}

#[tokio::test]
async fn every_file_is_signed_over_exactly_its_bytes_by_the_key_of_the_desk() {
    let w = world().await;
    let member = w.reader("skerry").await;
    let (status, page) = w.get("/directory/teams.json.asc", "").await;
    assert!(status == StatusCode::NOT_FOUND && String::from_utf8(page).unwrap().contains("[trust] operator"));
    w.desk().await;
    let keys: Vec<PublicKey> =
        w.teams.directory().by_handle("aldermark").unwrap().keys_in_use().cloned().collect();
    let at = w.node.now() / SECOND;
    for (audience, folder) in [(Audience::Public, ""), (Audience::Members, "members/")] {
        for kind in Kind::for_audience(audience) {
            let path = format!("/directory/{folder}{}", kind.name());
            let bytes = w.get(&path, &member).await.1;
            for end in ["asc", "sig"] {
                let signature = w.get(&format!("{path}.{end}"), &member).await.1;
                let verdicts = verify_detached(&bytes, &signature, &keys, at);
                assert!(verdicts.len() == 1 && verdicts[0].is_good(), "{path}.{end}: {}", verdicts[0]);
            }
        }
    }
    // The same bytes keep their signature, also when a later snapshot is shown; the signatures of members' files are theirs.
    let before = w.get("/directory/teams.json.asc", "").await.1;
    w.node.clock.advance(DAY * 2);
    assert_eq!(w.get("/directory/teams.json.asc", "").await.1, before);
    assert_eq!(w.get("/directory/members/phones.txt.asc", "").await.0, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn who_has_the_bytes_already_is_told_so() {
    let w = world().await;
    let response = w.ask("/directory/teams.json", &[]).await;
    let etag = response.headers()[header::ETAG].to_str().unwrap().to_owned();
    assert_eq!(response.headers()[header::CONTENT_TYPE], "application/json");
    let again = w.ask("/directory/teams.json", &[("if-none-match", &format!("\"x\", {etag}"))]).await;
    assert_eq!(again.status(), StatusCode::NOT_MODIFIED);
    assert!(read(again).await.1.is_empty());
    let standing = Some(Standing { status: TrustStatus::Accredited, since: w.node.now() });
    teams::testing::stand(&w.teams, w.id("lab"), standing).await;
    assert_eq!(w.ask("/directory/teams.json", &[("if-none-match", &etag)]).await.status(), StatusCode::OK);
}

#[tokio::test]
async fn the_key_ring_holds_good_keys_alone_and_a_report_says_what_is_missing_and_why() {
    let w = world().await;
    let good = w.key("skerry", "duty@skerry.example", 1, 9, Some(90)).await.public().fingerprint();
    let expired = w.key("skerry", "duty@skerry.example", 2, 90, Some(-1)).await.public().fingerprint();
    let withdrawn = w.key("skerry", "duty@skerry.example", 3, 9, None).await.public().fingerprint();
    w.teams.withdraw_key(&Granted::for_node(), w.id("skerry"), &withdrawn, "lost").await.unwrap();
    let revoked = w.key("aldermark", "cert@aldermark.example", 4, 9, None).await;
    w.add("aldermark", &revoked.revoked((w.node.now() - DAY) / SECOND, "stolen").unwrap()).await;
    let listed = w.key("lab", "cert@lab.example", 5, 9, Some(2)).await.public().fingerprint();
    w.key("gone", "cert@gone.example", 6, 9, None).await;

    let ring = |bytes: Vec<u8>| {
        PublicKey::parse_all(&bytes).unwrap().iter().map(PublicKey::fingerprint).collect::<Vec<_>>()
    };
    for name in ["keyring.asc", "keyring.gpg"] {
        let mut keys = ring(w.get(&format!("/directory/{name}"), "").await.1);
        keys.sort();
        let mut expected = vec![good.clone(), listed.clone()];
        expected.sort();
        assert_eq!(keys, expected, "{name}");
    }
    let report = w.text("/directory/keyring.txt", "").await;
    for line in [
        (&expired, "expired on 2026-11-20"),
        (&withdrawn, "withdrawn by the team on 2026-11-21"),
        (
            &revoked.public().fingerprint(),
            "revoked on 2026-11-20: the secret key may be in other hands (stolen)",
        ),
    ] {
        assert!(
            report.lines().any(|have| have.starts_with(line.0) && have.ends_with(line.1)),
            "{line:?}: {report}"
        );
    }
    assert!(report.contains("1 team without a good key\n\naldermark"), "{report}");

    // The members' ring is that of members: a candidate is not in it.
    let member = w.reader("skerry").await;
    assert_eq!(ring(w.get("/directory/members/keyring.asc", &member).await.1), std::slice::from_ref(&good));
    // A key leaves the ring when it ends, without anybody changing anything.
    w.node.clock.advance(DAY * 3);
    assert_eq!(ring(w.get("/directory/keyring.asc", "").await.1), [good]);
}

#[tokio::test]
async fn keys_are_found_by_the_address_that_their_owner_shows_and_the_key_names() {
    let w = world().await;
    let key = w.key("skerry", "duty@skerry.example", 1, 9, None).await.public().fingerprint();
    w.key("skerry", "other@skerry.example", 2, 9, None).await;
    w.key("skerry", "night@skerry.example", 3, 9, None).await;
    w.key("gone", "cert@gone.example", 4, 9, None).await;
    w.key("lab", "cert@lab.example", 5, 9, None).await;
    let advanced =
        |domain: &str, local: &str| format!("/.well-known/openpgpkey/{domain}/hu/{}", wkd::hash(local));

    let response = w.ask(&format!("{}?l=Duty", advanced("skerry.example", "duty")), &[]).await;
    assert_eq!(response.headers()[header::CONTENT_TYPE], "application/octet-stream");
    assert_eq!(response.headers()[header::ACCESS_CONTROL_ALLOW_ORIGIN], "*");
    let keys = PublicKey::parse_all(&read(response).await.1).unwrap();
    assert_eq!(keys.iter().map(PublicKey::fingerprint).collect::<Vec<_>>(), std::slice::from_ref(&key));
    let direct = format!("/.well-known/openpgpkey/hu/{}?l=duty", wkd::hash("duty"));
    assert_eq!(w.ask(&direct, &[("host", "Skerry.example:8080")]).await.status(), StatusCode::OK);
    for (path, host, why) in [
        (direct.clone(), "aldermark.example", "another domain"),
        (direct.clone(), "localhost", "a name that is no mail domain here"),
        (direct.replace("l=duty", "l=other"), "skerry.example", "another address than the hash says"),
        (advanced("skerry.example", "other"), "x", "an address that stands in no record"),
        (advanced("skerry.example", "night"), "x", "an address that members see"),
        (advanced("gone.example", "cert"), "x", "a suspended team"),
        (advanced("lab.example", "cert"), "x", "a domain that is not configured"),
        ("/.well-known/openpgpkey/lab.example/policy".into(), "x", "a domain that is not configured"),
        ("/.well-known/openpgpkey/policy".into(), "x", "a name that is no mail domain here"),
    ] {
        assert_eq!(w.ask(&path, &[("host", host)]).await.status(), StatusCode::NOT_FOUND, "{why}");
    }
    assert_eq!(w.ask("/.well-known/openpgpkey/skerry.example/policy", &[]).await.status(), StatusCode::OK);
    w.teams.withdraw_key(&Granted::for_node(), w.id("skerry"), &key, "lost").await.unwrap();
    assert_eq!(w.ask(&direct, &[("host", "skerry.example")]).await.status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_card_is_a_card_and_shows_its_reader_what_they_may_see() {
    let w = world().await;
    let key = w.key("skerry", "duty@skerry.example", 1, 9, None).await.public().fingerprint();
    let public = w.text("/teams/skerry/card.vcf", "").await;
    assert!(
        public.starts_with("BEGIN:VCARD\r\nVERSION:4.0\r\n") && public.ends_with("END:VCARD\r\n"),
        "{public}"
    );
    let unfolded = public.replace("\r\n ", "");
    for line in [
        "FN:CERT Skerry",
        "ORG:=HYPERLINK(\"x\");CERT Skerry",
        "ADR;LABEL=\"1 Quay ^'Street^'^nSkerry\":;;;;;;Denmark",
        "EMAIL;TYPE=work;PREF=1:duty@skerry.example",
        "TZ:Europe/Copenhagen",
        &format!("KEY:OPENPGP4FPR:{key}"),
        "CATEGORIES:certified",
    ] {
        assert!(unfolded.lines().any(|have| have == line), "{line}: {unfolded}");
    }
    assert!(!public.contains("5550 0223"), "{public}");
    let member = w.reader("aldermark").await;
    assert!(
        w.text("/teams/skerry/card.vcf", &member)
            .await
            .contains("TEL;TYPE=\"work,voice\";PREF=1:+00 5550 0223")
    );
    assert_eq!(w.get("/teams/gone/card.vcf", "").await.0, StatusCode::NOT_FOUND);
    assert_eq!(w.get("/teams/unlisted/card.vcf", "").await.0, StatusCode::NOT_FOUND);
    let phones = w.text("/directory/members/phones.vcf", &member).await;
    assert_eq!(phones.matches("BEGIN:VCARD\r\nVERSION:3.0\r\n").count(), 2, "{phones}");
}

#[tokio::test]
async fn a_folder_gets_all_files_with_signatures_and_digests() {
    let w = world().await;
    w.desk().await;
    let exports = Exports::new(w.teams.clone());
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("out");
    for _ in 0..2 {
        let written = exports.write_folder(Audience::Members, &folder).await.unwrap();
        assert_eq!((written.files.len(), written.unsigned), (18, None));
    }
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 18);
    let sums = std::fs::read_to_string(folder.join("SHA256SUMS")).unwrap();
    assert_eq!(sums.lines().count(), 8);
    for line in sums.lines() {
        let (digest, name) = line.split_once("  ").unwrap();
        assert_eq!(
            kit::blobs::Digest::of(&std::fs::read(folder.join(name)).unwrap()).to_string(),
            digest,
            "{name}"
        );
    }
    let public = exports.write_folder(Audience::Public, &place.path().join("public")).await.unwrap();
    assert!(!public.files.iter().any(|name| name.starts_with("phones")), "{:?}", public.files);
}

/// `team`'s description as everybody gets it.
async fn description(w: &World, team: &str) -> String {
    w.text(&format!("/teams/{team}/rfc2350.txt"), "").await
}

impl World {
    async fn post(&self, path: &str, cookie: &str, form: &[(&str, &str)]) -> (StatusCode, String) {
        let form: Vec<_> =
            form.iter().map(|(name, value)| format!("{name}={}", identity::web::encode(value))).collect();
        let request = Request::post(path)
            .header(header::COOKIE, cookie)
            .header("sec-fetch-site", "same-origin")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        let request = request.body(Body::from(form.join("&"))).unwrap();
        let (status, body) = read(self.router.clone().oneshot(request).await.unwrap()).await;
        (status, String::from_utf8(body).unwrap())
    }
}

#[tokio::test]
async fn a_description_has_the_whole_outline_with_what_everybody_may_see_and_is_no_change_when_it_is_read() {
    let w = world().await;
    w.key("skerry", "duty@skerry.example", 1, 9, Some(90)).await;
    let text = description(&w, "skerry").await;
    for line in [
        "CERT Skerry: description according to RFC 2350",
        "   duty@skerry.example (incident reports)",
        "   Europe/Copenhagen",
        "   Hours: 09:00-17:00",
        "   Autonomous systems: AS64500",
        "   Networks: 192.0.2.0/25",
        "   Domains: *.skerry.example, skerry-port.example",
        "   - spam: not handled",
        "   To help.",
        "7. Disclaimers",
    ] {
        assert!(text.lines().any(|have| have == line), "{line}: {text}");
    }
    for hidden in FOR_MEMBERS.iter().chain(&FOR_NOBODY) {
        assert!(!text.contains(hidden), "{hidden}: {text}");
    }
    for handle in ["skerry", "aldermark", "lab"] {
        let team = w.teams.directory().by_handle(handle).unwrap();
        let text = description(&w, handle).await;
        let proposal =
            teams::exports::description::propose(&team, text.as_bytes(), None, w.node.now() / SECOND)
                .unwrap();
        let differing: Vec<_> = proposal.differences.iter().filter(|one| one.field != "document").collect();
        assert!(differing.is_empty(), "{handle}: {differing:?}");
        assert_eq!(proposal.notes, Vec::<String>::new());
    }
    assert_eq!(w.get("/teams/gone/rfc2350.txt", "").await.0, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_team_signs_its_description_with_its_own_key_and_a_change_makes_the_signature_stale() {
    let w = world().await;
    let key = w.key("skerry", "duty@skerry.example", 1, 9, None).await;
    let other = w.key("aldermark", "cert@aldermark.example", 2, 9, None).await;
    let (ada, _) = sign_in(&w.identity, "skerry", "ada", &[Role::TeamAdmin]).await;
    let (oda, _) = sign_in(&w.identity, "aldermark", "oda", &[Role::TeamAdmin]).await;
    let at = w.node.now() / SECOND;
    let sign = |key: &SecretKey, text: &str| {
        key.sign_detached(text.as_bytes(), mail::pgp::SignatureMode::Binary, at).unwrap().armored
    };
    let text = description(&w, "skerry").await;
    let asc = "/teams/skerry/rfc2350.txt.asc";
    assert_eq!(w.get(asc, "").await.0, StatusCode::NOT_FOUND);

    let path = "/teams/skerry/rfc2350/signature";
    let good = sign(&key, &text);
    for (signature, why) in [
        (sign(&other, &text), "not known here"),
        (sign(&key, &text.replace("help", "harm")), "bad signature"),
        ("nonsense".to_owned(), "not a readable signature"),
    ] {
        let (status, page) = w.post(path, &ada, &[("signature", &signature)]).await;
        assert!(status == StatusCode::UNPROCESSABLE_ENTITY && page.contains(why), "{why}: {page}");
    }
    assert_eq!(w.post(path, &oda, &[("signature", &good)]).await.0, StatusCode::NOT_FOUND);
    assert_eq!(w.post(path, &ada, &[("signature", &good)]).await.0, StatusCode::SEE_OTHER);
    let served = w.text(asc, "").await;
    let keys = [key.public().clone()];
    assert!(
        verify_detached(description(&w, "skerry").await.as_bytes(), served.as_bytes(), &keys, at)[0]
            .is_good()
    );
    assert!(w.text("/teams/skerry/rfc2350", "").await.contains("signed"));

    // A day later, and with another standing, the text that was signed is served still.
    w.node.clock.advance(DAY);
    let standing = Some(Standing { status: TrustStatus::Accredited, since: w.node.now() });
    teams::testing::stand(&w.teams, w.id("skerry"), standing).await;
    assert_eq!(description(&w, "skerry").await, text);
    assert_eq!(w.text(asc, "").await, served);

    // A change of the record is none that the team has signed.
    let mut record = w.teams.directory().by_handle("skerry").unwrap().record.clone();
    record.mission = "To help at night, too.".into();
    w.teams.save(&Granted::for_node(), w.id("skerry"), record).await.unwrap();
    let (status, page) = w.get(asc, "").await;
    assert!(
        status == StatusCode::NOT_FOUND
            && String::from_utf8(page).unwrap().contains("changed since it was signed")
    );
    assert!(description(&w, "skerry").await.contains("at night"));
    // Signed again, then the key is lost.
    let again = key
        .sign_detached(
            description(&w, "skerry").await.as_bytes(),
            mail::pgp::SignatureMode::Binary,
            at + 90_000,
        )
        .unwrap();
    assert_eq!(w.post(path, &ada, &[("signature", &again.armored)]).await.0, StatusCode::SEE_OTHER);
    w.teams
        .withdraw_key(&Granted::for_node(), w.id("skerry"), &key.public().fingerprint(), "lost")
        .await
        .unwrap();
    assert_eq!(w.get(asc, "").await.0, StatusCode::NOT_FOUND);
    assert_eq!(w.post("/teams/skerry/rfc2350/signature/drop", &ada, &[]).await.0, StatusCode::SEE_OTHER);
}

const PUBLISHED: &str = "\
1. Document Information
1.1 Date of Last Update
This is version 2.0, 14 March 2026.
2.1 Name of the Team
Lab Computer Emergency Response Team.
2.3 Time Zone
Central European Time, Europe/Berlin
2.4 Telephone Number
+00 5550 0100
Emergency: +00 5550 0199
2.7 E-mail
Write to cert (at) lab.example.
2.9 Team Members
Known to our constituency.
3.1 Mission Statement
We look after the lab.
3.9 Coffee
At ten.
";

#[tokio::test]
async fn a_published_description_becomes_a_proposal_of_which_the_team_takes_what_it_likes() {
    let w = world().await;
    let (ada, _) = sign_in(&w.identity, "lab", "ada", &[Role::TeamAdmin]).await;
    let (oda, _) = sign_in(&w.identity, "aldermark", "oda", &[Role::TeamAdmin]).await;
    let import = "/teams/lab/rfc2350/import";
    assert_eq!(w.post(import, &oda, &[("text", PUBLISHED)]).await.0, StatusCode::NOT_FOUND);
    let (status, page) = w.post(import, &ada, &[("text", "Dear all")]).await;
    assert!(
        status == StatusCode::UNPROCESSABLE_ENTITY
            && page.contains("no section of RFC 2350")
            && page.contains("Dear all"),
        "{page}"
    );
    let (status, page) = w.post(import, &ada, &[("text", PUBLISHED)]).await;
    assert_eq!(status, StatusCode::OK, "{page}");
    for part in [
        "Lab Computer Emergency Response Team",
        "Europe/Berlin",
        "+00 5550 0199",
        "cert@lab.example",
        "We look after the lab",
        "Coffee",
        "not signed",
        "Team Members is not taken",
    ] {
        assert!(page.contains(part), "{part}: {page}");
    }
    assert_eq!(w.teams.directory().by_handle("lab").unwrap().mission, "", "nothing is changed by looking");

    let version = w.teams.directory().by_handle("lab").unwrap().record_digest();
    let apply = "/teams/lab/rfc2350/apply";
    let form = [
        ("text", PUBLISHED),
        ("version", version.as_str()),
        ("take", "mission"),
        ("take", "phones"),
        ("take", "time_zone"),
    ];
    let (status, page) =
        w.post(apply, &ada, &[("text", PUBLISHED), ("version", "x"), ("take", "mission")]).await;
    assert!(status == StatusCode::CONFLICT && page.contains("changed since you read it"), "{page}");
    assert_eq!(w.post(apply, &ada, &form).await.0, StatusCode::SEE_OTHER);
    let lab = w.teams.directory().by_handle("lab").unwrap();
    assert_eq!(
        (lab.mission.as_str(), lab.time_zone.as_str(), lab.official_name.as_str()),
        ("We look after the lab.", "Europe/Berlin", "Lab CERT")
    );
    assert_eq!(lab.phones.iter().map(|phone| phone.usage.name()).collect::<Vec<_>>(), ["voice", "emergency"]);
    assert!(lab.emails.is_empty(), "what was not chosen stays");
}

#[tokio::test]
async fn a_description_with_a_forged_signature_is_not_taken() {
    let w = world().await;
    let key = w.key("lab", "cert@lab.example", 1, 9, None).await;
    let other = w.key("skerry", "duty@skerry.example", 2, 9, None).await;
    let (ada, _) = sign_in(&w.identity, "lab", "ada", &[Role::TeamAdmin]).await;
    let at = w.node.now() / SECOND;
    // A form's line ends are CRLF.
    let text = PUBLISHED.replace('\n', "\r\n");
    let detached = |key: &SecretKey, text: &str| {
        key.sign_detached(text.as_bytes(), mail::pgp::SignatureMode::Text, at).unwrap().armored
    };
    let clear = |key: &SecretKey, text: &str| {
        let signed = detached(key, text.trim_end());
        format!("-----BEGIN PGP SIGNED MESSAGE-----\r\nHash: SHA512\r\n\r\n{text}{signed}")
    };
    let version = w.teams.directory().by_handle("lab").unwrap().record_digest();
    let good = clear(&key, &text);
    for (text, signature, said) in [
        (good.replace("ten", "six"), String::new(), "bad signature"),
        (clear(&other, &text), String::new(), "not known here"),
        (text.clone(), detached(&key, "x"), "bad signature"),
    ] {
        let (_, page) =
            w.post("/teams/lab/rfc2350/import", &ada, &[("text", &text), ("detached", &signature)]).await;
        assert!(page.contains(said) && !page.contains("Save the chosen"), "{said}: {page}");
        let form =
            [("text", text.as_str()), ("detached", &signature), ("version", &version), ("take", "mission")];
        let (status, _) = w.post("/teams/lab/rfc2350/apply", &ada, &form).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{said}");
    }
    assert_eq!(w.teams.directory().by_handle("lab").unwrap().mission, "");
    let form = [("text", good.as_str()), ("version", &version), ("take", "mission")];
    assert_eq!(w.post("/teams/lab/rfc2350/apply", &ada, &form).await.0, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn the_statements_of_signed_descriptions_are_understood_by_the_database() {
    let w = world().await;
    assert_eq!(w.node.db.check_statements(&teams::statements()).unwrap(), Vec::<String>::new());
}

#[tokio::test]
async fn a_program_gives_the_original_bytes_in_whatever_character_set_they_were_signed() {
    let w = world().await;
    let key = w.key("lab", "cert@lab.example", 1, 9, None).await;
    let (ada, _) = sign_in(&w.identity, "lab", "ada", &[Role::TeamAdmin]).await;
    let at = w.node.now() / SECOND;
    // ISO 8859-1, as it was written years ago.
    let mut signed = b"3.1 Mission Statement\r\nWe look after the caf\xe9.".to_vec();
    let signature = key.sign_detached(&signed, mail::pgp::SignatureMode::Text, at).unwrap().armored;
    signed.splice(0..0, *b"-----BEGIN PGP SIGNED MESSAGE-----\r\nHash: SHA512\r\n\r\n");
    signed.extend(format!("\r\n{signature}").into_bytes());
    let send = async |query: &str, version: &str, body: &[u8]| {
        let request = Request::post(format!("/api/v1/teams/lab/rfc2350{query}"))
            .header("cookie", &ada)
            .header("sec-fetch-site", "same-origin")
            .header("if-match", version);
        let (status, body) =
            read(w.router.clone().oneshot(request.body(Body::from(body.to_vec())).unwrap()).await.unwrap())
                .await;
        (status, serde_json::from_slice::<Value>(&body).unwrap())
    };
    let (status, seen) = send("", "", &signed).await;
    assert_eq!((status, &seen["is_signed"]), (StatusCode::OK, &Value::from(true)), "{seen}");
    assert_eq!(
        seen["changes"][0],
        serde_json::json!({"field": "mission", "before": "", "after": "We look after the café."})
    );
    let version = seen["version"].as_str().unwrap();
    let forged = String::from_utf8_lossy(&signed).into_owned().into_bytes();
    assert_eq!(send("?take=mission", version, &forged).await.0, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(send("?take=mission", "\"another\"", &signed).await.0, StatusCode::CONFLICT);
    assert_eq!(send("?take=mission", version, &signed).await.0, StatusCode::OK);
    assert_eq!(w.teams.directory().by_handle("lab").unwrap().mission, "We look after the café.");
}
