//! Pages for what went wrong: what happened, to what, and what to do now.

use askama::Template;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use crate::{Html, Page};

/// A page that says what went wrong and what to do now.
#[derive(Clone, Debug)]
pub struct ErrorPage {
    /// The answer's status.
    pub status: StatusCode,
    /// What happened, to what: "There is no report IR-9999 in your team."
    pub happened: String,
    /// What to do now: "Look for it by address or text."
    pub advice: String,
    /// The address of a page from which the reader can go on; empty: the desk alone.
    pub back: String,
    /// What is around it; without a reader it has no navigation.
    pub page: Page,
}

impl ErrorPage {
    /// An error with its status, what happened, and what to do.
    pub fn new(status: StatusCode, happened: impl Into<String>, advice: impl Into<String>) -> ErrorPage {
        let (happened, advice, back) = (happened.into(), advice.into(), String::new());
        ErrorPage { status, happened, advice, back, page: Page::default() }
    }

    /// 400: the request cannot be understood.
    pub fn bad_request(happened: impl Into<String>, advice: impl Into<String>) -> ErrorPage {
        ErrorPage::new(StatusCode::BAD_REQUEST, happened, advice)
    }

    /// 403: the reader may not.
    pub fn forbidden(happened: impl Into<String>) -> ErrorPage {
        ErrorPage::new(
            StatusCode::FORBIDDEN,
            happened,
            "If your work needs it, ask your team’s administrator for the right.",
        )
    }

    /// 404: there is none, or none for this reader: the two are not told apart.
    pub fn not_found(happened: impl Into<String>) -> ErrorPage {
        ErrorPage::new(
            StatusCode::NOT_FOUND,
            happened,
            "Check the address, or look for it in the search field by number, address or text.",
        )
    }

    /// 409: somebody else was quicker.
    pub fn conflict(happened: impl Into<String>) -> ErrorPage {
        ErrorPage::new(
            StatusCode::CONFLICT,
            happened,
            "Go back, load the page again, and look at what has changed before you decide.",
        )
    }

    /// 500: our fault. The cause belongs in the log, not on the page.
    pub fn internal() -> ErrorPage {
        ErrorPage::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "The desk could not do this: something failed on our side. Nothing was changed.",
            "Try again. If it fails again, tell the node’s administrator what you did and when; the log has the cause.",
        )
    }

    /// The same with a way back to the page at the address `back`, on this site.
    pub fn back_to(mut self, back: impl Into<String>) -> ErrorPage {
        self.back = back.into();
        self
    }

    /// The same within the page of a reader: with navigation, theme and team.
    pub fn on(mut self, page: Page) -> ErrorPage {
        self.page = page;
        self
    }
}

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorTemplate {
    page: Page,
    code: u16,
    happened: String,
    advice: String,
    back: String,
}

impl IntoResponse for ErrorPage {
    fn into_response(self) -> Response {
        let code = self.status.as_u16();
        let page = self.page.titled(format!("{code} {}", self.status.canonical_reason().unwrap_or("Error")));
        let (happened, advice, back) = (self.happened, self.advice, self.back);
        let template = ErrorTemplate { page, code, happened, advice, back };
        (self.status, Html(template)).into_response()
    }
}
