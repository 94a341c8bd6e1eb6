//! Changing objects: what proves who asks, who may, what happens.
//!
//! One engine, many doors. A door (the API, the web editor, mail, syncupdates, the command line) finds out what is proven
//! about the sender ([`Proofs`]) and reads what is to be changed ([`Submission`]); [`Registry::update`] does it and says
//! what came of it ([`Report`]), which [`Report::acknowledgement`] puts into words.
//!
//! ```text
//! Submission ─► auto (names) ─► judge ─► write ─► apply ─► notify
//!                                 │
//!                 rules/ (what it must keep to)   authorise/ (who may)
//! ```
//!
//! [`Registry::update`]: crate::Registry::update

mod acknowledge;
mod authorise;
mod auto;
pub(crate) mod by_mail;
mod engine;
mod history;
mod judge;
mod keys;
pub(crate) mod notify;
mod objects;
pub(crate) mod proof;
mod proofs;
mod report;
mod requests;
mod rules;
mod submission;
pub(crate) mod syncupdates;
mod write;

pub use history::{AttributeView, ObjectView, Referrer, VersionView};
pub use proofs::{Proof, Proofs};
pub use report::{Action, Cause, Message, ObjectReport, Outcome, Report, Severity};
pub use submission::{Item, Keywords, Operation, Submission};
pub(crate) use write::terms;

use kit::{Error, Result};

use crate::Registry;

impl Registry {
    /// Does what `submission` asks, as far as `proofs` allow: object by object, each in its own transaction, so that
    /// one that fails changes nothing and does not hold up the others. What was changed is seen by the next query.
    ///
    /// # Errors
    /// [`Error::Unavailable`]: this node keeps no registry, or its database is gone. What is wrong with single objects
    /// is in the report.
    pub async fn update(&self, proofs: &Proofs, submission: Submission) -> Result<Report> {
        let (registry, proofs) = (self.clone(), proofs.clone());
        let done = tokio::task::spawn_blocking(move || registry.update_now(&proofs, submission)).await;
        done.map_err(|_| Error::Corrupt("the program made a mistake in an update (a panic)".into()))?
    }

    /// [`Registry::update`] for code that is not async. Blocks.
    ///
    /// # Errors
    /// As there.
    pub fn update_now(&self, proofs: &Proofs, submission: Submission) -> Result<Report> {
        engine::run(self, proofs, submission)
    }
}
