//! The templates of the classes: which attributes an object has, in which order, how often, and by which it is found.
//!
//! ```
//! use rpsl::template::{self, AttributeName, Requirement, Template};
//!
//! let irt = Template::of("irt").expect("one of the 21");
//! let slot = irt.slot(AttributeName::Auth).expect("an irt has auth");
//! assert_eq!((slot.requirement, slot.inverse), (Requirement::Mandatory, true));
//! assert!(irt.brief().starts_with("irt:            [mandatory]  [single]     [primary/lookup key]\n"));
//!
//! let object = rpsl::Object::parse(b"irt: irt-example\ne-mail: Team@CERT.example\nauth: PGPKEY-89ABCDEF\n")?;
//! let terms = template::terms(&object);
//! assert!(terms.iter().any(|term| term.attribute == "e-mail" && term.value == "team@cert.example"));
//! assert_eq!(object.primary_key()?, "IRT-EXAMPLE");
//! # Ok::<(), rpsl::Error>(())
//! ```

mod attribute;
mod describe;
pub(crate) mod key;
mod shape;
mod slot;
mod syntax;
mod tables;
mod terms;

pub use attribute::AttributeName;
pub use key::normal_key;
pub use shape::Shape;
pub use slot::{Multiplicity, Requirement, Slot};
pub use syntax::{Routing, SetKind, Syntax};
pub use terms::{LONGEST_TERM, Term, normal_terms, terms};

/// The template of a class.
#[derive(Debug)]
pub struct Template {
    class: &'static str,
    short: &'static str,
    order: u8,
    about: &'static str,
    slots: &'static [Slot],
}

impl Template {
    /// The template of a class, by its long or short name in any case (`irt`, `IT`).
    pub fn of(class: &str) -> Option<&'static Self> {
        let named = |template: &&&'static Self| {
            class.eq_ignore_ascii_case(template.class) || class.eq_ignore_ascii_case(template.short)
        };
        tables::ALL.iter().find(named).copied()
    }

    /// All templates, in the order in which answers show the classes.
    pub fn all() -> impl Iterator<Item = &'static Self> {
        tables::ALL.iter().copied()
    }

    /// The class: `irt`.
    pub fn class(&self) -> &'static str {
        self.class
    }

    /// The class's short name of two letters: `it`.
    pub fn short(&self) -> &'static str {
        self.short
    }

    /// The place of the class among others in an answer: smaller first.
    pub fn order(&self) -> u8 {
        self.order
    }

    /// What the class is for; one or two lines.
    pub fn about(&self) -> &'static str {
        self.about
    }

    /// The lines of the template, in their order.
    pub fn attributes(&self) -> &'static [Slot] {
        self.slots
    }

    /// The line of an attribute; none when the class does not have it.
    pub fn slot(&self, attribute: AttributeName) -> Option<&'static Slot> {
        self.slots.iter().find(|slot| slot.attribute == attribute)
    }

    /// Whether the class is a set (`as-set`, `route-set`, …), whose members belong to its name.
    pub fn is_set(&self) -> bool {
        self.class.ends_with("-set")
    }

    /// The line of an attribute by its long name in lower case. `near` is where the search begins and is set
    /// behind the line found: objects mostly follow their template, so that the next is found at once.
    pub(crate) fn slot_near(&self, name: &str, near: &mut usize) -> Option<&'static Slot> {
        let (before, after) = self.slots.split_at((*near).min(self.slots.len()));
        let named = |slot: &Slot| slot.attribute.as_str() == name;
        let at = match after.iter().position(named) {
            Some(at) => before.len() + at,
            None => before.iter().position(named)?,
        };
        // the same attribute may follow once more
        *near = at;
        self.slots.get(at)
    }
}
