//! All SQL of ACME.

use kit::{Error, Id, Read, Result, Row, Time, Write, params, statements};
use serde_json::Value;

use super::jwk::Jwk;
use super::model::{Account, AccountStatus, Authorization, AuthorizationStatus, Order, OrderStatus};

statements! {
    SPEND = "INSERT INTO acme_nonce (digest, account, spent) VALUES ($1, $2, $3) ON CONFLICT (digest) DO NOTHING";
    SPENT_BY = "SELECT count(*) FROM acme_nonce WHERE account = $1 AND spent > $2";

    ADD_CREDENTIAL = "INSERT INTO acme_credential (kid, organisation, label, sealed, made, made_by, expires)
        VALUES ($1, $2, $3, $4, $5, $6, $7)";
    CREDENTIAL = "SELECT organisation, sealed, expires, withdrawn FROM acme_credential WHERE kid = $1";
    CREDENTIALS = "SELECT c.kid, c.label, c.made, c.made_by, c.expires, c.withdrawn,
            (SELECT count(*) FROM acme_account a WHERE a.credential = c.kid AND a.status = 'valid')
        FROM acme_credential c WHERE c.organisation = $1 ORDER BY c.made DESC, c.kid LIMIT 200";
    WITHDRAW_CREDENTIAL = "UPDATE acme_credential SET withdrawn = $3, sealed = $4
        WHERE kid = $1 AND organisation = $2 AND withdrawn IS NULL";
    REVOKE_ACCOUNTS = "UPDATE acme_account SET status = 'revoked' WHERE credential = $1 AND status = 'valid'";

    ADD_ACCOUNT = "INSERT INTO acme_account (id, organisation, credential, thumbprint, jwk, contact, status, created)
        VALUES ($1, $2, $3, $4, $5, $6, 'valid', $7)";
    ACCOUNT = "SELECT id, organisation, jwk, contact, status FROM acme_account WHERE id = $1";
    ACCOUNT_BY_KEY = "SELECT id, organisation, jwk, contact, status FROM acme_account WHERE thumbprint = $1";
    ACCOUNTS_OF_CREDENTIAL = "SELECT count(*) FROM acme_account WHERE credential = $1";
    SET_CONTACT = "UPDATE acme_account SET contact = $2 WHERE id = $1";
    SET_STATUS = "UPDATE acme_account SET status = $2 WHERE id = $1 AND status = 'valid'";
    SET_KEY = "UPDATE acme_account SET thumbprint = $2, jwk = $3 WHERE id = $1 AND status = 'valid'";

    ADD_ORDER = "INSERT INTO acme_order (id, account, names, status, created, expires, replaces)
        VALUES ($1, $2, $3, 'open', $4, $5, $6)";
    REPLACED = "SELECT count(*) FROM acme_order WHERE account = $1 AND replaces = $2 AND status = 'valid'";
    ORDER = "SELECT id, account, names, status, expires, problem, replaces FROM acme_order WHERE id = $1 AND account = $2";
    ORDERS = "SELECT id FROM acme_order WHERE account = $1 AND id > $2 AND (status = 'valid' OR expires > $3)
        ORDER BY id LIMIT $4";
    RECENT_ORDERS = "SELECT o.id, o.account, o.names, o.status, o.expires, o.problem, o.replaces, o.created FROM acme_order o
        JOIN acme_account a ON a.id = o.account WHERE a.organisation = $1 ORDER BY o.created DESC, o.id LIMIT $2";
    ORDERS_SINCE = "SELECT count(*) FROM acme_order WHERE account = $1 AND created > $2";
    FINISH_ORDER = "UPDATE acme_order SET status = 'valid', chain = $2 WHERE id = $1 AND status = 'open'";
    CHAIN = "SELECT chain FROM acme_order WHERE id = $1 AND account = $2 AND status = 'valid'";
    CLOSE_ORDERS = "UPDATE acme_order SET status = 'invalid' WHERE account = $1 AND status = 'open'";

    ADD_AUTHORIZATION = "INSERT INTO acme_authorization (id, account, acme_order, name, status, token, expires)
        VALUES ($1, $2, $3, $4, 'pending', $5, $6)";
    AUTHORIZATIONS = "SELECT id, account, name, status, token, expires, ended, problem FROM acme_authorization
        WHERE acme_order = $1 ORDER BY name";
    AUTHORIZATION = "SELECT id, account, name, status, token, expires, ended, problem FROM acme_authorization
        WHERE id = $1";
    MOVE_AUTHORIZATION = "UPDATE acme_authorization SET status = $3, problem = $4 WHERE id = $1 AND status = $2";
    END_AUTHORIZATION = "UPDATE acme_authorization SET status = $2, ended = $3, problem = $4
        WHERE id = $1 AND status = 'processing'";
    DEACTIVATE_AUTHORIZATION = "UPDATE acme_authorization SET status = 'deactivated'
        WHERE id = $1 AND status IN ('pending', 'processing', 'valid')";
    FAILED_SINCE = "SELECT count(*) FROM acme_authorization
        WHERE account = $1 AND name = $2 AND status = 'invalid' AND ended > $3";

    FORGET_NONCES = "DELETE FROM acme_nonce WHERE spent <= $1";
    FORGET_AUTHORIZATIONS = "DELETE FROM acme_authorization WHERE acme_order IN (SELECT id FROM acme_order
        WHERE (status <> 'valid' AND expires <= $1) OR expires <= $2)";
    FORGET_ORDERS = "DELETE FROM acme_order WHERE (status <> 'valid' AND expires <= $1) OR expires <= $2";
}

