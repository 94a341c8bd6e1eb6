//! Who is refused, and what: strangers, small scopes, other teams, what cannot be read.

use axum::body::Body;
use axum::http::{Method, Request};
use serde_json::json;
use tower::ServiceExt as _;

use crate::client::{Answer, Program, router};
use crate::common::{letter, world};

#[tokio::test]
async fn nobody_comes_in_without_a_token_that_is_in_force() {
    let w = world().await;
    for authorization in [None, Some("Bearer wardmote_guessed"), Some("Basic a2VzOmtlcw=="), Some("Bearer")] {
        let mut request = Request::get("/api/v1/reports");
        if let Some(value) = authorization {
            request = request.header("authorization", value);
        }
        let response = router(&w).oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        let answer = Answer::of(response).await;
        answer.problem(401);
        assert!(answer.header("www-authenticate").starts_with("Bearer"));
    }
}

#[tokio::test]
async fn a_token_does_what_its_scopes_say_and_no_more() {
    let w = world().await;
    w.mail("it@uni.example", &letter("IT <it@uni.example>", "guessing", "a@uni.example", "", "192.0.2.17"))
        .await;
    let reader = Program::with(&w, w.own, &["cases:read"]).await;
    reader.get("/reports/IR-1").await.json(200);
    let refused =
        reader.post("/reports/triage", json!({"reports": ["IR-1"], "action": "reject"})).await.problem(403);
    assert!(refused["detail"].as_str().unwrap().contains("reports:triage"), "{refused}");
    for (path, body) in [
        ("/reports", json!({"subject": "x", "text": "y", "from": "a@b.example"})),
        ("/incidents", json!({"title": "x"})),
        ("/reports/IR-1/notes", json!({"text": "x"})),
        ("/reports/IR-1/reply", json!({"text": "x"})),
        ("/incidents/INC-1/investigations", json!({"recipients": []})),
        ("/incidents/INC-1/close", json!({"status": "resolved"})),
        ("/investigations/INV-1/remind", json!({})),
        ("/investigations/INV-1/resolve", json!({})),
    ] {
        reader.post(path, body).await.problem(403);
    }
    let writer = Program::with(&w, w.own, &["reports:triage"]).await;
    writer.get("/reports/IR-1").await.problem(403);
    // Whoever may not is told so before a word of the body is read.
    reader.send(Method::POST, "/incidents", &[], Some(b"{".to_vec())).await.problem(403);
    assert_eq!(reader.get("/reports/IR-1").await.json(200)["status"], "new");
}

#[tokio::test]
async fn another_teams_cases_do_not_exist() {
    let w = world().await;
    w.mail("it@uni.example", &letter("IT <it@uni.example>", "guessing", "a@uni.example", "", "192.0.2.17"))
        .await;
    let ours = Program::of(&w).await;
    let done = ours.post("/reports/triage", json!({"reports": ["IR-1"], "action": "open"})).await.json(200);
    let asked = json!({"recipients": [{"address": "duty@skerry.example", "confirmed": true}]});
    ours.post("/incidents/INC-1/investigations", asked.clone()).await.json(202);
    let message = ours.get("/reports/IR-1").await.json(200)["messages"][0]["id"].as_str().unwrap().to_owned();

    let skerry = w.teams.directory().by_handle("skerry").unwrap().id;
    let scopes: Vec<&str> = identity::SCOPES.iter().map(|(name, _)| *name).collect();
    let theirs = Program::with(&w, skerry, &scopes).await;
    for path in [
        "/reports/IR-1",
        "/reports/IR-1/observables",
        "/incidents/INC-1",
        "/incidents/INC-1/observables",
        "/incidents/INC-1/plan",
        "/investigations/INV-1",
        &format!("/messages/{message}"),
        &format!("/messages/{message}/original"),
    ] {
        theirs.get(path).await.problem(404);
    }
    let close = json!({"status": "resolved"});
    for (path, body) in [
        ("/incidents/INC-1/investigations", asked),
        ("/incidents/INC-1/close", close),
        ("/incidents/INC-1/notes", json!({"text": "x"})),
        ("/reports/IR-1/notes", json!({"text": "x"})),
        ("/reports/IR-1/reply", json!({"text": "x", "tlp": "CLEAR"})),
        ("/investigations/INV-1/reply", json!({"text": "x", "tlp": "CLEAR"})),
        ("/investigations/INV-1/remind", json!({})),
        ("/investigations/INV-1/resolve", json!({})),
        ("/reports/triage", json!({"reports": ["IR-1"], "action": "reject"})),
    ] {
        theirs.post(path, body).await.problem(404);
    }
    theirs.patch("/incidents/INC-1", "*", json!({"title": "theirs"})).await.problem(404);
    theirs.post(&format!("/undo/{}", done["undo"].as_str().unwrap()), json!({})).await.problem(409);
    assert_eq!(theirs.get("/reports").await.json(200)["items"], json!([]));
    assert_eq!(theirs.get("/search?q=192.0.2.17").await.json(200)["items"], json!([]));
    assert_eq!(theirs.get("/search?q=IR-1").await.json(200)["items"], json!([]));
    assert_eq!(ours.get("/incidents/INC-1").await.json(200)["status"], "open");
}

#[tokio::test]
async fn what_cannot_be_a_number_is_not_found() {
    let w = world().await;
    let p = Program::of(&w).await;
    for path in [
        "/reports/1",
        "/reports/INC-1",
        "/reports/IR-0",
        "/reports/IR-1'--",
        "/incidents/IR-1",
        "/investigations/x",
        "/messages/x",
        "/reports/%ff",
        "/incidents/INC-99999999999999999999",
    ] {
        p.get(path).await.problem(404);
    }
}

#[tokio::test]
async fn hostile_places_and_queries_are_refused_with_400() {
    let w = world().await;
    let p = Program::of(&w).await;
    let long = "A".repeat(5_000);
    let foreign =
        data_encoding::BASE64URL_NOPAD.encode(b"all 99.00000000-0000-0000-0000-000000000000' OR 1=1");
    for after in ["x", "%00", "....", "AAAA", "=", &long, &foreign] {
        for list in ["/reports?", "/reports?view=machine&", "/reports?status=new&", "/incidents?"] {
            assert_eq!(
                p.get(&format!("{list}after={after}")).await.problem(400)["field"],
                "after",
                "{list}{after}"
            );
        }
    }
    for query in [
        "limit=0",
        "limit=201",
        "limit=-1",
        "limit=x",
        "view=everything",
        "view=rejected",
        "status=odd",
        "colour=red",
        "view=mine&status=new",
    ] {
        p.get(&format!("/reports?{query}")).await.problem(400);
    }
}

#[tokio::test]
async fn bodies_are_json_of_bounded_size() {
    let w = world().await;
    let p = Program::of(&w).await;
    let send = async |kind: &str, body: Vec<u8>| {
        p.send(Method::POST, "/incidents", &[("content-type", kind)], Some(body)).await
    };
    send("text/plain", b"{\"title\":\"x\"}".to_vec()).await.problem(415);
    send("application/json", b"{\"title\":".to_vec()).await.problem(400);
    send("application/json", vec![b'['; 200_000]).await.problem(422);
    send("application/json", vec![0xff; 100]).await.problem(400);
    send("application/json", vec![b' '; (4 << 20) + 1]).await.problem(413);
    send("application/json; charset=utf-8", b"{\"title\":\"x\"}".to_vec()).await.json(201);
}
