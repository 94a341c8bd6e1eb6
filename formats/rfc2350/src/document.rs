//! The structure, and the text made of it.

use std::collections::BTreeMap;

use taxonomy::Tlp;

use crate::heading::{Heading, heading};
use crate::{Error, Section, clean};

/// What stands where nothing is said: a reader sees that it was not forgotten in print.
const NOTHING: &str = "Not stated.";
/// By how much text is indented; headings are not.
const INDENTATION: &str = "   ";

/// A team's description by the outline of RFC 2350. Texts are kept in one form: lines without blanks at their ends, no
/// empty lines at the beginning, at the end, or twice in a row.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Document {
    pub(crate) title: String,
    pub(crate) preface: String,
    sections: BTreeMap<Section, String>,
    pub(crate) others: Vec<(String, String)>,
}

impl Document {
    /// A document with this title, such as "CERT Skerry, description according to RFC 2350".
    ///
    /// # Errors
    /// [`Error::Title`] when it would be read as something else.
    pub fn new(title: &str) -> Result<Self, Error> {
        let line = clean::text(title.as_bytes()).trim().to_owned();
        let is_known = matches!(heading(&line), Some(Heading::Known { .. }));
        if line.is_empty() || line.contains('\n') || is_known || line.starts_with("-----BEGIN PGP") {
            return Err(Error::Title(title.to_owned()));
        }
        Ok(Self { title: line, ..Self::default() })
    }

    /// The first line.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// What stands between the title and the first heading, such as a label or a version.
    pub fn preface(&self) -> &str {
        &self.preface
    }

    /// The label in title or preface, if there is one.
    pub fn label(&self) -> Option<Tlp> {
        Tlp::find_in(&format!("{}\n{}", self.title, self.preface))
    }

    /// The text of a section; none when nothing is said there.
    pub fn get(&self, section: Section) -> Option<&str> {
        self.sections.get(&section).map(String::as_str)
    }

    /// The sections that say something, in the order of the outline.
    pub fn sections(&self) -> impl Iterator<Item = (Section, &str)> {
        self.sections.iter().map(|(section, text)| (*section, text.as_str()))
    }

    /// The sections that the outline does not have: title and text.
    pub fn others(&self) -> impl Iterator<Item = (&str, &str)> {
        self.others.iter().map(|(title, text)| (title.as_str(), text.as_str()))
    }

    /// Puts `text` into a section in place of what stood there; an empty one takes it out.
    pub fn set(&mut self, section: Section, text: &str) {
        self.sections.remove(&section);
        let text = clean::text(text.as_bytes());
        self.add(section, &clean::body(text.lines()));
    }

    /// Adds a text in its one form; `true` when there was one before.
    pub(crate) fn add(&mut self, section: Section, text: &str) -> bool {
        if text.is_empty() || text == NOTHING {
            return false;
        }
        match self.sections.get_mut(&section) {
            Some(before) => {
                before.push_str("\n\n");
                before.push_str(text);
                true
            }
            None => self.sections.insert(section, text.to_owned()).is_some(),
        }
    }

    /// The document as text: the whole outline with its standard numbers and titles, text indented by three blanks,
    /// lines ending with LF. [`crate::parse`] reads it back to the same structure.
    pub fn to_text(&self) -> String {
        let mut out = String::new();
        if !self.title.is_empty() {
            out.push_str(&self.title);
            out.push_str("\n\n");
            indent(&mut out, &self.preface);
        }
        for section in Section::ALL {
            let text = self.get(*section);
            if text.is_none() && !section.always_written() {
                continue;
            }
            let is_chapter = !section.number().contains('.');
            out.push_str(section.number());
            out.push_str(if is_chapter { ". " } else { " " });
            out.push_str(section.title());
            out.push_str("\n\n");
            // A chapter with sections need not say anything itself.
            let has_sections = is_chapter && !matches!(section, Section::Forms | Section::Disclaimers);
            let has_sections = has_sections || (*section == Section::Response && self.has_response_parts());
            match text {
                Some(text) => indent(&mut out, text),
                None if has_sections => {}
                None => indent(&mut out, NOTHING),
            }
        }
        for (at, (title, text)) in self.others.iter().enumerate() {
            out.push_str(&format!("{}. {title}\n\n", (8 + at).min(99)));
            indent(&mut out, text);
        }
        out.truncate(out.trim_end().len());
        out.push('\n');
        out
    }

    fn has_response_parts(&self) -> bool {
        [Section::Triage, Section::Coordination, Section::Resolution]
            .iter()
            .any(|part| self.sections.contains_key(part))
    }
}

fn indent(out: &mut String, text: &str) {
    if text.is_empty() {
        return;
    }
    for line in text.lines() {
        if !line.is_empty() {
            out.push_str(INDENTATION);
            out.push_str(line);
        }
        out.push('\n');
    }
    out.push('\n');
}
