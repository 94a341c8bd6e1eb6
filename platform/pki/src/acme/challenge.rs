//! Authorisations and their challenge (RFC 8555, section 7.5): the account shows that it runs the server of a name.
//!
//! The node asks in a job, a few times over half a minute, so that a server that is just starting is waited for and a
//! node that is stopped in between goes on later.

use axum::extract::{Path, State};
use kit::clock::SECOND;
use kit::jobs::{self, Handler, Job, Retry};
use kit::{Id, Time, Write};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::call::{Base, Call, Reply};
use super::http01;
use super::model::{Account, AccountStatus, Authorization, AuthorizationStatus};
use super::order::timestamp;
use super::problem::{Kind, Problem};
use super::store;
use crate::Pki;

/// After which waits the server is asked again.
const AGAIN: [Time; 3] = [3 * SECOND, 7 * SECOND, 15 * SECOND];

const KIND: &str = "acme.challenge";

#[derive(Deserialize)]
struct Change {
    status: String,
}

/// Shows an authorisation, or gives it up.
pub(super) async fn authorization(
    State(pki): State<Pki>,
    Path(id): Path<String>,
    call: Call,
) -> Result<Reply, Problem> {
    let account = call.by_account(&pki).await?;
    let mut one = own(&pki, &account, &id).await?;
    if !call.only_looks() {
        let change: Change = call.payload()?;
        if change.status != "deactivated" {
            return Err(Problem::malformed("the status of an authorisation may be set to deactivated alone"));
        }
        let id = one.id;
        pki.node().db.write(move |tx| store::deactivate_authorization(tx, id)).await?;
        one = own(&pki, &account, &id.to_string()).await?;
    }
    let now = pki.node().now();
    Ok(Reply::ok(shown(&call.base, &one, now)).again(one.stored == AuthorizationStatus::Processing))
}

/// Shows a challenge, or says that the server is ready to be asked.
pub(super) async fn challenge(
    State(pki): State<Pki>,
    Path(id): Path<String>,
    call: Call,
) -> Result<axum::response::Response, Problem> {
    use axum::response::IntoResponse as _;

    let account = call.by_account(&pki).await?;
    let mut one = own(&pki, &account, &id).await?;
    let now = pki.node().now();
    if !call.only_looks() {
        let _nothing: Map<String, Value> = call.payload()?;
        if one.challenge(now) == "pending" {
            begin(&pki, one.id, now).await?;
            one = own(&pki, &account, &id).await?;
        }
    }
    let up = format!("<{}>;rel=\"up\"", authorization_url(&call.base, one.id));
    let reply = Reply::ok(challenge_shown(&call.base, &one, now));
    let mut response = reply.again(one.stored == AuthorizationStatus::Processing).into_response();
    if let Ok(up) = up.parse() {
        response.headers_mut().append(axum::http::header::LINK, up);
    }
    Ok(response)
}

async fn begin(pki: &Pki, id: Id, now: Time) -> kit::Result<()> {
    let node = pki.node().clone();
    let work = move |tx: &Write<'_>| {
        let (from, to) = (AuthorizationStatus::Pending, AuthorizationStatus::Processing);
        if store::move_authorization(tx, id, from, to, None)? {
            jobs::enqueue(&node, tx, KIND, &id.to_string(), &(), now)?;
        }
        Ok(())
    };
    pki.node().db.write(work).await
}

/// Asks the servers of names whose accounts say that they are ready.
pub(super) fn job(pki: &Pki) -> Handler {
    let pki = pki.clone();
    Handler::new(KIND, move |job| run(pki.clone(), job))
}

async fn run(pki: Pki, job: Job) -> Result<(), Retry> {
    let id: Id = job.key.parse()?;
    let find = move |c: &kit::Read<'_>| {
        let Some(one) = store::authorization(c, id)? else { return Ok(None) };
        Ok(store::account(c, one.account)?.map(|account| (one, account)))
    };
    let Some((one, account)) = pki.node().db.read(find).await? else { return Ok(()) };
    if one.stored != AuthorizationStatus::Processing {
        return Ok(()); // it was given up, or another node was faster
    }
    let again = usize::try_from(job.attempts - 1).ok().and_then(|tried| AGAIN.get(tried));
    match (ask(&pki, &one, &account).await, again) {
        (Ok(()), _) => end(&pki, id, AuthorizationStatus::Valid, None).await?,
        // What is wrong so far is shown while it is tried again (RFC 8555, section 8.2).
        (Err(problem), Some(wait)) if problem.kind != Kind::Unauthorized => {
            let (shown, same) = (problem.to_json(), AuthorizationStatus::Processing);
            pki.node()
                .db
                .write(move |tx| store::move_authorization(tx, id, same, same, Some(&shown)))
                .await?;
            return Err(Retry::At(pki.node().now() + wait, problem.detail));
        }
        (Err(problem), _) => {
            end(&pki, id, AuthorizationStatus::Invalid, Some(problem.to_json())).await?;
        }
    }
    Ok(())
}

async fn ask(pki: &Pki, one: &Authorization, account: &Account) -> Result<(), Problem> {
    if one.expires <= pki.node().now() || account.status != AccountStatus::Valid {
        return Err(Problem::new(
            Kind::Unauthorized,
            "the order or its account ended before the server was asked",
        ));
    }
    let expected = one.key_authorization(&account.key.thumbprint());
    http01::ask(&pki.settings().acme, &one.name, &one.token, &expected).await
}

async fn end(pki: &Pki, id: Id, to: AuthorizationStatus, problem: Option<Value>) -> kit::Result<()> {
    let now = pki.node().now();
    pki.node().db.write(move |tx| store::end_authorization(tx, id, to, now, problem.as_ref())).await
}

async fn own(pki: &Pki, account: &Account, id: &str) -> Result<Authorization, Problem> {
    let id: Id = id.parse().map_err(|_| Problem::not_found("authorisation"))?;
    let found = pki.node().db.read(move |c| store::authorization(c, id)).await?;
    found.filter(|one| one.account == account.id).ok_or_else(|| Problem::not_found("authorisation"))
}

fn authorization_url(base: &Base, id: Id) -> String {
    base.url(&format!("authorization/{id}"))
}

fn shown(base: &Base, one: &Authorization, now: Time) -> Value {
    json!({
        "status": one.status(now),
        "identifier": {"type": "dns", "value": one.name},
        "expires": timestamp(one.expires),
        "challenges": [challenge_shown(base, one, now)],
    })
}

fn challenge_shown(base: &Base, one: &Authorization, now: Time) -> Value {
    let status = one.challenge(now);
    let mut body = json!({
        "type": "http-01",
        "url": base.url(&format!("challenge/{}", one.id)),
        "status": status,
        "token": one.token,
    });
    if let Some(ended) = one.ended.filter(|_| status == "valid") {
        body["validated"] = timestamp(ended).into();
    }
    if let Some(problem) = one.problem.clone().filter(|_| status != "valid") {
        body["error"] = problem;
    }
    body
}
