//! Signed requests of ACME clients: no bytes break the reader, what it takes is read in one way alone, and a key written
//! down is the same key.
#![no_main]

use data_encoding::BASE64URL_NOPAD;
use libfuzzer_sys::fuzz_target;
use pki::acme::jwk::Jwk;
use pki::acme::jws::{LARGEST, Signed, Signer};

fuzz_target!(|bytes: &[u8]| {
    look(bytes);
    // The same bytes as header, payload and signature, so that what lies behind the base64url is reached, too.
    let mut parts = bytes.splitn(3, |byte| *byte == b'\n').map(|part| BASE64URL_NOPAD.encode(part));
    let mut part = || parts.next().unwrap_or_default();
    let (protected, payload, signature) = (part(), part(), part());
    look(
        format!(r#"{{"protected":"{protected}","payload":"{payload}","signature":"{signature}"}}"#)
            .as_bytes(),
    );
    if let Ok(key) = Jwk::from_json(bytes) {
        same(&key);
    }
});

fn look(bytes: &[u8]) {
    let Ok(signed) = Signed::parse(bytes) else { return };
    assert!(bytes.len() <= LARGEST && signed.payload.len() <= LARGEST);
    assert!(signed.verify_mac(b"a secret that nobody has guessed").is_err());
    if let Signer::Key(key) = &signed.signer {
        same(key);
        let _ = signed.verify(key); // the fuzzer may hold the key of its own seed
    }
}

fn same(key: &Jwk) {
    let again = Jwk::from_json(key.to_json().as_bytes());
    assert_eq!(again.as_ref(), Ok(key));
    assert_eq!(key.thumbprint().len(), 43);
    assert!(!key.bits().is_empty());
}
