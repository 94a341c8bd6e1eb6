use kit::clock::DAY;
use serde_json::json;

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn the_directory_says_where_everything_is_and_each_answer_brings_a_nonce() {
    let world = World::new().await;
    let directory = world.get("/acme/directory").await;
    assert_eq!(directory.json()["newOrder"], format!("{BASE}/new-order"));
    assert_eq!(directory.json()["meta"]["externalAccountRequired"], true);
    let nonce = world.get("/acme/new-nonce").await;
    assert_eq!((nonce.status, nonce.header("cache-control").as_str()), (204, "no-store"));
    assert_eq!(nonce.header("link"), format!("<{BASE}/directory>;rel=\"index\""));
    let head = world.send(Request::head("/acme/new-nonce").body(Body::empty()).unwrap()).await;
    assert_eq!(head.status, 200);
    assert_ne!(head.header("replay-nonce"), nonce.header("replay-nonce"));
    for lost in [world.get("/acme/nowhere").await, world.get("/acme/new-order").await] {
        assert_eq!(lost.problem(), "malformed");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_becomes_an_account_of_the_team_whose_credential_binds_it() {
    let world = World::new().await;
    let account = world.account().await;
    let shown = account.look(&account.url).await;
    assert_eq!(
        (&shown["status"], &shown["contact"][0]),
        (&json!("valid"), &json!("mailto:kes@team.example"))
    );
    assert_eq!(account.look(shown["orders"].as_str().unwrap()).await["orders"], json!([]));
    // The same key asks again: the same account, also without the credential.
    let again = world.new_account(&account.client, r#"{"onlyReturnExisting": true}"#).await;
    assert_eq!((again.status, again.header("location")), (200, account.url.clone()));
    let unknown = world.new_account(&Client::ed25519(), r#"{"onlyReturnExisting": true}"#).await;
    assert_eq!((unknown.status, unknown.problem().as_str()), (400, "accountDoesNotExist"));
    let credentials = world.pki.acme_credentials(&world.admin).await.unwrap();
    assert_eq!(credentials[0].accounts, 1);
    let team = world.admin.team();
    let verify = move |c: &kit::Read<'_>| kit::events::verify(c, &format!("acme:{team}"));
    assert_eq!(world.node.db.read(verify).await.unwrap(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_right_credential_nobody_becomes_an_account() {
    let world = World::new().await;
    let (client, (kid, key)) = (Client::p384(), world.credential().await);
    let refused = async |payload: String| {
        let answer = world.new_account(&client, &payload).await;
        assert!(answer.status >= 400, "{}", answer.text);
        answer.problem()
    };
    assert_eq!(refused("{}".into()).await, "externalAccountRequired");
    assert_eq!(refused(world.wish(&client, &kid, b"another key")).await, "unauthorized");
    assert_eq!(refused(world.wish(&client, "unknown", &key)).await, "unauthorized");
    // Bound for another key: somebody has found a binding and would use it for their own account.
    assert_eq!(refused(world.wish(&Client::p256(), &kid, &key)).await, "malformed");
    let elsewhere = client.bound("https://other.example/acme/new-account", &kid, &key);
    assert_eq!(refused(json!({"externalAccountBinding": elsewhere}).to_string()).await, "malformed");
    let unsigned = r#"{"externalAccountBinding": {"protected": "", "payload": "", "signature": ""}}"#;
    assert_eq!(refused(unsigned.into()).await, "malformed");
    let bad = world.wish(&client, &kid, &key).replace("mailto:kes@team.example", "tel:+4712345678");
    assert_eq!(refused(bad).await, "unsupportedContact");
    world.node.clock.advance(31 * DAY);
    assert_eq!(refused(world.wish(&client, &kid, &key)).await, "unauthorized");
    // An hour later the right one is right still.
    let (kid, key) = world.credential().await;
    assert_eq!(world.new_account(&client, &world.wish(&client, &kid, &key)).await.status, 201);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_changes_its_contacts_and_its_key_and_ends() {
    let world = World::new().await;
    let mut account = world.account().await;
    let changed = account.ask(&account.url, r#"{"contact": ["mailto:jor@team.example"]}"#).await;
    assert_eq!(changed.json()["contact"], json!(["mailto:jor@team.example"]));

    let url = format!("{BASE}/key-change");
    let new = Client::p256();
    let inner = |new: &Client, account: &Account<'_>, old: &Client| {
        let old: Value = serde_json::from_str(&old.jwk().to_json()).unwrap();
        let jwk: Value = serde_json::from_str(&new.jwk().to_json()).unwrap();
        let header = json!({"alg": new.algorithm(), "jwk": jwk, "url": url});
        let body = new.signed(&header, &json!({"account": account.url, "oldKey": old}).to_string());
        String::from_utf8(body).unwrap()
    };
    // The old key that is named is another one.
    assert_eq!(account.ask(&url, &inner(&new, &account, &Client::p256())).await.problem(), "malformed");
    let other = world.account().await;
    let taken = account.ask(&url, &inner(&other.client, &account, &account.client)).await;
    assert_eq!((taken.status, taken.header("location")), (409, other.url.clone()));
    let done = account.ask(&url, &inner(&new, &account, &account.client)).await;
    assert_eq!(done.status, 200, "{}", done.text);
    assert_eq!(account.ask(&account.url, "").await.problem(), "unauthorized");
    account.client = new;
    assert_eq!(account.look(&account.url).await["status"], "valid");

    let order = account.order(&["www.team.example"]).await.header("location");
    assert_eq!(account.ask(&account.url, r#"{"status": "revoked"}"#).await.problem(), "malformed");
    let ended = account.ask(&account.url, r#"{"status": "deactivated"}"#).await;
    assert_eq!(ended.json()["status"], "deactivated");
    let after = account.ask(&order, "").await;
    assert_eq!((after.status, after.problem().as_str()), (401, "unauthorized"));
    let again = world.new_account(&account.client, r#"{"onlyReturnExisting": true}"#).await;
    assert_eq!(again.problem(), "unauthorized");
}
