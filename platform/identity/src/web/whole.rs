//! A browser looks at the answer when it has sent all of its form. What is answered before the form is read (a log-in is
//! needed, it is too long) is therefore read to its end and dropped; else the connection breaks off, and nobody sees the
//! answer.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::Request;
use axum::http::header;
use axum::middleware::Next;
use axum::response::Response;
use http_body::{Frame, SizeHint};
use tokio::time::timeout;

/// What is smaller has arrived, or is on its way.
const SHORT: u64 = 16 * 1024;
/// What is longer breaks off: nobody sends that much by mistake.
const LONGEST: u64 = 64 * 1024 * 1024;
/// The rest of a form arrives within this time, or is not waited for.
const PATIENCE: Duration = Duration::from_secs(30);

/// Takes the whole of a form before the answer to it goes out.
pub(super) async fn hear_out(request: Request, next: Next) -> Response {
    if !is_worth_it(&request) {
        return next.run(request).await;
    }
    let (parts, body) = request.into_parts();
    let rest = Rest(Arc::new(Mutex::new(body)));
    let response = next.run(Request::from_parts(parts, Body::new(rest.clone()))).await;
    let _ = timeout(PATIENCE, rest.drop_it()).await; // who is too slow gets the answer now
    response
}

fn is_worth_it(request: &Request) -> bool {
    let length = request.headers().get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok());
    let is_long = length
        .and_then(|length| length.parse().ok())
        .is_some_and(|length| (SHORT..=LONGEST).contains(&length));
    // Who asks first whether to send it listens already.
    is_long && !request.headers().contains_key(header::EXPECT)
}

/// A body of which what nobody has read can still be read.
#[derive(Clone)]
struct Rest(Arc<Mutex<Body>>);

impl Rest {
    async fn drop_it(mut self) {
        while let Some(Ok(_)) = std::future::poll_fn(|context| Pin::new(&mut self).poll_frame(context)).await
        {
        }
    }

    fn with<T>(&self, look: impl FnOnce(&mut Body) -> T) -> T {
        look(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl HttpBody for Rest {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        self.with(|body| Pin::new(body).poll_frame(context))
    }

    fn is_end_stream(&self) -> bool {
        self.with(|body| body.is_end_stream())
    }

    fn size_hint(&self) -> SizeHint {
        self.with(|body| body.size_hint())
    }
}
