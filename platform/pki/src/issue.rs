//! Issuing: the key comes in a request, everything else is ours to write.

use contracts::pki::CertificateIssued;
use identity::{Granted, ManageTeam, Person, RequestCertificates, bind_certificate};
use kit::clock::{DAY, MINUTE};
use kit::events::Stamp;
use kit::{Error, Id, Result, Time, Write, events};

use crate::model::{Issued, Known, Purpose};
use crate::x509::csr::{Named, Request};
use crate::x509::{self, Draft, Profile, armour, fingerprint, names_alike, subject};
use crate::{Pki, store};

/// Clocks of clients may be late by this much.
const LENIENCE: Time = 5 * MINUTE;

/// A certificate that is signed and not yet kept: nobody may have it before [`Pki::keep`] has committed it.
#[derive(Debug, Clone)]
pub struct Prepared {
    issued: Issued,
    key_digest: [u8; 32],
    authority: String,
    issuer: String,
    account: Option<Id>,
}

impl Prepared {
    /// What will be issued.
    pub fn issued(&self) -> &Issued {
        &self.issued
    }
}

impl Pki {
    /// Issues a certificate for the person who asks, for the key of `request` (PEM or DER); it logs in to their account
    /// at once. Of the names in the request none is taken over: those that are not theirs are refused. `notify` is told
    /// before it ends.
    ///
    /// # Errors
    /// [`Error::Invalid`] for `csr` or `notify`; [`Error::Forbidden`] when their team is not entitled;
    /// [`Error::Conflict`] for a key that is somebody else's, or too many certificates; [`Error::Unavailable`] without
    /// an authority.
    pub async fn issue_person(
        &self,
        granted: &Granted<RequestCertificates>,
        request: &[u8],
        notify: Option<String>,
    ) -> Result<Issued> {
        let account = granted.actor().account.ok_or_else(|| {
            Error::Forbidden(
                "a certificate is a person's: ask with an account's own token, not with a team's".into(),
            )
        })?;
        let request = Request::parse(request).map_err(|why| Error::invalid("csr", why))?;
        let notify = mail_address(notify)?;
        let person = self.node().db.read(move |c| identity::person(c, account)).await?;
        let person =
            person.filter(|person| !person.disabled).ok_or_else(|| Error::not_found("the account"))?;
        let entitled = self.may_have(&person.organisation.to_string(), Purpose::Person);
        entitled.map_err(Error::Forbidden)?;
        let prepared = self.prepare_person(&person, &request, notify)?;
        self.commit(granted.stamp(self.node().now()), prepared).await
    }

    /// Issues a certificate for servers of the asker's team, for the key and the names of `request` (PEM or DER).
    ///
    /// # Errors
    /// As [`Pki::prepare_server`] and [`Pki::keep`].
    pub async fn issue_server(
        &self,
        granted: &Granted<ManageTeam>,
        request: &[u8],
        notify: Option<String>,
    ) -> Result<Issued> {
        let request = Request::parse(request).map_err(|why| Error::invalid("csr", why))?;
        let prepared = self.prepare_server(granted.team(), &request, mail_address(notify)?).await?;
        self.commit(granted.stamp(self.node().now()), prepared).await
    }

    /// Signs a certificate for servers of `organisation`, for the key and the names of `request`. It is none of the
    /// world's until [`Pki::keep`] has written it, in the transaction of the caller's own use case.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a name that is none of a host or not under a proven domain; [`Error::Forbidden`] when the
    /// team is not entitled; [`Error::Unavailable`] without an authority.
    pub async fn prepare_server(
        &self,
        organisation: Id,
        request: &Request,
        notify: Option<String>,
    ) -> Result<Prepared> {
        let of = organisation.to_string();
        self.may_have(&of, Purpose::Server).map_err(Error::Forbidden)?;
        let names = request.hosts().map_err(|why| Error::invalid("csr", why))?;
        for name in &names {
            self.names().proven(&of, name).map_err(|why| Error::invalid("names", why))?;
        }
        let team = self.node().db.read(move |c| identity::organisation_name(c, organisation)).await?;
        let team = team.ok_or_else(|| Error::not_found("the team"))?;
        // A name that is longer than a common name may be stands in the alternative names alone.
        let common = names.first().filter(|name| name.len() <= 64).map_or("", String::as_str);
        let subject = subject(&[(x509::O, &team), (x509::CN, common)])?;
        let order = Order {
            purpose: Purpose::Server,
            profile: Profile::Server { names: names.clone() },
            subject,
            names,
            organisation,
            account: None,
            notify,
            days: self.settings().server_days,
        };
        self.sign(request, order)
    }