/// Notes that a nonce was used; `false` when it had been before.
pub(super) fn spend(tx: &Write<'_>, digest: &[u8; 32], account: Option<Id>, now: Time) -> Result<bool> {
    Ok(tx.execute(SPEND, params![digest.as_slice(), account, now])? == 1)
}

/// How many requests an account has made since `since`.
pub(super) fn requests_since(c: &Read<'_>, account: Id, since: Time) -> Result<i64> {
    c.query_one(SPENT_BY, params![account, since], |row| row.get(0))
}

/// A credential as its team sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CredentialView {
    /// Its name, which clients call the key identifier.
    pub kid: String,
    /// What people call it.
    pub label: String,
    /// When it was made, µs since 1970 UTC.
    pub made: Time,
    /// By whom.
    pub made_by: String,
    /// Until when it binds new accounts.
    pub expires: Time,
    /// When it was withdrawn.
    pub withdrawn: Option<Time>,
    /// How many accounts that are in force it has bound.
    pub accounts: i64,
}

/// A credential as it is used.
pub(super) struct Credential {
    pub organisation: Id,
    pub sealed: Vec<u8>,
    pub expires: Time,
    pub withdrawn: Option<Time>,
}

pub(super) fn add_credential(
    tx: &Write<'_>,
    organisation: Id,
    view: &CredentialView,
    sealed: &[u8],
) -> Result<()> {
    let CredentialView { kid, label, made, made_by, expires, .. } = view;
    tx.execute(ADD_CREDENTIAL, params![kid, organisation, label, sealed, made, made_by, expires]).map(drop)
}

pub(super) fn credential(c: &Read<'_>, kid: &str) -> Result<Option<Credential>> {
    c.query_opt(CREDENTIAL, params![kid], |row| {
        Ok(Credential {
            organisation: row.get(0)?,
            sealed: row.get(1)?,
            expires: row.get(2)?,
            withdrawn: row.get(3)?,
        })
    })
}

pub(super) fn credentials(c: &Read<'_>, organisation: Id) -> Result<Vec<CredentialView>> {
    c.query(CREDENTIALS, params![organisation], |row| {
        Ok(CredentialView {
            kid: row.get(0)?,
            label: row.get(1)?,
            made: row.get(2)?,
            made_by: row.get(3)?,
            expires: row.get(4)?,
            withdrawn: row.get(5)?,
            accounts: row.get(6)?,
        })
    })
}

/// Takes a credential back, and the accounts that it has bound: how many; `None` when there is none in force.
pub(super) fn withdraw_credential(
    tx: &Write<'_>,
    organisation: Id,
    kid: &str,
    now: Time,
) -> Result<Option<u64>> {
    let nothing: &[u8] = &[];
    if tx.execute(WITHDRAW_CREDENTIAL, params![kid, organisation, now, nothing])? == 0 {
        return Ok(None);
    }
    tx.execute(REVOKE_ACCOUNTS, params![kid]).map(Some)
}

