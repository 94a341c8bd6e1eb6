//! What people with accounts, and those without, get from the service; on the engine that `WARDMOTE_TEST_DB` names.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;

use identity::{
    Entered, From, Granted, Identity, ManageTeam, NewAccount, OwnAccount, Refused, Role, Settings, StepUp,
    TokenRequest,
};
use kit::clock::{DAY, HOUR, MINUTE, SECOND};
use kit::testing::{TestNode, node};
use kit::{Error, Id};

const PASSWORD: &str = "quiet harbour lamp seven";

struct World {
    node: TestNode,
    identity: Identity,
    team: Id,
    kes: Id,
}

async fn world() -> World {
    let node = node(&[identity::MIGRATIONS]);
    let identity = Identity::new(node.node.clone(), Settings::default());
    let team = identity.organisation("aldermark", "Aldermark CERT").await.unwrap();
    let kes = account(&identity, team, "kes", &[Role::Handler]).await;
    World { node, identity, team, kes }
}

async fn account(identity: &Identity, team: Id, login: &str, roles: &[Role]) -> Id {
    let new = NewAccount {
        login: login.into(),
        name: "Kes".into(),
        roles: roles.iter().copied().collect(),
        password: Some(PASSWORD.into()),
    };
    identity.create_account(&Granted::for_node(), team, new).await.unwrap()
}

fn from(peer: &str) -> From {
    From { peer: peer.parse().unwrap(), agent: "a browser".into(), host: String::new() }
}

fn cookie(entered: Entered) -> String {
    match entered {
        Entered::In(cookie) => cookie,
        Entered::CodeNeeded(_) => panic!("no second factor was set"),
    }
}

impl World {
    async fn enter(&self) -> String {
        cookie(self.identity.log_in("kes", PASSWORD.into(), &from("192.0.2.1")).await.unwrap())
    }

    async fn own(&self, cookie: &str) -> StepUp<OwnAccount> {
        let granted = Granted::check(&self.identity.session(cookie).await.unwrap().unwrap()).unwrap();
        identity::testing::fresh(&self.identity, granted).unwrap()
    }
}

#[test]
fn every_statement_is_understood() {
    let node = node(&[identity::MIGRATIONS]);
    assert_eq!(node.db.check_statements(&identity::statements()).unwrap(), Vec::<String>::new());
}

#[tokio::test]
async fn the_right_password_begins_a_session_and_logging_out_ends_it() {
    let w = world().await;
    let cookie = cookie(w.identity.log_in(" KES ", PASSWORD.into(), &from("192.0.2.1")).await.unwrap());
    let actor = w.identity.session(&cookie).await.unwrap().unwrap();
    assert_eq!((actor.name.as_str(), actor.team, actor.account), ("kes", w.team, Some(w.kes)));
    assert_eq!(actor.team_name, "Aldermark CERT");
    assert_eq!(actor.roles().collect::<Vec<_>>(), [Role::Handler]);
    assert!(w.identity.session("something else").await.unwrap().is_none());
    w.identity.log_out(&cookie).await.unwrap();
    assert!(w.identity.session(&cookie).await.unwrap().is_none());
}

#[tokio::test]
async fn wrong_password_unknown_login_and_shut_account_get_the_same_answer() {
    let w = world().await;
    let jor = account(&w.identity, w.team, "jor", &[Role::Reader]).await;
    w.identity.set_access(&Granted::for_node(), jor, BTreeSet::new(), true).await.unwrap();
    let mut answers = Vec::new();
    for (login, password) in [("kes", "wrong"), ("nobody", PASSWORD), ("jor", PASSWORD), ("<>", PASSWORD)] {
        answers.push(
            w.identity.log_in(login, password.into(), &from("192.0.2.1")).await.unwrap_err().to_string(),
        );
    }
    answers.dedup();
    assert_eq!(answers.len(), 1, "{answers:?}");
}

