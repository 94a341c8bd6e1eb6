//! Naming somebody, vouching for them, objecting.

use contracts::trust::Service;
use contracts::upkeep::{PersonNominated, PersonVouched, VouchWithdrawn};
use identity::{AccountCard, Granted, LookUp, StepUp};
use kit::clock::DAY;
use kit::events::{self, Stamp};
use kit::{Error, Id, Node, Result, Write};

use super::state::{Command, Standing, State, Voucher};
use super::store::{self, Person, Vouch};
use super::{ASSOCIATES, decide};
use crate::Trust;

/// Longest text, in bytes.
const TEXT: usize = 4_000;

/// Somebody to be named.
#[derive(Debug, Clone, Default, serde::Deserialize, utoipa::ToSchema)]
pub struct Nomination {
    /// Their name.
    pub name: String,
    /// Their mail address: they are asked there, once they are vetted.
    pub email: String,
    /// The login of their account on this node, if they have one.
    #[serde(default)]
    pub login: String,
    /// Who they are and why they should be in; the other teams read it.
    pub about: String,
    /// What you attest, by the attestations' keys.
    pub attestations: Vec<String>,
}

/// What somebody says against a person, as it is sealed.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
pub(super) struct Said {
    pub(super) account: Id,
    pub(super) login: String,
    pub(super) team: Id,
    pub(super) text: String,
}

/// What an objection is sealed for.
pub(crate) fn purpose(objection: Id) -> String {
    format!("trust-objection:{objection}")
}

impl Trust {
    /// Who acts, if they may name and vouch: a person of a team that has the members' site.
    ///
    /// # Errors
    /// [`Error::Forbidden`] says what their team lacks.
    pub(super) fn voucher(&self, granted: &Granted<LookUp>) -> Result<Voucher> {
        let actor = granted.actor();
        let account = actor.account.filter(|_| actor.login.as_deref() == Some(actor.name.as_str()));
        let account = account.ok_or_else(|| {
            Error::Forbidden("a person vouches, not a program: log in by the browser".into())
        })?;
        let team = self.teams().directory().by_id(granted.team());
        let team = team.ok_or_else(|| {
            Error::Forbidden("people of teams vouch, and yours is not in the directory".into())
        })?;
        self.teams().entitles(&team, Service::MembersSite).map_err(Error::Forbidden)?;
        Ok(Voucher { account, team: team.id })
    }

    /// Names somebody; this is the first vouch. They are not told until enough teams vouch. Returns their id.
    ///
    /// # Errors
    /// [`Error::Forbidden`] as `Trust::voucher`; [`Error::Invalid`] for a field; [`Error::Conflict`] when they were named
    /// already, or too short a time ago.
    pub async fn nominate(&self, granted: &Granted<LookUp>, new: Nomination) -> Result<Id> {
        let voucher = self.voucher(granted)?;
        let (name, about) = (new.name.trim().to_owned(), text("about", &new.about)?);
        if name.is_empty() || name.len() > 200 || name.contains(char::is_control) {
            return Err(Error::invalid("name", "say their name, on one line"));
        }
        if about.is_empty() {
            return Err(Error::invalid("about", "say who they are: the other teams decide by it"));
        }
        let email = address(&new.email)?;
        let attestations = self.attested(new.attestations)?;
        let (own, node, now) = (self.clone(), self.node().clone(), self.node().now());
        let stamp = granted.stamp(now);
        self.node()
            .db
            .write(move |tx| {
                let rules = &own.settings().people;
                let card = known_account(tx, &new.login)?;
                match &card {
                    Some(card) => own.is_theirs(card, &email)?,
                    None => may_become_login(&node, tx, &email)?,
                }
                let account = card.as_ref().map(|card| card.id);
                refuse_repeated(tx, &email, account, rules.repeat_days, now)?;
                let team = card
                    .map(|card| card.organisation)
                    .filter(|id| own.teams().directory().by_id(*id).is_some());
                let standing = Standing::nominated(rules, voucher, account, team, now)
                    .map_err(|refused| Error::Conflict(refused.0))?;
                let person = Person {
                    id: node.id(),
                    name: name.clone(),
                    email: email.clone(),
                    about: about.clone(),
                    nominator: voucher,
                    nominated_at: now,
                    version: 1,
                    standing,
                };
                store::insert(tx, &person)?;
                let vouch = Vouch {
                    voucher,
                    attestations: attestations.clone(),
                    comment: String::new(),
                    given_at: now,
                };
                store::add_vouch(tx, person.id, &vouch)?;
                let event = PersonNominated { person: person.id.to_string(), team: voucher.team.to_string() };
                events::record(&node, tx, &stamp, &event)?;
                record_vouch(&node, tx, &stamp, person.id, &vouch)?;
                decide::follow(&own, tx, &stamp, State::Nominated, &person, "enough teams vouch")?;
                Ok(person.id)
            })
            .await
    }

