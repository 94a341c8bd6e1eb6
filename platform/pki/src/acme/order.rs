//! Orders (RFC 8555, section 7.4): for names under the team's proven domains, while the team is entitled; asked again
//! when the certificate is made.

use std::collections::BTreeSet;

use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use contracts::trust::Service;
use kit::clock::{HOUR, SECOND};
use kit::{Error, Id, Time, Write};
use serde::Deserialize;
use serde_json::{Value, json};

use super::call::{Base, Call, Reply, stamp};
use super::jws::decode;
use super::model::{Account, Authorization, AuthorizationStatus, Order, OrderStatus, host_names};
use super::problem::{Kind, Problem};
use super::store;
use crate::Pki;
use crate::x509::csr::Request;

/// How often an account may fail at a name in an hour.
const FAILURES: i64 = 8;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct NewOrder {
    identifiers: Vec<Identifier>,
    not_before: Option<Value>,
    not_after: Option<Value>,
    replaces: Option<String>,
}

#[derive(Deserialize)]
struct Identifier {
    #[serde(rename = "type")]
    kind: String,
    value: String,
}

/// Begins an order.
pub(super) async fn make(State(pki): State<Pki>, call: Call) -> Result<Reply, Problem> {
    let account = call.by_account(&pki).await?;
    let wish: NewOrder = call.payload()?;
    if wish.not_before.is_some() || wish.not_after.is_some() {
        return Err(Problem::malformed(
            "how long a certificate is valid is decided here: leave notBefore and notAfter out",
        ));
    }
    let identifiers: Vec<_> = wish.identifiers.into_iter().map(|one| (one.kind, one.value)).collect();
    let names = host_names(&identifiers)?;
    may_have(&pki, &account, &names)?;
    if let Some(before) = &wish.replaces {
        may_follow(&pki, &account, &names, before).await?;
    }

    let now = pki.node().now();
    let order = Order { replaces: wish.replaces, ..begun(&pki, &account, &names, now) };
    let (new, most) = (order.clone(), i64::from(pki.settings().acme.orders_per_hour));
    let work = move |tx: &Write<'_>| {
        if store::orders_since(tx, new.account, now - HOUR)? >= most {
            return Ok(Some(format!("an account may begin {most} orders in an hour")));
        }
        for name in &new.names {
            if store::failures_since(tx, new.account, name, now - HOUR)? >= FAILURES {
                let detail = format!(
                    "{name} has failed {FAILURES} times within an hour: see why, then try again later"
                );
                return Ok(Some(detail));
            }
        }
        store::add_order(tx, &new, now).map(|()| None)
    };
    match pki.node().db.write(work).await? {
        Some(detail) => Err(Problem::later(detail, 900)),
        None => Ok(Reply::created(shown(&call.base, &order, now)).at(url(&call.base, order.id))),
    }
}

fn begun(pki: &Pki, account: &Account, names: &BTreeSet<String>, now: Time) -> Order {
    // Clients are told whole seconds.
    let expires = (now / SECOND) * SECOND + Time::from(pki.settings().acme.order_hours) * HOUR;
    let authorization = |name: &String| Authorization {
        id: pki.node().id(),
        account: account.id,
        name: name.clone(),
        stored: AuthorizationStatus::Pending,
        token: pki.node().token::<20>(),
        expires,
        ended: None,
        problem: None,
    };
    Order {
        id: pki.node().id(),
        account: account.id,
        names: names.iter().cloned().collect(),
        stored: OrderStatus::Open,
        expires,
        problem: None,
        replaces: None,
        authorizations: names.iter().map(authorization).collect(),
    }
}

/// Whether the account's team may have a certificate for `names` now: its standing entitles it, and it has proven the
/// domains. What follows from a standing is asked for each time.
fn may_have(pki: &Pki, account: &Account, names: &BTreeSet<String>) -> Result<(), Problem> {
    let organisation = account.organisation.to_string();
    let entitled = pki.entitlements().entitled(&organisation, Service::ServerCertificates);
    entitled.map_err(|why| Problem::new(Kind::Unauthorized, why))?;
    let refused = |name: &String| Some((name.clone(), pki.names().proven(&organisation, name).err()?));
    let refused: Vec<(String, String)> = names.iter().filter_map(refused).collect();
    match refused.first() {
        Some((_, why)) => Err(Problem::new(Kind::RejectedIdentifier, why.clone()).names(refused)),
        None => Ok(()),
    }
}

/// Whether an order for `names` may follow the certificate `before` (RFC 9773, section 5): the team's own, with one of these
/// names at least, and not followed yet.
async fn may_follow(
    pki: &Pki,
    account: &Account,
    names: &BTreeSet<String>,
    before: &str,
) -> Result<(), Problem> {
    let known = super::renewal::named(pki, before)?;
    if known.organisation != account.organisation {
        return Err(Problem::not_found("certificate"));
    }
    let (this, by, certificate) = (pki.clone(), account.id, before.to_owned());
    let work = move |c: &kit::Read<'_>| {
        let found = this.certificate_in(c, &known.fingerprint)?;
        Ok((found, store::is_replaced(c, by, &certificate)?))
    };
    let (found, is_replaced) = pki.node().db.read(work).await?;
    if !found.is_some_and(|found| found.names.iter().any(|name| names.contains(name))) {
        return Err(Problem::malformed(
            "the certificate to be replaced has none of these names: leave \"replaces\" out",
        ));
    }
    match is_replaced {
        true => {
            let detail = "another order has replaced this certificate: leave \"replaces\" out";
            Err(Problem::new(Kind::AlreadyReplaced, detail))
        }
        false => Ok(()),
    }
}

