//! `POST /syncupdates/SOURCE`: the form that users' scripts know. The objects stand in `DATA`; `NEW`, `DIFF`, `HELP` and
//! `DRY_RUN` are keywords. The answer is the acknowledgement.
//!
//! Whoever sends is known by a token, a client certificate, or the signature in the text itself: no log-in is asked for,
//! since a script with a signed text needs none, and without any proof nothing is changed.

use axum::Form;
use axum::Router;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::{Extensions, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use identity::web::Visitor;
use identity::{Granted, UpdateRegistry};

use super::by_mail::HELP;
use super::proof::certificate;
use super::requests::is_signed;
use super::{Cause, Keywords, Outcome, Proofs, Report};
use crate::Registry;

/// Bytes of a form: a letter may take three.
const LARGEST: usize = 24 << 20;
/// Bytes of objects that are looked at though nothing is proven: enough to say what is missing, too few to keep us busy.
const LARGEST_UNPROVEN: usize = 64 << 10;

pub(crate) fn routes() -> Router<Registry> {
    Router::new().route("/syncupdates/{source}", post(take)).layer(DefaultBodyLimit::max(LARGEST))
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
struct Sent {
    #[serde(rename = "DATA")]
    data: String,
    #[serde(rename = "NEW")]
    new: Option<String>,
    #[serde(rename = "DIFF")]
    diff: Option<String>,
    #[serde(rename = "HELP")]
    help: Option<String>,
    #[serde(rename = "DRY_RUN")]
    dry_run: Option<String>,
}

async fn take(
    State(registry): State<Registry>,
    Path(source): Path<String>,
    visitor: Visitor,
    extensions: Extensions,
    Form(sent): Form<Sent>,
) -> Response {
    if sent.help.as_deref().is_some_and(is_yes) {
        return plain(StatusCode::OK, HELP.to_owned());
    }
    if !registry.settings().keeps(&source) {
        let text = format!("***Error:   this node keeps no registry {source}\n");
        return plain(StatusCode::NOT_FOUND, text);
    }
    if sent.data.trim().is_empty() {
        let text = "***Error:   DATA is empty: send the objects in it; HELP=yes tells how updates work\n";
        return plain(StatusCode::BAD_REQUEST, text.to_owned());
    }
    // An account that may not change the registry proves nothing here.
    let granted = visitor.actor.as_ref().and_then(|actor| Granted::<UpdateRegistry>::check(actor).ok());
    let mut proofs = granted.as_ref().map(Proofs::account).unwrap_or_default();
    if let Some(proof) = certificate(&extensions, registry.now()) {
        proofs.push(proof);
    }
    if proofs.iter().next().is_none() && !is_signed(&sent.data) && sent.data.len() > LARGEST_UNPROVEN {
        let text = "***Error:   nothing says who sends this: sign the text, or send a token or a client certificate\n";
        return plain(StatusCode::UNAUTHORIZED, text.to_owned());
    }
    let wants = |word: &Option<String>| word.as_deref().is_some_and(is_yes);
    let keywords = Keywords { new: wants(&sent.new), diff: wants(&sent.diff), help: false };
    match registry.update_text(&proofs, &sent.data, keywords, wants(&sent.dry_run)).await {
        Ok(report) => plain(status(&report), report.acknowledgement()),
        Err(error @ kit::Error::Invalid { .. }) => {
            plain(StatusCode::BAD_REQUEST, format!("***Error:   {error}\n"))
        }
        Err(error) => {
            tracing::error!(%error, "an update failed");
            let text = "***Error:   the registry cannot take updates now; nothing more was changed. Try again later\n";
            plain(StatusCode::SERVICE_UNAVAILABLE, text.to_owned())
        }
    }
}

/// A keyword is meant when it is sent with anything but nothing or a no.
fn is_yes(value: &str) -> bool {
    !matches!(value.trim().to_ascii_lowercase().as_str(), "" | "no")
}

fn status(report: &Report) -> StatusCode {
    let failed = report.objects.iter().filter(|object| object.outcome == Outcome::Failed);
    match failed.filter_map(|object| object.cause).max() {
        _ if report.objects.is_empty() => StatusCode::BAD_REQUEST,
        None => StatusCode::OK,
        Some(Cause::Authorisation) => StatusCode::UNAUTHORIZED,
        Some(_) => StatusCode::BAD_REQUEST,
    }
}

fn plain(status: StatusCode, text: String) -> Response {
    (status, [(header::CONTENT_TYPE, "text/plain; charset=utf-8")], text).into_response()
}
