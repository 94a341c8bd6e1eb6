//! What a site gets from passkeys, good ones and others.

#![allow(clippy::unwrap_used)]

use proptest::prelude::*;
use webauthn::testing::Authenticator;
use webauthn::{
    Assertion, AuthenticatorData, Checked, ClientData, Credential, Error, PublicKey, Registration, Site,
    Stored, check, register,
};

const ORIGIN: &str = "https://members.example";

fn site() -> Site {
    Site { id: "members.example".into(), origins: vec![ORIGIN.into()] }
}

fn registered(device: &Authenticator, challenge: &[u8], origin: &str, id: &str) -> Result<Credential, Error> {
    let client = Authenticator::client_data("create", challenge, origin);
    let object = device.attestation(id);
    register(&site(), b"challenge", &Registration { client_data_json: &client, attestation_object: &object })
}

struct Try<'a> {
    kind: &'a str,
    challenge: &'a [u8],
    origin: &'a str,
    id: &'a str,
}

const GOOD: Try<'_> = Try { kind: "get", challenge: b"challenge", origin: ORIGIN, id: "members.example" };

fn used(device: &mut Authenticator, counter: u32, how: &Try<'_>) -> Result<Checked, Error> {
    let client = Authenticator::client_data(how.kind, how.challenge, how.origin);
    let (data, signature) = device.sign(how.id, &client);
    let cose = device.cose();
    let stored = Stored { key: &cose, counter, may_be_backed_up: false };
    let answer = Assertion { client_data_json: &client, authenticator_data: &data, signature: &signature };
    check(&site(), b"challenge", stored, &answer)
}

#[test]
fn a_passkey_is_registered_and_lets_its_owner_in() {
    let mut device = Authenticator::new(1);
    let credential = registered(&device, b"challenge", ORIGIN, "members.example").unwrap();
    assert_eq!((credential.id.clone(), credential.counter), (device.id.clone(), 0));
    assert_eq!(credential.key, device.cose());
    assert_eq!(used(&mut device, 0, &GOOD), Ok(Checked { counter: 1, backed_up: false }));
}

#[test]
fn an_answer_for_another_question_site_or_page_is_refused() {
    let device = Authenticator::new(1);
    let refused = |challenge: &[u8], origin, id| registered(&device, challenge, origin, id).unwrap_err();
    assert_eq!(refused(b"other", ORIGIN, "members.example"), Error::WrongCeremony);
    let evil = "https://members.example.evil.example";
    assert_eq!(refused(b"challenge", evil, "members.example"), Error::WrongOrigin(evil.into()));
    assert_eq!(refused(b"challenge", ORIGIN, "evil.example"), Error::WrongSite);
    let mut device = Authenticator::new(1);
    assert_eq!(used(&mut device, 0, &Try { kind: "create", ..GOOD }), Err(Error::WrongCeremony));
    assert_eq!(used(&mut device, 0, &Try { challenge: b"old", ..GOOD }), Err(Error::WrongCeremony));
    let plain = "http://members.example";
    assert_eq!(used(&mut device, 0, &Try { origin: plain, ..GOOD }), Err(Error::WrongOrigin(plain.into())));
    assert_eq!(used(&mut device, 0, &Try { id: "example", ..GOOD }), Err(Error::WrongSite));
}

#[test]
fn a_page_in_another_sites_frame_gets_nothing() {
    let mut device = Authenticator::new(1);
    let client = Authenticator::client_data("get", b"challenge", ORIGIN);
    let client = String::from_utf8(client).unwrap().replace("false", "true").into_bytes();
    let (data, signature) = device.sign("members.example", &client);
    let answer = Assertion { client_data_json: &client, authenticator_data: &data, signature: &signature };
    let cose = device.cose();
    let stored = Stored { key: &cose, counter: 0, may_be_backed_up: false };
    assert_eq!(check(&site(), b"challenge", stored, &answer), Err(Error::WrongOrigin(ORIGIN.into())));
}

#[test]
fn a_touch_without_pin_or_body_is_not_enough() {
    let mut device = Authenticator::new(1);
    device.flags = 0b001;
    assert_eq!(registered(&device, b"challenge", ORIGIN, "members.example"), Err(Error::NotVerified));
    assert_eq!(used(&mut device, 0, &GOOD), Err(Error::NotVerified));
}

#[test]
fn a_counter_that_does_not_go_up_tells_of_a_copy_but_only_with_a_right_signature() {
    let mut device = Authenticator::new(1);
    device.counter = 6;
    assert_eq!(used(&mut device, 7, &GOOD), Err(Error::Cloned));
    let mut thief = Authenticator::new(2);
    let client = Authenticator::client_data("get", b"challenge", ORIGIN);
    let (data, signature) = thief.sign("members.example", &client);
    let answer = Assertion { client_data_json: &client, authenticator_data: &data, signature: &signature };
    let cose = device.cose();
    let stored = Stored { key: &cose, counter: 7, may_be_backed_up: false };
    assert_eq!(check(&site(), b"challenge", stored, &answer), Err(Error::BadSignature));
}

#[test]
fn a_passkey_that_changes_its_kind_is_refused() {
    let mut device = Authenticator::new(1);
    device.flags |= 0b1000;
    assert_eq!(used(&mut device, 0, &GOOD), Err(Error::ChangedKind));
    device.flags = 0b1_0101;
    assert!(matches!(used(&mut device, 0, &GOOD), Err(Error::Malformed(_))));
}

#[test]
fn keys_of_other_kinds_and_sizes_are_named() {
    assert_eq!(PublicKey::parse(&[0xa2, 1, 2, 3, 0x38, 0x22]), Err(Error::UnknownKey), "ES384");
    assert!(matches!(PublicKey::parse(&[0xa1, 1, 2]), Err(Error::Malformed(_))));
    assert!(matches!(PublicKey::parse(&[0x80]), Err(Error::Malformed(_))));
    let deep = vec![0x81; 5_000];
    assert!(matches!(PublicKey::parse(&deep), Err(Error::Malformed(_))));
    let long = [0x5b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff];
    assert!(matches!(PublicKey::parse(&long), Err(Error::Malformed(_))));
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes: Vec<u8>) {
        let _ = ClientData::parse(&bytes);
        let _ = AuthenticatorData::parse(&bytes);
        let _ = AuthenticatorData::of_attestation(&bytes);
        let _ = PublicKey::parse(&bytes);
    }

    #[test]
    fn one_altered_byte_of_what_was_signed_lets_nobody_in(at in 0usize..37, by in 1u8..) {
        let mut device = Authenticator::new(1);
        let client = Authenticator::client_data("get", b"challenge", ORIGIN);
        let (mut data, signature) = device.sign("members.example", &client);
        data[at] ^= by;
        let cose = device.cose();
        let stored = Stored { key: &cose, counter: 0, may_be_backed_up: false };
        let answer = Assertion { client_data_json: &client, authenticator_data: &data, signature: &signature };
        prop_assert!(check(&site(), b"challenge", stored, &answer).is_err());
    }
}
