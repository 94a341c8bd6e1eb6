//! `/live`: tells open pages that something changed. It says that, not what: the page asks again with its own rights.

use std::convert::Infallible;
use std::time::Duration;

use axum::Router;
use axum::extract::{Query, State};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use identity::{Fields, Granted, ReadCases};
use kit::Time;
use kit::events::Change;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;

use crate::Desk;

/// At most one event in this time: a flood of mails must not become a flood of pages.
const PAUSE: Duration = Duration::from_millis(750);

pub(super) fn routes() -> Router<Desk> {
    Router::new().route("/live", get(live))
}

/// `of` names kinds of streams (`report`, `incident`, …), parted by commas; without it all count. `since` is the
/// moment of the page (µs since 1970 UTC): that something happened then or later, of whatever kind, is told at once.
async fn live(State(desk): State<Desk>, by: Granted<ReadCases>, Query(query): Query<Fields>) -> Response {
    let kinds: Vec<String> =
        query.text("of").split(',').filter(|kind| !kind.is_empty()).map(str::to_owned).collect();
    let team = by.team();
    let since = query.text("since").parse().unwrap_or(Time::MAX);
    let concerns = move |change: &Change| {
        let kind = change.stream.split(':').next().unwrap_or_default();
        change.team == Some(team) && (kinds.is_empty() || kinds.iter().any(|known| known == kind))
    };
    let (missed, changes) = desk.node().changes(team, since);
    let changes = futures_util::stream::unfold(
        (missed, changes, concerns),
        |(missed, mut changes, concerns)| async move {
            if !missed {
                wait(&mut changes, &concerns).await?;
                tokio::time::sleep(PAUSE).await;
                // What came meanwhile is told with this event.
                while changes.try_recv().is_ok() {}
            }
            // A blank: not empty, or browsers would drop the event, and no names of parts: all that listen here.
            Some((Ok::<_, Infallible>(Event::default().data(" ")), (false, changes, concerns)))
        },
    );
    Sse::new(changes).keep_alive(KeepAlive::new().interval(Duration::from_secs(20))).into_response()
}

/// Waits for a change that concerns the reader; `None` when the node stops.
async fn wait(changes: &mut Receiver<Change>, concerns: &impl Fn(&Change) -> bool) -> Option<()> {
    loop {
        match changes.recv().await {
            Ok(change) if concerns(&change) => return Some(()),
            Ok(_) => {}
            // Too slow for what happens: something surely concerned the reader.
            Err(RecvError::Lagged(_)) => return Some(()),
            Err(RecvError::Closed) => return None,
        }
    }
}
