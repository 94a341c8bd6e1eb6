//! Names of objects, people and organisations.

use super::scan::{Scan, is_name, is_named};
use crate::handle::Handle;
use crate::range::parse_as_number;
use crate::template::SetKind;

/// Words that routing policies use and nobody may be called (RFC 2622 section 2).
const RESERVED: [&str; 20] = [
    "ACCEPT", "ACTION", "AND", "ANNOUNCE", "ANY", "AS-ANY", "AT", "ATOMIC", "EXCEPT", "FROM", "INBOUND",
    "INTO", "NETWORKS", "NOT", "OR", "OUTBOUND", "PEERAS", "REFINE", "RS-ANY", "TO",
];

pub(super) fn is_reserved(text: &str) -> bool {
    RESERVED.iter().any(|word| word.eq_ignore_ascii_case(text))
}

pub(super) fn object_name(text: &str) -> bool {
    (2..=80).contains(&text.len()) && is_named(text) && !is_reserved(text)
}

pub(super) fn netname(text: &str) -> bool {
    (1..=80).contains(&text.len()) && is_named(text)
}

pub(crate) fn source(text: &str) -> bool {
    (2..=80).contains(&text.len()) && is_named(text)
}

pub(crate) fn irt(text: &str) -> bool {
    let mut scan = Scan(text);
    scan.word("IRT-") && is_name(scan.0) && text.len() <= Handle::LONGEST
}

pub(crate) fn poem(text: &str, prefix: &str) -> bool {
    let mut scan = Scan(text);
    let begins = scan.word(prefix) && scan.0.starts_with(|first: char| first.is_ascii_alphanumeric());
    begins
        && text.len() <= 80
        && scan.0.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
}

/// `AUTO-1`, `AUTO-1AB`: the registry chooses.
pub(crate) fn auto(text: &str) -> bool {
    let mut scan = Scan(text);
    if !(scan.word("AUTO-") && scan.number(10)) {
        return false;
    }
    let initials = scan.run(5, |byte| byte.is_ascii_alphabetic());
    scan.ended() && matches!(initials.len(), 0 | 2..=4)
}

pub(super) fn nic_handle(text: &str) -> bool {
    if auto(text) {
        return true;
    }
    let mut scan = Scan(text);
    let initials = scan.run(4, |byte| byte.is_ascii_alphabetic()).len() >= 2;
    scan.number(6);
    let registry = scan.ended()
        || scan.word("-")
            && (2..=10).contains(&scan.run(10, |byte| byte.is_ascii_alphabetic()).len())
            && scan.ended();
    text.len() <= 30 && initials && registry
}

pub(crate) fn organisation(text: &str) -> bool {
    if auto(text) {
        return true;
    }
    let mut scan = Scan(text);
    let initials = scan.word("ORG-") && scan.run(4, |byte| byte.is_ascii_alphabetic()).len() >= 2;
    scan.number(6);
    text.len() <= 30 && initials && scan.word("-") && scan.0.len() >= 2 && is_named(scan.0)
}

/// Two to ten words, of which the first and one other begin with a letter.
pub(super) fn person(text: &str) -> bool {
    let sign = |byte: u8| byte.is_ascii_alphanumeric() || b"\\.`'_-".contains(&byte);
    let words = || text.split_whitespace();
    words().count() <= 10
        && words().all(|word| word.len() <= 64 && word.bytes().all(sign))
        && text.starts_with(|first: char| first.is_ascii_alphabetic())
        && words().filter(|word| word.starts_with(|first: char| first.is_ascii_alphabetic())).count() >= 2
}

/// One to thirty words.
pub(super) fn org_name(text: &str) -> bool {
    let sign = |byte: u8| byte.is_ascii_alphanumeric() || b"][)(._\"*@,&:!'`+/-".contains(&byte);
    (1..=30).contains(&text.split_whitespace().count())
        && text.split_whitespace().all(|word| word.len() <= 64 && word.bytes().all(sign))
}

pub(super) fn as_number(text: &str) -> bool {
    let mut scan = Scan(text);
    scan.word("AS") && scan.0.bytes().all(|byte| byte.is_ascii_digit()) && parse_as_number(scan.0).is_some()
}

/// A set's name: names and AS numbers joined by colons, of which one at least is a name of the kind.
pub(super) fn set(kind: SetKind, text: &str) -> bool {
    let mut named = false;
    let all = text.split(':').all(|part| {
        let mut scan = Scan(part);
        let name = scan.word(kind.prefix()) && is_name(scan.0) && !is_reserved(part);
        named |= name;
        name || as_number(part)
    });
    all && named && text.len() <= 80
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(takes: impl Fn(&str) -> bool, good: &[&str], bad: &[&str]) {
        good.iter().for_each(|text| assert!(takes(text), "{text:?} should be taken"));
        bad.iter().for_each(|text| assert!(!takes(text), "{text:?} should be refused"));
    }

    #[test]
    fn names_follow_the_syntax_of_their_kind() {
        check(irt, &["IRT-EXAMPLE", "irt-a_b-2"], &["irt-", "IRT-A-", "EXAMPLE", "irt-é", "IRT-A B"]);
        check(
            nic_handle,
            &["EX1-TEST", "AB", "abcd123456-RIPE", "EX-TEST", "AUTO-1", "auto-12AB"],
            &[
                "A1-TEST",
                "EX0-TEST",
                "EX1234567-TEST",
                "EX1-T",
                "EX1-",
                "AUTO-0",
                "AUTO-1A",
                "ABCDE",
                "EX1-TEST2",
            ],
        );
        check(
            organisation,
            &["ORG-EX1-TEST", "ORG-AB-T1", "AUTO-3"],
            &["ORG-E1-TEST", "ORG-EX1", "ORG-EX1-1T", "ORG-EX1-T", "ORG-ABCDE1-TEST"],
        );
        check(object_name, &["EXAMPLE-MNT", "a1"], &["A", "1A", "A-", "any", "AS-ANY", &"A".repeat(81)]);
        check(netname, &["A", "EXAMPLE-NET_2"], &["", "1A", "A_"]);
        check(source, &["TEST", "RIPE-GRS"], &["T", "TEST-"]);
        check(
            person,
            &["Anna Bell", "J. R. Example-Smith", "Anna 2 Bell"],
            &["Anna", "Anna 2", "2 Anna Bell", "Anna Čop"],
        );
        check(org_name, &["Example (Networks), Ltd.", "X"], &["", "Example; Ltd", "Čop"]);
        check(as_number, &["AS0", "as4294967295"], &["AS", "AS4294967296", "64496", "AS1.1", "AS 1"]);
        check(
            |text| set(SetKind::As, text),
            &["AS-A", "as64496:AS-A", "AS-A:AS64496"],
            &["AS64496", "AS-", "AS-ANY", "AS-A:", "RS-A", "AS64496:RS-A"],
        );
        check(|text| poem(text, "POEM-"), &["POEM-A", "poem-2_"], &["POEM-", "POEM-é", "FORM-A"]);
    }
}
