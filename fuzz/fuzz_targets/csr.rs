//! Requests for certificates, PEM or DER: nothing makes it panic, and what is taken is signed, bounded, and says the same twice.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pki::x509::csr::{LARGEST, Request};

fuzz_target!(|bytes: &[u8]| {
    if let Ok(request) = Request::parse(bytes) {
        assert!(bytes.len() <= LARGEST);
        assert!(request.names().len() <= 100);
        assert!(request.key_digest().is_ok());
        if let Ok(hosts) = request.hosts() {
            assert!(!hosts.is_empty());
            assert!(hosts.iter().all(|host| host.is_ascii() && !host.contains('*') && host.len() <= 253));
        }
        assert_eq!(Request::parse(bytes), Ok(request));
    }
    // As a file around them, too.
    let _ = Request::parse(pki::x509::armour("CERTIFICATE REQUEST", bytes).as_bytes());
});
