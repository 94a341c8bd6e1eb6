//! Reading reports: the lists that the inbox has, and one report with its look-ups.

use axum::Json;
use axum::extract::State;
use identity::{Granted, ReadCases};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::etag::Tagged;
use super::extract::{InPath, Query};
use super::failure::{Failure, Listing, Reading};
use super::page::{self, Page};
use super::shapes::{Message, Observable, Report};
use crate::Desk;
use crate::model::{CaseKind, Number, ReportStatus};
use crate::views::inbox::{Asked, Row, View};

/// How many observables stand in the report itself.
pub(super) const SHOWN: usize = 200;

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ListQuery {
    /// `decide` (what people reported and nobody has decided on, soonest clock first), `machine` (the same of programs),
    /// `mine`, or `all` (newest first, unless told otherwise).
    #[param(value_type = Option<String>, example = "decide")]
    view: Option<View>,
    /// Only those with this status, newest first: `new`, `open`, `resolved`, `rejected`. Goes with `view=all` only.
    #[param(value_type = Option<String>)]
    status: Option<ReportStatus>,
    /// What `next` of the page before said.
    after: Option<String>,
    /// Rows of a page, 1 to 200; 50 unless told.
    limit: Option<usize>,
}

/// A report in a list, with the look-up that the inbox shows in its row.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ReportRow {
    #[serde(flatten)]
    report: Report,
    /// How many things it names.
    observables: i64,
    /// The first of them for which somebody is responsible.
    first: Option<First>,
}

/// The first thing that a report names.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FirstObservable)]
struct First {
    /// `ip`, `domain`, `url`, …
    kind: &'static str,
    /// Its canonical text.
    #[schema(example = "192.0.2.77")]
    value: String,
    /// Who is responsible for it.
    responsible: Option<Responsible>,
    /// In how many other reports it stands; 21 means more than 20.
    seen: i64,
}

/// Who is responsible, in short.
#[derive(Debug, Serialize, ToSchema)]
struct Responsible {
    /// The team, or the contact.
    name: String,
    /// The team's trust status; `not listed` when the directory does not know it.
    #[schema(example = "accredited")]
    trust: String,
    /// Where complaints go.
    address: String,
    /// It is the asker's own team.
    ours: bool,
}

/// One report with everything that belongs to it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = IncidentReportWhole)]
pub(super) struct Whole {
    #[serde(flatten)]
    report: Report,
    /// The incidents that it belongs to.
    #[schema(example = json!(["INC-3"]))]
    incidents: Vec<String>,
    /// What it names, the first 200, each with who is responsible.
    observables: Vec<Observable>,
    /// There are more: see `/reports/{number}/observables`.
    more_observables: bool,
    /// Its mails and notes, oldest first.
    messages: Vec<Message>,
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct PageQuery {
    /// What `next` of the page before said.
    pub(super) after: Option<String>,
    /// Rows of a page, 1 to 200; 50 unless told.
    pub(super) limit: Option<usize>,
}

/// Lists reports
///
/// With the look-ups that the inbox has in its rows, from registry and directory as they are now.
#[utoipa::path(get, path = "/reports", operation_id = "list_reports", tag = "Reports", security(("token" = ["cases:read"])), params(ListQuery),
    responses((status = 200, description = "A page of reports.", body = Page<ReportRow>), Listing))]
pub(super) async fn list(
    State(desk): State<Desk>,
    by: Granted<ReadCases>,
    Query(query): Query<ListQuery>,
) -> Result<Json<Page<ReportRow>>, Failure> {
    let view = query.view.unwrap_or(View::All);
    if query.status.is_some() && view != View::All {
        let detail = "A view has its own status: leave out one of both.";
        return Err(Failure::parameter("status", detail));
    }
    if view == View::Rejected {
        // The page's view ends after some rows; a list for programs does not.
        return Err(Failure::parameter("view", "Ask for \"status=rejected\" instead."));
    }
    let list = query.status.map_or(view.name(), ReportStatus::name);
    let after = page::place(list, query.after.as_deref())?;
    let asked = Asked { view, q: String::new(), after, rows: page::rows(query.limit)? };
    let (rows, next) = desk.report_rows(&by, asked, query.status).await?;
    Ok(Json(Page {
        items: rows.into_iter().map(row).collect(),
        next: next.map(|cursor| page::told(list, cursor)),
    }))
}

fn row(row: Row) -> ReportRow {
    let responsible = row.who.map(|who| Responsible {
        name: who.name,
        trust: who.standing,
        address: who.address,
        ours: who.ours,
    });
    ReportRow {
        report: Report::from(&row.report),
        observables: row.first.as_ref().map_or(0, |_| row.more + 1),
        first: row.first.map(|one| First {
            kind: one.kind.as_str(),
            value: one.value,
            responsible,
            seen: row.seen,
        }),
    }
}

/// Reads a report
///
/// With what it names and who is responsible for each, and its mails and notes.
#[utoipa::path(get, path = "/reports/{number}", operation_id = "read_report", tag = "Reports", security(("token" = ["cases:read"])),
    params(("number" = String, Path, description = "`IR-…`", example = "IR-12")),
    responses((status = 200, description = "The report.", body = Whole, headers(("ETag" = String, description = "Its version."))), Reading))]
pub(super) async fn read(
    State(desk): State<Desk>,
    by: Granted<ReadCases>,
    path: InPath,
) -> Result<Tagged<Whole>, Failure> {
    let mut found = desk.whole_report(&by, path.number(CaseKind::Report)?, SHOWN).await?;
    let more_observables = found.observables.len() > SHOWN;
    found.observables.truncate(SHOWN);
    let observables =
        found.observables.into_iter().map(|one| Observable::new(desk.registry(), by.team(), one));
    let body = Whole {
        report: Report::from(&found.report),
        incidents: found.incidents.iter().map(|incident| incident.name().to_string()).collect(),
        observables: observables.collect(),
        more_observables,
        messages: found.messages.iter().map(Message::from).collect(),
    };
    Ok(Tagged { version: found.report.version, body })
}

/// Lists what a report names
///
/// All of it, page by page, each with who is responsible.
#[utoipa::path(get, path = "/reports/{number}/observables", operation_id = "list_report_observables", tag = "Reports", security(("token" = ["cases:read"])),
    params(("number" = String, Path, description = "`IR-…`", example = "IR-12"), PageQuery),
    responses((status = 200, description = "A page of observables.", body = Page<Observable>), Reading))]
pub(super) async fn observables(
    State(desk): State<Desk>,
    by: Granted<ReadCases>,
    path: InPath,
    Query(query): Query<PageQuery>,
) -> Result<Json<Page<Observable>>, Failure> {
    let name = Number { kind: CaseKind::Report, number: path.number(CaseKind::Report)? };
    observables_of(&desk, &by, name, query).await
}

/// A page of what the case `name` names.
pub(super) async fn observables_of(
    desk: &Desk,
    by: &Granted<ReadCases>,
    name: Number,
    query: PageQuery,
) -> Result<Json<Page<Observable>>, Failure> {
    let list = name.to_string();
    let after = page::place(&list, query.after.as_deref())?;
    let (rows, next) = desk.observable_rows(by, name, after, page::rows(query.limit)?).await?;
    let items = rows.into_iter().map(|one| Observable::new(desk.registry(), by.team(), one)).collect();
    Ok(Json(Page { items, next: next.map(|cursor| page::told(&list, cursor)) }))
}
