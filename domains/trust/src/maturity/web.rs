//! `/trust/maturity`: a team's own maturity as a drawing and a table, its history, the form; and the same for programs.

use askama::Template;
use axum::extract::{Form, Path, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use identity::{ApiError, Fields, Frame, Granted, LookUp, ManageTeam, PageError, Problem};
use kit::{Error, Id};
use ui::{Html, Page};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::assessment::{Answer, Assessment, Levels};
use super::catalogue::{Catalogue, Model, Profile};
use super::chart::{self, Radar};
use super::peers::Quartiles;
use super::use_cases::{Peers, Typed};
use crate::Trust;
use crate::upkeep::{said, table};
use crate::web::Places;

const PATH: &str = "/trust/maturity";

pub(crate) fn routes() -> Router<Trust> {
    Router::new()
        .route(PATH, get(show))
        .route("/trust/maturity/edit", get(edit).post(save))
        .route("/trust/maturity/drop", post(drop_draft))
        .route("/trust/maturity/{id}/levels.csv", get(levels_csv))
        .route("/trust/maturity/{id}/levels.json", get(levels_json))
}

/// What is looked at: in the address.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
struct Asked {
    /// The assessment; the newest when empty.
    at: String,
    /// The profile held against it; the one that it aims at when empty.
    profile: String,
    /// The constituency type of the peers; all when empty.
    peers: String,
}

#[derive(Template)]
#[template(path = "maturity.html")]
struct MaturityPage {
    page: Page,
    places: Places,
    model: Model,
    shown: Option<Assessment>,
    history: Vec<Past>,
    draft: bool,
    may_change: bool,
    profile: Option<Profile>,
    profiles: Vec<(String, String)>,
    peers: Peers,
    kinds: Vec<(String, String)>,
    kind: String,
    charts: Vec<Drawing>,
    groups: Vec<Group>,
    below: usize,
}

impl MaturityPage {
    fn profile_name(&self) -> &str {
        self.profile.as_ref().map_or("", |profile| &profile.name)
    }

    /// What begins an assessment.
    fn anew(&self) -> &'static str {
        if self.shown.is_some() { "Assess anew" } else { "Assess your team" }
    }
}

/// A drawing with its name.
struct Drawing {
    id: &'static str,
    title: &'static str,
    radar: Radar,
}

/// An assessment of the history.
struct Past {
    id: String,
    at: i64,
    by: String,
    /// The mean of each quadrant.
    means: Vec<String>,
    shown: bool,
}

/// A quadrant in the table.
struct Group {
    name: String,
    mean: String,
    rows: Vec<Row>,
}

/// A parameter in the table.
struct Row {
    id: String,
    title: String,
    level: Option<u8>,
    words: String,
    least: Option<u8>,
    is_below: bool,
    peers: Option<Quartiles>,
    note: String,
}

async fn show(
    State(trust): State<Trust>,
    granted: Granted<LookUp>,
    frame: Frame,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    let Catalogue { model, profiles } = trust.settings().catalogue.clone();
    let history = trust.assessments(&granted).await?;
    let shown = match asked.at.as_str() {
        "" => history.first().cloned(),
        id => Some(
            trust.assessment(&granted, id.parse().map_err(|_| Error::not_found("the assessment"))?).await?,
        ),
    };
    let wanted = match (asked.profile.as_str(), &shown) {
        ("", Some(shown)) => shown.profile.clone(),
        (name, _) => name.to_owned(),
    };
    let profile = profiles.iter().find(|profile| profile.name == wanted).cloned();
    let own = trust.teams().directory().by_id(granted.team());
    let kinds = own.map(|team| team.types.clone()).unwrap_or_default();
    let peers = trust.peers(&granted, &asked.peers).await?;
    let editor = Granted::<ManageTeam>::check(granted.actor()).ok();
    let draft = match &editor {
        Some(granted) => trust.assessment_draft(granted).await?.is_some(),
        None => false,
    };
    let empty = Levels::default();
    let levels = shown.as_ref().map_or(&empty, |shown| &shown.levels);
    let page = MaturityPage {
        places: Places::of(granted.actor(), PATH),
        history: history.iter().map(|one| past(&model, one, shown.as_ref())).collect(),
        draft,
        may_change: editor.is_some(),
        profiles: names(&profiles, "no profile"),
        charts: if shown.is_some() { drawings(&model, levels, profile.as_ref(), &peers) } else { Vec::new() },
        groups: groups(&model, levels, profile.as_ref(), &peers),
        below: profile.as_ref().map_or(0, |profile| levels.below(profile).len()),
        kinds: group_names(&kinds),
        page: frame.page("Maturity", "/trust"),
        kind: asked.peers,
        model,
        shown,
        profile,
        peers,
    };
    Ok(Html(page).into_response())
}

