//! What was left out of an answer, and where it would stand (RFC 9537).

use serde::Serialize;

/// What of an entity was left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Withheld {
    /// Its mail addresses other than those for complaints.
    Email,
    /// All of it: the object was handed on by a registry that had taken out addresses.
    Filtered,
}

/// A mark for something that was left out (RFC 9537 section 4.2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Redacted {
    name: Described,
    #[serde(skip_serializing_if = "Option::is_none")]
    pre_path: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    path_lang: Option<&'static str>,
    method: &'static str,
    reason: Described,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct Described {
    description: &'static str,
}

impl Redacted {
    /// The mark for `withheld` of the entity that stands at `path` (`$.entities[0]`).
    pub(crate) fn at(path: &str, withheld: Withheld) -> Self {
        let (name, reason) = match withheld {
            Withheld::Email => (
                "E-mail addresses other than those for abuse",
                "Personal data: write to the abuse contact or to the incident response team",
            ),
            Withheld::Filtered => {
                ("E-mail addresses", "The registry that this object comes from had taken them out")
            }
        };
        Self {
            name: Described { description: name },
            pre_path: Some(format!("{path}.vcardArray[1][?(@[0]=='email')]")),
            path_lang: Some("jsonpath"),
            method: "removal",
            reason: Described { description: reason },
        }
    }
}