    /// Whether `email` can be an address of the account: its own, or in a domain in which its team reads mail. They are
    /// asked there, and nobody else may answer for them.
    fn is_theirs(&self, card: &AccountCard, email: &str) -> Result<()> {
        let domain = |address: &str| address.rsplit_once('@').map(|(_, domain)| domain.to_ascii_lowercase());
        let team = self.teams().directory().by_id(card.organisation);
        let known = team.is_some_and(|team| {
            team.emails.iter().any(|known| domain(&known.address).is_some_and(|d| Some(d) == domain(email)))
        });
        if known || card.login.eq_ignore_ascii_case(email) {
            return Ok(());
        }
        Err(Error::invalid(
            "email",
            "they have an account: give an address under a domain of their team, where they are asked",
        ))
    }

    /// Vouches for the person `id`.
    ///
    /// # Errors
    /// [`Error::Forbidden`] as `Trust::voucher`; [`Error::Invalid`] without an attestation; [`Error::Conflict`] says why
    /// this word does not count.
    pub async fn vouch(
        &self,
        granted: &Granted<LookUp>,
        id: Id,
        attestations: Vec<String>,
        comment: String,
    ) -> Result<()> {
        let voucher = self.voucher(granted)?;
        let (attestations, comment) = (self.attested(attestations)?, text("comment", &comment)?);
        let (own, now) = (self.clone(), self.node().now());
        let stamp = granted.stamp(now);
        self.node()
            .db
            .write(move |tx| {
                let vouch = Vouch {
                    voucher,
                    attestations: attestations.clone(),
                    comment: comment.clone(),
                    given_at: now,
                };
                decide::step(&own, tx, &stamp, id, None, Command::Vouch(voucher), "enough teams vouch")?;
                store::add_vouch(tx, id, &vouch)?;
                record_vouch(own.node(), tx, &stamp, id, &vouch)
            })
            .await
    }

    /// Takes one's own vouch back.
    ///
    /// # Errors
    /// [`Error::Forbidden`] as `Trust::voucher`; [`Error::Conflict`] when there is none.
    pub async fn withdraw_vouch(&self, granted: &Granted<LookUp>, id: Id) -> Result<()> {
        // Who vouched may take it back, whatever became of their team since.
        let account = granted.actor().account;
        let account = account.ok_or_else(|| Error::Forbidden("only who vouched takes it back".into()))?;
        let (own, stamp, team) = (self.clone(), granted.stamp(self.node().now()), granted.team());
        self.node()
            .db
            .write(move |tx| {
                decide::step(
                    &own,
                    tx,
                    &stamp,
                    id,
                    None,
                    Command::Withdraw(account),
                    "a vouch was withdrawn",
                )?;
                store::drop_vouch(tx, id, account)?;
                let event = VouchWithdrawn { person: id.to_string(), team: team.to_string() };
                events::record(own.node(), tx, &stamp, &event)
            })
            .await
    }

    /// Objects to the person `id`. What is said and who says it is sealed; the person is blocked until the board decides.
    ///
    /// # Errors
    /// [`Error::Forbidden`] as `Trust::voucher`; [`Error::Invalid`] without a reason; [`Error::Conflict`].
    pub async fn object(&self, granted: &StepUp<LookUp>, id: Id, reason: String) -> Result<()> {
        let voucher = self.voucher(granted)?;
        let reason = text("reason", &reason)?;
        if reason.is_empty() {
            return Err(Error::invalid("reason", "say why: introducer and board read it, nobody else"));
        }
        let node = self.node();
        let (objection, now) = (node.id(), node.now());
        let said = Said {
            account: voucher.account,
            login: granted.actor().name.clone(),
            team: voucher.team,
            text: reason,
        };
        let said =
            serde_json::to_vec(&said).map_err(|error| Error::Corrupt(format!("objection: {error}")))?;
        let sealed = node.secrets.seal(&purpose(objection), &said, node.random());
        // The record tells that somebody objected, and not who.
        let stamp = Stamp { at: now, team: None, actor: "sealed".into() };
        let own = self.clone();
        self.node()
            .db
            .write(move |tx| {
                let why = "somebody objected; the board decides";
                decide::step(&own, tx, &stamp, id, None, Command::Object(voucher), why)?;
                store::add_objection(tx, objection, id, &sealed, now)
            })
            .await
    }

