//! All SQL of the desk, one file for each thing.

pub(crate) mod drafts;
pub(crate) mod incidents;
pub(crate) mod investigations;
pub(crate) mod mail_in;
pub(crate) mod messages;
pub(crate) mod observables;
pub(crate) mod pages;
pub(crate) mod reports;
pub(crate) mod undo;

use kit::{Error, Result, Row, Sql};

/// Every statement of the desk by name.
pub fn statements() -> Vec<(&'static str, Sql)> {
    [
        drafts::STATEMENTS,
        incidents::STATEMENTS,
        investigations::STATEMENTS,
        mail_in::STATEMENTS,
        messages::STATEMENTS,
        observables::STATEMENTS,
        pages::STATEMENTS,
        reports::STATEMENTS,
        undo::STATEMENTS,
        crate::views::store::STATEMENTS,
    ]
    .concat()
}

/// A column that holds a value by its name.
fn named<T: std::str::FromStr>(row: &Row<'_>, index: usize) -> Result<T> {
    let name: String = row.get(index)?;
    name.parse().map_err(|_| {
        Error::Corrupt(format!("{name:?} in column {index} is no {}", std::any::type_name::<T>()))
    })
}

/// The name under which a label is stored: FIRST's, without `TLP:`.
pub(crate) fn label(tlp: taxonomy::Tlp) -> &'static str {
    use taxonomy::Tlp::{Amber, AmberStrict, Clear, Green, Red};
    match tlp {
        Clear => "CLEAR",
        Green => "GREEN",
        Amber => "AMBER",
        AmberStrict => "AMBER+STRICT",
        Red => "RED",
    }
}

fn tlp(row: &Row<'_>, index: usize) -> Result<taxonomy::Tlp> {
    let name: String = row.get(index)?;
    taxonomy::Tlp::parse(&name).ok_or_else(|| Error::Corrupt(format!("{name:?} is no TLP label")))
}
