//! What the authenticator says of itself, of the person and of a new key (section 6.1).

use ciborium::Value;

use crate::{Error, PublicKey};

/// Longer authenticator data are not read.
const LARGEST: usize = 16 * 1024;
/// A longer attestation is not read: those with certificates take a few KiB.
const LARGEST_ATTESTATION: usize = 64 * 1024;
/// CBOR that nests deeper is not read: what is asked for is two or three deep.
const DEEPEST: usize = 8;
/// Section 5.8.3 bounds the length of a credential's id.
const LONGEST_ID: usize = 1023;

/// A key that was made just now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewKey {
    /// Which model of authenticator made it, as far as it says so.
    pub aaguid: [u8; 16],
    /// The credential's id.
    pub id: Vec<u8>,
    /// The public key as it came (COSE).
    pub cose: Vec<u8>,
    /// The same, read.
    pub key: PublicKey,
}

/// The authenticator data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthenticatorData {
    /// SHA-256 of the site's id.
    pub site: [u8; 32],
    /// Somebody touched it.
    pub present: bool,
    /// It verified who, by PIN or body.
    pub verified: bool,
    /// The key can be in several devices.
    pub may_be_backed_up: bool,
    /// It is.
    pub backed_up: bool,
    /// How often it has signed; always 0 where it does not count.
    pub counter: u32,
    /// The new key, at registration.
    pub new_key: Option<NewKey>,
}

impl AuthenticatorData {
    /// Reads authenticator data.
    ///
    /// # Errors
    /// [`Error::Malformed`], also when something is left over; [`Error::UnknownKey`].
    pub fn parse(data: &[u8]) -> Result<Self, Error> {
        const BAD: Error = Error::Malformed("authenticator data");
        if data.len() > LARGEST {
            return Err(Error::Malformed("authenticator data are too long"));
        }
        let (site, rest) = data.split_first_chunk::<32>().ok_or(BAD)?;
        let (&[flags], rest) = rest.split_first_chunk::<1>().ok_or(BAD)?;
        let (counter, mut rest) = rest.split_first_chunk::<4>().ok_or(BAD)?;
        let has = |bit: u8| flags & (1 << bit) != 0;
        let new_key = if has(6) { Some(new_key(&mut rest)?) } else { None };
        if has(7) && !matches!(read_value(&mut rest)?, Value::Map(_)) {
            return Err(Error::Malformed("extensions"));
        }
        if !rest.is_empty() {
            return Err(Error::Malformed("something follows the authenticator data"));
        }
        if has(4) && !has(3) {
            return Err(Error::Malformed("the flags of the backup contradict each other"));
        }
        Ok(Self {
            site: *site,
            present: has(0),
            verified: has(2),
            may_be_backed_up: has(3),
            backed_up: has(4),
            counter: u32::from_be_bytes(*counter),
            new_key,
        })
    }

    /// Reads them out of an attestation object (section 6.5). Its statement is not looked at.
    ///
    /// # Errors
    /// As [`AuthenticatorData::parse`].
    pub fn of_attestation(object: &[u8]) -> Result<Self, Error> {
        const BAD: Error = Error::Malformed("the attestation object");
        if object.len() > LARGEST_ATTESTATION {
            return Err(Error::Malformed("the attestation object is too long"));
        }
        let mut rest = object;
        let Value::Map(members) = read_value(&mut rest)? else { return Err(BAD) };
        if !rest.is_empty() {
            return Err(BAD);
        }
        let data = members.iter().find(|(key, _)| key.as_text() == Some("authData"));
        Self::parse(data.and_then(|(_, data)| data.as_bytes()).ok_or(BAD)?)
    }
}

fn new_key(rest: &mut &[u8]) -> Result<NewKey, Error> {
    const BAD: Error = Error::Malformed("the new key");
    let (aaguid, after) = rest.split_first_chunk::<16>().ok_or(BAD)?;
    let (length, after) = after.split_first_chunk::<2>().ok_or(BAD)?;
    let length = usize::from(u16::from_be_bytes(*length));
    if length == 0 || length > LONGEST_ID {
        return Err(Error::Malformed("the length of the credential's id"));
    }
    let (id, after) = after.split_at_checked(length).ok_or(BAD)?;
    *rest = after;
    let key = PublicKey::of(&read_value(rest)?)?;
    let cose = after[..after.len() - rest.len()].to_vec();
    Ok(NewKey { aaguid: *aaguid, id: id.to_vec(), cose, key })
}

/// Reads one value off the front of `rest`.
pub(crate) fn read_value(rest: &mut &[u8]) -> Result<Value, Error> {
    ciborium::de::from_reader_with_recursion_limit(rest, DEEPEST).map_err(|_| Error::Malformed("CBOR"))
}
