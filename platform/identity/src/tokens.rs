//! Tokens for programs: long random strings that carry some permissions for some time.

use contracts::identity::{TokenCreated, TokenRevoked};
use kit::{Error, Id, Result, Time, Write, events};

use crate::accounts::own_id;
use crate::permission::{Granted, ManageTeam, OwnAccount, SCOPES, scopes_of};
use crate::service::{Identity, digest};
use crate::store::{self, NewToken, TokenView};

/// What every token begins with, so that scanners of published code find a leaked one.
const PREFIX: &str = "wardmote_";
const TOO_MANY: usize = 100;

/// A token to be made.
#[derive(Debug, Clone, Default)]
pub struct TokenRequest {
    /// What people call it, up to 60 characters.
    pub name: String,
    /// Names of permissions out of [`SCOPES`], at least one; of a person's token such as the person has.
    pub scopes: Vec<String>,
    /// When it ends; `None`: when it is revoked.
    pub expires: Option<Time>,
}

impl Identity {
    /// Makes a token of the asker's own and returns it: this is the only time it can be seen. It may do what both
    /// its scopes and its owner's roles allow, as they are when it is used.
    ///
    /// # Errors
    /// [`Error::Invalid`] for name, scopes or expiry, also for a scope that its owner's roles do not have.
    pub async fn create_token(&self, granted: &Granted<OwnAccount>, request: TokenRequest) -> Result<String> {
        let (team, account) = (granted.team(), own_id(granted)?);
        let own = scopes_of(granted.actor());
        let beyond = |(name, _): &&(&str, &str)| {
            request.scopes.iter().any(|scope| scope == name) && !own.iter().any(|(known, _)| known == name)
        };
        if let Some((name, meaning)) = SCOPES.iter().find(beyond) {
            let why = format!(
                "you may not {meaning}, so no token of yours may ({name}): leave it out, or ask for the role first"
            );
            return Err(Error::invalid("scopes", why));
        }
        self.make_token(granted.stamp(self.node().now()), team, Some(account), request).await
    }

    /// As [`Identity::create_token`], for the team itself: it outlives its maker's account and has a handler's rights
    /// as far as its scopes go.
    ///
    /// # Errors
    /// As there.
    pub async fn create_team_token(
        &self,
        granted: &Granted<ManageTeam>,
        organisation: Id,
        request: TokenRequest,
    ) -> Result<String> {
        if !granted.is_node() && granted.team() != organisation {
            return Err(Error::not_found("the team"));
        }
        self.make_token(granted.stamp(self.node().now()), organisation, None, request).await
    }

    /// The asker's own tokens that are not revoked.
    ///
    /// # Errors
    /// The database is gone.
    pub async fn tokens(&self, granted: &Granted<OwnAccount>) -> Result<Vec<TokenView>> {
        let (team, account) = (granted.team(), own_id(granted)?);
        self.node().db.read(move |c| store::tokens(c, team, Some(account))).await
    }

    /// The team's own tokens that are not revoked.
    ///
    /// # Errors
    /// The database is gone.
    pub async fn team_tokens(&self, granted: &Granted<ManageTeam>) -> Result<Vec<TokenView>> {
        let team = granted.team();
        self.node().db.read(move |c| store::tokens(c, team, None)).await
    }

    /// Revokes a token of the asker's own.
    ///
    /// # Errors
    /// [`Error::NotFound`] when it is not theirs or is revoked already.
    pub async fn revoke_token(&self, granted: &Granted<OwnAccount>, token: Id) -> Result<()> {
        let account = own_id(granted)?;
        let stamp = granted.stamp(self.node().now());
        self.revoke(stamp, token, move |tx, now| store::revoke_own_token(tx, token, account, now)).await
    }

    /// Revokes any token of the asker's team, also a person's.
    ///
    /// # Errors
    /// [`Error::NotFound`] when it is another team's or is revoked already.
    pub async fn revoke_team_token(&self, granted: &Granted<ManageTeam>, token: Id) -> Result<()> {
        let team = granted.team();
        let stamp = granted.stamp(self.node().now());
        self.revoke(stamp, token, move |tx, now| store::revoke_team_token(tx, token, team, now)).await
    }

    async fn make_token(
        &self,
        stamp: kit::events::Stamp,
        organisation: Id,
        account: Option<Id>,
        request: TokenRequest,
    ) -> Result<String> {
        let node = self.node().clone();
        let name = request.name.trim().to_owned();
        if name.is_empty() || name.chars().count() > 60 {
            return Err(Error::invalid(
                "name",
                "give the token a name of up to 60 characters: what will use it?",
            ));
        }
        let unknown = request.scopes.iter().find(|scope| !SCOPES.iter().any(|(known, _)| known == scope));
        if let Some(unknown) = unknown {
            let known = SCOPES.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ");
            return Err(Error::invalid("scopes", format!("{unknown:?} is no scope; choose among {known}")));
        }
        if request.scopes.is_empty() {
            return Err(Error::invalid("scopes", "choose at least one thing that the token may do"));
        }
        if request.expires.is_some_and(|at| at <= node.now()) {
            return Err(Error::invalid("expires", "this is in the past: choose a later day"));
        }
        let secret = format!("{PREFIX}{}", node.token::<32>());
        let token = NewToken {
            id: node.id(),
            digest: digest(&secret),
            organisation,
            account,
            name,
            scopes: request.scopes,
            created: node.now(),
            expires: request.expires,
        };
        let work = move |tx: &Write<'_>| {
            if store::tokens(tx, organisation, account)?.len() >= TOO_MANY {
                return Err(Error::Conflict(
                    "there are 100 tokens already: revoke those that nothing uses".into(),
                ));
            }
            store::insert_token(tx, &token)?;
            let created = TokenCreated {
                token: token.id.to_string(),
                name: token.name.clone(),
                account: account.map(|id| id.to_string()),
                scopes: token.scopes.clone(),
            };
            events::record(&node, tx, &stamp, &created)
        };
        self.node().db.write(work).await?;
        Ok(secret)
    }

    async fn revoke<F>(&self, stamp: kit::events::Stamp, token: Id, withdraw: F) -> Result<()>
    where
        F: Fn(&Write<'_>, Time) -> Result<bool> + Send + 'static,
    {
        let node = self.node().clone();
        let work = move |tx: &Write<'_>| {
            if !withdraw(tx, node.now())? {
                return Err(Error::not_found("the token"));
            }
            events::record(&node, tx, &stamp, &TokenRevoked { token: token.to_string() })
        };
        self.node().db.write(work).await
    }
}
