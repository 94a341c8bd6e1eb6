//! What handlers share: the page around, where to go back to, what was done.

use std::fmt::Write as _;

use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Redirect, Response};
use identity::{Actor, Frame, Granted, ReadCases, SendMail, TriageReports, WorkIncidents};
use kit::{Error, Result};
use ui::{Page, Toast};

use crate::Desk;
use crate::model::{CaseKind, Number};
use crate::triage::Done;
use crate::views::Waiting;

/// The page under `title`, with the place `here` marked and with what waits in the main menu.
pub(super) async fn page(
    desk: &Desk,
    by: &Granted<ReadCases>,
    frame: Frame,
    title: impl Into<String>,
    here: &str,
) -> Result<Page> {
    let waiting = desk.waiting(by).await?;
    Ok(page_with(waiting, frame, title, here))
}

/// [`page`] where what waits is known already.
pub(super) fn page_with(waiting: Waiting, frame: Frame, title: impl Into<String>, here: &str) -> Page {
    let mut page = frame.page(title, here);
    for item in &mut page.nav {
        match item.href.as_str() {
            "/reports" => item.count = Some(waiting.reports),
            "/incidents" => item.count = Some(waiting.incidents),
            _ => {}
        }
    }
    page
}

/// What the reader may do: controls for the rest are not shown.
#[derive(Debug, Clone, Copy)]
pub(super) struct May {
    /// Decide on reports.
    pub(super) triage: bool,
    /// Work on incidents.
    pub(super) work: bool,
    /// Write to others.
    pub(super) send: bool,
}

impl May {
    /// What `actor` may do.
    pub(super) fn of(actor: &Actor) -> Self {
        Self {
            triage: Granted::<TriageReports>::check(actor).is_ok(),
            work: Granted::<WorkIncidents>::check(actor).is_ok(),
            send: Granted::<SendMail>::check(actor).is_ok(),
        }
    }
}

/// To `to`, which says what was done and offers to take it back.
pub(super) fn done(desk: &Desk, to: &str, done: &Done) -> Response {
    let mut words = sentence(&done.words);
    if !words.ends_with('.') {
        words.push('.');
    }
    told(desk, to, &Toast::undoable(words, format!("/undo/{}", done.undo.id), done.undo.until))
}

/// To `to`, which says what was done.
pub(super) fn said(desk: &Desk, to: &str, words: &str) -> Response {
    told(desk, to, &Toast::said(words, desk.node().now()))
}

fn told(desk: &Desk, to: &str, toast: &Toast) -> Response {
    let headers = HeaderMap::from_iter([
        (header::SET_COOKIE, toast.to_cookie(desk.node().now())),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ]);
    (headers, Redirect::to(to)).into_response()
}

fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// `back` if it is a path of this node, else `otherwise`: a form never leads to another site.
pub(super) fn own_path<'a>(back: &'a str, otherwise: &'a str) -> &'a str {
    let plain = back.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    let ours = back.starts_with('/') && !back.starts_with("//");
    if plain && ours && back.len() <= 2_000 { back } else { otherwise }
}

/// The number in a path such as `IR-12`; anything else is a page that is not there.
pub(super) fn numbered(name: &str, kind: CaseKind) -> Result<i64> {
    let number: Option<Number> = name.parse().ok();
    let number = number.filter(|number| number.kind == kind);
    number.map(|number| number.number).ok_or_else(|| Error::not_found(format!("{name:?}")))
}

/// `text` as a value in a query (RFC 3986, section 2.1).
pub(super) fn encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => out.push(char::from(byte)),
            // Writing into a string does not fail.
            _ => drop(write!(out, "%{byte:02X}")),
        }
    }
    out
}

/// What is wrong with a form: which field, and what to do.
#[derive(Debug, Clone, Default)]
pub(super) struct Wrong {
    field: String,
    message: String,
}

impl Wrong {
    /// A refusal that the form itself can show. Others have their own page.
    ///
    /// # Errors
    /// The error, when it is none of input.
    pub(super) fn from(error: Error, otherwise: &str) -> Result<Self> {
        match error {
            Error::Invalid { field, message } => Ok(Self { field, message: sentence(&message) }),
            Error::Conflict(message) | Error::Forbidden(message) => {
                Ok(Self { field: otherwise.to_owned(), message: sentence(&message) })
            }
            error => Err(error),
        }
    }

    /// What is wrong with the field called `name`; empty when nothing.
    pub(super) fn at(&self, name: &str) -> &str {
        if self.field == name { &self.message } else { "" }
    }

    /// What is wrong with something that is none of the fields `shown`; empty when nothing.
    pub(super) fn elsewhere(&self, shown: &[&str]) -> &str {
        if shown.contains(&self.field.as_str()) { "" } else { &self.message }
    }

    /// Whether something is wrong.
    pub(super) fn is_some(&self) -> bool {
        !self.message.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_never_leads_to_another_site() {
        for evil in ["//evil.example", "/\\evil.example", "https://evil.example", "", "x", "/a\r\nb"] {
            assert_eq!(own_path(evil, "/reports"), "/reports", "{evil:?}");
        }
        assert_eq!(own_path("/reports?view=mine&r=IR-2", "/"), "/reports?view=mine&r=IR-2");
    }

    #[test]
    fn a_page_is_there_for_numbers_of_its_kind_only() {
        assert_eq!(numbered("ir-12", CaseKind::Report).unwrap(), 12);
        for wrong in ["INC-12", "12", "IR-x", "triage"] {
            assert!(matches!(numbered(wrong, CaseKind::Report), Err(Error::NotFound(_))), "{wrong}");
        }
    }
}
