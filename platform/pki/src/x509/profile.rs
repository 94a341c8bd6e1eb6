//! What our certificates look like (RFC 5280): one profile for each purpose.

use kit::{Random, Result, Time};
use x509_cert::certificate::{TbsCertificate, Version};
use x509_cert::der::Encode;
use x509_cert::der::asn1::{Ia5String, ObjectIdentifier, OctetString};
use x509_cert::der::flagset::FlagSet;
use x509_cert::der::oid::AssociatedOid;
use x509_cert::ext::Extension;
use x509_cert::ext::pkix::constraints::name::GeneralSubtree;
use x509_cert::ext::pkix::crl::dp::DistributionPoint;
use x509_cert::ext::pkix::name::{DistributionPointName, GeneralName};
use x509_cert::ext::pkix::{
    AccessDescription, AuthorityInfoAccessSyntax, AuthorityKeyIdentifier, BasicConstraints,
    CrlDistributionPoints, ExtendedKeyUsage, KeyUsage, KeyUsages, NameConstraints, SubjectAltName,
    SubjectKeyIdentifier,
};
use x509_cert::name::Name;
use x509_cert::serial_number::SerialNumber;
use x509_cert::spki::SubjectPublicKeyInfoOwned;
use x509_cert::time::Validity;

use super::key::{CaKey, signed};
use super::spki::{Key, key_id};
use super::{time, unencoded};

const SERVER_AUTH: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.1");
const CLIENT_AUTH: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.2");
const EMAIL_PROTECTION: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.4");
const OCSP: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.48.1");
const CA_ISSUERS: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.48.2");

/// What a certificate is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Profile {
    /// The community's root: signs issuing authorities and its own list, nothing else.
    Root,
    /// An issuing authority below the root: signs people and servers, lists and answers by OCSP.
    Issuing {
        /// The DNS domains under which alone it may issue; empty: everywhere.
        only_below: Vec<String>,
    },
    /// A person: logs in, signs; with a mail address also mails (S/MIME).
    Person {
        /// Their mail address, where it is known for sure.
        mail: Option<String>,
    },
    /// A server.
    Server {
        /// Its names.
        names: Vec<String>,
    },
}

/// Where a certificate's reader finds what belongs to it (RFC 5280 sections 4.2.1.13 and 4.2.2.1).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Places {
    /// The issuer's revocation list.
    pub crl: Option<String>,
    /// The issuer's answers by OCSP.
    pub ocsp: Option<String>,
    /// The issuer's certificate.
    pub issuer: Option<String>,
}

/// Who signs: name and public key.
#[derive(Debug, Clone)]
pub struct Issuer {
    /// Its name.
    pub name: Name,
    /// The identifier of its key.
    pub key_id: Vec<u8>,
}

/// A certificate before it is signed.
#[derive(Debug, Clone)]
pub struct Draft {
    /// What it is for.
    pub profile: Profile,
    /// Whose it is.
    pub subject: Name,
    /// Their key.
    pub spki: SubjectPublicKeyInfoOwned,
    /// Its number, from [`serial`]: random, so that nobody can foretell what will be signed.
    pub serial: [u8; 16],
    /// From when it is valid.
    pub from: Time,
    /// Until when.
    pub until: Time,
    /// Where to look for more.
    pub places: Places,
}

/// The certificate (DER) of `draft`, signed by `issuer` with `key`.
///
/// # Errors
/// [`kit::Error::Invalid`] for what cannot be written: a mail address or name that is not ASCII, a time beyond 9999.
pub fn sign(draft: &Draft, issuer: &Issuer, key: &CaKey) -> Result<Vec<u8>> {
    let tbs = TbsCertificate {
        version: Version::V3,
        serial_number: SerialNumber::new(&draft.serial).map_err(unencoded)?,
        signature: key.algorithm(),
        issuer: issuer.name.clone(),
        validity: Validity { not_before: time(draft.from)?, not_after: time(draft.until)? },
        subject: draft.subject.clone(),
        subject_public_key_info: draft.spki.clone(),
        issuer_unique_id: None,
        subject_unique_id: None,
        extensions: Some(extensions(draft, issuer)?),
    };
    signed(&tbs, key)
}

/// A number for a certificate: 126 random bits, positive and of constant length (RFC 5280 section 4.1.2.2).
pub fn serial(random: &dyn Random) -> [u8; 16] {
    let mut bytes = [0; 16];
    random.fill(&mut bytes);
    bytes[0] = bytes[0] & 0x7f | 0x40;
    bytes
}

