//! RDAP through the router; on the engine that `WARDMOTE_TEST_DB` names.

#![allow(clippy::unwrap_used)]

use std::net::SocketAddr;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::ConnectInfo;
use axum::http::{Request, StatusCode, header};
use identity::testing::sign_in;
use identity::{Granted, Identity, Role, Settings, Site};
use kit::testing::{TestNode, node};
use registry::Registry;
use serde_json::{Value, json};
use teams::Teams;
use tower::ServiceExt as _;

const COMMUNITY: &str = r#"[
 {"handle": "aldermark", "official_name": "Aldermark CERT", "short_name": "Aldermark CERT",
  "classification": {"code": "listed", "since": "2024-01-01"},
  "constituency": {"ipranges": ["203.0.113.128/25"], "domains": ["*.aldermark.example"]}, "emails": [{"address": "cert@aldermark.example", "usage": "report"}]},
 {"handle": "skerry", "official_name": "CERT Skerry", "short_name": "CERT Skerry", "classification": {"code": "accredited", "since": "2024-06-11"},
  "constituency": {"domains": ["*.skerry.example"]}, "emails": [{"address": "duty@skerry.example", "usage": "report"}],
  "irt": "IRT-SKERRY"},
 {"handle": "tarn", "official_name": "Tarn CERT", "short_name": "Tarn CERT", "classification": {"code": "accredited", "since": "2024-06-11"},
  "constituency": {"ipranges": ["192.0.2.0/25", "203.0.113.0/26"], "domains": ["tarn.example"]}, "emails": [{"address": "cert@tarn.example", "usage": "report"}],
  "more": {"visibility": {"networks": "team", "domains": "team"}}}]"#;

const DUMP: &str = "\
inetnum: 192.0.2.0 - 192.0.2.127
netname: SKERRY-CAMPUS
descr:   Campus
country: DK
status:  ASSIGNED PA
org:     ORG-SK1-WARD
admin-c: JV1-WARD
tech-c:  JV1-WARD
mnt-irt: IRT-SKERRY
mnt-by:  MNT-SKERRY
created: 2013-06-03T06:11:10Z
last-modified: 2020-03-09T11:50:38Z
source:  WARD

inetnum: 192.0.2.10 - 192.0.2.77
netname: LABS
source:  WARD

inetnum: 198.51.100.0/24
abuse-c: BW1-WARD
source:  WARD

inetnum: 203.0.113.0/25
abuse-c: HB1-WARD
source:  WARD

role:    Brackwater Abuse
address: Quay 2
nic-hdl: BW1-WARD
e-mail:  hostmaster@brackwater.example
abuse-mailbox: abuse@brackwater.example
source:  WARD

role:    Harbour Desk
nic-hdl: HB1-WARD
e-mail:  desk@harbour.example
source:  WARD

person:  Jorrit Vaskeld
address: Pier 4
phone:   +00 5550 0105
e-mail:  jorrit@skerry.example
nic-hdl: JV1-WARD
mnt-by:  MNT-SKERRY
source:  WARD

organisation: ORG-SK1-WARD
org-name: Skerry Research Network
e-mail:  info@skerry.example
mnt-by:  MNT-SKERRY
source:  WARD

mntner:  MNT-SKERRY
upd-to:  hostmaster@skerry.example
auth:    PGPKEY-1234ABCD
mnt-by:  MNT-SKERRY
source:  WARD

aut-num: AS64500
as-name: SKERRY
mnt-irt: IRT-SKERRY
source:  WARD

domain:  2.0.192.in-addr.arpa
descr:   Reverse of the campus
zone-c:  JV1-WARD
nserver: ns1.skerry.example
nserver: ns2.skerry.example 192.0.2.5
ds-rdata: 12345 8 2 00AA
source:  WARD

irt:     IRT-SKERRY
address: Pier 4
phone:   +00 5550 0223
abuse-mailbox: reports@skerry.example
e-mail:  duty@skerry.example
contact: https://skerry.example/report
encryption: PGPKEY-0123456789ABCDEF0123456789ABCDEF01234567
admin-c: JV1-WARD
mnt-by:  WARD-INTRODUCER-MNT
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
    let settings = registry::Settings {
        source: Some("WARD".into()),
        introducers: vec!["WARD-INTRODUCER-MNT".to_owned()],
        base_url: "https://desk.example".to_owned(),
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
    World { identity, router, _node: node }
}

