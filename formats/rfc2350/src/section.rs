//! The outline that every such document follows (RFC 2350, appendices D and E), and the titles by which it is known.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::sync::LazyLock;

macro_rules! sections {
    ($($name:ident $number:literal $title:literal [$($alias:literal),*] $meaning:literal;)*) => {
        /// A place in the outline.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Section {
            $(#[doc = concat!($number, " ", $title, ": ", $meaning, ".")] $name,)*
        }

        impl Section {
            /// All of them, in the order of the outline.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// Its number in the outline, such as `2.1`.
            pub const fn number(self) -> &'static str {
                match self { $(Self::$name => $number),* }
            }

            /// Its title in the outline.
            pub const fn title(self) -> &'static str {
                match self { $(Self::$name => $title),* }
            }
        }

        /// Every title that leads to a section, in its plain form.
        static TITLES: LazyLock<HashMap<String, Section>> = LazyLock::new(|| {
            let mut titles = HashMap::new();
            $(
                titles.insert(plain($title), Section::$name);
                $(titles.entry(plain($alias)).or_insert(Section::$name);)*
            )*
            titles
        });
    };
}

sections! {
    Document "1" "Document Information" ["About this document", "Information about this document", "About the document"] "what is said of the document itself";
    LastUpdate "1.1" "Date of Last Update" ["Last update", "Last updated", "Date of last change", "Date of the last update and version", "Version and date of last update"] "version and day";
    Notifications "1.2" "Distribution List for Notifications" ["Distribution list", "Distribution list for notification of updates"] "who is told of changes";
    Locations "1.3" "Locations where this Document May Be Found" ["Location of this document", "Locations of this document", "Document location", "Where this document may be found", "Locations", "Access to this document"] "where the newest one is";
    Authentication "1.4" "Authenticating this Document" ["Authentication of this document", "Authenticity of this document", "Authenticity", "Document authentication"] "how it is signed";
    Contact "2" "Contact Information" ["Contact", "Contact details", "How to contact us"] "how the team is reached";
    TeamName "2.1" "Name of the Team" ["Team name", "Name", "Full name", "Full name of the team"] "its names";
    Address "2.2" "Address" ["Postal address", "Mailing address"] "by post";
    TimeZone "2.3" "Time Zone" [] "of its hours";
    Telephone "2.4" "Telephone Number" ["Telephone", "Phone", "Phone number", "Telephone numbers"] "by telephone";
    Facsimile "2.5" "Facsimile Number" ["Facsimile", "Fax", "Fax number"] "by telefax";
    OtherTelecommunication "2.6" "Other Telecommunication" ["Other means of communication", "Other means of telecommunication"] "by other means";
    Mail "2.7" "Electronic Mail Address" ["Electronic mail", "Electronic mail addresses", "Email address", "Email addresses", "Email", "Mail address"] "by mail";
    Keys "2.8" "Public Keys and Other Encryption Information" ["Public keys and encryption information", "Public keys", "Public key", "PGP key", "PGP public key", "Public PGP key", "Encryption", "Public key and encryption information", "Public key and other encryption information"] "with which keys";
    Members "2.9" "Team Members" ["Members of the team"] "who they are";
    OtherInformation "2.10" "Other Information" [] "what stands nowhere else";
    CustomerContact "2.11" "Points of Customer Contact" ["Point of contact", "Points of contact", "Customer contact", "Operating hours", "Hours of operation", "Business hours", "Office hours"] "how its constituency reaches it, and when";
    Charter "3" "Charter" [] "what it is there for";
    Mission "3.1" "Mission Statement" ["Mission"] "its task";
    Constituency "3.2" "Constituency" [] "for whom it works";
    Affiliation "3.3" "Sponsorship and/or Affiliation" ["Sponsorship", "Affiliation", "Sponsoring organisation", "Sponsoring organization", "Sponsors and affiliation", "Sponsoring organisation and affiliation", "Sponsoring organization and affiliation"] "to whom it belongs";
    Authority "3.4" "Authority" [] "what it may order";
    Policies "4" "Policies" ["Policy"] "how it works";
    Incidents "4.1" "Types of Incidents and Level of Support" ["Types of incidents", "Incident types and level of support", "Level of support"] "what it handles";
    Disclosure "4.2" "Co-operation, Interaction and Disclosure of Information" ["Co-operation and disclosure of information", "Co-operation, interaction and privacy policy", "Disclosure of information", "Information disclosure", "Interaction and disclosure of information"] "what it tells whom";
    Communication "4.3" "Communication and Authentication" ["Communication", "Communications and authentication", "Communication security"] "how it talks";
    Services "5" "Services" ["Services offered", "Our services"] "what it does";
    Response "5.1" "Incident Response" ["Incident handling", "Incident management", "Reactive services", "Reactive activities", "Incident response (triage, coordination and resolution)"] "when something has happened";
    Triage "5.1.1" "Incident Triage" ["Triage"] "whether and how bad";
    Coordination "5.1.2" "Incident Coordination" [] "who is concerned";
    Resolution "5.1.3" "Incident Resolution" [] "how it ends";
    Proactive "5.2" "Proactive Activities" ["Proactive services", "Proactive measures"] "before something happens";
    Forms "6" "Incident Reporting Forms" ["Incident reporting form", "Reporting forms", "Incident reporting", "Incident report form"] "how to report";
    Disclaimers "7" "Disclaimers" [] "for what it does not answer";
}

