//! ASCII armour (RFC 4880 section 6.2): found inside other text, opened and made.

use std::io::Read;

use memchr::memmem;
use pgp::{
    armor::{BlockType, Dearmor, DearmorOptions},
    ser::Serialize,
};

const BEGIN: &[u8] = b"-----BEGIN PGP ";

/// The OpenPGP packets in `bytes`: of every armoured block in it (text around them is passed over, as people paste
/// keys with their page around), or the bytes themselves when they are binary. `limit` bounds the sum of what comes
/// out, `blocks` their number.
///
/// # Errors
/// In words: no OpenPGP data, too much of it, or an armour that is cut off or damaged. A damaged block spoils the
/// whole only when no block is readable.
pub(super) fn open(bytes: &[u8], limit: usize, blocks: usize) -> Result<Vec<u8>, String> {
    if bytes.len() > limit.saturating_mul(2) {
        return Err(format!("more than {limit} bytes of OpenPGP data"));
    }
    // Every binary packet starts with a byte whose highest bit is set (RFC 4880 4.2), text never does here
    let is_binary = bytes.first().is_some_and(|first| first & 0x80 != 0);
    if is_binary && !bytes.starts_with("\u{feff}".as_bytes()) {
        return match bytes.len() > limit {
            true => Err(format!("more than {limit} bytes of OpenPGP data")),
            false => Ok(bytes.to_vec()),
        };
    }
    let mut packets = Vec::new();
    let mut failure = None;
    for start in memmem::find_iter(bytes, BEGIN).take(blocks) {
        match open_block(&bytes[start..], limit - packets.len().min(limit)) {
            Ok(block) => packets.extend(block),
            Err(why) => failure = failure.or(Some(why)),
        }
    }
    match (packets.is_empty(), failure) {
        (false, _) => Ok(packets),
        (true, Some(why)) => Err(why),
        (true, None) => Err("no OpenPGP data in it".into()),
    }
}

fn open_block(bytes: &[u8], limit: usize) -> Result<Vec<u8>, String> {
    // The reader's own buffers grow with what it is given, so it gets one block and not the rest of the file
    let end = memmem::find(&bytes[BEGIN.len()..], BEGIN).map_or(bytes.len(), |at| at + BEGIN.len());
    let dearmor = Dearmor::with_options(&bytes[..end], DearmorOptions::new().set_limit(64 << 10));
    let mut packets = Vec::new();
    let taken = dearmor.take(limit as u64 + 1).read_to_end(&mut packets);
    taken.map_err(|_| "its armour is damaged or cut off".to_owned())?;
    match packets.len() > limit {
        true => Err(format!("more than {limit} bytes of OpenPGP data")),
        false => Ok(packets),
    }
}

/// Packets already serialised.
struct Raw<'a>(&'a [u8]);

impl Serialize for Raw<'_> {
    fn to_writer<W: std::io::Write>(&self, writer: &mut W) -> pgp::errors::Result<()> {
        writer.write_all(self.0)?;
        Ok(())
    }

    fn write_len(&self) -> usize {
        self.0.len()
    }
}

/// `packets` in armour of the kind given, with the check sum that GnuPG 2.2 writes; lines end with LF.
pub(super) fn close(packets: &[u8], kind: BlockType) -> String {
    let mut out = Vec::with_capacity(packets.len() * 4 / 3 + packets.len() / 48 + 100);
    pgp::armor::write(&Raw(packets), kind, &mut out, None, true).expect("writing into memory does not fail");
    String::from_utf8(out).expect("armour is ASCII")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_closed_opens_again_with_text_around_it() {
        let armored = close(&[0xc6, 1, 2, 3], BlockType::PublicKey);
        let page = format!("Our key:\r\n\r\n{armored}\r\nand the next\n{armored}");
        assert_eq!(open(page.as_bytes(), 1000, 10).unwrap(), [0xc6, 1, 2, 3, 0xc6, 1, 2, 3]);
    }

    #[test]
    fn limits_hold() {
        let armored = close(&[0xc6; 1000], BlockType::PublicKey);
        assert!(open(armored.as_bytes(), 999, 10).is_err());
        assert!(open(&[0xc6; 1000], 999, 10).is_err());
        assert_eq!(open(armored.repeat(5).as_bytes(), 10_000, 2).unwrap().len(), 2000);
    }

    #[test]
    fn a_cut_off_block_is_an_error_in_words() {
        let armored = close(&[0xc6; 1000], BlockType::PublicKey);
        assert_eq!(
            open(&armored.as_bytes()[..700], 2000, 10).unwrap_err(),
            "its armour is damaged or cut off"
        );
        assert_eq!(open(b"hello", 2000, 10).unwrap_err(), "no OpenPGP data in it");
    }
}
