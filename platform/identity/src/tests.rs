//! What changes while a password is compared: the comparison takes long, and what was read before it may be over.

use std::collections::BTreeSet;

use kit::testing::{TestNode, node};
use tokio::sync::SemaphorePermit;

use crate::step_up::StepUp;
use crate::{
    Entered, From, Granted, Identity, MIGRATIONS, NewAccount, OwnAccount, Refused, Role, Settings, store,
};

const PASSWORD: &str = "quiet harbour lamp seven";
const OTHER: &str = "seven lamps in a harbour";

struct World {
    node: TestNode,
    identity: Identity,
    own: StepUp<OwnAccount>,
}

fn peer() -> From {
    From { peer: "192.0.2.1".parse().unwrap(), agent: String::new(), host: String::new() }
}

async fn world() -> World {
    let node = node(&[MIGRATIONS]);
    let identity = Identity::new(node.node.clone(), Settings::default());
    let team = identity.organisation("aldermark", "Aldermark CERT").await.unwrap();
    let (login, password) = ("kes".into(), Some(PASSWORD.into()));
    let new = NewAccount { login, name: String::new(), roles: BTreeSet::from([Role::Handler]), password };
    identity.create_account(&Granted::for_node(), team, new).await.unwrap();
    let Ok(Entered::In(cookie)) = identity.log_in("kes", PASSWORD.into(), &peer()).await else {
        panic!("the password is right");
    };
    let granted = Granted::check(&identity.session(&cookie).await.unwrap().unwrap()).unwrap();
    let own = StepUp::check(granted, node.now(), identity.fresh_for()).unwrap();
    World { node, identity, own }
}

impl World {
    /// From now on no password is compared.
    async fn hold(&self) -> SemaphorePermit<'_> {
        self.identity.hashing().acquire_many(2).await.unwrap()
    }

    /// Waits until somebody has read the account and is about to compare its password.
    async fn somebody_compares(&self) {
        while self.node.db.read_now(|c| store::throttle(c, "login:kes")).unwrap().is_none() {
            tokio::task::yield_now().await;
        }
    }

    fn now_something_stronger(&self) {
        let account = self.own.actor().account.unwrap();
        self.node.db.write_now(move |tx| store::offer_totp(tx, account, b"sealed")).unwrap();
        self.node.db.write_now(move |tx| store::keep_totp(tx, account, 1)).unwrap();
    }

    fn now_another_password(&self) {
        let account = self.own.actor().account.unwrap();
        self.node.db.write_now(move |tx| store::set_password(tx, account, "another hash")).unwrap();
    }

    fn hash(&self) -> Option<String> {
        let account = self.own.actor().account.unwrap();
        self.node.db.read_now(move |c| store::account_must(c, account)).unwrap().password_hash
    }
}

#[tokio::test]
async fn a_second_factor_that_is_set_while_the_password_is_compared_is_asked_for() {
    let w = world().await;
    let held = w.hold().await;
    let identity = w.identity.clone();
    let entering = tokio::spawn(async move { identity.log_in("kes", PASSWORD.into(), &peer()).await });
    w.somebody_compares().await;
    w.now_something_stronger();
    drop(held);
    assert!(matches!(entering.await.unwrap(), Ok(Entered::CodeNeeded(_))));
}

#[tokio::test]
async fn a_password_that_was_replaced_while_it_was_compared_lets_nobody_in() {
    let w = world().await;
    let held = w.hold().await;
    let identity = w.identity.clone();
    let entering = tokio::spawn(async move { identity.log_in("kes", PASSWORD.into(), &peer()).await });
    w.somebody_compares().await;
    w.now_another_password();
    drop(held);
    assert!(matches!(entering.await.unwrap(), Err(Refused::Wrong(_))));
}

#[tokio::test]
async fn a_password_proves_nothing_once_there_is_a_second_factor_or_another_password() {
    for change in [World::now_something_stronger, World::now_another_password] {
        let w = world().await;
        let held = w.hold().await;
        let (identity, own) = (w.identity.clone(), w.own.granted().clone());
        let proving = tokio::spawn(async move { identity.step_up_by_password(&own, PASSWORD.into()).await });
        w.somebody_compares().await;
        change(&w);
        drop(held);
        assert!(matches!(proving.await.unwrap(), Err(Refused::Wrong(_))));
    }
}

#[tokio::test]
async fn an_old_password_neither_sets_a_new_one_nor_takes_the_second_factor_off() {
    let w = world().await;
    let held = w.hold().await;
    let (identity, own) = (w.identity.clone(), w.own.clone());
    let changing = tokio::spawn(async move {
        let changed = identity.change_password(&own, PASSWORD.into(), OTHER.into()).await;
        (changed, identity.remove_totp(&own, PASSWORD.into()).await)
    });
    w.somebody_compares().await;
    w.now_another_password();
    drop(held);
    let (changed, removed) = changing.await.unwrap();
    assert!(changed.is_err() && removed.is_err());
    assert_eq!(w.hash().as_deref(), Some("another hash"));
}
