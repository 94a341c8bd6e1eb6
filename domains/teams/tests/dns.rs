//! Claims proven by a record of the domain name system, against a name server that also misbehaves; on the engine that
//! `WARDMOTE_TEST_DB` names.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use axum::body::{Body, to_bytes};
use axum::http::{Method, Request, StatusCode, header};
use hickory_proto::op::{Message, OpCode, ResponseCode};
use hickory_proto::rr::rdata::{CNAME, TXT};
use hickory_proto::rr::{Name, RData, Record};
use identity::testing::sign_in;
use identity::{Granted, Identity, ManageTeam, Role, Settings, Site};
use kit::clock::DAY;
use kit::testing::{TestNode, node};
use kit::{Error, Id};
use teams::import::parse;
use teams::{Claim, Examined, ProofKind, Section, Teams};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, UdpSocket};
use tower::ServiceExt as _;

/// How the server answers about a name.
#[derive(Debug, Clone)]
enum Manner {
    Texts(Vec<String>),
    /// The text belongs to another name than was asked for.
    OfAnother(String),
    Alias(String),
    Code(ResponseCode),
    WrongId(String),
    /// By UDP only that there is more, by TCP the text.
    Truncated(String),
    /// More than a datagram holds, the text at the end of it.
    Huge(String),
    Noise,
    Silence,
}

type Zone = Arc<Mutex<BTreeMap<String, Manner>>>;

/// A name server on UDP and TCP; a name that is not in its zone does not exist.
async fn name_server() -> (SocketAddr, Zone) {
    let zone = Zone::default();
    let (udp, tcp) = loop {
        let udp = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        if let Ok(tcp) = TcpListener::bind(udp.local_addr().unwrap()).await {
            break (udp, tcp);
        }
    };
    let at = udp.local_addr().unwrap();
    let own = zone.clone();
    tokio::spawn(async move {
        let mut question = [0; 4096];
        while let Ok((length, peer)) = udp.recv_from(&mut question).await {
            if let Some(answer) = answer(&own, &question[..length], false) {
                drop(udp.send_to(&answer, peer).await);
            }
        }
    });
    let own = zone.clone();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = tcp.accept().await {
            let own = own.clone();
            tokio::spawn(async move {
                while let Ok(length) = stream.read_u16().await {
                    let mut question = vec![0; usize::from(length)];
                    if stream.read_exact(&mut question).await.is_err() {
                        break;
                    }
                    let Some(answer) = answer(&own, &question, true) else { break };
                    let length = u16::try_from(answer.len()).unwrap();
                    drop(stream.write_u16(length).await);
                    drop(stream.write_all(&answer).await);
                }
            });
        }
    });
    (at, zone)
}

fn answer(zone: &Zone, question: &[u8], by_tcp: bool) -> Option<Vec<u8>> {
    let question = Message::from_vec(question).unwrap();
    let query = question.queries[0].clone();
    let asked = query.name().to_ascii().trim_end_matches('.').to_lowercase();
    let manner = zone.lock().unwrap().get(&asked).cloned();
    let manner = manner.unwrap_or(Manner::Code(ResponseCode::NXDomain));
    let mut message = Message::response(question.metadata.id, OpCode::Query);
    message.metadata.recursion_desired = true;
    message.metadata.recursion_available = true;
    let text = |name: &Name, text: &str| {
        let parts: Vec<&[u8]> = text.as_bytes().chunks(250).collect();
        Record::from_rdata(name.clone(), 60, RData::TXT(TXT::from_bytes(parts)))
    };
    let own = query.name().clone();
    message.add_query(query);
    match manner {
        Manner::Texts(texts) => {
            message.add_answers(texts.iter().map(|one| text(&own, one)));
        }
        Manner::OfAnother(one) => {
            message.add_answer(text(&Name::from_ascii("elsewhere.example.").unwrap(), &one));
        }
        Manner::Alias(to) => {
            let to = RData::CNAME(CNAME(Name::from_ascii(to).unwrap()));
            message.add_answer(Record::from_rdata(own, 60, to));
        }
        Manner::Code(code) => message.metadata.response_code = code,
        Manner::WrongId(one) => {
            message.metadata.id = question.metadata.id.wrapping_add(1);
            message.add_answer(text(&own, &one));
        }
        Manner::Truncated(one) if by_tcp => {
            message.add_answer(text(&own, &one));
        }
        Manner::Truncated(_) => message.metadata.truncation = true,
        Manner::Huge(_) if !by_tcp => message.metadata.truncation = true,
        Manner::Huge(last) => {
            message.add_answers((0..50).map(|n| text(&own, &format!("{n} {}", "x".repeat(900)))));
            message.add_answer(text(&own, &last));
        }
        Manner::Noise => return Some(vec![0xff; 300]),
        Manner::Silence => return None,
    }
    Some(message.to_vec().unwrap())
}

struct World {
    node: TestNode,
    identity: Identity,
    teams: Teams,
    team: Id,
    zone: Zone,
}

const NAMES: [&str; 12] = [
    "good",
    "other",
    "gone",
    "nodata",
    "servfail",
    "refused",
    "wrongid",
    "truncated",
    "huge",
    "noise",
    "silent",
    "foreign",
];

