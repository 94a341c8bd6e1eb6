//! `/trust/conduct`: the document in force and who declared it, for everybody; declaring and publishing for those who may;
//! and the same for programs.

use askama::Template;
use axum::extract::{Form, Path, Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use identity::{
    ApiError, Fields, Frame, Granted, Introduce, LookUp, ManageTeam, PageError, Problem, Upload, Visitor,
};
use kit::Error;
use ui::{Html, Page};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::store::Document;
use super::views::{Declared, Own};
use crate::Trust;
use crate::by_certificate::as_text;
use crate::upkeep::{said, table};
use crate::web::Places;

const PATH: &str = "/trust/conduct";

pub(crate) fn routes() -> Router<Trust> {
    Router::new()
        .route(PATH, get(show).post(publish))
        .route("/trust/conduct/declare", post(declare))
        .route("/trust/conduct/declare/file", post(declare_by_file))
        .route("/trust/conduct/declared.csv", get(declared_csv))
        .route("/trust/conduct/{version}", get(version))
        .route("/trust/conduct/{version}/text", get(text))
}

#[derive(Template)]
#[template(path = "conduct.html")]
struct ConductPage {
    page: Page,
    /// For those who are logged in.
    places: Option<Places>,
    shown: Option<Document>,
    /// The number in force.
    newest: i64,
    /// All versions: number, title, when.
    versions: Vec<(i64, String, i64)>,
    declared: Vec<Declared>,
    own: Option<Own>,
    may_declare: bool,
    may_publish: bool,
    needs_signature: bool,
    /// What was typed and refused: field, text, why; and the title of a new version.
    refused: (String, String, String),
    title: String,
}

impl ConductPage {
    fn typed(&self, field: &str) -> &str {
        if self.refused.0 == field { &self.refused.1 } else { "" }
    }

    fn wrong(&self, field: &str) -> &str {
        if self.refused.0 == field { &self.refused.2 } else { "" }
    }

    fn new_title(&self) -> &str {
        match &self.shown {
            Some(document) if self.title.is_empty() => &document.title,
            _ => &self.title,
        }
    }

    /// How to sign.
    fn signing(&self) -> String {
        let file = format!("conduct-{}.txt", self.newest);
        let how = format!(
            "Of the exact text: gpg --armor --detach-sign {file}, or with a certificate openssl cms -sign -binary -in {file} \
             -signer cert.pem -inkey key.pem -outform PEM."
        );
        if self.needs_signature { how } else { format!("May be left out. {how}") }
    }

    /// The text that a new version begins with: what was typed, else the one in force.
    fn draft(&self) -> String {
        if !self.refused.0.is_empty() && self.refused.0 != "signature" {
            return self.refused.1.clone();
        }
        self.shown.as_ref().map(Document::text).unwrap_or_default()
    }
}

async fn show(State(trust): State<Trust>, visitor: Visitor, frame: Frame) -> Result<Response, PageError> {
    whole(&trust, visitor, frame, None, Default::default(), String::new()).await
}

async fn version(
    State(trust): State<Trust>,
    visitor: Visitor,
    frame: Frame,
    Path(version): Path<i64>,
) -> Result<Response, PageError> {
    whole(&trust, visitor, frame, Some(version), Default::default(), String::new()).await
}

async fn whole(
    trust: &Trust,
    visitor: Visitor,
    frame: Frame,
    version: Option<i64>,
    refused: (String, String, String),
    title: String,
) -> Result<Response, PageError> {
    let documents = trust.conduct().await?;
    let versions = documents.iter().map(|one| (one.version, one.title.clone(), one.published_at)).collect();
    let newest = documents.first().map_or(0, |document| document.version);
    let wanted = version.unwrap_or(newest);
    let shown = documents.into_iter().find(|document| document.version == wanted);
    if version.is_some() && shown.is_none() {
        return Err(Error::not_found(format!("version {wanted} of the code of conduct")).into());
    }
    let look = visitor.actor.as_ref().and_then(|actor| Granted::<LookUp>::check(actor).ok());
    let own = match &look {
        Some(granted) => trust.own_conduct(granted).await?,
        None => None,
    };
    let actor = visitor.actor.as_ref();
    let is_newest = wanted == newest;
    let may_publish = is_newest && actor.is_some_and(|actor| Granted::<Introduce>::check(actor).is_ok());
    let may_declare = is_newest
        && own.as_ref().is_some_and(|own| own.is_asked)
        && actor.is_some_and(|actor| Granted::<ManageTeam>::check(actor).is_ok());
    let status = if refused.0.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let page = ConductPage {
        page: frame.page("Code of conduct", "/trust"),
        places: look.as_ref().map(|granted| Places::of(granted.actor(), PATH)),
        declared: trust.declared().await?,
        needs_signature: trust.settings().conduct.signed,
        shown,
        newest,
        versions,
        own,
        may_declare,
        may_publish,
        refused,
        title,
    };
    Ok((status, Html(page)).into_response())
}

/// The exact bytes of a version: what is signed.
async fn text(State(trust): State<Trust>, Path(version): Path<i64>) -> Result<Response, PageError> {
    let document = trust.conduct_version(version).await?;
    let name = format!("attachment; filename=\"conduct-{version}.txt\"");
    let headers = [
        (header::CONTENT_TYPE, "text/plain; charset=utf-8".to_owned()),
        (header::CONTENT_DISPOSITION, name),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
    ];
    Ok((headers, document.bytes).into_response())
}

async fn declare(
    State(trust): State<Trust>,
    granted: Granted<ManageTeam>,
    visitor: Visitor,
    frame: Frame,
    Form(form): Form<Fields>,
) -> Result<Response, PageError> {
    // A form sends line ends as CR LF; what was signed has them as the document has them.
    let signature = form.raw("signature").replace("\r\n", "\n");
    let declared =
        declared_with(&trust, &granted, form.text("version"), form.text("agree"), signature.as_bytes());
    answered(&trust, visitor, frame, form.text("version"), signature.clone(), declared.await).await
}

/// The same with the signature in a file.
async fn declare_by_file(
    State(trust): State<Trust>,
    granted: Granted<ManageTeam>,
    visitor: Visitor,
    frame: Frame,
    request: Request,
) -> Result<Response, PageError> {
    let sent = Upload::read(request).await?;
    let declared = declared_with(&trust, &granted, sent.text("version"), sent.text("agree"), &sent.file);
    answered(&trust, visitor, frame, sent.text("version"), as_text(&sent.file), declared.await).await
}

async fn declared_with(
    trust: &Trust,
    granted: &Granted<ManageTeam>,
    version: &str,
    agree: &str,
    signature: &[u8],
) -> kit::Result<()> {
    match agree {
        "yes" => trust.declare_conduct(granted, version.parse().unwrap_or_default(), signature).await,
        _ => Err(Error::invalid("signature", "tick the box: it is the declaration")),
    }
}

async fn answered(
    trust: &Trust,
    visitor: Visitor,
    frame: Frame,
    version: &str,
    signature: String,
    declared: kit::Result<()>,
) -> Result<Response, PageError> {
    match declared {
        Ok(()) => Ok(said(trust, &format!("Declared: your team keeps to version {version}."), PATH)),
        Err(Error::Invalid { field, message }) => {
            whole(trust, visitor, frame, None, (field, signature, message), String::new()).await
        }
        Err(error) => Err(error.into()),
    }
}

async fn publish(
    State(trust): State<Trust>,
    granted: Granted<Introduce>,
    visitor: Visitor,
    frame: Frame,
    Form(form): Form<Fields>,
) -> Result<Response, PageError> {
    let (title, text) = (form.text("title").to_owned(), form.raw("text").to_owned());
    match trust.publish_conduct(&granted, &title, &text).await {
        Ok(version) => {
            Ok(said(&trust, &format!("Version {version} is in force; teams are asked by mail."), PATH))
        }
        Err(Error::Invalid { field, message }) => {
            whole(&trust, visitor, frame, None, (field, text, message), title).await
        }
        Err(Error::Conflict(why)) => {
            whole(&trust, visitor, frame, None, ("text".into(), text, why), title).await
        }
        Err(error) => Err(error.into()),
    }
}

async fn declared_csv(State(trust): State<Trust>) -> Result<Response, PageError> {
    let rows = trust.declared().await?.into_iter().map(|one| {
        vec![one.team, one.name, one.version.to_string(), ui::format::date(one.at), one.fingerprint]
    });
    Ok(table("declared.csv", &["team", "name", "version", "date", "signed_by"], rows)?)
}

pub(crate) fn api() -> OpenApiRouter<Trust> {
    OpenApiRouter::new().routes(routes!(api_show)).routes(routes!(api_declare))
}

/// The version in force, and who declared which.
#[derive(Debug, serde::Serialize, utoipa::ToSchema)]
struct ConductView {
    /// The version in force; 0: none yet.
    version: i64,
    /// Its title.
    title: String,
    /// SHA-256 of its exact bytes, hex; they are at `/trust/conduct/VERSION/text`.
    digest: String,
    /// When it was published, µs since 1970 UTC.
    published_at: i64,
    /// The teams that declared, each with its newest version.
    declared: Vec<Declared>,
}

/// A declaration.
#[derive(Debug, serde::Deserialize, utoipa::ToSchema)]
struct NewDeclaration {
    /// The version in force.
    version: i64,
    /// A signature over its exact bytes by a key of your team (OpenPGP) or a certificate of its people (CMS, PEM); may be
    /// missing.
    #[serde(default)]
    signature: String,
}

/// The code of conduct in force, and who declared which version.
#[utoipa::path(get, path = "/trust/conduct", operation_id = "conduct_get", tag = "trust",
    responses((status = 200, body = ConductView), (status = 401, body = Problem)))]