/// Shows an order.
pub(super) async fn show(
    State(pki): State<Pki>,
    Path(id): Path<String>,
    call: Call,
) -> Result<Reply, Problem> {
    let account = call.by_account(&pki).await?;
    call.must_only_look()?;
    let order = own(&pki, &account, &id).await?;
    Ok(Reply::ok(shown(&call.base, &order, pki.node().now())))
}

#[derive(Deserialize)]
struct Finalize {
    csr: String,
}

/// Makes the certificate of an order whose names have all been shown.
pub(super) async fn finalize(
    State(pki): State<Pki>,
    Path(id): Path<String>,
    call: Call,
) -> Result<Reply, Problem> {
    let account = call.by_account(&pki).await?;
    let wish: Finalize = call.payload()?;
    let order = own(&pki, &account, &id).await?;
    let now = pki.node().now();
    if order.status(now) != "ready" {
        let detail =
            format!("the order is {}, not ready: each of its names is to be shown first", order.status(now));
        return Err(Problem::new(Kind::OrderNotReady, detail));
    }
    let names: BTreeSet<String> = order.names.iter().cloned().collect();
    may_have(&pki, &account, &names)?;
    let request = asked(&decode(&wish.csr, "csr")?, &account, &names)?;
    let notify = account.contact.first().and_then(|uri| uri.strip_prefix("mailto:")).map(str::to_owned);
    let prepared = pki.prepare_server(account.organisation, &request, notify).await.map_err(not_issued)?;

    // The certificate and the order that has it are written together: there is never one without the other.
    let (this, by, id, chain) =
        (pki.clone(), stamp(&account, now), order.id, prepared.issued().chain.clone());
    let work = move |tx: &Write<'_>| {
        let still = store::order(tx, id, account.id)?.is_some_and(|order| order.status(now) == "ready");
        if !still || !store::finish_order(tx, id, &chain)? {
            return Ok(false);
        }
        this.keep(tx, &by, &prepared)?;
        Ok(true)
    };
    if !pki.node().db.write(work).await.map_err(not_issued)? {
        return Err(Problem::new(
            Kind::OrderNotReady,
            "another request has finished or ended this order meanwhile",
        ));
    }
    pki.reload().await?;
    let order = Order { stored: OrderStatus::Valid, ..order };
    Ok(Reply::ok(shown(&call.base, &order, now)).at(url(&call.base, order.id)))
}

/// The request for a certificate, for exactly the names of the order and with a key of its own.
fn asked(csr: &[u8], account: &Account, names: &BTreeSet<String>) -> Result<Request, Problem> {
    let bad = |why: String| Problem::new(Kind::BadCsr, why);
    let request = Request::parse(csr).map_err(bad)?;
    let hosts: BTreeSet<String> = request.hosts().map_err(bad)?.into_iter().collect();
    if hosts != *names {
        let list = |names: &BTreeSet<String>| names.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
        return Err(bad(format!("the request names {}, and the order {}", list(&hosts), list(names))));
    }
    if request.spki().subject_public_key.raw_bytes() == account.key.bits() {
        return Err(bad("the certificate needs a key of its own, not the account's".into()));
    }
    Ok(request)
}

/// Why a certificate was not made, as a client is told.
fn not_issued(error: Error) -> Problem {
    match error {
        Error::Invalid { message, .. } | Error::Conflict(message) => Problem::new(Kind::BadCsr, message),
        other => other.into(),
    }
}

/// The certificate of an order, with those that vouch for it (RFC 8555, section 7.4.2).
pub(super) async fn certificate(
    State(pki): State<Pki>,
    Path(id): Path<String>,
    call: Call,
) -> Result<Response, Problem> {
    let account = call.by_account(&pki).await?;
    call.must_only_look()?;
    let id: Id = id.parse().map_err(|_| Problem::not_found("certificate"))?;
    let chain = pki.node().db.read(move |c| store::chain(c, id, account.id)).await?;
    let chain = chain.ok_or_else(|| Problem::not_found("certificate"))?;
    Ok(([(header::CONTENT_TYPE, "application/pem-certificate-chain")], chain).into_response())
}

async fn own(pki: &Pki, account: &Account, id: &str) -> Result<Order, Problem> {
    let (id, account): (Id, Id) = (id.parse().map_err(|_| Problem::not_found("order"))?, account.id);
    let order = pki.node().db.read(move |c| store::order(c, id, account)).await?;
    order.ok_or_else(|| Problem::not_found("order"))
}

fn url(base: &Base, id: Id) -> String {
    base.url(&format!("order/{id}"))
}

/// As clients see it at `now`.
fn shown(base: &Base, order: &Order, now: Time) -> Value {
    let status = order.status(now);
    let identifier = |name: &String| json!({"type": "dns", "value": name});
    let authorization = |one: &Authorization| base.url(&format!("authorization/{}", one.id));
    let mut body = json!({
        "status": status,
        "expires": timestamp(order.expires),
        "identifiers": order.names.iter().map(identifier).collect::<Vec<_>>(),
        "authorizations": order.authorizations.iter().map(authorization).collect::<Vec<_>>(),
        "finalize": format!("{}/finalize", url(base, order.id)),
    });
    if status == "valid" {
        body["certificate"] = base.url(&format!("certificate/{}", order.id)).into();
    }
    if let Some(before) = &order.replaces {
        body["replaces"] = before.clone().into();
    }
    if let Some(problem) = order.error(now) {
        body["error"] = problem.clone();
    }
    body
}

/// A time as RFC 3339 has it.
pub(super) fn timestamp(at: Time) -> String {
    jiff::Timestamp::from_microsecond(at).map(|at| at.to_string()).unwrap_or_default()
}
