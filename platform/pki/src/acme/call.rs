//! One signed request on its way in: who signed it, for which address, and that it was not seen before.

use axum::extract::{FromRequest, FromRequestParts, OriginalUri, Request};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use http_body_util::BodyExt as _;
use http_body_util::Limited;
use identity::Visitor;
use kit::Id;
use kit::events::Stamp;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::jwk::Jwk;
use super::jws::{self, LARGEST, Signed, Signer};
use super::model::{Account, AccountStatus};
use super::nonce::Nonce;
use super::problem::{Kind, Problem};
use super::store;
use crate::Pki;

/// A request whose signature has not been checked yet: [`Call::by_account`] or [`Call::by_key`] do.
pub(super) struct Call {
    /// Where clients reach the server, without a path.
    pub base: Base,
    /// The address that was asked, with its path.
    pub url: String,
    signed: Signed,
    nonce: Nonce,
}

/// Scheme and host under which clients reach the server.
#[derive(Debug, Clone)]
pub(super) struct Base(String);

impl Base {
    pub(super) async fn of(pki: &Pki, parts: &mut axum::http::request::Parts) -> Self {
        if let Some(base) = &pki.settings().acme.base_url {
            return Self(base.clone());
        }
        match Visitor::from_request_parts(parts, pki).await {
            Ok(visitor) => Self(visitor.reached),
            Err(never) => match never {},
        }
    }

    /// The address of `path` (such as `new-order`).
    pub(super) fn url(&self, path: &str) -> String {
        format!("{}/acme/{path}", self.0)
    }

    /// The address of an account, by which its requests name it.
    pub(super) fn account(&self, id: Id) -> String {
        self.url(&format!("account/{id}"))
    }

    fn account_of(&self, kid: &str) -> Option<Id> {
        let id: Id = kid.strip_prefix(&self.url("account/"))?.parse().ok()?;
        (self.account(id) == kid).then_some(id)
    }
}

impl FromRequest<Pki> for Call {
    type Rejection = Problem;

    async fn from_request(request: Request, pki: &Pki) -> Result<Self, Problem> {
        let (mut parts, body) = request.into_parts();
        let kind = parts.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        if kind.map(str::trim) != Some("application/jose+json") {
            let detail = "requests are signed and have the content type application/jose+json";
            return Err(Problem::malformed(detail).status(StatusCode::UNSUPPORTED_MEDIA_TYPE));
        }
        let base = Base::of(pki, &mut parts).await;
        let asked = parts.extensions.get::<OriginalUri>().map_or(&parts.uri, |OriginalUri(uri)| uri);
        let url = format!("{}{}", base.0, asked.path_and_query().map_or("/", |path| path.as_str()));
        let body = Limited::new(body, LARGEST).collect().await;
        let body = body.map_err(|_| {
            let detail = format!("the request broke off, or has more than {LARGEST} bytes");
            Problem::malformed(detail).status(StatusCode::PAYLOAD_TOO_LARGE)
        })?;
        let signed = Signed::parse(&body.to_bytes())?;
        let nonce = Nonce::read(pki.node(), signed.nonce.as_deref())?;
        if signed.url != url {
            let shown: String = signed.url.chars().filter(|c| !c.is_control()).take(200).collect();
            let detail = format!("the request is signed for {shown} and came to {url}");
            return Err(Problem::new(Kind::Unauthorized, detail));
        }
        Ok(Self { base, url, signed, nonce })
    }
}

impl Call {
    /// The account that signed it, which is in force.
    ///
    /// # Errors
    /// It is signed by a key instead, by no account or one that has ended, or wrongly; or the nonce is used up.
    pub(super) async fn by_account(&self, pki: &Pki) -> Result<Account, Problem> {
        let Signer::Named(kid) = &self.signed.signer else {
            return Err(Problem::malformed(
                "this request is signed for an account: name it as kid, and send no jwk",
            ));
        };
        let unknown =
            || Problem::new(Kind::AccountDoesNotExist, "there is no such account; make one with new-account");
        let id = self.base.account_of(kid).ok_or_else(unknown)?;
        let account = pki.node().db.read(move |c| store::account(c, id)).await?.ok_or_else(unknown)?;
        self.signed.verify(&account.key)?;
        self.nonce.spend(pki.node(), Some(id)).await?;
        in_force(&account)?;
        Ok(account)
    }

