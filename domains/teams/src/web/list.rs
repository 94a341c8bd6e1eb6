//! `/teams`: the directory, and exactly what is seen as CSV and JSON.

use std::collections::BTreeSet;
use std::sync::Arc;

use askama::Template;
use axum::Json;
use axum::Router;
use axum::extract::{Query, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use identity::{Frame, PageError};
use kit::Error;
use kit::clock::SECOND;
use ui::{Html, Page};

use super::looker::Looker;
use crate::view::TeamView;
use crate::{Field, Seen, Team, TeamQuery, Teams, TrustStatus};

/// Most rows of the page; a search narrows it down.
const ROWS: usize = 200;

pub(super) fn routes() -> Router<Teams> {
    Router::new().route("/teams", get(show)).route("/teams.csv", get(csv)).route("/teams.json", get(json))
}

#[derive(Template)]
#[template(path = "teams.html")]
struct ListPage {
    page: Page,
    query: TeamQuery,
    countries: Vec<(String, String)>,
    statuses: Vec<(String, String)>,
    kinds: Vec<(String, String)>,
    /// The reader is not known, and sees the public side.
    is_public: bool,
    rows: Vec<Row>,
    found: usize,
    known: usize,
    exports: String,
}

struct Row {
    team: Seen,
    /// Colour, symbol and words for its key.
    key: (&'static str, &'static str, String),
}

async fn show(
    State(teams): State<Teams>,
    looker: Looker,
    frame: Frame,
    Query(query): Query<TeamQuery>,
) -> Response {
    let directory = teams.directory();
    let found = query.find(&directory, &looker.reader);
    let now = teams.node().now();
    let row = |team: &Arc<Team>| Row { key: key_words(team, now), team: looker.reader.sees(team) };
    let exports = match query.to_query() {
        question if question.is_empty() => question,
        question => format!("?{question}"),
    };
    Html(ListPage {
        page: frame.page("Directory", "/teams"),
        countries: countries(directory.teams(), &looker),
        kinds: kinds(directory.teams(), &looker),
        statuses: statuses(),
        rows: found.iter().take(ROWS).map(row).collect(),
        found: found.len(),
        known: directory.teams().iter().filter(|team| looker.reader.knows(team)).count(),
        is_public: !looker.reader.is_known,
        query,
        exports,
    })
    .into_response()
}

async fn json(State(teams): State<Teams>, looker: Looker, Query(query): Query<TeamQuery>) -> Response {
    let now = teams.node().now();
    let found = query.find(&teams.directory(), &looker.reader);
    Json(found.iter().map(|team| TeamView::of(&looker.reader.sees(team), now)).collect::<Vec<_>>())
        .into_response()
}

async fn csv(
    State(teams): State<Teams>,
    looker: Looker,
    Query(query): Query<TeamQuery>,
) -> Result<Response, PageError> {
    let now = teams.node().now();
    let mut rows = csv::Writer::from_writer(Vec::new());
    let failed = |error: csv::Error| Error::Corrupt(format!("writing the table: {error}"));
    let head =
        ["handle", "name", "country", "status", "since", "report_to", "irt", "key", "key_standing", "host"];
    rows.write_record(head).map_err(failed)?;
    for team in query.find(&teams.directory(), &looker.reader) {
        let view = TeamView::of(&looker.reader.sees(&team), now);
        let key = view.keys.iter().find(|key| key.usable).or(view.keys.first());
        let cells = [
            view.handle.clone(),
            view.name.clone(),
            view.country.clone(),
            view.status.clone(),
            view.status_since.clone().unwrap_or_default(),
            view.report_to.clone().unwrap_or_default(),
            view.irt.clone().unwrap_or_default(),
            key.map(|key| key.fingerprint.clone()).unwrap_or_default(),
            key.map(|key| key.standing.clone()).unwrap_or_default(),
            view.host_organisation.clone(),
        ];
        rows.write_record(cells.map(harmless)).map_err(failed)?;
    }
    let bytes = rows.into_inner().map_err(|error| Error::Corrupt(format!("writing the table: {error}")))?;
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"teams.csv\""),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    Ok((headers, bytes).into_response())
}

/// A cell that a spreadsheet does not take for a formula (OWASP, CSV injection).
pub(crate) fn harmless(cell: String) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{cell}") } else { cell }
}

fn key_words(team: &Team, now: kit::Time) -> (&'static str, &'static str, String) {
    match team.encryption_key(now / SECOND) {
        Ok(key) => {
            let verdict = key.can_encrypt(now / SECOND).to_string();
            ("ok", "lock", verdict)
        }
        Err(_) if team.keys.is_empty() => ("plain", "none", "no key".into()),
        Err(_) => {
            let verdict =
                team.keys_in_use().max_by_key(|key| key.created()).map(|key| key.can_encrypt(now / SECOND));
            ("bad", "badsig", verdict.map_or_else(|| "withdrawn".into(), |verdict| verdict.to_string()))
        }
    }
}

/// The countries in which there are teams that the reader knows of, each once, by name.
fn countries(teams: &[Arc<Team>], looker: &Looker) -> Vec<(String, String)> {
    let countries = teams.iter().filter(|team| looker.reader.knows(team)).map(|team| &team.country);
    let countries = countries.filter(|country| !country.code.is_empty());
    let known: BTreeSet<(&str, &str)> =
        countries.map(|country| (country.name.as_str(), country.code.as_str())).collect();
    let mut list = vec![(String::new(), "all countries".to_owned())];
    list.extend(known.into_iter().map(|(name, code)| {
        let words = if name.is_empty() { code } else { name };
        (code.to_owned(), words.to_owned())
    }));
    list
}

/// The kinds of constituency that the reader sees, each once.
fn kinds(teams: &[Arc<Team>], looker: &Looker) -> Vec<(String, String)> {
    let sees = |team: &&Arc<Team>| {
        looker.reader.knows(team) && team.audience_of(Field::Constituency) <= looker.reader.audience(team)
    };
    let known: BTreeSet<&str> =
        teams.iter().filter(sees).flat_map(|team| &team.types).map(String::as_str).collect();
    let mut list = vec![(String::new(), "any kind".to_owned())];
    list.extend(known.into_iter().take(200).map(|kind| (kind.to_owned(), kind.to_owned())));
    list
}

fn statuses() -> Vec<(String, String)> {
    let mut list = vec![(String::new(), "any status".to_owned())];
    list.extend(
        TrustStatus::ALL.iter().rev().map(|status| (status.name().to_owned(), status.name().to_owned())),
    );
    list.push(("none".to_owned(), "not listed".to_owned()));
    list
}
