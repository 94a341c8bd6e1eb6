//! Foreign bytes: nothing panics, nothing grows without bound, and what is forged by its structure is not shown.
#![allow(clippy::unwrap_used)]

use std::{io::Write, sync::LazyLock, time::Instant};

use flate2::{Compression, write::ZlibEncoder};
use mail::pgp::{
    KeyParams, OpenError, PublicKey, SecretKey, Seed, SignatureMode, decrypt, encrypt, encrypt_and_sign,
    limits, mime::verify_mime, verify_cleartext, verify_detached,
};
use proptest::prelude::*;

const NOON: i64 = 1_790_000_000;

static TEAM: LazyLock<SecretKey> = LazyLock::new(|| {
    let params = KeyParams { user_id: "CERT <cert@cert.example>".into(), created: NOON, expires: None };
    SecretKey::generate(&params, Seed::from([1; 32])).unwrap()
});
static KEYS: LazyLock<[PublicKey; 1]> = LazyLock::new(|| [TEAM.public().clone()]);

/// A packet with a new-format header (RFC 4880 4.2.2).
fn packet(tag: u8, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len()).unwrap();
    [&[0xc0 | tag, 0xff][..], &length.to_be_bytes(), body].concat()
}

fn literal(data: &[u8]) -> Vec<u8> {
    packet(11, &[b"b\0\0\0\0\0", data].concat())
}

fn compressed(data: &[u8]) -> Vec<u8> {
    let mut zlib = ZlibEncoder::new(vec![2], Compression::best());
    zlib.write_all(data).unwrap();
    packet(8, &zlib.finish().unwrap())
}

fn open(message: &[u8]) -> Result<Vec<u8>, OpenError> {
    decrypt(message, std::slice::from_ref(&*TEAM), &*KEYS, NOON).map(|opened| opened.bytes)
}

fn signature_packet(data: &[u8]) -> Vec<u8> {
    let armored = TEAM.sign_detached(data, SignatureMode::Binary, NOON).unwrap().armored;
    dearmored(&armored)
}

fn dearmored(armored: &str) -> Vec<u8> {
    let base64: String = armored.lines().skip(2).take_while(|line| !line.starts_with('=')).collect();
    data_encoding::BASE64.decode(base64.as_bytes()).unwrap()
}

#[test]
fn plain_and_compressed_messages_are_read() {
    assert_eq!(open(&literal(b"text")).unwrap(), b"text");
    assert_eq!(open(&compressed(&literal(b"text"))).unwrap(), b"text");
}

#[test]
fn a_compressed_bomb_is_not_unpacked() {
    let zeros = literal(&vec![0; limits::DECOMPRESSED_BYTES as usize + 1]);
    let bomb = compressed(&zeros);
    assert!(bomb.len() < 100_000);
    let started = Instant::now();
    let closed = open(&bomb).unwrap_err();
    assert_eq!(closed.to_string(), "not opened: it holds more than 64 MiB when it is unpacked");
    assert!(started.elapsed().as_secs() < 10);
    // In layers, each within the limit, all together beyond it
    let half = literal(&vec![0; limits::DECOMPRESSED_BYTES as usize / 2]);
    let once = compressed(&half);
    let padded = [once.clone(), packet(60, &vec![0; limits::DECOMPRESSED_BYTES as usize / 2 + 1])].concat();
    assert!(matches!(open(&compressed(&padded)), Err(OpenError::TooMuch(_))));
    assert!(open(&compressed(&once)).is_ok());
}

#[test]
fn layers_within_layers_end() {
    let mut message = literal(b"text");
    for _ in 0..limits::DEPTH - 1 {
        message = compressed(&message);
    }
    assert_eq!(open(&message).unwrap(), b"text");
    assert!(matches!(open(&compressed(&message)), Err(OpenError::TooMuch(_))));
}

#[test]
fn the_number_of_packets_and_signatures_is_bounded() {
    let marker = packet(10, b"PGP");
    assert!(open(&[marker.repeat(limits::PACKETS + 1), literal(b"x")].concat()).is_err());
    let signature = signature_packet(b"x");
    let signed = |count| [signature.repeat(count), literal(b"x")].concat();
    assert!(open(&signed(limits::SIGNATURES)).is_ok());
    assert!(matches!(open(&signed(limits::SIGNATURES + 1)), Err(OpenError::TooMuch(_))));
    // A signature file is read up to the limit
    let verdicts = verify_detached(b"x", &signature.repeat(100), &*KEYS, NOON);
    assert_eq!(verdicts.len(), limits::SIGNATURES);
    assert!(verdicts.iter().all(|v| v.is_good()));
}

#[test]
fn hidden_recipients_are_tried_a_few_times_only() {
    let bytes = dearmored(&encrypt(&[TEAM.public()], b"x", NOON, Seed::from([3; 32])).unwrap());
    // Header of two bytes, version 3, then the key id: made hidden, and the session key spoilt
    let end = 2 + usize::from(bytes[1]);
    let mut hidden = bytes[..end].to_vec();
    hidden[3..11].fill(0);
    hidden[20] ^= 1;
    let many = [hidden.repeat(limits::SESSION_KEY_TRIALS + 1), bytes[end..].to_vec()].concat();
    assert!(matches!(open(&many), Err(OpenError::TooMuch(_))));
}

