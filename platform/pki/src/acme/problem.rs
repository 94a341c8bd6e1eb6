//! What a client is told when a request is not done (RFC 8555, section 6.7; RFC 9457).

use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use kit::Error;
use serde_json::{Value, json};

use super::jws::{Algorithm, Fault};

/// The kinds of RFC 8555 (and of RFC 9773, section 5) that occur here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "RFC 8555, section 6.7 says what each is")]
pub enum Kind {
    AccountDoesNotExist,
    AlreadyReplaced,
    AlreadyRevoked,
    BadCsr,
    BadNonce,
    BadPublicKey,
    BadRevocationReason,
    BadSignatureAlgorithm,
    Connection,
    Dns,
    ExternalAccountRequired,
    IncorrectResponse,
    InvalidContact,
    Malformed,
    OrderNotReady,
    RateLimited,
    RejectedIdentifier,
    ServerInternal,
    Unauthorized,
    UnsupportedContact,
    UnsupportedIdentifier,
}

impl Kind {
    const ALL: [(Self, &'static str, StatusCode); 21] = [
        (Self::AccountDoesNotExist, "accountDoesNotExist", StatusCode::BAD_REQUEST),
        (Self::AlreadyReplaced, "alreadyReplaced", StatusCode::CONFLICT),
        (Self::AlreadyRevoked, "alreadyRevoked", StatusCode::BAD_REQUEST),
        (Self::BadCsr, "badCSR", StatusCode::BAD_REQUEST),
        (Self::BadNonce, "badNonce", StatusCode::BAD_REQUEST),
        (Self::BadPublicKey, "badPublicKey", StatusCode::BAD_REQUEST),
        (Self::BadRevocationReason, "badRevocationReason", StatusCode::BAD_REQUEST),
        (Self::BadSignatureAlgorithm, "badSignatureAlgorithm", StatusCode::BAD_REQUEST),
        (Self::Connection, "connection", StatusCode::BAD_REQUEST),
        (Self::Dns, "dns", StatusCode::BAD_REQUEST),
        (Self::ExternalAccountRequired, "externalAccountRequired", StatusCode::FORBIDDEN),
        (Self::IncorrectResponse, "incorrectResponse", StatusCode::FORBIDDEN),
        (Self::InvalidContact, "invalidContact", StatusCode::BAD_REQUEST),
        (Self::Malformed, "malformed", StatusCode::BAD_REQUEST),
        (Self::OrderNotReady, "orderNotReady", StatusCode::FORBIDDEN),
        (Self::RateLimited, "rateLimited", StatusCode::TOO_MANY_REQUESTS),
        (Self::RejectedIdentifier, "rejectedIdentifier", StatusCode::FORBIDDEN),
        (Self::ServerInternal, "serverInternal", StatusCode::INTERNAL_SERVER_ERROR),
        (Self::Unauthorized, "unauthorized", StatusCode::FORBIDDEN),
        (Self::UnsupportedContact, "unsupportedContact", StatusCode::BAD_REQUEST),
        (Self::UnsupportedIdentifier, "unsupportedIdentifier", StatusCode::BAD_REQUEST),
    ];

    fn row(self) -> (&'static str, StatusCode) {
        let row = Self::ALL.iter().find(|(kind, ..)| *kind == self);
        row.map_or(("serverInternal", StatusCode::INTERNAL_SERVER_ERROR), |(_, name, status)| (name, *status))
    }

    /// Its URN.
    pub fn urn(self) -> String {
        format!("urn:ietf:params:acme:error:{}", self.row().0)
    }
}

/// A request refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// What kind.
    pub kind: Kind,
    /// What happened, to what, and what to do now.
    pub detail: String,
    status: StatusCode,
    /// Names that are refused, each with its reason.
    names: Vec<(String, String)>,
    header: Option<(HeaderName, String)>,
}

impl Problem {
    /// Of a kind, in words.
    pub fn new(kind: Kind, detail: impl Into<String>) -> Self {
        Self { kind, detail: detail.into(), status: kind.row().1, names: Vec::new(), header: None }
    }

