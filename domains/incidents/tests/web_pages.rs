//! The desk's pages, as somebody without a script meets them.

#![allow(clippy::unwrap_used)]

mod common;
mod web_support;

use axum::http::{StatusCode, header};
use common::{World, letter, world};
use identity::Role;
use incidents::model::Outcome;
use kit::clock::{HOUR, MINUTE};
use web_support::{Browser, app, undo_of};

const COMPLAINT: &str = "TLP:GREEN\r\n\r\nPassword guessing:\r\n\
    192.0.2.17 port 22\r\n192.0.2.18 port 22\r\n198.51.100.7\r\n203.0.113.200 is yours\r\n";

const HOSTILE: &str = "<script>alert('x')</script><img src=x onerror=alert(1)>";

async fn report(w: &World, from: &str, subject: &str, id: &str, body: &str) {
    let (outcome, words) = w.mail(from, &letter(from, subject, id, "", body)).await;
    assert_eq!(outcome, Outcome::New, "{words}");
}

async fn handler(w: &World) -> Browser {
    Browser::of(&app(w), w, "aldermark", "kes", &[Role::Handler]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_answers_and_says_what_it_is() {
    let w = world().await;
    report(&w, "it@uni.example", "guessing", "1@uni.example", COMPLAINT).await;
    let mut kes = handler(&w).await;
    kes.done("/reports/triage", &[("do", "open"), ("r", "IR-1")]).await;
    kes.done("/incidents/INC-1/investigate", &[("chosen", "yes"), ("mail", "duty@skerry.example")]).await;
    for (path, says) in [
        ("/", "Desk"),
        ("/reports", "Reports"),
        ("/reports?view=mine", "Mine"),
        ("/reports?view=machine", "Feeds and machines"),
        ("/reports?view=all", "IR-1"),
        ("/reports?view=all&q=192.0.2.17", "IR-1"),
        ("/reports?view=rejected", "Rejected today"),
        ("/reports/IR-1", "guessing"),
        ("/reports/ir-1", "guessing"),
        ("/reports/link?r=1", "INC-1"),
        ("/incidents", "INC-1"),
        ("/incidents?status=resolved", "No incident is in this list"),
        ("/incidents/new", "New incident"),
        ("/incidents/INC-1", "CERT Skerry"),
        ("/incidents/INC-1/investigate", "Ambrell"),
        ("/incidents/INC-1/close", "Close INC-1"),
        ("/investigations/INV-1", "CERT Skerry"),
        ("/search?q=192.0.2.17", "IR-1"),
        ("/search?q=192.0.2.0/24", "IR-1"),
        ("/mail", "it@uni.example"),
        ("/mail?outcome=new", "it@uni.example"),
        ("/help", "Keys and words"),
    ] {
        let page = kes.get(path).await.page();
        assert!(page.contains(says), "{path} does not say {says:?}: {page}");
        assert!(page.contains("<h1"), "{path} has no heading");
        assert!(!page.contains(" style=") && !page.contains(" onclick="), "{path} has something inline");
    }
    assert_eq!(kes.get("/search?q=inc-1").await.to(), "/incidents/INC-1");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_says_who_is_responsible_whether_it_is_ours_and_whether_it_was_seen_before() {
    let w = world().await;
    report(&w, "it@uni.example", "guessing", "1@uni.example", COMPLAINT).await;
    report(&w, "it@uni.example", "ours", "2@uni.example", "203.0.113.200 again\r\n").await;
    let page = handler(&w).await.get("/reports").await.page();
    let row = |name: &str| {
        let at = page.find(&format!("id=\"row-{name}\"")).unwrap();
        page[at..].split("</tr>").next().unwrap().to_owned()
    };
    let first = row("IR-1");
    for said in ["192.0.2.17", "+3", "CERT Skerry", "accredited", "other", "TLP:GREEN", ">new<", "8:00 left"]
    {
        assert!(first.contains(said), "{said} in {first}");
    }
    let second = row("IR-2");
    for said in ["203.0.113.200", "Aldermark CERT", "ours", "seen 1×"] {
        assert!(second.contains(said), "{said} in {second}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn reports_are_grouped_by_their_clocks() {
    let w = world().await;
    report(&w, "a@uni.example", "old", "1@uni.example", "192.0.2.17\r\n").await;
    w.node.clock.advance(7 * HOUR + 30 * MINUTE);
    report(&w, "b@uni.example", "new", "2@uni.example", "192.0.2.18\r\n").await;
    let mut kes = handler(&w).await;
    let page = kes.get("/reports").await.page();
    let (soon, later) =
        (page.find("Due within the hour").unwrap(), page.find("Due today and later").unwrap());
    assert!(soon < later && !page.contains("overdue"));
    w.node.clock.advance(HOUR);
    assert!(kes.get("/reports").await.page().contains("First answer overdue"));
}

#[tokio::test(flavor = "multi_thread")]
async fn deciding_is_a_plain_form_and_can_be_taken_back() {
    let w = world().await;
    for n in 1..=3 {
        report(&w, "it@uni.example", &format!("case {n}"), &format!("{n}@uni.example"), COMPLAINT).await;
    }
    let mut kes = handler(&w).await;
    let back = "/reports?view=decide&r=IR-3";
    let page =
        kes.done("/reports/triage", &[("do", "reject"), ("r", "IR-1"), ("r", "IR-2"), ("back", back)]).await;
    assert!(page.contains("2 reports rejected"), "{page}");
    assert!(!page.contains("id=\"row-IR-1\"") && page.contains("id=\"row-IR-3\""));
    let page = kes.done(&undo_of(&page), &[]).await;
    assert!(page.contains("Taken back") && page.contains("id=\"row-IR-1\""));
    let page = kes.done("/reports/triage", &[("do", "open"), ("r", "IR-1"), ("title", "guessing")]).await;
    assert!(page.contains("IR-1 opened as INC-1"), "{page}");
    // What looks alike is offered to be linked, with its key.
    let page = kes.get("/reports?r=IR-2").await.page();
    assert!(page.contains("Looks like <a href=\"/incidents/INC-1\">INC-1</a>"), "{page}");
    assert!(page.contains(r#"aria-keyshortcuts="l">Link to INC-1"#), "{page}");
    let page = kes.done("/reports/triage", &[("do", "link"), ("r", "2"), ("incident", "INC-1")]).await;
    assert!(page.contains("linked to INC-1"));
    assert!(kes.get("/incidents/INC-1").await.page().contains("2 linked"));
}

#[tokio::test(flavor = "multi_thread")]
async fn linking_without_an_incident_asks_for_one() {
    let w = world().await;
    report(&w, "it@uni.example", "guessing", "1@uni.example", COMPLAINT).await;
    let mut kes = handler(&w).await;
    kes.done("/incidents/new", &[("title", "Already open"), ("tlp", "GREEN")]).await;
    let answer = kes.post("/reports/triage", &[("do", "link"), ("r", "IR-1")]).await;
    assert_eq!(answer.to(), "/reports/link?r=IR-1");
    let page = kes.get("/reports/link?r=IR-1&q=already").await.page();
    assert!(page.contains("Already open") && page.contains("name=\"incident\" value=\"INC-1\""), "{page}");
    assert!(!kes.get("/reports/link?r=IR-1&q=nothing").await.page().contains("Already open"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_never_leads_to_another_site() {
    let w = world().await;
    report(&w, "it@uni.example", "guessing", "1@uni.example", COMPLAINT).await;
    let mut kes = handler(&w).await;
    let fields = [("do", "take"), ("r", "IR-1"), ("back", "//evil.example/")];
    assert_eq!(kes.post("/reports/triage", &fields).await.to(), "/reports");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_hostile_is_shown_as_text() {
    let w = world().await;
    let body = format!("{HOSTILE}\r\nhttp://evil.example/\"onmouseover=alert(1)\r\n192.0.2.17\r\n");
    report(&w, "it@uni.example", &format!("x {HOSTILE}"), "1@uni.example", &body).await;
    let mut kes = handler(&w).await;
    kes.done("/reports/triage", &[("do", "open"), ("r", "IR-1")]).await;
    for path in [
        "/",
        "/reports?view=all",
        "/reports?view=all&q=<script>",
        "/reports/IR-1",
        "/incidents",
        "/incidents/INC-1",
        "/mail",
        "/search?q=192.0.2.17",
        "/reports/link?r=IR-1",
        "/incidents/INC-1/close",
        "/incidents/INC-1/investigate",
    ] {
        let page = kes.get(&path.replace('<', "%3C").replace('>', "%3E")).await.page();
        let only_ours = page.matches("<script").count() == 1 && !page.contains("<img");
        assert!(only_ours && !page.contains("\"onmouseover"), "{path}: {page}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn parts_and_originals_are_files_and_never_pages() {
    let w = world().await;
    let mixed = "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n";
    let body = "--b\r\nContent-Type: text/plain\r\n\r\n192.0.2.17\r\n--b\r\nContent-Type: text/html\r\n\
        Content-Disposition: attachment; filename=\"../../evil page.html\"\r\n\r\n<script>x</script>\r\n--b--\r\n";
    let mail = letter("it@uni.example", "with a file", "1@uni.example", mixed, body);
    w.mail("it@uni.example", &mail).await;
    let mut kes = handler(&w).await;
    let page = kes.get("/reports/IR-1").await.page();
    let href = |what: &str| {
        let at = page
            .find(&format!("{what}\" download"))
            .map(|end| page[..end].rfind("href=\"").unwrap() + 6)
            .unwrap();
        page[at..].split('"').next().unwrap().replace("&#38;", "&")
    };
    let part = page.split("href=\"").find(|link| link.contains("/part?path=")).unwrap();
    let answer = kes.get(part.split('"').next().unwrap()).await;
    assert_eq!(answer.body.trim(), "<script>x</script>");
    assert_eq!(answer.headers[header::CONTENT_TYPE], "application/octet-stream");
    assert_eq!(answer.headers[header::CONTENT_DISPOSITION], "attachment; filename=\"evil_page.html\"");
    assert_eq!(answer.headers[header::X_CONTENT_TYPE_OPTIONS], "nosniff");
    let original = kes.get(&href("/original")).await;
    assert_eq!(original.headers[header::CONTENT_TYPE], "message/rfc822");
    assert!(original.body.ends_with(&mail), "byte for byte: {}", original.body);
    assert!(kes.get("/messages/nonsense/original").await.status == StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_list_goes_into_spreadsheets_without_formulas() {
    let w = world().await;
    report(&w, "it@uni.example", "=HYPERLINK(\"http://evil.example\")", "1@uni.example", COMPLAINT).await;
    let mut kes = handler(&w).await;
    let csv = kes.get("/reports.csv?view=all").await;
    assert_eq!(csv.headers[header::CONTENT_TYPE], "text/csv; charset=utf-8");
    assert!(csv.body.contains("\"'=HYPERLINK("), "{}", csv.body);
    assert!(csv.body.contains("CERT Skerry"), "{}", csv.body);
    let json: serde_json::Value =
        serde_json::from_str(&kes.get("/reports.json?view=all").await.body).unwrap();
    assert_eq!(json[0]["subject"], "=HYPERLINK(\"http://evil.example\")");
    assert_eq!(
        (json[0]["whose"].as_str(), json[0]["more"].as_i64()),
        (Some("other"), Some(5)),
        "and what the subject names"
    );
    kes.done("/reports/triage", &[("do", "open"), ("r", "IR-1")]).await;
    let csv = kes.get("/incidents/INC-1/observables.csv").await.body;
    assert!(csv.starts_with("kind,value,port") && csv.contains("ip,192.0.2.17,22,"), "{csv}");
}

#[tokio::test(flavor = "multi_thread")]
async fn strangers_log_in_others_see_nothing_and_readers_change_nothing() {
    let w = world().await;
    report(&w, "it@uni.example", "guessing", "1@uni.example", COMPLAINT).await;
    let app = app(&w);
    let mut kes = handler(&w).await;
    kes.done("/reports/triage", &[("do", "open"), ("r", "IR-1")]).await;
    kes.done("/incidents/INC-1/investigate", &[("chosen", "yes"), ("mail", "duty@skerry.example")]).await;
    let page = kes.get("/reports/IR-1").await.page();
    let message = page.split("/messages/").nth(1).unwrap().split('/').next().unwrap().to_owned();
    let original = format!("/messages/{message}/original");
    let pages = [
        "/reports/IR-1",
        "/incidents/INC-1",
        "/incidents/INC-1/investigate",
        "/investigations/INV-1",
        "/incidents/INC-1/observables.csv",
        &original,
    ];

    let mut stranger = Browser::stranger(&app);
    for path in
        pages.iter().chain(&["/", "/reports", "/mail", "/search?q=x", "/live", "/settings/exclusions"])
    {
        let answer = stranger.get(path).await;
        assert!(answer.to().starts_with("/login"), "{path}: {}", answer.status);
    }

    let mut other = Browser::of(&app, &w, "skerry", "liv", &[Role::Handler]).await;
    for path in pages {
        assert_eq!(other.get(path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    assert!(!other.get("/reports?view=all").await.page().contains("guessing"));
    assert!(other.get("/search?q=192.0.2.17").await.page().contains("Nothing holds"));
    assert_eq!(
        other.post("/reports/triage", &[("do", "reject"), ("r", "IR-1")]).await.status,
        StatusCode::NOT_FOUND
    );

    let mut reader = Browser::of(&app, &w, "aldermark", "ada", &[Role::Reader]).await;
    let page = reader.get("/reports/IR-1").await.page();
    assert!(
        !page.contains("/reports/triage") && !page.contains("/reply"),
        "a reader is offered what only handlers may"
    );
    for path in [
        "/reports/triage",
        "/reports/IR-1/reply",
        "/reports/IR-1/note",
        "/incidents/INC-1",
        "/incidents/INC-1/note",
        "/incidents/INC-1/investigate",
        "/incidents/INC-1/close",
        "/investigations/INV-1/remind",
        "/incidents/new",
        "/drafts?form=x",
    ] {
        let answer =
            reader.post(path, &[("do", "reject"), ("r", "IR-1"), ("text", "x"), ("title", "x")]).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path}");
    }
    let mut admin = Browser::of(&app, &w, "aldermark", "eva", &[Role::TeamAdmin]).await;
    assert_eq!(admin.get("/reports").await.status, StatusCode::FORBIDDEN);
}

#[tokio::test(flavor = "multi_thread")]
async fn rules_of_exclusion_are_kept_or_refused_with_the_line() {
    let w = world().await;
    let mut eva = Browser::of(&app(&w), &w, "aldermark", "eva", &[Role::TeamAdmin]).await;
    let answer = eva.post("/settings/exclusions", &[("rules", "net 192.0.2.0/24\nnonsense here")]).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.body.contains("Line 2") && answer.body.contains("net 192.0.2.0/24"), "{}", answer.body);
    let page = eva.done("/settings/exclusions", &[("rules", "net 192.0.2.0/24\n")]).await;
    assert!(page.contains("The rules are kept"), "{page}");
    report(&w, "it@uni.example", "guessing", "1@uni.example", COMPLAINT).await;
    let row = handler(&w).await.get("/reports").await.page();
    assert!(row.contains("198.51.100.7") && !row.contains("<code>192.0.2.17</code>"), "{row}");
}
