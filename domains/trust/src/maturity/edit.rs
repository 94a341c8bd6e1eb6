//! `/trust/maturity/edit`: the form in which a team assesses itself, kept as a draft until it is finished.

use askama::Template;
use axum::Router;
use axum::extract::{Form, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use identity::{Fields, Frame, Granted, LookUp, ManageTeam, PageError};
use kit::Error;
use ui::{Html, Page};

use super::assessment::{Answer, Levels};
use super::catalogue::{Catalogue, Model};
use super::use_cases::Typed;
use super::web::{PATH, names};
use crate::Trust;
use crate::upkeep::said;
use crate::web::Places;

pub(super) fn routes() -> Router<Trust> {
    Router::new()
        .route("/trust/maturity/edit", get(edit).post(save))
        .route("/trust/maturity/drop", post(drop_draft))
}

#[derive(Template)]
#[template(path = "maturity-edit.html")]
struct EditPage {
    page: Page,
    places: Places,
    model: Model,
    profiles: Vec<(String, String)>,
    options: Vec<(String, String)>,
    typed: Typed,
    is_draft: bool,
    /// What is wrong: the parameter or field, and the words.
    wrong: (String, String),
}

impl EditPage {
    fn chosen(&self, id: &str) -> String {
        self.typed.levels.level(id).map(|level| level.to_string()).unwrap_or_default()
    }

    fn note(&self, id: &str) -> &str {
        self.typed.levels.note(id)
    }

    fn wrong_with(&self, id: &str) -> &str {
        if self.wrong.0 == id { &self.wrong.1 } else { "" }
    }

    /// What is wrong with the whole.
    fn wrong_whole(&self) -> &str {
        let with_one = self.model.parameters().any(|parameter| parameter.id == self.wrong.0);
        if with_one { "" } else { &self.wrong.1 }
    }
}

async fn edit(
    State(trust): State<Trust>,
    granted: Granted<ManageTeam>,
    frame: Frame,
) -> Result<Response, PageError> {
    let draft = trust.assessment_draft(&granted).await?;
    let is_draft = draft.is_some();
    let typed = match draft {
        Some(draft) => Typed { profile: draft.profile, levels: draft.levels, version: draft.version },
        // The next assessment begins with what the last one said.
        None => {
            let look = Granted::<LookUp>::check(granted.actor())?;
            let last = trust.assessments(&look).await?.into_iter().next();
            last.map(|last| Typed { profile: last.profile, levels: last.levels, version: 0 })
                .unwrap_or_default()
        }
    };
    let places = Places::of(granted.actor(), PATH);
    Ok(form(&trust, frame, places, typed, is_draft, Default::default()))
}

fn form(
    trust: &Trust,
    frame: Frame,
    places: Places,
    typed: Typed,
    is_draft: bool,
    wrong: (String, String),
) -> Response {
    let Catalogue { model, profiles } = trust.settings().catalogue.clone();
    let levels = model.levels.iter().enumerate();
    let options = std::iter::once((String::new(), "not judged yet".to_owned()))
        .chain(levels.map(|(level, words)| (level.to_string(), format!("{level}: {words}"))));
    let status = if wrong.0.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let page = EditPage {
        page: frame.page("Assess your maturity", "/trust"),
        places,
        profiles: names(&profiles, "none"),
        options: options.collect(),
        model,
        typed,
        is_draft,
        wrong,
    };
    (status, Html(page)).into_response()
}

async fn save(
    State(trust): State<Trust>,
    granted: Granted<ManageTeam>,
    frame: Frame,
    Form(fields): Form<Fields>,
) -> Result<Response, PageError> {
    let model = &trust.settings().catalogue.model;
    let answer = |id: &str| {
        let level = fields.text(&format!("level-{id}"));
        // What is no level is refused as one that there is not.
        let level = (!level.is_empty()).then(|| level.parse().unwrap_or(u8::MAX));
        Answer { level, note: fields.text(&format!("note-{id}")).to_owned() }
    };
    let levels = model.parameters().map(|parameter| (parameter.id.clone(), answer(&parameter.id))).collect();
    let typed = Typed {
        profile: fields.text("profile").into(),
        levels: Levels(levels),
        version: fields.text("version").parse().unwrap_or_default(),
    };
    let finish = fields.text("do") == "finish";
    let places = Places::of(granted.actor(), PATH);
    match trust.save_assessment(&granted, typed.clone(), finish).await {
        Ok(_) if finish => {
            Ok(said(&trust, "The assessment is finished; its date stands in your record.", PATH))
        }
        Ok(_) => Ok(said(&trust, "The draft is saved. Only your team sees it.", "/trust/maturity/edit")),
        Err(Error::Invalid { field, message }) => {
            let is_draft = typed.version > 0;
            Ok(form(&trust, frame, places, typed, is_draft, (field, message)))
        }
        // Nothing typed is lost: the page comes again with it, and with the version that would be replaced.
        Err(Error::Conflict(why)) => {
            let now = trust.assessment_draft(&granted).await?;
            let version = now.as_ref().map_or(0, |draft| draft.version);
            let words =
                format!("{why}: compare with theirs in another window; saved again, yours takes its place");
            let typed = Typed { version, ..typed };
            Ok(form(&trust, frame, places, typed, version > 0, ("version".into(), words)))
        }
        Err(error) => Err(error.into()),
    }
}

async fn drop_draft(State(trust): State<Trust>, granted: Granted<ManageTeam>) -> Result<Response, PageError> {
    trust.drop_assessment_draft(&granted).await?;
    Ok(said(&trust, "The draft is gone.", PATH))
}
