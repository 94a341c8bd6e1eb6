//! Coming back after everything is lost takes two; on the engine that `WARDMOTE_TEST_DB` names.

#![allow(clippy::unwrap_used)]

use std::pin::Pin;
use std::sync::Arc;

use contracts::trust::Nominators;
use identity::testing::sign_in;
use identity::{
    Actor, From, Granted, Identity, Introduce, ManageTeam, OwnAccount, Refused, Role, Settings, StepUp,
};
use kit::clock::{DAY, HOUR, MINUTE};
use kit::testing::{TestNode, node};
use kit::{Error, Id};

struct World {
    node: TestNode,
    identity: Identity,
    ada: Actor,
    kes: Id,
    ines: Actor,
}

/// Kes has lost everything; Ada administers the team, Ines of another team vouches.
async fn world() -> World {
    let node = node(&[identity::MIGRATIONS]);
    let settings = Settings { split_recovery: true, ..Settings::default() };
    let identity = Identity::new(node.node.clone(), settings);
    let (_, ada) = sign_in(&identity, "aldermark", "ada", &[Role::TeamAdmin]).await;
    let (_, kes) = sign_in(&identity, "aldermark", "kes", &[Role::Handler]).await;
    let (_, ines) = sign_in(&identity, "skerry", "ines", &[Role::Handler]).await;
    World { node, identity, ada, kes: kes.account.unwrap(), ines }
}

impl World {
    fn fresh<P: identity::Permission>(&self, actor: &Actor) -> StepUp<P> {
        identity::testing::fresh(&self.identity, Granted::check(actor).unwrap()).unwrap()
    }

    async fn begin(&self) -> String {
        let by: StepUp<ManageTeam> = self.fresh(&self.ada);
        self.identity.begin_recovery(&by, self.kes, self.ines.account).await.unwrap().half
    }

    async fn half(&self) -> Result<String, Error> {
        let by: StepUp<OwnAccount> = self.fresh(&self.ines);
        let waiting = self.identity.recoveries(&by).await.unwrap();
        self.identity.show_recovery_half(&by, waiting[0].id).await
    }

    async fn recover(&self, one: &str, other: &str) -> Result<String, Refused> {
        let from = From { peer: "192.0.2.1".parse().unwrap(), agent: String::new(), host: String::new() };
        self.identity.recover("kes", [one, other], &from).await
    }
}

#[tokio::test]
async fn two_halves_let_the_owner_in_once_and_everything_is_in_the_record() {
    let w = world().await;
    let (one, other) = (w.begin().await, w.half().await.unwrap());
    assert_ne!(one, other);
    for (a, b) in [(&one, &one), (&other, &other), (&one, &"aaaaa-aaaaa-aaaaa-aaaaa".to_owned())] {
        assert!(matches!(w.recover(a, b).await, Err(Refused::Wrong(_))), "{a} {b}");
    }
    let cookie = w.recover(&other.to_uppercase(), &one.replace('-', " ")).await.unwrap();
    let kes = w.identity.session(&cookie).await.unwrap().unwrap();
    assert_eq!(kes.account, Some(w.kes));
    let own: StepUp<OwnAccount> = w.fresh(&kes);
    w.identity.change_password(&own, String::new(), "quiet harbour lamp seven".into()).await.unwrap();
    assert!(matches!(w.recover(&one, &other).await, Err(Refused::Wrong(_))), "once");
    let stream = format!("account:{}", w.kes);
    let told = w.node.db.read_now(move |c| kit::events::history(c, &stream, 100)).unwrap();
    let told = format!("{told:?}");
    for step in ["recovery begun by ada, nominator ines", "half shown to ines", "recovered by two halves"] {
        assert!(told.contains(step), "{step}: {told}");
    }
}

