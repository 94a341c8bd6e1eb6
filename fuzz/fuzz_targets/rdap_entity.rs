//! Whatever an object of the registry says, RDAP's answer is JSON from which a client reads the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rdap::{Entity, IpNetwork, Property, Response};

fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes);
    let lines: Vec<String> = text.lines().take(40).map(str::to_owned).collect();
    let line = |at: usize| lines.get(at).cloned().unwrap_or_default();
    let mut entity = Entity::new(line(0));
    entity.vcard.push(Property::name(line(1)));
    entity.vcard.push(Property::address(lines.get(2..).unwrap_or_default()));
    entity.vcard.push(Property::email(line(3), 1));
    entity.vcard.push(Property::voice(line(4)));
    entity.vcard.push(Property::openpgp(&line(5)));
    let (first, last) = ([192, 0, 2, 0].into(), [192, 0, 2, 127].into());
    let mut network = IpNetwork::new(line(0), first, last);
    network.entities.push(entity);

    let written = serde_json::to_vec(&Response::new(network, Vec::new())).expect("texts and numbers only");
    let read: serde_json::Value = serde_json::from_slice(&written).expect("it is JSON");
    assert_eq!(read["handle"], line(0));
    let card = &read["entities"][0]["vcardArray"][1];
    let of =
        |name: &str| card.as_array().and_then(|all| all.iter().find(|one| one[0] == name)).map(|one| &one[3]);
    assert_eq!(of("fn").and_then(|value| value.as_str()), Some(line(1).as_str()));
    assert_eq!(of("email").and_then(|value| value.as_str()), Some(line(3).as_str()));
});
