//! Requests, questions and certificates with bytes changed: nothing panics, and nothing altered is taken for what it was.

#![allow(clippy::unwrap_used)]

use pki::x509::csr::Request;
use pki::x509::ocsp::Question;
use proptest::prelude::*;
use proptest::sample::Index;

const REQUESTS: [&[u8]; 3] = [
    include_bytes!("../../../fuzz/corpus/csr/server.der"),
    include_bytes!("../../../fuzz/corpus/csr/rsa.der"),
    include_bytes!("../../../fuzz/corpus/csr/ed25519.der"),
];
const QUESTIONS: [&[u8]; 2] = [
    include_bytes!("../../../fuzz/corpus/ocsp_request/nonce.der"),
    include_bytes!("../../../fuzz/corpus/ocsp_request/two.der"),
];

fn altered(bytes: &[u8], changes: &[(Index, u8)]) -> Vec<u8> {
    let mut altered = bytes.to_vec();
    for (place, value) in changes {
        let place = place.index(altered.len());
        altered[place] = *value;
    }
    altered
}

#[test]
fn the_seeds_are_read() {
    assert!(REQUESTS.iter().all(|bytes| Request::parse(bytes).is_ok()));
    assert!(Request::parse(include_bytes!("../../../fuzz/corpus/csr/person.pem")).is_ok());
    assert!(QUESTIONS.iter().all(|bytes| Question::parse(bytes).is_ok()));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4096))]

    #[test]
    fn an_altered_request_is_refused(which in 0..3_usize, changes in prop::collection::vec((any::<Index>(), any::<u8>()), 1..6)) {
        let altered = altered(REQUESTS[which], &changes);
        prop_assert_eq!(Request::parse(&altered).is_ok(), altered == REQUESTS[which]);
    }

    #[test]
    fn a_question_of_any_bytes_is_read_or_refused(which in 0..2_usize, changes in prop::collection::vec((any::<Index>(), any::<u8>()), 0..9), cut in any::<Index>()) {
        let bytes = altered(QUESTIONS[which], &changes);
        let _ = Question::parse(&bytes);
        let _ = Question::parse(&bytes[..cut.index(bytes.len())]);
    }

    #[test]
    fn text_of_any_kind_is_no_request(text: String, bytes: Vec<u8>) {
        prop_assert!(Request::parse(text.as_bytes()).is_err());
        prop_assert!(Request::parse(&bytes).is_err());
    }
}
