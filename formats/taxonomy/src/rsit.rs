//! Reference Security Incident Taxonomy, version 1003 (ENISA and TF-CSIRT; CC0): what happened. Eleven classes, 39 types.

mod legacy;
mod table;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;

/// The version of the taxonomy.
pub const VERSION: u32 = 1003;

/// A class of incidents: the first level.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// Spam, threats, forbidden content.
    AbusiveContent,
    /// Malware and what serves it.
    MaliciousCode,
    /// Somebody is looking around.
    InformationGathering,
    /// Somebody tries to get in.
    IntrusionAttempts,
    /// Somebody got in.
    Intrusions,
    /// Something does not work any more.
    Availability,
    /// Somebody read or changed what was not theirs.
    InformationContentSecurity,
    /// Somebody is being deceived.
    Fraud,
    /// Something stands open.
    Vulnerable,
    /// None of these, or not known.
    Other,
    /// Not an incident.
    Test,
}

impl Class {
    /// All classes, in the order of the taxonomy.
    pub const ALL: [Self; 11] = [
        Self::AbusiveContent,
        Self::MaliciousCode,
        Self::InformationGathering,
        Self::IntrusionAttempts,
        Self::Intrusions,
        Self::Availability,
        Self::InformationContentSecurity,
        Self::Fraud,
        Self::Vulnerable,
        Self::Other,
        Self::Test,
    ];

    /// The machine tag's predicate, such as `malicious-code`.
    pub const fn code(self) -> &'static str {
        match self {
            Self::AbusiveContent => "abusive-content",
            Self::MaliciousCode => "malicious-code",
            Self::InformationGathering => "information-gathering",
            Self::IntrusionAttempts => "intrusion-attempts",
            Self::Intrusions => "intrusions",
            Self::Availability => "availability",
            Self::InformationContentSecurity => "information-content-security",
            Self::Fraud => "fraud",
            Self::Vulnerable => "vulnerable",
            Self::Other => "other",
            Self::Test => "test",
        }
    }

    /// The name for people, such as `Malicious Code`.
    pub const fn label(self) -> &'static str {
        match self {
            Self::AbusiveContent => "Abusive Content",
            Self::MaliciousCode => "Malicious Code",
            Self::InformationGathering => "Information Gathering",
            Self::IntrusionAttempts => "Intrusion Attempts",
            Self::Intrusions => "Intrusions",
            Self::Availability => "Availability",
            Self::InformationContentSecurity => "Information Content Security",
            Self::Fraud => "Fraud",
            Self::Vulnerable => "Vulnerable",
            Self::Other => "Other",
            Self::Test => "Test",
        }
    }

    /// The types of this class.
    pub fn types(self) -> impl Iterator<Item = Type> {
        table::TYPES.iter().copied().filter(move |one| one.class == self)
    }
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.label())
    }
}

/// A type of incidents: the second level. Two are equal when their codes are.
#[derive(Debug, Clone, Copy)]
pub struct Type {
    /// Class and value, such as `fraud:phishing`: what is stored and exchanged.
    pub code: &'static str,
    /// The class it belongs to.
    pub class: Class,
    /// The name for people, such as `Phishing`.
    pub label: &'static str,
    /// What belongs here, in one sentence.
    pub description: &'static str,
}

/// A text that names no type.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no incident type of RSIT {VERSION}; write one such as `fraud:phishing`")]
pub struct UnknownType(String);

impl Type {
    /// All types, in the order of the taxonomy.
    pub fn all() -> &'static [Self] {
        &table::TYPES
    }

    /// Not yet known what it is: `other:undetermined`.
    pub const UNDETERMINED: Self = table::UNDETERMINED;

    /// Reads a code (`fraud:phishing`, `fraud/phishing`), a machine tag (`rsit:fraud="phishing"`), or a label (`Phishing`), in
    /// any case. `None` for anything else, eCSIRT.net's and RTIR's own values included: see [`Type::from_ecsirt`] and
    /// [`Type::from_rtir`].
    pub fn parse(text: &str) -> Option<Self> {
        let code = plain_code(text, "rsit")?;
        let by_code = |one: &&Self| one.code == code;
        let by_label = |one: &&Self| one.label.eq_ignore_ascii_case(text.trim());
        let all = Self::all();
        all.iter().find(by_code).or_else(|| all.iter().find(by_label)).copied()
    }

    /// Reads a value of the eCSIRT.net taxonomy (`malicious-code:botnet-drone`, `ecsirt:intrusions="defacement"`) and gives the
    /// type that it became.
    pub fn from_ecsirt(text: &str) -> Option<Self> {
        let code = plain_code(text, "ecsirt")?;
        let became =
            legacy::ECSIRT.iter().find(|(old, _)| *old == code).map_or(code.as_str(), |(_, new)| *new);
        Self::all().iter().find(|one| one.code == became).copied()
    }

    /// Reads a classification of RTIR as delivered (`System Compromise`) and gives the type that fits.
    pub fn from_rtir(text: &str) -> Option<Self> {
        let (_, code) = legacy::RTIR.iter().find(|(old, _)| old.eq_ignore_ascii_case(text.trim()))?;
        Self::all().iter().find(|one| one.code == *code).copied()
    }

    /// The types that fit what somebody has typed so far: every word must begin a word of the code, the label or the class;
    /// those whose own name begins with it come first. All when nothing is typed.
    pub fn search(typed: &str) -> Vec<Self> {
        let words: Vec<String> = words(typed).take(8).map(str::to_lowercase).collect();
        let begins =
            |name: &str, word: &String| self::words(name).any(|part| part.to_lowercase().starts_with(word));
        let fits = |one: &&Self| {
            words.iter().all(|word| {
                begins(one.code, word) || begins(one.label, word) || begins(one.class.label(), word)
            })
        };
        let mut found: Vec<Self> = Self::all().iter().filter(fits).copied().collect();
        let Some(first) = words.first() else { return found };
        found.sort_by_key(|one| {
            let own = one.value().starts_with(first.as_str())
                || one.label.to_lowercase().starts_with(first.as_str());
            // stable: the order of the taxonomy stays
            (!own, !(begins(one.value(), first) || begins(one.label, first)))
        });
        found
    }

    /// The code without its class: `phishing`.
    pub fn value(&self) -> &'static str {
        self.code.split_once(':').map_or(self.code, |(_, value)| value)
    }

    /// The machine tag, as MISP writes it: `rsit:fraud="phishing"`.
    pub fn machine_tag(&self) -> String {
        format!("rsit:{}=\"{}\"", self.class.code(), self.value())
    }
}

