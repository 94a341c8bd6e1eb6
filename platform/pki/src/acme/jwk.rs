//! Public keys of accounts: JWK (RFC 7517, RFC 7518 section 6, RFC 8037), their thumbprints (RFC 7638), and what is
//! verified with them.

use data_encoding::BASE64URL_NOPAD;
use ring::signature::{self, RsaPublicKeyComponents, UnparsedPublicKey};
use serde::Deserialize;
use serde::de::IgnoredAny;
use sha2::{Digest as _, Sha256};

use super::jws::{Algorithm, Fault, decode, read};

/// RSA moduli that are taken, in bits: less is weak, more costs us much.
const RSA_BITS: std::ops::RangeInclusive<usize> = 2048..=4096;

/// A public key. Two are equal when they are the same key, however they were written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Jwk {
    /// On P-256: the uncompressed point.
    P256(Vec<u8>),
    /// On P-384: the uncompressed point.
    P384(Vec<u8>),
    /// Ed25519.
    Ed25519(Vec<u8>),
    /// RSA: modulus and exponent, without leading zeros.
    Rsa {
        /// The modulus.
        n: Vec<u8>,
        /// The exponent.
        e: Vec<u8>,
    },
}

/// A key as it is written.
#[derive(Deserialize)]
pub(super) struct RawJwk {
    kty: String,
    crv: Option<String>,
    x: Option<String>,
    y: Option<String>,
    n: Option<String>,
    e: Option<String>,
    d: Option<IgnoredAny>,
    k: Option<IgnoredAny>,
}

impl Jwk {
    pub(super) fn from_raw(raw: RawJwk) -> Result<Self, Fault> {
        if raw.d.is_some() || raw.k.is_some() {
            let advice = "the key came with its private part. It is known to others now: make a new one";
            return Err(Fault::Key(advice.into()));
        }
        let part = |name: &str, part: Option<String>| {
            let part = part.ok_or_else(|| Fault::Key(format!("the key has no {name}")))?;
            decode(&part, name).map_err(|fault| Fault::Key(fault.to_string()))
        };
        let point = |size: usize, x: Option<String>, y: Option<String>| {
            let (x, y) = (part("x", x)?, part("y", y)?);
            if x.len() != size || y.len() != size {
                return Err(Fault::Key(format!("x and y have {size} bytes on this curve")));
            }
            Ok([vec![4], x, y].concat())
        };
        match (raw.kty.as_str(), raw.crv.as_deref()) {
            ("EC", Some("P-256")) => Ok(Self::P256(point(32, raw.x, raw.y)?)),
            ("EC", Some("P-384")) => Ok(Self::P384(point(48, raw.x, raw.y)?)),
            ("OKP", Some("Ed25519")) => {
                let x = part("x", raw.x)?;
                if x.len() != 32 {
                    return Err(Fault::Key("x has 32 bytes on this curve".into()));
                }
                Ok(Self::Ed25519(x))
            }
            ("RSA", _) => rsa(part("n", raw.n)?, part("e", raw.e)?),
            _ => {
                let known = "RSA of 2048 to 4096 bits, P-256, P-384 and Ed25519";
                Err(Fault::Key(format!("keys of this kind are not taken here; make one of {known}")))
            }
        }
    }

    /// Reads a key as JSON.
    ///
    /// # Errors
    /// [`Fault::Malformed`], [`Fault::Key`].
    pub fn from_json(text: &[u8]) -> Result<Self, Fault> {
        Self::from_raw(read(text, "the key")?)
    }

