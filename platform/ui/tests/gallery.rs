//! The pages as a browser gets them: every part rendered, nothing inline, small enough, and safe headers.
#![allow(clippy::unwrap_used)]

#[path = "../examples/gallery/page.rs"]
mod page;

use std::io::Write;

use askama::Template;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, header};
use axum::response::{IntoResponse, Response};
use page::{Desk, Row, gallery};
use tower::ServiceExt;
use ui::{Asset, ErrorPage, Html, Page, Preferences, Theme};

/// 2026-11-21 19:58:12 UTC
const NOW: i64 = 1_795_291_092_000_000;

fn rendered() -> [String; 2] {
    let page = || page::page("The parts", Preferences { theme: Theme::Dark, keys_on: true }, NOW);
    let row = |id: &str| Row { id: id.into(), subject: "<img src=x onerror=alert(1)>".into(), received: NOW };
    let rows = vec![row("IR-2041"), row("IR-2042")];
    let desk = Desk { page: page().at("/desk"), rows, shown: Some(0), draft: "</textarea>".into(), live: 1 };
    [gallery(page()).render().unwrap(), desk.render().unwrap()]
}

async fn body(response: Response) -> String {
    String::from_utf8(to_bytes(response.into_body(), 1 << 20).await.unwrap().to_vec()).unwrap()
}

#[test]
fn the_gallery_looks_as_before() {
    let [html, _] = rendered();
    // The hashes in addresses change with every change of a file; what matters here is the mark-up.
    let html = html.replace(Asset::Icons.path(), "/assets/icons.svg");
    let html = html.replace(Asset::Style.path(), "/assets/wardmote.css");
    let html = html.replace(Asset::Script.path(), "/assets/wardmote.js");
    let html = html.replace(Asset::Brand.path(), "/assets/brand.svg");
    insta::assert_snapshot!(html);
}

/// The names of all attributes of all tags; a `<` that is text has been escaped.
fn attributes(html: &str) -> Vec<String> {
    let mut names = Vec::new();
    for tag in html.split('<').skip(1).filter(|tag| !tag.starts_with(['/', '!'])) {
        let (mut quoted, mut name, mut inside) = (false, String::new(), false);
        for c in tag.chars() {
            match c {
                '"' => quoted = !quoted,
                '>' if !quoted => break,
                _ if quoted => {}
                c if c.is_whitespace() => {
                    inside = true;
                    names.push(std::mem::take(&mut name));
                }
                '=' => names.push(std::mem::take(&mut name)),
                c if inside => name.push(c.to_ascii_lowercase()),
                _ => {}
            }
        }
        names.push(name);
    }
    names
}

