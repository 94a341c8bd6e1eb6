//! `/trust/year`: the figures of a year; for operator and board the report with its overrides.

use askama::Template;
use axum::Router;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use identity::{Frame, Govern, Granted, LookUp, PageError};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use kit::Time;
use ui::{Html, Page};

use super::{Places, who};
use crate::Trust;
use crate::upkeep::table;
use crate::views::{Month, Year};

const PATH: &str = "/trust/year";
/// Standings from the ground up, as the bars stack them.
const STANDINGS: [&str; 4] = ["listed", "candidate", "accredited", "certified"];
const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
/// Height of the drawing's bars, in its own units.
const HEIGHT: usize = 120;

pub(super) fn routes() -> Router<Trust> {
    Router::new().route(PATH, get(show)).route("/trust/year.csv", get(csv))
}

#[derive(serde::Deserialize)]
struct Asked {
    year: Option<i16>,
}

#[derive(Template)]
#[template(path = "trust-year.html")]
struct YearPage {
    page: Page,
    places: Places,
    year: Year,
    bars: Vec<Bar>,
    /// Names of the months, with the middle of their bars.
    labels: Vec<(usize, &'static str)>,
    top: usize,
    this: i16,
    inside: bool,
    kinds: Vec<(String, usize)>,
}

/// A piece of a month's bar.
struct Bar {
    x: usize,
    y: usize,
    height: usize,
    class: &'static str,
    words: String,
}

impl YearPage {
    /// Since when there is something to count, when that is later than the year's beginning.
    fn begins(&self) -> Option<String> {
        let began = self.year.began?;
        (self.year.months.len() < 12 && this(began) >= self.year.year).then(|| {
            let time = Timestamp::from_microsecond(began).map(|at| at.to_zoned(TimeZone::UTC));
            let month = time.map_or(1, |time| time.month());
            format!("{} {}", MONTHS[usize::try_from(month - 1).unwrap_or(0).min(11)], this(began))
        })
    }

    fn month(&self, month: &Month) -> &'static str {
        MONTHS[place(month)]
    }

    fn count(&self, month: &Month, standing: &str) -> usize {
        month.standings.get(standing).copied().unwrap_or(0)
    }
}

/// The year that `now` lies in, UTC.
pub(super) fn this(now: Time) -> i16 {
    Timestamp::from_microsecond(now).map_or(1970, |now| now.to_zoned(TimeZone::UTC).year())
}

async fn show(
    State(trust): State<Trust>,
    granted: Granted<LookUp>,
    frame: Frame,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    let this = this(trust.node().now());
    let year = trust.year(&granted, asked.year.unwrap_or(this)).await?;
    let most = year.months.iter().map(|month| STANDINGS.iter().filter_map(|s| month.standings.get(*s)).sum());
    let top = most.max().unwrap_or(0).max(1);
    let actor = granted.actor();
    let page = YearPage {
        page: frame.page(format!("Figures of {}", year.year), "/trust"),
        places: Places::of(actor, PATH),
        bars: bars(&year, top),
        labels: year.months.iter().map(|month| (56 + place(month) * 56, MONTHS[place(month)])).collect(),
        top,
        this,
        inside: trust.is_inside(actor) || Granted::<Govern>::check(actor).is_ok(),
        kinds: year.counts.iter().map(|(kind, count)| (words(kind), *count)).collect(),
        year,
    };
    Ok(Html(page).into_response())
}

/// A kind of entry in words.
fn words(kind: &str) -> String {
    kind.trim_start_matches("trust.").replace('_', " ")
}

/// The place of the month in its year, from 0.
fn place(month: &Month) -> usize {
    usize::try_from(month.month - 1).unwrap_or(0).min(11)
}

fn bars(year: &Year, top: usize) -> Vec<Bar> {
    let mut all = Vec::new();
    for month in &year.months {
        let place = place(month);
        let mut y = HEIGHT + 8;
        for (standing, class) in STANDINGS.into_iter().zip(["k1", "k2", "k3", "k4"]) {
            let count = month.standings.get(standing).copied().unwrap_or(0);
            if count == 0 {
                continue;
            }
            let height = (count * HEIGHT / top).max(1);
            y = y.saturating_sub(height);
            let words = format!("{} {}: {count} {standing}", MONTHS[place], year.year);
            all.push(Bar { x: 36 + place * 56, y, height, class, words });
        }
    }
    all
}

/// The months as a table for spreadsheets.
async fn csv(
    State(trust): State<Trust>,
    granted: Granted<LookUp>,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    let year = trust.year(&granted, asked.year.unwrap_or_else(|| this(trust.node().now()))).await?;
    let all = ["listed", "candidate", "accredited", "certified", "suspended", "withdrawn"];
    let head = [&["month"][..], &all].concat();
    let rows = year.months.iter().map(|month| {
        let counts = all.iter().map(|name| month.standings.get(*name).copied().unwrap_or(0).to_string());
        std::iter::once(format!("{}-{:02}", year.year, month.month)).chain(counts).collect()
    });
    Ok(table(&format!("standings-{}.csv", year.year), &head, rows)?)
}
