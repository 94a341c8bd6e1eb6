//! `/lookup`: one resource with its reasons, or many from pasted text.

use std::time::Instant;

use askama::Template;
use axum::extract::{Form, Query, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Router, body::Bytes};
use identity::{Fields, Frame, Granted, LookUp, PageError};
use kit::clock::SECOND;
use kit::{Error, Id, Time};
use ui::{Html, Link, Page};

use super::bulk::{self, Bulk};
use super::nest::{self, Level};
use super::scale::{self, Scale};
use crate::answer::{Answer, Basis, StepKind};
use crate::cli::Format;
use crate::service::Snapshot;
use crate::{Registry, Resource};

pub(super) fn routes() -> Router<Registry> {
    Router::new().route("/lookup", get(show).post(many))
}

#[derive(Template)]
#[template(path = "lookup.html")]
struct LookupPage {
    page: Page,
    /// What was typed, and what is wrong with it.
    typed: String,
    wrong: String,
    loaded: String,
    found: Option<Found>,
    pasted: String,
    bulk: Option<Bulk>,
}

/// An answer as the page shows it.
struct Found {
    answer: Answer,
    /// The title behind the resource: name and country.
    beside: String,
    /// How long finding it took, in words.
    took: String,
    chain: Vec<Link>,
    /// Whether it lies in the reader's own constituency, where that can be said.
    ours: Option<bool>,
    /// Colour, symbol and words: whether the team can be told in secret.
    secrecy: (&'static str, &'static str, &'static str),
    /// Why not.
    hindrance: String,
    /// When the key ends, µs.
    key_ends: Option<Time>,
    levels: Vec<Level>,
    scale: Option<Scale>,
    records: Vec<Vec<Line>>,
}

/// A line of an object; the one that counted is set off.
struct Line {
    text: String,
    counts: bool,
}

#[derive(serde::Deserialize)]
struct Asked {
    #[serde(default)]
    q: String,
}

async fn show(
    State(registry): State<Registry>,
    granted: Granted<LookUp>,
    frame: Frame,
    Query(Asked { q }): Query<Asked>,
) -> Result<Response, PageError> {
    let snapshot = registry.snapshot().seen_by(&registry.teams().reader(Some(granted.actor())));
    let typed = q.trim().to_owned();
    let resource = if typed.is_empty() { None } else { Some(Resource::parse(&typed)) };
    let (found, wrong) = match resource {
        None => (None, String::new()),
        Some(Ok(resource)) => (Some(found(&registry, &snapshot, &granted, &resource).await?), String::new()),
        Some(Err(Error::Invalid { message, .. })) => (None, message),
        Some(Err(error)) => return Err(error.into()),
    };
    let title = found.as_ref().map_or("Look-up", |found| &found.answer.asked).to_owned();
    let status = if wrong.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let page = LookupPage {
        page: frame.page(title, "/lookup"),
        typed,
        wrong,
        loaded: loaded(&snapshot),
        found,
        pasted: String::new(),
        bulk: None,
    };
    Ok((status, Html(page)).into_response())
}

async fn many(
    State(registry): State<Registry>,
    granted: Granted<LookUp>,
    frame: Frame,
    Form(fields): Form<Fields>,
) -> Result<Response, PageError> {
    let text = fields.raw("text").to_owned();
    let format = match fields.text("format") {
        "csv" => Some((Format::Csv, "attachment; filename=\"lookup.csv\"")),
        "ndjson" => Some((Format::Ndjson, "attachment; filename=\"lookup.ndjson\"")),
        _ => None,
    };
    if let Some((format, name)) = format {
        let reader = registry.teams().reader(Some(granted.actor()));
        let mut response = crate::api::answers(registry, reader, Bytes::from(text), format);
        response.headers_mut().insert(header::CONTENT_DISPOSITION, HeaderValue::from_static(name));
        response.headers_mut().insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        return Ok(response);
    }
    let snapshot = registry.snapshot().seen_by(&registry.teams().reader(Some(granted.actor())));
    let (own, pasted) = (snapshot.clone(), text.clone());
    let team = granted.team();
    let bulk = tokio::task::spawn_blocking(move || bulk::look_up(&own, &text, team)).await;
    let bulk = bulk.map_err(|_| Error::Corrupt("looking up a pasted text failed".into()))?;
    Ok(Html(LookupPage {
        page: frame.page("Look-up", "/lookup"),
        typed: String::new(),
        wrong: String::new(),
        loaded: loaded(&snapshot),
        found: None,
        pasted,
        bulk: Some(bulk),
    })
    .into_response())
}

/// What answers: `registry WARD, 568 networks`.
fn loaded(snapshot: &Snapshot) -> String {
    let networks = ui::format::plural(snapshot.report().networks, "network", "networks");
    match snapshot.sources() {
        [] => "no registry loaded".to_owned(),
        sources if sources.len() <= 3 => format!("registry {}, {networks}", sources.join(", ")),
        sources => format!("{} registries, {networks}", sources.len()),
    }
}

async fn found(
    registry: &Registry,
    snapshot: &Snapshot,
    granted: &Granted<LookUp>,
    resource: &Resource,
) -> Result<Found, Error> {
    let start = Instant::now();
    let answer = snapshot.answer_resource(resource);
    let answer = answer.seen_by(&registry.teams().reader(Some(granted.actor())));
    let took = format!("{:.2} ms", start.elapsed().as_secs_f64() * 1e3);
    let records = registry.records(granted, answer.rows()).await?;
    let networks = answer.networks.iter().map(|network| network.row).collect();
    let descriptions = registry.descriptions(granted, networks).await?;
    let now = registry.now();
    let beside = match resource {
        // A network's name stands beside the network below.
        Resource::Addresses(..) | Resource::Domain(_) => String::new(),
        Resource::AsNumber(_) => answer.netname.clone(),
    };
    let (secrecy, hindrance) = secrecy(&answer, now);
    let key = answer.record.as_ref().and_then(|team| team.encryption_key(now / SECOND).ok());
    Ok(Found {
        beside,
        took,
        chain: answer.chain.iter().map(link).collect(),
        ours: ours(snapshot, granted.team(), resource, &answer),
        secrecy,
        hindrance,
        key_ends: key.and_then(|key| key.expires()).map(|seconds| seconds.saturating_mul(SECOND)),
        levels: nest::levels(&answer, &descriptions),
        scale: scale::of(&answer, resource),
        records: records.iter().map(|record| lines(&crate::browse::masked(record, false))).collect(),
        answer,
    })
}

/// A step as the layout's chain shows it.
fn link(step: &crate::Step) -> Link {
    match step.kind {
        kind if kind.is_gap() && step.key.is_empty() => Link::gap(kind.name()),
        kind if kind.is_gap() => Link::gap(format!("{kind} {}", step.key)),
        StepKind::Team => Link::name("team", step.key.clone()),
        kind => Link::code(kind.name(), step.key.clone()),
    }
}

/// Whether it is the reader's own: by the claim for addresses, else when the team is theirs.
fn ours(snapshot: &Snapshot, team: Id, resource: &Resource, answer: &Answer) -> Option<bool> {
    match resource {
        Resource::Addresses(first, last) => Some(snapshot.view().directory.own(team, *first, *last)),
        _ => answer.record.as_ref().map(|record| record.id == team),
    }
}

/// Colour, symbol and words, and why not.
fn secrecy(answer: &Answer, now: Time) -> ((&'static str, &'static str, &'static str), String) {
    let not = ("warn", "open", "cannot be told encrypted");
    let because = |why: String| (not, format!("Cannot be told encrypted: {why}."));
    match (&answer.record, &answer.key, answer.basis) {
        (_, _, Basis::Nobody) => (("plain", "none", "nobody to tell"), String::new()),
        (Some(team), ..) => match team.encryption_key(now / SECOND) {
            Ok(_) => (("ok", "lock", "can be told encrypted"), String::new()),
            Err(why) => because(why),
        },
        (None, Some(_), _) => because("its key stands in the registry, but not in the directory".to_owned()),
        (None, None, _) => because("no key is known".to_owned()),
    }
}

/// An object line by line; those that led on are set off.
fn lines(record: &[u8]) -> Vec<Line> {
    let counts = |line: &str| {
        let name = line.split(':').next().unwrap_or_default();
        ["mnt-irt", "abuse-c", "irt"].iter().any(|wanted| name.eq_ignore_ascii_case(wanted))
    };
    let lines = record.split(|byte| *byte == b'\n').map(rpsl::decode);
    let mut lines: Vec<Line> = lines
        .map(|line| line.trim_end().to_owned())
        .take(400)
        .map(|text| Line { counts: counts(&text), text })
        .collect();
    while lines.last().is_some_and(|line| line.text.is_empty()) {
        lines.pop();
    }
    lines
}
