use serde_json::json;

use super::*;

const WWW: &str = "www.team.example";

fn url() -> String {
    format!("{BASE}/revoke-certificate")
}

/// A certificate of `account`, as bytes, and its key.
async fn certificate(account: &Account<'_>) -> (Vec<u8>, Client) {
    let (_, finalize) = account.ready(&[WWW]).await;
    let (request, key) = csr_and_key(&[WWW]);
    let done = account.ask(&finalize, &request).await;
    let chain = account.ask(done.json()["certificate"].as_str().unwrap(), "").await;
    (crate::x509::blocks(&chain.text)[0].1.clone(), key)
}

fn wish(der: &[u8], reason: Option<i64>) -> String {
    json!({"certificate": BASE64URL_NOPAD.encode(der), "reason": reason}).to_string()
}

async fn revoked(world: &World, der: &[u8]) -> Option<crate::x509::crl::Reason> {
    let print = crate::x509::fingerprint(der);
    let pki = world.pki.clone();
    let one = world.node.db.read(move |c| pki.certificate_in(c, &print)).await.unwrap().unwrap();
    one.known.revoked.map(|(_, reason)| reason)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_of_the_team_revokes_its_certificate_once() {
    let world = World::new().await;
    let (account, colleague) = (world.account().await, world.account().await);
    let (der, _) = certificate(&account).await;
    for reason in [2, 6, 7, 10, -1] {
        assert_eq!(account.ask(&url(), &wish(&der, Some(reason))).await.problem(), "badRevocationReason");
    }
    assert_eq!(account.ask(&url(), &wish(b"no certificate", None)).await.problem(), "unauthorized");
    assert_eq!(revoked(&world, &der).await, None);
    let done = colleague.ask(&url(), &wish(&der, Some(4))).await;
    assert_eq!((done.status, done.text.as_str()), (200, ""));
    assert_eq!(revoked(&world, &der).await, Some(crate::x509::crl::Reason::Superseded));
    assert_eq!(account.ask(&url(), &wish(&der, None)).await.problem(), "alreadyRevoked");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_its_key_revokes_a_certificate_without_an_account() {
    let world = World::new().await;
    let account = world.account().await;
    let (der, key) = certificate(&account).await;
    let stranger = Client::p256().signed_with_key(&url(), &world.nonce().await, &wish(&der, None));
    assert_eq!(world.post(&url(), stranger).await.problem(), "unauthorized");
    // The account's own key does not speak for the certificate when it comes as a mere key.
    let as_key = account.client.signed_with_key(&url(), &world.nonce().await, &wish(&der, None));
    assert_eq!(world.post(&url(), as_key).await.problem(), "unauthorized");
    let own = key.signed_with_key(&url(), &world.nonce().await, &wish(&der, None));
    assert_eq!(world.post(&url(), own.clone()).await.status, 200);
    assert_eq!(revoked(&world, &der).await, Some(crate::x509::crl::Reason::KeyCompromise));
    assert_eq!(world.post(&url(), own).await.problem(), "badNonce");
}

#[tokio::test(flavor = "multi_thread")]
async fn another_team_cannot_revoke_it() {
    let world = World::new().await;
    let account = world.account().await;
    let (der, _) = certificate(&account).await;
    let (_, other) =
        identity::testing::sign_in(world.pki.identity(), "other", "jor", &[Role::TeamAdmin]).await;
    let made = world.pki.make_acme_credential(&Granted::check(&other).unwrap(), "www", 30).await.unwrap();
    let key = BASE64URL_NOPAD.decode(made.key.as_bytes()).unwrap();
    let client = Client::p256();
    let bound = world.new_account(&client, &world.wish(&client, &made.kid, &key)).await;
    let other = Account { world: &world, client, url: bound.header("location") };
    assert_eq!(other.ask(&url(), &wish(&der, None)).await.problem(), "unauthorized");
    assert_eq!(revoked(&world, &der).await, None);
}
