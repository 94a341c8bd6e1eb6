//! Requests for certificates (PKCS#10, RFC 2986), from people's machines and from ACME clients.

use x509_cert::attr::{Attribute, Attributes};
use x509_cert::der::asn1::{Any, BitString, Ia5String, ObjectIdentifier, SetOfVec};
use x509_cert::der::{Decode as _, Encode as _, Header, Reader as _, SliceReader, Tag};
use x509_cert::ext::Extensions;
use x509_cert::ext::pkix::SubjectAltName;
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::name::Name;
use x509_cert::request::CertReqInfo;
use x509_cert::spki::{AlgorithmIdentifierOwned, SubjectPublicKeyInfoOwned};

use super::blocks;
use super::key::{CaKey, signed};
use super::name::{CN, MAIL, O, UID, attributes};
use super::profile::extension;
use super::spki::{Key, verify};
use super::unencoded;

/// A request is at most so many bytes long, as PEM or DER: an RSA key of 8192 bits with a hundred names is smaller.
pub const LARGEST: usize = 32 * 1024;
/// More names than this are not asked for at once.
const MOST_NAMES: usize = 100;
/// extensionRequest (RFC 2985 section 5.4.2).
const EXTENSION_REQUEST: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.14");

/// What somebody asks to be certified: their key, which has signed the request, and names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    spki: SubjectPublicKeyInfoOwned,
    key: Key,
    names: Vec<Named>,
}

/// A name that a request asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Named {
    /// The name of a host, as it was written.
    Dns(String),
    /// A mail address.
    Mail(String),
    /// The common name of the subject: a person's name, or a host's.
    Common(String),
    /// The login.
    Uid(String),
    /// The organisation.
    Organisation(String),
    /// Anything else that would say who it is: an address, a URI, a name of another kind. The text is for people.
    Other(String),
}

impl Request {
    /// Reads a request in PEM or DER, and verifies that it is signed with the key it brings.
    ///
    /// # Errors
    /// Why it is not taken, in words for the one who sent it.
    pub fn parse(bytes: &[u8]) -> Result<Self, String> {
        if bytes.len() > LARGEST {
            return Err(format!("the request has {} bytes: at most {LARGEST} are read", bytes.len()));
        }
        match std::str::from_utf8(bytes).ok().filter(|text| text.contains("-----BEGIN ")) {
            Some(text) if text.contains("PRIVATE KEY-----") => Err(
                "this file holds a private key: keep it to yourself, and send the certificate request alone"
                    .into(),
            ),
            Some(text) => {
                let wanted = |label: &str| matches!(label, "CERTIFICATE REQUEST" | "NEW CERTIFICATE REQUEST");
                let found = blocks(text).into_iter().find(|(label, _)| wanted(label));
                Self::from_der(&found.ok_or("there is no certificate request in this text")?.1)
            }
            None => Self::from_der(bytes),
        }
    }

    fn from_der(der: &[u8]) -> Result<Self, String> {
        let unread = |error| format!("this is no certificate request (PKCS#10, PEM or DER): {error}");
        let mut reader = SliceReader::new(der).map_err(unread)?;
        // The bytes that were signed, as they came: writing them anew might not give the same.
        let outside = Header::decode(&mut reader).map_err(unread)?;
        if outside.tag != Tag::Sequence || outside.length != reader.remaining_len() {
            return Err(
                "this is no certificate request (PKCS#10, PEM or DER): it is no sequence of its length"
                    .into(),
            );
        }
        let signed = reader.tlv_bytes().map_err(unread)?;
        let algorithm = AlgorithmIdentifierOwned::decode(&mut reader).map_err(unread)?;
        let signature = BitString::decode(&mut reader).map_err(unread)?;
        reader.finish(()).map_err(unread)?;
        let info = CertReqInfo::from_der(signed).map_err(unread)?;
        let signature = signature.as_bytes().ok_or("the signature is no whole number of bytes")?;
        let key = verify(&info.public_key, &algorithm, signed, signature)?;
        Ok(Self { key, names: names(&info)?, spki: info.public_key })
    }

    /// The key to be certified.
    pub fn spki(&self) -> &SubjectPublicKeyInfoOwned {
        &self.spki
    }

    /// Its kind.
    pub fn key(&self) -> Key {
        self.key
    }

    /// SHA-256 of the key: the same for all requests with it.
    ///
    /// # Errors
    /// It cannot be encoded.
    pub fn key_digest(&self) -> Result<[u8; 32], String> {
        Ok(super::fingerprint(&self.spki.to_der().map_err(|error| error.to_string())?))
    }