#[tokio::test]
async fn a_session_ends_when_it_rests_and_when_it_is_old() {
    let w = world().await;
    let cookie = w.enter().await;
    for _ in 0..13 {
        w.node.clock.advance(11 * HOUR);
        assert!(w.identity.session(&cookie).await.unwrap().is_some());
    }
    w.node.clock.advance(12 * HOUR);
    assert!(w.identity.session(&cookie).await.unwrap().is_none(), "rested for 12 hours");
    let cookie = w.enter().await;
    for _ in 0..15 {
        w.node.clock.advance(11 * HOUR);
        w.identity.session(&cookie).await.unwrap();
    }
    w.node.clock.advance(4 * HOUR);
    assert!(w.identity.session(&cookie).await.unwrap().is_none(), "seven days old");
}

#[tokio::test]
async fn guessing_is_slowed_by_name_and_the_right_password_must_wait_too() {
    let w = world().await;
    for _ in 0..6 {
        let refused = w.identity.log_in("kes", "wrong".into(), &from("192.0.2.1")).await.unwrap_err();
        assert!(matches!(refused, Refused::Wrong(_)));
    }
    // Another address does not help, nor does knowing the password now.
    let refused = w.identity.log_in("kes", PASSWORD.into(), &from("198.51.100.9")).await.unwrap_err();
    assert!(matches!(refused, Refused::Wait(1)), "{refused:?}");
    w.node.clock.advance(SECOND);
    w.enter().await;
    // Success begins the count anew.
    let refused = w.identity.log_in("kes", "wrong".into(), &from("192.0.2.1")).await.unwrap_err();
    assert!(matches!(refused, Refused::Wrong(_)));
}

#[tokio::test]
async fn guessing_many_names_is_slowed_by_address() {
    let w = world().await;
    let mut wrong = 0;
    let refused = loop {
        let login = format!("guess{wrong}");
        match w.identity.log_in(&login, "x".into(), &from("2001:db8::1")).await.unwrap_err() {
            Refused::Wrong(_) => wrong += 1,
            other => break other,
        }
    };
    assert_eq!(wrong, 31);
    assert!(matches!(refused, Refused::Wait(_)));
    w.enter().await;
}

#[tokio::test]
async fn with_a_second_factor_the_password_alone_is_not_enough_and_no_code_counts_twice() {
    let w = world().await;
    let own = w.own(&w.enter().await).await;
    let enrolment = w.identity.offer_totp(&own).await.unwrap();
    assert!(
        enrolment.uri.starts_with("otpauth://totp/") && enrolment.uri.contains("kes"),
        "{}",
        enrolment.uri
    );
    // Not in force before it is confirmed.
    w.enter().await;
    assert!(matches!(w.identity.confirm_totp(&own, "000000").await, Err(Error::Invalid { .. })));
    let code = identity::testing::code_at(&enrolment.secret, w.node.now());
    let recovery = w.identity.confirm_totp(&own, &code).await.unwrap();
    assert_eq!(recovery.len(), 10);

    let enter = async || match w.identity.log_in("kes", PASSWORD.into(), &from("192.0.2.1")).await.unwrap() {
        Entered::CodeNeeded(cookie) => cookie,
        Entered::In(_) => panic!("the second factor was not asked for"),
    };
    let half = enter().await;
    assert!(w.identity.session(&half).await.unwrap().is_none(), "half a log-in is none");
    let used = w.identity.log_in_code(&half, &code, &from("192.0.2.1")).await.unwrap_err();
    assert!(matches!(used, Refused::Wrong(_)), "the code that confirmed was used");
    w.node.clock.advance(30 * SECOND);
    let code = identity::testing::code_at(&enrolment.secret, w.node.now());
    let cookie = w.identity.log_in_code(&half, &code, &from("192.0.2.1")).await.unwrap();
    assert_ne!(cookie, half);
    let actor = w.identity.session(&cookie).await.unwrap().unwrap();
    assert_eq!(actor.second_factor_at(), Some(w.node.now()));
    assert!(
        w.identity.log_in_code(&half, &code, &from("192.0.2.1")).await.is_err(),
        "the half log-in is over"
    );

    // A recovery code works once, however it is typed.
    let typed = recovery[3].to_uppercase().replace('-', " ");
    w.identity.log_in_code(&enter().await, &typed, &from("192.0.2.1")).await.unwrap();
    assert!(w.identity.log_in_code(&enter().await, &typed, &from("192.0.2.1")).await.is_err());
    let own = w.own(&cookie).await;
    assert_eq!(w.identity.recovery_codes_left(&own).await.unwrap(), Some(9));

    // Ten minutes for the code, then the password again.
    let late = enter().await;
    w.node.clock.advance(10 * MINUTE);
    let code = identity::testing::code_at(&enrolment.secret, w.node.now());
    assert!(w.identity.log_in_code(&late, &code, &from("192.0.2.1")).await.is_err());
}

