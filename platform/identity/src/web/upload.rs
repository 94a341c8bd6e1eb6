//! Forms with a file in them.

use axum::extract::{FromRequest as _, Multipart, Request};
use axum::http::header;
use axum::response::IntoResponse as _;
use kit::{Error, Result};

use super::PageError;

/// More fields than this no form has.
const MOST_FIELDS: usize = 16;

/// What was sent: the first file, and the fields beside it.
#[derive(Debug, Default)]
pub struct Upload {
    /// The first file; empty when there is none.
    pub file: Vec<u8>,
    fields: Vec<(String, String)>,
}

impl Upload {
    /// Reads the form of a page, or the bytes that a program sent as they are. The route bounds how many.
    ///
    /// # Errors
    /// [`Error::Invalid`] when it broke off, or is too large.
    pub async fn read(request: Request) -> Result<Self, PageError> {
        let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
        if !kind.is_some_and(|kind| kind.starts_with("multipart/form-data")) {
            let bytes = axum::body::Bytes::from_request(request, &()).await;
            let file = bytes.map_err(|why| broken(why.into_response().status()))?.to_vec();
            return Ok(Self { file, fields: Vec::new() });
        }
        let mut parts = Multipart::from_request(request, &())
            .await
            .map_err(|why| broken(why.into_response().status()))?;
        let mut upload = Self::default();
        for _ in 0..MOST_FIELDS {
            let Some(part) = parts.next_field().await.map_err(|why| broken(why.status()))? else { break };
            let name = part.name().unwrap_or_default().to_owned();
            let is_file = part.file_name().is_some();
            let bytes = part.bytes().await.map_err(|why| broken(why.status()))?;
            if !is_file {
                upload.fields.push((name, String::from_utf8_lossy(&bytes).into_owned()));
            } else if upload.file.is_empty() {
                upload.file = bytes.to_vec();
            }
        }
        Ok(upload)
    }

    /// The field called `name`; empty when there is none.
    pub fn text(&self, name: &str) -> &str {
        self.fields.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.trim())
    }
}

fn broken(status: axum::http::StatusCode) -> Error {
    let why = match status {
        axum::http::StatusCode::PAYLOAD_TOO_LARGE => "the file is too large",
        _ => "the form did not arrive whole: send it again",
    };
    Error::invalid("file", why)
}
