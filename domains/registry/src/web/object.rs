//! `/registry/SOURCE/CLASS/KEY`: one object, what it names, who names it, what is known of its contacts.

use askama::Template;
use axum::Router;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use identity::{Fields, Frame, Granted, LookUp, PageError, UpdateRegistry};
use kit::Error;
use rpsl::template::AttributeName;
use ui::{Html, Page};

use super::text::{self, Line};
use crate::browse::{Id, Referring, Whole};
use crate::{ContactState, Registry, Standing, trust};

pub(super) fn routes() -> Router<Registry> {
    Router::new()
        .route("/registry/{source}/{class}/{*key}", get(show))
        .route("/registry/referring", get(referring))
}

#[derive(Template)]
#[template(path = "registry-object.html")]
struct ObjectPage {
    page: Page,
    id: Id,
    whole: Whole,
    lines: Vec<Line>,
    contacts: Vec<(ContactState, Look)>,
    /// The team of an `irt`: address of its page, name, trust status.
    team: Option<(String, String, String)>,
    referring: Vec<Referring>,
    /// What the look-up and the tree are asked, for networks.
    range: String,
    can_edit: bool,
}

impl ObjectPage {
    /// Whether the introducer's remarks stand in it.
    fn has_derived(&self) -> bool {
        self.lines.iter().any(|line| line.derived)
    }
}

/// Colour, symbol and words.
type Look = (&'static str, &'static str, &'static str);

#[derive(Template)]
#[template(path = "registry-gone.html")]
struct GonePage {
    page: Page,
    id: Id,
    versions: usize,
    can_create: bool,
}

async fn show(
    State(registry): State<Registry>,
    granted: Granted<LookUp>,
    frame: Frame,
    Path((source, class, key)): Path<(String, String, String)>,
) -> Result<Response, PageError> {
    let id = Id::new(&source, &class, &key);
    if rpsl::template::Template::of(&id.class).is_none() {
        return Err(Error::not_found(format!("a class {}", id.class)).into());
    }
    let keeps = registry.settings().keeps(&id.source);
    let can_edit = keeps && Granted::<UpdateRegistry>::check(granted.actor()).is_ok();
    let Some(whole) = registry.object(&granted, id.clone()).await? else {
        let versions = registry.history(&granted, id.clone()).await?.len();
        let page = frame.page(format!("{} {}", id.class, id.key), "/registry");
        return Ok((StatusCode::NOT_FOUND, Html(GonePage { page, versions, can_create: can_edit, id }))
            .into_response());
    };
    let referring = registry.referring(&granted, id.clone(), None).await?;
    let directory = registry.teams().directory();
    let derived = match rpsl::Object::parse(&whole.stored.raw) {
        Ok(object) => trust::remarks(&object, &directory, registry.settings()),
        Err(_) => Vec::new(),
    };
    let reader = registry.teams().reader(Some(granted.actor()));
    let team = directory.by_irt(&id.key).filter(|team| id.class == "irt" && reader.knows(team));
    let range = match id.class.as_str() {
        "inetnum" | "inet6num" => id.key.clone(),
        "aut-num" => id.key.clone(),
        _ => String::new(),
    };
    Ok(Html(ObjectPage {
        page: frame.page(format!("{} {}", id.class, id.key), "/registry"),
        lines: text::lines(&whole, &derived),
        contacts: contacts(&registry, &whole),
        team: team.map(|team| {
            (format!("/teams/{}", team.handle), team.name.clone(), team.status_name().to_owned())
        }),
        referring,
        range,
        can_edit,
        whole,
        id,
    })
    .into_response())
}

/// What is known of the object's contact addresses.
fn contacts(registry: &Registry, whole: &Whole) -> Vec<(ContactState, Look)> {
    let addresses = crate::contacts::addresses(&whole.stored.raw);
    let states = addresses.into_iter().filter_map(|address| registry.contact_state(&address));
    states.map(|state| (look(state.standing), state)).map(|(look, state)| (state, look)).collect()
}

fn look(standing: Standing) -> Look {
    match standing {
        Standing::Confirmed => ("ok", "check", "confirmed"),
        Standing::Unknown => ("plain", "none", "not asked yet"),
        Standing::Asked => ("info", "clock", "asked, no answer yet"),
        Standing::Unanswered => ("warn", "due", "did not answer"),
        Standing::Unreachable => ("bad", "cross", "cannot be reached"),
        Standing::Withheld => ("warn", "none", "a placeholder"),
    }
}

#[derive(Template)]
#[template(path = "registry-referring.html")]
struct ReferringPage {
    page: Page,
    id: Id,
    referring: Vec<Referring>,
}

async fn referring(
    State(registry): State<Registry>,
    granted: Granted<LookUp>,
    frame: Frame,
    Query(query): Query<Fields>,
) -> Result<Response, PageError> {
    let id = Id::new(query.text("source"), query.text("class"), query.text("key"));
    let by = AttributeName::long(query.text("by")).map(|by| (by, query.text("after").parse().unwrap_or(0)));
    let referring = registry.referring(&granted, id.clone(), by).await?;
    let page = frame.page(format!("Who names {}", id.key), "/registry");
    Ok(Html(ReferringPage { page, id, referring }).into_response())
}
