//! Questions by OCSP: nothing makes it panic, and every question that is read is answered with what it asked about.
#![no_main]

use std::sync::LazyLock;

use kit::SeededRandom;
use libfuzzer_sys::fuzz_target;
use pki::x509::ocsp::{Hashes, LARGEST, Question, Status, refusal, sign};
use pki::x509::{CaKey, Curve, Issuer};

static KEY: LazyLock<CaKey> = LazyLock::new(|| CaKey::make(Curve::P256, &SeededRandom::new(1)));

fuzz_target!(|bytes: &[u8]| {
    match Question::parse(bytes) {
        Ok(question) => {
            assert!(bytes.len() <= LARGEST && (1..=32).contains(&question.about.len()));
            let spki = KEY.public().unwrap();
            let hashes = Hashes::of(b"name", &spki);
            let statuses: Vec<_> = question
                .about
                .iter()
                .map(|one| if one.is_of(&hashes) { Status::Good } else { Status::Unknown })
                .collect();
            let issuer = Issuer { name: Default::default(), key_id: vec![1; 20] };
            let answer =
                sign(&question, &statuses, 1_795_291_200_000_000, 1_795_291_260_000_000, &issuer, &KEY);
            assert!(!answer.unwrap().is_empty());
        }
        Err(why) => assert!(!refusal(why).is_empty()),
    }
});
