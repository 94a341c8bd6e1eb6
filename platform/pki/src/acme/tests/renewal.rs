//! When to renew, asked without an account, and which order follows which certificate (RFC 9773).

use data_encoding::BASE64URL_NOPAD;
use kit::clock::{DAY, HOUR};
use serde_json::json;
use x509_cert::der::Decode as _;
use x509_cert::ext::pkix::AuthorityKeyIdentifier;

use super::*;
use crate::x509::crl::Reason;

const WWW: &str = "www.team.example";

/// The certificate of a finished order, and its identifier (section 4.1).
async fn issued(account: &Account<'_>, replaces: Option<&str>) -> (Vec<u8>, String) {
    let mut wish = json!({"identifiers": [{"type": "dns", "value": WWW}]});
    if let Some(before) = replaces {
        wish["replaces"] = before.into();
    }
    let order = account.ask(&format!("{BASE}/new-order"), &wish.to_string()).await;
    assert_eq!(order.status, 201, "{}", order.text);
    assert_eq!(order.json()["replaces"].as_str(), replaces);
    for authorization in order.json()["authorizations"].as_array().unwrap() {
        let challenge = account.prepare(authorization.as_str().unwrap()).await;
        account.ask(&challenge, "{}").await;
    }
    account.world.work().await;
    let now = account.look(&order.header("location")).await;
    assert_eq!(now["replaces"].as_str(), replaces, "{now}");
    let done = account.ask(now["finalize"].as_str().unwrap(), &csr(&[WWW])).await;
    let chain = account.ask(done.json()["certificate"].as_str().unwrap(), "").await.text;
    let der = crate::x509::blocks(&chain).remove(0).1;
    let tbs = x509_cert::Certificate::from_der(&der).unwrap().tbs_certificate;
    let (_, by) = tbs.get::<AuthorityKeyIdentifier>().unwrap().unwrap();
    let parts = [by.key_identifier.unwrap().as_bytes().to_vec(), tbs.serial_number.as_bytes().to_vec()];
    (der, parts.map(|part| BASE64URL_NOPAD.encode(&part)).join("."))
}

fn moment(text: &serde_json::Value) -> kit::Time {
    text.as_str().unwrap().parse::<jiff::Timestamp>().unwrap().as_microsecond()
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_is_told_when_a_certificate_is_best_renewed_and_at_once_when_it_was_revoked() {
    let world = World::new().await;
    let account = world.account().await;
    let (der, id) = issued(&account, None).await;
    let directory = world.get("/acme/directory").await.json();
    let path = directory["renewalInfo"]
        .as_str()
        .unwrap()
        .strip_suffix("/renewal-info")
        .map(|_| "/acme/renewal-info");
    let ask = async |id: &str| world.get(&format!("{}/{id}", path.unwrap())).await;
    let answer = ask(&id).await;
    assert_eq!((answer.status, answer.header("retry-after")), (200, "21600".into()));
    let window = answer.json()["suggestedWindow"].clone();
    let (start, end) = (moment(&window["start"]), moment(&window["end"]));
    let left = start - world.node.now();
    assert!((59 * DAY..61 * DAY).contains(&left) && end > start && end < start + 4 * DAY, "{window}");

    for wrong in ["x", "a.b", "AAAA.AAAA", &id[1..], "..", &id.repeat(100)] {
        assert!([400, 404].contains(&ask(wrong).await.status), "{wrong}");
    }
    let fingerprint = crate::x509::fingerprint(&der);
    world.pki.revoke_any(&identity::Granted::for_node(), fingerprint, Reason::KeyCompromise).await.unwrap();
    let window = ask(&id).await.json()["suggestedWindow"].clone();
    assert!(moment(&window["end"]) < world.node.now() + HOUR && moment(&window["start"]) <= world.node.now());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_follows_one_certificate_of_the_same_team_and_name_once() {
    let world = World::new().await;
    let account = world.account().await;
    let (_, first) = issued(&account, None).await;
    let wish = |names: &str, before: &str| {
        json!({"identifiers": [{"type": "dns", "value": names}], "replaces": before}).to_string()
    };
    let order = format!("{BASE}/new-order");
    let other = account.ask(&order, &wish("mail.team.example", &first)).await;
    assert_eq!((other.status, other.problem().as_str()), (400, "malformed"));
    let unknown = account.ask(&order, &wish(WWW, "AAAA.AAAA")).await;
    assert_eq!(unknown.status, 404);
    let (_, second) = issued(&account, Some(&first)).await;
    let again = account.ask(&order, &wish(WWW, &first)).await;
    assert_eq!((again.status, again.problem().as_str()), (409, "alreadyReplaced"));
    issued(&account, Some(&second)).await;
}
