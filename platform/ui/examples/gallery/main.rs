//! Every part on one page, and a small inbox that uses the script: `cargo run -p ui --example gallery`, then
//! open the address it prints. What is done is kept in memory only.

mod page;

use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use axum::Router;
use axum::extract::{Form, Path, RawForm, State};
use axum::http::{HeaderMap, header};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{AppendHeaders, IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use page::{Desk, Row};
use tokio::sync::broadcast;
use ui::{ErrorPage, Html, Toast};

#[derive(Clone)]
struct App {
    rejected: Arc<Mutex<Vec<String>>>,
    draft: Arc<Mutex<String>>,
    changes: broadcast::Sender<()>,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::io::Result<()> {
    let app = App { rejected: Arc::default(), draft: Arc::default(), changes: broadcast::channel(16).0 };
    let router = Router::new()
        .route("/", get(gallery))
        .route("/desk", get(desk))
        .route("/desk/{id}", get(report))
        .route("/reject", post(reject))
        .route("/undo", post(undo))
        .route("/draft", post(draft))
        .route("/events", get(events))
        .merge(ui::assets())
        .merge(ui::routes())
        .fallback(|headers: HeaderMap| async move {
            let page = page::page("", ui::preferences(&headers), now());
            ErrorPage::not_found("There is no such page on this desk.").on(page)
        })
        .with_state(app);
    let port = std::env::args().nth(1).and_then(|port| port.parse().ok()).unwrap_or(8089);
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", port)).await?;
    println!("http://{}/", listener.local_addr()?);
    axum::serve(listener, router).await
}

/// The example has no other clock.
#[allow(clippy::disallowed_methods)]
fn now() -> i64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_micros()).unwrap_or(i64::MAX)
}

async fn gallery(headers: HeaderMap) -> Response {
    Html(page::gallery(page::page("The parts", ui::preferences(&headers), now()))).into_response()
}

async fn desk(State(app): State<App>, headers: HeaderMap) -> Response {
    split(&app, &headers, None)
}

async fn report(State(app): State<App>, headers: HeaderMap, Path(id): Path<String>) -> Response {
    split(&app, &headers, Some(id))
}

fn split(app: &App, headers: &HeaderMap, id: Option<String>) -> Response {
    let rejected = app.rejected.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let rows: Vec<Row> = (2001..2041)
        .map(|number| Row {
            id: format!("IR-{number}"),
            subject: format!("Fwd: complaint about 198.51.100.{}, port scan", number - 1900),
            received: now() - (2041 - number) * 60_000_000,
        })
        .filter(|row| !rejected.contains(&row.id))
        .collect();
    let shown = id.as_ref().and_then(|id| rows.iter().position(|row| &row.id == id));
    let mut page = page::page("Reports", ui::preferences(headers), now()).at("/desk");
    if id.is_some() && shown.is_none() {
        return ErrorPage::not_found("There is no such report in your team.").on(page).into_response();
    }
    page.toast = Toast::from_cookies(headers, now());
    if let Some(id) = id {
        page.title = id;
    }
    let draft = app.draft.lock().unwrap_or_else(PoisonError::into_inner).clone();
    Html(Desk { page, rows, shown, draft, live: (now() / 1_000_000).unsigned_abs() }).into_response()
}

async fn reject(State(app): State<App>, RawForm(body): RawForm) -> Response {
    let body = String::from_utf8_lossy(&body).into_owned();
    let ids: Vec<String> =
        body.split('&').filter_map(|pair| pair.strip_prefix("r=")).map(str::to_owned).collect();
    let words = format!("{} rejected.", ui::format::plural(ids.len(), "report", "reports"));
    app.rejected.lock().unwrap_or_else(PoisonError::into_inner).extend(ids);
    let toast = Toast::undoable(words, "/undo", now() + 120_000_000);
    (AppendHeaders([(header::SET_COOKIE, toast.to_cookie(now()))]), Redirect::to("/desk")).into_response()
}

async fn undo(State(app): State<App>) -> Response {
    app.rejected.lock().unwrap_or_else(PoisonError::into_inner).clear();
    let toast = Toast::said("Brought back.", now());
    (AppendHeaders([(header::SET_COOKIE, toast.to_cookie(now()))]), Redirect::to("/desk")).into_response()
}

async fn draft(State(app): State<App>, Form(fields): Form<HashMap<String, String>>) {
    let text = fields.get("text").cloned().unwrap_or_default();
    *app.draft.lock().unwrap_or_else(PoisonError::into_inner) = text;
    // Nobody listens when no page is open.
    let _ = app.changes.send(());
}

async fn events(State(app): State<App>) -> impl IntoResponse {
    let changes = futures_util::stream::unfold(app.changes.subscribe(), |mut changes| async move {
        changes.recv().await.ok()?;
        Some((Ok::<_, Infallible>(Event::default().data("#list")), changes))
    });
    Sse::new(changes).keep_alive(KeepAlive::new().interval(Duration::from_secs(15)))
}