fn names(profiles: &[Profile], none: &str) -> Vec<(String, String)> {
    let named = profiles.iter().map(|profile| (profile.name.clone(), profile.name.clone()));
    std::iter::once((String::new(), none.to_owned())).chain(named).collect()
}

fn group_names(kinds: &[String]) -> Vec<(String, String)> {
    let of_kind = kinds.iter().map(|kind| (kind.clone(), format!("teams for: {kind}")));
    std::iter::once((String::new(), "all teams".to_owned())).chain(of_kind).collect()
}

/// One digit behind the point, or a dash.
fn one(mean: Option<f64>) -> String {
    mean.map_or_else(|| "–".to_owned(), |mean| format!("{mean:.1}"))
}

fn past(model: &Model, assessment: &Assessment, shown: Option<&Assessment>) -> Past {
    let (at, by) = assessment.finished.clone().unwrap_or_default();
    let mean = |ids: &super::catalogue::Quadrant| {
        one(assessment.levels.mean(ids.parameters.iter().map(|parameter| parameter.id.as_str())))
    };
    Past {
        id: assessment.id.to_string(),
        at,
        by,
        means: model.quadrants.iter().map(mean).collect(),
        shown: shown.is_some_and(|shown| shown.id == assessment.id),
    }
}

/// The quadrants' means, then every parameter.
fn drawings(model: &Model, levels: &Levels, profile: Option<&Profile>, peers: &Peers) -> Vec<Drawing> {
    let each = |value: &dyn Fn(&str) -> u8| -> Vec<f64> {
        model.parameters().map(|parameter| f64::from(value(&parameter.id))).collect()
    };
    // Each with its look, and a value for every parameter in the model's order.
    let mut series: Vec<(&'static str, Vec<f64>)> = Vec::new();
    if let Some(profile) = profile {
        series.push(("least", each(&|id| profile.minimum.get(id).copied().unwrap_or(0))));
    }
    if let Some(quartiles) = &peers.quartiles {
        series.push(("peers", quartiles.iter().map(|quartiles| f64::from(quartiles.median)).collect()));
    }
    series.push(("own", each(&|id| levels.level(id).unwrap_or(0))));
    let means = series.iter().map(|(look, values)| (*look, by_quadrant(model, values))).collect::<Vec<_>>();
    let quadrants: Vec<String> = model.quadrants.iter().map(|quadrant| quadrant.name.clone()).collect();
    let parameters: Vec<String> = model.parameters().map(|parameter| parameter.id.clone()).collect();
    let drawings = [
        ("quadrants", "By quadrant", chart::radar(&quadrants, &means)),
        ("parameters", "By parameter", chart::radar(&parameters, &series)),
    ];
    let drawn =
        drawings.into_iter().filter_map(|(id, title, radar)| Some(Drawing { id, title, radar: radar? }));
    drawn.collect()
}

/// The mean of each quadrant's values.
fn by_quadrant(model: &Model, values: &[f64]) -> Vec<f64> {
    let mut rest = values;
    let mean = |quadrant: &super::catalogue::Quadrant| {
        let (own, others) = rest.split_at(quadrant.parameters.len().min(rest.len()));
        rest = others;
        own.iter().sum::<f64>() / own.len().max(1) as f64
    };
    model.quadrants.iter().map(mean).collect()
}

fn groups(model: &Model, levels: &Levels, profile: Option<&Profile>, peers: &Peers) -> Vec<Group> {
    let mut quartiles = peers.quartiles.iter().flatten().copied();
    let mut row = |parameter: &super::catalogue::Parameter| {
        let level = levels.level(&parameter.id);
        let least = profile.and_then(|profile| profile.minimum.get(&parameter.id)).copied();
        Row {
            id: parameter.id.clone(),
            title: parameter.title.clone(),
            level,
            words: level.and_then(|level| model.levels.get(usize::from(level)).cloned()).unwrap_or_default(),
            least,
            is_below: least.is_some_and(|least| level.unwrap_or(0) < least),
            peers: quartiles.next(),
            note: levels.note(&parameter.id).to_owned(),
        }
    };
    let mut groups = Vec::new();
    for quadrant in &model.quadrants {
        let ids = quadrant.parameters.iter().map(|parameter| parameter.id.as_str());
        let (name, mean) = (quadrant.name.clone(), one(levels.mean(ids)));
        groups.push(Group { name, mean, rows: quadrant.parameters.iter().map(&mut row).collect() });
    }
    groups
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

async fn levels_csv(
    State(trust): State<Trust>,
    granted: Granted<LookUp>,
    Path(id): Path<Id>,
) -> Result<Response, PageError> {
    let assessment = trust.assessment(&granted, id).await?;
    let rows = trust.settings().catalogue.model.parameters().map(|parameter| {
        let level = assessment.levels.level(&parameter.id).map(|level| level.to_string());
        let note = assessment.levels.note(&parameter.id).to_owned();
        vec![parameter.id.clone(), parameter.title.clone(), level.unwrap_or_default(), note]
    });
    Ok(table("maturity.csv", &["id", "title", "level", "note"], rows)?)
}

async fn levels_json(
    State(trust): State<Trust>,
    granted: Granted<LookUp>,
    Path(id): Path<Id>,
) -> Result<Response, PageError> {
    let assessment = trust.assessment(&granted, id).await?;
    let headers = [
        (header::CONTENT_TYPE, "application/json"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"maturity.json\""),
    ];
    Ok((headers, file_of(&assessment)?).into_response())
}

/// The bytes of the file in which a team hands its levels over.
pub(super) fn file_of(assessment: &Assessment) -> kit::Result<Vec<u8>> {
    serde_json::to_vec(&view(assessment)).map_err(|error| Error::Corrupt(format!("assessment: {error}")))
}

/// An assessment for programs.
#[derive(Debug, serde::Serialize, utoipa::ToSchema)]
struct AssessmentView {
    /// Its id.
    id: String,
    /// What it was measured by.
    model: String,
    /// The profile that the team aims at; may be empty.
    profile: String,
    /// When it was finished, µs since 1970 UTC.
    finished_at: Option<i64>,
    /// Who finished it.
    finished_by: String,
    /// Level and note by the parameter's id.
    levels: Levels,
}

fn view(assessment: &Assessment) -> AssessmentView {
    let (at, by) = assessment.finished.clone().unzip();
    AssessmentView {
        id: assessment.id.to_string(),
        model: assessment.model.clone(),
        profile: assessment.profile.clone(),
        finished_at: at,
        finished_by: by.unwrap_or_default(),
        levels: assessment.levels.clone(),
    }
}

pub(crate) fn api() -> OpenApiRouter<Trust> {
    OpenApiRouter::new().routes(routes!(api_list, api_finish)).routes(routes!(api_model))
}

/// By what maturity is measured here.
#[derive(Debug, serde::Serialize, utoipa::ToSchema)]
struct CatalogueView {
    /// The model.
    model: Model,
    /// The profiles.
    profiles: Vec<Profile>,
}

/// The model and the profiles.
#[utoipa::path(get, path = "/trust/maturity/model", operation_id = "maturity_model", tag = "trust",
    responses((status = 200, body = CatalogueView), (status = 401, body = Problem)))]
