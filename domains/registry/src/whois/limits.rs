//! How much personal data a client has had today.
//!
//! Counted are objects about human beings and nothing else, for each account, or for each IPv4 address or IPv6 /64 of those
//! who name none. Whoever goes beyond a day's number is answered more slowly and told how to get more; far beyond it
//! personal objects are left out until midnight (UTC), and everything else is answered as ever. Nobody is shut out.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU32, Ordering};
use std::time::Duration;

use kit::clock::DAY;
use kit::{Id, Time};
use quick_cache::sync::Cache;

/// The numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Personal objects a day for an address that nobody has vouched for.
    pub per_address: u32,
    /// The same for an account, and for an address within the constituency of a team that the directory lists: a CERT at
    /// work.
    pub per_account: u32,
    /// How many times the number may be had, more and more slowly, before personal objects are left out.
    pub patience: u32,
    /// The longest pause before an answer.
    pub slowest: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { per_address: 1_000, per_account: 100_000, patience: 4, slowest: Duration::from_secs(2) }
    }
}

/// Whom personal objects are counted for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Client {
    /// An account of this node.
    Account(Id),
    /// An IPv4 address, or the first address of an IPv6 /64.
    Address(IpAddr),
}

impl Client {
    /// Whoever asks from this address.
    pub(super) fn at(address: IpAddr) -> Self {
        Self::Address(match address.to_canonical() {
            IpAddr::V6(address) => IpAddr::V6((address.to_bits() >> 64 << 64).into()),
            v4 @ IpAddr::V4(_) => v4,
        })
    }
}

/// What a client may have now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Everything, at once.
    Free,
    /// Everything, after a pause.
    Slow(Duration),
    /// Everything but personal objects.
    Withheld,
}

/// The counters of one day, for a bounded number of clients: those who ask seldom are forgotten first.
#[derive(Debug)]
pub(super) struct Counters {
    limits: Limits,
    day: AtomicI64,
    counts: Cache<Client, Arc<AtomicU32>>,
}

/// Clients that are remembered at a time.
const CLIENTS: usize = 50_000;

impl Counters {
    pub(super) fn new(limits: Limits) -> Self {
        Self { limits, day: AtomicI64::new(0), counts: Cache::new(CLIENTS) }
    }

    /// What `client` may have at `now`; `trusted` when a listed team is at work.
    pub(super) fn verdict(&self, client: Client, trusted: bool, now: Time) -> Verdict {
        self.turn(now);
        let Some(count) = self.counts.get(&client) else { return Verdict::Free };
        let (count, number) = (count.load(Ordering::Relaxed), self.number(client, trusted));
        if count < number {
            return Verdict::Free;
        }
        let most = number.saturating_mul(self.limits.patience.max(1));
        if count >= most {
            return Verdict::Withheld;
        }
        let over = f64::from(count - number) / f64::from((most - number).max(1));
        Verdict::Slow(self.limits.slowest.mul_f64(over.clamp(0.05, 1.0)))
    }

    /// Counts `personal` objects for `client`.
    pub(super) fn count(&self, client: Client, personal: u32, now: Time) {
        if personal == 0 {
            return;
        }
        self.turn(now);
        let made = self.counts.get_or_insert_with(&client, || Ok::<_, ()>(Arc::default()));
        if let Ok(count) = made {
            let add = |count: u32| Some(count.saturating_add(personal));
            let _ = count.fetch_update(Ordering::Relaxed, Ordering::Relaxed, add); // never refused
        }
    }

    /// The number of a day for `client`.
    pub(super) fn number(&self, client: Client, trusted: bool) -> u32 {
        match client {
            Client::Address(_) if !trusted => self.limits.per_address,
            _ => self.limits.per_account,
        }
    }

    /// At midnight everybody begins anew.
    fn turn(&self, now: Time) {
        let today = now.div_euclid(DAY);
        if self.day.swap(today, Ordering::Relaxed) != today {
            self.counts.clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counters() -> Counters {
        let limits =
            Limits { per_address: 10, per_account: 1_000, patience: 2, slowest: Duration::from_secs(2) };
        Counters::new(limits)
    }

    fn at(text: &str) -> Client {
        Client::at(text.parse().unwrap())
    }

    #[test]
    fn beyond_the_days_number_answers_are_slow_and_far_beyond_personal_data_is_left_out_until_midnight() {
        let counters = counters();
        let client = at("192.0.2.7");
        let mut last = Duration::ZERO;
        for had in 0..25 {
            match counters.verdict(client, false, DAY) {
                Verdict::Free => assert!(had < 10),
                Verdict::Slow(pause) => {
                    assert!((10..20).contains(&had) && pause >= last && pause <= Duration::from_secs(2));
                    last = pause;
                }
                Verdict::Withheld => assert!(had >= 20),
            }
            counters.count(client, 1, DAY);
        }
        assert_eq!(counters.verdict(client, false, 2 * DAY), Verdict::Free, "a new day");
    }

    #[test]
    fn neighbours_accounts_and_teams_at_work_are_counted_apart() {
        let counters = counters();
        counters.count(at("192.0.2.7"), 500, DAY);
        assert_eq!(counters.verdict(at("192.0.2.7"), false, DAY), Verdict::Withheld);
        assert_eq!(counters.verdict(at("192.0.2.8"), false, DAY), Verdict::Free);
        assert_eq!(counters.verdict(at("192.0.2.7"), true, DAY), Verdict::Free, "a listed team is at work");
        let account = Client::Account(Id::from_bytes([7; 16]));
        assert_eq!(counters.verdict(account, false, DAY), Verdict::Free);
    }

    #[test]
    fn one_network_of_ipv6_is_one_client() {
        assert_eq!(at("2001:db8:0:1::1"), at("2001:db8:0:1:ffff::2"));
        assert_ne!(at("2001:db8:0:1::1"), at("2001:db8:0:2::1"));
        assert_eq!(at("::ffff:192.0.2.7"), at("192.0.2.7"));
    }

    #[test]
    fn a_crowd_of_clients_takes_a_bounded_room() {
        let counters = counters();
        for number in 0..(CLIENTS as u32 * 2) {
            counters.count(Client::Address(IpAddr::V4(number.into())), 1, DAY);
        }
        assert!(counters.counts.len() <= CLIENTS);
    }
}
