//! Permissible Actions Protocol (MISP taxonomy PAP v3): what may be done with what one was told.

use crate::label::{UnknownLabel, normalised, occurrences, word_at};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// A PAP label; the greater, the less may be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Pap {
    /// Anything.
    Clear,
    /// Active steps towards the target: connect to it, block it.
    Green,
    /// Passive cross-checks with others, such as a whois look-up.
    Amber,
    /// Only what nobody outside can notice: search in one's own logs.
    Red,
}

impl Pap {
    /// All labels, from the freest to the strictest.
    pub const ALL: [Self; 4] = [Self::Clear, Self::Green, Self::Amber, Self::Red];

    /// The label, such as `PAP:AMBER`.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Clear => "PAP:CLEAR",
            Self::Green => "PAP:GREEN",
            Self::Amber => "PAP:AMBER",
            Self::Red => "PAP:RED",
        }
    }

    /// What may be done, in a sentence.
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Clear => "Use it as you like.",
            Self::Green => "You may connect to the target and block it.",
            Self::Amber => "You may ask third parties, such as a whois server, but not touch the target.",
            Self::Red => "Do only what cannot be noticed outside, such as a search in your own logs.",
        }
    }

    /// The class of the style sheet that has the label's colour: `clear`, `green`, `amber` or `red`.
    pub const fn css_class(self) -> &'static str {
        match self {
            Self::Clear => "clear",
            Self::Green => "green",
            Self::Amber => "amber",
            Self::Red => "red",
        }
    }

    /// Reads one label: in any case, with or without `PAP:`, with blanks, and `WHITE` for `CLEAR`. `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let word = normalised(text, "PAP")?;
        WORDS.iter().find(|(name, _)| *name == word).map(|(_, pap)| *pap)
    }

    /// The label in a subject or a text; the strictest when there are several.
    pub fn find_in(text: &str) -> Option<Self> {
        occurrences(text, "PAP").filter_map(|(rest, colon)| Some(word_at(rest, colon, &WORDS)?.0)).max()
    }
}

const WORDS: [(&str, Pap); 5] = [
    ("CLEAR", Pap::Clear),
    ("WHITE", Pap::Clear),
    ("GREEN", Pap::Green),
    ("AMBER", Pap::Amber),
    ("RED", Pap::Red),
];

impl fmt::Display for Pap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.label())
    }
}

impl FromStr for Pap {
    type Err = UnknownLabel;

    /// As [`Pap::parse`], with an error that says what to write.
    fn from_str(text: &str) -> Result<Self, UnknownLabel> {
        let known = "PAP:CLEAR, PAP:GREEN, PAP:AMBER, PAP:RED";
        Self::parse(text).ok_or_else(|| UnknownLabel {
            text: text.chars().take(40).collect(),
            protocol: "PAP",
            known,
        })
    }
}

impl TryFrom<String> for Pap {
    type Error = UnknownLabel;

    fn try_from(text: String) -> Result<Self, UnknownLabel> {
        text.parse()
    }
}

impl From<Pap> for String {
    fn from(pap: Pap) -> Self {
        pap.label().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_read_back_and_found() {
        for pap in Pap::ALL {
            assert_eq!(Pap::parse(&pap.to_string()), Some(pap));
            assert_eq!(serde_json::from_str::<Pap>(&serde_json::to_string(&pap).unwrap()).unwrap(), pap);
        }
        assert_eq!(Pap::parse("pap: white"), Some(Pap::Clear));
        assert_eq!(Pap::parse("AMBER+STRICT"), None);
        assert_eq!(Pap::find_in("TLP:AMBER PAP:GREEN, then pap:red"), Some(Pap::Red));
        assert_eq!(Pap::find_in("PAPER RED"), None);
    }
}