    /// The key that signed it and came with it. Whoever it is may be a stranger: the nonce is not used up before
    /// [`Call::spend`].
    ///
    /// # Errors
    /// It is signed for an account instead, or wrongly.
    pub(super) fn by_key(&self) -> Result<&Jwk, Problem> {
        let Signer::Key(key) = &self.signed.signer else {
            return Err(Problem::malformed(
                "this request is signed with a key that comes with it, as jwk, and has no kid",
            ));
        };
        self.signed.verify(key)?;
        Ok(key)
    }

    /// Whether it is signed by a key that comes with it.
    pub(super) fn has_key(&self) -> bool {
        matches!(self.signed.signer, Signer::Key(_))
    }

    /// Uses up the nonce of a request that was signed [by a key](Call::by_key).
    ///
    /// # Errors
    /// [`Kind::BadNonce`].
    pub(super) async fn spend(&self, pki: &Pki) -> Result<(), Problem> {
        self.nonce.spend(pki.node(), None).await
    }

    /// What it asks.
    ///
    /// # Errors
    /// [`Kind::Malformed`].
    pub(super) fn payload<T: DeserializeOwned>(&self) -> Result<T, Problem> {
        Ok(jws::read(&self.signed.payload, "the payload")?)
    }

    /// Whether it only looks (POST-as-GET, RFC 8555, section 6.3).
    pub(super) fn only_looks(&self) -> bool {
        self.signed.payload.is_empty()
    }

    /// Makes sure that it only looks.
    ///
    /// # Errors
    /// [`Kind::Malformed`].
    pub(super) fn must_only_look(&self) -> Result<(), Problem> {
        match self.only_looks() {
            true => Ok(()),
            false => Err(Problem::malformed("nothing can be changed here: send an empty payload")),
        }
    }
}

/// Whether the account may ask.
///
/// # Errors
/// It has ended.
pub(super) fn in_force(account: &Account) -> Result<(), Problem> {
    let detail = match account.status {
        AccountStatus::Valid => return Ok(()),
        AccountStatus::Deactivated => {
            "this account was ended by its holder; make another one, with another key"
        }
        AccountStatus::Revoked => {
            "the credential that bound this account was withdrawn; ask your team's administrator for another"
        }
    };
    Err(Problem::new(Kind::Unauthorized, detail).status(StatusCode::UNAUTHORIZED))
}

/// How the record names what an account does at `now`.
pub(super) fn stamp(account: &Account, now: kit::Time) -> Stamp {
    Stamp { at: now, team: Some(account.organisation), actor: format!("acme:{}", account.id) }
}

/// What is answered to a request that was done.
pub(super) struct Reply {
    status: StatusCode,
    body: Value,
    location: Option<String>,
    retry: bool,
}

impl Reply {
    pub(super) fn ok(body: Value) -> Self {
        Self { status: StatusCode::OK, body, location: None, retry: false }
    }

    pub(super) fn created(body: Value) -> Self {
        Self { status: StatusCode::CREATED, ..Self::ok(body) }
    }

    /// Where the thing is.
    pub(super) fn at(mut self, location: String) -> Self {
        self.location = Some(location);
        self
    }

    /// Whether the client should look again in a moment.
    pub(super) fn again(mut self, retry: bool) -> Self {
        self.retry = retry;
        self
    }
}

impl IntoResponse for Reply {
    fn into_response(self) -> Response {
        let mut response = (self.status, self.body.to_string()).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        if self.retry {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static("2"));
        }
        if let Some(location) = self.location.and_then(|location| HeaderValue::from_str(&location).ok()) {
            headers.insert(header::LOCATION, location);
        }
        response
    }
}
