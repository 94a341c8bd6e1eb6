//! Dangerous acts ask again: whoever does them has proved themselves within the last minutes, with all that their account
//! asks for.
//!
//! A [`StepUp<P>`] is a [`Granted<P>`] whose session was proven a short while ago. A use case that takes one cannot be
//! reached by a session that was left open over lunch, nor by a program's token.

use std::fmt;
use std::ops::Deref;

use contracts::identity::SteppedUp;
use kit::{Error, Result, Time, Write, events};
use webauthn::Site;

use crate::accounts::own_id;
use crate::actor::Rights;
use crate::login::{Refused, seconds, takes_code, unchanged};
use crate::passkeys::{self, PasskeyAnswer, Purpose, Question};
use crate::permission::{Granted, OwnAccount, Permission};
use crate::service::Identity;
use crate::store::passkeys as rows;
use crate::store::{self, AccountRow};
use crate::throttle::{self, Gate};

/// A permission, and the proof that its owner is still there.
///
/// ```compile_fail
/// use identity::{Granted, ManageNode, StepUp};
/// fn hand_over(_: &StepUp<ManageNode>) {}
/// fn by_an_old_session(granted: Granted<ManageNode>) { hand_over(&granted) } // was not asked again: does not compile
/// ```
pub struct StepUp<P> {
    granted: Granted<P>,
}

/// Why there is no [`StepUp`].
#[derive(Debug)]
pub(crate) enum NotFresh {
    /// The person must prove themselves again.
    Ask,
    /// Nobody can be asked.
    Refused(Error),
}

impl<P: Permission> StepUp<P> {
    /// Takes `granted` if the session was proven within `within` before `now`.
    pub(crate) fn check(granted: Granted<P>, now: Time, within: Time) -> Result<Self, NotFresh> {
        let actor = granted.actor();
        match (&actor.rights, &actor.session) {
            (Rights::Node, _) => Ok(Self { granted }),
            (_, Some(session)) => match session.proven_at {
                // A clock that was set back proves nothing.
                Some(at) if at <= now && now - at <= within => Ok(Self { granted }),
                _ => Err(NotFresh::Ask),
            },
            (_, None) => {
                let why =
                    "this asks for a person who proves themselves again: do it logged in by the browser";
                Err(NotFresh::Refused(Error::Forbidden(why.into())))
            }
        }
    }

    /// For the work of the node itself: the command line. A handler never calls it.
    pub fn for_node() -> Self {
        Self { granted: Granted::for_node() }
    }

    /// For the node on behalf of `team`. A handler never calls it.
    pub fn for_node_in(team: kit::Id) -> Self {
        Self { granted: Granted::for_node_in(team) }
    }

    /// The permission alone.
    pub fn granted(&self) -> &Granted<P> {
        &self.granted
    }
}

impl<P> Deref for StepUp<P> {
    type Target = Granted<P>;

    fn deref(&self) -> &Granted<P> {
        &self.granted
    }
}

impl<P> Clone for StepUp<P> {
    fn clone(&self) -> Self {
        Self { granted: self.granted.clone() }
    }
}

impl<P: Permission> fmt::Debug for StepUp<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}, asked again", self.granted)
    }
}

/// What an account can prove itself with; what is asked for is the strongest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Proofs {
    /// It has passkeys.
    pub passkey: bool,
    /// It has one-time codes.
    pub code: bool,
    /// It has a password, and nothing stronger.
    pub password: bool,
}

impl Proofs {
    /// There is nothing to ask for.
    pub fn none(self) -> bool {
        self == Self::default()
    }
}

impl Identity {
    /// How long a proof counts.
    pub(crate) fn fresh_for(&self) -> Time {
        self.settings().step_up
    }

    /// What the asker can prove themselves with.
    ///
    /// # Errors
    /// The database is gone.
    pub async fn proofs(&self, granted: &Granted<OwnAccount>) -> Result<Proofs> {
        let account = own_id(granted)?;
        self.node().db.read(move |c| proofs_of(c, &store::account_must(c, account)?)).await
    }

    /// What the asker's passkeys are asked.
    ///
    /// # Errors
    /// The database refuses it.
    pub async fn ask_to_step_up(&self, granted: &Granted<OwnAccount>) -> Result<Question> {
        let (account, bound) = (own_id(granted)?, passkeys::bound(granted)?);
        let known = self.node().db.read(move |c| rows::passkeys(c, account)).await?;
        let challenge = self.ask(Purpose::StepUp, bound, String::new()).await?;
        let open = known.into_iter().filter(|row| row.shut.is_none());
        Ok(Question { challenge, credentials: open.map(|row| row.credential).collect() })
    }

