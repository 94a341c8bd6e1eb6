//! All SQL of this crate, a file for each idea.

pub(crate) mod accounts;
pub(crate) mod certificates;
pub(crate) mod factors;
pub(crate) mod hand_over;
pub(crate) mod institutes;
pub(crate) mod kept;
pub(crate) mod links;
pub(crate) mod openpgp;
pub(crate) mod passkeys;
pub(crate) mod recovery;
pub(crate) mod sessions;
pub(crate) mod throttle;
pub(crate) mod tokens;

use kit::{Result, Time, Write};

pub(crate) use accounts::{
    AccountRow, IN_OFFICE, account_by_id, account_by_login, account_must, accounts, clear_password,
    insert_account, insert_organisation, organisation, organisation_name, rename_organisation, roles,
    set_disabled, set_last_login, set_password, set_roles, shut,
};
pub(crate) use certificates::bind_certificate;
pub(crate) use factors::{
    count_recovery, drop_totp, keep_totp, offer_totp, set_recovery, use_recovery, use_totp_step,
};
pub(crate) use links::{drop_links, insert_link, link, use_link};
pub use sessions::SessionView;
pub(crate) use sessions::{
    NewSession, SessionActor, end_session, end_session_by_id, end_sessions, forget_link, insert_session,
    prove_session, session_actor, sessions, touch_session,
};
pub(crate) use throttle::{clear_throttle, ease_throttle, set_throttle, throttle};
pub use tokens::TokenView;
pub(crate) use tokens::{
    NewToken, insert_token, revoke_own_token, revoke_team_token, revoke_tokens_of, token_actor, tokens,
    touch_token,
};

/// Deletes what has ended: links by `now`, sessions that were last seen before `unseen_since`, counts of attempts by
/// `forgotten`.
pub(crate) fn purge(tx: &Write<'_>, now: Time, unseen_since: Time, forgotten: Time) -> Result<u64> {
    Ok(sessions::purge_sessions(tx, unseen_since)?
        + links::purge_links(tx, now)?
        + passkeys::purge_ceremonies(tx, now)?
        + kept::purge_kept(tx, now)?
        + recovery::purge(tx, now)?
        + throttle::purge_throttle(tx, forgotten)?)
}
