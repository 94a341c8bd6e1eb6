//! Accounts (RFC 8555, section 7.3): bound to a team by a credential that its administrator was given, then known by
//! their key.

use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use contracts::acme::{AccountBound, AccountEnded, KeyChanged};
use contracts::trust::Service;
use kit::{Id, Write, events};
use serde::Deserialize;
use serde_json::{Value, json};

use super::call::{Base, Call, Reply, in_force, stamp};
use super::jwk::Jwk;
use super::jws::{Signed, Signer};
use super::model::{Account, AccountStatus};
use super::problem::{Kind, Problem};
use super::{credentials, store};
use crate::Pki;

/// Most addresses to write to.
const CONTACTS: usize = 5;
/// Orders on a page of the list.
const PAGE: i64 = 50;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct NewAccount {
    #[serde(default)]
    contact: Vec<String>,
    #[serde(default)]
    only_return_existing: bool,
    external_account_binding: Option<Value>,
}

/// Finds the account of the key, or makes it.
pub(super) async fn make(State(pki): State<Pki>, call: Call) -> Result<Reply, Problem> {
    let key = call.by_key()?.clone();
    let wish: NewAccount = call.payload()?;
    let wanted = key.clone();
    if let Some(account) = pki.node().db.read(move |c| store::account_by_key(c, &wanted)).await? {
        call.spend(&pki).await?;
        in_force(&account)?;
        return Ok(Reply::ok(shown(&call.base, &account)).at(call.base.account(account.id)));
    }
    if wish.only_return_existing {
        return Err(Problem::new(Kind::AccountDoesNotExist, "this key has no account here"));
    }
    let contact = checked(wish.contact)?;
    let binding = wish.external_account_binding.ok_or_else(|| {
        let detail = "an account here belongs to a team: give the key identifier and the HMAC key that your team's \
            administrator was shown (external account binding)";
        Problem::new(Kind::ExternalAccountRequired, detail)
    })?;
    let (credential, organisation) = bound(&pki, &call, &key, &binding).await?;
    let entitled = pki.entitlements().entitled(&organisation.to_string(), Service::ServerCertificates);
    entitled.map_err(|why| Problem::new(Kind::Unauthorized, why))?;
    call.spend(&pki).await?;

    let account = Account { id: pki.node().id(), organisation, key, contact, status: AccountStatus::Valid };
    let most = i64::from(pki.settings().acme.accounts_per_credential);
    let (node, new, now) = (pki.node().clone(), account.clone(), pki.node().now());
    let work = move |tx: &Write<'_>| {
        // Another request with the same key may have been faster.
        if let Some(other) = store::account_by_key(tx, &new.key)? {
            return Ok(Ok(other));
        }
        if store::accounts_of(tx, &credential)? >= most {
            return Ok(Err(most));
        }
        store::add_account(tx, &new, &credential, now)?;
        let event = AccountBound {
            organisation: new.organisation.to_string(),
            account: new.id.to_string(),
            credential: credential.clone(),
            thumbprint: new.key.thumbprint(),
        };
        events::record(&node, tx, &stamp(&new, now), &event)?;
        Ok(Ok(new.clone()))
    };
    match pki.node().db.write(work).await? {
        Ok(made) => Ok(Reply::created(shown(&call.base, &made)).at(call.base.account(made.id))),
        Err(most) => {
            let detail =
                format!("this credential has bound {most} accounts, as many as it may; ask for another one");
            Err(Problem::new(Kind::Unauthorized, detail))
        }
    }
}

/// The credential that binds `key`, and its team (RFC 8555, section 7.3.4).
async fn bound(pki: &Pki, call: &Call, key: &Jwk, binding: &Value) -> Result<(String, Id), Problem> {
    let inner = Signed::parse(binding.to_string().as_bytes())?;
    let Signer::Named(kid) = &inner.signer else {
        return Err(Problem::malformed("the external account binding names its credential as kid"));
    };
    if inner.url != call.url || inner.nonce.is_some() {
        let detail = "the external account binding has the url of this request, and no nonce";
        return Err(Problem::malformed(detail));
    }
    let organisation = credentials::opened_by(pki, kid, &inner).await?;
    if Jwk::from_json(&inner.payload)? != *key {
        let detail = "the external account binding is for another key than the one that signed this request";
        return Err(Problem::malformed(detail));
    }
    Ok((kid.clone(), organisation))
}

#[derive(Deserialize)]
struct Change {
    contact: Option<Vec<String>>,
    status: Option<String>,
}

/// Shows the own account, changes its contacts, or ends it.
pub(super) async fn change(
    State(pki): State<Pki>,
    Path(id): Path<String>,
    call: Call,
) -> Result<Reply, Problem> {
    let mut account = own(&pki, &call, &id).await?;
    if call.only_looks() {
        return Ok(Reply::ok(shown(&call.base, &account)));
    }
    let change: Change = call.payload()?;
    let ends = match change.status.as_deref() {
        None | Some("valid") => false,
        Some("deactivated") => true,
        Some(_) => {
            return Err(Problem::malformed("the status of an account may be set to deactivated alone"));
        }
    };
    let contact = change.contact.map(checked).transpose()?;
    let (node, now, id) = (pki.node().clone(), pki.node().now(), account.id);
    let (by, organisation, new) = (stamp(&account, now), account.organisation, contact.clone());
    let work = move |tx: &Write<'_>| {
        if let Some(contact) = &new {
            store::set_contact(tx, id, contact)?;
        }
        if ends {
            store::end_account(tx, id, AccountStatus::Deactivated)?;
            let event = AccountEnded { organisation: organisation.to_string(), account: id.to_string() };
            events::record(&node, tx, &by, &event)?;
        }
        Ok(())
    };
    pki.node().db.write(work).await?;
    account.contact = contact.unwrap_or(account.contact);
    account.status = if ends { AccountStatus::Deactivated } else { account.status };
    Ok(Reply::ok(shown(&call.base, &account)))
}

