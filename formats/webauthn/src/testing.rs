//! An authenticator made of software, which answers as a browser would and can be told to answer wrongly.

#![allow(clippy::unwrap_used, clippy::missing_panics_doc)]

use ciborium::Value;
use data_encoding::BASE64URL_NOPAD;
use ring::signature::{Ed25519KeyPair, KeyPair as _};
use sha2::{Digest as _, Sha256};

/// A passkey in software (Ed25519).
pub struct Authenticator {
    key: Ed25519KeyPair,
    /// The id of its credential.
    pub id: Vec<u8>,
    /// What it says of itself: 1 present, 4 verified, 8 may be backed up, 16 is.
    pub flags: u8,
    /// How often it has signed.
    pub counter: u32,
}

impl Authenticator {
    /// One whose key comes from `seed`.
    pub fn new(seed: u8) -> Self {
        let key = Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).unwrap();
        Self { key, id: vec![seed; 16], flags: 0b101, counter: 0 }
    }

    /// `clientDataJSON` for a question of `kind` (`create` or `get`).
    pub fn client_data(kind: &str, challenge: &[u8], origin: &str) -> Vec<u8> {
        let challenge = BASE64URL_NOPAD.encode(challenge);
        let text = format!(
            r#"{{"type":"webauthn.{kind}","challenge":"{challenge}","origin":"{origin}","crossOrigin":false}}"#
        );
        text.into_bytes()
    }

    /// Its public key (COSE).
    pub fn cose(&self) -> Vec<u8> {
        let pair = |name: i64, value: Value| (Value::from(name), value);
        let public = self.key.public_key().as_ref().to_vec();
        let map = Value::Map(vec![
            pair(1, Value::from(1)),
            pair(3, Value::from(-8)),
            pair(-1, Value::from(6)),
            pair(-2, Value::Bytes(public)),
        ]);
        let mut out = Vec::new();
        ciborium::into_writer(&map, &mut out).unwrap();
        out
    }

    /// An attestation object for the site `id`.
    pub fn attestation(&self, id: &str) -> Vec<u8> {
        let mut data = self.data(id, 0b0100_0000);
        data.extend([0; 16]);
        data.extend(u16::try_from(self.id.len()).unwrap().to_be_bytes());
        data.extend(&self.id);
        data.extend(self.cose());
        let object = Value::Map(vec![
            (Value::from("fmt"), Value::from("none")),
            (Value::from("attStmt"), Value::Map(Vec::new())),
            (Value::from("authData"), Value::Bytes(data)),
        ]);
        let mut out = Vec::new();
        ciborium::into_writer(&object, &mut out).unwrap();
        out
    }

    /// Authenticator data and signature for the site `id`; the counter goes up.
    pub fn sign(&mut self, id: &str, client_data: &[u8]) -> (Vec<u8>, Vec<u8>) {
        self.counter += 1;
        let data = self.data(id, 0);
        let signed = [&data[..], &Sha256::digest(client_data)].concat();
        (data, self.key.sign(&signed).as_ref().to_vec())
    }

    fn data(&self, id: &str, more: u8) -> Vec<u8> {
        let mut data = Sha256::digest(id.as_bytes()).to_vec();
        data.push(self.flags | more);
        data.extend(self.counter.to_be_bytes());
        data
    }
}