async fn api_show(
    State(trust): State<Trust>,
    _granted: Granted<LookUp>,
) -> Result<Json<ConductView>, ApiError> {
    Ok(Json(view(&trust).await?))
}

async fn view(trust: &Trust) -> Result<ConductView, Error> {
    let newest = trust.conduct().await?.into_iter().next();
    Ok(ConductView {
        version: newest.as_ref().map_or(0, |document| document.version),
        title: newest.as_ref().map(|document| document.title.clone()).unwrap_or_default(),
        digest: newest.as_ref().map(|document| document.digest.to_string()).unwrap_or_default(),
        published_at: newest.map_or(0, |document| document.published_at),
        declared: trust.declared().await?,
    })
}

/// Declares that your own team keeps to the version in force.
#[utoipa::path(post, path = "/trust/conduct", operation_id = "conduct_declare", tag = "trust", request_body = NewDeclaration,
    responses((status = 201, body = ConductView), (status = 403, body = Problem), (status = 409, body = Problem), (status = 422, body = Problem)))]
async fn api_declare(
    State(trust): State<Trust>,
    granted: Granted<ManageTeam>,
    Json(new): Json<NewDeclaration>,
) -> Result<(StatusCode, Json<ConductView>), ApiError> {
    trust.declare_conduct(&granted, new.version, new.signature.as_bytes()).await?;
    Ok((StatusCode::CREATED, Json(view(&trust).await?)))
}
