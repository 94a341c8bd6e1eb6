//! `/registry/contacts`: the contact addresses of this registry, and how things stand with them.

use askama::Template;
use axum::Router;
use axum::extract::{Form, Query, State};
use axum::http::header;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use identity::{Fields, Frame, Granted, KeepContacts, PageError};
use ui::{Html, Page, Toast};

use crate::{ContactState, Registry, Standing};

const PATH: &str = "/registry/contacts";

/// Rows on one page.
const ROWS: usize = 200;

pub(super) fn routes() -> Router<Registry> {
    Router::new().route(PATH, get(show).post(change))
}

#[derive(Template)]
#[template(path = "registry-contacts.html")]
struct ContactsPage {
    page: Page,
    /// Each standing with the number of addresses, and whether only those are shown.
    standings: Vec<(Standing, usize, bool)>,
    contacts: Vec<ContactState>,
    said: String,
    before: Option<String>,
    after: Option<String>,
    /// Whether this node can write to them.
    can_ask: bool,
}

impl ContactsPage {
    fn kind(&self, contact: &ContactState) -> &'static str {
        match contact.standing {
            Standing::Confirmed => "ok",
            Standing::Unknown => "plain",
            Standing::Asked => "",
            Standing::Unanswered => "warn",
            Standing::Unreachable | Standing::Withheld => "bad",
        }
    }

    fn icon(&self, contact: &ContactState) -> &'static str {
        match contact.standing {
            Standing::Confirmed => "check",
            Standing::Unknown => "none",
            Standing::Asked | Standing::Unanswered => "clock",
            Standing::Unreachable | Standing::Withheld => "cross",
        }
    }
}

async fn show(
    State(registry): State<Registry>,
    _granted: Granted<KeepContacts>,
    Query(query): Query<Fields>,
    frame: Frame,
) -> Result<Response, PageError> {
    let only: Option<Standing> = query.text("standing").parse().ok();
    let from: usize = query.text("from").parse().unwrap_or(0);
    let states = registry.contact_states();
    let standings = Standing::ALL
        .iter()
        .map(|standing| {
            let count = states.values().filter(|state| state.standing == *standing).count();
            (*standing, count, only == Some(*standing))
        })
        .filter(|(_, count, chosen)| *count > 0 || *chosen)
        .collect();
    let mut all: Vec<&ContactState> =
        states.values().filter(|state| only.is_none_or(|only| state.standing == only)).collect();
    all.sort_by(|a, b| a.address.cmp(&b.address));
    let total = all.len();
    let contacts: Vec<ContactState> = all.into_iter().skip(from).take(ROWS).cloned().collect();
    let filter = only.map_or_else(String::new, |only| format!("standing={}&", only.name()));
    let to = |from: usize| format!("{PATH}?{filter}from={from}");
    let said = match contacts.len() {
        0 => "none".to_owned(),
        shown => format!("{}–{} of {total}", from + 1, from + shown),
    };
    let page = ContactsPage {
        page: frame.page("Contacts", "/registry"),
        standings,
        said,
        before: (from > 0).then(|| to(from.saturating_sub(ROWS))),
        after: (from + contacts.len() < total).then(|| to(from + ROWS)),
        contacts,
        can_ask: registry.settings().update_address().is_some(),
    };
    Ok(Html(page).into_response())
}

async fn change(
    State(registry): State<Registry>,
    granted: Granted<KeepContacts>,
    Form(form): Form<Fields>,
) -> Result<Response, PageError> {
    let chosen: Vec<String> = form.all("address").map(str::to_owned).collect();
    let said = match (form.text("do"), chosen.is_empty()) {
        (_, true) => "Nothing was chosen: tick the addresses first.".to_owned(),
        ("confirm", _) => {
            let count = registry.confirm_by_hand(&granted, chosen).await?;
            format!("{} confirmed.", ui::format::plural(count, "address is", "addresses are"))
        }
        _ => {
            let count = registry.ask_again(&granted, chosen).await?;
            format!("{} asked by mail.", ui::format::plural(count, "address is", "addresses are"))
        }
    };
    let now = registry.now();
    Ok(([(header::SET_COOKIE, Toast::said(said, now).to_cookie(now))], Redirect::to(PATH)).into_response())
}