#[tokio::test]
async fn codes_cannot_be_guessed_by_trying_many() {
    let w = world().await;
    let own = w.own(&w.enter().await).await;
    let enrolment = w.identity.offer_totp(&own).await.unwrap();
    let code = identity::testing::code_at(&enrolment.secret, w.node.now());
    w.identity.confirm_totp(&own, &code).await.unwrap();
    let Entered::CodeNeeded(half) =
        w.identity.log_in("kes", PASSWORD.into(), &from("192.0.2.1")).await.unwrap()
    else {
        panic!("the second factor was not asked for");
    };
    let mut outcomes = Vec::new();
    for _ in 0..8 {
        outcomes.push(w.identity.log_in_code(&half, "123456", &from("192.0.2.1")).await.unwrap_err());
    }
    assert!(matches!(outcomes[7], Refused::Wait(_)), "{outcomes:?}");
}

#[tokio::test]
async fn a_one_time_link_works_once_within_ten_minutes_and_lets_one_set_a_forgotten_password() {
    let w = world().await;
    let link = w.identity.one_time_login(&Granted::for_node(), w.kes).await.unwrap();
    assert!(w.identity.link_is_good(&link).await.unwrap());
    assert!(w.identity.link_is_good(&link).await.unwrap(), "looking does not use it up");
    let cookie = cookie(w.identity.log_in_once(&link, &from("192.0.2.1")).await.unwrap());
    assert!(w.identity.log_in_once(&link, &from("192.0.2.1")).await.is_err());

    let own = w.own(&cookie).await;
    w.identity.change_password(&own, String::new(), "seven lamps in a harbour".into()).await.unwrap();
    let own = w.own(&cookie).await;
    let again = w.identity.change_password(&own, String::new(), "eight lamps in a harbour".into()).await;
    assert!(matches!(again, Err(Error::Invalid { field, .. }) if field == "current"));

    let old = w.identity.one_time_login(&Granted::for_node(), w.kes).await.unwrap();
    w.node.clock.advance(10 * MINUTE);
    assert!(w.identity.log_in_once(&old, &from("192.0.2.1")).await.is_err());
}

#[tokio::test]
async fn changing_the_password_ends_the_other_sessions() {
    let w = world().await;
    let (here, elsewhere) = (w.enter().await, w.enter().await);
    let own = w.own(&here).await;
    let wrong = w.identity.change_password(&own, "not it".into(), "seven lamps in a harbour".into()).await;
    assert!(matches!(wrong, Err(Error::Invalid { field, .. }) if field == "current"));
    w.identity.change_password(&own, PASSWORD.into(), "seven lamps in a harbour".into()).await.unwrap();
    assert!(w.identity.session(&here).await.unwrap().is_some());
    assert!(w.identity.session(&elsewhere).await.unwrap().is_none());
    assert_eq!(w.identity.log_out_everywhere(&own).await.unwrap(), 1);
    assert!(w.identity.session(&here).await.unwrap().is_none());
}

