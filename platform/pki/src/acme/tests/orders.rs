use kit::clock::{DAY, HOUR, SECOND};
use serde_json::json;

use super::*;

const WWW: &str = "www.team.example";

#[tokio::test(flavor = "multi_thread")]
async fn from_an_order_to_a_certificate_with_those_that_vouch_for_it() {
    let world = World::new().await;
    let account = world.account().await;
    let order = account.order(&["WWW.team.example", "mail.team.example"]).await;
    let begun = order.json();
    assert_eq!((order.status, &begun["status"]), (201, &json!("pending")));
    assert_eq!(begun["identifiers"][1]["value"], WWW);
    let early = account.ask(begun["finalize"].as_str().unwrap(), &csr(&[WWW])).await;
    assert_eq!(early.problem(), "orderNotReady");

    let first = begun["authorizations"][0].as_str().unwrap();
    let challenge = account.prepare(first).await;
    let looked = account.ask(&challenge, "").await;
    assert_eq!(looked.json()["status"], "pending");
    let begun_to_ask = account.ask(&challenge, "{}").await;
    assert_eq!(begun_to_ask.json()["status"], "processing");
    assert_eq!(begun_to_ask.header("retry-after"), "2");
    world.work().await;
    let valid = account.look(first).await;
    assert_eq!((&valid["status"], &valid["challenges"][0]["status"]), (&json!("valid"), &json!("valid")));
    assert!(valid["challenges"][0]["validated"].is_string());
    assert_eq!(account.look(&order.header("location")).await["status"], "pending");

    let (url, finalize) = account.ready(&["mail.team.example", WWW]).await;
    let done = account.ask(&finalize, &csr(&[WWW, "mail.team.example"])).await;
    assert_eq!((done.status, &done.json()["status"]), (200, &json!("valid")), "{}", done.text);
    assert_eq!(done.header("location"), url);
    let certificate = account.ask(done.json()["certificate"].as_str().unwrap(), "").await;
    assert_eq!(certificate.header("content-type"), "application/pem-certificate-chain");
    assert_eq!(certificate.text.matches("-----BEGIN CERTIFICATE-----").count(), 2);
    // What is done is done once.
    assert_eq!(account.ask(&finalize, &csr(&[WWW, "mail.team.example"])).await.problem(), "orderNotReady");
    let listed = account.look(&format!("{}/orders", account.url)).await;
    assert_eq!(listed["orders"].as_array().unwrap().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_says_something_else_is_asked_again_and_then_not_believed() {
    let world = World::new().await;
    let account = world.account().await;
    let order = account.order(&[WWW]).await;
    let authorization = order.json()["authorizations"][0].as_str().unwrap().to_owned();
    let challenge = account.look(&authorization).await["challenges"][0]["url"].as_str().unwrap().to_owned();
    account.ask(&challenge, "{}").await;
    world.work().await;
    let tried = account.look(&challenge).await;
    assert_eq!((&tried["status"], &tried["error"]["status"]), (&json!("processing"), &json!(403)));
    for _ in 0..4 {
        world.node.clock.advance(20 * SECOND);
        world.work().await;
    }
    let failed = account.look(&challenge).await;
    assert_eq!(failed["status"], "invalid");
    assert_eq!(failed["error"]["type"], "urn:ietf:params:acme:error:incorrectResponse");
    assert!(failed["error"]["detail"].as_str().unwrap().contains("answers 404"), "{failed}");
    let order = account.look(&order.header("location")).await;
    assert_eq!((&order["status"], &order["error"]["status"]), (&json!("invalid"), &json!(403)));
    // To say that one is ready does not help any more.
    assert_eq!(account.ask(&challenge, "{}").await.json()["status"], "invalid");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_starts_late_is_waited_for() {
    let world = World::new().await;
    let account = world.account().await;
    let order = account.order(&[WWW]).await;
    let authorization = order.json()["authorizations"][0].as_str().unwrap().to_owned();
    let challenge = account.look(&authorization).await["challenges"][0]["url"].as_str().unwrap().to_owned();
    account.ask(&challenge, "{}").await;
    world.work().await;
    account.prepare(&authorization).await;
    world.node.clock.advance(4 * SECOND);
    world.work().await;
    assert_eq!(account.look(&challenge).await["status"], "valid");
    assert_eq!(account.look(&challenge).await["error"], Value::Null);
}

#[tokio::test(flavor = "multi_thread")]
async fn names_that_are_not_the_teams_are_refused_each_with_its_reason() {
    let world = World::new().await;
    let account = world.account().await;
    let refused = account.order(&[WWW, "www.foreign.example", "mail.foreign.example"]).await;
    assert_eq!(refused.problem(), "rejectedIdentifier");
    let problems = refused.json()["subproblems"].clone();
    assert_eq!(problems[0]["identifier"]["value"], "mail.foreign.example");
    assert_eq!((problems.as_array().unwrap().len(), &problems[1]["status"]), (2, &Value::Null));
    assert_eq!(account.order(&["*.team.example"]).await.problem(), "rejectedIdentifier");
    let ip = r#"{"identifiers": [{"type": "ip", "value": "192.0.2.1"}]}"#;
    assert_eq!(account.ask(&format!("{BASE}/new-order"), ip).await.problem(), "unsupportedIdentifier");
    let long = json!({"identifiers": [{"type": "dns", "value": WWW}], "notAfter": "2036-01-01T00:00:00Z"});
    assert_eq!(account.ask(&format!("{BASE}/new-order"), &long.to_string()).await.problem(), "malformed");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_team_may_have_is_asked_again_when_the_certificate_is_made() {
    let world = World::new().await;
    let account = world.account().await;
    let (_, finalize) = account.ready(&[WWW]).await;
    let team = world.admin.team().to_string();
    world.teams.without.lock().unwrap().insert(team.clone());
    let lost = account.ask(&finalize, &csr(&[WWW])).await;
    assert_eq!((lost.status, lost.problem().as_str()), (403, "unauthorized"));
    assert_eq!(account.order(&[WWW]).await.problem(), "unauthorized");
    world.teams.without.lock().unwrap().clear();
    world.teams.unproven.lock().unwrap().insert(WWW.into());
    assert_eq!(account.ask(&finalize, &csr(&[WWW])).await.problem(), "rejectedIdentifier");
    world.teams.unproven.lock().unwrap().clear();
    // Nothing was lost: the order is ready still.
    assert_eq!(account.ask(&finalize, &csr(&[WWW])).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_for_other_names_or_with_the_accounts_own_key_is_refused() {
    let world = World::new().await;
    let account = world.account().await;
    let (_, finalize) = account.ready(&[WWW, "a.team.example"]).await;
    for names in [&[WWW][..], &[WWW, "b.team.example"], &[WWW, "a.team.example", "b.team.example"]] {
        let refused = account.ask(&finalize, &csr(names)).await;
        assert_eq!(refused.problem(), "badCSR", "{names:?}");
        assert!(refused.text.contains("and the order a.team.example, www.team.example"), "{}", refused.text);
    }
    for junk in ["", "AAAA", "MIIB"] {
        let junk = json!({"csr": junk}).to_string();
        assert_eq!(account.ask(&finalize, &junk).await.problem(), "badCSR");
    }
    assert_eq!(account.ask(&finalize, r#"{"csr": "not base64url!"}"#).await.problem(), "malformed");
    assert_eq!(account.ask(&finalize, &csr(&["a.team.example", WWW])).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_ends_with_its_time_and_is_forgotten_later() {
    let world = World::new().await;
    let account = world.account().await;
    let (url, finalize) = account.ready(&[WWW]).await;
    world.node.clock.advance(25 * HOUR);
    assert_eq!(account.look(&url).await["status"], "invalid");
    assert_eq!(account.ask(&finalize, &csr(&[WWW])).await.problem(), "orderNotReady");
    let authorization = account.look(&url).await["authorizations"][0].as_str().unwrap().to_owned();
    assert_eq!(account.look(&authorization).await["status"], "expired");
    let listed = account.look(&format!("{}/orders", account.url)).await;
    assert_eq!(listed["orders"], json!([]));
    world.node.clock.advance(8 * DAY);
    world.work().await;
    assert_eq!(account.ask(&url, "").await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_authorisation_that_was_given_up_is_worth_nothing() {
    let world = World::new().await;
    let account = world.account().await;
    let (url, finalize) = account.ready(&[WWW]).await;
    let authorization = account.look(&url).await["authorizations"][0].as_str().unwrap().to_owned();
    let given_up = account.ask(&authorization, r#"{"status": "deactivated"}"#).await;
    assert_eq!(given_up.json()["status"], "deactivated");
    assert_eq!(account.look(&url).await["status"], "invalid");
    assert_eq!(account.ask(&finalize, &csr(&[WWW])).await.problem(), "orderNotReady");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_community_has_its_limits_and_says_when_to_come_again() {
    let world = World::with(|settings| super::super::Section { orders_per_hour: 2, ..settings }).await;
    let account = world.account().await;
    assert_eq!(account.order(&[WWW]).await.status, 201);
    assert_eq!(account.order(&[WWW]).await.status, 201);
    let limited = account.order(&[WWW]).await;
    assert_eq!((limited.status, limited.problem().as_str()), (429, "rateLimited"));
    assert_eq!(limited.header("retry-after"), "900");
    assert_eq!(world.account().await.order(&[WWW]).await.status, 201);
    world.node.clock.advance(HOUR + SECOND);
    assert_eq!(account.order(&[WWW]).await.status, 201);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_on_loopback_is_asked_only_when_it_is_allowed() {
    let world = World::with(|settings| super::super::Section { allow: Vec::new(), ..settings }).await;
    let account = world.account().await;
    let order = account.order(&[WWW]).await;
    let challenge = account.prepare(order.json()["authorizations"][0].as_str().unwrap()).await;
    account.ask(&challenge, "{}").await;
    world.work().await;
    let tried = account.look(&challenge).await;
    assert_eq!(tried["error"]["type"], "urn:ietf:params:acme:error:connection");
    assert!(tried["error"]["detail"].as_str().unwrap().contains("not public"), "{tried}");
}
