//! The keys: ECDSA on P-256 (ES256), as PEM or as JWK.

use std::fmt;

use p256::pkcs8::{
    DecodePrivateKey as _, DecodePublicKey as _, EncodePrivateKey as _, EncodePublicKey as _, LineEnding,
};

use crate::Error;

/// The key with which a server signs. Never shown by `Debug`.
#[derive(Clone)]
pub struct SigningKey(pub(crate) p256::ecdsa::SigningKey);

impl SigningKey {
    /// The key made of these random bytes; `None` for the few of 2³² that are no key: take others.
    pub fn from_random(bytes: [u8; 32]) -> Option<Self> {
        p256::ecdsa::SigningKey::from_bytes(&bytes.into()).ok().map(Self)
    }

    /// From a PEM (PKCS #8, `BEGIN PRIVATE KEY`).
    ///
    /// # Errors
    /// It is none, or of another curve.
    pub fn from_pem(text: &str) -> Result<Self, Error> {
        p256::ecdsa::SigningKey::from_pkcs8_pem(text.trim()).map(Self).map_err(|_| Error::Key("private key"))
    }

    /// As PEM (PKCS #8), a secret.
    pub fn to_pem(&self) -> String {
        let pem = self.0.to_pkcs8_pem(LineEnding::LF);
        pem.expect("a key that exists can be written").as_str().to_owned()
    }

    /// What others verify with.
    pub fn public(&self) -> PublicKey {
        PublicKey(*self.0.verifying_key())
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningKey")
    }
}

/// The key with which a server's signature is verified.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct PublicKey(pub(crate) p256::ecdsa::VerifyingKey);

impl PublicKey {
    /// Longer text is not looked at.
    const LONGEST: usize = 4096;

    /// From a PEM (`BEGIN PUBLIC KEY`, RFC 7468 section 13), which is how servers publish it, or from a JWK (RFC 7517).
    ///
    /// # Errors
    /// It is neither, or of another curve.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let text = text.trim();
        let wrong = || Error::Key("public key");
        if text.len() > Self::LONGEST {
            return Err(wrong());
        }
        if text.starts_with('{') {
            let key = p256::PublicKey::from_jwk_str(text).map_err(|_| wrong())?;
            return Ok(Self(key.into()));
        }
        p256::ecdsa::VerifyingKey::from_public_key_pem(text).map(Self).map_err(|_| wrong())
    }

    /// As PEM, with lines of 64 characters.
    pub fn to_pem(&self) -> String {
        self.0.to_public_key_pem(LineEnding::LF).expect("a key that exists can be written")
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({})", data_encoding::HEXLOWER.encode(self.0.to_encoded_point(true).as_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_go_through_pem() {
        let key = SigningKey::from_random([7; 32]).unwrap();
        let public = key.public();
        assert_eq!(PublicKey::parse(&public.to_pem()).unwrap(), public);
        assert_eq!(PublicKey::parse(&public.to_pem().replace('\n', "\r\n")).unwrap(), public);
        assert_eq!(SigningKey::from_pem(&key.to_pem()).unwrap().public(), public);
        assert!(SigningKey::from_random([0; 32]).is_none());
        assert!(SigningKey::from_random([0xff; 32]).is_none());
        assert_eq!(format!("{key:?}"), "SigningKey");
    }

    #[test]
    fn the_public_key_may_be_a_jwk() {
        // RFC 7515 appendix A.3.1
        let jwk = r#"{"kty":"EC","crv":"P-256",
            "x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}"#;
        let key = PublicKey::parse(jwk).unwrap();
        assert_eq!(PublicKey::parse(&key.to_pem()).unwrap(), key);
    }

    #[test]
    fn what_is_no_public_key_is_refused() {
        let private = SigningKey::from_random([7; 32]).unwrap().to_pem();
        for text in
            ["", "{}", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n", private.as_str()]
        {
            assert!(PublicKey::parse(text).is_err(), "{text}");
        }
    }
}
