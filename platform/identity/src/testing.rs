//! Accounts and sessions for tests, without the price of hashing a password.

#![allow(clippy::unwrap_used, clippy::missing_panics_doc)]

use kit::{Id, Time};

use crate::service::digest;
use crate::store::{self, NewSession};
use crate::{Actor, Granted, Identity, NewAccount, Role};

/// The code that an authenticator with this secret (base32) shows at `now`.
pub fn code_at(secret: &str, now: Time) -> String {
    crate::totp::code_at(secret, now)
}

/// An account called `login` in the team `handle`, logged in: the value of its `Cookie` header, and who it is.
pub async fn sign_in(identity: &Identity, handle: &str, login: &str, roles: &[Role]) -> (String, Actor) {
    let team = identity.organisation(handle, handle).await.unwrap();
    let new =
        NewAccount { login: login.into(), roles: roles.iter().copied().collect(), ..NewAccount::default() };
    let account = identity.create_account(&Granted::for_node(), team, new).await.unwrap();
    let value = begin(identity, account).await;
    let actor = identity.session(&value).await.unwrap().unwrap();
    // By http and by https.
    (format!("wardmote={value}; __Host-wardmote={value}"), actor)
}

/// The permission of somebody who proved themselves a short while ago; `None` when their session is older than that.
pub fn fresh<P: crate::Permission>(identity: &Identity, granted: Granted<P>) -> Option<crate::StepUp<P>> {
    crate::StepUp::check(granted, identity.node().now(), identity.fresh_for()).ok()
}

async fn begin(identity: &Identity, account: Id) -> String {
    let node = identity.node();
    let (value, now) = (node.token::<32>(), node.now());
    let session = NewSession {
        digest: digest(&value),
        id: node.id(),
        account,
        created: now,
        expires: now + crate::service::LONGEST,
        unfinished: false,
        by_link: false,
        second_factor_at: None,
        proven_at: Some(now),
        peer: "192.0.2.1".into(),
        agent: "test".into(),
        host: None,
    };
    node.db.write(move |tx| store::insert_session(tx, &session)).await.unwrap();
    value
}