/// The account's orders, a page at a time (RFC 8555, section 7.1.2.1).
pub(super) async fn orders(
    State(pki): State<Pki>,
    Path(id): Path<String>,
    axum::extract::Query(page): axum::extract::Query<Page>,
    call: Call,
) -> Result<Response, Problem> {
    let account = own(&pki, &call, &id).await?;
    call.must_only_look()?;
    let after = page.after.and_then(|after| after.parse().ok()).unwrap_or(Id::from_bytes([0; 16]));
    let now = pki.node().now();
    let orders = pki.node().db.read(move |c| store::orders(c, account.id, after, now, PAGE)).await?;
    let urls: Vec<_> = orders.iter().map(|id| call.base.url(&format!("order/{id}"))).collect();
    let mut response = Reply::ok(json!({"orders": urls})).into_response();
    if let Some(last) = orders.last().filter(|_| orders.len() as i64 == PAGE) {
        let next = format!("<{}?after={last}>;rel=\"next\"", call.base.url(&format!("account/{id}/orders")));
        if let Ok(next) = next.parse() {
            response.headers_mut().append(header::LINK, next);
        }
    }
    Ok(response)
}

/// Where a page of the list begins.
#[derive(Deserialize)]
pub(super) struct Page {
    after: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct NewKey {
    account: String,
    old_key: Value,
}

/// Gives the account another key (RFC 8555, section 7.3.5): the old one signs outside, the new one inside.
pub(super) async fn change_key(State(pki): State<Pki>, call: Call) -> Result<Reply, Problem> {
    let account = call.by_account(&pki).await?;
    let inner: Value = call.payload()?;
    let inner = Signed::parse(inner.to_string().as_bytes())?;
    let Signer::Key(new) = &inner.signer else {
        return Err(Problem::malformed(
            "the inner request is signed by the new key, which comes with it as jwk",
        ));
    };
    inner.verify(new)?;
    if inner.url != call.url || inner.nonce.is_some() {
        return Err(Problem::malformed("the inner request has the url of the outer one, and no nonce"));
    }
    let wish: NewKey = super::jws::read(&inner.payload, "the inner payload")?;
    if wish.account != call.base.account(account.id)
        || Jwk::from_json(wish.old_key.to_string().as_bytes())? != account.key
    {
        return Err(Problem::malformed(
            "the inner request names another account, or another key as the old one",
        ));
    }
    let (node, now, new, id) = (pki.node().clone(), pki.node().now(), new.clone(), account.id);
    let (by, organisation) = (stamp(&account, now), account.organisation);
    let (old, key) = (account.key.thumbprint(), new.clone());
    let work = move |tx: &Write<'_>| {
        if let Some(other) = store::account_by_key(tx, &new)? {
            return Ok(Some(other.id));
        }
        store::set_key(tx, id, &new)?;
        let event = KeyChanged {
            organisation: organisation.to_string(),
            account: id.to_string(),
            from: old.clone(),
            to: new.thumbprint(),
        };
        events::record(&node, tx, &by, &event)?;
        Ok(None)
    };
    match pki.node().db.write(work).await? {
        None => Ok(Reply::ok(shown(&call.base, &Account { key, ..account }))),
        Some(other) => Err(Problem::malformed("the new key is an account's already")
            .status(StatusCode::CONFLICT)
            .header(header::LOCATION, call.base.account(other))),
    }
}

/// The account that signed, if it is the one at this address.
async fn own(pki: &Pki, call: &Call, id: &str) -> Result<Account, Problem> {
    let account = call.by_account(pki).await?;
    match account.id.to_string() == id {
        true => Ok(account),
        false => Err(Problem::new(Kind::Unauthorized, "this is another account than the one that signed")),
    }
}

/// As clients see it.
fn shown(base: &Base, account: &Account) -> Value {
    json!({
        "status": account.status.name(),
        "contact": account.contact,
        "orders": format!("{}/orders", base.account(account.id)),
    })
}

/// Mail addresses to write to, as URIs (RFC 8555, section 7.3).
fn checked(contact: Vec<String>) -> Result<Vec<String>, Problem> {
    if contact.len() > CONTACTS {
        return Err(Problem::new(Kind::InvalidContact, format!("give at most {CONTACTS} contacts")));
    }
    for uri in &contact {
        let address = uri.strip_prefix("mailto:").ok_or_else(|| {
            Problem::new(Kind::UnsupportedContact, "only mail addresses (mailto:…) are written to")
        })?;
        let plain = address.bytes().all(|c| c.is_ascii_graphic() && !b",?;<>\"".contains(&c));
        let halves = address.split_once('@').filter(|(who, at)| !who.is_empty() && at.contains('.'));
        if address.len() > 254 || !plain || halves.is_none() {
            return Err(Problem::new(
                Kind::InvalidContact,
                "a contact is one plain mail address after mailto:",
            ));
        }
    }
    Ok(contact)
}
