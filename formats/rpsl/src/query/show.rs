//! Queries as lines.

use std::fmt;

use super::{Charset, Flag, Query};

impl fmt::Display for Query {
    /// A line that is read as the same query, without its end.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut words: Vec<String> = Vec::new();
        for flag in self.flags.iter() {
            let name = flag.short().map_or_else(|| format!("--{}", flag.long()), |short| format!("-{short}"));
            words.push(match flag {
                Flag::SelectTypes => format!("{name} {}", self.classes.join(",")),
                Flag::Inverse => {
                    let names: Vec<&str> = self.inverse.iter().map(|attribute| attribute.as_str()).collect();
                    format!("{name} {}", names.join(","))
                }
                Flag::Sources => format!("{name} {}", self.sources.join(",")),
                Flag::Template => format!("{name} {}", self.template.unwrap_or_default()),
                Flag::Verbose => format!("{name} {}", self.verbose.unwrap_or_default()),
                // a tag may begin with a dash, or read like the rest of a long name: it follows an equals sign
                Flag::Client => {
                    self.client.as_ref().map_or_else(String::new, |client| match client.address {
                        Some(address) => format!("--{}={},{address}", flag.long(), client.tag),
                        None => format!("--{}={}", flag.long(), client.tag),
                    })
                }
                Flag::ShowVersion => format!("{name} {}", self.version.unwrap_or_default()),
                Flag::DiffVersions => {
                    let (one, other) = self.versions.unwrap_or_default();
                    format!("{name} {one}:{other}")
                }
                Flag::Charset => {
                    format!("{name} {}", self.charset.map_or_else(String::new, |set| set.to_string()))
                }
                _ => name,
            });
        }
        if let Some(key) = &self.key {
            if key.text().split(' ').any(|word| word.len() > 1 && word.starts_with('-')) {
                words.push("--".to_owned());
            }
            words.push(key.text().to_owned());
        }
        f.write_str(&words.join(" "))
    }
}

impl fmt::Display for Charset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Utf8 => "utf-8",
            Self::Latin1 => "latin-1",
            Self::Ascii => "us-ascii",
        })
    }
}
