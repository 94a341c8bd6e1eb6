//! What browsers and authenticators say of passkeys: nothing makes it panic, and no such bytes are a good answer.
#![no_main]

use libfuzzer_sys::fuzz_target;
use webauthn::{
    Assertion, AuthenticatorData, ClientData, PublicKey, Registration, Site, Stored, check, register,
};

fuzz_target!(|input: (&[u8], &[u8], &[u8])| {
    let (client_data_json, data, signature) = input;
    let site = Site { id: "members.example".into(), origins: vec!["https://members.example".into()] };
    let _ = ClientData::parse(client_data_json);
    let _ = PublicKey::parse(data);
    if let Ok(read) = AuthenticatorData::parse(data)
        && let Some(new) = read.new_key
    {
        assert_eq!(PublicKey::parse(&new.cose), Ok(new.key), "a key that was cut out is the same key");
    }
    let _ = AuthenticatorData::of_attestation(data);
    let registration = Registration { client_data_json, attestation_object: data };
    let _ = register(&site, b"challenge", &registration);
    let key =
        [0xa4, 1, 1, 3, 0x27, 0x20, 6, 0x21, 0x58, 0x20].into_iter().chain([9; 32]).collect::<Vec<u8>>();
    let stored = Stored { key: &key, counter: 0, may_be_backed_up: false };
    let answer = Assertion { client_data_json, authenticator_data: data, signature };
    assert!(check(&site, b"challenge", stored, &answer).is_err(), "nobody has this key");
});
