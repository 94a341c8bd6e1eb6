//! Traffic Light Protocol 2.0 (FIRST, August 2022): who may be told.

use crate::label::{UnknownLabel, normalised, occurrences, word_at};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// A TLP label; the greater, the stricter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Tlp {
    /// Anybody may be told.
    Clear,
    /// The community may be told, but not in public.
    Green,
    /// The recipient's organisation and its clients may be told, as far as they need to know.
    Amber,
    /// Only the recipient's organisation may be told, as far as it needs to know.
    AmberStrict,
    /// Only the persons addressed.
    Red,
}

impl Tlp {
    /// All labels, from the freest to the strictest.
    pub const ALL: [Self; 5] = [Self::Clear, Self::Green, Self::Amber, Self::AmberStrict, Self::Red];

    /// The label as FIRST prescribes it, such as `TLP:AMBER+STRICT`. It is never translated.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Clear => "TLP:CLEAR",
            Self::Green => "TLP:GREEN",
            Self::Amber => "TLP:AMBER",
            Self::AmberStrict => "TLP:AMBER+STRICT",
            Self::Red => "TLP:RED",
        }
    }

    /// Who may be told, in a sentence.
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Clear => "Anybody may be told.",
            Self::Green => "The community may be told, but nothing goes to public places.",
            Self::Amber => "Your organisation and its clients may be told, as far as they need to know.",
            Self::AmberStrict => "Only your organisation may be told, as far as it needs to know.",
            Self::Red => "Only the persons addressed may know; tell nobody else.",
        }
    }

    /// The class of the style sheet that has the label's colour: `clear`, `green`, `amber` or `red`.
    pub const fn css_class(self) -> &'static str {
        match self {
            Self::Clear => "clear",
            Self::Green => "green",
            Self::Amber | Self::AmberStrict => "amber",
            Self::Red => "red",
        }
    }

    /// Reads one label: in any case, with or without `TLP:`, with blanks, and `WHITE` for `CLEAR`. `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        match normalised(text, "TLP")?.as_str() {
            "CLEAR" | "WHITE" => Some(Self::Clear),
            "GREEN" => Some(Self::Green),
            "AMBER" => Some(Self::Amber),
            "AMBER+STRICT" | "AMBERSTRICT" | "AMBER-STRICT" | "AMBER_STRICT" => Some(Self::AmberStrict),
            "RED" => Some(Self::Red),
            _ => None,
        }
    }

    /// The strictest of some labels: that of a document, from its parts. `None` when there are none.
    pub fn strictest(labels: impl IntoIterator<Item = Self>) -> Option<Self> {
        labels.into_iter().max()
    }

    /// The label in a subject or a text; the strictest when there are several.
    pub fn find_in(text: &str) -> Option<Self> {
        Self::strictest(occurrences(text, "TLP").filter_map(|(rest, colon)| {
            let (tlp, length) = word_at(rest, colon, &WORDS)?;
            let strict = tlp == Self::Amber && is_strict(&rest[length..]);
            Some(if strict { Self::AmberStrict } else { tlp })
        }))
    }
}

const WORDS: [(&str, Tlp); 5] = [
    ("CLEAR", Tlp::Clear),
    ("WHITE", Tlp::Clear),
    ("GREEN", Tlp::Green),
    ("AMBER", Tlp::Amber),
    ("RED", Tlp::Red),
];

/// Does `+STRICT` follow, with whatever people write for the `+`?
fn is_strict(rest: &str) -> bool {
    let gap = rest.bytes().take(3).take_while(|byte| matches!(byte, b'+' | b' ' | b'-' | b'_')).count();
    gap > 0 && word_at(&rest[gap..], true, &[("STRICT", ())]).is_some()
}

impl fmt::Display for Tlp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.label())
    }
}

impl FromStr for Tlp {
    type Err = UnknownLabel;

    /// As [`Tlp::parse`], with an error that says what to write.
    fn from_str(text: &str) -> Result<Self, UnknownLabel> {
        let known = "TLP:CLEAR, TLP:GREEN, TLP:AMBER, TLP:AMBER+STRICT, TLP:RED";
        Self::parse(text).ok_or_else(|| UnknownLabel {
            text: text.chars().take(40).collect(),
            protocol: "TLP",
            known,
        })
    }
}

impl TryFrom<String> for Tlp {
    type Error = UnknownLabel;

    fn try_from(text: String) -> Result<Self, UnknownLabel> {
        text.parse()
    }
}

impl From<Tlp> for String {
    fn from(tlp: Tlp) -> Self {
        tlp.label().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_written_as_first_prescribes_and_read_back() {
        let written: Vec<String> = Tlp::ALL.iter().map(ToString::to_string).collect();
        assert_eq!(written, ["TLP:CLEAR", "TLP:GREEN", "TLP:AMBER", "TLP:AMBER+STRICT", "TLP:RED"]);
        for tlp in Tlp::ALL {
            assert_eq!(Tlp::parse(tlp.label()), Some(tlp));
            assert_eq!(serde_json::from_str::<Tlp>(&serde_json::to_string(&tlp).unwrap()).unwrap(), tlp);
        }
        assert!(Tlp::ALL.is_sorted());
    }

    #[test]
    fn other_spellings_are_read() {
        for (text, tlp) in [
            ("white", Tlp::Clear),
            ("TLP:WHITE", Tlp::Clear),
            (" tlp: amber + strict ", Tlp::AmberStrict),
            ("AMBER STRICT", Tlp::AmberStrict),
            ("tlp:amber_strict", Tlp::AmberStrict),
            ("tlp=\"red\"", Tlp::Red),
            ("[TLP:Green]", Tlp::Green),
        ] {
            assert_eq!(Tlp::parse(text), Some(tlp), "{text}");
        }
        for text in
            ["", "TLP:", "purple", "TLP:AMBER+", "tlp:unclear", "tlp:ex:chr", "REDD", "TLP:RED TLP:RED"]
        {
            assert_eq!(Tlp::parse(text), None, "{text}");
        }
        assert_eq!(
            "pink".parse::<Tlp>().unwrap_err().to_string(),
            "`pink` is no TLP label; write one of TLP:CLEAR, TLP:GREEN, TLP:AMBER, TLP:AMBER+STRICT, TLP:RED"
        );
    }

    #[test]
    fn labels_are_found_in_mail() {
        for (text, tlp) in [
            ("[TLP:AMBER+STRICT] Leaked passwords", Some(Tlp::AmberStrict)),
            ("Re: (tlp: green) botnet", Some(Tlp::Green)),
            ("TLP RED\nfor you", Some(Tlp::Red)),
            ("TLP-AMBER-STRICT", Some(Tlp::AmberStrict)),
            ("TLP:AMBER strictly for you", Some(Tlp::Amber)),
            ("TLP:WHITE header, later TLP:AMBER", Some(Tlp::Amber)),
            ("#TLP:CLEAR#", Some(Tlp::Clear)),
            ("the red one, see www.first.org/tlp", None),
            ("a TLP clear enough; XTLP:RED; TLP:REDACTED; TLP", None),
        ] {
            assert_eq!(Tlp::find_in(text), tlp, "{text}");
        }
    }
}
