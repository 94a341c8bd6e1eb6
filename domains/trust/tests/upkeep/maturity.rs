use axum::http::StatusCode;
use identity::Granted;
use identity::Role::{Introducer, Reader, TeamAdmin};
use kit::clock::DAY;
use trust::Section;
use trust::maturity::Catalogue;
use trust::process::Represent;

use crate::world::{TEAMS, World, world};

/// The form with every parameter at `level`, but those of `other`.
fn form(level: u8, other: &[(&str, &str)], version: i64, action: &str) -> Vec<(String, String)> {
    let model = Catalogue::default().model;
    let levels = model.parameters().map(|parameter| {
        let known = other.iter().find(|(id, _)| *id == parameter.id).map(|(_, level)| (*level).to_owned());
        (format!("level-{}", parameter.id), known.unwrap_or_else(|| level.to_string()))
    });
    let mut form: Vec<(String, String)> = levels.collect();
    form.push(("note-O-1".into(), "our mandate is =SECRET".into()));
    form.push(("profile".into(), "Example".into()));
    form.push(("version".into(), version.to_string()));
    form.push(("do".into(), action.into()));
    form
}

async fn send(w: &World, cookie: &str, form: &[(String, String)]) -> (StatusCode, String) {
    let form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let (status, _, page) = w.post("/trust/maturity/edit", cookie, &form).await;
    (status, page)
}

