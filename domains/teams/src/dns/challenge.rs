//! What a team puts into its zone, and where: no question is asked here.

use std::net::IpAddr;

use data_encoding::BASE32_NOPAD;
use kit::Id;
use kit::secrets::Secrets;
use rpsl::range::AddressRange;

use crate::claims::Claim;

/// The label under which the record stands.
const LABEL: &str = "_wardmote-claim";
/// What its text begins with.
const PREFIX: &str = "wardmote-claim=";
/// For [`Secrets::mark`].
const PURPOSE: &str = "teams.claim.dns";
/// Longest name without its final dot, in bytes (RFC 1035 section 2.3.4).
const LONGEST_NAME: usize = 253;
/// Longest label.
const LONGEST_LABEL: usize = 63;

/// The line with which a team shows that a zone is its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Challenge {
    /// Where it stands, without a final dot.
    pub name: String,
    /// Its text.
    pub text: String,
}

impl Challenge {
    /// The challenge for a claim of `team`.
    ///
    /// # Errors
    /// Why no zone shows this, in words for the team.
    pub(crate) fn of(secrets: &Secrets, team: Id, claim: &Claim) -> Result<Self, String> {
        let name = format!("{LABEL}.{}", zone_of(claim)?);
        if name.len() > LONGEST_NAME {
            return Err(format!("{claim} is too long a name for a record below it"));
        }
        let mark = BASE32_NOPAD.encode(&secrets.mark(PURPOSE, &subject(team, claim))).to_ascii_lowercase();
        Ok(Self { name, text: format!("{PREFIX}{mark}") })
    }

    /// The line as it stands in a zone file (RFC 1035 section 5.1).
    pub fn line(&self) -> String {
        format!("{}. IN TXT \"{}\"", self.name, self.text)
    }

    /// Whether one of `texts` is what this node gave to `team` for its claim.
    pub(crate) fn is_met(secrets: &Secrets, team: Id, claim: &Claim, texts: &[String]) -> bool {
        let marks = texts.iter().filter_map(|text| {
            let mark = text.trim().strip_prefix(PREFIX)?;
            BASE32_NOPAD.decode(mark.to_ascii_uppercase().as_bytes()).ok()
        });
        let subject = subject(team, claim);
        marks.fold(false, |met, mark| met | secrets.is_mark(PURPOSE, &subject, &mark))
    }
}

fn subject(team: Id, claim: &Claim) -> Vec<u8> {
    format!("{team}\n{}\n{}", claim.kind(), claim.text()).into_bytes()
}

/// The name whose zone the claim's holder keeps.
fn zone_of(claim: &Claim) -> Result<String, String> {
    match claim {
        Claim::Domain(_) => {
            let name = claim.text();
            let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
            let label = |label: &str| (1..=LONGEST_LABEL).contains(&label.len()) && label.bytes().all(plain);
            if !name.contains('.') {
                return Err(format!("{name} is no name that one organisation holds"));
            }
            if !name.split('.').all(label) {
                return Err(format!("{name} is written otherwise in a zone: enter it as xn--…"));
            }
            Ok(name)
        }
        Claim::Network(network) => reverse(network.range).ok_or_else(|| {
            format!("{network} has no reverse zone of its own: those end at /8, /16, /24, /32, and at every fourth bit of IPv6")
        }),
        Claim::Irt(_) => Err("the registry knows whose irt object it is, not a zone".into()),
        Claim::Asn(_) => Err("AS numbers have no zone".into()),
    }
}

/// The reverse zone of a range that begins and ends on a border of one (RFC 1035 section 3.5, RFC 3596 section 2.5).
fn reverse(range: AddressRange) -> Option<String> {
    let length = usize::from(range.prefix_length()?);
    if length == 0 {
        return None;
    }
    let (labels, zone): (Vec<String>, &str) = match range.first() {
        IpAddr::V4(_) if length % 8 != 0 => return None,
        IpAddr::V4(first) => {
            (first.octets()[..length / 8].iter().map(u8::to_string).collect(), "in-addr.arpa")
        }
        IpAddr::V6(_) if length % 4 != 0 => return None,
        IpAddr::V6(first) => {
            let nibbles = first.octets().into_iter().flat_map(|byte| [byte >> 4, byte & 15]);
            (nibbles.take(length / 4).map(|nibble| format!("{nibble:x}")).collect(), "ip6.arpa")
        }
    };
    let reversed: Vec<&str> = labels.iter().rev().map(String::as_str).collect();
    Some(format!("{}.{zone}", reversed.join(".")))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn zone(kind: &str, text: &str) -> Result<String, String> {
        zone_of(&Claim::parse(kind, text).unwrap())
    }

    #[test]
    fn a_network_is_shown_in_the_reverse_zone_on_whose_borders_it_lies() {
        for (network, expected) in [
            ("192.0.2.0/24", "2.0.192.in-addr.arpa"),
            ("198.18.0.0/16", "18.198.in-addr.arpa"),
            ("192.0.2.7", "7.2.0.192.in-addr.arpa"),
            ("2001:db8::/32", "8.b.d.0.1.0.0.2.ip6.arpa"),
            ("2001:db8:a000::/36", "a.8.b.d.0.1.0.0.2.ip6.arpa"),
        ] {
            assert_eq!(zone("network", network).unwrap(), expected);
        }
        for other in ["192.0.2.0/25", "198.18.0.0/15", "192.0.2.1 - 192.0.2.9", "2001:db8::/33", "0.0.0.0/0"]
        {
            assert!(zone("network", other).is_err(), "{other}");
        }
    }

    #[test]
    fn a_domain_is_shown_below_itself_and_nothing_else_is() {
        assert_eq!(zone("domain", "*.Skerry.example").unwrap(), "skerry.example");
        let long = format!("{}.example", "x".repeat(64));
        for other in ["example", "bücher.example", "a..example", long.as_str()] {
            assert!(zone("domain", other).is_err(), "{other}");
        }
        assert!(zone("irt", "IRT-SKERRY").is_err());
    }

    #[test]
    fn the_line_holds_for_this_team_and_this_claim_alone() {
        let secrets = Secrets::new([7; 32]);
        let node = kit::testing::node(&[]);
        let (team, other) = (node.node.id(), node.node.id());
        let claim = Claim::parse("domain", "skerry.example").unwrap();
        let challenge = Challenge::of(&secrets, team, &claim).unwrap();
        assert!(challenge.line().starts_with("_wardmote-claim.skerry.example. IN TXT \"wardmote-claim="));
        let texts = ["v=spf1 -all".to_owned(), challenge.text.to_ascii_lowercase()];
        assert!(Challenge::is_met(&secrets, team, &claim, &texts));
        assert!(!Challenge::is_met(&secrets, other, &claim, &texts));
        assert!(!Challenge::is_met(&Secrets::new([8; 32]), team, &claim, &texts));
        let below = Claim::parse("domain", "lab.skerry.example").unwrap();
        assert!(!Challenge::is_met(&secrets, team, &below, &texts));
    }

    proptest! {
        #[test]
        fn no_text_of_a_zone_makes_it_panic_or_is_taken_for_ours(texts in prop::collection::vec("\\PC{0,80}", 0..5), mark in "[a-z2-7]{0,60}") {
            let secrets = Secrets::new([7; 32]);
            let team = Id::from_bytes([1; 16]);
            let claim = Claim::parse("network", "192.0.2.0/24").unwrap();
            let texts: Vec<String> = texts.into_iter().chain([format!("{PREFIX}{mark}")]).collect();
            prop_assert!(!Challenge::is_met(&secrets, team, &claim, &texts));
        }
    }
}
