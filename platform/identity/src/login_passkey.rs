//! Coming in by a passkey: alone, or after the password.
//!
//! A passkey asks for a PIN, a finger or a face, so it is two factors by itself. A stranger is never told which
//! credentials an account has: a passkey says itself whose it is. A login that was typed must only agree.

use kit::{Error, Id, Result, Time, Write};
use webauthn::Site;

use crate::login::{From, Refused, begun, note_login, seconds};
use crate::passkeys::{self, PasskeyAnswer, Purpose, Question};
use crate::service::{Identity, digest};
use crate::step_up::Proofs;
use crate::store::passkeys as rows;
use crate::store::{self, AccountRow, NewSession};
use crate::throttle::{self, Gate};

const NOT_YOURS: &str = "This passkey does not belong to this login. Choose another, or begin again.";
const LATE: &str = "The log-in is older than ten minutes. Begin again.";
const SHUT_OUT: &str = "This account is shut. Ask your team's administrator.";

impl Identity {
    /// What a stranger's authenticator is asked; `browser` is the secret that only their browser has.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when too many questions are open for their address.
    pub async fn ask_to_enter(&self, browser: &str, from: &From) -> Result<Question> {
        let bound = digest(browser).to_vec();
        let challenge = self.ask(Purpose::Enter, bound, from.peer.to_string()).await?;
        Ok(Question { challenge, credentials: Vec::new() })
    }

    /// A passkey that lets its owner in without a password; `login` is what was typed, if anything. Returns the cookie of
    /// the new session.
    ///
    /// # Errors
    /// [`Refused`] says what to tell the person.
    pub async fn log_in_by_passkey(
        &self,
        site: &Site,
        browser: &str,
        login: &str,
        answer: PasskeyAnswer,
        from: &From,
    ) -> Result<String, Refused> {
        let bound = digest(browser).to_vec();
        let login = login.trim().to_lowercase();
        let fits = move |account: &AccountRow| login.is_empty() || account.login == login;
        self.enter_by_passkey(site, (Purpose::Enter, bound, None), answer, from, fits).await
    }

    /// With what the second step of a log-in can be done; `None` when `cookie` belongs to no log-in that waits for it.
    ///
    /// # Errors
    /// The database is gone.
    pub async fn second_steps(&self, cookie: &str) -> Result<Option<Proofs>> {
        let Some(account) = self.halfway(cookie).await? else { return Ok(None) };
        let work = move |c: &kit::Read<'_>| {
            let code = store::account_must(c, account)?.totp_sealed.is_some();
            Ok(Some(Proofs { passkey: rows::count_passkeys(c, account)? > 0, code, password: false }))
        };
        self.node().db.read(work).await
    }

    /// What the passkeys of somebody whose password was right are asked.
    ///
    /// # Errors
    /// [`Error::NotFound`] when `cookie` belongs to no log-in that waits for it.
    pub async fn ask_for_second_step(&self, cookie: &str) -> Result<Question> {
        let late = || Error::not_found("the log-in that was begun; begin again");
        let account = self.halfway(cookie).await?.ok_or_else(late)?;
        let known = self.node().db.read(move |c| rows::passkeys(c, account)).await?;
        let challenge = self.ask(Purpose::SecondStep, digest(cookie).to_vec(), String::new()).await?;
        let open = known.into_iter().filter(|row| row.shut.is_none());
        Ok(Question { challenge, credentials: open.map(|row| row.credential).collect() })
    }

    /// The second step by a passkey; `cookie` is what [`crate::Entered::CodeNeeded`] gave. Returns the cookie of the
    /// new session.
    ///
    /// # Errors
    /// [`Refused`] says what to tell the person.
    pub async fn second_step_by_passkey(
        &self,
        site: &Site,
        cookie: &str,
        answer: PasskeyAnswer,
        from: &From,
    ) -> Result<String, Refused> {
        let account = self.halfway(cookie).await?.ok_or(Refused::Wrong(LATE))?;
        let half = digest(cookie);
        let asked = (Purpose::SecondStep, half.to_vec(), Some(half));
        self.enter_by_passkey(site, asked, answer, from, move |row| row.id == account).await
    }

    /// Whose password was right, where the second factor is still to come.
    async fn halfway(&self, cookie: &str) -> Result<Option<Id>> {
        let (stored, now) = (digest(cookie), self.node().now());
        let found = self.node().db.read(move |c| store::session_actor(c, &stored)).await?;
        Ok(found.filter(|half| waits(half, now)).map(|half| half.account))
    }

    async fn enter_by_passkey(
        &self,
        site: &Site,
        (purpose, bound, half): (Purpose, Vec<u8>, Option<[u8; 32]>),
        answer: PasskeyAnswer,
        from: &From,
        fits: impl Fn(&AccountRow) -> bool + Send + 'static,
    ) -> Result<String, Refused> {
        let (node, site) = (self.node().clone(), site.clone());
        let (cookie, now) = (node.token::<32>(), node.now());
        let (stored, from) = (digest(&cookie), from.clone());
        let gates = [Gate::peer(from.peer)];
        let work = move |tx: &Write<'_>| {
            if let Some(wait) = throttle::count(tx, &gates, now)? {
                return Ok(Err(Refused::Wait(seconds(wait))));
            }
            let row = match passkeys::take(&node, tx, (purpose, &bound), &site, &answer, now)? {
                Ok(row) => row,
                Err(why) => return Ok(Err(Refused::Wrong(why))),
            };
            let account = store::account_must(tx, row.account)?;
            if !fits(&account) {
                return Ok(Err(Refused::Wrong(NOT_YOURS)));
            }
            if account.disabled {
                return Ok(Err(Refused::Wrong(SHUT_OUT)));
            }
            throttle::forgive(tx, &gates)?;
            let mut by_link = false;
            if let Some(half) = &half {
                let before = store::session_actor(tx, half)?.filter(|half| waits(half, now));
                let Some(before) = before else { return Ok(Err(Refused::Wrong(LATE))) };
                by_link = before.actor.session.is_some_and(|session| session.by_link);
                store::end_session(tx, half)?;
            }
            let session = NewSession {
                second_factor_at: Some(now),
                proven_at: Some(now),
                by_link,
                ..begun(&node, stored, account.id, now, &from)
            };
            store::insert_session(tx, &session)?;
            store::set_last_login(tx, account.id, now)?;
            note_login(&node, tx, &account, &from.peer.to_string(), "passkey", now)?;
            Ok(Ok(()))
        };
        self.node().db.write(work).await??;
        Ok(cookie)
    }
}

/// Whether a log-in that is half done can still be ended by the second factor.
fn waits(half: &store::SessionActor, now: Time) -> bool {
    half.unfinished && half.expires > now && !half.disabled
}
