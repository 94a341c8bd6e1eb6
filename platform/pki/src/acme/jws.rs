//! Signed requests: flattened JWS (RFC 7515, section 7.2.2) as ACME takes them (RFC 8555, section 6.2).
//!
//! Pure: bytes in, types out. Stricter than JOSE is: one signature, no unprotected header, no member twice, no `crit`,
//! exactly one of `jwk` and `kid`.

use std::fmt;

use data_encoding::BASE64URL_NOPAD;
use serde::Deserialize;
use serde::de::IgnoredAny;

use super::jwk::{Jwk, RawJwk};
use super::strict;

/// The largest request, in bytes: a finalisation with a large CSR has a few thousand.
pub const LARGEST: usize = 64 * 1024;

/// Why a signed request is not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// It is not what RFC 8555, section 6.2 asks for; what is wrong, in words.
    Malformed(String),
    /// Signed with an algorithm that is not taken here.
    Algorithm(String),
    /// The key is not one that is taken here: its kind, its size, or a private part that came with it.
    Key(String),
    /// The signature does not fit.
    Signature,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed(why) | Self::Algorithm(why) | Self::Key(why) => f.write_str(why),
            Self::Signature => f.write_str("the signature does not fit the request and its key"),
        }
    }
}

/// A signature algorithm (RFC 7518, section 3.1; RFC 8037).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Algorithm {
    /// ECDSA on P-256 with SHA-256.
    Es256,
    /// ECDSA on P-384 with SHA-384.
    Es384,
    /// Ed25519.
    EdDsa,
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    Rs256,
    /// HMAC with SHA-256: for external account binding alone.
    Hs256,
}

impl Algorithm {
    /// What requests may be signed with.
    pub const FOR_REQUESTS: [&str; 4] = ["ES256", "ES384", "EdDSA", "RS256"];

    fn named(name: &str) -> Result<Self, Fault> {
        Ok(match name {
            "ES256" => Self::Es256,
            "ES384" => Self::Es384,
            "EdDSA" => Self::EdDsa,
            "RS256" => Self::Rs256,
            "HS256" => Self::Hs256,
            _ => {
                let known = Self::FOR_REQUESTS.join(", ");
                let shown: String = name.chars().filter(|c| !c.is_control()).take(20).collect();
                return Err(Fault::Algorithm(format!("{shown:?} is not taken here: sign with {known}")));
            }
        })
    }
}

/// By whose key a request is signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Signer {
    /// A key that comes with the request.
    Key(Jwk),
    /// A name: the address of an account, or the name of a credential.
    Named(String),
}

/// A signed text whose signature has not been checked yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed {
    /// How it is signed.
    pub algorithm: Algorithm,
    /// By whom.
    pub signer: Signer,
    /// The nonce, if there is one.
    pub nonce: Option<String>,
    /// The address it was made for.
    pub url: String,
    /// What is signed; empty in a POST-as-GET.
    pub payload: Vec<u8>,
    input: String,
    signature: Vec<u8>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Flat {
    protected: String,
    payload: String,
    signature: String,
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    nonce: Option<String>,
    url: String,
    jwk: Option<RawJwk>,
    kid: Option<String>,
    crit: Option<IgnoredAny>,
    b64: Option<IgnoredAny>,
}

impl Signed {
    /// Reads a flattened JWS; its signature is not checked yet.
    ///
    /// # Errors
    /// [`Fault`], never [`Fault::Signature`].
    pub fn parse(text: &[u8]) -> Result<Self, Fault> {
        if text.len() > LARGEST {
            return Err(Fault::Malformed(format!("a request has at most {LARGEST} bytes")));
        }
        let flat: Flat = read(text, "the request")?;
        let header: Header = read(&decode(&flat.protected, "protected")?, "the protected header")?;
        if header.crit.is_some() || header.b64.is_some() {
            return Err(Fault::Malformed("no extension of JOSE (crit, b64) is understood here".into()));
        }
        let algorithm = Algorithm::named(&header.alg)?;
        let signer = match (header.jwk, header.kid) {
            (Some(jwk), None) => Signer::Key(Jwk::from_raw(jwk)?),
            (None, Some(kid)) => Signer::Named(kid),
            _ => return Err(Fault::Malformed("the protected header has either jwk or kid".into())),
        };
        let payload = decode(&flat.payload, "payload")?;
        let signature = decode(&flat.signature, "signature")?;
        let input = format!("{}.{}", flat.protected, flat.payload);
        Ok(Self { algorithm, signer, nonce: header.nonce, url: header.url, payload, input, signature })
    }

    /// Checks the signature with `key`.
    ///
    /// # Errors
    /// [`Fault::Algorithm`] when `key` is of another kind; [`Fault::Signature`].
    pub fn verify(&self, key: &Jwk) -> Result<(), Fault> {
        key.verify(self.algorithm, self.input.as_bytes(), &self.signature)
    }

    /// Checks that it was made with the secret `key` (HS256), in constant time.
    ///
    /// # Errors
    /// [`Fault::Algorithm`] when another algorithm is named; [`Fault::Signature`].
    pub fn verify_mac(&self, key: &[u8]) -> Result<(), Fault> {
        if self.algorithm != Algorithm::Hs256 {
            return Err(Fault::Algorithm("an external account binding is signed with HS256".into()));
        }
        let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, key);
        ring::hmac::verify(&key, self.input.as_bytes(), &self.signature).map_err(|_| Fault::Signature)
    }
}

