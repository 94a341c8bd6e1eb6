//! A program reports.

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use identity::{Granted, TriageReports};
use serde::Serialize;
use utoipa::ToSchema;

use super::extract::Body;
use super::failure::{Failure, Making};
use crate::Desk;
use crate::intake::by_api::NewReport;
use crate::model::{CaseKind, Outcome};

/// What became of a report.
#[derive(Serialize, ToSchema)]
#[schema(as = ReportTaken)]
pub(super) struct Taken {
    /// `new`; `joined` when it continues a case; `duplicate` when it was reported before.
    #[schema(example = "new")]
    outcome: &'static str,
    /// The case that it stands in.
    #[schema(example = "IR-12")]
    case: Option<String>,
}

/// Reports something
///
/// When this answers, the report and its bytes are on disk. It goes the way that mails go: what was reported before is
/// counted and not kept twice, and what it names is taken out of subject, text and list in any notation.
#[utoipa::path(post, path = "/reports", operation_id = "create_report", tag = "Reports", security(("token" = ["reports:triage"])), request_body = NewReport,
    responses((status = 201, description = "It is a new report.", body = Taken,
            headers(("Location" = String, description = "Where it is."))),
        (status = 200, description = "It joined a case, or was reported before.", body = Taken), Making))]
pub(super) async fn create(
    State(desk): State<Desk>,
    by: Granted<TriageReports>,
    Body { value, bytes }: Body<NewReport>,
) -> Result<Response, Failure> {
    let (outcome, case) = desk.report(&by, value, bytes.to_vec()).await?;
    let taken = Json(Taken { outcome: outcome.name(), case: case.map(|number| number.to_string()) });
    match case.filter(|number| outcome == Outcome::New && number.kind == CaseKind::Report) {
        Some(number) => {
            let location = format!("/api/v1/reports/{number}");
            Ok((StatusCode::CREATED, [(header::LOCATION, location)], taken).into_response())
        }
        None => Ok(taken.into_response()),
    }
}
