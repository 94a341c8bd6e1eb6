//! An ACME client for tests: it signs as clients do, and wrongly on demand.

use data_encoding::BASE64URL_NOPAD;
use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair,
    KeyPair as _,
};
use serde_json::{Value, json};

use super::jwk::Jwk;

/// A key of an account, with its private part.
pub(crate) enum Client {
    P256(EcdsaKeyPair),
    P384(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
}

impl Client {
    pub(crate) fn p256() -> Self {
        Self::P256(ecdsa(&ECDSA_P256_SHA256_FIXED_SIGNING))
    }

    /// The key in a PKCS#8 text.
    pub(crate) fn from_pkcs8(der: &[u8]) -> Self {
        let kind = &ECDSA_P256_SHA256_FIXED_SIGNING;
        Self::P256(EcdsaKeyPair::from_pkcs8(kind, der, &SystemRandom::new()).unwrap())
    }

    pub(crate) fn p384() -> Self {
        Self::P384(ecdsa(&ECDSA_P384_SHA384_FIXED_SIGNING))
    }

    pub(crate) fn ed25519() -> Self {
        let pkcs8 = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).unwrap();
        Self::Ed25519(Ed25519KeyPair::from_pkcs8(pkcs8.as_ref()).unwrap())
    }

    pub(crate) fn jwk(&self) -> Jwk {
        match self {
            Self::P256(key) => Jwk::P256(key.public_key().as_ref().to_vec()),
            Self::P384(key) => Jwk::P384(key.public_key().as_ref().to_vec()),
            Self::Ed25519(key) => Jwk::Ed25519(key.public_key().as_ref().to_vec()),
        }
    }

    pub(crate) fn algorithm(&self) -> &'static str {
        match self {
            Self::P256(_) => "ES256",
            Self::P384(_) => "ES384",
            Self::Ed25519(_) => "EdDSA",
        }
    }

    /// A request signed with the key itself, which comes with it.
    pub(crate) fn signed_with_key(&self, url: &str, nonce: &str, payload: &str) -> Vec<u8> {
        let jwk: Value = serde_json::from_str(&self.jwk().to_json()).unwrap();
        self.signed(&json!({"alg": self.algorithm(), "nonce": nonce, "url": url, "jwk": jwk}), payload)
    }

    /// A request of the account whose address is `kid`.
    pub(crate) fn signed_as(&self, kid: &str, url: &str, nonce: &str, payload: &str) -> Vec<u8> {
        self.signed(&json!({"alg": self.algorithm(), "nonce": nonce, "url": url, "kid": kid}), payload)
    }

    /// `payload` under any header.
    pub(crate) fn signed(&self, header: &Value, payload: &str) -> Vec<u8> {
        let (header, random) = (header.to_string(), SystemRandom::new());
        let input = format!("{}.{}", text(header.as_bytes()), text(payload.as_bytes()));
        let signature = match self {
            Self::P256(key) | Self::P384(key) => {
                key.sign(&random, input.as_bytes()).unwrap().as_ref().to_vec()
            }
            Self::Ed25519(key) => key.sign(input.as_bytes()).as_ref().to_vec(),
        };
        flat(&header, payload, &signature)
    }

    /// The account's key, bound to the credential `kid` with `secret`, for the address `url` (RFC 8555, section 7.3.4).
    pub(crate) fn bound(&self, url: &str, kid: &str, secret: &[u8]) -> Value {
        let header = json!({"alg": "HS256", "kid": kid, "url": url}).to_string();
        let payload = self.jwk().to_json();
        let input = format!("{}.{}", text(header.as_bytes()), text(payload.as_bytes()));
        let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, secret);
        let mac = ring::hmac::sign(&key, input.as_bytes());
        serde_json::from_slice(&flat(&header, &payload, mac.as_ref())).unwrap()
    }
}

fn ecdsa(kind: &'static ring::signature::EcdsaSigningAlgorithm) -> EcdsaKeyPair {
    let random = SystemRandom::new();
    let pkcs8 = EcdsaKeyPair::generate_pkcs8(kind, &random).unwrap();
    EcdsaKeyPair::from_pkcs8(kind, pkcs8.as_ref(), &random).unwrap()
}

/// A flattened JWS of these parts.
pub(crate) fn flat(header: &str, payload: &str, signature: &[u8]) -> Vec<u8> {
    let parts = json!({
        "protected": text(header.as_bytes()), "payload": text(payload.as_bytes()), "signature": text(signature)});
    parts.to_string().into_bytes()
}

fn text(bytes: &[u8]) -> String {
    BASE64URL_NOPAD.encode(bytes)
}
