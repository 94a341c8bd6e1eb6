//! Passkeys of an account: added, named, used, removed.
//!
//! An authenticator is asked a question once: the challenge is stored under the session or the browser that gets it, and
//! the row is taken away with the answer, right or wrong.

use contracts::identity::CredentialsChanged;
use kit::clock::MINUTE;
use kit::{Error, Id, Node, Result, Time, Write, events};
use sha2::{Digest as _, Sha256};
use webauthn::{Assertion, Registration, Site, Stored};

use crate::accounts::own_id;
use crate::actor::Actor;
use crate::permission::{Granted, OwnAccount};
use crate::service::Identity;
use crate::step_up::StepUp;
use crate::store::passkeys::{self as rows, Ceremony, PasskeyRow};
use crate::store::{self};

/// A question is open for so long.
const OPEN: Time = 5 * MINUTE;
/// So many passkeys has an account at most.
const MOST: usize = 20;
/// So many questions are open for one network address at most.
const OPEN_BY_PEER: i64 = 200;

/// A passkey as its owner sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PasskeyView {
    /// Names it.
    pub id: Id,
    /// What its owner calls it.
    pub name: String,
    /// When it was added.
    pub added: Time,
    /// When it last let somebody in.
    pub last_used: Option<Time>,
    /// It is in several of its owner's devices.
    pub backed_up: bool,
    /// Since when it lets nobody in, because it may have been copied.
    pub shut: Option<Time>,
}

/// What an authenticator is to be asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// What it is to sign.
    pub challenge: [u8; 32],
    /// The credentials that may answer, or, when one is added, those that must not be added again.
    pub credentials: Vec<Vec<u8>>,
}

/// What a browser answered for a passkey that is there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PasskeyAnswer {
    /// The credential's id.
    pub credential: Vec<u8>,
    /// `clientDataJSON`.
    pub client_data: Vec<u8>,
    /// `authenticatorData`.
    pub authenticator_data: Vec<u8>,
    /// The signature.
    pub signature: Vec<u8>,
    /// Whose it says it is: the account's id; empty when it does not say.
    pub user: Vec<u8>,
}

/// For what a question was asked: an answer counts for nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    Add,
    Enter,
    SecondStep,
    StepUp,
}

impl Purpose {
    const fn name(self) -> &'static str {
        match self {
            Self::Add => "add",
            Self::Enter => "enter",
            Self::SecondStep => "second-step",
            Self::StepUp => "step-up",
        }
    }
}

/// Why an answer did not count, in words for the person.
pub(crate) type NotTaken = &'static str;

impl Identity {
    /// What an authenticator is asked for a new passkey of the asker.
    ///
    /// # Errors
    /// [`Error::Conflict`] when there are too many.
    pub async fn offer_passkey(&self, fresh: &StepUp<OwnAccount>) -> Result<Question> {
        let (account, bound) = (own_id(fresh)?, bound(fresh)?);
        let known = self.node().db.read(move |c| rows::passkeys(c, account)).await?;
        if known.len() >= MOST {
            let advice = format!("an account has at most {MOST} passkeys: remove one that you do not use");
            return Err(Error::Conflict(advice));
        }
        let challenge = self.ask(Purpose::Add, bound, String::new()).await?;
        Ok(Question { challenge, credentials: known.into_iter().map(|row| row.credential).collect() })
    }