#[test]
fn nothing_is_inline_and_nothing_hostile_gets_out_of_its_place() {
    assert!(attributes(r#"<a href="x" onclick="y">"#).contains(&"onclick".to_owned()));
    for html in rendered() {
        for name in attributes(&html) {
            assert!(name != "style" && !name.starts_with("on"), "attribute {name} in\n{html}");
        }
        assert_eq!(html.matches("<script").count(), 1, "only our own script:\n{html}");
        assert!(
            !html.contains("<style") && !html.contains("<img") && !html.contains("javascript:"),
            "{html}"
        );
    }
}

#[test]
fn every_symbol_used_is_in_the_sprite() {
    let sprite = String::from_utf8(Asset::Icons.bytes().to_vec()).unwrap();
    for html in rendered() {
        for reference in html.split("#i-").skip(1) {
            let name = reference.split('"').next().unwrap();
            assert!(sprite.contains(&format!(r#"id="i-{name}""#)), "no symbol i-{name}");
        }
    }
}

#[test]
fn ids_are_used_once_and_labels_find_their_fields() {
    for html in rendered() {
        let of = |attribute: &str| -> Vec<String> {
            let opening = format!(" {attribute}=\"");
            html.split(&opening).skip(1).map(|rest| rest.split('"').next().unwrap().to_owned()).collect()
        };
        let mut ids = of("id");
        let all = ids.len();
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), all, "an id is used twice:\n{html}");
        for target in [of("for"), of("aria-labelledby"), of("popovertarget"), of("form")].concat() {
            assert!(ids.contains(&target), "nothing has the id {target}");
        }
    }
}

#[test]
fn style_and_script_stay_small() {
    let compressed = |asset: Asset| {
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        gzip.write_all(asset.bytes()).unwrap();
        gzip.finish().unwrap().len()
    };
    assert!(compressed(Asset::Style) <= 12_000, "CSS is {} bytes compressed", compressed(Asset::Style));
    assert!(compressed(Asset::Script) <= 25_000, "JS is {} bytes compressed", compressed(Asset::Script));
    let lines = Asset::Script.bytes().iter().filter(|&&byte| byte == b'\n').count();
    assert!(lines < 500, "the script has {lines} lines");
}

#[tokio::test]
async fn assets_are_kept_for_ever_under_their_own_hash_only() {
    let get = async |path: String| {
        ui::assets::<()>().oneshot(Request::get(path).body(Body::empty()).unwrap()).await.unwrap()
    };
    for asset in [Asset::Style, Asset::Script, Asset::Passkey, Asset::Icons, Asset::Brand] {
        let current = get(asset.path().to_owned()).await;
        assert_eq!(current.headers()[header::CACHE_CONTROL], "public, max-age=31536000, immutable");
        assert_eq!(to_bytes(current.into_body(), 1 << 20).await.unwrap(), asset.bytes());
    }
    let former = get("/assets/wardmote-0123456789abcdef.css".into()).await;
    assert_eq!(
        (former.status(), &former.headers()[header::CACHE_CONTROL]),
        (StatusCode::OK, &"no-store".parse().unwrap())
    );
    assert_eq!(get("/assets/passwd".into()).await.status(), StatusCode::NOT_FOUND);
    assert_eq!(get("/assets/x-1.css".into()).await.status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_page_carries_the_headers_that_keep_it_safe() {
    let response = Html(gallery(page::page("x", Preferences::default(), NOW))).into_response();
    let header = |name: &str| response.headers()[name].to_str().unwrap().to_owned();
    assert_eq!(header("cache-control"), "no-store");
    assert_eq!(header("x-content-type-options"), "nosniff");
    assert_eq!(header("referrer-policy"), "same-origin");
    assert_eq!(header("content-type"), "text/html; charset=utf-8");
    let policy = header("content-security-policy");
    assert!(policy.starts_with("default-src 'none'; ") && !policy.contains("unsafe"), "{policy}");
}

#[tokio::test]
async fn an_error_says_what_happened_and_what_to_do() {
    let page = page::page("", Preferences::default(), NOW);
    let response = ErrorPage::not_found("There is no report IR-9999 in your team.").on(page).into_response();
    assert_eq!(response.status(), StatusCode::NOT_FOUND);
    let html = body(response).await;
    assert!(html.contains("There is no report IR-9999 in your team."), "{html}");
    assert!(html.contains("look for it in the search field") && html.contains("Aldermark CERT"), "{html}");
    let before_login = body(ErrorPage::internal().into_response()).await;
    assert!(
        before_login.contains("Nothing was changed") && !before_login.contains("role=\"search\""),
        "{before_login}"
    );
}

#[tokio::test]
async fn theme_and_keys_are_links_that_come_back_to_the_page() {
    let app: Router = ui::routes();
    let ask = async |path: &str| {
        let request = Request::get(path).header(header::REFERER, "https://desk.example/reports?q=ssh");
        app.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap()
    };
    let dark = ask("/theme?to=dark").await;
    assert_eq!(dark.status(), StatusCode::SEE_OTHER);
    assert_eq!(dark.headers()[header::LOCATION], "/reports?q=ssh");
    assert!(dark.headers()[header::SET_COOKIE].to_str().unwrap().starts_with("theme=dark; Path=/; Max-Age="));
    assert!(
        ask("/keys?to=off").await.headers()[header::SET_COOKIE].to_str().unwrap().starts_with("keys=off")
    );
    assert_eq!(ask("/theme?to=mauve%0d%0aset-cookie:x").await.status(), StatusCode::BAD_REQUEST);
}

#[test]
fn a_page_before_login_has_neither_places_nor_search() {
    let html = gallery(Page::bare("Log in")).render().unwrap();
    assert!(
        !html.contains("id=\"nav\"") && !html.contains("role=\"search\"") && !html.contains("id=\"palette\"")
    );
}