pub(super) fn add_account(tx: &Write<'_>, account: &Account, credential: &str, now: Time) -> Result<()> {
    let Account { id, organisation, key, contact, .. } = account;
    let contact = json(contact)?;
    tx.execute(
        ADD_ACCOUNT,
        params![id, organisation, credential, key.thumbprint(), key.to_json(), contact, now],
    )
    .map(drop)
}

pub(super) fn account(c: &Read<'_>, id: Id) -> Result<Option<Account>> {
    c.query_opt(ACCOUNT, params![id], account_of)
}

pub(super) fn account_by_key(c: &Read<'_>, key: &Jwk) -> Result<Option<Account>> {
    c.query_opt(ACCOUNT_BY_KEY, params![key.thumbprint()], account_of)
}

pub(super) fn accounts_of(c: &Read<'_>, credential: &str) -> Result<i64> {
    c.query_one(ACCOUNTS_OF_CREDENTIAL, params![credential], |row| row.get(0))
}

pub(super) fn set_contact(tx: &Write<'_>, account: Id, contact: &[String]) -> Result<()> {
    tx.execute(SET_CONTACT, params![account, json(&contact)?]).map(drop)
}

/// Ends an account and the orders that it has begun.
pub(super) fn end_account(tx: &Write<'_>, account: Id, status: AccountStatus) -> Result<()> {
    tx.execute(SET_STATUS, params![account, status.name()])?;
    tx.execute(CLOSE_ORDERS, params![account]).map(drop)
}

pub(super) fn set_key(tx: &Write<'_>, account: Id, key: &Jwk) -> Result<()> {
    tx.execute(SET_KEY, params![account, key.thumbprint(), key.to_json()]).map(drop)
}

/// A new order with an authorisation for each of its names.
pub(super) fn add_order(tx: &Write<'_>, order: &Order, now: Time) -> Result<()> {
    let names = json(&order.names)?;
    tx.execute(ADD_ORDER, params![order.id, order.account, names, now, order.expires, order.replaces])?;
    for one in &order.authorizations {
        tx.execute(
            ADD_AUTHORIZATION,
            params![one.id, one.account, order.id, one.name, one.token, one.expires],
        )?;
    }
    Ok(())
}

/// An order of `account`; another's is not found.
pub(super) fn order(c: &Read<'_>, id: Id, account: Id) -> Result<Option<Order>> {
    let Some(mut order) = c.query_opt(ORDER, params![id, account], order_of)? else { return Ok(None) };
    order.authorizations = c.query(AUTHORIZATIONS, params![id], authorization_of)?;
    Ok(Some(order))
}

/// The newest orders of a team's accounts, and when each was begun.
pub(super) fn recent_orders(c: &Read<'_>, organisation: Id, limit: i64) -> Result<Vec<(Order, Time)>> {
    let mut orders =
        c.query(RECENT_ORDERS, params![organisation, limit], |row| Ok((order_of(row)?, row.get(7)?)))?;
    for (order, _) in &mut orders {
        order.authorizations = c.query(AUTHORIZATIONS, params![order.id], authorization_of)?;
    }
    Ok(orders)
}

/// Orders of `account` that are valid or may become so, after `after`.
pub(super) fn orders(c: &Read<'_>, account: Id, after: Id, now: Time, limit: i64) -> Result<Vec<Id>> {
    c.query(ORDERS, params![account, after, now, limit], |row| row.get(0))
}

pub(super) fn orders_since(c: &Read<'_>, account: Id, since: Time) -> Result<i64> {
    c.query_one(ORDERS_SINCE, params![account, since], |row| row.get(0))
}

/// Whether an order of `account` has a certificate that follows the one called `certificate`.
pub(super) fn is_replaced(c: &Read<'_>, account: Id, certificate: &str) -> Result<bool> {
    c.query_one(REPLACED, params![account, certificate], |row| Ok(row.get::<i64>(0)? > 0))
}

/// Gives an open order its certificate; `false` when it is not open any more.
pub(super) fn finish_order(tx: &Write<'_>, id: Id, chain: &str) -> Result<bool> {
    Ok(tx.execute(FINISH_ORDER, params![id, chain])? == 1)
}

