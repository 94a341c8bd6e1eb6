//! The names of millions of networks in little memory: behind one another in the order of the map, and of each name only
//! what it does not share with the one before it. The networks of a holder stand together and are called alike.

use std::fmt;
use std::ops::Deref;

use super::numbers::Numbers;

/// Bytes of a name that are kept: registries allow 80.
const LONGEST: usize = 80;
/// Every so many names one stands whole, and its place in a table: so many are walked over at most.
const EVERY: usize = 16;
/// In place of both lengths: they follow, since one of them needs more than four bits.
const LONG: u8 = 0xff;

/// A name, cut after 80 bytes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Netname {
    bytes: [u8; LONGEST],
    length: u8,
}

impl Netname {
    /// What fits of `name`.
    pub(crate) fn new(name: &str) -> Self {
        let name = &name.as_bytes()[..name.floor_char_boundary(LONGEST)];
        let mut new = Self { bytes: [0; LONGEST], length: name.len() as u8 }; // fits: 80 at most
        new.bytes[..name.len()].copy_from_slice(name);
        new
    }

    fn as_bytes(&self) -> &[u8] {
        &self.bytes[..usize::from(self.length)]
    }
}

impl Default for Netname {
    fn default() -> Self {
        Self { bytes: [0; LONGEST], length: 0 }
    }
}

impl Deref for Netname {
    type Target = str;

    fn deref(&self) -> &str {
        // Names are cut between characters; a forged file may have put together others, which are none.
        std::str::from_utf8(self.as_bytes()).unwrap_or_default()
    }
}

impl fmt::Debug for Netname {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl fmt::Display for Netname {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self)
    }
}

impl PartialEq<&str> for Netname {
    fn eq(&self, other: &&str) -> bool {
        **self == **other
    }
}

/// Names by place.
#[derive(Debug, Default)]
pub(crate) struct PackedNames {
    /// Of each: how many bytes it shares with the one before it and how many follow, four bits each, or [`LONG`] and both
    /// in a byte each; then these.
    pub(super) bytes: Vec<u8>,
    /// Where the names that stand whole begin.
    pub(super) starts: Numbers,
}

impl PackedNames {
    /// The name at `place`; empty when there is none.
    pub(crate) fn get(&self, place: usize) -> Netname {
        let mut name = Netname::default();
        if place / EVERY >= self.starts.len() {
            return name;
        }
        let start = self.starts.get(place / EVERY) as usize; // fits: it counts bytes in memory, or points nowhere
        let mut rest = self.bytes.get(start..).unwrap_or_default();
        let mut pieces = [Piece::default(); EVERY];
        let pieces = &mut pieces[..=place % EVERY];
        for piece in pieces.iter_mut() {
            let Some(read) = next(rest) else { return name };
            (*piece, rest) = read;
        }
        let mut until = pieces.last().map_or(0, |last| LONGEST.min(last.shared + last.own.len()));
        name.length = until as u8; // fits: 80 at most
        // From the last one back each gives what stands before that of the later ones.
        for piece in pieces.iter().rev() {
            let end = until.min(piece.shared + piece.own.len());
            if piece.shared < end {
                name.bytes[piece.shared..end].copy_from_slice(&piece.own[..end - piece.shared]);
            }
            until = until.min(piece.shared);
        }
        name
    }
}

/// A name as it is kept.
#[derive(Clone, Copy, Default)]
struct Piece<'b> {
    /// So many bytes are those of the name before it.
    shared: usize,
    own: &'b [u8],
}

/// The piece with which `bytes` begin, and what stands behind it.
#[inline]
fn next(bytes: &[u8]) -> Option<(Piece<'_>, &[u8])> {
    let (lengths, rest) = bytes.split_first()?;
    let (shared, length, rest) = if *lengths == LONG {
        let (lengths, rest) = rest.split_first_chunk::<2>()?;
        (lengths[0], lengths[1], rest)
    } else {
        (lengths >> 4, lengths & 15, rest)
    };
    let (own, rest) = rest.split_at_checked(usize::from(length))?;
    Some((Piece { shared: usize::from(shared), own }, rest))
}

/// Makes [`PackedNames`].
#[derive(Debug, Default)]
pub(crate) struct Packer {
    names: PackedNames,
    last: Netname,
    count: usize,
}

impl Packer {
    /// The next name.
    pub(crate) fn push(&mut self, name: &str) {
        let name = Netname::new(name);
        if self.count.is_multiple_of(EVERY) {
            self.names.starts.push(self.names.bytes.len() as u64);
            self.last = Netname::default();
        }
        self.count += 1;
        let (old, new) = (self.last.as_bytes(), name.as_bytes());
        let shared = old.iter().zip(new).take_while(|(old, new)| old == new).count();
        let own = &new[shared..];
        match (shared, own.len()) {
            (0..15, 0..16) => self.names.bytes.push((shared << 4 | own.len()) as u8),
            // fits: both are 80 at most
            _ => self.names.bytes.extend_from_slice(&[LONG, shared as u8, own.len() as u8]),
        }
        self.names.bytes.extend_from_slice(own);
        self.last = name;
    }

    pub(crate) fn finish(mut self) -> PackedNames {
        self.names.bytes.shrink_to_fit();
        self.names.starts.shrink_to_fit();
        self.names
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn packed(names: &[String]) -> PackedNames {
        let mut packer = Packer::default();
        names.iter().for_each(|name| packer.push(name));
        packer.finish()
    }

    #[test]
    fn names_that_are_alike_take_little() {
        let names: Vec<String> = (0..800).map(|n| format!("CUSTOMER-LINE-{n:06}")).collect();
        let packed = packed(&names);
        assert!(packed.bytes.len() < 800 * 8, "{}", packed.bytes.len());
        assert!(names.iter().enumerate().all(|(place, name)| *packed.get(place) == **name));
        assert_eq!(*packed.get(800), *"");
    }

    proptest! {
        #[test]
        fn any_names_come_back_cut_after_80_bytes(names in prop::collection::vec("(NET-)?[A-ZČ]{0,50}", 0..40)) {
            let packed = packed(&names);
            for (place, name) in names.iter().enumerate() {
                prop_assert_eq!(&*packed.get(place), &name[..name.floor_char_boundary(LONGEST)]);
            }
        }

        #[test]
        fn forged_names_are_some_names_or_none(
            bytes in prop::collection::vec(any::<u8>(), 0..60), starts in prop::collection::vec(0u64..80, 0..4), place in 0usize..40,
        ) {
            let mut forged = PackedNames { bytes, starts: Numbers::default() };
            starts.iter().for_each(|start| forged.starts.push(*start));
            let _: &str = &forged.get(place);
        }
    }
}
