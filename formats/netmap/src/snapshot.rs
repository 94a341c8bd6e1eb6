//! A map as bytes, and back.
//!
//! Only what cannot be worked out is written: the ends of the ranges in their order, and the marks. Reading them back
//! goes over them with the same sweep as making a map, so whatever the bytes are, what comes out nests and is a map;
//! 5 million ranges take a tenth of a second.

use std::fmt;

use crate::NetMap;
use crate::address::{Address, Wide};
use crate::tree::{Entered, Item, MOST, Sweep, Tree};

/// Why bytes are no map.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum SnapshotError {
    /// They end too early, or go on behind the end.
    Length,
    /// They tell of more ranges than a map can hold.
    TooMany,
    /// A range ends before it begins, stands in the wrong place or family, crosses another or lies too deep.
    Range,
}

impl fmt::Display for SnapshotError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Length => "the map has another length than it tells",
            Self::TooMany => "the map tells of more ranges than one can hold",
            Self::Range => "a range of the map is reversed, out of order, or does not nest",
        })
    }
}

impl std::error::Error for SnapshotError {}

/// Numbers are little-endian: count of IPv4 ranges, count of IPv6 ranges (4 bytes each); first and last address of each
/// IPv4 range (4 bytes each), of each IPv6 range (16 bytes each: upper, lower half); then one bit for each range, IPv4
/// before IPv6, the lowest bit of a byte first: whether it is marked.
impl NetMap {
    /// Hands the map as bytes to `sink`, piece by piece.
    pub fn write(&self, sink: &mut dyn FnMut(&[u8])) {
        let mut piece = Piece { bytes: Vec::with_capacity(PIECE + 64), sink };
        piece.push(&(self.v4.len() as u32).to_le_bytes());
        piece.push(&(self.v6.len() as u32).to_le_bytes());
        for item in self.v4.items() {
            piece.push(&item.first.bytes());
            piece.push(&item.last.bytes());
        }
        for item in self.v6.items() {
            piece.push(&item.first.bytes());
            piece.push(&item.last.bytes());
        }
        let mut marks = self
            .v4
            .items()
            .iter()
            .map(Item::is_marked)
            .chain(self.v6.items().iter().map(Item::is_marked))
            .peekable();
        while marks.peek().is_some() {
            let byte = (0..8).fold(0, |byte, bit| byte | (u8::from(marks.next() == Some(true)) << bit));
            piece.push(&[byte]);
        }
        piece.end();
    }
}

const PIECE: usize = 64 << 10;

struct Piece<'a> {
    bytes: Vec<u8>,
    sink: &'a mut dyn FnMut(&[u8]),
}

impl Piece<'_> {
    fn push(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
        if self.bytes.len() >= PIECE {
            (self.sink)(&self.bytes);
            self.bytes.clear();
        }
    }

    fn end(self) {
        if !self.bytes.is_empty() {
            (self.sink)(&self.bytes);
        }
    }
}

/// Addresses as bytes of one length.
trait Bytes<const LENGTH: usize>: Address {
    fn bytes(self) -> [u8; LENGTH];

    fn read(bytes: [u8; LENGTH]) -> Self;
}

impl Bytes<4> for u32 {
    fn bytes(self) -> [u8; 4] {
        self.to_le_bytes()
    }

    fn read(bytes: [u8; 4]) -> Self {
        Self::from_le_bytes(bytes)
    }
}

impl Bytes<16> for Wide {
    fn bytes(self) -> [u8; 16] {
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&self.high.to_le_bytes());
        bytes[8..].copy_from_slice(&self.low.to_le_bytes());
        bytes
    }

    fn read(bytes: [u8; 16]) -> Self {
        let half = |from: usize| {
            let mut half = [0; 8];
            half.copy_from_slice(&bytes[from..from + 8]);
            u64::from_le_bytes(half)
        };
        Self { high: half(0), low: half(8) }
    }
}

/// Takes a map back from bytes, piece by piece; [`Restore::finish`] gives it.
///
/// ```
/// use netmap::{Builder, Ranges, Restore};
///
/// let ip = |text: &str| text.parse().unwrap();
/// let mut builder = Builder::default();
/// builder.push(ip("192.0.2.0"), ip("192.0.2.255"), true)?;
/// let mut restore = Restore::default();
/// builder.build().map.write(&mut |bytes| restore.feed(bytes));
/// let map = restore.finish()?;
/// assert!(map.nearest_marked(ip("192.0.2.7")).is_some());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Default)]
pub struct Restore {
    /// What of a number came without its end.
    held: Vec<u8>,
    counts: Option<(usize, usize)>,
    v4: Growing<u32>,
    v6: Growing<Wide>,
    /// Bytes of marks that came.
    marks: usize,
    failed: Option<SnapshotError>,
}

/// The ranges of one family that came so far.
#[derive(Debug)]
struct Growing<A> {
    items: Vec<Item<A>>,
    sweep: Sweep,
}

impl<A> Default for Growing<A> {
    fn default() -> Self {
        Self { items: Vec::new(), sweep: Sweep::default() }
    }
}