async fn world() -> World {
    let (at, zone) = name_server().await;
    let node = node(&[identity::MIGRATIONS, teams::MIGRATIONS]);
    let identity = Identity::new(node.node.clone(), Settings::default());
    let mut section = Section::default();
    section.dns.resolver = Some(at);
    section.dns.timeout_seconds = 1;
    let teams = Teams::open(node.node.clone(), section).await.unwrap();
    let mut domains: Vec<String> = NAMES.iter().map(|name| format!("{name}.example")).collect();
    domains.extend(["loop.example".into(), "chain.example".into()]);
    let file = serde_json::json!([{
        "handle": "lab", "official_name": "Lab CERT", "short_name": "LAB",
        "constituency": {"domains": domains, "ipranges": ["192.0.2.0/24", "192.0.2.0/25"]},
    }]);
    let entries = parse(file.to_string().as_bytes()).unwrap().entries;
    let team = teams::testing::import(&teams, entries).await[0];
    World { node, identity, teams, team, zone }
}

fn domain(name: &str) -> Claim {
    Claim::parse("domain", &format!("{name}.example")).unwrap()
}

impl World {
    fn line(&self, claim: &Claim) -> (String, String) {
        let challenge = self.teams.dns_challenge(self.team, claim).unwrap();
        (challenge.name, challenge.text)
    }

    fn put(&self, name: &str, manner: Manner) {
        self.zone.lock().unwrap().insert(name.to_owned(), manner);
    }

    async fn ask(&self, claim: &Claim) -> kit::Result<()> {
        let granted: Granted<ManageTeam> = Granted::for_node_in(self.team);
        self.teams.ask_dns(&granted, self.team, claim.clone()).await
    }

