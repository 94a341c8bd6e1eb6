//! What is typed is kept until it is sent.

use axum::extract::{Form, Query, State};
use axum::http::StatusCode;
use identity::{Fields, Granted, PageError, UpdateRegistry};
use kit::clock::DAY;
use kit::{Error, Result, Time};

use super::form;
use crate::Registry;
use crate::browse::Id;
use crate::store::drafts::{self, Draft};

/// Bytes of a draft.
const LONGEST: usize = 512 * 1024;
/// A draft that nobody touches goes after this.
const KEPT: Time = 90 * DAY;

/// The draft of whoever acts for an object.
pub(super) fn of(granted: &Granted<UpdateRegistry>, id: &Id) -> Draft {
    let form = format!("{} {} {}", id.source, id.class, id.key);
    Draft { team: granted.team(), account: granted.actor().name.clone(), form }
}

/// `POST /registry/edit/draft`: by the script, while somebody writes.
pub(super) async fn keep(
    State(registry): State<Registry>,
    granted: Granted<UpdateRegistry>,
    Query(_): Query<Fields>,
    Form(fields): Form<Fields>,
) -> Result<StatusCode, PageError> {
    let id = super::asked(&registry, &fields)?;
    let text = form::sent(super::class(&id)?, &fields);
    save(&registry, of(&granted, &id), &text).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub(super) async fn save(registry: &Registry, draft: Draft, text: &str) -> Result<()> {
    if text.len() > LONGEST || draft.form.len() > 500 {
        return Err(Error::invalid("text", "a draft has at most 512 kB"));
    }
    let (text, now) = (text.to_owned(), registry.now());
    registry.node().db.write(move |tx| drafts::save(tx, &draft, &text, now, now - KEPT)).await
}

pub(super) async fn find(registry: &Registry, draft: Draft) -> Result<Option<(String, Time)>> {
    registry.node().db.read(move |c| drafts::find(c, &draft)).await
}

pub(super) async fn forget(registry: &Registry, draft: Draft) -> Result<()> {
    registry.node().db.write(move |tx| drafts::drop(tx, &draft)).await
}
