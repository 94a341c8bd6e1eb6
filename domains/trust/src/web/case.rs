//! `/trust/teams/HANDLE`: one team's case, whole, as far as the reader may see it, with what they can do.

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use contracts::trust::record::Audience;
use identity::{Frame, Granted, LookUp, PageError};
use kit::{Error, Id};
use ui::{Html, Page};

use super::control::{Control, Maker, Typed};
use super::{Places, choice, due, matter, standing, who};
use crate::process::Possible;
use crate::views::{CaseView, MatterView};
use crate::{Trust, signing};

/// Steps that have a place of their own on the page, or a page.
const ELSEWHERE: [&str; 3] = ["sign", "confirm", "answer"];

pub(super) fn routes() -> Router<Trust> {
    Router::new()
        .route("/trust/teams/{handle}", get(show))
        .route("/trust/teams/{handle}/documents/{digest}", get(document))
}

#[derive(Template)]
#[template(path = "trust-case.html")]
struct CasePage {
    page: Page,
    places: Places,
    case: CaseView,
    ribbon: Vec<Step>,
    groups: Vec<Group>,
    matters: Vec<Matter>,
    questions: Vec<Question>,
    /// What is wrong with the step that was just asked for.
    wrong: String,
    is_own: bool,
    /// The reader may see documents and letters.
    is_inside: bool,
    documents: Vec<Document>,
    missing: usize,
}

impl CasePage {
    /// The sign-and-confirm page is the next thing to do.
    fn may(&self, step: &str) -> bool {
        let team = self.case.possible.iter().filter(|(capacity, _)| *capacity == "team");
        team.flat_map(|(_, steps)| steps).any(|possible| possible.name == step && possible.refused.is_none())
    }
}

/// A step of the ribbon.
pub(super) struct Step {
    pub(super) icon: &'static str,
    pub(super) words: &'static str,
    pub(super) level: &'static str,
    /// `now`, `next`, `later` or empty.
    pub(super) class: &'static str,
}

/// What the reader can do in one capacity.
struct Group {
    title: &'static str,
    controls: Vec<Control>,
}

/// A case before the board, with what the reader can do about it.
struct Matter {
    view: MatterView,
    controls: Vec<Control>,
}

/// A question, with the form to answer it.
struct Question {
    number: u32,
    asked: kit::Time,
    text: String,
    answers: Vec<(kit::Time, String)>,
    control: Option<Control>,
}

/// A document that entries rest on.
struct Document {
    digest: String,
    words: String,
    at: kit::Time,
    /// The fingerprint of the key that signed.
    signature: Option<String>,
}

async fn show(
    State(trust): State<Trust>,
    granted: Granted<LookUp>,
    frame: Frame,
    Path(handle): Path<String>,
) -> Result<Response, PageError> {
    whole(&trust, &granted, frame, &handle, Typed::default()).await
}

/// The page; `typed` is what was just refused.
pub(super) async fn whole(
    trust: &Trust,
    granted: &Granted<LookUp>,
    frame: Frame,
    handle: &str,
    typed: Typed,
) -> Result<Response, PageError> {
    let team = trust.teams().directory().by_handle(handle).ok_or_else(|| Error::not_found("the team"))?;
    let case = trust.case(granted, team.id).await?;
    let sponsors = sponsors(trust, team.id);
    let needed = trust.settings().rules.sponsors;
    let maker = Maker { case: &case, typed: &typed, sponsors: &sponsors, sponsors_needed: needed };
    let groups = groups(&maker);
    let matters =
        case.matters.iter().map(|view| Matter { view: view.clone(), controls: about(&maker, view.number) });
    let matters = matters.collect();
    let questions = questions(&maker);
    let status = if typed.wrong.is_empty() { StatusCode::OK } else { StatusCode::CONFLICT };
    let missing = case.checklist.iter().filter(|item| !item.done).count();
    let page = CasePage {
        page: frame.page(format!("{}: standing", case.name), "/trust"),
        places: Places::of(granted.actor(), ""),
        ribbon: ribbon(case.phase, case.standing),
        groups,
        matters,
        questions,
        wrong: typed.wrong,
        is_own: granted.team() == team.id,
        is_inside: trust.sees(granted, team.id) >= Audience::Team,
        documents: documents(&case),
        missing,
        case,
    };
    Ok((status, Html(page)).into_response())
}

/// The teams that can sponsor `team`, by id.
pub(super) fn sponsors(trust: &Trust, team: Id) -> Vec<(String, String)> {
    let own = team.to_string();
    let voters = trust.voters().into_iter().filter(|voter| *voter != own);
    let mut named: Vec<(String, String)> =
        voters.map(|voter| (voter.clone(), trust.name_of(&voter))).collect();
    named.sort_by(|a, b| a.1.cmp(&b.1));
    named
}