fn extensions(draft: &Draft, issuer: &Issuer) -> Result<Vec<Extension>> {
    let authority = matches!(draft.profile, Profile::Root | Profile::Issuing { .. });
    let path_len_constraint = matches!(draft.profile, Profile::Issuing { .. }).then_some(0);
    let mut all = vec![
        extension(&BasicConstraints { ca: authority, path_len_constraint }, true)?,
        extension(&KeyUsage(usages(draft)), true)?,
        extension(&SubjectKeyIdentifier(octets(&key_id(&draft.spki))?), false)?,
    ];
    let key_identifier = Some(octets(&issuer.key_id)?);
    let authority_key = AuthorityKeyIdentifier {
        key_identifier,
        authority_cert_issuer: None,
        authority_cert_serial_number: None,
    };
    all.push(extension(&authority_key, false)?);
    let purposes = match &draft.profile {
        Profile::Root => vec![],
        Profile::Issuing { .. } => vec![CLIENT_AUTH, SERVER_AUTH, EMAIL_PROTECTION],
        Profile::Person { mail: Some(_) } => vec![CLIENT_AUTH, EMAIL_PROTECTION],
        Profile::Person { mail: None } => vec![CLIENT_AUTH],
        Profile::Server { .. } => vec![SERVER_AUTH],
    };
    if !purposes.is_empty() {
        all.push(extension(&ExtendedKeyUsage(purposes), false)?);
    }
    let names = match &draft.profile {
        Profile::Person { mail: Some(mail) } => vec![GeneralName::Rfc822Name(ascii(mail)?)],
        Profile::Server { names } => dns(names)?,
        _ => vec![],
    };
    if !names.is_empty() {
        all.push(extension(&SubjectAltName(names), draft.subject.is_empty())?);
    }
    if let Profile::Issuing { only_below } = &draft.profile
        && !only_below.is_empty()
    {
        let subtree = |base| GeneralSubtree { base, minimum: 0, maximum: None };
        let permitted = dns(only_below)?.into_iter().map(subtree).collect();
        all.push(extension(
            &NameConstraints { permitted_subtrees: Some(permitted), excluded_subtrees: None },
            true,
        )?);
    }
    all.extend(places(&draft.places)?);
    Ok(all)
}

fn usages(draft: &Draft) -> FlagSet<KeyUsages> {
    let key = Key::of(&draft.spki);
    let sealing = matches!(key, Ok(Key::Rsa(_)));
    // Mail is encrypted to a key on a curve by agreeing on a secret with it (RFC 5753; RFC 8550 section 4.4.2).
    let agreeing = matches!(key, Ok(Key::P256 | Key::P384));
    match &draft.profile {
        Profile::Root => KeyUsages::KeyCertSign | KeyUsages::CRLSign,
        // Its own key signs the answers by OCSP, too.
        Profile::Issuing { .. } => KeyUsages::KeyCertSign | KeyUsages::CRLSign | KeyUsages::DigitalSignature,
        Profile::Person { .. } | Profile::Server { .. } if sealing => {
            KeyUsages::DigitalSignature | KeyUsages::KeyEncipherment
        }
        Profile::Person { .. } if agreeing => KeyUsages::DigitalSignature | KeyUsages::KeyAgreement,
        Profile::Person { .. } | Profile::Server { .. } => KeyUsages::DigitalSignature.into(),
    }
}

fn places(places: &Places) -> Result<Vec<Extension>> {
    let uri = |text: &String| Ok::<_, kit::Error>(GeneralName::UniformResourceIdentifier(ascii(text)?));
    let mut all = Vec::new();
    if let Some(crl) = &places.crl {
        let distribution_point = Some(DistributionPointName::FullName(vec![uri(crl)?]));
        let point = DistributionPoint { distribution_point, reasons: None, crl_issuer: None };
        all.push(extension(&CrlDistributionPoints(vec![point]), false)?);
    }
    let mut access = Vec::new();
    for (access_method, place) in [(OCSP, &places.ocsp), (CA_ISSUERS, &places.issuer)] {
        if let Some(place) = place {
            access.push(AccessDescription { access_method, access_location: uri(place)? });
        }
    }
    if !access.is_empty() {
        all.push(extension(&AuthorityInfoAccessSyntax(access), false)?);
    }
    Ok(all)
}

pub(super) fn extension<T: Encode + AssociatedOid>(value: &T, critical: bool) -> Result<Extension> {
    let extn_value = octets(&value.to_der().map_err(unencoded)?)?;
    Ok(Extension { extn_id: T::OID, critical, extn_value })
}

pub(super) fn octets(bytes: &[u8]) -> Result<OctetString> {
    OctetString::new(bytes).map_err(unencoded)
}

fn dns(names: &[String]) -> Result<Vec<GeneralName>> {
    names.iter().map(|name| Ok(GeneralName::DnsName(ascii(name)?))).collect()
}

fn ascii(text: &str) -> Result<Ia5String> {
    Ia5String::new(text).map_err(unencoded)
}