    /// The members that make the key, in the order of RFC 7638, section 3.
    pub fn to_json(&self) -> String {
        let text = |bytes: &[u8]| BASE64URL_NOPAD.encode(bytes);
        let curve = |name: &str, point: &[u8]| {
            let (x, y) = point[1..].split_at(point.len() / 2);
            format!(r#"{{"crv":"{name}","kty":"EC","x":"{}","y":"{}"}}"#, text(x), text(y))
        };
        match self {
            Self::P256(point) => curve("P-256", point),
            Self::P384(point) => curve("P-384", point),
            Self::Ed25519(x) => format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{}"}}"#, text(x)),
            Self::Rsa { n, e } => format!(r#"{{"e":"{}","kty":"RSA","n":"{}"}}"#, text(e), text(n)),
        }
    }

    /// Its thumbprint (RFC 7638, SHA-256) in base64url.
    pub fn thumbprint(&self) -> String {
        BASE64URL_NOPAD.encode(&Sha256::digest(self.to_json()))
    }

    /// The bits of the key as they stand in a certificate (RFC 5280, section 4.1.2.7; RSA: RFC 8017, appendix A.1.1).
    pub fn bits(&self) -> Vec<u8> {
        match self {
            Self::P256(bits) | Self::P384(bits) | Self::Ed25519(bits) => bits.clone(),
            Self::Rsa { n, e } => der(0x30, &[integer(n), integer(e)].concat()),
        }
    }

    pub(super) fn verify(&self, algorithm: Algorithm, input: &[u8], signature: &[u8]) -> Result<(), Fault> {
        let by = |kind: &'static dyn signature::VerificationAlgorithm, key: &[u8]| {
            UnparsedPublicKey::new(kind, key).verify(input, signature)
        };
        let verdict = match (algorithm, self) {
            (Algorithm::Es256, Self::P256(point)) => by(&signature::ECDSA_P256_SHA256_FIXED, point),
            (Algorithm::Es384, Self::P384(point)) => by(&signature::ECDSA_P384_SHA384_FIXED, point),
            (Algorithm::EdDsa, Self::Ed25519(x)) => by(&signature::ED25519, x),
            (Algorithm::Rs256, Self::Rsa { n, e }) => RsaPublicKeyComponents { n, e }.verify(
                &signature::RSA_PKCS1_2048_8192_SHA256,
                input,
                signature,
            ),
            _ => return Err(Fault::Algorithm("the algorithm is not one for this key".into())),
        };
        verdict.map_err(|_| Fault::Signature)
    }
}

fn rsa(n: Vec<u8>, e: Vec<u8>) -> Result<Jwk, Fault> {
    let bits = n.len() * 8 - n.first().map_or(0, |first| first.leading_zeros() as usize);
    if !RSA_BITS.contains(&bits) {
        return Err(Fault::Key(format!("RSA keys have 2048 to 4096 bits here, and this one has {bits}")));
    }
    // RFC 7518, section 6.3.1: without superfluous zeros; so each key has one thumbprint.
    if n.first() == Some(&0) || e.first() == Some(&0) || e.is_empty() || e.len() > 8 {
        return Err(Fault::Key("n and e are numbers without leading zeros, and e is a small one".into()));
    }
    Ok(Jwk::Rsa { n, e })
}

/// A positive number in DER.
fn integer(bytes: &[u8]) -> Vec<u8> {
    let sign: &[u8] = if bytes.first().is_some_and(|first| first & 0x80 != 0) { &[0] } else { &[] };
    der(2, &[sign, bytes].concat())
}

fn der(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len().to_be_bytes();
    let length = &length[length.iter().take_while(|byte| **byte == 0).count()..];
    let header = match content.len() {
        short @ 0..128 => vec![tag, short as u8],
        _ => [&[tag, 0x80 | length.len() as u8], length].concat(),
    };
    [header, content.to_vec()].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The key of RFC 7638, section 3.1.
    const RFC_7638: &str = r#"{"kty":"RSA","n":"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw","e":"AQAB","alg":"RS256","kid":"2011-04-29"}"#;

    #[test]
    fn the_thumbprint_is_the_one_of_the_standard() {
        let key = Jwk::from_json(RFC_7638.as_bytes()).unwrap();
        assert_eq!(key.thumbprint(), "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
        assert_eq!(Jwk::from_json(key.to_json().as_bytes()).unwrap(), key);
        // RFC 8037, appendix A.3.
        let ed = r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
        let ed = Jwk::from_json(ed.as_bytes()).unwrap();
        assert_eq!(ed.thumbprint(), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
    }

    #[test]
    fn a_signature_with_rsa_is_verified() {
        // RFC 7515, appendix A.2, whose signature is over these bytes.
        let key = r#"{"kty":"RSA","n":"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ","e":"AQAB"}"#;
        let input = "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
        let signature = "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw";
        let key = Jwk::from_json(key.as_bytes()).unwrap();
        let signature = decode(signature, "signature").unwrap();
        key.verify(Algorithm::Rs256, input.as_bytes(), &signature).unwrap();
        assert_eq!(key.verify(Algorithm::Rs256, &input.as_bytes()[1..], &signature), Err(Fault::Signature));
    }

    #[test]
    fn weak_and_odd_keys_are_refused() {
        let small = format!(r#"{{"kty":"RSA","e":"AQAB","n":"{}"}}"#, BASE64URL_NOPAD.encode(&[0x80; 128]));
        let zeros = format!(
            r#"{{"kty":"RSA","e":"AQAB","n":"{}"}}"#,
            BASE64URL_NOPAD.encode(&[&[0_u8][..], &[0x80; 256]].concat())
        );
        for key in [
            small.as_str(),
            zeros.as_str(),
            r#"{"kty":"RSA","e":"","n":""}"#,
            r#"{"kty":"oct","k":"AAAA"}"#,
            r#"{"kty":"EC","crv":"P-256","x":"AA","y":"AA"}"#,
            r#"{"kty":"EC","crv":"secp256k1","x":"AA","y":"AA"}"#,
            r#"{"kty":"OKP","crv":"Ed25519","x":"AA"}"#,
            "null",
            "[]",
        ] {
            assert!(Jwk::from_json(key.as_bytes()).is_err(), "{key}");
        }
    }
}