impl World {
    async fn ask_as(&self, path: &str, cookie: &str, from: &str) -> (StatusCode, Value) {
        let mut request = Request::get(format!("/rdap/{path}")).header(header::COOKIE, cookie);
        let peer: SocketAddr = format!("{from}:40000").parse().unwrap();
        request.extensions_mut().unwrap().insert(ConnectInfo(peer));
        let response = self.router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        let status = response.status();
        assert_eq!(response.headers()[header::CONTENT_TYPE], "application/rdap+json", "{path}");
        assert_eq!(response.headers()[header::ACCESS_CONTROL_ALLOW_ORIGIN], "*", "{path}");
        assert_eq!(response.headers().contains_key(header::RETRY_AFTER), status == 429, "{path}");
        let body = to_bytes(response.into_body(), 8 << 20).await.unwrap();
        (status, serde_json::from_slice(&body).unwrap())
    }

    async fn ask(&self, path: &str) -> (StatusCode, Value) {
        self.ask_as(path, "", "198.18.0.1").await
    }

    async fn told(&self, path: &str) -> Value {
        let (status, answer) = self.ask(path).await;
        assert_eq!(status, StatusCode::OK, "{path}: {answer:#}");
        answer
    }
}

/// The values of one property of a jCard.
fn card(entity: &Value, name: &str) -> Vec<String> {
    let properties = entity["vcardArray"][1].as_array().unwrap();
    let of_name = properties.iter().filter(|property| property[0] == name);
    of_name.map(|property| property[3].as_str().unwrap_or_default().to_owned()).collect()
}

fn with_role<'a>(answer: &'a Value, role: &str) -> &'a Value {
    let entities = answer["entities"].as_array().unwrap();
    let found = entities.iter().find(|entity| entity["roles"].as_array().unwrap().contains(&json!(role)));
    found.unwrap_or_else(|| panic!("nobody is {role}: {answer:#}"))
}

#[tokio::test]
async fn an_address_leads_to_the_smallest_network_and_to_the_team_of_the_nearest_that_names_one() {
    let w = world().await;
    let answer = w.told("ip/192.0.2.64").await;
    assert_eq!(answer["handle"], "192.0.2.10 - 192.0.2.77");
    assert_eq!(answer["parentHandle"], "192.0.2.0 - 192.0.2.127");
    assert_eq!(answer["cidr0_cidrs"].as_array().unwrap().len(), 7);
    let team = with_role(&answer, "abuse");
    assert_eq!(team["handle"], "IRT-SKERRY");
    assert_eq!(card(team, "email"), ["reports@skerry.example", "duty@skerry.example"], "none is left out");
    assert_eq!(card(team, "fn"), ["IRT-SKERRY"]);
    assert_eq!(card(team, "contact-uri"), ["https://skerry.example/report"]);
    assert_eq!(card(team, "key"), ["openpgp4fpr:0123456789ABCDEF0123456789ABCDEF01234567"]);
    let trust = &team["wardmote_trust"];
    assert_eq!((&trust["status"], &trust["since"]), (&json!("accredited"), &json!("2024-06-11T00:00:00Z")));
    assert_eq!(trust["introducer"], "WARD-INTRODUCER-MNT");
    assert_eq!(trust["page"], "https://desk.example/teams/skerry");
    assert_eq!(trust["foundAt"], "192.0.2.0 - 192.0.2.127");
    assert_eq!(
        team["remarks"][0]["description"][0],
        "Trust status: accredited since 2024-06-11 (says WARD-INTRODUCER-MNT)"
    );
    assert_eq!(answer["rdapConformance"], json!(["rdap_level_0", "cidr0", "wardmote_trust"]));
}