    fn proofs(&self) -> Vec<(String, ProofKind, Option<kit::Time>)> {
        let team = self.teams.directory().by_id(self.team).unwrap();
        team.proofs.iter().map(|proof| (proof.claim.text(), proof.kind, proof.missing)).collect()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_zone_shows_is_proven_and_nothing_else_is() {
    let w = world().await;
    for name in NAMES {
        let (at, text) = w.line(&domain(name));
        w.put(
            &at,
            match name {
                "good" => Manner::Texts(vec!["v=spf1 -all".into(), text]),
                "other" => Manner::Texts(vec![w.line(&domain("good")).1]),
                "gone" => continue,
                "nodata" => Manner::Texts(Vec::new()),
                "servfail" => Manner::Code(ResponseCode::ServFail),
                "refused" => Manner::Code(ResponseCode::Refused),
                "wrongid" => Manner::WrongId(text),
                "truncated" => Manner::Truncated(text),
                "huge" => Manner::Huge(text),
                "noise" => Manner::Noise,
                "silent" => Manner::Silence,
                _ => Manner::OfAnother(text),
            },
        );
    }
    let (at, _) = w.line(&domain("loop"));
    w.put(&at, Manner::Alias(format!("{at}.")));
    let (at, text) = w.line(&domain("chain"));
    w.put(&at, Manner::Alias("a.elsewhere.example.".into()));
    w.put("a.elsewhere.example", Manner::Alias("b.elsewhere.example.".into()));
    w.put("b.elsewhere.example", Manner::Texts(vec![text]));

    for name in ["good", "truncated", "huge", "chain"] {
        w.ask(&domain(name)).await.unwrap_or_else(|error| panic!("{name}: {error}"));
    }
    for name in ["other", "gone", "nodata"] {
        let why = w.ask(&domain(name)).await.unwrap_err();
        let Error::Conflict(why) = why else { panic!("{name}: {why}") };
        assert!(why.contains(&format!("_wardmote-claim.{name}.example. IN TXT \"wardmote-claim=")), "{why}");
    }
    // Who could not say said nothing about the zone.
    for name in ["servfail", "refused", "wrongid", "noise", "silent"] {
        let why = w.ask(&domain(name)).await.unwrap_err();
        assert!(matches!(why, Error::Unavailable(_)), "{name}: {why:?}");
    }
    for name in ["foreign", "loop"] {
        assert!(w.ask(&domain(name)).await.is_err(), "{name}");
    }
    let proven: Vec<String> = w.proofs().into_iter().map(|(claim, ..)| claim).collect();
    assert_eq!(proven, ["chain.example", "good.example", "huge.example", "truncated.example"]);
    let team = w.teams.directory().by_id(w.team).unwrap();
    assert_eq!(w.teams.proves_domain(&team, "good.example"), Ok(()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_network_is_proven_by_its_reverse_zone_and_only_what_is_claimed_is_asked_for() {
    let w = world().await;
    let network = Claim::parse("network", "192.0.2.0/24").unwrap();
    let (at, text) = w.line(&network);
    assert_eq!(at, "_wardmote-claim.2.0.192.in-addr.arpa");
    w.put(&at, Manner::Texts(vec![text]));
    w.ask(&network).await.unwrap();
    assert_eq!(w.proofs(), [("192.0.2.0/24".to_owned(), ProofKind::Dns, None)]);
    let between = Claim::parse("network", "192.0.2.0/25").unwrap();
    assert!(w.ask(&between).await.unwrap_err().to_string().contains("/24"));
    assert!(matches!(w.ask(&domain("foreigner")).await, Err(Error::Invalid { .. })));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_that_stays_away_ends_the_proof_after_some_days_and_a_failing_resolver_does_not() {
    let w = world().await;
    let (at, text) = w.line(&domain("good"));
    w.put(&at, Manner::Texts(vec![text.clone()]));
    w.ask(&domain("good")).await.unwrap();
    let examine = async || w.teams.examine_proofs().await.unwrap();
    assert_eq!(examine().await, Examined { held: 1, ..Examined::default() });

    w.put(&at, Manner::Code(ResponseCode::ServFail));
    w.node.clock.advance(30 * DAY);
    assert_eq!(examine().await, Examined { unknown: 1, ..Examined::default() });

    w.put(&at, Manner::Code(ResponseCode::NXDomain));
    let since = w.node.now();
    assert_eq!(examine().await, Examined { missing: 1, ..Examined::default() });
    assert_eq!(w.proofs(), [("good.example".to_owned(), ProofKind::Dns, Some(since))]);
    w.node.clock.advance(6 * DAY);
    assert_eq!(examine().await, Examined { missing: 1, ..Examined::default() });

    // It is back, and the days begin anew.
    w.put(&at, Manner::Texts(vec![text]));
    assert_eq!(examine().await, Examined { held: 1, ..Examined::default() });
    assert_eq!(w.proofs()[0].2, None);

    w.put(&at, Manner::Texts(vec!["something else".into()]));
    assert_eq!(examine().await.missing, 1);
    w.node.clock.advance(7 * DAY);
    assert_eq!(examine().await, Examined { withdrawn: 1, ..Examined::default() });
    assert!(w.proofs().is_empty());
    let history = w.teams.history(&Granted::for_node(), w.team, 1).await.unwrap();
    assert_eq!(history[0].kind, "teams.proof_withdrawn");
    assert_eq!(examine().await, Examined::default());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_team_sees_its_line_on_its_page_and_has_it_looked_for_by_a_button() {
    let w = world().await;
    let router = identity::protect(w.teams.domain().routes, w.identity.clone(), Site::default());
    let ask = async |method: Method, path: &str, cookie: &str, body: &str| {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("sec-fetch-site", "same-origin")
            .header(header::COOKIE, cookie)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        let response =
            router.clone().oneshot(request.body(Body::from(body.to_owned())).unwrap()).await.unwrap();
        let status = response.status();
        let body = to_bytes(response.into_body(), 8 << 20).await.unwrap();
        (status, String::from_utf8_lossy(&body).into_owned())
    };
    let (own, _) = sign_in(&w.identity, "lab", "lea", &[Role::TeamAdmin]).await;
    let (reader, _) = sign_in(&w.identity, "lab", "rob", &[Role::Reader]).await;
    let (foreign, _) = sign_in(&w.identity, "other", "oda", &[Role::TeamAdmin]).await;
    let (at, text) = w.line(&domain("good"));
    let (_, page) = ask(Method::GET, "/teams/lab", &own, "").await;
    assert!(page.contains(&text) && page.contains("_wardmote-claim.2.0.192.in-addr.arpa"), "{page}");
    assert!(!ask(Method::GET, "/teams/lab", &foreign, "").await.1.contains(&text));

    let look = "claim=domain+good.example";
    assert_eq!(ask(Method::POST, "/teams/lab/claims/dns", &reader, look).await.0, StatusCode::FORBIDDEN);
    assert_eq!(ask(Method::POST, "/teams/lab/claims/dns", &foreign, look).await.0, StatusCode::NOT_FOUND);
    let (status, page) = ask(Method::POST, "/teams/lab/claims/dns", &own, look).await;
    assert_eq!(status, StatusCode::CONFLICT);
    assert!(page.contains("has no text. Put this line into the zone"), "{page}");
    w.put(&at, Manner::Texts(vec![text.clone()]));
    assert_eq!(ask(Method::POST, "/teams/lab/claims/dns", &own, look).await.0, StatusCode::SEE_OTHER);
    let (_, page) = ask(Method::GET, "/teams/lab", &own, "").await;
    assert!(page.contains("by the domain name system: TXT at _wardmote-claim.good.example"), "{page}");
    assert!(!page.contains(&text), "nothing is left to prove");

    // Where no resolver is configured, nothing is shown and nothing is asked.
    let alone = Teams::open(w.node.node.clone(), Section::default()).await.unwrap();
    assert_eq!(alone.dns_challenge(w.team, &domain("good")), None);
    let granted: Granted<ManageTeam> = Granted::for_node_in(w.team);
    let why = alone.ask_dns(&granted, w.team, domain("good")).await.unwrap_err();
    assert!(why.to_string().contains("[directory.dns] resolver"), "{why}");
    alone.examine_proofs().await.unwrap();
    assert_eq!(w.proofs().len(), 1);
}
