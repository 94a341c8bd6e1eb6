//! Style sheet, script and symbols, built into the program and served under names that carry their hash.

use std::sync::LazyLock;

use axum::extract::Path;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Router, routing::get};
use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

/// One file of ours that pages refer to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asset {
    /// The style sheet of every page.
    Style,
    /// The script that makes links and forms quick; pages work without it.
    Script,
    /// The script of pages that ask for a passkey: a device answers to scripts only.
    Passkey,
    /// All symbols in one file: `<use href="…#i-lock">`.
    Icons,
    /// The brand, for the browser's tab.
    Brand,
}

const ALL: [Asset; 5] = [Asset::Style, Asset::Script, Asset::Passkey, Asset::Icons, Asset::Brand];

static PATHS: LazyLock<[String; 5]> = LazyLock::new(|| {
    ALL.map(|asset| {
        let hash = HEXLOWER.encode(&Sha256::digest(asset.bytes())[..8]);
        format!("/assets/{}-{hash}.{}", asset.stem(), asset.extension())
    })
});

impl Asset {
    /// The file's bytes, as built into the program.
    pub fn bytes(self) -> &'static [u8] {
        match self {
            Asset::Style => include_bytes!("../assets/wardmote.css"),
            Asset::Script => include_bytes!("../assets/wardmote.js"),
            Asset::Passkey => include_bytes!("../assets/passkey.js"),
            Asset::Icons => include_bytes!("../assets/icons.svg"),
            Asset::Brand => include_bytes!("../assets/brand.svg"),
        }
    }

    /// Address to refer to, e.g. `/assets/wardmote-0f3a….css`; it changes with the content, so browsers may keep it.
    pub fn path(self) -> &'static str {
        &PATHS[self as usize]
    }

    fn stem(self) -> &'static str {
        match self {
            Asset::Style | Asset::Script => "wardmote",
            Asset::Passkey => "passkey",
            Asset::Icons => "icons",
            Asset::Brand => "brand",
        }
    }

    fn extension(self) -> &'static str {
        match self {
            Asset::Style => "css",
            Asset::Script | Asset::Passkey => "js",
            Asset::Icons | Asset::Brand => "svg",
        }
    }

    fn content_type(self) -> &'static str {
        match self {
            Asset::Style => "text/css; charset=utf-8",
            Asset::Script | Asset::Passkey => "text/javascript; charset=utf-8",
            Asset::Icons | Asset::Brand => "image/svg+xml",
        }
    }

    /// Finds the file meant by a name with *any* hash.
    fn named(file: &str) -> Option<Asset> {
        let (stem, extension) = file.rsplit_once('.')?;
        let (stem, _) = stem.split_once('-')?;
        ALL.into_iter().find(|asset| asset.stem() == stem && asset.extension() == extension)
    }
}

/// Serves `/assets/…`.
///
/// A name with this build's hash may be kept for ever. With another hash, which happens while the nodes of a
/// community are being upgraded one after the other, the present file is sent and not kept. Anything else is 404.
pub fn assets<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new().route("/assets/{file}", get(serve))
}

async fn serve(Path(file): Path<String>) -> Response {
    let Some(asset) = Asset::named(&file) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let current = asset.path().ends_with(&format!("/{file}"));
    let caching = if current { "public, max-age=31536000, immutable" } else { "no-store" };
    let headers = [
        (header::CONTENT_TYPE, asset.content_type()),
        (header::CACHE_CONTROL, caching),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (headers, asset.bytes()).into_response()
}