#[tokio::test]
async fn a_token_carries_its_scopes_until_it_is_revoked_or_expires() {
    let w = world().await;
    let own = w.own(&w.enter().await).await;
    let request = TokenRequest {
        name: "nightly feed".into(),
        scopes: vec!["lookup".into(), "incidents:work".into()],
        expires: Some(w.node.now() + DAY),
    };
    let token = w.identity.create_token(&own, request.clone()).await.unwrap();
    assert!(token.starts_with("wardmote_"));
    let actor = w.identity.bearer(&token).await.unwrap().unwrap();
    assert_eq!(actor.name, "token:nightly feed");
    assert!(Granted::<identity::LookUp>::check(&actor).is_ok());
    assert!(Granted::<identity::ReadCases>::check(&actor).is_err(), "not in its scopes");
    assert!(Granted::<identity::WorkIncidents>::check(&actor).is_ok());
    let beyond = TokenRequest { scopes: vec!["lookup".into(), "node:manage".into()], ..request.clone() };
    let refused = w.identity.create_token(&own, beyond).await.unwrap_err().to_string();
    assert!(refused.contains("node:manage") && refused.contains("keep the node"), "{refused}");
    let reader = [Role::Reader].into_iter().collect();
    w.identity.set_access(&Granted::for_node(), w.kes, reader, false).await.unwrap();
    let later = w.identity.bearer(&token).await.unwrap().unwrap();
    assert!(Granted::<identity::WorkIncidents>::check(&later).is_err(), "its owner may not any more");

    let team = w.identity.create_team_token(&Granted::for_node(), w.team, request.clone()).await.unwrap();
    let listed = w.identity.tokens(&own).await.unwrap();
    assert_eq!((listed.len(), listed[0].name.as_str()), (1, "nightly feed"));
    w.identity.revoke_token(&own, listed[0].id).await.unwrap();
    assert!(w.identity.bearer(&token).await.unwrap().is_none());
    assert!(matches!(w.identity.revoke_token(&own, listed[0].id).await, Err(Error::NotFound(_))));

    assert!(w.identity.bearer(&team).await.unwrap().is_some());
    w.node.clock.advance(DAY);
    assert!(w.identity.bearer(&team).await.unwrap().is_none());
    for bad in [
        TokenRequest { name: String::new(), ..request.clone() },
        TokenRequest { scopes: vec!["everything".into()], ..request.clone() },
        TokenRequest { scopes: vec![], ..request.clone() },
        request,
    ] {
        assert!(matches!(w.identity.create_token(&own, bad).await, Err(Error::Invalid { .. })));
    }
}

#[tokio::test]
async fn an_administrator_rules_over_their_own_team_only_and_gives_no_more_than_they_have() {
    let w = world().await;
    let skerry = w.identity.organisation("skerry", "CERT Skerry").await.unwrap();
    let theirs = account(&w.identity, skerry, "ines", &[Role::Handler]).await;
    account(&w.identity, w.team, "ada", &[Role::TeamAdmin]).await;
    let cookie = cookie(w.identity.log_in("ada", PASSWORD.into(), &from("192.0.2.1")).await.unwrap());
    let admin = Granted::check(&w.identity.session(&cookie).await.unwrap().unwrap()).unwrap();

    let listed: Vec<_> = w.identity.accounts(&admin).await.unwrap().into_iter().map(|a| a.login).collect();
    assert_eq!(listed, ["ada", "kes"]);
    let none = BTreeSet::new();
    assert!(matches!(
        w.identity.set_access(&admin, theirs, none.clone(), true).await,
        Err(Error::NotFound(_))
    ));
    assert!(matches!(w.identity.one_time_login(&admin, theirs).await, Err(Error::NotFound(_))));
    let there = NewAccount { login: "spy".into(), ..NewAccount::default() };
    assert!(matches!(w.identity.create_account(&admin, skerry, there).await, Err(Error::NotFound(_))));

    let too_much = [Role::NodeAdmin].into_iter().collect();
    assert!(matches!(w.identity.set_access(&admin, w.kes, too_much, false).await, Err(Error::Forbidden(_))));
    let myself = admin.actor().account.unwrap();
    assert!(matches!(w.identity.set_access(&admin, myself, none, false).await, Err(Error::Conflict(_))));

    let kes = w.enter().await;
    w.identity.set_access(&admin, w.kes, [Role::Reader].into_iter().collect(), false).await.unwrap();
    assert!(w.identity.session(&kes).await.unwrap().is_none(), "the old rights are gone at once");
}

