//! Incidents: opened, changed by version, noted on, listed.

use serde_json::json;

use crate::client::Program;
use crate::common::world;

#[tokio::test]
async fn a_change_names_the_version_it_was_made_from() {
    let w = world().await;
    let p = Program::of(&w).await;
    let opened = p
        .post(
            "/incidents",
            json!({"title": "Phishing", "classification": "fraud:phishing", "tlp": "TLP:GREEN"}),
        )
        .await;
    assert_eq!((opened.header("location"), opened.header("etag")), ("/api/v1/incidents/INC-1", "\"1\""));
    assert_eq!(opened.json(201)["tlp"], "TLP:GREEN");

    let changed = p.patch("/incidents/INC-1", "\"1\"", json!({"severity": "high", "take": false})).await;
    assert_eq!(changed.header("etag"), "\"2\"");
    assert_eq!(changed.json(200)["severity"], "high");
    assert_eq!(p.get("/incidents/INC-1").await.header("etag"), "\"2\"");

    // Somebody who still has version 1 is told, and changes nothing.
    let stale = p.patch("/incidents/INC-1", "\"1\"", json!({"title": "other"})).await.problem(412);
    assert!(stale["detail"].as_str().unwrap().contains("INC-1 was changed"), "{stale}");
    assert_eq!(p.get("/incidents/INC-1").await.json(200)["title"], "Phishing");
    p.patch("/incidents/INC-1", "W/\"2\"", json!({"title": "other"})).await.problem(412);
    p.patch("/incidents/INC-1", "2", json!({"title": "other"})).await.problem(400);
    let body = Some(json!({"title": "other"}).to_string().into_bytes());
    p.send(axum::http::Method::PATCH, "/incidents/INC-1", &[], body).await.problem(428);
    assert_eq!(
        p.patch("/incidents/INC-1", "*", json!({"title": "Phishing wave"})).await.json(200)["title"],
        "Phishing wave"
    );
    assert_eq!(
        p.get("/search?q=wave").await.json(200)["items"][0]["case"],
        "INC-1",
        "it is found by its new name"
    );
}

#[tokio::test]
async fn what_cannot_be_is_named_by_its_member() {
    let w = world().await;
    let p = Program::of(&w).await;
    assert_eq!(p.post("/incidents", json!({"title": " "})).await.problem(422)["field"], "title");
    let class = json!({"title": "x", "classification": "fraud:phish"});
    assert_eq!(p.post("/incidents", class).await.problem(422)["field"], "classification");
    let misspelt = p.post("/incidents", json!({"title": "x", "tittle": "y"})).await.problem(422);
    assert!(misspelt["detail"].as_str().unwrap().contains("tittle"), "{misspelt}");
    p.post("/incidents", json!({"title": "x", "tlp": "TLP:PINK"})).await.problem(422);
    p.post("/incidents", json!({"title": "x"})).await.json(201);
    let when = p.get("/incidents/INC-1/plan?answer_by=tomorrow").await.problem(422);
    assert_eq!(when["field"], "answer_by");
    let nobody = p.post("/incidents/INC-1/investigations", json!({"recipients": []})).await.problem(422);
    assert_eq!(nobody["field"], "recipients");
    for reports in [json!([]), json!(["INC-1"]), json!(vec!["IR-1"; 501])] {
        let refused = p.post("/reports/triage", json!({"reports": reports, "action": "reject"})).await;
        assert_eq!(refused.problem(422)["field"], "reports");
    }
    let linked = p.post("/reports/triage", json!({"reports": ["IR-1"], "action": "link"})).await.problem(422);
    assert_eq!(linked["field"], "incident");
    assert_eq!(p.post("/incidents/INC-1/notes", json!({"text": " "})).await.problem(422)["field"], "text");
}

#[tokio::test]
async fn notes_stand_in_their_case_and_lists_have_one_status() {
    let w = world().await;
    let p = Program::of(&w).await;
    for n in 1..=3 {
        w.node.clock.advance(1_000_000);
        p.post("/incidents", json!({"title": format!("case {n}")})).await.json(201);
    }
    assert_eq!(p.post("/incidents/INC-2/notes", json!({"text": "rang them"})).await.status, 204);
    assert_eq!(p.get("/incidents/INC-2").await.json(200)["messages"][0]["preview"], "rang them");
    p.patch("/incidents/INC-2", "*", json!({"status": "abandoned"})).await.json(200);

    let titles = |page: &serde_json::Value| -> Vec<String> {
        page["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|row| row["title"].as_str().unwrap().to_owned())
            .collect()
    };
    let first = p.get("/incidents?limit=1").await.json(200);
    assert_eq!(titles(&first), ["case 3"]);
    let next =
        p.get(&format!("/incidents?limit=1&after={}", first["next"].as_str().unwrap())).await.json(200);
    assert_eq!((titles(&next), next.get("next")), (vec!["case 1".to_owned()], None));
    assert_eq!(titles(&p.get("/incidents?status=abandoned").await.json(200)), ["case 2"]);
    let note = p.get("/search?q=rang").await.json(200);
    assert_eq!(note["items"][0]["case"], "INC-2");
}