fn groups(maker: &Maker<'_>) -> Vec<Group> {
    let mut primary = true;
    let mut all = Vec::new();
    for (capacity, steps) in &maker.case.possible {
        let title = match *capacity {
            "operator" => "As operator",
            "board" => "As member of the review board",
            "team" => "For your team",
            _ => "For your team, about this one",
        };
        let own = steps.iter().filter(|step| step.case == 0 && !ELSEWHERE.contains(&step.name));
        let mut controls = Vec::new();
        for possible in own {
            let mut control = maker.control(capacity, possible, primary);
            control.primary &= !control.is_quiet();
            primary &= !control.primary;
            controls.push(control);
        }
        // What ends something stands last.
        controls.sort_by_key(|control| (control.is_quiet(), control.refused.is_some()));
        if !controls.is_empty() {
            all.push(Group { title, controls });
        }
    }
    all
}

fn about(maker: &Maker<'_>, case: u32) -> Vec<Control> {
    let steps =
        maker.case.possible.iter().flat_map(|(capacity, steps)| steps.iter().map(move |s| (*capacity, s)));
    let own: Vec<(&str, &Possible)> = steps.filter(|(_, step)| step.case == case).collect();
    // Who operates and sits on the board finds each step once, as member of the board.
    let twice = |capacity: &str, name: &str| {
        capacity == "operator" && own.iter().any(|(other, step)| *other == "board" && step.name == name)
    };
    let own = own.iter().filter(|(capacity, step)| !twice(capacity, step.name));
    let mut controls: Vec<Control> =
        own.map(|(capacity, step)| maker.control(capacity, step, step.name == "vote")).collect();
    controls.sort_by_key(|control| (!control.primary, control.is_quiet(), control.refused.is_some()));
    controls
}

fn questions(maker: &Maker<'_>) -> Vec<Question> {
    let team = maker.case.possible.iter().find(|(capacity, _)| *capacity == "team");
    let answer = team.and_then(|(_, steps)| steps.iter().find(|step| step.name == "answer"));
    let all = maker.case.questions.iter().map(|question| {
        let form = |possible: &Possible| {
            let mut control = maker.about("team", possible, question.number, question.answers.is_empty());
            control.words = if question.answers.is_empty() { "Answer" } else { "Add to the answer" };
            control
        };
        Question {
            number: question.number,
            asked: question.asked,
            text: question.text.clone(),
            answers: question.answers.clone(),
            control: answer.map(form),
        }
    });
    all.collect()
}

fn documents(case: &CaseView) -> Vec<Document> {
    let mut all: Vec<Document> = Vec::new();
    for line in case.timeline.iter().rev() {
        for digest in &line.evidence {
            if all.iter().any(|known| known.digest == *digest) {
                continue;
            }
            let signature = line.signature.clone();
            all.push(Document { digest: digest.clone(), words: line.words.clone(), at: line.at, signature });
        }
    }
    all
}

/// The way through the process, with where the team is.
pub(super) fn ribbon(phase: &str, standing: &str) -> Vec<Step> {
    let steps = [
        ("note", "Applies", "for listing"),
        ("listed", "Listed", "level 0"),
        ("candidate", "Candidate", "level 1"),
        ("accredited", "Accredited", "level 2"),
        ("accredited", "Certified", "for some years"),
    ];
    let (now, next) = match phase {
        "unknown" => (None, Some(0)),
        "listing" => (Some(0), Some(1)),
        "listed" | "invited" => (Some(1), Some(2)),
        "candidate" => (Some(2), Some(3)),
        "accredited" if standing == "certified" => (Some(4), None),
        "accredited" => (Some(3), Some(4)),
        _ => return Vec::new(),
    };
    let class = |place| match place {
        _ if now == Some(place) => "now",
        _ if next == Some(place) => "next",
        _ if now.is_some_and(|now| place < now) => "",
        _ => "later",
    };
    let icon = |place: usize, icon| if now.is_some_and(|now| place < now) { "check" } else { icon };
    let all = steps.into_iter().enumerate().map(|(place, (symbol, words, level))| Step {
        icon: match class(place) {
            "next" => "clock",
            "later" => "none",
            _ => icon(place, symbol),
        },
        words,
        level,
        class: class(place),
    });
    all.collect()
}

/// A document that an entry about the team rests on: its exact bytes.
async fn document(
    State(trust): State<Trust>,
    granted: Granted<LookUp>,
    Path((handle, digest)): Path<(String, String)>,
) -> Result<Response, PageError> {
    let team = trust.teams().directory().by_handle(&handle).ok_or_else(|| Error::not_found("the team"))?;
    if trust.sees(&granted, team.id) < Audience::Team {
        return Err(Error::Forbidden(
            "documents are shown to the team itself, the operator and the board".into(),
        )
        .into());
    }
    let case = trust.case(&granted, team.id).await?;
    let known = case.timeline.iter().any(|line| line.evidence.contains(&digest));
    if !known {
        return Err(Error::not_found("the document").into());
    }
    let bytes = trust.node().blobs.get(signing::digest(&digest)?)?;
    Ok(download(&format!("{}.txt", &digest[..16]), "text/plain; charset=utf-8", bytes))
}

/// A file to be kept; a browser does not run it.
pub(super) fn download(name: &str, kind: &'static str, bytes: Vec<u8>) -> Response {
    let headers = [
        (header::CONTENT_TYPE, kind.to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    (headers, bytes).into_response()
}
