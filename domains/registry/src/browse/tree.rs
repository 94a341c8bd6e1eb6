//! What lies around a range of addresses and in it, and what of it is free.

use std::net::IpAddr;

use kit::Result;

use crate::answer::{Answer, range_text};
use crate::index::Index;
use crate::service::Snapshot;

/// Networks and gaps that are told at once.
const PAGE: usize = 100;

/// A range of addresses with what is in it.
#[derive(Debug)]
pub(crate) struct Tree {
    /// Its two ends; `None` for all addresses of a family.
    pub(crate) first: IpAddr,
    pub(crate) last: IpAddr,
    /// The networks around it, the largest first, and who answers for it.
    pub(crate) answer: Answer,
    /// What is in it, in order.
    pub(crate) spaces: Vec<Space>,
    /// Where to go on, when there is more.
    pub(crate) next: Option<IpAddr>,
}

/// A piece of a range.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Space {
    /// A network.
    Network(Child),
    /// Nobody has registered it.
    Free { range: String, addresses: u128 },
}

/// A network directly below another one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Child {
    pub(crate) range: String,
    pub(crate) first: IpAddr,
    pub(crate) last: IpAddr,
    pub(crate) row: i64,
    pub(crate) source: String,
    pub(crate) netname: String,
    pub(crate) status: String,
    /// The teams it names itself.
    pub(crate) mnt_irt: Vec<String>,
    /// Whether there are networks in it.
    pub(crate) has_children: bool,
    pub(crate) addresses: u128,
}

impl Snapshot {
    /// What lies in `first` to `last`, from `from` on.
    ///
    /// # Errors
    /// The two ends are of two families, or reversed.
    pub(crate) fn tree(&self, first: IpAddr, last: IpAddr, from: Option<IpAddr>) -> Result<Tree> {
        let range = rpsl::AddressRange::new(first, last)
            .map_err(|error| kit::Error::invalid("range", error.to_string()))?;
        let index = &self.view().index;
        let mut tree = Tree { first, last, answer: self.answer(first, last), spaces: Vec::new(), next: None };
        let mut at = Some(number(from.filter(|from| range.contains(*from)).unwrap_or(first)));
        for child in children(index, from_number(at.unwrap_or_default(), first), last, first) {
            let Some(here) = at else { break };
            if number(child.first) < here {
                continue;
            }
            if tree.spaces.len() >= PAGE {
                tree.next = Some(from_number(here, first));
                return Ok(tree);
            }
            tree.gap(here, number(child.first).checked_sub(1));
            at = number(child.last).checked_add(1).filter(|next| *next <= number(last));
            tree.spaces.push(Space::Network(child));
        }
        if let Some(here) = at.filter(|_| !tree.spaces.is_empty()) {
            tree.gap(here, Some(number(last)));
        }
        Ok(tree)
    }
}

impl Tree {
    /// What is free from `from` to `to`, if anything is.
    fn gap(&mut self, from: u128, to: Option<u128>) {
        let Some(to) = to.filter(|to| *to >= from) else { return };
        let range = range_text(from_number(from, self.first), from_number(to, self.first));
        self.spaces.push(Space::Free { range, addresses: (to - from).saturating_add(1) });
    }
}

/// The networks in a range that lie in no other one in it; the range's own network is not among them. `whole_first` is
/// where the whole range begins.
fn children(
    index: &Index,
    first: IpAddr,
    last: IpAddr,
    whole_first: IpAddr,
) -> impl Iterator<Item = Child> + '_ {
    let mut inside = index.inside(first, last).peekable();
    std::iter::from_fn(move || {
        loop {
            let range = inside.next()?;
            let ends = index.ends(range);
            if ends == (whole_first, last) {
                continue;
            }
            let mut has_children = false;
            while inside.next_if(|inner| index.ends(*inner).1 <= ends.1).is_some() {
                has_children = true;
            }
            let network = index.network(range);
            return Some(Child {
                range: range_text(ends.0, ends.1),
                first: ends.0,
                last: ends.1,
                row: network.place().row,
                source: network.source().to_owned(),
                netname: network.netname().to_string(),
                status: network.status().to_owned(),
                mnt_irt: network.irt_names().map(str::to_owned).collect(),
                has_children,
                addresses: (number(ends.1) - number(ends.0)).saturating_add(1),
            });
        }
    })
}

fn number(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => address.to_bits().into(),
        IpAddr::V6(address) => address.to_bits(),
    }
}

/// The address of this number, of the family of `like`.
fn from_number(number: u128, like: IpAddr) -> IpAddr {
    match like {
        IpAddr::V4(_) => std::net::Ipv4Addr::from_bits(u32::try_from(number).unwrap_or(u32::MAX)).into(),
        IpAddr::V6(_) => std::net::Ipv6Addr::from_bits(number).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(registry: &crate::Registry, range: &str, from: Option<&str>) -> Vec<String> {
        let range = rpsl::range::parse_range(range).unwrap();
        let tree = registry
            .snapshot()
            .tree(range.first(), range.last(), from.map(|from| from.parse().unwrap()))
            .unwrap();
        let spaces = tree.spaces.iter().map(|space| match space {
            Space::Network(child) => format!("{}{}", child.range, if child.has_children { " +" } else { "" }),
            Space::Free { range, addresses } => format!("free {range} ({addresses})"),
        });
        spaces.collect()
    }

    #[test]
    fn a_range_is_told_with_what_is_in_it_and_what_is_free() {
        let (_node, registry) = crate::testing::open(
            crate::testing::settings(),
            "inetnum: 192.0.2.0/24\nsource: WARD\n\ninetnum: 192.0.2.16 - 192.0.2.31\nsource: WARD\n\n\
             inetnum: 192.0.2.20 - 192.0.2.22\nsource: WARD\n\ninetnum: 192.0.2.128/25\nsource: WARD\n\n\
             inet6num: 2001:db8::/32\nsource: WARD\n",
        );
        assert_eq!(
            told(&registry, "192.0.2.0/24", None),
            [
                "free 192.0.2.0/28 (16)",
                "192.0.2.16/28 +",
                "free 192.0.2.32 - 192.0.2.127 (96)",
                "192.0.2.128/25"
            ]
        );
        assert_eq!(
            told(&registry, "192.0.2.0/24", Some("192.0.2.32")),
            ["free 192.0.2.32 - 192.0.2.127 (96)", "192.0.2.128/25"]
        );
        assert_eq!(
            told(&registry, "192.0.2.16 - 192.0.2.31", None),
            ["free 192.0.2.16/30 (4)", "192.0.2.20 - 192.0.2.22", "free 192.0.2.23 - 192.0.2.31 (9)"]
        );
        assert_eq!(told(&registry, "192.0.2.128/25", None), [""; 0], "all of it is one network's own");
        assert_eq!(told(&registry, "::/0", None).len(), 3);
        assert_eq!(told(&registry, "0.0.0.0/0", None)[1], "192.0.2.0/24 +");
    }
}
