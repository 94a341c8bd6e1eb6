//! Both ceremonies from end to end (sections 7.1 and 7.2).

use sha2::{Digest as _, Sha256};

use crate::{AuthenticatorData, ClientData, Error, PublicKey};

/// The site that asks (the relying party).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Site {
    /// Its id: its host, or a domain above it.
    pub id: String,
    /// The origins of its pages, such as `https://desk.example`.
    pub origins: Vec<String>,
}

/// What `navigator.credentials.create` gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registration<'a> {
    /// `response.clientDataJSON`.
    pub client_data_json: &'a [u8],
    /// `response.attestationObject`.
    pub attestation_object: &'a [u8],
}

/// A passkey to be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credential {
    /// Its id.
    pub id: Vec<u8>,
    /// Its public key (COSE).
    pub key: Vec<u8>,
    /// How often it has signed.
    pub counter: u32,
    /// Which model made it; zeros when it does not say.
    pub aaguid: [u8; 16],
    /// It can be in several devices.
    pub may_be_backed_up: bool,
    /// It is.
    pub backed_up: bool,
}

/// What `navigator.credentials.get` gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assertion<'a> {
    /// `response.clientDataJSON`.
    pub client_data_json: &'a [u8],
    /// `response.authenticatorData`.
    pub authenticator_data: &'a [u8],
    /// `response.signature`.
    pub signature: &'a [u8],
}

/// What is known of a passkey.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stored<'a> {
    /// Its public key (COSE).
    pub key: &'a [u8],
    /// How often it had signed when it was last used.
    pub counter: u32,
    /// It can be in several devices.
    pub may_be_backed_up: bool,
}

/// A passkey was used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Checked {
    /// How often it has signed by now: to be stored.
    pub counter: u32,
    /// It is in several devices.
    pub backed_up: bool,
}

/// Takes a new passkey that was made for `challenge` (section 7.1).
///
/// # Errors
/// [`Error`] says why it is not taken.
pub fn register(site: &Site, challenge: &[u8], answer: &Registration<'_>) -> Result<Credential, Error> {
    right_place(site, challenge, "webauthn.create", answer.client_data_json)?;
    let data = AuthenticatorData::of_attestation(answer.attestation_object)?;
    right_person(site, &data)?;
    let new = data.new_key.ok_or(Error::Malformed("there is no new key"))?;
    Ok(Credential {
        id: new.id,
        key: new.cose,
        counter: data.counter,
        aaguid: new.aaguid,
        may_be_backed_up: data.may_be_backed_up,
        backed_up: data.backed_up,
    })
}

/// Checks that the passkey `stored` answered `challenge` (section 7.2).
///
/// # Errors
/// [`Error`] says why not. After [`Error::Cloned`] the passkey should not be trusted any more.
pub fn check(
    site: &Site,
    challenge: &[u8],
    stored: Stored<'_>,
    answer: &Assertion<'_>,
) -> Result<Checked, Error> {
    right_place(site, challenge, "webauthn.get", answer.client_data_json)?;
    let data = AuthenticatorData::parse(answer.authenticator_data)?;
    right_person(site, &data)?;
    if data.may_be_backed_up != stored.may_be_backed_up {
        return Err(Error::ChangedKind);
    }
    let signed = [answer.authenticator_data, &Sha256::digest(answer.client_data_json)].concat();
    PublicKey::parse(stored.key)?.verify(&signed, answer.signature)?;
    // Only who has the key comes here: a stranger cannot make a passkey look copied.
    if (data.counter, stored.counter) != (0, 0) && data.counter <= stored.counter {
        return Err(Error::Cloned);
    }
    Ok(Checked { counter: data.counter, backed_up: data.backed_up })
}

fn right_place(site: &Site, challenge: &[u8], kind: &str, client_data_json: &[u8]) -> Result<(), Error> {
    let client = ClientData::parse(client_data_json)?;
    // The challenge is no secret: whoever answers has been told it.
    if client.kind != kind || client.challenge != challenge {
        return Err(Error::WrongCeremony);
    }
    if client.cross_origin || !site.origins.contains(&client.origin) {
        return Err(Error::WrongOrigin(client.origin));
    }
    Ok(())
}

fn right_person(site: &Site, data: &AuthenticatorData) -> Result<(), Error> {
    if data.site[..] != Sha256::digest(site.id.as_bytes())[..] {
        return Err(Error::WrongSite);
    }
    if !data.present || !data.verified {
        return Err(Error::NotVerified);
    }
    Ok(())
}