/// The certificate of an order of `account`.
pub(super) fn chain(c: &Read<'_>, order: Id, account: Id) -> Result<Option<String>> {
    Ok(c.query_opt(CHAIN, params![order, account], |row| row.get::<Option<String>>(0))?.flatten())
}

pub(super) fn authorization(c: &Read<'_>, id: Id) -> Result<Option<Authorization>> {
    c.query_opt(AUTHORIZATION, params![id], authorization_of)
}

/// From one state to the next; `false` when it stands in another.
pub(super) fn move_authorization(
    tx: &Write<'_>,
    id: Id,
    from: AuthorizationStatus,
    to: AuthorizationStatus,
    problem: Option<&Value>,
) -> Result<bool> {
    let problem = problem.map(Value::to_string);
    Ok(tx.execute(MOVE_AUTHORIZATION, params![id, from.name(), to.name(), problem])? == 1)
}

/// Ends what is being processed.
pub(super) fn end_authorization(
    tx: &Write<'_>,
    id: Id,
    to: AuthorizationStatus,
    now: Time,
    problem: Option<&Value>,
) -> Result<()> {
    let problem = problem.map(Value::to_string);
    tx.execute(END_AUTHORIZATION, params![id, to.name(), now, problem]).map(drop)
}

pub(super) fn deactivate_authorization(tx: &Write<'_>, id: Id) -> Result<()> {
    tx.execute(DEACTIVATE_AUTHORIZATION, params![id]).map(drop)
}

/// How often an account has failed at a name since `since`.
pub(super) fn failures_since(c: &Read<'_>, account: Id, name: &str, since: Time) -> Result<i64> {
    c.query_one(FAILED_SINCE, params![account, name, since], |row| row.get(0))
}

/// Forgets nonces that were spent before `nonces`, orders without a certificate that ended before `unfinished`, and
/// all others that ended before `finished`.
pub(super) fn forget(tx: &Write<'_>, nonces: Time, unfinished: Time, finished: Time) -> Result<()> {
    tx.execute(FORGET_NONCES, params![nonces])?;
    tx.execute(FORGET_AUTHORIZATIONS, params![unfinished, finished])?;
    tx.execute(FORGET_ORDERS, params![unfinished, finished]).map(drop)
}

fn account_of(row: &Row<'_>) -> Result<Account> {
    let (jwk, contact, status): (String, String, String) = (row.get(2)?, row.get(3)?, row.get(4)?);
    Ok(Account {
        id: row.get(0)?,
        organisation: row.get(1)?,
        key: Jwk::from_json(jwk.as_bytes()).map_err(|fault| Error::Corrupt(format!("ACME key: {fault}")))?,
        contact: read(&contact)?,
        status: AccountStatus::named(&status)?,
    })
}

fn order_of(row: &Row<'_>) -> Result<Order> {
    let (names, status, problem): (String, String, Option<String>) = (row.get(2)?, row.get(3)?, row.get(5)?);
    Ok(Order {
        id: row.get(0)?,
        account: row.get(1)?,
        names: read(&names)?,
        stored: OrderStatus::named(&status)?,
        expires: row.get(4)?,
        problem: problem.as_deref().map(read).transpose()?,
        replaces: row.get(6)?,
        authorizations: Vec::new(),
    })
}

fn authorization_of(row: &Row<'_>) -> Result<Authorization> {
    let (status, problem): (String, Option<String>) = (row.get(3)?, row.get(7)?);
    Ok(Authorization {
        id: row.get(0)?,
        account: row.get(1)?,
        name: row.get(2)?,
        stored: AuthorizationStatus::named(&status)?,
        token: row.get(4)?,
        expires: row.get(5)?,
        ended: row.get(6)?,
        problem: problem.as_deref().map(read).transpose()?,
    })
}

fn json(value: &impl serde::Serialize) -> Result<String> {
    serde_json::to_string(value).map_err(|error| Error::Corrupt(format!("ACME: {error}")))
}

fn read<T: serde::de::DeserializeOwned>(text: &str) -> Result<T> {
    serde_json::from_str(text).map_err(|error| Error::Corrupt(format!("ACME: {error}")))
}
