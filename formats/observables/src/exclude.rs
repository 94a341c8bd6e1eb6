//! Rules that leave out what every mail carries and nobody wants to look up: own networks, the reporter's signature.

use crate::ip::number;
use crate::{Kind, Limits, Observable, extract};
use std::collections::HashMap;
use std::net::IpAddr;

/// One rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rule {
    /// Addresses and ranges that lie entirely between these two, and URLs whose host does.
    Network(IpAddr, IpAddr),
    /// This domain and everything under it: as a name, in a mail address, as the host of a URL.
    Domain(String),
    /// Exactly this value, in its canonical text.
    Exact(String),
}

impl std::fmt::Display for Rule {
    /// As it is written in a list of rules.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Network(first, last) => write!(f, "net {first}-{last}"),
            Self::Domain(name) => write!(f, "domain {name}"),
            Self::Exact(value) => write!(f, "value {value}"),
        }
    }
}

/// A set of [`Rule`]s, quick to ask: the time does not grow with their number.
#[derive(Debug, Clone, Default)]
pub struct Exclusions {
    rules: Vec<Rule>,
    /// First address, last address and place of each network rule, by first address.
    networks: Vec<(u128, u128, usize)>,
    /// For each entry of `networks`, which one up to it reaches furthest.
    furthest: Vec<usize>,
    domains: HashMap<String, usize>,
    values: HashMap<String, usize>,
}

/// A line that is no rule.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {problem}")]
pub struct RuleError {
    /// Number of the line, from 1.
    pub line: usize,
    /// What is wrong, and what to write instead.
    pub problem: Problem,
}

/// What is wrong with a rule.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// The line starts with no known word.
    #[error("`{0}` is no kind of rule; write `net 192.0.2.0/24`, `domain example.org` or `value TEXT`")]
    UnknownRule(String),
    /// Not an address, a prefix or a range.
    #[error(
        "`{0}` is no network; write an address, a prefix such as `192.0.2.0/24`, or `192.0.2.1-192.0.2.9`"
    )]
    NotANetwork(String),
    /// Not a domain name.
    #[error("`{0}` is no domain name; write one such as `example.org`, without `*.` and `http://`")]
    NotADomain(String),
    /// Nothing behind `value`.
    #[error("nothing stands behind `value`; write what to leave out, such as `value joe@example.org`")]
    NoValue,
}

impl Exclusions {
    /// Makes a set of rules.
    pub fn new(rules: Vec<Rule>) -> Self {
        let mut set = Self::default();
        for (at, rule) in rules.iter().enumerate() {
            match rule {
                Rule::Network(first, last) => set.networks.push((number(*first), number(*last), at)),
                Rule::Domain(name) => drop(set.domains.entry(name.clone()).or_insert(at)),
                Rule::Exact(value) => drop(set.values.entry(value.clone()).or_insert(at)),
            }
        }
        set.networks.sort_unstable();
        let mut best = 0;
        for at in 0..set.networks.len() {
            if set.networks[at].1 > set.networks[best].1 {
                best = at;
            }
            set.furthest.push(best);
        }
        set.rules = rules;
        set
    }

    /// Reads rules, one a line: `net 192.0.2.0/24`, `domain example.org`, `value joe@example.org`. Empty lines and what
    /// stands behind a `#` at the start of a line or after a blank are left out.
    ///
    /// # Errors
    /// All lines that are no rules, each with its number and what to write instead.
    pub fn parse(text: &str) -> Result<Self, Vec<RuleError>> {
        let (mut rules, mut errors) = (Vec::new(), Vec::new());
        for (at, line) in text.lines().enumerate() {
            let line = line.split(" #").next().unwrap_or_default().trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            match parse_rule(line) {
                Ok(rule) => rules.push(rule),
                Err(problem) => errors.push(RuleError { line: at + 1, problem }),
            }
        }
        if errors.is_empty() { Ok(Self::new(rules)) } else { Err(errors) }
    }

    /// The rules, in the order given.
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// The rule by which this observable is left out.
    pub fn reason(&self, observable: &Observable) -> Option<&Rule> {
        let value = observable.value.as_str();
        let by_value = || self.values.get(value).copied();
        let by_place = || match observable.kind {
            Kind::Ip | Kind::IpRange => {
                observable.range.and_then(|(first, last)| self.network_of(first, last))
            }
            Kind::Domain => self.domain_of(value),
            Kind::Email => self.domain_of(value.rsplit_once('@')?.1),
            Kind::Url => self.host_of(value),
            _ => None,
        };
        by_value().or_else(by_place).map(|at| &self.rules[at])
    }

    fn network_of(&self, first: IpAddr, last: IpAddr) -> Option<usize> {
        let (first, last) = (number(first), number(last));
        let starting_before = self.networks.partition_point(|network| network.0 <= first);
        let furthest = *self.furthest.get(starting_before.checked_sub(1)?)?;
        let (_, end, rule) = self.networks[furthest];
        (end >= last).then_some(rule)
    }

