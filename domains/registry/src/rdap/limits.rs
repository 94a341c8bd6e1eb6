//! How often one may ask: by account, else by network, with enough at once for a program at work.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Mutex;

use kit::clock::SECOND;
use kit::{Id, Time};

/// Questions at once, and so many a second from then on.
const AT_ONCE: i64 = 200;
const PER_SECOND: i64 = 10;
/// For accounts and for networks of listed teams: a team at work is not to be stopped.
const MORE: i64 = 10;
/// Askers that are remembered; those who have not asked for a while are forgotten first.
const REMEMBERED: usize = 20_000;

/// Who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Who {
    /// An account of this node.
    Account(Id),
    /// An IPv4 address.
    V4(u32),
    /// A network of 64 bits, because one person has all of it.
    V6(u64),
}

impl Who {
    pub(super) fn peer(peer: IpAddr) -> Self {
        match peer.to_canonical() {
            IpAddr::V4(address) => Self::V4(address.to_bits()),
            IpAddr::V6(address) => Self::V6((address.to_bits() >> 64) as u64),
        }
    }
}

/// What each asker has used up: the time at which the whole allowance is there again.
#[derive(Debug, Default)]
pub(super) struct Limits(Mutex<HashMap<Who, Time>>);

impl Limits {
    /// Counts a question at `now`.
    ///
    /// # Errors
    /// The whole seconds to wait, when it is one too many.
    pub(super) fn take(&self, who: Who, trusted: bool, now: Time) -> Result<(), u64> {
        let times = if trusted { MORE } else { 1 };
        let (cost, room) = (SECOND / (PER_SECOND * times), SECOND * AT_ONCE / PER_SECOND);
        // Whoever panicked while holding it had changed one number at most.
        let mut used = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if used.len() >= REMEMBERED && !used.contains_key(&who) {
            used.retain(|_, full| *full > now);
            if used.len() >= REMEMBERED {
                used.clear(); // so many ask at once that counting them is no help
            }
        }
        let full = used.entry(who).or_insert(now);
        let next = (*full).max(now) + cost;
        if next - now > room {
            let wait = next - now - room;
            return Err(u64::try_from(wait / SECOND + 1).unwrap_or(1));
        }
        *full = next;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(limits: &Limits, who: Who, trusted: bool, now: Time) -> usize {
        (0..100_000).take_while(|_| limits.take(who, trusted, now).is_ok()).count()
    }

    #[test]
    fn a_burst_is_answered_then_ten_a_second_and_a_known_account_gets_ten_times_as_much() {
        let (limits, peer) = (Limits::default(), Who::peer("192.0.2.1".parse().unwrap()));
        assert_eq!(asked(&limits, peer, false, 0), 200);
        assert_eq!(limits.take(peer, false, 0), Err(1));
        assert_eq!(asked(&limits, peer, false, SECOND), 10);
        assert_eq!(asked(&limits, Who::Account(Id::from_bytes([1; 16])), true, 0), 2_000);
    }

    #[test]
    fn others_are_not_slowed_and_one_network_of_ipv6_is_one_asker() {
        let limits = Limits::default();
        let peer = |text: &str| Who::peer(text.parse().unwrap());
        assert_eq!(asked(&limits, peer("2001:db8:1:2::3"), false, 0), 200);
        assert!(limits.take(peer("2001:db8:1:2:ffff::1"), false, 0).is_err());
        assert!(limits.take(peer("2001:db8:1:3::3"), false, 0).is_ok());
    }

    #[test]
    fn a_flood_of_askers_does_not_fill_the_memory() {
        let limits = Limits::default();
        for address in 0..50_000_u32 {
            assert!(limits.take(Who::V4(address), false, 0).is_ok());
        }
        assert!(limits.0.lock().unwrap().len() <= REMEMBERED);
    }
}