/// Reads JSON without a member twice; `what` is what messages call it.
pub(super) fn read<T: serde::de::DeserializeOwned>(text: &[u8], what: &str) -> Result<T, Fault> {
    let wrong = |error: serde_json::Error| Fault::Malformed(format!("{what} cannot be read: {error}"));
    strict::check(text).map_err(wrong)?;
    serde_json::from_slice(text).map_err(wrong)
}

/// Unpadded base64url, strictly (RFC 7515, section 2).
pub(super) fn decode(text: &str, what: &str) -> Result<Vec<u8>, Fault> {
    let wrong = |_| Fault::Malformed(format!("{what} is not base64url without padding"));
    BASE64URL_NOPAD.decode(text.as_bytes()).map_err(wrong)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::acme::testing::{Client, flat};

    #[test]
    fn what_was_signed_is_read_and_one_changed_bit_is_noticed() {
        for client in [Client::p256(), Client::p384(), Client::ed25519()] {
            let body = client.signed_with_key("https://ca.example/acme/new-account", "nonce", r#"{"a":1}"#);
            let signed = Signed::parse(&body).unwrap();
            let Signer::Key(key) = signed.signer.clone() else { panic!("a jwk was sent") };
            assert_eq!(key.thumbprint(), client.jwk().thumbprint());
            assert_eq!(
                (signed.payload.as_slice(), signed.nonce.as_deref()),
                (&br#"{"a":1}"#[..], Some("nonce"))
            );
            signed.verify(&key).unwrap();
            let mut bent = signed.clone();
            bent.input.push('A');
            assert_eq!(bent.verify(&key), Err(Fault::Signature));
            assert!(signed.verify(&Client::p256().jwk()).is_err());
        }
    }

    #[test]
    fn nothing_is_taken_that_could_be_read_in_two_ways() {
        let jwk = Client::p256().jwk().to_json();
        let good = format!(r#"{{"alg":"ES256","nonce":"n","url":"u","jwk":{jwk}}}"#);
        assert!(Signed::parse(&flat(&good, "{}", b"s")).is_ok());
        let d = jwk.replacen('{', r#"{"d":"AA","#, 1);
        for header in [
            r#"{"alg":"none","nonce":"n","url":"u","kid":"k"}"#.to_owned(),
            r#"{"alg":"HS512","nonce":"n","url":"u","kid":"k"}"#.to_owned(),
            r#"{"alg":"ES256","alg":"RS256","nonce":"n","url":"u","kid":"k"}"#.to_owned(),
            r#"{"alg":"ES256","nonce":"n","url":"u","kid":"k","x":1,"x":2}"#.to_owned(),
            r#"{"alg":"ES256","nonce":"n","url":"u"}"#.to_owned(),
            r#"{"alg":"ES256","nonce":"n","kid":"k"}"#.to_owned(),
            r#"{"alg":"ES256","nonce":"n","url":"u","kid":"k","crit":["exp"]}"#.to_owned(),
            r#"{"alg":"ES256","nonce":"n","url":"u","kid":"k","b64":false,"crit":["b64"]}"#.to_owned(),
            format!(r#"{{"alg":"ES256","nonce":"n","url":"u","kid":"k","jwk":{jwk}}}"#),
            format!(r#"{{"alg":"ES256","nonce":"n","url":"u","jwk":{d}}}"#),
        ] {
            assert!(Signed::parse(&flat(&header, "{}", b"s")).is_err(), "{header}");
        }
        let body = String::from_utf8(flat(&good, "{}", b"s")).unwrap();
        assert!(Signed::parse(body.replacen('{', r#"{"header":{"kid":"x"},"#, 1).as_bytes()).is_err());
        assert!(Signed::parse(body.replacen('{', r#"{"payload":"e30","#, 1).as_bytes()).is_err());
        assert!(
            Signed::parse(body.replacen(r#""payload":"e30""#, r#""payload":"e30=""#, 1).as_bytes()).is_err()
        );
        assert!(Signed::parse(&vec![b' '; LARGEST + 1]).is_err());
    }

    #[test]
    fn an_algorithm_is_never_exchanged_for_another() {
        let client = Client::p256();
        let mut signed = Signed::parse(&client.signed_with_key("u", "n", "{}")).unwrap();
        signed.algorithm = Algorithm::Hs256;
        // The old trick: a public key taken for the secret of an HMAC.
        assert!(matches!(signed.verify(&client.jwk()), Err(Fault::Algorithm(_))));
        signed.algorithm = Algorithm::Es384;
        assert!(matches!(signed.verify(&client.jwk()), Err(Fault::Algorithm(_))));
        signed.algorithm = Algorithm::Es256;
        assert!(matches!(signed.verify_mac(b"secret"), Err(Fault::Algorithm(_))));
    }

    proptest! {
        #[test]
        fn no_bytes_break_the_reader(bytes: Vec<u8>, header: String, payload: String) {
            let _ = Signed::parse(&bytes);
            let _ = Signed::parse(&flat(&header, &payload, &bytes));
        }
    }
}
