//! `/registry/edit`: an object as a form and as text, side by side; checked and tried before it is saved.
//!
//! The text is what counts. The form is made from it, and what is changed in the form is written into it, all other
//! bytes staying as they are. Both go with every request, and with them the text as it was shown: so it is known which of
//! the two was changed, with the script and without.

mod check;
mod drafts;
mod form;

use askama::Template;
use axum::Router;
use axum::extract::{Form, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use identity::{Fields, Frame, Granted, PageError, UpdateRegistry};
use kit::{Error, Time};
use rpsl::template::Template as Class;
use ui::{Html, Page, Toast};

use crate::Registry;
use crate::browse::Id;
use crate::store::objects;
use crate::update::{Proofs, Submission};
use check::Verdict;
use form::Side;

pub(super) fn routes() -> Router<Registry> {
    Router::new()
        .route("/registry/edit", get(show).post(send))
        .route("/registry/edit/draft", post(drafts::keep))
        .route("/registry/edit/delete", post(delete))
}

#[derive(Template)]
#[template(path = "registry-edit.html")]
struct EditPage {
    page: Page,
    id: Id,
    /// The registry has the object already.
    exists: bool,
    text: String,
    side: Side,
    verdict: Verdict,
    /// The version that is changed, to notice that somebody else was faster.
    digest: String,
    /// What is shown is a draft, kept then.
    draft: Option<Time>,
}

impl EditPage {
    /// Lines that the text is given: all of it, within reason.
    fn rows(&self) -> usize {
        (self.text.lines().count() + 2).clamp(16, 48)
    }
}

#[derive(Template)]
#[template(path = "registry-new.html")]
struct NewPage {
    page: Page,
    source: String,
    classes: Vec<&'static Class>,
}

/// What the registry has of an object.
struct Now {
    text: String,
    digest: String,
}

async fn show(
    State(registry): State<Registry>,
    granted: Granted<UpdateRegistry>,
    frame: Frame,
    Query(query): Query<Fields>,
) -> Result<Response, PageError> {
    let own = own_source(&registry)?;
    if query.text("class").is_empty() {
        let page = frame.page("New object", "/registry");
        return Ok(Html(NewPage { page, source: own, classes: Class::all().collect() }).into_response());
    }
    let id = asked(&registry, &query)?;
    let class = class(&id)?;
    let now = read(&registry, &id).await?;
    let draft = drafts::of(&granted, &id);
    let kept = drafts::find(&registry, draft.clone()).await?;
    let stored = now.as_ref().map(|now| now.text.clone());
    let kept = kept.filter(|(text, _)| Some(text) != stored.as_ref());
    let (text, saved) = match kept {
        Some((text, saved)) => (text, Some(saved)),
        None => (stored.unwrap_or_else(|| form::skeleton(class, &id)), None),
    };
    let verdict = match saved {
        Some(_) => check::verdict(&registry, &granted, &id, &text, &now_digest(&now)).await?,
        None => Verdict::default(),
    };
    Ok(edit_page(frame, id, class, text, verdict, now, saved))
}

async fn send(
    State(registry): State<Registry>,
    granted: Granted<UpdateRegistry>,
    frame: Frame,
    Form(fields): Form<Fields>,
) -> Result<Response, PageError> {
    let id = asked(&registry, &fields)?;
    let class = class(&id)?;
    let text = form::sent(class, &fields);
    let draft = drafts::of(&granted, &id);
    let digest = fields.text("digest").to_owned();
    match fields.text("do") {
        "drop" => {
            drafts::forget(&registry, draft).await?;
            return Ok(Redirect::to(&format!("/registry/edit?{}", id.query())).into_response());
        }
        "save" => {
            let submission = check::submission(&text, &digest)?;
            let report = registry.update(&Proofs::account(&granted), submission).await;
            let verdict = Verdict::of_report(class, &text, report);
            if let Some(saved) = verdict.saved() {
                drafts::forget(&registry, draft).await?;
                return Ok(done(&registry, &saved, format!("{} {} was saved.", saved.class, saved.key)));
            }
            drafts::save(&registry, draft, &text).await?;
            let now = read(&registry, &id).await?;
            let page = edit_page(frame, id, class, text, verdict, now.map(|now| Now { digest, ..now }), None);
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
        }
        _ => {}
    }
    drafts::save(&registry, draft, &text).await?;
    let verdict = check::verdict(&registry, &granted, &id, &text, &digest).await?;
    let now = read(&registry, &id).await?;
    // The version that was begun with is the one that is to be changed.
    Ok(edit_page(frame, id, class, text, verdict, now.map(|now| Now { digest, ..now }), None))
}

async fn delete(
    State(registry): State<Registry>,
    granted: Granted<UpdateRegistry>,
    frame: Frame,
    Form(fields): Form<Fields>,
) -> Result<Response, PageError> {
    let id = asked(&registry, &fields)?;
    let class = class(&id)?;
    let reason = fields.text("reason");
    let reason = if reason.is_empty() { "by the editor" } else { reason };
    let submission = Submission::deletion(&id.class, &id.key, reason);
    let report = registry.update(&Proofs::account(&granted), submission).await;
    if report.as_ref().is_ok_and(|report| report.is_success()) {
        drafts::forget(&registry, drafts::of(&granted, &id)).await?;
        return Ok(done(&registry, &id, format!("{} {} was deleted; its history stays.", id.class, id.key)));
    }
    let now = read(&registry, &id).await?;
    let text = now.as_ref().map(|now| now.text.clone()).unwrap_or_default();
    let verdict = Verdict::of_report(class, &text, report);
    let page = edit_page(frame, id, class, text, verdict, now, None);
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
}

fn edit_page(
    frame: Frame,
    id: Id,
    class: &'static Class,
    text: String,
    verdict: Verdict,
    now: Option<Now>,
    draft: Option<Time>,
) -> Response {
    let title = match now {
        Some(_) => format!("Edit {}", id.key),
        None => format!("New {}", id.class),
    };
    let side = form::side(class, &text, &verdict);
    let (exists, digest) = (now.is_some(), now_digest(&now));
    Html(EditPage { page: frame.page(title, "/registry"), id, exists, text, side, verdict, digest, draft })
        .into_response()
}

/// To the object's page, which says what was done.
fn done(registry: &Registry, id: &Id, words: String) -> Response {
    let now = registry.now();
    let cookie = Toast::said(words, now).to_cookie(now);
    ([(header::SET_COOKIE, cookie)], Redirect::to(&id.path())).into_response()
}

fn now_digest(now: &Option<Now>) -> String {
    now.as_ref().map(|now| now.digest.clone()).unwrap_or_default()
}

/// The registry that is kept here: no other is changed.
fn own_source(registry: &Registry) -> Result<String, Error> {
    registry.settings().source.clone().ok_or_else(|| {
        Error::Unavailable(
            "this node keeps no registry of its own: set [registry] source in its configuration".into(),
        )
    })
}

fn asked(registry: &Registry, fields: &Fields) -> Result<Id, Error> {
    let own = own_source(registry)?;
    let source = fields.text("source");
    if !source.is_empty() && !own.eq_ignore_ascii_case(source) {
        return Err(Error::Forbidden(format!(
            "{source} is kept elsewhere: change its objects there; here {own} is kept"
        )));
    }
    Ok(Id::new(&own, fields.text("class"), fields.text("key")))
}

fn class(id: &Id) -> Result<&'static Class, Error> {
    Class::of(&id.class).ok_or_else(|| Error::not_found(format!("a class {}", id.class)))
}

async fn read(registry: &Registry, id: &Id) -> Result<Option<Now>, Error> {
    let id = id.clone();
    let stored = registry.node().db.read(move |c| objects::by_key(c, id.name())).await?;
    Ok(stored.map(|stored| Now {
        text: rpsl::decode(&crate::browse::masked(&stored.raw, true)).into_owned(),
        digest: kit::Digest::of(&stored.raw).to_string(),
    }))
}
