//! Lists, paging, reports by programs, messages, search.

use serde_json::{Value, json};

use crate::client::Program;
use crate::common::{letter, world};

fn numbers(page: &Value) -> Vec<String> {
    page["items"].as_array().unwrap().iter().map(|row| row["number"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn pages_neither_repeat_nor_skip_while_the_list_moves() {
    let w = world().await;
    let p = Program::of(&w).await;
    for n in 1..=5 {
        w.node.clock.advance(1_000_000);
        let report = json!({"subject": format!("scan {n}"), "text": "192.0.2.17", "from": "sensor@lindholm.example", "id": n.to_string()});
        p.post("/reports", report).await.json(201);
    }
    let first = p.get("/reports?view=machine&limit=2").await.json(200);
    assert_eq!(numbers(&first), ["IR-1", "IR-2"], "the soonest clock first");
    // The last row of the page leaves the list before the next page is read.
    p.post("/reports/triage", json!({"reports": ["IR-2"], "action": "reject"})).await.json(200);
    let after = first["next"].as_str().unwrap();
    let second = p.get(&format!("/reports?view=machine&limit=2&after={after}")).await.json(200);
    assert_eq!(numbers(&second), ["IR-3", "IR-4"]);
    let after = second["next"].as_str().unwrap();
    let third = p.get(&format!("/reports?view=machine&limit=2&after={after}")).await.json(200);
    assert_eq!((numbers(&third), third.get("next")), (vec!["IR-5".to_owned()], None));
    // A place of one list is none of another.
    assert_eq!(p.get(&format!("/reports?after={after}")).await.problem(400)["field"], "after");

    let all = p.get("/reports?limit=3").await.json(200);
    assert_eq!(numbers(&all), ["IR-5", "IR-4", "IR-3"], "the newest first");
    let rest = p.get(&format!("/reports?limit=3&after={}", all["next"].as_str().unwrap())).await.json(200);
    assert_eq!(numbers(&rest), ["IR-2", "IR-1"]);
    assert_eq!(numbers(&p.get("/reports?status=rejected").await.json(200)), ["IR-2"]);
    let new = p.get("/reports?status=new&limit=2").await.json(200);
    let more = p
        .get(&format!("/reports?status=new&limit=2&after={}", new["next"].as_str().unwrap()))
        .await
        .json(200);
    assert_eq!([numbers(&new), numbers(&more)].concat(), ["IR-5", "IR-4", "IR-3", "IR-1"]);
    assert_eq!(
        numbers(&p.get("/reports?view=decide").await.json(200)),
        [""; 0],
        "people have reported nothing"
    );
    assert_eq!(
        numbers(&p.get("/reports?view=mine").await.json(200)),
        [""; 0],
        "a team's token takes nothing"
    );
}

#[tokio::test]
async fn a_program_reports_and_the_same_again_is_counted() {
    let w = world().await;
    let p = Program::of(&w).await;
    let report = json!({
        "subject": "SSH brute force", "text": "Nov 21 sshd: Failed password for root from 192.0.2[.]17 port 22",
        "from": "Sensor@Lindholm.example", "from_name": "Lindholm sensor", "tlp": "AMBER+STRICT",
        "observables": ["198.51.100.7", "hxxp://login[.]evil[.]example/x"], "id": "4711"
    });
    let taken = p.post("/reports", report.clone()).await;
    assert_eq!(taken.header("location"), "/api/v1/reports/IR-1");
    assert_eq!(taken.json(201), json!({"outcome": "new", "case": "IR-1"}));
    let found = p.get("/reports/IR-1").await.json(200);
    assert_eq!((found["kind"].as_str(), found["machine"].as_bool()), (Some("api"), Some(true)));
    assert_eq!(
        (found["tlp"].as_str(), found["from"]["address"].as_str()),
        (Some("TLP:AMBER+STRICT"), Some("sensor@lindholm.example"))
    );
    let named: Vec<(&str, &str)> = found["observables"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["part"].as_str().unwrap(), one["value"].as_str().unwrap()))
        .collect();
    for one in [
        ("text", "192.0.2.17"),
        ("observables", "198.51.100.7"),
        ("observables", "http://login.evil.example/x"),
    ] {
        assert!(named.contains(&one), "{one:?} in {named:?}");
    }
    assert_eq!(found["messages"][0]["author"], "token:test", "the record says which program");

    // The same name again, even with other words.
    let again = json!({"subject": "other", "text": "words", "from": "sensor@lindholm.example", "id": "4711"});
    assert_eq!(p.post("/reports", again).await.json(200), json!({"outcome": "duplicate", "case": "IR-1"}));
    assert_eq!(p.get("/reports/IR-1").await.json(200)["same"], 1);
    // Without a name of its own: the same bytes.
    let unnamed =
        json!({"subject": "scan", "text": "192.0.2.17", "from": "sensor@lindholm.example", "person": true});
    assert_eq!(p.post("/reports", unnamed.clone()).await.json(201)["case"], "IR-2");
    assert_eq!(p.post("/reports", unnamed).await.json(200)["case"], "IR-2");
    assert_eq!(numbers(&p.get("/reports?view=decide").await.json(200)), ["IR-2"], "a person wrote it");

    // Its message opens like a mail, and its bytes are those that were sent.
    let id = found["messages"][0]["id"].as_str().unwrap();
    let message = p.get(&format!("/messages/{id}")).await.json(200);
    assert_eq!(message["kind"], "api");
    assert_eq!(message["parts"][0]["text"], report["text"]);
    let original = p.get(&format!("/messages/{id}/original")).await;
    assert_eq!(original.header("content-type"), "application/json");
    assert_eq!(original.bytes, report.to_string().into_bytes());
}

#[tokio::test]
async fn a_message_is_opened_whole_and_its_original_comes_byte_for_byte() {
    let w = world().await;
    let p = Program::of(&w).await;
    let multipart = "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n";
    let body = "--b\r\nContent-Type: text/plain\r\n\r\nSee the list. <script>alert(1)</script>\r\n\
        --b\r\nContent-Type: text/csv; name=hosts.csv\r\nContent-Disposition: attachment; filename=hosts.csv\r\n\r\nip\r\n192.0.2.17\r\n--b--\r\n";
    let mail = letter("IT <it@uni.example>", "hosts", "a@uni.example", multipart, body);
    w.mail("it@uni.example", &mail).await;
    let id = p.get("/reports/IR-1").await.json(200)["messages"][0]["id"].as_str().unwrap().to_owned();
    let message = p.get(&format!("/messages/{id}")).await.json(200);
    let parts: Vec<_> = message["parts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|part| (part["path"].as_str().unwrap(), part["kind"].as_str().unwrap(), part["name"].as_str()))
        .collect();
    assert_eq!(parts, [("1", "body", None), ("2", "attachment", Some("hosts.csv"))]);
    assert!(message["headers"].as_str().unwrap().contains("Subject: hosts"));
    let original = p.get(&format!("/messages/{id}/original")).await;
    assert_eq!(original.bytes, mail.as_bytes());
    assert_eq!(
        (original.header("content-type"), original.header("x-content-type-options")),
        ("message/rfc822", "nosniff")
    );
    assert!(original.header("content-disposition").starts_with("attachment; "));
}

#[tokio::test]
async fn a_long_list_of_observables_is_read_page_by_page() {
    let w = world().await;
    let p = Program::of(&w).await;
    let many: Vec<String> = (0..250).map(|n| format!("198.18.{}.{}", n / 200, n % 200 + 1)).collect();
    p.post("/reports", json!({"subject": "hosts", "from": "feed@lindholm.example", "observables": many}))
        .await
        .json(201);
    let report = p.get("/reports/IR-1").await.json(200);
    assert_eq!(
        (report["observables"].as_array().unwrap().len(), report["more_observables"].as_bool()),
        (200, Some(true))
    );
    let (mut found, mut after): (Vec<String>, String) = (Vec::new(), String::new());
    loop {
        let page = p.get(&format!("/reports/IR-1/observables?limit=100{after}")).await.json(200);
        found.extend(
            page["items"].as_array().unwrap().iter().map(|one| one["value"].as_str().unwrap().to_owned()),
        );
        let Some(next) = page["next"].as_str() else { break };
        after = format!("&after={next}");
    }
    assert_eq!(found, many);
}

#[tokio::test]
async fn search_finds_words_addresses_and_numbers() {
    let w = world().await;
    let p = Program::of(&w).await;
    let body = "Guessing from 192.0.2.17 against sshd";
    w.mail("it@uni.example", &letter("IT <it@uni.example>", "guessing", "a@uni.example", "", body)).await;
    for q in ["192.0.2.17", "ssh*", "guessing%20192.0.2.17", "IR-1"] {
        let found = p.get(&format!("/search?q={q}")).await.json(200);
        assert_eq!(found["items"][0]["case"], "IR-1", "{q}: {found}");
    }
    assert_eq!(p.get("/search?q=phishing").await.json(200)["items"], json!([]));
    assert_eq!(p.get("/search?q=IR-2").await.json(200)["items"], json!([]));
    assert_eq!(p.get("/search?q=%20").await.problem(400)["field"], "q");
}
