//! All SQL of the registry.

pub(crate) mod changes;
mod imports;
pub(crate) mod objects;
pub(crate) mod proofs;
pub(crate) mod updates;

pub(crate) use imports::*;
pub use imports::{Count, Import, Problem};

/// Every statement of this crate by name.
pub(crate) fn statements() -> Vec<(&'static str, kit::Sql)> {
    [imports::STATEMENTS, objects::STATEMENTS, changes::STATEMENTS, proofs::STATEMENTS, updates::STATEMENTS]
        .concat()
}
