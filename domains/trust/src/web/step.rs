//! Steps taken from pages: one address for each capacity, each with its own permission.

use axum::Router;
use axum::extract::{Form, Path, State};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use identity::{
    Fields, Frame, Granted, Introduce, JudgeCases, LookUp, ManageTeam, PageError, Permission, step_up,
};
use kit::{Error, Id};
use ui::Html;

use super::control::{self, Typed};
use super::{Places, case, letters};
use crate::process::Operate;
use crate::upkeep::said;
use crate::{Done, Trust};

pub(super) fn routes() -> Router<Trust> {
    Router::new()
        .route("/trust/teams/{handle}/operator", post(operate))
        .route("/trust/teams/{handle}/operator/letters", post(preview))
        .route("/trust/teams/{handle}/board", post(judge))
        .route("/trust/teams/{handle}/team", post(represent))
        .route("/trust/teams/{handle}/member", post(join))
}

/// Everything that the answer to a step needs.
struct Sent {
    trust: Trust,
    look: Granted<LookUp>,
    frame: Frame,
    handle: String,
    capacity: &'static str,
    form: Fields,
}

impl Sent {
    /// Back to where the form says, or to the case; or the case again with what is wrong and all that was typed.
    async fn answer(self, done: kit::Result<Done>) -> Result<Response, PageError> {
        let wrong = match done {
            Ok(done) => {
                let back = self.form.text("back");
                let case = format!("/trust/teams/{}", self.handle);
                // Only to places of ours.
                let to = if ["/trust/desk", "/trust/board", "/trust"].contains(&back) { back } else { &case };
                return Ok(said(&self.trust, &words(&self.form, &done), to));
            }
            Err(Error::Conflict(why)) => why,
            Err(Error::Invalid { field, message }) => format!("{field}: {message}"),
            Err(error) => return Err(error.into()),
        };
        let typed = Typed { key: control::key(self.capacity, &self.form), wrong, form: self.form };
        case::whole(&self.trust, &self.look, self.frame, &self.handle, typed).await
    }
}

/// Steps that cannot be taken back, or give or take a standing: whoever takes one proves again who they are.
const GRAVE: [&str; 6] = ["accredit", "suspend-at-once", "move-limit", "vote", "declare-conflict", "depart"];

/// What asks for a proof first, when the step is grave and the last one is old.
fn ask_again<P: Permission>(
    trust: &Trust,
    granted: &Granted<P>,
    handle: &str,
    form: &Fields,
) -> Option<Response> {
    if !GRAVE.contains(&form.text("do")) {
        return None;
    }
    let back = format!("/trust/teams/{handle}");
    step_up(trust.identity(), granted.clone(), &back).err().map(|answer| *answer)
}

fn words(form: &Fields, done: &Done) -> String {
    let what = match form.text("do") {
        "vote" => "Your team's ballot is cast. ",
        "object" => "The objection lies sealed with operator and board. ",
        "support" => "Your team supports it. ",
        "sponsor" => "Your team stands up as sponsor. ",
        "decline-to-sponsor" => "Applicant and operator are told that your team is no sponsor. ",
        "second" => "Your team seconds the motion. ",
        _ => "",
    };
    let entries = ui::format::plural(done.entries.len(), "entry", "entries");
    format!("{what}Done: {entries} in the record; the letters about it leave now.")
}

fn team(trust: &Trust, handle: &str) -> kit::Result<Id> {
    let team = trust.teams().directory().by_handle(handle);
    team.map(|team| team.id).ok_or_else(|| Error::not_found("the team"))
}

async fn operate(
    State(trust): State<Trust>,
    granted: Granted<Introduce>,
    look: Granted<LookUp>,
    frame: Frame,
    Path(handle): Path<String>,
    Form(form): Form<Fields>,
) -> Result<Response, PageError> {
    let team = team(&trust, &handle)?;
    if let Some(answer) = ask_again(&trust, &granted, &handle, &form) {
        return Ok(answer);
    }
    let done = match control::command("operator", &form) {
        Ok(command) => trust.operate(&granted, team, command, control::seen(&form)).await,
        Err(error) => Err(error),
    };
    Sent { trust, look, frame, handle, capacity: "operator", form }.answer(done).await
}

async fn judge(
    State(trust): State<Trust>,
    granted: Granted<JudgeCases>,
    look: Granted<LookUp>,
    frame: Frame,
    Path(handle): Path<String>,
    Form(form): Form<Fields>,
) -> Result<Response, PageError> {
    let team = team(&trust, &handle)?;
    if let Some(answer) = ask_again(&trust, &granted, &handle, &form) {
        return Ok(answer);
    }
    let done = match control::command("board", &form) {
        Ok(command) => trust.judge(&granted, team, command, control::seen(&form)).await,
        Err(error) => Err(error),
    };
    Sent { trust, look, frame, handle, capacity: "board", form }.answer(done).await
}

async fn represent(
    State(trust): State<Trust>,
    granted: Granted<ManageTeam>,
    look: Granted<LookUp>,
    frame: Frame,
    Path(handle): Path<String>,
    Form(form): Form<Fields>,
) -> Result<Response, PageError> {
    // A step for a team is taken by its own people alone, whatever the address names.
    if team(&trust, &handle)? != granted.team() {
        return Err(Error::Forbidden("this step is taken by the team's own administrators".into()).into());
    }
    if let Some(answer) = ask_again(&trust, &granted, &handle, &form) {
        return Ok(answer);
    }
    let done = match control::command("team", &form) {
        Ok(command) => trust.represent(&granted, command, control::seen(&form)).await,
        Err(error) => Err(error),
    };
    Sent { trust, look, frame, handle, capacity: "team", form }.answer(done).await
}

async fn join(
    State(trust): State<Trust>,
    granted: Granted<ManageTeam>,
    look: Granted<LookUp>,
    frame: Frame,
    Path(handle): Path<String>,
    Form(form): Form<Fields>,
) -> Result<Response, PageError> {
    let team = team(&trust, &handle)?;
    let done = match control::command("member", &form) {
        Ok(command) => trust.join(&granted, team, command, control::seen(&form)).await,
        Err(error) => Err(error),
    };
    Sent { trust, look, frame, handle, capacity: "member", form }.answer(done).await
}

/// The letters that a step of the operator would send, before it is taken.
async fn preview(
    State(trust): State<Trust>,
    granted: Granted<Introduce>,
    look: Granted<LookUp>,
    frame: Frame,
    Path(handle): Path<String>,
    Form(form): Form<Fields>,
) -> Result<Response, PageError> {
    let team = team(&trust, &handle)?;
    let shown = match control::command::<Operate>("operator", &form) {
        Ok(command) => trust.preview(&granted, team, command, control::seen(&form)).await,
        Err(error) => Err(error),
    };
    match shown {
        Ok(preview) => {
            let subject = trust.subject(team)?;
            let page = frame.page(format!("Letters about {}", subject.name), "/trust");
            let places = Places::of(granted.actor(), "/trust/desk");
            let fields = control::again(&form);
            let (handle, name) = (handle.clone(), subject.name.clone());
            Ok(Html(letters::LettersPage { page, places, handle, name, preview, fields }).into_response())
        }
        Err(error) => {
            Sent { trust, look, frame, handle, capacity: "operator", form }.answer(Err(error)).await
        }
    }
}