#[tokio::test]
async fn an_administrator_makes_no_way_into_an_account_that_may_do_more_than_they_may_give() {
    let w = world().await;
    account(&w.identity, w.team, "ada", &[Role::TeamAdmin]).await;
    let cookie = cookie(w.identity.log_in("ada", PASSWORD.into(), &from("192.0.2.1")).await.unwrap());
    let admin: Granted<ManageTeam> =
        Granted::check(&w.identity.session(&cookie).await.unwrap().unwrap()).unwrap();
    for role in [Role::Owner, Role::Board, Role::Introducer, Role::NodeAdmin] {
        let above = account(&w.identity, w.team, role.name(), &[Role::Handler, role]).await;
        let refused = w.identity.one_time_login(&admin, above).await.unwrap_err();
        assert!(matches!(refused, Error::Forbidden(_)), "{role}: {refused}");
        let listed = w.identity.accounts(&admin).await.unwrap();
        let may = listed.iter().find(|account| account.id == above).unwrap().may;
        assert!(!may.link && !may.change && !may.reset, "{role}: nothing is offered that is refused");
        let refused = w.identity.set_password(&admin, above, "of another's choice".into()).await.unwrap_err();
        assert!(matches!(refused, Error::Forbidden(_)), "{role}: {refused}");
        w.identity.one_time_login(&Granted::for_node(), above).await.unwrap();
    }
    w.identity.one_time_login(&admin, w.kes).await.unwrap();
    // Whom the link would not let in gets none either.
    let handler = [Role::Handler].into_iter().collect();
    w.identity.set_access(&admin, w.kes, handler, true).await.unwrap();
    let refused = w.identity.one_time_login(&admin, w.kes).await.unwrap_err();
    assert!(matches!(&refused, Error::Conflict(why) if why.contains("is shut")), "{refused}");
    let listed = w.identity.accounts(&admin).await.unwrap();
    let may = listed.iter().find(|account| account.id == w.kes).unwrap().may;
    assert!(!may.link && may.change, "they can be let in again");
}

#[tokio::test]
async fn the_own_password_cannot_be_guessed_by_a_session_that_was_left_open() {
    let w = world().await;
    let own = w.own(&w.enter().await).await;
    let mut outcomes = Vec::new();
    for _ in 0..4 {
        for refused in [
            w.identity.change_password(&own, "a guess".into(), "seven lamps in a harbour".into()).await,
            w.identity.remove_totp(&own, "a guess".into()).await,
        ] {
            outcomes.push(refused.unwrap_err().to_string());
        }
    }
    assert!(outcomes[5].contains("not your"), "{outcomes:?}");
    assert!(outcomes[7].contains("too many attempts"), "{outcomes:?}");
    let right = w.identity.change_password(&own, PASSWORD.into(), "seven lamps in a harbour".into()).await;
    assert!(right.unwrap_err().to_string().contains("too many attempts"));
    w.node.clock.advance(MINUTE);
    w.identity.change_password(&own, PASSWORD.into(), "seven lamps in a harbour".into()).await.unwrap();
}

#[tokio::test]
async fn what_happens_to_an_account_is_on_record_and_what_has_ended_is_deleted() {
    let w = world().await;
    let own = w.own(&w.enter().await).await;
    w.identity.change_password(&own, PASSWORD.into(), "seven lamps in a harbour".into()).await.unwrap();
    let stream = format!("account:{}", w.kes);
    let (kinds, checked) = w
        .node
        .db
        .read(move |c| {
            let kinds: Vec<_> =
                kit::events::history(c, &stream, 10)?.into_iter().map(|e| (e.kind, e.actor)).collect();
            Ok((kinds, kit::events::verify(c, &stream)?))
        })
        .await
        .unwrap();
    let expected = [
        ("identity.credentials_changed", "kes"),
        ("identity.logged_in", "kes"),
        ("identity.account_created", "node"),
    ];
    assert_eq!(kinds, expected.map(|(kind, actor)| (kind.to_owned(), actor.to_owned())));
    assert_eq!(checked, 3);

    w.identity.start().await.unwrap();
    w.identity.start().await.unwrap();
    assert_eq!(kit::jobs::run_due(&w.node, &w.identity.jobs()).await.unwrap(), 1);
    w.node.clock.advance(8 * DAY);
    assert_eq!(kit::jobs::run_due(&w.node, &w.identity.jobs()).await.unwrap(), 1);
    assert!(w.identity.sessions(&own).await.unwrap().is_empty());
}
