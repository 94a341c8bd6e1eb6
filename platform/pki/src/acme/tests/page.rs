use axum::http::StatusCode;
use identity::Site;

use super::*;

/// The pages of the crate as the binary puts them together, and the administrator's cookie.
async fn pages(world: &World) -> (Router, String) {
    let identity = world.pki.identity().clone();
    let (cookie, _) = identity::testing::sign_in(&identity, "team", "mar", &[Role::TeamAdmin]).await;
    let domain = world.pki.domain();
    let routes = domain.routes.merge(Router::new().nest("/api/v1", domain.api.into()));
    (identity::protect(routes, identity, Site::default()), cookie)
}

async fn ask(router: &Router, cookie: &str, path: &str, form: Option<&str>) -> (StatusCode, String) {
    let request =
        Request::builder().uri(path).header(header::COOKIE, cookie).header(header::HOST, "ca.example");
    let request = match form {
        None => request.body(Body::empty()),
        Some(form) => request
            .method("POST")
            .header("sec-fetch-site", "same-origin")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(form.to_owned().into()),
    };
    let response = router.clone().oneshot(request.unwrap()).await.unwrap();
    let status = response.status();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    (status, String::from_utf8(body.to_vec()).unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_administrator_makes_a_credential_sees_its_key_once_and_withdraws_it() {
    let world = World::new().await;
    let (router, cookie) = pages(&world).await;
    let (status, wrong) = ask(&router, &cookie, "/pki/acme/credentials", Some("label=&days=30")).await;
    assert!(status == 422 && wrong.contains("which server or person"), "{status}");

    let (status, made) =
        ask(&router, &cookie, "/pki/acme/credentials", Some("label=web+server&days=30")).await;
    assert_eq!(status, 200, "{made}");
    assert!(made.contains("--server https://acme.example/acme/directory"), "{made}");
    let between = |text: &str, before: &str| {
        text.split(before).nth(1).unwrap().split(['<', ' ', '\n']).next().unwrap().to_owned()
    };
    let (kid, key) = (between(&made, "--eab-kid "), between(&made, "--eab-hmac-key "));
    let (_, later) = ask(&router, &cookie, "/pki/acme", None).await;
    assert!(later.contains(&kid) && later.contains("web server") && !later.contains(&key));

    let key = BASE64URL_NOPAD.decode(key.as_bytes()).unwrap();
    let client = Client::p256();
    let made = world.new_account(&client, &world.wish(&client, &kid, &key)).await;
    let account = Account { world: &world, client, url: made.header("location") };
    account.order(&["www.team.example"]).await;
    let (_, page) = ask(&router, &cookie, "/pki/acme", None).await;
    assert!(page.contains("www.team.example") && page.contains("pending"), "{page}");

    let (status, _) = ask(&router, &cookie, &format!("/pki/acme/credentials/{kid}/withdraw"), Some("")).await;
    assert_eq!(status, 303);
    assert!(ask(&router, &cookie, "/pki/acme", None).await.1.contains("withdrawn"));
}

#[tokio::test(flavor = "multi_thread")]
async fn programs_of_the_team_do_the_same_and_others_see_nothing() {
    let world = World::new().await;
    let (router, cookie) = pages(&world).await;
    world.credential().await;
    let (status, listed) = ask(&router, &cookie, "/api/v1/acme/credentials", None).await;
    let listed: Value = serde_json::from_str(&listed).unwrap();
    assert_eq!((status.as_u16(), &listed[0]["label"], &listed[0]["key"]), (200, &json!("www"), &Value::Null));
    let identity = world.pki.identity();
    let (reader, _) = identity::testing::sign_in(identity, "team", "ole", &[Role::Handler]).await;
    let (stranger, _) = identity::testing::sign_in(identity, "other", "jor", &[Role::TeamAdmin]).await;
    assert_eq!(ask(&router, &reader, "/pki/acme", None).await.0, 403);
    assert_eq!(ask(&router, &stranger, "/api/v1/acme/credentials", None).await.1, "[]");
    assert_eq!(ask(&router, "", "/api/v1/acme/credentials", None).await.0, 401);
}
