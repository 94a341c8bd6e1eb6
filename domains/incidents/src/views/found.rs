//! What a search finds in the cases of a team.

use std::net::IpAddr;

use identity::{Granted, ReadCases};
use kit::{Result, Time, search};

use super::mail_text::clean;
use super::store;
use crate::Desk;
use crate::model::Number;
use crate::store::{incidents, messages};

/// A message or an incident that holds all words.
#[derive(Debug, Clone)]
pub(crate) struct Found {
    /// The case to open.
    pub(crate) case: Number,
    /// What it is about.
    pub(crate) subject: String,
    /// Who wrote it.
    pub(crate) from: String,
    /// The beginning of its text.
    pub(crate) text: String,
    /// When it came.
    pub(crate) at: Time,
}

impl Desk {
    /// The newest things of the reader's team that hold every word of `q`, at most `limit`.
    pub(crate) async fn search(&self, by: &Granted<ReadCases>, q: &str, limit: usize) -> Result<Vec<Found>> {
        let (engine, team, q) = (self.node().db.engine(), by.team(), q.to_owned());
        let read = self.node().db.read(move |c| {
            let mut found = Vec::new();
            for hit in search::find(c, engine, team, &q, limit)? {
                if let Some(message) = messages::by_id(c, team, hit.reference)? {
                    let Some(case) = store::name_of(c, team, message.case)? else { continue };
                    let from =
                        if message.from_address.is_empty() { &message.author } else { &message.from_address };
                    found.push(Found {
                        case,
                        subject: clean(&message.subject),
                        from: clean(from),
                        text: clean(&message.preview)
                            .split_whitespace()
                            .take(40)
                            .collect::<Vec<_>>()
                            .join(" "),
                        at: message.at,
                    });
                } else if let Some(incident) = incidents::by_id(c, team, hit.reference)? {
                    found.push(Found {
                        case: incident.name(),
                        subject: clean(&incident.title),
                        from: incident.opened_by.clone(),
                        text: clean(&incident.description)
                            .split_whitespace()
                            .take(40)
                            .collect::<Vec<_>>()
                            .join(" "),
                        at: incident.opened_at,
                    });
                }
            }
            Ok(found)
        });
        read.await
    }
}

/// Whether somebody can be looked up by what was typed: an address, a prefix, a range, an AS number, a domain.
pub(crate) fn can_be_looked_up(q: &str) -> bool {
    let q = q.trim();
    let address = |text: &str| text.trim().parse::<IpAddr>().is_ok();
    let prefix = q.split_once('/').is_some_and(|(base, bits)| address(base) && bits.parse::<u8>().is_ok());
    let range = q.split_once('-').is_some_and(|(first, last)| address(first) && address(last));
    let one = observables::extract(q, &observables::Limits::default()).found;
    let whole = one.first().is_some_and(|found| {
        let kinds = [
            observables::Kind::Domain,
            observables::Kind::Asn,
            observables::Kind::Ip,
            observables::Kind::IpRange,
        ];
        found.span == (0..q.len()) && kinds.contains(&found.kind)
    });
    address(q) || prefix || range || whole
}

/// The words to search for: an IPv4 prefix that ends with a whole number stands for all addresses that begin so.
pub(crate) fn words_of(q: &str) -> String {
    let begun = |prefix: &str| {
        let (base, bits) = prefix.split_once('/')?;
        let base: std::net::Ipv4Addr = base.parse().ok()?;
        let numbers = match bits {
            "8" => 1,
            "16" => 2,
            "24" => 3,
            _ => return None,
        };
        let kept: Vec<String> = base.octets()[..numbers].iter().map(u8::to_string).collect();
        Some(format!("{}.*", kept.join(".")))
    };
    q.split_whitespace()
        .map(|word| begun(word).unwrap_or_else(|| word.to_owned()))
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_names_can_be_looked_up_and_words_cannot() {
        for yes in ["192.0.2.7", "2001:db8::/32", "192.0.2.1 - 192.0.2.9", "AS64496", "login.evil.example"] {
            assert!(can_be_looked_up(yes), "{yes}");
        }
        for no in ["", "phishing", "IR-12", "ssh 192.0.2.7 root", "1/2"] {
            assert!(!can_be_looked_up(no), "{no}");
        }
    }

    #[test]
    fn a_prefix_finds_what_begins_so() {
        assert_eq!(words_of("ssh 192.0.2.0/24"), "ssh 192.0.2.*");
        assert_eq!(words_of("10.0.0.0/8 2001:db8::/32 192.0.2.0/25"), "10.* 2001:db8::/32 192.0.2.0/25");
    }
}
