//! The networks around an address, one in the other.

use std::net::IpAddr;

use crate::answer::{Answer, Basis, Network};

/// One network, as a row.
pub(super) struct Level {
    /// The range.
    pub(super) range: String,
    /// Name and first line of the description.
    pub(super) name: String,
    /// Status, size, teams it names.
    pub(super) facts: String,
    /// Whether the answer comes from it.
    pub(super) found: bool,
    /// Colour, symbol and words.
    pub(super) state: (&'static str, &'static str, &'static str),
}

/// The largest first; `descriptions` are those of the answer's networks, in their order.
pub(super) fn levels(answer: &Answer, descriptions: &[String]) -> Vec<Level> {
    let found = answer.networks.iter().position(|network| network.found);
    let level = |(place, network): (usize, &Network)| Level {
        range: network.range.clone(),
        name: joined(&[&network.netname, descriptions.get(place).map_or("", String::as_str)], " · "),
        facts: facts(network),
        found: network.found,
        state: match (network.found, answer.basis, network.mnt_irt.is_empty()) {
            (true, Basis::Irt, _) => ("ok", "check", "IRT found here"),
            (true, ..) => ("ok", "check", "abuse-c found here"),
            (false, _, true) => ("plain", "none", "names no IRT"),
            (false, Basis::Irt, false) if found.is_some_and(|found| place < found) => {
                ("plain", "suspended", "has an IRT, overruled")
            }
            (false, _, false) => ("warn", "none", "names an unknown IRT"),
        },
    };
    answer.networks.iter().enumerate().map(level).collect()
}

fn facts(network: &Network) -> String {
    let size = match (network.first, network.last) {
        (IpAddr::V4(first), IpAddr::V4(last)) => {
            let count = i64::from(last.to_bits()) - i64::from(first.to_bits()) + 1;
            ui::format::plural(count, "address", "addresses")
        }
        _ => String::new(),
    };
    let irts = match network.mnt_irt.as_slice() {
        [] => String::new(),
        irts => format!("mnt-irt {}", irts.join(", ")),
    };
    joined(&[&network.status, &size, &irts, &network.country], " · ")
}

fn joined(parts: &[&str], between: &str) -> String {
    parts.iter().copied().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(between)
}
