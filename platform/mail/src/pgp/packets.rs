//! Reading a row of packets with limits.

use pgp::{
    errors::Error,
    packet::{Packet, PacketParser, Signature},
};

use super::{armor, limits};

/// The packets of one layer. Those of a kind or version that the library does not know are passed over, as RFC 9580
/// section 4.3 asks for the non-critical ones.
///
/// # Errors
/// In words: damaged, or more than [`limits::PACKETS`].
pub(super) fn parse(bytes: &[u8]) -> Result<Vec<Packet>, String> {
    let mut packets = Vec::new();
    for (count, packet) in PacketParser::new(bytes).enumerate() {
        if count == limits::PACKETS {
            return Err(format!("more than {} packets", limits::PACKETS));
        }
        match packet {
            Ok(Packet::Marker(_) | Packet::Padding(_)) => {}
            Ok(packet) => packets.push(packet),
            Err(Error::Unsupported { .. }) => {}
            Err(Error::InvalidPacketContent { source }) if matches!(*source, Error::Unsupported { .. }) => {}
            Err(why) => return Err(format!("damaged: {why}")),
        }
    }
    Ok(packets)
}

/// The signatures in a signature file or block, at most [`limits::SIGNATURES`].
///
/// # Errors
/// In words: holds none, or something else (the signatures on a key are not those on a mail).
pub(super) fn signatures(bytes: &[u8]) -> Result<Vec<Signature>, String> {
    let packets = armor::open(bytes, limits::SIGNATURE_BYTES, 1)?;
    let packets = parse(&packets)?;
    let signatures = packets.into_iter().map(|packet| match packet {
        Packet::Signature(signature) => Some(signature),
        _ => None,
    });
    match signatures.take(limits::SIGNATURES).collect::<Option<Vec<_>>>() {
        None => Err("it is OpenPGP data of another kind".into()),
        Some(none) if none.is_empty() => Err("there is no signature in it".into()),
        Some(signatures) => Ok(signatures),
    }
}
