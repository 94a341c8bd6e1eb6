//! `/trust/maturity`: a team's own maturity as a drawing and a table, and its history.

use askama::Template;
use axum::Router;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use identity::{Frame, Granted, LookUp, ManageTeam, PageError};
use kit::Error;
use ui::{Html, Page};

use super::assessment::{Assessment, Levels};
use super::catalogue::{Catalogue, Model, Profile};
use super::chart::{self, Radar};
use super::peers::Quartiles;
use super::use_cases::Peers;
use super::{api, edit};
use crate::Trust;
use crate::web::Places;

pub(super) const PATH: &str = "/trust/maturity";

pub(crate) fn routes() -> Router<Trust> {
    Router::new().route(PATH, get(show)).merge(edit::routes()).merge(api::files())
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

pub(super) fn names(profiles: &[Profile], none: &str) -> Vec<(String, String)> {
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
