//! Guessing made slow: attempts are counted by login name and by network address, before the password is looked
//! at, so that a hundred attempts at once count as a hundred.

use std::net::IpAddr;

use kit::clock::{DAY, MINUTE, SECOND};
use kit::{Result, Time, Write};

use crate::store;

/// After a day without an attempt the count starts anew.
pub(crate) const FORGOTTEN_AFTER: Time = DAY;
const LONGEST_WAIT: Time = 15 * MINUTE;

/// What is counted, and how many attempts are free.
#[derive(Debug, Clone)]
pub(crate) struct Gate {
    name: String,
    free: i64,
}

impl Gate {
    /// By the name that is tried, whether it exists or not.
    pub(crate) fn login(login: &str) -> Self {
        Self { name: format!("login:{login}"), free: 5 }
    }

    /// By the account whose second factor is tried.
    pub(crate) fn code(account: kit::Id) -> Self {
        Self { name: format!("code:{account}"), free: 5 }
    }

    /// By where it comes from, for what makes the node talk to an institute: a whole office may do so each morning.
    pub(crate) fn institute(peer: IpAddr) -> Self {
        Self { name: format!("institute:{}", network(peer)), free: 30 }
    }

    /// By where it comes from; of IPv6 the network of 64 bits, because one person has all of it. An office shares
    /// an address, so more is free.
    pub(crate) fn peer(peer: IpAddr) -> Self {
        Self { name: format!("peer:{}", network(peer)), free: 30 }
    }
}

fn network(peer: IpAddr) -> String {
    match peer.to_canonical() {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
    }
}

/// Counts an attempt at each of `gates`; `Some(wait)` when it must not be made yet, and then it is not counted.
pub(crate) fn count(tx: &Write<'_>, gates: &[Gate], now: Time) -> Result<Option<Time>> {
    let mut before = Vec::new();
    for gate in gates {
        let (failures, not_before) = match store::throttle(tx, &gate.name)? {
            Some((failures, not_before, last)) if last + FORGOTTEN_AFTER > now => (failures, not_before),
            _ => (0, 0),
        };
        if not_before > now {
            return Ok(Some(not_before - now));
        }
        before.push(failures);
    }
    for (gate, failures) in gates.iter().zip(before) {
        let failures = failures + 1;
        store::set_throttle(tx, &gate.name, failures, now + wait_after(failures, gate.free), now)?;
    }
    Ok(None)
}

/// The attempt was a good one: it does not count against the address, and the name starts anew.
pub(crate) fn forgive(tx: &Write<'_>, gates: &[Gate]) -> Result<()> {
    for gate in gates {
        if gate.name.starts_with("peer:") {
            store::ease_throttle(tx, &gate.name)?;
        } else {
            store::clear_throttle(tx, &gate.name)?;
        }
    }
    Ok(())
}

/// Nothing while attempts are free, then 1 s, 2 s, 4 s … 15 min.
fn wait_after(failures: i64, free: i64) -> Time {
    match u32::try_from(failures - free) {
        Ok(over @ 1..) => (SECOND << (over - 1).min(20)).min(LONGEST_WAIT),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_doubles_up_to_a_quarter_of_an_hour() {
        let waits = [1, 5, 6, 7, 8, 16, 1_000_000].map(|n| wait_after(n, 5) / SECOND);
        assert_eq!(waits, [0, 0, 1, 2, 4, 900, 900]);
    }

    #[test]
    fn one_network_of_ipv6_is_one_guesser() {
        let gate = |text: &str| Gate::peer(text.parse().unwrap()).name;
        assert_eq!(gate("2001:db8:1:2::3"), gate("2001:db8:1:2:ffff::1"));
        assert_ne!(gate("2001:db8:1:2::3"), gate("2001:db8:1:3::3"));
        assert_eq!(gate("::ffff:192.0.2.7"), gate("192.0.2.7"));
    }
}
