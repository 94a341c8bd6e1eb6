//! Changing objects: what proves who asks, who may, what happens.

pub(crate) mod by_mail;
mod draft;
pub(crate) mod proof;
mod proofs;
mod report;
mod submission;

pub use proofs::{Proof, Proofs};
pub use report::{Action, Cause, Message, ObjectReport, Outcome, Report, Severity};
pub use submission::{Item, Keywords, Operation, Submission};

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
        let _ = (proofs, submission);
        Err(Error::Unavailable("updates are not open yet".into()))
    }
}
impl Report {
    pub(crate) fn acknowledgement(&self) -> String {
        String::new()
    }
}