async fn api_model(State(trust): State<Trust>, _granted: Granted<LookUp>) -> Json<CatalogueView> {
    let Catalogue { model, profiles } = trust.settings().catalogue.clone();
    Json(CatalogueView { model, profiles })
}

/// The finished assessments of your own team, the newest first.
#[utoipa::path(get, path = "/trust/maturity", operation_id = "maturity_list", tag = "trust",
    responses((status = 200, body = Vec<AssessmentView>), (status = 401, body = Problem)))]
async fn api_list(
    State(trust): State<Trust>,
    granted: Granted<LookUp>,
) -> Result<Json<Vec<AssessmentView>>, ApiError> {
    Ok(Json(trust.assessments(&granted).await?.iter().map(view).collect()))
}

/// Finishes an assessment of your own team; `version` is that of the draft it takes the place of, 0 without one.
#[utoipa::path(post, path = "/trust/maturity", operation_id = "maturity_finish", tag = "trust", request_body = Typed,
    responses((status = 201, body = AssessmentView), (status = 403, body = Problem), (status = 409, body = Problem), (status = 422, body = Problem)))]
async fn api_finish(
    State(trust): State<Trust>,
    look: Granted<LookUp>,
    granted: Granted<ManageTeam>,
    Json(typed): Json<Typed>,
) -> Result<(StatusCode, Json<AssessmentView>), ApiError> {
    let id = trust.save_assessment(&granted, typed, true).await?;
    Ok((StatusCode::CREATED, Json(view(&trust.assessment(&look, id).await?))))
}