    /// The attestations that there are, each once; at least one.
    fn attested(&self, keys: Vec<String>) -> Result<Vec<String>> {
        let known = &self.settings().people.attestations;
        let named: Vec<String> =
            known.iter().map(|one| one.key.clone()).filter(|key| keys.contains(key)).collect();
        if named.is_empty() {
            return Err(Error::invalid("attestations", "tick at least one: to vouch is to say something"));
        }
        Ok(named)
    }
}

fn record_vouch(node: &kit::Node, tx: &Write<'_>, stamp: &Stamp, person: Id, vouch: &Vouch) -> Result<()> {
    let event = PersonVouched {
        person: person.to_string(),
        team: vouch.voucher.team.to_string(),
        attestations: vouch.attestations.clone(),
    };
    events::record(node, tx, stamp, &event)
}

/// The account with this login; none for an empty one.
fn known_account(tx: &Write<'_>, login: &str) -> Result<Option<AccountCard>> {
    if login.trim().is_empty() {
        return Ok(None);
    }
    let advice = "there is no account with this login: leave it empty when they have none";
    let card = AccountCard::by_login(tx, login)?.filter(|card| !card.disabled);
    card.map(Some).ok_or_else(|| Error::invalid("login", advice))
}

/// Who has no account gets one whose login is their mail address: it must fit, and not be somebody else's.
fn may_become_login(node: &Node, tx: &Write<'_>, email: &str) -> Result<()> {
    let advice = "this address cannot be a login, and it will be theirs: give one of up to 64 of a-z, 0-9, dot, hyphen, \
                  underline and @, or the login of the account that they have";
    identity::normal_login(email).map_err(|_| Error::invalid("email", advice))?;
    let (handle, name) = organisation();
    let ours = identity::ensure_organisation(node, tx, handle, name)?;
    match AccountCard::by_login(tx, email)? {
        Some(card) if card.organisation != ours => Err(Error::invalid(
            "login",
            "somebody logs in with this address: if it is them, give it as their login, too",
        )),
        _ => Ok(()),
    }
}

/// Nobody is named twice, nor soon after it came to nothing.
fn refuse_repeated(
    tx: &Write<'_>,
    email: &str,
    account: Option<Id>,
    days: u32,
    now: kit::Time,
) -> Result<()> {
    for known in store::by_email(tx, email, account)? {
        match known.standing.state {
            State::Failed if now >= known.standing.since + i64::from(days) * DAY => {}
            State::Failed => {
                let again = ui::format::date(known.standing.since + i64::from(days) * DAY);
                let why =
                    format!("a nomination of theirs came to nothing: they may be named again on {again}");
                return Err(Error::Conflict(why));
            }
            state => return Err(Error::Conflict(format!("they were named already, and are {state}"))),
        }
    }
    Ok(())
}

fn text(field: &str, text: &str) -> Result<String> {
    let text = text.trim();
    if text.len() > TEXT {
        return Err(Error::invalid(field, format!("{} bytes are more than {TEXT}: shorten it", text.len())));
    }
    Ok(text.to_owned())
}

pub(crate) fn address(text: &str) -> Result<String> {
    let address = text.trim().to_lowercase();
    let plain = |c: char| !c.is_whitespace() && !c.is_control() && !"<>()[]\\,;:\"".contains(c);
    let whole = address.rsplit_once('@').is_some_and(|(local, domain)| {
        !local.is_empty() && !local.contains('@') && domain.contains('.') && address.len() <= 254
    });
    if whole && address.chars().all(plain) {
        return Ok(address);
    }
    Err(Error::invalid("email", format!("{text:?} is no mail address")))
}

/// The name for an account in the organisation of people without a team.
pub(super) fn organisation() -> (&'static str, &'static str) {
    (ASSOCIATES, "Associates")
}
