//! An invented registry of any size, and addresses in it.
//!
//! Address space that nobody is given in public (RFC 1918, RFC 6598, RFC 3849): 320 blocks of 65,536 addresses, each cut
//! into ranges that are no CIDR blocks, with small assignments in them; every third network names an IRT, the others
//! inherit one or lead to an abuse contact. Shapes and proportions follow a RIPE dump.

use std::io::{self, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};

/// Teams of the directory: the first ones of the registry's IRTs.
const TEAMS: usize = 40;
const COUNTRIES: [&str; 8] = ["NL", "SI", "CZ", "DE", "PT", "EE", "NO", "GB"];

/// How many objects of each class a registry of some size has.
struct Counts {
    inetnum: usize,
    inet6num: usize,
    irt: usize,
    person: usize,
    role: usize,
    organisation: usize,
    mntner: usize,
    aut_num: usize,
}

impl Counts {
    fn of(objects: usize) -> Self {
        let percent = |n: usize| (objects * n / 100).max(1);
        Self {
            inetnum: percent(60),
            inet6num: percent(8),
            irt: percent(1).max(TEAMS),
            person: percent(10),
            role: percent(5),
            organisation: percent(6),
            mntner: percent(1),
            aut_num: percent(3),
        }
    }

    fn blocks(&self) -> usize {
        (self.inetnum / 6).clamp(1, 320)
    }
}

/// The first address of block `n`: 10.0.0.0/8, then 100.64.0.0/10.
fn block(n: usize) -> u32 {
    let base = if n < 256 { 0x0a00_0000 } else { 0x6440_0000 - (256 << 16) };
    base + ((n as u32) << 16)
}

/// Writes a registry of `objects` objects (at least 1,000) as an RPSL dump. The rest to a round number are routes.
///
/// # Errors
/// Those of `out`.
pub fn write_registry(out: &mut dyn Write, objects: usize, seed: u64) -> io::Result<()> {
    let counts = Counts::of(objects.max(1_000));
    let mut dump = Dump { out, rng: StdRng::seed_from_u64(seed), counts, written: 0 };
    dump.people()?;
    dump.networks()?;
    dump.networks_of_six()?;
    for n in 0..dump.counts.aut_num {
        let (contact, irt) = (dump.contact(), dump.irt(30));
        dump.object(
            "aut-num",
            &format!("AS{}", 4_200_000_000 + n as u64),
            &format!("as-name:        AS-{n}\n{contact}{irt}"),
        )?;
    }
    let mut n = 0;
    while dump.written < objects {
        let network = Ipv4Addr::from(block(n % dump.counts.blocks()) + ((n as u32 / 320) << 8) % 0x1_0000);
        dump.object(
            "route",
            &format!("{network}/24"),
            &format!("origin:         AS{}\n", 4_200_000_000 + n as u64),
        )?;
        n += 1;
    }
    Ok(())
}

struct Dump<'a> {
    out: &'a mut dyn Write,
    rng: StdRng,
    counts: Counts,
    written: usize,
}

