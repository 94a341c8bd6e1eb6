//! What the router refuses by itself, with a bare line or with nothing at all, is said in words: to a reader on the house's
//! error page, with the way back to a page that is there; to the API as problem+json. One place for all domains.
//!
//! A form that was refused is shown under its own address. Whoever reloads there, or opens it again, asks for a page where
//! only forms are taken: 405, with what it takes in `Allow` (axum sets that last). A body beyond a limit is 413.

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;
use tower::ServiceExt as _;
use ui::ErrorPage;

use super::answer::{problem, undressed};
use super::form::own_path;

/// No address is deeper; whoever asks for more is led to the desk.
const DEEPEST: usize = 12;

/// All addresses of the node, to ask which are there to be read.
#[derive(Clone)]
pub(super) struct Addresses(pub Router);

/// Says in words what is refused in a bare line.
pub(super) async fn in_words(State(addresses): State<Addresses>, request: Request, next: Next) -> Response {
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let is_read = accepts_html(request.headers());
    let response = next.run(request).await;
    if !is_bare(&response) || !(is_read || path.starts_with("/api/")) {
        return response;
    }
    if path.starts_with("/api/") {
        let detail = match response.status() {
            StatusCode::PAYLOAD_TOO_LARGE => {
                "The body is larger than is taken here; nothing was changed. Send less at once.".to_owned()
            }
            _ => format!("This address does not take {method}, but what Allow names; nothing was changed."),
        };
        problem(response.status(), detail, None)
    } else {
        undressed(page(response.status(), &method).back_to(addresses.nearest(&path).await))
    }
}

impl Addresses {
    /// The nearest page that is there to be read: at `path` itself, or above it. None is run for it: an address says what it
    /// takes when it is asked by a method that none takes.
    pub(super) async fn nearest(&self, path: &str) -> String {
        let mut path = own_path(path).trim_end_matches('/');
        for _ in 0..DEEPEST {
            if path.is_empty() || self.is_read(path).await {
                break;
            }
            path = path.rsplit_once('/').map_or("", |(above, _)| above);
        }
        if path.is_empty() { "/".to_owned() } else { path.to_owned() }
    }

    async fn is_read(&self, path: &str) -> bool {
        let Ok(request) = Request::builder().method(Method::TRACE).uri(path).body(Body::empty()) else {
            return false;
        };
        let Ok(response) = self.0.clone().oneshot(request).await;
        let allow = response.headers().get(header::ALLOW).and_then(|allow| allow.to_str().ok());
        let reads = allow.unwrap_or_default().split(',').any(|method| method.trim() == "GET");
        response.status() == StatusCode::METHOD_NOT_ALLOWED && reads
    }
}

fn page(status: StatusCode, method: &Method) -> ErrorPage {
    let looks = matches!(*method, Method::GET | Method::HEAD);
    let (happened, advice) = match status {
        StatusCode::PAYLOAD_TOO_LARGE => (
            "What you sent is larger than this page takes.",
            "Nothing was changed. Send less at once: a smaller file, a shorter text, or one part after the other.",
        ),
        _ if looks => (
            "This address takes what a form sends; there is no page to read.",
            "Nothing was changed by opening it. If you have reloaded the answer to a form that was refused, go back to the page \
             with the form, and send it again from there.",
        ),
        _ => ("This page is there to be read; it takes nothing that is sent.", "Nothing was changed."),
    };
    ErrorPage::new(status, happened, advice)
}

/// Whether nobody has put it in words yet: programs at other doors get what their protocol says.
fn is_bare(response: &Response) -> bool {
    let refused =
        [StatusCode::METHOD_NOT_ALLOWED, StatusCode::PAYLOAD_TOO_LARGE].contains(&response.status());
    let kind = response.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    refused && kind.is_none_or(|kind| kind.starts_with("text/plain"))
}

fn accepts_html(headers: &HeaderMap) -> bool {
    let accept = headers.get_all(header::ACCEPT).into_iter().filter_map(|line| line.to_str().ok());
    accept.into_iter().any(|line| line.contains("text/html"))
}