    /// The asker proves themselves by a passkey.
    ///
    /// # Errors
    /// [`Refused`] says what to tell the person.
    pub async fn step_up_by_passkey(
        &self,
        granted: &Granted<OwnAccount>,
        site: &Site,
        answer: PasskeyAnswer,
    ) -> Result<(), Refused> {
        let (account, bound) = (own_id(granted)?, passkeys::bound(granted)?);
        let (node, site, granted) = (self.node().clone(), site.clone(), granted.clone());
        let now = node.now();
        let work = move |tx: &Write<'_>| {
            match passkeys::take(&node, tx, (Purpose::StepUp, &bound), &site, &answer, now)? {
                Ok(row) if row.account == account => {}
                Ok(_) => return Ok(Err("This passkey belongs to another account. Choose one of your own.")),
                Err(why) => return Ok(Err(why)),
            }
            proven(&node, tx, &granted, "passkey", true, now)?;
            Ok(Ok(()))
        };
        self.node().db.write(work).await?.map_err(Refused::Wrong)
    }

    /// The asker proves themselves by a one-time code or a recovery code.
    ///
    /// # Errors
    /// [`Refused`] says what to tell the person.
    pub async fn step_up_by_code(&self, granted: &Granted<OwnAccount>, code: &str) -> Result<(), Refused> {
        let account = own_id(granted)?;
        let (node, code, granted) = (self.node().clone(), code.to_owned(), granted.clone());
        let now = node.now();
        let work = move |tx: &Write<'_>| {
            let gates = [Gate::code(account)];
            if let Some(wait) = throttle::count(tx, &gates, now)? {
                return Ok(Err(Refused::Wait(seconds(wait))));
            }
            if !takes_code(&node, tx, &store::account_must(tx, account)?, &code, now)? {
                return Ok(Err(Refused::Wrong(crate::login::WRONG_CODE)));
            }
            throttle::forgive(tx, &gates)?;
            proven(&node, tx, &granted, "code", true, now)?;
            Ok(Ok(()))
        };
        self.node().db.write(work).await?
    }

    /// The asker proves themselves by their password: for accounts that have nothing stronger.
    ///
    /// # Errors
    /// [`Refused`] says what to tell the person.
    pub async fn step_up_by_password(
        &self,
        granted: &Granted<OwnAccount>,
        password: String,
    ) -> Result<(), Refused> {
        const WRONG: Refused = Refused::Wrong("This is not your password. Type it again.");
        const STRONGER: Refused = Refused::Wrong("Your account has a second factor: give that one.");
        let own = self.own(granted).await?;
        if !self.proofs(granted).await?.password {
            return Err(STRONGER);
        }
        if !self.is_own_password(&own, password).await? {
            return Err(WRONG);
        }
        let (node, granted, now) = (self.node().clone(), granted.clone(), self.node().now());
        let work = move |tx: &Write<'_>| {
            let Some(own) = unchanged(tx, &own)? else { return Ok(Err(WRONG)) };
            if !proofs_of(tx, &own)?.password {
                return Ok(Err(STRONGER));
            }
            throttle::forgive(tx, &[Gate::login(&own.login)])?;
            proven(&node, tx, &granted, "password", false, now)?;
            Ok(Ok(()))
        };
        self.node().db.write(work).await?
    }
}

fn proofs_of(c: &kit::Read<'_>, row: &AccountRow) -> Result<Proofs> {
    let (passkey, code) = (rows::count_passkeys(c, row.id)? > 0, row.totp_sealed.is_some());
    Ok(Proofs { passkey, code, password: row.password_hash.is_some() && !passkey && !code })
}

/// Notes that the asker's session was proven.
pub(crate) fn proven(
    node: &kit::Node,
    tx: &Write<'_>,
    granted: &Granted<OwnAccount>,
    by: &str,
    by_second_factor: bool,
    now: Time,
) -> Result<()> {
    let Some(session) = &granted.actor().session else { return Ok(()) };
    store::prove_session(tx, &session.way, by_second_factor, now)?;
    let account = own_id(granted)?.to_string();
    events::record(node, tx, &granted.stamp(now), &SteppedUp { account, by: by.to_owned() })
}
