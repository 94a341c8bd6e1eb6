//! `/teams/HANDLE/edit`: the team's own form for its record.
//!
//! Nothing is saved that was not shown before as the change it is, over the version it was made from. What was typed
//! comes back with every answer; where the session had ended, `identity` keeps it until after the log-in.

mod page;
mod typed;

use axum::Router;
use axum::extract::{Form, Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use identity::{Fields, Frame, Granted, ManageTeam, PageError};
use kit::{Error, Result};
use ui::{Html, Page};

use self::page::{Drawing, EditPage};
use self::typed::Typed;
use super::keys::back;
use crate::service::own;
use crate::{Audience, Difference, FieldError, Seen, TeamRecord, Teams};

/// Empty rows at the end of each list, at first.
const SPARE: usize = 1;
/// And when more are asked for.
const MORE: usize = 5;

pub(super) fn routes() -> Router<Teams> {
    Router::new().route("/teams/{handle}/edit", get(show).post(send))
}

/// The asker's own team, as it sees itself.
fn find(teams: &Teams, granted: &Granted<ManageTeam>, handle: &str) -> Result<Seen> {
    let team = teams.directory().by_handle(handle);
    let team = team.ok_or_else(|| Error::not_found(format!("the team {handle:?}")))?;
    own(granted, team.id)?;
    Ok(team.seen_by(Audience::Team))
}

async fn show(
    State(teams): State<Teams>,
    granted: Granted<ManageTeam>,
    frame: Frame,
    Path(handle): Path<String>,
) -> Result<Response, PageError> {
    let team = find(&teams, &granted, &handle)?;
    let answer = Answer { typed: Typed::of(&team.record), ..Answer::default() };
    Ok(Html(answer.page(frame, &team, team.record_digest())).into_response())
}

/// What the form answers with.
#[derive(Default)]
struct Answer {
    typed: Typed,
    wrong: Vec<FieldError>,
    changes: Option<Vec<Difference>>,
    seen: String,
    said: String,
    spare: usize,
}

impl Answer {
    fn page(self, frame: Frame, team: &Seen, digest: String) -> EditPage {
        let page: Page = frame.page(format!("Edit {}", team.name), "/teams");
        let drawing = Drawing { typed: &self.typed, wrong: &self.wrong, spare: self.spare.max(SPARE) };
        EditPage {
            page,
            handle: team.handle.clone(),
            name: team.name.clone(),
            digest,
            seen: self.seen,
            changes: self.changes,
            said: self.said,
            elsewhere: drawing.elsewhere(),
            mistakes: self.wrong.len(),
            sections: drawing.sections(),
        }
    }
}

async fn send(
    State(teams): State<Teams>,
    granted: Granted<ManageTeam>,
    frame: Frame,
    Path(handle): Path<String>,
    Form(form): Form<Fields>,
) -> Result<Response, PageError> {
    let team = find(&teams, &granted, &handle)?;
    let read = form.text("digest").to_owned();
    let typed = Typed::sent(&form);
    if form.text("do") == "rows" {
        let answer = Answer { typed, spare: MORE, ..Answer::default() };
        return Ok(Html(answer.page(frame, &team, read)).into_response());
    }
    let record = match typed.record(&team.record) {
        Ok(record) => record,
        Err(wrong) => {
            let answer = Answer { typed, wrong, ..Answer::default() };
            let page = answer.page(frame, &team, read);
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, Html(page)).into_response());
        }
    };
    // Somebody else has saved since: they see what it would change now, and decide again.
    let digest = team.record_digest();
    if read != digest {
        let said = "Somebody else has saved the record since you opened it. This is what your version changes of theirs.";
        let answer = Answer { said: said.into(), ..shown(typed, &record, &team) };
        return Ok((StatusCode::CONFLICT, Html(answer.page(frame, &team, digest))).into_response());
    }
    if form.text("do") != "save" || form.text("seen") != record.digest() {
        return Ok(Html(shown(typed, &record, &team).page(frame, &team, digest)).into_response());
    }
    match teams.save_over(&granted, team.id, record, Some(digest.clone())).await {
        Ok(_) => Ok(back(&teams, &handle, "The record was saved.")),
        Err(Error::Invalid { field, message }) => {
            let wrong = vec![FieldError { field, message }];
            let page = Answer { typed, wrong, ..Answer::default() }.page(frame, &team, digest);
            Ok((StatusCode::UNPROCESSABLE_ENTITY, Html(page)).into_response())
        }
        Err(Error::Conflict(said)) => {
            let page = Answer { typed, said, ..Answer::default() }.page(frame, &team, digest);
            Ok((StatusCode::CONFLICT, Html(page)).into_response())
        }
        Err(error) => Err(error.into()),
    }
}

/// The form with what it would change.
fn shown(typed: Typed, record: &TeamRecord, team: &Seen) -> Answer {
    Answer {
        typed,
        changes: Some(record.difference(&team.record)),
        seen: record.digest(),
        ..Answer::default()
    }
}