#[tokio::test]
async fn a_network_tells_its_dates_its_people_and_what_was_left_out_of_them() {
    let w = world().await;
    let answer = w.told("ip/192.0.2.0/25").await;
    assert_eq!(
        (&answer["name"], &answer["type"], &answer["country"]),
        (&json!("SKERRY-CAMPUS"), &json!("ASSIGNED PA"), &json!("DK"))
    );
    assert_eq!(
        answer["events"][0],
        json!({"eventAction": "registration", "eventDate": "2013-06-03T06:11:10Z"})
    );
    assert_eq!(answer["events"][1]["eventAction"], "last changed");
    assert_eq!(
        (&answer["startAddress"], &answer["endAddress"], &answer["port43"]),
        (&json!("192.0.2.0"), &json!("192.0.2.127"), &json!("desk.example"))
    );
    let person = with_role(&answer, "technical");
    assert_eq!(
        (&person["handle"], &person["roles"]),
        (&json!("JV1-WARD"), &json!(["administrative", "technical"]))
    );
    assert_eq!(
        (card(person, "fn"), card(person, "kind")),
        (vec!["Jorrit Vaskeld".to_owned()], vec!["individual".to_owned()])
    );
    assert_eq!(card(person, "email"), [""; 0], "personal data");
    let marks = answer["redacted"].as_array().unwrap();
    assert_eq!(marks.len(), 2, "of the person and the organisation: {marks:#?}");
    assert!(!answer.to_string().contains("jorrit@") && !answer.to_string().contains("info@skerry"));
    assert!(!answer.to_string().contains("PGPKEY-1234ABCD") && !answer.to_string().contains("hostmaster@"));
    let team = with_role(&answer, "abuse");
    assert_eq!(team["wardmote_trust"].get("foundAt"), None, "it names the team itself");
    assert_eq!(answer["links"][0]["href"], "https://desk.example/rdap/ip/192.0.2.0/25");
    assert_eq!(answer["links"][0]["value"], "https://desk.example/rdap/ip/192.0.2.0/25");
}

#[tokio::test]
async fn without_a_team_the_abuse_contact_answers_and_its_mailbox_is_told() {
    let w = world().await;
    let answer = w.told("ip/198.51.100.9").await;
    let role = with_role(&answer, "abuse");
    assert_eq!(
        (&role["handle"], card(role, "email")),
        (&json!("BW1-WARD"), vec!["abuse@brackwater.example".to_owned()])
    );
    assert_eq!(answer["redacted"].as_array().unwrap().len(), 1, "its own address is not for everybody");
    let answer = w.told("ip/203.0.113.1").await;
    assert_eq!(
        card(with_role(&answer, "abuse"), "email"),
        ["desk@harbour.example"],
        "it stands in for a mailbox"
    );
}