impl Dump<'_> {
    fn object(&mut self, class: &str, key: &str, attributes: &str) -> io::Result<()> {
        let maintainer = self.rng.gen_range(0..self.counts.mntner);
        let (year, day) = (self.rng.gen_range(2004..2026), self.rng.gen_range(1..=28));
        self.written += 1;
        write!(
            self.out,
            "{:<16}{key}\n{attributes}mnt-by:         MNT-{maintainer}\ncreated:        {year}-05-{day:02}T09:12:44Z\n\
             last-modified:  2026-03-{day:02}T14:01:09Z\nsource:         BENCH\n\n",
            format!("{class}:")
        )
    }

    fn people(&mut self) -> io::Result<()> {
        for n in 0..self.counts.mntner {
            self.object(
                "mntner",
                &format!("MNT-{n}"),
                &format!("descr:          Maintainer {n}\nauth:           SSO # Filtered\n"),
            )?;
        }
        for n in 0..self.counts.person {
            let attributes = format!(
                "address:        Moot Hall {n}\nphone:          +00 5550 {n:06}\ne-mail:         p{n}@holder.example\nnic-hdl:        P{n}-BENCH\n"
            );
            self.object("person", &format!("Pat Holder{n}"), &attributes)?;
        }
        for n in 0..self.counts.role {
            let attributes = format!(
                "address:        Abuse desk {n}\ne-mail:         noc{n}@holder.example\nnic-hdl:        R{n}-BENCH\nabuse-mailbox:  abuse{n}@holder.example\n"
            );
            self.object("role", &format!("Abuse Desk {n}"), &attributes)?;
        }
        for n in 0..self.counts.organisation {
            let role = self.rng.gen_range(0..self.counts.role);
            let attributes = format!(
                "org-name:       Holder {n}\norg-type:       OTHER\naddress:        Holder Street {n}\ne-mail:         info{n}@holder.example\nabuse-c:        R{role}-BENCH\n"
            );
            self.object("organisation", &format!("ORG-H{n}-BENCH"), &attributes)?;
        }
        for n in 0..self.counts.irt {
            let attributes = format!(
                "address:        Pier {n}\ne-mail:         cert{n}@team{n}.example\nadmin-c:        P{n}-BENCH\ntech-c:         P{n}-BENCH\nauth:           SSO # Filtered\nirt-nfy:        nfy{n}@team{n}.example\n",
            );
            self.object("irt", &irt_name(n), &attributes)?;
        }
        Ok(())
    }

    /// Blocks, cut into ranges at any address, with small assignments in them.
    fn networks(&mut self) -> io::Result<()> {
        let blocks = self.counts.blocks();
        let pieces = (self.counts.inetnum / blocks).saturating_sub(1) / 5;
        for n in 0..blocks {
            let first = block(n);
            self.network(first, first + 0xffff, "ALLOCATED PA", 60)?;
            let mut cuts: Vec<u32> = (0..=pieces.max(1)).map(|_| self.rng.gen_range(64..65_472)).collect();
            cuts.sort_unstable();
            cuts.dedup();
            for pair in cuts.windows(2) {
                let (low, high) = (first + pair[0], first + pair[1] - 1);
                self.network(low, high, "SUB-ALLOCATED PA", 40)?;
                let slot = (high - low + 1) / 4;
                for part in 0..if slot >= 8 { 4 } else { 0 } {
                    let from = low + part * slot + self.rng.gen_range(0..slot / 4);
                    let to = from + self.rng.gen_range(2..slot / 2);
                    self.network(from, to, "ASSIGNED PA", 15)?;
                }
            }
        }
        Ok(())
    }

    fn network(&mut self, low: u32, high: u32, status: &str, irt_percent: u32) -> io::Result<()> {
        let key = format!("{} - {}", Ipv4Addr::from(low), Ipv4Addr::from(high));
        let attributes = self.about(&format!("NET-{low:08X}"), status, irt_percent);
        self.object("inetnum", &key, &attributes)
    }

    fn networks_of_six(&mut self) -> io::Result<()> {
        for n in 0..self.counts.inet6num {
            let (network, length, status, percent) = match n % 4 {
                0 => (six((n / 4) as u32, 0), 48, "ALLOCATED-BY-LIR", 60),
                part => (six((n / 4) as u32, (part as u16) << 8), 56, "ASSIGNED", 20),
            };
            let attributes = self.about(&format!("NET6-{n}"), status, percent);
            self.object("inet6num", &format!("{network}/{length}"), &attributes)?;
        }
        Ok(())
    }

    fn about(&mut self, name: &str, status: &str, irt_percent: u32) -> String {
        let country = COUNTRIES[self.rng.gen_range(0..COUNTRIES.len())];
        let organisation = match self.rng.gen_range(0..100) {
            0..40 => {
                format!("org:            ORG-H{}-BENCH\n", self.rng.gen_range(0..self.counts.organisation))
            }
            _ => String::new(),
        };
        let (contact, irt) = (self.contact(), self.irt(irt_percent));
        format!(
            "netname:        {name}\ndescr:          Network {name}\ncountry:        {country}\n{organisation}{contact}status:         {status}\n{irt}"
        )
    }

    fn contact(&mut self) -> String {
        let person = self.rng.gen_range(0..self.counts.person);
        format!("admin-c:        P{person}-BENCH\ntech-c:         P{person}-BENCH\n")
    }

    /// With a chance of `percent`, an IRT: in half of the cases one of a team of the directory.
    fn irt(&mut self, percent: u32) -> String {
        if self.rng.gen_range(0..100) >= percent {
            return String::new();
        }
        let most = if self.rng.gen_bool(0.5) { TEAMS } else { self.counts.irt };
        format!("mnt-irt:        {}\n", irt_name(self.rng.gen_range(0..most)))
    }
}

