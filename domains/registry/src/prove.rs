//! What the registry proves about a team's constituency.

use std::net::IpAddr;

use contracts::trust::ClaimProver;

use crate::Registry;

impl ClaimProver for Registry {
    /// The closest network around the range that names a team with `mnt-irt` must name `irt`: what lies above it is
    /// delegated further, and does not count.
    fn network(&self, irt: &str, first: IpAddr, last: IpAddr) -> Result<String, String> {
        let answer = self.answer(first, last);
        let mut around =
            answer.networks.iter().filter(|network| network.first <= first && last <= network.last);
        let named = around.rfind(|network| !network.mnt_irt.is_empty());
        let Some(network) = named else {
            return Err("no network around it in the registry names a team with mnt-irt".to_owned());
        };
        let class = if network.first.is_ipv4() { "inetnum" } else { "inet6num" };
        let names = network.mnt_irt.join(", ");
        if network.mnt_irt.iter().any(|name| name.eq_ignore_ascii_case(irt)) {
            return Ok(format!("{class} {} in {}: mnt-irt {names}", network.range, network.source));
        }
        Err(format!("{class} {} in {} names {names}, not {irt}", network.range, network.source))
    }
}

#[cfg(test)]
#[path = "prove_tests.rs"]
mod tests;