#[tokio::test]
async fn an_irt_handle_is_fetched_in_any_case_and_so_are_the_others() {
    let w = world().await;
    let team = w.told("entity/irt-skerry").await;
    assert_eq!((&team["handle"], &team["roles"]), (&json!("IRT-SKERRY"), &json!(["abuse"])));
    assert_eq!(team["wardmote_trust"]["status"], "accredited");
    assert_eq!(team["entities"][0]["handle"], "JV1-WARD");
    assert_eq!(team["redacted"][0]["prePath"], "$.entities[0].vcardArray[1][?(@[0]=='email')]");
    for (handle, kind) in
        [("BW1-WARD", "group"), ("JV1-WARD", "individual"), ("ORG-SK1-WARD", "org"), ("MNT-SKERRY", "group")]
    {
        assert_eq!(card(&w.told(&format!("entity/{handle}")).await, "kind"), [kind], "{handle}");
    }
    assert_eq!(w.ask("entity/IRT-NOBODY").await.0, StatusCode::NOT_FOUND);
    assert_eq!(w.ask("entity/PGPKEY-1234ABCD").await.0, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn numbers_and_names_resolve_registered_or_claimed() {
    let w = world().await;
    let answer = w.told("autnum/64500").await;
    assert_eq!(
        (&answer["handle"], &answer["name"], &answer["startAutnum"]),
        (&json!("AS64500"), &json!("SKERRY"), &json!(64500))
    );
    assert_eq!(with_role(&answer, "abuse")["handle"], "IRT-SKERRY");
    let answer = w.told("domain/2.0.192.in-addr.arpa.").await;
    assert_eq!(answer["nameservers"][1]["ldhName"], "ns2.skerry.example");
    assert_eq!(answer["secureDNS"]["delegationSigned"], true);
    assert_eq!(answer["remarks"][0]["description"], json!(["Reverse of the campus"]));
    let answer = w.told("domain/www.skerry.example").await;
    assert_eq!(answer["ldhName"], "www.skerry.example");
    assert_eq!((answer.get("handle"), &with_role(&answer, "abuse")["handle"]), (None, &json!("IRT-SKERRY")));
    let answer = w.told("domain/mail.aldermark.example").await;
    let team = with_role(&answer, "abuse");
    assert_eq!((team.get("handle"), card(team, "fn")), (None, vec!["Aldermark CERT".to_owned()]));
    assert_eq!(card(team, "email"), [""; 0], "the directory is not for everybody");
    let answer = w.told("domain/5.2.0.192.in-addr.arpa").await;
    assert_eq!(answer["network"]["handle"], "192.0.2.0 - 192.0.2.127");
}

#[tokio::test]
async fn entities_and_domains_are_searched() {
    let w = world().await;
    let handles = |answer: &Value, member: &str| -> Vec<String> {
        let results = answer[member].as_array().unwrap();
        results.iter().map(|one| one["handle"].as_str().unwrap().to_owned()).collect()
    };
    let answer = w.told("entities?handle=irt-*").await;
    assert_eq!(handles(&answer, "entitySearchResults"), ["IRT-SKERRY"]);
    let answer = w.told("entities?handle=JV1-WARD").await;
    assert_eq!(handles(&answer, "entitySearchResults"), ["JV1-WARD"]);
    assert_eq!(answer["redacted"][0]["prePath"], "$.entitySearchResults[0].vcardArray[1][?(@[0]=='email')]");
    let answer = w.told("domains?name=2.0.*").await;
    assert_eq!(handles(&answer, "domainSearchResults"), ["2.0.192.IN-ADDR.ARPA"]);
    assert_eq!(w.told("entities?handle=nobody").await["entitySearchResults"], json!([]));
    for wrong in
        ["entities", "entities?handle=*", "entities?fn=a*", "domains?name=*.arpa", "entities?fn=ab&handle=cd"]
    {
        assert_eq!(w.ask(wrong).await.0, StatusCode::BAD_REQUEST, "{wrong}");
    }
    assert_eq!(w.ask("domains?nsIp=192.0.2.5").await.0, StatusCode::NOT_IMPLEMENTED);
}

#[tokio::test]
async fn what_cannot_be_answered_is_an_error_of_rdap_that_says_what_to_ask() {
    let w = world().await;
    for (path, status) in [
        ("ip/nonsense", 400),
        ("ip/192.0.2.0/99", 400),
        ("ip/240.0.0.1", 404),
        ("ip/2001:db8::/32", 404),
        ("autnum/AS64500", 400),
        ("autnum/64511", 404),
        ("domain/%20", 400),
        ("domain/nobody.example", 404),
        ("nameserver/ns1.skerry.example", 501),
        ("nameservers?name=ns*", 501),
        ("team/skerry", 400),
    ] {
        let (said, answer) = w.ask(path).await;
        assert_eq!((said.as_u16(), &answer["errorCode"]), (status, &json!(status)), "{path}: {answer}");
        assert!(
            answer["description"][0].as_str().unwrap().len() > 20
                && answer["rdapConformance"][0] == "rdap_level_0"
        );
    }
    let help = w.told("help").await;
    assert_eq!(help["rdapConformance"], json!(["rdap_level_0", "cidr0", "redacted", "wardmote_trust"]));
}

#[tokio::test]
async fn a_flood_is_slowed_with_words_and_a_known_account_or_a_listed_team_goes_on() {
    let w = world().await;
    let mut last = (StatusCode::OK, Value::Null);
    for _ in 0..=200 {
        last = w.ask("ip/192.0.2.1").await;
    }
    assert_eq!(last.0, StatusCode::TOO_MANY_REQUESTS);
    assert!(last.1["description"][0].as_str().unwrap().contains("token"), "{}", last.1);
    let (cookie, _) = sign_in(&w.identity, "aldermark", "kes", &[Role::Reader]).await;
    assert_eq!(w.ask_as("ip/192.0.2.1", &cookie, "198.18.0.1").await.0, StatusCode::OK);
    for _ in 0..=250 {
        assert_eq!(w.ask_as("ip/192.0.2.1", "", "203.0.113.200").await.0, StatusCode::OK, "a team at work");
    }
}

#[tokio::test]
async fn what_a_team_hides_of_its_constituency_is_told_nobody() {
    let w = world().await;
    for path in ["ip/192.0.2.64", "ip/192.0.2.0/26"] {
        let answer = w.told(path).await.to_string();
        assert!(answer.contains("SKERRY") && !answer.to_lowercase().contains("tarn"), "{path}: {answer}");
    }
    assert_eq!(w.ask("domain/tarn.example").await.0, StatusCode::NOT_FOUND, "a claim, and it is hidden");
    assert_eq!(w.ask("domain/www.aldermark.example").await.0, StatusCode::OK, "a claim that is not");
}
