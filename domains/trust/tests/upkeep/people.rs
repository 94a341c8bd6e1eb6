use axum::http::StatusCode;
use identity::Role::{Board, Introducer, Reader};
use kit::clock::DAY;
use trust::Section;

use crate::world::{World, link, world};

/// Somebody of each of three teams, and of the office: introducer and board.
struct Cast {
    ann: String,
    bob: String,
    cas: String,
    dot: String,
    olga: String,
    bea: String,
}

async fn cast(w: &World) -> Cast {
    Cast {
        ann: w.who("alder", "ann", &[Reader]).await,
        bob: w.who("birch", "bob", &[Reader]).await,
        cas: w.who("cedar", "cas", &[Reader]).await,
        dot: w.who("dogwood", "dot", &[Reader]).await,
        olga: w.who("office", "olga", &[Introducer]).await,
        bea: w.who("elm", "bea", &[Board]).await,
    }
}

const NEW: [(&str, &str); 4] = [
    ("name", "Nia Nominee"),
    ("email", "nia@far.example"),
    ("about", "writes the tools we use"),
    ("attest", "met"),
];

/// Names Nia; returns her page.
async fn named(w: &World, by: &str) -> String {
    let (status, to, page) = w.post("/trust/people", by, &NEW).await;
    assert_eq!(status, StatusCode::SEE_OTHER, "{page}");
    to
}

async fn vouch(w: &World, path: &str, by: &str) -> StatusCode {
    w.post(&format!("{path}/vouch"), by, &[("attest", "acts")]).await.0
}

async fn state(w: &World, path: &str) -> (String, i64) {
    let id = path.rsplit('/').next().unwrap().parse().unwrap();
    let view = w.trust.person(&identity::Granted::for_node(), id).await.unwrap();
    (view.state, view.version)
}

