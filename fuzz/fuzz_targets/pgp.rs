//! OpenPGP: keys, signatures and messages of any bytes, armoured or not.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use mail::pgp::{
    KeyParams, Protection, PublicKey, SecretKey, Seed, decrypt, encrypt_and_sign, verify_cleartext,
    verify_detached,
};

const NOW: i64 = 1_795_291_200;

/// A key of ours, and a message to it that the fuzzer's bytes are laid over.
static OURS: LazyLock<(SecretKey, Vec<u8>)> = LazyLock::new(|| {
    let params =
        KeyParams { user_id: "Duty <cert@aldermark.example>".into(), created: NOW - 1_000, expires: None };
    let key = SecretKey::generate(&params, Seed::from([7; 32])).expect("a plain key");
    let message = encrypt_and_sign(&[key.public()], &key, b"fifty addresses", NOW - 500, Seed::from([8; 32]));
    (key, message.expect("a valid key").into_bytes())
});

fuzz_target!(|bytes: &[u8]| {
    let (key, message) = &*OURS;
    let ours = std::slice::from_ref(key.public());
    if let Ok(keys) = PublicKey::parse_all(bytes) {
        for key in &keys {
            let _ = (key.fingerprint(), key.user_ids(), key.emails(), key.expires());
            let _ = (key.validity(NOW).to_string(), key.can_sign(NOW), key.can_encrypt(NOW));
            // One that is good for anything survives being stored. (rPGP reads some nonsense that it cannot write.)
            if key.can_sign(NOW).is_valid() || key.can_encrypt(NOW).is_valid() {
                let again = PublicKey::parse_all(key.to_armored().as_bytes()).expect("what we wrote");
                assert_eq!(again[0].fingerprint(), key.fingerprint());
            }
        }
        let _ = verify_detached(b"text", bytes, &keys, NOW);
    }
    let _ = SecretKey::parse(bytes, None);
    // Nobody but the key's holder makes a good signature of it.
    for verdict in verify_detached(b"text", bytes, ours, NOW) {
        assert!(!verdict.is_good(), "{verdict}");
    }
    let _ = verify_cleartext(bytes, ours, NOW);
    let _ = decrypt(bytes, std::slice::from_ref(key), ours, NOW);

    // A message altered on the way stays closed, or says the same, or says that it was not encrypted.
    let mut altered = message.clone();
    for edit in bytes.chunks_exact(3) {
        let at = usize::from(u16::from_be_bytes([edit[0], edit[1]])) % altered.len();
        altered[at] = edit[2];
    }
    if let Ok(opened) = decrypt(&altered, std::slice::from_ref(key), ours, NOW) {
        assert!(opened.bytes == b"fifty addresses" || opened.protection == Protection::None, "{opened:?}");
    }
});