    /// [`Kind::Malformed`].
    pub fn malformed(detail: impl Into<String>) -> Self {
        Self::new(Kind::Malformed, detail)
    }

    /// What this account does not have, or nobody has: the two look the same.
    pub fn not_found(what: &str) -> Self {
        Self::malformed(format!("there is no such {what} of this account")).status(StatusCode::NOT_FOUND)
    }

    pub(super) fn status(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
    }

    pub(super) fn header(mut self, name: HeaderName, value: String) -> Self {
        self.header = Some((name, value));
        self
    }

    /// Too much of something; it may be tried again after so many seconds.
    pub(super) fn later(detail: impl Into<String>, seconds: i64) -> Self {
        Self::new(Kind::RateLimited, detail).header(header::RETRY_AFTER, seconds.to_string())
    }

    /// Names that are refused, each with its reason.
    pub(super) fn names(mut self, names: Vec<(String, String)>) -> Self {
        self.names = names;
        self
    }

    /// As it stands in an answer, or in the order or challenge that it befell.
    pub fn to_json(&self) -> Value {
        let urn = self.kind.urn();
        let mut body = json!({"type": urn, "detail": self.detail, "status": self.status.as_u16()});
        if self.kind == Kind::BadSignatureAlgorithm {
            body["algorithms"] = json!(Algorithm::FOR_REQUESTS);
        }
        let of = |(name, why): &(String, String)| json!({"type": urn, "detail": why, "identifier": {"type": "dns", "value": name}});
        if !self.names.is_empty() {
            body["subproblems"] = self.names.iter().map(of).collect();
        }
        body
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = self.to_json().to_string();
        let mut response =
            (self.status, [(header::CONTENT_TYPE, "application/problem+json")], body).into_response();
        if let Some((name, value)) = self.header
            && let Ok(value) = HeaderValue::from_str(&value)
        {
            response.headers_mut().insert(name, value);
        }
        response
    }
}

impl From<Fault> for Problem {
    fn from(fault: Fault) -> Self {
        let kind = match &fault {
            Fault::Malformed(_) => Kind::Malformed,
            Fault::Algorithm(_) => Kind::BadSignatureAlgorithm,
            Fault::Key(_) => Kind::BadPublicKey,
            Fault::Signature => Kind::Unauthorized,
        };
        Self::new(kind, fault.to_string())
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match &error {
            Error::Unavailable(_) | Error::StorageFull => {
                let detail = "the node cannot do it now; nothing was changed. Try again in a while";
                Self::new(Kind::ServerInternal, detail)
                    .status(StatusCode::SERVICE_UNAVAILABLE)
                    .header(header::RETRY_AFTER, "60".into())
            }
            Error::Forbidden(why) => Self::new(Kind::Unauthorized, why.clone()),
            Error::NotFound(_) | Error::Invalid { .. } | Error::Conflict(_) => {
                Self::malformed(error.to_string())
            }
            _ => {
                tracing::error!(%error, "an ACME request failed");
                let detail = "the node failed; nothing was changed. Its log has the cause";
                Self::new(Kind::ServerInternal, detail)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_names_its_kind_and_each_name_with_its_reason() {
        let names = vec![("www.b.example".to_owned(), "not yours".to_owned())];
        let problem = Problem::new(Kind::RejectedIdentifier, "refused").names(names).to_json();
        assert_eq!(problem["type"], "urn:ietf:params:acme:error:rejectedIdentifier");
        assert_eq!(problem["subproblems"][0]["identifier"]["value"], "www.b.example");
        let algorithm = Problem::from(Fault::Algorithm("no".into())).to_json();
        assert_eq!(algorithm["algorithms"][0], "ES256");
        let inside = Problem::from(Error::Corrupt("the secret cause".into()));
        assert!(!inside.detail.contains("cause is") && !inside.to_json().to_string().contains("secret"));
    }
}