/// The path of the newest assessment's file.
async fn file(w: &World, cookie: &str, name: &str) -> String {
    let (_, page) = w.get("/trust/maturity", cookie).await;
    let at = page.find("/levels.csv").unwrap();
    let start = page[..at].rfind('/').unwrap();
    format!("/trust/maturity{}/{name}", &page[start..at])
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_is_saved_is_finished_when_it_is_whole_and_stands_in_the_history() {
    let w = world(Section::default()).await;
    let admin = w.who("alder", "ann", &[TeamAdmin]).await;
    let (status, page) = send(&w, &admin, &form(3, &[("P-17", "")], 0, "finish")).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.contains("choose a level for P-17") && page.contains("our mandate is"), "{page}");
    assert_eq!(send(&w, &admin, &form(3, &[("P-17", "")], 0, "save")).await.0, StatusCode::SEE_OTHER);
    let (_, page) = w.get("/trust/maturity", &admin).await;
    assert!(page.contains("Not assessed yet") && page.contains("Go on with the draft"), "{page}");
    let (_, page) = w.get("/trust/maturity/edit", &admin).await;
    assert!(page.contains(r#"name="version" value="1""#) && page.contains("our mandate is"), "{page}");
    assert_eq!(send(&w, &admin, &form(3, &[("P-17", "1")], 1, "finish")).await.0, StatusCode::SEE_OTHER);

    let (_, page) = w.get("/trust/maturity", &admin).await;
    assert!(page.contains("1 parameter is below it"), "{page}");
    assert_eq!(page.matches("<svg class=\"radar\"").count(), 2);
    w.node.clock.advance(200 * DAY);
    let admin = w.who("alder", "abe", &[TeamAdmin]).await;
    assert_eq!(send(&w, &admin, &form(4, &[], 0, "finish")).await.0, StatusCode::SEE_OTHER);
    let (_, page) = w.get("/trust/maturity", &admin).await;
    assert!(page.contains("2 assessments") && page.contains("nothing is below it"), "{page}");
    let kinds: Vec<String> =
        w.record(&format!("team:{}", w.team("alder"))).into_iter().map(|event| event.kind).collect();
    assert_eq!(kinds[..2], ["trust.assessed", "trust.assessed"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_saves_over_somebody_elses_draft_is_told_and_loses_nothing() {
    let w = world(Section::default()).await;
    let (ann, abe) = (w.who("alder", "ann", &[TeamAdmin]).await, w.who("alder", "abe", &[TeamAdmin]).await);
    assert_eq!(send(&w, &ann, &form(3, &[], 0, "save")).await.0, StatusCode::SEE_OTHER);
    let (status, page) = send(&w, &abe, &form(2, &[], 0, "save")).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.contains("saved this draft meanwhile"), "{page}");
    assert!(
        page.contains(r#"name="version" value="1""#) && page.contains(r#"<option value="2" selected>"#),
        "{page}"
    );
    assert_eq!(send(&w, &abe, &form(2, &[], 1, "save")).await.0, StatusCode::SEE_OTHER);
    let (status, page) = send(&w, &abe, &form(2, &[("O-1", "9")], 2, "save")).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.contains("levels are 0 to 4"), "{page}");
}

#[tokio::test(flavor = "multi_thread")]
async fn levels_and_notes_are_for_the_team_alone_and_leave_as_files() {
    let w = world(Section::default()).await;
    let admin = w.who("alder", "ann", &[TeamAdmin]).await;
    send(&w, &admin, &form(3, &[], 0, "finish")).await;
    let csv = file(&w, &admin, "levels.csv").await;
    let (status, text) = w.get(&csv, &admin).await;
    assert_eq!(status, StatusCode::OK);
    assert!(text.starts_with("id,title,level,note\nO-1,Mandate,3,our mandate is =SECRET\n"), "{text}");
    let (_, json) = w.get(&csv.replace(".csv", ".json"), &admin).await;
    assert!(json.contains(r#""O-1":{"level":3,"note":"our mandate is =SECRET"}"#), "{json}");
    let own = w.who("alder", "rob", &[Reader]).await;
    assert_eq!(w.get(&csv, &own).await.0, StatusCode::OK);
    let other = w.who("birch", "bob", &[TeamAdmin]).await;
    let operator = w.who("office", "olga", &[Introducer, TeamAdmin]).await;
    for cookie in [&other, &operator] {
        assert_eq!(w.get(&csv, cookie).await.0, StatusCode::NOT_FOUND);
        let id = csv.split('/').nth(3).unwrap();
        assert_eq!(w.get(&format!("/trust/maturity?at={id}"), cookie).await.0, StatusCode::NOT_FOUND);
    }
    assert_eq!(send(&w, &own, &form(3, &[], 0, "finish")).await.0, StatusCode::FORBIDDEN);
}

#[tokio::test(flavor = "multi_thread")]
async fn peers_are_quartiles_of_five_others_at_least() {
    let w = world(Section::default()).await;
    let mut cookies = Vec::new();
    for (level, team) in TEAMS.iter().enumerate() {
        let cookie = w.who(team, &format!("{team}-admin"), &[TeamAdmin]).await;
        send(&w, &cookie, &form(level as u8, &[], 0, "finish")).await;
        cookies.push(cookie);
    }
    // Four others.
    let (_, page) = w.get("/trust/maturity", &cookies[0]).await;
    assert!(page.contains("too few to stay without names"), "{page}");
    // The office's people see five others, without a name among them.
    let office = w.who("office", "olga", &[TeamAdmin]).await;
    send(&w, &office, &form(2, &[], 0, "finish")).await;
    let (_, page) = w.get("/trust/maturity", &office).await;
    assert!(page.contains("median of 5 other teams") && page.contains("1 · <b>2</b> · 3"), "{page}");
    assert!(TEAMS.iter().all(|team| !page.contains(&team.to_uppercase())), "{page}");
    // Five others for alder by now; but the group of national teams leaves out one alone, who would be known by it.
    let (_, page) = w.get("/trust/maturity", &cookies[0]).await;
    assert!(page.contains("median of 5 other teams"), "{page}");
    let (_, page) = w.get("/trust/maturity?peers=National", &cookies[0]).await;
    assert!(page.contains("too few to stay without names"), "{page}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_for_certification_names_the_newest_assessment_and_tells_no_level() {
    let w = world(Section::default()).await;
    w.trust.take_over(&Granted::for_node(), "the list on paper").await.unwrap();
    let admin = w.who("alder", "ann", &[TeamAdmin]).await;
    send(&w, &admin, &form(3, &[], 0, "finish")).await;
    let (_, levels) = w.get(&file(&w, &admin, "levels.json").await, &admin).await;
    let filed = async |team: &str| {
        let ask = Represent::RequestCertification { report: "We have worked with it for a year.".into() };
        w.trust.represent(&Granted::for_node_in(w.team(team)), ask, None).await.unwrap();
        let case = w.trust.case(&Granted::for_node(), w.team(team)).await.unwrap();
        let line = case.timeline.into_iter().find(|line| line.words.contains("assess")).unwrap();
        (line.words, line.evidence)
    };
    let (words, evidence) = filed("alder").await;
    assert!(words.contains("assessed itself on"), "{words}");
    let digest = data_encoding::HEXLOWER.decode(evidence[0].as_bytes()).unwrap();
    let statement = w.node.blobs.get(kit::Digest::from_slice(&digest).unwrap()).unwrap();
    let statement = String::from_utf8(statement).unwrap();
    assert!(statement.contains(&kit::Digest::of(levels.as_bytes()).to_string()), "{statement}");
    assert!(!statement.contains("SECRET") && !words.contains("SECRET"));
    let (words, evidence) = filed("birch").await;
    assert!(words.contains("has given no self-assessment") && evidence.is_empty(), "{words}");
}