fn irt_name(n: usize) -> String {
    format!("IRT-TEAM{n}")
}

fn six(n: u32, part: u16) -> Ipv6Addr {
    Ipv6Addr::new(0x2001, 0xdb8, (n % 0x1_0000) as u16, part, 0, 0, 0, 0)
}

/// The directory of the teams to which some of the registry's IRTs belong, as `wardmote team import` reads it.
pub fn teams() -> String {
    let team = |n: usize| {
        serde_json::json!({
            "handle": format!("team{n}"),
            "official_name": format!("Computer Emergency Response Team {n}"),
            "short_name": format!("CERT {n}"),
            "country": {"code": COUNTRIES[n % COUNTRIES.len()], "name": ""},
            "classification": {"code": "accredited", "since": "2019-05-14"},
            "constituency": {"types": ["Research & Education"], "asns": [], "domains": [format!("*.team{n}.example")], "ipranges": []},
            "languages": ["en"],
            "channels": ["mail"],
            "emails": [{"address": format!("cert{n}@team{n}.example"), "usage": "report"}],
            "irt": irt_name(n),
        })
    };
    serde_json::Value::from((0..TEAMS).map(team).collect::<Vec<_>>()).to_string()
}

/// Addresses in a registry of `objects` objects, without end: 5 % IPv6, 3 % that nobody holds.
pub fn addresses(objects: usize, seed: u64) -> impl Iterator<Item = IpAddr> {
    let counts = Counts::of(objects.max(1_000));
    let mut rng = StdRng::seed_from_u64(seed ^ 0x5eed);
    std::iter::repeat_with(move || match rng.gen_range(0..100) {
        0..5 => six(rng.gen_range(0..counts.inet6num as u32 / 4 + 1), rng.gen_range(0..0x400)).into(),
        5..8 => Ipv4Addr::from(0xc612_0000 + rng.gen_range(0..0x2_0000)).into(),
        _ => Ipv4Addr::from(block(rng.gen_range(0..counts.blocks())) + rng.gen_range(0..0x1_0000)).into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_registry_has_the_size_asked_for_and_is_the_same_each_time() {
        for objects in [1_000, 5_000] {
            let (mut one, mut two) = (Vec::new(), Vec::new());
            write_registry(&mut one, objects, 7).unwrap();
            write_registry(&mut two, objects, 7).unwrap();
            assert_eq!(one, two);
            let text = String::from_utf8(one).unwrap();
            assert_eq!(text.matches("source:         BENCH\n\n").count(), objects);
        }
    }

    #[test]
    fn addresses_lie_in_invented_space_alone() {
        for address in addresses(5_000, 3).take(10_000) {
            let invented = match address {
                IpAddr::V4(v4) => matches!(v4.octets(), [10, ..] | [100, 64..128, ..] | [198, 18 | 19, ..]),
                IpAddr::V6(v6) => v6.segments()[..2] == [0x2001, 0xdb8],
            };
            assert!(invented, "{address}");
        }
    }
}
