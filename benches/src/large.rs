//! An invented registry as large as the largest there are: millions of networks that nest and are no prefixes.

use std::io::{self, Write};
use std::net::Ipv4Addr;

use crate::ranges;

const IRTS: u32 = 20_000;
const HOLDERS: u32 = 100_000;
const COUNTRIES: [&str; 8] = ["NL", "SI", "CZ", "DE", "PT", "EE", "NO", "GB"];
const STATUS: [&str; 3] = ["ALLOCATED PA", "SUB-ALLOCATED PA", "ASSIGNED PA"];

/// Writes `networks` networks (or a few less), 20,000 `irt`s, 100,000 organisations and as many roles as RPSL. Networks
/// that lie close together have one holder; two in ten name a team, two an organisation with an abuse contact, the others
/// inherit. The same for the same seed.
///
/// # Errors
/// Those of `out`.
pub fn write_registry(out: &mut dyn Write, networks: usize, seed: u64) -> io::Result<()> {
    for n in 0..IRTS.min(networks as u32 / 100 + 1) {
        write!(
            out,
            "irt:            IRT-T{n}\naddress:        Pier {n}\ne-mail:         cert@t{n}.example\nauth:           SSO # Filtered\n{}",
            end(n)
        )?;
    }
    for n in 0..HOLDERS.min(networks as u32 / 20 + 1) {
        write!(
            out,
            "organisation:   ORG-H{n}-BENCH\norg-name:       Holder {n}\norg-type:       OTHER\ne-mail:         info@h{n}.example\nabuse-c:        R{n}-BENCH\n{}\
             role:           Abuse desk of holder {n}\nnic-hdl:        R{n}-BENCH\ne-mail:         noc@h{n}.example\nabuse-mailbox:  abuse@h{n}.example\n{}",
            end(n),
            end(n)
        )?;
    }
    for (first, last, _) in ranges::ranges(networks, seed) {
        // Of one holder: what shares the upper half of the address.
        let holder = (first >> 16).wrapping_mul(2_654_435_761) % HOLDERS.min(networks as u32 / 20 + 1);
        let irts = IRTS.min(networks as u32 / 100 + 1);
        let names = match (first ^ last).wrapping_mul(2_654_435_761) >> 28 {
            0..3 => format!("mnt-irt:        IRT-T{}\n", holder % irts),
            3..6 => format!("org:            ORG-H{holder}-BENCH\n"),
            _ => String::new(),
        };
        let status = match last - first {
            0..=1_000 => STATUS[2],
            1_001..=100_000 => STATUS[1],
            _ => STATUS[0],
        };
        write!(
            out,
            "inetnum:        {} - {}\nnetname:        NET-{first:08X}\ncountry:        {}\nadmin-c:        R{holder}-BENCH\ntech-c:         R{holder}-BENCH\nstatus:         {status}\n{names}{}",
            Ipv4Addr::from_bits(first),
            Ipv4Addr::from_bits(last),
            COUNTRIES[holder as usize % COUNTRIES.len()],
            end(holder),
        )?;
    }
    Ok(())
}

fn end(holder: u32) -> String {
    format!(
        "mnt-by:         MNT-{holder}\ncreated:        2004-05-{0:02}T09:12:44Z\nlast-modified:  2026-03-{0:02}T14:01:09Z\nsource:         BENCH\n\n",
        holder % 28 + 1
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_registry_is_about_as_large_as_asked_and_the_same_each_time() {
        let (mut one, mut two) = (Vec::new(), Vec::new());
        write_registry(&mut one, 5_000, 7).unwrap();
        write_registry(&mut two, 5_000, 7).unwrap();
        assert_eq!(one, two);
        let text = String::from_utf8(one).unwrap();
        assert!((4_500..=5_000).contains(&text.matches("inetnum:").count()));
        for needed in ["mnt-irt:        IRT-T", "org:            ORG-H", "role:"] {
            assert!(text.contains(needed));
        }
    }
}
