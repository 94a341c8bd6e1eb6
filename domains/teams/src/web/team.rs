//! `/teams/HANDLE`: everything about a team in one place.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use identity::{Frame, Granted, LookUp, ManageTeam, PageError};
use kit::events::Recorded;
use kit::{Error, Time};
use ui::{Html, Page};

use crate::view::KeyView;
use crate::{Team, Teams, TrustStatus};

/// Most events that the page shows.
const EVENTS: i64 = 50;

pub(super) fn routes() -> Router<Teams> {
    Router::new().route("/teams/{handle}", get(show))
}

#[derive(Template)]
#[template(path = "team.html")]
pub(super) struct TeamPage {
    page: Page,
    team: Arc<Team>,
    known: usize,
    ribbon: Vec<Step>,
    keys: Vec<(KeyView, &'static str)>,
    history: Vec<Line>,
    /// How many events there are, when the chain is whole.
    chain: Result<usize, String>,
    /// Whether the reader may change the team's keys.
    may_change: bool,
    /// What is wrong with the key that was typed.
    wrong: String,
}

impl TeamPage {
    /// Where the form goes that takes the key out of use.
    fn withdrawal(&self, key: &KeyView) -> String {
        format!("/teams/{}/keys/{}/withdraw", self.team.handle, key.fingerprint)
    }
}

/// A step of the ribbon that shows where a team stands.
struct Step {
    icon: &'static str,
    words: &'static str,
    since: Option<Time>,
    is_now: bool,
}

/// A line of the history.
struct Line {
    position: i64,
    at: Time,
    words: String,
    by: String,
}

async fn show(
    State(teams): State<Teams>,
    granted: Granted<LookUp>,
    frame: Frame,
    Path(handle): Path<String>,
) -> Result<Response, PageError> {
    Ok(Html(whole(&teams, &granted, frame, &handle, String::new()).await?).into_response())
}

/// The page; `wrong` is what is wrong with a key that was just refused.
pub(super) async fn whole(
    teams: &Teams,
    granted: &Granted<LookUp>,
    frame: Frame,
    handle: &str,
    wrong: String,
) -> Result<TeamPage, PageError> {
    let directory = teams.directory();
    let team = directory.by_handle(handle).ok_or_else(|| Error::not_found(format!("the team {handle:?}")))?;
    let history = teams.history(granted, team.id, EVENTS).await?;
    let chain = match teams.verify(granted, team.id).await {
        Ok(count) => Ok(count),
        Err(Error::Corrupt(why)) => Err(why),
        Err(error) => return Err(error.into()),
    };
    let now = teams.node().now();
    Ok(TeamPage {
        page: frame.page(&team.name, "/teams"),
        known: directory.teams().len(),
        ribbon: ribbon(&team, &history),
        keys: team.keys.iter().map(|key| (KeyView::of(key, now), KeyView::kind(key, now))).collect(),
        history: history.iter().map(line).collect(),
        chain,
        may_change: granted.team() == team.id && Granted::<ManageTeam>::check(granted.actor()).is_ok(),
        wrong,
        team,
    })
}

/// The steps that the record knows of, the first one first, then where the team stands now.
fn ribbon(team: &Team, history: &[Recorded]) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    for event in history.iter().rev().filter(|event| event.kind == "teams.status_changed") {
        let to = event.body.as_ref().and_then(|body| body.get("to")).and_then(|to| to.as_str());
        let Some(status) = to.and_then(|to| to.parse::<TrustStatus>().ok()) else { continue };
        let (icon, words) = named(status);
        let since = event.body.as_ref().and_then(|body| body.get("since")).and_then(|day| day.as_str());
        steps.push(Step { icon, words, since: since.and_then(midnight), is_now: false });
    }
    // At most five fit beside one another.
    let mut steps = steps.split_off(steps.len().saturating_sub(5));
    match (team.standing, steps.last_mut()) {
        (Some(standing), Some(last)) if last.words == named(standing.status).1 => last.is_now = true,
        (Some(standing), _) => {
            let (icon, words) = named(standing.status);
            steps.push(Step { icon, words, since: Some(standing.since), is_now: true });
        }
        (None, _) => steps.push(Step { icon: "none", words: "Not listed", since: None, is_now: true }),
    }
    steps
}

fn named(status: TrustStatus) -> (&'static str, &'static str) {
    match status {
        TrustStatus::Withdrawn => ("cross", "Withdrawn"),
        TrustStatus::Suspended => ("suspended", "Suspended"),
        TrustStatus::Listed => ("listed", "Listed"),
        TrustStatus::Candidate => ("candidate", "Accreditation candidate"),
        TrustStatus::Accredited => ("accredited", "Accredited"),
        TrustStatus::Certified => ("accredited", "Certified"),
    }
}

/// 2024-06-11 → µs since 1970 UTC.
fn midnight(day: &str) -> Option<Time> {
    let day: jiff::civil::Date = day.parse().ok()?;
    Some(day.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp().as_microsecond())
}

/// An event in words.
fn line(event: &Recorded) -> Line {
    let text = |name: &str| {
        let value = event.body.as_ref().and_then(|body| body.get(name));
        value.and_then(|value| value.as_str()).unwrap_or_default().to_owned()
    };
    let list = |name: &str| {
        let value = event.body.as_ref().and_then(|body| body.get(name)).and_then(|value| value.as_array());
        let words: Vec<_> = value.into_iter().flatten().filter_map(|value| value.as_str()).collect();
        words.join(", ").replace('_', " ")
    };
    let key = || ui::format::fingerprint_end(&text("fingerprint"));
    let words = match event.kind.as_str() {
        _ if event.body.is_none() => format!("{} (erased)", event.kind),
        "teams.imported" => "Entered into the directory".to_owned(),
        "teams.changed" => format!("Record changed: {}", list("fields")),
        "teams.status_changed" if text("to").is_empty() => "Taken off the list".to_owned(),
        "teams.status_changed" => format!("{} since {}", capital(&text("to")), text("since")),
        "teams.key_added" => format!("Key {} added", key()),
        "teams.key_withdrawn" => format!("Key {} withdrawn: {}", key(), text("why")),
        "teams.desk_changed" if list("mailboxes").is_empty() => "Desk not run here any more".to_owned(),
        "teams.desk_changed" => format!("Desk run here, mail to {}", list("mailboxes")),
        "teams.secret_key_set" => format!("Secret key {} given to the desk", key()),
        other => other.to_owned(),
    };
    Line { position: event.position, at: event.at, words, by: event.actor.clone() }
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