    /// Adds the passkey that was made for [`Identity::offer_passkey`]. The first one ends the account's other sessions:
    /// those had no second factor.
    ///
    /// # Errors
    /// [`Error::Invalid`] for the fields `name` and `passkey`.
    pub async fn add_passkey(
        &self,
        fresh: &StepUp<OwnAccount>,
        site: &Site,
        name: &str,
        client_data: Vec<u8>,
        attestation: Vec<u8>,
    ) -> Result<Id> {
        let (account, bound) = (own_id(fresh)?, bound(fresh)?);
        let name = good_name(name)?;
        let site = site.clone();
        let node = self.node().clone();
        let (now, stamp) = (node.now(), fresh.stamp(node.now()));
        let session = fresh.actor().session.as_ref().and_then(|session| session.way.id());
        let work = move |tx: &Write<'_>| {
            let challenge = match answered(tx, Purpose::Add, &bound, &client_data, now)? {
                Ok(challenge) => challenge,
                Err(why) => return Ok(Err(why)),
            };
            let answer = Registration { client_data_json: &client_data, attestation_object: &attestation };
            let new = match webauthn::register(&site, &challenge, &answer) {
                Ok(new) => new,
                Err(error) => return Ok(Err(words(&error))),
            };
            let had_none = rows::count_passkeys(tx, account)? == 0
                && store::account_must(tx, account)?.totp_sealed.is_none();
            let row = PasskeyRow {
                id: node.id(),
                account,
                credential: new.id,
                public_key: new.key,
                counter: new.counter,
                may_be_backed_up: new.may_be_backed_up,
                backed_up: new.backed_up,
                name: name.clone(),
                added: now,
                last_used: None,
                shut: None,
            };
            if !rows::insert_passkey(tx, &row)? {
                return Ok(Err(
                    "This passkey is registered already. Use another device, or remove it there.",
                ));
            }
            if had_none {
                store::end_sessions(tx, account, session)?;
            }
            note(&node, tx, &stamp, account, format!("passkey {name:?} added"))?;
            Ok(Ok(row.id))
        };
        self.node().db.write(work).await?.map_err(|why| Error::invalid("passkey", why))
    }

    /// The asker's passkeys, the oldest first.
    ///
    /// # Errors
    /// The database is gone.
    pub async fn passkeys(&self, granted: &Granted<OwnAccount>) -> Result<Vec<PasskeyView>> {
        let account = own_id(granted)?;
        let found = self.node().db.read(move |c| rows::passkeys(c, account)).await?;
        Ok(found.into_iter().map(view).collect())
    }

    /// Gives one of the asker's passkeys another name.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Invalid`] for the field `name`.
    pub async fn rename_passkey(&self, granted: &Granted<OwnAccount>, passkey: Id, name: &str) -> Result<()> {
        let (account, name) = (own_id(granted)?, good_name(name)?);
        let work = move |tx: &Write<'_>| match rows::rename_passkey(tx, passkey, account, &name)? {
            true => Ok(()),
            false => Err(Error::not_found("the passkey")),
        };
        self.node().db.write(work).await
    }

    /// Removes one of the asker's passkeys.
    ///
    /// # Errors
    /// [`Error::NotFound`] when it is not theirs.
    pub async fn remove_passkey(&self, fresh: &StepUp<OwnAccount>, passkey: Id) -> Result<()> {
        let account = own_id(fresh)?;
        let node = self.node().clone();
        let stamp = fresh.stamp(node.now());
        let work = move |tx: &Write<'_>| {
            let found = rows::passkeys(tx, account)?.into_iter().find(|row| row.id == passkey);
            let row = found.ok_or_else(|| Error::not_found("the passkey"))?;
            rows::drop_passkey(tx, passkey, account)?;
            note(&node, tx, &stamp, account, format!("passkey {:?} removed", row.name))
        };
        self.node().db.write(work).await
    }

    /// Asks a question that is bound to `bound`, which a stranger may do only so often from one address.
    pub(crate) async fn ask(&self, purpose: Purpose, bound: Vec<u8>, peer: String) -> Result<[u8; 32]> {
        let mut challenge = [0; 32];
        self.node().random().fill(&mut challenge);
        let now = self.node().now();
        let ceremony = Ceremony {
            challenge: Sha256::digest(challenge).into(),
            purpose: purpose.name(),
            bound,
            peer,
            expires: now + OPEN,
        };
        let work = move |tx: &Write<'_>| {
            let is_stranger = !ceremony.peer.is_empty();
            if is_stranger && rows::asked_by_peer(tx, &ceremony.peer, now)? >= OPEN_BY_PEER {
                let advice = "too many log-ins were begun from your network: try again in five minutes";
                return Err(Error::Unavailable(advice.into()));
            }
            rows::ask(tx, &ceremony)
        };
        self.node().db.write(work).await?;
        Ok(challenge)
    }
}

/// What a question of this asker is bound to.
pub(crate) fn bound(granted: &Granted<OwnAccount>) -> Result<Vec<u8>> {
    let session = granted.actor().session.as_ref();
    let session = session.ok_or_else(|| Error::Forbidden("this belongs to a person's session".into()))?;
    Ok(session.way.bytes())
}