#[tokio::test]
async fn after_a_recovery_nothing_that_was_lost_lets_anybody_in() {
    let w = world().await;
    let peer = From { peer: "192.0.2.7".parse().unwrap(), agent: String::new(), host: String::new() };
    let password = "quiet harbour lamp seven";
    w.identity.set_password(&Granted::for_node(), w.kes, password.into()).await.unwrap();
    let Ok(identity::Entered::In(thief)) = w.identity.log_in("kes", password.into(), &peer).await else {
        panic!("the password is right");
    };
    let own: StepUp<OwnAccount> = w.fresh(&w.identity.session(&thief).await.unwrap().unwrap());
    let request = identity::TokenRequest { name: "x".into(), scopes: vec!["lookup".into()], expires: None };
    let token = w.identity.create_token(&own, request).await.unwrap();
    let (fingerprint, account, now) = ([7; 32], w.kes, w.node.now());
    let certificate = identity::Certificate {
        fingerprint,
        account,
        subject: "CN=kes".into(),
        issuer: "CN=Community".into(),
        serial: "0A".into(),
        not_before: now,
        not_after: now + DAY,
    };
    w.node.db.write_now(move |tx| identity::bind_certificate(tx, &certificate, now)).unwrap();
    let link = w.identity.one_time_login(&Granted::for_node(), w.kes).await.unwrap();

    let (one, other) = (w.begin().await, w.half().await.unwrap());
    let cookie = w.recover(&one, &other).await.unwrap();
    assert!(w.identity.session(&cookie).await.unwrap().is_some());
    assert!(w.identity.session(&thief).await.unwrap().is_none());
    let refused = w.identity.log_in("kes", password.into(), &peer).await;
    assert!(matches!(refused, Err(Refused::Wrong(_))), "the old password: {refused:?}");
    assert!(w.identity.bearer(&token).await.unwrap().is_none(), "a token");
    assert!(!w.identity.link_is_good(&link).await.unwrap(), "a link");
    let holder = w.node.db.read_now(move |c| identity::certificate_holder(c, &fingerprint)).unwrap();
    assert_eq!(holder, None, "a certificate");
}

#[tokio::test]
async fn one_half_is_worth_nothing_and_each_is_shown_once() {
    let w = world().await;
    let one = w.begin().await;
    assert!(matches!(w.recover(&one, &one).await, Err(Refused::Wrong(_))), "the nominator was not asked yet");
    w.half().await.unwrap();
    assert!(matches!(w.half().await, Err(Error::Conflict(_))));
    // Begun anew, the first halves are void.
    let again = w.begin().await;
    let other = w.half().await.unwrap();
    assert!(matches!(w.recover(&one, &other).await, Err(Refused::Wrong(_))));
    assert!(w.recover(&again, &other).await.is_ok());
}

#[tokio::test]
async fn after_three_days_both_halves_are_void() {
    let w = world().await;
    let (one, other) = (w.begin().await, w.half().await.unwrap());
    w.node.clock.advance(3 * DAY + HOUR);
    assert!(matches!(w.recover(&one, &other).await, Err(Refused::Wrong(_))));
}

#[tokio::test]
async fn the_halves_are_for_two_people_and_nobody_does_it_alone() {
    let w = world().await;
    let by: StepUp<ManageTeam> = w.fresh(&w.ada);
    for nominator in [w.kes, w.ada.account.unwrap(), w.node.id()] {
        let refused = w.identity.begin_recovery(&by, w.kes, Some(nominator)).await.unwrap_err();
        assert!(matches!(&refused, Error::Invalid { field, .. } if field == "nominator"), "{refused}");
    }
    let refused = w.identity.reset_second_factor(&by, w.kes).await.unwrap_err();
    assert!(matches!(refused, Error::Forbidden(_)), "{refused}");
    let others = w.ines.account.unwrap();
    let refused = w.identity.begin_recovery(&by, others, Some(w.kes)).await.unwrap_err();
    assert!(matches!(refused, Error::NotFound(_)), "another team's account: {refused}");
}

#[tokio::test]
async fn nobody_holds_both_halves_by_a_second_account_of_their_own_team() {
    let w = world().await;
    let by: StepUp<ManageTeam> = w.fresh(&w.ada);
    let (_, second) = sign_in(&w.identity, "aldermark", "ada-too", &[Role::Handler]).await;
    let refused = w.identity.begin_recovery(&by, w.kes, second.account).await.unwrap_err();
    assert!(refused.to_string().contains("neither yours nor theirs"), "{refused}");
    let refused = w.identity.begin_recovery(&by, w.kes, None).await.unwrap_err();
    assert!(refused.to_string().contains("nobody is known"), "{refused}");
}