    fn domain_of(&self, name: &str) -> Option<usize> {
        if self.domains.is_empty() {
            return None;
        }
        let mut name = name;
        loop {
            if let Some(at) = self.domains.get(name) {
                return Some(*at);
            }
            name = name.split_once('.')?.1;
        }
    }

    /// `url` is canonical: scheme, perhaps user, host, perhaps port, path.
    fn host_of(&self, url: &str) -> Option<usize> {
        let (_, rest) = url.split_once("://")?;
        let authority = rest.split(['/', '?', '#']).next()?;
        let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
        if let Some((inner, _)) = host.strip_prefix('[').and_then(|host| host.split_once(']')) {
            let address = inner.parse().ok()?;
            return self.network_of(address, address);
        }
        let host = host.split_once(':').map_or(host, |(host, _)| host);
        match host.parse::<IpAddr>() {
            Ok(address) => self.network_of(address, address),
            Err(_) => self.domain_of(host),
        }
    }
}

fn parse_rule(line: &str) -> Result<Rule, Problem> {
    let (word, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
    let rest = rest.trim();
    match word.to_ascii_lowercase().as_str() {
        "net" => {
            let network =
                sole(rest).and_then(|one| one.range).ok_or_else(|| Problem::NotANetwork(rest.to_owned()))?;
            Ok(Rule::Network(network.0, network.1))
        }
        "domain" => {
            let mut name = String::new();
            let bare = rest.trim_end_matches('.');
            match crate::domain::canonical(bare, &mut name) {
                Some(_) => Ok(Rule::Domain(name)),
                // names of the house (`corp.internal`) are no public ones
                None if is_plain_name(bare) => Ok(Rule::Domain(bare.to_ascii_lowercase())),
                None => Err(Problem::NotADomain(rest.to_owned())),
            }
        }
        "value" if rest.is_empty() => Err(Problem::NoValue),
        "value" => Ok(Rule::Exact(sole(rest).map_or_else(|| rest.to_owned(), |one| one.value))),
        _ => Err(Problem::UnknownRule(word.to_owned())),
    }
}

/// The observable that is the whole of `text`.
fn sole(text: &str) -> Option<Observable> {
    extract(text, &Limits::default()).found.into_iter().find(|one| one.span == (0..text.len()))
}

fn is_plain_name(text: &str) -> bool {
    let label = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    text.len() <= 253 && text.parse::<IpAddr>().is_err() && text.split('.').all(label)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn left_out(rules: &str, text: &str) -> Vec<String> {
        let rules = Exclusions::parse(rules).unwrap();
        let found = extract(text, &Limits::default()).found;
        found.into_iter().filter(|one| rules.reason(one).is_some()).map(|one| one.value).collect()
    }

    #[test]
    fn own_networks_go_with_what_lies_inside() {
        let rules = "net 192.0.2.0/24\nnet 192.0.2.16/28\nnet 2001:db8::/32\nnet 198.51.100.5-198.51.100.9";
        let text = "192.0.2.77 192.0.2.200-192.0.3.1 198.51.100.4 198.51.100.9 2001:db8:1::1 http://192.0.2.1/x 203.0.113.1";
        assert_eq!(
            left_out(rules, text),
            ["192.0.2.77", "198.51.100.9", "2001:db8:1::1", "http://192.0.2.1/x", "192.0.2.1"]
        );
    }

    #[test]
    fn own_domains_go_with_mail_and_urls() {
        let text =
            "joe@cert.example.org https://u@www.example.org:8443/ notexample.org example.org joe@example.com";
        assert_eq!(
            left_out("# ours\ndomain Example.org  # and below\n", text),
            [
                "cert.example.org",
                "joe@cert.example.org",
                "https://u@www.example.org:8443/",
                "www.example.org",
                "example.org"
            ]
        );
    }

    #[test]
    fn one_value_goes_however_it_was_written() {
        assert_eq!(
            left_out("value hxxp://Evil[.]example/", "http://evil.example evil.example"),
            ["http://evil.example/"]
        );
        assert_eq!(left_out("value cve-2021-44228", "CVE-2021-44228 CVE-2021-44229"), ["CVE-2021-44228"]);
    }

    #[test]
    fn a_wrong_line_says_what_to_write() {
        let errors = Exclusions::parse("net 192.0.2.0/33\n\ndomain http://x\nnets 1\nvalue").unwrap_err();
        let told: Vec<String> = errors.iter().map(ToString::to_string).collect();
        assert_eq!(
            told,
            [
                "line 1: `192.0.2.0/33` is no network; write an address, a prefix such as `192.0.2.0/24`, or `192.0.2.1-192.0.2.9`",
                "line 3: `http://x` is no domain name; write one such as `example.org`, without `*.` and `http://`",
                "line 4: `nets` is no kind of rule; write `net 192.0.2.0/24`, `domain example.org` or `value TEXT`",
                "line 5: nothing stands behind `value`; write what to leave out, such as `value joe@example.org`",
            ]
        );
    }
}
