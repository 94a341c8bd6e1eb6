use kit::clock::HOUR;
use serde_json::json;

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_is_sent_twice_is_done_once() {
    let world = World::new().await;
    let account = world.account().await;
    let (url, nonce) = (format!("{BASE}/new-order"), world.nonce().await);
    let names = json!({"identifiers": [{"type": "dns", "value": "www.team.example"}]}).to_string();
    let body = account.client.signed_as(&account.url, &url, &nonce, &names);
    assert_eq!(world.post(&url, body.clone()).await.status, 201);
    let again = world.post(&url, body).await;
    assert_eq!((again.status, again.problem().as_str()), (400, "badNonce"));
    // The refusal brings the nonce for the next try.
    let next = again.header("replay-nonce");
    let body = account.client.signed_as(&account.url, &url, &next, &names);
    assert_eq!(world.post(&url, body).await.status, 201);

    let (old, url) = (world.nonce().await, account.url.clone());
    world.node.clock.advance(HOUR);
    for nonce in [old.as_str(), "made-up"] {
        let body = account.client.signed_as(&url, &url, nonce, "");
        assert_eq!(world.post(&url, body).await.problem(), "badNonce");
    }
    let header = json!({"alg": "ES256", "url": url, "kid": url});
    assert_eq!(world.post(&url, account.client.signed(&header, "")).await.problem(), "badNonce");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_counts_only_where_it_was_signed_for_and_by_whom_it_says() {
    let world = World::new().await;
    let (account, other) = (world.account().await, world.account().await);
    let url = format!("{BASE}/new-order");
    let elsewhere = account.client.signed_as(&account.url, &account.url, &world.nonce().await, "");
    assert_eq!(world.post(&url, elsewhere).await.problem(), "unauthorized");
    let elsewhere = account.client.signed_as(
        &account.url,
        &url.replace("acme.example", "evil.example"),
        &world.nonce().await,
        "",
    );
    assert_eq!(world.post(&url, elsewhere).await.problem(), "unauthorized");
    // In the name of another account.
    let forged = account.client.signed_as(&other.url, &other.url, &world.nonce().await, "");
    assert_eq!(world.post(&other.url, forged).await.problem(), "unauthorized");
    assert_eq!(account.ask(&other.url, "").await.problem(), "unauthorized");
    for kid in [
        "",
        "x",
        &format!("{BASE}/account/00000000-0000-7000-8000-000000000000"),
        &format!("{}/", account.url),
    ] {
        let body = account.client.signed_as(kid, &url, &world.nonce().await, "{}");
        assert_eq!(world.post(&url, body).await.problem(), "accountDoesNotExist", "{kid}");
    }
    // jwk where an account is needed, and the other way round.
    let body = account.client.signed_with_key(&url, &world.nonce().await, "{}");
    assert_eq!(world.post(&url, body).await.problem(), "malformed");
    assert_eq!(account.ask(&format!("{BASE}/new-account"), "{}").await.problem(), "malformed");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_is_its_accounts_own() {
    let world = World::new().await;
    let (account, other) = (world.account().await, world.account().await);
    let (order, finalize) = account.ready(&["www.team.example"]).await;
    let shown = account.look(&order).await;
    let authorization = shown["authorizations"][0].as_str().unwrap();
    let challenge = account.look(authorization).await["challenges"][0]["url"].as_str().unwrap().to_owned();
    let done = account.ask(&finalize, &csr(&["www.team.example"])).await;
    let certificate = done.json()["certificate"].as_str().unwrap().to_owned();
    for url in [order.as_str(), authorization, &challenge, &certificate] {
        assert_eq!(other.ask(url, "").await.status, 404, "{url}");
    }
    assert_eq!(other.ask(&finalize, &csr(&["www.team.example"])).await.status, 404);
    assert_eq!(other.ask(authorization, r#"{"status": "deactivated"}"#).await.status, 404);
    assert_eq!(other.ask(&format!("{}/orders", account.url), "").await.problem(), "unauthorized");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_signed_request_is_refused_with_a_reason() {
    let world = World::new().await;
    let account = world.account().await;
    let url = format!("{BASE}/new-order");
    let path = "/acme/new-order";
    let plain =
        Request::post(path).header(header::CONTENT_TYPE, "application/json").body("{}".into()).unwrap();
    assert_eq!(world.send(plain).await.status, 415);
    let large = world.post(&url, vec![b' '; 100 * 1024]).await;
    assert_eq!((large.status, large.problem().as_str()), (413, "malformed"));
    assert_eq!(world.post(&url, b"{}".to_vec()).await.problem(), "malformed");
    let none = json!({"alg": "none", "kid": account.url, "url": url, "nonce": world.nonce().await});
    let refused = world.post(&url, account.client.signed(&none, "{}")).await;
    assert_eq!(refused.problem(), "badSignatureAlgorithm");
    assert_eq!(refused.json()["algorithms"][2], "EdDSA");
    for payload in ["", "[]", "{", r#"{"identifiers": 1}"#, r#"{"identifiers": [], "identifiers": []}"#] {
        assert_eq!(account.ask(&url, payload).await.problem(), "malformed", "{payload}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_does_not_offer_it_has_nothing_there() {
    let world = World::with(|settings| super::super::Section { enabled: false, ..settings }).await;
    assert_eq!(world.get("/acme/directory").await.status, 404);
}
