//! The pages: who sees what, and what verifiers fetch without a log-in.

#![allow(clippy::unwrap_used)]

mod common;

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use axum::response::Response;
use common::{Community, csr};
use identity::web::{Site, protect};
use identity::{Granted, RequestCertificates, Role};
use tower::ServiceExt as _;

async fn ask(at: &Community, request: Request<Body>) -> Response {
    // Beside the pages of accounts, as in the program: no two of them claim one address.
    let pages = at.pki.domain().routes.merge(identity::web::routes());
    protect(pages, at.identity.clone(), Site::default()).oneshot(request).await.unwrap()
}

async fn get(at: &Community, cookie: &str, path: &str) -> (StatusCode, String) {
    let request = Request::get(path).header(header::COOKIE, cookie).header(header::HOST, "desk.example");
    let answer = ask(at, request.body(Body::empty()).unwrap()).await;
    let status = answer.status();
    let bytes = axum::body::to_bytes(answer.into_body(), 1 << 20).await.unwrap();
    (status, String::from_utf8_lossy(&bytes).into_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_fetches_lists_and_answers_and_only_their_holders_see_certificates() {
    let at = Community::begun().await;
    let sign_in = async |team, login, roles: &[Role]| {
        identity::testing::sign_in(&at.identity, team, login, roles).await
    };
    let (kes_cookie, kes) = sign_in("skerry", "kes", &[Role::Handler]).await;
    let (jor_cookie, _) = sign_in("skerry", "jor", &[Role::TeamAdmin]).await;
    let (ada_cookie, _) = sign_in("other", "ada", &[Role::TeamAdmin]).await;
    let (ina_cookie, _) = sign_in("office", "ina", &[Role::Introducer]).await;
    let granted = Granted::<RequestCertificates>::check(&kes).unwrap();
    let issued = at.pki.issue_person(&granted, csr(&at, "ec", "/", None).as_bytes(), None).await.unwrap();
    let hex = data_encoding::HEXLOWER.encode(&issued.known.fingerprint);

    let name = at.pki.authorities().into_iter().find(|one| !one.root).unwrap().name;
    for path in [
        "/pki".to_owned(),
        format!("/pki/{name}.crl"),
        format!("/pki/{name}.crt"),
        format!("/pki/{name}.pem"),
    ] {
        assert_eq!(get(&at, "", &path).await.0, StatusCode::OK, "{path}");
    }
    assert_eq!(get(&at, "", "/pki/other.crl").await.0, StatusCode::NOT_FOUND);
    // A question comes from a program: no cookie, and no word about where from.
    let question =
        Request::post("/pki/ocsp").header(header::HOST, "desk.example").body(Body::from("x")).unwrap();
    let answer = ask(&at, question).await;
    assert_eq!(answer.headers()[header::CONTENT_TYPE], "application/ocsp-response");

    let own = format!("/account/certificates/{hex}");
    assert!(get(&at, &kes_cookie, "/account/certificates").await.1.contains(&hex));
    assert_eq!(get(&at, &kes_cookie, &own).await.0, StatusCode::OK);
    assert!(get(&at, &kes_cookie, &format!("{own}/chain.pem")).await.1.contains("BEGIN CERTIFICATE"));
    assert_eq!(get(&at, &jor_cookie, &own).await.0, StatusCode::NOT_FOUND);
    assert!(get(&at, &jor_cookie, "/settings/certificates").await.1.contains(&hex));
    assert!(!get(&at, &ada_cookie, "/settings/certificates").await.1.contains(&hex));
    assert_eq!(get(&at, &kes_cookie, "/settings/certificates").await.0, StatusCode::FORBIDDEN);
    assert_eq!(get(&at, &jor_cookie, "/pki/log").await.0, StatusCode::FORBIDDEN);
    let (status, log) = get(&at, &ina_cookie, "/pki/log").await;
    assert_eq!(status, StatusCode::OK);
    assert!(log.contains(&hex) && log.contains("the chain of the record holds"), "{log}");
    assert_eq!(get(&at, "", "/account/certificates").await.0, StatusCode::SEE_OTHER);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_gets_its_certificate_only_from_somebody_who_has_just_proven_who_they_are() {
    let at = Community::begun().await;
    let (cookie, _) = identity::testing::sign_in(&at.identity, "skerry", "jor", &[Role::TeamAdmin]).await;
    let request = csr(&at, "ec", "/CN=www.skerry.example", Some("DNS:www.skerry.example"));
    let form = format!("csr={}&notify=", identity::web::encode(&request));
    let post = async || {
        let request = Request::post("/settings/certificates")
            .header(header::COOKIE, cookie.as_str())
            .header(header::HOST, "desk.example")
            .header("sec-fetch-site", "same-origin")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        ask(&at, request.body(Body::from(form.clone())).unwrap()).await
    };
    at.node.clock.advance(identity::Settings::default().step_up + kit::clock::SECOND);
    let answer = post().await;
    assert_eq!(answer.status(), StatusCode::SEE_OTHER);
    let to = answer.headers()[header::LOCATION].to_str().unwrap();
    assert!(to.starts_with("/step-up"), "{to}");
    assert!(at.pki.all_certificates(&Granted::for_node(), 10).await.unwrap().is_empty());
    at.node.clock.advance(-identity::Settings::default().step_up - kit::clock::SECOND);
    assert_eq!(post().await.status(), StatusCode::OK);
    assert_eq!(at.pki.all_certificates(&Granted::for_node(), 10).await.unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_place_of_certificates_leads_to_the_others_that_its_reader_may_see() {
    let at = Community::begun().await;
    let (handler, _) = identity::testing::sign_in(&at.identity, "skerry", "kes", &[Role::Handler]).await;
    let (admin, _) = identity::testing::sign_in(&at.identity, "skerry", "jor", &[Role::TeamAdmin]).await;
    let menu = |page: &str| {
        let menu = page.split(r#"aria-label="Certificates">"#).nth(1).unwrap_or_default();
        menu.split("</nav>").next().unwrap_or_default().to_owned()
    };
    for path in ["/pki", "/account/certificates", "/settings/certificates", "/pki/acme"] {
        let shown = menu(&get(&at, &admin, path).await.1);
        assert!(shown.contains(r#"href="/pki/acme""#) && !shown.contains("/pki/log"), "{path}: {shown}");
        assert!(shown.contains(&format!(r#"href="{path}" aria-current="page""#)), "{path}: {shown}");
    }
    let shown = menu(&get(&at, &handler, "/pki").await.1);
    assert!(shown.contains("/account/certificates") && !shown.contains("/pki/acme"), "{shown}");
    assert_eq!(menu(&get(&at, "", "/pki").await.1), "", "a stranger has one place alone");
}