#[tokio::test]
async fn accounts_with_an_office_are_recovered_by_the_operator_and_somebody_whom_the_operator_did_not_bring_in()
 {
    let w = world().await;
    let (admin, ines): (StepUp<ManageTeam>, _) = (w.fresh(&w.ada), w.ines.account);
    let (_, olga) = sign_in(&w.identity, "office", "olga", &[Role::Introducer]).await;
    let (_, bea) = sign_in(&w.identity, "cedar", "bea", &[Role::Board]).await;
    let operator: StepUp<Introduce> = w.fresh(&olga);
    for office in [Role::Owner, Role::Board, Role::Introducer, Role::NodeAdmin] {
        let (_, above) = sign_in(&w.identity, "aldermark", office.name(), &[Role::TeamAdmin, office]).await;
        let refused = w.identity.begin_recovery(&admin, above.account.unwrap(), ines).await.unwrap_err();
        assert!(matches!(refused, Error::Forbidden(_)), "{office}: {refused}");
        let begin =
            async |nominator| w.identity.begin_members_recovery(&operator, office.name(), nominator).await;
        assert!(begin(ines).await.unwrap_err().to_string().contains("one of the board"), "{office}");
        assert_eq!(begin(bea.account).await.unwrap().nominator, "bea");
    }
    let ordinary = w.identity.begin_members_recovery(&operator, "KES", ines).await.unwrap();
    assert_eq!(ordinary.nominator, "ines");
    let own = w.identity.begin_members_recovery(&operator, "olga", ines).await.unwrap_err();
    assert!(matches!(own, Error::Conflict(_)), "{own}");
}

/// Knows one nomination.
struct Nominated {
    person: Id,
    by: Id,
}

impl Nominators for Nominated {
    fn nominator_of<'a>(
        &'a self,
        account: &'a str,
    ) -> Pin<Box<dyn Future<Output = Result<Option<String>, String>> + Send + 'a>> {
        Box::pin(async move { Ok((account == self.person.to_string()).then(|| self.by.to_string())) })
    }
}

#[tokio::test]
async fn whoever_nominated_the_owner_has_the_other_half_and_nobody_else() {
    let w = world().await;
    let (person, by) = (w.kes, w.ines.account.unwrap());
    w.identity.ask_nominators_of(Arc::new(Nominated { person, by }));
    let (_, jor) = sign_in(&w.identity, "skerry", "jor", &[Role::Handler]).await;
    let admin: StepUp<ManageTeam> = w.fresh(&w.ada);
    let refused = w.identity.begin_recovery(&admin, w.kes, jor.account).await.unwrap_err();
    assert!(refused.to_string().contains("ines nominated kes"), "{refused}");
    assert_eq!(w.identity.begin_recovery(&admin, w.kes, None).await.unwrap().nominator, "ines");
    w.half().await.unwrap();
}

#[tokio::test]
async fn a_nominator_of_the_beginners_own_team_counts_as_nobody() {
    let w = world().await;
    let (_, second) = sign_in(&w.identity, "aldermark", "ada-too", &[Role::Handler]).await;
    let (person, by) = (w.kes, second.account.unwrap());
    w.identity.ask_nominators_of(Arc::new(Nominated { person, by }));
    let admin: StepUp<ManageTeam> = w.fresh(&w.ada);
    assert!(w.identity.begin_recovery(&admin, w.kes, None).await.is_err());
    assert!(w.identity.begin_recovery(&admin, w.kes, Some(by)).await.is_err());
    w.begin().await;
}

#[tokio::test]
async fn guessing_halves_is_slow() {
    let w = world().await;
    w.begin().await;
    w.half().await.unwrap();
    let mut told_to_wait = false;
    for _ in 0..8 {
        told_to_wait |= matches!(w.recover("aaaaa", "bbbbb").await, Err(Refused::Wait(_)));
    }
    assert!(told_to_wait);
    w.node.clock.advance(MINUTE);
}