/// Takes the question away and gives its challenge, or says why the answer belongs to none.
fn answered(
    tx: &Write<'_>,
    purpose: Purpose,
    bound: &[u8],
    client_data: &[u8],
    now: Time,
) -> Result<Result<Vec<u8>, NotTaken>> {
    let challenge = match webauthn::challenge_of(client_data) {
        Ok(challenge) => challenge,
        Err(error) => return Ok(Err(words(&error))),
    };
    let stored = Sha256::digest(&challenge).into();
    Ok(match rows::answer(tx, &stored, purpose.name(), bound, now)? {
        true => Ok(challenge),
        false => Err(LATE),
    })
}

/// Checks the answer of a passkey; it is noted as used. A copied one is shut.
pub(crate) fn take(
    node: &Node,
    tx: &Write<'_>,
    (purpose, bound): (Purpose, &[u8]),
    site: &Site,
    answer: &PasskeyAnswer,
    now: Time,
) -> Result<Result<PasskeyRow, NotTaken>> {
    let challenge = match answered(tx, purpose, bound, &answer.client_data, now)? {
        Ok(challenge) => challenge,
        Err(why) => return Ok(Err(why)),
    };
    let Some(row) = rows::passkey_by_credential(tx, &answer.credential)? else { return Ok(Err(UNKNOWN)) };
    if row.shut.is_some() {
        return Ok(Err(SHUT));
    }
    if !answer.user.is_empty() && answer.user != row.account.as_bytes() {
        return Ok(Err(UNKNOWN));
    }
    let stored =
        Stored { key: &row.public_key, counter: row.counter, may_be_backed_up: row.may_be_backed_up };
    let given = Assertion {
        client_data_json: &answer.client_data,
        authenticator_data: &answer.authenticator_data,
        signature: &answer.signature,
    };
    match webauthn::check(site, &challenge, stored, &given) {
        Ok(checked) => {
            rows::use_passkey(tx, row.id, checked.counter, checked.backed_up, now)?;
            Ok(Ok(row))
        }
        Err(webauthn::Error::Cloned) => {
            rows::shut_passkey(tx, row.id, now)?;
            let account = store::account_must(tx, row.account)?;
            let stamp = Actor::node(account.organisation).stamp(now);
            let what = format!("passkey {:?} shut: its counter went backwards", row.name);
            note(node, tx, &stamp, row.account, what)?;
            Ok(Err(SHUT))
        }
        Err(error) => Ok(Err(words(&error))),
    }
}

fn note(node: &Node, tx: &Write<'_>, stamp: &kit::events::Stamp, account: Id, what: String) -> Result<()> {
    events::record(node, tx, stamp, &CredentialsChanged { account: account.to_string(), what })
}

fn good_name(name: &str) -> Result<String> {
    let name = name.trim();
    let fits = (1..=60).contains(&name.chars().count()) && !name.chars().any(char::is_control);
    if fits {
        Ok(name.to_owned())
    } else {
        Err(Error::invalid("name", "a passkey's name is 1 to 60 characters"))
    }
}

fn view(row: PasskeyRow) -> PasskeyView {
    let PasskeyRow { id, name, added, last_used, backed_up, shut, .. } = row;
    PasskeyView { id, name, added, last_used, backed_up, shut }
}

const LATE: NotTaken = "The question to your passkey is older than five minutes, or was answered. Try again.";
const UNKNOWN: NotTaken =
    "This passkey is not known here. Choose another, or log in with your password and add it.";
const SHUT: NotTaken = "This passkey is shut: its counter went backwards, so there may be a copy of it. Log in another \
                        way, remove it, and make a new one.";

/// The error in words for the person.
fn words(error: &webauthn::Error) -> NotTaken {
    use webauthn::Error as E;
    match error {
        E::Malformed(_) => "The browser's answer cannot be read. Try again, or use another browser.",
        E::WrongCeremony => LATE,
        E::WrongOrigin(_) | E::WrongSite => "The passkey was used at another address than this site's own.",
        E::NotVerified => {
            "The passkey did not ask for your PIN, finger or face. Set one up on the device, and try again."
        }
        E::UnknownKey => "Keys of this kind are not taken here. Use another device.",
        E::BadSignature => "The passkey's signature is not right. Nothing was done.",
        E::Cloned => SHUT,
        E::ChangedKind => {
            "This passkey is of another kind than when it was added. Remove it, and add it again."
        }
    }
}
