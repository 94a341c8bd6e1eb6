//! The two widths of addresses, and where a look-up begins in the table over their leading bits.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// An address as a number.
pub(crate) trait Address: Copy + Ord + Default {
    /// The address after this one, unless it is the highest.
    fn next(self) -> Option<Self>;

    /// The cell of a table for `bits` leading bits; does not fall as addresses rise.
    fn cell(self, bits: u32) -> usize;

    /// The lowest address of a cell.
    fn cell_start(cell: usize, bits: u32) -> Self;

    /// For people.
    fn to_ip(self) -> IpAddr;
}

impl Address for u32 {
    fn next(self) -> Option<Self> {
        self.checked_add(1)
    }

    fn cell(self, bits: u32) -> usize {
        (self >> (32 - bits)) as usize
    }

    fn cell_start(cell: usize, bits: u32) -> Self {
        (cell as u32) << (32 - bits)
    }

    fn to_ip(self) -> IpAddr {
        Ipv4Addr::from_bits(self).into()
    }
}

/// All IPv6 unicast addresses in use lie in 2000::/3 (RFC 4291 section 2.4): its three bits tell nothing,
/// so the table goes over the bits behind them. Lower addresses fall into the first cell, higher into the last.
const GLOBAL_UNICAST: u128 = 0x2000 << 112;

impl Address for u128 {
    fn next(self) -> Option<Self> {
        self.checked_add(1)
    }

    fn cell(self, bits: u32) -> usize {
        let cell = self.saturating_sub(GLOBAL_UNICAST) >> (125 - bits);
        cell.min((1 << bits) - 1) as usize
    }

    fn cell_start(cell: usize, bits: u32) -> Self {
        if cell == 0 { 0 } else { GLOBAL_UNICAST + ((cell as u128) << (125 - bits)) }
    }

    fn to_ip(self) -> IpAddr {
        Ipv6Addr::from_bits(self).into()
    }
}
