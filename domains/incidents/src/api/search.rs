//! Searching all cases of the team.

use axum::Json;
use axum::extract::State;
use identity::{Granted, ReadCases};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::extract::Query;
use super::failure::{Failure, Listing};
use super::page;
use super::shapes::at;
use crate::Desk;
use crate::model::Number;

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct SearchQuery {
    /// Words that must all stand there; `word*` stands for all that begin so. Addresses, domains, hashes and CVE numbers
    /// are words. Or the number of a case.
    #[param(example = "192.0.2.77 ssh*")]
    q: String,
    /// How many at most, 1 to 200; 50 unless told.
    limit: Option<usize>,
}

/// What was found, newest first.
#[derive(Serialize, ToSchema)]
pub(super) struct Found {
    items: Vec<Hit>,
}

/// A message or an incident that holds all words.
#[derive(Serialize, ToSchema)]
#[schema(as = SearchHit)]
struct Hit {
    /// The case that it stands in.
    #[schema(example = "IR-12")]
    case: String,
    /// What it is about.
    subject: String,
    /// Who wrote it; empty when the case was found by its number.
    from: String,
    /// The beginning of its text.
    text: String,
    /// When it came.
    #[schema(format = "date-time")]
    at: String,
}

/// Searches mails, notes and incidents
#[utoipa::path(get, path = "/search", operation_id = "search_cases", tag = "Search", security(("token" = ["cases:read"])), params(SearchQuery),
    responses((status = 200, description = "What holds all words.", body = Found), Listing))]
pub(super) async fn search(
    State(desk): State<Desk>,
    by: Granted<ReadCases>,
    Query(query): Query<SearchQuery>,
) -> Result<Json<Found>, Failure> {
    if query.q.trim().is_empty() {
        return Err(Failure::parameter("q", "Say what to look for: a word, an address, a number."));
    }
    if query.q.len() > 500 {
        return Err(Failure::parameter("q", "Look for less at once: at most 500 bytes."));
    }
    let mut items = Vec::new();
    if let Ok(name) = query.q.parse::<Number>()
        && let Some((subject, since)) = desk.case_called(&by, name).await?
    {
        let (from, text) = (String::new(), String::new());
        items.push(Hit { case: name.to_string(), subject, from, text, at: at(since) });
    }
    let found = desk.search(&by, &query.q, page::rows(query.limit)?).await?;
    items.extend(found.into_iter().map(|one| Hit {
        case: one.case.to_string(),
        subject: one.subject,
        from: one.from,
        text: one.text,
        at: at(one.at),
    }));
    Ok(Json(Found { items }))
}
