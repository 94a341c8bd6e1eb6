//! All SQL of the registry.

pub(crate) mod changes;
pub(crate) mod contacts;
pub(crate) mod drafts;
pub(crate) mod following;
mod imports;
pub(crate) mod mails;
mod many;
pub(crate) mod objects;
pub(crate) mod placed;
pub(crate) mod proofs;
pub(crate) mod publication;
pub(crate) mod search;
pub(crate) mod state;
#[cfg(test)]
pub(crate) mod testing;
pub(crate) mod updates;

pub use contacts::Confirmation;
pub(crate) use imports::*;
pub use imports::{Count, Import, Problem};

/// Every statement of this crate by name.
pub(crate) fn statements() -> Vec<(&'static str, kit::Sql)> {
    [
        imports::STATEMENTS,
        many::STATEMENTS,
        objects::STATEMENTS,
        changes::STATEMENTS,
        placed::STATEMENTS,
        proofs::STATEMENTS,
        mails::STATEMENTS,
        contacts::STATEMENTS,
        search::STATEMENTS,
        drafts::STATEMENTS,
        state::STATEMENTS,
        publication::STATEMENTS,
        following::STATEMENTS,
        updates::STATEMENTS,
    ]
    .concat()
}
