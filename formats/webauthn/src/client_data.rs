//! What the browser says that it was asked, and where (section 5.8.1).

use data_encoding::BASE64URL_NOPAD;
use serde::Deserialize;

use crate::Error;

/// Longer client data are not read.
const LARGEST: usize = 16 * 1024;

/// The parts of `clientDataJSON` that count. Others may be there and are not looked at, as section 5.8.1 asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientData {
    /// `webauthn.create` or `webauthn.get`.
    pub kind: String,
    /// What we gave it to be signed.
    pub challenge: Vec<u8>,
    /// Scheme, host and port of the page.
    pub origin: String,
    /// The page stood in another site's frame.
    pub cross_origin: bool,
}

#[derive(Deserialize)]
struct Raw {
    #[serde(rename = "type")]
    kind: String,
    challenge: String,
    origin: String,
    #[serde(rename = "crossOrigin", default)]
    cross_origin: Option<bool>,
}

impl ClientData {
    /// Reads `clientDataJSON`.
    ///
    /// # Errors
    /// [`Error::Malformed`].
    pub fn parse(json: &[u8]) -> Result<Self, Error> {
        if json.len() > LARGEST {
            return Err(Error::Malformed("client data are too long"));
        }
        let raw: Raw = serde_json::from_slice(json).map_err(|_| Error::Malformed("client data"))?;
        let challenge = BASE64URL_NOPAD.decode(raw.challenge.as_bytes());
        let challenge = challenge.map_err(|_| Error::Malformed("the challenge"))?;
        let cross_origin = raw.cross_origin.unwrap_or(false);
        Ok(Self { kind: raw.kind, challenge, origin: raw.origin, cross_origin })
    }
}

/// The challenge that an answer says it belongs to: by it, whoever asked finds their question again.
///
/// # Errors
/// [`Error::Malformed`].
pub fn challenge_of(client_data_json: &[u8]) -> Result<Vec<u8>, Error> {
    Ok(ClientData::parse(client_data_json)?.challenge)
}