#[test]
fn text_beside_the_signed_text_is_not_shown_as_signed() {
    let (signature, text) = (signature_packet(b"x"), literal(b"x"));
    let two = [signature.clone(), literal(b"pay"), text.clone()].concat();
    assert_eq!(open(&two).unwrap_err(), OpenError::Malformed("two messages stand in it".into()));
    // Signed around the encryption: says nothing about what is inside
    let sealed = dearmored(&encrypt(&[TEAM.public()], b"x", NOON, Seed::from([4; 32])).unwrap());
    let why = OpenError::Malformed("a signature stands outside the encryption".into());
    assert_eq!(open(&[signature, sealed].concat()).unwrap_err(), why);
}

#[test]
fn encryption_without_integrity_is_refused() {
    let sealed = dearmored(&encrypt(&[TEAM.public()], b"x", NOON, Seed::from([6; 32])).unwrap());
    let session_key = &sealed[..2 + usize::from(sealed[1])];
    let old = [session_key, &packet(9, &[7; 100])].concat();
    assert_eq!(open(&old).unwrap_err(), OpenError::NoIntegrity);
    assert_eq!(open(&packet(9, &[7; 100])).unwrap_err(), OpenError::NoIntegrity);
}

#[test]
fn large_and_odd_texts_take_linear_time() {
    let started = Instant::now();
    let lines = "- line\n".repeat(500_000);
    let text = format!(
        "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\n{lines}-----BEGIN PGP SIGNATURE-----\n\nx"
    );
    assert!(verify_cleartext(text.as_bytes(), &*KEYS, NOON).is_some());
    let begins = "-----BEGIN PGP SIGNED MESSAGE-----\n".repeat(100_000);
    let _ = verify_cleartext(begins.as_bytes(), &*KEYS, NOON);
    let blocks = "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n".repeat(100_000);
    assert!(PublicKey::parse_all(blocks.as_bytes()).is_err());
    assert!(started.elapsed().as_secs() < 10, "{:?}", started.elapsed());
}

#[test]
fn too_large_files_are_refused_before_they_are_read() {
    let large = vec![b' '; limits::KEY_FILE_BYTES * 2 + 1];
    assert!(PublicKey::parse_all(&large).unwrap_err().to_string().contains("more than"));
    let binary = vec![0x99; limits::KEY_FILE_BYTES + 1];
    assert!(PublicKey::parse_all(&binary).unwrap_err().to_string().contains("more than"));
}

fn everything(bytes: &[u8]) {
    if let Ok(keys) = PublicKey::parse_all(bytes) {
        for key in keys.iter().take(3) {
            let _ = (key.validity(NOON).to_string(), key.can_sign(NOON), key.can_encrypt(NOON), key.emails());
            let _ = encrypt(&[key], b"x", NOON, Seed::from([5; 32]));
            let _ = PublicKey::parse_all(&key.to_bytes());
        }
    }
    if let Ok(key) = SecretKey::parse(bytes, Some("x")) {
        let _ = key.sign_detached(b"x", SignatureMode::Text, NOON);
    }
    for verdict in
        verify_detached(b"x", bytes, &*KEYS, NOON).into_iter().chain(verify_mime(b"x", bytes, &*KEYS, NOON))
    {
        assert!(!verdict.to_string().is_empty());
    }
    let _ = verify_cleartext(bytes, &*KEYS, NOON);
    if let Err(why) = open(bytes) {
        assert!(!why.to_string().is_empty());
    }
}

/// Honest things to damage.
static SAMPLES: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let sealed = encrypt_and_sign(&[TEAM.public()], &TEAM, b"x", NOON, Seed::from([2; 32])).unwrap();
    let signature = TEAM.sign_detached(b"x", SignatureMode::Binary, NOON).unwrap().armored;
    let cleartext = format!("-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\nx\n{signature}");
    vec![
        TEAM.public().to_bytes(),
        TEAM.public().to_armored().into_bytes(),
        TEAM.to_bytes(),
        TEAM.to_armored().into_bytes(),
        sealed.into_bytes(),
        signature.into_bytes(),
        cleartext.into_bytes(),
        [signature_packet(b"x"), literal(b"x")].concat(),
        compressed(&[signature_packet(b"x"), literal(b"x")].concat()),
    ]
});

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes(bytes: Vec<u8>) {
        everything(&bytes);
    }

    #[test]
    fn any_packets(packets in prop::collection::vec((0u8..64, prop::collection::vec(any::<u8>(), 0..80)), 0..8)) {
        everything(&packets.iter().flat_map(|(tag, body)| packet(*tag, body)).collect::<Vec<_>>());
    }

    #[test]
    fn damaged_honest_things(
        sample in 0..9usize,
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        cut in prop::option::of(any::<prop::sample::Index>()),
    ) {
        let mut bytes = SAMPLES[sample].clone();
        for (at, value) in damage {
            let at = at.index(bytes.len());
            bytes[at] = value;
        }
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        everything(&bytes);
    }
}

#[test]
fn a_signature_is_only_good_for_its_own_data() {
    let signature = signature_packet(b"x");
    assert!(verify_detached(b"x", &signature, &*KEYS, NOON)[0].is_good());
    assert!(!verify_detached(b"y", &signature, &*KEYS, NOON)[0].is_good());
    // Every single byte matters that is hashed
    for at in 2..signature.len() {
        let mut changed = signature.clone();
        changed[at] ^= 0x01;
        let verdict = verify_detached(b"x", &changed, &*KEYS, NOON).remove(0);
        let is_hint = verdict.is_good();
        // The part that is not hashed holds only the key id, a hint
        assert!(!is_hint || changed[at..].len() > 64, "byte {at} does not matter: {verdict}");
    }
}