    /// Writes the certificate down, with its event, in the transaction that hands it out. Call [`Pki::reload`] after
    /// the commit: until then it is no good.
    ///
    /// # Errors
    /// [`Error::Conflict`] when its key is somebody else's or was given up, or when a person has too many.
    pub fn keep(&self, tx: &Write<'_>, stamp: &Stamp, prepared: &Prepared) -> Result<()> {
        let (issued, known) = (&prepared.issued, &prepared.issued.known);
        if store::is_compromised(tx, &prepared.key_digest)? {
            let advice = "this key was revoked because somebody else may have it: make a new one";
            return Err(Error::Conflict(advice.into()));
        }
        let holder = (known.organisation, known.account);
        if store::holders_of_key(tx, &prepared.key_digest)?.iter().any(|other| *other != holder) {
            let advice = "somebody else has a certificate with this very key: make one of your own";
            return Err(Error::Conflict(advice.into()));
        }
        if let Some(account) = prepared.account {
            let most = i64::from(self.settings().most_per_person);
            if store::count_of_account(tx, account, stamp.at)? >= most {
                return Err(Error::Conflict(format!(
                    "you have {most} certificates already: revoke one first"
                )));
            }
        }
        store::add_certificate(tx, issued, &prepared.key_digest, stamp.at)?;
        if let Some(account) = prepared.account {
            let certificate = identity::Certificate {
                fingerprint: known.fingerprint,
                account,
                subject: issued.subject.clone(),
                issuer: prepared.issuer.clone(),
                serial: known.serial.clone(),
                not_before: known.from,
                not_after: known.until,
            };
            bind_certificate(tx, &certificate, stamp.at)?;
        }
        let event = CertificateIssued {
            authority: prepared.authority.clone(),
            serial: known.serial.clone(),
            fingerprint: hex(&known.fingerprint),
            purpose: known.purpose.name().into(),
            subject: issued.subject.clone(),
            names: issued.names.clone(),
            organisation: known.organisation.to_string(),
            account: known.account.map(|id| id.to_string()),
            until: ui::format::date(known.until),
        };
        events::record(self.node(), tx, stamp, &event)
    }

    async fn commit(&self, stamp: Stamp, prepared: Prepared) -> Result<Issued> {
        let (this, issued) = (self.clone(), prepared.issued.clone());
        self.node().db.write(move |tx| this.keep(tx, &stamp, &prepared)).await?;
        self.reload().await?;
        Ok(issued)
    }

    fn prepare_person(&self, person: &Person, request: &Request, notify: Option<String>) -> Result<Prepared> {
        let mail = self.mail_of(person);
        for name in request.names() {
            theirs(person, &mail, name).map_err(|why| Error::invalid("csr", why))?;
        }
        let mail = mail.ok();
        let name = if person.name.is_empty() { &person.login } else { &person.name };
        let subject =
            subject(&[(x509::O, &person.organisation_name), (x509::UID, &person.login), (x509::CN, name)])?;
        let order = Order {
            purpose: Purpose::Person,
            profile: Profile::Person { mail },
            subject,
            names: Vec::new(),
            organisation: person.organisation,
            account: Some(person.account),
            notify,
            days: self.settings().person_days,
        };
        self.sign(request, order)
    }

    /// The mail address that stands in a certificate of `person`: their login, where it is one under a domain that their
    /// team has proven. A login is chosen freely, and says nothing about who has the mailbox.
    ///
    /// # Errors
    /// Why there is none, in words that follow "write".
    fn mail_of(&self, person: &Person) -> Result<String, String> {
        let mail = mail_address(Some(person.login.clone())).ok().flatten();
        let mail = mail.ok_or("none: your account has no mail address")?;
        let domain = mail.rsplit_once('@').map_or("", |(_, domain)| domain);
        let domain = x509::dns_name(domain).map_err(|error| format!("none: {error}"))?;
        let proven = self.names().proven(&person.organisation.to_string(), &domain);
        proven.map_err(|why| format!("none: {why}"))?;
        // Without an authority that issues, signing says so.
        if let Ok(authority) = self.state().issuing(self.node().now()) {
            authority.keeps_to(|limits| limits.mail(&mail)).map_err(|why| format!("none: {why}"))?;
        }
        Ok(mail)
    }

