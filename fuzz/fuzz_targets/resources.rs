//! Delegations of addresses and AS numbers in certificates (RFC 3779): nothing makes them panic, and what is read is in order,
//! within its family, and within itself.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pki::x509::resources::{Resources, Share, addresses, numbers};

fn holds(share: &Share, most: u128) {
    for block in share.blocks() {
        assert!(block.start() <= block.end() && *block.end() <= most);
    }
    for pair in share.blocks().windows(2) {
        assert!(*pair[0].end() + 1 < *pair[1].start());
    }
}

fuzz_target!(|bytes: &[u8]| {
    let mut resources = Resources::default();
    if let Ok((v4, v6)) = addresses(bytes) {
        holds(&v4, u128::from(u32::MAX));
        holds(&v6, u128::MAX);
        resources.addresses = Some((v4, v6));
    }
    if let Ok(share) = numbers(bytes) {
        holds(&share, u128::from(u32::MAX));
        resources.numbers = Some(share);
    }
    assert!(resources.is_within(&resources) && resources.is_within(&Resources::default()));
    assert!(resources.named_addresses().iter().all(|block| block.start().is_ipv4() == block.end().is_ipv4()));
    let _ = resources.named_numbers();
});
