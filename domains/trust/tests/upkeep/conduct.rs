use axum::http::StatusCode;
use identity::Role::{Introducer, Reader, TeamAdmin};
use identity::{Granted, ManageTeam};
use kit::clock::{DAY, SECOND};
use mail::pgp::{KeyParams, SecretKey, Seed, SignatureMode};
use teams::{Standing, TrustStatus};
use trust::Section;

use crate::world::{World, world};

const TEXT: &str = "We answer.\r\nWe keep confidences.\r\n";

async fn published(w: &World) -> String {
    let operator = w.who("office", "olga", &[Introducer]).await;
    let form = [("title", "Code of conduct"), ("text", TEXT)];
    let (status, _, page) = w.post("/trust/conduct", &operator, &form).await;
    assert_eq!(status, StatusCode::SEE_OTHER, "{page}");
    operator
}

fn key(name: &str, at: i64, seed: u8) -> SecretKey {
    let params = KeyParams { user_id: format!("{name} <cert@{name}.example>"), created: at, expires: None };
    SecretKey::generate(&params, Seed::from([seed; 32])).unwrap()
}

async fn declare(w: &World, cookie: &str, version: &str, signature: &str) -> (StatusCode, String) {
    let form = [("version", version), ("agree", "yes"), ("signature", signature)];
    let (status, _, page) = w.post("/trust/conduct/declare", cookie, &form).await;
    (status, page)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_team_declares_a_version_and_a_newer_one_asks_again() {
    let w = world(Section::default()).await;
    let operator = published(&w).await;
    w.run().await;
    assert_eq!(w.left().len(), 5, "each team once");
    w.run().await;
    assert_eq!(w.left().len(), 5);
    let alder = w.mails(&format!("conduct-1:{}", w.team("alder")));
    assert!(alder[0].1.body_text().contains("We keep confidences."));

    let admin = w.who("alder", "ann", &[TeamAdmin]).await;
    let (_, page) = w.get("/trust/conduct", &admin).await;
    assert!(page.contains("ALDER keeps to version 1") || page.contains("alder keeps to version 1"), "{page}");
    assert_eq!(declare(&w, &admin, "1", "").await.0, StatusCode::SEE_OTHER);
    assert_eq!(declare(&w, &admin, "1", "").await.0, StatusCode::CONFLICT);
    let reader = w.who("birch", "bob", &[Reader]).await;
    assert_eq!(declare(&w, &reader, "1", "").await.0, StatusCode::FORBIDDEN);

    // Everybody sees who declared, and the exact bytes.
    let (status, page) = w.get("/trust/conduct", "").await;
    assert_eq!(status, StatusCode::OK);
    assert!(page.contains("alder") && page.contains("in force") && !page.contains("birch"), "{page}");
    assert_eq!(w.get("/trust/conduct/1/text", "").await.1, "We answer.\nWe keep confidences.\n");

    let form = [("title", "Code of conduct"), ("text", "We answer fast.")];
    assert_eq!(w.post("/trust/conduct", &operator, &form).await.0, StatusCode::SEE_OTHER);
    assert_eq!(
        w.post("/trust/conduct", &operator, &form).await.0,
        StatusCode::UNPROCESSABLE_ENTITY,
        "the same again"
    );
    w.run().await;
    let alder = w.mails(&format!("conduct-2:{}", w.team("alder")));
    assert!(alder[0].1.body_text().contains("declared to keep to version 1"));
    let (_, page) = w.get("/trust/conduct", "").await;
    assert!(page.contains("older"), "{page}");
    assert_eq!(declare(&w, &admin, "1", "").await.0, StatusCode::CONFLICT, "a version that is not in force");
    assert_eq!(declare(&w, &admin, "2", "").await.0, StatusCode::SEE_OTHER);

    // Who is suspended is not shown as one who keeps to it.
    let standing = Standing { status: TrustStatus::Suspended, since: w.node.now() };
    teams::testing::stand(&w.teams, w.team("alder"), Some(standing)).await;
    assert!(!w.get("/trust/conduct/declared.csv", "").await.1.contains("alder"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signature_counts_when_a_key_of_the_team_made_it_over_the_exact_bytes() {
    let w = world(Section::default()).await;
    let made = w.node.now() / SECOND;
    let (own, foreign) = (key("alder", made - 100, 1), key("birch", made - 100, 2));
    let granted = Granted::<ManageTeam>::for_node();
    let public = |key: &SecretKey| key.public().to_armored().into_bytes();
    w.teams.add_key(&granted, w.team("alder"), public(&own)).await.unwrap();
    w.teams.add_key(&granted, w.team("birch"), public(&foreign)).await.unwrap();
    published(&w).await;
    let bytes = w.get("/trust/conduct/1/text", "").await.1.into_bytes();
    let at = made + 60;
    w.node.clock.advance(DAY);
    let admin = w.who("alder", "ann", &[TeamAdmin]).await;
    let sign = |key: &SecretKey, bytes: &[u8], at| {
        key.sign_detached(bytes, SignatureMode::Binary, at).unwrap().armored
    };
    let refused = [
        (sign(&foreign, &bytes, at), "not known here"),
        (sign(&own, b"We answer.\n", at), "bad signature"),
        (sign(&own, &bytes, made - 50), "before the document was published"),
        (sign(&own, &bytes, made + 9 * 86_400), "dated in the future"),
        ("nonsense".into(), "proves nothing"),
    ];
    for (signature, why) in refused {
        let (status, page) = declare(&w, &admin, "1", &signature).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{why}");
        assert!(page.contains(why), "{why}: {page}");
    }
    assert!(!w.get("/trust/conduct/declared.csv", "").await.1.contains("alder"));
    assert_eq!(declare(&w, &admin, "1", &sign(&own, &bytes, at)).await.0, StatusCode::SEE_OTHER);
    let csv = w.get("/trust/conduct/declared.csv", "").await.1;
    assert!(csv.contains(&own.public().fingerprint()), "{csv}");
    let (_, page) = w.get("/trust/conduct", &admin).await;
    assert!(page.contains("good signature by"), "{page}");
}