fn about(path: &str) -> String {
    format!("person:{}", path.rsplit('/').next().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_nominee_is_asked_after_three_teams_vouched_says_yes_is_approved_and_comes_in() {
    let w = world(Section::default()).await;
    let c = cast(&w).await;
    let nia = named(&w, &c.ann).await;
    assert_eq!(vouch(&w, &nia, &c.bob).await, StatusCode::SEE_OTHER);
    assert_eq!(vouch(&w, &nia, &c.bob).await, StatusCode::CONFLICT, "each once");
    w.run().await;
    assert!(w.mails(&about(&nia)).is_empty(), "not told yet");
    assert_eq!(vouch(&w, &nia, &c.cas).await, StatusCode::SEE_OTHER);
    assert_eq!(state(&w, &nia).await.0, "vetted");
    w.run().await;
    let (_, letter) = w.mails(&about(&nia)).remove(0);
    let question = link(letter.body_text());
    assert!(w.get(&question, "").await.1.contains("do you want to be in?"));

    // Approval waits for the yes.
    let version = state(&w, &nia).await.1.to_string();
    let approve = format!("{nia}/approve");
    assert_eq!(w.post(&approve, &c.olga, &[("version", &version)]).await.0, StatusCode::CONFLICT);
    assert_eq!(w.post(&question, "", &[("do", "yes")]).await.0, StatusCode::OK);
    assert_eq!(
        w.post(&approve, &c.olga, &[("version", &version)]).await.0,
        StatusCode::CONFLICT,
        "a stale page"
    );
    let version = state(&w, &nia).await.1.to_string();
    assert_eq!(w.post(&approve, &c.ann, &[("version", &version)]).await.0, StatusCode::FORBIDDEN);
    // Mails of the same moment have no order.
    w.node.clock.advance(kit::clock::MINUTE);
    assert_eq!(w.post(&approve, &c.olga, &[("version", &version)]).await.0, StatusCode::SEE_OTHER);
    w.run().await;
    let (_, letter) = w.mails(&about(&nia)).pop().unwrap();
    let invitation = link(letter.body_text());
    assert_eq!(w.get(&question, "").await.0, StatusCode::GONE, "the newer link counts");
    assert!(w.get(&invitation, "").await.1.contains("Come in"));
    assert_eq!(state(&w, &nia).await.0, "approved", "looking lets nobody in");
    let (status, to, _) = w.post(&invitation, "", &[("do", "enter")]).await;
    assert_eq!(status, StatusCode::SEE_OTHER);
    let secret = to.strip_prefix("/login/once/").unwrap();
    assert!(w.identity.link_is_good(secret).await.unwrap());
    assert_eq!(state(&w, &nia).await.0, "active");
    assert_eq!(w.post(&invitation, "", &[("do", "enter")]).await.0, StatusCode::NOT_FOUND, "once");

    // Who nominated her is known to whoever recovers her account.
    let card =
        w.node.db.read_now(|c| identity::AccountCard::by_login(c, "nia@far.example")).unwrap().unwrap();
    let ann = w.node.db.read_now(|c| identity::AccountCard::by_login(c, "ann")).unwrap().unwrap();
    assert_eq!(w.trust.nominator(card.id).await.unwrap(), Some(ann.id));
    w.identity.ask_nominators_of(std::sync::Arc::new(w.trust.clone()));
    let operator = w.node.db.read_now(|c| identity::AccountCard::by_login(c, "olga")).unwrap().unwrap();
    assert_eq!(w.trust.nominator(operator.id).await.unwrap(), None);
    let by_hand = identity::StepUp::for_node();
    let begun = w.identity.begin_members_recovery(&by_hand, "nia@far.example", None).await.unwrap();
    assert_eq!(begun.nominator, "ann");
    assert_eq!(w.trust.nominator(ann.id).await.unwrap(), None);

    // An objection shuts her out until the board has decided.
    let object = format!("{nia}/object");
    assert_eq!(w.post(&object, &c.dot, &[("reason", "she leaks")]).await.0, StatusCode::SEE_OTHER);
    w.run().await;
    let disabled = || {
        let card = w.node.db.read_now(|c| identity::AccountCard::by_login(c, "nia@far.example")).unwrap();
        card.unwrap().disabled
    };
    assert!(disabled());
    let (_, page) = w.get(&nia, &c.bea).await;
    let at = page.find(&format!("{nia}/objections/")).unwrap();
    let path = page[at..].split('"').next().unwrap().to_owned();
    assert_eq!(w.post(&path, &c.olga, &[("do", "dismiss")]).await.0, StatusCode::FORBIDDEN);
    assert_eq!(w.post(&path, &c.bea, &[("do", "dismiss")]).await.0, StatusCode::SEE_OTHER);
    assert_eq!(w.post(&path, &c.bea, &[("do", "uphold")]).await.0, StatusCode::CONFLICT, "decided before");
    w.run().await;
    assert_eq!((state(&w, &nia).await.0.as_str(), disabled()), ("active", false));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_can_be_no_login_or_is_somebody_elses_is_refused_when_it_is_named() {
    let w = world(Section::default()).await;
    let c = cast(&w).await;
    w.who("elm", "boss@far.example", &[Reader]).await;
    let long = format!("{}@far.example", "n".repeat(60));
    for email in ["a+b@far.example", long.as_str(), "boss@far.example"] {
        let mut form = NEW;
        form[1].1 = email;
        let (status, _, page) = w.post("/trust/people", &c.ann, &form).await;
        assert!(status == StatusCode::UNPROCESSABLE_ENTITY, "{email}: {status} {page}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invitation_to_somebody_with_an_account_opens_it_to_nobody() {
    let w = world(Section::default()).await;
    let c = cast(&w).await;
    w.who("elm", "ora", &[Reader]).await;
    let mut form = NEW.to_vec();
    form.push(("login", "ora"));
    let elsewhere = w.post("/trust/people", &c.ann, &form).await;
    assert_eq!(
        elsewhere.0,
        StatusCode::UNPROCESSABLE_ENTITY,
        "nobody else answers for them: {}",
        elsewhere.2
    );
    form[1].1 = "ora@refused.example";
    let (status, ora, page) = w.post("/trust/people", &c.ann, &form).await;
    assert_eq!(status, StatusCode::SEE_OTHER, "{page}");
    vouch(&w, &ora, &c.bob).await;
    vouch(&w, &ora, &c.cas).await;
    w.run().await;
    let question = link(w.mails(&about(&ora)).remove(0).1.body_text());
    assert_eq!(w.post(&question, "", &[("do", "yes")]).await.0, StatusCode::OK);
    let version = state(&w, &ora).await.1.to_string();
    let approved = w.post(&format!("{ora}/approve"), &c.olga, &[("version", &version)]).await;
    assert_eq!(approved.0, StatusCode::SEE_OTHER);
    assert_eq!(state(&w, &ora).await.0, "active");
    // The address was the nominator's word: whoever reads mail there gets no link into the account.
    let (status, to, page) = w.post(&question, "", &[("do", "enter")]).await;
    assert!(status == StatusCode::CONFLICT && to.is_empty(), "{status} {to} {page}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invitation_that_cannot_be_taken_now_is_there_afterwards() {
    let w = world(Section::default()).await;
    let c = cast(&w).await;
    let nia = named(&w, &c.ann).await;
    vouch(&w, &nia, &c.bob).await;
    vouch(&w, &nia, &c.cas).await;
    w.run().await;
    let letter = w.mails(&about(&nia)).remove(0).1;
    assert_eq!(w.post(&link(letter.body_text()), "", &[("do", "yes")]).await.0, StatusCode::OK);
    let version = state(&w, &nia).await.1.to_string();
    w.node.clock.advance(kit::clock::MINUTE);
    w.post(&format!("{nia}/approve"), &c.olga, &[("version", &version)]).await;
    w.run().await;
    let invitation = link(w.mails(&about(&nia)).pop().unwrap().1.body_text());
    // Somebody else took the login since she was named.
    w.who("elm", "nia@far.example", &[Reader]).await;
    assert_eq!(w.post(&invitation, "", &[("do", "enter")]).await.0, StatusCode::CONFLICT);
    assert_eq!(state(&w, &nia).await.0, "approved");
    assert!(w.get(&invitation, "").await.1.contains("Come in"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_objection_is_read_by_introducer_and_board_and_its_author_stands_nowhere_else() {
    let w = world(Section::default()).await;
    let c = cast(&w).await;
    let nia = named(&w, &c.ann).await;
    let object = format!("{nia}/object");
    assert_eq!(w.post(&object, &c.ann, &[("reason", "x")]).await.0, StatusCode::CONFLICT, "she vouches");
    assert_eq!(w.post(&object, &c.dot, &[("reason", "")]).await.0, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(w.post(&object, &c.dot, &[("reason", "she leaks")]).await.0, StatusCode::SEE_OTHER);
    assert_eq!(state(&w, &nia).await.0, "blocked");
    assert_eq!(vouch(&w, &nia, &c.cas).await, StatusCode::CONFLICT);
    for (cookie, reads) in
        [(&c.olga, true), (&c.bea, true), (&c.ann, false), (&c.bob, false), (&c.dot, false)]
    {
        let (_, page) = w.get(&nia, cookie).await;
        assert_eq!(page.contains("she leaks"), reads);
        // The reader's own login stands at the head of each page.
        let names_dot = page.contains("<b>dot</b>");
        assert_eq!(names_dot, reads);
    }
    let record = w.record(&about(&nia));
    assert_eq!((record[0].kind.as_str(), record[0].actor.as_str()), ("trust.person_moved", "sealed"));
    let told = record.iter().filter(|event| event.actor == "sealed").map(|event| format!("{event:?}"));
    assert!(told.into_iter().all(|event| !event.contains("dogwood") && !event.contains("leaks")));
    // Nor in the database, in clear.
    let sealed = w.node.db.read_now(|c| c.query(SEALED, &[], |row| row.get::<Vec<u8>>(0))).unwrap();
    assert!(!sealed[0].windows(5).any(|window| window == b"leaks"));

    // Upheld: it ends, and nobody names her again for a year.
    let (_, page) = w.get(&nia, &c.bea).await;
    let at = page.find(&format!("{nia}/objections/")).unwrap();
    let path = page[at..].split('"').next().unwrap().to_owned();
    assert_eq!(w.post(&path, &c.bea, &[("do", "uphold")]).await.0, StatusCode::SEE_OTHER);
    assert_eq!(state(&w, &nia).await.0, "failed");
    let again = w.post("/trust/people", &c.bob, &NEW).await;
    assert_eq!(again.0, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(again.2.contains("may be named again on 2027-11-21"), "{}", again.2);
    w.node.clock.advance(366 * DAY);
    // Sessions are over by then.
    let bob = w.who("birch", "bob2", &[Reader]).await;
    assert_eq!(w.post("/trust/people", &bob, &NEW).await.0, StatusCode::SEE_OTHER);
}

const SEALED: kit::Sql = kit::Sql::new("SELECT sealed FROM trust_objection");

#[tokio::test(flavor = "multi_thread")]
async fn without_an_answer_in_a_month_it_ends() {
    let w = world(Section::default()).await;
    let c = cast(&w).await;
    let nia = named(&w, &c.ann).await;
    vouch(&w, &nia, &c.bob).await;
    vouch(&w, &nia, &c.cas).await;
    w.run().await;
    let (_, letter) = w.mails(&about(&nia)).remove(0);
    for _ in 0..2 {
        w.node.clock.advance(15 * DAY);
        w.run().await;
    }
    assert_eq!(state(&w, &nia).await.0, "vetted");
    w.node.clock.advance(DAY);
    w.run().await;
    assert_eq!(state(&w, &nia).await.0, "failed");
    let question = link(letter.body_text());
    assert_eq!(w.post(&question, "", &[("do", "yes")]).await.0, StatusCode::CONFLICT);
    assert_eq!(w.get(&question, "").await.0, StatusCode::GONE);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_vouches_for_themself_nor_for_their_own_team_nor_without_standing() {
    let w = world(Section::default()).await;
    let c = cast(&w).await;
    let form = [
        ("name", "Bob"),
        ("email", "bob@birch.example"),
        ("login", "bob"),
        ("about", "he is"),
        ("attest", "met"),
    ];
    let own = w.post("/trust/people", &c.bob, &form).await;
    assert_eq!(own.0, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(own.2.contains("nobody vouches for themself"), "{}", own.2);
    let (status, path, _) = w.post("/trust/people", &c.ann, &form).await;
    assert_eq!(status, StatusCode::SEE_OTHER);
    // Bob is not told.
    assert_eq!(w.get(&path, &c.bob).await.0, StatusCode::NOT_FOUND);
    assert!(!w.get("/trust/people", &c.bob).await.1.contains(&path));
    assert_eq!(vouch(&w, &path, &c.bob).await, StatusCode::NOT_FOUND);
    let mate = w.who("birch", "bill", &[Reader]).await;
    assert_eq!(vouch(&w, &path, &mate).await, StatusCode::CONFLICT);
    let guest = w.who("visitors", "gus", &[Reader]).await;
    assert_eq!(w.get("/trust/people", &guest).await.0, StatusCode::FORBIDDEN);
    assert_eq!(w.post("/trust/people", &guest, &NEW).await.0, StatusCode::FORBIDDEN);
    assert_eq!(w.get("/trust/people", "").await.0, StatusCode::SEE_OTHER);
    // With an account, approval is all.
    vouch(&w, &path, &c.cas).await;
    vouch(&w, &path, &c.dot).await;
    assert_eq!(w.get(&path, &c.bob).await.0, StatusCode::OK, "now he knows");
    w.run().await;
    let (_, letter) = w.mails(&about(&path)).remove(0);
    w.post(&link(letter.body_text()), "", &[("do", "yes")]).await;
    let version = state(&w, &path).await.1.to_string();
    w.post(&format!("{path}/approve"), &c.olga, &[("version", &version)]).await;
    assert_eq!(state(&w, &path).await.0, "active");
    // A vouch that is taken back leaves too few.
    assert_eq!(w.post(&format!("{path}/withdraw"), &c.dot, &[]).await.0, StatusCode::SEE_OTHER);
    assert_eq!(state(&w, &path).await.0, "inactive");
}

#[tokio::test(flavor = "multi_thread")]
async fn approving_objecting_and_judging_ask_who_is_there_after_a_while() {
    let w = world(Section::default()).await;
    let c = cast(&w).await;
    let nia = named(&w, &c.ann).await;
    w.node.clock.advance(identity::Settings::default().step_up + kit::clock::SECOND);
    let acts = [
        (format!("{nia}/approve"), &c.olga, ("version", "1")),
        (format!("{nia}/died"), &c.olga, ("version", "1")),
        (format!("{nia}/object"), &c.dot, ("reason", "He is not who he says")),
        (format!("{nia}/objections/{}", w.node.node.id()), &c.bea, ("do", "dismiss")),
    ];
    for (path, cookie, field) in acts {
        let (status, to, _) = w.post(&path, cookie, &[field]).await;
        assert_eq!(status, StatusCode::SEE_OTHER, "{path}");
        assert!(to.starts_with("/step-up"), "{path}: {to}");
    }
    assert_eq!(state(&w, &nia).await.0, "nominated");
    assert_eq!(vouch(&w, &nia, &c.bob).await, StatusCode::SEE_OTHER, "what harms nobody asks for nothing");
}
