//! `/reports`: the split view in which reports are decided, and the same rows as CSV and JSON.

use askama::Template;
use axum::Router;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use identity::{Fields, Frame, Granted, PageError, ReadCases};
use kit::Result;
use ui::{Html, Page};

use super::answer::{May, encode, numbered, page_with};
use super::export;
use super::messages::{Letter, letter};
use crate::Desk;
use crate::model::CaseKind;
use crate::views::Waiting;
use crate::views::inbox::{Asked, Cursor, Inbox, PAGE, Row, View, group};
use crate::views::report::ReportView;

/// Rows of an export.
const EXPORTED: usize = 2_000;
/// How much of a mail the preview shows.
const PREVIEWED: usize = 16 * 1024;

pub(super) fn routes() -> Router<Desk> {
    Router::new()
        .route("/reports", get(show))
        .route("/reports.csv", get(csv))
        .route("/reports.json", get(json))
}

#[derive(Template)]
#[template(path = "inbox.html")]
struct InboxPage {
    page: Page,
    at: Place,
    inbox: Inbox,
    /// The rows by what their clocks say; one group without a heading in other views.
    groups: Vec<(&'static str, Vec<Row>)>,
    open: Option<Open>,
    /// The first page, unless this is it.
    first: Option<String>,
    /// The next page, if there is one.
    next: Option<String>,
    may: May,
}

/// The report in the preview.
struct Open {
    v: ReportView,
    letter: Option<Letter>,
    before: Option<i64>,
    after: Option<i64>,
}

/// The list as the address bar has it.
struct Place {
    view: View,
    q: String,
    after: Option<Cursor>,
}

impl Place {
    fn read(query: &Fields) -> Result<Self> {
        let view = query.text("view");
        let view = if view.is_empty() { View::Decide } else { view.parse()? };
        let after = query.text("after");
        let after = if after.is_empty() { None } else { Some(after.parse()?) };
        Ok(Self { view, q: query.text("q").to_owned(), after })
    }

    fn asked(&self, rows: usize) -> Asked {
        Asked { view: self.view, q: self.q.clone(), after: self.after, rows }
    }

    /// The same list in another view.
    fn in_view(&self, view: &View) -> String {
        format!("/reports{}", Self { view: *view, q: self.q.clone(), after: None }.query(None))
    }

    /// The same place with the report `number` in the preview.
    fn showing(&self, number: &i64) -> String {
        format!("/reports{}", self.query(Some(*number)))
    }

    /// The same place without any report chosen.
    fn list(&self) -> String {
        format!("/reports{}", self.query(None))
    }

    /// The list from its beginning.
    fn first(&self) -> Option<String> {
        self.after.map(|_| self.in_view(&self.view))
    }

    fn from(&self, next: Option<Cursor>) -> Option<String> {
        let after = Some(next?);
        Some(format!("/reports{}", Self { view: self.view, q: self.q.clone(), after }.query(None)))
    }

    fn query(&self, open: Option<i64>) -> String {
        let mut query = format!("?view={}", self.view);
        if !self.q.is_empty() {
            query.push_str(&format!("&q={}", encode(&self.q)));
        }
        if let Some(after) = self.after {
            query.push_str(&format!("&after={after}"));
        }
        if let Some(number) = open {
            query.push_str(&format!("&r=IR-{number}"));
        }
        query
    }
}

impl InboxPage {
    fn is_open(&self, row: &Row) -> bool {
        self.open.as_ref().is_some_and(|open| open.v.report.id == row.report.id)
    }

    /// Where to go when the open report is decided: on to the next one.
    fn onward(&self, open: &Open) -> String {
        let next = open.after.or(open.before);
        next.map_or_else(|| self.at.list(), |number| self.at.showing(&number))
    }

    fn rows(&self) -> usize {
        self.inbox.rows.len()
    }
}

async fn show(
    State(desk): State<Desk>,
    by: Granted<ReadCases>,
    Query(query): Query<Fields>,
    frame: Frame,
) -> Result<Response, PageError> {
    let at = Place::read(&query)?;
    let inbox = desk.inbox(&by, at.asked(PAGE)).await?;
    let open = open(&desk, &by, &inbox, query.text("r")).await?;
    let title = match &open {
        Some(open) if !query.text("r").is_empty() => {
            format!("{} {}", open.v.report.name(), open.v.report.subject)
        }
        _ => format!("Reports: {}", at.view.label()),
    };
    let waiting = Waiting {
        reports: inbox.count(View::Decide).unwrap_or(0),
        incidents: desk.open_incidents(&by).await?,
    };
    let page = page_with(waiting, frame, title, "/reports");
    let groups = groups(&inbox.rows, at.view, page.now);
    let may = May::of(by.actor());
    let (first, next) = (at.first(), at.from(inbox.next));
    Ok(Html(InboxPage { page, at, inbox, groups, open, first, next, may }).into_response())
}

/// The report asked for, or the first of the list. One that has left the list meanwhile is shown all the same.
async fn open(desk: &Desk, by: &Granted<ReadCases>, inbox: &Inbox, wanted: &str) -> Result<Option<Open>> {
    let first = inbox.rows.first().map(|row| row.report.number);
    let Some(number) = (if wanted.is_empty() { first } else { Some(numbered(wanted, CaseKind::Report)?) })
    else {
        return Ok(None);
    };
    let v = desk.report_view(by, number, false).await?;
    let letter = match v.first() {
        Some(message) => Some(letter(desk, by, message, PREVIEWED).await?),
        None => None,
    };
    let index = inbox.rows.iter().position(|row| row.report.number == number);
    let beside = |step: isize| {
        let index = index?.checked_add_signed(step)?;
        inbox.rows.get(index).map(|row| row.report.number)
    };
    let after = if index.is_none() { first } else { beside(1) };
    Ok(Some(Open { v, letter, before: beside(-1), after }))
}

fn groups(rows: &[Row], view: View, now: i64) -> Vec<(&'static str, Vec<Row>)> {
    let mut groups: Vec<(&'static str, Vec<Row>)> = Vec::new();
    for row in rows {
        let heading = if view == View::Decide { group(&row.report, now) } else { "" };
        match groups.last_mut().filter(|(known, _)| *known == heading) {
            Some((_, rows)) => rows.push(row.clone()),
            None => groups.push((heading, vec![row.clone()])),
        }
    }
    groups
}

async fn csv(
    State(desk): State<Desk>,
    by: Granted<ReadCases>,
    Query(query): Query<Fields>,
) -> Result<Response, PageError> {
    let inbox = desk.inbox(&by, Place::read(&query)?.asked(EXPORTED)).await?;
    Ok(export::reports_csv(&inbox.rows))
}

async fn json(
    State(desk): State<Desk>,
    by: Granted<ReadCases>,
    Query(query): Query<Fields>,
) -> Result<Response, PageError> {
    let inbox = desk.inbox(&by, Place::read(&query)?.asked(EXPORTED)).await?;
    Ok(export::reports_json(&inbox.rows))
}
