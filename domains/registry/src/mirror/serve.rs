//! The published files by http: `/nrtmv4/SOURCE/…`. They are for everybody.

use std::fs::File;
use std::io::{self, Read as _};

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use kit::Error;
use nrtm::{NOTIFICATION_FILE, RelativeUrl, Source};

use crate::Registry;
use crate::stream::written;

pub(crate) fn routes() -> Router<Registry> {
    Router::new().route("/nrtmv4/{source}/{file}", get(file))
}

/// A file of the folder, and no other: its name is made of letters, digits, dots and hyphens.
async fn file(State(registry): State<Registry>, Path((source, name)): Path<(String, String)>) -> Response {
    let nothing = || {
        (StatusCode::NOT_FOUND, "There is no such file: the notification file names those there are.\n")
            .into_response()
    };
    let mirror = &registry.settings().mirror;
    let (Ok(source), Ok(url)) = (source.parse::<Source>(), name.parse::<RelativeUrl>()) else {
        return nothing();
    };
    let published = url.as_str() == NOTIFICATION_FILE || url.as_str().starts_with("nrtm-");
    if !mirror.publish || !registry.settings().keeps(source.as_str()) || !published {
        return nothing();
    }
    let path = mirror.folder.join(source.as_str()).join(url.as_str());
    let opened = tokio::task::spawn_blocking(move || {
        let file = File::open(path)?;
        let length = file.metadata()?.len();
        io::Result::Ok((file, length))
    });
    let Ok(Ok((mut file, length))) = opened.await else { return nothing() };
    let body = Body::from_stream(written(move |out| {
        let mut piece = vec![0; 1 << 16];
        loop {
            let count =
                file.read(&mut piece).map_err(|error| Error::io("reading a published file", error))?;
            if count == 0 || out.write_all(&piece[..count]).is_err() {
                return Ok(()); // the client may have gone
            }
        }
    }));
    // Draft sections 6.2, 7.2 and 8.2. A client hashes the file as it lies there: nobody is to compress it again.
    let (kind, cached) = match url.as_str() == NOTIFICATION_FILE {
        true => ("application/jose", "public, max-age=60"),
        false => ("application/gzip", "public, max-age=86400, immutable, no-transform"),
    };
    let headers = [
        (header::CONTENT_TYPE, kind.to_owned()),
        (header::CACHE_CONTROL, cached.to_owned()),
        (header::CONTENT_LENGTH, length.to_string()),
    ];
    (headers, body).into_response()
}
