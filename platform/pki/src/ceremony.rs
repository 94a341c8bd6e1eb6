//! What is done with the root: away from the node, with a file and a passphrase. Nothing here knows of a node.

use kit::clock::DAY;
use kit::{Error, Random, Result, Time};
use x509_cert::Certificate;
use x509_cert::der::Decode as _;

use crate::x509::crl::{self, Entry};
use crate::x509::csr::Request;
use crate::x509::{
    self, CN, CaKey, Curve, Draft, Issuer, O, Places, Profile, armour, blocks, key_id, names_alike, subject,
    unencoded,
};

/// The shortest passphrase of a root.
pub const SHORTEST_PASSPHRASE: usize = 12;

/// A root with its key, as long as the ceremony lasts.
pub struct Root {
    key: CaKey,
    der: Vec<u8>,
    certificate: Certificate,
    issuer: Issuer,
}

/// What an issuing authority is to be.
#[derive(Debug, Clone, Default)]
pub struct IssuerTerms {
    /// For how many days it issues and answers.
    pub days: u32,
    /// The DNS domains under which alone it may issue; empty: everywhere.
    pub only_below: Vec<String>,
    /// Where people reach the community's node, for the root's list and certificate; empty: the certificate names none.
    pub url: String,
}

impl Root {
    /// A new root for the community `name`, valid from `now` for `days`.
    ///
    /// # Errors
    /// [`Error::Invalid`] without a name, or for days that cannot be.
    pub fn make(name: &str, days: u32, now: Time, random: &dyn Random) -> Result<Self> {
        let name = name.trim();
        if name.is_empty() || name.chars().count() > 56 {
            return Err(Error::invalid("name", "the community's name has 1 to 56 characters"));
        }
        within("days", days, 3650 * 3)?;
        let key = CaKey::make(Curve::P384, random);
        let (spki, subject) = (key.public()?, subject(&[(O, name), (CN, &format!("{name} Root"))])?);
        let issuer = Issuer { name: subject.clone(), key_id: key_id(&spki) };
        let draft = Draft {
            profile: Profile::Root,
            subject,
            spki,
            serial: x509::serial(random),
            from: now,
            until: now + Time::from(days) * DAY,
            places: Places::default(),
        };
        let der = x509::sign(&draft, &issuer, &key)?;
        Self::new(key, der)
    }

    fn new(key: CaKey, der: Vec<u8>) -> Result<Self> {
        let certificate = Certificate::from_der(&der).map_err(unencoded)?;
        let tbs = &certificate.tbs_certificate;
        let spki = &tbs.subject_public_key_info;
        if *spki != key.public()? {
            return Err(Error::invalid(
                "root",
                "the certificate in this file belongs to another key than the file's",
            ));
        }
        let issuer = Issuer { name: tbs.subject.clone(), key_id: key_id(spki) };
        Ok(Self { key, der, issuer, certificate })
    }

    /// A certificate for the same key anew, valid from `now` for `days`: issuing authorities stay good under it.
    ///
    /// # Errors
    /// As [`Root::make`].
    pub fn renewed(&self, days: u32, now: Time, random: &dyn Random) -> Result<Self> {
        within("days", days, 3650 * 3)?;
        let draft = Draft {
            profile: Profile::Root,
            subject: self.issuer.name.clone(),
            spki: self.key.public()?,
            serial: x509::serial(random),
            from: now,
            until: now + Time::from(days) * DAY,
            places: Places::default(),
        };
        Self::new(self.key.clone(), x509::sign(&draft, &self.issuer, &self.key)?)
    }

    /// The root's file: its key under `passphrase`, and its certificate. It belongs on a medium that is taken away.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a passphrase that is too short.
    pub fn to_file(&self, passphrase: &str, random: &dyn Random) -> Result<String> {
        if passphrase.chars().count() < SHORTEST_PASSPHRASE {
            let advice = format!("take at least {SHORTEST_PASSPHRASE} characters: several words are best");
            return Err(Error::invalid("passphrase", advice));
        }
        Ok(self.key.encrypted(passphrase, random)? + &self.pem())
    }

    /// The root out of its file.
    ///
    /// # Errors
    /// [`Error::Invalid`] when the passphrase is another, or the file is none of a root.
    pub fn from_file(text: &str, passphrase: &str) -> Result<Self> {
        let key = CaKey::decrypted(text, passphrase)?;
        let found = blocks(text).into_iter().find(|(label, _)| label == "CERTIFICATE");
        let (_, der) = found.ok_or_else(|| Error::invalid("root", "there is no certificate in this file"))?;
        Self::new(key, der)
    }

    /// Its certificate in PEM.
    pub fn pem(&self) -> String {
        armour("CERTIFICATE", &self.der)
    }