    pub(crate) fn sign(&self, request: &Request, order: Order) -> Result<Prepared> {
        let (state, now) = (self.state(), self.node().now());
        let authority = state.issuing(now)?;
        let key = authority.key.as_ref().ok_or_else(|| Error::Corrupt("the authority has no key".into()))?;
        let kept = authority.keeps_to(|limits| match &order.profile {
            Profile::Server { names } => names.iter().try_for_each(|name| limits.host(name)),
            Profile::Person { mail: Some(mail) } => limits.mail(mail),
            _ => Ok(()),
        });
        kept.map_err(|why| Error::invalid("names", why))?;
        let from = (now - LENIENCE).max(authority.from);
        let until = (now + Time::from(order.days) * DAY).min(authority.until);
        let draft = Draft {
            profile: order.profile,
            subject: order.subject.clone(),
            spki: request.spki().clone(),
            serial: self.serial(),
            from,
            until,
            places: self.settings().places(&authority.stored.name),
        };
        let der = x509::sign(&draft, &authority.issuer, key)?;
        let known = Known {
            fingerprint: fingerprint(&der),
            authority: authority.stored.id,
            serial: hex(&draft.serial),
            purpose: order.purpose,
            organisation: order.organisation,
            account: order.account,
            // Certificates count whole seconds.
            from: x509::micros(&x509::time(from)?),
            until: x509::micros(&x509::time(until)?),
            revoked: None,
            held: None,
        };
        let issued = Issued {
            known,
            subject: order.subject.to_string(),
            names: order.names,
            notify: order.notify,
            chain: armour("CERTIFICATE", &der) + &authority.pem(),
            der,
        };
        Ok(Prepared {
            issued,
            key_digest: request.key_digest().map_err(|why| Error::invalid("csr", why))?,
            authority: authority.stored.name.clone(),
            issuer: authority.issuer.name.to_string(),
            account: order.account,
        })
    }

    /// Sixteen random bytes, positive and of constant length (RFC 5280 section 4.1.2.2).
    pub(crate) fn serial(&self) -> [u8; 16] {
        x509::serial(self.node().random())
    }
}

/// What is to be signed.
pub(crate) struct Order {
    pub(crate) purpose: Purpose,
    pub(crate) profile: Profile,
    pub(crate) subject: x509_cert::name::Name,
    pub(crate) names: Vec<String>,
    pub(crate) organisation: Id,
    pub(crate) account: Option<Id>,
    pub(crate) notify: Option<String>,
    pub(crate) days: u16,
}

/// Whether a name in a request is the person's own.
fn theirs(person: &Person, mail: &Result<String, String>, name: &Named) -> Result<(), String> {
    let foreign = |text: &str, instead: &str| {
        Err(format!(
            "the request asks for {text:?}, which is not yours to have: leave it out, or write {instead}"
        ))
    };
    let (login, full) = (person.login.as_str(), person.name.as_str());
    match name {
        Named::Common(text) if !names_alike(text, login) && !names_alike(text, full) => {
            foreign(text, if full.is_empty() { login } else { full })
        }
        Named::Uid(text) if !names_alike(text, login) => foreign(text, login),
        Named::Organisation(text) if !names_alike(text, &person.organisation_name) => {
            foreign(text, &person.organisation_name)
        }
        Named::Mail(text) if !mail.as_ref().is_ok_and(|mail| names_alike(text, mail)) => {
            foreign(text, mail.as_ref().unwrap_or_else(|why| why))
        }
        Named::Dns(text) => foreign(text, "no name of a host: this certificate is a person's"),
        Named::Other(text) => foreign(text, "your name alone"),
        Named::Common(_) | Named::Uid(_) | Named::Organisation(_) | Named::Mail(_) => Ok(()),
    }
}

/// A mail address that is written into certificates or written to; empty is none.
fn mail_address(text: Option<String>) -> Result<Option<String>> {
    let Some(text) = text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    let fits = text.len() <= 254
        && text.chars().all(|c| c.is_ascii_graphic() && !r#"<>()[]\,;:""#.contains(c))
        && text.rsplit_once('@').is_some_and(|(local, domain)| {
            !local.is_empty() && !local.contains('@') && x509::dns_name(domain).is_ok()
        });
    if fits { Ok(Some(text)) } else { Err(Error::invalid("notify", format!("{text:?} is no mail address"))) }
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(bytes)
}
