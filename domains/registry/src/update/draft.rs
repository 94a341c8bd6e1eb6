//! The text of an object while it is being made ready: attributes are replaced, put in and taken out; all others keep
//! their bytes.

use rpsl::{Attribute, Object};

/// An object's attributes in their order. Comments between them and what is no attribute are left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Draft {
    lines: Vec<Line>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Line {
    /// In lower case.
    name: String,
    /// From the name to the end of the last continuation line, without the line's end.
    bytes: Vec<u8>,
    value: String,
}

impl Draft {
    pub(crate) fn of(object: &Object<'_>) -> Self {
        Self { lines: object.attributes().map(|attribute| Line::of(&attribute)).collect() }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// The value of the first attribute of this name.
    pub(crate) fn get(&self, name: &str) -> Option<String> {
        self.lines.iter().find(|line| line.name == name).map(|line| line.value.clone())
    }

    /// Takes all attributes of this name out; true when there were any.
    pub(crate) fn remove(&mut self, name: &str) -> bool {
        let before = self.lines.len();
        self.lines.retain(|line| line.name != name);
        self.lines.len() < before
    }

    /// Gives each attribute for which `change` has one a new value.
    pub(crate) fn rewrite(&mut self, mut change: impl FnMut(&str, &str) -> Option<String>) {
        for line in &mut self.lines {
            if let Some(value) = change(&line.name, &line.value) {
                *line = Line::new(&line.name, &value);
            }
        }
    }

    /// Puts `name: value` in place of the first attribute of this name and takes further ones out; where there is
    /// none, before the first of the attributes `before`, else at the end.
    pub(crate) fn set(&mut self, name: &str, values: &[String], before: &[&str]) {
        let known = self.lines.iter().position(|line| line.name == name);
        self.remove(name);
        let at = known.unwrap_or_else(|| {
            let place = self.lines.iter().position(|line| before.contains(&line.name.as_str()));
            place.unwrap_or(self.lines.len())
        });
        let at = at.min(self.lines.len());
        self.lines.splice(at..at, values.iter().map(|value| Line::new(name, value)));
    }

    /// The object's text; every line is ended by a line feed alone.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::new();
        for line in &self.lines {
            out.extend(line.bytes.iter().filter(|byte| **byte != b'\r'));
            out.push(b'\n');
        }
        out
    }
}

impl Line {
    fn of(attribute: &Attribute<'_>) -> Self {
        let mut bytes = attribute.name().as_bytes().to_vec();
        bytes.push(b':');
        bytes.extend_from_slice(attribute.raw_value());
        let end = bytes.trim_ascii_end().len();
        bytes.truncate(end);
        Self { name: attribute.name().to_owned(), bytes, value: attribute.value().into_owned() }
    }

    fn new(name: &str, value: &str) -> Self {
        let bytes = format!("{:<16}{value}", format!("{name}:")).into_bytes();
        Self { name: name.to_owned(), bytes, value: value.to_owned() }
    }
}
