//! `/trust`: where one's team stands, what that entitles it to, what is due; for strangers how a team gets in.

use std::collections::BTreeMap;

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use contracts::trust::Service;
use identity::{Frame, Granted, LookUp, PageError, Visitor};
use ui::{Html, Page};

use super::case::{self, Step};
use super::{Places, due, standing, who};
use crate::Trust;
use crate::process::{Possible, Rules};
use crate::views::{CaseView, OpenQuestion};

/// Standings in the order in which they are counted.
const STANDINGS: [&str; 6] = ["listed", "candidate", "accredited", "certified", "suspended", "withdrawn"];

pub(super) fn routes() -> Router<Trust> {
    Router::new().route("/trust", get(show))
}

async fn show(State(trust): State<Trust>, visitor: Visitor, frame: Frame) -> Result<Response, PageError> {
    match visitor.actor {
        // Whoever is known is asked for the permission; strangers are told how a team gets in, and nothing of any team.
        Some(actor) => inside(&trust, &Granted::check(&actor)?, frame).await,
        None => Ok(Html(PublicPage::of(&trust, frame)).into_response()),
    }
}

#[derive(Template)]
#[template(path = "trust-public.html")]
struct PublicPage {
    page: Page,
    community: String,
    operator: Option<(String, String)>,
    rules: Rules,
    /// Teams by standing; `None` where the directory has no public side.
    numbers: Option<Vec<(&'static str, usize)>>,
    /// Whether somebody without an account can apply on a page.
    takes_strangers: bool,
}

impl PublicPage {
    fn of(trust: &Trust, frame: Frame) -> Self {
        let operator = trust.operator().ok();
        let community = trust.settings().community().to_owned();
        Self {
            page: frame.page(format!("Trust in {community}"), "/trust"),
            operator: operator.map(|team| (team.name.clone(), team.mailbox().unwrap_or_default().to_owned())),
            rules: trust.settings().rules.clone(),
            numbers: trust.teams().settings().public.then(|| numbers(trust)),
            takes_strangers: trust.takes_strangers(),
            community,
        }
    }
}

fn numbers(trust: &Trust) -> Vec<(&'static str, usize)> {
    let mut counted: BTreeMap<&str, usize> = BTreeMap::new();
    for team in trust.teams().directory().teams() {
        if let Some(standing) = team.standing {
            *counted.entry(standing.status.name()).or_default() += 1;
        }
    }
    STANDINGS.into_iter().map(|name| (name, counted.get(name).copied().unwrap_or(0))).collect()
}

#[derive(Template)]
#[template(path = "trust.html")]
struct Overview {
    page: Page,
    places: Places,
    community: String,
    /// The reader's own team; `None`: it is not in the directory.
    own: Option<Own>,
    catalogue: Vec<Entitled>,
    questions: Vec<OpenQuestion>,
    numbers: Vec<(&'static str, usize)>,
}

/// The reader's own team.
struct Own {
    case: CaseView,
    ribbon: Vec<Step>,
    steps: Vec<NextStep>,
}

/// What the team can do next.
struct NextStep {
    words: &'static str,
    href: String,
    /// A form of one button does it; else the link leads there.
    name: &'static str,
    plain: bool,
}

/// A service of the catalogue.
struct Entitled {
    words: &'static str,
    asks: &'static str,
    entitled: bool,
}

async fn inside(trust: &Trust, granted: &Granted<LookUp>, frame: Frame) -> Result<Response, PageError> {
    let team = trust.teams().directory().by_id(granted.team());
    let own = match &team {
        Some(team) => {
            let case = trust.case(granted, team.id).await?;
            Some(Own { ribbon: case::ribbon(case.phase, case.standing), steps: steps(&case), case })
        }
        None => None,
    };
    let entitled = |service: Service| Entitled {
        words: service.words(),
        asks: trust.teams().settings().asks(service).name(),
        entitled: team.as_ref().is_some_and(|team| trust.teams().entitles(team, service).is_ok()),
    };
    let page = Overview {
        page: frame.page("Trust", "/trust"),
        places: Places::of(granted.actor(), "/trust"),
        community: trust.settings().community().to_owned(),
        own,
        catalogue: Service::ALL.into_iter().map(entitled).collect(),
        questions: trust.open_questions(granted).await?,
        numbers: numbers(trust),
    };
    Ok(Html(page).into_response())
}

/// Steps that do not take a team further.
const ASIDE: [&str; 3] = ["name-sponsor", "take-back", "depart"];

/// What the team can do now and what takes it further; the others stand on its case's page.
fn steps(case: &CaseView) -> Vec<NextStep> {
    let own = case.possible.iter().filter(|(capacity, _)| *capacity == "team").flat_map(|(_, steps)| steps);
    let further = own.filter(|step| step.refused.is_none() && !ASIDE.contains(&step.name));
    let all = further.map(|Possible { name, words, case: about, .. }| {
        let (href, plain) = match *name {
            "sign" => ("/trust/sign".to_owned(), false),
            "confirm" => ("/trust/confirm".to_owned(), false),
            "submit" | "request-accreditation" | "complete" => {
                (format!("/trust/teams/{}/team", case.handle), true)
            }
            name => (format!("/trust/teams/{}#team-{name}-{about}", case.handle), false),
        };
        NextStep { words, href, name, plain }
    });
    all.collect()
}
