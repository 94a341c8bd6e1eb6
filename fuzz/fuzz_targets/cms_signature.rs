//! Signatures over a document by a certificate's key, PEM or DER: nothing makes it panic, and what is taken is bounded, says
//! the same twice, and is over one document at most.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pki::x509::cms::{LARGEST, Signature};

fuzz_target!(|bytes: &[u8]| {
    if let Ok(signature) = Signature::parse(bytes) {
        assert!(bytes.len() <= LARGEST);
        assert!(signature.certificate().len() <= LARGEST);
        let one = signature.is_over(b"RULES OF ALBA\n\nDocument 1\n").is_ok();
        assert!(!(one && signature.is_over(b"another document\n").is_ok()));
        assert_eq!(Signature::parse(bytes), Ok(signature));
    }
    // As a file around them, too.
    let _ = Signature::parse(pki::x509::armour("CMS", bytes).as_bytes());
});
