//! From a cookie or a token to the one who acts.

use kit::{Error, Id, Result};

use crate::accounts::own_id;
use crate::actor::Actor;
use crate::permission::{Granted, OwnAccount};
use crate::service::{IDLE, Identity, SEEN_EVERY, digest};
use crate::store::{self, SessionView};

impl Identity {
    /// Who the session cookie belongs to; `None` when it is unknown, has ended, or its code is still to come.
    ///
    /// # Errors
    /// The database is gone.
    pub async fn session(&self, cookie: &str) -> Result<Option<Actor>> {
        self.session_at(cookie, None).await
    }

    /// As [`Identity::session`], for a request that reached the host called `host`: the session of another is unknown
    /// there.
    ///
    /// # Errors
    /// The database is gone.
    pub async fn session_at(&self, cookie: &str, host: Option<&str>) -> Result<Option<Actor>> {
        let (stored, now) = (digest(cookie), self.node().now());
        let found = self.node().db.read(move |c| store::session_actor(c, &stored)).await?;
        let Some(session) = found else { return Ok(None) };
        let ended = session.expires <= now || session.last_seen + IDLE <= now;
        let elsewhere = match (host, &session.host) {
            (Some(here), Some(there)) => here != there,
            _ => false,
        };
        if ended || elsewhere || session.unfinished || session.disabled {
            return Ok(None);
        }
        if session.last_seen + SEEN_EVERY <= now {
            self.node().db.write(move |tx| store::touch_session(tx, &stored, now)).await?;
        }
        Ok(Some(session.actor))
    }

    /// Who the bearer token belongs to; `None` when it is unknown, revoked or has expired.
    ///
    /// # Errors
    /// The database is gone.
    pub async fn bearer(&self, token: &str) -> Result<Option<Actor>> {
        let (stored, now) = (digest(token), self.node().now());
        let Some(found) = self.node().db.read(move |c| store::token_actor(c, &stored)).await? else {
            return Ok(None);
        };
        if found.revoked || found.disabled || found.expires.is_some_and(|at| at <= now) {
            return Ok(None);
        }
        if found.last_used.is_none_or(|at| at + SEEN_EVERY <= now) {
            let id = found.id;
            self.node().db.write(move |tx| store::touch_token(tx, id, now)).await?;
        }
        Ok(Some(found.actor))
    }

    /// The asker's sessions, the one used last first.
    ///
    /// # Errors
    /// The database is gone.
    pub async fn sessions(&self, granted: &Granted<OwnAccount>) -> Result<Vec<SessionView>> {
        let (account, now) = (own_id(granted)?, self.node().now());
        self.node().db.read(move |c| store::sessions(c, account, now, now - IDLE)).await
    }

    /// Ends one of the asker's sessions.
    ///
    /// # Errors
    /// [`Error::NotFound`] when it is not theirs or has ended.
    pub async fn end_session(&self, granted: &Granted<OwnAccount>, session: Id) -> Result<()> {
        let account = own_id(granted)?;
        let ended = self.node().db.write(move |tx| store::end_session_by_id(tx, session, account)).await?;
        if ended { Ok(()) } else { Err(Error::not_found("the session")) }
    }
}