/// `class:value` in lower case from a code or a machine tag of `namespace`. `None` when it is far too long to be one.
fn plain_code(text: &str, namespace: &str) -> Option<String> {
    if text.len() > 128 {
        return None;
    }
    let mut code = text.trim().to_ascii_lowercase();
    if let Some(tag) = code.strip_prefix(namespace).and_then(|rest| rest.strip_prefix(':')) {
        code = tag.replacen('=', ":", 1).replace('"', "");
    }
    Some(code.replacen('/', ":", 1))
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty())
}

impl PartialEq for Type {
    fn eq(&self, other: &Self) -> bool {
        self.code == other.code
    }
}

impl Eq for Type {}

impl Hash for Type {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.code.hash(state);
    }
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.code)
    }
}

impl FromStr for Type {
    type Err = UnknownType;

    /// As [`Type::parse`], with an error that says what to write.
    fn from_str(text: &str) -> Result<Self, UnknownType> {
        Self::parse(text).ok_or_else(|| UnknownType(text.chars().take(80).collect()))
    }
}

impl Serialize for Type {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code)
    }
}

impl<'de> Deserialize<'de> for Type {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_is_read_however_it_is_written() {
        let phishing = Type::parse("fraud:phishing").unwrap();
        for text in ["Fraud/Phishing", " rsit:fraud=\"phishing\" ", "phishing", "RSIT:FRAUD:PHISHING"] {
            assert_eq!(Type::parse(text), Some(phishing), "{text}");
        }
        for one in Type::all() {
            assert_eq!(Type::parse(&one.machine_tag()), Some(*one));
            assert_eq!(serde_json::from_str::<Type>(&serde_json::to_string(one).unwrap()).unwrap(), *one);
            assert!(one.code.starts_with(one.class.code()) && one.description.len() < 140, "{one}");
        }
        assert_eq!(Type::parse("fraud"), None);
        assert_eq!(
            "fraud:fishing".parse::<Type>().unwrap_err().to_string(),
            "`fraud:fishing` is no incident type of RSIT 1003; write one such as `fraud:phishing`"
        );
    }

    #[test]
    fn typing_narrows_the_choice() {
        let codes = |typed: &str| Type::search(typed).iter().map(|one| one.code).collect::<Vec<_>>();
        assert_eq!(codes("phi"), ["fraud:phishing"]);
        assert_eq!(codes("denial"), ["availability:dos", "availability:ddos"]);
        assert_eq!(codes("syst comp"), ["intrusions:system-compromise"]);
        assert_eq!(codes("mal dis"), ["malicious-code:malware-distribution"]);
        assert_eq!(codes("fraud").len(), 4);
        assert_eq!(codes("").len(), 39);
        assert!(codes("zebra").is_empty());
    }

    #[test]
    fn old_classes_become_types() {
        let ecsirt = |text: &str| Type::from_ecsirt(text).map(|one| one.code);
        assert_eq!(ecsirt("ecsirt:malicious-code=\"botnet-drone\""), Some("malicious-code:infected-system"));
        assert_eq!(
            ecsirt("intrusions:defacement"),
            Some("information-content-security:unauthorised-information-modification")
        );
        assert_eq!(ecsirt("fraud:phishing"), Some("fraud:phishing"));
        assert_eq!(ecsirt("fraud:bakery"), None);
        assert_eq!(Type::from_rtir("Denial of Service").map(|one| one.code), Some("availability:dos"));
        assert_eq!(Type::from_rtir("query"), Type::parse("other:other"));
    }
}