impl Section {
    /// The section with this title, however it is written: case, punctuation, small words and plurals do not count.
    pub fn by_title(title: &str) -> Option<Self> {
        // The longest title has fewer: a paragraph need not be looked at.
        if title.len() > 200 {
            return None;
        }
        TITLES.get(&plain(title)).copied()
    }

    /// Whether it has a place of its own in every document; the parts of "Incident Response" have it only where there is
    /// something to say.
    pub const fn always_written(self) -> bool {
        !matches!(self, Self::Triage | Self::Coordination | Self::Resolution)
    }
}

impl fmt::Display for Section {
    /// `2.1 Name of the Team`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.number(), self.title())
    }
}

/// Whether a known title may begin with this word.
pub(crate) fn begins_a_title(word: &str) -> bool {
    static FIRST: LazyLock<HashSet<String>> = LazyLock::new(|| {
        TITLES.keys().filter_map(|title| title.split(' ').next()).map(str::to_owned).collect()
    });
    // What is left out of a title's plain form may stand first in its written one.
    let plain = plain(word);
    plain.is_empty() || plain.split(' ').next().is_some_and(|first| FIRST.contains(first))
}

/// Whether `word` does not count in a title.
pub(crate) fn is_small(word: &str) -> bool {
    plain(word).is_empty()
}

/// A title without what people write differently.
fn plain(title: &str) -> String {
    const SMALL: [&str; 14] =
        ["the", "of", "and", "or", "a", "an", "for", "this", "where", "may", "be", "is", "to", "our"];
    let lower = title
        .to_lowercase()
        .replace("co-op", "coop")
        .replace("e-mail", "email")
        .replace("time zone", "timezone");
    let words = lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    let stems = words.filter(|word| !SMALL.contains(word)).map(|word| match word.strip_suffix('s') {
        Some(stem) if stem.len() > 2 && !stem.ends_with('s') => stem,
        _ => word,
    });
    stems.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_is_known_however_it_is_written() {
        for (written, section) in [
            ("DATE OF LAST UPDATE", Section::LastUpdate),
            ("Cooperation, Interaction, and Disclosure of Information", Section::Disclosure),
            ("Public Keys and Encryption Information", Section::Keys),
            ("Sponsorship and/or Affiliation", Section::Affiliation),
            ("E-Mail Address", Section::Mail),
            ("Timezone", Section::TimeZone),
            ("Disclaimer", Section::Disclaimers),
        ] {
            assert_eq!(Section::by_title(written), Some(section), "{written}");
        }
        for unknown in ["", "The", "Document Identification", "Name of the dog", &"Name ".repeat(100)] {
            assert_eq!(Section::by_title(unknown), None, "{unknown}");
        }
    }

    #[test]
    fn every_section_is_found_by_its_own_title_and_stands_in_order() {
        for section in Section::ALL {
            assert_eq!(Section::by_title(section.title()), Some(*section));
        }
        let numbers: Vec<Vec<u8>> = Section::ALL
            .iter()
            .map(|section| section.number().split('.').map(|part| part.parse().unwrap()).collect())
            .collect();
        assert!(numbers.is_sorted());
    }
}
