//! The owner's word: without it nobody hands anything over, and after it the record ends here.

use contracts::trust::record::{By, Capacity, Change};
use identity::{Govern, StepUp};
use kit::{Error, Node, Read, Result, Time, Write};

use crate::process::Paragraph;
use crate::service::by;
use crate::store::hand_over;
use crate::{Trust, record};

/// How it stands with a hand-over.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Word {
    /// Nobody speaks of one.
    #[default]
    None,
    /// The owner has given the word.
    Given(Next),
    /// The operation was handed over: the record is closed here.
    Gone(Next),
    /// It was taken from another operator, and is run here.
    Taken(Next),
}

/// Who operates next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Next {
    /// Its name.
    pub operator: String,
    /// The fingerprint of its OpenPGP key.
    pub key: String,
    /// Since when it stands so.
    pub at: Time,
}

/// How it stands.
pub(crate) fn word(c: &Read<'_>) -> Result<Word> {
    let Some(position) = hand_over::last_word(c)? else { return Ok(Word::None) };
    let Some((at, entry)) = record::read(c, position)? else { return Ok(Word::None) };
    let next = |operator: String, key: String| Next { operator, key, at };
    Ok(match entry.change {
        Change::HandOverOrdered { operator, key } => Word::Given(next(operator, key)),
        Change::HandedOver { operator, key } => Word::Gone(next(operator, key)),
        Change::OperationTaken { operator, key, .. } => Word::Taken(next(operator, key)),
        _ => Word::None,
    })
}

/// Refuses what would go on with a record that goes on elsewhere.
///
/// # Errors
/// [`Error::Conflict`] says to whom it went, and when.
pub(crate) fn must_be_here(c: &Read<'_>, change: &Change) -> Result<()> {
    if matches!(change, Change::HandOverCancelled { .. } | Change::OperationTaken { .. }) {
        return Ok(());
    }
    match word(c)? {
        Word::Gone(next) => Err(Error::Conflict(format!(
            "The operation was handed over to {} on {}: the record of trust goes on there, and is closed here.",
            next.operator,
            ui::format::date(next.at)
        ))),
        _ => Ok(()),
    }
}

impl Trust {
    /// How it stands with a hand-over of the operation.
    ///
    /// # Errors
    /// The database is gone.
    pub async fn word(&self) -> Result<Word> {
        self.node().db.read(word).await
    }

    /// The owner's word: the operation is to be handed over to `operator`, whose OpenPGP key has the fingerprint `key`. It
    /// stands in the public record; the hand-over itself is the operator's work (`wardmote hand-over export`).
    ///
    /// # Errors
    /// [`Error::Invalid`] without a name, or for what is no fingerprint; [`Error::Conflict`] when the word was given, or
    /// the operation is gone.
    pub async fn order_hand_over(&self, granted: &StepUp<Govern>, operator: &str, key: &str) -> Result<()> {
        let operator = operator.trim().to_owned();
        if !(2..=120).contains(&operator.chars().count()) || operator.chars().any(char::is_control) {
            return Err(Error::invalid("operator", "name the next operator, on one line"));
        }
        let key: String = key.chars().filter(|c| !c.is_whitespace()).collect::<String>().to_uppercase();
        if !matches!(key.len(), 40 | 64) || !key.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(Error::invalid(
                "key",
                "the fingerprint of its OpenPGP key has 40 (or 64) hexadecimal digits: have it told to you by voice",
            ));
        }
        let (node, by) = (self.node().clone(), by(granted, Capacity::Owner));
        let work = move |tx: &Write<'_>| {
            if let Word::Given(next) = word(tx)? {
                return Err(Error::Conflict(format!(
                    "The word is given: the operation goes to {}. Take it back first.",
                    next.operator
                )));
            }
            let change = Change::HandOverOrdered { operator: operator.clone(), key: key.clone() };
            write(&node, tx, &by, change)
        };
        self.node().db.write(work).await
    }

    /// The owner takes the word back. When the hand-over was written, the record goes on here again: only while nobody has
    /// taken the operation on it, or two records would go on from one.
    ///
    /// # Errors
    /// [`Error::Invalid`] without a reason; [`Error::Conflict`] when there is nothing to take back.
    pub async fn cancel_hand_over(&self, granted: &StepUp<Govern>, reason: &str) -> Result<()> {
        let reason = record::reason(reason, "why")?;
        let (node, by) = (self.node().clone(), by(granted, Capacity::Owner));
        let work = move |tx: &Write<'_>| match word(tx)? {
            Word::Given(_) | Word::Gone(_) => {
                write(&node, tx, &by, Change::HandOverCancelled { reason: reason.clone() })
            }
            Word::None | Word::Taken(_) => Err(Error::Conflict("There is no hand-over to take back.".into())),
        };
        self.node().db.write(work).await
    }
}

/// Writes an entry of the community about its operation.
pub(super) fn write(node: &Node, tx: &Write<'_>, by: &By, change: Change) -> Result<()> {
    let paragraph = match change {
        Change::RoleTaken { .. } => Paragraph::Seats,
        _ => Paragraph::HandOver,
    };
    record::of_the_community(node, tx, by, "", paragraph, change)
}