impl Restore {
    /// How many bytes a map has behind its first eight, which are these.
    pub fn length(head: [u8; 8]) -> u64 {
        let (v4, v6) = counts(head);
        v4 * 8 + v6 * 32 + (v4 + v6).div_ceil(8)
    }

    /// Takes the next bytes. Holds no more memory than they are worth, whatever the bytes before them told.
    pub fn feed(&mut self, bytes: &[u8]) {
        if self.failed.is_some() {
            return;
        }
        let taken = if self.held.is_empty() {
            let taken = self.take(bytes);
            taken.map(|taken| self.held.extend_from_slice(&bytes[taken..]))
        } else {
            let mut held = std::mem::take(&mut self.held);
            held.extend_from_slice(bytes);
            let taken = self.take(&held);
            taken.map(|taken| {
                held.drain(..taken);
                self.held = held;
            })
        };
        self.failed = taken.err();
    }

    /// The map.
    ///
    /// # Errors
    /// [`SnapshotError`]: the bytes are none.
    pub fn finish(self) -> Result<NetMap, SnapshotError> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        let complete = self.counts == Some((self.v4.items.len(), self.v6.items.len()))
            && self.marks == self.mark_bytes()
            && self.held.is_empty();
        if !complete {
            return Err(SnapshotError::Length);
        }
        let (mut v4, mut v6) = (self.v4.items, self.v6.items);
        v4.shrink_to_fit();
        v6.shrink_to_fit();
        Ok(NetMap { v4: Tree::of(v4), v6: Tree::of(v6) })
    }

    /// Takes as many whole numbers as there are; how many bytes that were.
    fn take(&mut self, bytes: &[u8]) -> Result<usize, SnapshotError> {
        let mut rest = bytes;
        let (v4, v6) = match self.counts {
            Some(counts) => counts,
            None => {
                let Some((counts, behind)) = rest.split_first_chunk::<8>() else { return Ok(0) };
                let (v4, v6) = crate::snapshot::counts(*counts);
                if v4 + v6 > MOST as u64 {
                    return Err(SnapshotError::TooMany);
                }
                rest = behind;
                *self.counts.insert((v4 as usize, v6 as usize)) // fits: no more than a map may have
            }
        };
        rest = self.v4.take(v4, rest)?;
        if self.v4.items.len() == v4 {
            rest = self.v6.take(v6, rest)?;
        }
        if (self.v4.items.len(), self.v6.items.len()) == (v4, v6) {
            let marks = rest.len().min(self.mark_bytes() - self.marks);
            for byte in &rest[..marks] {
                self.mark(*byte);
            }
            if marks < rest.len() {
                return Err(SnapshotError::Length);
            }
            rest = &[];
        }
        Ok(bytes.len() - rest.len())
    }

    fn mark_bytes(&self) -> usize {
        self.counts.map_or(0, |(v4, v6)| (v4 + v6).div_ceil(8))
    }

    fn mark(&mut self, byte: u8) {
        for bit in (0..8).filter(|bit| byte >> bit & 1 == 1) {
            let place = self.marks * 8 + bit;
            let v4 = self.v4.items.len();
            // Bits behind the last range mean nothing.
            if let Some(item) = self.v4.items.get_mut(place) {
                *item = item.with_mark();
            } else if let Some(item) = self.v6.items.get_mut(place - v4) {
                *item = item.with_mark();
            }
        }
        self.marks += 1;
    }
}

/// How many ranges of each family the first bytes tell of.
fn counts([a, b, c, d, e, f, g, h]: [u8; 8]) -> (u64, u64) {
    (u32::from_le_bytes([a, b, c, d]).into(), u32::from_le_bytes([e, f, g, h]).into())
}

impl<A: Address> Growing<A> {
    /// Takes ranges until there are `count`; gives back what is left.
    fn take<'b, const LENGTH: usize>(
        &mut self,
        count: usize,
        mut bytes: &'b [u8],
    ) -> Result<&'b [u8], SnapshotError>
    where
        A: Bytes<LENGTH>,
    {
        while self.items.len() < count
            && let Some((first, behind)) = bytes.split_first_chunk::<LENGTH>()
            && let Some((last, behind)) = behind.split_first_chunk::<LENGTH>()
        {
            self.add(A::read(*first), A::read(*last))?;
            bytes = behind;
        }
        Ok(bytes)
    }

    fn add(&mut self, first: A, last: A) -> Result<(), SnapshotError> {
        let key = |first, last| (first, std::cmp::Reverse(last));
        let before = self.items.last().map(|before| key(before.first, before.last));
        // An IPv4 address in IPv6's clothes is asked for among those of IPv4.
        let is_foreign = |end: A| end.to_ip().to_canonical() != end.to_ip();
        if is_foreign(first)
            || is_foreign(last)
            || last < first
            || before.is_some_and(|before| key(first, last) < before)
        {
            return Err(SnapshotError::Range);
        }
        let Entered::Under(parent) = self.sweep.enter(&self.items, first, last) else {
            return Err(SnapshotError::Range);
        };
        let index = self.items.len() as u32; // fits: the counts were looked at
        self.items.push(Item::new(first, last, parent, false));
        self.sweep.taken(index);
        Ok(())
    }
}