    /// Its certificate (DER).
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// Signs the authority that asks with `request`: its certificate (DER). Its name is the community's, with
    /// `Issuing` and the beginning of its key's identifier.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a request that is none, or asks to be somebody else; for days beyond the root's own end.
    pub fn sign_issuer(
        &self,
        request: &[u8],
        terms: &IssuerTerms,
        now: Time,
        random: &dyn Random,
    ) -> Result<Vec<u8>> {
        let request = Request::parse(request).map_err(|why| Error::invalid("csr", why))?;
        within("days", terms.days, 3650)?;
        let community = self.community();
        for name in request.names() {
            let fits = matches!(name, x509::csr::Named::Organisation(text) if names_alike(text, &community))
                || matches!(name, x509::csr::Named::Common(_));
            if !fits {
                return Err(Error::invalid(
                    "csr",
                    format!("the request is for {name:?}, and this root is {community}'s"),
                ));
            }
        }
        let only_below = terms.only_below.iter().map(|name| domain(name)).collect::<Result<Vec<_>>>()?;
        let until = now + Time::from(terms.days) * DAY;
        if until > x509::micros(&self.certificate.tbs_certificate.validity.not_after) {
            return Err(Error::invalid(
                "days",
                "the authority would outlive its root: take fewer, or renew the root",
            ));
        }
        let id = data_encoding::HEXLOWER.encode(&key_id(request.spki())[..4]);
        let url = terms.url.trim_end_matches('/');
        let root = authority_name(true, &self.issuer.key_id);
        let at = |ending| (!url.is_empty()).then(|| format!("{url}/pki/{root}.{ending}"));
        let draft = Draft {
            profile: Profile::Issuing { only_below },
            subject: subject(&[(O, &community), (CN, &format!("{community} Issuing {id}"))])?,
            spki: request.spki().clone(),
            serial: x509::serial(random),
            from: now,
            until,
            places: Places { crl: at("crl"), ocsp: None, issuer: at("crt") },
        };
        x509::sign(&draft, &self.issuer, &self.key)
    }

    /// The root's revocation list (DER) with the number `number`, of issuing authorities that are not to be trusted any
    /// more; good from `now` for `days`.
    ///
    /// # Errors
    /// For days that cannot be.
    pub fn crl(&self, revoked: &[Entry], number: u64, now: Time, days: u32) -> Result<Vec<u8>> {
        within("days", days, 3650)?;
        crl::sign(revoked, number, now, now + Time::from(days) * DAY, &self.issuer, &self.key)
    }

    /// The community's name: the root's organisation.
    pub fn community(&self) -> String {
        let found = x509::attributes(&self.issuer.name).find(|(oid, _)| *oid == O);
        found.and_then(|(_, text)| text).unwrap_or_default()
    }
}

/// The name of an authority in addresses: from its key, so that root and node know it alike.
pub(crate) fn authority_name(root: bool, key_id: &[u8]) -> String {
    let kind = if root { "root" } else { "issuing" };
    format!("{kind}-{}", data_encoding::HEXLOWER.encode(&key_id[..4.min(key_id.len())]))
}

/// A domain with all below it; also a top-level domain.
fn domain(text: &str) -> Result<String> {
    let text = text.trim().trim_matches('.').to_ascii_lowercase();
    x509::dns_name(&format!("x.{text}"))
        .map_err(|_| Error::invalid("permit", format!("{text:?} is no domain")))?;
    Ok(text)
}

fn within(field: &str, days: u32, most: u32) -> Result<()> {
    if (1..=most).contains(&days) {
        Ok(())
    } else {
        Err(Error::invalid(field, format!("take 1 to {most} days")))
    }
}

#[cfg(test)]
mod tests {
    use kit::{SeededRandom, testing};

    use super::*;

    #[test]
    fn a_root_that_was_put_away_comes_back_with_its_passphrase_and_signs() {
        let random = SeededRandom::new(3);
        let root = Root::make("Skerry CERTs", 3650, testing::START, &random).unwrap();
        assert!(root.to_file("short", &random).is_err());
        let file = root.to_file("a long passphrase", &random).unwrap();
        assert!(file.contains("ENCRYPTED PRIVATE KEY"));
        let root = Root::from_file(&file, "a long passphrase").unwrap();
        assert_eq!(root.community(), "Skerry CERTs");

        let key = CaKey::make(Curve::P256, &random);
        let ask = |o| x509::csr::make(&key, &subject(&[(O, o), (CN, "Issuing")]).unwrap()).unwrap();
        let terms = IssuerTerms { days: 1825, ..IssuerTerms::default() };
        let der = root.sign_issuer(&ask("Skerry CERTs"), &terms, testing::START, &random).unwrap();
        let issued = Certificate::from_der(&der).unwrap();
        assert_eq!(issued.tbs_certificate.subject_public_key_info, key.public().unwrap());
        let foreign = root.sign_issuer(&ask("Somebody Else"), &terms, testing::START, &random).unwrap_err();
        assert!(foreign.to_string().contains("Somebody Else"), "{foreign}");
        let longer = IssuerTerms { days: 3650, ..terms };
        assert!(root.sign_issuer(&ask("Skerry CERTs"), &longer, testing::START + DAY, &random).is_err());
    }
}
