//! One line of a template.

use std::fmt;

use super::AttributeName;

/// One line of a template: an attribute and what the class says about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slot {
    /// The attribute.
    pub attribute: AttributeName,
    /// Whether it must stand.
    pub requirement: Requirement,
    /// How often it may stand.
    pub multiplicity: Multiplicity,
    /// Whether it is the object's name, or a part of it.
    pub primary: bool,
    /// Whether a plain query finds the object by it.
    pub lookup: bool,
    /// Whether an inverse query (`-i`) finds the object by it.
    pub inverse: bool,
    /// Whether the order of these lines is the user's and is kept (routing policy).
    pub as_written: bool,
}

/// Whether an attribute must stand in an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Requirement {
    /// It must.
    Mandatory,
    /// It may.
    Optional,
    /// RIPE's rules of business say when; here it may.
    Conditional,
    /// The registry sets it; what a user writes is replaced.
    Generated,
}

/// How often an attribute may stand in an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Multiplicity {
    /// Once.
    Single,
    /// As often as needed.
    Multiple,
}

impl fmt::Display for Requirement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Mandatory => "mandatory",
            Self::Optional => "optional",
            Self::Conditional => "conditional",
            Self::Generated => "generated",
        })
    }
}

impl fmt::Display for Multiplicity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Single => "single",
            Self::Multiple => "multiple",
        })
    }
}

pub(super) const fn mandatory(attribute: AttributeName) -> Slot {
    slot(attribute, Requirement::Mandatory)
}

pub(super) const fn optional(attribute: AttributeName) -> Slot {
    slot(attribute, Requirement::Optional)
}

pub(super) const fn conditional(attribute: AttributeName) -> Slot {
    slot(attribute, Requirement::Conditional)
}

pub(super) const fn generated(attribute: AttributeName) -> Slot {
    slot(attribute, Requirement::Generated)
}

const fn slot(attribute: AttributeName, requirement: Requirement) -> Slot {
    Slot {
        attribute,
        requirement,
        multiplicity: Multiplicity::Single,
        primary: false,
        lookup: false,
        inverse: false,
        as_written: false,
    }
}

/// The words of which the tables are made.
impl Slot {
    pub(super) const fn once(self) -> Self {
        Self { multiplicity: Multiplicity::Single, ..self }
    }

    pub(super) const fn many(self) -> Self {
        Self { multiplicity: Multiplicity::Multiple, ..self }
    }

    pub(super) const fn primary(self) -> Self {
        Self { primary: true, ..self }
    }

    pub(super) const fn lookup(self) -> Self {
        Self { lookup: true, ..self }
    }

    pub(super) const fn inverse(self) -> Self {
        Self { inverse: true, ..self }
    }

    pub(super) const fn as_written(self) -> Self {
        Self { as_written: true, ..self }
    }
}