    /// All names it asks for.
    pub fn names(&self) -> &[Named] {
        &self.names
    }

    /// The names of hosts: the DNS names, and a common name that reads like one. Small letters, each once, in order.
    ///
    /// # Errors
    /// Which name is no name of a host: nothing is left out in silence.
    pub fn hosts(&self) -> Result<Vec<String>, String> {
        let mut hosts = Vec::new();
        for name in &self.names {
            let host = match name {
                Named::Dns(name) | Named::Common(name) => {
                    super::dns_name(name).map_err(|error| error.to_string())?
                }
                Named::Organisation(_) => continue, // the authority writes the team's own name
                Named::Mail(name) | Named::Uid(name) | Named::Other(name) => {
                    return Err(format!(
                        "the request asks for {name:?}: a server's certificate has names of hosts only"
                    ));
                }
            };
            if !hosts.contains(&host) {
                hosts.push(host);
            }
        }
        if hosts.is_empty() {
            return Err(
                "the request names no host: put the names into subjectAltName (DNS:www.team.example)".into(),
            );
        }
        Ok(hosts)
    }
}

fn names(info: &CertReqInfo) -> Result<Vec<Named>, String> {
    let mut names = Vec::new();
    for (oid, text) in attributes(&info.subject) {
        let unread = || Named::Other(format!("a subject with {oid} that is no text"));
        names.extend(match oid {
            CN => Some(text.map_or_else(unread, Named::Common)),
            O => Some(text.map_or_else(unread, Named::Organisation)),
            UID => Some(text.map_or_else(unread, Named::Uid)),
            MAIL => Some(text.map_or_else(unread, Named::Mail)),
            _ => None, // place and country name nobody, and the authority writes none
        });
    }
    for attribute in info.attributes.iter().filter(|attribute| attribute.oid == EXTENSION_REQUEST) {
        for value in attribute.values.iter() {
            let unread = |error| format!("the extensions asked for cannot be read: {error}");
            let extensions: Extensions = value.decode_as().map_err(unread)?;
            for extension in extensions.iter().filter(|one| one.extn_id.to_string() == "2.5.29.17") {
                let all = SubjectAltName::from_der(extension.extn_value.as_bytes()).map_err(unread)?;
                names.extend(all.0.iter().map(named));
            }
        }
    }
    names.retain(|name| !matches!(name, Named::Common(text) | Named::Organisation(text) if text.is_empty()));
    if names.len() > MOST_NAMES {
        return Err(format!(
            "the request asks for {} names: at most {MOST_NAMES} go into one certificate",
            names.len()
        ));
    }
    Ok(names)
}

fn named(name: &GeneralName) -> Named {
    match name {
        GeneralName::DnsName(name) => Named::Dns(name.as_str().to_owned()),
        GeneralName::Rfc822Name(name) => Named::Mail(name.as_str().to_owned()),
        GeneralName::UniformResourceIdentifier(name) => Named::Other(name.as_str().to_owned()),
        GeneralName::IpAddress(_) => Named::Other("an IP address".into()),
        GeneralName::DirectoryName(name) => Named::Other(name.to_string()),
        GeneralName::OtherName(_) | GeneralName::EdiPartyName(_) | GeneralName::RegisteredId(_) => {
            Named::Other("a name of another kind".into())
        }
    }
}

/// A request (DER) for `subject` and the public half of `key`: what we ask with ourselves.
///
/// # Errors
/// It cannot be encoded.
pub fn make(key: &CaKey, subject: &Name) -> kit::Result<Vec<u8>> {
    make_for(key, subject, &[])
}

/// The same, for servers with these names.
///
/// # Errors
/// [`kit::Error::Invalid`] when a name is none of a host, or it cannot be encoded.
pub fn make_for(key: &CaKey, subject: &Name, hosts: &[String]) -> kit::Result<Vec<u8>> {
    let mut attributes = Attributes::default();
    if !hosts.is_empty() {
        let mut names = Vec::new();
        for host in hosts {
            let host = super::dns_name(host)?;
            names.push(GeneralName::DnsName(Ia5String::new(&host).map_err(unencoded)?));
        }
        let asked: Extensions = vec![extension(&SubjectAltName(names), false)?];
        let value = Any::encode_from(&asked).map_err(unencoded)?;
        let values = SetOfVec::try_from(vec![value]).map_err(unencoded)?;
        attributes.insert(Attribute { oid: EXTENSION_REQUEST, values }).map_err(unencoded)?;
    }
    let version = x509_cert::request::Version::V1;
    let info = CertReqInfo { version, subject: subject.clone(), public_key: key.public()?, attributes };
    signed(&info, key)
}
