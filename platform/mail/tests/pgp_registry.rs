//! Keys as they stand in a real registry's key-cert objects.
#![allow(clippy::unwrap_used)]

use mail::pgp::PublicKey;

/// Names and values of one RPSL object, in their order.
fn attributes(object: &str) -> Vec<(&str, &str)> {
    object.lines().filter_map(|line| line.split_once(':')).map(|(name, value)| (name, value.trim())).collect()
}

#[test]
fn keys_of_key_cert_objects_have_the_fingerprint_that_the_registry_gives() {
    let path =
        concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/registry/ripe-test-objects/key-cert.rpsl");
    let Ok(bytes) = std::fs::read(path) else {
        println!("left out: {path} is not there");
        return;
    };
    let (mut read, mut damaged) = (0, 0);
    for object in String::from_utf8_lossy(&bytes).split("\n\n") {
        let attributes = attributes(object);
        let value =
            |wanted: &str| attributes.iter().find(|(name, _)| *name == wanted).map(|(_, value)| *value);
        let certif: Vec<_> =
            attributes.iter().filter(|(name, _)| *name == "certif").map(|(_, value)| *value).collect();
        let certif = certif.join("\n");
        let (Some("PGP"), Some(fingerprint), true) =
            (value("method"), value("fingerpr"), certif.contains("PGP"))
        else {
            continue;
        };
        // The objects come from a test suite: some are shortened there, some have the fingerprint of another key
        match PublicKey::parse_all(certif.as_bytes()) {
            Ok(keys) if keys[0].has_id(fingerprint) => read += 1,
            Ok(keys) => {
                println!("{fingerprint} is given for {}", keys[0].fingerprint());
                damaged += 1;
            }
            Err(why) => {
                println!("{fingerprint}: {why}");
                damaged += 1;
            }
        }
    }
    println!("{read} keys as given, {damaged} otherwise");
    assert!(read >= 40, "only {read} keys are read");
}
