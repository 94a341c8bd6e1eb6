//! JSON Web Signature in its compact form (RFC 7515 section 7.1), with ES256 (RFC 7518 section 3.4) and nothing else.

use data_encoding::BASE64URL_NOPAD;
use p256::ecdsa::Signature;
use p256::ecdsa::signature::{Signer as _, Verifier as _};
use serde::Deserialize;

use crate::{Error, PublicKey, SigningKey};

/// A signed notification file larger than this (bytes) is not read: ten thousand deltas need less.
pub const MAX_SIGNED: usize = 4 * 1024 * 1024;

/// `payload`, signed. The same payload and key give the same text (RFC 6979): no randomness is needed.
pub(crate) fn sign(payload: &[u8], key: &SigningKey) -> String {
    let mut text = BASE64URL_NOPAD.encode(br#"{"alg":"ES256"}"#);
    text.push('.');
    BASE64URL_NOPAD.encode_append(payload, &mut text);
    let signature: Signature = key.0.sign(text.as_bytes());
    text.push('.');
    BASE64URL_NOPAD.encode_append(&signature.to_bytes(), &mut text);
    text
}

/// A signature that is not verified yet.
pub(crate) struct Signed<'a> {
    /// What was signed, as it stands.
    over: &'a [u8],
    payload: &'a str,
    signature: Signature,
}

/// Of the header, what decides how it is verified.
#[derive(Deserialize)]
struct Protected {
    alg: String,
    /// Extensions that must be understood: none is.
    crit: Option<serde::de::IgnoredAny>,
}

impl<'a> Signed<'a> {
    /// Cuts `text` into its parts. White space at the ends is left out.
    pub(crate) fn read(text: &'a [u8]) -> Result<Self, Error> {
        if text.len() > MAX_SIGNED {
            return Err(Error::TooLarge {
                what: "the notification file",
                most: MAX_SIGNED as u64,
                unit: "bytes",
            });
        }
        let text = std::str::from_utf8(text.trim_ascii()).map_err(|_| Error::NotSigned("it is not text"))?;
        let parts = Error::NotSigned("it does not have three parts with dots between");
        let Some((over, signature)) = text.rsplit_once('.') else { return Err(parts) };
        let Some((header, payload)) = over.split_once('.') else { return Err(parts) };
        if payload.contains('.') {
            return Err(parts);
        }
        let header = base64(header, "its header is not base64url")?;
        let header: Protected =
            serde_json::from_slice(&header).map_err(|error| Error::json("the signature's header", &error))?;
        if header.alg != "ES256" {
            return Err(Error::Algorithm(header.alg.chars().take(20).collect()));
        }
        if header.crit.is_some() {
            return Err(Error::NotSigned("its header asks for extensions, of which none is known"));
        }
        let signature = Signature::from_slice(&base64(signature, "its signature is not base64url")?)
            .map_err(|_| Error::NotSigned("its signature has not the form of ES256, 64 bytes"))?;
        Ok(Self { over: over.as_bytes(), payload, signature })
    }

    /// The payload, if `key` has signed it.
    pub(crate) fn verify(&self, key: &PublicKey) -> Result<Vec<u8>, Error> {
        key.0.verify(self.over, &self.signature).map_err(|_| Error::Signature)?;
        base64(self.payload, "its payload is not base64url")
    }
}

fn base64(text: &str, wrong: &'static str) -> Result<Vec<u8>, Error> {
    BASE64URL_NOPAD.decode(text.as_bytes()).map_err(|_| Error::NotSigned(wrong))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verify(text: &str, key: &PublicKey) -> Result<Vec<u8>, Error> {
        Signed::read(text.as_bytes())?.verify(key)
    }

    #[test]
    fn the_example_of_the_rfc_verifies() {
        // RFC 7515 appendix A.3
        let jwk = r#"{"kty":"EC","crv":"P-256",
            "x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}"#;
        let text = "eyJhbGciOiJFUzI1NiJ9.\
            eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.\
            DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";
        let payload = verify(text, &PublicKey::parse(jwk).unwrap()).unwrap();
        assert!(payload.starts_with(br#"{"iss":"joe","#));
    }

    #[test]
    fn a_signature_holds_for_its_payload_and_its_key_alone() {
        let (key, other) =
            (SigningKey::from_random([7; 32]).unwrap(), SigningKey::from_random([8; 32]).unwrap());
        let text = sign(b"{}", &key);
        assert_eq!(verify(&format!(" {text}\n"), &key.public()).unwrap(), b"{}");
        assert!(matches!(verify(&text, &other.public()), Err(Error::Signature)));
        let tampered = text.replacen(".e30.", ".e31.", 1);
        assert_ne!(tampered, text);
        assert!(verify(&tampered, &key.public()).is_err());
    }

    #[test]
    fn other_algorithms_are_refused_by_name() {
        let key = SigningKey::from_random([7; 32]).unwrap();
        let signature = sign(b"{}", &key);
        let signature = signature.rsplit('.').next().unwrap();
        for (header, said) in [
            (r#"{"alg":"none"}"#, "none"),
            (r#"{"alg":"HS256"}"#, "HS256"),
            (r#"{"alg":"ES256","crit":["b64"],"b64":false}"#, "extensions"),
            (r#"{"alg":"ES256","alg":"none"}"#, "duplicate"),
            ("[]", "header"),
        ] {
            let text = format!("{}.e30.{signature}", BASE64URL_NOPAD.encode(header.as_bytes()));
            let error = verify(&text, &key.public()).unwrap_err().to_string();
            assert!(error.contains(said), "{header}: {error}");
        }
        for text in ["", "a.b", "a.b.c.d", "..", "e30=.e30=.e30="] {
            assert!(verify(text, &key.public()).is_err(), "{text}");
        }
    }
}
